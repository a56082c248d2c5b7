// SPDX-License-Identifier: Apache-2.0
/* The operations of a provider and who uses them. Beyond the original's API. */
#include "broker/routes.h"

#include <stdlib.h>

#include "broker/call.h"
#include "broker/links.h"
#include "broker/method_view.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/json/json.h"

/* Uses of one operation, with what its item in the list needs. */
struct operation {
    const char *name;
    struct json *consumers; /* names */
    bool in_use;
};

static struct operation *need(struct map *by_name, struct str name, struct arena *arena)
{
    const char *key = str_cstr(arena, name);
    void **slot = map_slot(by_name, str_of(key));
    struct operation *operation = *slot;
    if (!operation) {
        operation = *slot = ARENA_NEW(arena, struct operation);
        *operation = (struct operation){key, json_new_array(arena), false};
    }
    return operation;
}

static int by_operation_name(const void *a, const void *b)
{
    return strcmp((*(struct operation *const *)a)->name, (*(struct operation *const *)b)->name);
}

/* Interactions whose operation cannot be told are named, not left out. */
static void add_untold(struct call *call, const struct use *use, struct map *seen,
                       struct json *list)
{
    struct str key =
        str_printf(call->arena, "%s/%.*s", use->consumer, STR_FMT(use->row.description));
    if (map_has(seen, key))
        return;
    struct json *item = json_new_object(call->arena);
    map_put(seen, key, item);
    call_set(call, item, "consumer", use->consumer);
    method_set_str(call, item, "method", use->row.method);
    method_set_str(call, item, "description", use->row.description);
    json_append(call->arena, list, item);
}

static int collect(struct call *call, int64_t provider_id, struct map *by_name, struct json *untold,
                   struct err *err)
{
    struct names ever = {0};
    struct uses uses = {0};
    struct map *seen = map_new(call->arena);
    if (store_operation_names(call->store, provider_id, call->arena, &ever, err) < 0 ||
        store_uses_of_provider(call->store, provider_id, NULL, call->arena, &uses, err) < 0)
        return err->code;
    VEC_EACH(&ever, const char **, name)
        need(by_name, str_of(*name), call->arena);
    VEC_EACH(&uses, const struct use *, use) {
        if (!use->row.operation.ptr) {
            add_untold(call, use, seen, untold);
            continue;
        }
        struct operation *operation = need(by_name, use->row.operation, call->arena);
        operation->in_use = true;
        method_add_text(call, operation->consumers, str_of(use->consumer));
    }
    return 0;
}

static void list_operations(struct call *call, const char *provider, const struct map *by_name,
                            const struct page *page, struct json *list)
{
    struct arena *arena = call->arena;
    size_t n = map_len(by_name), from = (size_t)((page->number - 1) * page->size);
    struct operation **sorted = ARENA_ARRAY(arena, struct operation *, n);
    for (size_t i = 0; i < n; i++)
        sorted[i] = map_at(by_name, i)->value;
    if (n > 1)
        qsort(sorted, n, sizeof *sorted, by_operation_name);
    for (size_t i = from; i < n && i < from + (size_t)page->size; i++) {
        struct json *item = json_new_object(arena), *links = json_new_object(arena);
        call_set(call, item, "operation", sorted[i]->name);
        json_set(arena, item, "inUse", json_new_bool(arena, sorted[i]->in_use));
        json_set(arena, item, "consumers", sorted[i]->consumers);
        json_set(arena, links, "self",
                 link_make(call, "h", operation_url(call, provider, sorted[i]->name)));
        json_set(arena, item, "_links", links);
        json_append(arena, list, item);
    }
}

int operations_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct pacticipant provider = {0};
    struct page page = {0};
    struct map *by_name = map_new(arena);
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *links = json_new_object(arena), *list = json_new_array(arena),
                *untold = json_new_array(arena);
    if (!method_page(call, &page))
        return 0;
    int code = call_pacticipant(call, "pacticipant", "provider", &provider, err);
    if (code <= 0)
        return code;
    code = collect(call, provider.id, by_name, untold, err);
    if (code < 0)
        return code;
    page.total = (int64_t)map_len(by_name);
    list_operations(call, provider.name, by_name, &page, list);
    json_set(arena, links, "self", link_make(call, "h", call_self(call)));
    call_page_members(call, &page, body, links);
    json_set(arena, body, "operationUnknown", untold);
    json_set(arena, embedded, "operations", list);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, links, "pb:pacticipant",
             link_make(call, "nh", provider.name, link_pacticipant(call, provider.name)));
    method_curies(call, links);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

