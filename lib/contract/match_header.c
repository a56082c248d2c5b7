// SPDX-License-Identifier: Apache-2.0
/* Headers. Source: pact-semantics, section 6. */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/contract/match_internal.h"

/* Headers whose value is a list; a comma in any other is part of the value. */
static const char *const lists[] = {
    "accept",
    "accept-encoding",
    "accept-language",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-request-headers",
    "access-control-request-method",
    "allow",
    "cache-control",
    "if-match",
    "if-none-match",
    "vary",
};

struct values {
    VEC_OF(struct str);
};

bool header_is_list(struct str name)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (str_eq_nocase(name, str_of(lists[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_parameterised(struct str name)
{
    return str_eq_nocase(name, STR("accept")) || str_eq_nocase(name, STR("content-type"));
}

static void add_values(struct arena *arena, struct values *values, struct str text, bool list)
{
    if (!list) {
        *VEC_PUSH(arena, values) = str_trim(text);
        return;
    }
    while (text.ptr) {
        struct str one = str_cut(&text, ',');
        *VEC_PUSH(arena, values) = str_trim(one);
    }
}

static struct str joined(struct arena *arena, const struct values *values)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_HTTP_HEAD);
    for (size_t i = 0; i < values->len; i++) {
        buf_puts(&out, i ? ", " : "");
        buf_str(&out, values->items[i]);
    }
    return str_dup(arena, buf_view(&out));
}

static bool same_but_for_space(struct str a, struct str b)
{
    while (a.ptr && b.ptr) {
        struct str x = str_cut(&a, ','), y = str_cut(&b, ',');
        if (!str_eq(str_trim(x), str_trim(y))) {
            return false;
        }
    }
    return !a.ptr && !b.ptr;
}

/* A quoted parameter says the same as a bare one (RFC 9110 §5.6.6). */
static struct str unquoted(struct str value)
{
    value = str_trim(value);
    bool quoted = value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"';
    return quoted ? str_sub(value, 1, value.len - 2) : value;
}

bool match_parameterised(struct str expected, struct str actual)
{
    struct str type = str_cut(&expected, ';'), other = str_cut(&actual, ';');
    if (!str_eq(str_trim(type), str_trim(other))) {
        return false;
    }
    while (expected.ptr) {
        struct str want = str_cut(&expected, ';');
        want = str_trim(want);
        bool found = want.len == 0;
        struct str rest = actual, want_name, want_value = want;
        want_name = str_cut(&want_value, '=');
        while (!found && rest.ptr) {
            struct str have = str_cut(&rest, ';');
            struct str value = str_trim(have), name = str_cut(&value, '=');
            found = str_eq_nocase(str_trim(name), str_trim(want_name)) &&
                    str_eq_nocase(unquoted(value), unquoted(want_value));
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool values_agree(struct str name, const struct values *expected,
                         const struct values *actual)
{
    bool same = expected->len == actual->len;
    if (expected->len == 0) {
        return actual->len == 1 && actual->items[0].len == 0; /* no value is sent as an empty one */
    }
    for (size_t i = 0; same && i < expected->len; i++) {
        same = is_parameterised(name) ? match_parameterised(expected->items[i], actual->items[i])
                                      : same_but_for_space(expected->items[i], actual->items[i]);
    }
    return same;
}

/* Rules of V2 and of integration JSON may stand on one value: "name[1]". */
static const struct rule *rule_of_value(struct judge *judge, const struct rules *rules,
                                        struct str name, size_t index)
{
    const struct rule *rule = rules_named(
        rules, RULES_HEADER, str_printf(judge->arena, "%.*s[%zu]", STR_FMT(name), index));
    rule = rule ? rule : rules_named(rules, RULES_HEADER, name);
    fired_mark(judge, RULES_HEADER, rule);
    return rule;
}

static bool any_rule(struct judge *judge, const struct rules *rules, struct str name, size_t len)
{
    const struct rule *whole = rules_named(rules, RULES_HEADER, name);
    bool found = whole != NULL;
    fired_mark(judge, RULES_HEADER, whole);
    for (size_t i = 0; !found && i < len; i++) {
        found = rule_of_value(judge, rules, name, i) != NULL;
    }
    return found;
}

static void report_value(struct judge *judge, const struct difference *difference)
{
    struct difference one = *difference;
    one.text = judge_say(judge, "Expected header '%.*s' to have value '%.*s' but was '%.*s'",
                         STR_FMT(one.path), STR_FMT(one.expected), STR_FMT(one.actual));
    judge_report(judge, &one);
}

/* Rules on single values leave the count, and the other values, to equality. */
static int match_by_rule(struct judge *judge, const struct rules *rules,
                         const struct values *expected, const struct values *actual,
                         const struct difference *difference)
{
    const struct rule *whole = rules_named(rules, RULES_HEADER, difference->path);
    struct difference one = *difference;
    one.listed = expected->len > 1 || actual->len > 1;
    if (whole) {
        rule_count(judge, whole, expected->len, actual->len, difference);
    } else if (expected->len != actual->len) {
        report_value(judge, difference);
    }
    for (size_t i = 0; i < actual->len; i++) {
        struct str example = expected->len ? expected->items[i < expected->len ? i : 0] : STR("");
        const struct rule *rule = rule_of_value(judge, rules, difference->path, i);
        if (!rule) {
            if (i < expected->len && !str_eq(example, actual->items[i])) {
                report_value(judge, difference);
            }
            continue;
        }
        int rc = rule_text(judge, rule, example, actual->items[i], &one);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

static int match_one(struct judge *judge, const struct pact_header *expected,
                     const struct headers *actual, const struct rules *rules)
{
    struct values want = {0}, got = {0};
    bool list = header_is_list(expected->name), present = false;
    VEC_EACH(&expected->values, const struct str *, value)
        add_values(judge->arena, &want, *value, list);
    VEC_EACH(actual, const struct header *, header) {
        if (str_eq_nocase(header->name, expected->name)) {
            present = true;
            add_values(judge->arena, &got, header->value, list);
        }
    }
    struct difference difference = {.part = MATCH_HEADER,
                                    .path = expected->name,
                                    .expected = show_text(judge, joined(judge->arena, &want)),
                                    .actual = present ? joined(judge->arena, &got) : STR_NONE,
                                    .at = json_find(judge->around, expected->name)};
    bool ruled = any_rule(judge, rules, expected->name, want.len);
    if (!present) {
        difference.text =
            judge_say(judge, "Expected a header '%.*s' but was missing", STR_FMT(expected->name));
        judge_report(judge, &difference);
        return 0;
    }
    if (ruled) {
        return match_by_rule(judge, rules, &want, &got, &difference);
    }
    if (values_agree(expected->name, &want, &got)) {
        return 0;
    }
    report_value(judge, &difference);
    return 0;
}

int match_headers(struct judge *judge, const struct pact_headers *expected,
                  const struct headers *actual, const struct rules *rules)
{
    VEC_EACH(expected, const struct pact_header *, header) {
        int rc = match_one(judge, header, actual, rules);
        if (rc) {
            return rc;
        }
    }
    return 0;
}
