// SPDX-License-Identifier: Apache-2.0
#include "broker/results.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

#define PACT                                                                                       \
    "{\"interactions\":[{\"_id\":\"1\",\"description\":\"a\",\"providerStates\":[{\"name\":\"s\"}" \
    "]},"                                                                                          \
    "{\"_id\":\"2\",\"description\":\"b\"}]}"
#define LAX_AT(version)                                                                            \
    "{\"metadata\":{\"pactSpecification\":{\"version\":\"" version                                 \
    "\"}},\"interactions\":[{\"_id\":\"1\",\"description\":\"a\",\"pending\":true},"               \
    "{\"_id\":\"2\",\"description\":\"b\"}]}"
#define LAX LAX_AT("4.0")
#define ALL_LAX                                                                                    \
    "{\"metadata\":{\"pactSpecification\":{\"version\":\"4.0\"}},\"interactions\":["               \
    "{\"_id\":\"1\",\"description\":\"a\",\"pending\":true}]}"

#define TWICE(other)                                                                               \
    "{\"interactions\":[{\"_id\":\"1\",\"description\":\"a\"},"                                    \
    "{\"_id\":\"1\",\"description\":\"" other "\"}]}"

static const struct row {
    const char *name, *pact;
    bool success;
    const char *results; /* NULL = absent */
    enum verdict expected;
} rows[] = {
    {"absent counts", PACT, true, NULL, VERDICT_VERIFIED},
    {"null is absent", PACT, true, "null", VERDICT_VERIFIED},
    {"failure stays failure", PACT, false, NULL, VERDICT_FAILED},
    {"failure with good results stays failure", PACT, false,
     "[{\"interactionId\":\"1\",\"success\":true},{\"interactionId\":\"2\",\"success\":true}]",
     VERDICT_FAILED},
    {"all named and good", PACT, true,
     "[{\"interactionId\":\"1\",\"success\":true},{\"interactionId\":\"2\",\"success\":true}]",
     VERDICT_VERIFIED},
    {"empty list", PACT, true, "[]", VERDICT_PARTIAL},
    {"empty object", PACT, true, "{}", VERDICT_PARTIAL},
    {"text", PACT, true, "\"fine\"", VERDICT_PARTIAL},
    {"only some named", PACT, true, "[{\"interactionId\":\"1\",\"success\":true}]",
     VERDICT_PARTIAL},
    {"one named twice is not two", PACT, true,
     "[{\"interactionId\":\"1\",\"success\":true},{\"interactionId\":\"1\",\"success\":true}]",
     VERDICT_PARTIAL},
    {"names what is not there", PACT, true,
     "[{\"interactionId\":\"1\",\"success\":true},{\"interactionId\":\"2\",\"success\":true},"
     "{\"interactionId\":\"3\",\"success\":true}]",
     VERDICT_PARTIAL},
    {"a failed one contradicts", PACT, true,
     "[{\"interactionId\":\"1\",\"success\":true},{\"interactionId\":\"2\",\"success\":false}]",
     VERDICT_FAILED},
    {"a failed one contradicts even a partial list", PACT, true,
     "[{\"interactionId\":\"2\",\"success\":false}]", VERDICT_FAILED},
    {"mismatches without success are a failure", PACT, true,
     "[{\"interactionId\":\"1\"},{\"interactionId\":\"2\",\"mismatches\":[{}]}]", VERDICT_FAILED},
    {"success that is no boolean is not success", PACT, true,
     "[{\"interactionId\":\"1\",\"success\":\"true\"},{\"interactionId\":\"2\",\"success\":true}]",
     VERDICT_FAILED},
    {"an entry without a verdict names nothing", PACT, true,
     "[{\"interactionId\":\"1\"},{\"interactionId\":\"2\"}]", VERDICT_PARTIAL},
    {"not even beside a good one", PACT, true,
     "[{\"interactionId\":\"1\",\"success\":true},{\"interactionId\":\"2\"}]", VERDICT_PARTIAL},
    {"a word that is no verdict names nothing", PACT, true,
     "[{\"interactionId\":\"1\",\"success\":true},{\"interactionId\":\"2\",\"status\":\"skipped\"}"
     "]",
     VERDICT_PARTIAL},
    {"status success is a verdict", PACT, true,
     "[{\"interactionId\":\"1\",\"status\":\"success\"},{\"interactionId\":\"2\",\"success\":true}"
     "]",
     VERDICT_VERIFIED},
    {"by description and state", PACT, true,
     "{\"tests\":[{\"interactionDescription\":\"a\",\"interactionProviderState\":\"s\","
     "\"status\":\"passed\"},{\"interactionDescription\":\"b\",\"status\":\"passed\"}]}",
     VERDICT_VERIFIED},
    {"by description, failed", PACT, true,
     "{\"tests\":[{\"interactionDescription\":\"a\",\"interactionProviderState\":\"s\","
     "\"status\":\"failed\"},{\"interactionDescription\":\"b\",\"status\":\"passed\"}]}",
     VERDICT_FAILED},
    {"a pending interaction may fail", LAX, true,
     "[{\"interactionId\":\"1\",\"success\":false},{\"interactionId\":\"2\",\"success\":true}]",
     VERDICT_VERIFIED},
    {"pending means nothing in V3", LAX_AT("3.0.0"), true,
     "[{\"interactionId\":\"1\",\"success\":false},{\"interactionId\":\"2\",\"success\":true}]",
     VERDICT_FAILED},
    {"pending means nothing in V40", LAX_AT("40"), true,
     "[{\"interactionId\":\"1\",\"success\":false},{\"interactionId\":\"2\",\"success\":true}]",
     VERDICT_FAILED},
    {"nor in a contract without a version",
     "{\"interactions\":[{\"_id\":\"1\",\"description\":\"a\",\"pending\":true}]}", true,
     "[{\"interactionId\":\"1\",\"success\":false}]", VERDICT_FAILED},
    {"only failures, all of them pending, prove nothing", ALL_LAX, true,
     "[{\"interactionId\":\"1\",\"success\":false}]", VERDICT_PARTIAL},
    {"a pending interaction that passed counts", ALL_LAX, true,
     "[{\"interactionId\":\"1\",\"success\":true}]", VERDICT_VERIFIED},
    {"the same interaction twice is told of once", TWICE("a"), true,
     "[{\"interactionId\":\"1\",\"success\":true}]", VERDICT_VERIFIED},
    {"and failed once", TWICE("a"), true,
     "[{\"interactionId\":\"1\",\"success\":true},{\"interactionId\":\"1\",\"success\":false}]",
     VERDICT_FAILED},
    {"two that share an id are not the same", TWICE("b"), true,
     "[{\"interactionId\":\"1\",\"success\":true}]", VERDICT_PARTIAL},
    {"a contract without interactions proves nothing", "{\"interactions\":[]}", true, "[]",
     VERDICT_PARTIAL},
};

