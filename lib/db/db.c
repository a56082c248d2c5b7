// SPDX-License-Identifier: Apache-2.0
#include "lib/db/db.h"

#include <assert.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/db/driver.h"

enum { CACHE_BUCKETS = 256, EXPLAIN_MAX = 64 * 1024 };

struct db_stmt {
    struct db *db;
    void *handle;
    uint64_t hash;
    char *sql;
    bool in_use;
    struct db_stmt *next; /* same bucket */
};

struct db {
    const struct db_driver *driver;
    void *handle;
    int lock; /* held while open as the sole server, else -1 */
    int64_t log_max;
    struct db_stmt *cache[CACHE_BUCKETS];
    struct db_stmt *recent[CACHE_BUCKETS]; /* by where their text was, which saves hashing it */
    int64_t runs;                          /* statements handed out */
};

static const char *strip(const char *location, const char *prefix)
{
    return strncmp(location, prefix, strlen(prefix)) == 0 ? location + strlen(prefix) : NULL;
}

/*
 * A lock of its own kind on the database's file, which the kernel takes away with the process; the
 * locks that SQLite takes are others. It goes last: closing a file drops SQLite's locks on it.
 */
static int take_lock(const char *path, int *ret, struct err *err)
{
    if (strcmp(path, ":memory:") == 0)
        return 0;
    int lock = open(path, O_RDWR | O_CLOEXEC);
    if (lock < 0)
        return err_errno(err, "locking");
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
        *ret = lock;
        return 0;
    }
    int code = errno == EWOULDBLOCK ? err_set(err, ERR_BUSY, "another broker is serving it")
                                    : err_errno(err, "locking");
    close(lock);
    return code;
}

int db_open(const char *location, const struct db_options *options, struct db **ret,
            struct err *err)
{
    const char *path = strip(location, "sqlite:");
    if (path && strncmp(path, "///", 3) == 0)
        path += 2;
    if (!path && strstr(location, "://"))
        return err_set(err, ERR_USAGE,
                       "database '%.*s': only SQLite is built in, give a file or sqlite:FILE",
                       (int)strcspn(location, ":"), location);
    path = path ? path : location;
    void *handle = NULL;
    int lock = -1;
    if (db_driver_sqlite.open(path, options, &handle, err) < 0)
        return err_wrap(err, "opening database '%s'", path);
    if (options && options->sole && take_lock(path, &lock, err) < 0) {
        db_driver_sqlite.close(handle);
        return err_wrap(err, "opening database '%s'", path);
    }
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        abort();
    db->driver = &db_driver_sqlite;
    db->handle = handle;
    db->lock = lock;
    db->log_max = options && options->log_max > 0 ? options->log_max : LIMIT_DB_LOG;
    *ret = db;
    return 0;
}

static void stmt_free(struct db_stmt *stmt)
{
    stmt->db->driver->finalize(stmt->handle);
    free(stmt->sql);
    free(stmt);
}

void db_close(struct db *db)
{
    if (!db)
        return;
    db_rollback(db);
    for (size_t i = 0; i < CACHE_BUCKETS; i++) {
        while (db->cache[i]) {
            struct db_stmt *stmt = db->cache[i];
            db->cache[i] = stmt->next;
            stmt_free(stmt);
        }
    }
    db->driver->close(db->handle);
    if (db->lock >= 0)
        close(db->lock);
    free(db);
}

/* ---- transactions ---- */

int db_begin(struct db *db, struct err *err)
{
    assert(!db_in_transaction(db));
    if (db_log_bytes(db) > db->log_max && db->driver->empty_log(db->handle, err) < 0)
        return err_wrap(err, "the log is full and another program reads: beginning to write");
    return db_run(db, err, db->driver->begin, "") < 0 ? err_wrap(err, "beginning to write") : 0;
}

void db_patience(struct db *db, int busy_timeout_ms)
{
    db->driver->patience(db->handle, busy_timeout_ms);
}

int64_t db_log_bytes(struct db *db)
{
    return db->driver->log_bytes(db->handle);
}

int db_commit(struct db *db, struct err *err)
{
    if (db_run(db, err, "COMMIT", "") >= 0)
        return 0;
    db_rollback(db);
    return err_wrap(err, "committing");
}

void db_rollback(struct db *db)
{
    if (db_in_transaction(db))
        db_run(db, NULL, "ROLLBACK", "");
}

int db_begin_read(struct db *db, struct err *err)
{
    assert(!db_in_transaction(db));
    return db_run(db, err, db->driver->begin_read, "") < 0 ? err_wrap(err, "beginning to read") : 0;
}

