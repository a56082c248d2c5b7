// SPDX-License-Identifier: Apache-2.0
/* The reader: versions, old spellings, body states, and where it says that a file is wrong. */
#include "lib/contract/pact.h"

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/rules.h"
#include "tests/unit/lib/base/rows.h"

#define AROUND(spec, interaction)                                                                  \
    "{\"interactions\":[" interaction "],"                                                         \
    "\"metadata\":{\"pactSpecification\":{\"version\":\"" spec "\"}}}"

static struct pact *read_ok(const char *text, struct arena *arena)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    char shown[1200];
    if (pact_read(str_of(text), "p.json", arena, &pact, &err) != 0)
        fail_msg("%s", err_render(&err, shown, sizeof shown));
    return pact;
}

/* ---- refusals ---- */

static const struct bad_row {
    const char *name, *text;
    int line, column;
    const char *says; /* part of the message */
} bad_rows[] = {
    {"not json", "{\n  \"interactions\": [,]\n}", 2, 20, ""},
    {"no object", "[1]", 1, 1, "expected a pact file's object, found an array"},
    {"path to another host", "{\"interactions\":[{\"request\":{\"path\":\"@127.0.0.1:1/x\"}}]}", 1,
     37, "starts with '/'"},
    {"status of five digits", "{\"interactions\":[{\"response\":{\"status\":99999}}]}", 1, 40,
     "three digits"},
    {"a key twice", "{\n \"interactions\": [{\"response\":{\"status\":200},\"response\":{}}]}", 2,
     19, "key 'response' more than once"},
    {"neither list", "{\"consumer\":{}}", 1, 1, "'interactions' or 'messages'"},
    {"interactions no array", "{\n \"interactions\": {}}", 2, 18, "array as 'interactions'"},
    {"messages no array", "{\"messages\": 1}", 1, 14, "array as 'messages'"},
    {"interaction no object", "{\"interactions\":[\n\n  7]}", 3, 3, "found a number"},
    {"version 5",
     "{\"interactions\":[],\n\"metadata\":{\"pactSpecification\":{\"version\":\"5.0\"}}}", 2, 44,
     "up to 4, found 5"},
    {"metadata no object", "{\"interactions\":[],\"metadata\":[]}", 1, 31, "'metadata'"},
    {"consumer no object", "{\"consumer\":\"a\",\"interactions\":[]}", 1, 13, "object with 'name'"},
    {"description no text", "{\"interactions\":[{\"description\":[]}]}", 1, 33, "'description'"},
    {"request no object", "{\"interactions\":[{\"request\":[]}]}", 1, 29, "'request'"},
    {"method no text", "{\"interactions\":[{\"request\":{\"method\":{}}}]}", 1, 39, "'method'"},
    {"status no number", "{\"interactions\":[{\"response\":{\"status\":\"ok\"}}]}", 1, 40,
     "'status'"},
    {"headers no object", "{\"interactions\":[{\"response\":{\"headers\":[]}}]}", 1, 41,
     "'headers'"},
    {"header value no text", "{\"interactions\":[{\"response\":{\"headers\":{\"A\":[{}]}}}]}", 1,
     47, "header value"},
    {"query no text", "{\"interactions\":[{\"request\":{\"query\":[]}}]}", 1, 38, "'query'"},
    {"query that is not well-formed", "{\"interactions\":[{\"request\":{\"query\":\"a=%zz\"}}]}", 1,
     38, "well-formed query"},
    {"query that is not utf-8", "{\"interactions\":[{\"request\":{\"query\":\"a=%ee\"}}]}", 1, 38,
     "UTF-8"},
    {"states no array", "{\"interactions\":[{\"providerStates\":{}}]}", 1, 36, "'providerStates'"},
    {"params no object",
     "{\"interactions\":[{\"providerStates\":[{\"name\":\"s\",\"params\":1}]}]}", 1, 58,
     "'params'"},
    {"pending no boolean", AROUND("4.0", "{\"type\":\"Synchronous/HTTP\",\"pending\":1}"), 1, 55,
     "'pending'"},
    {"comments no object", AROUND("4.0", "{\"type\":\"Synchronous/HTTP\",\"comments\":1}"), 1, 56,
     "'comments'"},
    {"message metadata no object", "{\"messages\":[{\"metaData\":[]}]}", 1, 26, "'metadata'"},
    {"rules no object", "{\"interactions\":[{\"request\":{\"matchingRules\":[]}}]}", 1, 46,
     "'matchingRules'"},
    {"category no object", "{\"interactions\":[{\"request\":{\"matchingRules\":{\n\"body\":1}}}]}",
     2, 8, "category 'body'"},
    {"invalid path",
     "{\"interactions\":[{\"request\":{\"matchingRules\":{\"body\":{\n\"$.a[\":{\"matchers\":[]}}}}"
     "}]}",
     2, 8, "'$.a['"},
    {"invalid v2 path",
     "{\"interactions\":[{\"request\":{\"matchingRules\":{\n \"$.body.a "
     "b\":{\"match\":\"type\"}}}}]}",
     2, 15, "'$.body.a b'"},
    {"unknown part of a v2 path",
     "{\"interactions\":[{\"request\":{\"matchingRules\":{\"$.x.a\":{\"match\":\"type\"}}}}]}", 1,
     55, "$.body"},
    {"matchers no array",
     "{\"interactions\":[{\"request\":{\"matchingRules\":{\"body\":{\"$.a\":{\"matchers\":1}}}}}]}",
     1, 61, "'matchers'"},
    {"rule no object",
     "{\"interactions\":[{\"request\":{\"matchingRules\":{\"body\":{\"$.a\":{\"matchers\":[1]}}}}}]"
     "}",
     1, 61, "object"},
    {"regex without regex",
     "{\"interactions\":[{\"request\":{\"matchingRules\":{\"body\":{\"$.a\":{\"matchers\":[{"
     "\"match\":"
     "\"regex\"}]}}}}}]}",
     1, 61, "attribute 'regex'"},
    {"min no count",
     "{\"interactions\":[{\"request\":{\"matchingRules\":{\"body\":{\"$.a\":{\"matchers\":[{"
     "\"min\":-1}]}}}"
     "}}]}",
     1, 61, "'min'"},
    {"invalid generator path",
     "{\"interactions\":[{\"response\":{\"generators\":{\"body\":{\"$.\":{\"type\":\"Uuid\"}}}}}]}",
     1, 44, "'$.'"},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(pact_read(str_of(row->text), "p.json", arena, &pact, &err), ERR_PARSE);
    if (err.line != row->line || err.column != row->column || !strstr(err.text, row->says) ||
        strcmp(err.source, "p.json") != 0)
        fail_msg("saw %s:%d:%d: %s, expected %d:%d with \"%s\"", err.source, err.line, err.column,
                 err.text, row->line, row->column, row->says);
    assert_null(pact);
}

