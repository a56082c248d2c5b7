// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_BFF_H
#define TALLY_BFF_REFERENCE_BFF_H
/*
 * The BFF as a whole: one loop, one thread, a bounded queue per upstream. It gathers and shapes
 * what the upstreams know and decides nothing about it.
 */
#include "bff-reference/fault.h"
#include "bff-reference/problem.h"
#include "bff-reference/seed.h"

struct arena;
struct client_pool;
struct err;
struct exchange;
struct gql_schema;
struct json;
struct loop;
struct router;

struct bff_config {
    const char *urls[SERVICE_COUNT];
    const char *push_url;   /* NULL = no push route */
    const char *cursor_key; /* signs cursors; shared by all processes of one deployment */
    int upstream_timeout_ms;
    struct fault_set faults;
    bool hooks;
};

struct bff {
    struct bff_config config;
    struct loop *loop;
    struct arena *arena; /* lives as long as the BFF */
    struct client_pool *pools[SERVICE_COUNT], *push_pool;
    struct router *router;
    struct str sdl, openapi; /* what this build serves */
    struct gql_schema *schema;
};

/* The config's strings are borrowed. Errors: ERR_INTERNAL a description of ours is malformed. */
int bff_init(struct bff *bff, const struct bff_config *config, struct loop *loop, struct err *err);
/* Calls in flight end with an error, which answers their requests: release before the server. */
void bff_release(struct bff *bff);

static inline bool bff_fault(const struct bff *bff, enum fault fault)
{
    return fault_on(bff->config.faults, fault);
}

/* The request handler; the server's context is the BFF. */
void bff_handle(struct exchange *exchange);
/* Answers of all routes; here is where faults of the answer itself come in. */
void bff_reply_json(struct exchange *exchange, int status, const struct json *value);
void bff_reply(struct exchange *exchange, int status, const char *content_type, struct str body);
void bff_reply_problem(struct exchange *exchange, const struct problem *problem);

#endif
