// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_PUBLISH_H
#define TALLY_VERIFIER_PUBLISH_H
/* Tell the broker what was found out: exactly for what ran, contract by contract. */
#include "verifier/contract.h"
#include "verifier/options.h"

/*
 * For every contract that has a verdict on each interaction: first the provider's branch and tags,
 * then the results. contract->publication says what became of each.
 * Errors (the first one; the other contracts are still tried): those of hal_call.
 */
int publish_results(const struct verify_options *options, struct contracts *contracts,
                    struct arena *arena, struct err *err);

#endif
