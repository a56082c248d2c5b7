// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/schema.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/graphql/schema_impl.h"

struct builder {
    struct gql_schema *schema;
    const char *source;
    struct arena *arena;
    struct err *err;
    struct map *directives;
    struct str roots[3]; /* names; absent = by convention */
    struct gql_pos root_pos[3];
    bool has_schema;
};

static bool is_type(const struct gql_definition *definition)
{
    return definition->kind >= GQL_SCALAR_TYPE && definition->kind <= GQL_INPUT_TYPE;
}

static int fail(const struct builder *b, struct gql_pos pos, const char *before, struct str name,
                const char *after)
{
    return err_at(b->err, ERR_PARSE, b->source, pos.line, pos.column, "%s%.*s%s", before,
                  STR_FMT(name), after);
}

/* A copy that can be extended without touching the document. */
static struct gql_definition *own_copy(const struct builder *b, const struct gql_definition *from)
{
    struct gql_definition *copy = arena_copy(b->arena, from, sizeof *from);
    copy->directives.cap = copy->directives.len;
    copy->fields.cap = copy->fields.len;
    copy->names.cap = copy->names.len;
    copy->values.cap = copy->values.len;
    copy->roots.cap = copy->roots.len;
    return copy;
}

/* ---- definitions ---- */

static int add_roots(struct builder *b, const struct gql_definition *schema)
{
    static const char *const words[] = {"query", "mutation", "subscription"};
    VEC_EACH(&schema->roots, struct gql_argument **, at) {
        for (int i = 0; i < 3; i++) {
            if (!str_is((*at)->name, words[i]))
                continue;
            if (b->roots[i].ptr)
                return fail(b, (*at)->pos, "There can be only one ", (*at)->name,
                            " type in schema.");
            b->roots[i] = (*at)->value->text;
            b->root_pos[i] = (*at)->value->pos;
        }
    }
    return 0;
}

static int add_schema(struct builder *b, const struct gql_definition *definition)
{
    if (b->has_schema)
        return fail(b, definition->pos, "Must provide only one schema definition.", STR(""), "");
    b->has_schema = true;
    b->schema->description = definition->description;
    return add_roots(b, definition);
}

static int add_type(struct builder *b, const struct gql_definition *definition)
{
    void **slot = map_slot(b->schema->by_name, definition->name);
    if (*slot)
        return fail(b, definition->pos, "There can be only one type named \"", definition->name,
                    "\".");
    struct gql_definition *copy = own_copy(b, definition);
    *slot = copy;
    *VEC_PUSH(b->arena, &b->schema->own) = copy;
    return 0;
}

static int add_directive(struct builder *b, struct gql_definition *definition)
{
    void **slot = map_slot(b->directives, definition->name);
    if (*slot)
        return fail(b, definition->pos, "There can be only one directive named \"@",
                    definition->name, "\".");
    *slot = definition;
    *VEC_PUSH(b->arena, &b->schema->directives) = definition;
    return 0;
}

static int add_definitions(struct builder *b, const struct gql_document *sdl)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sdl->definitions.len; i++) {
        struct gql_definition *definition = sdl->definitions.items[i];
        if (definition->extend)
            continue;
        if (definition->kind == GQL_SCHEMA)
            rc = add_schema(b, definition);
        else if (definition->kind == GQL_DIRECTIVE_DEF)
            rc = add_directive(b, definition);
        else if (is_type(definition))
            rc = add_type(b, definition);
    }
    return rc;
}

/* What the document did not define itself. */
static int add_built_in(struct builder *b)
{
    struct gql_document *document = NULL;
    int rc = gql_parse(str_of(gql_built_in_sdl), "built-in types", b->arena, &document, b->err);
    if (rc)
        return rc;
    VEC_EACH(&document->definitions, struct gql_definition **, at) {
        bool directive = (*at)->kind == GQL_DIRECTIVE_DEF;
        void **slot = map_slot(directive ? b->directives : b->schema->by_name, (*at)->name);
        if (*slot)
            continue;
        *slot = *at;
        *VEC_PUSH(b->arena, directive ? &b->schema->directives : &b->schema->built_in) = *at;
    }
    return 0;
}

/* ---- extensions ---- */

static void merge(struct arena *arena, struct gql_definition *into,
                  const struct gql_definition *extension)
{
    for (size_t i = 0; i < extension->directives.len; i++)
        *VEC_PUSH(arena, &into->directives) = extension->directives.items[i];
    for (size_t i = 0; i < extension->fields.len; i++)
        *VEC_PUSH(arena, &into->fields) = extension->fields.items[i];
    for (size_t i = 0; i < extension->names.len; i++)
        *VEC_PUSH(arena, &into->names) = extension->names.items[i];
    for (size_t i = 0; i < extension->values.len; i++)
        *VEC_PUSH(arena, &into->values) = extension->values.items[i];
}

static int add_extensions(struct builder *b, const struct gql_document *sdl)
{
    VEC_EACH(&sdl->definitions, struct gql_definition **, at) {
        const struct gql_definition *extension = *at;
        int rc = 0;
        if (!extension->extend)
            continue;
        if (extension->kind == GQL_SCHEMA) {
            rc = add_roots(b, extension);
            if (rc)
                return rc;
            continue;
        }
        struct gql_definition *type = map_get(b->schema->by_name, extension->name);
        if (!type)
            return fail(b, extension->pos, "Cannot extend type \"", extension->name,
                        "\" because it is not defined.");
        if (type->kind != extension->kind)
            return fail(b, extension->pos, "Cannot extend type \"", extension->name,
                        "\" of another kind.");
        merge(b->arena, type, extension);
    }
    return 0;
}

