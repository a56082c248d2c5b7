// SPDX-License-Identifier: Apache-2.0
/*
 * Introspection (specification section 4). Objects are made as they are asked for: what leads to
 * other named types is resolved later, by name, so that nothing is endless. A key that starts with
 * '*' keeps what a field with arguments chooses from.
 */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/graphql/run.h"
#include "lib/graphql/schema_impl.h"

static struct json *text(struct arena *arena, struct str s)
{
    return s.ptr ? json_new_str(arena, s) : json_new_null(arena);
}

/* ---- meta fields ---- */

const struct gql_field_def *gql_meta_field(const struct gql_run *run,
                                           const struct gql_definition *type, struct str name)
{
    /* Trees point to trees that may change; these never do. */
    static const struct gql_type string = {.kind = GQL_NAMED, .name = {"String", 6}};
    static const struct gql_type required_string = {.kind = GQL_NON_NULL,
                                                    .of = (struct gql_type *)&string};
    static const struct gql_type schema = {.kind = GQL_NAMED, .name = {"__Schema", 8}};
    static const struct gql_type required_schema = {.kind = GQL_NON_NULL,
                                                    .of = (struct gql_type *)&schema};
    static const struct gql_type named = {.kind = GQL_NAMED, .name = {"__Type", 6}};
    static const struct gql_field_def name_argument = {.name = {"name", 4},
                                                       .type = (struct gql_type *)&required_string};
    static struct gql_field_def *const name_arguments[] = {(struct gql_field_def *)&name_argument};
    static const struct gql_field_def typename_field = {
        .name = {"__typename", 10}, .type = (struct gql_type *)&required_string};
    static const struct gql_field_def schema_field = {.name = {"__schema", 8},
                                                      .type = (struct gql_type *)&required_schema};
    static const struct gql_field_def type_field = {
        .name = {"__type", 6},
        .arguments = {(struct gql_field_def **)name_arguments, 1, 1},
        .type = (struct gql_type *)&named};
    if (str_eq(name, typename_field.name))
        return &typename_field;
    if (type != gql_schema_root(run->exec->schema, GQL_QUERY))
        return NULL;
    if (str_eq(name, schema_field.name))
        return &schema_field;
    return str_eq(name, type_field.name) ? &type_field : NULL;
}

/* ---- objects ---- */

static struct json *type_of(const struct gql_schema *schema, const struct gql_type *type,
                            struct arena *arena);

/* isDeprecated and deprecationReason. */
static void set_deprecation(struct arena *arena, struct json *object,
                            const struct gql_directives *directives)
{
    const struct gql_directive *deprecated = gql_applied(directives, "deprecated");
    struct json *reason = json_new_null(arena);
    if (deprecated)
        reason = json_new_text(arena, "No longer supported");
    if (deprecated && deprecated->arguments.len)
        reason = json_new_str(arena, deprecated->arguments.items[0]->value->text);
    json_set(arena, object, "isDeprecated", json_new_bool(arena, deprecated));
    json_set(arena, object, "deprecationReason", reason);
}

static struct json *described(struct arena *arena, struct str name, struct str description)
{
    struct json *object = json_new_object(arena);
    json_set(arena, object, "name", text(arena, name));
    json_set(arena, object, "description", text(arena, description));
    return object;
}

static struct json *input_value(const struct gql_schema *schema, const struct gql_field_def *def,
                                struct arena *arena)
{
    struct json *object = described(arena, def->name, def->description);
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_GRAPHQL_TEXT);
    if (def->fallback)
        gql_print_value(def->fallback, GQL_PRETTY, &out);
    json_set(arena, object, "type", type_of(schema, def->type, arena));
    json_set(arena, object, "defaultValue",
             text(arena, def->fallback ? str_dup(arena, buf_view(&out)) : STR_NONE));
    set_deprecation(arena, object, &def->directives);
    return object;
}

