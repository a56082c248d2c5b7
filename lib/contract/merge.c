// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/merge.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"

static bool same_params(const struct json *a, const struct json *b)
{
    return json_len(a) == 0 ? json_len(b) == 0 : json_equal(a, b);
}

static bool same_states(const struct pact_interaction *a, const struct pact_interaction *b,
                        bool params)
{
    if (a->states.len != b->states.len) {
        return false;
    }
    for (size_t i = 0; i < a->states.len; i++) {
        const struct pact_state *x = &a->states.items[i], *y = &b->states.items[i];
        if (!str_eq(x->name, y->name) || (params && !same_params(x->params, y->params))) {
            return false;
        }
    }
    return true;
}

bool merge_same(const struct pact_interaction *a, const struct pact_interaction *b,
                enum pact_spec spec)
{
    bool v4 = spec >= PACT_V4;
    if (v4 && a->key.len > 0 && b->key.len > 0) {
        return str_eq(a->key, b->key);
    }
    return a->kind == b->kind && str_eq(a->description, b->description) && same_states(a, b, !v4);
}

/* ---- conflicts ---- */

static bool value_in(const struct pact_query *query, struct str name, size_t nth, struct str *ret)
{
    VEC_EACH(&query->params, const struct url_param *, param) {
        if (str_eq(param->name, name) && nth-- == 0) {
            *ret = param->value;
            return true;
        }
    }
    return false;
}

/* The same names with the same values in the same order; the order of names does not matter. */
static bool same_query(const struct pact_query *a, const struct pact_query *b)
{
    if (a->params.len != b->params.len) {
        return false;
    }
    for (size_t i = 0; i < a->params.len; i++) {
        struct str name = a->params.items[i].name, value = STR_NONE;
        size_t nth = 0;
        for (size_t j = 0; j < i; j++) {
            nth += str_eq(a->params.items[j].name, name);
        }
        if (!value_in(b, name, nth, &value) || !str_eq(a->params.items[i].value, value)) {
            return false;
        }
    }
    return true;
}

static struct str shown_query(const struct pact_query *query, struct arena *arena)
{
    struct str text = url_query_write(arena, (const void *)&query->params);
    return text.len > 0 ? text : STR("none");
}

static void clash(struct arena *arena, struct merge_conflicts *conflicts,
                  const struct pact_interaction *older, const struct pact_interaction *newer,
                  struct str text)
{
    *VEC_PUSH(arena, conflicts) = (struct merge_conflict){older, newer, text};
}

static void check(const struct pact_interaction *older, const struct pact_interaction *newer,
                  struct arena *arena, struct merge_conflicts *conflicts)
{
    const struct pact_request *a = &older->request, *b = &newer->request;
    if (older->kind != PACT_HTTP) {
        return;
    }
    if (!str_eq_nocase(a->method, b->method)) {
        clash(arena, conflicts, older, newer,
              str_printf(arena, "method %.*s in one, %.*s in the other", STR_FMT(a->method),
                         STR_FMT(b->method)));
    }
    if (!str_eq(a->path, b->path)) {
        clash(arena, conflicts, older, newer,
              str_printf(arena, "path %.*s in one, %.*s in the other", STR_FMT(a->path),
                         STR_FMT(b->path)));
    }
    if (!same_query(&a->query, &b->query)) {
        struct str x = shown_query(&a->query, arena), y = shown_query(&b->query, arena);
        clash(arena, conflicts, older, newer,
              str_printf(arena, "query %.*s in one, %.*s in the other", STR_FMT(x), STR_FMT(y)));
    }
    if (older->response.status != newer->response.status) {
        clash(arena, conflicts, older, newer,
              str_printf(arena, "status %d in one, %d in the other", older->response.status,
                         newer->response.status));
    }
}

/* ---- merging ---- */

static int check_files(const struct pact *older, const struct pact *newer, struct err *err)
{
    if (!str_eq(older->consumer, newer->consumer) || !str_eq(older->provider, newer->provider)) {
        return err_set(err, ERR_CONFLICT,
                       "'%.*s' is between %.*s and %.*s, but '%.*s' between %.*s and %.*s",
                       STR_FMT(older->source), STR_FMT(older->consumer), STR_FMT(older->provider),
                       STR_FMT(newer->source), STR_FMT(newer->consumer), STR_FMT(newer->provider));
    }
    return 0;
}

