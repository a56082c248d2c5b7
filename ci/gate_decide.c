// SPDX-License-Identifier: Apache-2.0
/* From facts to an answer, its reason and what to do next. Pure. */
#include "ci/gate.h"

#include "lib/base/arena.h"

/* So many names a sentence takes; the tables below it show all. */
enum { NAMED = 3 };

const char *gate_answer_name(enum gate_answer answer)
{
    static const char *const names[] = {
        [GATE_YES] = "yes", [GATE_NO] = "no", [GATE_UNDECIDED] = "undecided"};
    return names[answer];
}

const char *gate_state_name(enum gate_state state)
{
    static const char *const names[] = {
        [GATE_GOOD] = "holds", [GATE_BAD] = "breaks", [GATE_UNKNOWN] = "unknown"};
    return names[state];
}

/* ---- answer ---- */

static size_t count_contracts(const struct gate_facts *facts, enum gate_state state)
{
    size_t n = 0;
    VEC_EACH(&facts->contracts, const struct gate_contract *, contract) {
        n += contract->state == state;
    }
    return n;
}

static size_t count_rules(const struct gate_facts *facts, enum gate_state state)
{
    size_t n = 0;
    VEC_EACH(&facts->rules, const struct gate_rule *, rule) {
        n += rule->state == state;
    }
    return n;
}

/* Put to the test and met. */
static bool is_met(const struct gate_rule *rule)
{
    return rule->state == GATE_GOOD && (rule->verdict == ADR_PASS || rule->verdict == ADR_WARN);
}

static size_t count_met(const struct gate_facts *facts)
{
    size_t n = 0;
    VEC_EACH(&facts->rules, const struct gate_rule *, rule) {
        n += is_met(rule);
    }
    return n;
}

/* Whether published evidence shows that any rule was tested; what the contracts say is not that. */
static bool any_rule_tested(const struct gate_facts *facts)
{
    VEC_EACH(&facts->rules, const struct gate_rule *, rule) {
        if (is_met(rule) && rule->tier != ADR_CONTRACT)
            return true;
    }
    return false;
}

enum gate_answer gate_decide(const struct gate_facts *facts)
{
    bool rules = facts->question.with_rules;
    if (count_contracts(facts, GATE_BAD) > 0 || (rules && count_rules(facts, GATE_BAD) > 0))
        return GATE_NO;
    if (facts->contracts.len == 0 || facts->doubts.len > 0 ||
        count_contracts(facts, GATE_UNKNOWN) > 0)
        return GATE_UNDECIDED;
    if (rules && (count_rules(facts, GATE_UNKNOWN) > 0 || !any_rule_tested(facts)))
        return GATE_UNDECIDED;
    return GATE_YES;
}

/* ---- reason ---- */

static void append(struct arena *arena, struct str *text, const char *separator, struct str more)
{
    *text = text->len > 0
                ? str_printf(arena, "%.*s%s%.*s", STR_FMT(*text), separator, STR_FMT(more))
                : more;
}

/* "wallet-android 3.2.0", or the other side when the version judged is the consumer. */
static struct str other_side(const struct gate_contract *contract, struct arena *arena)
{
    if (!contract->dependency)
        return str_printf(arena, "%.*s %.*s", STR_FMT(contract->consumer),
                          STR_FMT(contract->consumer_version));
    return str_printf(arena, "%.*s %.*s", STR_FMT(contract->provider),
                      STR_FMT(contract->provider_version));
}

static bool names_before(const struct gate_contract *contract, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (str_eq(contract->broken.items[j].name, contract->broken.items[i].name))
            return true;
    }
    return false;
}

/* "TransactionRepository.page, UserRepository.me" */
static struct str broken_names(const struct gate_contract *contract, struct arena *arena)
{
    struct str names = STR_NONE;
    size_t n = 0;
    for (size_t i = 0; i < contract->broken.len; i++) {
        if (names_before(contract, i))
            continue;
        if (n++ < NAMED)
            append(arena, &names, ", ", contract->broken.items[i].name);
    }
    if (n > NAMED)
        names = str_printf(arena, "%.*s and %zu more", STR_FMT(names), n - NAMED);
    return names;
}

static struct str contracts_in(const struct gate_facts *facts, enum gate_state state,
                               struct arena *arena)
{
    struct str names = STR_NONE;
    size_t n = 0;
    VEC_EACH(&facts->contracts, const struct gate_contract *, contract) {
        if (contract->state != state || n++ >= NAMED)
            continue;
        struct str what = state == GATE_BAD && contract->broken.len > 0
                              ? broken_names(contract, arena)
                              : contract->why;
        append(
            arena, &names, "; ",
            str_printf(arena, "%.*s: %.*s", STR_FMT(other_side(contract, arena)), STR_FMT(what)));
    }
    if (n > NAMED)
        names = str_printf(arena, "%.*s; and %zu more", STR_FMT(names), n - NAMED);
    return names;
}

