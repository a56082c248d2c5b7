// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_BFF_ROUTES_H
#define TALLY_BFF_REFERENCE_BFF_ROUTES_H
/* The route table of the BFF and the handlers in it. */
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct exchange;
struct route;

/* The routes of a BFF with or without the push route and the test hooks. */
const struct route *bff_routes(bool push, bool hooks, struct arena *arena, size_t *ret_len);

/* bff_rest.c */
void bff_rest_transactions(struct exchange *exchange);
void bff_rest_transaction(struct exchange *exchange);
void bff_rest_me(struct exchange *exchange);
void bff_rest_products(struct exchange *exchange);
void bff_rest_notification(struct exchange *exchange);
/* bff_graphql.c */
void bff_graphql_post(struct exchange *exchange);
/* bff_describe.c */
void bff_describe_get_sdl(struct exchange *exchange);
void bff_describe_get_openapi(struct exchange *exchange);
/* bff_push.c */
void bff_push_post(struct exchange *exchange);
/* bff_hooks.c */
void bff_hooks_states(struct exchange *exchange);
void bff_hooks_messages(struct exchange *exchange);
void bff_hooks_push(struct exchange *exchange);

#endif
