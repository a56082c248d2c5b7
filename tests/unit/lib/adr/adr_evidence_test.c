// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/adr/findings.h"

static void test_round_trip(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0}, again = {0};
    struct err err = ERR_INIT;
    for (int verdict = ADR_PASS; verdict <= ADR_NOT_APPLICABLE; verdict++)
        *VEC_PUSH(arena, &findings) = (struct adr_finding){
            .rule = verdict % 2 ? "INT-005-PUSH" : "HOUSE-001",
            .verdict = (enum adr_verdict)verdict,
            .tier = verdict % 2 ? ADR_LIVE : ADR_STATIC,
            .subject = STR("GET /v1/transactions"),
            .text = STR("a sentence"),
            .evidence = findings_parse("{\"rows\":25}", arena),
        };
    findings.items[0].observed_at = STR("2026-01-01T00:00:00Z");
    struct json *document = adr_evidence_write(&findings, STR("2026-01-02T00:00:00Z"), arena);
    struct str text = json_to_str(arena, document, JSON_PRETTY);
    assert_int_equal(adr_evidence_read(findings_parse(text.ptr, arena), arena, &again, &err), 0);
    assert_int_equal(again.len, findings.len);
    for (size_t i = 0; i < again.len; i++) {
        assert_string_equal(again.items[i].rule, findings.items[i].rule);
        assert_int_equal(again.items[i].verdict, findings.items[i].verdict);
        assert_int_equal(again.items[i].tier, findings.items[i].tier);
        assert_str_is(again.items[i].subject, "GET /v1/transactions");
        assert_str_is(again.items[i].text, "a sentence");
        assert_str_is(json_text(json_get(again.items[i].evidence, "rows")), "25");
        assert_str_is(again.items[i].observed_at,
                      i == 0 ? "2026-01-01T00:00:00Z" : "2026-01-02T00:00:00Z");
    }
}

#define RESULT(rule, tier, verdict, at)                                                            \
    "{\"pack\":\"adr-int-005\",\"results\":[{\"rule\":" rule ",\"tier\":" tier                     \
    ",\"verdict\":" verdict ",\"subject\":\"s\",\"text\":\"t\",\"observedAt\":" at "}]}"
#define AT "\"2026-01-02T00:00:00Z\""

static const struct bad_row {
    const char *name, *document, *error;
} bad_rows[] = {
    {"another pack is refused", "{\"pack\":\"ubff\",\"results\":[]}", "/pack"},
    {"a pack that is no text is refused", "{\"pack\":1,\"results\":[]}", "/pack"},
    {"no tier is refused where there are several",
     "{\"observedAt\":" AT ",\"results\":[{\"rule\":\"INT-005-CURSOR\",\"verdict\":\"pass\"}]}",
     "/results/0/tier"},
    {"no results is refused", "{\"pack\":\"adr-int-005\"}", "/results: expected an array"},
    {"no rule is refused", RESULT("null", "\"live\"", "\"pass\"", AT), "/results/0/rule"},
    {"an unknown verdict is refused", RESULT("\"R\"", "\"live\"", "\"PASS\"", AT),
     "/results/0/verdict"},
    {"an unknown tier is refused", RESULT("\"R\"", "\"lively\"", "\"pass\"", AT),
     "/results/0/tier"},
    {"no time is refused",
     "{\"pack\":\"adr-int-005\",\"results\":[{\"rule\":\"R\",\"tier\":\"live\",\"verdict\":"
     "\"pass\"}]}",
     "/results/0/observedAt"},
    {"a time that is null is refused, not inherited",
     "{\"pack\":\"adr-int-005\",\"observedAt\":" AT ",\"results\":[{\"rule\":\"R\",\"tier\":"
     "\"live\",\"verdict\":\"pass\",\"observedAt\":null}]}",
     "/results/0/observedAt"},
    {"a time without zone is refused",
     RESULT("\"R\"", "\"live\"", "\"pass\"", "\"2026-01-02T00:00:00\""), "/results/0/observedAt"},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    struct err err = ERR_INIT;
    assert_int_equal(
        adr_evidence_read(findings_parse(row->document, arena), arena, &findings, &err), ERR_PARSE);
    assert_int_equal(findings.len, 0);
    if (!strstr(err.text, row->error))
        fail_msg("the error is: %s", err.text);
}

static void test_inherited_time(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    const char *document = "{\"pack\":\"adr-int-005\",\"observedAt\":" AT ",\"results\":[{"
                           "\"rule\":\"R\",\"tier\":\"live\",\"verdict\":\"pass\"}]}";
    assert_int_equal(adr_evidence_read(findings_parse(document, arena), arena, &findings, NULL), 0);
    assert_str_is(findings.items[0].observed_at, "2026-01-02T00:00:00Z");
}

static void test_only_tier(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    const char *document = "{\"observedAt\":" AT ",\"results\":["
                           "{\"rule\":\"INT-005-PUSH\",\"verdict\":\"pass\"},"
                           "{\"rule\":\"INT-005-CONNECTION\",\"verdict\":\"fail\"}]}";
    assert_int_equal(adr_evidence_read(findings_parse(document, arena), arena, &findings, NULL), 0);
    assert_int_equal(findings.items[0].tier, ADR_LIVE);
    assert_int_equal(findings.items[1].tier, ADR_STATIC);
}

static void test_rules(void **state)
{
    (void)state;
    size_t n;
    const struct adr_rule *rules = adr_rules(&n);
    assert_true(n >= 5);
    for (size_t i = 0; i < n; i++) {
        assert_ptr_equal(adr_rule(str_of(rules[i].id)), &rules[i]);
        assert_int_equal(rules[i].required & ~rules[i].tiers, 0);
        if (i > 0)
            assert_true(strcmp(rules[i - 1].id, rules[i].id) < 0);
    }
    assert_null(adr_rule(STR("INT-005-NOPE")));
}

int main(void)
{
    struct rows tests = {0};
    rows_add_test(&tests, "written evidence reads back", test_round_trip);
    ROWS_ADD(&tests, bad_rows, test_bad);
    rows_add_test(&tests, "a result without a time has the document's", test_inherited_time);
    rows_add_test(&tests, "a result without a tier has the rule's only one", test_only_tier);
    rows_add_test(&tests, "rules are in order and found by id", test_rules);
    return rows_run(&tests, "adr_evidence");
}
