// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_PUBLISH_H
#define TALLY_BROKER_PUBLISH_H
/* The steps of publishing a contract, shared by POST /contracts/publish and PUT of a pact. */
#include <stddef.h>
#include <stdint.h>

#include "broker/store.h"
#include "lib/base/hash.h"

struct call;
struct err;
struct json;

struct contract {
    const char *consumer, *provider;
    struct json *pact;
    bool merge; /* into what the version has; only where contracts may be modified */
    /* filled by publish_prepare */
    char sha[HASH_SHA1_HEX];
    struct str content;
    bool plain;
    /* filled by publish_save */
    int64_t provider_id;
    enum pact_saved saved;
};

/* Computes identity and the text to store; changes the tree. */
void publish_prepare(struct call *call, struct contract *contract);
/* Texts, one after the other. */
struct reasons {
    VEC_OF(const char *);
};
/* One for each new name that is nearly that of existing pacticipants. All contracts have one
 * consumer. */
int publish_check_names(struct call *call, const struct contract *contracts, size_t n,
                        struct reasons *ret_refusals, struct err *err);
/* *ret_refusal is set when the version already has other content for that provider, unless the
 * broker allows that. */
int publish_check_conflict(struct call *call, const struct contract *contract, const char *number,
                           const char **ret_refusal, struct err *err);
/* What would change in the version's contract, for people; "" if it has none. */
int publish_difference(struct call *call, const struct contract *contract, const char *number,
                       const char **ret, struct err *err);
/* The pact becomes what the version has, plus this: 1 merged, 0 they contradict each other. */
int publish_merge(struct call *call, struct contract *contract, const char *number,
                  struct err *err);
/* The version, made if needed. ret_created may be NULL. */
int publish_version(struct call *call, const char *consumer, const char *number,
                    struct version *ret, bool *ret_created, struct err *err);
int publish_save(struct call *call, struct contract *contract, const struct version *version,
                 struct err *err);

/* What the original says about the content compared with earlier versions: texts for the notice
 * "contract_content_changed (...)"; empty = unchanged. */
int publish_changes(struct call *call, const struct contract *contract,
                    const struct version *version, struct reasons *ret_changed,
                    struct reasons *ret_unchanged_tags, struct err *err);

#endif
