// SPDX-License-Identifier: Apache-2.0
/*
 * `tally verify` against one server that plays provider, state handler and broker. A row says what
 * the command line is, how it ends, and what the server was and was not asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/hash.h"
#include "tests/unit/lib/hal/fake_server.h"
#include "verifier/verify.h"

#define HEAD "{\"consumer\":{\"name\":\"app\"},\"provider\":{\"name\":\"bff\"},\"interactions\":["
#define TAIL "],\"metadata\":{\"pactSpecification\":{\"version\":\"4.0\"}}"
#define HTTP(description, path, rest)                                                              \
    "{\"type\":\"Synchronous/HTTP\",\"_id\":\"id-" description "\",\"description\":\"" description \
    "\",\"request\":{\"method\":\"GET\",\"path\":\"" path "\"},\"response\":{\"status\":200}" rest \
    "}"
#define STATE(name) ",\"providerStates\":[{\"name\":\"" name "\",\"params\":{\"n\":1}}]"
#define GOOD        HTTP("good", "/ok", "")
#define BAD         HTTP("bad", "/fail", "")
#define MESSAGE(description)                                                                       \
    "{\"type\":\"Asynchronous/Messages\",\"description\":\"" description "\",\"contents\":"        \
    "{\"content\":{\"id\":\"ntf\"},\"contentType\":\"application/json\",\"encoded\":false},"       \
    "\"metadata\":{\"topic\":\"push\"}}"

static struct fake *fake;
static char *folder;
static int publish_status;
static bool pending;
static struct exchange *kept;

static void answer_message(struct exchange *exchange)
{
    struct reply reply = REPLY(200);
    bool plain = str_find(exchange->request.body, STR("without topic")) >= 0;
    headers_addz(exchange->arena, &reply.headers, "Content-Type", "application/json");
    if (!plain)
        headers_add(exchange->arena, &reply.headers, STR("Pact-Message-Metadata"),
                    hash_base64(exchange->arena,
                                STR("{\"topic\":\"push\",\"contentType\":\"application/json\"}")));
    reply.body = STR("{\"id\":\"ntf\"}");
    server_respond(exchange, &reply);
}

/* Headers of the command line are for the provider alone. */
static void answer_by_key(struct exchange *exchange)
{
    bool key = str_is(headers_get(&exchange->request.headers, "x-key"), "secret");
    fake_json(exchange, key ? 200 : 403, "{}");
}

static void answer_state(struct exchange *exchange)
{
    if (headers_get(&exchange->request.headers, "x-key").ptr)
        fake_json(exchange, 500, "{\"why\":\"that key was not for me\"}");
    else if (str_find(exchange->request.body, STR("impossible")) >= 0)
        fake_json(exchange, 500, "{\"why\":\"no such thing\"}");
    else
        fake_json(exchange, 200, "{\"id\":7}");
}

static void redirect(struct exchange *exchange)
{
    struct reply reply = REPLY(302);
    headers_addz(exchange->arena, &reply.headers, "Location", "/ok");
    server_respond(exchange, &reply);
}

static void answer_results(struct exchange *exchange)
{
    if (publish_status == 201)
        fake_json(exchange, 201, "{\"ok\":true}");
    else
        fake_json(exchange, publish_status, "{\"error\":\"the broker does not want it\"}");
}

static void answer_selection(struct exchange *exchange)
{
    fake_json(exchange, 200,
              pending ? "{\"_embedded\":{\"pacts\":[{\"verificationProperties\":{\"pending\":true},"
                        "\"_links\":{\"self\":{\"href\":\"http://broker/pact\"}}}]}}"
                      : "{\"_embedded\":{\"pacts\":[{\"_links\":{\"self\":{\"href\":"
                        "\"http://broker/pact\"}}}]}}");
}

static const char links[] =
    ",\"_links\":{\"pb:provider\":{\"href\":\"http://broker/provider\"},"
    "\"pb:consumer-version\":{\"name\":\"3.2.0\"},"
    "\"pb:publish-verification-results\":{\"href\":\"http://broker/results\"}}}";

