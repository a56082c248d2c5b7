// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_ASK_OPTIONS_H
#define TALLY_CI_ASK_OPTIONS_H
/* What commands that ask for a yes share: asking again while it is open, and asking only to see. */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/opt.h"

struct ask_options {
    int64_t retries, interval_s;
    bool dry_run;
};

/* Rows for a command's option table; `o` is a struct ask_options, `dry_run_env` names variables. */
#define ASK_OPTION_ROWS(o, dry_run_env)                                                            \
    {.kind = OPT_NUMBER,                                                                           \
     .name = "retry-while-unknown",                                                                \
     .value = "N",                                                                                 \
     .target = &(o).retries,                                                                       \
     .fallback = "0",                                                                              \
     .min = 0,                                                                                     \
     .max = 1000,                                                                                  \
     .help = "ask again so many times while it cannot be told"},                                   \
        {.kind = OPT_NUMBER,                                                                       \
         .name = "retry-interval",                                                                 \
         .value = "SECONDS",                                                                       \
         .target = &(o).interval_s,                                                                \
         .fallback = "5",                                                                          \
         .min = 0,                                                                                 \
         .max = 3600,                                                                              \
         .help = "wait so long in between"},                                                       \
    {                                                                                              \
        .kind = OPT_FLAG, .name = "dry-run", .env = (dry_run_env), .target = &(o).dry_run,         \
        .help = "show the true answer, but exit with 0"                                            \
    }

/*
 * After the answer to try number `attempt` (from 0) was `answer` ("undecided"): if another one is
 * allowed, say so on stderr, wait, and return true.
 */
bool ask_again(const struct ask_options *options, int64_t attempt, const char *answer);

#endif
