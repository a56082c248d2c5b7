// SPDX-License-Identifier: Apache-2.0
/* Rules that can never fire: nothing in the example leads to them, or another rule always wins. */
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/contract/lint_internal.h"
#include "lib/contract/rules_table.h"

enum { WORK = 20000000 /* values times rules that one part may cost */ };

/* Children of such a value are compared with its first one, whatever they are called. */
static bool is_template(const struct rules *rules, const struct path *path, size_t depth,
                        bool object)
{
    struct path at = {.items = path->items, .len = depth};
    bool cascaded = false;
    const struct rule *rule = rules_select(rules, RULES_BODY, &at, &cascaded);
    if (!rule || !object) {
        return rule != NULL;
    }
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        if (matcher->kind == MATCHER_VALUES || matcher->kind == MATCHER_EACH_KEY ||
            matcher->kind == MATCHER_EACH_VALUE) {
            return true;
        }
    }
    return false;
}

/* ---- which rules are selected somewhere in the example ---- */

struct walk {
    const struct rules *rules;
    struct arena *arena;
    struct path at;
    bool *fired; /* by place in the list of body rules */
    size_t work;
};

static void visit(struct walk *walk, const struct json *value)
{
    const struct rule *all = walk->rules->part[RULES_BODY].items;
    const struct rule *rule = rules_select(walk->rules, RULES_BODY, &walk->at, NULL);
    walk->work += walk->rules->part[RULES_BODY].len;
    if (rule) {
        walk->fired[rule - all] = true;
    }
    bool object = json_is(value, JSON_OBJECT);
    size_t len = object || json_is(value, JSON_ARRAY) ? json_len(value) : 0;
    /* Replies may have more than the example: those are compared with its first value. */
    size_t more = len > 0 && rule && is_template(walk->rules, &walk->at, walk->at.len, object);
    for (size_t i = 0; walk->work < WORK && i < len + more; i++) {
        struct path_token *token = VEC_PUSH(walk->arena, &walk->at);
        token->kind = object ? PATH_NAME : PATH_INDEX;
        token->name = !object ? STR_NONE : i < len ? json_key(value, i) : STR("another key");
        token->index = (int64_t)i;
        visit(walk, json_at(value, i < len ? i : 0));
        walk->at.len--;
    }
}

/* ---- whether a path can lead anywhere ---- */

static bool leads(const struct rules *rules, const struct path *path, size_t depth,
                  const struct json *value)
{
    if (depth == path->len) {
        return true;
    }
    const struct path_token *token = &path->items[depth];
    bool object = json_is(value, JSON_OBJECT);
    if ((!object && !json_is(value, JSON_ARRAY)) || json_len(value) == 0) {
        return false;
    }
    bool any = is_template(rules, path, depth, object);
    for (size_t i = 0; i < json_len(value); i++) {
        struct path_token at = {.kind = object ? PATH_NAME : PATH_INDEX,
                                .name = object ? json_key(value, i) : STR_NONE,
                                .index = (int64_t)i};
        bool fits = path_weight(&(struct path){.items = (struct path_token *)token, .len = 1},
                                &(struct path){.items = &at, .len = 1}) > 0;
        bool template = any && i == 0 && (object || token->kind != PATH_NAME);
        if ((fits || template) && leads(rules, path, depth + 1, json_at(value, i))) {
            return true;
        }
    }
    return false;
}

/* ---- saying so ---- */

static struct lint_place place_of(const struct linting *linting, const struct lint_part *part,
                                  enum rules_part category, const struct rule *rule)
{
    bool single = rules_part_is_single(category);
    return (struct lint_place){
        .where = str_printf(linting->arena, "%s %s%s%.*s", part->name, rules_part_name(category),
                            single ? "" : " ", STR_FMT(rule->text)),
        .line = rule->line,
        .column = rule->column,
    };
}

static void look_at_variants(const struct linting *linting, const struct lint_part *part,
                             const struct rule *rule, const struct matcher *matcher)
{
    struct lint_place place = place_of(linting, part, RULES_BODY, rule);
    const struct json *value = part->body->json;
    for (size_t i = 0; value && i < rule->path.len; i++) {
        const struct path_token *token = &rule->path.items[i];
        value = token->kind == PATH_NAME    ? json_find(value, token->name)
                : token->kind == PATH_INDEX ? json_at(value, (size_t)token->index)
                                            : json_at(value, 0);
    }
    VEC_EACH(&matcher->variants, const struct matcher_variant *, variant) {
        if (json_is(value, JSON_ARRAY) &&
            (variant->index < 0 || (size_t)variant->index >= json_len(value))) {
            lint_say(linting, LINT_ERROR, "variant-without-example", &place,
                     "a variant stands for item %lld of the example, which has %zu",
                     (long long)variant->index, json_len(value));
        }
    }
}

static void look_at_matchers(const struct linting *linting, const struct lint_part *part,
                             enum rules_part category, const struct rule *rule)
{
    struct lint_place place = place_of(linting, part, category, rule);
    if (rule->matchers.len == 0) {
        lint_say(linting, LINT_WARNING, "rule-empty", &place,
                 "the rule has no matchers, so it governs nothing");
    }
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        if (matcher->kind == MATCHER_UNKNOWN) {
            lint_say(linting, LINT_ERROR, "matcher-unknown", &place,
                     "no matcher is called '%.*s'; every comparison would fail",
                     STR_FMT(matcher->text));
        } else if (matcher->kind == MATCHER_ARRAY_CONTAINS) {
            look_at_variants(linting, part, rule, matcher);
        } else if (matcher->has_min && matcher->has_max && matcher->min > matcher->max) {
            lint_say(linting, LINT_ERROR, "limits-contradict", &place,
                     "min %lld is more than max %lld: nothing can pass", (long long)matcher->min,
                     (long long)matcher->max);
        }
    }
}

