// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/exec.h"
#include "tests/unit/lib/graphql/cases.h"

static const char shop_sdl[] =
    "type Query {\n"
    "  hello(name: String = \"you\", times: Int): String!\n"
    "  item(id: ID!, filter: Filter): Item\n"
    "  items: [Item!]\n"
    "  any: Thing\n"
    "  broken: String\n"
    "  brokenRequired: Int!\n"
    "  endless: Endless\n"
    "}\n"
    "type Mutation { rename(id: ID!, to: String!): Item }\n"
    "interface Thing { id: ID! }\n"
    "type Item implements Thing { id: ID!, name: String, colour: Colour, price: Float, tags: "
    "[String!]"
    " count: Int }\n"
    "type Box implements Thing { id: ID!, items: [Item] }\n"
    "type Endless { next: Endless, many: [Endless] }\n"
    "enum Colour { RED GREEN }\n"
    "input Filter { colour: Colour, min: Int = 1, names: [String!], inner: Filter }\n";

static const char shop_data[] =
    "{\"item\": {\"id\": 7, \"name\": \"pen\", \"colour\": \"RED\", \"price\": 1.50, \"count\": "
    "2.0,"
    "  \"tags\": [\"a\", null]},"
    " \"items\": [{\"id\": \"1\", \"name\": \"x\"}, {\"name\": \"no id\"}],"
    " \"any\": {\"__typename\": \"Box\", \"id\": \"b\", \"items\": [{\"id\": 1, \"colour\": "
    "\"BLUE\"}]}}";

/* hello shows its arguments, broken fails, endless never ends, the rest is property lookup. */
static struct json *resolve_shop(void *context, const struct gql_definition *type,
                                 const struct gql_field_def *field, const struct json *parent,
                                 const struct json *arguments, struct arena *arena,
                                 const char **ret_error, const char **ret_code)
{
    (void)type;
    if (str_is(field->name, "hello") || str_is(field->name, "rename"))
        return str_is(field->name, "hello")
                   ? json_new_str(arena, json_to_str(arena, arguments, JSON_SORTED))
                   : json_get(context, "item");
    if (str_is(field->name, "broken") || str_is(field->name, "brokenRequired")) {
        *ret_error = "upstream is down";
        *ret_code = str_is(field->name, "broken") ? "UPSTREAM" : NULL;
        return NULL;
    }
    if (str_is(field->name, "endless") || str_is(field->name, "next"))
        return json_new_object(arena);
    if (str_is(field->name, "many")) {
        struct json *many = json_new_array(arena);
        for (int i = 0; i < 20; i++)
            json_append(arena, many, json_new_object(arena));
        return many;
    }
    return parent ? NULL : json_find(context, field->name);
}

