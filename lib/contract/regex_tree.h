// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_REGEX_TREE_H
#define TALLY_LIB_CONTRACT_REGEX_TREE_H
/*
 * A regular expression as a tree of what texts it stands for, for generate_regex.c. Assertions are
 * left out or kept as hints: whoever makes a text from the tree has the expression itself judge it.
 */
#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;

enum regex_kind {
    REGEX_TEXT,     /* these bytes */
    REGEX_SET,      /* one of these characters */
    REGEX_SEQUENCE, /* all children */
    REGEX_CHOICE,   /* one of the children */
    REGEX_REPEAT,   /* the child, several times */
    REGEX_GROUP,    /* the child, kept under a number */
    REGEX_BACK,     /* what a group kept */
    REGEX_AHEAD,    /* the child is what should stand here */
};

struct regex_set {
    struct str source; /* options and all */
    VEC_OF(struct str);
};
struct regex_node {
    enum regex_kind kind;
    struct str text;             /* TEXT: bytes; BACK: name, absent when by number */
    const struct regex_set *set; /* SET */
    struct {
        VEC_OF(struct regex_node *);
    } children;
    int64_t min, max; /* REPEAT; max -1 = no most */
    size_t group;     /* GROUP, BACK: from 1 */
};
struct regex_name {
    struct str name;
    size_t group;
};
struct regex_tree {
    struct regex_node *root;
    size_t groups;
    struct {
        VEC_OF(struct regex_name);
    } names;
};

/* NULL, or what of the expression, which compiles, is not understood. The text is borrowed. */
const char *regex_tree(struct str regex, struct arena *arena, struct regex_tree *ret);

#endif
