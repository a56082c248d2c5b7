// SPDX-License-Identifier: Apache-2.0
#include "lib/db/sqlite_log.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/db/db.h"
#include "tests/unit/lib/base/rows.h"

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) < 0)                                                                            \
            fail_msg("%s: %s", #call, err.text);                                                   \
    } while (0)

struct bench {
    struct arena *arena;
    char *dir, *file;
    struct db *writer, *reader;
};

static void start(struct bench *bench)
{
    struct err err = ERR_INIT;
    *bench = (struct bench){.arena = arena_new()};
    OK(fs_tmpdir(bench->arena, &bench->dir, &err));
    bench->file = fs_join(bench->arena, bench->dir, "log.sqlite");
    OK(db_open(bench->file, NULL, &bench->writer, &err));
    OK(db_script(bench->writer, "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)", &err));
    OK(db_open(bench->file, &(struct db_options){.read_only = true}, &bench->reader, &err));
}

static void end(struct bench *bench)
{
    db_close(bench->reader);
    db_close(bench->writer);
    fs_remove_tree(bench->dir, NULL);
    arena_free(bench->arena);
}

static int64_t ask(struct db *db, const char *sql)
{
    struct err err = ERR_INIT;
    int64_t value = -1;
    OK(db_value(db, &err, &value, sql, ""));
    return value;
}

static const char *filler(struct arena *arena, size_t len)
{
    char *text = arena_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + i % 23);
    return text;
}

/* Sizes around what is gathered and what SQLite's own layer takes in one piece. */
static const struct row {
    const char *name;
    size_t len;
    int rows;
} rows[] = {
    {"one small row", 10, 1},
    {"a row of the gathered size", 64 * 1024, 1},
    {"a row of 128 KiB", 128 * 1024, 1},
    {"a row of a megabyte", 1024 * 1024, 1},
    {"a thousand rows", 3000, 1000},
    {"more than the page cache holds", 30000, 600},
};

/* What is committed is there for another connection, and after the file is opened again. */
static void test_commit(void **state)
{
    const struct row *row = *state;
    struct bench bench;
    struct err err = ERR_INIT;
    start(&bench);
    const char *text = filler(bench.arena, row->len);
    for (int round = 1; round <= 3; round++) {
        OK(db_begin(bench.writer, &err));
        for (int i = 0; i < row->rows; i++)
            OK(db_run(bench.writer, &err, "INSERT INTO t(v) VALUES($1)", "s", text));
        assert_int_equal(ask(bench.reader, "SELECT COUNT(*) FROM t"), (round - 1) * row->rows);
        OK(db_commit(bench.writer, &err));
        assert_int_equal(ask(bench.reader, "SELECT COUNT(*) FROM t"), round * row->rows);
    }
    OK(db_begin(bench.writer, &err));
    OK(db_run(bench.writer, &err, "UPDATE t SET v = 'gone'", ""));
    assert_int_equal(ask(bench.writer, "SELECT COUNT(*) FROM t WHERE v = 'gone'"), 3 * row->rows);
    db_rollback(bench.writer);
    struct db *again = NULL;
    OK(db_open(bench.file, NULL, &again, &err));
    struct db_stmt *q DB_STMT_AUTO = NULL;
    OK(db_query(again, &err, &q, "SELECT COUNT(*) FROM t WHERE v = $1", "s", text));
    assert_int_equal(db_step(q, &err), 1);
    assert_int_equal(db_int(q, 0), 3 * row->rows);
    db_done(q);
    q = NULL;
    assert_int_equal(ask(again, "SELECT COUNT(*) FROM pragma_integrity_check"
                                " WHERE integrity_check <> 'ok'"),
                     0);
    db_close(again);
    end(&bench);
}

static void test_is_used(void **state)
{
    (void)state;
    assert_string_equal(sqlite_log_vfs(), "tally-log");
}

int main(void)
{
    struct rows tests = {0};
    rows_add_test(&tests, "the layer is there", test_is_used);
    ROWS_ADD(&tests, rows, test_commit);
    return rows_run(&tests, "sqlite_log");
}
