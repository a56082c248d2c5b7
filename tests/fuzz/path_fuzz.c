// SPDX-License-Identifier: Apache-2.0
/*
 * Lines of rule paths, the last one a value's place. What is accepted must print as a path that
 * means the same, and the engine's walk must choose the rule that the look-up from the root does.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/rules.h"
#include "lib/contract/select.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RULES_AT_MOST = 50 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool literal(const struct path *path)
{
    VEC_EACH(path, const struct path_token *, token) {
        if (token->kind == PATH_ANY_NAME || token->kind == PATH_ANY_INDEX)
            return false;
    }
    return true;
}

static bool same_token(const struct path_token *a, const struct path_token *b)
{
    bool name_or_index = (a->kind == PATH_NAME || a->kind == PATH_INDEX) &&
                         (b->kind == PATH_NAME || b->kind == PATH_INDEX);
    return name_or_index ? path_token_score(a, b) == 2 && path_token_score(b, a) == 2
                         : a->kind == b->kind;
}

/* A printed path may have [0] where .0 was written; they mean the same. */
static void check_print(const struct path *path, struct arena *arena)
{
    struct str printed, again;
    struct path back = {0};
    path_print(path, arena, &printed);
    must(path_parse(printed, arena, &back, NULL) == 0);
    must(back.len == path->len);
    for (size_t i = 0; i < back.len; i++)
        must(same_token(&path->items[i], &back.items[i]));
    path_print(&back, arena, &again);
    must(str_eq(printed, again));
    must(path_compare(path, &back) == 0);
    must(!literal(path) || path_weight(path, &back) > 0);
}

/* A value's place has names and numbers only. */
static struct path place_of(struct path path, struct arena *arena)
{
    struct path_token *tokens = ARENA_ARRAY(arena, struct path_token, path.len + 1);
    for (size_t i = 0; i < path.len; i++) {
        tokens[i] = path.items[i];
        if (tokens[i].kind == PATH_ANY_NAME)
            tokens[i] = (struct path_token){.kind = PATH_NAME, .name = STR("any")};
        if (tokens[i].kind == PATH_ANY_INDEX)
            tokens[i] = (struct path_token){.kind = PATH_INDEX, .index = 7};
    }
    return (struct path){.items = tokens, .len = path.len};
}

static void check_walk(const struct rules *rules, const struct path *at, struct arena *arena)
{
    struct select_rules walk;
    select_init(&walk, rules, RULES_BODY, arena);
    struct select_at place = select_root(&walk);
    for (size_t depth = 0;; depth++) {
        struct path here = {.items = at->items, .len = depth};
        bool cascaded = false;
        const struct rule *want = rules_select(rules, RULES_BODY, &here, &cascaded);
        must(place.best == want);
        must(!want || (place.cascaded == cascaded && path_weight(&want->path, &here) > 0));
        if (depth == at->len)
            break;
        place = select_step(&walk, &place, &at->items[depth]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str rest = str_make((const char *)data, size);
    struct rules *rules = rules_new(arena);
    const struct matcher type = {.kind = MATCHER_TYPE};
    struct path last = {0};
    for (int n = 0; rest.ptr && n < RULES_AT_MOST; n++) {
        struct str line = str_cut(&rest, '\n');
        struct path path = {0};
        struct err err = ERR_INIT;
        int rc = path_parse(line, arena, &path, &err);
        if (rc) {
            must(err.code == rc && err.text[0] && path.len == 0);
            must(rc != ERR_PARSE || (err.column > 0 && (size_t)err.column <= line.len + 1));
            continue;
        }
        check_print(&path, arena);
        if (rest.ptr)
            must(rules_add(rules, RULES_BODY, line, &type, arena, NULL) == 0);
        last = path;
    }
    struct path at = place_of(last, arena);
    check_walk(rules, &at, arena);
    return 0;
}
