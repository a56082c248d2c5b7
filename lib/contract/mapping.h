// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_MAPPING_H
#define TALLY_LIB_CONTRACT_MAPPING_H
/*
 * Which repository method of the app an interaction belongs to, and which BFF operation it uses.
 * Source: gate-and-audit, section 3.
 */
#include "lib/contract/pact.h"

struct mapping {
    struct str method;    /* "TransactionRepository.page"; absent = unmapped */
    struct str package;   /* "com.acme.wallet" or absent */
    struct str variant;   /* "since" of "page(since)" or absent */
    struct str scenario;  /* text after the colon */
    struct str operation; /* "graphql:Transactions", "GET /v1/transactions/{id}", "push:…" */
    struct str carrier;   /* what the method came from: "description", "comments.references", … */
    /* The method is guessed from the test's name: to be shown, never to be counted. */
    bool inferred;
};

/*
 * Errors: ERR_PARSE when two carriers name different methods; the text names both.
 */
int mapping_of(const struct pact_interaction *interaction, struct arena *arena, struct mapping *ret,
               struct err *err);
/* Whether a text names a method: "com.acme.TransactionRepository.page(since)". */
bool mapping_is_method(struct str text);

#endif
