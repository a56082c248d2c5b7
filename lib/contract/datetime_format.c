// SPDX-License-Identifier: Apache-2.0
/* Writing a point in time, always as seen from UTC. */
#include <inttypes.h>
#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/contract/datetime.h"
#include "lib/contract/datetime_parts.h"

enum { DATETIME_TEXT_MAX = 4096 };

struct moment {
    int64_t year, day_number, us_of_day;  /* days since 1970-01-01 */
    int month, day, day_of_year, weekday; /* weekday 1 = Monday */
    int hour, minute, second, us;
};

static struct moment moment_of(int64_t us)
{
    enum { DAY_S = 86400 };
    const int64_t day_us = (int64_t)DAY_S * 1000000;
    struct moment m = {0};
    m.day_number = us / day_us - (us % day_us < 0);
    m.us_of_day = us - m.day_number * day_us;
    struct datetime_date date = datetime_date_of(m.day_number);
    m.year = date.year;
    m.month = date.month;
    m.day = date.day;
    m.day_of_year = m.day;
    for (int i = 1; i < m.month; i++) {
        m.day_of_year += datetime_days_in_month(m.year, i);
    }
    m.weekday = (int)(((m.day_number + 3) % 7 + 7) % 7) + 1;
    int64_t seconds = m.us_of_day / 1000000;
    m.hour = (int)(seconds / 3600);
    m.minute = (int)(seconds / 60 % 60);
    m.second = (int)(seconds % 60);
    m.us = (int)(m.us_of_day % 1000000);
    return m;
}

static void write_number(struct buf *out, int64_t value, size_t width)
{
    buf_printf(out, "%0*" PRId64, (int)(width < 19 ? width : 19), value);
}

static void write_name(struct buf *out, const char *name, size_t count)
{
    buf_str(out, count > 3 ? str_of(name) : str_sub(str_of(name), 0, 3));
}

static void write_year(struct buf *out, int64_t year, size_t count)
{
    write_number(out, count == 2 ? year % 100 : year, count);
}

static void write_fraction(struct buf *out, int us, size_t count)
{
    char digits[16];
    snprintf(digits, sizeof digits, "%06d000", us);
    buf_append(out, digits, count < 9 ? count : 9);
}

static void write_offset(struct buf *out, const struct datetime_element *e)
{
    switch (e->letter) {
    case 'X':
        buf_putc(out, 'Z');
        return;
    case 'O':
        buf_puts(out, "GMT");
        return;
    case 'z':
    case 'V':
        buf_puts(out, "UTC");
        return;
    default:
        break;
    }
    if (e->letter == 'Z') {
        buf_puts(out, e->count < 4 ? "+0000" : e->count == 4 ? "GMT" : "+00:00");
        return;
    }
    buf_puts(out, e->count == 1 ? "+00" : e->count == 3 || e->count == 5 ? "+00:00" : "+0000");
}

/* False for a letter that can only be read. */
static bool write_number_field(struct buf *out, const struct datetime_element *e,
                               const struct moment *m)
{
    const struct {
        char letter;
        int64_t value;
    } numbers[] = {
        {'M', m->month},
        {'L', m->month},
        {'d', m->day},
        {'D', m->day_of_year},
        {'e', m->weekday},
        {'Q', (m->month + 2) / 3},
        {'q', (m->month + 2) / 3},
        {'H', m->hour},
        {'k', m->hour ? m->hour : 24},
        {'h', m->hour % 12 ? m->hour % 12 : 12},
        {'K', m->hour % 12},
        {'m', m->minute},
        {'s', m->second},
        {'n', (int64_t)m->us * 1000},
        {'A', m->us_of_day / 1000},
        {'N', m->us_of_day * 1000},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i].letter == e->letter) {
            write_number(out, numbers[i].value, e->count);
            return true;
        }
    }
    return false;
}

static bool write_field(struct buf *out, const struct datetime_element *e, const struct moment *m)
{
    switch (e->letter) {
    case 'G':
        buf_puts(out, e->count < 4 ? "AD" : e->count == 4 ? "Anno Domini" : "A");
        return true;
    case 'y':
    case 'u':
    case 'Y':
        write_year(out, m->year, e->count);
        return true;
    case 'E':
        write_name(out, datetime_weekdays[m->weekday - 1], e->count);
        return true;
    case 'a':
        buf_puts(out, m->hour < 12 ? "AM" : "PM");
        return true;
    case 'S':
        write_fraction(out, m->us, e->count);
        return true;
    case 'X':
    case 'x':
    case 'Z':
    case 'O':
    case 'z':
    case 'V':
        write_offset(out, e);
        return true;
    case 'M':
    case 'L':
        if (e->count > 2) {
            write_name(out, datetime_months[m->month - 1], e->count);
            return true;
        }
        break;
    case 'Q':
    case 'q':
        if (e->count > 2) {
            buf_printf(out, "Q%d", (m->month + 2) / 3);
            return e->count == 3;
        }
        break;
    default:
        break;
    }
    return write_number_field(out, e, m);
}

int datetime_format(struct str pattern, int64_t us, struct arena *arena, struct str *ret,
                    struct err *err)
{
    struct datetime_pattern apart;
    struct buf out BUF_AUTO = BUF_INIT(DATETIME_TEXT_MAX);
    struct moment moment = moment_of(us);
    int rc = datetime_take_apart(pattern, &apart, err);
    if (rc) {
        return rc;
    }
    for (size_t i = 0; i < apart.len; i++) {
        const struct datetime_element *e = &apart.items[i];
        if (!e->letter) {
            buf_str(&out, e->literal);
        } else if (!write_field(&out, e, &moment)) {
            return err_set(err, ERR_PARSE,
                           "the date pattern '%.*s' has a '%c' that can only be read",
                           STR_FMT(pattern), e->letter);
        }
    }
    if (out.overflow) {
        return err_set(err, ERR_PARSE, "the date pattern '%.*s' is too long", STR_FMT(pattern));
    }
    *ret = str_dup(arena, buf_view(&out));
    return 0;
}