static struct json *parse(struct arena *arena, const char *text)
{
    struct json *value = NULL;
    assert_int_equal(json_parse(str_of(text), NULL, arena, &value, NULL), 0);
    return value;
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    enum verdict seen = results_judge(parse(arena, row->pact), row->success,
                                      row->results ? parse(arena, row->results) : NULL, arena);
    if (seen != row->expected)
        fail_msg("%s: expected verdict %d, saw %d", row->name, (int)row->expected, (int)seen);
}

/* Long lists on both sides, the last of one being the first of the other: who searches each in all
 * needs minutes. */
static void test_long(void **state)
{
    enum { N = 60000, SECONDS = 10 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *pact = json_new_object(arena), *interactions = json_new_array(arena),
                *results = json_new_array(arena);
    (void)state;
    for (int i = 0; i < N; i++) {
        struct json *item = json_new_object(arena), *entry = json_new_object(arena);
        json_set(arena, item, "description", json_new_text(arena, arena_printf(arena, "%d", i)));
        json_append(arena, interactions, item);
        json_set(arena, entry, "interactionDescription",
                 json_new_text(arena, arena_printf(arena, "%d", N - 1 - i)));
        json_set(arena, entry, "success", json_new_bool(arena, true));
        json_append(arena, results, entry);
    }
    json_set(arena, pact, "interactions", interactions);
    int64_t began = clock_mono_us();
    assert_int_equal(results_judge(pact, true, results, arena), VERDICT_VERIFIED);
    assert_true(clock_mono_us() - began < SECONDS * INT64_C(1000000));
}

enum { ROWS = sizeof rows / sizeof *rows };

int main(void)
{
    struct CMUnitTest tests[ROWS + 1] = {[ROWS] = cmocka_unit_test(test_long)};
    for (size_t i = 0; i < ROWS; i++)
        tests[i] =
            (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    return _cmocka_run_group_tests("results", tests, ROWS + 1, NULL, NULL);
}
