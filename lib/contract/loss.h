// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_LOSS_H
#define TALLY_LIB_CONTRACT_LOSS_H
/* What an older version of Pact files has no room for. */
#include "lib/contract/pact.h"

struct pact_loss {
    bool meaning; /* the contract would promise something else; otherwise remarks are lost */
    struct str interaction; /* its description */
    int line;
    struct str text; /* one sentence */
};
struct pact_losses {
    VEC_OF(struct pact_loss);
};

/*
 * What pact_write() as `spec` would leave out or bend, in the order of the interactions; those of
 * unknown type, which only V4 can hold, at the end.
 */
void pact_losses(const struct pact *pact, enum pact_spec spec, struct arena *arena,
                 struct pact_losses *ret);

#endif
