// SPDX-License-Identifier: Apache-2.0
/*
 * Every difference names the place in the contract that promises something else. In the rows `~`
 * stands before that place and is no part of the contract.
 */
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/match.h"
#include "lib/contract/part.h"
#include "tests/unit/lib/base/rows.h"

static const struct row {
    const char *name;
    enum part_kind kind;
    enum pact_spec spec;
    const char *expected, *actual;
    enum match_part part; /* of the one difference of this part */
} rows[] = {
    {"method", PART_REQUEST, PACT_V3, "{\"path\":\"/\",\n \"method\": ~\"GET\"}",
     "{\"method\":\"POST\",\"path\":\"/\"}", MATCH_METHOD},
    {"method that is not written", PART_REQUEST, PACT_V3, "\n ~{\"path\":\"/\"}",
     "{\"method\":\"POST\",\"path\":\"/\"}", MATCH_METHOD},
    {"method under a rule", PART_REQUEST, PACT_V3,
     "{\"method\": ~\"GET\",\"matchingRules\":{\"method\":{\"matchers\":[{\"match\":\"regex\","
     "\"regex\":\"GET|HEAD\"}]}}}",
     "{\"method\":\"POST\"}", MATCH_METHOD},
    {"path", PART_REQUEST, PACT_V3, "{\"method\":\"GET\",\"path\":~\"/a\"}", "{\"path\":\"/b\"}",
     MATCH_PATH},
    {"path under a rule", PART_REQUEST, PACT_V2,
     "{\"path\":~\"/a\",\"matchingRules\":{\"$.path\":{\"match\":\"regex\",\"regex\":\"/[a-z]\"}}}",
     "{\"path\":\"/1\"}", MATCH_PATH},
    {"query as one text", PART_REQUEST, PACT_V1, "{\"query\":~\"a=1\"}", "{\"query\":\"a=2\"}",
     MATCH_QUERY},
    {"parameter of a query of one text", PART_REQUEST, PACT_V2, "{\"query\":~\"b=1&a=1\"}",
     "{\"query\":\"b=1&a=2\"}", MATCH_QUERY},
    {"parameter", PART_REQUEST, PACT_V3, "{\"query\":{\"b\":[\"1\"],\n\"a\":[~\"1\"]}}",
     "{\"query\":{\"b\":[\"1\"],\"a\":[\"2\"]}}", MATCH_QUERY},
    {"parameter that is no list", PART_REQUEST, PACT_V3, "{\"query\":{\"a\":~\"1\"}}",
     "{\"query\":{\"a\":[\"2\"]}}", MATCH_QUERY},
    {"second value", PART_REQUEST, PACT_V3, "{\"query\":{\"a\":[\"1\", ~\"2\"]}}",
     "{\"query\":{\"a\":[\"1\",\"3\"]}}", MATCH_QUERY},
    {"count of values", PART_REQUEST, PACT_V3, "{\"query\":{\"a\":~[\"1\", \"2\"]}}",
     "{\"query\":{\"a\":[\"1\"]}}", MATCH_QUERY},
    {"parameter under a rule", PART_REQUEST, PACT_V3,
     "{\"query\":{\"a\":[~\"1\"]},\"matchingRules\":{\"query\":{\"a\":{\"matchers\":[{\"match\":"
     "\"regex\",\"regex\":\"[0-9]\"}]}}}}",
     "{\"query\":{\"a\":[\"x\"]}}", MATCH_QUERY},
    {"parameter missing", PART_REQUEST, PACT_V3, "{\"query\":{\"a\":[~\"1\"]}}", "{\"query\":{}}",
     MATCH_QUERY},
    {"parameter not expected", PART_REQUEST, PACT_V3, "{\"query\":~{\"a\":[\"1\"]}}",
     "{\"query\":{\"a\":[\"1\"],\"b\":[\"1\"]}}", MATCH_QUERY},
    {"parameter where there is no query", PART_REQUEST, PACT_V3, "~{\"path\":\"/\"}",
     "{\"path\":\"/\",\"query\":{\"b\":[\"1\"]}}", MATCH_QUERY},
    {"header of a request", PART_REQUEST, PACT_V4, "{\"headers\":{\"X\":~[\"1\"]}}",
     "{\"headers\":{\"X\":[\"2\"]}}", MATCH_HEADER},
    {"header", PART_RESPONSE, PACT_V3, "{\"headers\":{\"A\":\"1\",\n  \"X\":~\"1\"}}",
     "{\"headers\":{\"a\":\"1\",\"x\":\"2\"}}", MATCH_HEADER},
    {"header missing", PART_RESPONSE, PACT_V3, "{\"headers\":{\"X\": ~\"1\"}}", "{\"headers\":{}}",
     MATCH_HEADER},
    {"header under a rule", PART_RESPONSE, PACT_V3,
     "{\"headers\":{\"X\":~\"1\"},\"matchingRules\":{\"header\":{\"X\":{\"matchers\":[{\"match\":"
     "\"integer\"}]}}}}",
     "{\"headers\":{\"X\":\"y\"}}", MATCH_HEADER},
    {"status", PART_RESPONSE, PACT_V3, "{\"status\":\n~201}", "{\"status\":200}", MATCH_STATUS},
    {"status that is not written", PART_RESPONSE, PACT_V3, " ~{\"headers\":{}}", "{\"status\":404}",
     MATCH_STATUS},
    {"status under a rule", PART_RESPONSE, PACT_V3,
     "{\"status\":~200,\"matchingRules\":{\"status\":{\"matchers\":[{\"match\":\"statusCode\","
     "\"status\":\"success\"}]}}}",
     "{\"status\":404}", MATCH_STATUS},
    {"content type of a header", PART_RESPONSE, PACT_V3,
     "{\"headers\":{\"content-type\":~\"application/json\"},\"body\":{}}",
     "{\"headers\":{\"Content-Type\":\"text/plain\"},\"body\":\"{}\"}", MATCH_BODY_TYPE},
    {"content type of a body", PART_RESPONSE, PACT_V4,
     "{\"body\":{\"content\":{},\"contentType\": ~\"application/json\"}}",
     "{\"body\":{\"content\":\"x\",\"contentType\":\"text/plain\"}}", MATCH_BODY_TYPE},
    {"content type of a message", PART_MESSAGE, PACT_V3,
     "{\"metadata\":{\"contentType\":~\"application/json\"},\"contents\":{}}",
     "{\"metadata\":{\"contentType\":\"text/plain\"},\"contents\":\"x\"}", MATCH_BODY_TYPE},
    {"metadata", PART_MESSAGE, PACT_V3, "{\"metadata\":{\"k\":~1},\"contents\":{}}",
     "{\"metadata\":{\"k\":2},\"contents\":{}}", MATCH_METADATA},
    {"metadata missing", PART_MESSAGE, PACT_V3, "{\"metadata\":{\"k\":~1},\"contents\":{}}",
     "{\"metadata\":{},\"contents\":{}}", MATCH_METADATA},
    {"member of a body", PART_RESPONSE, PACT_V3, "{\"body\":{\"a\":~1}}", "{\"body\":{\"a\":2}}",
     MATCH_BODY},
    {"body missing", PART_RESPONSE, PACT_V3, "{\"body\":~{\"a\":1}}", "{\"status\":200}",
     MATCH_BODY},
    {"body not expected", PART_RESPONSE, PACT_V3, "{\"body\":~null}", "{\"body\":\"x\"}",
     MATCH_BODY},
    {"text", PART_RESPONSE, PACT_V3, "{\"body\":~\"x\"}", "{\"body\":\"y\"}", MATCH_BODY},
    {"field of a form", PART_REQUEST, PACT_V3,
     "{\"headers\":{\"Content-Type\":\"application/x-www-form-urlencoded\"},\"body\":~\"a=1\"}",
     "{\"headers\":{\"Content-Type\":\"application/x-www-form-urlencoded\"},\"body\":\"a=2\"}",
     MATCH_BODY},
    {"JSON that was written as text", PART_RESPONSE, PACT_V3,
     "{\"headers\":{\"Content-Type\":\"application/json\"},\"body\":~\"{\\\"a\\\":1}\"}",
     "{\"headers\":{\"Content-Type\":\"application/json\"},\"body\":{\"a\":2}}", MATCH_BODY},
    {"GraphQL document by GET", PART_REQUEST, PACT_V3,
     "{\"query\":{\"a\":[\"1\"],\"query\":[~\"{a}\"]}}",
     "{\"query\":{\"a\":[\"1\"],\"query\":[\"{b}\"]}}", MATCH_QUERY},
    {"GraphQL variables by GET that are not expected", PART_REQUEST, PACT_V3,
     "{\"query\":~{\"query\":[\"{a}\"]}}",
     "{\"query\":{\"query\":[\"{a}\"],\"variables\":[\"{\\\"b\\\":1}\"]}}", MATCH_QUERY},
    {"GraphQL document of a batch", PART_REQUEST, PACT_V3,
     "{\"body\":[{\"query\":\"{a}\"},\n{\"query\": ~\"{a}\"}]}",
     "{\"body\":[{\"query\":\"{ a }\"},{\"query\":\"{b}\"}]}", MATCH_BODY},
    {"GraphQL variable of a batch", PART_REQUEST, PACT_V3,
     "{\"body\":[{\"query\":\"{a}\",\"variables\":{\"x\":~1}}]}",
     "{\"body\":[{\"query\":\"{a}\",\"variables\":{\"x\":2}}]}", MATCH_BODY},
    {"GraphQL request without its variables", PART_REQUEST, PACT_V3,
     "{\"body\":~{\"query\":\"query A{a}\",\"variables\":{\"x\":1}}}",
     "{\"body\":{\"query\":\"query A{a}\"}}", MATCH_BODY},
};

