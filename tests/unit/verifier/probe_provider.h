// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_TESTS_UNIT_VERIFIER_PROBE_PROVIDER_H
#define TALLY_TESTS_UNIT_VERIFIER_PROBE_PROVIDER_H
/*
 * A small provider on a loop of its own thread: one list of things by REST and by GraphQL, the
 * descriptions of both, and a trigger for pushes. What it does wrong is chosen by flags.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum provider_fault {
    PROVIDER_OFFSET = 1 << 0,      /* the description has page and size */
    PROVIDER_OVERLAP = 1 << 1,     /* a page starts with the last row of the one before */
    PROVIDER_LOSES = 1 << 2,       /* a row between two pages is in neither */
    PROVIDER_SAME_CURSOR = 1 << 3, /* a page names its own cursor as the next */
    PROVIDER_NO_IDS = 1 << 4,
    PROVIDER_FAILS = 1 << 5,      /* the second page is a 500 */
    PROVIDER_PUSH_TITLE = 1 << 6, /* the push has a title beside the id */
    PROVIDER_PUSH_TEXT = 1 << 7,  /* the push is no JSON */
    PROVIDER_PUSH_TWICE = 1 << 8,
    PROVIDER_PUSH_NEVER = 1 << 9, /* the trigger says 202 and nothing comes */
    PROVIDER_NO_TRIGGER = 1 << 10,
    PROVIDER_NO_OPENAPI = 1 << 11,
    PROVIDER_NO_SDL = 1 << 12,
    PROVIDER_BAD_OPENAPI = 1 << 13,
    PROVIDER_BAD_SDL = 1 << 14,
    PROVIDER_NO_LISTS = 1 << 15,   /* the description has no list */
    PROVIDER_ASKS_TOKEN = 1 << 16, /* 401 without Authorization: Bearer opensesame */
    PROVIDER_BREAKS = 1 << 17,     /* every connection is reset */
    PROVIDER_NESTED = 1 << 18,     /* the list is below /v1/shops/{shop}/things */
    PROVIDER_PREFIX = 1 << 19,     /* servers: /api, and the list is there */
    PROVIDER_LINKS = 1 << 20,      /* the next cursor stands in a link */
    PROVIDER_WRONG_END = 1 << 21,  /* GraphQL: endCursor is not the last edge's */
};

struct provider {
    unsigned faults;
    size_t rows;
    struct loop *loop;
    struct server *server;
    struct client_pool *pool;
    pthread_t thread;
};

void provider_start(struct provider *provider, unsigned faults, size_t rows);
const char *provider_url(const struct provider *provider);
void provider_end(struct provider *provider);

#endif
