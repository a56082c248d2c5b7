// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/parser.h"
#include "tests/unit/lib/graphql/cases.h"

static const struct refused_row {
    const char *name, *source, *want;
} refused_rows[] = {
    {"nothing", "", "1:1 Syntax Error: Unexpected <EOF>."},
    {"empty selection", "{ }", "1:3 Syntax Error: Expected Name, found \"}\"."},
    {"open selection", "{ a", "1:4 Syntax Error: Expected Name, found <EOF>."},
    {"empty arguments", "{ a() }", "1:5 Syntax Error: Expected Name, found \")\"."},
    {"no colon", "{ a(b 1) }", "1:7 Syntax Error: Expected \":\", found Int \"1\"."},
    {"fragment named on", "fragment on on T { a }", "1:10 Syntax Error: Unexpected Name \"on\"."},
    {"variable in a default", "query ($a: Int = $b) { a }",
     "1:18 Syntax Error: Unexpected variable \"$b\" in constant value."},
    {"unknown directive location", "directive @a on HERE",
     "1:17 Syntax Error: Unexpected Name \"HERE\"."},
    {"extension that adds nothing", "extend input A", "1:15 Syntax Error: Unexpected <EOF>."},
    {"description of an operation", "\"x\" query { a }",
     "1:1 Syntax Error: Unexpected description, descriptions are supported only on type "
     "definitions."},
    {"bad character after the first error", "{ } ~",
     "1:3 Syntax Error: Expected Name, found \"}\"."},
};

static void test_refused(void **state)
{
    const struct refused_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct gql_document *document = NULL;
    assert_int_equal(gql_parse(str_of(row->source), "test", arena, &document, &err), ERR_PARSE);
    assert_null(document);
    cases_assert_text(row->source, str_printf(arena, "%d:%d %s", err.line, err.column, err.text),
                      str_of(row->want));
}

static struct gql_document *parsed(const char *source, struct arena *arena)
{
    struct gql_document *document = NULL;
    struct err err = ERR_INIT;
    if (gql_parse(str_of(source), "test", arena, &document, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return document;
}

static void test_tree(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_document *document =
        parsed("query Q($n: [Int!]! = [1]) { a: b(x: {y: \"s\"}) @skip(if: false) { ...F } }\n"
               "fragment F on T { c ... on U { d } }",
               arena);
    const struct gql_definition *query = gql_operation(document, STR_NONE);
    assert_non_null(query);
    assert_str_is(query->name, "Q");
    assert_int_equal(query->variables.items[0]->type->kind, GQL_NON_NULL);
    const struct gql_selection *field = query->selections->items[0];
    assert_str_is(field->alias, "a");
    assert_str_is(field->name, "b");
    assert_int_equal(field->pos.column, 30);
    assert_str_is(field->arguments.items[0]->value->fields.items[0]->value->text, "s");
    assert_str_is(field->directives.items[0]->name, "skip");
    const struct gql_definition *fragment = gql_fragment(document, STR("F"));
    assert_non_null(fragment);
    assert_int_equal(fragment->pos.line, 2);
    assert_int_equal(fragment->selections->items[1]->kind, GQL_INLINE);
    assert_null(gql_fragment(document, STR("G")));
    assert_null(gql_operation(document, STR("R")));
}

static void test_several_operations(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_document *document = parsed("query A { a } mutation B { b }", arena);
    assert_null(gql_operation(document, STR_NONE));
    assert_int_equal(gql_operation(document, STR("B"))->kind, GQL_MUTATION);
}

/* "{a{a{a ... }}}" and lists in types and values: nested as deep as allowed, and one more. */
static const struct depth_row {
    const char *name, *before, *open, *middle, *close, *after;
    int free; /* levels that are left for `open` */
} depth_rows[] = {
    {"deep selections", "", "{a", "", "}", "", LIMIT_GRAPHQL_DEPTH},
    {"deep values", "{a(b:", "[", "1", "]", ")}", LIMIT_GRAPHQL_DEPTH - 2},
    {"deep types", "query($a:", "[", "T", "]", "){a}", LIMIT_GRAPHQL_DEPTH - 1},
};

static int parse_nested(const struct depth_row *row, int depth, struct arena *arena)
{
    struct buf text BUF_AUTO = BUF_INIT(LIMIT_GRAPHQL_TEXT);
    struct gql_document *document = NULL;
    buf_puts(&text, row->before);
    for (int i = 0; i < depth; i++)
        buf_puts(&text, row->open);
    buf_puts(&text, row->middle);
    for (int i = 0; i < depth; i++)
        buf_puts(&text, row->close);
    buf_puts(&text, row->after);
    return gql_parse(buf_view(&text), "test", arena, &document, NULL);
}

static void test_depth(void **state)
{
    const struct depth_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    assert_int_equal(parse_nested(row, row->free, arena), 0);
    assert_int_equal(parse_nested(row, row->free + 1, arena), ERR_LIMIT);
    assert_int_equal(parse_nested(row, 100000, arena), ERR_LIMIT);
}

static const char *kind_name(const struct gql_definition *definition, struct arena *arena)
{
    static const char *const names[] = {
        [GQL_QUERY] = "Operation",
        [GQL_MUTATION] = "Operation",
        [GQL_SUBSCRIPTION] = "Operation",
        [GQL_FRAGMENT] = "Fragment",
        [GQL_SCHEMA] = "Schema",
        [GQL_SCALAR_TYPE] = "ScalarType",
        [GQL_OBJECT_TYPE] = "ObjectType",
        [GQL_INTERFACE_TYPE] = "InterfaceType",
        [GQL_UNION_TYPE] = "UnionType",
        [GQL_ENUM_TYPE] = "EnumType",
        [GQL_INPUT_TYPE] = "InputObjectType",
        [GQL_DIRECTIVE_DEF] = "Directive",
    };
    return arena_printf(arena, "%s%s", names[definition->kind],
                        definition->extend ? "Extension" : "Definition");
}

static void test_case(void **state)
{
    const struct json *test = *state;
    if (json_len(json_get(test, "options"))) { /* before there is anything to clean up */
        print_message("the parser has no such option\n");
        skip();
    }
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct gql_document *document = NULL;
    int rc = gql_parse(json_get_text(test, "source"), "case", arena, &document, &err);
    if (!json_bool(json_get(test, "ok"))) {
        assert_int_equal(rc, ERR_PARSE);
        cases_assert_error(&err, json_get(test, "error"));
        return;
    }
    if (rc)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    const struct json *kinds = json_get(test, "kinds");
    if (!kinds)
        return;
    assert_int_equal(document->definitions.len, json_len(kinds));
    for (size_t i = 0; i < json_len(kinds); i++)
        cases_assert_text("kind", str_of(kind_name(document->definitions.items[i], arena)),
                          json_text(json_at(kinds, i)));
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, refused_rows, test_refused);
    rows_add_test(&tests, "tree", test_tree);
    rows_add_test(&tests, "several operations", test_several_operations);
    ROWS_ADD(&tests, depth_rows, test_depth);
    return rows_run(&tests, "parser") + cases_run("parse.json", test_case);
}
