// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"

struct place {
    struct arena *arena;
    char *dir;
};

/* A private folder that is gone after the test. */
static struct place place_make(void)
{
    struct place place = {.arena = arena_new()};
    struct err err = ERR_INIT;
    if (fs_tmpdir(place.arena, &place.dir, &err) < 0)
        fail_msg("%s", err.text);
    return place;
}

static void place_end(struct place *place)
{
    if (place->dir)
        fs_remove_tree(place->dir, NULL);
    arena_free(place->arena);
}
#define PLACE_AUTO __attribute__((cleanup(place_end)))

static void put(struct place *place, const char *name, const char *content)
{
    struct err err = ERR_INIT;
    if (fs_write(fs_join(place->arena, place->dir, name), str_of(content), &err) < 0)
        fail_msg("%s", err.text);
}

static void expect_content(struct place *place, const char *name, const char *want)
{
    struct str saw = STR_NONE;
    struct err err = ERR_INIT;
    if (fs_read(fs_join(place->arena, place->dir, name), 1000000, place->arena, &saw, &err) < 0)
        fail_msg("%s", err.text);
    assert_str_is(saw, want);
    assert_int_equal(saw.ptr[saw.len], '\0');
}

static size_t entries(struct place *place)
{
    struct fs_list list = {0};
    assert_int_equal(fs_find(place->dir, "", place->arena, &list, NULL), 0);
    return list.len;
}

static const struct limit_row {
    const char *name;
    size_t max;
    int rc;
} limit_rows[] = {
    {"read with room", 100, 0},
    {"read exactly the maximum", 5, 0},
    {"read one byte too long", 4, ERR_LIMIT},
    {"read with maximum 0", 0, ERR_LIMIT},
};

static void test_limit(void **state)
{
    const struct limit_row *row = *state;
    PLACE_AUTO struct place place = place_make();
    put(&place, "f", "12345");
    struct str content = STR("untouched");
    struct err err = ERR_INIT;
    char *path = fs_join(place.arena, place.dir, "f");
    assert_int_equal(fs_read(path, row->max, place.arena, &content, &err), row->rc);
    assert_str_is(content, row->rc == 0 ? "12345" : "untouched");
    if (row->rc < 0)
        assert_non_null(strstr(err.text, "longer than"));
}

/* Files of /proc say that they are empty, and a pipe has no length at all. */
static void test_read_unknown_length(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    struct str content;
    assert_int_equal(fs_read("/proc/self/status", 100000, arena, &content, NULL), 0);
    assert_true(str_starts(content, STR("Name:")));
    assert_int_equal(fs_read("/proc/self/status", 10, arena, &content, NULL), ERR_LIMIT);
    assert_int_equal(fs_read("/dev/zero", 100000, arena, &content, NULL), ERR_LIMIT);
    int ends[2], saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "a\0b", 3), 3);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    int rc = fs_read("-", 10, arena, &content, NULL);
    dup2(saved, STDIN_FILENO);
    close(saved);
    assert_int_equal(rc, 0);
    assert_int_equal(content.len, 3);
    assert_memory_equal(content.ptr, "a\0b", 3);
}

static void test_read_refusals(void **state)
{
    (void)state;
    PLACE_AUTO struct place place = place_make();
    struct str content = STR_NONE;
    struct err err = ERR_INIT;
    char *missing = fs_join(place.arena, place.dir, "missing");
    assert_int_equal(fs_read(missing, 10, place.arena, &content, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "/missing': no such file or directory"));
    assert_int_equal(fs_read(place.dir, 10, place.arena, &content, NULL), ERR_USAGE);
    assert_str_is(content, NULL);
    put(&place, "empty", "");
    expect_content(&place, "empty", "");
}

static void test_write(void **state)
{
    (void)state;
    PLACE_AUTO struct place place = place_make();
    put(&place, "f", "one");
    expect_content(&place, "f", "one");
    char *path = fs_join(place.arena, place.dir, "f");
    assert_int_equal(chmod(path, 0640), 0);
    put(&place, "f", "two");
    expect_content(&place, "f", "two");
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    char *link = fs_join(place.arena, place.dir, "link");
    assert_int_equal(symlink("f", link), 0);
    put(&place, "link", "three");
    expect_content(&place, "f", "three");
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(entries(&place), 2); /* no temporary file is left */
    assert_int_equal(fs_write("/dev/null", STR("gone"), NULL), 0);
}

static void test_write_refusals(void **state)
{
    (void)state;
    PLACE_AUTO struct place place = place_make();
    struct err err = ERR_INIT;
    char *nowhere = fs_join(place.arena, place.dir, "no/such/file");
    assert_int_equal(fs_write(nowhere, STR("x"), &err), ERR_NOT_FOUND);
    assert_int_equal(fs_write(place.dir, STR("x"), NULL), ERR_USAGE);
    err = ERR_INIT;
    assert_int_equal(fs_write("/dev/full", STR("x"), &err), ERR_IO);
    assert_string_equal(err.text, "writing '/dev/full': no space left on device; free some space "
                                  "and try again");
}

