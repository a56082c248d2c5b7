// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_TESTS_UNIT_LIB_GRAPHQL_CASES_H
#define TALLY_TESTS_UNIT_LIB_GRAPHQL_CASES_H
/*
 * What other implementations answered, recorded as files of one JSON array with a case per line,
 * below $TALLY_CASES/graphql (default ../shared/cases). A case becomes a test of its own; without
 * the folder one test says that it was skipped.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/base/vec.h"
#include "lib/json/json.h"
#include "tests/unit/lib/base/rows.h"

struct cases {
    VEC_OF(struct CMUnitTest);
};

static inline void cases_not_here(void **state)
{
    print_message("no cases below TALLY_CASES (default ../shared/cases): %s\n", (char *)*state);
    skip();
}

/* JSON text may escape half a surrogate pair, which no UTF-8 source can hold. */
static inline void cases_not_utf8(void **state)
{
    print_message("the source is no Unicode text: %s\n", (char *)*state);
    skip();
}

/* The whole file; absent if it is not there. */
static inline struct str cases_read(const char *file, struct arena *arena)
{
    const char *root = getenv("TALLY_CASES");
    struct str text = STR_NONE;
    const char *path =
        arena_printf(arena, "%s/graphql/%s", root && *root ? root : "../shared/cases", file);
    if (fs_read(path, LIMIT_FILE, arena, &text, NULL))
        return STR_NONE;
    return text;
}

static inline struct json *cases_parse(struct str text, struct arena *arena)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (json_parse(text, "case", arena, &value, &err))
        fail_msg("case: %d:%d: %s", err.line, err.column, err.text);
    return value;
}

static inline void cases_add(struct cases *cases, struct arena *arena, const char *name,
                             CMUnitTestFunction run, void *state)
{
    *VEC_PUSH(arena, cases) =
        (struct CMUnitTest){.name = name, .test_func = run, .initial_state = state};
}

static inline int cases_run(const char *file, CMUnitTestFunction run)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct cases cases = {0};
    struct str rest = cases_read(file, arena);
    if (!rest.ptr)
        cases_add(&cases, arena, file, cases_not_here, arena_strdup(arena, file));
    for (int line = 1; rest.ptr; line++) {
        struct str text = str_cut(&rest, '\n');
        if (text.len < 3)
            continue;
        if (str_ends(text, STR(",")))
            text.len--;
        struct json *value = NULL;
        int rc = json_parse(text, file, arena, &value, NULL);
        struct str title = json_get_text(value, "test");
        char *name = arena_printf(arena, "%s:%d %.*s", file, line, STR_FMT(title));
        cases_add(&cases, arena, name, rc ? cases_not_utf8 : run,
                  rc ? (void *)name : (void *)value);
    }
    return _cmocka_run_group_tests(file, cases.items, cases.len, NULL, NULL);
}

/* Fail unless the error is the one the case tells: {message, locations}. */
static inline void cases_assert_error(const struct err *err, const struct json *want)
{
    struct str message = json_get_text(want, "message");
    const struct json *at = json_pointer(want, "/locations/0");
    int64_t line = 0, column = 0;
    json_to_i64(json_get(at, "line"), &line);
    json_to_i64(json_get(at, "column"), &column);
    if (!str_is(message, err->text) || line != err->line || column != err->column)
        fail_msg("saw %d:%d %s, expected %d:%d %.*s", err->line, err->column, err->text, (int)line,
                 (int)column, STR_FMT(message));
}

static inline void cases_assert_text(const char *what, struct str saw, struct str expected)
{
    if (!str_eq(saw, expected))
        fail_msg("%s: saw\n%.*s\nexpected\n%.*s", what, STR_FMT(saw), STR_FMT(expected));
}

#endif
