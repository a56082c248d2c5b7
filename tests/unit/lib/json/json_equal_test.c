// SPDX-License-Identifier: Apache-2.0
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"
#include "tests/unit/lib/base/rows.h"

static const struct equal_row {
    const char *name, *a, *b;
    bool want;
} equal_rows[] = {
    {"null", "null", "null", true},
    {"null is not false", "null", "false", false},
    {"booleans", "true", "true", true},
    {"other boolean", "true", "false", false},
    {"integers", "12", "12", true},
    {"other integer", "12", "13", false},
    {"integers of any length", "123456789012345678901", "123456789012345678901", true},
    {"last digit of a long integer", "123456789012345678901", "123456789012345678902", false},
    {"minus zero", "-0", "0", true},
    {"sign", "-1", "1", false},
    {"integer is no decimal", "1", "1.0", false},
    {"integer is no exponent form", "1000", "1e3", false},
    {"trailing zeros", "0.10", "0.1", true},
    {"exponent forms", "1e3", "1000.0", true},
    {"exponent in capitals with sign", "1.5E+2", "150.0", true},
    {"leading zeros in the fraction", "0.001", "1e-3", true},
    {"point in the middle", "12.5", "1.25e1", true},
    {"digits beyond a double", "0.1000000000000000000001", "0.1", false},
    {"beyond the range of a double", "1e400", "10e399", true},
    {"beyond the range, other", "1e400", "1e401", false},
    {"decimal zeros", "0.0", "-0e99999999999999999999", true},
    {"huge exponents", "1e99999999999999999999", "1e99999999999999999999", true},
    {"huge exponents, other", "1e99999999999999999999", "1e99999999999999999998", false},
    {"number is no string", "1", "\"1\"", false},
    {"strings by content", "\"\\u0061/\"", "\"a\\/\"", true},
    {"strings by byte", "\"a\"", "\"A\"", false},
    {"arrays in order", "[1,2]", "[1,2]", true},
    {"arrays out of order", "[1,2]", "[2,1]", false},
    {"longer array", "[1]", "[1,2]", false},
    {"key order is irrelevant", "{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true},
    {"other key", "{\"a\":1}", "{\"b\":1}", false},
    {"missing key", "{\"a\":1,\"b\":null}", "{\"a\":1}", false},
    {"null is not missing", "{\"a\":null}", "{\"b\":null}", false},
    {"empty array is no empty object", "[]", "{}", false},
};

static struct json *parsed(const char *text, struct arena *arena)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (json_parse(str_of(text), "test", arena, &value, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return value;
}

static void test_equal(void **state)
{
    const struct equal_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *a = parsed(row->a, arena), *b = parsed(row->b, arena);
    assert_int_equal(json_equal(a, b), row->want);
    assert_int_equal(json_equal(b, a), row->want);
    assert_true(json_equal(a, a));
    assert_false(json_equal(a, NULL));
}

static void test_absent(void **state)
{
    (void)state;
    assert_true(json_equal(NULL, NULL));
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, equal_rows, test_equal);
    rows_add_test(&tests, "absent", test_absent);
    return rows_run(&tests, "json_equal");
}
