// SPDX-License-Identifier: Apache-2.0
#include "lib/base/arena.h"
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

#define assert_json(arena, value, want) assert_str_is(json_to_str(arena, value, JSON_COMPACT), want)

static void test_build(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *object = json_new_object(arena), *array = json_new_array(arena);
    json_set(arena, object, "list", array);
    json_append(arena, array, json_new_int(arena, INT64_MIN)); /* seen through the object */
    json_append(arena, array, json_new_number(arena, STR("1.50")));
    json_append(arena, array, json_new_text(arena, "t"));
    json_append(arena, array, json_new_bool(arena, true));
    json_append(arena, array, json_new_null(arena));
    json_append(arena, array, NULL);
    json_set_str(arena, object, STR("s"), json_new_str(arena, STR("x")));
    assert_json(arena, object,
                "{\"list\":[-9223372036854775808,1.50,\"t\",true,null,null],\"s\":\"x\"}");
    assert_true(json_is_integer(json_at(array, 0)));
    assert_false(json_is_integer(json_at(array, 1)));
    assert_int_equal(json_offset(object), -1);
}

static void test_set(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *object = parsed("{\"a\":1,\"b\":{\"x\":1},\"c\":3}", arena);
    struct json *b = json_get(object, "b"), *c = json_get(object, "c");
    json_set(arena, object, "a", json_new_int(arena, 9));
    json_set(arena, object, "d", json_new_int(arena, 4));
    json_set(arena, b, "y", json_new_int(arena, 2)); /* found before the object changed */
    json_insert_first(arena, object, "_id", json_new_text(arena, "i"));
    assert_json(arena, object, "{\"_id\":\"i\",\"a\":9,\"b\":{\"x\":1,\"y\":2},\"c\":3,\"d\":4}");
    assert_ptr_equal(json_get(object, "c"), c);
    json_insert_first(arena, object, "c", c); /* moves to the front */
    assert_json(arena, object, "{\"c\":3,\"_id\":\"i\",\"a\":9,\"b\":{\"x\":1,\"y\":2},\"d\":4}");
    assert_true(json_offset(c) > 0);
}

static void test_remove(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *object = parsed("{\"a\":1,\"b\":2,\"c\":3}", arena);
    struct json *c = json_get(object, "c");
    json_remove(object, "nope");
    json_remove(object, "a");
    assert_json(arena, object, "{\"b\":2,\"c\":3}");
    assert_str_is(json_text(c), "3"); /* still the node it was */
    assert_ptr_equal(json_get(object, "c"), c);
    json_remove(object, "c");
    json_remove(object, "b");
    json_remove(object, "b");
    assert_json(arena, object, "{}");
    json_set(arena, object, "z", NULL);
    assert_json(arena, object, "{\"z\":null}");
}

static void test_append_to_parsed(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *array = parsed("[{\"a\":1},2]", arena);
    struct json *first = json_at(array, 0);
    for (int i = 3; i < 20; i++)
        json_append(arena, array, json_new_int(arena, i));
    json_set(arena, first, "b", json_new_int(arena, 2));
    assert_json(arena, array, "[{\"a\":1,\"b\":2},2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]");
}

static const char *nth(struct arena *arena, int i)
{
    return arena_printf(arena, "key%d", i);
}

/* Objects large enough for a hash index, through every change. */
static void test_large(void **state)
{
    (void)state;
    enum { KEYS = 2000 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *object = json_new_object(arena);
    for (int i = 0; i < KEYS; i++)
        json_set(arena, object, nth(arena, i), json_new_int(arena, i));
    for (int i = 0; i < KEYS; i += 2)
        json_remove(object, nth(arena, i));
    json_insert_first(arena, object, "first", json_new_int(arena, -1));
    json_set(arena, object, "key1", json_new_text(arena, "changed"));
    struct json *copy = json_copy(arena, object);
    json_set(arena, object, "last", json_new_null(arena));
    assert_int_equal(json_len(object), KEYS / 2 + 2);
    assert_int_equal(json_len(copy), KEYS / 2 + 1);
    assert_str_is(json_get_text(copy, "key1"), "changed");
    assert_ptr_equal(json_get(copy, "first"), json_at(copy, 0));
    for (int i = 3; i < KEYS; i++) {
        int64_t number = -1;
        assert_int_equal(json_to_i64(json_get(object, nth(arena, i)), &number), i % 2);
        assert_int_equal(number, i % 2 ? i : -1);
        assert_int_equal(json_get(copy, nth(arena, i)) != NULL, i % 2);
    }
}

static void test_copy(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = parsed("{\"a\":[1,{\"b\":2}],\"c\":{}}", arena);
    struct json *copy = json_copy(arena, value);
    json_set(arena, json_pointer(value, "/a/1"), "b", json_new_int(arena, 3));
    json_append(arena, json_get(value, "a"), json_new_int(arena, 4));
    json_set(arena, json_get(copy, "c"), "d", json_new_int(arena, 5));
    assert_json(arena, copy, "{\"a\":[1,{\"b\":2}],\"c\":{\"d\":5}}");
    assert_json(arena, value, "{\"a\":[1,{\"b\":3},4],\"c\":{}}");
    assert_int_equal(json_offset(json_get(copy, "a")), 5); /* errors still find the place */
    assert_null(json_copy(arena, NULL));
}

int main(void)
{
    struct rows tests = {0};
    rows_add_test(&tests, "build", test_build);
    rows_add_test(&tests, "set and insert", test_set);
    rows_add_test(&tests, "remove", test_remove);
    rows_add_test(&tests, "append to a parsed array", test_append_to_parsed);
    rows_add_test(&tests, "large objects", test_large);
    rows_add_test(&tests, "copy", test_copy);
    return rows_run(&tests, "json_build");
}