/* ---- versions ---- */

static const struct version_row {
    const char *name, *metadata;
    enum pact_spec spec;
    size_t warnings;
} version_rows[] = {
    {"absent", "{}", PACT_V3, 0},
    {"V1", "{\"pactSpecification\":{\"version\":\"1.0.0\"}}", PACT_V1, 0},
    {"V1.1", "{\"pactSpecification\":{\"version\":\"1.1.0\"}}", PACT_V1_1, 0},
    {"V2", "{\"pactSpecification\":{\"version\":\"2\"}}", PACT_V2, 0},
    {"V3, old key", "{\"pact-specification\":{\"version\":\"3.0.0\"}}", PACT_V3, 0},
    {"V2, oldest key", "{\"pactSpecificationVersion\":\"2.0.0\"}", PACT_V2, 0},
    {"V4", "{\"pactSpecification\":{\"version\":\"4.0\"}}", PACT_V4, 0},
    {"V4, lenient", "{\"pactSpecification\":{\"version\":\"v4\"}}", PACT_V4, 0},
    {"unreadable", "{\"pactSpecification\":{\"version\":\"latest\"}}", PACT_V3, 1},
};

static void test_version(void **state)
{
    const struct version_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    char text[256];
    snprintf(text, sizeof text,
             "{\"consumer\":{\"name\":\"a\"},\"provider\":{\"name\":\"b\"},\"interactions\":[],"
             "\"metadata\":%s}",
             row->metadata);
    struct pact *pact = read_ok(text, arena);
    assert_int_equal(pact->spec, row->spec);
    assert_int_equal(pact->warnings.len, row->warnings);
}

