// SPDX-License-Identifier: Apache-2.0
/* Date patterns: own rows, and the verdicts of the reference where they lie beside the project. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/contract/datetime.h"
#include "lib/json/json.h"

static const struct row {
    const char *pattern, *value;
    int want; /* 1, 0, or an error code */
} rows[] = {
    {"yyyy-MM-dd", "2020-02-29", 1},
    {"yyyy-MM-dd", "2021-02-29", 0},
    {"yyyy-MM-dd", "2020-1-1", 1},
    {"yyyy-MM-dd", "2020-01-01 ", 0},
    {"yyyyMMdd", "20200131", 1},
    {"yyyyMMdd", "20201331", 0},
    {"dd MMM yyyy", "31 apr 2020", 0},
    {"dd MMMM yyyy", "30 April 2020", 1},
    {"D", "366", 1},
    {"D", "367", 0},
    {"yyyy-DDD", "2021-366", 0},
    {"yyyy-DDD", "2020-366", 1},
    {"HH:mm:ss.SSS", "23:59:60.1", 1},
    {"HH:mm:ss.SSS", "23:59:59.1234", 0},
    {"hh:mm a", "12:30 pm", 1},
    {"hh:mm a", "13:30 pm", 0},
    {"yyyy-MM-dd'T'HH:mm:ssXXX", "2020-01-01T10:00:00+14:00", 1},
    {"yyyy-MM-dd'T'HH:mm:ssXXX", "2020-01-01T10:00:00-12:00", 1},
    {"yyyy-MM-dd'T'HH:mm:ssXXX", "2020-01-01T10:00:00+19:00", 0},
    {"yyyy-MM-dd'T'HH:mm:ssXXX", "2020-01-01T10:00:00+10:60", 0},
    {"yyyy-MM-dd'T'HH:mm:ssXXX", "2020-01-01T10:00:00+1030", 0},
    {"HH:mmX", "10:00+1030", 1},
    {"HH:mmX", "10:00+10", 1},
    {"HH:mmx", "10:00Z", 0},
    {"HH:mmXXXXX", "10:00+10:30:15", 1},
    {"HH:mm VV", "10:00 America/New_York", 1},
    {"HH:mm VV", "10:00 Nowhere/City", 0},
    {"HH:mm VV", "10:00 UTC", 1},
    {"HH:mm z", "10:00 UTC", 1},
    {"HH:mm z", "10:00 XYZ", 0},
    {"HH:mm O", "10:00 GMT+8", 1},
    {"HH:mm O", "10:00 GMT+", 0},
    {"VV", "Etc/GMT+12", 1},
    {"VV", "Etc/GMT-14", 1},
    {"VV", "Etc/GMT+13", 0},
    {"VV", "America/Argentina/Buenos_Aires", 1},
    {"VV", "Europe/berlin", 0},
    {"ZZZZ", "GMT+14:00", 1},
    {"Z", "+1400", 1},
    {"Z", "+14:00", 0},
    {"ZZZZZ", "+14:00", 1},
    {"XX", "-1130", 1},
    {"XXXX", "+103015", 1},
    {"YYYY-'W'ww", "2020-W53", 1},
    {"YYYY-'W'ww", "2020-W54", 0},
    {"Q", "4", 1},
    {"Q", "5", 0},
    {"QQQ", "q3", 1},
    {"QQ", "04", 1},
    {"QQ", "05", 0},
    {"Q", "04", 0},
    {"ee", "07", 1},
    {"QQQQ", "3rd quarter", 1},
    {"QQQQ", "3th quarter", 0},
    {"n", "999999999", 1},
    {"n", "1000000000", 0},
    {"SSSSSSSSS", "123456789", 1},
    {"SSSSSSSSS", "1234567890", 0},
    {"A", "86399999", 1},
    {"A", "86400000", 0},
    {"N", "86399999999999", 1},
    {"N", "86400000000000", 0},
    {"k:m", "24:0", 1},
    {"k:m", "0:0", 0},
    {"K a", "11 am", 1},
    {"K a", "12 am", 0},
    {"h", "0", 0},
    {"e", "7", 1},
    {"e", "8", 0},
    {"yyyy-MM-dd", "2100-02-29", 0},
    {"yyyy-MM-dd", "2000-02-29", 1},
    {"yyyy/DDD", "1900/366", 0},
    {"MMM", "m\xc3\xa4r", 0},
    {"LLLL", "march", 1},
    {"EEEE", "wednesday", 1},
    {"EEE", "wednesday", 0},
    {"yyyy 'o''clock", "2020 o'clock", ERR_PARSE},
    {"yyyy '''o'", "2020 'o", 1},
    {"", "", 1},
    {"", "2020", 0},
    {"yyyyTHH", "2020T10", ERR_PARSE},
    {"[yyyy]", "2020", ERR_PARSE},
    {"'open", "open", ERR_PARSE},
    {"yyyy1", "20201", ERR_PARSE},
};

