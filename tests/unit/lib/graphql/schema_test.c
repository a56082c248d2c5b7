// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/schema.h"
#include "tests/unit/lib/graphql/cases.h"

static int build(struct str sdl, struct arena *arena, struct gql_schema **ret, struct err *err)
{
    struct gql_document *document = NULL;
    struct err ignored = ERR_INIT;
    err = err ? err : &ignored;
    if (gql_parse(sdl, "test", arena, &document, err))
        fail_msg("%d:%d: %s", err->line, err->column, err->text);
    return gql_schema_build(document, "test", arena, ret, err);
}

static const struct refused_row {
    const char *name, *sdl, *want;
} refused_rows[] = {
    {"type named twice", "type Query { a: Int } scalar Query",
     "1:23 There can be only one type named \"Query\"."},
    {"directive named twice", "type Query { a: Int } directive @d on FIELD directive @d on QUERY",
     "1:45 There can be only one directive named \"@d\"."},
    {"unknown field type", "type Query {\n  a: [Nope!]\n}", "2:7 Unknown type \"Nope\"."},
    {"unknown argument type", "type Query { a(b: Nope): Int }", "1:19 Unknown type \"Nope\"."},
    {"unknown interface", "type Query implements Nope { a: Int }", "1:1 Unknown type \"Nope\"."},
    {"unknown member", "type Query { a: U } union U = Nope", "1:21 Unknown type \"Nope\"."},
    {"unknown type in an extension", "type Query { a: Int } extend type Query { b: Nope }",
     "1:46 Unknown type \"Nope\"."},
    {"unknown type of a directive", "type Query { a: Int } directive @d(a: Nope) on FIELD",
     "1:39 Unknown type \"Nope\"."},
    {"unknown root type", "schema { query: Nope } type Query { a: Int }",
     "1:17 Unknown type \"Nope\"."},
    {"root that is no object", "schema { query: Int }",
     "1:17 Root type \"Int\" must be an Object "
     "type."},
    {"two roots of a kind", "schema { query: Q query: Q } type Q { a: Int }",
     "1:19 There can be only one query type in schema."},
    {"two schemas", "schema { query: Q } schema { query: Q } type Q { a: Int }",
     "1:21 Must provide only one schema definition."},
    {"no query type", "type T { a: Int }", "0:0 Query root type must be provided."},
    {"extension of nothing", "type Query { a: Int } extend type Nope { a: Int }",
     "1:23 Cannot extend type \"Nope\" because it is not defined."},
    {"extension of another kind", "type Query { a: Int } extend input Query { a: Int }",
     "1:23 Cannot extend type \"Query\" of another kind."},
};

static void test_refused(void **state)
{
    const struct refused_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_schema *schema = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(build(str_of(row->sdl), arena, &schema, &err), ERR_PARSE);
    assert_null(schema);
    cases_assert_text(row->sdl, str_printf(arena, "%d:%d %s", err.line, err.column, err.text),
                      str_of(row->want));
}

static const char sdl[] = "extend type Q { later(x: Int): [B!]! }\n"
                          "schema { query: Q }\n"
                          "extend schema { mutation: M }\n"
                          "type Q { first: N }\n"
                          "type M { do: Boolean }\n"
                          "type Subscription { ignored: Int }\n"
                          "interface N { id: ID }\n"
                          "type A implements N { id: ID }\n"
                          "type B implements N { id: ID }\n"
                          "union U = A\n"
                          "extend union U = B\n"
                          "enum E { X }\n"
                          "extend enum E { Y }\n"
                          "scalar Date\n";

static void test_questions(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_schema *schema = NULL;
    struct err err = ERR_INIT;
    if (build(str_of(sdl), arena, &schema, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    const struct gql_definition *query = gql_schema_root(schema, GQL_QUERY);
    assert_str_is(query->name, "Q");
    assert_str_is(gql_schema_root(schema, GQL_MUTATION)->name, "M");
    assert_null(gql_schema_root(schema, GQL_SUBSCRIPTION));
    assert_int_equal(gql_schema_len(schema), 9);
    assert_ptr_equal(gql_schema_at(schema, 0), query);
    assert_null(gql_schema_at(schema, 9));
    const struct gql_field_def *later = gql_type_field(query, STR("later"));
    assert_non_null(later);
    assert_str_is(gql_type_name(later->type), "B");
    assert_null(gql_type_field(query, STR("nope")));
    assert_int_equal(gql_schema_type(schema, STR("E"))->values.len, 2);
    assert_non_null(gql_schema_type(schema, STR("String")));
    assert_non_null(gql_schema_type(schema, STR("__Type")));
    assert_null(gql_schema_type(schema, STR("Nope")));
}

static const struct leaf_row {
    const char *name, *type;
    bool want;
} leaf_rows[] = {
    {"built-in scalar is a leaf", "Int", true},
    {"own scalar is a leaf", "Date", true},
    {"enum is a leaf", "E", true},
    {"object is no leaf", "A", false},
    {"union is no leaf", "U", false},
    {"unknown type is no leaf", "Nope", false},
};

static void test_leaf(void **state)
{
    const struct leaf_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_schema *schema = NULL;
    assert_int_equal(build(str_of(sdl), arena, &schema, NULL), 0);
    assert_int_equal(gql_is_leaf(schema, str_of(row->type)), row->want);
}

static const struct possible_row {
    const char *name, *abstract, *object;
    bool want;
} possible_rows[] = {
    {"object is itself", "A", "A", true},   {"object is no other", "A", "B", false},
    {"object implements", "N", "A", true},  {"object does not implement", "N", "Q", false},
    {"union member", "U", "A", true},       {"union member by extension", "U", "B", true},
    {"no union member", "U", "Q", false},   {"interface is no object", "N", "N", false},
    {"unknown object", "N", "Nope", false}, {"unknown abstract type", "Nope", "A", false},
};

static void test_possible(void **state)
{
    const struct possible_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_schema *schema = NULL;
    assert_int_equal(build(str_of(sdl), arena, &schema, NULL), 0);
    assert_int_equal(gql_possible(schema, str_of(row->abstract), str_of(row->object)), row->want);
}

static void test_built_twice(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_document *document = NULL;
    struct gql_schema *first = NULL, *second = NULL;
    assert_int_equal(gql_parse(str_of(sdl), "test", arena, &document, NULL), 0);
    assert_int_equal(gql_schema_build(document, "test", arena, &first, NULL), 0);
    assert_int_equal(gql_schema_build(document, "test", arena, &second, NULL), 0);
    assert_int_equal(gql_schema_type(second, STR("E"))->values.len, 2);
    assert_int_equal(document->definitions.items[3]->fields.len, 1);
}

/* Recorded schemas build; those that no operation could run against are refused for that alone. */
static void test_case(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_schema *schema = NULL;
    struct err err = ERR_INIT;
    int rc = build(json_get_text(*state, "sdl"), arena, &schema, &err);
    if (rc && !str_starts(str_of(err.text), STR("Query root type must be provided.")) &&
        !str_ends(str_of(err.text), STR("must be an Object type.")))
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    if (!rc)
        assert_int_equal(gql_schema_root(schema, GQL_QUERY)->kind, GQL_OBJECT_TYPE);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, refused_rows, test_refused);
    rows_add_test(&tests, "questions", test_questions);
    ROWS_ADD(&tests, leaf_rows, test_leaf);
    ROWS_ADD(&tests, possible_rows, test_possible);
    rows_add_test(&tests, "built twice from one document", test_built_twice);
    return rows_run(&tests, "schema") + cases_run("build-schema.json", test_case);
}
