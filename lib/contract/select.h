// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_SELECT_H
#define TALLY_LIB_CONTRACT_SELECT_H
/*
 * Which rule governs a value: the parts of path handling that only the engine needs. Rules are put
 * in order of preference once; a walk down a document then carries the rules whose path still fits
 * and the best one that is complete, so that nothing is looked up from the root again.
 */
#include "lib/contract/rules.h"

struct buf;

/* 2 literal match, 1 wildcard match, 0 no match. Source: pact-semantics, section 7. */
unsigned path_token_score(const struct path_token *rule, const struct path_token *at);
/* Negative when a rule at `a` is preferred to one at `b` for a value both apply to; 0 = a tie. */
int path_compare(const struct path *a, const struct path *b);
void path_token_write(const struct path_token *token, struct buf *out);

/* Rules of one part, best first. */
struct select_rules {
    const struct rule **items;
    size_t len;
    uint32_t *stack; /* open candidates of all levels of the walk, as indices into items */
    size_t top, cap;
    struct arena *arena;
};
/* Where a walk stands. */
struct select_at {
    size_t from, len; /* candidates: stack[from .. from + len) */
    size_t depth;     /* tokens walked since `$` of these rules */
    const struct rule *best;
    bool cascaded; /* best stands on an ancestor */
};

void select_init(struct select_rules *rules, const struct rules *all, enum rules_part part,
                 struct arena *arena);
/* The root of a document. */
struct select_at select_root(struct select_rules *rules);
/* One step down; release with select_leave(at the same level) when done with the child. */
struct select_at select_step(struct select_rules *rules, const struct select_at *parent,
                             const struct path_token *token);
void select_leave(struct select_rules *rules, const struct select_at *child);

#endif
