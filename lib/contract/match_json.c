// SPDX-License-Identifier: Apache-2.0
/*
 * Two document trees under the rules of a body. The walk follows the expected tree; the place it
 * stands at carries the rule that governs there. Source: pact-semantics, sections 7 and 8.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/match_internal.h"
#include "lib/contract/select.h"

/* A value's place: its tokens up to the root, and the rule that governs it. */
struct place {
    const struct place *parent;
    struct path_token token;
    struct select_at at;
};
struct walk {
    struct judge *judge;
    struct select_rules *rules;
};

static int compare(const struct walk *walk, const struct place *place, const struct json *expected,
                   const struct json *actual);

/* ---- places and reports ---- */

static void path_of(const struct place *place, struct buf *out)
{
    if (!place->parent) {
        buf_putc(out, '$');
        return;
    }
    path_of(place->parent, out);
    path_token_write(&place->token, out);
}

static struct str path_text(const struct walk *walk, const struct place *place)
{
    if (walk->judge->quiet) {
        return STR_NONE;
    }
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    path_of(place, &out);
    return show_text(walk->judge, buf_view(&out));
}

static struct difference difference_at(const struct walk *walk, const struct place *place,
                                       const struct json *expected, const struct json *actual)
{
    return (struct difference){.part = MATCH_BODY,
                               .path = path_text(walk, place),
                               .expected = show_json(walk->judge, expected),
                               .actual = show_json(walk->judge, actual),
                               .at = expected};
}

static void report(const struct walk *walk, const struct place *place, const struct json *expected,
                   const struct json *actual, struct str text)
{
    struct difference difference = difference_at(walk, place, expected, actual);
    difference.text = text;
    judge_report(walk->judge, &difference);
}

static struct place step(const struct walk *walk, const struct place *parent,
                         struct path_token token)
{
    return (struct place){
        .parent = parent, .token = token, .at = select_step(walk->rules, &parent->at, &token)};
}

static int compare_member(const struct walk *walk, const struct place *place, struct str key,
                          const struct json *expected, const struct json *actual)
{
    struct place child = step(walk, place, (struct path_token){.kind = PATH_NAME, .name = key});
    int rc = compare(walk, &child, expected, actual);
    select_leave(walk->rules, &child.at);
    return rc;
}

static int compare_item(const struct walk *walk, const struct place *place, size_t index,
                        const struct json *expected, const struct json *actual)
{
    struct place child =
        step(walk, place, (struct path_token){.kind = PATH_INDEX, .index = (int64_t)index});
    int rc = compare(walk, &child, expected, actual);
    select_leave(walk->rules, &child.at);
    return rc;
}

/* The rule that stands exactly here and has a matcher of that kind. */
static const struct matcher *direct_matcher(const struct place *place, enum matcher_kind kind)
{
    if (!place->at.best || place->at.cascaded) {
        return NULL;
    }
    VEC_EACH(&place->at.best->matchers, const struct matcher *, matcher) {
        if (matcher->kind == kind) {
            return matcher;
        }
    }
    return NULL;
}

/* ---- rules on a container itself ---- */

static int weigh_limits(const struct walk *walk, const struct matcher *matcher,
                        const struct json *actual, struct str *ret_why)
{
    size_t size = json_len(actual);
    bool few = matcher->has_min && (int64_t)size < matcher->min;
    bool many = matcher->has_max && (int64_t)size > matcher->max;
    if (!few && !many) {
        return VERDICT_YES;
    }
    struct str shown = show_json(walk->judge, actual);
    *ret_why = judge_say(walk->judge, "Expected %.*s (size %zu) to have %s size of %lld",
                         STR_FMT(shown), size, few ? "minimum" : "maximum",
                         (long long)(few ? matcher->min : matcher->max));
    return VERDICT_NO;
}

