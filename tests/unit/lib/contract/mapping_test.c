// SPDX-License-Identifier: Apache-2.0
/* Interactions to repository methods and operations. */
#include "lib/contract/mapping.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/contract/operation.h"
#include "tests/unit/lib/base/rows.h"

static struct pact_interaction *only(const char *json, struct arena *arena)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    struct str text = str_printf(
        arena, "{\"interactions\":[%s],\"metadata\":{\"pactSpecification\":{\"version\":\"4\"}}}",
        json);
    if (pact_read(text, "p.json", arena, &pact, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(pact->interactions.len, 1);
    return &pact->interactions.items[0];
}

#define HTTP "\"type\":\"Synchronous/HTTP\""

static const struct method_row {
    const char *name, *members;
    const char *method, *package, *variant, *scenario, *carrier; /* NULL = absent */
} method_rows[] = {
    {"prefix", "\"description\":\"TransactionRepository.page: first page\"",
     "TransactionRepository.page", NULL, NULL, "first page", "description"},
    {"variant", "\"description\":\"TransactionRepository.page(since): delta\"",
     "TransactionRepository.page", NULL, "since", "delta", "description"},
    {"package", "\"description\":\"com.acme.wallet.TransactionRepository.page: empty list\"",
     "TransactionRepository.page", "com.acme.wallet", NULL, "empty list", "description"},
    {"prose", "\"description\":\"a request for transactions\"", NULL, NULL, NULL,
     "a request for transactions", NULL},
    {"no space after the colon", "\"description\":\"TransactionRepository.page:x\"", NULL, NULL,
     NULL, "TransactionRepository.page:x", NULL},
    {"lower-case repository", "\"description\":\"transactions.page: x\"", NULL, NULL, NULL,
     "transactions.page: x", NULL},
    {"references",
     "\"description\":\"x\",\"comments\":{\"references\":{\"tally\":{\"method\":"
     "\"UserRepository.me\"}}}",
     "UserRepository.me", NULL, NULL, "x", "comments.references"},
    {"comments.tally",
     "\"description\":\"x\",\"comments\":{\"tally\":{\"repository\":\"UserRepository\",\"method\":"
     "\"me\"}}",
     "UserRepository.me", NULL, NULL, "x", "comments.tally"},
    {"comment line",
     "\"description\":\"x\",\"comments\":{\"text\":[\"hello\",\"tally: UserRepository.me\"]}",
     "UserRepository.me", NULL, NULL, "x", "comments.text"},
    {"single comment line",
     "\"description\":\"x\",\"comments\":{\"text\":\"tally: UserRepository.me\"}",
     "UserRepository.me", NULL, NULL, "x", "comments.text"},
    {"carriers that agree",
     "\"description\":\"a.UserRepository.me(v): y\",\"comments\":{\"text\":[\"tally: "
     "UserRepository.me\"]}",
     "UserRepository.me", "a", "v", "y", "comments.text"},
    {"test name",
     "\"description\":\"x\",\"comments\":{\"testname\":\"com.acme.UserRepositoryPactTest.me\"}",
     "UserRepository.me", NULL, NULL, "x", "comments.testname"},
    {"test name contradicts nobody",
     "\"description\":\"UserRepository.me: x\",\"comments\":{\"testname\":"
     "\"OtherRepositoryTest.you\"}",
     "UserRepository.me", NULL, NULL, "x", "description"},
};

static void test_method(void **state)
{
    const struct method_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct mapping mapping = {0};
    struct err err = ERR_INIT;
    const struct pact_interaction *it =
        only(str_printf(arena, "{" HTTP ",%s}", row->members).ptr, arena);
    if (mapping_of(it, arena, &mapping, &err) != 0)
        fail_msg("%s", err.text);
    assert_str_is(mapping.method, row->method);
    assert_str_is(mapping.package, row->package);
    assert_str_is(mapping.variant, row->variant);
    assert_str_is(mapping.scenario, row->scenario);
    assert_str_is(mapping.carrier, row->carrier);
    re_cache_clear();
}

static const struct contradiction_row {
    const char *name, *members, *first, *second;
} contradiction_rows[] = {
    {"description and comment",
     "\"description\":\"UserRepository.me: x\",\"comments\":{\"text\":[\"tally: "
     "UserRepository.you\"]}",
     "comments.text names 'UserRepository.you'", "description names 'UserRepository.me'"},
    {"packages",
     "\"description\":\"a.UserRepository.me: x\",\"comments\":{\"tally\":{\"method\":"
     "\"b.UserRepository.me\"}}",
     "'b.UserRepository.me'", "'a.UserRepository.me'"},
    {"a carrier that names no method",
     "\"description\":\"x\",\"comments\":{\"tally\":{\"method\":\"page of transactions\"}}",
     "comments.tally names 'page of transactions'", "no repository method"},
};

static void test_contradiction(void **state)
{
    const struct contradiction_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct mapping mapping = {0};
    struct err err = ERR_INIT;
    const struct pact_interaction *it =
        only(str_printf(arena, "{" HTTP ",%s}", row->members).ptr, arena);
    assert_int_equal(mapping_of(it, arena, &mapping, &err), ERR_PARSE);
    if (!strstr(err.text, row->first) || !strstr(err.text, row->second))
        fail_msg("saw: %s", err.text);
    re_cache_clear();
}

static const struct operation_row {
    const char *name, *interaction, *operation;
} operation_rows[] = {
    {"plain path", "{" HTTP ",\"request\":{\"method\":\"get\",\"path\":\"/v1/me\"}}", "GET /v1/me"},
    {"number", "{" HTTP ",\"request\":{\"path\":\"/v1/tx/12\"}}", "GET /v1/tx/{id}"},
    {"uuid", "{" HTTP ",\"request\":{\"path\":\"/t/0b54c3a2-7a0f-4d7e-9c53-a1b2c3d4e5f6/x\"}}",
     "GET /t/{id}/x"},
    {"state parameter",
     "{" HTTP ",\"providerStates\":[{\"name\":\"s\",\"params\":{\"txId\":\"t-1\"}}],"
     "\"request\":{\"path\":\"/v1/tx/t-1\"}}",
     "GET /v1/tx/{txId}"},
    {"path rule",
     "{" HTTP ",\"request\":{\"path\":\"/v1/tx/abc\",\"matchingRules\":{\"path\":{\"matchers\":[{"
     "\"match\":\"regex\",\"regex\":\"^\\\\/v1\\\\/tx\\\\/[^/]+$\"}]}}}}",
     "GET /v1/tx/{id}"},
    {"path rule keeps a literal number",
     "{" HTTP ",\"request\":{\"path\":\"/1/tx/abc\",\"matchingRules\":{\"path\":{\"matchers\":[{"
     "\"match\":\"regex\",\"regex\":\"/1/tx/\\\\w+\"}]}}}}",
     "GET /1/tx/{id}"},
    {"trailing slash", "{" HTTP ",\"request\":{\"path\":\"/v1/tx/\"}}", "GET /v1/tx/"},
    {"root", "{" HTTP ",\"request\":{}}", "GET /"},
    {"graphql name",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"path\":\"/graphql\",\"body\":{\"contentType\":"
     "\"application/json\",\"content\":{\"operationName\":\"Tx\",\"query\":\"query Tx{a}\"}}}}",
     "graphql:Tx"},
    {"graphql name in the document",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"path\":\"/graphql\",\"body\":{\"contentType\":"
     "\"application/json\",\"content\":{\"query\":\"mutation Pay{a}\"}}}}",
     "graphql:Pay"},
    {"graphql persisted",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"path\":\"/graphql\",\"body\":{\"contentType\":"
     "\"application/json\",\"content\":{\"operationName\":\"Tx\",\"extensions\":{"
     "\"persistedQuery\":{\"version\":1,\"sha256Hash\":\"0123456789abcdef\"}}}}}}",
     "graphql:Tx"},
    {"graphql persisted without name",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"path\":\"/graphql\",\"body\":{\"contentType\":"
     "\"application/json\",\"content\":{\"extensions\":{"
     "\"persistedQuery\":{\"version\":1,\"sha256Hash\":\"0123456789abcdef\"}}}}}}",
     "graphql:#0123456789ab"},
    {"graphql by GET",
     "{" HTTP ",\"request\":{\"path\":\"/graphql\",\"query\":{\"query\":[\"query Tx{a}\"]}}}",
     "graphql:Tx"},
    {"graphql batch",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"path\":\"/graphql\",\"body\":{\"contentType\":"
     "\"application/json\",\"content\":[{\"query\":\"query A{a}\"},{\"query\":\"query "
     "B{b}\",\"operationName\":\"B\"}]}}}",
     "graphql:A+B"},
    {"graphql batch of one",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"path\":\"/graphql\",\"body\":{\"contentType\":"
     "\"application/json\",\"content\":[{\"query\":\"query A{a}\"}]}}}",
     "graphql:A"},
    {"a list with something else is no graphql batch",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"path\":\"/graphql\",\"body\":{\"contentType\":"
     "\"application/json\",\"content\":[{\"query\":\"query A{a}\"},{\"name\":\"x\"}]}}}",
     "POST /graphql"},
    {"an empty list is no graphql batch",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"path\":\"/graphql\",\"body\":{\"contentType\":"
     "\"application/json\",\"content\":[]}}}",
     "POST /graphql"},
    {"a search parameter is no graphql",
     "{" HTTP ",\"request\":{\"path\":\"/search\",\"query\":{\"query\":[\"shoes\"]}}}",
     "GET /search"},
    {"a body with a query that is no graphql",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"path\":\"/search\",\"body\":{\"contentType\":"
     "\"application/json\",\"content\":{\"query\":\"red shoes\"}}}}",
     "POST /search"},
    {"push by metadata",
     "{\"type\":\"Asynchronous/Messages\",\"metadata\":{\"type\":\"transfer\"}}", "push:transfer"},
    {"push by contents",
     "{\"type\":\"Asynchronous/Messages\",\"contents\":{\"contentType\":\"application/json\","
     "\"content\":{\"type\":\"credit\"}}}",
     "push:credit"},
    {"push", "{\"type\":\"Asynchronous/Messages\"}", "push:message"},
    {"grpc",
     "{\"type\":\"Synchronous/Messages\",\"pluginConfiguration\":{\"protobuf\":{\"service\":"
     "\".pkg.Wallet/Pay\"}}}",
     "grpc:pkg.Wallet/Pay"},
    {"given",
     "{" HTTP ",\"comments\":{\"references\":{\"tally\":{\"operation\":\"GET /v1/me\"}}},"
     "\"request\":{\"path\":\"/v1/users/7\"}}",
     "GET /v1/me"},
};

static void test_operation(void **state)
{
    const struct operation_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct mapping mapping = {0};
    struct err err = ERR_INIT;
    if (mapping_of(only(row->interaction, arena), arena, &mapping, &err) != 0)
        fail_msg("%s", err.text);
    assert_str_is(mapping.operation, row->operation);
    re_cache_clear();
}

static void test_same_document_same_digest(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct mapping a = {0}, b = {0}, c = {0};
#define ANONYMOUS(document)                                                                        \
    "{" HTTP ",\"request\":{\"method\":\"POST\",\"path\":\"/graphql\",\"body\":{\"contentType\":"  \
    "\"application/json\",\"content\":{\"query\":\"" document "\"}}}}"
    mapping_of(only(ANONYMOUS("{ me { id } }"), arena), arena, &a, NULL);
    mapping_of(only(ANONYMOUS("{me{__typename id}}"), arena), arena, &b, NULL);
    mapping_of(only(ANONYMOUS("{me{name}}"), arena), arena, &c, NULL);
    assert_true(str_starts(a.operation, STR("graphql:#")));
    assert_true(str_eq(a.operation, b.operation));
    assert_false(str_eq(a.operation, c.operation));
    re_cache_clear();
}

static const struct document_row {
    const char *name, *json;
    const char *document, *persisted; /* NULL = absent */
} document_rows[] = {
    {"document in the body",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"body\":{\"content\":{\"query\":\"{a}\"}}}}",
     "{a}", NULL},
    {"document in the query", "{" HTTP ",\"request\":{\"query\":{\"query\":[\"{a}\"]}}}", "{a}",
     NULL},
    {"hash in the body",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"body\":{\"content\":{\"extensions\":{"
     "\"persistedQuery\":{\"sha256Hash\":\"h1\"}}}}}}",
     NULL, "h1"},
    {"hash in the query",
     "{" HTTP ",\"request\":{\"query\":{\"extensions\":[\"{\\\"persistedQuery\\\":{\\\"sha256Hash"
     "\\\":\\\"h1\\\"}}\"]}}}",
     NULL, "h1"},
    {"documentId in the query", "{" HTTP ",\"request\":{\"query\":{\"documentId\":[\"d1\"]}}}",
     NULL, "d1"},
    {"a document beside its hash is no id",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"body\":{\"content\":{\"query\":\"{a}\","
     "\"extensions\":{\"persistedQuery\":{\"sha256Hash\":\"h1\"}}}}}}",
     "{a}", NULL},
    {"document of a batch of one",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"body\":{\"content\":[{\"query\":\"{a}\"}]}}}",
     "{a}", NULL},
    {"no one document of a batch",
     "{" HTTP ",\"request\":{\"method\":\"POST\",\"body\":{\"content\":[{\"query\":\"{a}\"},"
     "{\"query\":\"{b}\"}]}}}",
     NULL, NULL},
    {"neither", "{" HTTP ",\"request\":{\"path\":\"/v1/me\"}}", NULL, NULL},
    {"a message", "{\"type\":\"Asynchronous/Messages\",\"contents\":{\"content\":{\"id\":\"1\"}}}",
     NULL, NULL},
};

static void test_document(void **state)
{
    const struct document_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    const struct pact_interaction *interaction = only(row->json, arena);
    assert_str_is(operation_document(interaction, arena), row->document);
    assert_str_is(operation_persisted_id(interaction, arena), row->persisted);
}

static void test_documents_compared(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str name = STR_NONE, first = STR_NONE, second = STR_NONE, other = STR_NONE;
    assert_true(
        operation_of_document(STR("query Me { me { __typename id } }"), arena, &name, &first));
    assert_str_is(name, "graphql:Me");
    assert_true(operation_of_document(STR("query Me{me{id}}"), arena, &name, &second));
    assert_true(operation_of_document(STR("query Me{me{id name}}"), arena, &name, &other));
    assert_true(str_eq(first, second));
    assert_false(str_eq(first, other));
    assert_true(operation_of_document(STR("{me{id}}"), arena, &name, &other));
    assert_true(str_starts(name, STR("graphql:#")));
    assert_false(operation_of_document(STR("query {"), arena, &name, &other));
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, method_rows, test_method);
    ROWS_ADD(&tests, contradiction_rows, test_contradiction);
    ROWS_ADD(&tests, operation_rows, test_operation);
    ROWS_ADD(&tests, document_rows, test_document);
    rows_add_test(&tests, "documents compared", test_documents_compared);
    rows_add_test(&tests, "same document, same digest", test_same_document_same_digest);
    return rows_run(&tests, "mapping");
}
