// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/datetime_parts.h"

#include <ctype.h>

#include "lib/base/err.h"

const char *const datetime_months[12] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
const char *const datetime_weekdays[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                          "Friday", "Saturday", "Sunday"};

static bool leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int datetime_days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : days[month - 1];
}

/* Both count in eras of 400 years that begin in March, so that a leap day comes last. */
struct datetime_date datetime_date_of(int64_t day_number)
{
    struct datetime_date date;
    int64_t z = day_number + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    date.day = (int)(doy - (153 * mp + 2) / 5 + 1);
    date.month = (int)(mp < 10 ? mp + 3 : mp - 9);
    date.year = yoe + era * 400 + (date.month <= 2);
    return date;
}

int64_t datetime_day_number(const struct datetime_date *date)
{
    int64_t year = date->year - (date->month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400, yoe = year - era * 400;
    int64_t mp = date->month > 2 ? date->month - 3 : date->month + 9;
    int64_t doy = (153 * mp + 2) / 5 + date->day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int bad(struct err *err, struct str pattern, const char *why)
{
    return err_set(err, ERR_PARSE, "the date pattern '%.*s' %s", STR_FMT(pattern), why);
}

static struct datetime_element *add(struct datetime_pattern *to)
{
    return to->len < DATETIME_ELEMENTS ? &to->items[to->len++] : NULL;
}

static bool add_literal(struct datetime_pattern *to, struct str text)
{
    struct datetime_element *element = add(to);
    if (element) {
        *element = (struct datetime_element){.literal = text};
    }
    return element != NULL;
}

/* From the opening quote on; '' is a quote itself, inside of a quoted text as well as outside. */
static size_t take_quoted(struct str pattern, size_t at, struct datetime_pattern *to)
{
    size_t from = at + 1;
    if (from < pattern.len && pattern.ptr[from] == '\'') {
        return add_literal(to, STR("'")) ? from + 1 : 0;
    }
    for (size_t end = from; end < pattern.len; end++) {
        bool quote = pattern.ptr[end] == '\'';
        bool twice = quote && end + 1 < pattern.len && pattern.ptr[end + 1] == '\'';
        if (quote && !add_literal(to, str_sub(pattern, from, end - from + twice))) {
            return 0;
        }
        if (quote && !twice) {
            return end + 1;
        }
        if (twice) {
            end++;
            from = end + 1;
        }
    }
    return 0;
}

int datetime_take_apart(struct str pattern, struct datetime_pattern *ret, struct err *err)
{
    static const char letters[] = "GyuYMLdDEeQqwWFaHkhKmsSnANXxZOzV";
    ret->len = 0;
    for (size_t i = 0; i < pattern.len;) {
        char c = pattern.ptr[i];
        if (c == '\'') {
            i = take_quoted(pattern, i, ret);
            if (i == 0) {
                return bad(err, pattern, "has an open quote, or is too long");
            }
            continue;
        }
        if (c == 0 || (isalnum((unsigned char)c) && !strchr(letters, c))) {
            return bad(err, pattern, "has a letter that means nothing; quote literal text");
        }
        if (strchr("{}[]", c)) {
            return bad(err, pattern, "has brackets, which are not understood");
        }
        size_t run = 1;
        while (isalpha((unsigned char)c) && i + run < pattern.len && pattern.ptr[i + run] == c) {
            run++;
        }
        struct datetime_element *element = add(ret);
        if (!element) {
            return bad(err, pattern, "is too long");
        }
        bool field = isalpha((unsigned char)c);
        *element = (struct datetime_element){
            .letter = field ? c : 0, .count = run, .literal = str_sub(pattern, i, run)};
        i += run;
    }
    return 0;
}
