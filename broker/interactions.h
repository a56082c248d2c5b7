// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_INTERACTIONS_H
#define TALLY_BROKER_INTERACTIONS_H
/*
 * What the index of repository methods keeps of a contract: one row per interaction, also of those
 * that name no method, and of contracts that can be read only in part.
 */
#include <stdbool.h>

#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;
struct json;

struct interaction {
    struct str name;        /* the method, else the description: what it is listed under */
    struct str kind;        /* "http", "message", "synchronous message", "unknown" */
    struct str description; /* as in the contract */
    struct str method, package, variant;
    struct str source; /* what the method came from: "description", "comments.tally"; or absent */
    bool inferred;     /* guessed from the name of a test: shown, never counted */
    struct str operation;    /* absent when it cannot be told */
    struct str persisted_id; /* of a GraphQL operation, for a manifest to resolve; or absent */
    struct str digest;       /* of its GraphQL document, normalised; or absent */
    struct str problem;      /* why it has no method or operation; absent if nothing is wrong */
};
struct interactions {
    VEC_OF(struct interaction);
};

/*
 * The interactions of a stored contract. A content that is no readable contract gives what its
 * descriptions say, and *ret_problem; nothing fails, because what is published must be indexed.
 * `tree` is the content for who has it parsed already, else NULL.
 */
void interactions_of(const struct json *tree, struct str content, struct arena *arena,
                     struct interactions *ret, struct str *ret_problem);

#endif
