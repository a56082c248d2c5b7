// SPDX-License-Identifier: Apache-2.0
/* The rules half of the gate. Source: gate-and-audit, section 4; adr-checks, section 1. */
#include "ci/gate.h"

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/contract/mapping.h"
#include "lib/hal/hal.h"
#include "lib/wire/url.h"

/* Clocks differ a little; evidence from further ahead is not believed. */
#define CLOCK_SKEW_US (INT64_C(300) * 1000000)

/* A rule that this build does not know may be required: whoever published it knows better. */
static bool may_be_open(const char *rule, enum adr_tier tier)
{
    const struct adr_rule *known = adr_rule(str_of(rule));
    return known && (known->required & (unsigned)tier) == 0;
}

/* What a verdict means for the answer. Nothing here knows waivers yet, so none is believed. */
static enum gate_state state_of(const struct adr_finding *finding)
{
    switch (finding->verdict) {
    case ADR_FAIL:
        return GATE_BAD;
    case ADR_PASS:
    case ADR_WARN:
    case ADR_NOT_APPLICABLE:
        return GATE_GOOD;
    case ADR_WAIVED:
        return GATE_UNKNOWN;
    case ADR_INCONCLUSIVE:
        return may_be_open(finding->rule, finding->tier) ? GATE_GOOD : GATE_UNKNOWN;
    }
    return GATE_UNKNOWN;
}

static struct gate_rule *add_finding(struct gate_facts *facts, const struct adr_finding *finding,
                                     struct arena *arena)
{
    struct gate_rule *rule = VEC_PUSH(arena, &facts->rules);
    *rule = (struct gate_rule){
        .rule = finding->rule,
        .tier = finding->tier,
        .state = state_of(finding),
        .verdict = finding->verdict,
        .subject = finding->subject,
        .text = finding->text,
        .observed_at = finding->observed_at,
        .evidence = finding->evidence,
    };
    if (finding->verdict == ADR_WAIVED)
        rule->text = str_printf(arena, "claims a waiver, and none is on record: %.*s",
                                STR_FMT(finding->text));
    return rule;
}

static void check_age(const struct gate_question *question, struct gate_rule *rule,
                      struct arena *arena)
{
    int64_t observed = 0;
    bool read = clock_parse(rule->observed_at, &observed);
    int64_t age = question->now_us - observed;
    rule->stale = !read || age > question->max_age_us || age < -CLOCK_SKEW_US;
    if (!rule->stale || rule->state == GATE_BAD)
        return;
    rule->state = GATE_UNKNOWN;
    if (!read || age < 0)
        rule->text = str_printf(arena, "observed in the future (%.*s); check the clocks: %.*s",
                                STR_FMT(rule->observed_at), STR_FMT(rule->text));
    else
        rule->text = str_printf(
            arena, "%lld h old, at most %lld h count: %.*s", (long long)(age / 3600000000),
            (long long)(question->max_age_us / 3600000000), STR_FMT(rule->text));
}

/* Only failures are taken from published evidence of the contract tier: the gate looks itself. */
static void add_evidence(const struct adr_findings *evidence, struct gate_facts *facts,
                         struct arena *arena)
{
    VEC_EACH(evidence, const struct adr_finding *, finding) {
        if (finding->tier == ADR_CONTRACT && finding->verdict != ADR_FAIL)
            continue;
        check_age(&facts->question, add_finding(facts, finding, arena), arena);
    }
}

static bool same_finding(const struct adr_finding *a, const struct adr_finding *b)
{
    return strcmp(a->rule, b->rule) == 0 && a->tier == b->tier && a->verdict == b->verdict &&
           str_eq(a->subject, b->subject) && str_eq(a->text, b->text);
}

/* Releases of one app often promise the same; say it once. */
static void add_contract_findings(struct gate_facts *facts, struct arena *arena)
{
    const struct pact **pacts = ARENA_ARRAY(arena, const struct pact *, facts->contracts.len);
    size_t n = 0;
    VEC_EACH(&facts->contracts, const struct gate_contract *, contract) {
        if (!contract->dependency && contract->pact)
            pacts[n++] = contract->pact;
    }
    struct adr_findings findings = {0};
    adr_check_contracts(pacts, n, arena, &findings);
    adr_sort(&findings);
    for (size_t i = 0; i < findings.len; i++) {
        if (i == 0 || !same_finding(&findings.items[i], &findings.items[i - 1]))
            add_finding(facts, &findings.items[i], arena);
    }
}

