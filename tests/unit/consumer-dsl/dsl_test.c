// SPDX-License-Identifier: Apache-2.0
/* libtally as its users see it: describe, ask the mock server, judge, write. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "consumer-dsl/include/tally.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/contract/pact.h"
#include "lib/contract/rules.h"
#include "lib/http/client.h"

struct fixture {
    struct arena *arena;
    struct client *client;
    struct tally_pact *pact;
    char *dir;
};

static int setup(void **state)
{
    struct arena *arena = arena_new();
    struct fixture *f = ARENA_NEW(arena, struct fixture);
    f->arena = arena;
    f->client = client_new();
    f->pact = tally_pact_new("app", "bff");
    struct err err = ERR_INIT;
    assert_int_equal(fs_tmpdir(arena, &f->dir, &err), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    tally_pact_free(f->pact);
    client_free(f->client);
    assert_int_equal(fs_remove_tree(f->dir, NULL), 0);
    arena_free(f->arena);
    return 0;
}

static struct client_response ask(struct fixture *f, const char *method, const char *path,
                                  const char *body)
{
    struct client_request request = {
        .method = method, .url = arena_printf(f->arena, "%s%s", tally_url(f->pact), path)};
    request.body = str_of(body);
    if (body)
        headers_addz(f->arena, &request.headers, "Content-Type", "application/json");
    struct client_response response = {0};
    struct err err = ERR_INIT;
    if (client_call(f->client, &request, f->arena, &response, &err) != 0)
        fail_msg("%s", err.text);
    return response;
}

static struct tally_interaction *upon_me(struct fixture *f)
{
    struct tally_interaction *it = tally_upon(f->pact, "UserRepository.me: signed-in user");
    tally_given(it, "the user is signed in");
    tally_request(it, "GET", "/v1/me");
    tally_respond(it, 200);
    tally_response_body(it, tally_object("id", tally_like("usr-1"), "roles",
                                         tally_each(tally_text("admin"), 2, 0), NULL));
    return it;
}

static void says(struct fixture *f, const char *text)
{
    const char *problems = tally_problems(f->pact);
    if (!problems || !strstr(problems, text))
        fail_msg("problems do not say \"%s\":\n%s", text, problems ? problems : "(none)");
}

static char *written(struct fixture *f)
{
    return fs_join(f->arena, f->dir, "app-bff.json");
}

static void answers_and_writes_when_all_was_exercised(void **state)
{
    struct fixture *f = *state;
    upon_me(f);
    struct client_response reply = ask(f, "GET", "/v1/me", NULL);
    assert_int_equal(reply.status, 200);
    assert_true(str_is(reply.body, "{\"id\":\"usr-1\",\"roles\":[\"admin\",\"admin\"]}"));
    assert_true(str_is(headers_get(&reply.headers, "content-type"), "application/json"));
    assert_null(tally_problems(f->pact));
    assert_int_equal(tally_pact_write(f->pact, f->dir), 0);

    struct str text;
    struct err err = ERR_INIT;
    struct pact *pact;
    assert_int_equal(fs_read(written(f), LIMIT_FILE, f->arena, &text, &err), 0);
    if (pact_read(text, written(f), f->arena, &pact, &err) != 0)
        fail_msg("%d:%d %s", err.line, err.column, err.text);
    assert_int_equal(pact->spec, PACT_V4);
    assert_int_equal(pact->interactions.len, 1);
    assert_true(str_is(pact->interactions.items[0].states.items[0].name, "the user is signed in"));
    assert_int_equal(pact->interactions.items[0].response.rules->part[RULES_BODY].len, 2);
}

/* The file of the pair, as if another program had written it before. */
static void left_by_another(struct fixture *f, const char *consumer, const char *interactions)
{
    struct err err = ERR_INIT;
    struct str text = str_printf(f->arena,
                                 "{\"consumer\":{\"name\":\"%s\"},\"provider\":{\"name\":\"bff\"},"
                                 "\"interactions\":[%s],\"metadata\":{\"own\":[1.50],"
                                 "\"pactSpecification\":{\"version\":\"4.0\"}}}",
                                 consumer, interactions);
    assert_int_equal(fs_mkdirs(f->dir, &err), 0);
    assert_int_equal(fs_write(written(f), text, &err), 0);
}

