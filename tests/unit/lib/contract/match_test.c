// SPDX-License-Identifier: Apache-2.0
/* What a comparison reports: sentences, sides, rules, places, order; and when it cannot tell. */
#include "lib/contract/match.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/re.h"
#include "tests/unit/lib/base/rows.h"

static struct pact *response_pact(struct arena *arena, const char *response)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    struct str text = str_printf(arena,
                                 "{\"interactions\":[{\"type\":\"Synchronous/HTTP\",\"response\":\n"
                                 "%s}],\"metadata\":{\"pactSpecification\":{\"version\":\"4\"}}}",
                                 response);
    if (pact_read(text, "p.json", arena, &pact, &err) != 0)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return pact;
}

static int compare(struct arena *arena, const char *response, struct str body, const char *type,
                   struct match_result *ret, struct err *err)
{
    struct pact *pact = response_pact(arena, response);
    struct actual_response actual = {.status = 200, .body = body};
    if (type)
        headers_addz(arena, &actual.headers, "Content-Type", type);
    return match_response(pact, &pact->interactions.items[0].response, &actual, arena, ret, err);
}

#define JSON_BODY(content, rules)                                                                  \
    "{\"body\":{\"contentType\":\"application/json\",\"content\":" content                         \
    "},\"matchingRules\":{\"body\":{" rules "}}}"
#define RULE(path, rule) "\"" path "\":{\"matchers\":[" rule "]}"

