// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_RATE_H
#define TALLY_BROKER_RATE_H
/*
 * How many requests one caller may send: a bucket per token, account or address that refills
 * steadily. The memory is fixed; when more callers come than there is room for, those who have
 * been quiet longest are forgotten, which gives them a full bucket.
 */
#include <stdint.h>

#include "lib/base/str.h"

struct caller;
struct rate;

/*
 * "100/s", "600/m", "5000/h", or "100" for "100/s". Returns what is wrong with the text, or NULL;
 * *ret_rate is NULL then for "0", which means no limit.
 */
const char *rate_new(const char *text, struct rate **ret_rate);
void rate_free(struct rate *rate);
const char *rate_check(const char *text);
/* Takes one request: 0 when it may go on, else the seconds after which another one may. */
int64_t rate_take(struct rate *rate, const struct caller *caller, int64_t now_us);

#endif
