// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_PACT_PATCH_H
#define TALLY_BROKER_PACT_PATCH_H
/*
 * PATCH of a contract: the parts of one consumer version's contract that several builds publish.
 * Source: broker-api.md §8.3.
 */
#include <stdbool.h>

struct arena;
struct json;

/*
 * An interaction with the description and provider states of a known one replaces it if method,
 * path, query, headers and body of their requests are equal, and contradicts it otherwise; the rest
 * is appended. Everything else is taken from `old`. Returns false for a contradiction, also when
 * one of them has no interactions (messages cannot be compared), names one twice, or is of another
 * specification version.
 */
bool pact_patch(struct arena *arena, const struct json *old, const struct json *more,
                struct json **ret);

#endif
