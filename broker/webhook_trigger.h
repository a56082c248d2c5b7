// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_WEBHOOK_TRIGGER_H
#define TALLY_BROKER_WEBHOOK_TRIGGER_H
/*
 * Events and what they trigger. Rows are added in the transaction of the publication or result that
 * the event is about: either both are there or neither.
 */
#include "broker/publish.h"
#include "broker/store_webhook.h"

struct call;
struct err;
struct metadata;
struct publication;
struct verification;

/* What a publication means, beside that it happened. */
struct contract_events {
    struct reasons changed, same; /* publish_changes() */
    bool requires_verification;   /* by nobody yet, or by a version that matters */
    struct wanted_verifications wanted;
    bool any_webhook; /* for the two, also one that is off or for other events */
};
int webhook_contract_detect(struct call *call, const struct contract *contract,
                            const struct version *version, const struct publication *pact,
                            struct contract_events *ret, struct err *err);
int webhook_contract_events(struct call *call, const struct publication *pact,
                            const struct contract_events *events, struct triggereds *ret,
                            struct err *err);
/* For every consumer version that the metadata names (may be NULL), or the one of the contract. A
 * result that is partial evidence neither succeeded nor failed. */
int webhook_verification_events(struct call *call, const struct publication *pact,
                                const struct verification *result, const struct metadata *metadata,
                                struct err *err);

#endif
