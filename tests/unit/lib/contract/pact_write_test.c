// SPDX-License-Identifier: Apache-2.0
/* The writer: V4 that reads back as the same model, byte for byte the next time. */
#include "lib/contract/pact.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/generate.h"
#include "lib/contract/rules.h"
#include "tests/unit/lib/base/rows.h"

static const char rich_v4[] =
    "{\"consumer\":{\"name\":\"wallet\"},\"provider\":{\"name\":\"bff\"},\"interactions\":["
    "{\"type\":\"Synchronous/HTTP\",\"description\":\"z\",\"key\":\"k1\",\"pending\":true,"
    "\"transport\":\"http\",\"comments\":{\"text\":[\"t\"]},\"future\":{\"x\":1.0},"
    "\"pluginConfiguration\":{\"p\":{\"a\":1}},"
    "\"providerStates\":[{\"name\":\"s\",\"params\":{\"id\":1}},{\"name\":\"t\"}],"
    "\"request\":{\"method\":\"POST\",\"path\":\"/a%2Fb\",\"query\":{\"a\":[\"1\",\"2\"],"
    "\"b\":[null]},\"headers\":{\"Accept\":[\"a/b\",\"c/d\"]},\"odd\":[1],"
    "\"body\":{\"content\":{\"z\":1.10,\"a\":null},\"contentType\":\"application/json\","
    "\"encoded\":false},\"generators\":{\"body\":{\"$.z\":{\"type\":\"RandomInt\",\"min\":1}},"
    "\"path\":{\"type\":\"ProviderState\",\"expression\":\"/${x}\"}},"
    "\"matchingRules\":{\"body\":{\"$.z\":{\"combine\":\"OR\",\"matchers\":[{\"match\":\"null\"},"
    "{\"match\":\"decimal\"}]},\"$.a\":{\"matchers\":[{\"match\":\"paint\",\"hue\":3}]}},"
    "\"path\":{\"matchers\":[{\"match\":\"regex\",\"regex\":\"/.*\"}]},\"header\":{\"Accept\":{"
    "\"matchers\":[{\"match\":\"type\"}]}}}},"
    "\"response\":{\"status\":201,\"body\":{\"content\":\"AAEC\",\"contentType\":\"image/png\","
    "\"encoded\":\"base64\"},\"matchingRules\":{\"status\":{\"matchers\":[{\"match\":"
    "\"statusCode\",\"status\":\"success\"}]}}}},"
    "{\"type\":\"Asynchronous/Messages\",\"description\":\"a\",\"contents\":{\"content\":[1],"
    "\"contentType\":\"application/json\"},\"metadata\":{\"topic\":\"x\"},\"matchingRules\":{"
    "\"content\":{\"$\":{\"matchers\":[{\"match\":\"eachValue\",\"rules\":[{\"match\":\"integer\"}]"
    "}]}}}},"
    "{\"type\":\"Synchronous/"
    "Messages\",\"description\":\"m\",\"request\":{\"contents\":{\"content\":"
    "\"q\"}},\"response\":[{\"contents\":{\"content\":\"r\"}},{\"contents\":{\"content\":\"s\"}}]}]"
    ","
    "\"metadata\":{\"pactSpecification\":{\"version\":\"4.0\"},\"own\":{\"v\":\"1\"}},"
    "\"createdAt\":\"now\"}";

static const char rich_v3[] =
    "{\"consumer\":{\"name\":\"c\"},\"provider\":{\"name\":\"p\"},\"interactions\":[{"
    "\"description\":\"d\",\"providerStates\":[{\"name\":\"s\"}],\"request\":{\"method\":\"GET\","
    "\"path\":\"/\",\"query\":{\"q\":[\"x y\"]}},\"response\":{\"status\":200,\"headers\":{"
    "\"Content-Type\":\"application/json\"},\"body\":null}}],\"messages\":[{\"description\":\"e\","
    "\"metaData\":{\"contentType\":\"application/json\"},\"contents\":{\"a\":[{}]},"
    "\"matchingRules\":{\"body\":{\"$.a\":{\"matchers\":[{\"match\":\"arrayContains\","
    "\"variants\":[{\"index\":0,\"rules\":{\"$\":{\"matchers\":[{\"match\":\"type\"}]}}}]}]}}}}]}";

