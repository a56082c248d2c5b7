// SPDX-License-Identifier: Apache-2.0
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/json/json.h"
#include "tests/unit/lib/base/rows.h"

static struct json *parsed(const char *text, struct arena *arena)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (json_parse(str_of(text), "test", arena, &value, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return value;
}

static const struct write_row {
    const char *name, *text;
    unsigned flags;
    const char *want;
} write_rows[] = {
    {"compact", "{ \"b\" : [ 1 , {} ] , \"a\" : null }", JSON_COMPACT, "{\"b\":[1,{}],\"a\":null}"},
    {"sorted by byte", "{\"b\":{\"\xc3\xa9\":1,\"z\":2,\"\":3},\"a\":1,\"B\":2,\"aa\":3}",
     JSON_SORTED, "{\"B\":2,\"a\":1,\"aa\":3,\"b\":{\"\":3,\"z\":2,\"\xc3\xa9\":1}}"},
    {"pretty", "{\"b\":[1,{\"c\":[]}],\"a\":{}}", JSON_PRETTY,
     "{\n  \"b\": [\n    1,\n    {\n      \"c\": []\n    }\n  ],\n  \"a\": {}\n}"},
    {"pretty and sorted", "{\"b\":1,\"a\":2}", JSON_PRETTY | JSON_SORTED,
     "{\n  \"a\": 2,\n  \"b\": 1\n}"},
    {"escapes", "\"\\u0000\\u001f\\u007f\\b\\f\\n\\r\\t\\\"\\\\\\/\\u2028\\u00e9\"", JSON_RUBY,
     "\"\\u0000\\u001f\x7f\\b\\f\\n\\r\\t\\\"\\\\/\xe2\x80\xa8\xc3\xa9\""},
    {"key with escapes", "{\"\\n\":1}", JSON_COMPACT, "{\"\\n\":1}"},
};

static void test_write(void **state)
{
    const struct write_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    assert_str_is(json_to_str(arena, parsed(row->text, arena), row->flags), row->want);
}

/* Numbers as Ruby's json from 2.10 on generates them. */
static const struct ruby_row {
    const char *name, *want;
} ruby_rows[] = {
    /* the number as written is the name of its row */
    {"123456789012345678901234567890", "123456789012345678901234567890"},
    {"-0", "0"},
    {"-7", "-7"},
    {"1.0", "1.0"},
    {"0.0", "0.0"},
    {"-0.0", "-0.0"},
    {"0e5", "0.0"},
    {"1e-400", "0.0"},
    {"1.50", "1.5"},
    {"-19.90", "-19.9"},
    {"1e3", "1000.0"},
    {"1.5e3", "1500.0"},
    {"1e14", "100000000000000.0"},
    {"123456789012345e0", "123456789012345.0"},
    {"1e15", "1e+15"},
    {"1234567890123456.0", "1.234567890123456e+15"},
    {"1e20", "1e+20"},
    {"1.25e+100", "1.25e+100"},
    {"-1e300", "-1e+300"},
    {"0.1", "0.1"},
    {"0.000001", "0.000001"},
    {"1e-7", "0.0000001"},
    {"1.5e-9", "0.0000000015"},
    {"1e-9", "0.000000001"},
    {"1e-10", "1e-10"},
    {"1.5e-10", "1.5e-10"},
    {"2.5e-300", "2.5e-300"},
    {"0.00012345678", "0.00012345678"},
    {"12345678901.123456", "12345678901.123455"}, /* digits of the nearest double */
    {"0.1000000000000000055511151231257827", "0.1"},
    {"0.30000000000000004", "0.30000000000000004"},
    {"9007199254740993.0", "9.007199254740992e+15"},
    {"5.684341886080802e-14", "5.684341886080802e-14"}, /* 2^-44 */
    {"4.9e-324", "5e-324"},
    {"1.5e-323", "1.5e-323"},
    {"2.225073858507201e-308", "2.225073858507201e-308"},
    {"1.7976931348623157e308", "1.7976931348623157e+308"},
    {"2.2250738585072014e-308", "2.2250738585072014e-308"},
    {"1e400", "1e400"},
};

static void test_ruby(void **state)
{
    const struct ruby_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    assert_str_is(json_to_str(arena, parsed(row->name, arena), JSON_RUBY), row->want);
    assert_str_is(json_to_str(arena, parsed(row->name, arena), JSON_COMPACT), row->name);
}

static void test_not_utf8(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = json_new_str(arena, STR("a\xff\n\xc3\xa9\xe2\x82"));
    assert_str_is(json_to_str(arena, value, JSON_COMPACT),
                  "\"a\xef\xbf\xbd\\n\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void test_absent(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    assert_str_is(json_to_str(arena, NULL, JSON_PRETTY), "null");
    assert_str_is(json_to_str(arena, json_new_str(arena, STR_NONE), JSON_COMPACT), "\"\"");
}

static void test_small_buffer(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf out BUF_AUTO = BUF_INIT(5);
    json_write(parsed("[1,2,3]", arena), JSON_COMPACT, &out);
    assert_true(out.overflow);
    assert_true(out.len <= 5);
}

/* Strings of every length up to some words of the machine, with something odd at every place. */
static void test_every_length(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } odd[] = {{"x", "x"}, {"\"", "\\\""}, {"\xc3\xa9", "\xc3\xa9"}, {"\x1f", "\\u001f"}};
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *array = json_new_array(arena);
    struct buf want BUF_AUTO = BUF_INIT(SIZE_MAX);
    buf_putc(&want, '[');
    for (int n = 1; n < 20; n++) {
        for (int at = 0; at < n; at++) {
            for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
                struct str text = str_printf(arena, "%.*s%s%.*s", at, "abcdefghijklmnopqrst",
                                             odd[i].text, n - at - 1, "ABCDEFGHIJKLMNOPQRST");
                json_append(arena, array, json_new_str(arena, text));
                buf_printf(&want, "%s\"%.*s%s%.*s\"", want.len > 1 ? "," : "", at,
                           "abcdefghijklmnopqrst", odd[i].want, n - at - 1, "ABCDEFGHIJKLMNOPQRST");
            }
        }
    }
    buf_putc(&want, ']');
    struct str written = json_to_str(arena, array, JSON_COMPACT);
    assert_str_is(written, want.ptr);
    assert_int_equal(strlen(written.ptr), written.len);
    assert_str_is(json_to_str(arena, parsed(written.ptr, arena), JSON_COMPACT), want.ptr);
    /* Whatever room there is, what is written is its beginning. */
    for (size_t max = 0; max < want.len; max += max < 300 ? 1 : 97) {
        struct buf out BUF_AUTO = BUF_INIT(max);
        json_write(array, JSON_COMPACT, &out);
        assert_true(out.overflow && out.len <= max);
        assert_memory_equal(buf_view(&out).ptr, want.ptr, out.len);
    }
}

