// SPDX-License-Identifier: Apache-2.0
#include "lib/json/json_node.h"

#include "lib/base/arena.h"
#include "lib/base/hash.h"

struct json_list *json_list_new(struct arena *arena, enum json_type type, bool linked, size_t cap)
{
    size_t each = linked ? (type == JSON_OBJECT ? sizeof(struct json_member) : sizeof(void *))
                         : (type == JSON_OBJECT ? 2 * sizeof(struct json) : sizeof(struct json));
    struct json_list *list = arena_alloc(arena, sizeof *list + each * cap);
    list->cap = (uint32_t)cap;
    list->arena = arena;
    return list;
}

static struct str key_of(const struct json *object, size_t i)
{
    const struct json *key = json_key_node(object, i);
    return str_make(key->text, key->len);
}

/* The slot that holds the key's member, or the free slot where it belongs. */
static uint32_t *slot_of(const struct json *object, struct str key)
{
    struct json_index *index = object->list->index;
    uint32_t mask = index->cap - 1;
    uint32_t at = (uint32_t)hash_table(key) & mask;
    while (index->slots[at] && !str_eq(key_of(object, index->slots[at] - 1), key))
        at = (at + 1) & mask;
    return &index->slots[at];
}

long json_index_find(const struct json *object, struct str key)
{
    if (object->len == 0)
        return -1;
    if (object->list->index)
        return (long)*slot_of(object, key) - 1;
    for (size_t i = 0; i < object->len; i++) {
        if (str_eq(key_of(object, i), key))
            return (long)i;
    }
    return -1;
}

static void enter(struct json *object, size_t i)
{
    *slot_of(object, key_of(object, i)) = (uint32_t)i + 1;
}

void json_index_reserve(struct json *object, size_t members)
{
    struct json_list *list = object->list;
    if (list->index && list->index->cap >= 2 * members)
        return;
    uint32_t cap = 4 * JSON_LINEAR_KEYS;
    while (cap < 2 * members)
        cap *= 2;
    list->index = arena_alloc(list->arena, sizeof *list->index + cap * sizeof(uint32_t));
    list->index->cap = cap;
    for (size_t i = 0; i < object->len; i++)
        enter(object, i);
}

void json_index_build(struct json *object)
{
    struct json_list *list = object->list;
    if (!list || (object->len <= JSON_LINEAR_KEYS && !list->index))
        return;
    if (!list->index || list->index->cap < 2 * object->len) {
        json_index_reserve(object, object->len);
        return;
    }
    memset(list->index->slots, 0, list->index->cap * sizeof(uint32_t));
    for (size_t i = 0; i < object->len; i++)
        enter(object, i);
}

void json_index_add(struct json *object)
{
    struct json_index *index = object->list->index;
    if (index && index->cap >= 2 * object->len)
        enter(object, object->len - 1);
    else if (object->len > JSON_LINEAR_KEYS)
        json_index_reserve(object, 2 * (size_t)object->len);
}