static const char rich_v2[] =
    "{\"consumer\":{\"name\":\"c\"},\"provider\":{\"name\":\"p\"},\"interactions\":[{"
    "\"description\":\"d\",\"providerState\":\"s\",\"request\":{\"method\":\"get\",\"path\":\"/\","
    "\"query\":\"a=1&a=2\",\"matchingRules\":{\"$.query.a[0]\":{\"match\":\"type\"}}},"
    "\"response\":{\"status\":200,\"body\":[\"2020\"],\"matchingRules\":{\"$.body\":{\"min\":1},"
    "\"$.body[*]\":{\"match\":\"timestamp\",\"timestamp\":\"yyyy\"}}}}],"
    "\"metadata\":{\"pactSpecificationVersion\":\"2.0.0\"}}";

/* Bodies that are easily read as something else. */
static const char odd_bodies[] =
    "{\"consumer\":{\"name\":\"c\"},\"provider\":{\"name\":\"p\"},\"interactions\":["
#define ODD(name, body)                                                                            \
    "{\"type\":\"Synchronous/HTTP\",\"description\":\"" name "\",\"response\":{\"body\":" body "}" \
    "}"
    ODD("null text",
        "{\"content\":\"null\",\"encoded\":\"json\",\"contentType\":"
        "\"application/json\"}") "," ODD("empty string",
                                         "{\"content\":\"\\\"\\\"\",\"encoded\":\"json\","
                                         "\"contentType\":"
                                         "\"application/json\"}") "," ODD("quoted text without "
                                                                          "type",
                                                                          "{\"content\":"
                                                                          "\"\\\"abc\\\"\"}") "," ODD("null text without type", "{\"content\":\"null\"}") "," ODD("json string",
                                                                                                                                                                  "{\"content\":\"abc\",\"contentType\":\"application/json\"}") "," ODD("null", "{\"content\":null}") "," ODD("empty", "{\"content\":\"\"}") "," ODD("not utf-8", "{\"content\":\"/w==\",\"encoded\":\"base64\",\"contentType\":"
                                                                                                                                                                                                                                                                                                                                  "\"text/plain\"}") "," ODD("nul", "{\"content\":\"AA==\",\"encoded\":\"base64\"}") "," ODD("broken json",
                                                                                                                                                                                                                                                                                                                                                                                                                             "{\"content\":\"{\",\"encoded\":\"json\",\"contentType\":"
                                                                                                                                                                                                                                                                                                                                                                                                                             "\"application/json\"}") "],\"metadata\":{\"pactSpecification\":{\"version\":\"4.0\"}}}";

static const struct trip_row {
    const char *name, *text;
} trip_rows[] = {
    {"V4", rich_v4}, {"V3 with messages", rich_v3}, {"V2", rich_v2}, {"odd bodies", odd_bodies}};

static struct pact *read_ok(struct str text, struct arena *arena)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    if (pact_read(text, "p.json", arena, &pact, &err) != 0)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return pact;
}

static struct str write_ok(const struct pact *pact, struct arena *arena)
{
    struct str text = STR_NONE;
    struct err err = ERR_INIT;
    if (pact_write(pact, PACT_V4, arena, &text, &err) != 0)
        fail_msg("%s", err.text);
    return text;
}

static void same_text(struct str a, struct str b, const char *what)
{
    if (a.ptr == NULL && b.ptr == NULL)
        return;
    if (!a.ptr || !b.ptr || !str_eq(a, b))
        fail_msg("%s: '%.*s' became '%.*s'", what, STR_FMT(a), STR_FMT(b));
}

static void same_json(const struct json *a, const struct json *b, const char *what)
{
    if ((a == NULL) != (b == NULL) || (a && !json_equal(a, b)))
        fail_msg("%s changed", what);
}