/* ---- body states ---- */

static void pending_counts_from_v4_on(void **state)
{
    static const struct {
        const char *version;
        bool want;
    } rows[] = {{"2.0.0", false}, {"3.0.0", false}, {"4.0", true}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct pact *pact = NULL;
        struct str text = str_printf(arena,
                                     "{\"interactions\":[{\"type\":\"Synchronous/"
                                     "HTTP\",\"description\":\"d\",\"pending\":true}],"
                                     "\"metadata\":{\"pactSpecification\":{\"version\":\"%s\"}}}",
                                     rows[i].version);
        assert_int_equal(pact_read(text, "p.json", arena, &pact, NULL), 0);
        assert_int_equal(pact->interactions.items[0].pending, rows[i].want);
    }
}

static const struct body_row {
    const char *name, *spec, *headers, *body; /* members of the response, "" = none */
    enum pact_body_state state;
    const char *bytes; /* NULL = none */
    const char *type;  /* NULL = none */
    bool json;
    bool warns;
} body_rows[] = {
    {"v3 missing", "3", "", "", PACT_BODY_MISSING, NULL, NULL, false, false},
    {"v3 null", "3", "", "null", PACT_BODY_NULL, NULL, NULL, false, false},
    {"v3 empty", "3", "", "\"\"", PACT_BODY_EMPTY, NULL, NULL, false, false},
    {"v3 object", "3", "", "{\"a\": 1.0}", PACT_BODY_PRESENT, "{\"a\":1.0}", NULL, true, false},
    {"v3 number", "3", "", "100", PACT_BODY_PRESENT, "100", NULL, true, false},
    {"v3 text", "3", "", "\"hello\"", PACT_BODY_PRESENT, "hello", NULL, false, false},
    {"v3 text as json is quoted", "3", "application/json", "\"hello\"", PACT_BODY_PRESENT,
     "\"hello\"", "application/json", true, false},
    {"v3 json text as json is taken as it is", "3", "application/json", "\"{\\\"a\\\": 1}\"",
     PACT_BODY_PRESENT, "{\"a\": 1}", "application/json", true, false},
    {"v3 list text as json is quoted", "3", "application/json", "\"[1]\"", PACT_BODY_PRESENT,
     "\"[1]\"", "application/json", true, false},
    {"v3 bytes", "3", "image/png", "\"AAEC\"", PACT_BODY_PRESENT, "\x00\x01\x02", "image/png",
     false, false},
    {"v3 object as text", "3", "text/plain", "{\"a\":1}", PACT_BODY_PRESENT, "{\"a\":1}",
     "text/plain", false, false},
    {"v4 missing", "4", "", "", PACT_BODY_MISSING, NULL, NULL, false, false},
    {"v4 no content", "4", "", "{\"contentType\":\"text/plain\"}", PACT_BODY_MISSING, NULL,
     "text/plain", false, false},
    {"v4 null", "4", "", "{\"content\":null}", PACT_BODY_NULL, NULL, NULL, false, false},
    {"v4 empty", "4", "application/json", "{\"content\":\"\"}", PACT_BODY_EMPTY, NULL,
     "application/json", false, false},
    {"v4 json", "4", "", "{\"content\":{\"a\":[1]},\"contentType\":\"application/json\"}",
     PACT_BODY_PRESENT, "{\"a\":[1]}", "application/json", true, false},
    {"v4 json text is a json string", "4", "",
     "{\"content\":\"x\",\"contentType\":\"application/json\",\"encoded\":false}",
     PACT_BODY_PRESENT, "\"x\"", "application/json", true, false},
    {"v4 encoded json", "4", "",
     "{\"content\":\"{\\\"a\\\": 1}\",\"contentType\":\"application/json\",\"encoded\":\"JSON\"}",
     PACT_BODY_PRESENT, "{\"a\": 1}", "application/json", true, false},
    {"v4 base64", "4", "",
     "{\"content\":\"aGVsbG8=\",\"contentType\":\"text/plain\",\"encoded\":\"base64\"}",
     PACT_BODY_PRESENT, "hello", "text/plain", false, false},
    {"v4 base64 of nothing", "4", "", "{\"content\":\"\",\"encoded\":\"base64\"}", PACT_BODY_EMPTY,
     NULL, NULL, false, false},
    {"v4 not base64", "4", "", "{\"content\":\"?\",\"encoded\":\"base64\"}", PACT_BODY_PRESENT, "?",
     NULL, false, true},
    {"v4 unknown encoding", "4", "", "{\"content\":\"x\",\"encoded\":true}", PACT_BODY_PRESENT, "x",
     NULL, false, true},
    {"v4 header gives the type", "4", "text/plain", "{\"content\":\"x\"}", PACT_BODY_PRESENT, "x",
     "text/plain", false, false},
    {"v4 attribute over header", "4", "text/plain",
     "{\"content\":\"x\",\"contentType\":\"text/html\"}", PACT_BODY_PRESENT, "x", "text/html",
     false, false},
    {"v4 payload in the wrong place", "4", "", "{\"name\":\"x\"}", PACT_BODY_PRESENT,
     "{\"name\":\"x\"}", NULL, true, true},
    {"v4 list in the wrong place", "4", "", "[1]", PACT_BODY_PRESENT, "[1]", NULL, true, false},
};