static struct json *input_values(const struct gql_schema *schema, struct gql_field_def *const *defs,
                                 size_t n, struct arena *arena)
{
    struct json *array = json_new_array(arena);
    for (size_t i = 0; i < n; i++)
        json_append(arena, array, input_value(schema, defs[i], arena));
    return array;
}

static struct json *field_of(const struct gql_schema *schema, const struct gql_field_def *def,
                             struct arena *arena)
{
    struct json *object = described(arena, def->name, def->description);
    json_set(arena, object, "type", type_of(schema, def->type, arena));
    json_set(arena, object, "*args",
             input_values(schema, def->arguments.items, def->arguments.len, arena));
    set_deprecation(arena, object, &def->directives);
    return object;
}

static struct json *directive_of(const struct gql_schema *schema, const struct gql_definition *def,
                                 struct arena *arena)
{
    struct json *object = described(arena, def->name, def->description);
    struct json *locations = json_new_array(arena);
    for (size_t i = 0; i < def->names.len; i++)
        json_append(arena, locations, json_new_str(arena, def->names.items[i]));
    json_set(arena, object, "isRepeatable", json_new_bool(arena, def->repeatable));
    json_set(arena, object, "locations", locations);
    json_set(arena, object, "*args",
             input_values(schema, def->fields.items, def->fields.len, arena));
    return object;
}

static struct json *named_type(const struct gql_definition *type, struct arena *arena)
{
    static const char *const kinds[] = {
        [GQL_SCALAR_TYPE] = "SCALAR",       [GQL_OBJECT_TYPE] = "OBJECT",
        [GQL_INTERFACE_TYPE] = "INTERFACE", [GQL_UNION_TYPE] = "UNION",
        [GQL_ENUM_TYPE] = "ENUM",           [GQL_INPUT_TYPE] = "INPUT_OBJECT",
    };
    if (!type)
        return NULL;
    struct json *object = described(arena, type->name, type->description);
    const struct gql_directive *specified = gql_applied(&type->directives, "specifiedBy");
    json_set(arena, object, "kind", json_new_text(arena, kinds[type->kind]));
    json_set(arena, object, "specifiedByURL",
             text(arena, specified && specified->arguments.len
                             ? specified->arguments.items[0]->value->text
                             : STR_NONE));
    json_set(arena, object, "isOneOf",
             type->kind == GQL_INPUT_TYPE
                 ? json_new_bool(arena, gql_applied(&type->directives, "oneOf"))
                 : json_new_null(arena));
    return object;
}

static struct json *type_of(const struct gql_schema *schema, const struct gql_type *type,
                            struct arena *arena)
{
    if (type->kind == GQL_NAMED)
        return named_type(gql_schema_type(schema, type->name), arena);
    struct json *object = json_new_object(arena);
    json_set(arena, object, "kind",
             json_new_text(arena, type->kind == GQL_LIST_OF ? "LIST" : "NON_NULL"));
    json_set(arena, object, "name", json_new_null(arena));
    json_set(arena, object, "ofType", type_of(schema, type->of, arena));
    return object;
}

/* ---- what is resolved when asked ---- */

static struct json *chosen(const struct json *all, const struct json *arguments,
                           struct arena *arena)
{
    struct json *array = json_new_array(arena);
    bool deprecated = json_bool(json_get(arguments, "includeDeprecated"));
    for (size_t i = 0; i < json_len(all); i++) {
        if (deprecated || !json_bool(json_get(json_at(all, i), "isDeprecated")))
            json_append(arena, array, json_at(all, i));
    }
    return array;
}

static struct json *fields_of(const struct gql_schema *schema, const struct gql_definition *type,
                              struct arena *arena)
{
    struct json *array = json_new_array(arena);
    for (size_t i = 0; i < type->fields.len; i++)
        json_append(arena, array, field_of(schema, type->fields.items[i], arena));
    return array;
}

