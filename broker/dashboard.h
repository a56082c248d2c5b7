// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_DASHBOARD_H
#define TALLY_BROKER_DASHBOARD_H
/*
 * How the contracts of the integrations stand: the latest contract of each, the latest of each tag,
 * and those of versions that are deployed or supported, with what is known about them.
 */
#include "broker/store.h"
#include "broker/store_webhook.h"

/* Nobody judged it, or not as a whole; the last result; a success for other content than this. */
enum standing {
    STANDING_NEVER,
    STANDING_SUCCESS,
    STANDING_FAILED,
    STANDING_PENDING,
    STANDING_STALE
};
const char *standing_name(enum standing standing); /* "failed_pending" */

struct dashboard_row {
    struct publication pact;
    enum standing standing;
    bool judged; /* the rest tells of the last result */
    struct verification result;
    const char *result_sha;   /* of the content that it judged */
    const char *webhooks;     /* none, not_run, retrying, failure, success */
    const char *triggered_at; /* NULL = never */
};
struct dashboard {
    VEC_OF(struct dashboard_row);
};

/* What the last result between the two says about this contract. */
int dashboard_judge(struct store *store, struct arena *arena, struct dashboard_row *row,
                    struct err *err);
/* Rows of one integration, newest version first, appended to *ret; `all` = not only the latest. */
int dashboard_of(struct store *store, const struct integration *pair, bool all, struct arena *arena,
                 struct dashboard *ret, struct err *err);

#endif