static struct pact *file_now(struct fixture *f)
{
    struct pact *pact = NULL;
    struct str text = STR_NONE;
    struct err err = ERR_INIT;
    if (fs_read(written(f), LIMIT_FILE, f->arena, &text, &err) != 0 ||
        pact_read(text, written(f), f->arena, &pact, &err) != 0)
        fail_msg("%s", err.text);
    return pact;
}

static void merges_with_the_file_that_is_there(void **state)
{
    struct fixture *f = *state;
    left_by_another(f, "app",
                    "{\"type\":\"Synchronous/HTTP\",\"description\":\"UserRepository.me: "
                    "signed-in user\",\"providerStates\":[{\"name\":\"the user is signed in\"}],"
                    "\"request\":{\"path\":\"/old\"},\"response\":{\"status\":500}},"
                    "{\"type\":\"Synchronous/HTTP\",\"description\":\"another's\"},"
                    "{\"type\":\"Strange\",\"description\":\"unknown\"}");
    upon_me(f);
    ask(f, "GET", "/v1/me", NULL);
    assert_int_equal(tally_pact_write(f->pact, f->dir), 0);
    struct pact *pact = file_now(f);
    assert_int_equal(pact->interactions.len, 2);
    assert_int_equal(pact->unknown.len, 1);
    assert_true(str_is(pact->interactions.items[0].request.path, "/v1/me"));
    assert_int_equal(pact->interactions.items[0].response.status, 200);
    assert_true(str_is(pact->interactions.items[1].description, "another's"));
    assert_true(str_is(json_text(json_at(json_get(pact->metadata, "own"), 0)), "1.50"));
}

static void leaves_a_file_alone_that_it_cannot_merge_with(void **state)
{
    struct fixture *f = *state;
    upon_me(f);
    ask(f, "GET", "/v1/me", NULL);
    left_by_another(f, "another", "");
    assert_int_equal(tally_pact_write(f->pact, f->dir), -1);
    says(f, "is between another and bff");
    assert_true(str_is(file_now(f)->consumer, "another"));
}

static void leaves_a_file_alone_that_is_no_contract(void **state)
{
    struct fixture *f = *state;
    struct str text = STR_NONE;
    struct err err = ERR_INIT;
    upon_me(f);
    ask(f, "GET", "/v1/me", NULL);
    assert_int_equal(fs_mkdirs(f->dir, &err), 0);
    assert_int_equal(fs_write(written(f), STR("not JSON"), &err), 0);
    assert_int_equal(tally_pact_write(f->pact, f->dir), -1);
    says(f, "cannot be merged with");
    assert_int_equal(fs_read(written(f), LIMIT_FILE, f->arena, &text, &err), 0);
    assert_true(str_is(text, "not JSON"));
}

static void writes_nothing_when_one_was_not_exercised(void **state)
{
    struct fixture *f = *state;
    upon_me(f);
    assert_int_equal(tally_pact_write(f->pact, f->dir), -1);
    says(f, "\"UserRepository.me: signed-in user\" was never exercised");
    assert_false(fs_exists(written(f)));
}

static void writes_nothing_without_interactions(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(tally_pact_write(f->pact, f->dir), -1);
    says(f, "no interaction");
    assert_false(fs_exists(written(f)));
}

