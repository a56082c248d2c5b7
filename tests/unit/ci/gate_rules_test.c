// SPDX-License-Identifier: Apache-2.0
/* Evidence and contracts become rule facts, and these an answer. */
#include "tests/unit/lib/base/rows.h"
#include "ci/gate.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/contract/pact.h"

#define NOW  "2026-01-02T12:00:00Z"
#define HOUR (INT64_C(3600) * 1000000)

/* Evidence: "rule tier verdict time", separated by '|'. CURSOR means INT-005-CURSOR. */
#define FRESH "2026-01-02T11:00:00Z"
#define GOOD  "CURSOR static pass " FRESH "|CURSOR live pass " FRESH "|PUSH live pass " FRESH
static const struct rules_row {
    const char *name, *evidence; /* NULL = none published */
    const char *interaction;     /* description and path of the one contract; NULL = /graphql */
    enum gate_answer answer;
    const char *facts; /* one line "rule tier state" for each that is not good */
} rules_rows[] = {
    {"all required rules met", GOOD, "R.m: x", GATE_YES, ""},
    {"no evidence", NULL, "R.m: x", GATE_UNDECIDED,
     "INT-005-CONNECTION static missing\nINT-005-CURSOR static missing\n"
     "INT-005-CURSOR live missing\nINT-005-PUSH live missing\n"},
    {"evidence without a finding", "", "R.m: x", GATE_UNDECIDED,
     "INT-005-CONNECTION static missing\nINT-005-CURSOR static missing\n"
     "INT-005-CURSOR live missing\nINT-005-PUSH live missing\n"},
    {"one tier is missing", "CURSOR static pass " FRESH "|PUSH live pass " FRESH, "R.m: x",
     GATE_UNDECIDED, "INT-005-CURSOR live missing\n"},
    {"one rule is missing", "CURSOR static pass " FRESH "|CURSOR live pass " FRESH, "R.m: x",
     GATE_UNDECIDED, "INT-005-PUSH live missing\n"},
    {"a failure is no", GOOD "|CURSOR live fail " FRESH, "R.m: x", GATE_NO,
     "INT-005-CURSOR live breaks\n"},
    {"a failure is no even if evidence is missing", "CURSOR static fail " FRESH, "R.m: x", GATE_NO,
     "INT-005-CURSOR static breaks\nINT-005-CURSOR live missing\nINT-005-PUSH live missing\n"},
    {"a stale pass is undecided",
     "CURSOR static pass 2026-01-01T11:59:59Z|CURSOR live pass " FRESH "|PUSH live pass " FRESH,
     "R.m: x", GATE_UNDECIDED, "INT-005-CURSOR static stale\n"},
    {"a pass at the very limit counts",
     "CURSOR static pass 2026-01-01T12:00:00Z|CURSOR live pass " FRESH "|PUSH live pass " FRESH,
     "R.m: x", GATE_YES, ""},
    {"a pass from the future is undecided",
     "CURSOR static pass 2026-01-02T12:10:00Z|CURSOR live pass " FRESH "|PUSH live pass " FRESH,
     "R.m: x", GATE_UNDECIDED, "INT-005-CURSOR static stale\n"},
    {"a clock a minute ahead is forgiven",
     "CURSOR static pass 2026-01-02T12:01:00Z|CURSOR live pass " FRESH "|PUSH live pass " FRESH,
     "R.m: x", GATE_YES, ""},
    {"a stale failure stays no",
     "CURSOR static fail 2025-01-01T00:00:00Z|CURSOR live pass " FRESH "|PUSH live pass " FRESH,
     "R.m: x", GATE_NO, "INT-005-CURSOR static breaks\n"},
    {"inconclusive is undecided where it is required", GOOD "|CURSOR live inconclusive " FRESH,
     "R.m: x", GATE_UNDECIDED, "INT-005-CURSOR live unknown\n"},
    {"inconclusive is no matter where it is not", GOOD "|CURSOR-OPAQUE live inconclusive " FRESH,
     "R.m: x", GATE_YES, ""},
    {"a failure counts where it is not required", GOOD "|CURSOR-OPAQUE live fail " FRESH, "R.m: x",
     GATE_NO, "INT-005-CURSOR-OPAQUE live breaks\n"},
    {"a warning is met",
     "CURSOR static warn " FRESH "|CURSOR live warn " FRESH "|PUSH live warn " FRESH, "R.m: x",
     GATE_YES, ""},
    {"a waiver that is not on record is not believed", GOOD "|CURSOR live waived " FRESH, "R.m: x",
     GATE_UNDECIDED, "INT-005-CURSOR live unknown\n"},
    {"what does not apply is met",
     "CURSOR static not_applicable " FRESH "|CURSOR live not_applicable " FRESH
     "|PUSH live pass " FRESH,
     "R.m: x", GATE_YES, ""},
    {"a rule this build does not know may fail too", GOOD "|HOUSE-RULE live fail " FRESH, "R.m: x",
     GATE_NO, "INT-005-HOUSE-RULE live breaks\n"},
    {"inconclusive of a rule this build does not know is undecided",
     GOOD "|HOUSE-RULE live inconclusive " FRESH, "R.m: x", GATE_UNDECIDED,
     "INT-005-HOUSE-RULE live unknown\n"},
    {"evidence in which nothing applies is undecided",
     "CURSOR static not_applicable " FRESH "|CURSOR live not_applicable " FRESH
     "|PUSH live not_applicable " FRESH,
     "R.m: x", GATE_UNDECIDED, ""},
    {"evidence in which nothing applies or is told is undecided",
     "CURSOR static not_applicable " FRESH "|CURSOR live not_applicable " FRESH
     "|PUSH live not_applicable " FRESH "|CURSOR-OPAQUE live inconclusive " FRESH,
     "R.m: x", GATE_UNDECIDED, ""},
    {"one rule that was tested is enough beside what does not apply",
     "CURSOR static not_applicable " FRESH "|CURSOR live not_applicable " FRESH
     "|PUSH live warn " FRESH,
     "R.m: x", GATE_YES, ""},
    {"published evidence does not stand in for the contracts", GOOD "|ONEOP contract pass " FRESH,
     "no method", GATE_UNDECIDED, "INT-005-ONEOP contract unknown\n"},
    {"an unmapped contract is undecided", GOOD, "no method", GATE_UNDECIDED,
     "INT-005-ONEOP contract unknown\n"},
    {"GraphQL contracts demand connections", GOOD, NULL, GATE_UNDECIDED,
     "INT-005-CONNECTION static missing\n"},
    {"connections with evidence are met", GOOD "|CONNECTION static pass " FRESH, NULL, GATE_YES,
     ""},
};

