// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/exec.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/map.h"
#include "lib/graphql/run.h"

/* One field of one object while its value is being completed. */
struct field {
    const struct gql_definition *parent_type;
    const struct gql_field_def *def;
    struct gql_group *group;
};

/* Each returns false when its value's place has to become null because of an error added. */
static bool complete(struct gql_run *run, const struct field *field, const struct gql_type *type,
                     const struct json *value, const struct gql_path *path, struct json **ret);
static bool execute_groups(struct gql_run *run, const struct gql_definition *type,
                           const struct json *parent, const struct gql_groups *groups,
                           const struct gql_path *path, struct json **ret);

/* ---- errors ---- */

static void append_path(struct gql_run *run, struct json *array, const struct gql_path *path)
{
    if (!path)
        return;
    append_path(run, array, path->up);
    json_append(run->arena, array,
                path->key.ptr ? json_new_str(run->arena, path->key)
                              : json_new_int(run->arena, (int64_t)path->index));
}

void gql_add_error(struct gql_run *run, const char *message, const struct gql_pos *positions,
                   size_t n, const struct gql_path *path, const char *code)
{
    struct arena *arena = run->arena;
    struct json *error = json_new_object(arena), *locations = json_new_array(arena);
    json_set(arena, error, "message", json_new_text(arena, message));
    for (size_t i = 0; i < n; i++) {
        struct json *location = json_new_object(arena);
        json_set(arena, location, "line", json_new_int(arena, positions[i].line));
        json_set(arena, location, "column", json_new_int(arena, positions[i].column));
        json_append(arena, locations, location);
    }
    if (n)
        json_set(arena, error, "locations", locations);
    if (path) {
        struct json *array = json_new_array(arena);
        append_path(run, array, path);
        json_set(arena, error, "path", array);
    }
    if (code) {
        struct json *extensions = json_new_object(arena);
        json_set(arena, extensions, "code", json_new_text(arena, code));
        json_set(arena, error, "extensions", extensions);
    }
    if (!run->errors)
        run->errors = json_new_array(arena);
    json_append(arena, run->errors, error);
}

static bool fail(struct gql_run *run, const struct field *field, const struct gql_path *path,
                 const char *message, const char *code)
{
    enum { MAX_LOCATIONS = 100 }; /* a field can be asked for as often as a document has room */
    size_t n = field->group->nodes.len < MAX_LOCATIONS ? field->group->nodes.len : MAX_LOCATIONS;
    struct gql_pos *positions = ARENA_ARRAY(run->arena, struct gql_pos, n);
    for (size_t i = 0; i < n; i++)
        positions[i] = field->group->nodes.items[i]->pos;
    gql_add_error(run, message, positions, n, path, code);
    return false;
}

static bool over_limit(struct gql_run *run, const char *what, int limit)
{
    if (!run->rc)
        run->rc =
            err_set(run->err, ERR_LIMIT, "response has more %s than the limit of %d", what, limit);
    return false;
}

/* ---- completing values (section 6.4.3) ---- */

static bool complete_list(struct gql_run *run, const struct field *field, const struct gql_type *of,
                          const struct json *value, const struct gql_path *path, struct json **ret)
{
    if (!json_is(value, JSON_ARRAY))
        return fail(run, field, path,
                    arena_printf(run->arena,
                                 "Expected Iterable, but did not find one for field \"%.*s.%.*s\".",
                                 STR_FMT(field->parent_type->name), STR_FMT(field->def->name)),
                    NULL);
    struct json *list = json_new_array(run->arena);
    for (size_t i = 0; i < json_len(value); i++) {
        struct gql_path at = {.up = path, .index = i};
        struct json *item = NULL;
        if (!complete(run, field, of, json_at(value, i), &at, &item))
            return false;
        json_append(run->arena, list, item);
    }
    *ret = list;
    return true;
}

/* The object type of a value of an interface or union: what its __typename says. */
static const struct gql_definition *runtime_type(struct gql_run *run, const struct field *field,
                                                 const struct gql_definition *abstract,
                                                 const struct json *value,
                                                 const struct gql_path *path)
{
    struct arena *arena = run->arena;
    struct str name = json_get_text(value, "__typename");
    const struct gql_definition *type = gql_schema_type(run->exec->schema, name);
    const char *message = NULL;
    if (!name.ptr)
        message = arena_printf(arena,
                               "Abstract type \"%.*s\" must resolve to an Object type at runtime "
                               "for field \"%.*s.%.*s\": its value has no \"__typename\".",
                               STR_FMT(abstract->name), STR_FMT(field->parent_type->name),
                               STR_FMT(field->def->name));
    else if (!type)
        message = arena_printf(arena,
                               "Abstract type \"%.*s\" was resolved to a type \"%.*s\" that does "
                               "not exist inside the schema.",
                               STR_FMT(abstract->name), STR_FMT(name));
    else if (type->kind != GQL_OBJECT_TYPE)
        message = arena_printf(arena,
                               "Abstract type \"%.*s\" was resolved to a non-object type \"%.*s\".",
                               STR_FMT(abstract->name), STR_FMT(name));
    else if (!gql_possible(run->exec->schema, abstract->name, name))
        message =
            arena_printf(arena, "Runtime Object type \"%.*s\" is not a possible type for \"%.*s\".",
                         STR_FMT(name), STR_FMT(abstract->name));
    if (!message)
        return type;
    fail(run, field, path, message, NULL);
    return NULL;
}

