// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CONSUMER_DSL_DSL_H
#define TALLY_CONSUMER_DSL_DSL_H
/*
 * The state behind a consumer test: the contract being described, what happened to each of its
 * interactions, and what went wrong. The test's thread describes, the mock server's thread
 * compares; `lock` guards everything below it.
 */
#include <pthread.h>
#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/vec.h"
#include "lib/contract/pact.h"

struct arena;
struct mock;
struct tally_pact;

struct tally_interaction {
    struct tally_pact *owner;
    size_t index; /* in the contract; its address changes as it grows */
    size_t hits;  /* requests or messages that matched */
};

struct tally_pact {
    struct mock *mock; /* NULL until the first tally_url() */
    pthread_mutex_t lock;
    struct arena *arena;
    struct pact *pact;
    struct {
        VEC_OF(struct tally_interaction *);
    } interactions;
    struct buf wrong;    /* lines: mistakes and unexpected requests, as they came */
    struct buf problems; /* what tally_problems() returned last */
};

static inline struct pact_interaction *dsl_interaction(const struct tally_interaction *it)
{
    return &it->owner->pact->interactions.items[it->index];
}

#endif