/* A write that breaks off half way (here by the limit of file sizes) leaves the old content. */
static void test_write_is_all_or_nothing(void **state)
{
    (void)state;
    PLACE_AUTO struct place place = place_make();
    put(&place, "f", "old");
    struct rlimit old_limit, limit;
    getrlimit(RLIMIT_FSIZE, &old_limit);
    limit = old_limit;
    limit.rlim_cur = 4096;
    char *big = arena_alloc(place.arena, 100000);
    memset(big, 'x', 100000);
    void (*old_handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    struct err err = ERR_INIT;
    char *path = fs_join(place.arena, place.dir, "f");
    int rc = fs_write(path, str_make(big, 100000), &err);
    setrlimit(RLIMIT_FSIZE, &old_limit);
    signal(SIGXFSZ, old_handler);
    assert_int_equal(rc, ERR_IO);
    assert_non_null(strstr(err.text, "too large"));
    expect_content(&place, "f", "old");
    assert_int_equal(entries(&place), 1);
}

static void test_find(void **state)
{
    (void)state;
    PLACE_AUTO struct place place = place_make();
    struct err err = ERR_INIT;
    static const char *const dirs[] = {"b/deep/er", "a", "z.json"};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(fs_mkdirs(fs_join(place.arena, place.dir, dirs[i]), &err), 0);
    static const char *const files[] = {"b/deep/er/2.json", "b/1.json", "a.json",        "a/x.json",
                                        "a/x.txt",          "b/json",   "z.json/in.json"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        put(&place, files[i], "{}");
    /* A link to a file counts, one to a folder would lead in circles, one to nothing is none. */
    assert_int_equal(symlink("x.txt", fs_join(place.arena, place.dir, "a/link.json")), 0);
    assert_int_equal(symlink("..", fs_join(place.arena, place.dir, "a/up.json")), 0);
    assert_int_equal(symlink("gone", fs_join(place.arena, place.dir, "a/dangling.json")), 0);
    static const char *const want[] = {"a.json",   "a/link.json",      "a/x.json",
                                       "b/1.json", "b/deep/er/2.json", "z.json/in.json"};
    struct fs_list list = {0};
    assert_int_equal(fs_find(place.dir, ".json", place.arena, &list, &err), 0);
    for (size_t i = 0; i < list.len && i < 6; i++)
        assert_str_is(list.items[i], fs_join(place.arena, place.dir, want[i]));
    assert_int_equal(list.len, 6);
    char *missing = fs_join(place.arena, place.dir, "missing");
    assert_int_equal(fs_find(missing, "", place.arena, &list, NULL), ERR_NOT_FOUND);
    assert_int_equal(list.len, 6);
}

static void test_folders(void **state)
{
    (void)state;
    PLACE_AUTO struct place place = place_make();
    char *deep = fs_join(place.arena, place.dir, "a//b/c/");
    assert_int_equal(fs_mkdirs(deep, NULL), 0);
    assert_int_equal(fs_mkdirs(deep, NULL), 0);
    assert_true(fs_is_dir(deep));
    put(&place, "file", "");
    char *file = fs_join(place.arena, place.dir, "file");
    assert_true(fs_exists(file));
    assert_false(fs_is_dir(file));
    struct err err = ERR_INIT;
    char *below = fs_join(place.arena, file, "x");
    assert_true(fs_mkdirs(below, &err) < 0);
    assert_non_null(strstr(err.text, "making folder '"));
    assert_true(fs_mkdirs(file, NULL) < 0);
    /* Removal must not follow a link out of the tree. */
    char *tree = fs_join(place.arena, place.dir, "a");
    assert_int_equal(symlink(file, fs_join(place.arena, tree, "link")), 0);
    assert_int_equal(fs_remove_tree(tree, NULL), 0);
    assert_false(fs_exists(tree));
    assert_true(fs_exists(file));
    assert_int_equal(fs_remove_tree(tree, NULL), 0);
}

static const struct join_row {
    const char *name, *dir, *file, *want;
} join_rows[] = {
    {"join", "a", "b", "a/b"},
    {"join after slash", "a/", "b", "a/b"},
    {"join to nothing", "", "b", "b"},
    {"join absolute", "a", "/b", "/b"},
    {"join to the root", "/", "b", "/b"},
};

static void test_join(void **state)
{
    const struct join_row *row = *state;
    ARENA_AUTO struct arena *arena = arena_new();
    assert_string_equal(fs_join(arena, row->dir, row->file), row->want);
}

static void test_data_dir(void **state)
{
    (void)state;
    PLACE_AUTO struct place place = place_make();
    char *path = NULL;
    setenv("XDG_DATA_HOME", place.dir, 1);
    assert_int_equal(fs_data_dir(place.arena, &path, NULL), 0);
    assert_string_equal(path, fs_join(place.arena, place.dir, "tally"));
    assert_true(fs_is_dir(path));
    setenv("XDG_DATA_HOME", "relative", 1);
    setenv("HOME", place.dir, 1);
    assert_int_equal(fs_data_dir(place.arena, &path, NULL), 0);
    assert_string_equal(path, fs_join(place.arena, place.dir, ".local/share/tally"));
    unsetenv("XDG_DATA_HOME");
    unsetenv("HOME");
    path = NULL;
    assert_int_equal(fs_data_dir(place.arena, &path, NULL), ERR_USAGE);
    assert_null(path);
    setenv("TMPDIR", "/no/such/folder", 1);
    struct err err = ERR_INIT;
    assert_int_equal(fs_tmpdir(place.arena, &path, &err), ERR_NOT_FOUND);
    unsetenv("TMPDIR");
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, limit_rows, test_limit);
    ROWS_ADD(&tests, join_rows, test_join);
    rows_add_test(&tests, "read what does not know its length", test_read_unknown_length);
    rows_add_test(&tests, "read refuses what is no file", test_read_refusals);
    rows_add_test(&tests, "write replaces content and keeps mode and link", test_write);
    rows_add_test(&tests, "write says why it cannot", test_write_refusals);
    rows_add_test(&tests, "write is all or nothing", test_write_is_all_or_nothing);
    rows_add_test(&tests, "find lists files below in byte order", test_find);
    rows_add_test(&tests, "folders are made and removed", test_folders);
    rows_add_test(&tests, "data and temporary folders follow the environment", test_data_dir);
    return rows_run(&tests, "fs");
}
