// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes into the YAML reader. What it accepts must be a tree that JSON can hold, every value of
 * which knows its place; what it refuses must come with a place and a reason.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"
#include "lib/json/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void walk(const struct json *value, struct str text)
{
    int line = 0, column = 0;
    json_position(value, text, &line, &column);
    must(line > 0 && column > 0);
    for (size_t i = 0; i < json_len(value); i++) {
        if (json_is(value, JSON_OBJECT))
            must(json_find(value, json_key(value, i)) == json_at(value, i));
        walk(json_at(value, i), text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct json *value = NULL, *again = NULL;
    struct str text = str_make((const char *)data, size);
    if (yaml_parse(text, "fuzz", arena, &value, &err)) {
        must(!value && err.code && err.line > 0 && err.column > 0 && err.text[0]);
        return 0;
    }
    if (json_offset(value) >= 0)
        walk(value, text);
    struct str written = json_to_str(arena, value, JSON_COMPACT);
    must(json_parse(written, "again", arena, &again, NULL) == 0);
    must(json_equal(value, again));
    return 0;
}
