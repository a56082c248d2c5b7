// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_JSON_JSON_NODE_H
#define TALLY_LIB_JSON_JSON_NODE_H
/*
 * How the nodes of the document tree lie in memory; for lib/json only.
 *
 * A node is 16 bytes. The parser puts the children of a container side by side in one list (the
 * members of an object as key, value, key, value), which never moves. Whoever changes a container
 * makes it `linked` first: from then on its list holds pointers to nodes, so that a node a caller
 * holds is the node in the tree, whatever is added around it.
 */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/json/json.h"

struct arena;
struct json_list;

struct json {
    uint32_t type : 3;    /* enum json_type */
    uint32_t linked : 1;  /* container: children by pointer */
    uint32_t offset : 28; /* in the source text; LIMIT_JSON_TEXT is 2^28 */
    uint32_t built : 1;   /* not parsed: offset means nothing */
    uint32_t integer : 1; /* number without fraction and exponent */
    uint32_t len : 30;    /* bytes of text, children, members, or the boolean */
    union {
        const char *text;       /* string and number */
        struct json_list *list; /* container; NULL while empty */
    };
};
static_assert(sizeof(struct json) == 16, "nodes are many: keep them small");

/* Objects with more keys than this have a hash index. */
enum { JSON_LINEAR_KEYS = 16 };

struct json_member { /* of a linked object */
    struct json key;
    struct json *value;
};

struct json_index {   /* open addressing */
    uint32_t cap;     /* a power of two, at least twice the members */
    uint32_t slots[]; /* member number + 1; 0 = free */
};

struct json_list {
    uint32_t cap;            /* children or members there is room for */
    uint32_t repeated;       /* keys that the parser dropped */
    uint32_t repeated_first; /* where the first of them stands */
    struct arena *arena;
    struct json_index *index; /* NULL = search from the front */
    union {
        /* GNU C's zero length: two flexible arrays cannot share a union. */
        struct json nodes[0];          /* array; or object: key, value, key, value */
        struct json *refs[0];          /* linked array */
        struct json_member members[0]; /* linked object */
    };
};

/* Line and column (1-based, in bytes) of an offset in a text. */
void json_line_column(struct str text, size_t offset, int *ret_line, int *ret_column);

/* A list with room for cap children of a container of that kind. */
struct json_list *json_list_new(struct arena *arena, enum json_type type, bool linked, size_t cap);

static inline const struct json *json_key_node(const struct json *object, size_t i)
{
    return object->linked ? &object->list->members[i].key : &object->list->nodes[2 * i];
}

/* The child, or the value of the member; i has to be one of them. */
static inline const struct json *json_child(const struct json *container, size_t i)
{
    const struct json_list *list = container->list;
    if (container->type == JSON_ARRAY)
        return container->linked ? list->refs[i] : &list->nodes[i];
    return container->linked ? list->members[i].value : &list->nodes[2 * i + 1];
}

/* Number of the member with that key, or -1. */
long json_index_find(const struct json *object, struct str key);
/* Build the index anew if the object is large enough to have one. */
void json_index_build(struct json *object);
/* Give the object, whatever its size, an index for that many members. */
void json_index_reserve(struct json *object, size_t members);
/* Enter the last member, which was just added. */
void json_index_add(struct json *object);

/*
 * Exact decimal equality of two JSON numbers' texts. Exponents of more than 17 digits are equal
 * only if the texts are.
 */
bool json_decimal_equal(struct str a, struct str b);
/* The nearest double of a JSON number, whatever the locale. */
double json_decimal_to_double(struct str text);
enum { JSON_SHORTEST_LEN = 18 };
/*
 * The fewest significant digits that read back as `value` (finite, above 0), NUL-terminated
 * without leading and trailing zeros: value = 0.DIGITS * 10^exponent.
 */
void json_shortest(double value, char ret_digits[JSON_SHORTEST_LEN], int *ret_exponent);
/*
 * The same for the text of a number, without going through a double where that cannot change it:
 * false when it can, or the number is zero. The sign is left out.
 */
bool json_decimal_shortest(struct str text, char ret_digits[JSON_SHORTEST_LEN], int *ret_exponent);

#endif
