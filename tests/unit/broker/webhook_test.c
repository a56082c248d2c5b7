// SPDX-License-Identifier: Apache-2.0
#include "broker/webhook.h"

#include "broker/webhook_send.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/json/json.h"
#include "tests/unit/lib/base/rows.h"

static struct arena *arena;

/* ---- variables ---- */

static const struct render_row {
    const char *name, *text;
    enum webhook_escape escape;
    const char *expected;
} render_rows[] = {
    {"a variable", "to ${pactbroker.consumerName}!", WEBHOOK_PLAIN, "to My \"app\" & co!"},
    {"several", "${pactbroker.a}${pactbroker.a}-${pactbroker.a}", WEBHOOK_PLAIN, "11-1"},
    {"an unknown one stays", "x${pactbroker.nope}y", WEBHOOK_PLAIN, "x${pactbroker.nope}y"},
    {"another kind stays", "${other.a}", WEBHOOK_PLAIN, "${other.a}"},
    {"no end", "a ${pactbroker.a", WEBHOOK_PLAIN, "a ${pactbroker.a"},
    {"no value", "[${pactbroker.none}]", WEBHOOK_PLAIN, "[]"},
    {"in a URL", "http://x/?n=${pactbroker.consumerName}", WEBHOOK_URL,
     "http://x/?n=My+%22app%22+%26+co"},
    {"in JSON", "{\"n\":\"${pactbroker.consumerName}\"}", WEBHOOK_JSON,
     "{\"n\":\"My \\\"app\\\" & co\"}"},
    {"a value is not read again", "${pactbroker.loop}", WEBHOOK_PLAIN, "${pactbroker.a}"},
};

static struct webhook_values values(void)
{
    struct webhook_values list = {0};
    *VEC_PUSH(arena, &list) = (struct webhook_value){"consumerName", "My \"app\" & co"};
    *VEC_PUSH(arena, &list) = (struct webhook_value){"a", "1"};
    *VEC_PUSH(arena, &list) = (struct webhook_value){"none", NULL};
    *VEC_PUSH(arena, &list) = (struct webhook_value){"loop", "${pactbroker.a}"};
    return list;
}

static void test_render(void **state)
{
    const struct render_row *row = *state;
    struct webhook_values list = values();
    assert_str_is(webhook_render(&list, str_of(row->text), row->escape, arena), row->expected);
}

/* ---- what may be called ---- */

static const struct policy_row {
    const char *name;
    struct webhook_config config;
    const char *method, *url, *refusal; /* part of it; NULL = fine */
} policy_rows[] = {
    {"POST to https", {0}, "POST", "https://x.example/", NULL},
    {"lower case", {0}, "post", "HTTPS://x.example/", NULL},
    {"another method",
     {0},
     "GET",
     "https://x.example/",
     "must be POST. See /doc/webhooks#whitelist for more information."},
    {"several methods", {.methods = "POST,PUT"}, "GET", "https://x/", "must be one of POST, PUT."},
    {"another scheme", {0}, "POST", "http://x.example/", "scheme must be https. See /doc"},
    {"an allowed scheme", {.schemes = "http https"}, "POST", "http://x.example/", NULL},
    {"another host",
     {.hosts = "a.example *.b.example"},
     "POST",
     "https://x.example/",
     "host must be in the whitelist \"a.example\", \"*.b.example\". See"},
    {"a host with a port", {.hosts = "a.example"}, "POST", "https://a.example:8443/x", NULL},
    {"a host before the at sign is none",
     {.hosts = "a.example"},
     "POST",
     "https://a.example@evil.example/",
     "host must be in the whitelist"},
    {"nor one after a backslash",
     {.hosts = "a.example"},
     "POST",
     "https://evil.example\\@a.example/",
     "host must be in the whitelist"},
    {"nor one in the query",
     {.hosts = "a.example"},
     "POST",
     "https://evil.example?@a.example",
     "host must be in the whitelist"},
    {"an IPv6 host", {.hosts = "fd00::/8"}, "POST", "https://[fd00::1]:1/", NULL},
};

static void test_policy(void **state)
{
    const struct policy_row *row = *state;
    struct webhook_policy policy;
    struct err err = ERR_INIT;
    const char *key = NULL;
    if (webhook_policy_init(&policy, &row->config, ":memory:", arena, &err) < 0)
        fail_msg("%s", err.text);
    const char *refusal = webhook_policy_refusal(&policy, row->method, row->url, arena, &key);
    webhook_policy_release(&policy);
    if (!row->refusal && refusal)
        fail_msg("refused: %s", refusal);
    if (row->refusal && (!refusal || !strstr(refusal, row->refusal)))
        fail_msg("expected '%s', saw '%s'", row->refusal, refusal ? refusal : "none");
}

