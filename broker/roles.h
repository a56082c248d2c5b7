// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_ROLES_H
#define TALLY_BROKER_ROLES_H
/* What a token may do. Every role may read as well; admin may do everything. */
#include <stdbool.h>

#include "lib/base/str.h"

struct arena;

enum role {
    ROLE_READ = 1,
    ROLE_PUBLISH = 2, /* contracts, versions, branches, tags, pacticipants */
    ROLE_VERIFY = 4,  /* results and evidence, and the versions they belong to */
    ROLE_DEPLOY = 8,  /* deployments and releases */
    ROLE_ADMIN = 16,  /* deleting, environments, webhooks, the audit log */
    ROLES_ALL = 31,
};

/* "read,publish", separated by commas or spaces. False for an unknown or missing name. */
bool roles_parse(struct str text, unsigned *ret);
/* "read, publish"; "none" for 0. */
const char *roles_text(unsigned roles, struct arena *arena);
/* Whether what somebody has is enough where one of `needed` is asked for. */
bool roles_suffice(unsigned has, unsigned needed);

#endif
