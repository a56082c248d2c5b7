// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/datetime_expression.h"

#include <ctype.h>

#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/datetime_parts.h"

#define SECOND_US INT64_C(1000000)
#define HOUR_US   (3600 * SECOND_US)
#define DAY_US    (24 * HOUR_US)

/* One expression under way: the words that are left, and where time has got to. */
struct moving {
    struct str text;
    size_t at;       /* start of the next word */
    struct str word; /* the next word, number or sign; empty at the end */
    int64_t us;
    struct err *err;
};

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '\'';
}

static void advance(struct moving *moving)
{
    struct str text = moving->text;
    size_t at = moving->at + moving->word.len, end;
    while (at < text.len && text.ptr[at] != '\0' && strchr(" \t\r\n", text.ptr[at])) {
        at++;
    }
    for (end = at; end < text.len && is_letter(text.ptr[end]); end++) {
    }
    if (end == at) {
        for (; end < text.len && isdigit((unsigned char)text.ptr[end]); end++) {
        }
    }
    moving->at = at;
    moving->word = str_sub(text, at, end > at ? end - at : 1);
}

static bool at_end(const struct moving *moving)
{
    return moving->word.len == 0;
}

static bool take(struct moving *moving, const char *word)
{
    if (at_end(moving) || !str_eq_nocase(moving->word, str_of(word))) {
        return false;
    }
    advance(moving);
    return true;
}

static int expected(struct moving *moving, const char *what)
{
    enum { SHOWN = 60 };
    struct str shown = str_sub(moving->word, 0, SHOWN);
    return err_at(moving->err, ERR_PARSE, NULL, 1, (int)moving->at + 1,
                  "expected %s, found %s%.*s%s at character %zu of the date expression", what,
                  shown.len ? "'" : "", STR_FMT(shown.len ? shown : STR("the end")),
                  shown.len ? "'" : "", moving->at + 1);
}

/* ---- the calendar ---- */

static int64_t day_of(int64_t us)
{
    return us / DAY_US - (us % DAY_US < 0);
}

static int64_t time_of(int64_t us)
{
    return us - day_of(us) * DAY_US;
}

/* Every step ends here, so that no later one can overflow. */
static int set(struct moving *moving, int64_t us)
{
    static const struct datetime_date first = {1, 1, 1}, after = {10000, 1, 1};
    if (us < datetime_day_number(&first) * DAY_US || us >= datetime_day_number(&after) * DAY_US) {
        return err_at(moving->err, ERR_PARSE, NULL, 1, (int)moving->at + 1,
                      "the date expression leaves the years 1 to 9999 before character %zu",
                      moving->at + 1);
    }
    moving->us = us;
    return 0;
}

static int add_months(struct moving *moving, int64_t months)
{
    struct datetime_date date = datetime_date_of(day_of(moving->us));
    int64_t all = date.year * 12 + (date.month - 1) + months;
    if (all < 12 || all >= INT64_C(10000) * 12) {
        return set(moving, INT64_MAX);
    }
    date.year = all / 12;
    date.month = (int)(all % 12) + 1;
    int last = datetime_days_in_month(date.year, date.month);
    date.day = date.day < last ? date.day : last;
    return set(moving, datetime_day_number(&date) * DAY_US + time_of(moving->us));
}

/* ---- steps ---- */

enum { COUNT_MAX = 1000000000 };

static const struct unit {
    const char *name;
    int64_t months, us;
    bool date;  /* else of a time */
    bool named; /* "next", "last" only */
} units[] = {
    {"day", 0, DAY_US, true, false},
    {"week", 0, 7 * DAY_US, true, false},
    {"fortnight", 0, 14 * DAY_US, true, true},
    {"month", 1, 0, true, false},
    {"year", 12, 0, true, false},
    {"hour", 0, HOUR_US, false, false},
    {"minute", 0, 60 * SECOND_US, false, false},
    {"second", 0, SECOND_US, false, false},
    {"millisecond", 0, SECOND_US / 1000, false, false},
};

static const struct unit *take_unit(struct moving *moving, bool date, bool counted)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct str word = moving->word;
        if (units[i].date != date || (counted && units[i].named)) {
            continue;
        }
        if (counted && word.len > 1 && tolower((unsigned char)word.ptr[word.len - 1]) == 's') {
            word.len--;
        }
        if (str_eq_nocase(word, str_of(units[i].name))) {
            advance(moving);
            return &units[i];
        }
    }
    return NULL;
}

static int step(struct moving *moving, const struct unit *unit, int64_t count)
{
    if (unit->months) {
        return add_months(moving, count * unit->months);
    }
    /* 10^9 weeks would overflow, and is beyond the calendar anyway. */
    int64_t most = INT64_MAX / 4 / unit->us;
    return set(moving, count > most    ? INT64_MAX
                       : count < -most ? INT64_MIN
                                       : moving->us + count * unit->us);
}

