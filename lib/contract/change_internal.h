// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_CHANGE_INTERNAL_H
#define TALLY_LIB_CONTRACT_CHANGE_INTERNAL_H
/* What the files of change.c share. */
#include "lib/contract/change.h"
#include "lib/contract/match.h"

/* One promise: a response, or a message when that is not NULL. */
struct promise {
    const struct pact *pact;
    const struct pact_response *response;
    const struct pact_message *message;
};
/* Two promises under comparison. */
struct comparing {
    struct arena *arena;
    struct arena *scratch; /* for one value's variations; NULL: `arena` */
    struct changes *changes;
    const struct pact_interaction *older, *newer;
    const char *part;          /* "response" */
    struct promise promise[2]; /* older, newer */
    size_t found;              /* changes reported of this pair of promises */
    size_t spent;              /* bytes judged so far */
    bool untold;               /* something could not be judged */
};

void change_say(struct comparing *comparing, enum change_kind kind, struct str where,
                const char *fmt, ...) __attribute__((format(printf, 4, 5)));
const struct pact_body *promise_body(const struct promise *promise);
/*
 * What a promise says of a body; `like` is the promise whose headers and status go with it.
 * Negative after an error.
 */
int promise_judge(struct comparing *comparing, const struct promise *promise,
                  const struct promise *like, struct str body, struct match_result *ret);
/* Bodies, value by value (change_body.c). */
void change_bodies(struct comparing *comparing);

#endif
