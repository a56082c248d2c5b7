// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/datetime_expression.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/datetime.h"
#include "tests/unit/lib/base/rows.h"

static struct arena *arena;

/* Wednesday, 2024-01-31 10:30:15.250 */
#define BASE_US INT64_C(1706697015250000)

static const struct row {
    const char *name;
    enum datetime_expression_kind kind;
    const char *want; /* yyyy-MM-dd HH:mm:ss.SSS; or ":COLUMN text of the error" */
} rows[] = {
    /* dates: bases */
    {"now", DATETIME_DATE, "2024-01-31 10:30:15.250"},
    {"today", DATETIME_DATE, "2024-01-31 10:30:15.250"},
    {"yesterday", DATETIME_DATE, "2024-01-30 10:30:15.250"},
    {"tomorrow", DATETIME_DATE, "2024-02-01 10:30:15.250"},
    {" ToMorrow ", DATETIME_DATE, "2024-02-01 10:30:15.250"},
    /* dates: adjustments */
    {"+ 1 day", DATETIME_DATE, "2024-02-01 10:30:15.250"},
    {"+1day", DATETIME_DATE, "2024-02-01 10:30:15.250"},
    {"- 31 days", DATETIME_DATE, "2023-12-31 10:30:15.250"},
    {"now+2 weeks", DATETIME_DATE, "2024-02-14 10:30:15.250"},
    {"today + 1 month", DATETIME_DATE, "2024-02-29 10:30:15.250"},
    {"today + 13 months", DATETIME_DATE, "2025-02-28 10:30:15.250"},
    {"today + 2 months", DATETIME_DATE, "2024-03-31 10:30:15.250"},
    {"today - 1 month", DATETIME_DATE, "2023-12-31 10:30:15.250"},
    {"today + 1 month - 1 month", DATETIME_DATE, "2024-01-29 10:30:15.250"},
    {"+ 1 year", DATETIME_DATE, "2025-01-31 10:30:15.250"},
    {"- 2 years + 1 week - 0 days", DATETIME_DATE, "2022-02-07 10:30:15.250"},
    {"tomorrow + 1 day", DATETIME_DATE, "2024-02-02 10:30:15.250"},
    {"today + 25 months - 1 day", DATETIME_DATE, "2026-02-27 10:30:15.250"},
    {"today + 1 year + 1 month", DATETIME_DATE, "2025-02-28 10:30:15.250"},
    {"today + 1 month + 1 month", DATETIME_DATE, "2024-03-29 10:30:15.250"},
    {"yesterday - 1 month", DATETIME_DATE, "2023-12-30 10:30:15.250"},
    {"last year + 1 month", DATETIME_DATE, "2023-02-28 10:30:15.250"},
    /* dates: next and last */
    {"next day", DATETIME_DATE, "2024-02-01 10:30:15.250"},
    {"last day", DATETIME_DATE, "2024-01-30 10:30:15.250"},
    {"next week", DATETIME_DATE, "2024-02-07 10:30:15.250"},
    {"last week", DATETIME_DATE, "2024-01-24 10:30:15.250"},
    {"next fortnight", DATETIME_DATE, "2024-02-14 10:30:15.250"},
    {"last fortnight", DATETIME_DATE, "2024-01-17 10:30:15.250"},
    {"next month", DATETIME_DATE, "2024-02-29 10:30:15.250"},
    {"last month", DATETIME_DATE, "2023-12-31 10:30:15.250"},
    {"next year", DATETIME_DATE, "2025-01-31 10:30:15.250"},
    {"last year", DATETIME_DATE, "2023-01-31 10:30:15.250"},
    {"next mon", DATETIME_DATE, "2024-02-05 10:30:15.250"},
    {"next tues", DATETIME_DATE, "2024-02-06 10:30:15.250"},
    {"next wed", DATETIME_DATE, "2024-02-07 10:30:15.250"},
    {"next wednesday", DATETIME_DATE, "2024-02-07 10:30:15.250"},
    {"next thurs", DATETIME_DATE, "2024-02-01 10:30:15.250"},
    {"next fri", DATETIME_DATE, "2024-02-02 10:30:15.250"},
    {"next saturday", DATETIME_DATE, "2024-02-03 10:30:15.250"},
    {"next sun", DATETIME_DATE, "2024-02-04 10:30:15.250"},
    {"last wed", DATETIME_DATE, "2024-01-24 10:30:15.250"},
    {"last tuesday", DATETIME_DATE, "2024-01-30 10:30:15.250"},
    {"last thursday", DATETIME_DATE, "2024-01-25 10:30:15.250"},
    {"next january", DATETIME_DATE, "2025-01-01 10:30:15.250"},
    {"last jan", DATETIME_DATE, "2023-01-01 10:30:15.250"},
    {"next feb", DATETIME_DATE, "2024-02-01 10:30:15.250"},
    {"next may", DATETIME_DATE, "2024-05-01 10:30:15.250"},
    {"last december", DATETIME_DATE, "2023-12-01 10:30:15.250"},
    {"next mon + 1 week", DATETIME_DATE, "2024-02-12 10:30:15.250"},
    /* times */
    {"now", DATETIME_TIME, "2024-01-31 10:30:15.250"},
    {"midnight", DATETIME_TIME, "2024-01-31 00:00:00.000"},
    {"noon", DATETIME_TIME, "2024-01-31 12:00:00.000"},
    {"+ 1 hour", DATETIME_TIME, "2024-01-31 11:30:15.250"},
    {"- 90 minutes + 1 second", DATETIME_TIME, "2024-01-31 09:00:16.250"},
    {"now - 250 milliseconds", DATETIME_TIME, "2024-01-31 10:30:15.000"},
    {"noon + 13 hours", DATETIME_TIME, "2024-02-01 01:00:00.000"},
    {"next hour", DATETIME_TIME, "2024-01-31 11:30:15.250"},
    {"last minute", DATETIME_TIME, "2024-01-31 10:29:15.250"},
    {"next second", DATETIME_TIME, "2024-01-31 10:30:16.250"},
    {"last millisecond", DATETIME_TIME, "2024-01-31 10:30:15.249"},
    {"1 o'clock am", DATETIME_TIME, "2024-01-31 01:00:00.000"},
    {"1 o'clock pm", DATETIME_TIME, "2024-01-31 13:00:00.000"},
    {"12 o'clock am", DATETIME_TIME, "2024-01-31 00:00:00.000"},
    {"12 O'Clock PM", DATETIME_TIME, "2024-01-31 12:00:00.000"},
    {"11 o'clock", DATETIME_TIME, "2024-01-31 11:00:00.000"},
    {"10 o'clock", DATETIME_TIME, "2024-01-31 22:00:00.000"},
    {"12 o'clock", DATETIME_TIME, "2024-01-31 12:00:00.000"},
    {"6 o'clock pm - 1 hour", DATETIME_TIME, "2024-01-31 17:00:00.000"},
    {"12 o'clock am - 1 second", DATETIME_TIME, "2024-01-30 23:59:59.000"},
    {"10 o'clock + 2 hours", DATETIME_TIME, "2024-02-01 00:00:00.000"},
    {"midnight - 1 millisecond", DATETIME_TIME, "2024-01-30 23:59:59.999"},
    /* both */
    {"tomorrow", DATETIME_BOTH, "2024-02-01 10:30:15.250"},
    {"tomorrow @ noon", DATETIME_BOTH, "2024-02-01 12:00:00.000"},
    {"@ + 14 hours", DATETIME_BOTH, "2024-02-01 00:30:15.250"},
    {"next fri + 1 week@9 o'clock am + 1 minute", DATETIME_BOTH, "2024-02-09 09:01:00.000"},
    {"@ 9 o'clock", DATETIME_BOTH, "2024-01-31 21:00:00.000"},
    {"today @ noon + 12 hours", DATETIME_BOTH, "2024-02-01 00:00:00.000"},
    /* the end of time */
    {"+ 7975 years", DATETIME_DATE, "9999-01-31 10:30:15.250"},
    {"+ 7976 years", DATETIME_DATE, ":13 leaves the years"},
    {"- 2023 years", DATETIME_DATE, "0001-01-31 10:30:15.250"},
    {"- 2024 years", DATETIME_DATE, ":13 leaves the years"},
    {"+ 1000000000 weeks", DATETIME_DATE, ":19 leaves the years"},
    {"- 1000000000 weeks", DATETIME_DATE, ":19 leaves the years"},
    {"- 1000000000 months", DATETIME_DATE, ":20 leaves the years"},
    {"+ 1000000001 days", DATETIME_DATE, ":3 expected a number up to 1000000000"},
    {"+ 99999999999999999999 days", DATETIME_DATE, ":3 expected a number"},
    /* what is not understood */
    {"", DATETIME_DATE, ":1 expected a date expression, found the end"},
    {"  ", DATETIME_BOTH, ":3 expected a date expression, found the end"},
    {"soon", DATETIME_DATE, ":1 expected '+' or '-', found 'soon'"},
    {"today tomorrow", DATETIME_DATE, ":7 expected '+' or '-', found 'tomorrow'"},
    {"today +", DATETIME_DATE, ":8 expected a number up to 1000000000, found the end"},
    {"today + -1 day", DATETIME_DATE, ":9 expected a number up to 1000000000, found '-'"},
    {"today + day", DATETIME_DATE, ":9 expected a number up to 1000000000, found 'day'"},
    {"+ 1", DATETIME_DATE, ":4 expected day, week, month or year, found the end"},
    {"+ 1 fortnight", DATETIME_DATE, ":5 expected day, week, month or year, found 'fortnight'"},
    {"+ 1 hour", DATETIME_DATE, ":5 expected day, week, month or year, found 'hour'"},
    {"+ 1 days day", DATETIME_DATE, ":10 expected '+' or '-', found 'day'"},
    {"+ 1 dayss", DATETIME_DATE, ":5 expected day"},
    {"next", DATETIME_DATE, ":5 expected day, week, fortnight"},
    {"next hour", DATETIME_DATE, ":6 expected day, week, fortnight"},
    {"next days", DATETIME_DATE, ":6 expected day, week, fortnight"},
    {"next thu", DATETIME_DATE, ":6 expected day, week, fortnight"},
    {"last now", DATETIME_DATE, ":6 expected day, week, fortnight"},
    {"today next week", DATETIME_DATE, ":7 expected '+' or '-', found 'next'"},
    {"today @ noon", DATETIME_DATE, ":7 expected the end, found '@'"},
    {"noon @ noon", DATETIME_TIME, ":6 expected the end, found '@'"},
    {"today", DATETIME_TIME, ":1 expected '+' or '-', found 'today'"},
    {"+ 1 day", DATETIME_TIME, ":5 expected hour, minute"},
    {"next monday", DATETIME_TIME, ":6 expected hour, minute"},
    {"0 o'clock", DATETIME_TIME, ":1 expected an hour from 1 to 12, found '0'"},
    {"13 o'clock", DATETIME_TIME, ":1 expected an hour from 1 to 12, found '13'"},
    {"9", DATETIME_TIME, ":2 expected o'clock, found the end"},
    {"9 oclock", DATETIME_TIME, ":3 expected o'clock, found 'oclock'"},
    {"9 am", DATETIME_TIME, ":3 expected o'clock, found 'am'"},
    {"9 o'clock noon", DATETIME_TIME, ":11 expected '+' or '-', found 'noon'"},
    {"today @", DATETIME_BOTH, ":8 expected a time after '@', found the end"},
    {"today @ noon @ noon", DATETIME_BOTH, ":14 expected the end, found '@'"},
    {"noon", DATETIME_BOTH, ":1 expected '+' or '-', found 'noon'"},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct err err = ERR_INIT;
    int64_t us = 7;
    int rc = datetime_expression(str_of(row->name), row->kind, BASE_US, &us, &err);
    if (rc) {
        assert_int_equal(rc, ERR_PARSE);
        assert_int_equal(us, 7);
        if (row->want[0] != ':' || err.column != atoi(row->want + 1) ||
            !strstr(err.text, strchr(row->want, ' ') + 1))
            fail_msg("saw :%d %s, expected %s", err.column, err.text, row->want);
        return;
    }
    struct str text = STR_NONE;
    assert_int_equal(datetime_format(STR("yyyy-MM-dd HH:mm:ss.SSS"), us, arena, &text, NULL), 0);
    assert_str_is(text, row->want);
}

