// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_STORE_SELECTION_H
#define TALLY_BROKER_STORE_SELECTION_H
/* The questions that the selection asks the database; each enters by an index, none scans. */
#include "broker/selection.h"

/* Publications to the provider that a selector chooses. */
int store_select(struct store *store, int64_t provider_id, const struct selector *selector,
                 struct arena *arena, struct selected_pacts *ret, struct err *err);

/* What has been verified of a content; each 1 yes, 0 no, or a negative err_code. */
int store_verified_at_all(struct store *store, int64_t pact_version_id, struct err *err);
/* By a version on the provider's branch; with not_wip only by results that were not WIP. since:
 * stored time, NULL = ever. */
struct branch_question {
    int64_t provider_id;
    const char *branch;
    bool other;         /* by versions on any other branch instead */
    const char *before; /* made before this time, NULL = ever */
    const char *since;  /* result at or after this time, NULL = ever */
    bool not_wip;
};
int store_verified_on_branch(struct store *store, int64_t pact_version_id,
                             const struct branch_question *question, struct err *err);
/* With the provider's tag, or (other) with another tag before this one was first used: by a version
 * that carries it now, or with not_wip by one that carried it when its result came, which was no
 * WIP. */
int store_verified_with_tag(struct store *store, int64_t pact_version_id, int64_t provider_id,
                            const char *tag, bool other, bool not_wip, struct err *err);
/* When the first version on the branch was made: 1 and the time, or 0. */
int store_branch_began(struct store *store, int64_t provider_id, const char *branch,
                       struct arena *arena, const char **ret, struct err *err);

#endif
