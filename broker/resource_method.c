// SPDX-License-Identifier: Apache-2.0
/* The repository methods of an app, and one of them. Beyond the original's API. */
#include "broker/routes.h"

#include <stdlib.h>

#include "broker/call.h"
#include "broker/links.h"
#include "broker/method_findings.h"
#include "broker/method_view.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/json/json.h"

/* What every answer here looks at. */
struct scene {
    struct call *call;
    struct pacticipant app;
    struct version version; /* the one that is judged */
    bool chosen;            /* the question names it */
    struct uses uses;       /* of the versions that count now, or of the chosen one; by name */
    struct placements live;
    struct inventory inventory;
};

/* The version whose contracts are judged: asked for, the main branch's head, or the latest. */
static int judged_version(struct scene *scene, struct err *err)
{
    struct call *call = scene->call;
    const char *number = call_query(call, "version");
    int64_t latest = 0;
    if (number) {
        int code = store_version_find(call->store, scene->app.id, number, call->arena,
                                      &scene->version, err);
        scene->chosen = true;
        if (code == 0)
            call_error(call, 404, "No version %s of %s found", number, scene->app.name);
        return code;
    }
    VEC_EACH(&scene->uses, const struct use *, use)
        latest = use->version_id > latest ? use->version_id : latest;
    if (latest == 0)
        return 1;
    int code = 0;
    if (scene->app.main_branch)
        code = store_version_latest(call->store, scene->app.id, scene->app.main_branch, NULL,
                                    call->arena, &scene->version, err);
    if (code == 0)
        code = store_version_by_id(call->store, latest, call->arena, &scene->version, err);
    return code < 0 ? code : 1;
}

static int read_inventory(struct scene *scene, struct err *err)
{
    struct call *call = scene->call;
    struct document row = {0};
    int code = scene->chosen ? store_document_find(call->store, scene->version.id,
                                                   DOCUMENT_INVENTORY, 0, call->arena, &row, err)
                             : store_document_latest(call->store, scene->app.id, DOCUMENT_INVENTORY,
                                                     call->arena, &row, err);
    return code > 0 ? method_inventory(call, &row, &scene->inventory, err) : code;
}

/* 1, 0 = answered, or negative. `name` NULL = all methods. */
static int set_scene(struct scene *scene, const char *name, struct err *err)
{
    struct call *call = scene->call;
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &scene->app, err);
    if (code <= 0)
        return code;
    if (name || !call_query(call, "version"))
        code = store_uses_current(call->store, scene->app.id, name, call->arena, &scene->uses, err);
    if (code >= 0 && !name) {
        code = judged_version(scene, err);
        if (code <= 0)
            return code;
    }
    if (code >= 0 && scene->chosen)
        code =
            store_uses_of_version(call->store, scene->version.id, call->arena, &scene->uses, err);
    if (code >= 0)
        code = store_live(call->store, scene->app.id, call->arena, &scene->live, err);
    if (code >= 0)
        code = read_inventory(scene, err);
    return code < 0 ? code : 1;
}

static struct json *inventory_link(const struct scene *scene)
{
    return link_make(scene->call, "nh", scene->inventory.number,
                     link_to(scene->call, "/pacticipants/{}/versions/{}/inventory", scene->app.name,
                             scene->inventory.number));
}

/* ---- the list ---- */

static bool is_live(const struct scene *scene, int64_t version_id, struct call *call,
                    struct json *environments)
{
    bool live = false;
    VEC_EACH(&scene->live, const struct placement *, row) {
        if (row->version_id == version_id) {
            method_add_text(call, environments, str_of(row->environment));
            live = true;
        }
    }
    return live;
}

static struct json *method_item(struct scene *scene, const char *name, size_t first, size_t n)
{
    struct call *call = scene->call;
    struct arena *arena = call->arena;
    struct json *item = json_new_object(arena), *links = json_new_object(arena),
                *operations = json_new_array(arena), *environments = json_new_array(arena);
    const struct use *uses = n > 0 ? &scene->uses.items[first] : NULL;
    struct map *seen = map_new(arena);
    bool mapped = false, inferred = n > 0;
    int64_t before = 0, releases = 0;
    for (size_t i = 0; i < n; i++) {
        mapped |= uses[i].row.method.ptr != NULL;
        inferred &= uses[i].row.inferred;
        method_add_operation(call, operations, &uses[i], seen);
        if (uses[i].version_id != before && is_live(scene, uses[i].version_id, call, environments))
            releases++;
        before = uses[i].version_id;
    }
    call_set(call, item, "name", name);
    if (n > 0) {
        json_set(arena, item, "mapped", json_new_bool(arena, mapped));
        json_set(arena, item, "inferred", json_new_bool(arena, inferred));
    }
    json_set(arena, item, "inUse", json_new_bool(arena, n > 0));
    json_set(arena, item, "operations", operations);
    json_set(arena, item, "releases", json_new_int(arena, releases));
    json_set(arena, item, "environments", environments);
    inventory_show(call, &scene->inventory, name, item);
    json_set(arena, links, "self", link_make(call, "h", method_url(call, scene->app.name, name)));
    json_set(arena, item, "_links", links);
    return item;
}