static bool rule_before(const struct gate_facts *facts, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        const struct gate_rule *a = &facts->rules.items[j], *b = &facts->rules.items[i];
        if (a->state == b->state && strcmp(a->rule, b->rule) == 0)
            return true;
    }
    return false;
}

/* "INT-005-CURSOR (GET /v1/transactions), INT-005-PUSH" */
static struct str rules_in(const struct gate_facts *facts, enum gate_state state,
                           struct arena *arena)
{
    struct str names = STR_NONE;
    for (size_t i = 0; i < facts->rules.len; i++) {
        const struct gate_rule *rule = &facts->rules.items[i];
        if (rule->state != state || rule_before(facts, i))
            continue;
        struct str name = str_of(rule->rule);
        if (state == GATE_BAD && rule->subject.len > 0)
            name = str_printf(arena, "%s (%.*s)", rule->rule, STR_FMT(rule->subject));
        append(arena, &names, ", ", name);
    }
    return names;
}

static struct str reason_no(const struct gate_facts *facts, struct arena *arena)
{
    struct str reason = STR_NONE;
    size_t broken = count_contracts(facts, GATE_BAD);
    if (broken > 0)
        append(arena, &reason, "; ",
               str_printf(arena, "%zu of %zu contracts in %s break (%.*s)", broken,
                          facts->contracts.len, facts->question.environment,
                          STR_FMT(contracts_in(facts, GATE_BAD, arena))));
    if (facts->question.with_rules && count_rules(facts, GATE_BAD) > 0)
        append(arena, &reason, "; ",
               str_printf(arena, "architecture rules are broken: %.*s",
                          STR_FMT(rules_in(facts, GATE_BAD, arena))));
    return reason;
}

static struct str reason_undecided(const struct gate_facts *facts, struct arena *arena)
{
    struct str reason = STR_NONE;
    const struct gate_question *question = &facts->question;
    size_t unknown = count_contracts(facts, GATE_UNKNOWN);
    VEC_EACH(&facts->doubts, const struct str *, doubt) {
        append(arena, &reason, "; ", *doubt);
    }
    if (facts->contracts.len == 0)
        append(arena, &reason, "; ",
               str_printf(arena, "nothing in %s has a contract with %s", question->environment,
                          question->pacticipant));
    if (unknown > 0)
        append(arena, &reason, "; ",
               str_printf(arena, "%zu of %zu contracts in %s cannot be told (%.*s)", unknown,
                          facts->contracts.len, question->environment,
                          STR_FMT(contracts_in(facts, GATE_UNKNOWN, arena))));
    if (question->with_rules && count_rules(facts, GATE_UNKNOWN) > 0)
        append(arena, &reason, "; ",
               str_printf(arena, "good evidence is missing for %.*s",
                          STR_FMT(rules_in(facts, GATE_UNKNOWN, arena))));
    else if (question->with_rules && !any_rule_tested(facts))
        append(arena, &reason, "; ",
               STR("the evidence shows no architecture rule that was put to the test"));
    return reason;
}

static bool is_named_before(const struct gate_facts *facts, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        const struct gate_rule *a = &facts->rules.items[j], *b = &facts->rules.items[i];
        if (a->verdict == b->verdict && strcmp(a->rule, b->rule) == 0)
            return true;
    }
    return false;
}

/* Rules that stand in the way of nothing, though nobody saw them met. */
static struct str rules_with(const struct gate_facts *facts, enum adr_verdict verdict,
                             struct arena *arena)
{
    struct str names = STR_NONE;
    for (size_t i = 0; i < facts->rules.len; i++) {
        if (facts->rules.items[i].verdict == verdict && !is_named_before(facts, i))
            append(arena, &names, ", ", str_of(facts->rules.items[i].rule));
    }
    return names;
}

static struct str reason_yes(const struct gate_facts *facts, struct arena *arena)
{
    static const struct untested_row {
        enum adr_verdict verdict;
        const char *text;
    } untested[] = {{ADR_NOT_APPLICABLE, "not applicable by declaration"},
                    {ADR_INCONCLUSIVE, "inconclusive and not required"}};
    const char *environment = facts->question.environment;
    struct str reason =
        facts->contracts.len == 1
            ? str_printf(arena, "the one contract in %s holds", environment)
            : str_printf(arena, "all %zu contracts in %s hold", facts->contracts.len, environment);
    if (!facts->question.with_rules)
        return reason;
    struct str aside = STR_NONE;
    for (size_t i = 0; i < sizeof untested / sizeof *untested; i++) {
        struct str names = rules_with(facts, untested[i].verdict, arena);
        if (names.len > 0)
            append(arena, &aside, "; ",
                   str_printf(arena, "%s: %.*s", untested[i].text, STR_FMT(names)));
    }
    size_t met = count_met(facts);
    reason = str_printf(arena, "%.*s and all %zu checks of architecture rules are met",
                        STR_FMT(reason), met);
    return aside.len > 0 ? str_printf(arena, "%.*s (%.*s)", STR_FMT(reason), STR_FMT(aside))
                         : reason;
}

