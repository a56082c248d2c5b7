// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_RETENTION_H
#define TALLY_BROKER_RETENTION_H
/*
 * What the broker forgets, and what it never does. A run goes through six kinds of rows in small
 * steps, each a transaction of its own, so that no other write waits long:
 *
 *     branches      without a new version for branch_days
 *     versions      untouched for version_days: not made, published, verified or live since
 *     publications  revisions that were overwritten overwritten_days ago
 *     results       that a later result of the same version replaced overwritten_days ago
 *     contents      that no publication refers to any more
 *     webhooks      history of what has been sent, or given up, webhook_days ago
 *
 * Whatever the rules say, these stay: what is deployed or released, the main branch and all on it,
 * the latest version of a pacticipant, of a branch and of a tag, the latest contract between two
 * (also per branch and tag), the latest result of each contract, the latest success per branch, the
 * latest evidence of each pack, the latest inventory and manifest, and what a webhook still waits
 * for.
 *
 * Rules after those of the original broker's clean task (broker-api.md §18).
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;
struct err;
struct store;

/* Versions to keep: all members that are set must fit. */
struct retention_keep {
    const char *pacticipant, *tag, *branch; /* NULL = any */
    bool any_tag, any_branch;               /* has one at all */
    int64_t max_age;                        /* days; 0 = any */
    bool always; /* names what stays in any case: latest, deployed, ... */
};
struct retention_rules {
    /* Days; 0 = never for that reason. */
    int64_t version_days, branch_days, overwritten_days, webhook_days;
    int64_t limit; /* versions that one run removes at most */
    struct {
        VEC_OF(struct retention_keep);
    } keep;
};

struct retention_config {
    bool off;         /* nothing is removed by itself */
    int64_t interval; /* seconds between two runs */
    struct retention_rules rules;
};

enum retention_kind {
    RETENTION_BRANCHES,
    RETENTION_VERSIONS,
    RETENTION_PUBLICATIONS,
    RETENTION_RESULTS,
    RETENTION_CONTENTS,
    RETENTION_WEBHOOKS,
    RETENTION_KINDS
};
/* The tables that a run reports about; what goes with a row of another table is counted too. */
enum { RETENTION_TABLES = 10 };
extern const char *const retention_tables[RETENTION_TABLES];

/*
 * Keep selectors as JSON, one object or an array of them, of the members pacticipant, tag, branch
 * (a name, or true), max_age (days), latest, deployed, released, main_branch (true), environment (a
 * name). NULL or empty adds none. Errors: ERR_USAGE, saying which member.
 */
int retention_parse_keep(struct retention_rules *rules, const char *text, struct arena *arena,
                         struct err *err);

/* A run under way; plain data, so that a step that was not stored can be forgotten. */
struct retention_run {
    const struct retention_rules *rules;
    const char *by; /* "timer" or "command" */
    int64_t start_us;
    enum retention_kind kind; /* RETENTION_KINDS = finished */
    int64_t cursor;           /* last id of that kind that was looked at */
    int64_t removed[RETENTION_TABLES];
};
void retention_begin(struct retention_run *run, struct store *store,
                     const struct retention_rules *rules, const char *by);
/* The next step, inside a transaction: 1 = go on, 0 = finished, or a negative err_code. */
int retention_step(struct store *store, struct retention_run *run, struct err *err);
int64_t retention_total(const struct retention_run *run);
/* "versions=3 publications=4", only what was removed. */
const char *retention_text(const struct retention_run *run, struct arena *arena);
/* Rows in each of retention_tables now. */
int retention_count(struct store *store, int64_t ret[RETENTION_TABLES], struct err *err);

/* ---- what earlier runs removed ---- */

struct removal {
    const char *run, *by, *name; /* start of the run, who, the table */
    int64_t removed;
};
struct removals {
    VEC_OF(struct removal);
};
/* Of the last runs that removed something, newest first. */
int retention_history(struct store *store, int64_t runs, struct arena *arena, struct removals *ret,
                      struct err *err);

#endif
