// SPDX-License-Identifier: Apache-2.0
#include "lib/db/db.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"

struct bench {
    struct arena *arena;
    char *dir, *path;
    struct db *db;
};

static int setup(void **state)
{
    struct err err = ERR_INIT;
    struct arena *arena = arena_new();
    struct bench *bench = ARENA_NEW(arena, struct bench);
    bench->arena = arena;
    assert_int_equal(fs_tmpdir(arena, &bench->dir, &err), 0);
    bench->path = fs_join(arena, bench->dir, "x.db");
    if (db_open(bench->path, NULL, &bench->db, &err) < 0)
        fail_msg("open: %s", err.text);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    db_close(bench->db);
    fs_remove_tree(bench->dir, NULL);
    arena_free(bench->arena);
    return 0;
}

static int64_t count(struct db *db, const char *sql)
{
    int64_t n = -1;
    struct err err = ERR_INIT;
    if (db_value(db, &err, &n, sql, "") < 0)
        fail_msg("%s: %s", sql, err.text);
    return n;
}

static void test_values(void **state)
{
    struct bench *bench = *state;
    struct err err = ERR_INIT;
    assert_int_equal(db_script(bench->db, "CREATE TABLE t(a INTEGER, b TEXT, c TEXT)", &err), 0);
    assert_int_equal(db_run(bench->db, &err, "INSERT INTO t(a, b, c) VALUES($1, $2, $3)", "ist",
                            INT64_C(-5), NULL, STR("x\0y")),
                     1);
    struct db_stmt *q DB_STMT_AUTO = NULL;
    assert_int_equal(db_query(bench->db, &err, &q, "SELECT a, b, c FROM t", ""), 0);
    assert_int_equal(db_step(q, &err), 1);
    assert_int_equal(db_int(q, 0), -5);
    assert_true(db_is_null(q, 1));
    assert_null(db_text(q, 1, bench->arena));
    struct str text = db_str(q, 2);
    assert_int_equal(text.len, 3);
    assert_memory_equal(text.ptr, "x\0y", 3);
    assert_int_equal(db_step(q, &err), 0);
}

/* $n means the n-th value wherever it stands, and '$1' in quotes is text. */
static void test_placeholders(void **state)
{
    struct bench *bench = *state;
    struct err err = ERR_INIT;
    struct db_stmt *q DB_STMT_AUTO = NULL;
    assert_int_equal(db_query(bench->db, &err, &q, "SELECT $2, $1, $2, '$1'", "ss", "one", "two"),
                     0);
    assert_int_equal(db_step(q, &err), 1);
    assert_string_equal(db_text(q, 0, bench->arena), "two");
    assert_string_equal(db_text(q, 1, bench->arena), "one");
    assert_string_equal(db_text(q, 2, bench->arena), "two");
    assert_string_equal(db_text(q, 3, bench->arena), "$1");
}

/* The same text may be stepped twice at once: each gets a statement of its own. */
static void test_nested(void **state)
{
    struct bench *bench = *state;
    struct err err = ERR_INIT;
    const char *sql = "SELECT 1 UNION SELECT 2 ORDER BY 1";
    struct db_stmt *a DB_STMT_AUTO = NULL, *b DB_STMT_AUTO = NULL;
    assert_int_equal(db_query(bench->db, &err, &a, sql, ""), 0);
    assert_int_equal(db_step(a, &err), 1);
    assert_int_equal(db_query(bench->db, &err, &b, sql, ""), 0);
    assert_ptr_not_equal(a, b);
    assert_int_equal(db_step(b, &err), 1);
    assert_int_equal(db_step(a, &err), 1);
    assert_int_equal(db_int(a, 0), 2);
    assert_int_equal(db_int(b, 0), 1);
}

static void test_transactions(void **state)
{
    struct bench *bench = *state;
    struct err err = ERR_INIT;
    db_script(bench->db, "CREATE TABLE t(a INTEGER UNIQUE)", &err);
    assert_int_equal(db_begin(bench->db, &err), 0);
    assert_true(db_in_transaction(bench->db));
    assert_int_equal(db_run(bench->db, &err, "INSERT INTO t VALUES(1)", ""), 1);
    db_rollback(bench->db);
    assert_int_equal(count(bench->db, "SELECT COUNT(*) FROM t"), 0);
    assert_int_equal(db_begin(bench->db, &err), 0);
    db_run(bench->db, &err, "INSERT INTO t VALUES(1)", "");
    assert_int_equal(db_commit(bench->db, &err), 0);
    assert_int_equal(db_run(bench->db, &err, "INSERT INTO t VALUES(1)", ""), ERR_CONFLICT);
    assert_int_equal(count(bench->db, "SELECT COUNT(*) FROM t"), 1);
}

