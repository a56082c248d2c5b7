// SPDX-License-Identifier: Apache-2.0
/* What one entry of a verification result says. */
#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"
#include "lib/contract/results.h"

static const struct verdict_row {
    const char *name, *entry;
    enum results_verdict verdict;
} verdict_rows[] = {
    {"success", "{\"success\":true}", RESULTS_PASSED},
    {"no success", "{\"success\":false}", RESULTS_FAILED},
    {"the status passed", "{\"status\":\"passed\"}", RESULTS_PASSED},
    {"the status success", "{\"status\":\"success\"}", RESULTS_PASSED},
    {"the status failed", "{\"status\":\"failed\"}", RESULTS_FAILED},
    {"the status error", "{\"status\":\"error\"}", RESULTS_FAILED},
    {"nothing is no verdict", "{\"interactionId\":\"1\"}", RESULTS_NONE},
    {"nulls are nothing", "{\"success\":null,\"status\":null,\"exception\":null}", RESULTS_NONE},
    {"a status that is neither", "{\"status\":\"skipped\"}", RESULTS_NONE},
    {"a status that is no text", "{\"status\":true}", RESULTS_NONE},
    {"case counts", "{\"status\":\"PASSED\"}", RESULTS_NONE},
    {"success that was skipped", "{\"success\":true,\"status\":\"skipped\"}", RESULTS_NONE},
    {"both agree", "{\"success\":true,\"status\":\"passed\"}", RESULTS_PASSED},
    {"the status contradicts", "{\"success\":true,\"status\":\"failed\"}", RESULTS_FAILED},
    {"success contradicts", "{\"success\":false,\"status\":\"passed\"}", RESULTS_FAILED},
    {"success that is no boolean", "{\"success\":\"true\"}", RESULTS_FAILED},
    {"success that is one", "{\"success\":1}", RESULTS_FAILED},
    {"mismatches alone", "{\"mismatches\":[{\"attribute\":\"body\"}]}", RESULTS_FAILED},
    {"mismatches contradict", "{\"success\":true,\"mismatches\":[{}]}", RESULTS_FAILED},
    {"no mismatches do not", "{\"success\":true,\"mismatches\":[]}", RESULTS_PASSED},
    {"exceptions alone", "{\"exceptions\":[{\"message\":\"x\"}]}", RESULTS_FAILED},
    {"one exception", "{\"status\":\"passed\",\"exception\":{\"message\":\"x\"}}", RESULTS_FAILED},
    {"a text", "\"passed\"", RESULTS_NONE},
    {"true", "true", RESULTS_NONE},
    {"null", "null", RESULTS_NONE},
};

static struct json *parsed(const char *text, struct arena *arena)
{
    struct json *value = NULL;
    assert_int_equal(json_parse(str_of(text), "test", arena, &value, NULL), 0);
    return value;
}

static void test_verdict(void **state)
{
    const struct verdict_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    assert_int_equal(results_entry_verdict(parsed(row->entry, arena)), row->verdict);
}

static const struct entries_row {
    const char *name, *results;
    int entries; /* -1 = NULL */
} entries_rows[] = {
    {"a list", "[{},{}]", 2},
    {"an empty list", "[]", 0},
    {"the Ruby verifier's object", "{\"tests\":[{}],\"summary\":{}}", 1},
    {"an object without tests", "{\"summary\":{}}", -1},
    {"tests that are no list", "{\"tests\":{\"a\":1}}", -1},
    {"a text", "\"x\"", -1},
    {"null", "null", -1},
};

static void test_entries(void **state)
{
    const struct entries_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    const struct json *entries = results_entries(parsed(row->results, arena));
    assert_int_equal(entries ? (int)json_len(entries) : -1, row->entries);
}

static void test_absent(void **state)
{
    (void)state;
    assert_null(results_entries(NULL));
    assert_int_equal(results_entry_verdict(NULL), RESULTS_NONE);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, verdict_rows, test_verdict);
    ROWS_ADD(&tests, entries_rows, test_entries);
    rows_add_test(&tests, "nothing at all", test_absent);
    return rows_run(&tests, "results");
}