static void answer_pact(struct exchange *exchange)
{
    const char *interactions = pending ? GOOD "," BAD : GOOD "," HTTP("second", "/ok?x=1", "");
    fake_json(exchange, 200,
              arena_printf(exchange->arena, "%s%s%s%s", HEAD, interactions, TAIL, links));
}

/* One interaction whose reply lacks 130 headers. */
static void answer_long(struct exchange *exchange)
{
    struct buf headers BUF_AUTO = BUF_INIT(16384);
    for (int i = 0; i < 130; i++)
        buf_printf(&headers, "%s\"X-%d\":[\"1\"]", i ? "," : "", i);
    fake_json(exchange, 200,
              arena_printf(exchange->arena,
                           "%s{\"type\":\"Synchronous/HTTP\",\"description\":\"long\","
                           "\"request\":{\"path\":\"/ok\"},\"response\":{\"headers\":{%.*s}}}%s%s",
                           HEAD, STR_FMT(buf_view(&headers)), TAIL, links));
}

/* Never while the client waits: the next request lets it go. */
static void answer_slowly(struct exchange *exchange)
{
    kept = exchange;
}

static void answer_html(struct exchange *exchange)
{
    server_respond_text(exchange, 500, "text/html", STR("<h1>stack trace</h1>"));
}

static const struct {
    const char *path, *json;
    void (*handle)(struct exchange *exchange);
} routes[] = {
    {"/ok", "{\"a\":1}", NULL},
    {"/fail", NULL, answer_html},
    {"/redirect", NULL, redirect},
    {"/locked", NULL, answer_by_key},
    {"/break", NULL, server_drop},
    {"/slow", NULL, answer_slowly},
    {"/states", NULL, answer_state},
    {"/messages", NULL, answer_message},
    {"/results", NULL, answer_results},
    {"/pact", NULL, answer_pact},
    {"/long", NULL, answer_long},
    {"/pacts/provider/bff/for-verification", NULL, answer_selection},
    {"/",
     "{\"_links\":{\"pb:provider-pacts-for-verification\":"
     "{\"href\":\"http://broker/pacts/provider/{provider}/for-verification\"}}}",
     NULL},
    {"/provider",
     "{\"_links\":{\"pb:branch-version\":{\"href\":\"http://broker/b/{branch}/v/{version}\"},"
     "\"pb:version-tag\":{\"href\":\"http://broker/v/{version}/t/{tag}\"}}}",
     NULL},
    {"/b/feat%2Fx/v/1.0", "{}", NULL},
    {"/v/1.0/t/dev", "{}", NULL},
    {"/items/7", "{}", NULL},
};

static void handle(struct exchange *exchange)
{
    if (kept)
        fake_json(kept, 200, "{}");
    kept = NULL;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!str_is(exchange->request.path, routes[i].path))
            continue;
        if (routes[i].handle)
            routes[i].handle(exchange);
        else
            fake_json(exchange, 200, routes[i].json);
        return;
    }
    fake_json(exchange, 404, "{\"error\":\"not here\"}");
}