static bool complete_object(struct gql_run *run, const struct field *field,
                            const struct gql_definition *type, const struct json *value,
                            const struct gql_path *path, struct json **ret)
{
    if (type->kind != GQL_OBJECT_TYPE)
        type = runtime_type(run, field, type, value, path);
    if (!type)
        return false;
    if (run->depth == LIMIT_GRAPHQL_DEPTH)
        return over_limit(run, "levels", LIMIT_GRAPHQL_DEPTH);
    const struct gql_groups *groups = gql_collect_below(run, type, field->group, path);
    run->depth++;
    bool ok = groups && execute_groups(run, type, value, groups, path, ret);
    run->depth--;
    return ok;
}

static bool complete_nullable(struct gql_run *run, const struct field *field,
                              const struct gql_type *type, const struct json *value,
                              const struct gql_path *path, struct json **ret)
{
    *ret = NULL;
    if (!value || json_is(value, JSON_NULL))
        return true;
    if (type->kind == GQL_LIST_OF)
        return complete_list(run, field, type->of, value, path, ret);
    const struct gql_definition *named = gql_schema_type(run->exec->schema, type->name);
    if (named->kind != GQL_SCALAR_TYPE && named->kind != GQL_ENUM_TYPE)
        return complete_object(run, field, named, value, path, ret);
    const char *error = NULL;
    *ret = gql_serialise(named, value, run->arena, &error);
    return error ? fail(run, field, path, error, NULL) : true;
}

static bool complete(struct gql_run *run, const struct field *field, const struct gql_type *type,
                     const struct json *value, const struct gql_path *path, struct json **ret)
{
    if (++run->fields > LIMIT_GRAPHQL_FIELDS)
        return over_limit(run, "values", LIMIT_GRAPHQL_FIELDS);
    bool required = type->kind == GQL_NON_NULL;
    bool ok = complete_nullable(run, field, required ? type->of : type, value, path, ret);
    if (ok && required && (!*ret || json_is(*ret, JSON_NULL)))
        return fail(run, field, path,
                    arena_printf(run->arena, "Cannot return null for non-nullable field %.*s.%.*s.",
                                 STR_FMT(field->parent_type->name), STR_FMT(field->def->name)),
                    NULL);
    if (!ok)
        *ret = NULL;
    return ok || (!required && !run->rc);
}

/* ---- fields (section 6.4) ---- */

static bool starts_introspection(struct str name)
{
    return str_starts(name, STR("__"));
}

/* What the field's value is before completion; false when an error was added. */
static bool resolve(struct gql_run *run, const struct field *field, const struct json *parent,
                    const struct gql_path *path, const struct json **ret)
{
    const struct gql_exec *exec = run->exec;
    const struct gql_selection *node = field->group->nodes.items[0];
    struct str type_name = field->parent_type->name, name = field->def->name;
    bool root = run->depth == 0;
    *ret = NULL;
    if (str_is(name, "__typename")) {
        *ret = json_new_str(run->arena, type_name);
        return true;
    }
    const struct json *property = root ? NULL : json_find(parent, name);
    if (property) {
        *ret = property;
        return true;
    }
    struct gql_input input = gql_run_input(run);
    struct gql_input_error wrong = {0};
    const struct json *arguments =
        gql_coerce_arguments(&input, field->def->arguments.items, field->def->arguments.len,
                             &node->arguments, node->pos, &wrong);
    if (!arguments) {
        gql_add_error(run, wrong.message, &wrong.pos, 1, path, NULL);
        return false;
    }
    if (starts_introspection(type_name) || starts_introspection(name)) {
        *ret = gql_introspect(exec->schema, field->parent_type, field->def, parent, arguments,
                              run->arena);
        return true;
    }
    const char *error = NULL, *code = NULL;
    if (exec->resolve)
        *ret = exec->resolve(exec->context, field->parent_type, field->def, root ? NULL : parent,
                             arguments, run->arena, &error, &code);
    return error ? fail(run, field, path, error, code) : true;
}

