// SPDX-License-Identifier: Apache-2.0
/* Which events trigger which webhooks, how often, and what their variables say. */
#include "broker/webhook_trigger.h"

#include "broker/call.h"
#include "broker/metadata.h"
#include "broker/webhook.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/db/db.h"
#include "tests/unit/broker/stage.h"
#include "tests/unit/lib/base/rows.h"

#define CHECK(call)                                                                                \
    do {                                                                                           \
        if ((call) < 0)                                                                            \
            fail_msg("%s: %s", #call, err.text);                                                   \
    } while (0)

static struct stage stage;
static struct webhook_policy policy;
static struct call call;

static void start(void)
{
    const struct webhook_config config = {.first_delay = 5};
    stage_start(&stage);
    assert_int_equal(webhook_policy_init(&policy, &config, ":memory:", stage.arena, NULL), 0);
    call = (struct call){
        .store = stage.store, .arena = stage.arena, .base = "http://broker", .webhooks = &policy};
}

static void end(void)
{
    webhook_policy_release(&policy);
    stage_end(&stage);
}

static int64_t id_of(const char *name)
{
    struct err err = ERR_INIT;
    struct pacticipant row = {0};
    CHECK(store_pacticipant_need(stage.store, name, stage.arena, &row, NULL, &err));
    return row.id;
}

/* "c=app p=bff cl=x pl=y off": a webhook for every event. */
static void add_webhook(const char *spec, int n)
{
    struct err err = ERR_INIT;
    struct str rest = str_of(spec);
    struct webhook row = {.uuid = arena_printf(stage.arena, "webhook-%d", n),
                          .summary = "POST x",
                          .enabled = true,
                          .request = STR("sealed"),
                          .n_events = WEBHOOK_EVENTS};
    for (int i = 0; i < WEBHOOK_EVENTS; i++)
        row.events[i] = (enum webhook_event)i;
    while (rest.ptr) {
        struct str word = str_cut(&rest, ' '), value = word, key = str_cut(&value, '=');
        const char *text = value.ptr ? str_cstr(stage.arena, value) : "";
        if (str_is(key, "c"))
            row.consumer_id = id_of(text);
        else if (str_is(key, "p"))
            row.provider_id = id_of(text);
        else if (str_is(key, "cl"))
            row.consumer_label = text;
        else if (str_is(key, "pl"))
            row.provider_label = text;
        else if (str_is(key, "each"))
            row.per_deployed = true;
        else if (str_is(key, "off"))
            row.enabled = false;
    }
    CHECK(store_webhook_save(stage.store, &row, stage.arena, &err));
}

static struct publication publication_of(const char *app, const char *number, const char *provider,
                                         struct version *ret_version)
{
    struct err err = ERR_INIT;
    struct publication pact = {0};
    CHECK(store_version_find(stage.store, id_of(app), number, stage.arena, ret_version, &err));
    CHECK(store_pact_find(stage.store, ret_version->id, id_of(provider), stage.arena, &pact, &err));
    return pact;
}

static const char *number_of(int64_t version_id)
{
    struct version version = {.number = "-"};
    assert_true(store_version_by_id(stage.store, version_id, stage.arena, &version, NULL) >= 0);
    return version.number;
}

/* ---- publications of app 1 for bff ---- */

static const struct contract_row {
    const char *name, *script, *webhook, *expected; /* "event", "event>version (description)" */
} contract_rows[] = {
    {"a first publication", "publish app 1 bff A main", "",
     "contract_published contract_content_changed"},
    {"for this consumer and provider", "publish app 1 bff A main", "c=app p=bff",
     "contract_published contract_content_changed"},
    {"for another consumer", "publish app 1 bff A main", "c=other", ""},
    {"for another provider", "publish app 1 bff A main", "p=other", ""},
    {"roles are not swapped", "publish app 1 bff A main", "c=bff p=app", ""},
    {"switched off", "publish app 1 bff A main", "off", ""},
    {"by a label nobody has", "publish app 1 bff A main", "cl=mobile", ""},
    {"by the consumer's label", "publish app 1 bff A main; label app mobile", "cl=mobile",
     "contract_published contract_content_changed"},
    {"the label of the other side", "publish app 1 bff A main; label bff mobile", "cl=mobile", ""},
    {"by the provider's label", "publish app 1 bff A main; label bff core", "c=app pl=core",
     "contract_published contract_content_changed"},
    {"unchanged content", "publish app 0 bff A main; publish app 1 bff A main", "",
     "contract_published"},
    {"changed content", "publish app 0 bff A main; publish app 1 bff B main", "",
     "contract_published contract_content_changed"},
    {"the head of the provider's main branch has not verified it",
     "publish app 0 bff A main; main bff main; branch bff 7 main; publish app 1 bff A main", "",
     "contract_published "
     "contract_requiring_verification_published>7 (latest from main branch)"},
    {"it has",
     "publish app 0 bff A main; main bff main; branch bff 7 main; "
     "verify A bff 7 ok; publish app 1 bff A main",
     "", "contract_published"},
    {"it failed, and that is an answer too",
     "publish app 0 bff A main; main bff main; branch bff 7 main; verify A bff 7 failed; "
     "publish app 1 bff A main",
     "", "contract_published"},
    {"only the head of the branch matters",
     "publish app 0 bff A main; main bff main; branch bff 6 main; branch bff 7 main; "
     "verify A bff 7 ok; publish app 1 bff A main",
     "", "contract_published"},
    {"every version that is live, its places joined",
     "publish app 0 bff A main; main bff main; branch bff 7 main; version bff 5; "
     "deploy production bff 7; release store bff 5; publish app 1 bff A main",
     "",
     "contract_published "
     "contract_requiring_verification_published>7 (latest from main branch, deployed in "
     "production) contract_requiring_verification_published>5 (released in store)"},
    {"once for each deployed version, when it is asked for",
     "publish app 0 bff A main; publish app 1 bff A main; version bff 5; version bff 6; "
     "version bff 4; deploy production bff 6; deploy test bff 6; deploy test2 bff 5; "
     "deploy test3 bff 4; undeploy test3 bff 4; release store bff 4",
     "each",
     "contract_published beside 5 contract_published beside 6 "
     "contract_requiring_verification_published>5 (deployed in test2) beside 5 "
     "contract_requiring_verification_published>5 (deployed in test2) beside 6 "
     "contract_requiring_verification_published>6 (deployed in production, deployed in test) "
     "beside 5 contract_requiring_verification_published>6 (deployed in production, deployed in "
     "test) beside 6 contract_requiring_verification_published>4 (released in store) beside 5 "
     "contract_requiring_verification_published>4 (released in store) beside 6"},
    {"and once when none is", "publish app 0 bff A main; publish app 1 bff A main", "each",
     "contract_published"},
    {"not what is live no more",
     "publish app 0 bff A main; version bff 5; deploy production bff 5; undeploy production bff 5; "
     "release store bff 5; unrelease store bff 5; publish app 1 bff A main",
     "", "contract_published"},
};

static void play(const char *script)
{
    struct err err = ERR_INIT;
    struct buf rest BUF_AUTO = BUF_INIT(4096);
    struct str text = str_of(script);
    while (text.ptr) {
        struct str step = str_trim(str_cut(&text, ';')), word = step;
        if (str_is(str_cut(&word, ' '), "label")) {
            const char *who = str_cstr(stage.arena, str_cut(&word, ' '));
            bool created = false;
            CHECK(store_label_add(stage.store, id_of(who), str_cstr(stage.arena, word), stage.arena,
                                  &created, &err));
        } else {
            buf_clear(&rest);
            buf_str(&rest, step);
            stage_play(&stage, buf_view(&rest).ptr);
        }
    }
}

static void test_contract(void **state)
{
    const struct contract_row *row = *state;
    struct err err = ERR_INIT;
    struct buf seen BUF_AUTO = BUF_INIT(4096);
    struct contract_events events = {0};
    struct triggereds rows = {0};
    struct version version;
    play(row->script);
    add_webhook(row->webhook, 1);
    struct publication pact = publication_of("app", "1", "bff", &version);
    struct contract contract = {.consumer = "app", .provider = "bff"};
    contract.provider_id = pact.provider_id;
    strcpy(contract.sha, pact.sha);
    CHECK(webhook_contract_detect(&call, &contract, &version, &pact, &events, &err));
    CHECK(webhook_contract_events(&call, &pact, &events, &rows, &err));
    VEC_EACH(&rows, const struct triggered *, item) {
        buf_printf(&seen, "%s%s", seen.len ? " " : "", webhook_event_name(item->event));
        if (item->provider_version_id)
            buf_printf(&seen, ">%s (%s)", number_of(item->provider_version_id), item->description);
        if (item->deployed)
            buf_printf(&seen, " beside %s", item->deployed);
    }
    assert_string_equal(buf_view(&seen).ptr, row->expected);
    assert_int_equal(call.triggered, rows.len);
}

/* ---- results ---- */

static const struct result_row {
    const char *name, *verdict, *versions, *expected; /* consumer versions in the metadata */
} result_rows[] = {
    {"a success", "ok", "", "provider_verification_published:3 provider_verification_succeeded:3"},
    {"a failure", "failed", "", "provider_verification_published:3 provider_verification_failed:3"},
    {"partial evidence neither succeeded nor failed", "partial", "",
     "provider_verification_published:3"},
    {"once for every consumer version", "ok", "1 2",
     "provider_verification_published:1 provider_verification_succeeded:1 "
     "provider_verification_published:2 provider_verification_succeeded:2"},
    {"but not twice", "failed", "2 2",
     "provider_verification_published:2 provider_verification_failed:2"},
    {"nor a version that has other content by now", "ok", "4",
     "provider_verification_published:3 provider_verification_succeeded:3"},
    {"versions of others do not count", "ok", "other",
     "provider_verification_published:3 provider_verification_succeeded:3"},
};

static void test_result(void **state)
{
    const struct result_row *row = *state;
    struct err err = ERR_INIT;
    struct buf seen BUF_AUTO = BUF_INIT(4096);
    struct metadata metadata = {0};
    struct verification result;
    struct triggereds rows = {0};
    struct version version, named;
    play("publish app 1 bff A; publish app 2 bff A; publish app 4 bff A; publish app 4 bff B; "
         "publish app 3 bff A; publish other other bff O");
    play(arena_printf(stage.arena, "verify A bff 9 %s", row->verdict));
    add_webhook("", 1);
    struct publication pact = publication_of("app", "3", "bff", &version);
    struct str rest = str_of(row->versions);
    while (rest.len > 0) {
        char *number = str_cstr(stage.arena, str_cut(&rest, ' '));
        publication_of(strcmp(number, "other") == 0 ? "other" : "app", number, "bff", &named);
        *VEC_PUSH(stage.arena, &metadata.consumer_version_ids) = named.id;
    }
    CHECK(store_verification_latest(stage.store, pact.pact_version_id, stage.arena, &result, &err));
    CHECK(webhook_verification_events(&call, &pact, &result, &metadata, &err));
    CHECK(store_triggered_list(stage.store, 0, 0, result.id, stage.arena, &rows, &err));
    VEC_EACH(&rows, const struct triggered *, item) {
        buf_printf(&seen, "%s%s:%s", seen.len ? " " : "", webhook_event_name(item->event),
                   number_of(item->consumer_version_id));
        assert_int_equal(item->provider_version_id, result.provider_version_id);
    }
    assert_string_equal(buf_view(&seen).ptr, row->expected);
}

/* ---- times and variables ---- */

static void test_due(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct version version;
    struct contract_events events = {.any_webhook = true};
    const char *due_at = NULL;
    char expected[CLOCK_TEXT_LEN];
    play("publish app 1 bff A main");
    for (int i = 0; i < 3; i++)
        add_webhook("", i);
    struct publication pact = publication_of("app", "1", "bff", &version);
    CHECK(webhook_contract_events(&call, &pact, &events, NULL, &err));
    int64_t first = stage.now_us + 5 * INT64_C(1000000);
    assert_int_equal(store_queue_next(stage.store, stage.arena, &due_at, &err), 1);
    assert_string_equal(due_at, clock_format_utc(first, expected));
    int64_t last = 0;
    CHECK(db_value(stage.store->db, &err, &last,
                   "SELECT COUNT(*) FROM triggered_webhooks WHERE due_at = $1", "s",
                   clock_format_utc(first + 6 * INT64_C(1000000), expected)));
    assert_int_equal(last, 1);
}

static void test_values(void **state)
{
    (void)state;
    static const char *const expected[][2] = {
        {"consumerName", "app"},
        {"providerName", "bff"},
        {"consumerVersionNumber", "1"},
        {"providerVersionNumber", "9"},
        {"consumerVersionTags", "beta, gold"},
        {"providerVersionTags", ""},
        {"consumerVersionBranch", "main"},
        {"providerVersionBranch", "trunk"},
        {"consumerLabels", "ios, mobile"},
        {"providerLabels", ""},
        {"githubVerificationStatus", "failure"},
        {"gitlabVerificationStatus", "failed"},
        {"bitbucketVerificationStatus", "FAILED"},
        {"azureDevOpsVerificationStatus", "failed"},
        {"eventName", "provider_verification_failed"},
        {"verificationResultUrl",
         "http://broker/pacts/provider/bff/consumer/app/pact-version/A/verification-results/101"},
        {"buildUrl", ""},
        {"currentlyDeployedProviderVersionNumber", "8"},
    };
    struct err err = ERR_INIT;
    struct webhook_values values = {0};
    struct verification result;
    struct version version;
    play("publish app 1 bff A main; tag app 1 beta; tag app 1 gold; branch bff 9 trunk; "
         "verify A bff 9 failed; label app mobile; label app ios");
    struct publication pact = publication_of("app", "1", "bff", &version);
    CHECK(store_verification_latest(stage.store, pact.pact_version_id, stage.arena, &result, &err));
    const struct triggered row = {.event = WEBHOOK_VERIFICATION_FAILED,
                                  .base = "http://broker",
                                  .consumer_id = pact.consumer_id,
                                  .provider_id = pact.provider_id,
                                  .consumer_version_id = version.id,
                                  .pact_version_id = pact.pact_version_id,
                                  .provider_version_id = result.provider_version_id,
                                  .verification_id = result.id,
                                  .deployed = "8"};
    CHECK(webhook_values_of(stage.store, &row, stage.arena, &values, &err));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct str text =
            webhook_render(&values, str_printf(stage.arena, "${pactbroker.%s}", expected[i][0]),
                           WEBHOOK_PLAIN, stage.arena);
        if (!str_is(text, expected[i][1]))
            fail_msg("%s: expected '%s', saw '%.*s'", expected[i][0], expected[i][1],
                     STR_FMT(text));
    }
    struct str url =
        webhook_render(&values, STR("${pactbroker.pactUrl}"), WEBHOOK_PLAIN, stage.arena);
    struct str head = STR("http://broker/pacts/provider/bff/consumer/app/pact-version/A/metadata/");
    struct metadata metadata;
    assert_true(str_starts(url, head));
    metadata_decode(stage.arena, str_cstr(stage.arena, str_sub(url, head.len, url.len)), &metadata);
    assert_string_equal(metadata.number, version.number);
}