static void names_the_nearest_interaction_and_every_difference(void **state)
{
    struct fixture *f = *state;
    upon_me(f);
    struct tally_interaction *it = tally_upon(f->pact, "TransactionRepository.page: first page");
    tally_request(it, "GET", "/v1/transactions");
    tally_query(it, "limit", tally_text("10"));
    tally_request_header(it, "X-App", tally_text("wallet"));
    tally_respond(it, 200);
    struct client_response reply = ask(f, "GET", "/v1/transactions?limit=5", NULL);
    assert_int_equal(reply.status, 500);
    assert_true(str_find(reply.body, STR("request-mismatch")) >= 0);
    says(f, "GET /v1/transactions?limit=5 matched no interaction");
    says(f, "nearest: \"TransactionRepository.page: first page\"");
    says(f, "query limit");
    says(f, "header X-App");
    assert_int_equal(tally_pact_write(f->pact, f->dir), -1);
    assert_false(fs_exists(written(f)));
}

/* What nobody reads to its end is counted instead. */
static void folds_a_long_list_of_differences(void **state)
{
    enum { N = 1500 };
    struct fixture *f = *state;
    struct buf want BUF_AUTO = BUF_INIT(65536), got BUF_AUTO = BUF_INIT(65536);
    for (int i = 0; i < N; i++) {
        buf_printf(&want, "%c%d", i ? ',' : '[', i);
        buf_printf(&got, "%c%d", i ? ',' : '[', i + 1);
    }
    buf_putc(&want, ']');
    buf_putc(&got, ']');
    struct tally_interaction *it = tally_upon(f->pact, "OrderRepository.add: many");
    tally_request(it, "POST", "/v1/orders");
    tally_request_body(it, tally_json(want.ptr));
    struct client_response reply = ask(f, "POST", "/v1/orders", got.ptr);
    assert_int_equal(reply.status, 500);
    assert_true(str_find(reply.body, STR("\"mismatchesFolded\": 500")) >= 0);
    assert_true(str_find(reply.body, STR("$[999]")) >= 0);
    assert_true(str_find(reply.body, STR("$[1000]")) < 0);
    says(f, "and 1480 more");
}

static void tells_interactions_with_equal_requests_apart_by_turn(void **state)
{
    struct fixture *f = *state;
    upon_me(f);
    assert_int_equal(ask(f, "GET", "/v1/me", NULL).status, 200);
    struct tally_interaction *it = tally_upon(f->pact, "UserRepository.me: signed out");
    tally_request(it, "GET", "/v1/me");
    tally_respond(it, 401);
    assert_int_equal(ask(f, "GET", "/v1/me", NULL).status, 401);
    assert_null(tally_problems(f->pact));
}

static void compares_graphql_as_graphql(void **state)
{
    struct fixture *f = *state;
    struct tally_interaction *it = tally_upon(f->pact, "UserRepository.me: by GraphQL");
    tally_graphql(it, "/graphql", "Me", "query Me {\n  me {\n    id\n  }\n}", NULL);
    tally_respond(it, 200);
    tally_response_body(it, tally_json("{\"data\": {\"me\": {\"id\": \"usr-1\"}}}"));
    struct client_response reply =
        ask(f, "POST", "/graphql",
            "{\"operationName\":\"Me\",\"query\":\"query Me { me { id __typename } }\"}");
    assert_int_equal(reply.status, 200);
    reply = ask(f, "POST", "/graphql",
                "{\"operationName\":\"Me\",\"query\":\"query Me { me { email } }\"}");
    assert_int_equal(reply.status, 500);
    says(f, "$.query");
}

static int receive(const char *body, size_t len, void *context)
{
    *(size_t *)context = len;
    return strstr(body, "ntf-1") ? 0 : 7;
}

static void hands_a_message_to_its_receiver(void **state)
{
    struct fixture *f = *state;
    struct tally_interaction *it =
        tally_upon_message(f->pact, "NotificationRepository.received: push arrives");
    tally_message_body(it,
                       tally_object("notification_id", tally_regex("ntf-[0-9]+", "ntf-1"), NULL));
    size_t len = 0;
    assert_int_equal(tally_receive(it, receive, &len), 0);
    assert_int_equal(len, strlen("{\"notification_id\":\"ntf-1\"}"));
    assert_null(tally_problems(f->pact));
    assert_int_equal(tally_pact_write(f->pact, f->dir), 0);
}

