// SPDX-License-Identifier: Apache-2.0
/* One verification result against its contract. */
#include "tests/unit/lib/base/rows.h"
#include "ci/gate.h"
#include "lib/base/arena.h"
#include "lib/contract/pact.h"
#include "lib/json/json.h"

#define OK(id) "{\"interactionId\":\"" id "\",\"success\":true}"
#define BAD(id)                                                                                    \
    "{\"interactionId\":\"" id "\",\"success\":false,\"mismatches\":[{\"attribute\":\"body\","     \
    "\"identifier\":\"$.amount\",\"description\":\"expected a "                                    \
    "decimal\"},{\"attribute\":\"status\"}]}"
#define OF_9                     "\"providerApplicationVersion\":\"9\""
#define RESULT(success, results) "{" OF_9 ",\"success\":" success ",\"testResults\":" results "}"
#define SILENT(id)               "{\"interactionId\":\"" id "\"}"

/* The contract has interactions 1 "A.one: x", 2 "A.two: x" and 3 "plain", the last one pending. */
static const struct judge_row {
    const char *name, *result;
    enum gate_state state;
    const char *why, *broken;
} judge_rows[] = {
    {"every interaction replayed and good", RESULT("true", "[" OK("1") "," OK("2") "," OK("3") "]"),
     GATE_GOOD, "3 interactions hold", ""},
    {"one failed", RESULT("false", "[" OK("1") "," BAD("2") "," OK("3") "]"), GATE_BAD,
     "1 of 3 interactions failed", "A.two: $.amount: expected a decimal (and 1 more)\n"},
    {"a pending one may fail, and is said",
     RESULT("true", "[" OK("1") "," OK("2") "," BAD("3") "]"), GATE_GOOD,
     "2 of 3 interactions hold, 1 pending failed", ""},
    {"an entry without a verdict is no proof",
     RESULT("true", "[" OK("1") "," OK("2") "," SILENT("3") "]"), GATE_UNKNOWN,
     "only 2 of 3 interactions were replayed", ""},
    {"an entry without a verdict does not hide another",
     RESULT("true", "[" SILENT("1") "," OK("1") "," OK("2") "," OK("3") "]"), GATE_GOOD,
     "3 interactions hold", ""},
    {"an entry that only says what differs failed",
     RESULT("true", "[" OK("1") "," OK("2") "," OK(
                        "3") ",{\"interactionId\":\"1\","
                             "\"exceptions\":[{\"message\":\"expected 200\"}]}]"),
     GATE_BAD, "1 of 3 interactions failed", "(unnamed interaction): expected 200\n"},
    {"the status success is a pass",
     RESULT("true", "[" OK("1") "," OK("2") ",{\"interactionId\":\"3\",\"status\":\"success\"}]"),
     GATE_GOOD, "3 interactions hold", ""},
    {"a result for another version does not count",
     "{\"providerApplicationVersion\":\"10\",\"success\":true,\"testResults\":[" OK("1") "," OK(
         "2") "," OK("3") "]}",
     GATE_UNKNOWN, "the result is for version 10", ""},
    {"a result for no version does not count",
     "{\"success\":true,\"testResults\":[" OK("1") "," OK("2") "," OK("3") "]}", GATE_UNKNOWN,
     "the result does not say which version it is for", ""},
    {"success without detail for another version does not count",
     "{\"providerApplicationVersion\":\"90\",\"success\":true}", GATE_UNKNOWN,
     "the result is for version 90", ""},
    {"success that lists a failure is none",
     RESULT("true", "[" BAD("1") "," OK("2") "," OK("3") "]"), GATE_BAD,
     "1 of 3 interactions failed", "A.one: $.amount: expected a decimal (and 1 more)\n"},
    {"failure that lists none is a failure",
     RESULT("false", "[" OK("1") "," OK("2") "," OK("3") "]"), GATE_BAD,
     "verification failed; the result does not say in which interactions", ""},
    {"failure without results is a failure", "{" OF_9 ",\"success\":false}", GATE_BAD,
     "verification failed; the result does not say in which interactions", ""},
    {"a filter that matched nothing is unknown", RESULT("true", "[]"), GATE_UNKNOWN,
     "the result claims success but lists no interaction that was replayed", ""},
    {"success without detail counts and says so", "{" OF_9 ",\"success\":true}", GATE_GOOD,
     "3 interactions hold, reported without detail", ""},
    {"success without detail that the broker counts as partial is unknown",
     "{" OF_9 ",\"success\":true,\"completeness\":\"partial\"}", GATE_UNKNOWN,
     "the result claims success but lists no interaction that was replayed", ""},
    {"a partial filter is unknown", RESULT("true", "[" OK("1") "," OK("2") "]"), GATE_UNKNOWN,
     "only 2 of 3 interactions were replayed", ""},
    {"the same interaction twice does not stand for another",
     RESULT("true", "[" OK("1") "," OK("2") "," OK("2") "]"), GATE_UNKNOWN,
     "only 2 of 3 interactions were replayed", ""},
    {"foreign interactions do not count", RESULT("true", "[" OK("7") "," OK("8") "," OK("9") "]"),
     GATE_UNKNOWN, "only 0 of 3 interactions were replayed", ""},
    {"a foreign failure breaks",
     RESULT("true", "[" OK("1") "," OK("2") "," OK("3") "," BAD("9") "]"), GATE_BAD,
     "1 of 3 interactions failed",
     "(unnamed interaction): $.amount: expected a decimal (and 1 more)\n"},
    {"a claim that the broker took back is unknown",
     "{" OF_9 ",\"success\":false,\"completeness\":\"partial\",\"testResults\":[" OK("1") "]}",
     GATE_UNKNOWN, "only 1 of 3 interactions were replayed", ""},
    {"a claim that the broker took back without saying why is unknown",
     "{" OF_9 ",\"success\":false,\"completeness\":\"partial\",\"testResults\":[" OK("1") "," OK(
         "2") "," OK("3") "]}",
     GATE_UNKNOWN, "the broker counts the verification as partial", ""},
    {"neither success nor failure is unknown",
     "{" OF_9 ",\"testResults\":[" OK("1") "," OK("2") "," OK("3") "]}", GATE_UNKNOWN,
     "the result says neither success nor failure", ""},
    {"descriptions stand in for ids",
     RESULT("true", "[{\"interactionDescription\":\"A.one: x\",\"success\":true},{"
                    "\"interactionDescription\":\"A.two: x\",\"success\":true},{"
                    "\"interactionDescription\":\"plain\",\"success\":true}]"),
     GATE_GOOD, "3 interactions hold", ""},
    {"the Ruby verifier's shape is read",
     RESULT("false", "{\"tests\":[{\"interactionDescription\":\"A.one: x\",\"status\":\"passed\"},{"
                     "\"interactionDescription\":\"A.two: x\",\"status\":\"failed\",\"exceptions\":"
                     "[{\"message\":\"expected 200\"}]},{\"interactionDescription\":\"plain\","
                     "\"status\":\"passed\"}]}"),
     GATE_BAD, "1 of 3 interactions failed", "A.two: expected 200\n"},
};

