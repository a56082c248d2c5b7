// SPDX-License-Identifier: Apache-2.0
/* Branches, versions on branches, tags. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/store.h"
#include "broker/tagging.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

enum { BRANCHES_PAGE = 100 };

static struct json *branch_body(struct call *call, const char *pacticipant,
                                const struct branch *row)
{
    struct json *body = json_new_object(call->arena), *links = json_new_object(call->arena);
    const char *self = link_to(call, "/pacticipants/{}/branches/{}", pacticipant, row->name);
    call_set(call, body, "name", row->name);
    call_set(call, body, "updatedAt", call_time(call, row->updated_at));
    call_set(call, body, "createdAt", call_time(call, row->created_at));
    json_set(call->arena, links, "self", link_make(call, "th", "Branch", self));
    json_set(call->arena, links, "pb:latest-version",
             link_make(call, "th", "Latest version for branch",
                       arena_printf(call->arena, "%s/latest-version", self)));
    json_set(call->arena, body, "_links", links);
    return body;
}

static int find_branch(struct call *call, struct pacticipant *pacticipant, struct branch *ret,
                       struct err *err)
{
    int code = call_pacticipant(call, "pacticipant", "pacticipant", pacticipant, err);
    if (code <= 0)
        return code;
    code = store_branch_find(call->store, pacticipant->id, call_param(call, "branch"), call->arena,
                             ret, err);
    if (code == 0)
        call_not_found(call);
    return code;
}

int branch_get(struct call *call, struct err *err)
{
    struct pacticipant pacticipant = {0};
    struct branch row = {0};
    int code = find_branch(call, &pacticipant, &row, err);
    return code <= 0 ? code : call_json(call, 200, branch_body(call, pacticipant.name, &row));
}

int branch_delete(struct call *call, struct err *err)
{
    struct pacticipant pacticipant = {0};
    struct branch row = {0};
    int code = find_branch(call, &pacticipant, &row, err);
    if (code <= 0)
        return code;
    code = store_branch_delete(call->store, row.id, err);
    return code < 0 ? code : call_empty(call, 204);
}

int branches_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct page page = {0};
    struct pacticipant pacticipant = {0};
    struct branches rows = {0};
    if (!call_page(call, &page))
        return 0;
    page.size = page.size ? page.size : BRANCHES_PAGE;
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &pacticipant, err);
    if (code <= 0)
        return code;
    code = store_branch_list(call->store, pacticipant.id, call_query(call, "q"), &page, arena,
                             &rows, err);
    if (code < 0)
        return code;
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *links = json_new_object(arena), *list = json_new_array(arena),
                *hrefs = json_new_array(arena);
    VEC_EACH(&rows, const struct branch *, row) {
        json_append(arena, list, branch_body(call, pacticipant.name, row));
        json_append(
            arena, hrefs,
            link_make(call, "nh", row->name,
                      link_to(call, "/pacticipants/{}/branches/{}", pacticipant.name, row->name)));
    }
    json_set(arena, links, "self", link_make(call, "h", call_self(call)));
    call_page_members(call, &page, body, links);
    json_set(arena, embedded, "branches", list);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, links, "pb:branches", hrefs);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

static bool kept(const struct call *call, const struct pacticipant *pacticipant, const char *branch)
{
    if (pacticipant->main_branch && strcmp(pacticipant->main_branch, branch) == 0)
        return true;
    VEC_EACH(&call->query, const struct url_param *, param) {
        if (str_is(param->name, "exclude[]") && str_is(param->value, branch))
            return true;
    }
    return false;
}

/* All but the main branch and those excluded; within this transaction, so that what is answered has
 * happened. */
int branches_delete(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct pacticipant pacticipant = {0};
    struct branches rows = {0};
    struct page page = {0};
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &pacticipant, err);
    if (code <= 0)
        return code;
    code = store_branch_list(call->store, pacticipant.id, NULL, &page, arena, &rows, err);
    size_t deleted = 0;
    const char *remaining = "";
    VEC_EACH(&rows, const struct branch *, row) {
        if (code < 0)
            return code;
        if (kept(call, &pacticipant, row->name)) {
            remaining = arena_printf(arena, "%s%s%s", remaining, *remaining ? ", " : "", row->name);
            continue;
        }
        code = store_branch_delete(call->store, row->id, err);
        deleted++;
    }
    if (code < 0)
        return code;
    struct json *body = json_new_object(arena), *notices = json_new_array(arena),
                *notice = json_new_object(arena);
    call_set(call, notice, "type", "success");
    call_set(call, notice, "text",
             arena_printf(arena,
                          "Scheduled deletion of %zu branches for pacticipant %s. Remaining "
                          "branches are: %s",
                          deleted, pacticipant.name, remaining));
    json_append(arena, notices, notice);
    json_set(arena, body, "notices", notices);
    return call_json(call, 202, body);
}

/* ---- versions on a branch ---- */