static void reports_mistakes_in_the_description(void **state)
{
    struct fixture *f = *state;
    struct tally_interaction *it = tally_upon(f->pact, "UserRepository.me: mistaken");
    tally_request(it, "GET", "v1/me");
    tally_response_body(it, tally_object("id", tally_regex("[0-9]+", "abc"), NULL));
    says(f, "'v1/me' has to start with '/'");
    says(f, "does not match its own pattern");
    upon_me(f);
    upon_me(f);
    says(f, "described twice");
    assert_int_equal(tally_pact_write(f->pact, f->dir), -1);
}

static void takes_matching_definitions(void **state)
{
    struct fixture *f = *state;
    struct tally_interaction *it = tally_upon(f->pact, "TransactionRepository.page: defined");
    tally_request(it, "GET", "/v1/transactions");
    tally_respond(it, 200);
    tally_response_body(
        it, tally_object("currency", tally_matching("matching(regex, '[A-Z]{3}', 'EUR')"), "total",
                         tally_matching("notEmpty(fromProviderState('${total}', 7))"), "ids",
                         tally_each(tally_matching("matching(integer, 1)"), 1, 0), NULL));
    struct client_response response = ask(f, "GET", "/v1/transactions", NULL);
    assert_int_equal(response.status, 200);
    assert_true(str_is(response.body, "{\"currency\":\"EUR\",\"total\":7,\"ids\":[1]}"));
    assert_null(tally_problems(f->pact));
    assert_int_equal(tally_pact_write(f->pact, f->dir), 0);
    struct str text = STR_NONE;
    struct err err = ERR_INIT;
    assert_int_equal(
        fs_read(fs_join(f->arena, f->dir, "app-bff.json"), LIMIT_FILE, f->arena, &text, &err), 0);
    static const char *const parts[] = {"\"$.currency\"", "\"regex\": \"[A-Z]{3}\"", "\"notEmpty\"",
                                        "\"$.ids[*]\"", "\"${total}\""};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (str_find(text, str_of(parts[i])) < 0)
            fail_msg("expected %s in %.*s", parts[i], STR_FMT(text));
}

