// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_PACT_DIFF_H
#define TALLY_BROKER_PACT_DIFF_H
/* What changed between two contents of a contract, for people. */
#include "lib/base/str.h"

struct arena;
struct err;

/*
 * A unified diff of both contents as pretty JSON: keys in order, interactions by description and
 * provider states, without `_id`. Empty if nothing else differs. Errors: as json_parse().
 */
int pact_diff(struct arena *arena, struct str old_content, struct str new_content, struct str *ret,
              struct err *err);

#endif
