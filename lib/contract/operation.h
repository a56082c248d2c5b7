// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_OPERATION_H
#define TALLY_LIB_CONTRACT_OPERATION_H
/*
 * Which BFF operation an interaction uses: "graphql:Transactions", "GET /v1/transactions/{id}",
 * "push:transfer", "grpc:pkg.Service/Method"; absent when it cannot be told.
 * Source: gate-and-audit, section 3.1, operation identity.
 */
#include "lib/contract/pact.h"

struct str operation_of(const struct pact_interaction *interaction, struct arena *arena);
/* The GraphQL document of a request, whether it can be parsed or not; absent if there is none. */
struct str operation_document(const struct pact_interaction *interaction, struct arena *arena);
/* The id a request gives in place of its document, in the forms of manifest.h; absent if none. */
struct str operation_persisted_id(const struct pact_interaction *interaction, struct arena *arena);
/*
 * What a document is as an operation ("graphql:Transactions"), and a digest (SHA-256) that is the
 * same for documents that differ in nothing that counts. False when it cannot be parsed.
 */
bool operation_of_document(struct str document, struct arena *arena, struct str *ret_operation,
                           struct str *ret_digest);

#endif
