// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/adr/findings.h"

#define ID   "\"notification_id\":\"ntf-0001\""
#define DATA "\"data\":{" ID "}"
#define PASS "pass live INT-005-PUSH push\n"
#define FAIL "fail live INT-005-PUSH push\n"
#define WARN "warn live INT-005-PUSH push\n"

static const struct push_row {
    const char *name, *payload, *findings, *says;
} push_rows[] = {
    {"FCM with the id alone passes", "{\"message\":{\"token\":\"Zk3qTw\"," DATA "}}", PASS,
     "FCM v1 message"},
    {"FCM with delivery options passes",
     "{\"validate_only\":true,\"message\":{\"topic\":\"news\"," DATA
     ",\"android\":{\"priority\":\"high\",\"ttl\":\"60s\",\"collapse_key\":\"k\"},\"apns\":{"
     "\"headers\":{\"apns-push-type\":\"background\"},\"payload\":{\"aps\":{\"content-available\":"
     "1}}}}}",
     PASS, NULL},
    {"a device token may look like anything",
     "{\"message\":{\"token\":\"4111111111111111\"," DATA "}}", PASS, NULL},
    {"FCM with a notification fails",
     "{\"message\":{\"token\":\"t\",\"notification\":{\"title\":\"Hi\"}," DATA "}}", FAIL,
     "/message/notification does not belong there"},
    {"FCM with more data fails",
     "{\"message\":{\"token\":\"t\",\"data\":{" ID ",\"amount\":\"63.40\"}}}", FAIL,
     "/message/data/amount"},
    {"FCM without an id fails", "{\"message\":{\"token\":\"t\",\"data\":{}}}", FAIL,
     "lacks notification_id"},
    {"FCM with a number as id fails", "{\"message\":{\"data\":{\"notification_id\":7}}}", FAIL,
     "is no text"},
    {"FCM with webpush fails", "{\"message\":{\"webpush\":{}," DATA "}}", FAIL, "/message/webpush"},
    {"FCM with an alert for APNs fails",
     "{\"message\":{" DATA ",\"apns\":{\"payload\":{\"aps\":{\"alert\":\"You paid\"}}}}}", FAIL,
     "/message/apns/payload/aps/alert"},
    {"an e-mail address in an analytics label fails",
     "{\"message\":{" DATA ",\"fcm_options\":{\"analytics_label\":\"ada@example.com\"}}}", FAIL,
     "an e-mail address"},
    {"APNs with the id alone passes", "{\"aps\":{\"content-available\":1}," ID "}", PASS,
     "APNs payload"},
    {"APNs with an alert fails", "{\"aps\":{\"alert\":{\"title\":\"Hi\"}}," ID "}", FAIL,
     "/aps/alert"},
    {"APNs with another custom key fails", "{\"aps\":{}," ID ",\"amount\":1}", FAIL, "/amount"},
    {"APNs without an id fails", "{\"aps\":{\"content-available\":1}}", FAIL,
     "lacks notification_id"},
    {"a phone number as thread fails", "{\"aps\":{\"thread-id\":\"+49 170 1234567\"}," ID "}", FAIL,
     "a phone number"},
    {"a bare id passes", "{" ID "}", PASS, "bare payload"},
    {"a bare payload with title and amount fails",
     "{" ID ",\"title\":\"Payment booked\",\"amount\":63.40}", FAIL, "/title"},
    {"an empty payload fails", "{}", FAIL, "lacks notification_id"},
    {"an array fails", "[]", FAIL, "is no object"},
    {"an e-mail address as id fails", "{\"notification_id\":\"ada@example.com\"}", FAIL,
     "an e-mail address"},
    {"an IBAN as id fails", "{\"notification_id\":\"DE89 3704 0044 0532 0130 00\"}", FAIL,
     "an IBAN"},
    {"an IBAN with a wrong check number is none",
     "{\"notification_id\":\"DE88370400440532013000\"}", PASS, NULL},
    {"a card number as id fails", "{\"notification_id\":\"4111 1111 1111 1111\"}", FAIL,
     "a card number"},
    {"an amount as id fails", "{\"notification_id\":\"63.40 EUR\"}", FAIL, "an amount of money"},
    {"an amount with a sign as id fails", "{\"notification_id\":\"paid \\u20ac63\"}", FAIL,
     "an amount of money"},
    {"a UUID as id passes", "{\"notification_id\":\"7d444840-9dc0-11d1-b245-5ffdce74fad2\"}", PASS,
     NULL},
    {"a plain number as id is warned of", "{\"notification_id\":\"1234\"}", WARN, "plain number"},
    {"an empty id fails", "{\"notification_id\":\"\"}", FAIL, "is no text"},
};

static void test_push(void **state)
{
    const struct push_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    adr_check_push(findings_parse(row->payload, arena), ADR_LIVE, STR("push"), arena, &findings);
    assert_string_equal(findings_text(&findings, arena), row->findings);
    findings_say(&findings, row->says);
}

static void test_size(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    char *id = arena_alloc(arena, 5000);
    memset(id, 'x', 4999);
    const char *payload = arena_printf(arena, "{\"notification_id\":\"%s\"}", id);
    adr_check_push(findings_parse(payload, arena), ADR_LIVE, STR("push"), arena, &findings);
    assert_string_equal(findings_text(&findings, arena), FAIL);
    findings_say(&findings, "longer than 4096 bytes");
}

/* The report must not carry on what the push should not have carried. */
static void test_values_are_not_repeated(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    adr_check_push(findings_parse("{" ID ",\"body\":\"secret words\"}", arena), ADR_CONTRACT,
                   STR("push"), arena, &findings);
    const struct adr_finding *finding = &findings.items[0];
    struct str evidence = json_to_str(arena, finding->evidence, JSON_COMPACT);
    assert_true(str_find(evidence, STR("/body")) >= 0);
    assert_int_equal(str_find(evidence, STR("secret")), -1);
    assert_int_equal(str_find(finding->text, STR("secret")), -1);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, push_rows, test_push);
    rows_add_test(&tests, "more than 4096 bytes fail", test_size);
    rows_add_test(&tests, "values are not repeated", test_values_are_not_repeated);
    return rows_run(&tests, "adr_push");
}
