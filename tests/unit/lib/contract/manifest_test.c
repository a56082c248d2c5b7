// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/manifest.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/part.h"
#include "tests/unit/lib/base/rows.h"

#define APOLLO(operations)                                                                         \
    "{'format':'apollo-persisted-query-manifest','version':1,'operations':[" operations "]}"
#define ME "{'id':'h1','body':'query Me{me{id}}','name':'Me','type':'query'}"

static const struct read_row {
    const char *name, *text;
    int code; /* 0: what h1 stands for is query Me{me{id}} */
    size_t len;
    int line, column;
} read_rows[] = {
    {"apollo", APOLLO(ME ",{'id':'h2','body':'{b}'}"), 0, 2, 0, 0},
    {"operationOutput", "{'h1':{'name':'Me','source':'query Me{me{id}}','type':'query'}}", 0, 1, 0,
     0},
    {"plain", "{'h1':'query Me{me{id}}','h2':'{b}','h3':'{c}'}", 0, 3, 0, 0},
    {"the same twice", APOLLO(ME "," ME), 0, 1, 0, 0},
    {"no JSON", "{'h1'", -1, 0, 1, 6},
    {"no object", "[]", -1, 0, 1, 1},
    {"no operation", "{}", -1, 0, 1, 1},
    {"no apollo operation", APOLLO(""), -1, 0, 1, 1},
    {"another version", "{'format':'apollo-persisted-query-manifest',\n'version':2}", -1, 0, 2, 11},
    {"another format", "{'format':'x','operations':[" ME "]}", -1, 0, 1, 1},
    {"operations are no array",
     "{'format':'apollo-persisted-query-manifest','version':1,\n'operations':{}}", -1, 0, 2, 14},
    {"no id", APOLLO("\n{'body':'{a}'}"), -1, 0, 2, 1},
    {"no document", APOLLO("\n\n{'id':'h1'}"), -1, 0, 3, 1},
    {"no source", "{\n 'h1':{'name':'Me'}}", -1, 0, 2, 7},
    {"two documents", APOLLO(ME ",\n{'id':'h1','body':'{a}'}"), -1, 0, 2, 1},
};

static struct str quoted(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    return str_of(copy);
}

static void test_read(void **state)
{
    const struct read_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct manifest *manifest = NULL;
    struct err err = ERR_INIT;
    int rc = manifest_read(quoted(arena, row->text), "m.json", arena, &manifest, &err);
    if (row->code == 0) {
        if (rc)
            fail_msg("%d:%d: %s", err.line, err.column, err.text);
        assert_int_equal(manifest_len(manifest), row->len);
        assert_str_is(manifest_document(manifest, STR("h1")), "query Me{me{id}}");
        assert_str_is(manifest_id(manifest, 0), "h1");
        assert_null(manifest_document(manifest, STR("H1")).ptr);
        return;
    }
    assert_int_equal(rc, ERR_PARSE);
    assert_null(manifest);
    if (err.line != row->line || err.column != row->column)
        fail_msg("saw %d:%d (%s), expected %d:%d", err.line, err.column, err.text, row->line,
                 row->column);
}

#define REQUEST(body)                                                                              \
    "{'method':'POST','path':'/graphql','headers':{'Content-Type':'application/"                   \
    "json'},'body':" body "}"
#define HASH(id) "'extensions':{'persistedQuery':{'version':1,'sha256Hash':'" id "'}}"

static const struct match_row {
    const char *name, *expected, *actual;
    bool manifest, agrees;
} match_rows[] = {
    {"by hash", "{'query':'query Me { me { id } }'}", "{" HASH("h1") "}", true, true},
    {"by documentId", "{'query':'query Me { me { id } }'}", "{'documentId':'h1'}", true, true},
    {"by id", "{'query':'query Me { me { id } }'}", "{'id':'h1'}", true, true},
    {"without a manifest", "{'query':'query Me { me { id } }'}", "{" HASH("h1") "}", false, false},
    {"another document", "{'query':'query Me { me { name } }'}", "{" HASH("h1") "}", true, false},
    {"an unknown id", "{'query':'query Me { me { id } }'}", "{" HASH("h9") "}", true, false},
    {"variables agree", "{'query':'query Me{me{id}}','variables':{'n':1}}",
     "{'variables':{'n':1}," HASH("h1") "}", true, true},
    {"variables differ", "{'query':'query Me{me{id}}','variables':{'n':1}}",
     "{'variables':{'n':2}," HASH("h1") "}", true, false},
    {"other extensions stay", "{'query':'query Me{me{id}}'}",
     "{'extensions':{'x':1,'persistedQuery':{'version':1,'sha256Hash':'h1'}}}", true, false},
    {"the contract has the hash too", "{'query':'query Me{me{id}}'," HASH("h1") "}",
     "{" HASH("h1") "}", true, true},
    {"the contract has only the hash", "{" HASH("h1") "}", "{" HASH("h1") "}", true, true},
    {"a batch by hash", "[{'query':'query Me{me{id}}'},{'query':'{other}'}]",
     "[{" HASH("h1") "},{'query':'{ other }'}]", true, true},
    {"a batch by hash, another document", "[{'query':'query Me{me{id}}'},{'query':'{other}'}]",
     "[{'query':'{other}'},{" HASH("h1") "}]", true, false},
    {"a batch with an unknown id", "[{'query':'query Me{me{id}}'},{'query':'query Me{me{id}}'}]",
     "[{" HASH("h1") "},{" HASH("h9") "}]", true, false},
    {"a batch without a manifest", "[{'query':'query Me{me{id}}'}]", "[{" HASH("h1") "}]", false,
     false},
    {"a document beside the hash counts itself", "{'query':'query Me{me{id}}'," HASH("h1") "}",
     "{'query':'{other}'," HASH("h1") "}", true, false},
};

