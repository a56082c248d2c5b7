// SPDX-License-Identifier: Apache-2.0
/* Query and form parameters. Source: pact-semantics, sections 5 and 10. */
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/match_internal.h"

struct values {
    VEC_OF(struct str);
};

static struct str value_of(const struct url_param *param)
{
    return param->value.ptr ? param->value : STR(""); /* `a` is `a=` */
}

static struct values values_of(struct judge *judge, const struct url_param *params, size_t len,
                               struct str name)
{
    struct values values = {0};
    for (size_t i = 0; i < len; i++) {
        if (str_eq(params[i].name, name)) {
            *VEC_PUSH(judge->arena, &values) = value_of(&params[i]);
        }
    }
    return values;
}

static bool has_name(const struct url_param *params, size_t len, struct str name)
{
    for (size_t i = 0; i < len; i++) {
        if (str_eq(params[i].name, name)) {
            return true;
        }
    }
    return false;
}

static struct str show_values(struct judge *judge, const struct values *values)
{
    struct json *list = json_new_array(judge->arena);
    for (size_t i = 0; i < values->len; i++) {
        json_append(judge->arena, list, json_new_str(judge->arena, values->items[i]));
    }
    return values->len == 1 ? show_text(judge, values->items[0]) : show_json(judge, list);
}

/* A query's rules are named, a form's stand at `$.name`; both may stand on one value. */
static const struct rule *rule_at(struct judge *judge, const struct rules *rules,
                                  const struct params_words *words, struct str name, long index)
{
    if (words->rules_part == RULES_QUERY) {
        const struct rule *named =
            index < 0 ? rules_named(rules, RULES_QUERY, name)
                      : rules_named(rules, RULES_QUERY,
                                    str_printf(judge->arena, "%.*s[%ld]", STR_FMT(name), index));
        fired_mark(judge, RULES_QUERY, named);
        return named;
    }
    struct path_token tokens[] = {{.kind = PATH_NAME, .name = name},
                                  {.kind = PATH_INDEX, .index = index}};
    struct path path = {.items = tokens, .len = index < 0 ? 1 : 2};
    const struct rule *rule = rules_select(rules, words->rules_part, &path, NULL);
    rule = rule && (index < 0 || rule->path.len == 2) ? rule : NULL;
    fired_mark(judge, RULES_BODY, rule);
    return rule;
}

const struct json *query_param_at(const struct judge *judge, struct str name, long index)
{
    const struct json *values = json_find(judge->around, name);
    size_t len = json_is(values, JSON_ARRAY) ? json_len(values) : 0;
    size_t item = index < 0 && len == 1 ? 0 : (size_t)index;
    return item < len ? json_at(values, item) : values;
}

/* Forms are one text in the contract. */
static const struct json *param_at(const struct judge *judge, const struct params_words *words,
                                   struct str name, long index)
{
    return words->rules_part == RULES_QUERY ? query_param_at(judge, name, index) : NULL;
}

static int match_value(struct judge *judge, const struct rule *rule, struct str expected,
                       struct str actual, const struct params_words *words,
                       const struct difference *base)
{
    struct difference difference = *base;
    difference.listed = true;
    difference.expected = show_text(judge, expected);
    difference.actual = show_text(judge, actual);
    if (rule) {
        return rule_text(judge, rule, expected, actual, &difference);
    }
    if (!str_eq(expected, actual)) {
        difference.text = judge_say(judge, "Expected '%.*s' but received '%.*s' for %s '%.*s'",
                                    STR_FMT(difference.expected), STR_FMT(difference.actual),
                                    words->noun, STR_FMT(base->path));
        judge_report(judge, &difference);
    }
    return 0;
}

