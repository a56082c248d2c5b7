// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_MERGE_H
#define TALLY_LIB_CONTRACT_MERGE_H
/* Several Pact files of one consumer and provider as one. Source: pact-semantics, section 15. */
#include "lib/contract/pact.h"

struct merge_conflict {
    const struct pact_interaction *older, *newer;
    struct str text; /* "method GET in one, POST in the other" */
};
struct merge_conflicts {
    VEC_OF(struct merge_conflict);
};

/*
 * Whether two interactions are the same one, told anew. V4: by key when both have one, else by
 * description, names of states and kind. Before: by description, states and kind.
 */
bool merge_same(const struct pact_interaction *a, const struct pact_interaction *b,
                enum pact_spec spec);

/*
 * `older` with the interactions of `newer`, which replace the same ones. The result has the newer
 * of both versions, V4 if HTTP and messages come together. Before V4, the same interaction with
 * another method, path, query or status is a conflict; then *ret is untouched, all are listed and
 * ERR_CONFLICT is returned, as it is when the consumers or the providers differ. Interactions of
 * unknown type replace the same ones as those of V4 do. Members that are kept come from both files;
 * those of `newer` count. Borrows both.
 */
int pact_merge(const struct pact *older, const struct pact *newer, struct arena *arena,
               struct pact **ret, struct merge_conflicts *conflicts, struct err *err);

#endif