int db_state(struct db *db, int64_t *ret, struct err *err)
{
    int code = db_value(db, err, ret, db->driver->state, "");
    return code < 0 ? err_wrap(err, "asking what changed") : 0;
}

int db_savepoint(struct db *db, struct err *err)
{
    assert(db_in_transaction(db));
    return db_run(db, err, "SAVEPOINT part", "") < 0 ? err_wrap(err, "setting a savepoint") : 0;
}

int db_savepoint_keep(struct db *db, struct err *err)
{
    return db_run(db, err, "RELEASE part", "") < 0 ? err_wrap(err, "keeping a savepoint") : 0;
}

int db_savepoint_undo(struct db *db, struct err *err)
{
    if (db_run(db, err, "ROLLBACK TO part", "") < 0)
        return err_wrap(err, "going back to a savepoint");
    return db_savepoint_keep(db, err);
}

bool db_in_transaction(const struct db *db)
{
    return db->driver->in_transaction(db->handle);
}

/* ---- statements ---- */

static int stmt_get(struct db *db, const char *sql, struct db_stmt **ret, struct err *err)
{
    /* Nearly all texts are constants: the place says which it may be, the text whether it is. */
    struct db_stmt **recent = &db->recent[((uintptr_t)sql >> 3) % CACHE_BUCKETS];
    if (*recent && !(*recent)->in_use && strcmp((*recent)->sql, sql) == 0) {
        (*recent)->in_use = true;
        *ret = *recent;
        return 0;
    }
    uint64_t hash = hash_table(str_of(sql));
    struct db_stmt **bucket = &db->cache[hash % CACHE_BUCKETS];
    for (struct db_stmt *stmt = *bucket; stmt; stmt = stmt->next) {
        if (!stmt->in_use && stmt->hash == hash && strcmp(stmt->sql, sql) == 0) {
            stmt->in_use = true;
            *recent = *ret = stmt;
            return 0;
        }
    }
    void *handle = NULL;
    int code = db->driver->prepare(db->handle, sql, &handle, err);
    if (code < 0) {
        err_wrap(err, "preparing a statement");
        return code;
    }
    struct db_stmt *stmt = calloc(1, sizeof *stmt);
    char *copy = strdup(sql);
    if (!stmt || !copy)
        abort();
    *stmt = (struct db_stmt){db, handle, hash, copy, true, *bucket};
    *bucket = stmt;
    *recent = *ret = stmt;
    return 0;
}

static int bind_all(struct db_stmt *stmt, const char *types, va_list args)
{
    int code = 0;
    for (int i = 0; types[i] && code == 0; i++) {
        if (types[i] == 'i') {
            code = stmt->db->driver->bind_int(stmt->handle, i + 1, va_arg(args, int64_t));
        } else if (types[i] == 's') {
            struct str value = str_of(va_arg(args, const char *));
            code = stmt->db->driver->bind_str(stmt->handle, i + 1, value);
        } else {
            assert(types[i] == 't');
            struct str value = va_arg(args, struct str);
            code = stmt->db->driver->bind_str(stmt->handle, i + 1, value);
        }
    }
    return code;
}

static int query(struct db *db, struct err *err, struct db_stmt **ret, const char *sql,
                 const char *types, va_list args)
{
    struct db_stmt *stmt = NULL;
    int code = stmt_get(db, sql, &stmt, err);
    if (code < 0)
        return code;
    if (bind_all(stmt, types, args) < 0) {
        db_done(stmt);
        err_set(err, ERR_INTERNAL, "database: parameters do not fit the statement");
        return ERR_INTERNAL;
    }
    db->runs++;
    *ret = stmt;
    return 0;
}

int db_query(struct db *db, struct err *err, struct db_stmt **ret, const char *sql,
             const char *types, ...)
{
    va_list args;
    va_start(args, types);
    int code = query(db, err, ret, sql, types, args);
    va_end(args);
    return code;
}

int db_step(struct db_stmt *stmt, struct err *err)
{
    return stmt->db->driver->step(stmt->handle, err);
}

void db_done(struct db_stmt *stmt)
{
    if (!stmt)
        return;
    stmt->db->driver->reset(stmt->handle);
    stmt->in_use = false;
}

void db_done_cleanup(struct db_stmt **stmt)
{
    db_done(*stmt);
}

int64_t db_int(const struct db_stmt *stmt, int column)
{
    return stmt->db->driver->column_int(stmt->handle, column);
}

bool db_is_null(const struct db_stmt *stmt, int column)
{
    return stmt->db->driver->column_null(stmt->handle, column);
}

