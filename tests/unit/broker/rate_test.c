// SPDX-License-Identifier: Apache-2.0
#include "broker/rate.h"

#include <stdio.h>

#include "tests/unit/lib/base/rows.h"
#include "broker/access.h"

enum { SECOND = 1000000 };

static const struct parse_row {
    const char *name, *text;
    bool good, limits;
} parse_rows[] = {
    {"per second", "100/s", true, true},
    {"per minute", "600/m", true, true},
    {"per hour", "1/h", true, true},
    {"without a unit", "5", true, true},
    {"none", "0", true, false},
    {"negative", "-1/s", false, false},
    {"another unit", "1/d", false, false},
    {"no number", "/s", false, false},
    {"nothing", "", false, false},
    {"a fraction", "0.5/s", false, false},
    {"too many", "1000001/s", false, false},
};

static void test_parse(void **state)
{
    const struct parse_row *row = *state;
    struct rate *rate = NULL;
    assert_int_equal(rate_new(row->text, &rate) == NULL, row->good);
    assert_int_equal(rate_check(row->text) == NULL, row->good);
    assert_int_equal(rate != NULL, row->limits);
    rate_free(rate);
}

static struct rate *make(const char *text)
{
    struct rate *rate = NULL;
    assert_null(rate_new(text, &rate));
    assert_non_null(rate);
    return rate;
}

static void test_bucket(void **state)
{
    struct rate *rate = make("4/s");
    const struct caller caller = {.address = "192.0.2.1"};
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(rate_take(rate, &caller, SECOND), 0);
    assert_int_equal(rate_take(rate, &caller, SECOND), 1);
    assert_int_equal(rate_take(rate, &caller, SECOND + 240000), 1);
    assert_int_equal(rate_take(rate, &caller, SECOND + 250000), 0);
    assert_int_equal(rate_take(rate, &caller, SECOND + 250000), 1);
    for (int i = 0; i < 4; i++) /* a long rest fills it, and no more than that */
        assert_int_equal(rate_take(rate, &caller, 100 * SECOND), 0);
    assert_int_equal(rate_take(rate, &caller, 100 * SECOND), 1);
    rate_free(rate);
}

static void test_wait(void **state)
{
    struct rate *rate = make("1/m");
    const struct caller caller = {.address = "192.0.2.1"};
    (void)state;
    assert_int_equal(rate_take(rate, &caller, 0), 0);
    assert_int_equal(rate_take(rate, &caller, 0), 60);
    assert_int_equal(rate_take(rate, &caller, 29 * SECOND + 1), 31);
    assert_int_equal(rate_take(rate, &caller, 60 * SECOND), 0);
    rate_free(rate);
}

static void test_clock_set_back(void **state)
{
    struct rate *rate = make("2/s");
    const struct caller caller = {.address = "192.0.2.1"};
    const int64_t late = INT64_C(10000) * SECOND, early = 100 * SECOND;
    (void)state;
    assert_int_equal(rate_take(rate, &caller, late), 0);
    assert_int_equal(rate_take(rate, &caller, late), 0);
    assert_int_equal(rate_take(rate, &caller, late), 1);
    assert_int_equal(rate_take(rate, &caller, early), 1);
    assert_int_equal(rate_take(rate, &caller, early + SECOND / 2), 0);
    assert_int_equal(rate_take(rate, &caller, early + SECOND / 2), 1);
    rate_free(rate);
}

static const struct pair_row {
    const char *name;
    struct caller a, b;
    bool same;
} pair_rows[] = {
    {"two addresses", {.address = "192.0.2.1"}, {.address = "192.0.2.2"}, false},
    {"one IPv6 network", {.address = "2001:db8::1"}, {.address = "2001:db8::2"}, true},
    {"two IPv6 networks", {.address = "2001:db8::1"}, {.address = "2001:db8:0:1::1"}, false},
    {"two tokens at one address",
     {.kind = CALLER_TOKEN, .token_id = 1, .address = "192.0.2.1"},
     {.kind = CALLER_TOKEN, .token_id = 2, .address = "192.0.2.1"},
     false},
    {"one token at two addresses",
     {.kind = CALLER_TOKEN, .token_id = 1, .address = "192.0.2.1"},
     {.kind = CALLER_TOKEN, .token_id = 1, .address = "192.0.2.2"},
     true},
    {"an account and nobody",
     {.kind = CALLER_ACCOUNT, .name = "ann", .address = "192.0.2.1"},
     {.address = "192.0.2.1"},
     false},
};

static void test_pair(void **state)
{
    const struct pair_row *row = *state;
    struct rate *rate = make("1/s");
    assert_int_equal(rate_take(rate, &row->a, 0), 0);
    assert_int_equal(rate_take(rate, &row->b, 0) != 0, row->same);
    rate_free(rate);
}

/* A minute back: who asks then waits for one request's time, not for the minute. */
static void test_clock_back(void **state)
{
    (void)state;
    const struct caller caller = {.address = "192.0.2.1"};
    struct rate *rate = make("2/s");
    assert_int_equal(rate_take(rate, &caller, 60 * SECOND), 0);
    assert_int_equal(rate_take(rate, &caller, 0), 1);
    assert_int_equal(rate_take(rate, &caller, SECOND), 0);
    rate_free(rate);
}

/* Many more callers than there is room for: nobody is refused who did not ask too much. */
static void test_crowd(void **state)
{
    struct rate *rate = make("1/s");
    (void)state;
    for (int i = 0; i < 100000; i++) {
        char address[32];
        snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16, (i >> 8) & 255, i & 255);
        const struct caller caller = {.address = address};
        assert_int_equal(rate_take(rate, &caller, i), 0);
    }
    rate_free(rate);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, parse_rows, test_parse);
    rows_add_test(&tests, "a bucket empties and refills", test_bucket);
    rows_add_test(&tests, "the wait is told in whole seconds", test_wait);
    rows_add_test(&tests, "a clock that was set back", test_clock_set_back);
    ROWS_ADD(&tests, pair_rows, test_pair);
    rows_add_test(&tests, "a clock that is set back", test_clock_back);
    rows_add_test(&tests, "more callers than room", test_crowd);
    return rows_run(&tests, "rate");
}
