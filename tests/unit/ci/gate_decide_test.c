// SPDX-License-Identifier: Apache-2.0
/* From facts to the answer: every combination of what contracts, rules and doubts can be. */
#include "tests/unit/lib/base/rows.h"
#include "ci/gate.h"
#include "lib/base/arena.h"

/* States as letters: g good, b bad, u unknown, n good because not applicable; "" = none. */
static struct gate_facts facts_of(const char *contracts, const char *rules, bool with_rules,
                                  bool doubt, struct arena *arena)
{
    struct gate_facts facts = {.question = {.pacticipant = "bff",
                                            .version = "1",
                                            .environment = "production",
                                            .with_rules = with_rules}};
    for (; *contracts; contracts++) {
        struct gate_contract *contract = VEC_PUSH(arena, &facts.contracts);
        contract->state = *contracts == 'g'   ? GATE_GOOD
                          : *contracts == 'b' ? GATE_BAD
                                              : GATE_UNKNOWN;
        contract->consumer = STR("wallet");
        contract->consumer_version = STR("3.2.0");
        contract->why = STR("because");
    }
    for (; *rules; rules++) {
        struct gate_rule *rule = VEC_PUSH(arena, &facts.rules);
        rule->state = *rules == 'b' ? GATE_BAD : *rules == 'u' ? GATE_UNKNOWN : GATE_GOOD;
        rule->verdict = *rules == 'b'   ? ADR_FAIL
                        : *rules == 'u' ? ADR_INCONCLUSIVE
                        : *rules == 'n' ? ADR_NOT_APPLICABLE
                                        : ADR_PASS;
        rule->rule = "INT-005-CURSOR";
        rule->tier = ADR_LIVE;
        rule->subject = STR("GET /t");
        rule->text = STR("because");
    }
    if (doubt)
        *VEC_PUSH(arena, &facts.doubts) = STR("the broker counts more");
    return facts;
}

static bool holds(const char *letters, char letter)
{
    return strchr(letters, letter) != NULL;
}

/* The rule of the house in its shortest form. */
static enum gate_answer expected(const char *contracts, const char *rules, bool with_rules,
                                 bool doubt)
{
    if (holds(contracts, 'b') || (with_rules && holds(rules, 'b')))
        return GATE_NO;
    bool contracts_good = *contracts && !holds(contracts, 'u') && !doubt;
    bool rules_good = !with_rules || (holds(rules, 'g') && !holds(rules, 'u'));
    return contracts_good && rules_good ? GATE_YES : GATE_UNDECIDED;
}

static void test_every_combination(void **state)
{
    (void)state;
    static const char *const contracts[] = {"",   "g",  "b",  "u",   "gg",  "gb",
                                            "gu", "bu", "ub", "gub", "ggg", "bbb"};
    static const char *const rules[] = {"",   "g",  "b",  "u",  "n",   "gn",
                                        "gb", "gu", "nu", "nb", "gub", "nn"};
    size_t yes = 0, n = 0;
    for (size_t c = 0; c < sizeof contracts / sizeof *contracts; c++) {
        for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
            for (int bits = 0; bits < 4; bits++) {
                struct arena *arena ARENA_AUTO = arena_new();
                bool with_rules = bits & 1, doubt = bits & 2;
                struct gate_facts facts =
                    facts_of(contracts[c], rules[r], with_rules, doubt, arena);
                enum gate_answer want = expected(contracts[c], rules[r], with_rules, doubt);
                enum gate_answer saw = gate_decide(&facts);
                n++;
                yes += saw == GATE_YES;
                if (saw != want)
                    fail_msg("contracts '%s', rules '%s'%s%s: saw %s, expected %s", contracts[c],
                             rules[r], with_rules ? "" : " not asked", doubt ? ", a doubt" : "",
                             gate_answer_name(saw), gate_answer_name(want));
                struct str reason = gate_reason(&facts, saw, arena);
                assert_true(str_starts(reason, saw == GATE_YES  ? STR("Yes: bff 1 to production: ")
                                               : saw == GATE_NO ? STR("No: bff 1 to production: ")
                                                                : STR("Undecided: bff 1 to ")));
                assert_int_equal(str_find(reason, STR("contracts alone")) >= 0, !with_rules);
                struct gate_steps steps = {0};
                gate_next_steps(&facts, saw, "http://b", arena, &steps);
                if (saw == GATE_YES)
                    assert_int_equal(steps.len, 0);
            }
        }
    }
    assert_int_equal(n, 12 * 12 * 4);
    /* "g", "gg", "ggg" without doubt: 2 rule sets pass when asked, all 12 when not. */
    assert_int_equal(yes, 3 * (2 + 12));
}

