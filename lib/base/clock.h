// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_CLOCK_H
#define TALLY_LIB_BASE_CLOCK_H
/*
 * Time as a parameter. Code that needs the time takes a `const struct clock *`; tests hand in one
 * that stands still.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

struct clock {
    int64_t (*now_us)(void *context); /* microseconds since 1970-01-01T00:00:00Z */
    void *context;
};

const struct clock *clock_system(void);
/* A clock that shows *now_us, which the test changes. */
struct clock clock_fixed(int64_t *now_us);
int64_t clock_now_us(const struct clock *clock);
/* Monotonic, for durations and deadlines only. */
int64_t clock_mono_us(void);

enum { CLOCK_TEXT_LEN = 33 };
/* "2026-11-20T17:59:49+00:00", the broker's form. ret has CLOCK_TEXT_LEN bytes; returns it. */
char *clock_format_offset(int64_t us, char *ret);
/* "2026-11-20T17:59:49.123456Z", RFC 3339 with microseconds: sorts as text. */
char *clock_format_utc(int64_t us, char *ret);
/* RFC 3339 date-time (zone required); `false` if it is not one. */
bool clock_parse(struct str text, int64_t *ret_us);

#endif
