// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_INVENTORY_H
#define TALLY_LIB_CONTRACT_INVENTORY_H
/*
 * An inventory of an app's repository methods, kept beside its version and never in a contract:
 *
 *   {"methods": [{"name": "TransactionRepository.page", "screens": ["Home"], "owner": "team-x"}]}
 *
 * Only `name` is needed; further members are fine. Source: gate-and-audit, section 3.1.
 */
#include <stdbool.h>

#include "lib/base/vec.h"

struct arena;
struct json;

struct inventory_problem {
    const struct json *at; /* the value that is wrong */
    bool in_list;          /* it is, or is in, methods[index] */
    size_t index;
    const char *text; /* "name is missing" */
};
struct inventory_problems {
    VEC_OF(struct inventory_problem);
};

/* What is wrong with it; nothing added = nothing. The root is an object. */
void inventory_check(const struct json *root, struct arena *arena, struct inventory_problems *ret);

#endif
