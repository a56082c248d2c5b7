// SPDX-License-Identifier: Apache-2.0
/* `tally probe` against a small provider that is good, or wrong in one chosen way. */
#include "tests/unit/lib/adr/findings.h"
#include "tests/unit/verifier/probe_provider.h"
#include "verifier/probe_parts.h"

#define STATIC_PASS                                                                                \
    "pass static INT-005-CONNECTION Query.things\n"                                                \
    "pass static INT-005-CONNECTION ThingConnection\n"
#define GRAPHQL_PASS STATIC_PASS "pass live INT-005-CONNECTION-LIVE Query.things\n"
#define REST_PASS                                                                                  \
    "pass static INT-005-CURSOR GET /v1/things\n"                                                  \
    "pass live INT-005-CURSOR GET /v1/things\n"
#define OPAQUE_REST    "pass live INT-005-CURSOR-OPAQUE GET /v1/things\n"
#define OPAQUE_GRAPHQL "pass live INT-005-CURSOR-OPAQUE Query.things\n"
#define OPAQUE_PASS    OPAQUE_REST OPAQUE_GRAPHQL
#define PUSH_PASS      "pass live INT-005-PUSH push 1\n"

static const int64_t NOW_US = INT64_C(1767225600000000); /* 2026-01-01T00:00:00Z */

static struct probe_config config_for(const struct provider *provider)
{
    return (struct probe_config){
        .base_url = provider_url(provider),
        .openapi = "/openapi.json",
        .sdl = "/schema.graphql",
        .graphql = "/graphql",
        .push_trigger = PROBE_PUSH_TRIGGER,
        .push_timeout_ms = 3000,
        .push_quiet_ms = 20,
        .max_pages = 200,
        .page_size = 10,
    };
}

static int probe(struct probe *ret, const struct probe_config *config, struct arena *arena,
                 struct err *err)
{
    int64_t now_us = NOW_US;
    struct clock clock = clock_fixed(&now_us);
    return probe_run(ret, config, &clock, arena, err);
}

/* ---- one wrong thing at a time ---- */

