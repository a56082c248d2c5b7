// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes into the JSON reader. What it accepts must come back equal through every way of
 * writing it; what it refuses must come with a place and a reason.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static struct json *reread(struct str text, struct arena *arena)
{
    struct json *value = NULL;
    must(json_parse(text, "again", arena, &value, NULL) == 0);
    return value;
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
    struct json *value = NULL;
    struct str text = str_make((const char *)data, size);
    if (json_parse(text, "fuzz", arena, &value, &err)) {
        must(!value && err.code && err.line > 0 && err.column > 0 && err.text[0]);
        return 0;
    }
    walk(value, text);
    struct str compact = json_to_str(arena, value, JSON_COMPACT);
    must(json_equal(value, reread(compact, arena)));
    must(json_equal(value, reread(json_to_str(arena, value, JSON_PRETTY | JSON_SORTED), arena)));
    must(json_equal(value, json_copy(arena, value)));
    must(str_eq(compact, json_to_str(arena, reread(compact, arena), JSON_COMPACT)));
    /* Ruby's form is a fixed point: it names the content. */
    struct str ruby = json_to_str(arena, value, JSON_RUBY | JSON_SORTED);
    must(str_eq(ruby, json_to_str(arena, reread(ruby, arena), JSON_RUBY)));
    return 0;
}
