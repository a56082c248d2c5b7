// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_CARRY_H
#define TALLY_BROKER_CARRY_H
/*
 * A running broker, Tally's or the original, copied over its API into an empty store. What the API
 * does not show is not there afterwards; what it shows and could not be stored is told of.
 */
#include <stddef.h>
#include <stdint.h>

#include "lib/base/clock.h"
#include "lib/base/vec.h"

struct arena;
struct err;
struct hal;
struct json;
struct pacticipant;
struct store;
struct version;

enum carry_kind {
    CARRY_PACTICIPANTS,
    CARRY_VERSIONS,
    CARRY_CONTRACTS,
    CARRY_RESULTS,
    CARRY_ENVIRONMENTS,
    CARRY_DEPLOYMENTS,
    CARRY_RELEASES,
    CARRY_WEBHOOKS,
    CARRY_DOCUMENTS, /* of Tally alone: evidence, inventories, manifests */
    CARRY_KINDS
};

struct carry_result {
    const char *url, *consumer, *provider, *sha;
    int64_t number; /* the remote's: a greater one is a later result */
};

struct carry {
    struct store *store;
    struct hal *hal;
    struct arena *arena;
    struct clock clock; /* shows when the remote made what is being stored */
    int64_t now_us;
    size_t carried[CARRY_KINDS], left[CARRY_KINDS];
    struct {
        VEC_OF(const char *);
    } reasons; /* "contract ...: why", one per thing left out */
    struct {
        VEC_OF(struct carry_result);
    } results;
    struct map *seen; /* URLs of results */
};

/*
 * In a transaction of the caller on a new database, of which the store's clock becomes that of
 * *carry. store, hal and arena are the caller's; the counts and reasons are filled. Errors: those
 * of hal.h when the remote cannot be asked, ERR_NET when it answers what no broker does.
 */
int carry_all(struct carry *carry, struct err *err);

/* ---- between the files of this module ---- */

/* 1 = got it, 0 = not there (404), or a negative err_code. */
int carry_get(struct carry *carry, const char *url, struct arena *arena, struct json **ret,
              struct err *err);
void carry_leave(struct carry *carry, enum carry_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The store's time becomes the member's; the present one if it has none. */
void carry_time(struct carry *carry, const struct json *body, const char *key);
const char *carry_text(const struct json *body, const char *key, struct arena *arena);
const char *carry_href(const struct json *body, const char *rel, struct arena *arena);
/* Every contract of the version that `item` links to, and where its results are. */
int carry_contracts(struct carry *carry, const struct version *version, const struct json *item,
                    struct err *err);
/* The results that carry_contracts() found, in the order in which they were made. */
int carry_results(struct carry *carry, struct err *err);
/* Environments, and what is in them now. */
int carry_environments(struct carry *carry, struct err *err);

#endif