static void test_busy(void **state)
{
    struct bench *bench = *state;
    struct err err = ERR_INIT;
    struct db *other = NULL;
    struct db_options options = {.busy_timeout_ms = 20};
    assert_int_equal(db_open(bench->path, &options, &other, &err), 0);
    assert_int_equal(db_begin(bench->db, &err), 0);
    assert_int_equal(db_begin(other, &err), ERR_BUSY);
    db_rollback(bench->db);
    err = ERR_INIT;
    assert_int_equal(db_begin(other, &err), 0);
    db_close(other);
}

/* What others commit moves the number; what this connection reads and writes does not. */
static void test_state(void **state)
{
    struct bench *bench = *state;
    struct err err = ERR_INIT;
    struct db *other = NULL;
    int64_t first = 0, read = 0, own = 0, within = 0, after = 0;
    assert_int_equal(db_script(bench->db, "CREATE TABLE t(a)", &err), 0);
    assert_int_equal(db_open(bench->path, NULL, &other, &err), 0);
    assert_int_equal(db_state(bench->db, &first, &err), 0);
    assert_int_equal(count(bench->db, "SELECT COUNT(*) FROM t"), 0);
    assert_int_equal(db_state(bench->db, &read, &err), 0);
    assert_int_equal(read, first);
    assert_int_equal(db_run(bench->db, &err, "INSERT INTO t VALUES(1)", ""), 1);
    assert_int_equal(db_state(bench->db, &own, &err), 0);
    assert_int_equal(own, first);
    assert_int_equal(db_begin_read(bench->db, &err), 0);
    assert_int_equal(count(bench->db, "SELECT COUNT(*) FROM t"), 1);
    assert_int_equal(db_run(other, &err, "INSERT INTO t VALUES(2)", ""), 1);
    assert_int_equal(db_state(bench->db, &within, &err), 0);
    assert_int_equal(within, first);
    db_rollback(bench->db);
    assert_int_equal(db_state(bench->db, &after, &err), 0);
    assert_int_not_equal(after, first);
    db_close(other);
}

/* Every commit is on disk before it is acknowledged. */
/* A reader that stays keeps the log from being emptied: it grows to its limit and no further. */
static void test_log_is_bounded(void **state)
{
    struct bench *bench = *state;
    struct err err = ERR_INIT;
    struct db *writer = NULL;
    struct stat log = {0};
    const char *path = arena_printf(bench->arena, "%s-wal", bench->path);
    enum { MOST = 3 * 1024 * 1024 };
    struct db_options options = {.busy_timeout_ms = 20, .log_max = MOST};
    assert_int_equal(db_open(bench->path, &options, &writer, &err), 0);
    assert_int_equal(db_script(writer, "CREATE TABLE t(a)", &err), 0);
    assert_int_equal(db_begin_read(bench->db, &err), 0);
    assert_int_equal(count(bench->db, "SELECT COUNT(*) FROM t"), 0);
    int64_t rows = 0;
    int code = 0;
    while (rows < 100 && (code = db_begin(writer, &err)) == 0) {
        assert_true(db_run(writer, &err, "INSERT INTO t(a) VALUES(zeroblob(100000))", "") == 1);
        assert_int_equal(db_commit(writer, &err), 0);
        rows++;
    }
    assert_int_equal(code, ERR_BUSY);
    assert_non_null(strstr(err.text, "the log is full"));
    assert_in_range(rows, 2, 60);
    assert_true(db_log_bytes(writer) > MOST);
    assert_int_equal(count(bench->db, "SELECT COUNT(*) FROM t"), 0);
    db_rollback(bench->db);
    err = ERR_INIT;
    assert_int_equal(db_begin(writer, &err), 0);
    assert_int_equal(db_commit(writer, &err), 0);
    assert_int_equal(count(bench->db, "SELECT COUNT(*) FROM t"), rows);
    assert_int_equal(stat(path, &log), 0);
    assert_true(log.st_size < MOST);
    db_close(writer);
}

static void test_durable(void **state)
{
    struct bench *bench = *state;
    struct db_stmt *q DB_STMT_AUTO = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(count(bench->db, "PRAGMA synchronous"), 2);
    assert_int_equal(db_query(bench->db, &err, &q, "PRAGMA journal_mode", ""), 0);
    assert_int_equal(db_step(q, &err), 1);
    assert_string_equal(db_text(q, 0, bench->arena), "wal");
}

static void test_full(void **state)
{
    struct bench *bench = *state;
    struct err err = ERR_INIT;
    int code = 0;
    db_script(bench->db, "CREATE TABLE t(a TEXT)", &err);
    count(bench->db, "PRAGMA max_page_count = 10");
    assert_int_equal(db_begin(bench->db, &err), 0);
    for (int i = 0; i < 100 && code >= 0; i++)
        code = db_run(bench->db, &err, "INSERT INTO t VALUES(hex(randomblob(2000)))", "");
    assert_int_equal(code, ERR_IO);
    assert_non_null(strstr(err.text, "disk is full"));
    db_rollback(bench->db);
}