static int answer_member(struct call *call, int status, const struct version *version,
                         const struct branch_version *row)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *links = json_new_object(arena);
    const char *branch =
        link_to(call, "/pacticipants/{}/branches/{}", version->pacticipant, row->branch);
    const char *self = link_to(call, "/pacticipants/{}/branches/{}/versions/{}",
                               version->pacticipant, row->branch, version->number);
    call_times(call, body, row->created_at, row->updated_at);
    json_set(arena, links, "self", link_make(call, "th", "Branch version", self));
    json_set(arena, links, "pb:branch", link_make(call, "tnh", "Branch", row->branch, branch));
    json_set(arena, links, "pb:version",
             link_make(call, "tnh", "Pacticipant version", version->number,
                       link_version(call, version->pacticipant, version->number)));
    json_set(arena, body, "_links", links);
    return call_json(call, status, body);
}

static int find_member(struct call *call, struct version *version, struct branch_version *ret,
                       struct err *err)
{
    struct pacticipant pacticipant = {0};
    int code = call_version(call, &pacticipant, version, err);
    if (code <= 0)
        return code;
    code = store_branch_version_find(call->store, version->id, call_param(call, "branch"),
                                     call->arena, ret, err);
    if (code == 0)
        call_not_found(call);
    return code;
}

int branch_version_get(struct call *call, struct err *err)
{
    struct version version = {0};
    struct branch_version row = {0};
    int code = find_member(call, &version, &row, err);
    return code <= 0 ? code : answer_member(call, 200, &version, &row);
}

/* The version that the path names, made if needed. */
static int need_version(struct call *call, struct version *ret, struct err *err)
{
    struct pacticipant pacticipant = {0};
    int code = store_pacticipant_need(call->store, call_param(call, "pacticipant"), call->arena,
                                      &pacticipant, NULL, err);
    if (code == 0)
        code = store_version_need(call->store, &pacticipant, call_param(call, "version"),
                                  call->arena, ret, NULL, err);
    return code;
}

int branch_version_put(struct call *call, struct err *err)
{
    struct version version = {0};
    struct branch_version row = {0};
    bool created = false;
    const char *branch = call_param(call, "branch");
    if (!call_body(call, true))
        return 0;
    int code = need_version(call, &version, err);
    if (code == 0)
        code = store_branch_add(call->store, &version, branch, call->arena, &created, err);
    if (code == 0)
        code = store_branch_version_find(call->store, version.id, branch, call->arena, &row, err);
    return code < 0 ? code : answer_member(call, created ? 201 : 200, &version, &row);
}

int branch_version_delete(struct call *call, struct err *err)
{
    struct version version = {0};
    struct branch_version row = {0};
    int code = find_member(call, &version, &row, err);
    if (code <= 0)
        return code;
    code = store_branch_version_delete(call->store, version.id, row.branch, err);
    return code < 0 ? code : call_empty(call, 204);
}

/* ---- tags ---- */

static int answer_tag(struct call *call, int status, const struct version *version,
                      const struct tag *row)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *links = json_new_object(arena);
    const char *self = link_to(call, "/pacticipants/{}/versions/{}/tags/{}", version->pacticipant,
                               version->number, row->name);
    if (status == 201)
        call_location(call, self);
    call_set(call, body, "name", row->name);
    call_times(call, body, row->created_at, row->updated_at);
    json_set(arena, links, "self", link_make(call, "tnh", "Tag", row->name, self));
    json_set(arena, links, "version",
             link_make(call, "tnh", "Pacticipant version", version->number,
                       link_version(call, version->pacticipant, version->number)));
    json_set(arena, links, "pacticipant",
             link_make(call, "tnh", "Pacticipant", version->pacticipant,
                       link_pacticipant(call, version->pacticipant)));
    json_set(arena, body, "_links", links);
    return call_json(call, status, body);
}

static int find_tag(struct call *call, struct version *version, struct tag *ret, struct err *err)
{
    struct pacticipant pacticipant = {0};
    int code = call_version(call, &pacticipant, version, err);
    if (code <= 0)
        return code;
    code = store_tag_find(call->store, version->id, call_param(call, "tag"), call->arena, ret, err);
    if (code == 0)
        call_not_found(call);
    return code;
}

int tag_get(struct call *call, struct err *err)
{
    struct version version = {0};
    struct tag row = {0};
    int code = find_tag(call, &version, &row, err);
    return code <= 0 ? code : answer_tag(call, 200, &version, &row);
}

int tag_put(struct call *call, struct err *err)
{
    struct version version = {0};
    struct tag row = {0};
    bool created = false;
    const char *name = call_param(call, "tag");
    if (!call_body(call, true))
        return 0;
    int code = need_version(call, &version, err);
    if (code == 0)
        code = tagging_add(call, &version, name, &created, err);
    if (code == 0)
        return 0;
    if (code > 0)
        code = store_tag_find(call->store, version.id, name, call->arena, &row, err);
    return code < 0 ? code : answer_tag(call, created ? 201 : 200, &version, &row);
}

int tag_delete(struct call *call, struct err *err)
{
    struct version version = {0};
    struct tag row = {0};
    int code = find_tag(call, &version, &row, err);
    if (code <= 0)
        return code;
    code = store_tag_delete(call->store, version.id, row.name, err);
    return code < 0 ? code : call_empty(call, 204);
}
