// SPDX-License-Identifier: Apache-2.0
#include "broker/matrix_view.h"

#include "broker/call.h"
#include "broker/links.h"
#include "broker/matrix.h"
#include "broker/resource_environment.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/map.h"
#include "lib/json/json.h"

struct view {
    struct call *call;
    struct map *versions; /* id -> struct json *, built once per version */
};

static struct json *self_links(struct call *call, struct json *self)
{
    struct json *links = json_new_object(call->arena);
    json_set(call->arena, links, "self", self);
    return links;
}

static int add_branches(struct call *call, const char *name, const char *number, int64_t id,
                        struct json *body, struct err *err)
{
    struct arena *arena = call->arena;
    struct branch_versions rows = {0};
    struct json *branches = json_new_array(arena), *members = json_new_array(arena);
    int code = store_branch_versions(call->store, id, arena, &rows, err);
    VEC_EACH(&rows, const struct branch_version *, row) {
        struct json *branch = json_new_object(arena), *member = json_new_object(arena);
        call_set(call, branch, "name", row->branch);
        json_set(arena, branch, "latest", json_new_bool(arena, row->latest));
        json_set(arena, branch, "_links",
                 self_links(call, link_make(call, "tnh", "Branch", row->branch,
                                            link_to(call, "/pacticipants/{}/branches/{}", name,
                                                    row->branch))));
        json_append(arena, branches, branch);
        call_set(call, member, "name", row->branch);
        json_set(arena, member, "latest", json_new_bool(arena, row->latest));
        json_set(
            arena, member, "_links",
            self_links(call, link_make(call, "tnh", "Branch version", row->branch,
                                       link_to(call, "/pacticipants/{}/branches/{}/versions/{}",
                                               name, row->branch, number))));
        json_append(arena, members, member);
    }
    json_set(arena, body, "branch",
             rows.len ? json_new_text(arena, rows.items[rows.len - 1].branch)
                      : json_new_null(arena));
    json_set(arena, body, "branches", branches);
    json_set(arena, body, "branchVersions", members);
    return code < 0 ? code : 0;
}

static int add_environments(struct call *call, int64_t id, struct json *body, struct err *err)
{
    struct arena *arena = call->arena;
    struct json *list = json_new_array(arena);
    struct placements rows = {0};
    struct placement_filter filter = {.version_id = id, .any_instance = true, .current = true};
    int code = store_placements(call->store, false, &filter, arena, &rows, err);
    if (code >= 0)
        code = store_placements(call->store, true, &filter, arena, &rows, err);
    for (size_t i = 0; i < rows.len && code >= 0; i++) {
        const struct placement *row = &rows.items[i];
        struct environment environment;
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen |= rows.items[k].environment_id == row->environment_id;
        if (!seen)
            code = store_environment_find(call->store, row->environment_uuid, arena, &environment,
                                          err);
        if (seen || code <= 0)
            continue;
        struct json *item = json_new_object(arena);
        call_set(call, item, "uuid", row->environment_uuid);
        call_set(call, item, "name", row->environment);
        call_set(call, item, "displayName", row->environment_display);
        json_set(arena, item, "production", json_new_bool(arena, row->production));
        call_set(call, item, "createdAt", call_time(call, environment.created_at));
        json_set(arena, item, "_links",
                 self_links(call, link_make(call, "tnh", "Environment", row->environment,
                                            environment_url(call, row->environment_uuid))));
        json_append(arena, list, item);
    }
    json_set(arena, body, "environments", list);
    return code < 0 ? code : 0;
}

static int add_tags(struct call *call, const char *name, const char *number, int64_t id,
                    struct json *body, struct err *err)
{
    struct json *list = json_new_array(call->arena);
    struct tags rows = {0};
    int code = store_tags(call->store, id, call->arena, &rows, err);
    VEC_EACH(&rows, const struct tag *, row) {
        struct json *item = json_new_object(call->arena);
        call_set(call, item, "name", row->name);
        json_set(call->arena, item, "latest", json_new_bool(call->arena, row->latest));
        json_set(call->arena, item, "_links",
                 self_links(call, link_make(call, "h",
                                            link_to(call, "/pacticipants/{}/versions/{}/tags/{}",
                                                    name, number, row->name))));
        json_append(call->arena, list, item);
    }
    json_set(call->arena, body, "tags", list);
    return code < 0 ? code : 0;
}

