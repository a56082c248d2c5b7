// SPDX-License-Identifier: Apache-2.0
/* Versions of pacticipants. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/live.h"
#include "broker/resource_environment.h"
#include "broker/store.h"
#include "broker/tagging.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

enum { TAGS_MAX = 1000 };

struct view {
    struct call *call;
    const struct version *version;
    struct json *links;
    const char *url; /* of the version */
};

static struct json *named(struct call *call, const char *name, const char *title, const char *href)
{
    struct json *item = json_new_object(call->arena), *links = json_new_object(call->arena);
    call_set(call, item, "name", name);
    json_set(call->arena, links, "self", link_make(call, "tnh", title, name, href));
    json_set(call->arena, item, "_links", links);
    return item;
}

static int embed(struct view *view, struct json *body, struct err *err)
{
    struct call *call = view->call;
    struct arena *arena = call->arena;
    struct json *embedded = json_new_object(arena), *branches = json_new_array(arena),
                *list = json_new_array(arena);
    struct branch_versions memberships = {0};
    struct tags tags = {0};
    if (store_branch_versions(call->store, view->version->id, arena, &memberships, err) < 0 ||
        store_tags(call->store, view->version->id, arena, &tags, err) < 0)
        return err_wrap(err, "version '%s'", view->version->number);
    VEC_EACH(&memberships, const struct branch_version *, row) {
        struct json *item =
            named(call, row->branch, "Branch version",
                  link_to(call, "/pacticipants/{}/branches/{}/versions/{}",
                          view->version->pacticipant, row->branch, view->version->number));
        struct json *links = json_get(item, "_links");
        json_remove(item, "_links");
        json_set(arena, item, "latest", json_new_bool(arena, row->latest));
        json_set(arena, item, "_links", links);
        json_append(arena, branches, item);
    }
    VEC_EACH(&tags, const struct tag *, tag)
        json_append(arena, list,
                    named(call, tag->name, "Tag",
                          link_to(call, "/pacticipants/{}/versions/{}/tags/{}",
                                  view->version->pacticipant, view->version->number, tag->name)));
    json_set(arena, embedded, "branchVersions", branches);
    json_set(arena, embedded, "tags", list);
    json_set(arena, body, "_embedded", embedded);
    return 0;
}

static int pact_links(struct view *view, struct err *err)
{
    struct call *call = view->call;
    struct publications pacts = {0};
    struct json *list = json_new_array(call->arena);
    int code = store_pacts_of_version(call->store, view->version->id, call->arena, &pacts, err);
    VEC_EACH(&pacts, const struct publication *, pact)
        json_append(
            call->arena, list,
            link_make(call, "tnh", "Pact", link_pact_name(call, pact), link_pact(call, pact)));
    json_set(call->arena, view->links, "pb:pact-versions", list);
    return code < 0 ? code : 0;
}

static int placement_links(struct view *view, bool released, struct err *err)
{
    struct call *call = view->call;
    struct placements rows = {0};
    struct placement_filter filter = {.version_id = view->version->id, .any_instance = true};
    struct json *list = json_new_array(call->arena);
    int code = store_placements(call->store, released, &filter, call->arena, &rows, err);
    VEC_EACH(&rows, const struct placement *, row) {
        const char *href =
            link_to(call, released ? "/released-versions/{}" : "/deployed-versions/{}", row->uuid);
        const char *title =
            arena_printf(call->arena, "Version %s to %s", released ? "released" : "deployed",
                         row->environment_display);
        struct json *link = link_make(call, "tnh", title, row->environment_display, href);
        json_set(call->arena, link, released ? "currently_supported" : "currently_deployed",
                 json_new_bool(call->arena, row->current));
        call_set(call, link, "application_instance", row->instance);
        json_append(call->arena, list, link);
    }
    json_set(call->arena, view->links,
             released ? "pb:released-environments" : "pb:deployed-environments", list);
    return code < 0 ? code : 0;
}

static int record_links(struct view *view, struct err *err)
{
    struct call *call = view->call;
    struct arena *arena = call->arena;
    struct environments rows = {0};
    struct json *deploy = json_new_array(arena), *release = json_new_array(arena);
    int code = store_environment_list(call->store, NULL, arena, &rows, err);
    VEC_EACH(&rows, const struct environment *, row) {
        json_append(arena, deploy,
                    link_make(call, "tnh",
                              arena_printf(arena, "Record deployment to %s", row->display_name),
                              row->name,
                              arena_printf(arena, "%s/deployed-versions/environment/%s", view->url,
                                           row->uuid)));
        json_append(arena, release,
                    link_make(call, "tnh",
                              arena_printf(arena, "Record release to %s", row->display_name),
                              row->name,
                              arena_printf(arena, "%s/released-versions/environment/%s", view->url,
                                           row->uuid)));
    }
    json_set(arena, view->links, "pb:record-deployment", deploy);
    json_set(arena, view->links, "pb:record-release", release);
    return code < 0 ? code : 0;
}

