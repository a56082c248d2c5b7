// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/upstream.h"

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/map.h"
#include "lib/http/router.h"
#include "lib/json/json.h"

void upstream_set(struct upstream *upstream, enum seed_variant variant)
{
    arena_reset(upstream->arena);
    seed_build(upstream->service, variant, upstream->arena, &upstream->data);
    for (int i = 0; i < UPSTREAM_CALL_KINDS; i++)
        upstream->calls[i] = 0;
}

const struct json *upstream_find(const struct upstream *upstream, struct str id)
{
    for (size_t i = 0; i < json_len(upstream->data.rows); i++) {
        const struct json *row = json_at(upstream->data.rows, i);
        if (str_eq(json_get_text(row, "id"), id))
            return row;
    }
    return NULL;
}

/* Inclusive, so that two changes within one tick are never parted. */
static bool is_since(const struct json *object, const char *member, struct str since)
{
    int64_t at_us, since_us;
    return clock_parse(json_get_text(object, member), &at_us) && clock_parse(since, &since_us) &&
           at_us >= since_us;
}

static struct json *deleted_since(const struct upstream *upstream, struct str since,
                                  struct arena *arena)
{
    struct json *deleted = json_new_array(arena);
    for (size_t i = 0; i < json_len(upstream->data.deleted); i++) {
        const struct json *tombstone = json_at(upstream->data.deleted, i);
        if (is_since(tombstone, "deletedAt", since))
            json_append(arena, deleted, json_copy(arena, tombstone));
    }
    return deleted;
}

struct json *upstream_list(const struct upstream *upstream, const struct upstream_query *query,
                           struct arena *arena)
{
    struct json *page = json_new_object(arena), *items = json_new_array(arena), *next = NULL;
    for (size_t i = 0; i < json_len(upstream->data.rows); i++) {
        const struct json *row = json_at(upstream->data.rows, i);
        if (query->after.ptr && str_cmp(json_get_text(row, "id"), query->after) <= 0)
            continue;
        if (query->since.ptr && !is_since(row, "updatedAt", query->since))
            continue;
        if ((int64_t)json_len(items) == query->limit) {
            const struct json *last = json_at(items, json_len(items) - 1);
            next = json_copy(arena, json_get(last, "id"));
            break;
        }
        json_append(arena, items, json_copy(arena, row));
    }
    json_set(arena, page, "items", items);
    json_set(arena, page, "next", next ? next : json_new_null(arena));
    json_set(arena, page, "watermark", json_new_text(arena, upstream->data.as_of));
    if (query->since.ptr)
        json_set(arena, page, "deleted",
                 query->after.ptr ? json_new_array(arena)
                                  : deleted_since(upstream, query->since, arena));
    return page;
}

struct json *upstream_batch(const struct upstream *upstream, struct str ids, struct arena *arena)
{
    struct json *page = json_new_object(arena), *items = json_new_array(arena);
    struct map *seen = map_new(arena);
    while (ids.ptr) {
        struct str id = str_cut(&ids, ',');
        const struct json *row = upstream_find(upstream, id);
        if (!row || map_has(seen, id))
            continue;
        map_put(seen, id, page);
        json_append(arena, items, json_copy(arena, row));
    }
    json_set(arena, page, "items", items);
    return page;
}
