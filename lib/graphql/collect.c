// SPDX-License-Identifier: Apache-2.0
#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/graphql/run.h"
#include "lib/graphql/schema_impl.h"

struct collection {
    struct gql_run *run;
    const struct gql_definition *type;
    struct gql_groups *groups;
    struct map *by_key;  /* struct gql_group * */
    struct map *visited; /* fragments */
    const struct gql_path *path;
    bool failed;
};

/* The `if` of @skip or @include; `otherwise` when the directive is not there. */
static bool condition(struct collection *c, const struct gql_directives *directives,
                      const char *name, bool otherwise)
{
    static const struct gql_type boolean = {.kind = GQL_NAMED, .name = {"Boolean", 7}};
    static const struct gql_type required = {.kind = GQL_NON_NULL,
                                             .of = (struct gql_type *)&boolean};
    static const struct gql_field_def when = {.name = {"if", 2},
                                              .type = (struct gql_type *)&required};
    const struct gql_directive *directive = gql_applied(directives, name);
    if (!directive)
        return otherwise;
    struct gql_input input = gql_run_input(c->run);
    struct gql_input_error error = {0};
    struct gql_field_def *defs[] = {(struct gql_field_def *)&when};
    const struct json *arguments =
        gql_coerce_arguments(&input, defs, 1, &directive->arguments, directive->pos, &error);
    if (arguments)
        return json_bool(json_get(arguments, "if"));
    if (!c->failed)
        gql_add_error(c->run, error.message, &error.pos, 1, c->path, NULL);
    c->failed = true;
    return false;
}

static bool is_included(struct collection *c, const struct gql_directives *directives)
{
    return directives->len == 0 ||
           (!condition(c, directives, "skip", false) && condition(c, directives, "include", true));
}

static void collect(struct collection *c, const struct gql_selections *selections);

static void collect_fragment(struct collection *c, struct str on_type,
                             const struct gql_selections *selections)
{
    if (!on_type.ptr || gql_possible(c->run->exec->schema, on_type, c->type->name))
        collect(c, selections);
}

static void collect_spread(struct collection *c, const struct gql_selection *spread)
{
    void **visited = map_slot(c->visited, spread->name);
    if (*visited)
        return;
    *visited = c;
    const struct gql_definition *fragment = map_get(c->run->fragments, spread->name);
    if (fragment)
        collect_fragment(c, fragment->on_type, fragment->selections);
}

static void collect_field(struct collection *c, const struct gql_selection *field)
{
    struct arena *arena = c->run->arena;
    struct str key = field->alias.ptr ? field->alias : field->name;
    void **slot = map_slot(c->by_key, key);
    if (!*slot) {
        struct gql_group *group = ARENA_NEW(arena, struct gql_group);
        group->key = key;
        *slot = group;
        *VEC_PUSH(arena, c->groups) = group;
    }
    struct gql_group *group = *slot;
    *VEC_PUSH(arena, &group->nodes) = field;
}

static void collect(struct collection *c, const struct gql_selections *selections)
{
    VEC_EACH(selections, struct gql_selection **, at) {
        if (!is_included(c, &(*at)->directives))
            continue;
        if ((*at)->kind == GQL_FIELD)
            collect_field(c, *at);
        else if ((*at)->kind == GQL_INLINE)
            collect_fragment(c, (*at)->on_type, (*at)->selections);
        else
            collect_spread(c, *at);
    }
}

static struct collection begin(struct gql_run *run, const struct gql_definition *type,
                               const struct gql_path *path)
{
    return (struct collection){.run = run,
                               .type = type,
                               .groups = ARENA_NEW(run->arena, struct gql_groups),
                               .by_key = map_new(run->arena),
                               .visited = map_new(run->arena),
                               .path = path};
}

struct gql_groups *gql_collect(struct gql_run *run, const struct gql_definition *type,
                               const struct gql_selections *selections, const struct gql_path *path)
{
    struct collection c = begin(run, type, path);
    collect(&c, selections);
    return c.failed ? NULL : c.groups;
}

struct gql_groups *gql_collect_below(struct gql_run *run, const struct gql_definition *type,
                                     struct gql_group *group, const struct gql_path *path)
{
    for (const struct gql_below *below = group->below; below; below = below->next) {
        if (below->type == type)
            return below->groups;
    }
    struct collection c = begin(run, type, path);
    for (size_t i = 0; i < group->nodes.len; i++) {
        if (group->nodes.items[i]->selections)
            collect(&c, group->nodes.items[i]->selections);
    }
    if (c.failed)
        return NULL;
    struct gql_below *below = ARENA_NEW(run->arena, struct gql_below);
    *below = (struct gql_below){.type = type, .groups = c.groups, .next = group->below};
    group->below = below;
    return c.groups;
}