static const struct row {
    const char *name;
    unsigned faults;
    size_t rows;
    enum exit_code answer;
    const char *findings;
    const char *says; /* some sentence holds it */
    int64_t push_timeout_ms;
} rows[] = {
    {"a good provider", 0, 25, EXIT_YES, GRAPHQL_PASS REST_PASS OPAQUE_PASS PUSH_PASS,
     "25 rows in 5 pages, every row once", 0},
    {"a list that fits on one page is walked again with smaller ones", 0, 8, EXIT_YES,
     GRAPHQL_PASS REST_PASS OPAQUE_PASS PUSH_PASS, "8 rows in 4 pages, every row once", 0},
    {"two rows are enough", 0, 2, EXIT_YES, GRAPHQL_PASS REST_PASS OPAQUE_PASS PUSH_PASS,
     "2 rows in 2 pages, every row once", 0},
    {"one row proves nothing", 0, 1, EXIT_UNDECIDED,
     STATIC_PASS "inconclusive live INT-005-CONNECTION-LIVE Query.things\n"
                 "pass static INT-005-CURSOR GET /v1/things\n"
                 "inconclusive live INT-005-CURSOR GET /v1/things\n"
                 "inconclusive live INT-005-CURSOR-OPAQUE GET /v1/things\n"
                 "inconclusive live INT-005-CURSOR-OPAQUE Query.things\n" PUSH_PASS,
     "only one page", 0},
    {"an empty list proves nothing", 0, 0, EXIT_UNDECIDED,
     STATIC_PASS "inconclusive live INT-005-CONNECTION-LIVE Query.things\n"
                 "pass static INT-005-CURSOR GET /v1/things\n"
                 "inconclusive live INT-005-CURSOR GET /v1/things\n" PUSH_PASS,
     "the list is empty", 0},
    {"a list that pages by offset", PROVIDER_OFFSET | PROVIDER_NO_SDL, 25, EXIT_NO,
     "fail static INT-005-CURSOR GET /v1/things\n"
     "inconclusive live INT-005-CURSOR GET /v1/things\n" PUSH_PASS,
     "it takes 'page'", 0},
    {"pages that overlap", PROVIDER_OVERLAP | PROVIDER_NO_SDL, 25, EXIT_NO,
     "pass static INT-005-CURSOR GET /v1/things\n"
     "fail live INT-005-CURSOR GET /v1/things\n" OPAQUE_REST PUSH_PASS,
     "2 of 27 rows came more than once", 0},
    {"overlap seen only with small pages", PROVIDER_OVERLAP | PROVIDER_NO_SDL, 8, EXIT_NO,
     "pass static INT-005-CURSOR GET /v1/things\n"
     "fail live INT-005-CURSOR GET /v1/things\n" OPAQUE_REST PUSH_PASS,
     "3 of 11 rows came more than once", 0},
    {"rows lost between pages", PROVIDER_LOSES | PROVIDER_NO_SDL, 25, EXIT_UNDECIDED,
     "pass static INT-005-CURSOR GET /v1/things\n"
     "inconclusive live INT-005-CURSOR GET /v1/things\n" OPAQUE_REST PUSH_PASS,
     "rows are lost between pages", 0},
    {"a walk that never ends", PROVIDER_SAME_CURSOR | PROVIDER_NO_SDL, 25, EXIT_NO,
     "pass static INT-005-CURSOR GET /v1/things\n"
     "fail live INT-005-CURSOR GET /v1/things\n" OPAQUE_REST PUSH_PASS,
     "the walk never ends", 0},
    {"rows without ids", PROVIDER_NO_IDS | PROVIDER_NO_SDL, 25, EXIT_UNDECIDED,
     "pass static INT-005-CURSOR GET /v1/things\n"
     "inconclusive live INT-005-CURSOR GET /v1/things\n"
     "inconclusive live INT-005-CURSOR-OPAQUE GET /v1/things\n" PUSH_PASS,
     "no id to tell them apart", 0},
    {"a page that fails", PROVIDER_FAILS | PROVIDER_NO_SDL, 25, EXIT_UNDECIDED,
     "pass static INT-005-CURSOR GET /v1/things\n"
     "inconclusive live INT-005-CURSOR GET /v1/things\n"
     "inconclusive live INT-005-CURSOR-OPAQUE GET /v1/things\n" PUSH_PASS,
     "answered 500", 0},
    {"cursors in links", PROVIDER_LINKS | PROVIDER_NO_SDL, 25, EXIT_YES,
     REST_PASS OPAQUE_REST PUSH_PASS, "25 rows in 5 pages", 0},
    {"a prefix in servers", PROVIDER_PREFIX | PROVIDER_NO_SDL, 25, EXIT_YES,
     REST_PASS OPAQUE_REST PUSH_PASS, "25 rows in 5 pages", 0},
    {"no list at all", PROVIDER_NO_LISTS | PROVIDER_NO_SDL, 25, EXIT_YES,
     "not applicable static INT-005-CURSOR OpenAPI\n"
     "not applicable live INT-005-CURSOR OpenAPI\n" PUSH_PASS,
     "no list that pages", 0},
    {"a connection with a wrong endCursor", PROVIDER_WRONG_END, 25, EXIT_NO,
     STATIC_PASS "fail live INT-005-CONNECTION-LIVE Query.things\n" REST_PASS OPAQUE_REST
                 "inconclusive live INT-005-CURSOR-OPAQUE Query.things\n" PUSH_PASS,
     "endCursor is not the cursor of the last edge", 0},
    {"a push with a title", PROVIDER_PUSH_TITLE, 25, EXIT_NO,
     GRAPHQL_PASS REST_PASS OPAQUE_PASS "fail live INT-005-PUSH push 1\n", "/title", 0},
    {"a push that is no JSON", PROVIDER_PUSH_TEXT, 25, EXIT_NO,
     GRAPHQL_PASS REST_PASS OPAQUE_PASS "fail live INT-005-PUSH push 1\n",
     "no JSON: line 1, column 1", 0},
    {"two pushes", PROVIDER_PUSH_TWICE, 25, EXIT_YES,
     GRAPHQL_PASS REST_PASS OPAQUE_PASS PUSH_PASS "pass live INT-005-PUSH push 2\n", NULL, 0},
    {"no push within the time", PROVIDER_PUSH_NEVER, 25, EXIT_UNDECIDED,
     GRAPHQL_PASS REST_PASS OPAQUE_PASS "inconclusive live INT-005-PUSH push\n",
     "no push came within 200 ms", 200},
    {"no trigger for a push", PROVIDER_NO_TRIGGER, 25, EXIT_UNDECIDED,
     GRAPHQL_PASS REST_PASS OPAQUE_PASS "inconclusive live INT-005-PUSH push\n",
     "/_tally/push answered 404", 0},
    {"no GraphQL schema is only noted", PROVIDER_NO_SDL, 25, EXIT_YES,
     REST_PASS OPAQUE_REST PUSH_PASS, NULL, 0},
    {"no OpenAPI description", PROVIDER_NO_OPENAPI, 25, EXIT_UNDECIDED,
     GRAPHQL_PASS "inconclusive static INT-005-CURSOR OpenAPI\n"
                  "inconclusive live INT-005-CURSOR OpenAPI\n" OPAQUE_GRAPHQL PUSH_PASS,
     "/openapi.json answered 404", 0},
    {"no description at all", PROVIDER_NO_OPENAPI | PROVIDER_NO_SDL, 25, EXIT_UNDECIDED,
     "inconclusive static INT-005-CONNECTION GraphQL schema\n"
     "inconclusive static INT-005-CURSOR OpenAPI\n"
     "inconclusive live INT-005-CURSOR OpenAPI\n" PUSH_PASS,
     "/schema.graphql answered 404", 0},
    {"an OpenAPI description that cannot be read", PROVIDER_BAD_OPENAPI | PROVIDER_NO_SDL, 25,
     EXIT_UNDECIDED,
     "inconclusive static INT-005-CURSOR OpenAPI\n"
     "inconclusive live INT-005-CURSOR OpenAPI\n" PUSH_PASS,
     "/openapi.json:2:17:", 0},
    {"a schema that cannot be read", PROVIDER_BAD_SDL, 25, EXIT_UNDECIDED,
     "inconclusive static INT-005-CONNECTION GraphQL schema\n" REST_PASS OPAQUE_REST PUSH_PASS,
     "/schema.graphql:2:10:", 0},
    {"a provider that asks for a token", PROVIDER_ASKS_TOKEN, 25, EXIT_UNDECIDED,
     "inconclusive static INT-005-CONNECTION GraphQL schema\n"
     "inconclusive static INT-005-CURSOR OpenAPI\n"
     "inconclusive live INT-005-CURSOR OpenAPI\n"
     "inconclusive live INT-005-PUSH push\n",
     "give credentials with --header", 0},
    {"a path with a parameter", PROVIDER_NESTED | PROVIDER_NO_SDL, 25, EXIT_UNDECIDED,
     "pass static INT-005-CURSOR GET /v1/shops/{shop}/things\n"
     "inconclusive live INT-005-CURSOR GET /v1/shops/{shop}/things\n" PUSH_PASS,
     "its path has parameters", 0},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct provider provider;
    struct probe seen;
    provider_start(&provider, row->faults, row->rows);
    struct probe_config config = config_for(&provider);
    if (row->push_timeout_ms)
        config.push_timeout_ms = row->push_timeout_ms;
    int rc = probe(&seen, &config, arena, &err);
    provider_end(&provider);
    probe_release(&seen);
    if (rc < 0)
        fail_msg("the probe says: %s", err.text);
    assert_string_equal(findings_text(&seen.findings, arena), row->findings);
    findings_say(&seen.findings, row->says);
    assert_int_equal(probe_answer(&seen), row->answer);
    VEC_EACH(&seen.findings, const struct adr_finding *, finding) {
        if (json_get_text(finding->evidence, "reproduce").len == 0)
            fail_msg("%s of %.*s says nothing about how to see it again", finding->rule,
                     STR_FMT(finding->subject));
    }
}