static const struct text_row {
    const char *name, *response, *actual, *type;
    enum match_part part;
    const char *path, *expected, *shown, *rule, *text;
} text_rows[] = {
    {"equality", JSON_BODY("{\"a\":\"x\"}", ""), "{\"a\":\"y\"}", "application/json", MATCH_BODY,
     "$.a", "\"x\"", "\"y\"", "equality", "Expected 'y' (String) to be equal to 'x' (String)"},
    {"number kinds", JSON_BODY("{\"a\":1}", ""), "{\"a\":1.0}", "application/json", MATCH_BODY,
     "$.a", "1", "1.0", "equality", "Expected 1.0 (Decimal) to be equal to 1 (Integer)"},
    {"kinds of containers", JSON_BODY("{\"a\":[\"b\"]}", ""), "{\"a\":\"b\"}", "application/json",
     MATCH_BODY, "$.a", "[\"b\"]", "\"b\"", "equality",
     "Type mismatch: Expected 'b' (String) to be the same type as [\"b\"] (Array)"},
    {"missing keys", JSON_BODY("{\"b\":1,\"a\":2,\"c\":3}", ""), "{\"c\":3}", "application/json",
     MATCH_BODY, "$", "{\"b\":1,\"a\":2,\"c\":3}", "{\"c\":3}", "equality",
     "Actual map is missing the following keys: a, b"},
    {"length", JSON_BODY("[1]", ""), "[1,2]", "application/json", MATCH_BODY, "$", "[1]", "[1,2]",
     "equality", "Expected a List with 1 elements but received 2 elements"},
    {"min", JSON_BODY("{\"a\":[1]}", RULE("$.a", "{\"match\":\"type\",\"min\":1}")), "{\"a\":[]}",
     "application/json", MATCH_BODY, "$.a", "[1]", "[]", "type min 1",
     "Expected [] (size 0) to have minimum size of 1"},
    {"regex", JSON_BODY("{\"a\":\"1\"}", RULE("$.a", "{\"match\":\"regex\",\"regex\":\"[0-9]+\"}")),
     "{\"a\":\"x\"}", "application/json", MATCH_BODY, "$.a", "\"1\"", "\"x\"", "regex [0-9]+",
     "Expected 'x' to match '[0-9]+'"},
    {"type", JSON_BODY("{\"a\":1}", RULE("$.a", "{\"match\":\"type\"}")), "{\"a\":\"100\"}",
     "application/json", MATCH_BODY, "$.a", "1", "\"100\"", "type",
     "Expected '100' (String) to be the same type as 1 (Integer)"},
    {"include", JSON_BODY("{\"a\":\"x\"}", RULE("$.a", "{\"match\":\"include\",\"value\":\"x\"}")),
     "{\"a\":\"y\"}", "application/json", MATCH_BODY, "$.a", "\"x\"", "\"y\"", "include x",
     "Expected 'y' to include 'x'"},
    {"integer", JSON_BODY("{\"a\":1}", RULE("$.a", "{\"match\":\"integer\"}")), "{\"a\":1.5}",
     "application/json", MATCH_BODY, "$.a", "1", "1.5", "integer",
     "Expected 1.5 (Decimal) to be an integer"},
    {"a number as key",
     JSON_BODY(
         "{\"a\":1}",
         RULE("$", "{\"match\":\"eachKey\",\"rules\":[{\"match\":\"regex\",\"regex\":\"a\"}]}")),
     "{\"100\":1}", "application/json", MATCH_BODY, "$[100]", "a", "100", "regex a",
     "Expected '100' to match 'a'"},
    {"a key that needs quotes", JSON_BODY("{\"a b\":1}", ""), "{\"a b\":2}", "application/json",
     MATCH_BODY, "$['a b']", "1", "2", "equality",
     "Expected 2 (Integer) to be equal to 1 (Integer)"},
    {"variant",
     JSON_BODY("[1,2]", RULE("$", "{\"match\":\"arrayContains\",\"variants\":[{\"index\":1,"
                                  "\"rules\":{}}]}")),
     "[1]", "application/json", MATCH_BODY, "$", "[1,2]", "[1]", "arrayContains",
     "Variant at index 1 (2) was not found in the actual list"},
    {"unknown rule", JSON_BODY("{\"a\":1}", RULE("$.a", "{\"match\":\"paint\"}")), "{\"a\":1}",
     "application/json", MATCH_BODY, "$.a", "1", "1", "paint",
     "Matching rule 'paint' is not known and no plugin provides it"},
    {"rule without a name", JSON_BODY("{\"a\":1}", RULE("$.a", "{\"hue\":3}")), "{\"a\":1}",
     "application/json", MATCH_BODY, "$.a", "1", "1", "unknown",
     "Matching rule {\"hue\":3} does not say what it is"},
    {"alternatives",
     "{\"body\":{\"contentType\":\"application/json\",\"content\":{\"a\":1}},\"matchingRules\":{"
     "\"body\":{\"$.a\":{\"combine\":\"OR\",\"matchers\":[{\"match\":\"null\"},{\"match\":"
     "\"integer\"}]}}}}",
     "{\"a\":true}", "application/json", MATCH_BODY, "$.a", "1", "true", "null or integer",
     "Expected true (Boolean) to be null, or: Expected true (Boolean) to be an integer"},
    {"body type", JSON_BODY("{}", ""), "<a/>", "application/xml", MATCH_BODY_TYPE, "$",
     "application/json", "application/xml", "equality",
     "Expected a body of 'application/json' but the actual content type was 'application/xml'"},
    {"empty body expected", "{\"body\":{\"content\":\"\"}}", "x", "text/plain", MATCH_BODY, "$", "",
     "x", "equality", "Expected empty body but received 'x'"},
    {"text", "{\"body\":{\"content\":\"A\",\"contentType\":\"text/plain\"}}", "B", "text/plain",
     MATCH_BODY, "$", "A", "B", "equality",
     "Expected body 'A' to match 'B' using equality but did not match"},
    {"status", "{\"status\":204}", "", NULL, MATCH_STATUS, "", "204", "200", "equality",
     "Expected status of 204 but was 200"},
    {"status class",
     "{\"matchingRules\":{\"status\":{\"matchers\":[{\"match\":\"statusCode\",\"status\":"
     "\"redirect\"}]}}}",
     "", NULL, MATCH_STATUS, "", "200", "200", "statusCode",
     "Expected status code 200 to be a Redirect (300\xe2\x80\x93"
     "399)"},
    {"header", "{\"headers\":{\"content-type\":[\"X\"]}}", "", "Y", MATCH_HEADER, "content-type",
     "X", "Y", "equality", "Expected header 'content-type' to have value 'X' but was 'Y'"},
    {"header missing", "{\"headers\":{\"ETag\":[\"1\"]}}", "", NULL, MATCH_HEADER, "ETag", "1",
     NULL, "equality", "Expected a header 'ETag' but was missing"},
};

