// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/multipart.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "tests/unit/lib/base/rows.h"

/* Parts are shown as "name/filename/disposition=body", joined by "|"; "-" is absent. */
static const struct split_row {
    const char *name, *text;
    const char *parts; /* NULL = refused */
} split_rows[] = {
    {"one part", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--\r\n",
     "a/-/form-data=x"},
    {"two parts", "--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--", "-/-/-=x|-/-/-=y"},
    {"lines that end in LF", "--b\nA: b\n\nx\n--b--\n", "-/-/-=x"},
    {"preamble and epilogue", "hello\r\n--b\r\n\r\nx\r\n--b--\r\nbye\r\n--b\r\n", "-/-/-=x"},
    {"empty body", "--b\r\nA: b\r\n\r\n\r\n--b--", "-/-/-="},
    {"empty part", "--b\r\n\r\n--b--", "-/-/-="},
    {"no parts", "--b--", ""},
    {"only the last line break is the boundary's", "--b\r\n\r\nx\r\n\r\n\r\n--b--",
     "-/-/-=x\r\n\r\n"},
    {"white space after a boundary", "--b \t\r\n\r\nx\r\n--b-- \r\n", "-/-/-=x"},
    {"longer line is no boundary", "--b\r\n\r\n--bc\r\n--b--", "-/-/-=--bc"},
    {"boundary within a line is none", "--b\r\n\r\nx --b--\r\n--b--", "-/-/-=x --b--"},
    {"quoted names",
     "--b\r\nContent-Disposition: form-data; name=\"a;\\\"b\"; "
     "filename=\"c:\\d.e\"\r\n\r\n\r\n--b--",
     "a;\"b/c:\\d.e/form-data="},
    {"folded header",
     "--b\r\nContent-Disposition: form-data;\r\n name=a;\r\n\tfilename=f\r\n\r\nx\r\n--b--",
     "a/f/form-data=x"},
    {"extended file name",
     "--b\r\ncontent-disposition: attachment; filename*=UTF-8''f\r\n\r\nx\r\n--b--",
     "-/UTF-8''f/attachment=x"},
    {"NUL in a body is kept", NULL, NULL},
    {"empty text", "", NULL},
    {"other boundary", "--c\r\n\r\nx\r\n--c--", NULL},
    {"no closing boundary", "--b\r\n\r\nx\r\n", NULL},
    {"no closing boundary after the last part", "--b\r\n\r\nx\r\n--b", NULL},
    {"no empty line", "--b\r\nA: b\r\n--b--", NULL},
    {"no header", "--b\r\nx\r\n\r\ny\r\n--b--", NULL},
    {"folded line first", "--b\r\n x: y\r\n\r\n--b--", NULL},
};

static struct str or_dash(struct str text)
{
    return text.ptr ? text : STR("-");
}

static struct str show(struct arena *arena, const struct multipart *parts)
{
    struct buf out BUF_AUTO = BUF_INIT(4096);
    VEC_EACH(parts, const struct multipart_part *, part) {
        buf_puts(&out, part > parts->items ? "|" : "");
        buf_printf(&out, "%.*s/%.*s/%.*s=", STR_FMT(or_dash(part->name)),
                   STR_FMT(or_dash(part->filename)), STR_FMT(or_dash(part->disposition)));
        buf_str(&out, part->body);
    }
    return str_dup(arena, buf_view(&out));
}

static void test_split(void **state)
{
    const struct split_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct multipart parts = {.len = 77};
    struct err err = ERR_INIT;
    static const char nul[] = "--b\r\n\r\na\0b\r\n--b--";
    if (!row->text) {
        assert_int_equal(
            multipart_parse(str_make(nul, sizeof nul - 1), STR("b"), arena, &parts, &err), 0);
        assert_int_equal(parts.len, 1);
        assert_true(str_eq(parts.items[0].body, STR("a\0b")));
        return;
    }
    int rc = multipart_parse(str_of(row->text), STR("b"), arena, &parts, &err);
    if (!row->parts) {
        assert_int_equal(rc, ERR_PARSE);
        assert_int_equal(parts.len, 77);
        return;
    }
    if (rc)
        fail_msg("%s", err.text);
    assert_str_is(show(arena, &parts), row->parts);
}

static const struct param_row {
    const char *name, *value, *param, *expected;
} param_rows[] = {
    {"token", "form-data; name=a", "name", "a"},
    {"case of the name", "form-data; NAME=a", "name", "a"},
    {"spaces", "form-data ;  name = a  ; x=y", "name", "a"},
    {"quoted", "form-data; name=\"a b\"", "name", "a b"},
    {"semicolon in quotes", "f; x=\"; name=b\"; name=c", "name", "c"},
    {"escaped quote", "f; name=\"a\\\"b\"", "name", "a\"b"},
    {"escaped backslash", "f; name=\"a\\\\\"", "name", "a\\"},
    {"open quote", "f; name=\"a", "name", "a"},
    {"empty", "f; name=\"\"", "name", ""},
    {"without a value", "f; name", "name", ""},
    {"first of two", "f; name=a; name=b", "name", "a"},
    {"longer name", "f; filename=a", "name", NULL},
    {"none", "f", "name", NULL},
    {"trailing semicolon", "f;", "name", NULL},
};

static void test_param(void **state)
{
    const struct param_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    assert_str_is(multipart_param(str_of(row->value), row->param, arena), row->expected);
}

static const struct boundary_row {
    const char *name, *text, *expected;
} boundary_rows[] = {
    {"first line", "--ab\r\nx", "ab"},    {"closing line", "--ab--", "ab--"},
    {"trailing space", "--ab \nx", "ab"}, {"nothing", "", NULL},
    {"text", "ab\n--ab", NULL},           {"dashes alone", "--\r\n", NULL},
};

static void test_boundary(void **state)
{
    const struct boundary_row *row = *state;
    assert_str_is(multipart_boundary(str_of(row->text)), row->expected);
}

static void test_limits(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf text BUF_AUTO = BUF_INIT(1024 * 1024), head BUF_AUTO = BUF_INIT(1024 * 1024);
    struct multipart parts = {0};
    struct err err = ERR_INIT;
    (void)state;
    for (int i = 0; i < LIMIT_MULTIPART_PARTS; i++)
        buf_puts(&text, "--b\n\nx\n");
    size_t len = text.len;
    buf_puts(&text, "--b--");
    assert_int_equal(multipart_parse(buf_view(&text), STR("b"), arena, &parts, &err), 0);
    assert_int_equal(parts.len, LIMIT_MULTIPART_PARTS);
    text.len = len;
    buf_puts(&text, "--b\n\nx\n--b--");
    assert_int_equal(multipart_parse(buf_view(&text), STR("b"), arena, &parts, &err), ERR_LIMIT);
    buf_puts(&head, "--b\n");
    for (int i = 0; i <= LIMIT_HTTP_HEADERS; i++)
        buf_puts(&head, "a: b\n");
    buf_puts(&head, "\nx\n--b--");
    err = ERR_INIT;
    assert_int_equal(multipart_parse(buf_view(&head), STR("b"), arena, &parts, &err), ERR_LIMIT);
    err = ERR_INIT;
    assert_int_equal(multipart_parse(STR("----"), STR(""), arena, &parts, &err), ERR_PARSE);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, split_rows, test_split);
    ROWS_ADD(&tests, param_rows, test_param);
    ROWS_ADD(&tests, boundary_rows, test_boundary);
    rows_add_test(&tests, "limits", test_limits);
    return rows_run(&tests, "multipart");
}