static int version_body(struct view *view, const char *name, const char *number, int64_t id,
                        struct json **ret, struct err *err)
{
    struct call *call = view->call;
    void **slot = map_slot(view->versions, str_printf(call->arena, "%lld", (long long)id));
    if (*slot) {
        *ret = *slot;
        return 0;
    }
    struct json *body = json_new_object(call->arena);
    call_set(call, body, "number", number);
    int code = add_branches(call, name, number, id, body, err);
    if (code == 0)
        code = add_environments(call, id, body, err);
    json_set(call->arena, body, "_links",
             self_links(call, link_make(call, "h", link_version(call, name, number))));
    if (code == 0)
        code = add_tags(call, name, number, id, body, err);
    if (code == 0)
        *ret = *slot = body;
    return code;
}

static int side(struct view *view, const char *name, const char *number, int64_t version_id,
                struct json **ret, struct err *err)
{
    struct call *call = view->call;
    struct json *body = json_new_object(call->arena), *version = NULL;
    int code = 0;
    if (version_id)
        code = version_body(view, name, number, version_id, &version, err);
    call_set(call, body, "name", name);
    json_set(call->arena, body, "version", version ? version : json_new_null(call->arena));
    json_set(call->arena, body, "_links",
             self_links(call, link_make(call, "h", link_pacticipant(call, name))));
    *ret = body;
    return code;
}

static struct json *result(struct call *call, const struct matrix_row *row)
{
    struct json *body = json_new_object(call->arena);
    const char *number = arena_printf(call->arena, "%lld", (long long)row->verification_number);
    json_set(call->arena, body, "success",
             json_new_bool(call->arena, row->verdict == VERDICT_VERIFIED));
    call_set(call, body, "verifiedAt", call_time(call, row->verified_at));
    json_set(call->arena, body, "_links",
             self_links(call, link_make(call, "h",
                                        link_to(call,
                                                "/pacts/provider/{}/consumer/{}/pact-version/{}/"
                                                "verification-results/{}",
                                                row->provider, row->consumer, row->sha, number))));
    return body;
}

static int row_body(struct view *view, const struct matrix_row *row, struct json **ret,
                    struct err *err)
{
    struct call *call = view->call;
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *pact = json_new_object(arena), *consumer = NULL,
                *provider = NULL;
    int code =
        side(view, row->consumer, row->consumer_number, row->consumer_version_id, &consumer, err);
    if (code == 0)
        code = side(view, row->provider, row->provider_number, row->provider_version_id, &provider,
                    err);
    if (code < 0)
        return code;
    json_set(arena, body, "consumer", consumer);
    json_set(arena, body, "provider", provider);
    struct publication publication = {
        .consumer = row->consumer, .provider = row->provider, .number = row->consumer_number};
    call_set(call, pact, "createdAt", call_time(call, row->published_at));
    json_set(arena, pact, "_links",
             self_links(call, link_make(call, "h", link_pact(call, &publication))));
    json_set(arena, body, "pact", pact);
    bool partial = row->verification_id && row->verdict == VERDICT_PARTIAL;
    json_set(arena, body, "verificationResult",
             row->verification_id && !partial ? result(call, row) : json_new_null(arena));
    /* Beyond the original: stock clients see an unknown result, ours see why. */
    if (partial)
        json_set(arena, body, "partialVerificationResult", result(call, row));
    if (row->ignored)
        json_set(arena, body, "ignored", json_new_bool(arena, true));
    *ret = body;
    return 0;
}

static const char *reason(struct call *call, const struct matrix *matrix)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_BROKER_BODY);
    for (size_t i = 0; i < matrix->notices.len; i++)
        buf_printf(&out, "%s%s", i ? "\n" : "", matrix->notices.items[i].text);
    return arena_strndup(call->arena, buf_view(&out).ptr, out.len);
}

static struct json *summary(struct call *call, const struct matrix *matrix)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena);
    json_set(arena, body, "deployable",
             matrix->deployable == MATRIX_UNKNOWN
                 ? json_new_null(arena)
                 : json_new_bool(arena, matrix->deployable == MATRIX_VERIFIED));
    call_set(call, body, "reason", reason(call, matrix));
    json_set(arena, body, "success", json_new_int(arena, (int64_t)matrix->verified));
    json_set(arena, body, "failed", json_new_int(arena, (int64_t)matrix->failed));
    json_set(arena, body, "unknown", json_new_int(arena, (int64_t)matrix->unknown));
    if (matrix->has_ignores)
        json_set(arena, body, "ignored", json_new_int(arena, (int64_t)matrix->ignored));
    return body;
}

