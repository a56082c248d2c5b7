// SPDX-License-Identifier: Apache-2.0
/* Pacticipants and their labels. */
#include "broker/routes.h"

#include <stddef.h>

#include "broker/links.h"
#include "broker/live.h"
#include "broker/store.h"
#include "broker/words.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

static struct json *self_links(struct call *call, struct json *self)
{
    struct json *links = json_new_object(call->arena);
    json_set(call->arena, links, "self", self);
    return links;
}

static struct json *latest_version(struct call *call, const struct version *version,
                                   const char *deprecated)
{
    struct json *item = json_new_object(call->arena);
    const char *href = link_version(call, version->pacticipant, version->number);
    call_set(call, item, "number", version->number);
    if (deprecated) {
        call_set(call, item, "title", deprecated);
        call_set(call, item, "name", deprecated);
    }
    struct json *self = link_make(call, "tnh", "Version", version->number, href);
    json_set(call->arena, item, "_links", self_links(call, self));
    return item;
}

static int embed(struct call *call, const struct pacticipant *row, struct json *body,
                 struct err *err)
{
    struct arena *arena = call->arena;
    struct json *embedded = json_new_object(arena), *list = json_new_array(arena);
    struct version latest = {0};
    struct labels labels = {0};
    int found = store_version_latest(call->store, row->id, NULL, NULL, arena, &latest, err);
    if (found < 0 || store_labels(call->store, row->id, arena, &labels, err) < 0)
        return err_wrap(err, "pacticipant '%s'", row->name);
    if (found)
        json_set(arena, embedded, "latestVersion", latest_version(call, &latest, NULL));
    VEC_EACH(&labels, const struct label *, label) {
        struct json *item = json_new_object(arena);
        call_set(call, item, "name", label->name);
        json_set(arena, item, "_links",
                 self_links(call, link_make(call, "tnh", "Label", label->name,
                                            link_to(call, "/pacticipants/{}/labels/{}", row->name,
                                                    label->name))));
        json_append(arena, list, item);
    }
    json_set(arena, embedded, "labels", list);
    if (found)
        json_set(arena, embedded, "latest-version",
                 latest_version(call, &latest, "DEPRECATED - please use latestVersion"));
    json_set(arena, body, "_embedded", embedded);
    return 0;
}

static int deployed_links(struct call *call, const struct pacticipant *row, struct json *links,
                          struct err *err)
{
    struct environments environments = {0};
    struct json *list = json_new_array(call->arena);
    int code = store_environment_list(call->store, NULL, call->arena, &environments, err);
    VEC_EACH(&environments, const struct environment *, environment) {
        struct placements live = {0};
        struct placement_filter filter = {.environment_id = environment->id,
                                          .pacticipant_id = row->id,
                                          .any_instance = true,
                                          .current = true};
        if (code >= 0)
            code = store_placements(call->store, false, &filter, call->arena, &live, err);
        VEC_EACH(&live, const struct placement *, placement) {
            const char *title =
                arena_printf(call->arena, "Version deployed to %s", environment->display_name);
            struct json *link = link_make(call, "tnh", title, environment->display_name,
                                          link_to(call, "/deployed-versions/{}", placement->uuid));
            json_set(call->arena, link, "currently_deployed", json_new_bool(call->arena, true));
            json_append(call->arena, list, link);
        }
    }
    if (code >= 0)
        json_set(call->arena, links, "pb:deployed-environments", list);
    return code < 0 ? code : 0;
}