/* ---- one operation ---- */

/* {consumer, name, mapped, inUse, releases} for the uses of one method of one consumer. */
static int add_user(struct call *call, const struct use *uses, size_t n, bool in_use,
                    struct json *list, struct err *err)
{
    struct arena *arena = call->arena;
    struct json *item = json_new_object(arena), *links = json_new_object(arena),
                *releases = json_new_array(arena);
    struct uses own = {.items = arena_copy(arena, uses, n * sizeof *uses), .len = n, .cap = n};
    struct placements live = {0};
    if (in_use && (store_live(call->store, uses->consumer_id, arena, &live, err) < 0 ||
                   method_releases(call, &own, &live, releases, err) < 0))
        return err->code;
    call_set(call, item, "consumer", uses->consumer);
    method_set_str(call, item, "name", uses->row.name);
    json_set(arena, item, "mapped", json_new_bool(arena, uses->row.method.ptr != NULL));
    json_set(arena, item, "inferred", json_new_bool(arena, uses->row.inferred));
    json_set(arena, item, "inUse", json_new_bool(arena, in_use));
    json_set(arena, item, "releases", releases);
    json_set(
        arena, links, "tally:method",
        link_make(call, "h", method_url(call, uses->consumer, str_cstr(arena, uses->row.name))));
    json_set(arena, links, "pb:consumer",
             link_make(call, "nh", uses->consumer, link_pacticipant(call, uses->consumer)));
    json_set(arena, item, "_links", links);
    json_append(arena, list, item);
    return 0;
}

static bool same_user(const struct use *a, const struct use *b)
{
    return a->consumer_id == b->consumer_id && str_eq(a->row.name, b->row.name);
}

/* Uses of one method stand together. Those that were shown already are left out. */
static int add_users(struct call *call, const struct uses *uses, bool in_use, struct map *seen,
                     struct json *list, struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < uses->len; i += n) {
        const struct use *use = &uses->items[i];
        struct str key = str_printf(call->arena, "%lld %.*s", (long long)use->consumer_id,
                                    STR_FMT(use->row.name));
        for (n = 1; i + n < uses->len && same_user(use, &use[n]);)
            n++;
        if (map_has(seen, key))
            continue;
        map_put(seen, key, list);
        if (add_user(call, use, n, in_use, list, err) < 0)
            return err->code;
    }
    return 0;
}

int operation_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct pacticipant provider = {0};
    struct uses uses = {0}, ever = {0};
    struct map *seen = map_new(arena);
    struct json *body = json_new_object(arena), *links = json_new_object(arena),
                *list = json_new_array(arena);
    const char *name = call_param(call, "operation");
    int code = call_pacticipant(call, "pacticipant", "provider", &provider, err);
    if (code <= 0)
        return code;
    code = store_uses_of_provider(call->store, provider.id, name, arena, &uses, err);
    if (code >= 0)
        code = store_interactions_of_operation(call->store, provider.id, name, arena, &ever, err);
    if (code >= 0)
        code = add_users(call, &uses, true, seen, list, err);
    if (code >= 0)
        code = add_users(call, &ever, false, seen, list, err);
    if (code < 0)
        return code;
    if (json_len(list) == 0)
        return call_error(call, 404, "No contract with %s uses an operation '%s'", provider.name,
                          name);
    call_set(call, body, "operation", name);
    call_set(call, body, "provider", provider.name);
    json_set(arena, body, "inUse", json_new_bool(arena, uses.len > 0));
    json_set(arena, body, "users", list);
    json_set(arena, links, "self", link_make(call, "nh", name, call_self(call)));
    json_set(arena, links, "tally:operations",
             link_make(call, "h", link_to(call, "/pacticipants/{}/operations", provider.name)));
    method_curies(call, links);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}