/* The contract without its mark; where that stood. */
static struct str unmarked(struct arena *arena, const char *marked, int *ret_line, int *ret_column)
{
    const char *mark = strchr(marked, '~');
    assert_non_null(mark);
    int line = 1, column = 1;
    for (const char *at = marked; at < mark; at++) {
        column = *at == '\n' ? 1 : column + 1;
        line += *at == '\n';
    }
    *ret_line = line;
    *ret_column = column;
    return str_printf(arena, "%.*s%s", (int)(mark - marked), marked, mark + 1);
}

static struct pact *read_part(struct arena *arena, const struct row *row, struct str text)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    if (part_read(text, "part.json", row->kind, row->spec, arena, &pact, &err) != 0)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return pact;
}

static void test_place(void **state)
{
    const struct row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    int line, column;
    struct str text = unmarked(arena, row->expected, &line, &column);
    struct pact *expected = read_part(arena, row, text);
    struct pact *actual = read_part(arena, row, str_of(row->actual));
    if (part_match(row->kind, expected, actual, arena, &result, &err) != 0)
        fail_msg("%s", err.text);
    const struct mismatch *seen = NULL;
    size_t count = 0;
    VEC_EACH(&result, const struct mismatch *, mismatch) {
        seen = mismatch->part == row->part ? mismatch : seen;
        count += mismatch->part == row->part;
    }
    if (!seen || count != 1)
        fail_msg("saw %zu differences of that part, expected one", count);
    else if (seen->line != line || seen->column != column)
        fail_msg("saw %d:%d, expected %d:%d", seen->line, seen->column, line, column);
}

