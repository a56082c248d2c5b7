// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_CHANGE_H
#define TALLY_LIB_CONTRACT_CHANGE_H
/*
 * What a provider has to know about a new version of a contract: what it asks for now and did not
 * before, and what it no longer asks for.
 *
 * Promises about responses and messages are compared by what they accept, not by how they are
 * written: both sides judge the examples of either and many variations of them, value by value.
 * What one accepted and the other refuses is a tightening, the reverse a loosening. Rules that read
 * otherwise while no variation tells them apart are a change of unknown direction: never "nothing".
 */
#include "lib/contract/pact.h"

enum change_kind {
    CHANGE_ADDED,     /* a new interaction */
    CHANGE_REMOVED,   /* one that is gone */
    CHANGE_TIGHTENED, /* something that was accepted no longer is */
    CHANGE_LOOSENED,  /* something is accepted that was not */
    CHANGE_REQUEST,   /* the consumer asks differently */
    CHANGE_OTHER,     /* states, or rules whose effect no variation shows */
};
enum { CHANGE_KINDS = CHANGE_OTHER + 1 };

struct change {
    enum change_kind kind;
    const struct pact_interaction *older, *newer; /* NULL: added, removed */
    struct str where;                             /* "response body $.a"; absent for the whole */
    struct str text;                              /* one sentence */
};
struct changes {
    VEC_OF(struct change); /* in the order of the new file, then what is gone */
};

const char *change_kind_name(enum change_kind kind); /* "tightened" */
/* Whether the provider may have to do something it did not do before. */
bool change_asks_more(enum change_kind kind);
/* Interactions are the same by description, names of provider states and kind. */
void pact_changes(const struct pact *older, const struct pact *newer, struct arena *arena,
                  struct changes *ret);

#endif
