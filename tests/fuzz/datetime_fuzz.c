// SPDX-License-Identifier: Apache-2.0
/*
 * Dates: the first byte chooses between an expression, a base, and a pattern with its value (apart
 * by a line break).
 */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/datetime.h"
#include "lib/contract/datetime_expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t then = INT64_C(1706697015250000);

static void check_expression(struct str text, enum datetime_expression_kind kind)
{
    int64_t us = 7, again = 7;
    struct err err = ERR_INIT;
    if (datetime_expression(text, kind, then, &us, &err) != 0) {
        if (us != 7 || err.text[0] == '\0' || (err.code == ERR_PARSE && err.column < 1))
            abort();
        return;
    }
    /* Whatever it means is a date that an expression may start from. */
    if (datetime_expression(STR("now"), DATETIME_DATE, us, &again, NULL) != 0 || again != us)
        abort();
}

static void check_pattern(struct str text)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str value = text, pattern = str_cut(&value, '\n'), made = STR_NONE;
    int rc = datetime_match(pattern, value.ptr ? value : STR(""), NULL);
    if (rc > 1)
        abort();
    /* A value may need more steps than it gets, but a pattern is valid both ways or not at all. */
    if (datetime_format(pattern, then, arena, &made, NULL) == 0 && rc == ERR_PARSE)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t us = then;
    if (size == 0)
        return 0;
    struct str text = str_make((const char *)data + 1, size - 1);
    switch (data[0]) {
    case 'd':
        check_expression(text, DATETIME_DATE);
        break;
    case 't':
        check_expression(text, DATETIME_TIME);
        break;
    case 'b':
        check_expression(text, DATETIME_BOTH);
        break;
    case 'i':
        if (!datetime_base(text, &us) && us != then)
            abort();
        break;
    default:
        check_pattern(text);
    }
    return 0;
}
