// SPDX-License-Identifier: Apache-2.0
/* Matching-rule definitions: what is read holds together and can be written as a rule. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/expression.h"
#include "lib/contract/rules_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str text = str_make((const char *)data, size);
    struct expression expression = {0};
    struct err err = ERR_INIT;
    bool definition = expression_is(text);

    if (expression_parse(text, arena, &expression, &err) != 0) {
        if (err.code == ERR_PARSE && (err.line < 1 || err.column < 1))
            abort();
        return 0;
    }
    if (definition != (expression.matchers.len > 0))
        abort();
    if (expression.value && !json_is(expression.value, JSON_ARRAY) &&
        json_is(expression.value, JSON_NULL) != !expression.text.ptr)
        abort();
    VEC_EACH(&expression.matchers, const struct matcher *, matcher) {
        struct str rule = json_to_str(arena, matcher_write(matcher, arena), JSON_COMPACT);
        struct json *back = NULL;
        struct matcher again;
        if (json_parse(rule, NULL, arena, &back, NULL) != 0 ||
            matcher_read(back, arena, &again, NULL) != 0 || again.kind != matcher->kind)
            abort();
    }
    return 0;
}
