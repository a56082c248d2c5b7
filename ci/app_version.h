// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_APP_VERSION_H
#define TALLY_CI_APP_VERSION_H
/* A version of a pacticipant as the broker knows it. */
#include "lib/json/json.h"

struct arena;
struct err;
struct hal;

/*
 * The resource of exactly this version, links included. Brokers take ".json" and the like off the
 * end of a path; the last dot of the number is therefore sent encoded, and the answer's number has
 * to be the one asked for.
 * Errors: ERR_NOT_FOUND there is no such version, or the broker answered for another; those of
 * hal_call.
 */
int app_version_get(struct hal *hal, const char *pacticipant, const char *version,
                    struct arena *arena, struct json **ret, struct err *err);

#endif
