// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_RUN_H
#define TALLY_VERIFIER_RUN_H
/*
 * Decide what is replayed and in which order, and replay it: in the order of the contracts, or,
 * with several jobs, first what needs no provider state, many at a time.
 */
#include "verifier/replay.h"

struct run {
    struct replayer *replayers; /* the verdicts point into them */
    size_t n;
};

/*
 * Map interactions to repository methods and leave out what the filters leave out.
 * Errors: ERR_LIMIT a filter that explodes; ERR_PARSE, ERR_IO, ERR_NOT_FOUND the report of
 * --last-failed.
 */
int run_prepare(const struct verify_options *options, struct contracts *contracts,
                struct arena *arena, struct err *err);
/* Fill in every verdict. Ends early when nobody answers, or after --exit-on-first-error. */
void run_all(struct run *run, const struct replay_target *target, struct contracts *contracts);
void run_release(struct run *run);

#endif