static bool has(const struct gate_facts *facts, const char *rule, enum adr_tier tier)
{
    VEC_EACH(&facts->rules, const struct gate_rule *, item) {
        if (item->tier == tier && strcmp(item->rule, rule) == 0)
            return true;
    }
    return false;
}

static bool speaks_graphql(const struct gate_facts *facts, struct arena *arena)
{
    VEC_EACH(&facts->contracts, const struct gate_contract *, contract) {
        for (size_t i = 0; contract->pact && i < contract->pact->interactions.len; i++) {
            struct mapping mapping = {0};
            if (mapping_of(&contract->pact->interactions.items[i], arena, &mapping, NULL) == 0 &&
                str_starts(mapping.operation, STR("graphql:")))
                return true;
        }
    }
    return false;
}

/* Connections are asked of a provider that serves a schema, or whose contracts use GraphQL. */
static bool is_demanded(const struct adr_rule *rule, bool has_evidence,
                        const struct gate_facts *facts, struct arena *arena)
{
    bool conditional = strcmp(rule->id, "INT-005-CONNECTION") == 0;
    return !conditional || !has_evidence || speaks_graphql(facts, arena);
}

static void add_missing(bool has_evidence, struct gate_facts *facts, struct arena *arena)
{
    static const enum adr_tier tiers[] = {ADR_STATIC, ADR_CONTRACT, ADR_LIVE};
    size_t n;
    const struct adr_rule *rules = adr_rules(&n);
    for (size_t i = 0; i < n; i++) {
        for (size_t t = 0; t < sizeof tiers / sizeof *tiers; t++) {
            bool wanted = (rules[i].required & (unsigned)tiers[t]) != 0;
            if (!wanted || has(facts, rules[i].id, tiers[t]) ||
                !is_demanded(&rules[i], has_evidence, facts, arena))
                continue;
            struct gate_rule *rule = VEC_PUSH(arena, &facts->rules);
            *rule = (struct gate_rule){
                .rule = rules[i].id,
                .tier = tiers[t],
                .state = GATE_UNKNOWN,
                .missing = true,
                .verdict = ADR_INCONCLUSIVE,
                .subject = STR(""),
                .text = str_printf(arena, "no evidence for %s %s", facts->question.pacticipant,
                                   facts->question.version),
            };
        }
    }
}

void gate_rules_judge(const struct adr_findings *evidence, struct gate_facts *facts,
                      struct arena *arena)
{
    if (evidence)
        add_evidence(evidence, facts, arena);
    add_contract_findings(facts, arena);
    add_missing(evidence && evidence->len > 0, facts, arena);
}

int gate_rules_load(struct hal *hal, struct gate_facts *facts, struct arena *arena, struct err *err)
{
    struct json *document;
    struct adr_findings findings = {0};
    struct err missing = ERR_INIT;
    const struct gate_question *question = &facts->question;
    const char *url = arena_printf(arena, "/pacticipants/%.*s/versions/%.*s/evidence/" ADR_PACK,
                                   STR_FMT(url_encode(arena, str_of(question->pacticipant))),
                                   STR_FMT(url_encode(arena, str_of(question->version))));
    int code = hal_get(hal, url, arena, &document, &missing);
    if (code == ERR_NOT_FOUND) {
        gate_rules_judge(NULL, facts, arena);
        return 0;
    }
    if (code < 0) {
        if (err)
            *err = missing;
        return code;
    }
    struct err unreadable = ERR_INIT;
    if (adr_evidence_read(document, arena, &findings, &unreadable) < 0) {
        /* As good as none, and worth saying. */
        *VEC_PUSH(arena, &facts->doubts) =
            str_printf(arena, "the published evidence cannot be read (%s)", unreadable.text);
        gate_rules_judge(NULL, facts, arena);
        return 0;
    }
    gate_rules_judge(&findings, facts, arena);
    return 0;
}
