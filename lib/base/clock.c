// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.h"

#include <time.h>

#define SECOND_US INT64_C(1000000)
#define DAY_US    (INT64_C(86400) * SECOND_US)

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

static int64_t system_now(void *context)
{
    (void)context;
    return read_clock(CLOCK_REALTIME);
}

const struct clock *clock_system(void)
{
    static const struct clock system_clock = {system_now, NULL};
    return &system_clock;
}

static int64_t fixed_now(void *context)
{
    return *(const int64_t *)context;
}

struct clock clock_fixed(int64_t *now_us)
{
    return (struct clock){fixed_now, now_us};
}

int64_t clock_now_us(const struct clock *clock)
{
    return clock->now_us(clock->context);
}

int64_t clock_mono_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/*
 * Days since 1970-01-01 of a date of the proleptic Gregorian calendar and back, with years that
 * start in March so that the leap day comes last (Howard Hinnant, "chrono-compatible low-level
 * date algorithms").
 */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

struct date {
    int year, month, day;
};

static struct date date_of(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t m = (5 * day_of_year + 2) / 153;
    struct date date = {.day = (int)(day_of_year - (153 * m + 2) / 5 + 1),
                        .month = (int)(m < 10 ? m + 3 : m - 9)};
    date.year = (int)(year_of_era + era * 400 + (date.month <= 2));
    return date;
}

static char *put_digits(char *at, int64_t value, int digits, char after)
{
    for (int i = digits - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    at[digits] = after;
    return at + digits + 1;
}

/* Writes up to the seconds; the text form has four digits for the year, so time is clipped. */
static char *format_seconds(int64_t us, char *ret, int64_t *ret_fraction)
{
    const int64_t first = days_of(0, 1, 1) * DAY_US;
    const int64_t last = days_of(10000, 1, 1) * DAY_US - 1;
    if (us < first)
        us = first;
    if (us > last)
        us = last;
    int64_t days = us / DAY_US - (us % DAY_US < 0);
    int64_t rest = us - days * DAY_US;
    struct date date = date_of(days);
    int64_t second = rest / SECOND_US;
    char *at = put_digits(ret, date.year, 4, '-');
    at = put_digits(at, date.month, 2, '-');
    at = put_digits(at, date.day, 2, 'T');
    at = put_digits(at, second / 3600, 2, ':');
    at = put_digits(at, second / 60 % 60, 2, ':');
    at = put_digits(at, second % 60, 2, '\0');
    *ret_fraction = rest % SECOND_US;
    return at - 1;
}

char *clock_format_offset(int64_t us, char *ret)
{
    int64_t fraction;
    memcpy(format_seconds(us, ret, &fraction), "+00:00", sizeof "+00:00");
    return ret;
}

char *clock_format_utc(int64_t us, char *ret)
{
    int64_t fraction;
    char *at = format_seconds(us, ret, &fraction);
    *at++ = '.';
    at = put_digits(at, fraction, 6, 'Z');
    *at = '\0';
    return ret;
}

/* Exactly `digits` digits within min..max, cut off the front of *text. */
static bool take_number(struct str *text, size_t digits, int min, int max, int *ret)
{
    if (text->len < digits)
        return false;
    int value = 0;
    for (size_t i = 0; i < digits; i++) {
        char c = text->ptr[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    if (value < min || value > max)
        return false;
    *text = str_sub(*text, digits, text->len);
    *ret = value;
    return true;
}

static bool take_one_of(struct str *text, const char *set)
{
    if (text->len == 0 || text->ptr[0] == '\0' || !strchr(set, text->ptr[0]))
        return false;
    *text = str_sub(*text, 1, text->len);
    return true;
}

static bool take_date(struct str *text, int64_t *ret_days)
{
    static const int month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (!take_number(text, 4, 0, 9999, &year) || !take_one_of(text, "-") ||
        !take_number(text, 2, 1, 12, &month) || !take_one_of(text, "-") ||
        !take_number(text, 2, 1, month_days[month - 1], &day))
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month == 2 && day == 29 && !leap)
        return false;
    *ret_days = days_of(year, month, day);
    return true;
}

/* One to nine digits; beyond microseconds they are dropped. */
static bool take_fraction(struct str *text, int64_t *ret_us)
{
    size_t digits = 0;
    int64_t us = 0;
    while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9') {
        if (digits < 6)
            us = us * 10 + (text->ptr[digits] - '0');
        digits++;
    }
    if (digits == 0 || digits > 9)
        return false;
    for (size_t i = digits; i < 6; i++)
        us *= 10;
    *text = str_sub(*text, digits, text->len);
    *ret_us = us;
    return true;
}

static bool take_zone(struct str *text, int *ret_minutes)
{
    if (take_one_of(text, "Zz")) {
        *ret_minutes = 0;
        return true;
    }
    int sign = text->len > 0 && text->ptr[0] == '-' ? -1 : 1;
    int hours, minutes;
    if (!take_one_of(text, "+-") || !take_number(text, 2, 0, 23, &hours) ||
        !take_one_of(text, ":") || !take_number(text, 2, 0, 59, &minutes))
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return true;
}

/* RFC 3339 §5.6. A leap second exists only at the end of a UTC day (§5.7). */
bool clock_parse(struct str text, int64_t *ret_us)
{
    int64_t days, fraction_us = 0;
    int hour, minute, second, offset;
    if (!take_date(&text, &days) || !take_one_of(&text, "Tt") ||
        !take_number(&text, 2, 0, 23, &hour) || !take_one_of(&text, ":") ||
        !take_number(&text, 2, 0, 59, &minute) || !take_one_of(&text, ":") ||
        !take_number(&text, 2, 0, 60, &second))
        return false;
    if (take_one_of(&text, ".") && !take_fraction(&text, &fraction_us))
        return false;
    if (!take_zone(&text, &offset) || text.len > 0)
        return false;
    int64_t minutes = days * 1440 + hour * 60 + minute - offset;
    if (second == 60) {
        if ((minutes % 1440 + 1440) % 1440 != 1439)
            return false;
        second = 59;
        fraction_us = 999999;
    }
    *ret_us = (minutes * 60 + second) * SECOND_US + fraction_us;
    return true;
}
