// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_ACCESS_H
#define TALLY_BROKER_ACCESS_H
/*
 * Who asks, and whether they may: the two accounts of basic authentication, bearer tokens with
 * roles, and what is open to everybody.
 *
 * The broker is closed as soon as an account is configured or a token was ever made; before that
 * everybody may do everything. A token is looked up in the database for each request, so that a
 * revoked one is refused at once, whoever revoked it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

struct access;
struct arena;
struct call;
struct call_route;
struct err;
struct headers;
struct store;

struct access_config {
    const char *username, *password;           /* may do everything; NULL = none */
    const char *read_username, *read_password; /* may read; NULL = none */
    bool public_read;                          /* reading takes no credentials */
    bool public_heartbeat, public_badges;
};

enum caller_kind { CALLER_ANONYMOUS, CALLER_ACCOUNT, CALLER_TOKEN };

struct caller {
    enum caller_kind kind;
    const char *name;    /* of the account or token, NULL for anonymous */
    const char *address; /* where the request came from, without port */
    int64_t token_id;    /* 0 = none */
    unsigned roles;      /* enum role; 0 when nobody vouches for the caller */
    const char *refused; /* why the credentials that came do not count; NULL = none came, or fine */
    bool bearer;         /* they were a token */
    bool stale;          /* the token's last use should be noted anew */
};

/* The config's strings and the store are borrowed. */
struct access *access_new(const struct access_config *config, struct store *store);
void access_free(struct access *access);
/* Whether everybody may do everything; true when the database cannot tell. */
bool access_is_open(struct access *access);
/* From the Authorization field. Errors: the database could not be asked. */
int access_identify(struct access *access, const struct headers *headers, struct arena *arena,
                    struct caller *ret, struct err *err);
/*
 * May they? True, or false when the call has been answered with 401 or 403. `route` is NULL when
 * there is none for this path or method.
 */
bool access_allows(struct access *access, const struct caller *caller,
                   const struct call_route *route, struct call *call);
#endif
