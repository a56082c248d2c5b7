// SPDX-License-Identifier: Apache-2.0
/*
 * Two document trees under the rules of a body. The walk follows the expected tree; the place it
 * stands at carries the rule that governs there. Source: pact-semantics, sections 7 and 8.
 */
#include "lib/contract/match_json.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"

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

struct difference walk_difference(const struct walk *walk, const struct place *place,
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
    struct difference difference = walk_difference(walk, place, expected, actual);
    difference.text = text;
    judge_report(walk->judge, &difference);
}

static struct place step(const struct walk *walk, const struct place *parent,
                         struct path_token token)
{
    return (struct place){
        .parent = parent, .token = token, .at = select_step(walk->rules, &parent->at, &token)};
}

int walk_member(const struct walk *walk, const struct place *place, struct str key,
                const struct json *expected, const struct json *actual)
{
    struct place child = step(walk, place, (struct path_token){.kind = PATH_NAME, .name = key});
    int rc = walk_compare(walk, &child, expected, actual);
    select_leave(walk->rules, &child.at);
    return rc;
}

static int compare_item(const struct walk *walk, const struct place *place, size_t index,
                        const struct json *expected, const struct json *actual)
{
    struct place child =
        step(walk, place, (struct path_token){.kind = PATH_INDEX, .index = (int64_t)index});
    int rc = walk_compare(walk, &child, expected, actual);
    select_leave(walk->rules, &child.at);
    return rc;
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
    const struct matcher *each_key = place_matcher(place, MATCHER_EACH_KEY);
    if (place->at.best) {
        bool done = false;
        int rc = walk_container(walk, place, expected, actual, &done);
        if (rc || done) {
            return rc;
        }
    }
    if (each_key) {
        int rc = walk_keys(walk, place, each_key, expected, actual);
        if (rc) {
            return rc;
        }
    }
    if (place_matcher(place, MATCHER_VALUES) || place_matcher(place, MATCHER_EACH_VALUE)) {
        return walk_values(walk, place, expected, actual);
    }
    if (!each_key) {
        check_key_sets(walk, place, expected, actual);
    }
    for (size_t i = 0; i < json_len(expected); i++) {
        struct str key = json_key(expected, i);
        const struct json *value = json_find_near(actual, key, i);
        int rc = value ? walk_member(walk, place, key, json_at(expected, i), value) : 0;
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
    int rc = walk_container(walk, place, expected, actual, &done);
    if (rc || done) {
        return rc;
    }
    const struct matcher *contains = place_matcher(place, MATCHER_ARRAY_CONTAINS);
    if (contains) {
        return walk_variants(walk, place, contains, expected, actual);
    }
    const struct matcher *each = place_matcher(place, MATCHER_EACH_VALUE);
    size_t len = json_len(expected);
    for (size_t i = 0; (len > 0 || each) && i < json_len(actual); i++) {
        /* The example is padded with its first item; items beyond the actual ones are not missing.
         * Rules for each value hold without an example too. */
        const struct json *item = json_at(actual, i);
        const struct json *template = len > 0 ? json_at(expected, i < len ? i : 0) : item;
        rc = each ? walk_under(walk, place,
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
        struct difference difference = walk_difference(walk, place, expected, actual);
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

int walk_compare(const struct walk *walk, const struct place *place, const struct json *expected,
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
    struct difference difference = walk_difference(walk, place, expected, actual);
    int rc = matcher_json(judge, &equality, false, expected, actual, &difference.text);
    judge_report(judge, &difference);
    return rc < 0 ? rc : 0;
}

int walk_under(const struct walk *walk, const struct place *place, struct path_token token,
               const struct rules *inner, const struct json *expected, const struct json *actual)
{
    struct select_rules rules;
    select_init(&rules, inner, RULES_BODY, walk->judge->arena);
    struct walk below = {walk->judge, &rules};
    struct place child = {.parent = place, .token = token, .at = select_root(&rules)};
    return walk_compare(&below, &child, expected, actual);
}

int match_json_trees(struct judge *judge, const struct json *expected, const struct json *actual,
                     const struct rules *rules)
{
    struct select_rules selected;
    select_init(&selected, rules, RULES_BODY, judge->arena);
    struct walk walk = {judge, &selected};
    struct place root = {.at = select_root(&selected)};
    return walk_compare(&walk, &root, expected, actual);
}
