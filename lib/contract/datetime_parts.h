// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_DATETIME_PARTS_H
#define TALLY_LIB_CONTRACT_DATETIME_PARTS_H
/* What reading and writing dates share: patterns taken apart, names, calendar. */
#include <stdint.h>

#include "lib/base/str.h"

struct err;

enum { DATETIME_ELEMENTS = 128 };

struct datetime_element {
    char letter;        /* 0 = literal text */
    size_t count;       /* how often the letter stands there */
    struct str literal; /* without its quotes */
};
struct datetime_pattern {
    struct datetime_element items[DATETIME_ELEMENTS];
    size_t len;
};
/* Errors: ERR_PARSE a letter that means nothing, an open quote, brackets, too long. */
int datetime_take_apart(struct str pattern, struct datetime_pattern *ret, struct err *err);

extern const char *const datetime_months[12];  /* "January" */
extern const char *const datetime_weekdays[7]; /* "Monday" */
int datetime_days_in_month(int64_t year, int month);
/* The proleptic Gregorian calendar; days count from 1970-01-01. */
struct datetime_date {
    int64_t year;
    int month, day;
};
struct datetime_date datetime_date_of(int64_t day_number);
int64_t datetime_day_number(const struct datetime_date *date);

/* Whether there is a zone of that id ("Europe/London"), or that abbreviation ("AEST"). */
bool datetime_is_zone_id(struct str name);
bool datetime_is_zone_abbreviation(struct str name);

#endif
