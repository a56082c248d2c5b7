// SPDX-License-Identifier: Apache-2.0
#include "lib/json/json.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "tests/unit/lib/base/rows.h"

static struct json *parsed(const char *text, struct arena *arena)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (json_parse(str_of(text), "test", arena, &value, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return value;
}

static void test_absent(void **state)
{
    (void)state;
    int64_t number = 5;
    int line = 7, column = 7;
    assert_int_equal(json_type(NULL), JSON_NULL);
    assert_false(json_is(NULL, JSON_NULL));
    assert_false(json_bool(NULL));
    assert_str_is(json_text(NULL), NULL);
    assert_false(json_is_integer(NULL));
    assert_false(json_to_i64(NULL, &number));
    assert_int_equal(number, 5);
    assert_true(json_to_double(NULL) == 0);
    assert_int_equal(json_len(NULL), 0);
    assert_null(json_at(NULL, 0));
    assert_str_is(json_key(NULL, 0), NULL);
    assert_null(json_get(NULL, "a"));
    assert_str_is(json_get_text(NULL, "a"), NULL);
    assert_null(json_pointer(NULL, ""));
    assert_null(json_pointer(NULL, "/a"));
    assert_int_equal(json_offset(NULL), -1);
    assert_int_equal(json_repeated_keys(NULL), 0);
    json_position(NULL, STR("x"), &line, &column);
    assert_int_equal(line + column, 0);
}

static void test_accessors(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = parsed("{\"s\":\"text\",\"n\":1.50,\"t\":true,\"a\":[1,null]}", arena);
    assert_int_equal(json_len(value), 4);
    assert_str_is(json_key(value, 1), "n");
    assert_str_is(json_key(value, 4), NULL);
    assert_str_is(json_get_text(value, "s"), "text");
    assert_str_is(json_get_text(value, "n"), NULL);
    assert_str_is(json_text(json_get(value, "n")), "1.50");
    assert_true(json_to_double(json_get(value, "n")) == 1.5);
    assert_true(json_bool(json_get(value, "t")));
    assert_false(json_bool(json_get(value, "s")));
    assert_true(json_is(json_at(json_get(value, "a"), 1), JSON_NULL));
    assert_null(json_at(json_get(value, "a"), 2));
    assert_null(json_get(value, "nope"));
    assert_null(json_get(json_get(value, "a"), "s"));
    assert_int_equal(json_len(json_get(value, "s")), 0);
    assert_null(json_at(json_get(value, "s"), 0));
}

static const struct number_row {
    const char *name, *text;
    bool integer, fits;
    int64_t value;
    double number;
} number_rows[] = {
    {"zero", "0", true, true, 0, 0},
    {"minus zero", "-0", true, true, 0, 0},
    {"largest", "9223372036854775807", true, true, INT64_MAX, 9223372036854775807.0},
    {"smallest", "-9223372036854775808", true, true, INT64_MIN, -9223372036854775808.0},
    {"one too large", "9223372036854775808", true, false, 0, 9223372036854775808.0},
    {"one too small", "-9223372036854775809", true, false, 0, -9223372036854775809.0},
    {"far too large", "123456789012345678901234567890", true, false, 0, 1.2345678901234568e29},
    {"decimal", "1.0", false, false, 0, 1},
    {"exponent", "1e3", false, false, 0, 1000},
    {"not exact", "19.90", false, false, 0, 19.9},
    {"leading zeros in the fraction", "0.00123e2", false, false, 0, 0.123},
    {"half way, rounds to even", "9007199254740993.0", false, false, 0, 9007199254740992.0},
    {"smallest above zero", "4.9e-324", false, false, 0, 4.9e-324},
    {"underflow", "1e-400", false, false, 0, 0},
    {"huge exponent of zero", "0e99999999999999999999", false, false, 0, 0},
};

static void test_number(void **state)
{
    const struct number_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = parsed(row->text, arena);
    int64_t number = 0;
    assert_int_equal(json_is_integer(value), row->integer);
    assert_int_equal(json_to_i64(value, &number), row->fits);
    if (number != row->value || json_to_double(value) != row->number)
        fail_msg("saw %lld and %.17g, expected %lld and %.17g", (long long)number,
                 json_to_double(value), (long long)row->value, row->number);
}

/* The hint may be right, wrong or beyond the end; the answer is that of json_find. */
static void test_find_near(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = parsed("{\"a\":1,\"\":2,\"b\":3}", arena);
    static const char *const keys[] = {"a", "", "b", "c"};
    for (size_t k = 0; k < 4; k++) {
        for (size_t i = 0; i < 5; i++)
            assert_ptr_equal(json_find_near(value, str_of(keys[k]), i),
                             json_find(value, str_of(keys[k])));
    }
    assert_ptr_equal(json_find_near(value, STR(""), 7), json_at(value, 1));
    assert_null(json_find_near(value, STR_NONE, 1));
    assert_null(json_find_near(NULL, STR("a"), 0));
    assert_null(json_find_near(json_at(value, 0), STR("a"), 0));
}

static void test_infinite(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    assert_true(json_to_double(parsed("1e400", arena)) > 1e308);
    assert_true(json_to_double(parsed("-1e99999999999999999999", arena)) < -1e308);
    assert_true(json_to_double(parsed("1e-99999999999999999999", arena)) == 0);
}

/* RFC 6901 §5, and what leads nowhere. */
static const struct pointer_row {
    const char *name, *pointer, *want;
} pointer_rows[] = {
    {"whole document's length", "/foo/0", "\"bar\""},
    {"second item", "/foo/1", "\"baz\""},
    {"empty key", "/", "0"},
    {"slash in a key", "/a~1b", "1"},
    {"percent", "/c%d", "2"},
    {"backslash", "/i\\j", "5"},
    {"quote", "/k\"l", "6"},
    {"space", "/ ", "7"},
    {"tilde in a key", "/m~0n", "8"},
    {"tilde and one", "/~01", "9"},
    {"beyond the end", "/foo/2", NULL},
    {"leading zero", "/foo/01", NULL},
    {"sign", "/foo/-1", NULL},
    {"plus", "/foo/+1", NULL},
    {"item behind the last", "/foo/-", NULL},
    {"empty index", "/foo/", NULL},
    {"large index", "/foo/99999999999999999999", NULL},
    {"no such key", "/nope", NULL},
    {"below a string", "/foo/0/x", NULL},
    {"no slash", "foo", NULL},
    {"bad tilde", "/m~2n", NULL},
    {"tilde at the end", "/m~", NULL},
};

static void test_pointer(void **state)
{
    const struct pointer_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    const struct json *value =
        json_pointer(parsed("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"i\\\\j\":5,"
                            "\"k\\\"l\":6,\" \":7,\"m~n\":8,\"~1\":9}",
                            arena),
                     row->pointer);
    assert_str_is(value ? json_to_str(arena, value, JSON_COMPACT) : STR_NONE, row->want);
}

static const struct depth_row {
    const char *name;
    int want;
} depth_rows[] = {{"1", 0},
                  {"null", 0},
                  {"[]", 1},
                  {"{\"a\":1}", 1},
                  {"[1,[2],{}]", 2},
                  {"{\"a\":[{\"b\":[]}],\"c\":[]}", 4},
                  {"[[[]],[[[]]]]", 4}};

static void test_depth(void **state)
{
    const struct depth_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = NULL;
    assert_int_equal(json_parse(str_of(row->name), NULL, arena, &value, NULL), 0);
    assert_int_equal(json_depth(value), row->want);
    /* The same of a copy, whose children lie elsewhere. */
    assert_int_equal(json_depth(json_copy(arena, value)), row->want);
    struct json *around = json_new_array(arena);
    json_append(arena, around, value);
    assert_int_equal(json_depth(around), row->want + 1);
    assert_int_equal(json_depth(NULL), 0);
}

int main(void)
{
    struct rows tests = {0};
    rows_add_test(&tests, "absent", test_absent);
    rows_add_test(&tests, "accessors", test_accessors);
    ROWS_ADD(&tests, number_rows, test_number);
    rows_add_test(&tests, "find near", test_find_near);
    rows_add_test(&tests, "infinite numbers", test_infinite);
    ROWS_ADD(&tests, pointer_rows, test_pointer);
    ROWS_ADD(&tests, depth_rows, test_depth);
    return rows_run(&tests, "json");
}