static void test_base_far_away(void **state)
{
    (void)state;
    int64_t us = 7;
    assert_int_equal(datetime_expression(STR("now"), DATETIME_DATE, INT64_MAX, &us, NULL),
                     ERR_PARSE);
    assert_int_equal(datetime_expression(STR("now"), DATETIME_DATE, INT64_MIN, &us, NULL),
                     ERR_PARSE);
    struct err err = ERR_INIT;
    char *lengthy = arena_alloc(arena, LIMIT_EXPRESSION + 1);
    memset(lengthy, ' ', LIMIT_EXPRESSION + 1);
    assert_int_equal(
        datetime_expression(str_make(lengthy, LIMIT_EXPRESSION + 1), DATETIME_DATE, 0, &us, &err),
        ERR_LIMIT);
    assert_int_equal(us, 7);
    /* before 1970 the time of day counts forward, too */
    assert_int_equal(datetime_expression(STR("@ noon"), DATETIME_BOTH, -1, &us, NULL), 0);
    assert_int_equal(us, -INT64_C(43200000000));
}

/* ISO texts; NULL = refused. Taken from BASE_US where they say nothing. */
static const struct base_row {
    const char *name, *want;
} base_rows[] = {
    {"2000-02-29", "2000-02-29 10:30:15.250"},
    {"08:15", "2024-01-31 08:15:00.000"},
    {"08:15:30", "2024-01-31 08:15:30.000"},
    {"08:15:30.5", "2024-01-31 08:15:30.500"},
    {"08:15:30.123456789", "2024-01-31 08:15:30.123"},
    {"08:15Z", "2024-01-31 08:15:00.000"},
    {"23:15-02:00", "2024-02-01 01:15:00.000"},
    {"2000-01-01T10:00:00", "2000-01-01 10:00:00.000"},
    {"2000-01-01T10:00:00Z", "2000-01-01 10:00:00.000"},
    {"2000-01-01 10:00:00.25+14:00", "1999-12-31 20:00:00.250"},
    {"2000-01-01t10:00+0130", "2000-01-01 08:30:00.000"},
    {"2000-01-01T10:00+01", "2000-01-01 09:00:00.000"},
    {"", NULL},
    {"2023-02-29", NULL},
    {"2000-13-01", NULL},
    {"0000-01-01", NULL},
    {"2000-1-1", NULL},
    {"20000101", NULL},
    {"24:00", NULL},
    {"10:60", NULL},
    {"10:00:60", NULL},
    {"10:00:00.", NULL},
    {"1:00", NULL},
    {"2000-01-01T", NULL},
    {"2000-01-01T10:00:00ZZ", NULL},
    {"2000-01-01T10:00:00+1", NULL},
    {"2000-01-01T10:00:00+19:00", NULL},
    {"2000-01-01T10:00:00+01:", NULL},
    {"2000-01-01T10:00:00+01:60", NULL},
    {"today", NULL},
};

static void test_base(void **state)
{
    const struct base_row *row = *state;
    int64_t us = BASE_US;
    struct str text = STR_NONE;
    if (datetime_base(str_of(row->name), &us))
        assert_int_equal(datetime_format(STR("yyyy-MM-dd HH:mm:ss.SSS"), us, arena, &text, NULL),
                         0);
    else
        assert_int_equal(us, BASE_US);
    assert_str_is(text, row->want);
}

int main(void)
{
    struct arena *own ARENA_AUTO = arena_new();
    struct rows tests = {0};
    arena = own;
    ROWS_ADD(&tests, rows, test_row);
    ROWS_ADD(&tests, base_rows, test_base);
    rows_add_test(&tests, "base far away", test_base_far_away);
    return rows_run(&tests, "datetime_expression");
}
