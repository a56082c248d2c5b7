// SPDX-License-Identifier: Apache-2.0
/* Rules that governed nothing: told, whatever the verdict, and never a difference themselves. */
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/part.h"
#include "tests/unit/lib/base/rows.h"

#define TYPE "{'matchers':[{'match':'type'}]}"
#define JSON(body, rules)                                                                          \
    "{'headers':{'Content-Type':'application/json'},'body':" body ",'matchingRules':{" rules "}}"
#define CAME(body) "{'headers':{'Content-Type':'application/json'},'body':" body "}"

static const struct row {
    const char *name;
    enum part_kind kind;
    const char *expected, *actual;
    bool agrees;
    const char *warnings; /* "part path," each, in order */
} rows[] = {
    {"all fire", PART_RESPONSE,
     JSON("{'a':[{'b':1}]}", "'body':{'$.a':" TYPE ",'$.a[*].b':" TYPE "}"),
     CAME("{'a':[{'b':2}]}"), true, ""},
    {"no rules", PART_RESPONSE, JSON("{'a':1}", ""), CAME("{'a':1}"), true, ""},
    {"a path to nowhere", PART_RESPONSE,
     JSON("{'id':1,'n':2}", "'body':{'$.id':" TYPE ",'$.nn':" TYPE "}"), CAME("{'id':5,'n':2}"),
     true, "body $.nn,"},
    {"a path to nowhere that costs the agreement", PART_RESPONSE,
     JSON("{'id':1}", "'body':{'$.ID':" TYPE "}"), CAME("{'id':5}"), false, "body $.ID,"},
    {"another rule always comes first", PART_RESPONSE,
     JSON("{'a':1}", "'body':{'$.*':" TYPE ",'$.a':" TYPE "}"), CAME("{'a':5}"), true, "body $.*,"},
    {"a wildcard that has something left", PART_RESPONSE,
     JSON("{'a':1,'b':1}", "'body':{'$.*':" TYPE ",'$.a':" TYPE "}"), CAME("{'a':5,'b':6}"), true,
     ""},
    {"no item came", PART_RESPONSE,
     JSON("{'a':[{'b':1}]}", "'body':{'$.a':" TYPE ",'$.a[*].b':" TYPE "}"), CAME("{'a':[]}"), true,
     "body $.a[*].b,"},
    {"an item beyond the example came", PART_RESPONSE,
     JSON("{'a':[1]}", "'body':{'$.a':" TYPE ",'$.a[1]':" TYPE "}"), CAME("{'a':[2,3]}"), true, ""},
    {"a difference above is enough said", PART_RESPONSE,
     JSON("{'a':{'b':1}}", "'body':{'$.a.b':" TYPE "}"), CAME("{'a':7}"), false, ""},
    {"a missing body is enough said", PART_RESPONSE,
     JSON("{'a':1}", "'body':{'$.a':" TYPE ",'$.z':" TYPE "}"), "{}", false, "body $.z,"},
    {"no body promised", PART_RESPONSE, "{'matchingRules':{'body':{'$.a':" TYPE "}}}",
     CAME("{'a':1}"), true, "body $.a,"},
    {"rules inside of rules are not of the list", PART_RESPONSE,
     JSON("[1]", "'body':{'$':{'matchers':[{'match':'arrayContains','variants':[{'index':0,'rules':"
                 "{'$.x':" TYPE "}}]}]}}"),
     CAME("[1]"), true, ""},
    {"an empty rule governs nothing anyway", PART_RESPONSE,
     JSON("{'a':1}", "'body':{'$.z':{'matchers':[]}}"), CAME("{'a':1}"), true, ""},
    {"header", PART_RESPONSE,
     "{'headers':{'A':'1'},'matchingRules':{'header':{'a':" TYPE ",'B':" TYPE "}}}",
     "{'headers':{'A':'2','B':'3'}}", true, "header B,"},
    {"a missing header is enough said", PART_RESPONSE,
     "{'headers':{'A':'1'},'matchingRules':{'header':{'A':" TYPE "}}}", "{}", false, ""},
    {"query and path", PART_REQUEST,
     "{'path':'/a','query':{'p':['1']},'matchingRules':{'path':{'matchers':[{'match':'regex',"
     "'regex':'/.'}]},'query':{'p':" TYPE ",'q':" TYPE "}}}",
     "{'path':'/b','query':{'p':['2']}}", true, "query q,"},
    {"status", PART_RESPONSE,
     "{'matchingRules':{'status':{'matchers':[{'match':'statusCode','status':'success'}]}}}",
     "{'status':204}", true, ""},
    {"metadata", PART_MESSAGE,
     "{'contents':{'a':1},'metaData':{'k':'v'},'matchingRules':{'metadata':{'k':" TYPE ",'l':" TYPE
     "},'body':{'$.a':" TYPE "}}}",
     "{'contents':{'a':2},'metaData':{'k':'w'}}", true, "metadata l,"},
    {"text", PART_RESPONSE,
     "{'headers':{'Content-Type':'text/plain'},'body':'x','matchingRules':{'body':{'$':{'matchers':"
     "[{'match':'regex','regex':'.'}]},'$.a':" TYPE "}}}",
     "{'headers':{'Content-Type':'text/plain'},'body':'y'}", true, "body $.a,"},
    {"form", PART_REQUEST,
     "{'headers':{'Content-Type':'application/x-www-form-urlencoded'},'body':'a=1','matchingRules':"
     "{'body':{'$.a':" TYPE ",'$.b':" TYPE "}}}",
     "{'headers':{'Content-Type':'application/x-www-form-urlencoded'},'body':'a=2'}", true,
     "body $.b,"},
    {"xml", PART_RESPONSE,
     "{'headers':{'Content-Type':'application/xml'},'body':'<a><b>1</b></a>','matchingRules':"
     "{'body':{'$.a.b.#text':" TYPE ",'$.a.c':" TYPE "}}}",
     "{'headers':{'Content-Type':'application/xml'},'body':'<a><b>2</b></a>'}", true,
     "body $.a.c,"},
    {"what GraphQL clients say of themselves", PART_REQUEST,
     JSON("{'query':'{a}','extensions':{'clientLibrary':{'version':'1'}}}",
          "'body':{'$.extensions.clientLibrary.version':" TYPE "}"),
     CAME("{'query':'{ a }'}"), true, ""},
};

