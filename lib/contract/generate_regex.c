// SPDX-License-Identifier: Apache-2.0
/* Texts for the regular expressions that contracts hold: made from their tree, then judged. */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/contract/generate_value.h"
#include "lib/contract/regex_tree.h"

enum {
    TRIES = 200,
    STEPS = 200000,     /* nodes of one try */
    ALL_STEPS = 2000000 /* of all tries */
};

/* What a group took. */
struct span {
    size_t at, len;
};
struct making {
    const struct generate_context *context;
    const struct regex_tree *tree;
    struct span *groups; /* by number */
    struct buf *out;
    unsigned open; /* repeats without an end around this place */
    long steps;
};

static void make(struct making *making, const struct regex_node *node);

/* Few more where repeats without an end stand in one another. */
static int64_t more(const struct making *making)
{
    static const int64_t most[] = {20, 5, 2};
    return making->open < sizeof most / sizeof *most ? most[making->open] : 1;
}

static void make_repeat(struct making *making, const struct regex_node *node)
{
    int64_t max = node->max >= 0 ? node->max : node->min + more(making);
    uint64_t times =
        (uint64_t)node->min + generate_below(making->context, (uint64_t)(max - node->min) + 1);
    making->open += node->max < 0;
    for (; times > 0 && making->steps < STEPS && !making->out->overflow; times--) {
        make(making, node->children.items[0]);
    }
    making->open -= node->max < 0;
}

static void make_back(struct making *making, const struct regex_node *node)
{
    size_t group = node->group;
    VEC_EACH(&making->tree->names, const struct regex_name *, name) {
        if (node->text.ptr && str_eq(name->name, node->text)) {
            group = name->group;
        }
    }
    if (group == 0 || group > making->tree->groups) {
        return;
    }
    struct span span = making->groups[group];
    char *to = buf_reserve(making->out, span.len);
    if (to && span.len > 0) { /* from where the text lies now */
        memcpy(to, making->out->ptr + span.at, span.len);
        buf_commit(making->out, span.len);
    }
}

static void make_group(struct making *making, const struct regex_node *node)
{
    struct span span = {.at = making->out->len};
    make(making, node->children.items[0]);
    span.len = making->out->len - span.at;
    making->groups[node->group] = span;
}

static void make(struct making *making, const struct regex_node *node)
{
    const struct generate_context *context = making->context;
    if (++making->steps > STEPS) {
        return;
    }
    switch (node->kind) {
    case REGEX_TEXT:
        buf_str(making->out, node->text);
        break;
    case REGEX_SET:
        buf_str(making->out, node->set->items[generate_below(context, node->set->len)]);
        break;
    case REGEX_SEQUENCE:
        for (size_t i = 0; i < node->children.len; i++) {
            make(making, node->children.items[i]);
        }
        break;
    case REGEX_CHOICE:
        make(making, node->children.items[generate_below(context, node->children.len)]);
        break;
    case REGEX_REPEAT:
        make_repeat(making, node);
        break;
    case REGEX_GROUP:
        make_group(making, node);
        break;
    case REGEX_BACK:
        make_back(making, node);
        break;
    case REGEX_AHEAD:
        if (generate_below(context, 2) == 1) {
            make(making, node->children.items[0]);
        }
        break;
    }
}

const char *generate_regex(struct str regex, const struct generate_context *context,
                           struct buf *out)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct regex_tree tree;
    const struct re *re = NULL;
    const char *unknown = regex_tree(regex, arena, &tree);
    long steps = 0;
    if (unknown) {
        return unknown;
    }
    if (re_get(regex, RE_WHOLE, &re, NULL) != 0) {
        return "it does not compile";
    }
    struct making making = {.context = context, .tree = &tree, .out = out};
    for (int i = 0; i < TRIES && steps < ALL_STEPS; i++) {
        buf_clear(out);
        making.steps = 0;
        making.groups = ARENA_ARRAY(arena, struct span, tree.groups + 1);
        make(&making, tree.root);
        steps += making.steps;
        if (out->overflow || making.steps > STEPS) {
            continue;
        }
        int matches = re_test(re, buf_view(out), NULL);
        if (matches != 0) {
            return matches == 1 ? NULL : "matching takes too long";
        }
    }
    return out->overflow || making.steps > STEPS ? "the text becomes too long"
                                                 : "none of many tries matched";
}