static const struct exec_row {
    const char *name, *query, *variables, *want;
} exec_rows[] = {
    {"default and given arguments",
     "{ a: hello b: hello(name: \"x\", times: 3) c: hello(name: null) }", NULL,
     "{\"data\":{\"a\":\"{\\\"name\\\":\\\"you\\\"}\","
     "\"b\":\"{\\\"name\\\":\\\"x\\\",\\\"times\\\":3}\",\"c\":\"{\\\"name\\\":null}\"}}"},
    {"variables", "query ($n: String, $t: Int = 4) { hello(name: $n, times: $t) }", "{\"n\":\"v\"}",
     "{\"data\":{\"hello\":\"{\\\"name\\\":\\\"v\\\",\\\"times\\\":4}\"}}"},
    {"absent variable leaves the default", "query ($n: String) { hello(name: $n) }", NULL,
     "{\"data\":{\"hello\":\"{\\\"name\\\":\\\"you\\\"}\"}}"},
    {"leaves as their types say", "{ item(id: 1) { id name colour price count __typename } }", NULL,
     "{\"data\":{\"item\":{\"id\":\"7\",\"name\":\"pen\",\"colour\":\"RED\",\"price\":1.50,"
     "\"count\":2,"
     "\"__typename\":\"Item\"}}}"},
    {"null in a list of non-null", "{ item(id: 1) { tags } }", NULL,
     "{\"errors\":[{\"message\":\"Cannot return null for non-nullable field Item.tags.\","
     "\"locations\":[{\"line\":1,\"column\":17}],\"path\":[\"item\",\"tags\",1]}],"
     "\"data\":{\"item\":{\"tags\":null}}}"},
    {"null moves up to the nearest nullable", "{ items { name id } }", NULL,
     "{\"errors\":[{\"message\":\"Cannot return null for non-nullable field Item.id.\","
     "\"locations\":[{\"line\":1,\"column\":16}],\"path\":[\"items\",1,\"id\"]}],"
     "\"data\":{\"items\":null}}"},
    {"abstract type and bad enum",
     "{ any { ...T ... on Box { items { colour } } ... on Item { name } }"
     " } fragment T on Thing { id }",
     NULL,
     "{\"errors\":[{\"message\":\"Enum \\\"Colour\\\" cannot represent value: \\\"BLUE\\\"\","
     "\"locations\":[{\"line\":1,\"column\":35}],\"path\":[\"any\",\"items\",0,\"colour\"]}],"
     "\"data\":{\"any\":{\"id\":\"b\",\"items\":[{\"colour\":null}]}}}"},
    {"fields merge", "{ item(id: 1) { id } ... { item(id: 1) { name } } }", NULL,
     "{\"data\":{\"item\":{\"id\":\"7\",\"name\":\"pen\"}}}"},
    {"skip and include",
     "query ($y: Boolean!, $n: Boolean!) { a: hello @skip(if: $y) b: hello @include(if: $n)"
     " ... @include(if: $y) { item(id: 1) { id @skip(if: $n) name @include(if: $n) } } }",
     "{\"y\":true,\"n\":false}", "{\"data\":{\"item\":{\"id\":\"7\"}}}"},
    {"resolver error with code", "{ broken }", NULL,
     "{\"errors\":[{\"message\":\"upstream is down\",\"locations\":[{\"line\":1,\"column\":3}],"
     "\"path\":[\"broken\"],\"extensions\":{\"code\":\"UPSTREAM\"}}],\"data\":{\"broken\":null}}"},
    {"resolver error in a required field", "{ brokenRequired }", NULL,
     "{\"errors\":[{\"message\":\"upstream is down\",\"locations\":[{\"line\":1,\"column\":3}],"
     "\"path\":[\"brokenRequired\"]}],\"data\":null}"},
    {"mutation", "mutation { rename(id: 1, to: \"x\") { name } }", NULL,
     "{\"data\":{\"rename\":{\"name\":\"pen\"}}}"},
    {"no subscriptions", "subscription { a }", NULL,
     "{\"errors\":[{\"message\":\"Schema is not configured to execute subscription operation.\","
     "\"locations\":[{\"line\":1,\"column\":1}]}]}"},
    {"unknown field, argument and fragment", "{ nope hello(x: 1) ...G }", NULL,
     "{\"errors\":[{\"message\":\"Cannot query field \\\"nope\\\" on type \\\"Query\\\".\","
     "\"locations\":[{\"line\":1,\"column\":3}]},"
     "{\"message\":\"Unknown argument \\\"x\\\" on field \\\"Query.hello\\\".\","
     "\"locations\":[{\"line\":1,\"column\":14}]},"
     "{\"message\":\"Unknown fragment \\\"G\\\".\",\"locations\":[{\"line\":1,\"column\":20}]}]}"},
    {"required argument", "{ item { id } }", NULL,
     "{\"errors\":[{\"message\":\"Argument \\\"id\\\" of required type \\\"ID!\\\" was not "
     "provided.\","
     "\"locations\":[{\"line\":1,\"column\":3}],\"path\":[\"item\"]}],\"data\":{\"item\":null}}"},
    {"bad argument", "{ item(id: 1, filter: {colour: BLUE}) { id } }", NULL,
     "{\"errors\":[{\"message\":\"Argument \\\"filter\\\" has invalid value {colour: BLUE}.\","
     "\"locations\":[{\"line\":1,\"column\":23}],\"path\":[\"item\"]}],\"data\":{\"item\":null}}"},
    {"missing variable", "query ($id: ID!) { item(id: $id) { id } }", "{}",
     "{\"errors\":[{\"message\":\"Variable \\\"$id\\\" of required type \\\"ID!\\\" was not "
     "provided.\","
     "\"locations\":[{\"line\":1,\"column\":8}]}]}"},
    {"null variable", "query ($id: ID!) { item(id: $id) { id } }", "{\"id\":null}",
     "{\"errors\":[{\"message\":\"Variable \\\"$id\\\" of non-null type \\\"ID!\\\" must not be "
     "null.\","
     "\"locations\":[{\"line\":1,\"column\":8}]}]}"},
    {"wrong variable", "query ($f: Filter) { item(id: 1, filter: $f) { id } }",
     "{\"f\":{\"names\":[\"a\",1],\"inner\":{\"min\":1.5,\"x\":{\"y\":{\"z\":{}}}}}}",
     "{\"errors\":[{\"message\":\"Variable \\\"$f\\\" got invalid value 1 at \\\"f.names[1]\\\"; "
     "String "
     "cannot represent a non string value: 1\",\"locations\":[{\"line\":1,\"column\":8}]},"
     "{\"message\":\"Variable \\\"$f\\\" got invalid value 1.5 at \\\"f.inner.min\\\"; Int cannot "
     "represent non-integer value: 1.5\",\"locations\":[{\"line\":1,\"column\":8}]},"
     "{\"message\":\"Variable \\\"$f\\\" got invalid value { min: 1.5, x: { y: { z: {} } } } at "
     "\\\"f.inner\\\"; Field \\\"x\\\" is not defined by type \\\"Filter\\\".\","
     "\"locations\":[{\"line\":1,\"column\":8}]}]}"},
    {"variable of an output type", "query ($x: Item) { hello }", NULL,
     "{\"errors\":[{\"message\":\"Variable \\\"$x\\\" expected value of type \\\"Item\\\" which "
     "cannot be "
     "used as an input type.\",\"locations\":[{\"line\":1,\"column\":8}]}]}"},
    {"several operations", "query A { hello } query B { hello }", NULL,
     "{\"errors\":[{\"message\":\"Must provide operation name if query contains multiple "
     "operations.\"}]}"},
    {"introspection",
     "{ __schema { queryType { name } } __type(name: \"Item\") { kind interfaces { name }"
     " fields { name type { kind ofType { name } } } } }",
     NULL,
     "{\"data\":{\"__schema\":{\"queryType\":{\"name\":\"Query\"}},\"__type\":{\"kind\":\"OBJECT\","
     "\"interfaces\":[{\"name\":\"Thing\"}],\"fields\":[{\"name\":\"id\",\"type\":{\"kind\":\"NON_"
     "NULL\","
     "\"ofType\":{\"name\":\"ID\"}}},{\"name\":\"name\",\"type\":{\"kind\":\"SCALAR\",\"ofType\":"
     "null}},"
     "{\"name\":\"colour\",\"type\":{\"kind\":\"ENUM\",\"ofType\":null}},{\"name\":\"price\","
     "\"type\":"
     "{\"kind\":\"SCALAR\",\"ofType\":null}},{\"name\":\"tags\",\"type\":{\"kind\":\"LIST\","
     "\"ofType\":"
     "{\"name\":null}}},{\"name\":\"count\",\"type\":{\"kind\":\"SCALAR\",\"ofType\":null}}]}}}"},
};

