// SPDX-License-Identifier: Apache-2.0
#include "lib/json/json.h"

#include "lib/json/json_node.h"

static bool numbers_equal(const struct json *a, const struct json *b)
{
    return a->integer == b->integer && json_decimal_equal(json_text(a), json_text(b));
}

static bool arrays_equal(const struct json *a, const struct json *b)
{
    for (size_t i = 0; i < a->len; i++) {
        if (!json_equal(json_at(a, i), json_at(b, i)))
            return false;
    }
    return true;
}

/* Of objects with as many keys as each other. */
static bool objects_equal(const struct json *a, const struct json *b)
{
    for (size_t i = 0; i < a->len; i++) {
        struct str key = json_key(a, i);
        const struct json *other = json_find_near(b, key, i);
        if (!other || !json_equal(json_at(a, i), other))
            return false;
    }
    return true;
}

bool json_equal(const struct json *a, const struct json *b)
{
    if (!a || !b)
        return a == b;
    if (a->type != b->type)
        return false;
    switch (json_type(a)) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return a->len == b->len;
    case JSON_NUMBER:
        return numbers_equal(a, b);
    case JSON_STRING:
        return str_eq(json_text(a), json_text(b));
    case JSON_ARRAY:
        return a->len == b->len && arrays_equal(a, b);
    case JSON_OBJECT:
        return a->len == b->len && objects_equal(a, b);
    }
    return false;
}
