// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/bff_fetch.h"

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/json/json.h"
#include "lib/wire/url.h"
#include "bff-reference/bff.h"
#include "bff-reference/bff_call.h"
#include "bff-reference/bff_shape.h"

enum { ALL_ROWS = 1000 };

static void ask(struct bff_fetch *fetch, enum service service, struct str path,
                void (*done)(void *arg, struct json *value, const struct problem *problem))
{
    bff_call(&(struct bff_call){.bff = fetch->bff,
                                .service = service,
                                .path = path,
                                .arena = fetch->arena,
                                .done = done,
                                .arg = fetch});
}

static void fail(struct bff_fetch *fetch, const struct problem *problem)
{
    if (!fetch->problem.kind)
        fetch->problem = *problem;
}

struct str bff_fetch_cursor(const struct bff_fetch *fetch, size_t i)
{
    struct str id = json_get_text(json_at(fetch->rows, i), "id");
    return bff_page_cursor(fetch->bff, &fetch->page, i, id, fetch->arena);
}

static void finish(struct bff_fetch *fetch)
{
    struct bff *bff = fetch->bff;
    enum shape shape = shape_of(fetch->service);
    if (fetch->problem.kind) {
        fetch->done(fetch);
        return;
    }
    if (fetch->id.ptr) {
        fetch->row = json_at(fetch->rows, 0);
        fetch->view = shape_view(shape, bff->config.faults, fetch->row, fetch->arena);
        fetch->done(fetch);
        return;
    }
    size_t n = json_len(fetch->rows);
    fetch->view = json_new_array(fetch->arena);
    for (size_t i = 0; i < n; i++)
        json_append(fetch->arena, fetch->view,
                    shape_view(shape, bff->config.faults, json_at(fetch->rows, i), fetch->arena));
    if (fetch->has_next && n > 0) {
        bool overlap = bff_fault(bff, FAULT_DUPLICATE_ROWS) && n > 1;
        fetch->next_cursor = bff_fetch_cursor(fetch, overlap ? n - 2 : n - 1);
    }
    fetch->done(fetch);
}

/* ---- products of transactions ---- */

static void join(struct bff_fetch *fetch, const struct json *product)
{
    struct str id = json_get_text(product, "id");
    for (size_t i = 0; i < json_len(fetch->rows); i++) {
        struct json *row = json_at(fetch->rows, i);
        if (str_eq(json_get_text(row, "productId"), id))
            json_set(fetch->arena, row, "product", json_copy(fetch->arena, product));
    }
}

static void on_products(void *arg, struct json *value, const struct problem *problem)
{
    struct bff_fetch *fetch = arg;
    if (!value && problem->kind != PROBLEM_NOT_FOUND)
        fail(fetch, problem);
    const struct json *items = json_get(value, "items");
    for (size_t i = 0; i < json_len(items); i++)
        join(fetch, json_at(items, i));
    if (!items && value)
        join(fetch, value);
    if (--fetch->waiting == 0)
        finish(fetch);
}

static void ask_each_product(struct bff_fetch *fetch)
{
    size_t n = json_len(fetch->rows);
    fetch->waiting = n;
    for (size_t i = 0; i < n; i++) {
        struct str id = json_get_text(json_at(fetch->rows, i), "productId");
        struct str escaped = url_encode(fetch->arena, id);
        ask(fetch, SERVICE_PRODUCT, str_printf(fetch->arena, "/products/%.*s", STR_FMT(escaped)),
            on_products);
    }
}