/* A contract's status is that of the provider's main branch, whoever else verified it. */
static void test_pending(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct version version;
    play("publish app 1 bff A main; main bff main; branch bff 8 feature; verify A bff 8 ok");
    struct publication pact = publication_of("app", "1", "bff", &version);
    const struct triggered row = {.event = WEBHOOK_CONTRACT_PUBLISHED,
                                  .base = "http://broker",
                                  .consumer_id = pact.consumer_id,
                                  .provider_id = pact.provider_id,
                                  .consumer_version_id = version.id,
                                  .pact_version_id = pact.pact_version_id};
    for (int i = 0; i < 2; i++) {
        struct webhook_values values = {0};
        CHECK(webhook_values_of(stage.store, &row, stage.arena, &values, &err));
        assert_str_is(webhook_render(&values, STR("${pactbroker.githubVerificationStatus}"),
                                     WEBHOOK_PLAIN, stage.arena),
                      i == 0 ? "pending" : "success");
        play("branch bff 9 main; verify A bff 9 ok");
    }
}

/* The build that made the event happen: a contract's own, not that of who verified it before. */
static void test_build(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct version version;
    struct verification result = {.provider_number = "9", .verdict = VERDICT_VERIFIED};
    play("publish app 1 bff A main; main bff main; branch bff 9 main");
    struct publication pact = publication_of("app", "1", "bff", &version);
    CHECK(
        store_version_set_build_url(stage.store, version.id, "http://ci/app/1", stage.arena, &err));
    play("verify A bff 9 ok");
    CHECK(db_run(stage.store->db, &err, "UPDATE verifications SET build_url = 'http://ci/bff/9'",
                 ""));
    CHECK(store_verification_latest(stage.store, pact.pact_version_id, stage.arena, &result, &err));
    for (int i = 0; i < 2; i++) {
        struct webhook_values values = {0};
        const struct triggered row = {.event = WEBHOOK_CONTRACT_PUBLISHED,
                                      .base = "http://broker",
                                      .consumer_id = pact.consumer_id,
                                      .provider_id = pact.provider_id,
                                      .consumer_version_id = version.id,
                                      .pact_version_id = pact.pact_version_id,
                                      .verification_id = i ? result.id : 0};
        CHECK(webhook_values_of(stage.store, &row, stage.arena, &values, &err));
        assert_str_is(
            webhook_render(&values, STR("${pactbroker.buildUrl}"), WEBHOOK_PLAIN, stage.arena),
            i == 0 ? "http://ci/app/1" : "http://ci/bff/9");
    }
}

/* The row is the state, so that each test starts and ends the stage itself. */
#define STAGED(test)                                                                               \
    static void staged_##test(void **state)                                                        \
    {                                                                                              \
        start();                                                                                   \
        test(state);                                                                               \
        end();                                                                                     \
    }
STAGED(test_contract)
STAGED(test_result)
STAGED(test_due)
STAGED(test_values)
STAGED(test_pending)
STAGED(test_build)

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, contract_rows, staged_test_contract);
    ROWS_ADD(&tests, result_rows, staged_test_result);
    rows_add_test(&tests, "attempts of one request are spread", staged_test_due);
    rows_add_test(&tests, "what the variables stand for", staged_test_values);
    rows_add_test(&tests, "the build is that of the event", staged_test_build);
    rows_add_test(&tests, "a contract's status is that of the main branch", staged_test_pending);
    return rows_run(&tests, "webhook trigger");
}
