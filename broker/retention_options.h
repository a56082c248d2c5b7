// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_RETENTION_OPTIONS_H
#define TALLY_BROKER_RETENTION_OPTIONS_H
/* The rules of retention as options: of `tally broker`, and of `tally broker clean`. */
#include "broker/retention.h"
#include "lib/base/opt.h"

enum { RETENTION_DAYS_MAX = 36500, RETENTION_INTERVAL_MAX = 30 * 86400 };

#define RETENTION_OPT(days)                                                                        \
    .kind = OPT_NUMBER, .value = "DAYS", .fallback = days, .min = 0, .max = RETENTION_DAYS_MAX

/* Members of a struct opt, apart from the target. */
#define RETENTION_OPT_DAYS(prefix)                                                                 \
    RETENTION_OPT("90"), .name = prefix "days", .env = "TALLY_BROKER_RETENTION_DAYS",              \
                         .key = "retention_days",                                                  \
                         .help = "remove versions that nothing happened to for so long; "          \
                                 "0 = never"
#define RETENTION_OPT_BRANCH_DAYS(prefix)                                                          \
    RETENTION_OPT("90"), .name = prefix "branch-days",                                             \
                         .env = "TALLY_BROKER_RETENTION_BRANCH_DAYS",                              \
                         .key = "retention_branch_days",                                           \
                         .help = "remove branches without a new version for so long; 0 = never"
#define RETENTION_OPT_OVERWRITTEN_DAYS(prefix)                                                     \
    RETENTION_OPT("30"), .name = prefix "overwritten-days",                                        \
                         .env = "TALLY_BROKER_RETENTION_OVERWRITTEN_DAYS "                         \
                                "PACT_BROKER_DATABASE_CLEAN_OVERWRITTEN_DATA_MAX_AGE",             \
                         .key = "retention_overwritten_days",                                      \
                         .help = "remove publications and results overwritten so long ago; "       \
                                 "0 = never"
#define RETENTION_OPT_WEBHOOK_DAYS(prefix)                                                         \
    RETENTION_OPT("30"), .name = prefix "webhook-days",                                            \
                         .env = "TALLY_BROKER_RETENTION_WEBHOOK_DAYS",                             \
                         .key = "retention_webhook_days",                                          \
                         .help = "remove the history of webhooks sent so long ago; 0 = never"
#define RETENTION_OPT_LIMIT(prefix)                                                                \
    .kind = OPT_NUMBER, .name = prefix "limit",                                                    \
    .env = "TALLY_BROKER_RETENTION_LIMIT PACT_BROKER_DATABASE_CLEAN_DELETION_LIMIT",               \
    .key = "retention_limit", .value = "N", .fallback = "1000", .min = 1, .max = 1000000,          \
    .help = "versions that one run removes at most"
#define RETENTION_OPT_KEEP(prefix)                                                                 \
    .kind = OPT_TEXT, .name = prefix "keep",                                                       \
    .env = "TALLY_BROKER_RETENTION_KEEP PACT_BROKER_DATABASE_CLEAN_KEEP_VERSION_SELECTORS",        \
    .key = "retention_keep", .value = "JSON",                                                      \
    .help = "selectors of versions to keep as well, such as [{\"tag\":true}]"

#endif
