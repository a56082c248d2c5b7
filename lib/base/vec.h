// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_VEC_H
#define TALLY_LIB_BASE_VEC_H
/*
 * Growing arrays in an arena, typed by macro:
 *
 *     struct names { VEC_OF(struct str); } names = {0};
 *     *VEC_PUSH(arena, &names) = STR("a");
 *     VEC_EACH(&names, struct str *, name) { use(*name); }
 */
#include <stddef.h>

struct arena;

#define VEC_OF(type)                                                                               \
    type *items;                                                                                   \
    size_t len;                                                                                    \
    size_t cap

/* Make room for one more; internal to VEC_PUSH. */
void *vec_grow(struct arena *arena, void *items, size_t len, size_t *cap, size_t item_size);

/* Pointer to a new, zeroed last item; valid until the next push. */
#define VEC_PUSH(arena, vec)                                                                       \
    ((vec)->items = vec_grow(arena, (vec)->items, (vec)->len, &(vec)->cap, sizeof *(vec)->items),  \
     &(vec)->items[(vec)->len++])

/* An empty array may have no items at all, and adding to a null pointer is undefined (C17 6.5.6).
 */
#define VEC_EACH(vec, ptr_type, name)                                                              \
    for (ptr_type name = (vec)->items; name && name < (vec)->items + (vec)->len; name++)

#endif
