// SPDX-License-Identifier: Apache-2.0
/* The dashboard: one item per contract that matters, for machines and as a table. */
#include "broker/routes.h"

#include "broker/dashboard.h"
#include "broker/links.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

enum { DASHBOARD_PAGE = 30, TABLE_MAX = 16 * 1024 * 1024 };

/* ---- items ---- */

static struct json *self_links(struct call *call, const char *href)
{
    struct json *links = json_new_object(call->arena);
    json_set(call->arena, links, "self", link_make(call, "h", href));
    return links;
}

/* Here nothing is left out: what is not known is null. */
static void set_or_null(struct call *call, struct json *object, const char *key, const char *text)
{
    json_set(call->arena, object, key,
             text ? json_new_text(call->arena, text) : json_new_null(call->arena));
}

static int consumer_item(struct call *call, const struct publication *pact, struct json **ret,
                         struct err *err)
{
    struct json *item = json_new_object(call->arena), *version = json_new_object(call->arena),
                *heads = json_new_array(call->arena);
    struct branch_versions rows = {0};
    int code =
        store_branch_versions(call->store, pact->consumer_version_id, call->arena, &rows, err);
    const char *branch = rows.len > 0 ? rows.items[rows.len - 1].branch : NULL;
    VEC_EACH(&rows, const struct branch_version *, row) {
        if (row->latest)
            json_append(call->arena, heads, json_new_text(call->arena, row->branch));
    }
    call_set(call, item, "name", pact->consumer);
    call_set(call, version, "number", pact->number);
    set_or_null(call, version, "branch", branch);
    json_set(call->arena, version, "headBranchNames", heads);
    json_set(call->arena, version, "_links",
             self_links(call, link_version(call, pact->consumer, pact->number)));
    json_set(call->arena, item, "version", version);
    json_set(call->arena, item, "_links", self_links(call, link_pacticipant(call, pact->consumer)));
    *ret = item;
    return code < 0 ? code : 0;
}

static struct json *provider_item(struct call *call, const struct dashboard_row *row)
{
    struct json *item = json_new_object(call->arena), *version = json_new_null(call->arena);
    const char *name = row->pact.provider;
    if (row->judged) {
        version = json_new_object(call->arena);
        call_set(call, version, "number", row->result.provider_number);
        json_set(call->arena, version, "_links",
                 self_links(call, link_version(call, name, row->result.provider_number)));
    }
    call_set(call, item, "name", name);
    json_set(call->arena, item, "version", version);
    json_set(call->arena, item, "_links", self_links(call, link_pacticipant(call, name)));
    return item;
}

static int tag_items(struct call *call, const struct publication *pact, struct json **ret,
                     struct err *err)
{
    struct tags tags = {0};
    struct json *list = json_new_array(call->arena);
    int code = store_tags(call->store, pact->consumer_version_id, call->arena, &tags, err);
    VEC_EACH(&tags, const struct tag *, tag) {
        if (!tag->latest)
            continue;
        struct json *item = json_new_object(call->arena);
        call_set(call, item, "name", tag->name);
        json_set(call->arena, item, "latest", json_new_bool(call->arena, true));
        json_set(call->arena, item, "_links",
                 self_links(call, link_to(call, "/pacticipants/{}/versions/{}/tags/{}",
                                          pact->consumer, pact->number, tag->name)));
        json_append(call->arena, list, item);
    }
    *ret = list;
    return code < 0 ? code : 0;
}

static struct json *result_item(struct call *call, const struct dashboard_row *row)
{
    if (!row->judged)
        return json_new_null(call->arena);
    struct json *item = json_new_object(call->arena);
    const char *number = arena_printf(call->arena, "%lld", (long long)row->result.number);
    json_set(call->arena, item, "success",
             json_new_bool(call->arena, row->result.verdict == VERDICT_VERIFIED));
    call_set(call, item, "verifiedAt", call_time(call, row->result.created_at));
    json_set(
        call->arena, item, "_links",
        self_links(call, link_to(call,
                                 "/pacts/provider/{}/consumer/{}/pact-version/{}/"
                                 "verification-results/{}",
                                 row->pact.provider, row->pact.consumer, row->result_sha, number)));
    return item;
}