static struct gql_document *parsed(struct str source, struct arena *arena)
{
    struct gql_document *document = NULL;
    struct err err = ERR_INIT;
    if (gql_parse(source, "test", arena, &document, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return document;
}

static struct gql_schema *built(struct str sdl, struct arena *arena)
{
    struct gql_schema *schema = NULL;
    struct err err = ERR_INIT;
    if (gql_schema_build(parsed(sdl, arena), "test", arena, &schema, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return schema;
}

static struct gql_exec shop(const char *query, const char *variables, struct arena *arena)
{
    return (struct gql_exec){
        .schema = built(str_of(shop_sdl), arena),
        .document = parsed(str_of(query), arena),
        .variables = variables ? cases_parse(str_of(variables), arena) : NULL,
        .resolve = resolve_shop,
        .context = cases_parse(str_of(shop_data), arena),
    };
}

static void test_row(void **state)
{
    const struct exec_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_exec exec = shop(row->query, row->variables, arena);
    struct json *response = NULL;
    assert_int_equal(gql_execute(&exec, arena, &response, NULL), 0);
    cases_assert_text(row->query, json_to_str(arena, response, JSON_COMPACT), str_of(row->want));
}

/* Documents that ask for more than a response may hold. */
static const struct limit_row {
    const char *name, *query;
} limit_rows[] = {
    {"fragment inside itself", "{ endless { ...F } } fragment F on Endless { next { ...F } }"},
    {"response that multiplies", "{ endless { ...F } } fragment F on Endless { many { ...F } }"},
};

static void test_limit(void **state)
{
    const struct limit_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_exec exec = shop(row->query, NULL, arena);
    struct json *response = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(gql_execute(&exec, arena, &response, &err), ERR_LIMIT);
    assert_null(response);
}

/* "{ name name … }" n times. */
static struct json *ask_often(const char *name, int n, struct arena *arena)
{
    struct buf query BUF_AUTO = BUF_INIT(LIMIT_GRAPHQL_TEXT);
    struct json *response = NULL;
    buf_putc(&query, '{');
    for (int i = 0; i < n; i++)
        buf_printf(&query, " %s", name);
    buf_putc(&query, '}');
    struct gql_exec exec = shop(str_cstr(arena, buf_view(&query)), NULL, arena);
    assert_int_equal(gql_execute(&exec, arena, &response, NULL), 0);
    return response;
}

static void test_many_errors(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    const struct json *errors = json_get(ask_often("nope", 5000, arena), "errors");
    assert_int_equal(json_len(errors), 101);
    assert_str_is(json_get_text(json_at(errors, 100), "message"),
                  "Too many validation errors, error limit reached. Validation aborted.");
    const struct json *response = ask_often("broken", 5000, arena);
    assert_int_equal(json_len(json_get(response, "errors")), 1);
    assert_int_equal(json_len(json_pointer(response, "/errors/0/locations")), 100);
}

static void test_arguments(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gql_exec exec =
        shop("query ($n: String) { hello(name: $n, times: 2) }", "{\"n\": \"v\"}", arena);
    const struct gql_field_def *hello =
        gql_type_field(gql_schema_root(exec.schema, GQL_QUERY), STR("hello"));
    const struct gql_selection *selection =
        gql_operation(exec.document, STR_NONE)->selections->items[0];
    struct err err = ERR_INIT;
    struct json *arguments = gql_arguments(&exec, hello, selection, arena, &err);
    cases_assert_text("arguments", json_to_str(arena, arguments, JSON_COMPACT),
                      STR("{\"name\":\"v\",\"times\":2}"));
    exec.variables = cases_parse(STR("{\"n\": 1}"), arena);
    assert_null(gql_arguments(&exec, hello, selection, arena, &err));
    assert_int_equal(err.code, ERR_PARSE);
    assert_int_equal(err.column, 8);
}

/* ---- recorded cases: fields are properties of rootValue ---- */

static struct json *resolve_property(void *context, const struct gql_definition *type,
                                     const struct gql_field_def *field, const struct json *parent,
                                     const struct json *arguments, struct arena *arena,
                                     const char **ret_error, const char **ret_code)
{
    (void)type, (void)arguments, (void)arena, (void)ret_error, (void)ret_code;
    return parent ? NULL : json_find(context, field->name);
}

static struct str schema_sdl(int64_t index, struct arena *arena)
{
    const struct json *schemas = cases_parse(cases_read("schemas.json", arena), arena);
    return json_text(json_at(schemas, (size_t)index));
}

static void test_case(void **state)
{
    const struct json *test = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    int64_t index = -1;
    assert_true(json_to_i64(json_get(test, "schema"), &index));
    struct gql_exec exec = {
        .schema = built(schema_sdl(index, arena), arena),
        .document = parsed(json_get_text(test, "query"), arena),
        .operation_name = json_get_text(test, "operationName"),
        .variables = json_get(test, "variables"),
        .resolve = resolve_property,
        .context = json_get(test, "rootValue"),
    };
    struct json *response = NULL;
    assert_int_equal(gql_execute(&exec, arena, &response, NULL), 0);
    if (!json_equal(response, json_get(test, "result")))
        cases_assert_text("response", json_to_str(arena, response, JSON_COMPACT),
                          json_to_str(arena, json_get(test, "result"), JSON_COMPACT));
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, exec_rows, test_row);
    ROWS_ADD(&tests, limit_rows, test_limit);
    rows_add_test(&tests, "many errors", test_many_errors);
    rows_add_test(&tests, "arguments before execution", test_arguments);
    return rows_run(&tests, "exec") + cases_run("execution.json", test_case);
}