/* single: with what only the resource of one version shows. self: its own link. */
static int build(struct call *call, const struct version *row, const char *self, bool single,
                 struct json **ret, struct err *err)
{
    struct arena *arena = call->arena;
    struct view view = {call, row, json_new_object(arena),
                        link_version(call, row->pacticipant, row->number)};
    struct json *body = json_new_object(arena);
    call_set(call, body, "number", row->number);
    call_set(call, body, "buildUrl", row->build_url);
    call_times(call, body, row->created_at, row->updated_at);
    json_set(arena, view.links, "self",
             link_make(call, "tnh", "Version", row->number, self ? self : view.url));
    json_set(arena, view.links, "pb:pacticipant",
             link_make(call, "tnh", "Pacticipant", row->pacticipant,
                       link_pacticipant(call, row->pacticipant)));
    json_set(arena, view.links, "pb:tag",
             link_make(call, "thT", "Get, create or delete a tag for this pacticipant version",
                       arena_printf(arena, "%s/tags/{tag}", view.url)));
    json_set(arena, view.links, "pb:latest-verification-results-where-pacticipant-is-consumer",
             link_make(call, "th", "Latest verification results for consumer version",
                       link_to(call, "/verification-results/consumer/{}/version/{}/latest",
                               row->pacticipant, row->number)));
    int code = embed(&view, body, err);
    if (code == 0)
        code = pact_links(&view, err);
    if (code == 0 && single) {
        code = placement_links(&view, false, err);
        if (code == 0)
            code = placement_links(&view, true, err);
        if (code == 0)
            code = record_links(&view, err);
        json_set(arena, view.links, "tally:evidence",
                 link_make(call, "th", "Evidence about this version",
                           arena_printf(arena, "%s/evidence", view.url)));
        json_set(arena, view.links, "tally:methods",
                 link_make(call, "th", "Repository methods of this version",
                           link_to(call, "/pacticipants/{}/methods?version={}", row->pacticipant,
                                   row->number)));
        json_set(arena, view.links, "tally:inventory",
                 link_make(call, "th", "Inventory of its methods",
                           arena_printf(arena, "%s/inventory", view.url)));
        json_set(arena, view.links, "tally:manifest",
                 link_make(call, "th", "Manifest of its operations",
                           arena_printf(arena, "%s/manifest", view.url)));
    }
    if (code < 0)
        return code;
    link_curies(call, view.links, "version");
    json_set(arena, body, "_links", view.links);
    *ret = body;
    return 0;
}

static int answer(struct call *call, int status, const struct version *row, const char *self,
                  struct err *err)
{
    struct json *body = NULL;
    int code = build(call, row, self, true, &body, err);
    return code < 0 ? code : call_json(call, status, body);
}

int version_get(struct call *call, struct err *err)
{
    struct pacticipant pacticipant = {0};
    struct version row = {0};
    int code = call_version(call, &pacticipant, &row, err);
    return code <= 0 ? code : answer(call, 200, &row, NULL, err);
}

int version_latest_get(struct call *call, struct err *err)
{
    struct pacticipant pacticipant = {0};
    struct version row = {0};
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &pacticipant, err);
    if (code <= 0)
        return code;
    code = store_version_latest(
        call->store, pacticipant.id, call->route->tag == 1 ? call_param(call, "branch") : NULL,
        call->route->tag == 2 ? call_param(call, "tag") : NULL, call->arena, &row, err);
    if (code == 0)
        return call_not_found(call);
    return code < 0 ? code : answer(call, 200, &row, call_self(call), err);
}

/* 1 listed, 0 answered with 404, or a negative err_code. */
static int list(struct call *call, const struct pacticipant *pacticipant, struct page *page,
                struct versions *rows, struct err *err)
{
    const char *branch = call->route->tag == 1 ? call_param(call, "branch") : NULL;
    const char *tag = call->route->tag == 2 ? call_param(call, "tag") : NULL;
    int code;
    if (call->route->tag == 3) {
        struct environment environment = {0};
        code = environment_find(call, &environment, err);
        if (code <= 0)
            return code;
        code = store_version_placed(call->store, pacticipant->id, environment.id, page, call->arena,
                                    rows, err);
    } else {
        code = store_version_list(call->store, pacticipant->id, branch, tag, page, call->arena,
                                  rows, err);
    }
    if (code < 0)
        return code;
    if (tag && page->total == 0)
        return call_not_found(call);
    struct branch found = {0};
    if (branch && page->total == 0) /* it may be there and have none */
        code = store_branch_find(call->store, pacticipant->id, branch, call->arena, &found, err);
    if (branch && page->total == 0 && code == 0)
        return call_not_found(call);
    return code < 0 ? code : 1;
}

