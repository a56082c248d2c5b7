// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>

#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"

static const struct utf8_row {
    const char *name;
    struct str text;
    long bad_at; /* -1 = well-formed */
} utf8_rows[] = {
    {"utf-8 empty", {"", 0}, -1},
    {"utf-8 absent", {NULL, 0}, -1},
    {"utf-8 ascii beyond eight bytes", {"hello, long world", 17}, -1},
    {"utf-8 NUL inside", {"a\0b", 3}, -1},
    {"utf-8 two bytes, lowest", {"\xc2\x80", 2}, -1},
    {"utf-8 three bytes, lowest", {"\xe0\xa0\x80", 3}, -1},
    {"utf-8 last before surrogates", {"\xed\x9f\xbf", 3}, -1},
    {"utf-8 first after surrogates", {"\xee\x80\x80", 3}, -1},
    {"utf-8 four bytes, lowest", {"\xf0\x90\x80\x80", 4}, -1},
    {"utf-8 U+10FFFF", {"\xf4\x8f\xbf\xbf", 4}, -1},
    {"utf-8 mixed with long ascii",
     {"12345678\xc3\xa9"
      "12345678",
      18},
     -1},
    {"utf-8 lone continuation", {"ab\x80", 3}, 2},
    {"utf-8 overlong slash", {"\xc0\xaf", 2}, 0},
    {"utf-8 overlong C1", {"\xc1\xbf", 2}, 0},
    {"utf-8 overlong three bytes", {"\xe0\x9f\xbf", 3}, 0},
    {"utf-8 overlong four bytes", {"\xf0\x8f\xbf\xbf", 4}, 0},
    {"utf-8 surrogate", {"x\xed\xa0\x80", 4}, 1},
    {"utf-8 beyond U+10FFFF", {"\xf4\x90\x80\x80", 4}, 0},
    {"utf-8 F5", {"\xf5\x80\x80\x80", 4}, 0},
    {"utf-8 FF", {"12345678\xff", 9}, 8},
    {"utf-8 cut short", {"ab\xe2\x82", 4}, 2},
    {"utf-8 third byte wrong", {"\xe2\x82(", 3}, 0},
    {"utf-8 bad within eight bytes", {"1234567\xc3(1234567", 16}, 7},
};

static void test_utf8(void **state)
{
    const struct utf8_row *row = *state;
    size_t bad_at = 12345;
    assert_int_equal(str_is_utf8(row->text, &bad_at), row->bad_at < 0);
    assert_int_equal(bad_at, row->bad_at < 0 ? 12345 : row->bad_at);
    assert_int_equal(str_is_utf8(row->text, NULL), row->bad_at < 0);
}

