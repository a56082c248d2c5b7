// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/hash.h"
#include "lib/json/json.h"
#include "bff-reference/seed.h"

static const struct row {
    enum service service;
    enum seed_variant variant;
    size_t rows, deleted;
    const char *sha1; /* of the rows as compact JSON: the data is part of the interface */
} rows[] = {
    {SERVICE_USER, SEED_BASE, 3, 0, "c4f06b8a2a9e5e145b6628981790e7f4d5bd231d"},
    {SERVICE_TRANSACTION, SEED_BASE, 25, 0, "8cfb48033c86333c727192f65e858cdb08af0247"},
    {SERVICE_TRANSACTION, SEED_EMPTY, 0, 0, "97d170e1550eee4afc0af065b78cda302a97674c"},
    {SERVICE_TRANSACTION, SEED_CHANGED, 24, 1, "45dbeb4d002f4cc1c31949bb0b50c6695621d1f8"},
    {SERVICE_PRODUCT, SEED_BASE, 8, 0, "f620ad1acd7a5d38ab2a663ecd617cb04e60e9b6"},
    {SERVICE_NOTIFICATION, SEED_BASE, 6, 0, "aaa0cdfc7426e134d90ba2109078329e39e9b3dd"},
};

static void is_the_same_at_every_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct seed seed;
        char sha1[HASH_SHA1_HEX];
        seed_build(rows[i].service, rows[i].variant, arena, &seed);
        hash_sha1_hex(json_to_str(arena, seed.rows, JSON_COMPACT), sha1);
        if (json_len(seed.rows) != rows[i].rows || json_len(seed.deleted) != rows[i].deleted ||
            !str_is(str_of(sha1), rows[i].sha1))
            fail_msg("row %zu: expected %zu rows, %zu deleted, %s, saw %zu, %zu, %s", i,
                     rows[i].rows, rows[i].deleted, rows[i].sha1, json_len(seed.rows),
                     json_len(seed.deleted), sha1);
    }
}

static void rows_are_in_order_and_before_their_clock(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct seed seed;
        struct str before = STR("");
        int64_t as_of, updated;
        seed_build(rows[i].service, rows[i].variant, arena, &seed);
        assert_true(clock_parse(str_of(seed.as_of), &as_of));
        for (size_t k = 0; k < json_len(seed.rows); k++) {
            struct str id = json_get_text(json_at(seed.rows, k), "id");
            assert_true(str_cmp(before, id) < 0);
            assert_true(clock_parse(json_get_text(json_at(seed.rows, k), "updatedAt"), &updated));
            assert_true(updated < as_of);
            before = id;
        }
    }
}

/* A delta since the watermark is exactly two rows and one tombstone. */
static void the_changed_variant_changed_after_the_watermark(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct seed seed;
    int64_t watermark, at;
    size_t changed = 0;
    (void)state;
    seed_build(SERVICE_TRANSACTION, SEED_CHANGED, arena, &seed);
    assert_true(clock_parse(STR(SEED_WATERMARK), &watermark));
    for (size_t i = 0; i < json_len(seed.rows); i++) {
        assert_true(clock_parse(json_get_text(json_at(seed.rows, i), "updatedAt"), &at));
        changed += at >= watermark;
    }
    assert_int_equal(changed, 2);
    const struct json *tombstone = json_at(seed.deleted, 0);
    assert_int_equal(json_len(tombstone), 2);
    assert_true(clock_parse(json_get_text(tombstone, "deletedAt"), &at) && at >= watermark);
}

static void amounts_keep_two_decimals(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct seed seed;
    size_t ending_in_zero = 0;
    (void)state;
    seed_build(SERVICE_TRANSACTION, SEED_BASE, arena, &seed);
    for (size_t i = 0; i < json_len(seed.rows); i++) {
        const struct json *amount = json_get(json_at(seed.rows, i), "amount");
        struct str text = json_text(amount);
        assert_true(json_is(amount, JSON_NUMBER));
        assert_int_equal(str_chr(text, '.'), (long)text.len - 3);
        ending_in_zero += text.ptr[text.len - 1] == '0';
    }
    assert_true(ending_in_zero > 0 && ending_in_zero < json_len(seed.rows));
}

static void states_are_found_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < seed_state_len(); i++)
        assert_ptr_equal(seed_state_find(str_of(seed_state_at(i)->name)), seed_state_at(i));
    assert_null(seed_state_find(STR("")));
    assert_null(seed_state_find(STR("the user is signed out")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_same_at_every_start),
        cmocka_unit_test(rows_are_in_order_and_before_their_clock),
        cmocka_unit_test(the_changed_variant_changed_after_the_watermark),
        cmocka_unit_test(amounts_keep_two_decimals),
        cmocka_unit_test(states_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
