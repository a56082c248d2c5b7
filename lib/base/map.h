// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_MAP_H
#define TALLY_LIB_BASE_MAP_H
/*
 * Hash map from byte strings to pointers, in an arena, iterated in insertion order. The hash is
 * seeded per process, so that a peer cannot choose colliding keys.
 */
#include "lib/base/str.h"

struct arena;
struct map;

struct map_entry {
    struct str key;
    void *value;
};

struct map *map_new(struct arena *arena);
/*
 * The slot of key, created with a NULL value if absent; valid until another key is created. Keys
 * are borrowed.
 */
void **map_slot(struct map *map, struct str key);
void *map_get(const struct map *map, struct str key); /* NULL if absent */
bool map_has(const struct map *map, struct str key);
void map_put(struct map *map, struct str key, void *value);
size_t map_len(const struct map *map);
const struct map_entry *map_at(const struct map *map, size_t i); /* insertion order */

#endif
