// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/input.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"

/* ---- literals ---- */

static bool is_absent_variable(const struct gql_input *input, const struct gql_value *value)
{
    return value->kind == GQL_VARIABLE && !json_find(input->variables, value->text);
}

static struct json *untyped_literal(const struct gql_input *input, const struct gql_value *value)
{
    struct arena *arena = input->arena;
    struct json *result;
    switch (value->kind) {
    case GQL_VARIABLE:
        return json_find(input->variables, value->text);
    case GQL_INT:
    case GQL_FLOAT:
        return json_new_number(arena, value->text);
    case GQL_STRING:
    case GQL_ENUM:
        return json_new_str(arena, value->text);
    case GQL_BOOLEAN:
        return json_new_bool(arena, str_is(value->text, "true"));
    case GQL_NULL:
        return json_new_null(arena);
    case GQL_LIST:
        result = json_new_array(arena);
        for (size_t i = 0; i < value->items.len; i++)
            json_append(arena, result, untyped_literal(input, value->items.items[i]));
        return result;
    case GQL_OBJECT:
        result = json_new_object(arena);
        for (size_t i = 0; i < value->fields.len; i++)
            json_set_str(arena, result, value->fields.items[i]->name,
                         untyped_literal(input, value->fields.items[i]->value));
        return result;
    }
    return NULL;
}

static bool is_enum_value(const struct gql_definition *type, struct str name)
{
    for (size_t i = 0; i < type->values.len; i++) {
        if (str_eq(type->values.items[i]->name, name))
            return true;
    }
    return false;
}

static bool is_int32(const struct json *number)
{
    int64_t value = 0;
    return gql_whole_number(number, &value) && value >= INT32_MIN && value <= INT32_MAX;
}

static struct json *leaf_literal(const struct gql_input *input, const struct gql_value *value,
                                 const struct gql_definition *type)
{
    enum gql_value_kind kind = value->kind;
    struct json *result = untyped_literal(input, value);
    bool fits = true;
    if (type->kind == GQL_ENUM_TYPE)
        fits = kind == GQL_ENUM && is_enum_value(type, value->text);
    else if (str_is(type->name, "Int"))
        fits = kind == GQL_INT && is_int32(result);
    else if (str_is(type->name, "Float"))
        fits = kind == GQL_INT || kind == GQL_FLOAT;
    else if (str_is(type->name, "String"))
        fits = kind == GQL_STRING;
    else if (str_is(type->name, "Boolean"))
        fits = kind == GQL_BOOLEAN;
    else if (str_is(type->name, "ID")) {
        fits = kind == GQL_STRING || kind == GQL_INT;
        if (kind == GQL_INT)
            result = json_new_str(input->arena, value->text);
    }
    return fits ? result : NULL;
}

static const struct gql_argument *find_argument(struct gql_argument *const *items, size_t len,
                                                struct str name)
{
    for (size_t i = 0; i < len; i++) {
        if (str_eq(items[i]->name, name))
            return items[i];
    }
    return NULL;
}

/* A default of an input field; one that contains itself, which no valid schema has, is none. */
static struct json *field_default(const struct gql_input *input, const struct gql_field_def *field)
{
    enum { MAX_DEFAULTS = 16 };
    struct gql_input inner = *input;
    return inner.defaults++ < MAX_DEFAULTS ? gql_literal(&inner, field->fallback, field->type)
                                           : NULL;
}

static struct json *object_literal(const struct gql_input *input, const struct gql_value *value,
                                   const struct gql_definition *type)
{
    if (value->kind != GQL_OBJECT)
        return NULL;
    struct json *result = json_new_object(input->arena);
    for (size_t i = 0; i < type->fields.len; i++) {
        const struct gql_field_def *field = type->fields.items[i];
        const struct gql_argument *given =
            find_argument(value->fields.items, value->fields.len, field->name);
        struct json *item = NULL;
        if (given && !is_absent_variable(input, given->value)) {
            item = gql_literal(input, given->value, field->type);
            if (!item)
                return NULL;
        } else if (field->fallback) {
            item = field_default(input, field);
        } else if (field->type->kind == GQL_NON_NULL) {
            return NULL;
        }
        if (item)
            json_set_str(input->arena, result, field->name, item);
    }
    return result;
}

