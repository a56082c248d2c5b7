// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/lib/base/rows.h"
#include "lib/base/err.h"

static const struct exit_row {
    const char *name;
    enum err_code code;
    enum exit_code exit;
} exit_rows[] = {
    {"exit of no error", ERR_NONE, 0},
    {"exit of usage", ERR_USAGE, 2},
    {"exit of parse", ERR_PARSE, 2},
    {"exit of limit", ERR_LIMIT, 2},
    {"exit of not found", ERR_NOT_FOUND, 2},
    {"exit of conflict", ERR_CONFLICT, 1},
    {"exit of undecided", ERR_UNDECIDED, 3},
    {"exit of io", ERR_IO, 4},
    {"exit of net", ERR_NET, 4},
    {"exit of auth", ERR_AUTH, 4},
    {"exit of timeout", ERR_TIMEOUT, 4},
    {"exit of busy", ERR_BUSY, 4},
    {"exit of internal", ERR_INTERNAL, 5},
    {"exit of an unknown code", (enum err_code) - 99, 5},
};

static void test_exit(void **state)
{
    const struct exit_row *row = *state;
    struct err err = {.code = row->code};
    assert_int_equal(err_exit(&err), row->exit);
}

static const struct render_row {
    const char *name;
    const char *source;
    int line, column;
    const char *text, *want;
} render_rows[] = {
    {"render text only", "", 0, 0, "no such thing", "no such thing"},
    {"render source", "a.json", 0, 0, "empty", "a.json: empty"},
    {"render line", "a.json", 3, 0, "bad", "a.json:3: bad"},
    {"render line and column", "a.json", 3, 7, "bad", "a.json:3:7: bad"},
    {"render position without source", NULL, 3, 7, "bad", "line 3:7: bad"},
    {"render keeps one line", "a\nb", 1, 1, "bad\r\n\tthing\033[31m", "a b:1:1: bad   thing [31m"},
};

static void test_render(void **state)
{
    const struct render_row *row = *state;
    struct err err = ERR_INIT;
    char text[1200];
    assert_int_equal(err_at(&err, ERR_PARSE, row->source, row->line, row->column, "%s", row->text),
                     ERR_PARSE);
    assert_string_equal(err_render(&err, text, sizeof text), row->want);
    char little[5];
    err_render(&err, little, sizeof little);
    assert_memory_equal(little, row->want, 4);
    assert_int_equal(little[4], '\0');
}

static const struct errno_row {
    const char *name;
    int number;
    enum err_code code;
    const char *want;
} errno_rows[] = {
    {"errno ENOENT", ENOENT, ERR_NOT_FOUND, "reading 'x': no such file or directory"},
    {"errno EACCES", EACCES, ERR_IO, "reading 'x': permission denied; check the permissions"},
    {"errno ENOSPC", ENOSPC, ERR_IO,
     "reading 'x': no space left on device; free some space and try again"},
    {"errno EIO keeps its initials", EIO, ERR_IO, "reading 'x': input/output error"},
    {"errno ECONNREFUSED", ECONNREFUSED, ERR_NET, "reading 'x': connection refused"},
    {"errno ETIMEDOUT", ETIMEDOUT, ERR_TIMEOUT, "reading 'x': connection timed out"},
};

static void test_errno(void **state)
{
    const struct errno_row *row = *state;
    struct err err = ERR_INIT;
    errno = row->number;
    assert_int_equal(err_errno(&err, "reading '%s'", "x"), row->code);
    assert_string_equal(err.text, row->want);
    errno = row->number;
    assert_int_equal(err_errno(NULL, "reading"), row->code);
}

static void test_first_wins(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(err_set(&err, ERR_NET, "first"), ERR_NET);
    assert_int_equal(err_set(&err, ERR_USAGE, "second"), ERR_NET);
    assert_int_equal(err_at(&err, ERR_PARSE, "f", 1, 1, "third"), ERR_NET);
    errno = EACCES;
    assert_int_equal(err_errno(&err, "fourth"), ERR_NET);
    assert_string_equal(err.text, "first");
    assert_string_equal(err.source, "");
}

static void test_wrap(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    err_set(&err, ERR_TIMEOUT, "no answer");
    assert_int_equal(err_wrap(&err, "asking '%s'", "b"), ERR_TIMEOUT);
    assert_int_equal(err_wrap(&err, "publishing"), ERR_TIMEOUT);
    assert_string_equal(err.text, "publishing: asking 'b': no answer");
    struct err none = ERR_INIT;
    assert_int_equal(err_wrap(&none, "context"), ERR_INTERNAL);
    assert_int_equal(none.code, ERR_INTERNAL);
    assert_string_equal(none.text, "context");
}

static void test_null(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_IO, "x"), ERR_IO);
    assert_int_equal(err_at(NULL, ERR_PARSE, "f", 1, 1, "x"), ERR_PARSE);
    assert_int_equal(err_wrap(NULL, "x"), ERR_INTERNAL);
    assert_int_equal(err_exit(NULL), EXIT_INTERNAL);
}

/* "é" is two bytes: a cut at any byte must not leave half of one. */
static void test_long_text_is_cut_between_characters(void **state)
{
    (void)state;
    for (int shift = 0; shift < 2; shift++) {
        char text[2001];
        memset(text, 'a', sizeof text);
        for (size_t i = (size_t)shift; i + 2 < sizeof text; i += 2)
            memcpy(text + i, "\xc3\xa9", 2);
        text[2000] = '\0';
        struct err err = ERR_INIT;
        err_set(&err, ERR_USAGE, "%s", text);
        assert_true(str_is_utf8(str_of(err.text), NULL));
        assert_in_range(strlen(err.text), sizeof err.text - 2, sizeof err.text - 1);
        err_wrap(&err, "context");
        assert_true(str_is_utf8(str_of(err.text), NULL));
        assert_memory_equal(err.text, "context: ", 9);
    }
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, exit_rows, test_exit);
    ROWS_ADD(&tests, render_rows, test_render);
    ROWS_ADD(&tests, errno_rows, test_errno);
    rows_add_test(&tests, "the first failure wins", test_first_wins);
    rows_add_test(&tests, "wrap adds context in front", test_wrap);
    rows_add_test(&tests, "a caller without err gets the code", test_null);
    rows_add_test(&tests, "long text is cut between characters",
                  test_long_text_is_cut_between_characters);
    return rows_run(&tests, "err");
}
