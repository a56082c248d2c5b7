// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/select.h"

#include <stdlib.h>

#include "lib/base/arena.h"

static int by_preference(const void *a, const void *b)
{
    const struct rule *x = *(const struct rule *const *)a;
    const struct rule *y = *(const struct rule *const *)b;
    int order = path_compare(&x->path, &y->path);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

void select_init(struct select_rules *rules, const struct rules *all, enum rules_part part,
                 struct arena *arena)
{
    *rules = (struct select_rules){.arena = arena};
    rules->items = ARENA_ARRAY(arena, const struct rule *, all->part[part].len + 1);
    VEC_EACH(&all->part[part], const struct rule *, rule) {
        if (rule->matchers.len > 0) {
            rules->items[rules->len++] = rule;
        }
    }
    if (rules->len > 1) {
        qsort(rules->items, rules->len, sizeof rules->items[0], by_preference);
    }
}

static void push(struct select_rules *rules, uint32_t index)
{
    if (rules->top == rules->cap) {
        rules->stack =
            vec_grow(rules->arena, rules->stack, rules->top, &rules->cap, sizeof *rules->stack);
    }
    rules->stack[rules->top++] = index;
}

/* A rule that is complete here, against the best of the ancestors and of this level. */
static void consider(struct select_at *at, const struct rule *rule)
{
    if (!at->best || by_preference(&rule, &at->best) < 0) {
        at->best = rule;
        at->cascaded = false;
    }
}

struct select_at select_root(struct select_rules *rules)
{
    struct select_at at = {.from = rules->top};
    for (size_t i = 0; i < rules->len; i++) {
        if (rules->items[i]->path.len == 0) {
            consider(&at, rules->items[i]);
        } else {
            push(rules, (uint32_t)i);
        }
    }
    at.len = rules->top - at.from;
    return at;
}

struct select_at select_step(struct select_rules *rules, const struct select_at *parent,
                             const struct path_token *token)
{
    struct select_at at = {.from = rules->top,
                           .depth = parent->depth + 1,
                           .best = parent->best,
                           .cascaded = parent->best != NULL};
    for (size_t i = 0; i < parent->len; i++) {
        uint32_t index = rules->stack[parent->from + i];
        const struct path *path = &rules->items[index]->path;
        if (path_token_score(&path->items[parent->depth], token) == 0) {
            continue;
        }
        if (path->len == at.depth) {
            consider(&at, rules->items[index]);
        } else {
            push(rules, index);
        }
    }
    at.len = rules->top - at.from;
    return at;
}

void select_leave(struct select_rules *rules, const struct select_at *child)
{
    rules->top = child->from;
}