static int add_links(struct call *call, const struct pacticipant *row, bool single,
                     struct json *body, struct err *err)
{
    struct arena *arena = call->arena;
    struct json *links = json_new_object(arena);
    const char *self = link_pacticipant(call, row->name);
#define LINK(rel, title, rest, shape)                                                              \
    json_set(arena, links, rel, link_make(call, shape, title, arena_printf(arena, "%s" rest, self)))
    json_set(arena, links, "self", link_make(call, "h", self));
    json_set(arena, links, "pb:versions",
             link_make(call, "h", arena_printf(arena, "%s/versions", self)));
    json_set(arena, links, "pb:branches",
             link_make(call, "h", arena_printf(arena, "%s/branches", self)));
    if (single && deployed_links(call, row, links, err) < 0)
        return err->code;
    LINK("pb:version", "Get, create or delete a pacticipant version", "/versions/{version}", "thT");
    LINK("pb:version-tag",
         arena_printf(arena, "Get, create or delete a tag for a version of %s", row->name),
         "/versions/{version}/tags/{tag}", "thT");
    LINK("pb:branch-version",
         arena_printf(arena, "Get or add/create a version for a branch of %s", row->name),
         "/branches/{branch}/versions/{version}", "thT");
    LINK("pb:label", arena_printf(arena, "Get, create or delete a label for %s", row->name),
         "/labels/{label}", "thT");
    LINK("versions", "Deprecated - use pb:versions", "/versions", "th");
    LINK("pb:can-i-deploy-badge", arena_printf(arena, "Can I Deploy %s badge", row->name),
         "/latest-version/{tag}/can-i-deploy/to/{environmentTag}/badge", "thT");
    LINK("pb:can-i-deploy-branch-to-environment-badge",
         arena_printf(arena, "Can I Deploy %s from branch to environment badge", row->name),
         "/branches/{branch}/latest-version/can-i-deploy/to-environment/{environment}/badge",
         "thT");
    if (single) {
        LINK("tally:methods", "Its repository methods, as an app", "/methods", "th");
        LINK("tally:operations", "Its operations, as a provider", "/operations", "th");
    }
#undef LINK
    link_curies(call, links, "pacticipant");
    json_set(arena, body, "_links", links);
    return 0;
}

const char *pacticipant_display(struct call *call, const struct pacticipant *row)
{
    bool given = str_trim(str_of(row->display_name)).len > 0;
    return given ? row->display_name : words_display(call->arena, row->name);
}

static int build(struct call *call, const struct pacticipant *row, bool single, struct json **ret,
                 struct err *err)
{
    struct json *body = json_new_object(call->arena);
    call_set(call, body, "name", row->name);
    call_set(call, body, "displayName", pacticipant_display(call, row));
    call_set(call, body, "repositoryUrl", row->repository_url);
    call_set(call, body, "repositoryName", row->repository_name);
    call_set(call, body, "repositoryNamespace", row->repository_namespace);
    call_set(call, body, "mainBranch", row->main_branch);
    call_times(call, body, row->created_at, row->updated_at);
    int code = embed(call, row, body, err);
    if (code == 0)
        code = add_links(call, row, single, body, err);
    if (code == 0)
        *ret = body;
    return code;
}

static int answer(struct call *call, int status, const struct pacticipant *row, struct err *err)
{
    struct json *body = NULL;
    int code = build(call, row, true, &body, err);
    return code < 0 ? code : call_json(call, status, body);
}

int pacticipant_get(struct call *call, struct err *err)
{
    struct pacticipant row = {0};
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &row, err);
    return code <= 0 ? code : answer(call, 200, &row, err);
}

/* The same as one of the old list: its title comes before what is embedded and linked. */
static struct json *deprecated_item(struct call *call, const struct json *item)
{
    struct json *copy = json_copy(call->arena, item), *embedded = json_get(copy, "_embedded"),
                *links = json_get(copy, "_links");
    json_remove(copy, "_embedded");
    json_remove(copy, "_links");
    call_set(call, copy, "title", "DEPRECATED - Please use the embedded pacticipants collection");
    json_set(call->arena, copy, "_embedded", embedded);
    json_set(call->arena, copy, "_links", links);
    return copy;
}

