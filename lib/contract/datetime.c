// SPDX-License-Identifier: Apache-2.0
/*
 * Reading: the pattern is walked with backtracking, because numbers may be shorter than their
 * letters say and nothing separates them in "yyyyMMdd". Source: pact-semantics, section 9.
 */
#include "lib/contract/datetime.h"

#include <ctype.h>

#include "lib/base/err.h"
#include "lib/contract/datetime_parts.h"

enum slot { SLOT_NONE, SLOT_YEAR, SLOT_MONTH, SLOT_DAY, SLOT_DAY_OF_YEAR, SLOTS };

struct reading {
    const struct datetime_pattern *pattern;
    struct str value;
    int64_t slots[SLOTS]; /* -1 = not read */
    size_t steps;         /* bounds the backtracking */
};
enum { DATETIME_STEPS = 100000 };

/* Numbers: at most so many digits, within so much. */
static const struct number {
    char letter;
    size_t digits;
    int64_t least, most;
    enum slot slot;
} numbers[] = {
    {'M', 2, 1, 12, SLOT_MONTH},
    {'L', 2, 1, 12, SLOT_MONTH},
    {'d', 2, 1, 31, SLOT_DAY},
    {'D', 3, 1, 366, SLOT_DAY_OF_YEAR},
    {'e', 1, 1, 7, SLOT_NONE},
    {'Q', 1, 1, 4, SLOT_NONE},
    {'q', 1, 1, 4, SLOT_NONE},
    {'w', 2, 1, 53, SLOT_NONE},
    {'W', 1, 1, 6, SLOT_NONE},
    {'F', 1, 1, 5, SLOT_NONE},
    {'H', 2, 0, 23, SLOT_NONE},
    {'k', 2, 1, 24, SLOT_NONE},
    {'h', 2, 1, 12, SLOT_NONE},
    {'K', 2, 0, 11, SLOT_NONE},
    {'m', 2, 0, 59, SLOT_NONE},
    {'s', 2, 0, 60, SLOT_NONE},
    {'n', 9, 0, 999999999, SLOT_NONE},
    {'A', 8, 0, 86399999, SLOT_NONE},
    {'N', 14, 0, 86399999999999, SLOT_NONE},
};

static int read_from(struct reading *reading, size_t element, size_t at);

static bool calendar_agrees(const struct reading *reading)
{
    int64_t year = reading->slots[SLOT_YEAR], month = reading->slots[SLOT_MONTH];
    int64_t day = reading->slots[SLOT_DAY], of_year = reading->slots[SLOT_DAY_OF_YEAR];
    int64_t known = year >= 0 ? year : 2000; /* without a year, February may have 29 days */
    if (month > 0 && day > datetime_days_in_month(known, (int)month)) {
        return false;
    }
    return of_year <= 337 + datetime_days_in_month(known, 2);
}

static int read_digits(struct reading *reading, size_t element, size_t at,
                       const struct number *number)
{
    size_t most = 0;
    while (most < number->digits && at + most < reading->value.len &&
           isdigit((unsigned char)reading->value.ptr[at + most])) {
        most++;
    }
    for (size_t len = most; len > 0; len--) {
        int64_t read = 0;
        for (size_t i = 0; i < len; i++) {
            read = read * 10 + (reading->value.ptr[at + i] - '0');
        }
        if (read < number->least || read > number->most) {
            continue;
        }
        int64_t before = reading->slots[number->slot];
        reading->slots[number->slot] = number->slot == SLOT_NONE ? -1 : read;
        int rc = read_from(reading, element + 1, at + len);
        if (rc) {
            return rc;
        }
        reading->slots[number->slot] = before;
    }
    return 0;
}

/* ---- names ---- */

static bool starts_nocase(struct str text, size_t at, struct str word)
{
    return at <= text.len && text.len - at >= word.len &&
           str_eq_nocase(str_sub(text, at, word.len), word);
}

static int read_word(struct reading *reading, size_t element, size_t at, struct str word)
{
    return starts_nocase(reading->value, at, word) ? read_from(reading, element + 1, at + word.len)
                                                   : 0;
}

