// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_MATRIX_INTERNAL_H
#define TALLY_BROKER_MATRIX_INTERNAL_H
/* What a matrix question has found so far: matrix.c collects it, matrix_answer.c judges it. */
#include "broker/matrix.h"

struct matrix_pair {
    int64_t consumer_id, provider_id;
    bool required;
};

struct matrix_work {
    struct store *store;
    const struct matrix_query *query;
    struct arena *arena;
    struct resolveds selectors; /* specified first, then inferred */
    struct resolveds ignores;
    struct {
        VEC_OF(struct matrix_pair);
    } pairs;
    struct matrix_rows rows;
    enum latest_by latest_by;
    bool live; /* an environment is asked about: every live version counts */
};

/* Only a pacticipant's name is given. */
bool matrix_name_only(const struct matrix_selector *selector);
/* Whether an ignore selector names the pacticipant, or exactly that version of it. */
bool matrix_ignores(const struct matrix_work *work, int64_t pacticipant_id, int64_t version_id);
/* Rows of releases that stay in the environment beside the versions asked about, where they do not
 * agree with those (matrix_left.c). */
int matrix_add_left(struct matrix_work *work, struct err *err);
/* Fills everything but ret->has_ignores. Rows are grouped, ordered and marked as ignored. */
void matrix_answer(struct matrix_work *work, struct matrix *ret);

#endif
