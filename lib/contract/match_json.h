// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_MATCH_JSON_H
#define TALLY_LIB_CONTRACT_MATCH_JSON_H
/*
 * The walk over two document trees (match_json.c), and what rules say of a map or a list before its
 * values are compared (match_json_rules.c). Functions return 0 or a negative err_code.
 */
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

/* ---- the walk ---- */

int walk_compare(const struct walk *walk, const struct place *place, const struct json *expected,
                 const struct json *actual);
int walk_member(const struct walk *walk, const struct place *place, struct str key,
                const struct json *expected, const struct json *actual);
/* A value under rules of its own, which begin at `$` here. */
int walk_under(const struct walk *walk, const struct place *place, struct path_token token,
               const struct rules *inner, const struct json *expected, const struct json *actual);
struct difference walk_difference(const struct walk *walk, const struct place *place,
                                  const struct json *expected, const struct json *actual);

/* ---- rules of containers ---- */

/* The rule that stands exactly here and has a matcher of that kind. */
const struct matcher *place_matcher(const struct place *place, enum matcher_kind kind);
/*
 * The governing rule on the container itself. *ret_done: equality failed, and what is below would
 * only say so again. Where it holds, rules of values below may still refuse what equals the
 * example.
 */
int walk_container(const struct walk *walk, const struct place *place, const struct json *expected,
                   const struct json *actual, bool *ret_done);
/* eachKey: whether the rules hold for the keys that came. */
int walk_keys(const struct walk *walk, const struct place *place, const struct matcher *matcher,
              const struct json *expected, const struct json *actual);
/* values, eachValue of a map: keys are free, a value answers to the example of its key or the
 * first. */
int walk_values(const struct walk *walk, const struct place *place, const struct json *expected,
                const struct json *actual);
/* arrayContains: whether some item satisfies each variant. */
int walk_variants(const struct walk *walk, const struct place *place, const struct matcher *matcher,
                  const struct json *expected, const struct json *actual);

#endif
