// SPDX-License-Identifier: Apache-2.0
#include "lib/base/seal.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "tests/unit/lib/base/rows.h"

static struct arena *arena;

static char *key_path(void)
{
    struct err err = ERR_INIT;
    char *dir = NULL;
    if (fs_tmpdir(arena, &dir, &err) < 0)
        fail_msg("%s", err.text);
    return fs_join(arena, dir, "key");
}

static struct str sealed_with(const char *path, const char *text)
{
    struct err err = ERR_INIT;
    struct str sealed = STR_NONE;
    struct seal *seal = seal_new(path);
    if (seal_close(seal, str_of(text), STR("row 1"), arena, &sealed, &err) < 0)
        fail_msg("%s", err.text);
    seal_free(seal);
    return sealed;
}

static int opened_with(const char *path, struct str sealed, const char *about, struct str *ret,
                       struct err *err)
{
    struct seal *seal = seal_new(path);
    int code = seal_open(seal, sealed, str_of(about), arena, ret, err);
    seal_free(seal);
    return code;
}

static void test_round_trip(void **state)
{
    (void)state;
    char *path = key_path();
    struct stat info;
    struct str text = STR_NONE;
    struct err err = ERR_INIT;
    struct str first = sealed_with(path, "p\xc3\xa4ssword"),
               again = sealed_with(path, "p\xc3\xa4ssword");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_true(str_find(first, STR("ssword")) < 0);
    assert_false(str_eq(first, again)); /* a nonce of its own each time */
    assert_int_equal(opened_with(path, first, "row 1", &text, &err), 0);
    assert_str_is(text, "p\xc3\xa4ssword");
    assert_int_equal(opened_with(path, sealed_with(path, ""), "row 1", &text, &err), 0);
    assert_str_is(text, "");
}

static void test_refusals(void **state)
{
    (void)state;
    char *path = key_path(), *other = key_path();
    struct str text = STR_NONE, sealed = sealed_with(path, "password");
    sealed_with(other, "makes another key");
    assert_int_equal(opened_with(path, sealed, "row 2", &text, NULL), ERR_PARSE);
    assert_int_equal(opened_with(other, sealed, "row 1", &text, NULL), ERR_PARSE);
    assert_int_equal(opened_with(path, STR("password"), "row 1", &text, NULL), ERR_PARSE);
    assert_int_equal(opened_with(path, STR("1.AAAA"), "row 1", &text, NULL), ERR_PARSE);
    for (size_t i = 2; i < sealed.len; i++) {
        struct str changed = str_dup(arena, sealed);
        char *bytes = arena_strndup(arena, changed.ptr, changed.len);
        bytes[i] = bytes[i] == 'A' ? 'B' : 'A';
        assert_int_equal(opened_with(path, str_of(bytes), "row 1", &text, NULL), ERR_PARSE);
    }
    assert_null(text.ptr);
}

static void test_key_file(void **state)
{
    (void)state;
    char *path = key_path();
    struct str text = STR_NONE, sealed = sealed_with(path, "password");
    struct err err = ERR_INIT;
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(opened_with(path, sealed, "row 1", &text, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "chmod 600"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(opened_with(path, sealed, "row 1", &text, NULL), ERR_NOT_FOUND);
    assert_false(fs_exists(path)); /* reading makes no new key */
    assert_int_equal(fs_write(path, STR("not a key\n"), NULL), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(opened_with(path, sealed, "row 1", &text, NULL), ERR_USAGE);
    struct seal *seal = seal_new("/nonexistent/folder/key");
    assert_true(seal_close(seal, STR("x"), STR("y"), arena, &text, NULL) < 0);
    seal_free(seal);
}

static void test_memory(void **state)
{
    (void)state;
    struct str sealed = STR_NONE, text = STR_NONE;
    struct seal *seal = seal_new(NULL);
    assert_int_equal(seal_close(seal, STR("a"), STR("b"), arena, &sealed, NULL), 0);
    assert_int_equal(seal_open(seal, sealed, STR("b"), arena, &text, NULL), 0);
    assert_str_is(text, "a");
    seal_free(seal);
}

int main(void)
{
    arena = arena_new();
    struct rows tests = {0};
    rows_add_test(&tests, "what was sealed opens again, and is not readable between",
                  test_round_trip);
    rows_add_test(&tests, "another row, key or text does not open", test_refusals);
    rows_add_test(&tests, "the key file is private, and never made by reading", test_key_file);
    rows_add_test(&tests, "a key in memory", test_memory);
    int failed = rows_run(&tests, "seal");
    arena_free(arena);
    return failed;
}
