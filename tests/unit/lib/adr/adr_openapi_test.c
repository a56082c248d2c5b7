// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/adr/findings.h"

#define DOCUMENT(paths)     "{\"openapi\":\"3.0.3\",\"paths\":{" paths "}}"
#define QUERY(name, schema) "{\"in\":\"query\",\"name\":\"" name "\",\"schema\":{" schema "}}"
#define REPLY(schema)                                                                              \
    "\"responses\":{\"200\":{\"description\":\"\",\"content\":{\"application/json\":"              \
    "{\"schema\":" schema "}}}}"
#define GET(path, parameters, schema)                                                              \
    "\"" path "\":{\"get\":{\"parameters\":[" parameters "]," REPLY(schema) "}}"
#define ITEM   "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"}}}"
#define LIST   "{\"type\":\"array\",\"items\":" ITEM "}"
#define CURSOR QUERY("cursor", "\"type\":\"string\"")
#define LIMIT  QUERY("limit", "\"type\":\"integer\",\"maximum\":100")
#define PAGE                                                                                       \
    "{\"type\":\"object\",\"properties\":{\"items\":" LIST ",\"nextCursor\":{\"type\":\"string\"}" \
    "}}"

static const struct check_row {
    const char *name, *document, *findings, *says;
} check_rows[] = {
    {"a page with cursor, bounded limit and next cursor passes",
     DOCUMENT(GET("/t", CURSOR "," LIMIT, PAGE)), "pass static INT-005-CURSOR GET /t\n", NULL},
    {"other spellings of the same pass",
     DOCUMENT(GET("/t",
                  QUERY("page_token", "\"type\":\"string\"") "," QUERY(
                      "pageSize", "\"type\":\"integer\",\"maximum\":5"),
                  "{\"properties\":{\"results\":" LIST
                  ",\"next_page_token\":{\"type\":\"string\"}}}")),
     "pass static INT-005-CURSOR GET /t\n", NULL},
    {"page and size fail by name",
     DOCUMENT(GET("/t",
                  QUERY("page", "\"type\":\"integer\"") "," QUERY("size", "\"type\":\"integer\""),
                  "{\"properties\":{\"items\":" LIST "}}")),
     "fail static INT-005-CURSOR GET /t\n", "it takes 'page'"},
    {"offset fails even beside a cursor",
     DOCUMENT(GET("/t", CURSOR "," LIMIT "," QUERY("Off_Set", "\"type\":\"integer\""), PAGE)),
     "fail static INT-005-CURSOR GET /t\n", "it takes 'Off_Set'"},
    {"skip fails", DOCUMENT(GET("/t", CURSOR "," LIMIT "," QUERY("$skip", ""), PAGE)),
     "fail static INT-005-CURSOR GET /t\n", "it takes '$skip'"},
    {"startDate is no offset",
     DOCUMENT(GET("/t", CURSOR "," LIMIT "," QUERY("startDate", ""), PAGE)),
     "pass static INT-005-CURSOR GET /t\n", NULL},
    {"no cursor fails", DOCUMENT(GET("/t", LIMIT, PAGE)), "fail static INT-005-CURSOR GET /t\n",
     "it takes no cursor"},
    {"no limit fails", DOCUMENT(GET("/t", CURSOR, PAGE)), "fail static INT-005-CURSOR GET /t\n",
     "it takes no limit"},
    {"a limit without maximum fails",
     DOCUMENT(GET("/t", CURSOR "," QUERY("limit", "\"type\":\"integer\""), PAGE)),
     "fail static INT-005-CURSOR GET /t\n", "its 'limit' has no maximum"},
    {"a page without next cursor fails",
     DOCUMENT(GET("/t", CURSOR "," LIMIT, "{\"properties\":{\"items\":" LIST "}}")),
     "fail static INT-005-CURSOR GET /t\n", "it returns no next cursor"},
    {"a next cursor in a wrapper passes",
     DOCUMENT(GET("/t", CURSOR "," LIMIT,
                  "{\"properties\":{\"data\":" LIST
                  ",\"pageInfo\":{\"properties\":{\"endCursor\":{}}}}}")),
     "pass static INT-005-CURSOR GET /t\n", NULL},
    {"a bare array is a list", DOCUMENT(GET("/t", "", LIST)), "fail static INT-005-CURSOR GET /t\n",
     NULL},
    {"a Link header is a next cursor",
     DOCUMENT("\"/t\":{\"get\":{\"parameters\":[" CURSOR "," LIMIT
              "],\"responses\":{\"200\":{\"headers\":{\"link\":{}},\"content\":{\"application/"
              "json\":{\"schema\":" LIST "}}}}}}"),
     "pass static INT-005-CURSOR GET /t\n", NULL},
    {"tombstones beside the items are no second list",
     DOCUMENT(GET("/t", CURSOR "," LIMIT,
                  "{\"properties\":{\"items\":" LIST ",\"deleted\":" LIST
                  ",\"nextCursor\":{},\"watermark\":{}}}")),
     "pass static INT-005-CURSOR GET /t\n", NULL},
    {"an array inside a thing with an id is nested",
     DOCUMENT(GET("/t", "", "{\"properties\":{\"id\":{},\"lines\":" LIST "}}")),
     "not applicable static INT-005-CURSOR OpenAPI\n", "none of the 1 GET operations"},
    {"an array inside one thing of many is nested",
     DOCUMENT(GET("/t/{id}", "", "{\"properties\":{\"lines\":" LIST "}}")),
     "not applicable static INT-005-CURSOR OpenAPI\n", NULL},
    {"an object with one array of objects is a list",
     DOCUMENT(GET("/t", "", "{\"properties\":{\"accounts\":" LIST "}}")),
     "fail static INT-005-CURSOR GET /t\n", NULL},
    {"a screen with several arrays is no list",
     DOCUMENT(GET("/home", "", "{\"properties\":{\"accounts\":" LIST ",\"offers\":" LIST "}}")),
     "not applicable static INT-005-CURSOR OpenAPI\n", NULL},
    {"an array of texts inside an object is no list",
     DOCUMENT(GET("/t", "",
                  "{\"properties\":{\"tags\":{\"type\":\"array\",\"items\":{\"type\":"
                  "\"string\"}}}}")),
     "not applicable static INT-005-CURSOR OpenAPI\n", NULL},
    {"a small closed list with its reason is not asked",
     DOCUMENT("\"/c\":{\"get\":{\"x-tally-unpaged\":\"27 countries\"," REPLY(LIST) "}}"),
     "not applicable static INT-005-CURSOR GET /c\n", "27 countries"},
    {"a closed list without reason is asked",
     DOCUMENT("\"/c\":{\"get\":{\"x-tally-unpaged\":\"\"," REPLY(LIST) "}}"),
     "fail static INT-005-CURSOR GET /c\n", NULL},
    {"references and parameters of the path count",
     "{\"openapi\":\"3.1.0\",\"paths\":{\"/t\":{\"parameters\":[{\"$ref\":\"#/components/"
     "parameters/c\"}],\"get\":{\"parameters\":[" LIMIT
     "],\"responses\":{\"200\":{\"$ref\":\"#/components/responses/p\"}}}}},\"components\":{"
     "\"parameters\":{\"c\":" CURSOR "},\"responses\":{\"p\":{\"content\":{\"application/json\":{"
     "\"schema\":{\"$ref\":\"#/components/schemas/P\"}}}}},\"schemas\":{\"P\":{\"allOf\":[{"
     "\"properties\":{\"nextCursor\":{\"type\":[\"string\",\"null\"]}}},{\"properties\":{\"items\":"
     "{\"type\":[\"array\",\"null\"],\"items\":" ITEM "}}}]}}}}",
     "pass static INT-005-CURSOR GET /t\n", NULL},
    {"a reference to elsewhere cannot be told",
     DOCUMENT(GET("/t", CURSOR "," LIMIT, "{\"$ref\":\"other.json#/Page\"}")),
     "inconclusive static INT-005-CURSOR GET /t\n", NULL},
    {"references in a circle cannot be told",
     "{\"openapi\":\"3.0.0\",\"paths\":{" GET(
         "/t", "",
         "{\"$ref\":\"#/c/a\"}") "},\"c\":{\"a\":{\"$ref\":\"#/c/b\"},\"b\":{\"$ref\":\"#/c/a\"}}}",
     "inconclusive static INT-005-CURSOR GET /t\n", NULL},
    {"a schema that says nothing cannot be told", DOCUMENT(GET("/t", "", "{}")),
     "inconclusive static INT-005-CURSOR GET /t\n", NULL},
    {"no responses cannot be told", DOCUMENT("\"/t\":{\"get\":{}}"),
     "inconclusive static INT-005-CURSOR GET /t\n", NULL},
    {"replies that are no JSON are no lists",
     DOCUMENT("\"/h\":{\"get\":{\"responses\":{\"200\":{\"content\":{\"text/plain\":{}}}}}}"),
     "not applicable static INT-005-CURSOR OpenAPI\n", NULL},
    {"without a GET there is nothing to tell", DOCUMENT("\"/t\":{\"post\":{}}"),
     "inconclusive static INT-005-CURSOR OpenAPI\n", NULL},
    {"each list has its own finding",
     DOCUMENT(GET("/b", "", LIST) "," GET("/a", CURSOR "," LIMIT, PAGE)),
     "pass static INT-005-CURSOR GET /a\nfail static INT-005-CURSOR GET /b\n", NULL},
};