/* ---- what the options change ---- */

static struct adr_finding *find(struct probe *seen, const char *rule, enum adr_tier tier)
{
    VEC_EACH(&seen->findings, struct adr_finding *, finding) {
        if (strcmp(finding->rule, rule) == 0 && finding->tier == tier)
            return finding;
    }
    fail_msg("no finding of %s", rule);
    return NULL;
}

static void test_header(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct provider provider;
    struct probe seen;
    provider_start(&provider, PROVIDER_ASKS_TOKEN, 25);
    struct probe_config config = config_for(&provider);
    headers_addz(arena, &config.headers, "Authorization", "Bearer opensesame");
    assert_int_equal(probe(&seen, &config, arena, NULL), 0);
    provider_end(&provider);
    assert_int_equal(probe_answer(&seen), EXIT_YES);
    struct str all = json_to_str(arena, adr_evidence_write(&seen.findings, seen.observed_at, arena),
                                 JSON_COMPACT);
    assert_int_equal(str_find(all, STR("opensesame")), -1);
    assert_true(str_find(all, STR("-H 'Authorization: ...'")) > 0);
    assert_true(str_find(all, STR("\"observedAt\":\"2026-01-01T00:00:00.000000Z\"")) > 0);
    probe_release(&seen);
}

static void test_headers_stay_home(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct provider home, abroad;
    struct probe seen;
    provider_start(&home, PROVIDER_NO_OPENAPI, 25);
    provider_start(&abroad, PROVIDER_ASKS_TOKEN, 25);
    struct probe_config config = config_for(&home);
    config.openapi = arena_printf(arena, "%s/openapi.json", provider_url(&abroad));
    headers_addz(arena, &config.headers, "Authorization", "Bearer opensesame");
    assert_int_equal(probe(&seen, &config, arena, NULL), 0);
    provider_end(&home);
    provider_end(&abroad);
    findings_say(&seen.findings, "/openapi.json answered 401");
    probe_release(&seen);
}

