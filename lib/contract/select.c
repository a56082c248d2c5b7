// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/select.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/map.h"

enum { LINEAR_LITERALS = 8 };

/* ---- the tree ---- */

static int by_preference(const void *a, const void *b)
{
    const struct rule *x = *(const struct rule *const *)a;
    const struct rule *y = *(const struct rule *const *)b;
    int order = path_compare(&x->path, &y->path);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

enum { DIGITS_MAX = 20 };

/* An index as it is written, at the end of `digits`; snprintf would cost more than the walk. */
static struct str index_text(int64_t index, char digits[DIGITS_MAX])
{
    size_t at = DIGITS_MAX;
    uint64_t rest = (uint64_t)index;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    return str_make(digits + at, DIGITS_MAX - at);
}

static const struct select_node *find_literal(const struct select_node *node, struct str name)
{
    if (node->by_name) {
        return map_get(node->by_name, name);
    }
    const struct select_node *child = node->literals;
    while (child && !str_eq(child->name, name)) {
        child = child->next;
    }
    return child;
}

static struct select_node *add_literal(struct select_node *node, struct str name,
                                       struct arena *arena)
{
    struct select_node *child = (struct select_node *)find_literal(node, name);
    if (child) {
        return child;
    }
    child = ARENA_NEW(arena, struct select_node);
    child->name = name;
    child->next = node->literals;
    node->literals = child;
    size_t len = 0;
    for (const struct select_node *at = child; !node->by_name && at; at = at->next) {
        len++;
    }
    if (node->by_name) {
        map_put(node->by_name, name, child);
    } else if (len > LINEAR_LITERALS) {
        node->by_name = map_new(arena);
        for (struct select_node *at = child; at; at = at->next) {
            map_put(node->by_name, at->name, at);
        }
    }
    return child;
}

static struct select_node *add_token(struct select_node *node, const struct path_token *token,
                                     struct arena *arena)
{
    struct select_node **any = NULL;
    char digits[DIGITS_MAX];
    switch (token->kind) {
    case PATH_NAME:
        return add_literal(node, token->name, arena);
    case PATH_INDEX:
        return add_literal(node, str_dup(arena, index_text(token->index, digits)), arena);
    case PATH_ANY_NAME:
        any = &node->any_name;
        break;
    case PATH_ANY_INDEX:
        any = &node->any_index;
        break;
    }
    *any = *any ? *any : ARENA_NEW(arena, struct select_node);
    return *any;
}

const struct select_node *select_compile(const struct rules *rules, enum rules_part part,
                                         struct arena *arena)
{
    struct select_node *root = ARENA_NEW(arena, struct select_node);
    const struct rule **sorted = ARENA_ARRAY(arena, const struct rule *, rules->part[part].len + 1);
    size_t len = 0;
    VEC_EACH(&rules->part[part], const struct rule *, rule) {
        if (rule->matchers.len > 0) {
            sorted[len++] = rule;
        }
    }
    if (len > 1) {
        qsort(sorted, len, sizeof *sorted, by_preference);
    }
    for (size_t i = 0; i < len; i++) {
        struct select_node *node = root;
        VEC_EACH(&sorted[i]->path, const struct path_token *, token) {
            node = add_token(node, token, arena);
        }
        if (!node->rule) {
            node->rule = sorted[i];
            node->rank = i;
        }
    }
    return root;
}

/* ---- the walk ---- */

void select_init(struct select_rules *rules, const struct rules *all, enum rules_part part,
                 struct arena *arena)
{
    static const struct select_node none = {0};
    *rules = (struct select_rules){.root = &none, .arena = arena};
    if (all->part[part].len > 0) {
        bool prepared = part == RULES_BODY && all->body_tree;
        rules->root = prepared ? all->body_tree : select_compile(all, part, arena);
    }
}

/* A node that fits here: its rule against the best of the ancestors and of this level. */
static void enter(struct select_rules *rules, struct select_at *at, const struct select_node *node)
{
    if (!node) {
        return;
    }
    if (node->rule && (!at->best || node->rank < at->rank)) {
        at->best = node->rule;
        at->rank = node->rank;
        at->cascaded = false;
    }
    if (!node->literals && !node->any_name && !node->any_index) {
        return;
    }
    if (rules->top == rules->cap) {
        rules->stack =
            vec_grow(rules->arena, rules->stack, rules->top, &rules->cap, sizeof *rules->stack);
    }
    rules->stack[rules->top++] = node;
    at->len++;
}

struct select_at select_root(struct select_rules *rules)
{
    struct select_at at = {.from = rules->top};
    enter(rules, &at, rules->root);
    return at;
}

struct select_at select_step(struct select_rules *rules, const struct select_at *parent,
                             const struct path_token *token)
{
    struct select_at at = {.from = rules->top,
                           .best = parent->best,
                           .rank = parent->rank,
                           .cascaded = parent->best != NULL};
    if (parent->len == 0) {
        return at;
    }
    char digits[DIGITS_MAX];
    struct str name = STR_NONE; /* what a literal must be called */
    if (token->kind == PATH_NAME) {
        name = token->name;
    } else if (token->kind == PATH_INDEX) {
        name = index_text(token->index, digits);
    }
    for (size_t i = 0; i < parent->len; i++) {
        const struct select_node *node = rules->stack[parent->from + i];
        if (node->literals && name.ptr) {
            enter(rules, &at, find_literal(node, name));
        }
        enter(rules, &at, node->any_name);
        if (token->kind == PATH_INDEX) {
            enter(rules, &at, node->any_index);
        }
    }
    return at;
}

void select_leave(struct select_rules *rules, const struct select_at *child)
{
    rules->top = child->from;
}