/* ---- references ---- */

static int check_name(const struct builder *b, struct str name, struct gql_pos pos)
{
    return map_get(b->schema->by_name, name) ? 0 : fail(b, pos, "Unknown type \"", name, "\".");
}

static int check_reference(const struct builder *b, const struct gql_type *type)
{
    while (type->kind != GQL_NAMED)
        type = type->of;
    return check_name(b, type->name, type->pos);
}

static int check_field(const struct builder *b, const struct gql_field_def *field)
{
    int rc = check_reference(b, field->type);
    for (size_t i = 0; rc == 0 && i < field->arguments.len; i++)
        rc = check_reference(b, field->arguments.items[i]->type);
    return rc;
}

static int check_type(const struct builder *b, const struct gql_definition *type)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < type->fields.len; i++)
        rc = check_field(b, type->fields.items[i]);
    for (size_t i = 0; rc == 0 && type->kind != GQL_DIRECTIVE_DEF && i < type->names.len; i++)
        rc = check_name(b, type->names.items[i], type->pos);
    return rc;
}

static int check_all(const struct builder *b, const struct gql_types *types)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < types->len; i++)
        rc = check_type(b, types->items[i]);
    return rc;
}

static int find_roots(struct builder *b)
{
    static const char *const names[] = {"Query", "Mutation", "Subscription"};
    for (int i = 0; i < 3; i++) {
        if (!b->roots[i].ptr && b->has_schema)
            continue;
        struct str name = b->roots[i].ptr ? b->roots[i] : str_of(names[i]);
        b->schema->roots[i] = map_get(b->schema->by_name, name);
        if (!b->schema->roots[i] && b->roots[i].ptr)
            return fail(b, b->root_pos[i], "Unknown type \"", name, "\".");
        if (b->schema->roots[i] && b->schema->roots[i]->kind != GQL_OBJECT_TYPE)
            return fail(b, b->roots[i].ptr ? b->root_pos[i] : b->schema->roots[i]->pos,
                        "Root type \"", name, "\" must be an Object type.");
    }
    if (!b->schema->roots[0])
        return err_at(b->err, ERR_PARSE, b->source, 0, 0, "Query root type must be provided.");
    return 0;
}

int gql_schema_build(const struct gql_document *sdl, const char *source, struct arena *arena,
                     struct gql_schema **ret, struct err *err)
{
    struct gql_schema *schema = ARENA_NEW(arena, struct gql_schema);
    schema->by_name = map_new(arena);
    struct builder b = {.schema = schema,
                        .source = source,
                        .arena = arena,
                        .err = err,
                        .directives = map_new(arena)};
    int rc = add_definitions(&b, sdl);
    if (!rc)
        rc = add_built_in(&b);
    if (!rc)
        rc = add_extensions(&b, sdl);
    if (!rc)
        rc = check_all(&b, &schema->own);
    if (!rc)
        rc = check_all(&b, &schema->directives);
    if (!rc)
        rc = find_roots(&b);
    if (rc)
        return rc;
    *ret = schema;
    return 0;
}

/* ---- questions ---- */

const struct gql_definition *gql_schema_type(const struct gql_schema *schema, struct str name)
{
    return name.ptr ? map_get(schema->by_name, name) : NULL;
}

const struct gql_definition *gql_schema_root(const struct gql_schema *schema,
                                             enum gql_def_kind operation)
{
    return operation <= GQL_SUBSCRIPTION ? schema->roots[operation] : NULL;
}

const struct gql_field_def *gql_type_field(const struct gql_definition *type, struct str name)
{
    for (size_t i = 0; type && i < type->fields.len; i++) {
        if (str_eq(type->fields.items[i]->name, name))
            return type->fields.items[i];
    }
    return NULL;
}

struct str gql_type_name(const struct gql_type *type)
{
    while (type->kind != GQL_NAMED)
        type = type->of;
    return type->name;
}

bool gql_is_leaf(const struct gql_schema *schema, struct str type_name)
{
    const struct gql_definition *type = gql_schema_type(schema, type_name);
    return type && (type->kind == GQL_SCALAR_TYPE || type->kind == GQL_ENUM_TYPE);
}

static bool names_include(const struct gql_definition *type, struct str name)
{
    for (size_t i = 0; i < type->names.len; i++) {
        if (str_eq(type->names.items[i], name))
            return true;
    }
    return false;
}

bool gql_possible(const struct gql_schema *schema, struct str abstract, struct str object)
{
    const struct gql_definition *type = gql_schema_type(schema, object);
    const struct gql_definition *over = gql_schema_type(schema, abstract);
    if (!type || !over || type->kind != GQL_OBJECT_TYPE)
        return false;
    if (over->kind == GQL_UNION_TYPE)
        return names_include(over, object);
    return type == over || (over->kind == GQL_INTERFACE_TYPE && names_include(type, abstract));
}

size_t gql_schema_len(const struct gql_schema *schema)
{
    return schema->own.len;
}

const struct gql_definition *gql_schema_at(const struct gql_schema *schema, size_t i)
{
    return i < schema->own.len ? schema->own.items[i] : NULL;
}

const struct gql_directive *gql_applied(const struct gql_directives *directives, const char *name)
{
    VEC_EACH(directives, struct gql_directive **, at) {
        if (str_is((*at)->name, name))
            return *at;
    }
    return NULL;
}