static void ask_products(struct bff_fetch *fetch)
{
    struct map *seen = map_new(fetch->arena);
    struct str ids = STR_NONE;
    for (size_t i = 0; i < json_len(fetch->rows); i++) {
        struct str id = json_get_text(json_at(fetch->rows, i), "productId");
        if (!id.len || map_has(seen, id))
            continue;
        map_put(seen, id, fetch);
        struct str escaped = url_encode(fetch->arena, id);
        ids = ids.ptr ? str_printf(fetch->arena, "%.*s,%.*s", STR_FMT(ids), STR_FMT(escaped))
                      : escaped;
    }
    if (!ids.ptr) {
        finish(fetch);
    } else if (bff_fault(fetch->bff, FAULT_N_PLUS_ONE)) {
        ask_each_product(fetch);
    } else {
        fetch->waiting = 1;
        ask(fetch, SERVICE_PRODUCT, str_printf(fetch->arena, "/products?ids=%.*s", STR_FMT(ids)),
            on_products);
    }
}

static void complete(struct bff_fetch *fetch)
{
    if (fetch->service == SERVICE_TRANSACTION)
        ask_products(fetch);
    else
        finish(fetch);
}

/* ---- rows ---- */

static void on_single(void *arg, struct json *value, const struct problem *problem)
{
    struct bff_fetch *fetch = arg;
    if (!value) {
        fail(fetch, problem);
        if (problem->kind == PROBLEM_NOT_FOUND)
            fetch->problem.detail = arena_printf(fetch->arena, "there is no %s '%.*s'",
                                                 service_name(fetch->service), STR_FMT(fetch->id));
        finish(fetch);
        return;
    }
    fetch->rows = json_new_array(fetch->arena);
    json_append(fetch->arena, fetch->rows, value);
    complete(fetch);
}

/* Faulty paging: the rows from a position on, out of all of them. */
static void slice(struct bff_fetch *fetch, const struct json *all)
{
    int64_t n = (int64_t)json_len(all), end = fetch->page.skip + fetch->page.limit;
    fetch->rows = json_new_array(fetch->arena);
    for (int64_t i = fetch->page.skip; i < n && i < end; i++)
        json_append(fetch->arena, fetch->rows, json_copy(fetch->arena, json_at(all, (size_t)i)));
    fetch->has_next = end < n;
    if (fetch->deleted && fetch->page.skip > 0) /* as the upstream does after a key */
        fetch->deleted = json_new_array(fetch->arena);
}

static void on_list(void *arg, struct json *value, const struct problem *problem)
{
    struct bff_fetch *fetch = arg;
    struct json *items = json_get(value, "items");
    if (!value) {
        fail(fetch, problem);
    } else if (!json_is(items, JSON_ARRAY)) {
        fail(fetch, &(struct problem){PROBLEM_UPSTREAM, "an upstream service sent no list"});
    }
    if (fetch->problem.kind) {
        finish(fetch);
        return;
    }
    fetch->rows = items;
    fetch->has_next = json_is(json_get(value, "next"), JSON_STRING);
    fetch->watermark = json_get(value, "watermark");
    fetch->deleted = json_get(value, "deleted");
    if (fetch->page.by_position)
        slice(fetch, items);
    complete(fetch);
}

static void start_list(struct bff_fetch *fetch)
{
    const struct bff_page *page = &fetch->page;
    struct arena *arena = fetch->arena;
    struct url_params params = {0};
    *VEC_PUSH(arena, &params) = (struct url_param){
        STR("limit"),
        str_printf(arena, "%lld", page->by_position ? ALL_ROWS : (long long)page->limit)};
    if (page->after.ptr)
        *VEC_PUSH(arena, &params) = (struct url_param){STR("after"), page->after};
    if (page->since.ptr)
        *VEC_PUSH(arena, &params) = (struct url_param){STR("since"), page->since};
    struct str query = url_query_write(arena, &params);
    ask(fetch, fetch->service,
        str_printf(arena, "/%s?%.*s", service_collection(fetch->service), STR_FMT(query)), on_list);
}

void bff_fetch_start(struct bff_fetch *fetch)
{
    if (!fetch->id.ptr) {
        start_list(fetch);
        return;
    }
    struct str escaped = url_encode(fetch->arena, fetch->id);
    ask(fetch, fetch->service,
        str_printf(fetch->arena, "/%s/%.*s", service_collection(fetch->service), STR_FMT(escaped)),
        on_single);
}
