// SPDX-License-Identifier: Apache-2.0
/* The shape of the output by rows; that it is right by applying it to the old text again. */
#include "broker/text_diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"

static const struct row {
    const char *old_text, *new_text, *expected;
} rows[] = {
    {"a\nb\n", "a\nb\n", ""},
    {"", "", ""},
    {"a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
    {"", "a\n", "@@ -0,0 +1,1 @@\n+a\n"},
    {"a\n", "", "@@ -1,1 +0,0 @@\n-a\n"},
    {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n",
     "@@ -6,4 +6,3 @@\n 6\n 7\n 8\n-9\n"},
    {"x\n1\n2\n3\n4\n5\n6\n7\ny\n", "X\n1\n2\n3\n4\n5\n6\n7\nY\n",
     "@@ -1,4 +1,4 @@\n-x\n+X\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-y\n+Y\n"},
    {"x\n1\n2\n3\n4\n5\n6\ny\n", "X\n1\n2\n3\n4\n5\n6\nY\n",
     "@@ -1,8 +1,8 @@\n-x\n+X\n 1\n 2\n 3\n 4\n 5\n 6\n-y\n+Y\n"},
};

static void test_rows(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str diff = text_diff(arena, str_of(rows[i].old_text), str_of(rows[i].new_text));
        assert_string_equal(str_cstr(arena, diff), rows[i].expected);
    }
}

/* What a patch makes of the old lines. */
static const char *apply(struct arena *arena, struct str old_text, struct str diff)
{
    BUF_AUTO struct buf out = BUF_INIT(SIZE_MAX);
    size_t line = 1;
    while (diff.ptr && diff.len > 0) {
        struct str entry = str_cut(&diff, '\n');
        if (entry.ptr[0] == '@') {
            size_t start = (size_t)strtoul(entry.ptr + 4, NULL, 10);
            size_t count = (size_t)strtoul(strchr(entry.ptr, ',') + 1, NULL, 10);
            for (start += count == 0; line < start; line++) {
                buf_str(&out, str_cut(&old_text, '\n'));
                buf_putc(&out, '\n');
            }
            continue;
        }
        struct str rest = str_sub(entry, 1, entry.len - 1);
        if (entry.ptr[0] != '+') {
            assert_true(str_eq(str_cut(&old_text, '\n'), rest));
            line++;
        }
        if (entry.ptr[0] != '-') {
            buf_str(&out, rest);
            buf_putc(&out, '\n');
        }
    }
    if (old_text.ptr)
        buf_str(&out, old_text);
    return str_cstr(arena, buf_view(&out));
}

static struct str random_text(struct arena *arena, unsigned *seed, int lines)
{
    BUF_AUTO struct buf out = BUF_INIT(SIZE_MAX);
    for (int i = 0; i < lines; i++) {
        *seed = *seed * 1103515245u + 12345u;
        buf_printf(&out, "%u\n", (*seed >> 16) % 7);
    }
    return str_dup(arena, buf_view(&out));
}

static void test_applied_diffs_give_the_new_text(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (int i = 0; i < 300; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct str a = random_text(arena, &seed, i % 40), b = random_text(arena, &seed, i % 23);
        assert_string_equal(apply(arena, a, text_diff(arena, a, b)), str_cstr(arena, b));
    }
}

static void test_very_different_texts_are_replaced_whole(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    BUF_AUTO struct buf a = BUF_INIT(SIZE_MAX);
    BUF_AUTO struct buf b = BUF_INIT(SIZE_MAX);
    for (int i = 0; i < 3000; i++) {
        buf_printf(&a, "a%d\n", i);
        buf_printf(&b, "b%d\n", i);
    }
    struct str diff = text_diff(arena, buf_view(&a), buf_view(&b));
    assert_string_equal(apply(arena, buf_view(&a), diff), b.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_applied_diffs_give_the_new_text),
        cmocka_unit_test(test_very_different_texts_are_replaced_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