static int item_of(struct call *call, const struct dashboard_row *row, struct json **ret,
                   struct err *err)
{
    struct arena *arena = call->arena;
    struct json *item = json_new_object(arena), *pact = json_new_object(arena), *consumer = NULL,
                *tags = NULL, *execution = json_new_null(arena);
    int code = consumer_item(call, &row->pact, &consumer, err);
    if (code == 0)
        code = tag_items(call, &row->pact, &tags, err);
    if (code < 0)
        return code;
    call_set(call, pact, "createdAt", call_time(call, row->pact.created_at));
    json_set(arena, pact, "_links", self_links(call, link_pact(call, &row->pact)));
    if (row->triggered_at) {
        execution = json_new_object(arena);
        call_set(call, execution, "triggeredAt", call_time(call, row->triggered_at));
    }
    json_set(arena, item, "consumer", consumer);
    json_set(arena, item, "provider", provider_item(call, row));
    json_set(arena, item, "pact", pact);
    json_set(arena, item, "pactTags", tags);
    json_set(arena, item, "latestVerificationResult", result_item(call, row));
    call_set(call, item, "verificationStatus", standing_name(row->standing));
    call_set(call, item, "webhookStatus", row->webhooks);
    json_set(arena, item, "latestWebhookExecution", execution);
    *ret = item;
    return 0;
}

static int answer_items(struct call *call, const struct dashboard *rows, struct err *err)
{
    struct json *body = json_new_object(call->arena), *list = json_new_array(call->arena);
    VEC_EACH(rows, const struct dashboard_row *, row) {
        struct json *item = NULL;
        int code = item_of(call, row, &item, err);
        if (code < 0)
            return code;
        json_append(call->arena, list, item);
    }
    json_set(call->arena, body, "items", list);
    json_set(call->arena, body, "_links", self_links(call, call_self(call)));
    return call_json(call, 200, body);
}

/* ---- the table ---- */

enum { COLUMNS = 6 };

static void cells_of(const struct dashboard_row *row, const char *ret[COLUMNS])
{
    ret[0] = row->pact.consumer;
    ret[1] = row->pact.number;
    ret[2] = row->pact.provider;
    ret[3] = row->judged ? row->result.provider_number : "";
    ret[4] = standing_name(row->standing);
    ret[5] = row->webhooks;
}

static void put_row(struct buf *out, const char *const cells[COLUMNS], const size_t widths[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++) {
        bool last = i + 1 == COLUMNS;
        buf_puts(out, cells[i]);
        for (size_t n = strlen(cells[i]); !last && n < widths[i]; n++)
            buf_putc(out, ' ');
        buf_puts(out, last ? "\n" : " | ");
    }
}

static int answer_table(struct call *call, const struct dashboard *rows)
{
    static const char *const titles[COLUMNS] = {"CONSUMER",  "C.VERSION", "PROVIDER",
                                                "P.VERSION", "STATUS",    "WEBHOOKS"};
    BUF_AUTO struct buf out = BUF_INIT(TABLE_MAX);
    size_t widths[COLUMNS];
    const char *cells[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        widths[i] = strlen(titles[i]);
    VEC_EACH(rows, const struct dashboard_row *, row) {
        cells_of(row, cells);
        for (size_t i = 0; i < COLUMNS; i++)
            widths[i] = strlen(cells[i]) > widths[i] ? strlen(cells[i]) : widths[i];
    }
    put_row(&out, titles, widths);
    VEC_EACH(rows, const struct dashboard_row *, row) {
        cells_of(row, cells);
        put_row(&out, cells, widths);
    }
    if (out.overflow)
        return call_error(call, 500, "the dashboard is too large for one table");
    return call_text(call, 200, "text/plain;charset=utf-8", str_dup(call->arena, buf_view(&out)));
}

/* ---- which integrations ---- */

static int load(struct call *call, struct page *page, struct dashboard *ret, struct err *err)
{
    struct integrations pairs = {0};
    int code;
    if (call->route->tag == 1) {
        struct pacticipant consumer = {0}, provider = {0};
        code = pact_pair(call, &consumer, &provider, err);
        if (code <= 0)
            return code;
        *VEC_PUSH(call->arena, &pairs) =
            (struct integration){consumer.id, provider.id, consumer.name, provider.name};
    } else {
        page->size = page->size ? page->size : DASHBOARD_PAGE;
        code =
            store_integrations(call->store, call_query(call, "q"), page, call->arena, &pairs, err);
    }
    VEC_EACH(&pairs, const struct integration *, pair) {
        if (code >= 0)
            code = dashboard_of(call->store, pair, true, call->arena, ret, err);
    }
    return code < 0 ? code : 1;
}

int dashboard_get(struct call *call, struct err *err)
{
    struct page page = {0};
    struct dashboard rows = {0};
    if (!call_page(call, &page))
        return 0;
    int code = load(call, &page, &rows, err);
    if (code <= 0)
        return code;
    if (strcmp(call->type, "text/plain") == 0)
        return answer_table(call, &rows);
    return answer_items(call, &rows, err);
}