static bool mixed(const struct pact *pact)
{
    VEC_EACH(&pact->interactions, const struct pact_interaction *, interaction) {
        if (interaction->kind != pact->interactions.items[0].kind) {
            return true;
        }
    }
    return false;
}

/* Members of both objects; those of the newer one count. */
static struct json *unite(const struct json *older, const struct json *newer, struct arena *arena)
{
    struct json *out = older ? json_copy(arena, older) : NULL;
    if (!out) {
        return newer ? json_copy(arena, newer) : NULL;
    }
    for (size_t i = 0; i < json_len(newer); i++) {
        json_set_str(arena, out, json_key(newer, i), json_copy(arena, json_at(newer, i)));
    }
    return out;
}

/* By name and version: a file's interactions need the plugins that the file names. */
static bool same_plugin(const struct json *a, const struct json *b)
{
    return str_eq(json_get_text(a, "name"), json_get_text(b, "name")) &&
           str_eq(json_get_text(a, "version"), json_get_text(b, "version"));
}

static void unite_plugins(const struct json *older, const struct json *newer, struct json *out,
                          struct arena *arena)
{
    const struct json *from = json_get(older, "plugins"), *to = json_get(newer, "plugins");
    struct json *list = json_is(to, JSON_ARRAY) ? json_get(out, "plugins") : NULL;
    for (size_t i = 0; list && json_is(from, JSON_ARRAY) && i < json_len(from); i++) {
        bool named = false;
        for (size_t k = 0; k < json_len(to) && !named; k++) {
            named = same_plugin(json_at(from, i), json_at(to, k));
        }
        if (!named) {
            json_append(arena, list, json_copy(arena, json_at(from, i)));
        }
    }
}

/* Interactions of `older` by key and by description, so that merging stays linear. */
struct places {
    VEC_OF(size_t);
};

static struct places *places_of(struct map *map, struct arena *arena, char kind, struct str name)
{
    struct str key = str_printf(arena, "%c%.*s", kind, STR_FMT(name));
    struct places *places = map_get(map, key);
    if (!places) {
        places = ARENA_NEW(arena, struct places);
        map_put(map, key, places);
    }
    return places;
}

static void index_one(struct map *map, const struct pact_interaction *one, size_t at,
                      struct arena *arena)
{
    *VEC_PUSH(arena, places_of(map, arena, 'd', one->description)) = at;
    if (one->key.len > 0) {
        *VEC_PUSH(arena, places_of(map, arena, 'k', one->key)) = at;
    }
}

static void index_all(struct map *map, const struct pact *pact, struct arena *arena)
{
    for (size_t i = 0; i < pact->interactions.len; i++) {
        index_one(map, &pact->interactions.items[i], i, arena);
    }
}

/* Among the same ones by name, one whose states have the same parameters comes first. */
static void find_same(const struct places *places, const struct pact *pact,
                      const struct pact_interaction *newer, enum pact_spec spec,
                      const bool *replaced, long *ret)
{
    bool exact = *ret >= 0;
    VEC_EACH(places, const size_t *, at) {
        const struct pact_interaction *older = &pact->interactions.items[*at];
        if (exact || replaced[*at] || !merge_same(older, newer, spec)) {
            continue;
        }
        exact = same_states(older, newer, true);
        *ret = exact || *ret < 0 ? (long)*at : *ret;
    }
}

