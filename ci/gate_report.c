// SPDX-License-Identifier: Apache-2.0
/* The gate's answer for people and for programs. */
#include "ci/gate.h"

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/opt.h"
#include "lib/base/term.h"

/* Longer texts are cut in tables; the JSON output has them whole. */
enum { CELL = 160 };

static enum term_style style_of(enum gate_state state)
{
    return state == GATE_GOOD ? TERM_GREEN : state == GATE_BAD ? TERM_RED : TERM_YELLOW;
}

static void put(struct term_table *table, enum term_style style, struct str text,
                struct arena *arena)
{
    term_table_cell(table, style, "%.*s", STR_FMT(term_one_line(arena, text, CELL)));
}

static struct term_table *table_of(struct arena *arena, const char *const *head, size_t columns)
{
    struct term_table *table = term_table_new(arena, columns);
    for (size_t i = 0; i < columns; i++)
        term_table_cell(table, TERM_BOLD, "%s", head[i]);
    return table;
}

static void put_contract(struct term_table *table, const struct gate_contract *contract,
                         struct str method, struct str text, struct arena *arena)
{
    const char *state = contract->dependency && contract->state == GATE_BAD
                            ? "broken"
                            : gate_state_name(contract->state);
    put(table, TERM_PLAIN, contract->dependency ? contract->provider : contract->consumer, arena);
    put(table, TERM_PLAIN,
        contract->dependency ? contract->provider_version : contract->consumer_version, arena);
    term_table_cell(table, style_of(contract->state), "%s", state);
    put(table, TERM_PLAIN, method, arena);
    put(table, TERM_PLAIN, text, arena);
}

/* What decides the answer comes first. */
static const enum gate_state by_weight[] = {GATE_BAD, GATE_UNKNOWN, GATE_GOOD};
enum { WEIGHTS = sizeof by_weight / sizeof *by_weight };

static size_t put_contracts(struct term_table *table, const struct gate_facts *facts,
                            bool dependency, enum gate_state state, struct arena *arena)
{
    size_t n = 0;
    VEC_EACH(&facts->contracts, const struct gate_contract *, contract) {
        if (contract->dependency != dependency || contract->state != state)
            continue;
        n++;
        VEC_EACH(&contract->broken, const struct gate_method *, method) {
            put_contract(table, contract, method->name, method->text, arena);
        }
        if (contract->broken.len == 0)
            put_contract(table, contract, STR(""), contract->why, arena);
    }
    return n;
}

static void print_contracts(const struct gate_facts *facts, bool dependency, struct arena *arena)
{
    static const char *const head[] = {"APP", "RELEASE", "STATE", "REPOSITORY METHOD", "WHY"};
    static const char *const head_dependency[] = {"DEPENDS ON", "VERSION", "STATE", "INTERACTION",
                                                  "WHY"};
    struct term_table *table = table_of(arena, dependency ? head_dependency : head, 5);
    size_t n = 0;
    for (size_t i = 0; i < WEIGHTS; i++)
        n += put_contracts(table, facts, dependency, by_weight[i], arena);
    if (n == 0)
        return;
    putchar('\n');
    term_table_print(table, stdout);
}

static void put_rules(struct term_table *table, const struct gate_facts *facts,
                      enum gate_state state, struct arena *arena)
{
    VEC_EACH(&facts->rules, const struct gate_rule *, rule) {
        if (rule->state != state)
            continue;
        const char *verdict = rule->missing ? "missing"
                              : rule->stale ? "stale"
                                            : adr_verdict_name(rule->verdict);
        term_table_cell(table, TERM_PLAIN, "%s", rule->rule);
        term_table_cell(table, TERM_PLAIN, "%s", adr_tier_name(rule->tier));
        term_table_cell(table, style_of(rule->state), "%s", verdict);
        put(table, TERM_PLAIN, rule->subject, arena);
        put(table, TERM_PLAIN, rule->text, arena);
    }
}

static void print_rules(const struct gate_facts *facts, struct arena *arena)
{
    static const char *const head[] = {"RULE", "TIER", "VERDICT", "SUBJECT", "WHY"};
    struct term_table *table = table_of(arena, head, 5);
    for (size_t i = 0; i < WEIGHTS; i++)
        put_rules(table, facts, by_weight[i], arena);
    putchar('\n');
    term_table_print(table, stdout);
}

static void print_warnings(const struct gate_facts *facts, struct arena *arena)
{
    static const char *const head[] = {"APP", "VERSION", "WARNING", "SUBJECT", "WHY"};
    struct term_table *table = table_of(arena, head, 5);
    if (facts->warnings.len == 0)
        return;
    VEC_EACH(&facts->warnings, const struct gate_warning *, warning) {
        put(table, TERM_PLAIN, warning->pacticipant, arena);
        put(table, TERM_PLAIN, warning->version, arena);
        put(table, TERM_YELLOW, warning->rule, arena);
        put(table, TERM_PLAIN, warning->subject, arena);
        put(table, TERM_PLAIN, warning->text, arena);
    }
    putchar('\n');
    term_table_print(table, stdout);
}