static void test_reason_names_methods(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gate_facts facts = facts_of("gb", "b", true, false, arena);
    struct gate_contract *contract = &facts.contracts.items[1];
    static const char *const names[] = {"A.one", "A.one", "A.two", "A.three", "A.four"};
    for (size_t i = 0; i < 5; i++)
        VEC_PUSH(arena, &contract->broken)->name = str_of(names[i]);
    assert_str_is(gate_reason(&facts, GATE_NO, arena),
                  "No: bff 1 to production: 1 of 2 contracts in production break (wallet 3.2.0: "
                  "A.one, A.two, A.three and 1 more); architecture rules are broken: "
                  "INT-005-CURSOR (GET /t)");
}

static void test_yes_counts_only_what_was_tested(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gate_facts facts = facts_of("g", "ggnnu", true, false, arena);
    static const char *const rules[] = {"R-1", "R-2", "R-3", "R-3", "R-5"};
    for (size_t i = 0; i < 5; i++)
        facts.rules.items[i].rule = rules[i];
    facts.rules.items[4].state = GATE_GOOD; /* inconclusive where that is no matter */
    assert_int_equal(gate_decide(&facts), GATE_YES);
    assert_str_is(gate_reason(&facts, GATE_YES, arena),
                  "Yes: bff 1 to production: the one contract in production holds and all 2 checks "
                  "of architecture rules are met (not applicable by declaration: R-3; inconclusive "
                  "and not required: R-5)");
}

static void test_contract_tier_alone_is_no_test(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gate_facts facts = facts_of("g", "gn", true, false, arena);
    facts.rules.items[0].tier = ADR_CONTRACT;
    assert_int_equal(gate_decide(&facts), GATE_UNDECIDED);
    assert_str_is(
        gate_reason(&facts, GATE_UNDECIDED, arena),
        "Undecided: bff 1 to production: the evidence shows no architecture rule that was "
        "put to the test");
}

static void test_release_without_contract_names_the_way_out(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gate_facts facts = facts_of("gu", "g", true, false, arena);
    facts.contracts.items[1].missing = true;
    struct gate_steps steps = {0};
    gate_next_steps(&facts, GATE_UNDECIDED, "http://b", arena, &steps);
    assert_int_equal(steps.len, 1);
    assert_str_is(steps.items[0],
                  "publish the contracts with bff of wallet 3.2.0 (tally publish), or, if the app "
                  "no longer calls it in any release, delete the integration in the broker");
}

static void test_missing_evidence_names_the_command(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct gate_facts facts = facts_of("g", "u", true, false, arena);
    struct gate_steps steps = {0};
    gate_next_steps(&facts, GATE_UNDECIDED, "http://b", arena, &steps);
    assert_int_equal(steps.len, 1);
    assert_str_is(steps.items[0], "tally probe --provider-base-url URL --broker-base-url http://b "
                                  "--provider bff --provider-version 1");
}

static const struct age_row {
    const char *name;
    int64_t us; /* -1 = refused */
} age_rows[] = {
    {"90s", 90000000},
    {"30m", 1800000000},
    {"24h", 86400000000},
    {"7d", 604800000000},
    {"90", 90000000},
    {"0", 0},
    {"", -1},
    {"h", -1},
    {"-1h", -1},
    {"1.5h", -1},
    {"24 h", -1},
    {"1w", -1},
    {"99999999d", -1},
    {"24hh", -1},
};

static void test_age(void **state)
{
    const struct age_row *row = *state;
    int64_t us = -1;
    assert_int_equal(gate_parse_age(row->name, &us), row->us >= 0);
    assert_int_equal(us, row->us);
}

int main(void)
{
    struct rows tests = {0};
    rows_add_test(&tests, "every combination of facts", test_every_combination);
    rows_add_test(&tests, "the reason names methods and rules", test_reason_names_methods);
    rows_add_test(&tests, "missing evidence names the command",
                  test_missing_evidence_names_the_command);
    ROWS_ADD(&tests, age_rows, test_age);
    rows_add_test(&tests, "yes counts only what was tested", test_yes_counts_only_what_was_tested);
    rows_add_test(&tests, "contracts alone test no rule", test_contract_tier_alone_is_no_test);
    rows_add_test(&tests, "a release without a contract has a way out",
                  test_release_without_contract_names_the_way_out);
    return rows_run(&tests, "gate_decide");
}
