// SPDX-License-Identifier: Apache-2.0
/*
 * Inventory and operation manifest beside a version: kept as sent, each change as a further
 * revision, so that nothing is altered under anybody's feet. Beyond the original's API.
 */
#include "broker/routes.h"

#include "broker/call.h"
#include "broker/links.h"
#include "broker/method_view.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/inventory.h"
#include "lib/contract/manifest.h"
#include "lib/contract/operation.h"
#include "lib/json/json.h"

enum { TAG_INVENTORY = 0, TAG_MANIFEST = 1 };

static const char *kind_of(const struct call *call)
{
    return call->route->tag == TAG_MANIFEST ? DOCUMENT_MANIFEST : DOCUMENT_INVENTORY;
}

static void check_inventory(struct call *call, const struct json *body, struct issues *issues)
{
    struct inventory_problems problems = {0};
    inventory_check(body, call->arena, &problems);
    VEC_EACH(&problems, const struct inventory_problem *, problem) {
        if (problem->in_list)
            issues_add(call, issues, "methods", "%s (at index %zu)", problem->text, problem->index);
        else
            issues_add(call, issues, "methods", "%s", problem->text);
    }
}

static void check_manifest(struct call *call, struct manifest_operations *ret,
                           struct issues *issues)
{
    struct arena *arena = call->arena;
    struct manifest *manifest = NULL;
    struct err err = ERR_INIT;
    if (manifest_read(call->body, "manifest", arena, &manifest, &err) < 0) {
        issues_add(call, issues, "operations", "%s (line %d, column %d)", err.text, err.line,
                   err.column);
        return;
    }
    for (size_t i = 0; i < manifest_len(manifest); i++) {
        struct manifest_operation row = {.persisted_id = manifest_id(manifest, i)};
        struct str document = manifest_document(manifest, row.persisted_id);
        if (operation_of_document(document, arena, &row.operation, &row.digest))
            *VEC_PUSH(arena, ret) = row;
        else
            issues_add(call, issues, "operations",
                       "the document of '%.*s' is not GraphQL (at index %zu)",
                       STR_FMT(row.persisted_id), i);
    }
}

/* ---- both ---- */

static const char *document_url(struct call *call, const struct version *version)
{
    return link_to(call,
                   call->route->tag == TAG_MANIFEST ? "/pacticipants/{}/versions/{}/manifest"
                                                    : "/pacticipants/{}/versions/{}/inventory",
                   version->pacticipant, version->number);
}

static int answer(struct call *call, const struct version *version, const struct document *row,
                  bool created)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *links = json_new_object(arena);
    const char *url = document_url(call, version);
    call_set(call, body, "kind", kind_of(call));
    json_set(arena, body, "revision", json_new_int(arena, row->revision));
    call_set(call, body, "createdAt", call_time(call, row->created_at));
    json_set(arena, links, "self", link_make(call, "h", url));
    if (row->revision > 1)
        json_set(
            arena, links, "tally:previous-revision",
            link_make(call, "h",
                      arena_printf(arena, "%s?revision=%lld", url, (long long)row->revision - 1)));
    json_set(arena, links, "pb:version",
             link_make(call, "nh", version->number,
                       link_version(call, version->pacticipant, version->number)));
    json_set(arena, links, "tally:methods",
             link_make(call, "h",
                       link_to(call, "/pacticipants/{}/methods?version={}", version->pacticipant,
                               version->number)));
    method_curies(call, links);
    json_set(arena, body, "_links", links);
    return call_json(call, created ? 201 : 200, body);
}

static int save(struct call *call, const struct manifest_operations *operations,
                struct version *version, struct document *row, bool *created, struct err *err)
{
    struct pacticipant app = {0};
    int code = store_pacticipant_need(call->store, call_param(call, "pacticipant"), call->arena,
                                      &app, NULL, err);
    if (code == 0)
        code = store_version_need(call->store, &app, call_param(call, "version"), call->arena,
                                  version, NULL, err);
    if (code == 0)
        code = store_document_put(call->store, version, kind_of(call), call->body, call->arena, row,
                                  created, err);
    if (code == 0 && *created)
        code = store_manifest_add(call->store, row->id, operations, err);
    return code;
}

int document_put(struct call *call, struct err *err)
{
    struct json *body = call_body(call, false);
    struct manifest_operations operations = {0};
    struct issues issues = {0};
    struct version version = {0};
    struct document row = {0};
    bool created = false;
    if (!body)
        return 0;
    if (call->route->tag == TAG_MANIFEST)
        check_manifest(call, &operations, &issues);
    else
        check_inventory(call, body, &issues);
    if (issues.len > 0)
        return call_issues(call, &issues);
    int code = save(call, &operations, &version, &row, &created, err);
    return code < 0 ? code : answer(call, &version, &row, created);
}

/* The bytes that were sent: a manifest has no room for links. */
int document_get(struct call *call, struct err *err)
{
    struct pacticipant app = {0};
    struct version version = {0};
    struct document row = {0};
    const char *wanted = call_query(call, "revision");
    int64_t revision = 0;
    if (wanted && !str_to_i64(str_of(wanted), 1, INT32_MAX, &revision))
        return call_error(call, 400, "revision must be a number from 1 on");
    int code = call_version(call, &app, &version, err);
    if (code <= 0)
        return code;
    code = store_document_find(call->store, version.id, kind_of(call), revision, call->arena, &row,
                               err);
    if (code == 0)
        return call_not_found(call);
    if (code < 0)
        return code;
    headers_addz(call->arena, &call->headers, "X-Tally-Revision",
                 arena_printf(call->arena, "%lld", (long long)row.revision));
    return call_text(call, 200, "application/json;charset=utf-8", row.body);
}
