// SPDX-License-Identifier: Apache-2.0
#include "lib/base/map.h"

#include <assert.h>

#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/base/vec.h"

/*
 * Entries in insertion order, and beside them an open-addressing index of entry numbers (+1, 0 is
 * empty), at most half full. Nothing is ever removed, so there are no tombstones.
 */
enum { FIRST_INDEX = 16 };

struct map {
    struct arena *arena;
    VEC_OF(struct map_entry);
    uint64_t *hashes; /* of the entries, with room for index_len / 2 */
    uint32_t *index;
    size_t index_len; /* a power of two */
};

struct map *map_new(struct arena *arena)
{
    struct map *map = ARENA_NEW(arena, struct map);
    map->arena = arena;
    return map;
}

/* Where key is in the index, or the empty place where it belongs. */
static size_t find_place(const struct map *map, struct str key, uint64_t hash)
{
    size_t mask = map->index_len - 1;
    size_t place = (size_t)hash & mask;
    while (map->index[place] != 0) {
        size_t i = map->index[place] - 1;
        if (map->hashes[i] == hash && str_eq(map->items[i].key, key))
            break;
        place = (place + 1) & mask;
    }
    return place;
}

static void grow_index(struct map *map)
{
    size_t index_len = map->index_len > 0 ? map->index_len * 2 : FIRST_INDEX;
    uint64_t *hashes = ARENA_ARRAY(map->arena, uint64_t, index_len / 2);
    uint32_t *index = ARENA_ARRAY(map->arena, uint32_t, index_len);
    for (size_t i = 0; i < map->len; i++) {
        hashes[i] = map->hashes[i];
        size_t place = (size_t)hashes[i] & (index_len - 1);
        while (index[place] != 0)
            place = (place + 1) & (index_len - 1);
        index[place] = (uint32_t)(i + 1);
    }
    map->hashes = hashes;
    map->index = index;
    map->index_len = index_len;
}

void **map_slot(struct map *map, struct str key)
{
    uint64_t hash = hash_table(key);
    if (map->index_len > 0) {
        size_t place = find_place(map, key, hash);
        if (map->index[place] != 0)
            return &map->items[map->index[place] - 1].value;
    }
    if (map->len >= map->index_len / 2)
        grow_index(map);
    assert(map->len < UINT32_MAX);
    size_t place = find_place(map, key, hash);
    map->hashes[map->len] = hash;
    map->index[place] = (uint32_t)(map->len + 1);
    struct map_entry *entry = VEC_PUSH(map->arena, map);
    entry->key = key;
    return &entry->value;
}

static const struct map_entry *find(const struct map *map, struct str key)
{
    if (map->len == 0)
        return NULL;
    size_t place = find_place(map, key, hash_table(key));
    return map->index[place] != 0 ? &map->items[map->index[place] - 1] : NULL;
}

void *map_get(const struct map *map, struct str key)
{
    const struct map_entry *entry = find(map, key);
    return entry ? entry->value : NULL;
}

bool map_has(const struct map *map, struct str key)
{
    return find(map, key) != NULL;
}

void map_put(struct map *map, struct str key, void *value)
{
    *map_slot(map, key) = value;
}

size_t map_len(const struct map *map)
{
    return map->len;
}

const struct map_entry *map_at(const struct map *map, size_t i)
{
    assert(i < map->len);
    return &map->items[i];
}
