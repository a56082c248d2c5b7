// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_REPORT_H
#define TALLY_VERIFIER_REPORT_H
/* What a run says to people and to programs. Same run, same bytes, but for the times. */
#include <stdio.h>

#include "lib/base/err.h"
#include "verifier/contract.h"
#include "verifier/options.h"

struct arena;

struct report {
    const struct verify_options *options;
    const struct contracts *contracts;
    struct counts counts;
    enum exit_code code; /* the true one, of a dry run too */
    struct str headline; /* "no: mobile-bff breaks 2 of 12 interactions" */
    int64_t elapsed_us;
};

void report_text(const struct report *report, struct arena *arena, FILE *stream);
/*
 * Members of the stock verifier's report (result, notices, output, errors, pendingErrors,
 * interactionResults), and ours: answer, exitCode, dryRun, headline, summary, provider, ignored,
 * contracts. Ends in a newline.
 */
struct str report_json(const struct report *report, struct arena *arena);
/* "yes", "no", "undecided" */
const char *report_answer(enum exit_code code);
const char *report_outcome(const struct verdict *verdict); /* "passed", "pending failure", … */
/* The notice of the broker that fits this end: "after_verification:success_true_published_false" */
struct str report_after(const struct contract *contract, struct arena *arena);

#endif
