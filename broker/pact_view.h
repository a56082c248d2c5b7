// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_PACT_VIEW_H
#define TALLY_BROKER_PACT_VIEW_H
/* How a contract looks on the wire. */
#include <stdint.h>

struct call;
struct err;
struct json;
struct publication;
struct version;

/*
 * Answer with the pact document: the stored text, then createdAt and _links. `metadata` (or NULL)
 * goes on into the link that publishes results; `versions` (may be empty) are the consumer versions
 * that the metadata names.
 */
int pact_view(struct call *call, int status, const struct publication *pact, const char *metadata,
              struct err *err);
/* "createdAt, _embedded.consumerVersion, _links.self" as lists show it. */
struct json *pact_view_item(struct call *call, const struct publication *pact);

#endif
