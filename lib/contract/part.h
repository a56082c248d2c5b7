// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_PART_H
#define TALLY_LIB_CONTRACT_PART_H
/*
 * One part of an interaction on its own: a request, a response or a message as it stands in a Pact
 * file of some version, compared or generated without a file around it.
 */
#include "lib/contract/generate.h"
#include "lib/contract/match.h"

enum part_kind { PART_REQUEST, PART_RESPONSE, PART_MESSAGE };

/* "request", "response", "message"; false if it is none of them. */
bool part_kind_of(struct str name, enum part_kind *ret);
/* "V3", "v3", "3", "3.0.0", "V1.1"; false if it is no version known. */
bool part_spec_of(struct str name, enum pact_spec *ret);
/* V4 if body or headers have V4's shape, else V3, which reads the older shapes too. */
enum pact_spec part_spec_guess(const struct json *part);

/*
 * Read a part as the only interaction of a pact; what the text does not say has the defaults GET,
 * "/" and 200. Errors: as pact_read(); positions are those of the text.
 */
int part_read(struct str text, const char *source, enum part_kind kind, enum pact_spec spec,
              struct arena *arena, struct pact **ret, struct err *err);
/* Two parts that were read, one expected and one as received. Errors: as match_request(). */
int part_match(enum part_kind kind, const struct pact *expected, const struct pact *actual,
               struct arena *arena, struct match_result *ret, struct err *err);
/*
 * The part with its generators applied, in the shape it was written in: what no generator touches
 * stays as it is. Errors: as generate_request().
 */
int part_generate(enum part_kind kind, const struct pact *part,
                  const struct generate_context *context, struct arena *arena, struct json **ret,
                  struct generate_warnings *warnings, struct err *err);

/* Examples as if they had come over the wire. */
struct actual_request part_sent_request(const struct pact_request *request, struct arena *arena);
struct actual_response part_sent_response(const struct pact_response *response,
                                          struct arena *arena);
struct actual_message part_sent_message(const struct pact_message *message);

#endif
