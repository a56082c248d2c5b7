// SPDX-License-Identifier: Apache-2.0
#include <stdalign.h>
#include <string.h>

#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"
#include "lib/base/vec.h"

/* Sizes around the edges of blocks: every piece zeroed, aligned, and apart from all others. */
static void test_pieces(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,    1,    15,   16,   17,     100,    1023,   1024,
                                   1025, 4095, 4096, 4097, 262143, 262144, 262145, 1000000};
    enum { N = sizeof sizes / sizeof sizes[0], ROUNDS = 20 };
    ARENA_AUTO struct arena *arena = arena_new();
    unsigned char *pieces[ROUNDS][N];
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < N; i++) {
            unsigned char *piece = arena_alloc(arena, sizes[i]);
            pieces[round][i] = piece;
            assert_int_equal((uintptr_t)piece % alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++)
                if (piece[k] != 0)
                    fail_msg("byte %zu of %zu is %d, expected 0", k, sizes[i], piece[k]);
            memset(piece, round + 1, sizes[i]);
        }
    }
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < N; i++)
            for (size_t k = 0; k<sizes[i]; k += sizes[i]> 2 ? sizes[i] - 1 : 1)
                assert_int_equal(pieces[round][i][k], round + 1);
}

static void test_reset(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    for (int round = 0; round < 3; round++) {
        assert_int_equal(arena_used(arena), 0);
        for (int i = 0; i < 1000; i++)
            memset(arena_alloc(arena, 100), 0xff, 100);
        assert_int_equal(arena_used(arena), 100000);
        arena_reset(arena);
    }
    const char *zeroed = arena_alloc(arena, 64);
    for (int i = 0; i < 64; i++)
        assert_int_equal(zeroed[i], 0);
    arena_reset(arena);
    memset(arena_alloc(arena, 1000000), 1, 1000000);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
}

static void test_copies(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    assert_string_equal(arena_strdup(arena, "text"), "text");
    assert_string_equal(arena_strndup(arena, "text", 2), "te");
    assert_string_equal(arena_strndup(arena, NULL, 0), "");
    assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
    assert_memory_equal(arena_copy(arena, "a\0b", 3), "a\0b", 3);
    assert_non_null(arena_copy(arena, NULL, 0));
    assert_ptr_not_equal(arena_alloc(arena, 0), arena_alloc(arena, 0));
    arena_free(NULL);
}

static void test_vec(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    struct {
        VEC_OF(int);
    } numbers = {0};
    for (int i = 0; i < 1000; i++) {
        int *number = VEC_PUSH(arena, &numbers);
        assert_int_equal(*number, 0);
        *number = i;
    }
    int expected = 0;
    VEC_EACH(&numbers, int *, number) {
        assert_int_equal(*number, expected++);
    }
    assert_int_equal(expected, 1000);
    numbers.len--;
    assert_int_equal(*VEC_PUSH(arena, &numbers), 0);
}

int main(void)
{
    struct rows tests = {0};
    rows_add_test(&tests, "pieces are zeroed, aligned and apart", test_pieces);
    rows_add_test(&tests, "reset forgets and zeroes again", test_reset);
    rows_add_test(&tests, "copies end with NUL", test_copies);
    rows_add_test(&tests, "a vector keeps its items and zeroes new ones", test_vec);
    return rows_run(&tests, "arena");
}