static const struct row {
    const char *name;
    const char *interactions; /* of the file; NULL = the broker's contract */
    const char *options;      /* {} is the server's URL */
    int code;
    const char *report; /* part of the JSON report, NULL = there is none */
    const char *asked, *not_asked;
    int publish_status;
    bool pending;
} rows[] = {
    {"agreement is yes", GOOD, "", 0, "\"answer\": \"yes\"", "GET /ok", "/states", 0, false},
    {"a difference is no", GOOD "," BAD, "", 1, "breaks 1 of 2", "GET /fail", NULL, 0, false},
    {"the true reply is shown", BAD, "", 1, "<h1>stack trace</h1>", NULL, NULL, 0, false},
    {"the status comes first", BAD, "", 1, "\"part\": \"status\"", NULL, NULL, 0, false},
    {"a dry run tells the truth and ends with 0", BAD, "--dry-run", 0, "\"exitCode\": 1", NULL,
     NULL, 0, false},
    {"redirects are not followed", HTTP("r", "/redirect", ""), "", 1, "302", NULL, "GET /ok", 0,
     false},
    {"a broken connection is no", HTTP("b", "/break", ""), "", 1, "\"failed\": 1", NULL, NULL, 0,
     false},
    {"a slow answer is no", HTTP("s", "/slow", ""), "--request-timeout 100", 1, "within 100 ms",
     NULL, NULL, 0, false},
    {"nobody there is neither", GOOD, "--provider-base-url http://127.0.0.1:1", 4,
     "\"answer\": \"undecided\"", NULL, NULL, 0, false},
    {"no interaction is no evidence", "", "", 3, "no contract has an interaction", NULL, NULL, 0,
     false},
    {"an unknown kind is no evidence", GOOD ",{\"type\":\"Strange\",\"description\":\"x\"}", "", 3,
     "\"interactionsOfUnknownKind\": 1", NULL, NULL, 0, false},
    {"filtered to nothing is undecided", GOOD, "--filter-description nothing", 3, "left nothing",
     NULL, "GET /ok", 0, false},
    {"a filter takes part", GOOD "," BAD, "--filter-description ^go", 3, "\"leftOut\": 1",
     "GET /ok", "GET /fail", 0, false},
    {"filter by state", HTTP("a", "/ok", STATE("one")) "," BAD, "--filter-state one", 3,
     "\"passed\": 1", NULL, "GET /fail", 0, false},
    {"filter without state", HTTP("a", "/fail", STATE("one")) "," GOOD, "--filter-no-state", 3,
     "\"passed\": 1", NULL, "GET /fail", 0, false},
    {"another provider's contract is ignored", GOOD, "-n other", 3, "it is for provider 'bff'",
     NULL, "GET /ok", 0, false},
    {"another consumer's contract is ignored", GOOD, "-c other", 3, "it is of consumer 'app'", NULL,
     "GET /ok", 0, false},
    {"nothing to verify can be allowed", GOOD, "-n other --ignore-no-pacts-error", 0, "allows that",
     NULL, "GET /ok", 0, false},
    {"the first failure can end the run", BAD "," GOOD, "--exit-on-first-error", 1, "\"notRun\": 1",
     NULL, "GET /ok", 0, false},
    {"a pending interaction does not fail", HTTP("p", "/fail", ",\"pending\":true"), "", 0,
     "\"pending\": 1", "GET /fail", NULL, 0, false},

    {"a state is set up with its parameters", HTTP("a", "/ok", STATE("one")), "-s {}/states", 0,
     "\"passed\": 1", "POST /states {\"state\":\"one\",\"params\":{\"n\":1},\"action\":\"setup\"}",
     "teardown", 0, false},
    {"and torn down when asked, after a failure too", HTTP("a", "/fail", STATE("one")),
     "-s {}/states --state-change-teardown", 1, NULL,
     "POST /states {\"state\":\"one\",\"params\":{\"n\":1},\"action\":\"teardown\"}", NULL, 0,
     false},
    {"no state is one call", GOOD, "-s {}/states", 0, NULL, "\"state\":\"\"", NULL, 0, false},
    {"states as query", HTTP("a", "/ok", STATE("one")), "-s {}/states --state-change-as-query", 0,
     NULL, "POST /states?state=one&action=setup&n=1 \n", NULL, 0, false},
    {"a state that cannot be is no, at once", HTTP("a", "/ok", STATE("impossible")), "-s {}/states",
     1, "no such thing", NULL, "GET /ok", 0, false},
    {"a state handler that is not there is neither", HTTP("a", "/ok", STATE("one")),
     "-s http://127.0.0.1:1", 4, "cannot connect", NULL, "GET /ok", 0, false},
    {"a state without URL is a warning", HTTP("a", "/ok", STATE("one")), "", 0, "was not set up",
     "GET /ok", NULL, 0, false},
    {"values of a state reach the request",
     "{\"type\":\"Synchronous/HTTP\",\"description\":\"g\",\"providerStates\":[{\"name\":\"one\"}],"
     "\"request\":{\"path\":\"/items/1\",\"generators\":{\"path\":{\"type\":\"ProviderState\","
     "\"expression\":\"/items/${id}\"}}},\"response\":{\"status\":200}}",
     "-s {}/states", 0, "GET /items/7", "GET /items/7", "GET /items/1", 0, false},
    {"headers go to the provider only", HTTP("l", "/locked", ""), "-H X-Key=secret -s {}/states", 0,
     "\"passed\": 1", "GET /locked", NULL, 0, false},

    {"a message is asked for", MESSAGE("m"), "--message-url {}/messages", 0, "\"passed\": 1",
     "POST /messages {\"description\":\"m\",\"providerStates\":[]}", NULL, 0, false},
    {"a message without its metadata is no", MESSAGE("without topic"), "--message-url {}/messages",
     1, "topic", NULL, NULL, 0, false},
    {"a message that is not there is no", MESSAGE("m"), "--message-url {}/nowhere", 1,
     "answered 404", NULL, NULL, 0, false},

    {"results are published for what ran", NULL,
     "-b {} -n bff --publish --provider-version 1.0 --provider-branch feat/x --provider-tags dev",
     0, "\"publication\": \"published\"", "\"success\":true,\"providerApplicationVersion\":\"1.0\"",
     NULL, 201, false},
    {"branch and tags come with them", NULL,
     "-b {} -n bff --publish --provider-version 1.0 --provider-branch feat/x --provider-tags dev",
     0, "3.2.0", "PUT /b/feat%2Fx/v/1.0 {}\nPUT /v/1.0/t/dev {}\nPOST /results", NULL, 201, false},
    {"every interaction has its result", NULL, "-b {} -n bff --publish --provider-version 1.0", 0,
     NULL, "{\"interactionId\":\"id-good\",\"success\":true,", NULL, 201, false},
    {"the contract of a webhook", NULL,
     "--webhook-callback-url {}/pact --publish --provider-version 1.0", 0,
     "\"publication\": \"published\"", "POST /results {\"success\":true", "for-verification", 201,
     false},
    {"a long list of differences is folded", NULL,
     "--webhook-callback-url {}/long --publish --provider-version 1.0", 1, "X-129",
     "… and 30 more differences", "X-129", 201, false},
    {"a URL that has no contract", NULL, "-u {}/missing", 2, NULL, "GET /missing", "GET /ok", 0,
     false},
    {"a filter publishes nothing", NULL,
     "-b {} -n bff --publish --provider-version 1.0 --filter-description good", 3,
     "filters left out 1", "GET /ok", "POST /results", 201, false},
    {"a dry run publishes nothing", NULL, "-b {} -n bff --publish --provider-version 1.0 --dry-run",
     0, "\"dryRun\": true", "GET /ok", "POST /results", 201, false},
    {"a refused publication is not yes", NULL, "-b {} -n bff --publish --provider-version 1.0", 1,
     "the broker does not want it", "POST /results", NULL, 409, false},
    {"nor one without access", NULL, "-b {} -n bff --publish --provider-version 1.0", 4, "401",
     "POST /results", NULL, 401, false},
    {"a pending contract is told and published as it is", NULL,
     "-b {} -n bff --publish --provider-version 1.0 --enable-pending", 0, "\"pending\": 1",
     "POST /results {\"success\":false", NULL, 201, true},
    {"the selection is asked as told", NULL,
     "-b {} -n bff --consumer-version-selectors {\"mainBranch\":true} --provider-branch main", 0,
     NULL,
     "POST /pacts/provider/bff/for-verification {\"includePendingStatus\":false,"
     "\"consumerVersionSelectors\":[{\"mainBranch\":true}],\"providerVersionBranch\":\"main\"}",
     "POST /results", 201, false},
    {"a provider nobody knows is undecided", NULL, "-b {} -n stranger", 3, "does not know provider",
     NULL, NULL, 201, false},
    {"jobs", GOOD "," BAD "," HTTP("c", "/ok", "") "," HTTP("d", "/ok", STATE("one")),
     "--jobs 4 -s {}/states", 1, "\"passed\": 3", "\"state\":\"one\"", NULL, 0, false},

    {"usage: publish without version", GOOD, "-b {} -n bff --publish", 2, NULL, NULL, "GET", 0,
     false},
    {"usage: publish a file", GOOD, "--publish --provider-version 1", 2, NULL, NULL, "GET", 0,
     false},
    {"usage: a selector that is no JSON", GOOD, "--consumer-version-selectors {", 2, NULL, NULL,
     "GET", 0, false},
    {"usage: a pattern that is none", GOOD, "--filter-description (", 2, NULL, NULL, "GET", 0,
     false},
    {"input: not a contract", "1", "", 2, NULL, NULL, "GET", 0, false},
};