static const struct bad_row {
    const char *name; /* what the message has to name */
    struct webhook_config config;
} bad_rows[] = {
    {"--webhook-retry-schedule", {.retry_schedule = "10 soon"}},
    {"--webhook-retry-schedule: '-1'", {.retry_schedule = "-1"}},
    {"--webhook-retry-schedule: '100000'", {.retry_schedule = "100000"}},
    {"--webhook-http-code-success", {.success_codes = "OK"}},
    {"--webhook-http-code-success: name", {.success_codes = " "}},
    {"--webhook-http-method-whitelist", {.methods = "PO(ST"}},
    {"--webhook-scheme-whitelist: 'ftp'", {.schemes = "https ftp"}},
    {"--webhook-host-whitelist", {.hosts = "10.0.0.0/99"}},
    {"--user-agent", {.user_agent = "a\nb"}},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct webhook_policy policy;
    struct err err = ERR_INIT;
    assert_int_equal(webhook_policy_init(&policy, &row->config, ":memory:", arena, &err),
                     ERR_USAGE);
    if (!strstr(err.text, row->name))
        fail_msg("'%s' does not name it", err.text);
}

static void test_defaults(void **state)
{
    (void)state;
    static const int64_t schedule[] = {10, 60, 120, 300, 600, 1200};
    const struct webhook_config config = {0};
    struct webhook_policy policy;
    assert_int_equal(webhook_policy_init(&policy, &config, ":memory:", arena, NULL), 0);
    assert_int_equal(policy.retries.len, 6);
    assert_memory_equal(policy.retries.items, schedule, sizeof schedule);
    assert_false(webhook_policy_success(&policy, 199));
    assert_true(webhook_policy_success(&policy, 200));
    assert_true(webhook_policy_success(&policy, 206));
    assert_false(webhook_policy_success(&policy, 207));
    assert_false(webhook_policy_success(&policy, 302));
    webhook_policy_release(&policy);
}

/* ---- texts ---- */

static void test_secrets(void **state)
{
    (void)state;
    assert_true(webhook_header_is_secret(STR("Authorization")));
    assert_true(webhook_header_is_secret(STR("X-AUTH-TOKEN")));
    assert_true(webhook_header_is_secret(STR("proxy-authorization")));
    assert_false(webhook_header_is_secret(STR("content-type")));
    assert_string_equal(webhook_redact(arena, "abc"), "**********");
    assert_string_equal(webhook_redact(arena, "${pactbroker.x}"), "${pactbroker.x}");
    assert_null(webhook_redact(arena, NULL));
    assert_true(webhook_is_stars(STR("***")));
    assert_true(webhook_is_stars(STR("")));
    assert_false(webhook_is_stars(STR("**a")));
}

static void test_at_rest(void **state)
{
    (void)state;
    const struct webhook_config config = {0};
    const struct webhook_request request = {
        .method = "POST", .url = "https://x/", .username = "u", .password = "hunter22"};
    struct webhook_request back = {0};
    struct webhook_policy policy;
    struct webhook row = {.uuid = "some-uuid"};
    assert_int_equal(webhook_policy_init(&policy, &config, ":memory:", arena, NULL), 0);
    assert_int_equal(webhook_request_seal(&policy, &request, row.uuid, arena, &row.request, NULL),
                     0);
    assert_true(str_find(row.request, STR("hunter22")) < 0);
    assert_int_equal(webhook_request_open(&policy, &row, arena, &back, NULL), 0);
    assert_string_equal(back.password, "hunter22");
    assert_null(back.body);
    row.uuid = "another-uuid";
    assert_int_equal(webhook_request_open(&policy, &row, arena, &back, NULL), ERR_PARSE);
    webhook_policy_release(&policy);
}

/* ---- what is sent, and what is written down ---- */

static struct json *parsed(const char *text)
{
    struct json *value = NULL;
    assert_int_equal(json_parse(str_of(text), NULL, arena, &value, NULL), 0);
    return value;
}

