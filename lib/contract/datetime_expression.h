// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_DATETIME_EXPRESSION_H
#define TALLY_LIB_CONTRACT_DATETIME_EXPRESSION_H
/*
 * Points in time relative to another: "next monday + 2 weeks @ 9 o'clock am". Always in UTC.
 * Source: pact-semantics, section 12.
 *
 * date: [now|today|yesterday|tomorrow], or next|last followed by day, week, fortnight, month, year,
 *       a weekday or a month; then any number of (+|-) n day(s), week(s), month(s), year(s).
 * time: [now|midnight|noon|n o'clock [am|pm]], or next|last followed by hour, minute, second or
 *       millisecond; then any number of (+|-) n of these.
 * both: date, '@' and time, or only one of them ("@ noon" is today's).
 *
 * Words may be in any case. A date moves the day and keeps the time; another month keeps the day,
 * or takes the last one if it has no such day. A next or last weekday is never the same day, a next
 * or last month never the same month and always its first day. An hour without am or pm is the
 * next one that a clock shows so, perhaps of the next day; 12 am is midnight and 12 pm is noon.
 */
#include "lib/base/str.h"

struct err;

enum datetime_expression_kind { DATETIME_DATE, DATETIME_TIME, DATETIME_BOTH };

/*
 * The point in time that a text means, from `base_us` (microseconds since 1970, UTC).
 * Errors: ERR_PARSE with the column of the word that is not understood, or when the year leaves
 * 1 to 9999; ERR_LIMIT (LIMIT_EXPRESSION).
 */
int datetime_expression(struct str text, enum datetime_expression_kind kind, int64_t base_us,
                        int64_t *ret_us, struct err *err);
/*
 * An ISO 8601 date, time, or date and time (an offset or Z may follow the time; without one it is
 * UTC), as contexts give it. What it does not say is taken from *us. False if it is none of these.
 */
bool datetime_base(struct str text, int64_t *us);

#endif