/* One of n names, whole or their first three letters; its number goes into the slot. */
static int read_name(struct reading *reading, size_t element, size_t at, const char *const *names,
                     size_t n, enum slot slot)
{
    bool whole = reading->pattern->items[element].count > 3;
    for (size_t i = 0; i < n; i++) {
        struct str name = str_of(names[i]);
        reading->slots[slot] = slot == SLOT_NONE ? -1 : (int64_t)i + 1;
        int rc = read_word(reading, element, at, whole ? name : str_sub(name, 0, 3));
        if (rc) {
            return rc;
        }
    }
    reading->slots[slot] = -1;
    return 0;
}

static int read_era(struct reading *reading, size_t element, size_t at)
{
    static const char *const eras[][2] = {
        {"AD", "BC"}, {"Anno Domini", "Before Christ"}, {"A", "B"}};
    size_t count = reading->pattern->items[element].count;
    size_t form = count <= 3 ? 0 : count == 4 ? 1 : 2;
    int rc = read_word(reading, element, at, str_of(eras[form][0]));
    return rc ? rc : read_word(reading, element, at, str_of(eras[form][1]));
}

static int read_quarter(struct reading *reading, size_t element, size_t at)
{
    static const char *const names[][4] = {
        {"Q1", "Q2", "Q3", "Q4"}, {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"}};
    size_t form = reading->pattern->items[element].count > 3;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < 4; i++) {
        rc = read_word(reading, element, at, str_of(names[form][i]));
    }
    return rc;
}

/* ---- offsets and zones ---- */

static bool two_digits(struct str text, size_t at, int most)
{
    return at + 2 <= text.len && isdigit((unsigned char)text.ptr[at]) &&
           isdigit((unsigned char)text.ptr[at + 1]) &&
           (text.ptr[at] - '0') * 10 + text.ptr[at + 1] - '0' <= most;
}

/* How an offset is written, by letter and count. */
struct offset_form {
    bool z, colon, minutes, seconds; /* Z allowed; hh:mm; minutes required; seconds allowed */
};

static struct offset_form offset_form(const struct datetime_element *element)
{
    size_t count = element->count;
    if (element->letter == 'Z') {
        return (struct offset_form){.colon = count >= 4, .minutes = true};
    }
    return (struct offset_form){.z = element->letter == 'X',
                                .colon = count == 3 || count == 5,
                                .minutes = count > 1,
                                .seconds = count > 3};
}

/* An offset as long as it can be, then without its seconds and its minutes as far as allowed. */
static int read_offset(struct reading *reading, size_t element, size_t at, struct offset_form form)
{
    enum { HOURS_MOST = 18 }; /* java.time.ZoneOffset */
    struct str value = reading->value;
    if (form.z && at < value.len && value.ptr[at] == 'Z') {
        return read_from(reading, element + 1, at + 1);
    }
    if (at >= value.len || !strchr("+-", value.ptr[at]) || !two_digits(value, at + 1, HOURS_MOST)) {
        return 0;
    }
    size_t ends[3] = {at + 3}, n = 1; /* hours; minutes; seconds */
    for (size_t part = 1; part <= 1u + form.seconds; part++) {
        size_t from = ends[n - 1] + form.colon;
        bool separated =
            !form.colon || (from <= value.len && from > 0 && value.ptr[from - 1] == ':');
        if (n != part || from > value.len || !separated || !two_digits(value, from, 59)) {
            break;
        }
        ends[n++] = from + 2;
    }
    int rc = 0;
    for (size_t left = n; rc == 0 && left > (form.minutes ? 1u : 0u); left--) {
        rc = read_from(reading, element + 1, ends[left - 1]);
    }
    return rc;
}

/* "GMT+8", "UTC+08:00", "GMT": section 9, O and ZZZZ. */
static int read_localized(struct reading *reading, size_t element, size_t at)
{
    static const char *const names[] = {"GMT", "UTC", "UT"};
    struct str value = reading->value;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str name = str_of(names[i]);
        if (!starts_nocase(value, at, name)) {
            continue;
        }
        size_t from = at + name.len, hours = from + 1;
        int rc = 0;
        if (from < value.len && strchr("+-", value.ptr[from])) {
            size_t digits = 0;
            while (digits < 2 && hours + digits < value.len &&
                   isdigit((unsigned char)value.ptr[hours + digits])) {
                digits++;
            }
            size_t colon = hours + digits;
            if (digits && colon < value.len && value.ptr[colon] == ':' &&
                two_digits(value, colon + 1, 59)) {
                rc = read_from(reading, element + 1, colon + 3);
            }
            rc = rc || !digits ? rc : read_from(reading, element + 1, colon);
        }
        rc = rc ? rc : read_from(reading, element + 1, from);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

static int read_zone(struct reading *reading, size_t element, size_t at)
{
    bool id = reading->pattern->items[element].letter == 'V';
    size_t most = 0;
    while (at + most < reading->value.len) {
        char c = reading->value.ptr[at + most];
        if (!isalpha((unsigned char)c) &&
            (!id || (!isdigit((unsigned char)c) && !strchr("/_+-", c)))) {
            break;
        }
        most++;
    }
    int rc = 0;
    for (size_t len = most; rc == 0 && len > 0; len--) {
        struct str name = str_sub(reading->value, at, len);
        if (id ? datetime_is_zone_id(name) : datetime_is_zone_abbreviation(name)) {
            rc = read_from(reading, element + 1, at + len);
        }
    }
    return rc;
}

/* ---- any element ---- */

static int read_number(struct reading *reading, size_t element, size_t at)
{
    const struct datetime_element *e = &reading->pattern->items[element];
    struct number year = {e->letter, e->count < 9 ? e->count : 9, 0, 999999999, SLOT_YEAR};
    if (strchr("yuY", e->letter)) {
        return read_digits(reading, element, at, &year);
    }
    if (e->letter == 'S') {
        struct number fraction = {'S', e->count < 9 ? e->count : 9, 0, 999999999, SLOT_NONE};
        return read_digits(reading, element, at, &fraction);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i].letter == e->letter) {
            struct number row = numbers[i];
            /* "QQ" and "ee" are written with a zero in front. */
            row.digits = e->count == 2 && strchr("Qqe", e->letter) ? 2 : row.digits;
            return read_digits(reading, element, at, &row);
        }
    }
    return 0;
}