static void test_check(void **state)
{
    const struct check_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    struct err err = ERR_INIT;
    if (adr_check_openapi(findings_parse(row->document, arena), arena, &findings, &err) < 0)
        fail_msg("error: %s", err.text);
    assert_string_equal(findings_text(&findings, arena), row->findings);
    findings_say(&findings, row->says);
}

static const struct bad_row {
    const char *name, *document, *error;
} bad_rows[] = {
    {"Swagger 2 is refused", "{\"swagger\":\"2.0\",\"paths\":{}}", "'openapi'"},
    {"version 4 is refused", "{\"openapi\":\"4.0\",\"paths\":{}}", "version '4.0'"},
    {"no paths is refused", "{\"openapi\":\"3.0.0\"}", "'paths'"},
    {"an array is refused", "[]", "'openapi'"},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    struct err err = ERR_INIT;
    assert_int_equal(
        adr_check_openapi(findings_parse(row->document, arena), arena, &findings, &err), ERR_PARSE);
    assert_int_equal(findings.len, 0);
    assert_non_null(strstr(err.text, row->error));
}

static void test_collections(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_collections collections = {0};
    const struct json *document = findings_parse(
        DOCUMENT(GET("/t", CURSOR "," LIMIT, PAGE) "," GET("/one/{id}", "", ITEM) "," GET(
            "/bare", "", LIST) ",\"/c\":{\"get\":{\"x-tally-unpaged\":\"few\"," REPLY(LIST) "}}"),
        arena);
    assert_int_equal(adr_collections(document, arena, &collections, NULL), 0);
    assert_int_equal(collections.len, 2);
    assert_str_is(collections.items[0].path, "/t");
    assert_str_is(collections.items[0].cursor_param, "cursor");
    assert_str_is(collections.items[0].limit_param, "limit");
    assert_str_is(collections.items[0].items_key, "items");
    assert_str_is(collections.items[0].next_key, "nextCursor");
    assert_str_is(collections.items[1].path, "/bare");
    assert_str_is(collections.items[1].items_key, NULL);
    assert_str_is(collections.items[1].cursor_param, NULL);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, check_rows, test_check);
    ROWS_ADD(&tests, bad_rows, test_bad);
    rows_add_test(&tests, "collections are listed for a walk", test_collections);
    return rows_run(&tests, "adr_openapi");
}