/* Names of what is used now and of what ever was, in order; or of the chosen version's alone. */
static int all_names(struct scene *scene, struct names *ret, struct err *err)
{
    struct call *call = scene->call;
    if (!scene->chosen)
        return store_method_names(call->store, scene->app.id, call->arena, ret, err);
    const struct use *before = NULL;
    VEC_EACH(&scene->uses, const struct use *, use) {
        if (!before || !str_eq(before->row.name, use->row.name))
            *VEC_PUSH(call->arena, ret) = str_cstr(call->arena, use->row.name);
        before = use;
    }
    return 0;
}

static void list_methods(struct scene *scene, const struct names *names, const struct page *page,
                         struct json *list)
{
    size_t from = (size_t)((page->number - 1) * page->size), at = 0;
    for (size_t i = from; i < names->len && i < from + (size_t)page->size; i++) {
        struct str name = str_of(names->items[i]);
        size_t n = 0;
        while (at < scene->uses.len && str_cmp(scene->uses.items[at].row.name, name) < 0)
            at++;
        while (at + n < scene->uses.len && str_eq(scene->uses.items[at + n].row.name, name))
            n++;
        json_append(scene->call->arena, list, method_item(scene, names->items[i], at, n));
    }
}

/* The uses of the version that is judged, of those at hand; or from the store. */
static int findings(struct scene *scene, struct json *body, struct err *err)
{
    struct call *call = scene->call;
    struct uses uses = {0};
    if (!scene->version.number)
        return 0;
    int code = store_uses_of_version(call->store, scene->version.id, call->arena, &uses, err);
    return code < 0 ? code : method_findings(call, &scene->version, &uses, body, err);
}

int methods_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct scene scene = {.call = call};
    struct page page = {0};
    struct names names = {0};
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *links = json_new_object(arena), *list = json_new_array(arena);
    if (!method_page(call, &page))
        return 0;
    int code = set_scene(&scene, NULL, err);
    if (code <= 0)
        return code;
    code = all_names(&scene, &names, err);
    if (code >= 0)
        code = findings(&scene, body, err);
    if (code < 0)
        return code;
    page.total = (int64_t)names.len;
    list_methods(&scene, &names, &page, list);
    json_set(arena, links, "self", link_make(call, "h", call_self(call)));
    call_page_members(call, &page, body, links);
    json_set(arena, embedded, "methods", list);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, links, "pb:pacticipant",
             link_make(call, "nh", scene.app.name, link_pacticipant(call, scene.app.name)));
    if (scene.inventory.methods)
        json_set(arena, links, "tally:inventory", inventory_link(&scene));
    method_curies(call, links);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

/* ---- one method ---- */

/* What a method is, from its uses: in the versions that count, else whatever there was. */
static int describe(struct scene *scene, const char *name, struct json *body, struct err *err)
{
    struct call *call = scene->call;
    struct arena *arena = call->arena;
    struct json *operations = json_new_array(arena), *interactions = json_new_array(arena);
    struct map *seen = map_new(arena), *seen_operations = map_new(arena);
    struct uses ever = {0};
    const struct uses *uses = scene->uses.len > 0 ? &scene->uses : &ever;
    bool mapped = false, inferred = true;
    int code = 0;
    if (scene->uses.len == 0)
        code = store_interactions_named(call->store, scene->app.id, name, arena, &ever, err);
    if (code < 0)
        return code;
    VEC_EACH(uses, const struct use *, use) {
        struct json *item = method_interaction(call, use);
        struct str key = json_to_str(arena, item, JSON_COMPACT);
        mapped |= use->row.method.ptr != NULL;
        inferred &= use->row.inferred;
        method_add_operation(call, operations, use, seen_operations);
        if (!map_has(seen, key))
            json_append(arena, interactions, item);
        map_put(seen, key, item);
    }
    json_set(arena, body, "mapped", json_new_bool(arena, mapped));
    json_set(arena, body, "inferred", json_new_bool(arena, inferred));
    json_set(arena, body, "inUse", json_new_bool(arena, scene->uses.len > 0));
    inventory_show(call, &scene->inventory, name, body);
    json_set(arena, body, "operations", operations);
    json_set(arena, body, "interactions", interactions);
    return uses->len > 0;
}