static const char PACT[] =
    "{\"consumer\":{\"name\":\"wallet\"},\"provider\":{\"name\":\"bff\"},\"interactions\":["
    "{\"_id\":\"1\",\"type\":\"Synchronous/HTTP\",\"description\":\"A.one: x\",\"request\":{"
    "\"method\":\"GET\",\"path\":\"/1\"},\"response\":{\"status\":200}},"
    "{\"_id\":\"2\",\"type\":\"Synchronous/HTTP\",\"description\":\"A.two: x\",\"request\":{"
    "\"method\":\"GET\",\"path\":\"/2\"},\"response\":{\"status\":200}},"
    "{\"_id\":\"3\",\"type\":\"Synchronous/HTTP\",\"description\":\"plain\",\"pending\":true,"
    "\"request\":{\"method\":\"GET\",\"path\":\"/3\"},\"response\":{\"status\":200}}],"
    "\"metadata\":{\"pactSpecification\":{\"version\":\"4.0\"}}}";

static void test_judge(void **state)
{
    const struct judge_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *pact;
    struct json *result;
    assert_int_equal(pact_read(str_of(PACT), "test", arena, &pact, NULL), 0);
    assert_int_equal(json_parse(str_of(row->result), "test", arena, &result, NULL), 0);
    struct gate_contract contract = {.pact = pact, .provider_version = STR("9")};
    gate_contract_judge(result, arena, &contract);
    const char *broken = "";
    VEC_EACH(&contract.broken, const struct gate_method *, method)
        broken = arena_printf(arena, "%s%.*s: %.*s\n", broken, STR_FMT(method->name),
                              STR_FMT(method->text));
    assert_str_is(contract.why, row->why);
    assert_int_equal(contract.state, row->state);
    assert_string_equal(broken, row->broken);
}

