// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/json/json.h"
#include "bff-reference/upstream.h"

/* The ids of a list's items, joined by blanks. */
static const char *ids_of(const struct json *items, struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < json_len(items); i++) {
        struct str id = json_get_text(json_at(items, i), "id");
        text = arena_printf(arena, "%s%s%.*s", text, i ? " " : "", STR_FMT(id));
    }
    return text;
}

static const struct {
    enum seed_variant variant;
    const char *after, *since; /* NULL = absent */
    int limit;
    const char *items, *next, *deleted; /* deleted NULL: not told */
} rows[] = {
    {SEED_BASE, NULL, NULL, 2, "tx-0001 tx-0002", "tx-0002", NULL},
    {SEED_BASE, "tx-0002", NULL, 2, "tx-0003 tx-0004", "tx-0004", NULL},
    {SEED_BASE, "tx-0023", NULL, 2, "tx-0024 tx-0025", NULL, NULL},
    {SEED_BASE, "tx-0024", NULL, 2, "tx-0025", NULL, NULL},
    {SEED_BASE, "tx-0025", NULL, 2, "", NULL, NULL},
    {SEED_CHANGED, "tx-0011", NULL, 1, "tx-0012", "tx-0012", NULL}, /* the cursor's row is gone */
    {SEED_EMPTY, NULL, NULL, 5, "", NULL, NULL},
    {SEED_BASE, NULL, SEED_WATERMARK, 5, "", NULL, ""},
    {SEED_CHANGED, NULL, SEED_WATERMARK, 5, "tx-0003 tx-0024", NULL, "tx-0011"},
    {SEED_CHANGED, NULL, SEED_WATERMARK, 1, "tx-0003", "tx-0003", "tx-0011"},
    {SEED_CHANGED, "tx-0003", SEED_WATERMARK, 1, "tx-0024", NULL, ""},
    /* the boundary is inclusive, in any zone */
    {SEED_CHANGED, NULL, "2026-01-15T09:30:00Z", 5, "tx-0024", NULL, "tx-0011"},
    {SEED_CHANGED, NULL, "2026-01-15T11:30:00+02:00", 5, "tx-0024", NULL, "tx-0011"},
    {SEED_CHANGED, NULL, "2026-01-15T09:30:00.001Z", 5, "", NULL, "tx-0011"},
    {SEED_CHANGED, NULL, "2030-01-01T00:00:00Z", 5, "", NULL, ""},
};

static void lists_by_key_and_by_time(void **state)
{
    struct upstream upstream;
    (void)state;
    upstream_init(&upstream, SERVICE_TRANSACTION);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct upstream_query query = {str_of(rows[i].after), str_of(rows[i].since), rows[i].limit};
        upstream_set(&upstream, rows[i].variant);
        const struct json *page = upstream_list(&upstream, &query, arena);
        const struct json *deleted = json_get(page, "deleted");
        const char *items = ids_of(json_get(page, "items"), arena);
        const char *next = str_cstr(arena, json_text(json_get(page, "next")));
        if (strcmp(items, rows[i].items) != 0 || !str_eq(str_of(next), str_of(rows[i].next)) ||
            !deleted != !rows[i].deleted ||
            (deleted && strcmp(ids_of(deleted, arena), rows[i].deleted) != 0))
            fail_msg("row %zu: expected '%s' next %s deleted %s, saw '%s' next %s deleted %s", i,
                     rows[i].items, rows[i].next ? rows[i].next : "-",
                     rows[i].deleted ? rows[i].deleted : "-", items, next ? next : "-",
                     deleted ? ids_of(deleted, arena) : "-");
    }
    upstream_release(&upstream);
}

static void batches_keep_order_and_leave_out_what_is_unknown(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct upstream upstream;
    (void)state;
    upstream_init(&upstream, SERVICE_PRODUCT);
    const struct json *page =
        upstream_batch(&upstream, STR("prd-0004,prd-0001,nope,,prd-0004"), arena);
    assert_string_equal(ids_of(json_get(page, "items"), arena), "prd-0004 prd-0001");
    upstream_release(&upstream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_by_key_and_by_time),
        cmocka_unit_test(batches_keep_order_and_leave_out_what_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