static void same_body(const struct pact_body *a, const struct pact_body *b)
{
    assert_int_equal(a->state, b->state);
    same_text(a->bytes, b->bytes, "body");
    same_text(a->content_type, b->content_type, "content type");
    same_json(a->json, b->json, "body tree");
}

static void same_rules(const struct rules *a, const struct rules *b, struct arena *arena)
{
    same_json(rules_write(a, arena), rules_write(b, arena), "rules");
    for (int part = 0; part < RULES_PARTS; part++) {
        assert_int_equal(a->part[part].len, b->part[part].len);
        for (size_t i = 0; i < a->part[part].len; i++) {
            const struct rule *x = &a->part[part].items[i], *y = &b->part[part].items[i];
            same_text(x->text, y->text, "path");
            assert_int_equal(x->any, y->any);
            assert_int_equal(x->matchers.len, y->matchers.len);
            for (size_t k = 0; k < x->matchers.len; k++) {
                assert_int_equal(x->matchers.items[k].kind, y->matchers.items[k].kind);
                same_text(x->matchers.items[k].text, y->matchers.items[k].text, "matcher");
                assert_int_equal(x->matchers.items[k].variants.len,
                                 y->matchers.items[k].variants.len);
            }
        }
    }
}

static void same_message(const struct pact_message *a, const struct pact_message *b,
                         struct arena *arena)
{
    same_body(&a->body, &b->body);
    same_json(a->metadata, b->metadata, "metadata");
    same_rules(a->rules, b->rules, arena);
}

static void same_headers(const struct pact_headers *a, const struct pact_headers *b)
{
    assert_int_equal(a->len, b->len);
    for (size_t i = 0; i < a->len; i++) {
        same_text(a->items[i].name, b->items[i].name, "header");
        assert_int_equal(a->items[i].values.len, b->items[i].values.len);
        for (size_t k = 0; k < a->items[i].values.len; k++)
            same_text(a->items[i].values.items[k], b->items[i].values.items[k], "header value");
    }
}

static void same_interaction(const struct pact_interaction *a, const struct pact_interaction *b,
                             struct arena *arena)
{
    assert_int_equal(a->kind, b->kind);
    same_text(a->description, b->description, "description");
    same_text(a->key, b->key, "key");
    same_text(a->transport, b->transport, "transport");
    assert_int_equal(a->pending, b->pending);
    same_json(a->comments, b->comments, "comments");
    same_json(a->extra, b->extra, "foreign attributes");
    assert_int_equal(a->states.len, b->states.len);
    for (size_t i = 0; i < a->states.len; i++) {
        same_text(a->states.items[i].name, b->states.items[i].name, "state");
        same_json(a->states.items[i].params, b->states.items[i].params, "parameters");
    }
    same_text(a->request.method, b->request.method, "method");
    same_text(a->request.path, b->request.path, "path");
    assert_int_equal(a->request.query.missing, b->request.query.missing);
    assert_int_equal(a->request.query.params.len, b->request.query.params.len);
    for (size_t i = 0; i < a->request.query.params.len; i++) {
        same_text(a->request.query.params.items[i].name, b->request.query.params.items[i].name,
                  "parameter");
        same_text(a->request.query.params.items[i].value, b->request.query.params.items[i].value,
                  "value");
    }
    same_headers(&a->request.headers, &b->request.headers);
    same_headers(&a->response.headers, &b->response.headers);
    same_body(&a->request.body, &b->request.body);
    same_body(&a->response.body, &b->response.body);
    same_rules(a->request.rules, b->request.rules, arena);
    same_rules(a->response.rules, b->response.rules, arena);
    same_json(generators_write(a->request.generators, arena),
              generators_write(b->request.generators, arena), "generators");
    assert_int_equal(a->response.status, b->response.status);
    same_message(&a->message, &b->message, arena);
    assert_int_equal(a->replies.len, b->replies.len);
    for (size_t i = 0; i < a->replies.len; i++)
        same_message(&a->replies.items[i], &b->replies.items[i], arena);
}

