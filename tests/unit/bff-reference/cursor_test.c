// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "bff-reference/cursor.h"

#define KEY "test key"

static void reads_what_it_made(void **state)
{
    static const char *const ids[] = {"tx-0001", "prd-0008", "a.b", "with \" and \\", "\xc3\xa9"};
    struct arena *arena ARENA_AUTO = arena_new();
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct str back = STR_NONE;
        struct str cursor = cursor_make(arena, KEY, "transactions", str_of(ids[i]));
        assert_true(cursor_read(arena, KEY, "transactions", cursor, &back));
        assert_string_equal(str_cstr(arena, back), ids[i]);
    }
}

static void is_the_same_every_time(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    (void)state;
    struct str one = cursor_make(arena, KEY, "transactions", STR("tx-0001"));
    struct str two = cursor_make(arena, KEY, "transactions", STR("tx-0001"));
    assert_string_equal(str_cstr(arena, one), str_cstr(arena, two));
}

/* Each byte replaced, each prefix, and one byte more: none may pass for a cursor of ours. */
static void refuses_tampering(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str back = STR("untouched");
    (void)state;
    struct str good = cursor_make(arena, KEY, "transactions", STR("tx-0010"));
    for (size_t i = 0; i < good.len; i++) {
        char *changed = arena_strndup(arena, good.ptr, good.len);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_false(cursor_read(arena, KEY, "transactions", str_of(changed), &back));
        assert_false(cursor_read(arena, KEY, "transactions", str_make(good.ptr, i), &back));
    }
    struct str longer = str_printf(arena, "%.*sA", STR_FMT(good));
    assert_false(cursor_read(arena, KEY, "transactions", longer, &back));
    assert_string_equal(str_cstr(arena, back), "untouched");
}

static void refuses_what_was_made_elsewhere(void **state)
{
    static const char *const texts[] = {"", "10", "MTA", "b2Zmc2V0OjEw", "not base64!", "tx-0010"};
    struct arena *arena ARENA_AUTO = arena_new();
    struct str back;
    (void)state;
    struct str good = cursor_make(arena, KEY, "transactions", STR("tx-0010"));
    assert_false(cursor_read(arena, KEY, "products", good, &back));
    assert_false(cursor_read(arena, "another key", "transactions", good, &back));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (cursor_read(arena, KEY, "transactions", str_of(texts[i]), &back))
            fail_msg("'%s' was taken for a cursor", texts[i]);
}

/* Length prefixes part key, collection and id: moving a letter across must change the signature. */
static void does_not_confuse_its_parts(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str back;
    (void)state;
    struct str cursor = cursor_make(arena, "k", "ab", STR("c"));
    assert_false(cursor_read(arena, "ka", "b", cursor, &back));
    assert_false(cursor_read(arena, "k", "a", cursor, &back));
}

static void tells_no_position(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    int64_t position;
    (void)state;
    for (int i = 1; i <= 25; i++) {
        struct str cursor = cursor_make(arena, KEY, "transactions", str_printf(arena, "tx-%d", i));
        assert_false(cursor_read_position(arena, cursor, &position));
        assert_false(str_to_i64(cursor, INT64_MIN, INT64_MAX, &position));
    }
}

static void the_faulty_kind_is_a_position(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    int64_t position = -1;
    struct str plain;
    (void)state;
    struct str cursor = cursor_make_position(arena, 10);
    assert_true(hash_unbase64url(arena, cursor, &plain));
    assert_string_equal(str_cstr(arena, plain), "10");
    assert_true(cursor_read_position(arena, cursor, &position));
    assert_int_equal(position, 10);
    assert_false(cursor_read_position(arena, cursor_make_position(arena, -1), &position));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_made),
        cmocka_unit_test(is_the_same_every_time),
        cmocka_unit_test(refuses_tampering),
        cmocka_unit_test(refuses_what_was_made_elsewhere),
        cmocka_unit_test(does_not_confuse_its_parts),
        cmocka_unit_test(tells_no_position),
        cmocka_unit_test(the_faulty_kind_is_a_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
