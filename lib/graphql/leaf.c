// SPDX-License-Identifier: Apache-2.0
/* Scalars and enums going out. */
#include <math.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/graphql/input.h"

/* ---- values in messages ---- */

enum { SHOWN_DEPTH = 3, SHOWN_ITEMS = 10 };

static void show(const struct json *value, int depth, struct buf *out)
{
    size_t n = json_len(value);
    if (json_is(value, JSON_OBJECT)) {
        if (n && depth >= SHOWN_DEPTH) {
            buf_puts(out, "[Object]");
            return;
        }
        buf_puts(out, n ? "{ " : "{");
        for (size_t i = 0; i < n; i++) {
            buf_puts(out, i ? ", " : "");
            buf_str(out, json_key(value, i));
            buf_puts(out, ": ");
            show(json_at(value, i), depth + 1, out);
        }
        buf_puts(out, n ? " }" : "}");
    } else if (json_is(value, JSON_ARRAY)) {
        if (n && depth >= SHOWN_DEPTH) {
            buf_puts(out, "[Array]");
            return;
        }
        buf_putc(out, '[');
        for (size_t i = 0; i < n && i < SHOWN_ITEMS; i++) {
            buf_puts(out, i ? ", " : "");
            show(json_at(value, i), depth + 1, out);
        }
        if (n > SHOWN_ITEMS)
            buf_printf(out, ", ... %zu more item%s", n - SHOWN_ITEMS,
                       n - SHOWN_ITEMS == 1 ? "" : "s");
        buf_putc(out, ']');
    } else {
        json_write(value, JSON_COMPACT, out);
    }
}

const char *gql_shown(const struct json *value, struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_SHOWN);
    show(value, 0, &out);
    return arena_strndup(arena, buf_view(&out).ptr, out.len);
}

struct str gql_type_text(const struct gql_type *type, struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_GRAPHQL_TEXT);
    gql_print_type(type, &out);
    return str_dup(arena, buf_view(&out));
}

/* ---- scalars ---- */

bool gql_whole_number(const struct json *number, int64_t *ret)
{
    if (json_is_integer(number))
        return json_to_i64(number, ret);
    double value = json_to_double(number);
    if (!json_is(number, JSON_NUMBER) || value != floor(value) || fabs(value) > 9e15)
        return false;
    *ret = (int64_t)value;
    return true;
}

/* The number that a value stands for where a number goes out; NULL if it is none. */
static const struct json *as_number(const struct json *value, struct arena *arena)
{
    if (json_is(value, JSON_NUMBER))
        return value;
    if (json_is(value, JSON_BOOL))
        return json_new_int(arena, json_bool(value));
    struct json *number = NULL;
    if (json_is(value, JSON_STRING) && json_text(value).len &&
        json_parse(json_text(value), NULL, arena, &number, NULL) == 0 &&
        json_is(number, JSON_NUMBER))
        return number;
    return NULL;
}

static struct json *int_out(const struct json *value, struct arena *arena, const char **ret_error)
{
    const struct json *number = as_number(value, arena);
    int64_t whole = 0;
    if (number && gql_whole_number(number, &whole) && whole >= INT32_MIN && whole <= INT32_MAX)
        return json_new_int(arena, whole);
    bool large = number && (json_is_integer(number) || gql_whole_number(number, &whole));
    *ret_error =
        arena_printf(arena, "Int cannot represent %s value: %s",
                     large ? "non 32-bit signed integer" : "non-integer", gql_shown(value, arena));
    return NULL;
}

static struct json *float_out(const struct json *value, struct arena *arena, const char **ret_error)
{
    const struct json *number = as_number(value, arena);
    if (number)
        return json_new_number(arena, json_text(number));
    *ret_error = arena_printf(arena, "Float cannot represent non numeric value: %s",
                              gql_shown(value, arena));
    return NULL;
}

static struct json *string_out(const struct json *value, struct arena *arena,
                               const char **ret_error)
{
    if (json_is(value, JSON_STRING) || json_is(value, JSON_NUMBER))
        return json_new_str(arena, json_text(value));
    if (json_is(value, JSON_BOOL))
        return json_new_text(arena, json_bool(value) ? "true" : "false");
    *ret_error = arena_printf(arena, "String cannot represent value: %s", gql_shown(value, arena));
    return NULL;
}

static struct json *boolean_out(const struct json *value, struct arena *arena,
                                const char **ret_error)
{
    if (json_is(value, JSON_BOOL))
        return json_new_bool(arena, json_bool(value));
    if (json_is(value, JSON_NUMBER))
        return json_new_bool(arena, json_to_double(value) != 0);
    *ret_error = arena_printf(arena, "Boolean cannot represent a non boolean value: %s",
                              gql_shown(value, arena));
    return NULL;
}

static struct json *id_out(const struct json *value, struct arena *arena, const char **ret_error)
{
    if (json_is(value, JSON_STRING) || json_is_integer(value))
        return json_new_str(arena, json_text(value));
    *ret_error = arena_printf(arena, "ID cannot represent value: %s", gql_shown(value, arena));
    return NULL;
}

static const struct scalar {
    const char *name;
    struct json *(*out)(const struct json *value, struct arena *arena, const char **ret_error);
} scalars[] = {
    {"Int", int_out},         {"Float", float_out}, {"String", string_out},
    {"Boolean", boolean_out}, {"ID", id_out},
};

struct json *gql_serialise(const struct gql_definition *type, const struct json *value,
                           struct arena *arena, const char **ret_error)
{
    if (type->kind == GQL_ENUM_TYPE) {
        for (size_t i = 0; json_is(value, JSON_STRING) && i < type->values.len; i++) {
            if (str_eq(type->values.items[i]->name, json_text(value)))
                return json_new_str(arena, json_text(value));
        }
        *ret_error = arena_printf(arena, "Enum \"%.*s\" cannot represent value: %s",
                                  STR_FMT(type->name), gql_shown(value, arena));
        return NULL;
    }
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++) {
        if (str_is(type->name, scalars[i].name))
            return scalars[i].out(value, arena, ret_error);
    }
    return (struct json *)value; /* what other scalars mean is their host's matter */
}
