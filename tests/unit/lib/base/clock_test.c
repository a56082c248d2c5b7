// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "tests/unit/lib/base/rows.h"
#include "lib/base/clock.h"

#define NOT_A_TIME INT64_MIN

static const struct parse_row {
    const char *text; /* the name as well */
    int64_t us;
} parse_rows[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1970-01-01t00:00:00z", 0},
    {"2026-11-20T17:59:49+00:00", 1795197589000000},
    {"2026-11-20T17:59:49-00:00", 1795197589000000},
    {"2026-11-20T18:59:49+01:00", 1795197589000000},
    {"2026-11-20T12:29:49-05:30", 1795197589000000},
    {"2026-11-20T17:59:49.5Z", 1795197589500000},
    {"2026-11-20T17:59:49.123456Z", 1795197589123456},
    {"2026-11-20T17:59:49.123456789Z", 1795197589123456},
    {"2024-02-29T00:00:00Z", 1709164800000000},
    {"2000-02-29T00:00:00Z", 951782400000000},
    {"1969-12-31T23:59:59.999999Z", -1},
    {"0000-01-01T00:00:00Z", -62167219200000000},
    {"9999-12-31T23:59:59.999999Z", 253402300799999999},
    {"2016-12-31T23:59:60Z", 1483228799999999},
    {"2016-12-31T23:59:60.5Z", 1483228799999999},
    {"2017-01-01T00:59:60+01:00", 1483228799999999},
    {"1969-12-31T23:59:60Z", -1},
    {"2016-12-31T22:59:60Z", NOT_A_TIME},
    {"2016-12-31T23:59:61Z", NOT_A_TIME},
    {"2023-02-29T00:00:00Z", NOT_A_TIME},
    {"1900-02-29T00:00:00Z", NOT_A_TIME},
    {"2023-04-31T00:00:00Z", NOT_A_TIME},
    {"2023-13-01T00:00:00Z", NOT_A_TIME},
    {"2023-00-01T00:00:00Z", NOT_A_TIME},
    {"2023-01-00T00:00:00Z", NOT_A_TIME},
    {"2023-01-01T24:00:00Z", NOT_A_TIME},
    {"2023-01-01T00:60:00Z", NOT_A_TIME},
    {"2023-01-01T00:00:00", NOT_A_TIME},
    {"2023-01-01T00:00Z", NOT_A_TIME},
    {"2023-01-01", NOT_A_TIME},
    {"2023-01-01 00:00:00Z", NOT_A_TIME},
    {"2023-01-01T00:00:00.Z", NOT_A_TIME},
    {"2023-01-01T00:00:00,5Z", NOT_A_TIME},
    {"2023-01-01T00:00:00.1234567890Z", NOT_A_TIME},
    {"2023-01-01T00:00:00+24:00", NOT_A_TIME},
    {"2023-01-01T00:00:00+01:60", NOT_A_TIME},
    {"2023-01-01T00:00:00+0100", NOT_A_TIME},
    {"2023-01-01T00:00:00+01", NOT_A_TIME},
    {"2023-01-01T00:00:00Zx", NOT_A_TIME},
    {" 2023-01-01T00:00:00Z", NOT_A_TIME},
    {"23-01-01T00:00:00Z", NOT_A_TIME},
    {"2023-1-01T00:00:00Z", NOT_A_TIME},
    {"+2023-01-01T00:00:00Z", NOT_A_TIME},
    {"", NOT_A_TIME},
};

static void test_parse(void **state)
{
    const struct parse_row *row = *state;
    int64_t us = NOT_A_TIME;
    bool ok = clock_parse(str_of(row->text), &us);
    if (ok != (row->us != NOT_A_TIME) || us != row->us)
        fail_msg("saw %s %" PRId64 ", expected %" PRId64, ok ? "time" : "no time", us, row->us);
}

static const struct format_row {
    const char *name;
    int64_t us;
    const char *offset, *utc;
} format_rows[] = {
    {"format 1970", 0, "1970-01-01T00:00:00+00:00", "1970-01-01T00:00:00.000000Z"},
    {"format microseconds", 1795197589123456, "2026-11-20T17:59:49+00:00",
     "2026-11-20T17:59:49.123456Z"},
    {"format before 1970", -1, "1969-12-31T23:59:59+00:00", "1969-12-31T23:59:59.999999Z"},
    {"format leap day", 1709164800000000, "2024-02-29T00:00:00+00:00",
     "2024-02-29T00:00:00.000000Z"},
    {"format clipped below", INT64_MIN, "0000-01-01T00:00:00+00:00", "0000-01-01T00:00:00.000000Z"},
    {"format clipped above", INT64_MAX, "9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59.999999Z"},
};

static void test_format(void **state)
{
    const struct format_row *row = *state;
    char text[CLOCK_TEXT_LEN];
    assert_string_equal(clock_format_offset(row->us, text), row->offset);
    assert_string_equal(clock_format_utc(row->us, text), row->utc);
}

/* Against libc over all years of the text form, in steps that meet every month and weekday. */
static void test_calendar(void **state)
{
    (void)state;
    for (int64_t s = -62167219200; s < 253402300800; s += 86400 * 13 + 12347) {
        time_t t = (time_t)s;
        struct tm tm;
        gmtime_r(&t, &tm);
        char want[80], saw[CLOCK_TEXT_LEN];
        snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02d+00:00", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        assert_string_equal(clock_format_offset(s * 1000000, saw), want);
        int64_t us = 0;
        assert_true(clock_parse(str_of(saw), &us));
        assert_true(us == s * 1000000);
    }
}

static void test_clocks(void **state)
{
    (void)state;
    int64_t now_us = 5;
    struct clock fixed = clock_fixed(&now_us);
    assert_int_equal(clock_now_us(&fixed), 5);
    now_us = 7;
    assert_int_equal(clock_now_us(&fixed), 7);
    int64_t before = (int64_t)time(NULL) - 1, after = before + 10;
    int64_t system_s = clock_now_us(clock_system()) / 1000000;
    assert_true(system_s >= before && system_s <= after);
    int64_t mono = clock_mono_us();
    assert_true(clock_mono_us() >= mono);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, parse_rows, test_parse);
    ROWS_ADD(&tests, format_rows, test_format);
    rows_add_test(&tests, "calendar agrees with libc", test_calendar);
    rows_add_test(&tests, "a fixed clock stands still, the system's shows the time", test_clocks);
    return rows_run(&tests, "clock");
}
