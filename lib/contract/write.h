// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_WRITE_H
#define TALLY_LIB_CONTRACT_WRITE_H
/* What the writers of the parts of a Pact file share: parts as V2, V3 and V4 have them. */
#include "lib/contract/pact.h"

struct json *write_request(const struct pact_request *request, enum pact_spec spec,
                           struct arena *arena);
struct json *write_response(const struct pact_response *response, enum pact_spec spec,
                            struct arena *arena);
/* Into an object: a message is an interaction of its own, or one side of a synchronous one. */
void write_message(const struct pact_message *message, enum pact_spec spec, struct arena *arena,
                   struct json *out);
/*
 * The body as V1 to V3 have it; NULL when the member is to be left out. *ret_exact is false when no
 * value would be read back as the same body.
 */
struct json *write_body_flat(const struct pact_body *body, struct str content_type,
                             struct arena *arena, bool *ret_exact);
/* Set a member unless the value is absent. */
void write_text(struct arena *arena, struct json *object, const char *key, struct str value);
void write_if(struct arena *arena, struct json *object, const char *key, struct json *value);

#endif
