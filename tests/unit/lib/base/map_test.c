// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"
#include "lib/base/map.h"

static void test_empty(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    struct map *map = map_new(arena);
    assert_int_equal(map_len(map), 0);
    assert_null(map_get(map, STR("a")));
    assert_false(map_has(map, STR("a")));
}

static void test_many_in_order(void **state)
{
    (void)state;
    enum { N = 20000 };
    static int values[N];
    ARENA_AUTO struct arena *arena = arena_new();
    struct map *map = map_new(arena);
    for (int i = 0; i < N; i++)
        map_put(map, str_printf(arena, "key %d", i * 7919 % N), &values[i]);
    assert_int_equal(map_len(map), N);
    for (int i = 0; i < N; i++) {
        struct str key = str_printf(arena, "key %d", i * 7919 % N);
        assert_ptr_equal(map_get(map, key), &values[i]);
        assert_true(str_eq(map_at(map, (size_t)i)->key, key));
        assert_ptr_equal(map_at(map, (size_t)i)->value, &values[i]);
    }
    assert_null(map_get(map, STR("key 20000")));
    assert_null(map_get(map, STR("")));
}

static void test_same_key(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    struct map *map = map_new(arena);
    int one, two;
    map_put(map, STR("b"), &one);
    map_put(map, STR("a"), &one);
    map_put(map, STR("b"), &two);
    assert_int_equal(map_len(map), 2);
    assert_ptr_equal(map_get(map, STR("b")), &two);
    assert_str_is(map_at(map, 0)->key, "b");
    void **slot = map_slot(map, STR("c"));
    assert_null(*slot);
    assert_true(map_has(map, STR("c")));
    assert_null(map_get(map, STR("c")));
    *slot = &one;
    assert_ptr_equal(*map_slot(map, STR("c")), &one);
    assert_int_equal(map_len(map), 3);
}

static void test_bytes(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    struct map *map = map_new(arena);
    int one, two, three;
    map_put(map, STR("a\0b"), &one);
    map_put(map, STR("a\0c"), &two);
    map_put(map, STR(""), &three);
    assert_ptr_equal(map_get(map, STR("a\0b")), &one);
    assert_ptr_equal(map_get(map, STR("a\0c")), &two);
    assert_ptr_equal(map_get(map, STR("")), &three);
    assert_false(map_has(map, STR("a")));
}

int main(void)
{
    struct rows tests = {0};
    rows_add_test(&tests, "an empty map has nothing", test_empty);
    rows_add_test(&tests, "many keys stay in insertion order", test_many_in_order);
    rows_add_test(&tests, "a key has one entry and keeps its place", test_same_key);
    rows_add_test(&tests, "keys are bytes, not text", test_bytes);
    return rows_run(&tests, "map");
}