static int read_field(struct reading *reading, size_t element, size_t at)
{
    const struct datetime_element *e = &reading->pattern->items[element];
    int rc;
    switch (e->letter) {
    case 'G':
        return read_era(reading, element, at);
    case 'E':
        return read_name(reading, element, at, datetime_weekdays, 7, SLOT_NONE);
    case 'M':
    case 'L':
        return e->count > 2 ? read_name(reading, element, at, datetime_months, 12, SLOT_MONTH)
                            : read_number(reading, element, at);
    case 'Q':
    case 'q':
        return e->count > 2 ? read_quarter(reading, element, at)
                            : read_number(reading, element, at);
    case 'a':
        rc = read_word(reading, element, at, STR("am"));
        return rc ? rc : read_word(reading, element, at, STR("pm"));
    case 'Z':
        return e->count == 4 ? read_localized(reading, element, at)
                             : read_offset(reading, element, at, offset_form(e));
    case 'X':
    case 'x':
        return read_offset(reading, element, at, offset_form(e));
    case 'O':
        return read_localized(reading, element, at);
    case 'z':
    case 'V':
        return read_zone(reading, element, at);
    default:
        return read_number(reading, element, at);
    }
}

/* 1 when the elements from here on take the whole rest of the value. */
static int read_from(struct reading *reading, size_t element, size_t at)
{
    if (++reading->steps > DATETIME_STEPS) {
        return 0;
    }
    if (element == reading->pattern->len) {
        return at == reading->value.len && calendar_agrees(reading);
    }
    const struct datetime_element *e = &reading->pattern->items[element];
    if (e->letter) {
        return read_field(reading, element, at);
    }
    bool here = str_eq(str_sub(reading->value, at, e->literal.len), e->literal);
    return here ? read_from(reading, element + 1, at + e->literal.len) : 0;
}

int datetime_match(struct str pattern, struct str value, struct err *err)
{
    struct datetime_pattern apart;
    int rc = datetime_take_apart(pattern, &apart, err);
    if (rc) {
        return rc;
    }
    struct reading reading = {.pattern = &apart, .value = value};
    for (size_t i = 0; i < SLOTS; i++) {
        reading.slots[i] = -1;
    }
    rc = read_from(&reading, 0, 0);
    if (rc == 0 && reading.steps > DATETIME_STEPS) {
        return err_set(err, ERR_LIMIT, "the date pattern '%.*s' takes too many steps",
                       STR_FMT(pattern));
    }
    return rc;
}
