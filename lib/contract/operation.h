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

#endif
