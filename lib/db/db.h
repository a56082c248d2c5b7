// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_DB_DB_H
#define TALLY_LIB_DB_DB_H
/*
 * One small SQL interface over the drivers: prepare, bind, step, transaction.
 *
 * SQL is written in the common dialect: placeholders $1, $2, ...; ON CONFLICT, RETURNING; times as
 * ISO-8601 text in UTC, which sort as text. What differs between databases lives in the driver.
 *
 * A struct db belongs to one thread. Statements are prepared once per connection and kept, keyed by
 * their text; a statement that is still being stepped is never handed out twice.
 *
 * Errors: ERR_IO    disk full, file read-only or not writable, read error
 *         ERR_BUSY  locked by another writer for longer than the busy timeout
 *         ERR_CONFLICT  a constraint refused the row
 *         ERR_PARSE the file is no database; a function of ours could not read a value
 *         ERR_INTERNAL  our SQL is wrong
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/str.h"

struct arena;
struct db;
struct db_stmt;
struct err;

struct db_options {
    bool read_only;
    bool sole;           /* for a server: refuse when another process has it open like this */
    int busy_timeout_ms; /* 0 = 5000 */
    int cache_kib;       /* page cache, grows as needed; 0 = 8192 */
    int64_t log_max;     /* bytes; 0 = LIMIT_DB_LOG */
};

/*
 * A path, "sqlite:PATH" or ":memory:". The SQLite driver opens in WAL mode with synchronous=FULL:
 * when db_commit() returns 0, the rows are on disk. options may be NULL.
 * Errors: ERR_BUSY when sole and somebody else is; ERR_USAGE for a database kind that is not built
 * in; ERR_IO, ERR_PARSE as above.
 */
int db_open(const char *location, const struct db_options *options, struct db **ret,
            struct err *err);
void db_close(struct db *db); /* NULL is fine; an open transaction is rolled back */

/* ---- transactions ---- */

/*
 * A write transaction (BEGIN IMMEDIATE): waits for the lock here and nowhere later. ERR_BUSY also
 * when the log is beyond its limit and a reader that does not end keeps it from being emptied.
 */
int db_begin(struct db *db, struct err *err);
/* How long db_begin() waits from now on; see db_options. */
void db_patience(struct db *db, int busy_timeout_ms);
/* What was written and stands in the log: it grows for as long as another program goes on reading
 * what was there before. */
int64_t db_log_bytes(struct db *db);
int db_commit(struct db *db, struct err *err); /* on failure the transaction is rolled back */
void db_rollback(struct db *db);
/* A transaction that only reads and sees one state of the data; ends with db_rollback(). */
int db_begin_read(struct db *db, struct err *err);
/*
 * A number that is another one once any other connection, of this program or another, has committed
 * something since it was last asked for. What this connection writes does not move it. Inside of
 * db_begin_read() it belongs to the state that is seen there.
 */
int db_state(struct db *db, int64_t *ret, struct err *err);
/*
 * A part of the open transaction that can be taken back alone, one at a time. What fails badly
 * (disk full, read error) may end the whole transaction: see db_in_transaction().
 */
int db_savepoint(struct db *db, struct err *err);
int db_savepoint_keep(struct db *db, struct err *err);
int db_savepoint_undo(struct db *db, struct err *err);
bool db_in_transaction(const struct db *db);

/* ---- statements ---- */

/*
 * Prepare (or take from the cache) and bind by `types`, one letter per placeholder:
 *   'i' int64_t   's' const char * (NULL = SQL NULL)   't' struct str (absent = SQL NULL)
 * Bound bytes are borrowed until the statement is done.
 */
int db_query(struct db *db, struct err *err, struct db_stmt **ret, const char *sql,
             const char *types, ...);
/* 1 = a row is there, 0 = no more, or a negative err_code. */
int db_step(struct db_stmt *stmt, struct err *err);
/* Back into the cache; NULL is fine. Declare with DB_STMT_AUTO and forget about it. */
void db_done(struct db_stmt *stmt);
void db_done_cleanup(struct db_stmt **stmt);
#define DB_STMT_AUTO __attribute__((cleanup(db_done_cleanup)))

/* Columns of the current row, from 0. */
int64_t db_int(const struct db_stmt *stmt, int column); /* 0 for NULL */
bool db_is_null(const struct db_stmt *stmt, int column);
struct str db_str(const struct db_stmt *stmt, int column); /* valid until the next step */
char *db_text(const struct db_stmt *stmt, int column, struct arena *arena); /* NULL for NULL */

/* Run to the end; returns the number of rows changed, or a negative err_code. */
int db_run(struct db *db, struct err *err, const char *sql, const char *types, ...);
/* First column of the first row: 1 found, 0 no row (*ret untouched), or a negative err_code. */
int db_value(struct db *db, struct err *err, int64_t *ret, const char *sql, const char *types, ...);
/* Several statements separated by ';', without parameters: schema scripts. */
int db_script(struct db *db, const char *sql, struct err *err);

/* ---- functions that SQL can call ---- */

enum db_kind { DB_NULL, DB_INT, DB_TEXT, DB_BYTES }; /* bytes are a BLOB, which may be no text */
struct db_cell {
    enum db_kind kind;
    int64_t number;   /* DB_INT */
    struct str bytes; /* DB_TEXT, DB_BYTES */
};
/*
 * 0: *ret is the value, its bytes malloc'ed and given away; 1: the first argument is, as it came;
 * negative: no value. The statement then fails with ERR_PARSE and this text.
 */
typedef int db_function(void *self, const struct db_cell *args, struct db_cell *ret,
                        struct err *err);
/*
 * name(args values) on this connection, the same for the same values. When it cannot be called any
 * more, which may be at once, release(self) is called.
 */
int db_define(struct db *db, const char *name, int args, db_function *call, void *self,
              void (*release)(void *self), struct err *err);

/* How the database would run a query, one line per step: for tests that guard the indexes. */
int db_explain(struct db *db, const char *sql, struct arena *arena, struct str *ret,
               struct err *err);

/*
 * The statements prepared so far on this connection, one text for each n from 0, NULL beyond; and
 * the steps that they have taken together, and how often one was run: what a question costs, the
 * same on every machine.
 */
const char *db_statement(const struct db *db, size_t n);
int64_t db_work(const struct db *db);
int64_t db_runs(const struct db *db);

/* ---- schema ---- */

/*
 * Bring the schema to version n by running scripts[version] .. scripts[n-1], all in one
 * transaction. The version is kept in table schema_version.
 * Errors: ERR_USAGE the schema is newer than n: this program is too old for it.
 */
int db_migrate(struct db *db, const char *const *scripts, int n, struct err *err);

#endif
