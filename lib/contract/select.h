// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_SELECT_H
#define TALLY_LIB_CONTRACT_SELECT_H
/*
 * Which rule governs a value: the parts of path handling that only the engine needs. The rules of a
 * part are put in order of preference and into a tree over the tokens of their paths once; a walk
 * down a document carries the nodes whose path fits so far and the best rule that is complete, so
 * that nothing is looked up from the root again and a token costs as much as the nodes that fit.
 */
#include "lib/contract/rules.h"

struct buf;
struct map;

/* 2 literal match, 1 wildcard match, 0 no match. Source: pact-semantics, section 7. */
unsigned path_token_score(const struct path_token *rule, const struct path_token *at);
/* Negative when a rule at `a` is preferred to one at `b` for a value both apply to; 0 = a tie. */
int path_compare(const struct path *a, const struct path *b);
void path_token_write(const struct path_token *token, struct buf *out);

/* All rules whose paths begin with the same tokens. */
struct select_node {
    const struct rule *rule; /* the best that ends here, or NULL */
    size_t rank;             /* its place in the order of preference */
    struct select_node *any_name, *any_index;
    struct select_node *literals; /* in no order, chained by `next` */
    struct map *by_name;          /* the same, when there are many of them */
    struct str name;              /* of a literal; an index has its digits */
    struct select_node *next;
};

/* The rules of one part, ready for a walk. Nothing of it changes afterwards. */
const struct select_node *select_compile(const struct rules *rules, enum rules_part part,
                                         struct arena *arena);

struct select_rules { /* a walk */
    const struct select_node *root;
    const struct select_node **stack; /* nodes that fit, of all levels of the walk */
    size_t top, cap;
    struct arena *arena;
};
/* Where a walk stands. */
struct select_at {
    size_t from, len; /* nodes with something below: stack[from .. from + len) */
    size_t rank;
    const struct rule *best;
    bool cascaded; /* best stands on an ancestor */
};

/* Takes what rules_prepare() left, else compiles into the arena. */
void select_init(struct select_rules *rules, const struct rules *all, enum rules_part part,
                 struct arena *arena);
/* The root of a document. */
struct select_at select_root(struct select_rules *rules);
/* One step down; release with select_leave(at the same level) when done with the child. */
struct select_at select_step(struct select_rules *rules, const struct select_at *parent,
                             const struct path_token *token);
void select_leave(struct select_rules *rules, const struct select_at *child);

#endif