int versions_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct page page = {0};
    struct pacticipant pacticipant = {0};
    struct versions rows = {0};
    if (!call_page(call, &page))
        return 0;
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &pacticipant, err);
    if (code > 0)
        code = list(call, &pacticipant, &page, &rows, err);
    if (code <= 0)
        return code;
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *links = json_new_object(arena), *items = json_new_array(arena),
                *hrefs = json_new_array(arena);
    VEC_EACH(&rows, const struct version *, row) {
        struct json *item = NULL;
        code = build(call, row, NULL, false, &item, err);
        if (code < 0)
            return code;
        json_append(arena, items, item);
        json_append(arena, hrefs,
                    link_make(call, "ht", link_version(call, row->pacticipant, row->number),
                              link_dated_version(call, row->number, row->updated_at)));
    }
    json_set(arena, links, "self", link_make(call, "h", call_self(call)));
    call_page_members(call, &page, body, links);
    json_set(arena, embedded, "versions", items);
    json_set(arena, body, "_embedded", embedded);
    const char *owner = link_pacticipant(call, pacticipant.name);
    json_set(arena, links, "pb:pacticipant",
             link_make(call, "tnh", "Pacticipant", pacticipant.name, owner));
    json_set(arena, links, "pb:versions", hrefs);
    json_set(arena, links, "pacticipant", link_make(call, "ht", owner, pacticipant.name));
    json_set(arena, links, "versions", hrefs);
    link_curies(call, links, "versions");
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

/* ---- writing ---- */

/* 1 = set, 0 = answered. */
static int set_tags(struct call *call, const struct version *row, const struct json *tags,
                    struct err *err)
{
    struct tags old = {0};
    int code = store_tags(call->store, row->id, call->arena, &old, err);
    VEC_EACH(&old, const struct tag *, tag) {
        bool kept = false;
        for (size_t i = 0; i < json_len(tags); i++)
            kept |= str_is(json_get_text(json_at(tags, i), "name"), tag->name);
        if (code >= 0 && !kept)
            code = store_tag_delete(call->store, row->id, tag->name, err);
    }
    for (size_t i = 0; i < json_len(tags) && code >= 0; i++) {
        struct str name = json_get_text(json_at(tags, i), "name");
        code = tagging_add(call, row, str_cstr(call->arena, name), NULL, err);
        if (code == 0)
            return 0;
    }
    return code < 0 ? code : 1;
}

static void check_tags(struct call *call, const struct json *tags, struct issues *issues)
{
    if (tags && json_type(tags) != JSON_NULL && !json_is(tags, JSON_ARRAY))
        issues_add(call, issues, "tags", "must be an array");
    if (json_len(tags) > TAGS_MAX) {
        issues_add(call, issues, "tags", "size cannot be greater than %d", TAGS_MAX);
        return;
    }
    for (size_t i = 0; json_is(tags, JSON_ARRAY) && i < json_len(tags); i++) {
        struct str name = json_get_text(json_at(tags, i), "name");
        if (str_trim(name).len == 0)
            issues_add(call, issues, "tags", "name is missing (at index %zu)", i);
        else if (str_chr(name, '\0') >= 0)
            issues_add(call, issues, "tags", "name is in invalid format (at index %zu)", i);
    }
}

int version_put(struct call *call, struct err *err)
{
    bool merge = call->route->tag == 1, created = false;
    struct json *body = call_body(call, true);
    struct issues issues = {0};
    struct pacticipant pacticipant = {0};
    struct version row = {0};
    if (!body)
        return 0;
    const char *url = call_text_member(call, body, "buildUrl", TEXT_LINE, &issues);
    const struct json *tags = json_get(body, "tags");
    check_tags(call, tags, &issues);
    if (issues.len > 0)
        return call_issues(call, &issues);
    int code = store_pacticipant_need(call->store, call_param(call, "pacticipant"), call->arena,
                                      &pacticipant, NULL, err);
    if (code == 0)
        code = store_version_need(call->store, &pacticipant, call_param(call, "version"),
                                  call->arena, &row, &created, err);
    if (code == 0 && !merge)
        code = store_version_replace(call->store, row.id, url, call->arena, err);
    else if (code == 0 && json_get(body, "buildUrl"))
        code = store_version_set_build_url(call->store, row.id, url, call->arena, err);
    if (code >= 0 && json_is(tags, JSON_ARRAY)) {
        code = set_tags(call, &row, tags, err);
        if (code == 0)
            return 0;
    }
    if (code >= 0)
        code = store_version_by_id(call->store, row.id, call->arena, &row, err);
    return code < 0 ? code : answer(call, created ? 201 : 200, &row, NULL, err);
}

int version_delete(struct call *call, struct err *err)
{
    struct pacticipant pacticipant = {0};
    struct version row = {0};
    int code = call_version(call, &pacticipant, &row, err);
    if (code <= 0)
        return code;
    struct live_filter filter = {.version_id = row.id};
    code = live_allows_delete(
        call, &filter, arena_printf(call->arena, "version %s of %s", row.number, pacticipant.name),
        err);
    if (code <= 0)
        return code;
    code = store_version_delete(call->store, row.id, err);
    return code < 0 ? code : call_empty(call, 204);
}
