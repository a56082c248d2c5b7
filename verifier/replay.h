// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_REPLAY_H
#define TALLY_VERIFIER_REPLAY_H
/*
 * Replay one interaction against a provider and judge the reply: provider states before and after,
 * the request built from the example with its generators, redirects never followed.
 */
#include <stdbool.h>

#include "lib/wire/headers.h"
#include "verifier/contract.h"
#include "verifier/options.h"

struct arena;
struct client;
struct client_request;
struct client_response;
struct clock;

/* Who is asked. Shared by all threads, never changed. */
struct replay_target {
    const struct verify_options *options;
    const struct clock *clock;
    uint64_t (*random)(void *context); /* for generators */
    void *random_context;
};

/* One for each thread. */
struct replayer {
    const struct replay_target *target;
    struct client *client;
    struct arena *scratch; /* of one interaction */
    struct arena *keep;    /* what a verdict points to */
};

void replayer_init(struct replayer *replayer, const struct replay_target *target);
/* Verdicts made with it are gone then. */
void replayer_release(struct replayer *replayer);

/*
 * Fill in verdict->outcome and what belongs to it; verdict->interaction is set by the caller.
 * `states` = call the state URL: once with "" when the interaction names no state.
 */
void replay_interaction(struct replayer *replayer, const struct pact *pact, bool states,
                        struct verdict *verdict);

/* How a call went. What was not reached says nothing about the provider; what broke off does. */
enum replay_answer { REPLAY_ANSWERED, REPLAY_BROKEN, REPLAY_UNREACHED };
/* Tries again, shortly, only while nobody is there. The reason is in the scratch arena. */
enum replay_answer replay_call(struct replayer *replayer, struct client_request *request,
                               struct client_response *ret, struct str *ret_reason);
/* The start of a body as text for people: at most `max` bytes, whole characters, no controls. */
struct str replay_excerpt(struct arena *arena, struct str body, size_t max);

#endif