/* A pattern may stand in a rule, or in a rule inside of one. */
static void check_pattern(const struct linting *linting, const struct lint_place *place,
                          const struct matcher *matcher);

static void check_patterns(const struct linting *linting, const struct lint_place *place,
                           const struct rules *rules)
{
    for (int i = 0; rules && i < RULES_PARTS; i++) {
        VEC_EACH(&rules->part[i], const struct rule *, rule) {
            VEC_EACH(&rule->matchers, const struct matcher *, matcher)
                check_pattern(linting, place, matcher);
        }
    }
}

static void check_pattern(const struct linting *linting, const struct lint_place *place,
                          const struct matcher *matcher)
{
    const struct re *re = NULL;
    struct err err = ERR_INIT;
    if (matcher->kind == MATCHER_REGEX && re_get(matcher->text, RE_WHOLE, &re, &err) != 0) {
        lint_say(linting, LINT_ERROR, "regex-invalid", place, "the pattern '%.*s' is none: %s",
                 STR_FMT(matcher->text), err.text);
    }
    check_patterns(linting, place, matcher->inner);
    VEC_EACH(&matcher->variants, const struct matcher_variant *, variant)
        check_patterns(linting, place, variant->rules);
}

void lint_patterns(const struct linting *linting, const struct lint_part *part)
{
    for (int i = 0; i < RULES_PARTS; i++) {
        VEC_EACH(&part->rules->part[i], const struct rule *, rule) {
            struct lint_place place = place_of(linting, part, (enum rules_part)i, rule);
            VEC_EACH(&rule->matchers, const struct matcher *, matcher)
                check_pattern(linting, &place, matcher);
        }
    }
}

static void look_at_body(const struct linting *linting, const struct lint_part *part)
{
    size_t len = part->rules->part[RULES_BODY].len;
    const struct rule *rules = part->rules->part[RULES_BODY].items;
    const struct json *tree = part->body->json;
    struct walk walk = {.rules = part->rules, .arena = linting->arena};
    walk.fired = ARENA_ARRAY(linting->arena, bool, len + 1);
    if (tree && len > 0) {
        visit(&walk, tree);
    }
    for (size_t i = 0; i < len; i++) {
        struct lint_place place = place_of(linting, part, RULES_BODY, &rules[i]);
        if (rules[i].matchers.len == 0 || walk.fired[i] || walk.work >= WORK) {
            continue;
        }
        if (part->body->state != PACT_BODY_PRESENT) {
            lint_say(linting, LINT_ERROR, "rule-never-fires", &place,
                     "the rule can never fire: there is no body");
        } else if (tree && !leads(part->rules, &rules[i].path, 0, tree)) {
            lint_say(linting, LINT_ERROR, "rule-never-fires", &place,
                     "the rule can never fire: the example has nothing there");
        } else if (tree) {
            bool reached = leads(rules_new(linting->arena), &rules[i].path, 0, tree);
            if (reached) {
                lint_say(linting, LINT_ERROR, "rule-never-fires", &place,
                         "the rule can never fire: other rules come first wherever it applies");
            }
        }
    }
}

static bool has_header(const struct pact_headers *headers, struct str name)
{
    VEC_EACH(headers, const struct pact_header *, header) {
        if (str_eq_nocase(header->name, name)) {
            return true;
        }
    }
    return false;
}

/* "a" and V2's "a[0]" for one value of it. */
static bool has_param(const struct pact_query *query, struct str name)
{
    VEC_EACH(&query->params, const struct url_param *, param) {
        struct str rest = str_sub(name, param->name.len, name.len);
        if (str_starts(name, param->name) && (rest.len == 0 || rest.ptr[0] == '[')) {
            return true;
        }
    }
    return false;
}

static bool named_exists(const struct lint_part *part, enum rules_part category, struct str name)
{
    switch (category) {
    case RULES_HEADER:
        return part->headers && has_header(part->headers, name);
    case RULES_QUERY:
        return part->query && has_param(part->query, name);
    case RULES_METADATA:
        return json_find(part->metadata, name) != NULL;
    case RULES_METHOD:
    case RULES_PATH:
        return part->query != NULL;
    case RULES_STATUS:
        return part->headers && !part->query;
    case RULES_BODY:
    case RULES_PARTS:
        break;
    }
    return true;
}

void lint_rules(const struct linting *linting, const struct lint_part *part)
{
    for (int i = 0; i < RULES_PARTS; i++) {
        enum rules_part category = (enum rules_part)i;
        VEC_EACH(&part->rules->part[i], const struct rule *, rule) {
            struct lint_place place = place_of(linting, part, category, rule);
            look_at_matchers(linting, part, category, rule);
            if (!named_exists(part, category, rule->text)) {
                lint_say(linting, LINT_ERROR, "rule-never-fires", &place,
                         "the rule can never fire: the example has no such %s",
                         rules_part_name(category));
            }
        }
    }
    look_at_body(linting, part);
}
