// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/headers.h"

#include "lib/base/arena.h"
#include "tests/unit/lib/base/rows.h"

static void test_lists(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct headers headers = {0};

    (void)state;
    assert_str_is(headers_get(&headers, "a"), NULL);
    headers_addz(arena, &headers, "Accept", "a/b");
    headers_addz(arena, &headers, "x", "1");
    headers_addz(arena, &headers, "aCCept", "");
    headers_add(arena, &headers, STR("accept"), STR("c/d"));
    assert_str_is(headers_get(&headers, "ACCEPT"), "a/b");
    assert_int_equal(headers_count(&headers, "accept"), 3);
    assert_int_equal(headers_count(&headers, "acc"), 0);
    assert_str_is(headers_joined(&headers, "accept", arena), "a/b, , c/d");
    assert_str_is(headers_joined(&headers, "X", arena), "1");
    assert_str_is(headers_joined(&headers, "y", arena), NULL);
    headers_addz(arena, &headers, "Vary", "");
    headers_addz(arena, &headers, "vary", "Origin");
    assert_str_is(headers_joined(&headers, "vary", arena), ", Origin");
    headers.len -= 2;

    headers_set(arena, &headers, STR("ACCEPT"), STR("e/f"));
    headers_set(arena, &headers, STR("y"), STR("2"));
    assert_int_equal(headers.len, 3);
    assert_str_is(headers.items[0].name, "ACCEPT");
    assert_str_is(headers.items[0].value, "e/f");
    assert_str_is(headers.items[1].name, "x");
    assert_str_is(headers.items[2].value, "2");
}

static const struct token_row {
    const char *name, *first, *second, *token;
    bool expected;
} token_rows[] = {
    {"alone", "close", NULL, "close", true},
    {"other case", "Close", NULL, "close", true},
    {"in a list", "a ,\tclose, b", NULL, "close", true},
    {"in the second field", "a", "b,close", "close", true},
    {"part of a word", "closed", NULL, "close", false},
    {"empty elements", ",,", NULL, "close", false},
    {"none", NULL, NULL, "close", false},
};

static void test_token(void **state)
{
    const struct token_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct headers headers = {0};

    if (row->first)
        headers_addz(arena, &headers, "Connection", row->first);
    if (row->second)
        headers_addz(arena, &headers, "connection", row->second);
    assert_int_equal(headers_has_token(&headers, "CONNECTION", row->token), row->expected);
}

static void test_well_formed(void **state)
{
    (void)state;
    assert_true(headers_name_ok(STR("aZ0!#$%&'*+-.^_`|~")));
    assert_false(headers_name_ok(STR("")));
    static const char bad[] = " \t\r\n:()<>@,;\\\"/[]?={}\x7f\x80\xff\x01";
    for (size_t i = 0; i < sizeof bad; i++) { /* the NUL too */
        char name[] = {'a', bad[i]};
        assert_false(headers_name_ok(str_make(name, 2)));
    }
    assert_true(headers_value_ok(STR("")));
    assert_true(headers_value_ok(STR("a b\tc \x80\xff\"")));
    assert_false(headers_value_ok(STR("a\r")));
    assert_false(headers_value_ok(STR("a\nb")));
    assert_false(headers_value_ok(STR("a\0b")));
    assert_false(headers_value_ok(STR("\x7f")));
    assert_false(headers_value_ok(STR("\x1b")));
}

int main(void)
{
    static struct rows tests;
    rows_add_test(&tests, "lists", test_lists);
    ROWS_ADD(&tests, token_rows, test_token);
    rows_add_test(&tests, "well-formed", test_well_formed);
    return rows_run(&tests, "headers");
}
