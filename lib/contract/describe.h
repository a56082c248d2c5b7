// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_DESCRIBE_H
#define TALLY_LIB_CONTRACT_DESCRIBE_H
/* Rules and generators in words, for people who read a contract. */
#include "lib/contract/generate.h"

struct described {
    struct str where; /* "body $.items", "header Content-Type", "path" */
    struct str what;  /* "type min 1", "regex \d+ or null" */
};
struct descriptions {
    VEC_OF(struct described); /* in the order of the file, part by part */
};

void describe_rules(const struct rules *rules, struct arena *arena, struct descriptions *ret);
void describe_generators(const struct generators *generators, struct arena *arena,
                         struct descriptions *ret);

#endif
