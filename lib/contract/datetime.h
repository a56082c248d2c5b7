// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_DATETIME_H
#define TALLY_LIB_CONTRACT_DATETIME_H
/*
 * Dates and times in patterns of Java's DateTimeFormatter letters.
 * Source: pact-semantics, section 9.
 */
#include "lib/base/str.h"

struct arena;
struct err;

/*
 * 1 if the whole value is what the pattern says, 0 if not.
 * Errors: ERR_PARSE the pattern is invalid.
 */
int datetime_match(struct str pattern, struct str value, struct err *err);
/*
 * A point in time (microseconds since 1970, UTC) in a pattern.
 * Errors: ERR_PARSE the pattern is invalid or has a letter that is only understood when reading.
 */
int datetime_format(struct str pattern, int64_t us, struct arena *arena, struct str *ret,
                    struct err *err);

#endif