static void merge_all(struct pact *merged, const struct pact *newer, enum pact_spec spec,
                      struct arena *arena, struct merge_conflicts *conflicts)
{
    struct map *map = map_new(arena);
    index_all(map, merged, arena);
    bool *replaced = ARENA_ARRAY(arena, bool, merged->interactions.len + 1);
    VEC_EACH(&newer->interactions, const struct pact_interaction *, interaction) {
        long at = -1;
        if (interaction->key.len > 0) {
            find_same(places_of(map, arena, 'k', interaction->key), merged, interaction, spec,
                      replaced, &at);
        }
        find_same(places_of(map, arena, 'd', interaction->description), merged, interaction, spec,
                  replaced, &at);
        if (at < 0) {
            *VEC_PUSH(arena, &merged->interactions) = *interaction;
            continue;
        }
        if (spec < PACT_V4) {
            check(&merged->interactions.items[at], interaction, arena, conflicts);
        }
        replaced[at] = true;
        merged->interactions.items[at] = *interaction;
    }
}

/* Those of unknown type, which only V4 files have: the same rules as for others of V4. */
static bool same_unknown(const struct pact_unknown *a, const struct pact_unknown *b)
{
    const struct pact_interaction *x = &a->said, *y = &b->said;
    if (x->key.len > 0 && y->key.len > 0) {
        return str_eq(x->key, y->key);
    }
    if (!x->description.ptr || !y->description.ptr) {
        return json_equal(a->raw, b->raw);
    }
    return str_eq(a->type, b->type) && merge_same(x, y, PACT_V4);
}

static void find_unknown(const struct places *places, const struct pact *older,
                         const struct pact_unknown *newer, const bool *replaced, long *ret)
{
    for (size_t i = 0; i < places->len && *ret < 0; i++) {
        size_t at = places->items[i];
        *ret = !replaced[at] && same_unknown(&older->unknown.items[at], newer) ? (long)at : -1;
    }
}

static void merge_unknown(struct pact *merged, const struct pact *older, const struct pact *newer,
                          struct arena *arena)
{
    struct map *map = map_new(arena);
    bool *replaced = ARENA_ARRAY(arena, bool, older->unknown.len + 1);
    VEC_EACH(&older->unknown, const struct pact_unknown *, unknown) {
        index_one(map, &unknown->said, merged->unknown.len, arena);
        *VEC_PUSH(arena, &merged->unknown) = *unknown;
    }
    VEC_EACH(&newer->unknown, const struct pact_unknown *, unknown) {
        const struct pact_interaction *said = &unknown->said;
        long at = -1;
        if (said->key.len > 0) {
            find_unknown(places_of(map, arena, 'k', said->key), older, unknown, replaced, &at);
        }
        find_unknown(places_of(map, arena, 'd', said->description), older, unknown, replaced, &at);
        if (at < 0) {
            *VEC_PUSH(arena, &merged->unknown) = *unknown;
        } else {
            replaced[at] = true;
            merged->unknown.items[at] = *unknown;
        }
    }
    merged->skipped = merged->unknown.len;
}

int pact_merge(const struct pact *older, const struct pact *newer, struct arena *arena,
               struct pact **ret, struct merge_conflicts *conflicts, struct err *err)
{
    int rc = check_files(older, newer, err);
    if (rc) {
        return rc;
    }
    struct pact *merged = pact_new(arena, older->consumer, older->provider);
    enum pact_spec spec = older->spec > newer->spec ? older->spec : newer->spec;
    size_t before = conflicts->len;
    merged->source = newer->source;
    merged->metadata = unite(older->metadata, newer->metadata, arena);
    unite_plugins(older->metadata, newer->metadata, merged->metadata, arena);
    merged->extra = unite(older->extra, newer->extra, arena);
    merged->consumer_extra = unite(older->consumer_extra, newer->consumer_extra, arena);
    merged->provider_extra = unite(older->provider_extra, newer->provider_extra, arena);
    merged->links = newer->links ? newer->links : older->links;
    VEC_EACH(&older->interactions, const struct pact_interaction *, interaction) {
        *VEC_PUSH(arena, &merged->interactions) = *interaction;
    }
    merge_all(merged, newer, spec, arena, conflicts);
    merge_unknown(merged, older, newer, arena);
    merged->spec = mixed(merged) ? PACT_V4 : spec;
    if (conflicts->len > before) {
        return err_set(err, ERR_CONFLICT, "'%.*s' and '%.*s' contradict each other",
                       STR_FMT(older->source), STR_FMT(newer->source));
    }
    *ret = merged;
    return 0;
}