/* Few members are sorted in another way than many. */
static void test_sorted(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    for (int n = 1; n < 40; n++) {
        struct json *object = json_new_object(arena);
        struct buf want BUF_AUTO = BUF_INIT(SIZE_MAX);
        for (int i = 0; i < n; i++) { /* 7 and 41 share no divisor: every key once, in no order */
            struct str key = str_printf(arena, "%03d", (i + 1) * 7 % 41);
            json_set_str(arena, object, key, json_new_bool(arena, true));
        }
        for (int k = 0; k < 41; k++) {
            if (json_get(object, arena_printf(arena, "%03d", k)))
                buf_printf(&want, "%s\"%03d\":true", want.len ? "," : "{", k);
        }
        buf_putc(&want, '}');
        assert_str_is(json_to_str(arena, object, JSON_SORTED), want.ptr);
    }
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, write_rows, test_write);
    ROWS_ADD(&tests, ruby_rows, test_ruby);
    rows_add_test(&tests, "not UTF-8", test_not_utf8);
    rows_add_test(&tests, "absent", test_absent);
    rows_add_test(&tests, "small buffer", test_small_buffer);
    rows_add_test(&tests, "strings of every length", test_every_length);
    rows_add_test(&tests, "members sorted, few and many", test_sorted);
    return rows_run(&tests, "json_write");
}