static void test_path_value(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct provider provider;
    struct probe seen;
    provider_start(&provider, PROVIDER_NESTED, 25);
    struct probe_config config = config_for(&provider);
    *VEC_PUSH(arena, &config.path_values) = (struct url_param){STR("shop"), STR("a b")};
    assert_int_equal(probe(&seen, &config, arena, NULL), 0);
    provider_end(&provider);
    assert_int_equal(find(&seen, "INT-005-CURSOR", ADR_LIVE)->verdict, ADR_PASS);
    probe_release(&seen);
}

static void test_max_pages(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct provider provider;
    struct probe seen;
    provider_start(&provider, 0, 25);
    struct probe_config config = config_for(&provider);
    config.max_pages = 2;
    assert_int_equal(probe(&seen, &config, arena, NULL), 0);
    provider_end(&provider);
    assert_int_equal(find(&seen, "INT-005-CURSOR", ADR_LIVE)->verdict, ADR_INCONCLUSIVE);
    findings_say(&seen.findings, "--max-pages");
    assert_int_equal(probe_answer(&seen), EXIT_UNDECIDED);
    probe_release(&seen);
}

static void test_none(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct provider provider;
    struct probe seen;
    provider_start(&provider, PROVIDER_NO_OPENAPI, 25);
    struct probe_config config = config_for(&provider);
    config.openapi = PROBE_NONE;
    assert_int_equal(probe(&seen, &config, arena, NULL), 0);
    assert_int_equal(probe_answer(&seen), EXIT_YES);
    assert_int_equal(find(&seen, "INT-005-CURSOR", ADR_LIVE)->verdict, ADR_NOT_APPLICABLE);
    probe_release(&seen);
    config.sdl = config.push_trigger = PROBE_NONE;
    assert_int_equal(probe(&seen, &config, arena, NULL), 0);
    provider_end(&provider);
    assert_int_equal(probe_answer(&seen), EXIT_UNDECIDED);
    findings_say(&seen.findings, "no push was looked at");
    probe_release(&seen);
}