static void reads_what_the_pattern_says(void **state)
{
    const struct row *row = *state;
    struct err err = ERR_INIT;
    int got = datetime_match(str_of(row->pattern), str_of(row->value), &err);
    if (got != row->want)
        fail_msg("'%s' against '%s': expected %d, got %d %s", row->value, row->pattern, row->want,
                 got, err.text);
}

static const struct written {
    const char *pattern, *want;
} written[] = {
    {"yyyy-MM-dd", "2026-11-20"},
    {"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2026-11-20T17:59:49.123Z"},
    {"EEE, d MMM yyyy h:mm a", "Fri, 20 Nov 2026 5:59 PM"},
    {"EEEE MMMM DDD", "Friday November 324"},
    {"yy QQQ xx", "26 Q4 +0000"},
    {"SSSSSSSSS", "123456000"},
    {"QQ e A N n", "04 5 64789123 64789123456000 123456000"},
    {"ZZZZ|Z|O|z|VV|xxx", "GMT|+0000|GMT|UTC|UTC|+00:00"},
    {"k K", "17 5"},
};

static void writes_a_moment_that_it_reads_again(void **state)
{
    const struct written *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct str text = STR("");
    assert_int_equal(
        datetime_format(str_of(row->pattern), INT64_C(1795197589123456), arena, &text, &err), 0);
    assert_string_equal(text.ptr, row->want);
    assert_int_equal(datetime_match(str_of(row->pattern), text, &err), 1);
}

static void writes_moments_before_1970_and_on_leap_days(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str text = STR("");
    assert_int_equal(datetime_format(STR("yyyy-MM-dd HH:mm:ss EEE"), -1, arena, &text, NULL), 0);
    assert_string_equal(text.ptr, "1969-12-31 23:59:59 Wed");
    assert_int_equal(
        datetime_format(STR("yyyy-MM-dd D"), INT64_C(1709164800000000), arena, &text, NULL), 0);
    assert_string_equal(text.ptr, "2024-02-29 60");
}

/* Where the reference is wrong: offsets of 12 hours and more, day of year above 356, zones. */
static bool reference_errs(struct str format, struct str value)
{
    return (str_is(format, "D") && (str_is(value, "365") || str_is(value, "366"))) ||
           str_ends(value, STR("+14:00")) || str_is(value, "10:00 UTC") ||
           str_is(value, "10:00 America/New_York");
}

static void agrees_with_the_reference_but_for_its_bugs(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    const char *folder = getenv("TALLY_CASES");
    char *path =
        fs_join(arena, folder && *folder ? folder : "../shared/cases", "datetime-formats.json");
    struct str text;
    struct json *list;
    struct err err = ERR_INIT;
    if (!fs_exists(path)) {
        print_message("%s is not there\n", path);
        skip();
    }
    if (fs_read(path, LIMIT_FILE, arena, &text, &err) != 0 ||
        json_parse(text, path, arena, &list, &err) != 0)
        fail_msg("%s", err.text);
    size_t wrong = 0;
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *row = json_at(list, i);
        struct str format = json_get_text(row, "format"), value = json_get_text(row, "value");
        bool want = json_bool(json_get(row, "libpact_ffi")) || reference_errs(format, value);
        if ((datetime_match(format, value, NULL) == 1) != want) {
            print_error("'%.*s' against '%.*s': expected %d\n", STR_FMT(value), STR_FMT(format),
                        want);
            wrong++;
        }
    }
    assert_true(json_len(list) > 50);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    enum { ROWS = sizeof rows / sizeof *rows, WRITTEN = sizeof written / sizeof *written };
    struct CMUnitTest tests[ROWS + WRITTEN + 2] = {{0}};
    for (size_t i = 0; i < ROWS; i++)
        tests[i] = (struct CMUnitTest){.name = rows[i].value,
                                       .test_func = reads_what_the_pattern_says,
                                       .initial_state = (void *)&rows[i]};
    for (size_t i = 0; i < WRITTEN; i++)
        tests[ROWS + i] = (struct CMUnitTest){.name = written[i].want,
                                              .test_func = writes_a_moment_that_it_reads_again,
                                              .initial_state = (void *)&written[i]};
    tests[ROWS + WRITTEN] =
        (struct CMUnitTest)cmocka_unit_test(writes_moments_before_1970_and_on_leap_days);
    tests[ROWS + WRITTEN + 1] =
        (struct CMUnitTest)cmocka_unit_test(agrees_with_the_reference_but_for_its_bugs);
    return _cmocka_run_group_tests("datetime", tests, ROWS + WRITTEN + 2, NULL, NULL);
}