int pacticipants_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct page page = {0};
    struct pacticipants rows = {0};
    if (!call_page(call, &page))
        return 0;
    const char *label = call->route->tag ? call_param(call, "label") : NULL;
    int code =
        store_pacticipant_list(call->store, call_query(call, "q"), label, &page, arena, &rows, err);
    if (code < 0)
        return code;
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *links = json_new_object(arena), *list = json_new_array(arena),
                *old = json_new_array(arena), *hrefs = json_new_array(arena);
    VEC_EACH(&rows, const struct pacticipant *, row) {
        struct json *item = NULL;
        code = build(call, row, false, &item, err);
        if (code < 0)
            return code;
        json_append(arena, list, item);
        json_append(arena, old, deprecated_item(call, item));
        json_append(
            arena, hrefs,
            link_make(call, "htn", link_pacticipant(call, row->name), "Pacticipant", row->name));
    }
    json_set(arena, links, "self", link_make(call, "h", call_resource(call)));
    call_page_members(call, &page, body, links);
    json_set(arena, embedded, "pacticipants", list);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, links, "pb:pacticipants-with-label",
             link_make(call, "thT", "Find pacticipants by label",
                       link_to(call, "/pacticipants/label/{label}")));
    json_set(arena, links, "pb:pacticipants", hrefs);
    json_set(arena, links, "pacticipants", hrefs);
    link_curies(call, links, "pacticipants");
    json_set(arena, body, "_links", links);
    json_set(arena, body, "pacticipants", old);
    return call_json(call, 200, body);
}

/* ---- writing ---- */

struct fields {
    const char *key;
    size_t offset;
    unsigned rules;
};
static const struct fields fields[] = {
    {"displayName", offsetof(struct pacticipant, display_name), 0},
    {"repositoryUrl", offsetof(struct pacticipant, repository_url), TEXT_LINE},
    {"repositoryName", offsetof(struct pacticipant, repository_name), TEXT_LINE},
    {"repositoryNamespace", offsetof(struct pacticipant, repository_namespace), TEXT_LINE},
    {"mainBranch", offsetof(struct pacticipant, main_branch),
     TEXT_NO_BLANK | TEXT_LINE | TEXT_NO_SPACES},
};

/* Fields of the body into the row; absent ones stay (merge) or become null (replace). */
static void read_fields(struct call *call, const struct json *body, bool merge,
                        struct pacticipant *row, struct issues *issues)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const char *text = call_text_member(call, body, fields[i].key, fields[i].rules, issues);
        const char **slot = (const char **)((char *)row + fields[i].offset);
        if (json_get(body, fields[i].key) || !merge)
            *slot = text;
    }
}

static int save(struct call *call, struct pacticipant *row, int status, struct err *err)
{
    int code = store_pacticipant_save(call->store, row, call->arena, err);
    if (code == 0)
        code = store_pacticipant_find(call->store, row->name, call->arena, row, err);
    return code < 0 ? code : answer(call, status, row, err);
}

int pacticipants_post(struct call *call, struct err *err)
{
    struct json *body = call_body(call, false);
    struct issues issues = {0};
    struct pacticipant row = {0}, changes = {0};
    if (!body)
        return 0;
    const char *name =
        call_text_member(call, body, "name", TEXT_REQUIRED | TEXT_NO_BLANK | TEXT_LINE, &issues);
    read_fields(call, body, true, &changes, &issues);
    if (issues.len > 0)
        return call_issues(call, &issues);
    call_subject(call, "pacticipant %s", name);
    bool created = false;
    int code = store_pacticipant_need(call->store, name, call->arena, &row, &created, err);
    if (code < 0)
        return code;
    call_location(call, link_pacticipant(call, name));
    if (!created) /* it stays as it is */
        return answer(call, 201, &row, err);
    read_fields(call, body, true, &row, &issues);
    return save(call, &row, 201, err);
}

