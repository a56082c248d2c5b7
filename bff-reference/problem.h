// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_PROBLEM_H
#define TALLY_BFF_REFERENCE_PROBLEM_H
/* What can go wrong, as problem details (RFC 9457) and as GraphQL error codes. */
#include "lib/base/str.h"

struct arena;

enum problem_kind {
    PROBLEM_NONE,
    PROBLEM_BAD_REQUEST,
    PROBLEM_NOT_FOUND,
    PROBLEM_METHOD,
    PROBLEM_NOT_ACCEPTABLE,
    PROBLEM_MEDIA_TYPE,
    PROBLEM_INTERNAL,
    PROBLEM_UPSTREAM,
    PROBLEM_OVERLOADED,
    PROBLEM_TIMEOUT,
};

struct problem {
    enum problem_kind kind; /* PROBLEM_NONE: nothing went wrong */
    const char *detail;     /* one sentence for the developer of the app; nothing internal */
};

#define PROBLEM_TYPE "application/problem+json"

int problem_status(enum problem_kind kind);
/* extensions.code of a GraphQL error. */
const char *problem_code(enum problem_kind kind);
/* {"type","title","status","detail","instance"}; `instance` is the path asked for. */
struct str problem_json(struct arena *arena, const struct problem *problem, struct str instance);
/* The same for a status without a kind of its own (what the HTTP codec refused). */
struct str problem_json_status(struct arena *arena, int status, const char *detail);

#endif
