// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_MATRIX_H
#define TALLY_BROKER_MATRIX_H
/*
 * Which versions agree with which, and whether a version can be deployed.
 * Source: broker-api.md §11, with these differences, each of which closes a way to a false yes:
 * deployability is computed on all rows, before the success filter and the limit of the list; where
 * several provider versions are live in an environment, each needs its own good result; a partial
 * result counts as unknown.
 */
#include <stdbool.h>
#include <stdint.h>

#include "broker/store.h"
#include "lib/base/vec.h"

struct arena;
struct err;

struct matrix_selector {
    const char *pacticipant, *version, *branch, *tag, *environment; /* NULL = not given */
    bool latest, main_branch;
};
struct matrix_selectors {
    VEC_OF(struct matrix_selector);
};

enum latest_by { BY_NOTHING, BY_CVPV, BY_CVP, BY_CP };
enum { SUCCESS_TRUE = 1, SUCCESS_FALSE = 2, SUCCESS_NULL = 4 };

struct matrix_query {
    struct matrix_selectors selectors, ignores;
    enum latest_by latest_by;
    unsigned success; /* rows to show; 0 = all */
    int64_t limit;    /* rows to show; 0 = all */
    /* what is asked of the other pacticipants */
    bool latest, main_branch;
    const char *tag, *environment;
};

/* A selector that met a version. */
struct resolved {
    struct matrix_selector asked;
    int64_t pacticipant_id;
    int64_t version_id; /* 0 = any version, -1 = there is none */
    const char *number;
    bool one_of_many, inferred;
    bool needs_proof; /* no other version's good result answers for it */
};
struct resolveds {
    VEC_OF(struct resolved);
};

enum matrix_state { MATRIX_FAILED, MATRIX_VERIFIED, MATRIX_UNKNOWN };

struct matrix_row {
    const char *consumer, *consumer_number, *provider, *provider_number, *sha;
    int64_t consumer_id, consumer_version_id, provider_id, provider_version_id;
    int64_t publication_id, pact_version_id, revision, verification_id, verification_number;
    const char *published_at, *verified_at;
    enum verdict verdict; /* if verification_id */
    bool ignored;
    const struct resolved *consumer_selector, *provider_selector;
};
struct matrix_rows {
    VEC_OF(struct matrix_row);
};
struct matrix_notice {
    const char *type, *text;
};

struct matrix {
    struct matrix_rows rows;      /* to show */
    enum matrix_state deployable; /* MATRIX_UNKNOWN = null */
    size_t verified, failed, unknown, ignored;
    bool has_ignores;
    struct {
        VEC_OF(struct matrix_notice);
    } notices;
};

enum matrix_state matrix_row_state(const struct matrix_row *row);
/* Names and environments have been checked by the caller; versions and branches need not exist. */
int matrix_ask(struct store *store, const struct matrix_query *query, struct arena *arena,
               struct matrix *ret, struct err *err);

/* ---- matrix_text.c ---- */
/* "the version of X currently in production (1.2.3)" */
const char *matrix_describe(struct arena *arena, const struct resolved *selector);
/* Why a selector that must exist does not. */
const char *matrix_missing(struct arena *arena, const struct resolved *selector);

/* ---- store_matrix.c ---- */
/* Publications of a consumer (one version, or 0 = all) for a provider; only the latest revision
 * unless all. Each becomes a row without result. */
int store_matrix_publications(struct store *store, int64_t consumer_id, int64_t version_id,
                              int64_t provider_id, bool all, struct arena *arena,
                              struct matrix_rows *ret, struct err *err);
/* Results for the row's content (one provider version, or 0 = all), as copies of the row. */
int store_matrix_results(struct store *store, const struct matrix_row *row, int64_t version_id,
                         bool all, struct arena *arena, struct matrix_rows *ret, struct err *err);
struct provider_ids {
    VEC_OF(int64_t);
};
/* Providers that a consumer (version, or 0 = any) has contracts with. */
int store_matrix_providers(struct store *store, int64_t consumer_id, int64_t version_id,
                           struct arena *arena, struct provider_ids *ret, struct err *err);
int store_matrix_consumers(struct store *store, int64_t provider_id, struct arena *arena,
                           struct provider_ids *ret, struct err *err);
struct found_version {
    int64_t id;
    const char *number;
};
struct found_versions {
    VEC_OF(struct found_version);
};
/* The criteria of a selector one by one (each in a selector without name and `latest`); returns how
 * many there are. */
enum { MATRIX_CRITERIA_MAX = 5 };
size_t matrix_criteria(const struct matrix_selector *selector,
                       struct matrix_selector ret[MATRIX_CRITERIA_MAX]);
/* The versions that meet every criterion of a selector, latest first (with `latest` only the latest
 * of them). */
int store_matrix_versions(struct store *store, int64_t pacticipant_id,
                          const struct matrix_selector *selector, struct arena *arena,
                          struct found_versions *ret, struct err *err);
int store_pacticipant_name(struct store *store, int64_t id, struct arena *arena, const char **ret,
                           struct err *err);

#endif
