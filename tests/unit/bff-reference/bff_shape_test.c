// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"
#include "bff-reference/bff_describe.h"
#include "bff-reference/bff_shape.h"

static const char row_text[] =
    "{\"id\":\"tx-1\",\"productId\":\"prd-1\",\"amount\":19.90,\"currency\":\"EUR\","
    "\"counterparty\":\"Baker\",\"status\":\"BOOKED\",\"bookedAt\":\"b\",\"updatedAt\":\"u\","
    "\"userId\":\"usr-1\",\"product\":{\"id\":\"prd-1\",\"name\":\"P\",\"kind\":\"CARD\","
    "\"currency\":\"EUR\",\"updatedAt\":\"x\"}}";
#define REST                                                                                       \
    "\"status\":\"BOOKED\",\"counterparty\":\"Baker\",\"bookedAt\":\"b\",\"updatedAt\":\"u\","     \
    "\"product\":{\"id\":\"prd-1\",\"name\":\"P\",\"kind\":\"CARD\",\"currency\":\"EUR\"}}"

/* What a fault makes of a transaction, and what both descriptions say then (or no longer say). */
static const struct {
    const char *faults; /* one name, or "" */
    const char *view;
    const char *sdl, *no_sdl;
    const char *openapi, *no_openapi;
} rows[] = {
    {"", "{\"id\":\"tx-1\",\"amount\":19.90,\"currency\":\"EUR\"," REST, "  amount: Decimal!\n",
     "  value:", "\"amount\":{\"type\":\"number\"}", "\"value\":"},
    {"renamed-field", "{\"id\":\"tx-1\",\"value\":19.90,\"currency\":\"EUR\"," REST,
     "  value: Decimal!\n", "  amount: Decimal!\n", "\"value\":{\"type\":\"number\"}",
     "\"amount\":{\"type\":\"number\"}"},
    {"missing-field", "{\"id\":\"tx-1\",\"amount\":19.90," REST, "type Transaction {", NULL,
     "\"required\":[\"id\",\"amount\",\"status\"", "\"required\":[\"id\",\"amount\",\"currency\""},
    {"wrong-type", "{\"id\":\"tx-1\",\"amount\":\"19.90\",\"currency\":\"EUR\"," REST,
     "  amount: String!\n", "  amount: Decimal!\n", "\"amount\":{\"type\":\"string\"}",
     "\"amount\":{\"type\":\"number\"}"},
    {"offset-paging", NULL, "transactions(page: Int = 1, size: Int = 20, since: DateTime)",
     "Connection", "\"name\":\"size\"", "nextCursor"},
    {"no-tombstones", NULL, "watermark: DateTime!", "Tombstone", "\"watermark\"", "Tombstone"},
};

static struct fault_set faults_of(const char *name)
{
    struct fault_set set = {0};
    if (name[0])
        assert_int_equal(fault_add(&set, name, NULL), 0);
    return set;
}

static void faults_change_answers_and_descriptions_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct fault_set faults = faults_of(rows[i].faults);
        struct json *row;
        assert_int_equal(json_parse(str_of(row_text), "row", arena, &row, NULL), 0);
        struct json *view = shape_view(SHAPE_TRANSACTION, faults, row, arena);
        struct str text = json_to_str(arena, view, JSON_COMPACT);
        if (rows[i].view && !str_is(text, rows[i].view))
            fail_msg("%s: expected %s, saw %.*s", rows[i].faults, rows[i].view, STR_FMT(text));
        struct str sdl = bff_describe_sdl(faults, arena);
        struct str openapi = bff_describe_openapi(faults, arena);
        if (str_find(sdl, str_of(rows[i].sdl)) < 0)
            fail_msg("%s: the SDL lacks '%s'", rows[i].faults, rows[i].sdl);
        if (rows[i].no_sdl && str_find(sdl, str_of(rows[i].no_sdl)) >= 0)
            fail_msg("%s: the SDL still has '%s'", rows[i].faults, rows[i].no_sdl);
        if (str_find(openapi, str_of(rows[i].openapi)) < 0)
            fail_msg("%s: OpenAPI lacks '%s'", rows[i].faults, rows[i].openapi);
        if (str_find(openapi, str_of(rows[i].no_openapi)) >= 0)
            fail_msg("%s: OpenAPI still has '%s'", rows[i].faults, rows[i].no_openapi);
    }
}

static void every_reference_of_openapi_leads_somewhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct str text = bff_describe_openapi(faults_of(rows[i].faults), arena), rest = text;
        struct json *openapi;
        struct err err = ERR_INIT;
        if (json_parse(text, "openapi.json", arena, &openapi, &err))
            fail_msg("%s: %s", rows[i].faults, err.text);
        struct str mark = STR("\"$ref\":\"#");
        size_t references = 0;
        for (long at = str_find(rest, mark); at >= 0; at = str_find(rest, mark), references++) {
            rest = str_sub(rest, (size_t)at + mark.len, rest.len);
            struct str pointer = rest;
            const char *path = str_cstr(arena, str_cut(&pointer, '"'));
            if (!json_pointer(openapi, path))
                fail_msg("%s: '%s' leads nowhere", rows[i].faults, path);
        }
        assert_true(references > 10);
    }
}

static void absent_members_are_null(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    (void)state;
    struct json *view = shape_view(SHAPE_PRODUCT, faults_of(""), json_new_object(arena), arena);
    assert_string_equal(json_to_str(arena, view, JSON_COMPACT).ptr,
                        "{\"id\":null,\"name\":null,\"kind\":null,\"currency\":null}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_change_answers_and_descriptions_alike),
        cmocka_unit_test(every_reference_of_openapi_leads_somewhere),
        cmocka_unit_test(absent_members_are_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
