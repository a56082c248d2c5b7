// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_STORE_ACCESS_H
#define TALLY_BROKER_STORE_ACCESS_H
/*
 * Bearer tokens and the audit log in the database. A token is kept as the SHA-256 of its text,
 * which is enough because the text is 256 random bits; rows are never removed, so that a name in
 * the audit log always leads to what it could do. The audit log takes no change and no removal.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/vec.h"

struct arena;
struct err;
struct page;
struct store;

struct token {
    int64_t id;
    const char *name;
    unsigned roles; /* enum role */
    /* times as store_now() writes them; NULL = never */
    const char *created_at, *expires_at, *revoked_at, *last_used_at;
};
struct tokens {
    VEC_OF(struct token);
};

/* ERR_CONFLICT: a token of that name is in use. Fills id. */
int store_token_add(struct store *store, struct token *token, const char *hash, struct arena *arena,
                    struct err *err);
/* By the hash of its text, expired and revoked ones too: 1 found, 0 not, or negative. */
int store_token_find(struct store *store, const char *hash, struct arena *arena, struct token *ret,
                     struct err *err);
/* In the order they were made. */
int store_token_list(struct store *store, struct arena *arena, struct tokens *ret, struct err *err);
/* The one in use of that name: 1 revoked, 0 there is none, or negative. */
int store_token_revoke(struct store *store, const char *name, struct arena *arena, struct err *err);
/* It has been used now. */
int store_token_used(struct store *store, int64_t id, struct arena *arena, struct err *err);
/* Whether there ever was one: 1 or 0, or negative. */
int store_token_any(struct store *store, struct err *err);

struct audit {
    int64_t id;
    const char *at;
    const char *kind;  /* "anonymous", "account", "token", "local" */
    const char *actor; /* name of the account or token; NULL for anonymous */
    int64_t token_id;  /* 0 = none */
    const char *address;
    const char *method, *path; /* without the query */
    const char *subject;       /* what it was about where the path does not say; NULL = none */
    int64_t status;
};
struct audits {
    VEC_OF(struct audit);
};

/* id and at are filled in. */
int store_audit_add(struct store *store, const struct audit *row, struct arena *arena,
                    struct err *err);
/* Oldest first, from the first one at or after `since` (NULL = all); by id after that. */
int store_audit_list(struct store *store, const char *since, struct page *page, struct arena *arena,
                     struct audits *ret, struct err *err);

#endif