struct str db_str(const struct db_stmt *stmt, int column)
{
    return stmt->db->driver->column_str(stmt->handle, column);
}

char *db_text(const struct db_stmt *stmt, int column, struct arena *arena)
{
    struct str text = db_str(stmt, column);
    return text.ptr ? arena_strndup(arena, text.ptr, text.len) : NULL;
}

int db_run(struct db *db, struct err *err, const char *sql, const char *types, ...)
{
    struct db_stmt *stmt DB_STMT_AUTO = NULL;
    va_list args;
    va_start(args, types);
    int code = query(db, err, &stmt, sql, types, args);
    va_end(args);
    while (code >= 0 && (code = db_step(stmt, err)) > 0)
        continue;
    return code < 0 ? code : db->driver->changes(db->handle);
}

int db_value(struct db *db, struct err *err, int64_t *ret, const char *sql, const char *types, ...)
{
    struct db_stmt *stmt DB_STMT_AUTO = NULL;
    va_list args;
    va_start(args, types);
    int code = query(db, err, &stmt, sql, types, args);
    va_end(args);
    if (code == 0)
        code = db_step(stmt, err);
    if (code <= 0)
        return code;
    int64_t value = db_int(stmt, 0);
    /* A statement that also writes (RETURNING) is only through when it has been stepped out. */
    while ((code = db_step(stmt, err)) > 0)
        continue;
    if (code < 0)
        return code;
    *ret = value;
    return 1;
}

int db_script(struct db *db, const char *sql, struct err *err)
{
    return db->driver->script(db->handle, sql, err);
}

int db_define(struct db *db, const char *name, int args, db_function *call, void *self,
              void (*release)(void *self), struct err *err)
{
    return db->driver->define(db->handle, name, args, call, self, release, err);
}

int db_explain(struct db *db, const char *sql, struct arena *arena, struct str *ret,
               struct err *err)
{
    struct str text = str_printf(arena, "%s%s", db->driver->explain, sql);
    struct db_stmt *stmt DB_STMT_AUTO = NULL;
    int code = db_query(db, err, &stmt, text.ptr, "");
    struct buf lines BUF_AUTO = BUF_INIT(EXPLAIN_MAX);
    while (code >= 0 && (code = db_step(stmt, err)) > 0) {
        buf_str(&lines, db_str(stmt, db->driver->explain_column));
        buf_putc(&lines, '\n');
    }
    if (code == 0)
        *ret = str_dup(arena, buf_view(&lines));
    return code;
}

const char *db_statement(const struct db *db, size_t n)
{
    for (size_t i = 0; i < CACHE_BUCKETS; i++) {
        for (const struct db_stmt *stmt = db->cache[i]; stmt; stmt = stmt->next) {
            if (n-- == 0)
                return stmt->sql;
        }
    }
    return NULL;
}

int64_t db_work(const struct db *db)
{
    int64_t steps = 0;
    for (size_t i = 0; i < CACHE_BUCKETS; i++) {
        for (const struct db_stmt *stmt = db->cache[i]; stmt; stmt = stmt->next)
            steps += db->driver->work(stmt->handle);
    }
    return steps;
}

int64_t db_runs(const struct db *db)
{
    return db->runs;
}

/* ---- schema ---- */

static int migrate(struct db *db, const char *const *scripts, int n, struct err *err)
{
    int64_t version = 0;
    if (db_script(db, "CREATE TABLE IF NOT EXISTS schema_version(version INTEGER NOT NULL)", err) <
            0 ||
        db_value(db, err, &version, "SELECT COALESCE(MAX(version), 0) FROM schema_version", "") < 0)
        return err_wrap(err, "reading the schema version");
    if (version > n)
        return err_set(err, ERR_USAGE,
                       "the database has schema version %lld, this program knows up to %d: "
                       "use a newer tally",
                       (long long)version, n);
    if (version == n)
        return 0;
    for (int i = (int)version; i < n; i++) {
        if (db_script(db, scripts[i], err) < 0)
            return err_wrap(err, "migrating the schema to version %d", i + 1);
    }
    if (db_script(db, "DELETE FROM schema_version", err) < 0)
        return err_wrap(err, "recording the schema version");
    int code = db_run(db, err, "INSERT INTO schema_version(version) VALUES($1)", "i", (int64_t)n);
    return code < 0 ? code : 0;
}

int db_migrate(struct db *db, const char *const *scripts, int n, struct err *err)
{
    int code = db_begin(db, err);
    if (code < 0)
        return code;
    code = migrate(db, scripts, n, err);
    if (code < 0) {
        db_rollback(db);
        return code;
    }
    return db_commit(db, err);
}
