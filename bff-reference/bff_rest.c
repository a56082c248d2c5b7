// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/bff_routes.h"

#include "lib/base/arena.h"
#include "lib/http/router.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "bff-reference/bff.h"
#include "bff-reference/bff_fetch.h"
#include "bff-reference/bff_shape.h"

/* A fetch for a REST request: `fields` is what the client wants to see. */
struct rest {
    struct exchange *exchange;
    struct str fields; /* comma-separated, checked; absent = all */
};

static void select_fields(struct json *view, struct str fields)
{
    for (size_t i = json_len(view); i-- > 0;) {
        struct str key = json_key(view, i), rest = fields;
        bool wanted = false;
        while (rest.ptr && !wanted)
            wanted = str_eq(str_cut(&rest, ','), key);
        if (!wanted)
            json_remove(view, key.ptr);
    }
}

static struct json *page_body(struct bff_fetch *fetch)
{
    const struct bff *bff = fetch->bff;
    struct arena *arena = fetch->arena;
    struct json *body = json_new_object(arena);
    json_set(arena, body, "items", fetch->view);
    if (bff_fault(bff, FAULT_OFFSET_PAGING)) {
        json_set(arena, body, "page", json_new_int(arena, fetch->page.number));
        json_set(arena, body, "size", json_new_int(arena, fetch->page.limit));
    } else {
        json_set(arena, body, "nextCursor",
                 fetch->next_cursor.ptr ? json_new_str(arena, fetch->next_cursor)
                                        : json_new_null(arena));
    }
    if (fetch->service != SERVICE_TRANSACTION)
        return body;
    json_set(arena, body, "watermark", fetch->watermark);
    if (fetch->page.since.ptr && !bff_fault(bff, FAULT_NO_TOMBSTONES))
        json_set(arena, body, "deleted", fetch->deleted ? fetch->deleted : json_new_array(arena));
    return body;
}

static void on_done(struct bff_fetch *fetch)
{
    struct rest *rest = fetch->context;
    if (fetch->problem.kind) {
        bff_reply_problem(rest->exchange, &fetch->problem);
        return;
    }
    bool single = fetch->id.ptr != NULL;
    for (size_t i = 0; rest->fields.ptr && i < (single ? 1 : json_len(fetch->view)); i++)
        select_fields(single ? fetch->view : json_at(fetch->view, i), rest->fields);
    bff_reply_json(rest->exchange, 200, single ? fetch->view : page_body(fetch));
}

static bool fields_ok(const struct bff *bff, enum service service, struct str fields,
                      struct problem *ret_problem, struct arena *arena)
{
    while (fields.ptr) {
        struct str name = str_cut(&fields, ',');
        if (shape_has(shape_of(service), bff->config.faults, name))
            continue;
        *ret_problem = (struct problem){
            PROBLEM_BAD_REQUEST, arena_printf(arena, "there is no field '%.*s'", STR_FMT(name))};
        return false;
    }
    return true;
}

/* Fetch a row, or a page when id is absent, by the query of the request. */
static void start(struct exchange *exchange, enum service service, struct str id)
{
    struct bff *bff = exchange->context;
    struct arena *arena = exchange->arena;
    struct rest *rest = ARENA_NEW(arena, struct rest);
    struct bff_fetch *fetch = ARENA_NEW(arena, struct bff_fetch);
    struct problem problem = {PROBLEM_BAD_REQUEST, "the query is not well-formed"};
    struct url_params params = {0};
    bool ok = url_query_parse(exchange->request.query, arena, &params, NULL) == 0;
    *rest = (struct rest){exchange, url_query_get(&params, "fields")};
    *fetch = (struct bff_fetch){
        .bff = bff, .arena = arena, .service = service, .id = id, .done = on_done, .context = rest};
    struct bff_page_input input = {
        .limit = url_query_get(&params, "limit"),
        .cursor = url_query_get(&params, "cursor"),
        .since = service == SERVICE_TRANSACTION ? url_query_get(&params, "since") : STR_NONE,
        .page = url_query_get(&params, "page"),
        .size = url_query_get(&params, "size")};
    ok = ok && fields_ok(bff, service, rest->fields, &problem, arena) &&
         (id.ptr || bff_page_read(bff, service, &input, arena, &fetch->page, &problem));
    if (ok)
        bff_fetch_start(fetch);
    else
        bff_reply_problem(exchange, &problem);
}

void bff_rest_transactions(struct exchange *exchange)
{
    start(exchange, SERVICE_TRANSACTION, STR_NONE);
}

void bff_rest_transaction(struct exchange *exchange)
{
    start(exchange, SERVICE_TRANSACTION, router_param(exchange, "id"));
}

void bff_rest_me(struct exchange *exchange)
{
    start(exchange, SERVICE_USER, STR("me"));
}

void bff_rest_products(struct exchange *exchange)
{
    start(exchange, SERVICE_PRODUCT, STR_NONE);
}

void bff_rest_notification(struct exchange *exchange)
{
    start(exchange, SERVICE_NOTIFICATION, router_param(exchange, "id"));
}