/* What a matcher says of a list or a map as such; its items are compared one by one afterwards. */
static int weigh_container(const struct walk *walk, const struct place *place,
                           const struct matcher *matcher, const struct json *expected,
                           const struct json *actual, struct str *ret_why)
{
    bool list = json_is(expected, JSON_ARRAY);
    switch (matcher->kind) {
    case MATCHER_TYPE:
        return place->at.cascaded ? VERDICT_YES : weigh_limits(walk, matcher, actual, ret_why);
    case MATCHER_EQUALITY:
    case MATCHER_NOT_EMPTY:
        return matcher_json(walk->judge, matcher, place->at.cascaded, expected, actual, ret_why);
    case MATCHER_REGEX:
    case MATCHER_VALUES:
    case MATCHER_EACH_VALUE:
        return VERDICT_YES;
    case MATCHER_EACH_KEY:
        if (!list || place->at.cascaded) {
            return VERDICT_YES;
        }
        break;
    case MATCHER_ARRAY_CONTAINS:
        if (list || place->at.cascaded) {
            return VERDICT_YES;
        }
        break;
    case MATCHER_UNKNOWN:
        break;
    default:
        /* Kinds of scalars: a list leaves them to its items, a map cannot be one. They are no
         * alternative that a list could satisfy, so OR does not count them either. */
        if (list || place->at.cascaded) {
            return VERDICT_NEUTRAL;
        }
        break;
    }
    *ret_why = matcher_unsupported(walk->judge, matcher);
    return VERDICT_NO;
}

/*
 * The governing rule on the container itself. *ret_done: equality failed, and what is below would
 * only say so again. Where it holds, rules of values below may still refuse what equals the
 * example.
 */
static int apply_to_container(const struct walk *walk, const struct place *place,
                              const struct json *expected, const struct json *actual,
                              bool *ret_done)
{
    const struct rule *rule = place->at.best;
    struct weighing weighing = {.rule = rule};
    bool unequal = false;
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        struct str why = STR_NONE;
        int rc = weigh_container(walk, place, matcher, expected, actual, &why);
        if (rc < 0) {
            return rc;
        }
        weigh(walk->judge, &weighing, matcher, rc, why);
        unequal = unequal || (matcher->kind == MATCHER_EQUALITY && rc == VERDICT_NO);
    }
    if (!weighing_passes(&weighing)) {
        struct difference difference = difference_at(walk, place, expected, actual);
        weighing_report(walk->judge, &weighing, &difference);
    }
    *ret_done = unequal && !rule->any;
    return 0;
}

/* ---- eachKey, eachValue, values, arrayContains ---- */

/* Keys are text, so text rules hold for them. */
static int check_key(const struct walk *walk, const struct place *place,
                     const struct matcher *matcher, struct str key, const struct json *expected)
{
    struct judge *judge = walk->judge;
    struct place child = {.parent = place, .token = {.kind = PATH_NAME, .name = key}};
    struct str example = json_get_text(matcher->raw, "value");
    example = example.ptr ? example : json_key(expected, 0);
    VEC_EACH(&matcher->inner->part[RULES_BODY], const struct rule *, rule) {
        struct weighing weighing = {.rule = rule};
        VEC_EACH(&rule->matchers, const struct matcher *, inner) {
            struct str why = STR_NONE;
            int rc = matcher_text(judge, inner, example, key, &why);
            if (rc < 0) {
                return rc;
            }
            weigh(judge, &weighing, inner, rc, why);
        }
        if (!weighing_passes(&weighing)) {
            struct difference difference = difference_at(walk, &child, expected, NULL);
            difference.expected = show_text(judge, example);
            difference.actual = show_text(judge, key);
            weighing_report(judge, &weighing, &difference);
        }
    }
    return 0;
}

/* A value under rules of its own, which begin at `$` here. */
static int compare_under(const struct walk *walk, const struct place *place,
                         struct path_token token, const struct rules *inner,
                         const struct json *expected, const struct json *actual)
{
    struct select_rules rules;
    select_init(&rules, inner, RULES_BODY, walk->judge->arena);
    struct walk below = {walk->judge, &rules};
    struct place child = {.parent = place, .token = token, .at = select_root(&rules)};
    return compare(&below, &child, expected, actual);
}

