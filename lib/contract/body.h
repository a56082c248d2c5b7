// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_BODY_H
#define TALLY_LIB_CONTRACT_BODY_H
/* Bodies of Pact files: from JSON to the bytes on the wire and back. Source: pact-semantics, 2. */
#include "lib/contract/pact.h"
#include "lib/wire/media.h"

/*
 * `value` is the member as it stands in the file (NULL = absent), `content_type` that of the header
 * or metadata (absent if none). *ret_warning becomes a sentence when something was guessed.
 */
void body_read_flat(const struct json *value, struct str content_type, struct arena *arena,
                    struct pact_body *ret);
void body_read_v4(const struct json *value, struct str content_type, struct arena *arena,
                  struct pact_body *ret, const char **ret_warning);
/* The V4 body object; NULL when the member is to be left out. */
struct json *body_write(const struct pact_body *body, struct arena *arena);

/*
 * Kind of a body by content type, or by its first bytes when there is none. application/graphql is
 * text unless it is JSON.
 */
enum media_kind body_kind(struct str content_type, struct str bytes, struct arena *arena);

#endif
