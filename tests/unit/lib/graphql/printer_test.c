// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/ast.h"
#include "tests/unit/lib/graphql/cases.h"

static const struct print_row {
    const char *name, *source, *pretty, *minimal;
} print_rows[] = {
    {"shorthand", "{a,b}", "{\n  a\n  b\n}", "{a b}"},
    {"operation", "query Q($a:Int=1,$b:[ID!]!)@d{x:y(z:$a) ...F}",
     "query Q($a: Int = 1, $b: [ID!]!) @d {\n  x: y(z: $a)\n  ...F\n}",
     "query Q($a:Int=1$b:[ID!]!)@d{x:y(z:$a)...F}"},
    {"anonymous mutation", "mutation{a}", "mutation {\n  a\n}", "mutation{a}"},
    {"spread after a word", "{a ...F ... @skip(if:true){b}}",
     "{\n  a\n  ...F\n  ... @skip(if: true) {\n    b\n  }\n}", "{a ...F ...@skip(if:true){b}}"},
    {"long arguments",
     "{a(first:\"0123456789012345678901234567890123456789\",second:[1,2,{x:1}],third:ENUM_VALUE)}",
     "{\n  a(\n    first: \"0123456789012345678901234567890123456789\"\n    second: [1, 2, {x: "
     "1}]\n"
     "    third: ENUM_VALUE\n  )\n}",
     "{a(first:\"0123456789012345678901234567890123456789\" second:[1 2{x:1}]third:ENUM_VALUE)}"},
    {"type", "\"\"\"D\"\"\" type T implements A&B@d{\"f\" a(b:Int=1@d,c:X):[T!]!}",
     "\"\"\"D\"\"\"\ntype T implements A & B @d {\n  \"f\"\n  a(b: Int = 1 @d, c: X): [T!]!\n}",
     "\"\"\"D\"\"\" type T implements A&B@d{\"f\" a(b:Int=1@d c:X):[T!]!}"},
    {"described argument", "type T{a(\"x\" b:Int):C}",
     "type T {\n  a(\n    \"x\"\n    b: Int\n  ): C\n}", "type T{a(\"x\" b:Int):C}"},
    {"the rest",
     "schema{query:Q}union U=|A|B enum E{X Y}input I{a:Int=1}extend scalar S@d "
     "directive@d(a:Int)repeatable on FIELD|QUERY",
     "schema {\n  query: Q\n}\n\nunion U = A | B\n\nenum E {\n  X\n  Y\n}\n\ninput I {\n"
     "  a: Int = 1\n}\n\nextend scalar S @d\n\ndirective @d(a: Int) repeatable on FIELD | QUERY",
     "schema{query:Q}union U=A|B enum E{X Y}input I{a:Int=1}extend scalar S@d directive@d(a:Int)"
     "repeatable on FIELD|QUERY"},
    {"strings", "{a(b:\"\\u0001\\u007f\\\"\\n\xc2\x80\")}",
     "{\n  a(b: \"\\u0001\\u007F\\\"\\n\\u0080\")\n}", "{a(b:\"\\u0001\\u007F\\\"\\n\\u0080\")}"},
    {"block string", "{a(b:\"\"\"\n  x\n    y\n\"\"\")}",
     "{\n  a(b: \"\"\"\n  x\n    y\n  \"\"\")\n}", "{a(b:\"\"\"\nx\n  y\"\"\")}"},
};

static struct gql_document *parsed(struct str source, struct arena *arena)
{
    struct gql_document *document = NULL;
    struct err err = ERR_INIT;
    if (gql_parse(source, "test", arena, &document, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return document;
}

static struct str printed(struct str source, enum gql_print how, struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(16 * LIMIT_GRAPHQL_TEXT);
    gql_print(parsed(source, arena), how, &out);
    return str_dup(arena, buf_view(&out));
}

static void test_row(void **state)
{
    const struct print_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str source = str_of(row->source);
    struct str pretty = printed(source, GQL_PRETTY, arena);
    struct str minimal = printed(source, GQL_MINIMAL, arena);
    cases_assert_text("pretty", pretty, str_of(row->pretty));
    cases_assert_text("minimal", minimal, str_of(row->minimal));
    /* Both mean the document they came from. */
    cases_assert_text("minimal of pretty", printed(pretty, GQL_MINIMAL, arena), minimal);
    cases_assert_text("pretty of minimal", printed(minimal, GQL_PRETTY, arena), pretty);
}

static void test_small_buffer(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_document *document =
        parsed(STR("type T { a(\"d\" b: Int): Int } query Q { aaa(b: 1, c: 2) }"), arena);
    for (size_t max = 0; max < 60; max++) {
        struct buf out BUF_AUTO = BUF_INIT(max);
        gql_print(document, GQL_PRETTY, &out);
        assert_true(out.len <= max);
        assert_int_equal(out.overflow, max < 60);
    }
}

static void test_case(void **state)
{
    const struct json *test = *state;
    struct str source = json_get_text(test, "source");
    struct str want = json_get_text(test, "printed"), stripped = json_get_text(test, "stripped");
    if (!want.ptr || json_len(json_get(test, "options"))) {
        print_message("nothing printed was recorded, or with an option of the parser\n");
        skip(); /* before there is anything to clean up */
    }
    struct arena *arena ARENA_AUTO = arena_new();
    cases_assert_text("printed", printed(source, GQL_PRETTY, arena), want);
    if (stripped.ptr)
        cases_assert_text("minimal", printed(source, GQL_MINIMAL, arena),
                          printed(stripped, GQL_MINIMAL, arena));
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, print_rows, test_row);
    rows_add_test(&tests, "small buffer", test_small_buffer);
    return rows_run(&tests, "printer") + cases_run("parse.json", test_case);
}
