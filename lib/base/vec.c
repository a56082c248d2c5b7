// SPDX-License-Identifier: Apache-2.0
#include "lib/base/vec.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/arena.h"

/* Most lists stay short, so that room for many large items would mostly be waste. */
static size_t first_cap(size_t item_size)
{
    return item_size > 64 ? 2 : item_size > 24 ? 4 : 8;
}

void *vec_grow(struct arena *arena, void *items, size_t len, size_t *cap, size_t item_size)
{
    if (len == *cap) {
        size_t new_cap = *cap > 0 ? *cap * 2 : first_cap(item_size);
        if (new_cap > SIZE_MAX / 2 / item_size)
            arena_exhausted(SIZE_MAX);
        void *grown = arena_alloc(arena, new_cap * item_size);
        if (len > 0)
            memcpy(grown, items, len * item_size);
        *cap = new_cap;
        return grown;
    }
    /* The place may have been used before, by an item that was popped. */
    memset((char *)items + len * item_size, 0, item_size);
    return items;
}
