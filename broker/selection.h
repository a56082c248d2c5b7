// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_SELECTION_H
#define TALLY_BROKER_SELECTION_H
/*
 * Which contracts a provider has to verify now, which of them are pending (a failure must not break
 * its build) and which are work in progress. Source: broker-api.md §12.
 */
#include <stdbool.h>

#include "broker/store.h"
#include "lib/base/vec.h"

struct arena;
struct err;

/* In the order in which reasons are told. */
enum selector_kind {
    SELECT_LATEST,       /* newest contract of each consumer */
    SELECT_MAIN_BRANCH,  /* head of each consumer's main branch */
    SELECT_BRANCH,       /* head of branch `name` */
    SELECT_BRANCH_HEADS, /* heads of all branches */
    SELECT_LATEST_TAG,   /* latest version with tag `name` */
    SELECT_TAG_HEADS,    /* latest version of every tag */
    SELECT_TAG,          /* all versions with tag `name` */
    SELECT_DEPLOYED,     /* everywhere, or in environment `name` */
    SELECT_RELEASED,
    SELECT_ENVIRONMENT, /* deployed or released in environment `name` */
};

struct selector {
    enum selector_kind kind;
    const char *name;       /* branch, tag or environment; may be NULL */
    const char *consumer;   /* only this one; NULL = all */
    const char *fallback;   /* tag or branch to take when nothing matches; NULL = none */
    const char *instead_of; /* the name that met nothing, if `name` is the fallback */
};
struct selectors {
    VEC_OF(struct selector);
};

/* A selector that chose a contract, with what it met. */
struct reason {
    struct selector selector;
    const char *number;      /* consumer version */
    const char *environment; /* where it is deployed or released */
    const char *branch;      /* the branch met by a branch or main branch selector */
    int64_t consumer_version_id;
};
struct reasons_met {
    VEC_OF(struct reason);
};
struct tag_names {
    VEC_OF(const char *);
};
struct selected {
    struct publication pact; /* of the latest consumer version among the reasons */
    struct reasons_met reasons;
    struct tag_names pending_tags; /* of the provider's: those that it is pending for */
    bool pending, wip;
    bool live; /* with live_never_pending: a version with this content is deployed or released */
};
struct selected_pacts {
    VEC_OF(struct selected);
};

/* How the broker is set up. The window of days takes the place of the date that is asked for. */
struct selection_rules {
    bool dynamic_window;
    int64_t window_min_days, window_max_days, window_default_days;
    int64_t other_branch_days; /* a result of a branch speaks that long against WIP */
    bool live_never_pending;
};
extern const struct selection_rules selection_defaults;

struct selection {
    const struct selection_rules *rules; /* NULL = the defaults */
    struct selectors selectors;          /* none = those of the API */
    const char *branch;                  /* the provider version's; NULL = none */
    struct tag_names tags;
    bool with_pending;
    bool deprecated;       /* asked for in the old way */
    const char *wip_since; /* stored time form; NULL = no WIP */
};

/* By consumer name, then consumer version; the WIP ones after the others. */
int selection_run(struct store *store, const struct pacticipant *provider,
                  const struct selection *selection, struct arena *arena,
                  struct selected_pacts *ret, struct err *err);

#endif