struct str gate_reason(const struct gate_facts *facts, enum gate_answer answer, struct arena *arena)
{
    const struct gate_question *question = &facts->question;
    struct str reason = answer == GATE_NO          ? reason_no(facts, arena)
                        : answer == GATE_UNDECIDED ? reason_undecided(facts, arena)
                                                   : reason_yes(facts, arena);
    static const char *const words[] = {
        [GATE_YES] = "Yes", [GATE_NO] = "No", [GATE_UNDECIDED] = "Undecided"};
    return str_printf(
        arena, "%s: %s %s to %s: %.*s%s", words[answer], question->pacticipant, question->version,
        question->environment, STR_FMT(reason),
        question->with_rules ? "" : " (contracts alone; the architecture rules were not judged)");
}

/* ---- next steps ---- */

static void step(struct arena *arena, struct gate_steps *steps, struct str text)
{
    *VEC_PUSH(arena, steps) = text;
}

static bool any_contract(const struct gate_facts *facts, enum gate_state state, bool dependency)
{
    VEC_EACH(&facts->contracts, const struct gate_contract *, contract) {
        if (contract->state == state && contract->dependency == dependency && !contract->missing)
            return true;
    }
    return false;
}

/* "wallet-android 3.2.0, wallet-ios 5.0.1": live, and without any contract. */
static struct str without_contract(const struct gate_facts *facts, struct arena *arena)
{
    struct str names = STR_NONE;
    VEC_EACH(&facts->contracts, const struct gate_contract *, contract) {
        if (contract->missing)
            append(arena, &names, ", ", other_side(contract, arena));
    }
    return names;
}

static void contract_steps(const struct gate_facts *facts, const char *broker, struct arena *arena,
                           struct gate_steps *steps)
{
    const struct gate_question *question = &facts->question;
    if (any_contract(facts, GATE_BAD, false))
        step(arena, steps,
             str_printf(arena,
                        "keep what the releases above use, or wait until they are no longer "
                        "supported (tally record-support-ended ... --environment %s)",
                        question->environment));
    if (any_contract(facts, GATE_UNKNOWN, false))
        step(arena, steps,
             str_printf(arena,
                        "tally verify --provider %s --provider-base-url URL --broker-base-url %s "
                        "--consumer-version-selectors '{\"deployedOrReleased\":true}' --publish "
                        "--provider-version %s",
                        question->pacticipant, broker, question->version));
    struct str missing = without_contract(facts, arena);
    if (missing.len > 0)
        step(arena, steps,
             str_printf(arena,
                        "publish the contracts with %s of %.*s (tally publish), or, if the app no "
                        "longer calls it in any release, delete the integration in the broker",
                        question->pacticipant, STR_FMT(missing)));
    if (any_contract(facts, GATE_BAD, true) || any_contract(facts, GATE_UNKNOWN, true))
        step(arena, steps,
             str_printf(arena,
                        "let the providers that %s depends on verify its contract, and "
                        "deploy versions that do",
                        question->pacticipant));
    if (facts->contracts.len == 0)
        step(arena, steps,
             str_printf(arena,
                        "publish the apps' contracts (tally publish) and record what is in the "
                        "field (tally record-release ... --environment %s)",
                        question->environment));
}

static void rule_steps(const struct gate_facts *facts, const char *broker, struct arena *arena,
                       struct gate_steps *steps)
{
    const struct gate_question *question = &facts->question;
    bool probe = !any_rule_tested(facts) && count_rules(facts, GATE_BAD) == 0;
    for (size_t i = 0; i < facts->rules.len; i++) {
        const struct gate_rule *rule = &facts->rules.items[i];
        const struct adr_rule *known = adr_rule(str_of(rule->rule));
        if (rule->state == GATE_UNKNOWN && rule->tier != ADR_CONTRACT)
            probe = true;
        if (rule->state == GATE_BAD && known && !rule_before(facts, i))
            step(arena, steps, str_printf(arena, "%s: %s", rule->rule, known->remedy));
        if (rule->state == GATE_UNKNOWN && rule->tier == ADR_CONTRACT && !rule_before(facts, i))
            step(arena, steps,
                 str_printf(arena,
                            "%s: let descriptions start with the repository method, "
                            "\"TransactionRepository.page: first page\"",
                            rule->rule));
    }
    if (probe)
        step(arena, steps,
             str_printf(arena,
                        "tally probe --provider-base-url URL --broker-base-url %s --provider %s "
                        "--provider-version %s",
                        broker, question->pacticipant, question->version));
}

void gate_next_steps(const struct gate_facts *facts, enum gate_answer answer, const char *broker,
                     struct arena *arena, struct gate_steps *ret)
{
    if (answer == GATE_YES)
        return;
    contract_steps(facts, broker, arena, ret);
    if (facts->question.with_rules)
        rule_steps(facts, broker, arena, ret);
}
