// SPDX-License-Identifier: Apache-2.0
/* Variables: values of the request's JSON against the types the operation declares. */
#include "lib/base/arena.h"
#include "lib/base/limits.h"
#include "lib/graphql/input.h"

struct place { /* where in the variable's value */
    const struct place *up;
    struct str key; /* absent: index */
    size_t index;
};

struct coercion {
    const struct gql_input *input;
    const struct gql_variable *variable;
    struct gql_input_errors *errors;
    bool failed;
};

enum { MAX_ERRORS = 50 }; /* as the reference; more would help nobody */

static struct json *coerce(struct coercion *c, const struct json *value,
                           const struct gql_type *type, const struct place *place);

static void add_error(struct coercion *c, const char *message)
{
    c->failed = true;
    if (c->errors->len < MAX_ERRORS)
        *VEC_PUSH(c->input->arena, c->errors) = (struct gql_input_error){message, c->variable->pos};
}

static struct str place_text(const struct place *place, struct str name, struct arena *arena)
{
    if (!place)
        return name;
    struct str before = place_text(place->up, name, arena);
    return place->key.ptr ? str_printf(arena, "%.*s.%.*s", STR_FMT(before), STR_FMT(place->key))
                          : str_printf(arena, "%.*s[%zu]", STR_FMT(before), place->index);
}

static struct json *invalid(struct coercion *c, const struct json *value, const struct place *place,
                            const char *why)
{
    struct arena *arena = c->input->arena;
    struct str name = c->variable->name;
    const char *at =
        place ? arena_printf(arena, " at \"%.*s\"", STR_FMT(place_text(place, name, arena))) : "";
    add_error(c, arena_printf(arena, "Variable \"$%.*s\" got invalid value %s%s; %s", STR_FMT(name),
                              gql_shown(value, arena), at, why));
    return NULL;
}

static struct json *coerce_list(struct coercion *c, const struct json *value,
                                const struct gql_type *of, const struct place *place)
{
    struct arena *arena = c->input->arena;
    struct json *result = json_new_array(arena);
    if (!json_is(value, JSON_ARRAY)) {
        json_append(arena, result, coerce(c, value, of, place));
        return result;
    }
    for (size_t i = 0; i < json_len(value); i++) {
        struct place item = {.up = place, .index = i};
        json_append(arena, result, coerce(c, json_at(value, i), of, &item));
    }
    return result;
}

static struct json *coerce_object(struct coercion *c, const struct json *value,
                                  const struct gql_definition *type, const struct place *place)
{
    struct arena *arena = c->input->arena;
    if (!json_is(value, JSON_OBJECT))
        return invalid(
            c, value, place,
            arena_printf(arena, "Expected type \"%.*s\" to be an object.", STR_FMT(type->name)));
    struct json *result = json_new_object(arena);
    for (size_t i = 0; i < type->fields.len; i++) {
        const struct gql_field_def *field = type->fields.items[i];
        const struct json *given = json_find(value, field->name);
        struct place at = {.up = place, .key = field->name};
        if (given)
            json_set_str(arena, result, field->name, coerce(c, given, field->type, &at));
        else if (field->fallback)
            json_set_str(arena, result, field->name,
                         gql_literal(c->input, field->fallback, field->type));
        else if (field->type->kind == GQL_NON_NULL)
            invalid(c, value, place,
                    arena_printf(arena,
                                 "Field \"%.*s\" of required type \"%.*s\" was not provided.",
                                 STR_FMT(field->name), STR_FMT(gql_type_text(field->type, arena))));
    }
    for (size_t i = 0; i < json_len(value); i++) {
        if (!gql_type_field(type, json_key(value, i)))
            invalid(c, value, place,
                    arena_printf(arena, "Field \"%.*s\" is not defined by type \"%.*s\".",
                                 STR_FMT(json_key(value, i)), STR_FMT(type->name)));
    }
    return result;
}

static struct json *coerce_enum(struct coercion *c, const struct json *value,
                                const struct gql_definition *type, const struct place *place)
{
    struct arena *arena = c->input->arena;
    if (!json_is(value, JSON_STRING))
        return invalid(c, value, place,
                       arena_printf(arena, "Enum \"%.*s\" cannot represent non-string value: %s.",
                                    STR_FMT(type->name), gql_shown(value, arena)));
    for (size_t i = 0; i < type->values.len; i++) {
        if (str_eq(type->values.items[i]->name, json_text(value)))
            return (struct json *)value;
    }
    return invalid(c, value, place,
                   arena_printf(arena, "Value \"%.*s\" does not exist in \"%.*s\" enum.",
                                STR_FMT(json_text(value)), STR_FMT(type->name)));
}

