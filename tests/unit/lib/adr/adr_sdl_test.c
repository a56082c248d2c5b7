// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/adr/findings.h"

#define INFO                                                                                       \
    " type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String "        \
    "endCursor: String }"
#define NODE         " type T { id: ID! tags: [String!]! }"
#define EDGE         " type TEdge { node: T cursor: String! }"
#define TYPES        " type TConnection { edges: [TEdge!]! pageInfo: PageInfo! }" EDGE INFO NODE
#define FIELD(field) "type Query { " field " }"
#define BOTH         "pass static INT-005-CONNECTION Query.t\npass static INT-005-CONNECTION TConnection\n"

static const struct sdl_row {
    const char *name, *sdl, *findings, *says;
} sdl_rows[] = {
    {"a Relay connection passes", FIELD("t(first: Int, after: String): TConnection!") TYPES, BOTH,
     NULL},
    {"walked backwards it passes", FIELD("t(last: Int!, before: ID): TConnection") TYPES, BOTH,
     NULL},
    {"a cursor scalar of its own passes",
     "scalar Cursor " FIELD("t(first: Int = 20, after: Cursor): TConnection!") TYPES, BOTH, NULL},
    {"an extra field beside the edges passes",
     FIELD("t(first: Int, after: String): TConnection!") " type TConnection { edges: [TEdge] "
                                                         "pageInfo: PageInfo! deleted: [Gone!]! "
                                                         "watermark: String }"
                                                         " type Gone { id: ID! }" EDGE INFO NODE,
     BOTH, NULL},
    {"offset fails", FIELD("t(first: Int, after: String, offset: Int): TConnection!") TYPES,
     "fail static INT-005-CONNECTION Query.t\npass static INT-005-CONNECTION TConnection\n",
     "it takes 'offset'"},
    {"without after it cannot be walked", FIELD("t(first: Int): TConnection!") TYPES,
     "fail static INT-005-CONNECTION Query.t\npass static INT-005-CONNECTION TConnection\n",
     "cannot be walked"},
    {"after as a number fails", FIELD("t(first: Int, after: Int): TConnection!") TYPES,
     "fail static INT-005-CONNECTION Query.t\npass static INT-005-CONNECTION TConnection\n", NULL},
    {"a bare list fails", FIELD("t: [T!]!") NODE, "fail static INT-005-CONNECTION Query.t\n",
     "a bare [T!]!"},
    {"a list of scalars is a value", FIELD("t: [String!]! n: [Int]"),
     "not applicable static INT-005-CONNECTION GraphQL schema\n", NULL},
    {"a list of an enum is a value", "enum E { A B } " FIELD("t: [E!]"),
     "not applicable static INT-005-CONNECTION GraphQL schema\n", NULL},
    {"a declared closed list is not asked",
     "directive @tallyUnpaged(reason: String!) on FIELD_DEFINITION " FIELD(
         "t: [T!]! @tallyUnpaged(reason: \"27 countries\")") NODE,
     "not applicable static INT-005-CONNECTION Query.t\n", "27 countries"},
    {"pages by number fail", FIELD("t(page: Int, size: Int): TPage") " type TPage { n: Int }",
     "fail static INT-005-CONNECTION Query.t\n", "it takes 'page'"},
    {"a connection without edges fails",
     FIELD("t(first: Int, after: String): TConnection!") " type TConnection { nodes: [T] pageInfo: "
                                                         "PageInfo! }" INFO NODE,
     "pass static INT-005-CONNECTION Query.t\nfail static INT-005-CONNECTION TConnection\n",
     "needs edges"},
    {"a connection with nullable pageInfo fails",
     FIELD("t(first: Int, after: String): TConnection!") " type TConnection { edges: [TEdge] "
                                                         "pageInfo: PageInfo }" EDGE INFO NODE,
     "pass static INT-005-CONNECTION Query.t\nfail static INT-005-CONNECTION TConnection\n",
     "pageInfo: PageInfo!"},
    {"an edge without cursor fails",
     FIELD("t(first: Int, after: String): TConnection!") " type TConnection { edges: [TEdge] "
                                                         "pageInfo: PageInfo! } type TEdge { node: "
                                                         "T }" INFO NODE,
     "pass static INT-005-CONNECTION Query.t\nfail static INT-005-CONNECTION TConnection\n",
     "TEdge needs cursor"},
    {"a node that is a list fails",
     FIELD("t(first: Int, after: String): TConnection!") " type TConnection { edges: [TEdge] "
                                                         "pageInfo: PageInfo! }"
                                                         " type TEdge { node: [T] cursor: String! "
                                                         "}" INFO NODE,
     "pass static INT-005-CONNECTION Query.t\nfail static INT-005-CONNECTION TConnection\n"
     "fail static INT-005-CONNECTION TEdge.node\n",
     "no list"},
    {"PageInfo without hasNextPage fails",
     FIELD("t(first: Int, after: String): TConnection!") " type TConnection { edges: [TEdge] "
                                                         "pageInfo: PageInfo! }" EDGE
                                                         " type PageInfo { hasPreviousPage: "
                                                         "Boolean! startCursor: String endCursor: "
                                                         "String }" NODE,
     "pass static INT-005-CONNECTION Query.t\nfail static INT-005-CONNECTION TConnection\n",
     "PageInfo needs hasNextPage"},
};

static void test_sdl(void **state)
{
    const struct sdl_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    struct err err = ERR_INIT;
    if (adr_check_sdl(str_of(row->sdl), "test", arena, &findings, &err) < 0)
        fail_msg("error at %d:%d: %s", err.line, err.column, err.text);
    assert_string_equal(findings_text(&findings, arena), row->findings);
    findings_say(&findings, row->says);
}

static void test_broken(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    struct err err = ERR_INIT;
    assert_int_equal(adr_check_sdl(STR("type Query {"), "schema", arena, &findings, &err),
                     ERR_PARSE);
    assert_int_equal(findings.len, 0);
    assert_int_equal(err.line, 1);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, sdl_rows, test_sdl);
    rows_add_test(&tests, "a schema that does not parse is an error", test_broken);
    return rows_run(&tests, "adr_sdl");
}
