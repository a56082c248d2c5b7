// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/ast.h"
#include "tests/unit/lib/graphql/cases.h"

static struct str normalised(const char *source, struct arena *arena)
{
    struct gql_document *document = NULL;
    struct err err = ERR_INIT;
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_GRAPHQL_TEXT);
    if (gql_parse(str_of(source), "test", arena, &document, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    gql_normalise(document, arena, &out);
    return str_dup(arena, buf_view(&out));
}

static const struct pair_row {
    const char *name, *a, *b;
} same_rows[] = {
    {"ignored characters", "query Q { a(x: 1, y: 2) { b } }",
     "query Q # comment\n{ a ( y : 2 x : 1 ), { b, } }"},
    {"argument order", "{ a(x: 1, y: {p: 1, q: 2}) }", "{ a(y: {q: 2, p: 1}, x: 1) }"},
    {"directive argument order", "{ a @d(x: 1, y: 2) }", "{ a @d(y: 2, x: 1) }"},
    {"variable order", "query Q($a: Int, $b: Int = 1) { a(x: $a, y: $b) }",
     "query Q($b: Int = 1, $a: Int) { a(x: $a, y: $b) }"},
    {"added typename", "{ a { b } ...F } fragment F on T { c }",
     "{ a { __typename b } ...F __typename } fragment F on T { c __typename }"},
    {"fragment order", "{ ...A ...B } fragment A on T { a } fragment B on T { b }",
     "fragment B on T { b } fragment A on T { a } { ...A ...B }"},
    {"way of quoting", "{ a(x: \"s\") }", "{ a(x: \"\"\"s\"\"\") }"},
    {"escapes", "{ a(x: \"A\") }", "{ a(x: \"\\u0041\") }"},
    {"alias that says the same", "{ a: a }", "{ a }"},
    {"shorthand", "query { a }", "{ a }"},
};

static const struct pair_row different_rows[] = {
    {"another field", "{ a { b } }", "{ a { c } }"},
    {"one field more", "{ a { b } }", "{ a { b c } }"},
    {"another order of fields", "{ a b }", "{ b a }"},
    {"another argument value", "{ a(x: 1) }", "{ a(x: 2) }"},
    {"number or string", "{ a(x: 1) }", "{ a(x: \"1\") }"},
    {"string or enum", "{ a(x: A) }", "{ a(x: \"A\") }"},
    {"another order in a list", "{ a(x: [1, 2]) }", "{ a(x: [2, 1]) }"},
    {"another alias", "{ x: a }", "{ y: a }"},
    {"typename under another key", "{ a { b } }", "{ a { b t: __typename } }"},
    {"typename under a condition", "{ a { b } }", "{ a { b __typename @skip(if: $x) } }"},
    {"only typename", "{ a { __typename } }", "{ a { b } }"},
    {"another operation name", "query A { a }", "query B { a }"},
    {"another kind of operation", "query A { a }", "mutation A { a }"},
    {"another variable type", "query A($x: Int) { a }", "query A($x: Int!) { a }"},
    {"another type condition", "{ ... on A { a } }", "{ ... on B { a } }"},
    {"another order of directives", "{ a @x @y }", "{ a @y @x }"},
};

static void test_same(void **state)
{
    const struct pair_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    cases_assert_text(row->b, normalised(row->b, arena), normalised(row->a, arena));
}

static void test_different(void **state)
{
    const struct pair_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str a = normalised(row->a, arena), b = normalised(row->b, arena);
    if (str_eq(a, b))
        fail_msg("%s and %s are both %.*s", row->a, row->b, STR_FMT(a));
}

static void test_text(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    cases_assert_text("normalised",
                      normalised("fragment F on T { b(y: 1, x: \"\"\"s\"\"\") __typename }\n"
                                 "query Q($b: Int, $a: [Int!]!) { t: __typename a { __typename } "
                                 "...F }",
                                 arena),
                      STR("query Q($a:[Int!]!$b:Int){t:__typename a{__typename}...F}"
                          "fragment F on T{b(x:\"s\" y:1)}"));
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, same_rows, test_same);
    ROWS_ADD(&tests, different_rows, test_different);
    rows_add_test(&tests, "text", test_text);
    return rows_run(&tests, "normalise");
}