static struct json *enum_values_of(const struct gql_definition *type, struct arena *arena)
{
    struct json *array = json_new_array(arena);
    for (size_t i = 0; i < type->values.len; i++) {
        const struct gql_enum_value *value = type->values.items[i];
        struct json *object = described(arena, value->name, value->description);
        set_deprecation(arena, object, &value->directives);
        json_append(arena, array, object);
    }
    return array;
}

static struct json *types_named(const struct gql_schema *schema, const struct gql_definition *type,
                                struct arena *arena)
{
    struct json *array = json_new_array(arena);
    for (size_t i = 0; i < type->names.len; i++)
        json_append(arena, array, named_type(gql_schema_type(schema, type->names.items[i]), arena));
    return array;
}

static struct json *implementations(const struct gql_schema *schema,
                                    const struct gql_definition *type, struct arena *arena)
{
    struct json *array = json_new_array(arena);
    for (size_t i = 0; i < schema->own.len; i++) {
        if (gql_possible(schema, type->name, schema->own.items[i]->name))
            json_append(arena, array, named_type(schema->own.items[i], arena));
    }
    return array;
}

static struct json *of_type(const struct gql_schema *schema, const struct gql_definition *type,
                            struct str field, const struct json *arguments, struct arena *arena)
{
    bool has_fields = type->kind == GQL_OBJECT_TYPE || type->kind == GQL_INTERFACE_TYPE;
    if (str_is(field, "fields") && has_fields)
        return chosen(fields_of(schema, type, arena), arguments, arena);
    if (str_is(field, "interfaces") && has_fields)
        return types_named(schema, type, arena);
    if (str_is(field, "possibleTypes") && type->kind == GQL_UNION_TYPE)
        return types_named(schema, type, arena);
    if (str_is(field, "possibleTypes") && type->kind == GQL_INTERFACE_TYPE)
        return implementations(schema, type, arena);
    if (str_is(field, "enumValues") && type->kind == GQL_ENUM_TYPE)
        return chosen(enum_values_of(type, arena), arguments, arena);
    if (str_is(field, "inputFields") && type->kind == GQL_INPUT_TYPE)
        return chosen(input_values(schema, type->fields.items, type->fields.len, arena), arguments,
                      arena);
    return NULL;
}

static struct json *schema_object(const struct gql_schema *schema, struct arena *arena)
{
    struct json *object = json_new_object(arena), *types = json_new_array(arena);
    struct json *directives = json_new_array(arena);
    for (size_t i = 0; i < schema->own.len; i++)
        json_append(arena, types, named_type(schema->own.items[i], arena));
    for (size_t i = 0; i < schema->built_in.len; i++)
        json_append(arena, types, named_type(schema->built_in.items[i], arena));
    for (size_t i = 0; i < schema->directives.len; i++)
        json_append(arena, directives, directive_of(schema, schema->directives.items[i], arena));
    json_set(arena, object, "description", text(arena, schema->description));
    json_set(arena, object, "types", types);
    json_set(arena, object, "queryType", named_type(schema->roots[GQL_QUERY], arena));
    json_set(arena, object, "mutationType", named_type(schema->roots[GQL_MUTATION], arena));
    json_set(arena, object, "subscriptionType", named_type(schema->roots[GQL_SUBSCRIPTION], arena));
    json_set(arena, object, "directives", directives);
    return object;
}

struct json *gql_introspect(const struct gql_schema *schema, const struct gql_definition *type,
                            const struct gql_field_def *field, const struct json *parent,
                            const struct json *arguments, struct arena *arena)
{
    if (str_is(field->name, "__schema"))
        return schema_object(schema, arena);
    if (str_is(field->name, "__type"))
        return named_type(gql_schema_type(schema, json_get_text(arguments, "name")), arena);
    if (str_is(field->name, "args"))
        return chosen(json_get(parent, "*args"), arguments, arena);
    const struct gql_definition *named = gql_schema_type(schema, json_get_text(parent, "name"));
    return str_is(type->name, "__Type") && named
               ? of_type(schema, named, field->name, arguments, arena)
               : NULL;
}