static void test_open_fails(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *what, *path;
        int code;
    } rows[] = {
        {"missing folder", "missing/x.db", ERR_IO},
        {"no database", "text.db", ERR_PARSE},
        {"not built in", "postgres://localhost/x", ERR_USAGE},
    };
    struct err err = ERR_INIT;
    char *text = fs_join(bench->arena, bench->dir, "text.db");
    struct str filler = str_make(arena_alloc(bench->arena, 8192), 8192);
    memset((char *)(uintptr_t)filler.ptr, 'x', filler.len);
    assert_int_equal(fs_write(text, filler, &err), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct db *db = NULL;
        const char *path = strstr(rows[i].path, "://")
                               ? rows[i].path
                               : fs_join(bench->arena, bench->dir, rows[i].path);
        err = ERR_INIT;
        int code = db_open(path, NULL, &db, &err);
        if (code != rows[i].code)
            fail_msg("%s: expected %d, saw %d (%s)", rows[i].what, rows[i].code, code, err.text);
        assert_null(db);
    }
}

static void test_migrate(void **state)
{
    struct bench *bench = *state;
    struct err err = ERR_INIT;
    static const char *const good[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x)"};
    static const char *const bad[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x)",
                                      "CREATE TABLE c(x); NONSENSE"};
    assert_int_equal(db_migrate(bench->db, good, 1, &err), 0);
    assert_int_equal(db_migrate(bench->db, good, 2, &err), 0);
    assert_int_equal(db_migrate(bench->db, good, 2, &err), 0);
    assert_int_equal(count(bench->db, "SELECT version FROM schema_version"), 2);
    /* A script that fails leaves the version before it, whole. */
    assert_true(db_migrate(bench->db, bad, 3, &err) < 0);
    assert_int_equal(count(bench->db, "SELECT version FROM schema_version"), 2);
    assert_int_equal(count(bench->db, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'c'"), 0);
    err = ERR_INIT;
    assert_int_equal(db_migrate(bench->db, good, 1, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "newer"));
}

/* A text twice, a number one more; anything else as it comes, and bytes not at all. */
static int call_more(void *self, const struct db_cell *args, struct db_cell *ret, struct err *err)
{
    ++*(int *)self;
    char *twice = NULL;
    switch (args[0].kind) {
    case DB_NULL:
        return 1;
    case DB_INT:
        *ret = (struct db_cell){.kind = DB_INT, .number = args[0].number + 1};
        return 0;
    case DB_TEXT:
        assert_true(asprintf(&twice, "%.*s%.*s", STR_FMT(args[0].bytes), STR_FMT(args[0].bytes)) >=
                    0);
        *ret =
            (struct db_cell){.kind = args[1].number ? DB_BYTES : DB_TEXT, .bytes = str_of(twice)};
        return 0;
    case DB_BYTES:
        break;
    }
    return err_set(err, ERR_LIMIT, "no bytes like %.*s", STR_FMT(args[0].bytes));
}

static void release_more(void *self)
{
    *(int *)self = -1;
}

static void test_functions(void **state)
{
    struct bench *bench = *state;
    struct err err = ERR_INIT;
    int calls = 0;
    assert_int_equal(db_define(bench->db, "more", 2, call_more, &calls, release_more, &err), 0);
    static const char *const truths[] = {
        "more(NULL, 0) IS NULL",       "more(41, 0) = 42",
        "more('ab', 0) = 'abab'",      "typeof(more('ab', 0)) = 'text'",
        "more('ab', 1) = x'61626162'", "length(more('', 0)) = 0",
    };
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        if (count(bench->db, arena_printf(bench->arena, "SELECT %s", truths[i])) != 1)
            fail_msg("not true: %s", truths[i]);
    }
    assert_int_equal(calls, 6);
    int64_t n = 0;
    assert_int_equal(db_value(bench->db, &err, &n, "SELECT more(x'6162', 0)", ""), ERR_PARSE);
    assert_non_null(strstr(err.text, "no bytes like ab"));
    /* The statement and the connection go on. */
    assert_int_equal(count(bench->db, "SELECT more(1, 0)"), 2);
    db_close(bench->db);
    bench->db = NULL;
    assert_int_equal(calls, -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_values),         TEST(test_placeholders), TEST(test_nested),
        TEST(test_transactions),   TEST(test_busy),         TEST(test_state),
        TEST(test_log_is_bounded), TEST(test_durable),      TEST(test_full),
        TEST(test_open_fails),     TEST(test_migrate),      TEST(test_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
