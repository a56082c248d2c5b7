// SPDX-License-Identifier: Apache-2.0
/*
 * Which rules governed a value of one comparison. The marks belong to the comparison, so that
 * threads may share a contract; a rule's place in its part is its `order`.
 */
#include "lib/base/arena.h"
#include "lib/base/limits.h"
#include "lib/contract/match_internal.h"
#include "lib/contract/rules_table.h"
#include "lib/contract/select.h"

void fired_start(struct judge *judge, const struct rules *rules)
{
    size_t all = 0;
    for (int i = 0; i < RULES_PARTS; i++) {
        all += rules->part[i].len;
    }
    judge->rules = rules;
    bool *marks = all > 0 ? ARENA_ARRAY(judge->arena, bool, all) : NULL;
    for (int i = 0; marks && i < RULES_PARTS; i++) {
        judge->fired[i] = marks;
        marks += rules->part[i].len;
    }
}

/* Rules inside of matchers are not of the list, and are left out. */
static bool is_of(const struct rules *rules, enum rules_part part, const struct rule *rule)
{
    uintptr_t first = (uintptr_t)rules->part[part].items, at = (uintptr_t)rule;
    return at >= first && at < first + rules->part[part].len * sizeof *rule;
}

void fired_mark(struct judge *judge, enum rules_part part, const struct rule *rule)
{
    if (rule && judge->fired[part] && is_of(judge->rules, part, rule)) {
        judge->fired[part][rule->order] = true;
    }
}

/* ---- what the example alone would have made fire ---- */

struct reach {
    struct judge *judge;
    struct select_rules rules;
    bool *reached; /* by order */
};

static void visit(struct reach *reach, const struct select_at *at, const struct json *value)
{
    reach->judge->steps += 1 + at->len;
    if (at->best) {
        reach->reached[at->best->order] = true;
    }
    bool object = json_is(value, JSON_OBJECT);
    size_t len = object || json_is(value, JSON_ARRAY) ? json_len(value) : 0;
    for (size_t i = 0; i < len && reach->judge->steps <= LIMIT_MATCH_STEPS; i++) {
        struct path_token token = {.kind = object ? PATH_NAME : PATH_INDEX,
                                   .name = object ? json_key(value, i) : STR_NONE,
                                   .index = (int64_t)i};
        struct select_at child = select_step(&reach->rules, at, &token);
        visit(reach, &child, json_at(value, i));
        select_leave(&reach->rules, &child);
    }
}

/* By order; NULL if the example is too long to be walked again. */
static const bool *reached_in(struct judge *judge, const struct json *example)
{
    struct reach reach = {.judge = judge};
    reach.reached = ARENA_ARRAY(judge->arena, bool, judge->rules->part[RULES_BODY].len);
    select_init(&reach.rules, judge->rules, RULES_BODY, judge->arena);
    struct select_at root = select_root(&reach.rules);
    visit(&reach, &root, example);
    return judge->steps <= LIMIT_MATCH_STEPS ? reach.reached : NULL;
}

/* ---- saying so ---- */

static void warn(struct judge *judge, enum rules_part part, const struct rule *rule,
                 const char *text)
{
    *VEC_PUSH(judge->arena, &judge->result->warnings) = (struct match_warning){
        .part = rules_part_name(part),
        .path = rule->text,
        .text = str_of(text),
        .line = rule->line,
        .column = rule->column,
    };
}

static bool is_idle(const struct judge *judge, enum rules_part part, const struct rule *rule)
{
    return rule->matchers.len > 0 && !judge->fired[part][rule->order];
}

static size_t count_idle(const struct judge *judge, enum rules_part part)
{
    size_t idle = 0;
    VEC_EACH(&judge->rules->part[part], const struct rule *, rule) {
        idle += is_idle(judge, part, rule);
    }
    return idle;
}

/*
 * A difference keeps the rules below it from being reached: it has been told, so that only rules
 * which the example does not reach either are worth a warning.
 */
static void warn_of_body(struct judge *judge, const struct pact_body *expected)
{
    bool agreed = judge->result->len + judge->result->dropped == 0;
    bool promised = expected->state == PACT_BODY_PRESENT;
    const struct json *example = promised ? expected->json : NULL;
    example = example || !promised ? example : judge->example;
    const bool *reached = example ? reached_in(judge, example) : NULL;
    if (promised && !agreed && !reached) {
        return;
    }
    VEC_EACH(&judge->rules->part[RULES_BODY], const struct rule *, rule) {
        if (!is_idle(judge, RULES_BODY, rule) || (!agreed && reached && reached[rule->order])) {
            continue;
        }
        warn(judge, RULES_BODY, rule,
             !promised ? "the rule cannot fire: the contract promises no body"
             : reached && !reached[rule->order]
                 ? "the rule governed nothing: its path leads nowhere in the example, or other "
                   "rules come first"
                 : "the rule governed nothing here: what came has no value for it");
    }
}

void fired_warn(struct judge *judge, const struct pact_body *expected)
{
    for (int i = 0; i < RULES_PARTS; i++) {
        enum rules_part part = (enum rules_part)i;
        if (count_idle(judge, part) == 0) {
            continue;
        }
        if (part == RULES_BODY) {
            warn_of_body(judge, expected);
            continue;
        }
        VEC_EACH(&judge->rules->part[i], const struct rule *, rule) {
            if (is_idle(judge, part, rule)) {
                warn(judge, part, rule, "the rule governed nothing: the example has no such value");
            }
        }
    }
}