static const struct pact_interaction *described(const struct pact *pact, struct str description)
{
    VEC_EACH(&pact->interactions, const struct pact_interaction *, it) {
        if (str_eq(it->description, description))
            return it;
    }
    fail_msg("'%.*s' is gone", STR_FMT(description));
    return NULL;
}

static void test_round_trip(void **state)
{
    const struct trip_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *first = read_ok(str_of(row->text), arena);
    struct str text = write_ok(first, arena);
    struct pact *second = read_ok(text, arena);
    assert_int_equal(second->spec, PACT_V4);
    assert_int_equal(str_find(text, STR("pactSpecificationVersion")), -1);
    same_text(first->consumer, second->consumer, "consumer");
    same_text(first->provider, second->provider, "provider");
    same_json(first->extra, second->extra, "foreign top-level attributes");
    assert_int_equal(first->interactions.len, second->interactions.len);
    VEC_EACH(&first->interactions, const struct pact_interaction *, it)
        same_interaction(it, described(second, it->description), arena);
    same_text(text, write_ok(second, arena), "file");
}

static void test_order_and_end(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *a = pact_new(arena, STR("c"), STR("p")), *b = pact_new(arena, STR("c"), STR("p"));
    pact_add(arena, a, PACT_HTTP, STR("x"));
    pact_add(arena, a, PACT_MESSAGE, STR("x"));
    pact_add(arena, a, PACT_HTTP, STR("a"));
    pact_add(arena, b, PACT_MESSAGE, STR("x"));
    pact_add(arena, b, PACT_HTTP, STR("a"));
    pact_add(arena, b, PACT_HTTP, STR("x"));
    struct str text = write_ok(a, arena);
    same_text(text, write_ok(b, arena), "file");
    assert_int_equal(text.ptr[text.len - 1], '\n');
    struct pact *read = read_ok(text, arena);
    assert_str_is(read->interactions.items[0].description, "a");
    assert_int_equal(read->interactions.items[1].kind, PACT_HTTP);
    assert_int_equal(read->interactions.items[2].kind, PACT_MESSAGE);
}

static void test_built(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct pact *pact = pact_new(arena, STR("c"), STR("p"));
    struct pact_interaction *it = pact_add(arena, pact, PACT_HTTP, STR("built"));
    struct matcher min = {.kind = MATCHER_TYPE, .has_min = true, .min = 2};
    struct matcher regex = {.kind = MATCHER_REGEX, .text = STR("\\d+")};
    struct err err = ERR_INIT;
    pact_header_add(arena, &it->response.headers, STR("X-A"), STR("1"));
    pact_header_add(arena, &it->response.headers, STR("x-a"), STR("2"));
    assert_int_equal(pact_body_set(arena, &it->response.body, STR("{\"a\":[1.50]}"),
                                   STR("application/json"), &err),
                     0);
    rules_add(it->response.rules, RULES_BODY, STR("$.a"), &min, arena, &err);
    rules_add(it->response.rules, RULES_BODY, STR("$.a[*]"), &regex, arena, &err);
    struct pact *read = read_ok(write_ok(pact, arena), arena);
    const struct pact_response *response = &read->interactions.items[0].response;
    assert_str_is(response->body.bytes, "{\"a\":[1.50]}");
    assert_int_equal(response->headers.items[0].values.len, 2);
    assert_int_equal(response->rules->part[RULES_BODY].items[0].matchers.items[0].min, 2);
    assert_str_is(response->rules->part[RULES_BODY].items[1].matchers.items[0].text, "\\d+");
    assert_int_equal(rules_add(it->response.rules, RULES_BODY, STR("$."), &min, arena, &err),
                     ERR_PARSE);
    assert_int_equal(
        pact_body_set(arena, &it->response.body, STR("{"), STR("application/json"), NULL),
        ERR_PARSE);
    assert_str_is(it->response.body.bytes, "{\"a\":[1.50]}");
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, trip_rows, test_round_trip);
    rows_add_test(&tests, "order and end of the file", test_order_and_end);
    rows_add_test(&tests, "a built pact", test_built);
    return rows_run(&tests, "pact_write");
}