/* ---- evidence tells no secrets ---- */

static void test_evidence(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct provider provider;
    struct probe seen;
    provider_start(&provider, PROVIDER_PUSH_TITLE | PROVIDER_FAILS, 25);
    struct probe_config config = config_for(&provider);
    assert_int_equal(probe(&seen, &config, arena, NULL), 0);
    provider_end(&provider);
    const struct json *push = find(&seen, "INT-005-PUSH", ADR_LIVE)->evidence;
    assert_str_is(json_get_text(push, "excerpt"),
                  "{\"notification_id\":\"ntf-a\",\"title\":\"(12 characters)\"}");
    struct str headers = json_to_str(arena, json_get(push, "headers"), JSON_COMPACT);
    assert_true(str_find(headers, STR("\"Authorization: ...\"")) > 0);
    assert_true(str_find(headers, STR("\"Content-Type: application/json\"")) > 0);
    const struct json *walk = find(&seen, "INT-005-CURSOR", ADR_LIVE)->evidence;
    assert_str_is(json_get_text(walk, "excerpt"),
                  "{\"title\":\"broken\",\"accessToken\":\"(10 characters)\"}");
    assert_int_equal(json_len(json_get(walk, "urls")), 2);
    probe_release(&seen);
}

/* ---- no provider ---- */

static void test_down(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct provider provider;
    struct probe seen;
    provider_start(&provider, 0, 25);
    struct probe_config config = config_for(&provider);
    config.base_url = arena_strdup(arena, config.base_url);
    provider_end(&provider);
    assert_int_equal(probe(&seen, &config, arena, &err), ERR_NET);
    assert_int_equal(err_exit(&err), EXIT_SURROUNDINGS);
    assert_non_null(strstr(err.text, "/openapi.json: cannot connect"));
    probe_release(&seen);
}

static void test_breaks(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct provider provider;
    struct probe seen;
    provider_start(&provider, PROVIDER_BREAKS, 25);
    struct probe_config config = config_for(&provider);
    assert_int_equal(probe(&seen, &config, arena, &err), ERR_NET);
    provider_end(&provider);
    assert_int_equal(err_exit(&err), EXIT_SURROUNDINGS);
    probe_release(&seen);
}

static void test_port_taken(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct provider provider;
    struct probe seen;
    int64_t port = 0;
    provider_start(&provider, 0, 25);
    struct probe_config config = config_for(&provider);
    struct str url = str_of(config.base_url);
    assert_true(str_to_i64(str_sub(url, strlen("http://127.0.0.1:"), url.len), 1, 65535, &port));
    config.push_port = port;
    assert_int_equal(probe(&seen, &config, arena, &err), ERR_IO);
    provider_end(&provider);
    assert_int_equal(err_exit(&err), EXIT_SURROUNDINGS);
    assert_non_null(strstr(err.text, "catching pushes"));
    probe_release(&seen);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, rows, test_row);
    rows_add_test(&tests, "--header opens doors and stays secret", test_header);
    rows_add_test(&tests, "--header goes to the provider only", test_headers_stay_home);
    rows_add_test(&tests, "--path-value fills a path", test_path_value);
    rows_add_test(&tests, "--max-pages leaves a longer list open", test_max_pages);
    rows_add_test(&tests, "none switches parts off and proves nothing", test_none);
    rows_add_test(&tests, "evidence tells no secrets", test_evidence);
    rows_add_test(&tests, "a provider that is down", test_down);
    rows_add_test(&tests, "a provider that breaks every connection", test_breaks);
    rows_add_test(&tests, "a port for pushes that is taken", test_port_taken);
    return rows_run(&tests, "probe");
}