static void test_body(void **state)
{
    const struct body_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str text = str_printf(
        arena,
        "{\"consumer\":{\"name\":\"a\"},\"provider\":{\"name\":\"b\"},\"interactions\":[{"
        "\"type\":\"Synchronous/HTTP\",\"response\":{%s%s%s%s%s}}],"
        "\"metadata\":{\"pactSpecification\":{\"version\":\"%s\"}}}",
        row->headers[0] ? "\"headers\":{\"Content-Type\":\"" : "", row->headers,
        row->headers[0] ? (row->body[0] ? "\"}," : "\"}") : "", row->body[0] ? "\"body\":" : "",
        row->body, row->spec);
    struct pact *pact = read_ok(text.ptr, arena);
    const struct pact_body *body = &pact->interactions.items[0].response.body;
    assert_int_equal(body->state, row->state);
    assert_str_is(body->content_type, row->type);
    assert_true((body->json != NULL) == row->json);
    assert_int_equal(pact->warnings.len, row->warns);
    if (row->bytes && strcmp(row->name, "v3 bytes") == 0)
        assert_true(str_eq(body->bytes, str_make(row->bytes, 3)));
    else
        assert_str_is(body->bytes, row->bytes);
}

/* ---- the rest ---- */

static void test_old_spellings(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *pact = read_ok(
        AROUND("2.0.0",
               "{\"provider_state\":\"s\",\"request\":{\"method\":\"put\",\"path\":\"/7\","
               "\"query\":\"a=1&a=2&b\",\"requestMatchingRules\":{\"$.header.X-A\":{\"match\":"
               "\"type\"},\"$.query.a[0]\":{\"match\":\"type\"},\"$.path\":{\"regex\":\"/.*\"},"
               "\"$['body']['a b']\":{\"min\":1}}},\"response\":{\"status\":\"201\","
               "\"headers\":{\"A\":1}}}"),
        arena);
    const struct pact_interaction *it = &pact->interactions.items[0];
    assert_str_is(it->states.items[0].name, "s");
    assert_str_is(it->request.method, "PUT");
    assert_str_is(it->request.path, "/7");
    assert_int_equal(it->request.query.params.len, 3);
    assert_str_is(it->request.query.params.items[2].value, NULL);
    assert_int_equal(it->response.status, 201);
    assert_str_is(pact_header_get(&it->response.headers, "a"), "1");
    const struct rules *rules = it->request.rules;
    assert_non_null(rules_named(rules, RULES_HEADER, STR("x-a")));
    assert_non_null(rules_named(rules, RULES_QUERY, STR("a[0]")));
    assert_int_equal(rules_named(rules, RULES_PATH, STR(""))->matchers.items[0].kind,
                     MATCHER_REGEX);
    const struct rule *body = &rules->part[RULES_BODY].items[0];
    assert_int_equal(body->path.len, 1);
    assert_str_is(body->path.items[0].name, "a b");
    assert_int_equal(body->matchers.items[0].min, 1);
}