static enum adr_verdict verdict_of(struct str name, struct arena *arena)
{
    enum adr_verdict verdict;
    if (str_is(name, "not_applicable"))
        return ADR_NOT_APPLICABLE;
    if (!adr_verdict_parse(name, &verdict))
        fail_msg("no verdict: %s", str_cstr(arena, name));
    return verdict;
}

static struct adr_findings evidence_of(const char *text, struct arena *arena)
{
    struct adr_findings findings = {0};
    struct str rest = *text ? str_of(text) : STR_NONE;
    while (rest.ptr) {
        struct str one = str_cut(&rest, '|');
        struct adr_finding *finding = VEC_PUSH(arena, &findings);
        finding->rule = arena_printf(arena, "INT-005-%s", str_cstr(arena, str_cut(&one, ' ')));
        struct str tier = str_cut(&one, ' ');
        finding->tier = str_is(tier, "static") ? ADR_STATIC
                        : str_is(tier, "live") ? ADR_LIVE
                                               : ADR_CONTRACT;
        finding->verdict = verdict_of(str_cut(&one, ' '), arena);
        finding->subject = STR("subject");
        finding->text = STR("text");
        finding->observed_at = one;
    }
    return findings;
}

static const struct pact *pact_of(const char *description, struct arena *arena)
{
    struct pact *pact = pact_new(arena, STR("wallet"), STR("bff"));
    bool graphql = description == NULL;
    struct pact_interaction *interaction =
        pact_add(arena, pact, PACT_HTTP, str_of(graphql ? "R.m: x" : description));
    interaction->request.path = str_of(graphql ? "/graphql" : "/v1/x");
    if (!graphql)
        return pact;
    interaction->request.method = STR("POST");
    assert_int_equal(
        pact_body_set(arena, &interaction->request.body,
                      STR("{\"operationName\":\"Page\",\"query\":\"query Page { a }\"}"),
                      STR("application/json"), NULL),
        0);
    return pact;
}

static void test_rules(void **state)
{
    const struct rules_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gate_facts facts = {.question = {.pacticipant = "bff",
                                            .version = "1",
                                            .environment = "production",
                                            .with_rules = true,
                                            .max_age_us = 24 * HOUR}};
    assert_true(clock_parse(STR(NOW), &facts.question.now_us));
    struct gate_contract *contract = VEC_PUSH(arena, &facts.contracts);
    contract->state = GATE_GOOD;
    contract->pact = pact_of(row->interaction, arena);
    struct adr_findings evidence = evidence_of(row->evidence ? row->evidence : "", arena);
    gate_rules_judge(row->evidence ? &evidence : NULL, &facts, arena);
    const char *seen = "";
    VEC_EACH(&facts.rules, const struct gate_rule *, rule) {
        if (rule->state == GATE_GOOD)
            continue;
        const char *what = rule->state == GATE_BAD ? "breaks"
                           : rule->missing         ? "missing"
                           : rule->stale           ? "stale"
                                                   : "unknown";
        seen =
            arena_printf(arena, "%s%s %s %s\n", seen, rule->rule, adr_tier_name(rule->tier), what);
    }
    assert_string_equal(seen, row->facts);
    assert_int_equal(gate_decide(&facts), row->answer);
}

/* Releases that promise the same are named once; the version's own dependencies do not count. */
static void test_contracts_are_said_once(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gate_facts facts = {.question = {.with_rules = true, .max_age_us = 24 * HOUR}};
    for (int i = 0; i < 3; i++) {
        struct gate_contract *contract = VEC_PUSH(arena, &facts.contracts);
        contract->pact = pact_of(i < 2 ? "R.m: x" : "Dependency.m: x", arena);
        contract->dependency = i == 2;
    }
    gate_rules_judge(NULL, &facts, arena);
    size_t oneop = 0;
    VEC_EACH(&facts.rules, const struct gate_rule *, rule) {
        oneop += strcmp(rule->rule, "INT-005-ONEOP") == 0;
        assert_false(str_is(rule->subject, "Dependency.m"));
    }
    assert_int_equal(oneop, 1);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, rules_rows, test_rules);
    rows_add_test(&tests, "what releases share is said once", test_contracts_are_said_once);
    return rows_run(&tests, "gate_rules");
}