static void test_text(void **state)
{
    const struct text_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    if (compare(arena, row->response, str_of(row->actual), row->type, &result, &err) != 0)
        fail_msg("could not tell: %s", err.text);
    assert_int_equal(result.len, 1);
    const struct mismatch *m = &result.items[0];
    assert_int_equal(m->part, row->part);
    assert_str_is(m->path, row->path);
    assert_str_is(m->text, row->text);
    assert_str_is(m->expected, row->expected);
    assert_str_is(m->actual, row->shown);
    assert_str_is(m->rule, row->rule);
    re_cache_clear();
}

/* Comparisons that cannot be made are errors, whatever the bytes. */
static const struct error_row {
    const char *name, *response, *actual, *type;
    int code;
} error_rows[] = {
    {"invalid regex",
     JSON_BODY("{\"a\":\"x\"}", RULE("$.a", "{\"match\":\"regex\",\"regex\":\"(\"}")),
     "{\"a\":\"x\"}", "application/json", ERR_PARSE},
    {"invalid regex that nothing gets to",
     JSON_BODY("{\"a\":\"x\"}", RULE("$.b", "{\"match\":\"regex\",\"regex\":\"(\"}")),
     "{\"a\":\"x\"}", "application/json", ERR_PARSE},
    {"invalid regex where another kind came",
     JSON_BODY("{\"a\":[\"x\"]}", RULE("$.a[*]", "{\"match\":\"regex\",\"regex\":\"(\"}")),
     "{\"a\":1}", "application/json", ERR_PARSE},
    {"invalid regex that is one of several",
     "{\"matchingRules\":{\"header\":{\"X\":{\"combine\":\"OR\",\"matchers\":[{\"match\":\"type\"},"
     "{\"match\":\"regex\",\"regex\":\"[z-a]\"}]}}}}",
     "", NULL, ERR_PARSE},
    {"invalid regex of keys",
     JSON_BODY(
         "{\"a\":{}}",
         RULE("$.a", "{\"match\":\"eachKey\",\"rules\":[{\"match\":\"regex\",\"regex\":\"(\"}]}")),
     "{\"a\":{}}", "application/json", ERR_PARSE},
    {"invalid regex of a variant",
     JSON_BODY("[1]",
               RULE("$", "{\"match\":\"arrayContains\",\"variants\":[{\"index\":0,\"rules\":{"
                         "\"$.x\":{\"matchers\":[{\"match\":\"regex\",\"regex\":\"(\"}]}}}]}")),
     "[1]", "application/json", ERR_PARSE},
    {"regex that is too long to be read", NULL, "", NULL, ERR_LIMIT},
    {"regex that explodes",
     JSON_BODY("{\"a\":\"x\"}", RULE("$.a", "{\"match\":\"regex\",\"regex\":\"(x+x+)+[yz]\"}")),
     "{\"a\":"
     "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
     "application/json", ERR_LIMIT},
    {"entities in xml", "{\"body\":{\"content\":\"<a/>\",\"contentType\":\"application/xml\"}}",
     "<!DOCTYPE a [<!ENTITY e 'x'>]><a/>", "application/xml", ERR_UNDECIDED},
    {"rule on xml that is invalid",
     "{\"body\":{\"content\":\"<a>1</a>\",\"contentType\":\"application/xml\"},\"matchingRules\":{"
     "\"body\":{" RULE("$.a.#text", "{\"match\":\"regex\",\"regex\":\"(\"}") "}}}",
     "<a>1</a>", "application/xml", ERR_PARSE},
    {"regex on bytes",
     "{\"body\":{\"content\":\"/w==\",\"contentType\":\"application/octet-stream\",\"encoded\":"
     "\"base64\"},\"matchingRules\":{\"body\":{" RULE(
         "$", "{\"match\":\"regex\",\"regex\":\".*\"}") "}}}",
     "\xff", "application/octet-stream", ERR_UNDECIDED},
};

static const char *too_long(struct arena *arena)
{
    char *pattern = ARENA_ARRAY(arena, char, LIMIT_RE_PATTERN + 2);
    memset(pattern, 'a', LIMIT_RE_PATTERN + 1);
    return arena_printf(arena,
                        "{\"matchingRules\":{\"header\":{\"X\":{\"matchers\":[{\"match\":\"regex\","
                        "\"regex\":\"%s\"}]}}}}",
                        pattern);
}

