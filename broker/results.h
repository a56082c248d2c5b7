// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_RESULTS_H
#define TALLY_BROKER_RESULTS_H
/*
 * What a published verification result really says about the whole contract. A result may claim
 * success and yet name only some interactions, none, or a failed one; it must not count then.
 */
#include <stdbool.h>

#include "broker/store.h"

struct arena;
struct json;

/*
 * @pact     the contract as stored (interactions and messages with `_id`)
 * @success  the claim
 * @results  testResults as posted; NULL or null = absent: then the claim counts, without detail
 *
 * VERDICT_FAILED    the claim is failure, or a named interaction that is not pending failed
 * VERDICT_PARTIAL   the claim is success but the results do not tell of every interaction, name one
 *                   that the contract does not have, show none that passed, or cannot be read
 * VERDICT_VERIFIED  otherwise
 */
enum verdict results_judge(const struct json *pact, bool success, const struct json *results,
                           struct arena *arena);
/* How much of its contract a stored result tells of: "complete", "partial", "without detail". */
const char *results_completeness(const struct verification *result);

#endif