/* Words of the options, "{}" replaced by the server's URL. */
static int split(struct arena *arena, const char *options, char **argv, int argc)
{
    struct str rest = str_of(options);
    while (rest.ptr) {
        struct str word = str_cut(&rest, ' ');
        long braces = str_find(word, STR("{}"));
        if (word.len == 0)
            continue;
        argv[argc++] =
            braces < 0 ? str_cstr(arena, word)
                       : arena_printf(arena, "%.*s%s%s", (int)braces, word.ptr, fake_url(fake),
                                      str_cstr(arena, str_sub(word, (size_t)braces + 2, word.len)));
    }
    return argc;
}

/* What people would see is not what is tested here. */
static int quietly(int argc, char **argv)
{
    fflush(stdout);
    int out = dup(1), error = dup(2), none = open("/dev/null", O_WRONLY);
    dup2(none, 1);
    dup2(none, 2);
    int code = verify_command(argc, argv);
    fflush(stdout);
    dup2(out, 1);
    dup2(error, 2);
    close(out);
    close(error);
    close(none);
    return code;
}

static void run_row(void **state)
{
    const struct row *row = *state;
    ARENA_AUTO struct arena *arena = arena_new();
    struct err err = ERR_INIT;
    char *argv[40] = {arena_strdup(arena, "verify"), arena_strdup(arena, "--json"),
                      fs_join(arena, folder, "report.json"),
                      arena_strdup(arena, "--provider-base-url"),
                      arena_strdup(arena, fake_url(fake))};
    int argc = 5;
    unlink(argv[2]);
    if (row->interactions) {
        char *path = fs_join(arena, folder, "pact.json");
        struct str text = str_printf(arena, "%s%s%s}", HEAD, row->interactions, TAIL);
        assert_int_equal(fs_write(path, text, &err), 0);
        argv[argc++] = path;
    }
    argc = split(arena, row->options, argv, argc);
    publish_status = row->publish_status;
    pending = row->pending;
    fake_clear(fake);
    int code = quietly(argc, argv);
    struct str report = STR("");
    if (fs_exists(argv[2]))
        assert_int_equal(fs_read(argv[2], 1 << 24, arena, &report, &err), 0);
    if (code != row->code)
        fail_msg("exit status %d, expected %d; report:\n%.*s", code, row->code, STR_FMT(report));
    if (row->report && str_find(report, str_of(row->report)) < 0)
        fail_msg("the report lacks '%s':\n%.*s", row->report, STR_FMT(report));
    if (row->asked && !strstr(fake_log(fake), row->asked))
        fail_msg("not asked '%s':\n%s", row->asked, fake_log(fake));
    if (row->not_asked && strstr(fake_log(fake), row->not_asked))
        fail_msg("asked '%s':\n%s", row->not_asked, fake_log(fake));
}

static int start(void **state)
{
    static struct arena *arena;
    struct err err = ERR_INIT;
    (void)state;
    static const char *const names[] = {"TALLY_BROKER_BASE_URL", "PACT_BROKER_BASE_URL",
                                        "PACT_PROVIDER_NAME", "PACT_DESCRIPTION"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    arena = arena_new();
    char *made = NULL;
    if (fs_tmpdir(arena, &made, &err) < 0)
        return -1;
    folder = strdup(made);
    arena_free(arena);
    fake = fake_start(handle);
    return folder ? 0 : -1;
}

static int finish(void **state)
{
    (void)state;
    fake_stop(fake);
    fs_remove_tree(folder, NULL);
    free(folder);
    return 0;
}

int main(void)
{
    enum { N = sizeof rows / sizeof *rows };
    struct CMUnitTest tests[N];
    for (size_t i = 0; i < N; i++)
        tests[i] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = run_row, .initial_state = (void *)&rows[i]};
    return _cmocka_run_group_tests("verify", tests, N, start, finish);
}
