// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_UPSTREAM_H
#define TALLY_BFF_REFERENCE_UPSTREAM_H
/*
 * One upstream service: rows in memory, read over REST by key, in batches and as a keyset listing
 * with deltas; provider states choose the rows. One loop, one thread.
 */
#include <stddef.h>

#include "bff-reference/seed.h"

struct arena;
struct exchange;
struct json;
struct router;

enum upstream_call { UPSTREAM_LIST, UPSTREAM_BATCH, UPSTREAM_SINGLE, UPSTREAM_CALL_KINDS };

struct upstream {
    enum service service;
    struct arena *arena; /* of the data; emptied by each change of state */
    struct seed data;
    struct router *router;
    size_t calls[UPSTREAM_CALL_KINDS]; /* since the last change of state */
};

void upstream_init(struct upstream *upstream, enum service service);
void upstream_release(struct upstream *upstream);
void upstream_set(struct upstream *upstream, enum seed_variant variant);

struct upstream_query {
    struct str after; /* id; absent = from the start */
    struct str since; /* date-time, checked; absent = all rows */
    int64_t limit;
};
/* {"items","next","watermark"} and, with since, "deleted" on the first page. */
struct json *upstream_list(const struct upstream *upstream, const struct upstream_query *query,
                           struct arena *arena);
/* {"items"}: rows of the comma-separated ids, each once, in that order; unknown ones left out. */
struct json *upstream_batch(const struct upstream *upstream, struct str ids, struct arena *arena);
const struct json *upstream_find(const struct upstream *upstream, struct str id);

/* The request handler; the server's context is the upstream. */
void upstream_handle(struct exchange *exchange);

#endif
