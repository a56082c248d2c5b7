// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "tests/unit/lib/base/rows.h"
#include "lib/base/buf.h"

static const struct full_row {
    const char *name;
    size_t max;
    const char *first, *second;
    const char *want;
    bool overflow;
} full_rows[] = {
    {"buf with room", 10, "abc", "def", "abcdef", false},
    {"buf exactly full", 6, "abc", "def", "abcdef", false},
    {"buf one too many", 5, "abc", "def", "abcde", true},
    {"buf without any room", 0, "abc", "def", "", true},
    {"buf full after the first", 3, "abc", "def", "abc", true},
    {"buf overflows at the first, drops the second", 2, "abc", "d", "ab", true},
    {"buf takes nothing when full", 3, "abc", "", "abc", false},
    {"buf without a limit", SIZE_MAX, "abc", "def", "abcdef", false},
};

static void by_append(struct buf *buf, const char *text)
{
    buf_append(buf, text, strlen(text));
}

static void by_printf(struct buf *buf, const char *text)
{
    buf_printf(buf, "%s", text);
}

static void by_putc(struct buf *buf, const char *text)
{
    for (; *text; text++)
        buf_putc(buf, *text);
}

static void by_str(struct buf *buf, const char *text)
{
    buf_str(buf, str_of(text));
}

static void test_full(void **state)
{
    const struct full_row *row = *state;
    void (*const writers[])(struct buf *, const char *) = {by_append, by_printf, by_putc, by_str,
                                                           buf_puts};
    for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
        BUF_AUTO struct buf buf = BUF_INIT(row->max);
        writers[i](&buf, row->first);
        writers[i](&buf, row->second);
        assert_str_is(buf_view(&buf), row->want);
        assert_int_equal(buf.overflow, row->overflow);
        if (buf.ptr)
            assert_int_equal(buf.ptr[buf.len], '\0');
    }
}

static void test_growth(void **state)
{
    (void)state;
    BUF_AUTO struct buf buf = BUF_INIT(1000000);
    for (int i = 0; i < 100000; i++)
        buf_printf(&buf, "%09d\n", i);
    assert_int_equal(buf.len, 1000000);
    assert_false(buf.overflow);
    assert_true(buf.cap <= 1000001);
    assert_string_equal(buf.ptr + 999990, "000099999\n");
    buf_putc(&buf, 'x');
    assert_true(buf.overflow);
    buf_clear(&buf);
    assert_false(buf.overflow);
    assert_str_is(buf_view(&buf), "");
}

static void test_reserve(void **state)
{
    (void)state;
    BUF_AUTO struct buf buf = BUF_INIT(8);
    char *at = buf_reserve(&buf, 8);
    assert_non_null(at);
    memcpy(at, "abcdefgh", 8);
    buf_commit(&buf, 5);
    assert_str_is(buf_view(&buf), "abcde");
    buf_consume(&buf, 0);
    buf_consume(&buf, 2);
    assert_str_is(buf_view(&buf), "cde");
    assert_non_null(buf_reserve(&buf, 5));
    assert_null(buf_reserve(&buf, 6));
    assert_true(buf.overflow);
    buf_consume(&buf, 3);
    assert_str_is(buf_view(&buf), "");
    assert_null(buf_reserve(&buf, 1)); /* an overflow is not forgotten */
}

static void test_steal(void **state)
{
    (void)state;
    BUF_AUTO struct buf buf = BUF_INIT(8);
    char *nothing = buf_steal(&buf);
    assert_string_equal(nothing, "");
    free(nothing);
    buf_puts(&buf, "abc");
    char *content = buf_steal(&buf);
    assert_string_equal(content, "abc");
    free(content);
    assert_null(buf.ptr);
    assert_int_equal(buf.max, 8);
    assert_str_is(buf_view(&buf), "");
    buf_consume(&buf, 0);
    buf_commit(&buf, 0);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, full_rows, test_full);
    rows_add_test(&tests, "a buffer grows up to its maximum", test_growth);
    rows_add_test(&tests, "reserve, commit, consume", test_reserve);
    rows_add_test(&tests, "steal leaves an empty buffer", test_steal);
    return rows_run(&tests, "buf");
}