static struct json *coerce_int(struct coercion *c, const struct json *value,
                               const struct place *place)
{
    struct arena *arena = c->input->arena;
    int64_t whole = 0;
    bool is_whole = gql_whole_number(value, &whole);
    if (is_whole && whole >= INT32_MIN && whole <= INT32_MAX)
        return json_new_int(arena, whole);
    return invalid(c, value, place,
                   arena_printf(arena, "Int cannot represent %s value: %s",
                                is_whole || json_is_integer(value) ? "non 32-bit signed integer"
                                                                   : "non-integer",
                                gql_shown(value, arena)));
}

static struct json *coerce_scalar(struct coercion *c, const struct json *value,
                                  const struct gql_definition *type, const struct place *place)
{
    struct arena *arena = c->input->arena;
    const char *what = NULL;
    if (str_is(type->name, "Int"))
        return coerce_int(c, value, place);
    if (str_is(type->name, "Float") && !json_is(value, JSON_NUMBER))
        what = "Float cannot represent non numeric value";
    else if (str_is(type->name, "String") && !json_is(value, JSON_STRING))
        what = "String cannot represent a non string value";
    else if (str_is(type->name, "Boolean") && !json_is(value, JSON_BOOL))
        what = "Boolean cannot represent a non boolean value";
    else if (str_is(type->name, "ID") && json_is_integer(value))
        return json_new_str(arena, json_text(value));
    else if (str_is(type->name, "ID") && !json_is(value, JSON_STRING))
        what = "ID cannot represent value";
    if (what)
        return invalid(c, value, place,
                       arena_printf(arena, "%s: %s", what, gql_shown(value, arena)));
    return (struct json *)value;
}

static struct json *coerce(struct coercion *c, const struct json *value,
                           const struct gql_type *type, const struct place *place)
{
    struct arena *arena = c->input->arena;
    if (json_is(value, JSON_NULL) && type->kind == GQL_NON_NULL)
        return invalid(c, value, place,
                       arena_printf(arena, "Expected non-nullable type \"%.*s\" not to be null.",
                                    STR_FMT(gql_type_text(type, arena))));
    if (type->kind == GQL_NON_NULL)
        type = type->of;
    if (json_is(value, JSON_NULL))
        return (struct json *)value;
    if (type->kind == GQL_LIST_OF)
        return coerce_list(c, value, type->of, place);
    const struct gql_definition *named = gql_schema_type(c->input->schema, type->name);
    if (named->kind == GQL_INPUT_TYPE)
        return coerce_object(c, value, named, place);
    return named->kind == GQL_ENUM_TYPE ? coerce_enum(c, value, named, place)
                                        : coerce_scalar(c, value, named, place);
}

static bool is_input_type(const struct gql_schema *schema, const struct gql_type *type)
{
    const struct gql_definition *named = gql_schema_type(schema, gql_type_name(type));
    return named && (named->kind == GQL_SCALAR_TYPE || named->kind == GQL_ENUM_TYPE ||
                     named->kind == GQL_INPUT_TYPE);
}

/* The variable's value; NULL = absent, or wrong. */
static struct json *coerce_variable(struct coercion *c, const struct json *given)
{
    const struct gql_variable *variable = c->variable;
    struct arena *arena = c->input->arena;
    bool required = variable->type->kind == GQL_NON_NULL;
    struct str type = gql_type_text(variable->type, arena);
    if (!is_input_type(c->input->schema, variable->type)) {
        add_error(c, arena_printf(arena,
                                  "Variable \"$%.*s\" expected value of type \"%.*s\" which "
                                  "cannot be used as an input type.",
                                  STR_FMT(variable->name), STR_FMT(type)));
    } else if (!given && variable->fallback) {
        return gql_literal(c->input, variable->fallback, variable->type);
    } else if (!given && required) {
        add_error(c, arena_printf(arena,
                                  "Variable \"$%.*s\" of required type \"%.*s\" was not provided.",
                                  STR_FMT(variable->name), STR_FMT(type)));
    } else if (json_is(given, JSON_NULL) && required) {
        add_error(c, arena_printf(arena,
                                  "Variable \"$%.*s\" of non-null type \"%.*s\" must not be null.",
                                  STR_FMT(variable->name), STR_FMT(type)));
    } else if (given) {
        return coerce(c, given, variable->type, NULL);
    }
    return NULL;
}

struct json *gql_coerce_variables(const struct gql_input *input,
                                  const struct gql_definition *operation, const struct json *given,
                                  struct gql_input_errors *errors)
{
    struct json *result = json_new_object(input->arena);
    VEC_EACH(&operation->variables, struct gql_variable **, at) {
        struct coercion c = {.input = input, .variable = *at, .errors = errors};
        struct json *value = coerce_variable(&c, json_find(given, (*at)->name));
        if (value && !c.failed)
            json_set_str(input->arena, result, (*at)->name, value);
    }
    return result;
}