/* Keys are free: each actual value is compared with the expected one, or with the first. */
static int compare_values(const struct walk *walk, const struct place *place,
                          const struct json *expected, const struct json *actual)
{
    const struct matcher *each = direct_matcher(place, MATCHER_EACH_VALUE);
    for (size_t i = 0; i < json_len(actual); i++) {
        struct str key = json_key(actual, i);
        const struct json *value = json_at(actual, i);
        const struct json *template = json_find(expected, key);
        template = template ? template : json_at(expected, 0);
        template = template ? template : value; /* an empty example says nothing of its values */
        int rc =
            each ? compare_under(walk, place, (struct path_token){.kind = PATH_NAME, .name = key},
                                 each->inner, template, value)
                 : compare_member(walk, place, key, template, value);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

static int check_keys(const struct walk *walk, const struct place *place,
                      const struct matcher *matcher, const struct json *expected,
                      const struct json *actual)
{
    for (size_t i = 0; i < json_len(actual); i++) {
        int rc = check_key(walk, place, matcher, json_key(actual, i), expected);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* Whether an item satisfies a variant: the same comparison, with nobody to tell. */
static int item_is(const struct walk *walk, const struct place *place, const struct rules *rules,
                   const struct json *expected, const struct json *actual, bool *ret_yes)
{
    struct match_result counted = {0};
    struct judge quiet = *walk->judge;
    quiet.quiet = quiet.asking = true;
    quiet.result = &counted;
    struct walk below = {&quiet, walk->rules};
    int rc = compare_under(&below, place, (struct path_token){.kind = PATH_ANY_INDEX}, rules,
                           expected, actual);
    *ret_yes = counted.len == 0 && counted.dropped == 0;
    walk->judge->steps = quiet.steps;
    return rc;
}

static int find_variants(const struct walk *walk, const struct place *place,
                         const struct matcher *matcher, const struct json *expected,
                         const struct json *actual)
{
    struct rules *none = rules_new(walk->judge->arena);
    size_t n = matcher->variants.len ? matcher->variants.len : json_len(expected);
    for (size_t i = 0; i < n; i++) {
        const struct matcher_variant *variant =
            matcher->variants.len ? &matcher->variants.items[i] : NULL;
        size_t index = variant ? (size_t)variant->index : i;
        const struct json *example = json_at(expected, index);
        bool found = false;
        for (size_t k = 0; example && !found && k < json_len(actual); k++) {
            int rc = item_is(walk, place, variant && variant->rules ? variant->rules : none,
                             example, json_at(actual, k), &found);
            if (rc) {
                return rc;
            }
        }
        if (!found) {
            struct difference difference = difference_at(walk, place, expected, actual);
            difference.rule = show_matcher(walk->judge, matcher);
            struct str shown = show_json(walk->judge, example);
            difference.text = judge_say(
                walk->judge, "Variant at index %zu (%.*s) was not found in the actual list", index,
                STR_FMT(shown));
            judge_report(walk->judge, &difference);
        }
    }
    return 0;
}

/* ---- maps ---- */

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Sorted, so that a report does not depend on the order in which keys came. */
static void write_keys(const struct walk *walk, const struct json *object,
                       const struct json *not_in, struct buf *out)
{
    size_t len = 0;
    struct str *keys = ARENA_ARRAY(walk->judge->arena, struct str, json_len(object) + 1);
    for (size_t i = 0; i < json_len(object); i++) {
        struct str key = json_key(object, i);
        if (!not_in || !json_find(not_in, key)) {
            keys[len++] = key;
        }
    }
    qsort(keys, len, sizeof *keys, by_bytes);
    for (size_t i = 0; i < len; i++) {
        buf_puts(out, i ? ", " : "");
        buf_str(out, keys[i]);
    }
}

static void check_key_sets(const struct walk *walk, const struct place *place,
                           const struct json *expected, const struct json *actual)
{
    size_t missing = 0;
    for (size_t i = 0; i < json_len(expected); i++) {
        missing += !json_find_near(actual, json_key(expected, i), i);
    }
    bool extra = json_len(actual) + missing > json_len(expected);
    if (missing == 0 && (!walk->judge->request || !extra)) {
        return;
    }
    if (walk->judge->quiet) {
        report(walk, place, expected, actual, STR_NONE);
        return;
    }
    struct buf keys BUF_AUTO = BUF_INIT(LIMIT_SHOWN), got BUF_AUTO = BUF_INIT(LIMIT_SHOWN);
    struct str text;
    if (walk->judge->request) {
        write_keys(walk, expected, NULL, &keys);
        write_keys(walk, actual, NULL, &got);
        text = judge_say(walk->judge,
                         "Expected a Map with keys [%.*s] but received one with keys [%.*s]",
                         STR_FMT(buf_view(&keys)), STR_FMT(buf_view(&got)));
    } else {
        write_keys(walk, expected, actual, &keys);
        text = judge_say(walk->judge, "Actual map is missing the following keys: %.*s",
                         STR_FMT(buf_view(&keys)));
    }
    report(walk, place, expected, actual, text);
}

static int compare_maps(const struct walk *walk, const struct place *place,
                        const struct json *expected, const struct json *actual)
{
    if (walk->judge->request && json_len(expected) == 0 && json_len(actual) > 0) {
        struct str shown = show_json(walk->judge, actual);
        report(walk, place, expected, actual,
               judge_say(walk->judge, "Expected an empty Map but received %.*s", STR_FMT(shown)));
        return 0;
    }
    const struct matcher *each_key = direct_matcher(place, MATCHER_EACH_KEY);
    if (place->at.best) {
        bool done = false;
        int rc = apply_to_container(walk, place, expected, actual, &done);
        if (rc || done) {
            return rc;
        }
    }
    if (each_key) {
        int rc = check_keys(walk, place, each_key, expected, actual);
        if (rc) {
            return rc;
        }
    }
    if (direct_matcher(place, MATCHER_VALUES) || direct_matcher(place, MATCHER_EACH_VALUE)) {
        return compare_values(walk, place, expected, actual);
    }
    if (!each_key) {
        check_key_sets(walk, place, expected, actual);
    }
    for (size_t i = 0; i < json_len(expected); i++) {
        struct str key = json_key(expected, i);
        const struct json *value = json_find_near(actual, key, i);
        int rc = value ? compare_member(walk, place, key, json_at(expected, i), value) : 0;
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* ---- lists ---- */

static int compare_lists_exactly(const struct walk *walk, const struct place *place,
                                 const struct json *expected, const struct json *actual)
{
    size_t want = json_len(expected), got = json_len(actual);
    if (want == 0 && got > 0) {
        struct str shown = show_json(walk->judge, actual);
        report(walk, place, expected, actual,
               judge_say(walk->judge, "Expected an empty List but received %.*s", STR_FMT(shown)));
        return 0;
    }
    if (want != got) {
        report(walk, place, expected, actual,
               judge_say(walk->judge, "Expected a List with %zu elements but received %zu elements",
                         want, got));
    }
    for (size_t i = 0; i < want && i < got; i++) {
        int rc = compare_item(walk, place, i, json_at(expected, i), json_at(actual, i));
        if (rc) {
            return rc;
        }
    }
    return 0;
}

static int compare_lists(const struct walk *walk, const struct place *place,
                         const struct json *expected, const struct json *actual)
{
    if (!place->at.best) {
        return compare_lists_exactly(walk, place, expected, actual);
    }
    bool done = false;
    int rc = apply_to_container(walk, place, expected, actual, &done);
    if (rc || done) {
        return rc;
    }
    const struct matcher *contains = direct_matcher(place, MATCHER_ARRAY_CONTAINS);
    if (contains) {
        return find_variants(walk, place, contains, expected, actual);
    }
    const struct matcher *each = direct_matcher(place, MATCHER_EACH_VALUE);
    size_t len = json_len(expected);
    for (size_t i = 0; (len > 0 || each) && i < json_len(actual); i++) {
        /* The example is padded with its first item; items beyond the actual ones are not missing.
         * Rules for each value hold without an example too. */
        const struct json *item = json_at(actual, i);
        const struct json *template = len > 0 ? json_at(expected, i < len ? i : 0) : item;
        rc = each ? compare_under(walk, place,
                                  (struct path_token){.kind = PATH_INDEX, .index = (int64_t)i},
                                  each->inner, template, item)
                  : compare_item(walk, place, i, template, item);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* ---- any value ---- */

static int compare_by_rule(const struct walk *walk, const struct place *place,
                           const struct rule *rule, const struct json *expected,
                           const struct json *actual, bool *ret_passes)
{
    struct weighing weighing = {.rule = rule};
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        struct str why = STR_NONE;
        int rc = matcher_json(walk->judge, matcher, place->at.cascaded, expected, actual, &why);
        if (rc < 0) {
            return rc;
        }
        weigh(walk->judge, &weighing, matcher, rc, why);
    }
    *ret_passes = weighing_passes(&weighing);
    if (!*ret_passes) {
        struct difference difference = difference_at(walk, place, expected, actual);
        weighing_report(walk->judge, &weighing, &difference);
    }
    return 0;
}

/* A container was expected and something else came: only an alternative can allow it. */
static int compare_kinds(const struct walk *walk, const struct place *place,
                         const struct json *expected, const struct json *actual)
{
    const struct rule *rule = place->at.best;
    if (rule && rule->any) {
        VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
            struct str why = STR_NONE;
            /* "Not empty" names no kind, so it does not stand for another one either. */
            int rc = matcher->kind == MATCHER_NOT_EMPTY
                         ? VERDICT_NO
                         : matcher_json(walk->judge, matcher, place->at.cascaded, expected, actual,
                                        &why);
            if (rc < 0 || rc == VERDICT_YES) {
                return rc < 0 ? rc : 0;
            }
        }
    }
    struct str a = show_typed(walk->judge, actual), e = show_typed(walk->judge, expected);
    report(walk, place, expected, actual,
           judge_say(walk->judge, "Type mismatch: Expected %.*s to be the same type as %.*s",
                     STR_FMT(a), STR_FMT(e)));
    return 0;
}

static int compare(const struct walk *walk, const struct place *place, const struct json *expected,
                   const struct json *actual)
{
    static const struct matcher equality = {.kind = MATCHER_EQUALITY};
    enum json_type type = json_type(expected);
    struct judge *judge = walk->judge;
    if (judge->asking && judge->result->dropped > 0) {
        return 0;
    }
    if (!place->at.cascaded) { /* else its mark was set at the ancestor */
        fired_mark(judge, RULES_BODY, place->at.best);
    }
    judge->steps += 1 + place->at.len;
    if (judge->steps > LIMIT_MATCH_STEPS) {
        return err_set(judge->err, ERR_LIMIT,
                       "the body takes more than %u steps to compare; use fewer rules and variants",
                       LIMIT_MATCH_STEPS);
    }
    if (type == JSON_OBJECT || type == JSON_ARRAY) {
        if (!json_is(actual, type)) {
            return compare_kinds(walk, place, expected, actual);
        }
        return type == JSON_OBJECT ? compare_maps(walk, place, expected, actual)
                                   : compare_lists(walk, place, expected, actual);
    }
    bool passes;
    if (place->at.best) {
        return compare_by_rule(walk, place, place->at.best, expected, actual, &passes);
    }
    if (json_equal(expected, actual)) {
        return 0;
    }
    struct difference difference = difference_at(walk, place, expected, actual);
    int rc = matcher_json(judge, &equality, false, expected, actual, &difference.text);
    judge_report(judge, &difference);
    return rc < 0 ? rc : 0;
}

int match_json_trees(struct judge *judge, const struct json *expected, const struct json *actual,
                     const struct rules *rules)
{
    struct select_rules selected;
    select_init(&selected, rules, RULES_BODY, judge->arena);
    struct walk walk = {judge, &selected};
    struct place root = {.at = select_root(&selected)};
    return compare(&walk, &root, expected, actual);
}
