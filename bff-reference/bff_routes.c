// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/bff_routes.h"

#include "lib/base/arena.h"
#include "lib/http/router.h"

enum { ALWAYS, WITH_PUSH, WITH_HOOKS };

static const struct route table[] = {
    {"GET", "/v1/transactions", bff_rest_transactions, ALWAYS},
    {"GET", "/v1/transactions/{id}", bff_rest_transaction, ALWAYS},
    {"GET", "/v1/me", bff_rest_me, ALWAYS},
    {"GET", "/v1/products", bff_rest_products, ALWAYS},
    {"GET", "/v1/notifications/{id}", bff_rest_notification, ALWAYS},
    {"POST", "/graphql", bff_graphql_post, ALWAYS},
    {"GET", "/openapi.json", bff_describe_get_openapi, ALWAYS},
    {"GET", "/schema.graphql", bff_describe_get_sdl, ALWAYS},
    {"POST", "/internal/push", bff_push_post, WITH_PUSH},
    {"POST", "/_tally/states", bff_hooks_states, WITH_HOOKS},
    {"POST", "/_tally/messages", bff_hooks_messages, WITH_HOOKS},
    {"POST", "/_tally/push", bff_hooks_push, WITH_HOOKS},
};

const struct route *bff_routes(bool push, bool hooks, struct arena *arena, size_t *ret_len)
{
    size_t n = sizeof table / sizeof *table, len = 0;
    struct route *routes = ARENA_ARRAY(arena, struct route, n);
    for (size_t i = 0; i < n; i++)
        if (table[i].tag == ALWAYS || (table[i].tag == WITH_PUSH && push) ||
            (table[i].tag == WITH_HOOKS && hooks))
            routes[len++] = table[i];
    *ret_len = len;
    return routes;
}