/* "+ 2 weeks - 1 day" */
static int take_adjustments(struct moving *moving, bool date)
{
    while (!at_end(moving) && !str_is(moving->word, "@")) {
        bool minus = str_is(moving->word, "-");
        int64_t count = 0;
        if (!minus && !str_is(moving->word, "+")) {
            return expected(moving, "'+' or '-'");
        }
        advance(moving);
        if (!str_to_i64(moving->word, 0, COUNT_MAX, &count)) {
            return expected(moving, "a number up to 1000000000");
        }
        advance(moving);
        const struct unit *unit = take_unit(moving, date, true);
        if (!unit) {
            return expected(moving, date ? "day, week, month or year"
                                         : "hour, minute, second or millisecond");
        }
        int rc = step(moving, unit, minus ? -count : count);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* ---- dates ---- */

/* Which of n names the next word is: whole, or its first letters; -1 = none. */
static int take_name(struct moving *moving, const char *const *names, const size_t *shorts, int n)
{
    for (int i = 0; i < n; i++) {
        struct str name = str_of(names[i]);
        if (str_eq_nocase(moving->word, name) ||
            str_eq_nocase(moving->word, str_sub(name, 0, shorts[i]))) {
            advance(moving);
            return i;
        }
    }
    return -1;
}

static int to_weekday(struct moving *moving, int weekday, bool next)
{
    int64_t day = day_of(moving->us);
    int today = (int)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday; Monday is 0 */
    int forth = (weekday - today + 7) % 7, back = (today - weekday + 7) % 7;
    int64_t days = next ? (forth ? forth : 7) : -(back ? back : 7);
    return set(moving, moving->us + days * DAY_US);
}

static int to_month(struct moving *moving, int month, bool next)
{
    struct datetime_date date = datetime_date_of(day_of(moving->us));
    if (next) {
        date.year += month <= date.month;
    } else {
        date.year -= month >= date.month;
    }
    date.month = month;
    date.day = 1;
    return set(moving, datetime_day_number(&date) * DAY_US + time_of(moving->us));
}

static int take_offset(struct moving *moving, bool date, bool next)
{
    static const size_t weekday_shorts[] = {3, 4, 3, 5, 3, 3, 3}; /* mon tues wed thurs fri … */
    static const size_t month_shorts[] = {3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3};
    const struct unit *unit = take_unit(moving, date, false);
    if (unit) {
        return step(moving, unit, next ? 1 : -1);
    }
    int i = date ? take_name(moving, datetime_weekdays, weekday_shorts, 7) : -1;
    if (i >= 0) {
        return to_weekday(moving, i, next);
    }
    i = date ? take_name(moving, datetime_months, month_shorts, 12) : -1;
    if (i >= 0) {
        return to_month(moving, i + 1, next);
    }
    return expected(moving, date ? "day, week, fortnight, month, year, a weekday or a month"
                                 : "hour, minute, second or millisecond");
}

static int take_date(struct moving *moving)
{
    static const struct {
        const char *word;
        int days;
    } bases[] = {{"now", 0}, {"today", 0}, {"yesterday", -1}, {"tomorrow", 1}};
    int rc = 0;
    bool next = take(moving, "next"), found = next || take(moving, "last");
    if (found) {
        rc = take_offset(moving, true, next);
    }
    for (size_t i = 0; !found && i < sizeof bases / sizeof *bases; i++) {
        found = take(moving, bases[i].word);
        rc = found ? set(moving, moving->us + bases[i].days * DAY_US) : 0;
    }
    return rc ? rc : take_adjustments(moving, true);
}

/* ---- times ---- */

static int take_clock(struct moving *moving)
{
    int64_t hour = 0, start = day_of(moving->us) * DAY_US;
    if (!str_to_i64(moving->word, 1, 12, &hour)) {
        return expected(moving, "an hour from 1 to 12");
    }
    advance(moving);
    if (!take(moving, "o'clock")) {
        return expected(moving, "o'clock");
    }
    hour %= 12;
    if (take(moving, "am")) {
        return set(moving, start + hour * HOUR_US);
    }
    if (take(moving, "pm")) {
        return set(moving, start + (hour + 12) * HOUR_US);
    }
    int64_t us = start + hour * HOUR_US;
    while (us <= moving->us) {
        us += 12 * HOUR_US;
    }
    return set(moving, us);
}

static int take_time(struct moving *moving)
{
    int rc = 0;
    int64_t start = day_of(moving->us) * DAY_US;
    bool next = take(moving, "next");
    if (next || take(moving, "last")) {
        rc = take_offset(moving, false, next);
    } else if (take(moving, "midnight")) {
        rc = set(moving, start);
    } else if (take(moving, "noon")) {
        rc = set(moving, start + 12 * HOUR_US);
    } else if (!at_end(moving) && isdigit((unsigned char)moving->word.ptr[0])) {
        rc = take_clock(moving);
    } else {
        take(moving, "now");
    }
    return rc ? rc : take_adjustments(moving, false);
}

int datetime_expression(struct str text, enum datetime_expression_kind kind, int64_t base_us,
                        int64_t *ret_us, struct err *err)
{
    struct moving moving = {.text = text, .err = err};
    if (text.len > LIMIT_EXPRESSION) {
        return err_set(err, ERR_LIMIT, "a date expression longer than %d bytes", LIMIT_EXPRESSION);
    }
    advance(&moving);
    if (at_end(&moving)) {
        return expected(&moving, "a date expression");
    }
    int rc = set(&moving, base_us);
    if (rc == 0 && kind != DATETIME_TIME) {
        rc = take_date(&moving);
    }
    bool time = kind == DATETIME_TIME;
    if (rc == 0 && kind == DATETIME_BOTH && take(&moving, "@")) {
        time = true;
        rc = at_end(&moving) ? expected(&moving, "a time after '@'") : 0;
    }
    if (rc == 0 && time) {
        rc = take_time(&moving);
    }
    if (rc == 0 && !at_end(&moving)) { /* only an '@' stops the parts before the end */
        rc = expected(&moving, "the end");
    }
    if (rc == 0) {
        *ret_us = moving.us;
    }
    return rc;
}

/* ---- bases ---- */

static bool number(struct str text, size_t from, size_t len, int64_t min, int64_t max, int64_t *ret)
{
    struct str digits = str_sub(text, from, len);
    for (size_t i = 0; i < digits.len; i++) {
        if (!isdigit((unsigned char)digits.ptr[i])) {
            return false;
        }
    }
    return digits.len == len && str_to_i64(digits, min, max, ret);
}

static bool mark(struct str text, size_t at, char c)
{
    return at < text.len && text.ptr[at] == c;
}

/* "yyyy-MM-dd" */
static bool read_date(struct str text, int64_t *ret_day)
{
    int64_t year = 0, month = 0, day = 0;
    if (text.len != 10 || !mark(text, 4, '-') || !mark(text, 7, '-') ||
        !number(text, 0, 4, 1, 9999, &year) || !number(text, 5, 2, 1, 12, &month) ||
        !number(text, 8, 2, 1, 31, &day) || day > datetime_days_in_month(year, (int)month)) {
        return false;
    }
    struct datetime_date date = {year, (int)month, (int)day};
    *ret_day = datetime_day_number(&date);
    return true;
}

/* "Z", "+01", "+01:00", "+0100" or nothing: microseconds east. */
static bool read_offset(struct str text, int64_t *ret)
{
    int64_t hours = 0, minutes = 0;
    *ret = 0;
    if (text.len == 0 || str_eq_nocase(text, STR("Z"))) {
        return true;
    }
    if ((text.ptr[0] != '+' && text.ptr[0] != '-') || !number(text, 1, 2, 0, 18, &hours)) {
        return false;
    }
    size_t at = 3 + mark(text, 3, ':');
    if (text.len != 3 && (text.len != at + 2 || !number(text, at, 2, 0, 59, &minutes))) {
        return false;
    }
    *ret = (text.ptr[0] == '-' ? -1 : 1) * (hours * HOUR_US + minutes * 60 * SECOND_US);
    return true;
}

/* "HH:mm[:ss[.fraction]]" and an offset: microseconds of the day in UTC, perhaps of another one. */
static bool read_time(struct str text, int64_t *ret)
{
    int64_t hour = 0, minute = 0, second = 0, fraction = 0, offset = 0;
    size_t at = 5;
    if (!mark(text, 2, ':') || !number(text, 0, 2, 0, 23, &hour) ||
        !number(text, 3, 2, 0, 59, &minute)) {
        return false;
    }
    if (mark(text, at, ':')) {
        if (!number(text, at + 1, 2, 0, 59, &second)) {
            return false;
        }
        at += 3;
        if (mark(text, at, '.')) {
            int64_t unit = SECOND_US;
            size_t from = ++at;
            for (; at < text.len && isdigit((unsigned char)text.ptr[at]); at++) {
                unit /= 10;
                fraction += unit * (text.ptr[at] - '0');
            }
            if (at == from) {
                return false;
            }
        }
    }
    if (!read_offset(str_sub(text, at, text.len - at), &offset)) {
        return false;
    }
    *ret = hour * HOUR_US + minute * 60 * SECOND_US + second * SECOND_US + fraction - offset;
    return true;
}

bool datetime_base(struct str text, int64_t *us)
{
    int64_t day = day_of(*us), time = time_of(*us);
    bool both = mark(text, 10, 'T') || mark(text, 10, 't') || mark(text, 10, ' ');
    if (both) {
        if (!read_date(str_sub(text, 0, 10), &day) ||
            !read_time(str_sub(text, 11, text.len - 11), &time)) {
            return false;
        }
    } else if (!read_date(text, &day) && !read_time(text, &time)) {
        return false;
    }
    *us = day * DAY_US + time;
    return true;
}