static int match_name(struct judge *judge, const struct values *want, const struct values *got,
                      const struct rules *rules, const struct params_words *words,
                      const struct difference *difference)
{
    const struct rule *rule = rule_at(judge, rules, words, difference->path, -1);
    if (rule) {
        rule_count(judge, rule, want->len, got->len, difference);
    } else if (want->len != got->len) {
        struct difference one = *difference;
        one.text =
            judge_say(judge, "Expected %s '%.*s' with %zu value(s) but received %zu value(s)",
                      words->noun, STR_FMT(difference->path), want->len, got->len);
        judge_report(judge, &one);
    }
    for (size_t i = 0; i < got->len && (rule || i < want->len); i++) {
        const struct rule *own = rule_at(judge, rules, words, difference->path, (long)i);
        size_t example = i < want->len ? i : 0;
        struct difference one = *difference;
        one.at = param_at(judge, words, one.path, (long)example);
        int rc =
            match_value(judge, own ? own : rule, want->items[example], got->items[i], words, &one);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

int match_params(struct judge *judge, const struct url_param *expected, size_t expected_len,
                 const struct url_params *actual, const struct rules *rules,
                 const struct params_words *words)
{
    for (size_t i = 0; i < expected_len; i++) {
        struct str name = expected[i].name;
        if (has_name(expected, i, name)) {
            continue; /* seen with its first value */
        }
        struct values want = values_of(judge, expected, expected_len, name);
        struct values got = values_of(judge, actual->items, actual->len, name);
        struct difference difference = {.part = words->part,
                                        .path = name,
                                        .expected = show_values(judge, &want),
                                        .actual = show_values(judge, &got),
                                        .at = param_at(judge, words, name, -1)};
        if (got.len == 0) {
            rule_at(judge, rules, words, name, -1); /* the difference says enough */
            difference.actual = STR_NONE;
            difference.text =
                judge_say(judge, "Expected %s '%.*s' but was missing", words->noun, STR_FMT(name));
            judge_report(judge, &difference);
            continue;
        }
        int rc = match_name(judge, &want, &got, rules, words, &difference);
        if (rc) {
            return rc;
        }
    }
    for (size_t i = 0; i < actual->len; i++) {
        struct str name = actual->items[i].name;
        if (has_name(expected, expected_len, name) || has_name(actual->items, i, name)) {
            continue;
        }
        struct str shown = show_text(judge, value_of(&actual->items[i]));
        struct difference difference = {.part = words->part, .path = name, .actual = shown};
        difference.text =
            judge_say(judge, "Unexpected %s '%.*s' received", words->noun, STR_FMT(name));
        judge_report(judge, &difference);
    }
    return 0;
}

/* V1 knows no parameters: the decoded strings are compared. */
static int match_query_text(struct judge *judge, struct str expected, struct str actual)
{
    struct str want = STR(""), got = STR("");
    struct err err = ERR_INIT;
    if (url_decode(expected, true, judge->arena, &want, &err) == 0 &&
        url_decode(actual, true, judge->arena, &got, &err) == 0 && str_eq(want, got)) {
        return 0;
    }
    struct difference difference = {.part = MATCH_QUERY,
                                    .expected = show_text(judge, expected),
                                    .actual = show_text(judge, actual)};
    difference.text = judge_say(judge, "Expected query string '%.*s' but received '%.*s'",
                                STR_FMT(difference.expected), STR_FMT(difference.actual));
    judge_report(judge, &difference);
    return 0;
}

int match_query(struct judge *judge, const struct pact *pact, const struct pact_query *expected,
                struct str actual, const struct rules *rules)
{
    static const struct params_words words = {MATCH_QUERY, RULES_QUERY, "query parameter"};
    if (pact->spec == PACT_V1) {
        return match_query_text(judge, expected->text.ptr ? expected->text : STR(""),
                                actual.ptr ? actual : STR(""));
    }
    struct url_params params = {0};
    struct err err = ERR_INIT;
    int rc = actual.ptr ? url_query_parse(actual, judge->arena, &params, &err) : 0;
    if (rc == ERR_LIMIT) {
        return err_set(judge->err, ERR_LIMIT, "the actual query cannot be read: %s", err.text);
    }
    if (rc) {
        struct difference difference = {.part = MATCH_QUERY, .actual = show_text(judge, actual)};
        difference.text =
            judge_say(judge, "Received a query that is not well-formed: %s", err.text);
        judge_report(judge, &difference);
        return 0;
    }
    return match_query_params(judge, expected, &params, rules, &words);
}