/* Contracts that are not the usual one. P = pending, B = binding, ? = of an unknown kind. */
static const struct shape_row {
    const char *name, *shape, *result;
    enum gate_state state;
    const char *why;
} shape_rows[] = {
    {"a contract without interactions is unknown", "", RESULT("true", "[]"), GATE_UNKNOWN,
     "the contract has no interaction"},
    {"all pending and failed is unknown", "P", RESULT("true", "[" BAD("1") "]"), GATE_UNKNOWN,
     "0 of 1 interactions hold, 1 pending failed"},
    {"all pending, one failed, is unknown", "PP", RESULT("true", "[" BAD("1") "," OK("2") "]"),
     GATE_UNKNOWN, "1 of 2 interactions hold, 1 pending failed"},
    {"all pending and passed is proof", "P", RESULT("true", "[" OK("1") "]"), GATE_GOOD,
     "1 interactions hold"},
    {"all pending without detail is unknown", "PP", "{" OF_9 ",\"success\":true}", GATE_UNKNOWN,
     "every interaction is pending, and the result does not say which hold"},
    {"what could not be read was not replayed", "B?", RESULT("true", "[" OK("1") "]"), GATE_UNKNOWN,
     "only 1 of 2 interactions were replayed"},
    {"what could not be read cannot be stood in for", "B?",
     RESULT("true", "[" OK("1") "," OK("2") "]"), GATE_UNKNOWN,
     "only 1 of 2 interactions were replayed"},
    {"nothing that can be read", "?", RESULT("true", "[" OK("1") "]"), GATE_UNKNOWN,
     "only 0 of 1 interactions were replayed"},
};

static void test_shape(void **state)
{
    const struct shape_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *pact = pact_new(arena, STR("wallet"), STR("bff"));
    for (size_t i = 0; row->shape[i]; i++) {
        if (row->shape[i] == '?') {
            pact->skipped++;
            continue;
        }
        struct pact_interaction *interaction = pact_add(arena, pact, PACT_HTTP, STR("A.one: x"));
        interaction->pending = row->shape[i] == 'P';
        interaction->id = str_printf(arena, "%zu", i + 1);
    }
    struct json *result;
    assert_int_equal(json_parse(str_of(row->result), "test", arena, &result, NULL), 0);
    struct gate_contract contract = {.pact = pact, .provider_version = STR("9")};
    gate_contract_judge(result, arena, &contract);
    assert_str_is(contract.why, row->why);
    assert_int_equal(contract.state, row->state);
    assert_int_equal(contract.interactions, strlen(row->shape));
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, judge_rows, test_judge);
    ROWS_ADD(&tests, shape_rows, test_shape);
    return rows_run(&tests, "gate_judge");
}