static void refuses_definitions_that_say_nothing(void **state)
{
    static const struct {
        const char *definition, *problem;
    } rows[] = {
        {"matching(integer, 1.5)", "definition at $.a: expected an integer, found 1.5"},
        {"an example", "is no matching definition"},
        {"", "found no text"},
        {"atLeast(1)", "gives no example"},
        {"matching($'other')", "refers to another definition"},
        {"matching(regex, '\\d', 'x')", "does not match its own pattern"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tally_pact_free(f->pact);
        f->pact = tally_pact_new("app", "bff");
        struct tally_interaction *it = tally_upon(f->pact, "UserRepository.me: mistaken");
        tally_response_body(it, tally_object("a", tally_matching(rows[i].definition), NULL));
        says(f, rows[i].problem);
    }
}

struct caller {
    struct fixture *f;
    char *url;
    int good;
};

static void *call_often(void *arg)
{
    struct caller *caller = arg;
    struct client *client = client_new();
    for (int i = 0; i < 25; i++) {
        struct arena *arena = arena_new();
        struct client_request request = {.method = "GET", .url = caller->url};
        struct client_response response = {0};
        struct err err = ERR_INIT;
        if (client_call(client, &request, arena, &response, &err) == 0 && response.status == 200)
            caller->good++;
        arena_free(arena);
    }
    client_free(client);
    return NULL;
}

static void answers_many_callers_while_it_is_described(void **state)
{
    struct fixture *f = *state;
    upon_me(f);
    struct caller callers[4];
    pthread_t threads[4];
    char *url = arena_printf(f->arena, "%s/v1/me", tally_url(f->pact));
    for (int i = 0; i < 4; i++) {
        callers[i] = (struct caller){f, url, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, &callers[i]), 0);
    }
    for (int i = 0; i < 50; i++) {
        struct tally_interaction *it =
            tally_upon(f->pact, arena_printf(f->arena, "ARepository.b: number %d", i));
        tally_request(it, "POST", "/elsewhere");
        tally_respond(it, 204);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(callers[i].good, 25);
    }
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#define XML_BODY                                                                                   \
    "{\"root\":{\"name\":\"list\",\"children\":[{\"pact:matcher:type\":\"type\",\"examples\":2,"   \
    "\"value\":{\"name\":\"item\",\"attributes\":{\"id\":{\"pact:matcher:type\":\"integer\","      \
    "\"value\":1}}}}]}}"

static void takes_bodies_in_integration_json(void **state)
{
    struct fixture *f = *state;
    struct tally_interaction *it = tally_upon(f->pact, "ItemRepository.all: as XML");
    tally_request(it, "POST", "/v1/items");
    tally_request_body_as(it, "application/json",
                          "{\"page\":{\"pact:matcher:type\":\"integer\",\"value\":1}}");
    tally_respond(it, 200);
    tally_response_body_as(it, "application/xml", XML_BODY);
    struct client_response reply = ask(f, "POST", "/v1/items", "{\"page\":7}");
    assert_int_equal(reply.status, 200);
    assert_true(str_is(reply.body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                                   "<list><item id=\"1\"/><item id=\"1\"/></list>"));
    assert_true(str_is(headers_get(&reply.headers, "content-type"), "application/xml"));
    assert_null(tally_problems(f->pact));
    assert_int_equal(tally_pact_write(f->pact, f->dir), 0);

    struct str text;
    struct pact *pact;
    assert_int_equal(fs_read(written(f), LIMIT_FILE, f->arena, &text, NULL), 0);
    assert_int_equal(pact_read(text, written(f), f->arena, &pact, NULL), 0);
    const struct pact_interaction *read = &pact->interactions.items[0];
    assert_int_equal(read->request.rules->part[RULES_BODY].len, 1);
    assert_int_equal(read->response.rules->part[RULES_BODY].len, 2);
    assert_true(str_is(read->response.rules->part[RULES_BODY].items[0].text, "$.list.item.@id"));
}

static void reports_integration_json_that_is_wrong(void **state)
{
    struct fixture *f = *state;
    tally_response_body_as(tally_upon(f->pact, "A.a: no JSON"), "application/json", "{");
    tally_response_body_as(tally_upon(f->pact, "A.b: no root"), "text/xml", "{}");
    tally_response_body_as(tally_upon(f->pact, "A.c: text"), "text/plain", "{}");
    tally_message_body_as(tally_upon_message(f->pact, "A.d: matcher"), "application/json",
                          "{\"pact:matcher:type\":\"lottery\"}");
    says(f, "\"A.a: no JSON\": body: expected");
    says(f, "\"A.b: no root\": body: body $: an XML body needs an element as its 'root'");
    says(f, "\"A.c: text\": body: integration JSON makes JSON or XML, not 'text/plain'");
    says(f, "\"A.d: matcher\": body: body $: there is no matcher 'lottery'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(answers_and_writes_when_all_was_exercised),
        ROW(merges_with_the_file_that_is_there),
        ROW(leaves_a_file_alone_that_it_cannot_merge_with),
        ROW(leaves_a_file_alone_that_is_no_contract),
        ROW(writes_nothing_when_one_was_not_exercised),
        ROW(writes_nothing_without_interactions),
        ROW(names_the_nearest_interaction_and_every_difference),
        ROW(folds_a_long_list_of_differences),
        ROW(tells_interactions_with_equal_requests_apart_by_turn),
        ROW(compares_graphql_as_graphql),
        ROW(hands_a_message_to_its_receiver),
        ROW(reports_mistakes_in_the_description),
        ROW(takes_matching_definitions),
        ROW(refuses_definitions_that_say_nothing),
        ROW(takes_bodies_in_integration_json),
        ROW(reports_integration_json_that_is_wrong),
        ROW(answers_many_callers_while_it_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