/* A whole file: parts that the file leaves out are promised by the interaction. */
static void test_left_out(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    struct pact *pact = NULL;
    struct str text = STR("{\"interactions\":[\n  {\"description\":\"a\"}]}");
    struct actual_response actual = {.status = 404};
    assert_int_equal(pact_read(text, "p.json", arena, &pact, &err), 0);
    const struct pact_response *expected = &pact->interactions.items[0].response;
    assert_int_equal(match_response(pact, expected, &actual, arena, &result, &err), 0);
    assert_int_equal(result.len, 1);
    assert_int_equal(result.items[0].line, 2);
    assert_int_equal(result.items[0].column, 3);
}

/* What was built stands in no file. */
static void test_built(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    struct pact *pact = pact_new(arena, STR("c"), STR("p"));
    struct pact_interaction *made = pact_add(arena, pact, PACT_HTTP, STR("a"));
    struct actual_response actual = {.status = 404};
    pact_header_add(arena, &made->response.headers, STR("X"), STR("1"));
    assert_int_equal(match_response(pact, &made->response, &actual, arena, &result, &err), 0);
    assert_int_equal(result.len, 2);
    for (size_t i = 0; i < result.len; i++)
        assert_int_equal(result.items[i].line + result.items[i].column, 0);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_place);
    rows_add_test(&tests, "parts that are left out", test_left_out);
    rows_add_test(&tests, "what was built has no place", test_built);
    return rows_run(&tests, "match_places");
}