/* The contracts of the latest version that uses the method: one verdict per provider. */
static int latest_verdicts(struct scene *scene, const char *name, const struct version *latest,
                           struct json *body, struct err *err)
{
    struct call *call = scene->call;
    struct json *list = json_new_array(call->arena);
    struct uses uses = {0};
    struct map *seen = map_new(call->arena);
    int code = store_uses_of_version(call->store, latest->id, call->arena, &uses, err);
    VEC_EACH(&uses, const struct use *, use) {
        struct json *item = NULL;
        if (code < 0 || !str_is(use->row.name, name) || map_has(seen, str_of(use->provider)))
            continue;
        map_put(seen, str_of(use->provider), list);
        code = method_verdict(call, use, &item, err);
        if (code >= 0)
            json_append(call->arena, list, item);
    }
    call_set(call, body, "latestVersion", latest->number);
    json_set(call->arena, body, "verifications", list);
    return code < 0 ? code : 0;
}

static int version_items(struct call *call, const struct versions *rows, struct json *list,
                         struct err *err)
{
    struct arena *arena = call->arena;
    VEC_EACH(rows, const struct version *, row) {
        struct json *item = json_new_object(arena), *links = json_new_object(arena),
                    *heads = json_new_array(arena);
        struct names names = {0};
        if (store_heads_of(call->store, row->id, arena, &names, err) < 0)
            return err->code;
        VEC_EACH(&names, const char **, name)
            json_append(arena, heads, json_new_text(arena, *name));
        call_set(call, item, "number", row->number);
        json_set(arena, item, "headOfBranches", heads);
        call_set(call, item, "createdAt", call_time(call, row->created_at));
        json_set(
            arena, links, "self",
            link_make(call, "nh", row->number, link_version(call, row->pacticipant, row->number)));
        json_set(arena, item, "_links", links);
        json_append(arena, list, item);
    }
    return 0;
}

static void page_links(struct call *call, const char *url, const struct page *page, bool more,
                       struct json *body, struct json *links)
{
    struct arena *arena = call->arena;
    struct json *member = json_new_object(arena);
    json_set(arena, member, "number", json_new_int(arena, page->number));
    json_set(arena, member, "size", json_new_int(arena, page->size));
    json_set(arena, body, "page", member);
    if (more)
        json_set(arena, links, "next",
                 link_make(call, "h",
                           arena_printf(arena, "%s?size=%lld&page=%lld", url, (long long)page->size,
                                        (long long)page->number + 1)));
    if (page->number > 1)
        json_set(arena, links, "previous",
                 link_make(call, "h",
                           arena_printf(arena, "%s?size=%lld&page=%lld", url, (long long)page->size,
                                        (long long)page->number - 1)));
}

/* Verdicts, releases and the page of versions. */
static int history(struct scene *scene, const char *name, const struct page *page,
                   struct json *body, struct json *links, struct err *err)
{
    struct call *call = scene->call;
    struct arena *arena = call->arena;
    struct page first = {.number = 1, .size = 1};
    struct versions latest = {0}, rows = {0};
    struct json *releases = json_new_array(arena), *list = json_new_array(arena),
                *embedded = json_new_object(arena);
    bool more = false;
    int code =
        store_versions_using(call->store, scene->app.id, name, &first, arena, &latest, &more, err);
    if (code >= 0 && latest.len > 0)
        code = latest_verdicts(scene, name, &latest.items[0], body, err);
    if (code >= 0)
        code = method_releases(call, &scene->uses, &scene->live, releases, err);
    if (code >= 0)
        code =
            store_versions_using(call->store, scene->app.id, name, page, arena, &rows, &more, err);
    if (code >= 0)
        code = version_items(call, &rows, list, err);
    int older = code < 0 ? code : store_uses_older(call->store, scene->app.id, err);
    if (older < 0)
        return older;
    json_set(arena, body, "releases", releases);
    if (older)
        json_set(arena, body, "publicationsLookedAt", json_new_int(arena, USES_LOOK_BACK));
    page_links(call, method_url(call, scene->app.name, name), page, more, body, links);
    json_set(arena, embedded, "versions", list);
    json_set(arena, body, "_embedded", embedded);
    return 0;
}

int method_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct scene scene = {.call = call};
    struct page page = {0};
    struct json *body = json_new_object(arena), *links = json_new_object(arena);
    const char *name = call_param(call, "method");
    if (!method_page(call, &page))
        return 0;
    int code = set_scene(&scene, name, err);
    if (code <= 0)
        return code;
    call_set(call, body, "name", name);
    code = describe(&scene, name, body, err);
    if (code == 0)
        return call_error(call, 404, "No contract of %s has a method or interaction '%s'",
                          scene.app.name, name);
    json_set(arena, links, "self", link_make(call, "nh", name, call_self(call)));
    if (code > 0)
        code = history(&scene, name, &page, body, links, err);
    if (code < 0)
        return code;
    json_set(arena, links, "tally:methods",
             link_make(call, "h", link_to(call, "/pacticipants/{}/methods", scene.app.name)));
    json_set(arena, links, "pb:pacticipant",
             link_make(call, "nh", scene.app.name, link_pacticipant(call, scene.app.name)));
    if (scene.inventory.methods)
        json_set(arena, links, "tally:inventory", inventory_link(&scene));
    method_curies(call, links);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}