static const struct number_row {
    const char *name, *text;
    int64_t min, max;
    bool ok;
    int64_t value;
} number_rows[] = {
    {"number 0", "0", 0, 9, true, 0},
    {"number with zeros in front", "007", 0, 9, true, 7},
    {"number -5", "-5", -5, 5, true, -5},
    {"number below", "-6", -5, 5, false, 0},
    {"number above", "6", -5, 5, false, 0},
    {"number largest", "9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX},
    {"number too large", "9223372036854775808", INT64_MIN, INT64_MAX, false, 0},
    {"number smallest", "-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN},
    {"number too small", "-9223372036854775809", INT64_MIN, INT64_MAX, false, 0},
    {"number far too large", "99999999999999999999999", INT64_MIN, INT64_MAX, false, 0},
    {"number empty", "", 0, 9, false, 0},
    {"number absent", NULL, 0, 9, false, 0},
    {"number only a sign", "-", -9, 9, false, 0},
    {"number with plus", "+5", 0, 9, false, 0},
    {"number with space", " 5", 0, 9, false, 0},
    {"number with rest", "5x", 0, 9, false, 0},
    {"number hexadecimal", "0x5", 0, 9, false, 0},
};

static void test_number(void **state)
{
    const struct number_row *row = *state;
    int64_t value = 4711;
    assert_int_equal(str_to_i64(str_of(row->text), row->min, row->max, &value), row->ok);
    assert_true(value == (row->ok ? row->value : 4711));
}

static const struct cut_row {
    const char *name, *text;
    const char *pieces[5]; /* up to the first NULL */
} cut_rows[] = {
    {"cut three", "a,b,c", {"a", "b", "c"}},        {"cut nothing to cut", "abc", {"abc"}},
    {"cut empty is one piece", "", {""}},           {"cut ends with separator", "a,", {"a", ""}},
    {"cut starts with separator", ",a", {"", "a"}}, {"cut absent has no piece", NULL, {NULL}},
};

static void test_cut(void **state)
{
    const struct cut_row *row = *state;
    struct str rest = str_of(row->text);
    for (size_t i = 0; row->pieces[i]; i++) {
        assert_non_null(rest.ptr);
        assert_str_is(str_cut(&rest, ','), row->pieces[i]);
    }
    assert_str_is(rest, NULL);
}

static const struct find_row {
    const char *name, *text, *needle;
    long at;
    bool starts, ends;
} find_rows[] = {
    {"find at the start", "hello", "he", 0, true, false},
    {"find at the end", "hello", "llo", 2, false, true},
    {"find the whole", "hello", "hello", 0, true, true},
    {"find nothing", "hello", "x", -1, false, false},
    {"find longer than text", "hello", "hello!", -1, false, false},
    {"find empty", "hello", "", 0, true, true},
    {"find in absent", NULL, "x", -1, false, false},
};

static void test_find(void **state)
{
    const struct find_row *row = *state;
    struct str text = str_of(row->text), needle = str_of(row->needle);
    assert_int_equal(str_find(text, needle), row->at);
    assert_int_equal(str_starts(text, needle), row->starts);
    assert_int_equal(str_ends(text, needle), row->ends);
}

static const struct cmp_row {
    const char *name;
    struct str a, b;
    int order;
} cmp_rows[] = {
    {"compare equal", {"ab", 2}, {"ab", 2}, 0},
    {"compare shorter first", {"a", 1}, {"ab", 2}, -1},
    {"compare bytes as unsigned", {"\xc3", 1}, {"z", 1}, 1},
    {"compare empty and absent", {"", 0}, {NULL, 0}, 0},
    {"compare beyond NUL", {"a\0a", 3}, {"a\0b", 3}, -1},
};

static void test_cmp(void **state)
{
    const struct cmp_row *row = *state;
    assert_int_equal(str_cmp(row->a, row->b), row->order);
    assert_int_equal(str_cmp(row->b, row->a), -row->order);
    assert_int_equal(str_eq(row->a, row->b), row->order == 0);
}

static void test_small_ones(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    assert_str_is(str_sub(STR("hello"), 1, 3), "ell");
    assert_str_is(str_sub(STR("hello"), 4, 99), "o");
    assert_str_is(str_sub(STR("hello"), 99, SIZE_MAX), "");
    assert_str_is(str_sub(STR_NONE, 0, 1), NULL);
    assert_str_is(str_trim(STR(" \t a b\r\n")), "a b");
    assert_str_is(str_trim(STR(" \n")), "");
    assert_true(str_eq_nocase(STR("Content-TYPE"), STR("content-type")));
    assert_false(str_eq_nocase(STR("a"), STR("ab")));
    assert_false(str_eq_nocase(STR("@"), STR("`"))); /* 32 apart like letters */
    assert_int_equal(str_chr(STR("a\0b"), 'b'), 2);
    assert_int_equal(str_chr(STR_NONE, 'b'), -1);
    assert_str_is(str_lower(arena, STR("A\xc3\x89Z")), "a\xc3\x89z");
    assert_str_is(str_dup(arena, STR_NONE), NULL);
    assert_null(str_cstr(arena, STR_NONE));
    assert_string_equal(str_cstr(arena, str_make("abc", 2)), "ab");
    assert_str_is(str_printf(arena, "%d%%", 5), "5%");
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, utf8_rows, test_utf8);
    ROWS_ADD(&tests, number_rows, test_number);
    ROWS_ADD(&tests, cut_rows, test_cut);
    ROWS_ADD(&tests, find_rows, test_find);
    ROWS_ADD(&tests, cmp_rows, test_cmp);
    rows_add_test(&tests, "sub, trim, case, copies", test_small_ones);
    return rows_run(&tests, "str");
}