static struct pact *read_part(const char *text, enum part_kind kind, struct arena *arena)
{
    char *copy = arena_strdup(arena, text);
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    if (part_read(str_of(copy), "part", kind, PACT_V3, arena, &pact, &err) != 0)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return pact;
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    struct pact *expected = read_part(row->expected, row->kind, arena);
    struct pact *actual = read_part(row->actual, row->kind, arena);
    if (part_match(row->kind, expected, actual, arena, &result, &err) != 0)
        fail_msg("could not tell: %s", err.text);
    struct str saw = STR("");
    VEC_EACH(&result.warnings, const struct match_warning *, warning) {
        saw =
            str_printf(arena, "%.*s%s %.*s,", STR_FMT(saw), warning->part, STR_FMT(warning->path));
        assert_true(warning->text.len > 0);
        assert_int_equal(warning->line, 1);
        assert_true(warning->column > 1);
    }
    if (!str_is(saw, row->warnings))
        fail_msg("saw '%.*s', expected '%s'", STR_FMT(saw), row->warnings);
    assert_int_equal(result.len + result.dropped == 0, row->agrees);
}

/* A contract is shared: a comparison leaves no marks for the next. */
static void test_no_marks_stay(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *expected =
        read_part(JSON("{'a':[{'b':1}]}", "'body':{'$.a':" TYPE ",'$.a[*].b':" TYPE "}"),
                  PART_RESPONSE, arena);
    const char *const came[] = {CAME("{'a':[{'b':2}]}"), CAME("{'a':[]}"), CAME("{'a':[{'b':3}]}")};
    static const size_t warnings[] = {0, 1, 0};
    for (size_t i = 0; i < sizeof came / sizeof *came; i++) {
        struct match_result result = {0};
        struct pact *actual = read_part(came[i], PART_RESPONSE, arena);
        assert_int_equal(part_match(PART_RESPONSE, expected, actual, arena, &result, NULL), 0);
        assert_int_equal(result.warnings.len, warnings[i]);
    }
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_row);
    rows_add_test(&tests, "no marks stay", test_no_marks_stay);
    return rows_run(&tests, "match_fired");
}