static void test_defaults(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *pact = read_ok("{\"interactions\":[{},{\"request\":{\"path\":\"\"}}]}", arena);
    const struct pact_interaction *it = pact->interactions.items;
    assert_str_is(pact->consumer, "consumer");
    assert_str_is(pact->provider, "provider");
    assert_str_is(it[0].description, "Interaction 0");
    assert_str_is(it[0].request.method, "GET");
    assert_str_is(it[0].request.path, "/");
    assert_str_is(it[1].request.path, "");
    assert_true(it[0].request.query.missing);
    assert_int_equal(it[0].response.status, 200);
}

static void test_kinds_of_v4(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *pact = read_ok(
        AROUND("4.0",
               "{\"type\":\"Asynchronous/Messages\",\"contents\":{\"content\":{\"a\":1}},"
               "\"metadata\":{\"contentType\":\"application/json\"},\"matchingRules\":{\"content\":"
               "{\"$.a\":{\"matchers\":[{\"match\":\"integer\"}]}}}},"
               "{\"type\":\"Synchronous/Messages\",\"request\":{\"contents\":{\"content\":\"q\"}},"
               "\"response\":[{\"contents\":{\"content\":\"r\"}},{}]},"
               "{\"type\":\"Telepathy\"},{\"description\":\"no type\"}"),
        arena);
    assert_int_equal(pact->interactions.len, 2);
    assert_int_equal(pact->skipped, 2);
    const struct pact_interaction *it = pact->interactions.items;
    assert_int_equal(it[0].kind, PACT_MESSAGE);
    assert_str_is(it[0].message.body.content_type, "application/json");
    assert_int_equal(it[0].message.rules->part[RULES_BODY].len, 1);
    assert_int_equal(it[1].kind, PACT_SYNC_MESSAGE);
    assert_int_equal(it[1].replies.len, 2);
    assert_str_is(it[1].replies.items[0].body.bytes, "r");
}

static void test_positions(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *pact = read_ok("{\"interactions\": [\n  {\"request\": {\"matchingRules\": {\n"
                                "    \"body\": {\"$.a\": {\"matchers\": []}}}}},\n"
                                "  {\"foreign\": 1}\n]}",
                                arena);
    const struct pact_interaction *it = pact->interactions.items;
    const struct rule *rule = &it[0].request.rules->part[RULES_BODY].items[0];
    assert_int_equal(it[0].line, 2);
    assert_int_equal(it[0].column, 3);
    assert_int_equal(it[1].line, 4);
    assert_int_equal(rule->line, 3);
    assert_int_equal(rule->column, 21);
    const struct pact_warning *last = &pact->warnings.items[pact->warnings.len - 1];
    assert_int_equal(last->line, 4);
    assert_int_equal(last->column, 15);
    assert_non_null(strstr(last->text.ptr, "'foreign'"));
}

/* Said, with its place, because the contract is then stricter than its author meant. */
static void test_unknown_categories(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *pact = read_ok(
        AROUND("3.0.0", "{\"request\":{\"matchingRules\":{\"path\":{\"matchers\":[{\"match\":"
                        "\"type\"}]},\n \"cookies\":{},\n \"$.body.a\":{\"match\":\"type\"}},"
                        "\"generators\":{\n  \"trailers\":{}}}}"),
        arena);
    const struct pact_warning *w = &pact->warnings.items[pact->warnings.len - 3];
    assert_true(pact->warnings.len >= 3);
    assert_non_null(strstr(w[0].text.ptr, "'cookies' of the matching rules"));
    assert_int_equal(w[0].line, 2);
    assert_non_null(strstr(w[1].text.ptr, "'$.body.a' of the matching rules"));
    assert_int_equal(w[1].line, 3);
    assert_non_null(strstr(w[2].text.ptr, "'trailers' of the generators"));
    assert_int_equal(w[2].line, 4);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, bad_rows, test_bad);
    ROWS_ADD(&tests, version_rows, test_version);
    ROWS_ADD(&tests, body_rows, test_body);
    rows_add_test(&tests, "old spellings", test_old_spellings);
    rows_add_test(&tests, "defaults", test_defaults);
    rows_add_test(&tests, "kinds of V4", test_kinds_of_v4);
    rows_add_test(&tests, "pending counts from V4 on", pending_counts_from_v4_on);
    rows_add_test(&tests, "positions", test_positions);
    rows_add_test(&tests, "categories that are not known", test_unknown_categories);
    return rows_run(&tests, "pact_read");
}
