// SPDX-License-Identifier: Apache-2.0
/* What rules say of a map or a list itself, of its keys and its variants. pact-semantics, 8. */
#include "lib/contract/match_json.h"

const struct matcher *place_matcher(const struct place *place, enum matcher_kind kind)
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
    case MATCHER_EACH_KEY: /* a list has no keys, section 8.3: ignored on the list itself */
        return VERDICT_YES;
    case MATCHER_ARRAY_CONTAINS:
        if (list || place->at.cascaded) {
            return VERDICT_YES;
        }
        break;
    case MATCHER_NULL:
    case MATCHER_STATUS_CODE:
        if (place->at.cascaded) {
            return VERDICT_NEUTRAL;
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

int walk_container(const struct walk *walk, const struct place *place, const struct json *expected,
                   const struct json *actual, bool *ret_done)
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
        struct difference difference = walk_difference(walk, place, expected, actual);
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
            struct difference difference = walk_difference(walk, &child, expected, NULL);
            difference.expected = show_text(judge, example);
            difference.actual = show_text(judge, key);
            weighing_report(judge, &weighing, &difference);
        }
    }
    return 0;
}

int walk_values(const struct walk *walk, const struct place *place, const struct json *expected,
                const struct json *actual)
{
    const struct matcher *each = place_matcher(place, MATCHER_EACH_VALUE);
    for (size_t i = 0; i < json_len(actual); i++) {
        struct str key = json_key(actual, i);
        const struct json *value = json_at(actual, i);
        const struct json *template = json_find(expected, key);
        template = template ? template : json_at(expected, 0);
        template = template ? template : value; /* an empty example says nothing of its values */
        int rc = each ? walk_under(walk, place, (struct path_token){.kind = PATH_NAME, .name = key},
                                   each->inner, template, value)
                      : walk_member(walk, place, key, template, value);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

int walk_keys(const struct walk *walk, const struct place *place, const struct matcher *matcher,
              const struct json *expected, const struct json *actual)
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
    int rc = walk_under(&below, place, (struct path_token){.kind = PATH_ANY_INDEX}, rules, expected,
                        actual);
    *ret_yes = counted.len == 0 && counted.dropped == 0;
    walk->judge->steps = quiet.steps;
    return rc;
}

int walk_variants(const struct walk *walk, const struct place *place, const struct matcher *matcher,
                  const struct json *expected, const struct json *actual)
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
            struct difference difference = walk_difference(walk, place, expected, actual);
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