static void print_text(const struct gate_facts *facts, enum gate_answer answer,
                       const struct gate_output *output, struct arena *arena)
{
    enum term_style style = answer == GATE_YES  ? TERM_GREEN
                            : answer == GATE_NO ? TERM_RED
                                                : TERM_YELLOW;
    struct gate_steps steps = {0};
    term_print(stdout, style, "%.*s\n", STR_FMT(gate_reason(facts, answer, arena)));
    if (output->dry_run)
        printf("Dry run: the exit code is 0 whatever the answer.\n");
    print_contracts(facts, false, arena);
    print_contracts(facts, true, arena);
    if (facts->question.with_rules)
        print_rules(facts, arena);
    print_warnings(facts, arena);
    gate_next_steps(facts, answer, output->broker, arena, &steps);
    if (steps.len > 0)
        printf("\nNext steps:\n");
    VEC_EACH(&steps, const struct str *, text) {
        printf("  - %.*s\n", STR_FMT(*text));
    }
}

/* ---- JSON ---- */

static void set(struct arena *arena, struct json *object, const char *key, struct str value)
{
    if (value.ptr)
        json_set(arena, object, key, json_new_str(arena, value));
}

static struct json *contract_json(const struct gate_contract *contract, struct arena *arena)
{
    struct json *object = json_new_object(arena), *methods = json_new_array(arena);
    set(arena, object, "consumer", contract->consumer);
    set(arena, object, "consumerVersion", contract->consumer_version);
    set(arena, object, "provider", contract->provider);
    set(arena, object, "providerVersion", contract->provider_version);
    set(arena, object, "state", str_of(gate_state_name(contract->state)));
    set(arena, object, "why", contract->why);
    json_set(arena, object, "interactions", json_new_int(arena, (int64_t)contract->interactions));
    VEC_EACH(&contract->broken, const struct gate_method *, broken) {
        struct json *method = json_new_object(arena);
        set(arena, method, "method", broken->name);
        set(arena, method, "operation", broken->operation);
        set(arena, method, "text", broken->text);
        json_append(arena, methods, method);
    }
    json_set(arena, object, "broken", methods);
    set(arena, object, "pact", contract->pact_url);
    set(arena, object, "verificationResult", contract->result_url);
    set(arena, object, "verifiedAt", contract->verified_at);
    return object;
}

static struct json *rule_json(const struct gate_rule *rule, struct arena *arena)
{
    struct json *object = json_new_object(arena);
    set(arena, object, "rule", str_of(rule->rule));
    set(arena, object, "tier", str_of(adr_tier_name(rule->tier)));
    set(arena, object, "state", str_of(gate_state_name(rule->state)));
    if (!rule->missing)
        set(arena, object, "verdict", str_of(adr_verdict_name(rule->verdict)));
    json_set(arena, object, "missing", json_new_bool(arena, rule->missing));
    json_set(arena, object, "stale", json_new_bool(arena, rule->stale));
    set(arena, object, "subject", rule->subject);
    set(arena, object, "text", rule->text);
    set(arena, object, "observedAt", rule->observed_at);
    if (rule->evidence)
        json_set(arena, object, "evidence", json_copy(arena, rule->evidence));
    return object;
}

static struct json *warnings_json(const struct gate_facts *facts, struct arena *arena)
{
    struct json *list = json_new_array(arena);
    VEC_EACH(&facts->warnings, const struct gate_warning *, warning) {
        struct json *object = json_new_object(arena);
        set(arena, object, "pacticipant", warning->pacticipant);
        set(arena, object, "version", warning->version);
        set(arena, object, "rule", warning->rule);
        set(arena, object, "subject", warning->subject);
        set(arena, object, "text", warning->text);
        json_append(arena, list, object);
    }
    return list;
}

static void print_json(const struct gate_facts *facts, enum gate_answer answer,
                       const struct gate_output *output, struct arena *arena)
{
    const struct gate_question *question = &facts->question;
    struct json *report = json_new_object(arena), *contracts = json_new_array(arena),
                *rules = json_new_array(arena), *next = json_new_array(arena);
    struct gate_steps steps = {0};
    set(arena, report, "answer", str_of(gate_answer_name(answer)));
    set(arena, report, "reason", gate_reason(facts, answer, arena));
    json_set(arena, report, "exitCode", json_new_int(arena, output->exit_code));
    json_set(arena, report, "dryRun", json_new_bool(arena, output->dry_run));
    set(arena, report, "pacticipant", str_of(question->pacticipant));
    set(arena, report, "version", str_of(question->version));
    set(arena, report, "environment", str_of(question->environment));
    set(arena, report, "rulesPack", str_of(question->with_rules ? ADR_PACK : "none"));
    VEC_EACH(&facts->contracts, const struct gate_contract *, contract) {
        json_append(arena, contracts, contract_json(contract, arena));
    }
    VEC_EACH(&facts->rules, const struct gate_rule *, rule) {
        json_append(arena, rules, rule_json(rule, arena));
    }
    gate_next_steps(facts, answer, output->broker, arena, &steps);
    VEC_EACH(&steps, const struct str *, text) {
        json_append(arena, next, json_new_str(arena, *text));
    }
    json_set(arena, report, "contracts", contracts);
    json_set(arena, report, "rules", rules);
    json_set(arena, report, "warnings", warnings_json(facts, arena));
    json_set(arena, report, "nextSteps", next);
    printf("%.*s\n", STR_FMT(json_to_str(arena, report, JSON_PRETTY)));
}

void gate_report(const struct gate_facts *facts, enum gate_answer answer,
                 const struct gate_output *output, struct arena *arena)
{
    if (opt_is(output->format, "json"))
        print_json(facts, answer, output, arena);
    else
        print_text(facts, answer, output, arena);
}