static int view_json(struct call *call, const struct matrix *matrix, struct err *err)
{
    struct arena *arena = call->arena;
    struct view view = {call, map_new(arena)};
    struct json *body = json_new_object(arena), *notices = json_new_array(arena),
                *rows = json_new_array(arena);
    VEC_EACH(&matrix->notices, const struct matrix_notice *, notice) {
        struct json *item = json_new_object(arena);
        call_set(call, item, "type", notice->type);
        call_set(call, item, "text", notice->text);
        json_append(arena, notices, item);
    }
    VEC_EACH(&matrix->rows, const struct matrix_row *, row) {
        struct json *item = NULL;
        int code = row_body(&view, row, &item, err);
        if (code < 0)
            return code;
        json_append(arena, rows, item);
    }
    json_set(arena, body, "summary", summary(call, matrix));
    json_set(arena, body, "notices", notices);
    json_set(arena, body, "matrix", rows);
    return call_json(call, 200, body);
}

/* ---- plain text ---- */

enum { COLUMNS = 7 };
static const char *const heads[COLUMNS] = {"CONSUMER",  "C_VERSION", "REVISION", "PROVIDER",
                                           "P_VERSION", "NUMBER",    "SUCCESS"};

static void fill(struct arena *arena, const struct matrix_row *row, const char *cells[COLUMNS])
{
    enum matrix_state state = matrix_row_state(row);
    cells[0] = row->consumer;
    cells[1] = row->consumer_number;
    cells[2] = arena_printf(arena, "%lld", (long long)row->revision);
    cells[3] = row->provider;
    cells[4] = row->provider_number ? row->provider_number : "";
    cells[5] = row->verification_id
                   ? arena_printf(arena, "%lld", (long long)row->verification_number)
                   : "";
    cells[6] = state == MATRIX_UNKNOWN ? "" : state == MATRIX_VERIFIED ? "true" : "false";
}

/* In characters, of UTF-8. */
static size_t width_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void put_line(struct buf *out, const char *const cells[COLUMNS], const size_t *widths)
{
    for (size_t i = 0; i < COLUMNS; i++)
        buf_printf(out, "%s%s%*s", i ? " | " : "", cells[i], (int)(widths[i] - width_of(cells[i])),
                   "");
    buf_putc(out, '\n');
}

static void put_table(struct arena *arena, struct buf *out, const struct matrix *matrix)
{
    const char *cells[COLUMNS];
    size_t widths[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        widths[i] = width_of(heads[i]);
    VEC_EACH(&matrix->rows, const struct matrix_row *, row) {
        fill(arena, row, cells);
        for (size_t i = 0; i < COLUMNS; i++)
            widths[i] = width_of(cells[i]) > widths[i] ? width_of(cells[i]) : widths[i];
    }
    put_line(out, heads, widths);
    for (size_t i = 0; i < COLUMNS; i++) {
        for (size_t k = 0; k < widths[i]; k++)
            buf_putc(out, '-');
        buf_puts(out, i + 1 < COLUMNS ? "-|-" : "\n");
    }
    VEC_EACH(&matrix->rows, const struct matrix_row *, row) {
        fill(arena, row, cells);
        put_line(out, cells, widths);
    }
}

static int view_text(struct call *call, const struct matrix *matrix)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_BROKER_BODY);
    if (matrix->rows.len > 0)
        put_table(call->arena, &out, matrix);
    else
        buf_puts(&out, "No data.\n");
    buf_printf(&out, "\nDeployable: %s\nReason: ",
               matrix->deployable == MATRIX_UNKNOWN    ? "nil"
               : matrix->deployable == MATRIX_VERIFIED ? "true"
                                                       : "false");
    buf_puts(&out, reason(call, matrix));
    buf_putc(&out, '\n');
    return call_text(call, 200, "text/plain;charset=utf-8", str_dup(call->arena, buf_view(&out)));
}

int matrix_view(struct call *call, const struct matrix *matrix, struct err *err)
{
    if (strcmp(call->type, "text/plain") == 0)
        return view_text(call, matrix);
    return view_json(call, matrix, err);
}