int pacticipant_put(struct call *call, struct err *err)
{
    bool merge = call->route->tag == 1;
    struct json *body = call_body(call, false);
    struct issues issues = {0};
    struct pacticipant row = {0}, changes = {0};
    if (!body)
        return 0;
    read_fields(call, body, true, &changes, &issues);
    if (issues.len > 0)
        return call_issues(call, &issues);
    const char *name = call_param(call, "pacticipant");
    bool created = false;
    int code = merge ? store_pacticipant_need(call->store, name, call->arena, &row, &created, err)
                     : call_pacticipant(call, "pacticipant", "pacticipant", &row, err);
    if (code < 0 || (!merge && code == 0))
        return code;
    read_fields(call, body, merge, &row, &issues);
    if (created)
        call_location(call, link_pacticipant(call, name));
    return save(call, &row, created ? 201 : 200, err);
}

int pacticipant_delete(struct call *call, struct err *err)
{
    struct pacticipant row = {0};
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &row, err);
    struct live_filter filter = {.pacticipant_id = row.id};
    if (code > 0)
        code = live_allows_delete(call, &filter, row.name, err);
    if (code <= 0)
        return code;
    code = store_pacticipant_delete(call->store, row.id, err);
    return code < 0 ? code : call_empty(call, 204);
}

/* ---- labels ---- */

static int answer_label(struct call *call, int status, const char *pacticipant,
                        const struct label *label)
{
    struct json *body = json_new_object(call->arena), *links;
    call_set(call, body, "name", label->name);
    call_times(call, body, label->created_at, label->updated_at);
    const char *self = link_to(call, "/pacticipants/{}/labels/{}", pacticipant, label->name);
    if (status == 201)
        call_location(call, self);
    links = self_links(call, link_make(call, "tnh", "Label", label->name, self));
    json_set(
        call->arena, links, "pacticipant",
        link_make(call, "tnh", "Pacticipant", pacticipant, link_pacticipant(call, pacticipant)));
    json_set(call->arena, body, "_links", links);
    return call_json(call, status, body);
}

int labels_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct page page = {0};
    struct labels rows = {0};
    if (!call_page(call, &page))
        return 0;
    int code = store_label_names(call->store, &page, arena, &rows, err);
    if (code < 0)
        return code;
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *list = json_new_array(arena), *links = json_new_object(arena);
    VEC_EACH(&rows, const struct label *, row) {
        struct json *item = json_new_object(arena);
        call_set(call, item, "name", row->name);
        json_append(arena, list, item);
    }
    json_set(arena, links, "self", link_make(call, "ht", call_resource(call), "Labels"));
    call_page_members(call, &page, body, links);
    json_set(arena, embedded, "labels", list);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

int label_get(struct call *call, struct err *err)
{
    struct pacticipant row = {0};
    struct label label = {0};
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &row, err);
    if (code <= 0)
        return code;
    code =
        store_label_find(call->store, row.id, call_param(call, "label"), call->arena, &label, err);
    if (code == 0)
        return call_not_found(call);
    return code < 0 ? code : answer_label(call, 200, row.name, &label);
}

int label_put(struct call *call, struct err *err)
{
    struct pacticipant row = {0};
    struct label label = {0};
    bool created = false;
    const char *name = call_param(call, "label");
    if (!call_body(call, true))
        return 0;
    int code = store_pacticipant_need(call->store, call_param(call, "pacticipant"), call->arena,
                                      &row, NULL, err);
    if (code == 0)
        code = store_label_add(call->store, row.id, name, call->arena, &created, err);
    if (code == 0)
        code = store_label_find(call->store, row.id, name, call->arena, &label, err);
    return code < 0 ? code : answer_label(call, created ? 201 : 200, row.name, &label);
}

int label_delete(struct call *call, struct err *err)
{
    struct pacticipant row = {0};
    struct label label = {0};
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &row, err);
    if (code <= 0)
        return code;
    const char *name = call_param(call, "label");
    code = store_label_find(call->store, row.id, name, call->arena, &label, err);
    if (code == 0)
        return call_not_found(call);
    if (code > 0)
        code = store_label_delete(call->store, row.id, name, err);
    return code < 0 ? code : call_empty(call, 204);
}