static bool execute_groups(struct gql_run *run, const struct gql_definition *type,
                           const struct json *parent, const struct gql_groups *groups,
                           const struct gql_path *path, struct json **ret)
{
    struct json *object = json_new_object(run->arena);
    VEC_EACH(groups, struct gql_group **, at) {
        struct str name = (*at)->nodes.items[0]->name;
        struct field field = {.parent_type = type, .group = *at};
        struct gql_path here = {.up = path, .key = (*at)->key};
        field.def = gql_meta_field(run, type, name);
        if (!field.def)
            field.def = gql_type_field(type, name);
        if (!field.def) /* an interface's field that the object lacks: the schema is not valid */
            continue;
        const struct json *value = NULL;
        struct json *result = NULL;
        bool ok = resolve(run, &field, parent, &here, &value)
                      ? complete(run, &field, field.def->type, value, &here, &result)
                      : field.def->type->kind != GQL_NON_NULL;
        if (!ok)
            return false;
        json_set_str(run->arena, object, (*at)->key, result);
    }
    *ret = object;
    return true;
}

/* ---- the request (section 6.1) ---- */

static const char *operation_word(enum gql_def_kind kind)
{
    return kind == GQL_QUERY ? "query" : kind == GQL_MUTATION ? "mutation" : "subscription";
}

/* Fragments by name and the operation; an error is added when there is none. */
static bool begin(struct gql_run *run)
{
    const struct gql_exec *exec = run->exec;
    size_t operations = 0;
    run->fragments = map_new(run->arena);
    VEC_EACH(&exec->document->definitions, struct gql_definition **, at) {
        operations += (*at)->kind <= GQL_SUBSCRIPTION;
        if ((*at)->kind == GQL_FRAGMENT)
            map_put(run->fragments, (*at)->name, *at);
    }
    run->operation = gql_operation(exec->document, exec->operation_name);
    if (run->operation)
        return true;
    const char *message = operations ? "Must provide operation name if query contains multiple "
                                       "operations."
                                     : "Must provide an operation.";
    if (exec->operation_name.ptr)
        message = arena_printf(run->arena, "Unknown operation named \"%.*s\".",
                               STR_FMT(exec->operation_name));
    gql_add_error(run, message, NULL, 0, NULL, NULL);
    return false;
}

static bool prepare(struct gql_run *run)
{
    if (!begin(run))
        return false;
    enum gql_def_kind kind = run->operation->kind;
    if (!gql_schema_root(run->exec->schema, kind)) {
        const char *message = arena_printf(
            run->arena, "Schema is not configured to execute %s operation.", operation_word(kind));
        gql_add_error(run, message, &run->operation->pos, 1, NULL, NULL);
        return false;
    }
    gql_check_request(run);
    if (run->errors)
        return false;
    struct gql_input input = gql_run_input(run);
    struct gql_input_errors errors = {0};
    run->variables = gql_coerce_variables(&input, run->operation, run->exec->variables, &errors);
    VEC_EACH(&errors, struct gql_input_error *, error) {
        gql_add_error(run, error->message, &error->pos, 1, NULL, NULL);
    }
    return errors.len == 0;
}

int gql_execute(const struct gql_exec *exec, struct arena *arena, struct json **ret_response,
                struct err *err)
{
    struct gql_run run = {.exec = exec, .arena = arena, .err = err};
    struct json *response = json_new_object(arena), *data = NULL;
    bool executed = prepare(&run);
    if (executed) {
        const struct gql_definition *root = gql_schema_root(exec->schema, run.operation->kind);
        const struct gql_groups *groups = gql_collect(&run, root, run.operation->selections, NULL);
        if (!groups || !execute_groups(&run, root, NULL, groups, NULL, &data))
            data = NULL;
    }
    if (run.rc)
        return run.rc;
    /* Section 7.1 wants errors first, where they are seen. */
    if (run.errors)
        json_set(arena, response, "errors", run.errors);
    if (executed)
        json_set(arena, response, "data", data);
    *ret_response = response;
    return 0;
}

struct json *gql_arguments(const struct gql_exec *exec, const struct gql_field_def *field,
                           const struct gql_selection *selection, struct arena *arena,
                           struct err *err)
{
    struct gql_run run = {.exec = exec, .arena = arena, .err = err};
    struct gql_input_error wrong = {0};
    if (!begin(&run)) {
        err_set(err, ERR_NOT_FOUND, "%.*s",
                STR_FMT(json_text(json_pointer(run.errors, "/0/message"))));
        return NULL;
    }
    struct gql_input input = gql_run_input(&run);
    struct gql_input_errors errors = {0};
    input.variables = gql_coerce_variables(&input, run.operation, exec->variables, &errors);
    if (errors.len) {
        wrong = errors.items[0];
    } else {
        struct json *arguments =
            gql_coerce_arguments(&input, field->arguments.items, field->arguments.len,
                                 &selection->arguments, selection->pos, &wrong);
        if (arguments)
            return arguments;
    }
    err_at(err, ERR_PARSE, NULL, wrong.pos.line, wrong.pos.column, "%s", wrong.message);
    return NULL;
}
