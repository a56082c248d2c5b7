// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_STORE_WEBHOOK_H
#define TALLY_BROKER_STORE_WEBHOOK_H
/*
 * Webhooks, what they were triggered by, and the queue of what is still to be sent. Rows only:
 * the request of a webhook is an opaque, sealed text here. Conventions as in broker/store.h.
 *
 * The queue is the column due_at of triggered_webhooks: NULL = nothing left to do. Claiming a row
 * moves due_at into the future, so that another process takes it up when this one dies with it.
 */
#include "broker/store.h"

enum webhook_event {
    WEBHOOK_CONTRACT_PUBLISHED,
    WEBHOOK_CONTRACT_CONTENT_CHANGED,
    WEBHOOK_CONTRACT_REQUIRING_VERIFICATION_PUBLISHED,
    WEBHOOK_VERIFICATION_PUBLISHED,
    WEBHOOK_VERIFICATION_SUCCEEDED,
    WEBHOOK_VERIFICATION_FAILED,
    WEBHOOK_EVENTS,
    WEBHOOK_TEST = WEBHOOK_EVENTS /* of /execute only */
};
const char *webhook_event_name(enum webhook_event event);
bool webhook_event_parse(struct str name, enum webhook_event *ret); /* not "test" */

struct webhook {
    int64_t id; /* 0 = new */
    const char *uuid, *description, *created_at, *updated_at;
    int64_t consumer_id, provider_id;            /* 0 = not by name */
    const char *consumer, *provider;             /* names, NULL = not by name */
    const char *consumer_label, *provider_label; /* NULL = not by label */
    bool enabled;
    bool per_deployed;   /* triggered once for each deployed version of the provider */
    const char *summary; /* "POST host" */
    struct str request;  /* sealed */
    enum webhook_event events[WEBHOOK_EVENTS];
    size_t n_events;
};
struct webhooks {
    VEC_OF(struct webhook);
};

int store_webhook_find(struct store *store, const char *uuid, struct arena *arena,
                       struct webhook *ret, struct err *err);
int store_webhook_by_id(struct store *store, int64_t id, struct arena *arena, struct webhook *ret,
                        struct err *err);
/* Creates for id 0, else replaces; fills id and times. */
int store_webhook_save(struct store *store, struct webhook *row, struct arena *arena,
                       struct err *err);
/* Any one of those stored. */
int store_webhook_some(struct store *store, struct arena *arena, struct webhook *ret,
                       struct err *err);
int store_webhook_delete(struct store *store, int64_t id, struct err *err);
/* Those with exactly this consumer and provider; -1 = whichever, 0 = not named. Oldest first. */
int store_webhook_list(struct store *store, int64_t consumer_id, int64_t provider_id,
                       struct arena *arena, struct webhooks *ret, struct err *err);
/* Enabled ones that an event between the two triggers. */
int store_webhook_matching(struct store *store, enum webhook_event event, int64_t consumer_id,
                           int64_t provider_id, struct arena *arena, struct webhooks *ret,
                           struct err *err);
/* Whether any webhook is there for the two, enabled or not: 1 or 0. */
int store_webhook_any(struct store *store, int64_t consumer_id, int64_t provider_id,
                      struct err *err);
/* The webhooks of exactly this pair go with their integration. */
int store_webhook_delete_pair(struct store *store, int64_t consumer_id, int64_t provider_id,
                              struct err *err);

/* ---- triggered webhooks ---- */

enum triggered_status {
    TRIGGERED_NOT_RUN,
    TRIGGERED_RETRYING,
    TRIGGERED_SUCCESS,
    TRIGGERED_FAILURE
};
const char *triggered_status_name(enum triggered_status status);

struct triggered {
    int64_t id;
    const char *uuid, *webhook_uuid, *name, *base, *description, *created_at, *claim;
    const char *deployed; /* a version of the provider that is deployed, NULL = not asked for */
    int64_t webhook_id;   /* 0 = deleted since */
    enum webhook_event event;
    enum triggered_status status;
    int64_t attempts;
    int64_t consumer_id, provider_id, consumer_version_id, pact_version_id;
    int64_t provider_version_id, verification_id; /* 0 = none */
};
struct triggereds {
    VEC_OF(struct triggered);
};
/* Adds a row that is due at the given time; fills id, uuid and created_at. */
int store_triggered_add(struct store *store, struct triggered *row, const char *due_at,
                        struct arena *arena, struct err *err);
int store_triggered_find(struct store *store, const char *uuid, struct arena *arena,
                         struct triggered *ret, struct err *err);
/* By publication (verification_id 0) or by result, oldest first. */
int store_triggered_list(struct store *store, int64_t consumer_version_id, int64_t provider_id,
                         int64_t verification_id, struct arena *arena, struct triggereds *ret,
                         struct err *err);
/* The last of every webhook and event between the two, oldest first. */
int store_triggered_latest(struct store *store, int64_t consumer_id, int64_t provider_id,
                           struct arena *arena, struct triggereds *ret, struct err *err);
/* The texts of its attempts, one after the other; empty before the first. */
int store_triggered_logs(struct store *store, int64_t id, struct arena *arena, struct str *ret,
                         struct err *err);

/* When something is due next: 1 and the time, or 0. */
int store_queue_next(struct store *store, struct arena *arena, const char **ret_due_at,
                     struct err *err);
/* Take up to n rows that are due at `now`, and hide them from everybody until `until`. */
int store_queue_claim(struct store *store, const char *now, const char *until, int64_t n,
                      struct arena *arena, struct triggereds *ret, struct err *err);
struct attempt {
    int64_t triggered_id;
    const char *claim; /* of the row; whoever claimed it since decides about its status */
    bool success;
    enum triggered_status status; /* afterwards */
    const char *due_at;           /* of the next attempt, NULL = none */
    struct str logs;
};
int store_queue_finish(struct store *store, const struct attempt *attempt, struct arena *arena,
                       struct err *err);
/* Give a claimed row back without an attempt. */
int store_queue_return(struct store *store, const struct triggered *row, const char *due_at,
                       struct err *err);

/* ---- what events are about ---- */

struct wanted_verification {
    int64_t provider_version_id;
    const char *number, *description; /* "latest from main branch, deployed in production" */
};
struct wanted_verifications {
    VEC_OF(struct wanted_verification);
};
/* The provider's versions that matter (head of the main branch, deployed, supported) and have no
 * result for this content. By version. */
int store_wanted_verifications(struct store *store, int64_t provider_id, int64_t pact_version_id,
                               struct arena *arena, struct wanted_verifications *ret,
                               struct err *err);
struct deployed_numbers {
    VEC_OF(const char *);
};
/* The versions of a pacticipant that are deployed anywhere, each once, by version. */
int store_deployed_numbers(struct store *store, int64_t pacticipant_id, struct arena *arena,
                           struct deployed_numbers *ret, struct err *err);
/* The last result for a content by a version of the provider's main branch. */
int store_verification_of_main(struct store *store, int64_t provider_id, int64_t pact_version_id,
                               struct arena *arena, struct verification *ret, struct err *err);
int store_verification_by_id(struct store *store, int64_t id, struct arena *arena,
                             struct verification *ret, struct err *err);
/* The newest publication that a webhook is for. */
int store_pact_for_webhook(struct store *store, const struct webhook *webhook, struct arena *arena,
                           struct publication *ret, struct err *err);

#endif