static void test_delivery(void **state)
{
    (void)state;
    const struct webhook_config config = {.hosts = "x.example"};
    const struct webhook_request request = {
        .method = "post",
        .url = "https://x.example/?c=${pactbroker.consumerName}",
        .username = "jo",
        .password = "hunter22",
        .headers = parsed("{\"X-Token\":\"abcdef\",\"X-App\":\"${pactbroker.a}\"}"),
        .body = parsed("{\"name\":\"${pactbroker.consumerName}\",\"echo\":\"abcdef\"}"),
    };
    struct webhook_values list = values();
    struct webhook_policy policy;
    struct webhook_delivery d;
    int64_t now = INT64_C(1790000000000000);
    struct clock clock = clock_fixed(&now);
    assert_int_equal(webhook_policy_init(&policy, &config, ":memory:", arena, NULL), 0);
    assert_int_equal(
        webhook_prepare(&policy, &request, &list, "http://broker", &clock, arena, &d, NULL), 0);
    assert_string_equal(d.request.method, "POST");
    assert_string_equal(d.request.url, "https://x.example/?c=My+%22app%22+%26+co");
    assert_str_is(d.request.body, "{\"name\":\"My \\\"app\\\" & co\",\"echo\":\"abcdef\"}");
    assert_str_is(headers_get(&d.request.headers, "x-token"), "abcdef");
    assert_str_is(headers_get(&d.request.headers, "x-app"), "1");
    assert_str_is(headers_get(&d.request.headers, "user-agent"), "Pact Broker v2.120.0");
    assert_str_is(headers_get(&d.request.headers, "content-type"),
                  "application/x-www-form-urlencoded");
    assert_false(d.request.follow);
    assert_non_null(d.request.guard);
    /* the receiver echoes the secrets */
    struct client_response response = {.status = 500,
                                       .body = STR("abcdef hunter22 am86aHVudGVyMjI= fine")};
    webhook_complete(&d, &response, NULL);
    struct str log = buf_view(&d.log);
    assert_false(d.success);
    assert_true(str_find(log, STR("abcdef")) < 0);
    assert_true(str_find(log, STR("hunter22")) < 0);
    assert_true(str_find(log, STR("am86aHVudGVyMjI=")) < 0);
    assert_true(str_find(log, STR("fine")) >= 0);
    assert_true(str_find(log, STR("x-token: **********")) >= 0 ||
                str_find(log, STR("X-Token: **********")) >= 0);
    assert_true(str_find(log, STR("] INFO: HTTP/1.1 500 Internal Server Error\n")) >= 0);
    /* escaped, which says the same */
    struct client_response escaped = {
        .status = 200, .body = STR("{\"a\":[1,{},\"x h\\u0075nter22\"],\"hunter\\u00322\":null}")};
    webhook_complete(&d, &escaped, NULL);
    assert_str_is(d.response_body, "{\"a\":[1,{},\"x **********\"],\"**********\":null}");
    assert_true(str_eq(json_to_str(arena, d.response_json, JSON_COMPACT), d.response_body));
    assert_true(str_find(buf_view(&d.log), STR("nter22")) < 0);
    webhook_release(&d);
    webhook_policy_release(&policy);
}

static void test_hidden(void **state)
{
    (void)state;
    const struct webhook_config config = {0};
    const struct webhook_request request = {.method = "POST", .url = "https://x.example/"};
    struct webhook_values list = {0};
    struct webhook_policy policy;
    struct webhook_delivery d;
    assert_int_equal(webhook_policy_init(&policy, &config, ":memory:", arena, NULL), 0);
    assert_int_equal(
        webhook_prepare(&policy, &request, &list, "http://broker", clock_system(), arena, &d, NULL),
        0);
    assert_str_is(d.request.body, ""); /* not "null" */
    struct client_response response = {.status = 200, .body = STR("internal data")};
    webhook_complete(&d, &response, NULL);
    assert_true(d.success);
    assert_true(str_find(buf_view(&d.log), STR("internal data")) < 0);
    assert_true(str_find(buf_view(&d.log), STR("For security purposes")) >= 0);
    webhook_release(&d);
    webhook_policy_release(&policy);
}

/* The settings may have changed since the webhook was stored; a variable may make it huge. */
static void test_refused_late(void **state)
{
    (void)state;
    const struct webhook_config config = {0};
    struct webhook_request request = {.method = "POST", .url = "http://x.example/"};
    struct webhook_values list = {0};
    struct webhook_policy policy;
    struct webhook_delivery d;
    struct err err = ERR_INIT;
    assert_int_equal(webhook_policy_init(&policy, &config, ":memory:", arena, NULL), 0);
    assert_int_equal(webhook_prepare(&policy, &request, &list, "", clock_system(), arena, &d, &err),
                     ERR_USAGE);
    webhook_release(&d);
    char *big = arena_alloc(arena, LIMIT_WEBHOOK_REQUEST + 2);
    memset(big, 'x', LIMIT_WEBHOOK_REQUEST + 1);
    request.url = "https://x.example/";
    request.body = json_new_text(arena, big);
    assert_int_equal(webhook_prepare(&policy, &request, &list, "", clock_system(), arena, &d, NULL),
                     ERR_LIMIT);
    webhook_release(&d);
    webhook_policy_release(&policy);
}

int main(void)
{
    arena = arena_new();
    struct rows tests = {0};
    ROWS_ADD(&tests, render_rows, test_render);
    ROWS_ADD(&tests, policy_rows, test_policy);
    ROWS_ADD(&tests, bad_rows, test_bad);
    rows_add_test(&tests, "defaults are those of the original", test_defaults);
    rows_add_test(&tests, "which headers are secret, and what stands for them", test_secrets);
    rows_add_test(&tests, "a request at rest", test_at_rest);
    rows_add_test(&tests, "variables are filled in and secrets left out", test_delivery);
    rows_add_test(&tests, "answers are hidden without a list of hosts", test_hidden);
    rows_add_test(&tests, "what is not allowed any more is not sent", test_refused_late);
    int failed = rows_run(&tests, "webhook");
    arena_free(arena);
    return failed;
}