#define DOCUMENT      "'query':['query Me { me { id } }']"
#define HASH_PARAM(h) "'extensions':['{~persistedQuery~:{~version~:1,~sha256Hash~:~" h "~}}']"

/* The same by GET: members of the query; `~` is a quotation mark within a text. */
static const struct match_row get_rows[] = {
    {"GET by hash", DOCUMENT, HASH_PARAM("h1"), true, true},
    {"GET by documentId", DOCUMENT, "'documentId':['h1']", true, true},
    {"GET by id", DOCUMENT, "'id':['h1']", true, true},
    {"GET without a manifest", DOCUMENT, HASH_PARAM("h1"), false, false},
    {"GET with an unknown id", DOCUMENT, HASH_PARAM("h9"), true, false},
    {"GET of another document", "'query':['query Me { me { name } }']", HASH_PARAM("h1"), true,
     false},
    {"GET with other parameters", DOCUMENT ",'a':['1']", "'a':['1']," HASH_PARAM("h1"), true, true},
    {"GET with a further parameter", DOCUMENT, "'a':['1']," HASH_PARAM("h1"), true, false},
    {"GET with an id and a document", DOCUMENT, DOCUMENT ",'id':['h1']", true, false},
    {"GET with variables", DOCUMENT ",'variables':['{~n~:1}']",
     "'variables':['{ ~n~ : 1 }']," HASH_PARAM("h1"), true, true},
    {"GET with other variables", DOCUMENT ",'variables':['{~n~:1}']",
     "'variables':['{~n~:2}']," HASH_PARAM("h1"), true, false},
    {"GET with a client's name", DOCUMENT ",'extensions':['{~clientLibrary~:{}}']",
     HASH_PARAM("h1"), true, true},
    {"GET with an extension that is missing", DOCUMENT ",'extensions':['{~x~:1}']",
     HASH_PARAM("h1"), true, false},
    {"GET of a hash that the contract has too", DOCUMENT "," HASH_PARAM("h1"), HASH_PARAM("h1"),
     true, true},
    {"GET of a number that is no id", "'query':['shoes']", "'id':['h1']", true, false},
};

static const char *request_text(struct arena *arena, bool get, const char *part)
{
    char *text = get ? arena_printf(arena, "{'method':'GET','query':{%s}}", part)
                     : arena_printf(arena, REQUEST("%s"), part);
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    for (const char *at = text; *at; at++) {
        buf_puts(&out, *at == '~' ? "\\\"" : (const char[]){*at, 0});
    }
    return str_cstr(arena, buf_view(&out));
}

static void test_match(void **state)
{
    const struct match_row *row = *state;
    bool get = row >= get_rows && row < get_rows + sizeof get_rows / sizeof *get_rows;
    struct arena *arena ARENA_AUTO = arena_new();
    struct manifest *manifest = NULL;
    struct pact *sides[2] = {NULL, NULL};
    const char *const bodies[] = {row->expected, row->actual};
    struct match_result result = {0};
    struct err err = ERR_INIT;
    assert_int_equal(manifest_read(quoted(arena, APOLLO(ME)), "m", arena, &manifest, NULL), 0);
    for (int i = 0; i < 2; i++) {
        const char *text = request_text(arena, get, bodies[i]);
        if (part_read(quoted(arena, text), "r", PART_REQUEST, PACT_V3, arena, &sides[i], &err) != 0)
            fail_msg("%s", err.text);
    }
    sides[0]->manifest = row->manifest ? manifest : NULL;
    if (part_match(PART_REQUEST, sides[0], sides[1], arena, &result, &err) != 0)
        fail_msg("could not tell: %s", err.text);
    if ((result.len == 0) != row->agrees)
        fail_msg("%s", result.len ? str_cstr(arena, result.items[0].text) : "saw agreement");
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, read_rows, test_read);
    ROWS_ADD(&tests, match_rows, test_match);
    ROWS_ADD(&tests, get_rows, test_match);
    return rows_run(&tests, "manifest");
}