static struct json *list_literal(const struct gql_input *input, const struct gql_value *value,
                                 const struct gql_type *of)
{
    struct json *result = json_new_array(input->arena);
    if (value->kind != GQL_LIST) {
        struct json *item = gql_literal(input, value, of);
        if (!item)
            return NULL;
        json_append(input->arena, result, item);
        return result;
    }
    for (size_t i = 0; i < value->items.len; i++) {
        const struct gql_value *from = value->items.items[i];
        bool absent = is_absent_variable(input, from);
        struct json *item = absent ? NULL : gql_literal(input, from, of);
        if (!item && (!absent || of->kind == GQL_NON_NULL))
            return NULL;
        json_append(input->arena, result, item);
    }
    return result;
}

struct json *gql_literal(const struct gql_input *input, const struct gql_value *value,
                         const struct gql_type *type)
{
    bool required = type->kind == GQL_NON_NULL;
    if (required)
        type = type->of;
    if (value->kind == GQL_VARIABLE) { /* coerced before */
        struct json *variable = json_find(input->variables, value->text);
        return required && json_is(variable, JSON_NULL) ? NULL : variable;
    }
    if (value->kind == GQL_NULL)
        return required ? NULL : json_new_null(input->arena);
    if (type->kind == GQL_LIST_OF)
        return list_literal(input, value, type->of);
    const struct gql_definition *named = gql_schema_type(input->schema, type->name);
    if (!named)
        return NULL;
    return named->kind == GQL_INPUT_TYPE ? object_literal(input, value, named)
                                         : leaf_literal(input, value, named);
}

/* ---- arguments ---- */

static struct json *refuse(struct gql_input_error *ret_error, struct gql_pos pos,
                           const char *message)
{
    *ret_error = (struct gql_input_error){message, pos};
    return NULL;
}

static struct str literal_text(const struct gql_value *value, struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_SHOWN);
    gql_print_value(value, GQL_PRETTY, &out);
    return str_dup(arena, buf_view(&out));
}

/* The value of an argument that was left out, or whose variable was: NULL = absent or refused. */
static struct json *absent_argument(const struct gql_input *input, const struct gql_field_def *def,
                                    const struct gql_argument *given, struct gql_pos pos,
                                    struct gql_input_error *ret_error)
{
    if (def->fallback)
        return gql_literal(input, def->fallback, def->type);
    if (def->type->kind != GQL_NON_NULL)
        return NULL;
    struct str type = gql_type_text(def->type, input->arena);
    const char *message =
        arena_printf(input->arena, "Argument \"%.*s\" of required type \"%.*s\" was not provided.",
                     STR_FMT(def->name), STR_FMT(type));
    if (given)
        message = arena_printf(input->arena,
                               "Argument \"%.*s\" of required type \"%.*s\" was provided the "
                               "variable \"$%.*s\" which was not provided a runtime value.",
                               STR_FMT(def->name), STR_FMT(type), STR_FMT(given->value->text));
    return refuse(ret_error, given ? given->value->pos : pos, message);
}

static struct json *given_argument(const struct gql_input *input, const struct gql_field_def *def,
                                   const struct gql_argument *given,
                                   struct gql_input_error *ret_error)
{
    const struct gql_value *value = given->value;
    bool null =
        value->kind == GQL_NULL || (value->kind == GQL_VARIABLE &&
                                    json_is(json_find(input->variables, value->text), JSON_NULL));
    if (null && def->type->kind == GQL_NON_NULL)
        return refuse(ret_error, value->pos,
                      arena_printf(input->arena,
                                   "Argument \"%.*s\" of non-null type \"%.*s\" must not be null.",
                                   STR_FMT(def->name),
                                   STR_FMT(gql_type_text(def->type, input->arena))));
    struct json *result = gql_literal(input, value, def->type);
    if (result)
        return result;
    return refuse(ret_error, value->pos,
                  arena_printf(input->arena, "Argument \"%.*s\" has invalid value %.*s.",
                               STR_FMT(def->name), STR_FMT(literal_text(value, input->arena))));
}

struct json *gql_coerce_arguments(const struct gql_input *input, struct gql_field_def *const *defs,
                                  size_t n, const struct gql_arguments *given, struct gql_pos pos,
                                  struct gql_input_error *ret_error)
{
    struct json *result = json_new_object(input->arena);
    struct gql_input_error error = {0};
    for (size_t i = 0; i < n; i++) {
        const struct gql_argument *argument =
            find_argument(given->items, given->len, defs[i]->name);
        struct json *value = !argument || is_absent_variable(input, argument->value)
                                 ? absent_argument(input, defs[i], argument, pos, &error)
                                 : given_argument(input, defs[i], argument, &error);
        if (error.message) {
            *ret_error = error;
            return NULL;
        }
        if (value)
            json_set_str(input->arena, result, defs[i]->name, value);
    }
    return result;
}
