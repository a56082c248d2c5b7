// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_TESTS_UNIT_LIB_BASE_ROWS_H
#define TALLY_TESTS_UNIT_LIB_BASE_ROWS_H
/*
 * Tables as cmocka tests: a row is a struct whose first member is `const char *name`, and becomes a
 * test of that name that finds its row in *state.
 *
 *     struct rows tests = {0};
 *     ROWS_ADD(&tests, cut_rows, test_cut);
 *     rows_add_test(&tests, "null arena", test_null);
 *     return rows_run(&tests, "str");
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/base/str.h"

enum { ROWS_MAX = 512 };

struct rows {
    struct CMUnitTest tests[ROWS_MAX];
    size_t len;
};

static inline void rows_add_test(struct rows *rows, const char *name, CMUnitTestFunction run)
{
    if (rows->len == ROWS_MAX)
        fail_msg("more than %d rows: raise ROWS_MAX", ROWS_MAX);
    rows->tests[rows->len++] = (struct CMUnitTest){.name = name, .test_func = run};
}

static inline void rows_add(struct rows *rows, const void *table, size_t n, size_t row_size,
                            CMUnitTestFunction run)
{
    for (size_t i = 0; i < n; i++) {
        const char *row = (const char *)table + i * row_size;
        rows_add_test(rows, *(const char *const *)(const void *)row, run);
        rows->tests[rows->len - 1].initial_state = (void *)(uintptr_t)row;
    }
}

#define ROWS_ADD(rows, table, run)                                                                 \
    rows_add(rows, table, sizeof(table) / sizeof((table)[0]), sizeof((table)[0]), run)

static inline int rows_run(const struct rows *rows, const char *group)
{
    return _cmocka_run_group_tests(group, rows->tests, rows->len, NULL, NULL);
}

/* NULL expects an absent string. */
#define assert_str_is(got, want) rows_assert_str(got, want, __FILE__, __LINE__)

static inline void rows_assert_str(struct str got, const char *want, const char *file, int line)
{
    bool same = want ? got.ptr && str_is(got, want) : !got.ptr;
    if (same)
        return;
    print_error("saw \"%.*s\"%s, expected \"%s\"%s\n", STR_FMT(got), got.ptr ? "" : " (absent)",
                want ? want : "", want ? "" : " (absent)");
    _fail(file, line);
}

#endif
