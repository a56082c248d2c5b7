// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_SEED_H
#define TALLY_BFF_REFERENCE_SEED_H
/*
 * The data of the upstream services, the same at every start, and the provider states that choose
 * between its variants. Rows are objects with an "id", in the order of their ids.
 */
#include "lib/base/str.h"

struct arena;
struct json;

enum service {
    SERVICE_USER,
    SERVICE_TRANSACTION,
    SERVICE_PRODUCT,
    SERVICE_NOTIFICATION,
    SERVICE_COUNT,
};
const char *service_name(enum service service);       /* "transaction" */
const char *service_collection(enum service service); /* "transactions" */

/* The data is as of this moment, unless it changed. */
#define SEED_WATERMARK "2026-01-15T00:00:00Z"

enum seed_variant {
    SEED_BASE,
    SEED_EMPTY,   /* no rows */
    SEED_CHANGED, /* two transactions changed and one deleted after SEED_WATERMARK */
};

struct seed {
    struct json *rows;    /* array */
    struct json *deleted; /* array of {id, deletedAt} */
    const char *as_of;    /* the service's clock, which stands still */
};
void seed_build(enum service service, enum seed_variant variant, struct arena *arena,
                struct seed *ret);

struct seed_state {
    const char *name;
    enum service service;
    enum seed_variant variant;
    const char *value_name, *value; /* told to whoever sets the state; NULL = none */
    const char *cursor_after;       /* row whose cursor is told; NULL = none */
    bool watermark;                 /* whether SEED_WATERMARK is told */
};
/* NULL if unknown. "" is not in here: it sets every service back to SEED_BASE. */
const struct seed_state *seed_state_find(struct str name);
size_t seed_state_len(void);
const struct seed_state *seed_state_at(size_t i);

#endif