static void test_unusable_has_a_place(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    const char *response = JSON_BODY("{}", "\n  " RULE("$.b", "{\"regex\":\"\\\\u00e\"}"));
    assert_int_equal(compare(arena, response, STR("{}"), NULL, &result, &err), ERR_PARSE);
    assert_string_equal(err.source, "p.json");
    assert_int_equal(err.line, 3);
    if (!strstr(err.text, "matching rule '$.b': regular expression '\\u00e'"))
        fail_msg("saw '%s'", err.text);
}

static void test_error(void **state)
{
    const struct error_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {.dropped = 77};
    struct err err = ERR_INIT;
    const char *response = row->response ? row->response : too_long(arena);
    int rc = compare(arena, response, str_of(row->actual), row->type, &result, &err);
    if (rc != row->code)
        fail_msg("saw %d (%s), expected %d", rc, err.text, row->code);
    assert_int_equal(err.code, row->code);
    assert_true(err.text[0] != '\0');
    assert_int_equal(result.dropped, 77); /* untouched */
    re_cache_clear();
}

static void test_too_deep(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    char deep[2 * (LIMIT_JSON_DEPTH + 2) + 1];
    memset(deep, '[', LIMIT_JSON_DEPTH + 2);
    memset(deep + LIMIT_JSON_DEPTH + 2, ']', LIMIT_JSON_DEPTH + 2);
    struct match_result result = {0};
    struct err err = ERR_INIT;
    assert_int_equal(compare(arena, JSON_BODY("[]", ""), str_make(deep, sizeof deep - 1),
                             "application/json", &result, &err),
                     ERR_LIMIT);
}

/* All differences, in the order of the expected document, each with its line in the contract. */
static void test_order_and_places(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int line, column;
    } want[] = {{"$.z", 4, 8}, {"$.m[1]", 5, 12}, {"$.a.q", 6, 14}};
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    int rc =
        compare(arena,
                "{\"body\":{\"contentType\":\"application/json\",\"content\":{\n\n"
                "  \"z\":1,\n  \"m\":[ 1, 2],\n  \"a\":{ \"q\":3}}}}",
                STR("{\"a\":{\"q\":4},\"m\":[1,7],\"z\":2}"), "application/json", &result, &err);
    assert_int_equal(rc, 0);
    assert_int_equal(result.len, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_str_is(result.items[i].path, want[i].path);
        if (result.items[i].line == want[i].line)
            continue;
        fail_msg("%s: saw line %d, column %d", want[i].path, result.items[i].line,
                 result.items[i].column);
    }
}

static void test_place_of_a_body_in_a_string(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    int rc = compare(arena,
                     "{\n\n\n\"body\":{\"contentType\":\"application/json\",\"encoded\":\"json\","
                     "\"content\":\"{\\\"a\\\":1}\"}}",
                     STR("{\"a\":2}"), "application/json", &result, &err);
    assert_int_equal(rc, 0);
    assert_int_equal(result.len, 1);
    assert_int_equal(result.items[0].line, 5);
    assert_int_equal(result.items[0].column, 8);
}

static void test_long_values_are_cut(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    char *text = arena_alloc(arena, 3 * LIMIT_SHOWN);
    memset(text, 'x', 3 * LIMIT_SHOWN);
    text[0] = text[3 * LIMIT_SHOWN - 1] = '"';
    struct match_result result = {0};
    struct err err = ERR_INIT;
    assert_int_equal(compare(arena, JSON_BODY("\"y\"", ""), str_make(text, 3 * LIMIT_SHOWN),
                             "application/json", &result, &err),
                     0);
    assert_int_equal(result.len, 1);
    assert_true(result.items[0].actual.len <= LIMIT_SHOWN);
    assert_true(str_ends(result.items[0].actual, STR("...")));
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, text_rows, test_text);
    ROWS_ADD(&tests, error_rows, test_error);
    rows_add_test(&tests, "what cannot be used has a place", test_unusable_has_a_place);
    rows_add_test(&tests, "nested too deep", test_too_deep);
    rows_add_test(&tests, "order and places", test_order_and_places);
    rows_add_test(&tests, "place of a body in a string", test_place_of_a_body_in_a_string);
    rows_add_test(&tests, "long values are cut", test_long_values_are_cut);
    return rows_run(&tests, "match");
}
