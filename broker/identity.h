// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_IDENTITY_H
#define TALLY_BROKER_IDENTITY_H
/*
 * What makes two contracts the same: the pact version sha, bit for bit as the original broker
 * computes it, because it stands in URLs and decides whether a publication is a conflict.
 * Source: broker-api.md §8.1.
 */
#include <stdbool.h>

#include "lib/base/hash.h"
#include "lib/base/str.h"

struct arena;
struct json;

/* SHA-1 of interactions, messages and specification version; ret has HASH_SHA1_HEX bytes. */
void identity_sha(const struct json *pact, struct arena *arena, char *ret);
/* `_id` of an interaction: SHA-1 of its key-sorted text without `_id`; ret as above. */
void identity_interaction(const struct json *interaction, struct arena *arena, char *ret);
/*
 * The text to store: the document with `_id` put first in every interaction and message; an `_id`
 * that is there keeps its value. *ret_plain is false if the document has `_links` or `createdAt`.
 */
struct str identity_content(struct json *pact, struct arena *arena, bool *ret_plain);
/* Both at once, for half the work. */
struct str identity_both(struct json *pact, struct arena *arena, char *ret_sha, bool *ret_plain);
/*
 * Whether a document as it is stored may have been published under this sha: with all the `_id`s
 * that are like those which storing puts in, with none, or with some: a contract that was fetched
 * and added to, or merged, brings those that it got. Parts are tried as far as that is cheap: the
 * first or last so many, and any of up to ten. *ret_found, of HASH_SHA1_HEX bytes, is the sha
 * without them when nothing fits. The document is the same afterwards.
 */
bool identity_fits(struct json *pact, const char *sha, struct arena *arena, char *ret_found);

#endif
