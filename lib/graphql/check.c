// SPDX-License-Identifier: Apache-2.0
#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/graphql/run.h"

struct check {
    struct gql_run *run;
    struct map *visited; /* fragments */
};

static void check_selections(struct check *check, const struct gql_definition *type,
                             const struct gql_selections *selections);

enum { MAX_ERRORS = 100 }; /* as the reference */

static bool is_full(const struct check *check)
{
    return json_len(check->run->errors) > MAX_ERRORS;
}

static void complain(struct check *check, struct gql_pos pos, const char *message)
{
    if (json_len(check->run->errors) < MAX_ERRORS)
        gql_add_error(check->run, message, &pos, 1, NULL, NULL);
    else if (!is_full(check))
        gql_add_error(check->run,
                      "Too many validation errors, error limit reached. Validation aborted.", NULL,
                      0, NULL, NULL);
}

static void check_arguments(struct check *check, const struct gql_definition *type,
                            const struct gql_field_def *field,
                            const struct gql_selection *selection)
{
    VEC_EACH(&selection->arguments, struct gql_argument **, at) {
        bool known = false;
        for (size_t i = 0; i < field->arguments.len && !known; i++)
            known = str_eq(field->arguments.items[i]->name, (*at)->name);
        if (!known)
            complain(check, (*at)->pos,
                     arena_printf(check->run->arena,
                                  "Unknown argument \"%.*s\" on field \"%.*s.%.*s\".",
                                  STR_FMT((*at)->name), STR_FMT(type->name), STR_FMT(field->name)));
    }
}

static void check_field(struct check *check, const struct gql_definition *type,
                        const struct gql_selection *selection)
{
    const struct gql_run *run = check->run;
    const struct gql_field_def *field = gql_meta_field(run, type, selection->name);
    if (!field)
        field = gql_type_field(type, selection->name);
    if (!field) {
        complain(check, selection->pos,
                 arena_printf(run->arena, "Cannot query field \"%.*s\" on type \"%.*s\".",
                              STR_FMT(selection->name), STR_FMT(type->name)));
        return;
    }
    check_arguments(check, type, field, selection);
    const struct gql_definition *below =
        gql_schema_type(run->exec->schema, gql_type_name(field->type));
    if (selection->selections)
        check_selections(check, below, selection->selections);
}

static void check_on_type(struct check *check, struct str on_type, struct gql_pos pos,
                          const struct gql_selections *selections)
{
    const struct gql_definition *type = gql_schema_type(check->run->exec->schema, on_type);
    if (type)
        check_selections(check, type, selections);
    else
        complain(check, pos,
                 arena_printf(check->run->arena, "Unknown type \"%.*s\".", STR_FMT(on_type)));
}

static void check_spread(struct check *check, const struct gql_selection *spread)
{
    const struct gql_definition *fragment = map_get(check->run->fragments, spread->name);
    void **visited = map_slot(check->visited, spread->name);
    if (*visited)
        return;
    *visited = check;
    if (fragment)
        check_on_type(check, fragment->on_type, fragment->pos, fragment->selections);
    else
        complain(
            check, spread->pos,
            arena_printf(check->run->arena, "Unknown fragment \"%.*s\".", STR_FMT(spread->name)));
}

static void check_selections(struct check *check, const struct gql_definition *type,
                             const struct gql_selections *selections)
{
    VEC_EACH(selections, struct gql_selection **, at) {
        if ((*at)->kind == GQL_FIELD)
            check_field(check, type, *at);
        else if ((*at)->kind == GQL_SPREAD)
            check_spread(check, *at);
        else if ((*at)->on_type.ptr)
            check_on_type(check, (*at)->on_type, (*at)->pos, (*at)->selections);
        else
            check_selections(check, type, (*at)->selections);
    }
}

void gql_check_request(struct gql_run *run)
{
    struct check check = {.run = run, .visited = map_new(run->arena)};
    check_selections(&check, gql_schema_root(run->exec->schema, run->operation->kind),
                     run->operation->selections);
}
