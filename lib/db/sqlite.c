// SPDX-License-Identifier: Apache-2.0
/* The SQLite driver. SQLite numbers $n by first appearance, therefore $n is rewritten to ?n. */
#include "lib/db/driver.h"

#include <assert.h>
#include <ctype.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/db/db.h"
#include "lib/db/sqlite_log.h"

enum {
    SQL_MAX = 64 * 1024,
    /*
     * What is in the log is copied to the file at 16 MiB, not at SQLite's 4: the more commits share
     * that, the more of their pages are the same. After one large transaction the log shrinks
     * again.
     */
    WAL_PAGES = 16384,
    WAL_BYTES_KEPT = 32 * 1024 * 1024,
};

/* A commit writes every page that it touched, and a publication touches some in 25 places: of small
 * pages that is a third. Files keep the size they were made with. */
#define NEW_FILE "PRAGMA page_size=1024;"

static const struct {
    int primary;
    enum err_code code;
    const char *text;
} codes[] = {
    {SQLITE_BUSY, ERR_BUSY, "database is locked by another process"},
    {SQLITE_LOCKED, ERR_BUSY, "database is locked"},
    {SQLITE_FULL, ERR_IO, "disk is full"},
    {SQLITE_IOERR, ERR_IO, "read or write error on the database file"},
    {SQLITE_READONLY, ERR_IO, "database is not writable"},
    {SQLITE_CANTOPEN, ERR_IO, "cannot open the database file"},
    {SQLITE_PERM, ERR_IO, "no permission on the database file"},
    {SQLITE_AUTH, ERR_IO, "no permission on the database"},
    {SQLITE_CORRUPT, ERR_IO, "database file is damaged"},
    {SQLITE_NOTADB, ERR_PARSE, "file is not a database"},
    {SQLITE_CONSTRAINT, ERR_CONFLICT, "a constraint refused the row"},
    {SQLITE_MISMATCH, ERR_PARSE, "a value is not what it should be"},
    {SQLITE_TOOBIG, ERR_LIMIT, "value is too long for the database"},
};

static int fail(sqlite3 *connection, int result, struct err *err)
{
    const char *detail = connection ? sqlite3_errmsg(connection) : sqlite3_errstr(result);
    if (result == SQLITE_IOERR_SHMSIZE) /* the log's index finds no room */
        return err_set(err, ERR_IO, "disk is full (%s)", detail);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].primary == (result & 0xff))
            return err_set(err, codes[i].code, "%s (%s)", codes[i].text, detail);
    }
    return err_set(err, ERR_INTERNAL, "database: %s", detail);
}

static int run_pragmas(sqlite3 *connection, const struct db_options *options, struct err *err)
{
    char sql[400];
    int cache = options && options->cache_kib ? options->cache_kib : 8192;
    sqlite3_snprintf(sizeof sql, sql,
                     "%sPRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
                     "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-%d;"
                     "PRAGMA wal_autocheckpoint=%d;PRAGMA journal_size_limit=%d;",
                     options && options->read_only ? "" : NEW_FILE "PRAGMA journal_mode=WAL;",
                     cache, WAL_PAGES, WAL_BYTES_KEPT);
    int result = sqlite3_exec(connection, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? 0 : fail(connection, result, err);
}

static int sqlite_open(const char *location, const struct db_options *options, void **ret_handle,
                       struct err *err)
{
    bool read_only = options && options->read_only;
    int flags = SQLITE_OPEN_NOMUTEX |
                (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    sqlite3 *connection = NULL;
    int result = sqlite3_open_v2(location, &connection, flags, sqlite_log_vfs());
    if (result != SQLITE_OK) {
        int code = fail(connection, result, err);
        sqlite3_close_v2(connection);
        return code;
    }
    sqlite3_extended_result_codes(connection, 1);
    int timeout = options && options->busy_timeout_ms ? options->busy_timeout_ms : 5000;
    sqlite3_busy_timeout(connection, timeout);
    /* SQLite opens a file that it may not write without complaint; say so now, not later. */
    if (!read_only && sqlite3_db_readonly(connection, "main") == 1) {
        sqlite3_close_v2(connection);
        return err_set(err, ERR_IO, "database is not writable");
    }
    if (run_pragmas(connection, options, err) < 0) {
        sqlite3_close_v2(connection);
        return err ? (int)err->code : ERR_IO;
    }
    *ret_handle = connection;
    return 0;
}

static void sqlite_close(void *handle)
{
    sqlite3_close_v2(handle);
}

/* Placeholders outside of quotes: $12 becomes ?12. */
static void rewrite(const char *sql, struct buf *out)
{
    char quote = 0;
    for (const char *p = sql; *p; p++) {
        if (quote) {
            quote = *p == quote ? 0 : quote;
        } else if (*p == '\'' || *p == '"') {
            quote = *p;
        }
        buf_putc(out, !quote && *p == '$' && isdigit((unsigned char)p[1]) ? '?' : *p);
    }
}

static int sqlite_prepare(void *handle, const char *sql, void **ret_stmt, struct err *err)
{
    struct buf text BUF_AUTO = BUF_INIT(SQL_MAX);
    rewrite(sql, &text);
    if (text.overflow)
        return err_set(err, ERR_INTERNAL, "database: statement is too long");
    sqlite3_stmt *stmt = NULL;
    int result = sqlite3_prepare_v3(handle, text.ptr, (int)text.len + 1, SQLITE_PREPARE_PERSISTENT,
                                    &stmt, NULL);
    if (result != SQLITE_OK)
        return fail(handle, result, err);
    *ret_stmt = stmt;
    return 0;
}

static void sqlite_finalize(void *stmt)
{
    sqlite3_finalize(stmt);
}

static int sqlite_bind_int(void *stmt, int index, int64_t value)
{
    return sqlite3_bind_int64(stmt, index, value) == SQLITE_OK ? 0 : ERR_INTERNAL;
}

static int sqlite_bind_str(void *stmt, int index, struct str value)
{
    int result = value.ptr ? sqlite3_bind_text64(stmt, index, value.ptr, value.len, SQLITE_STATIC,
                                                 SQLITE_UTF8)
                           : sqlite3_bind_null(stmt, index);
    return result == SQLITE_OK ? 0 : ERR_INTERNAL;
}

static int sqlite_step(void *stmt, struct err *err)
{
    int result = sqlite3_step(stmt);
    if (result == SQLITE_ROW)
        return 1;
    return result == SQLITE_DONE ? 0 : fail(sqlite3_db_handle(stmt), result, err);
}

static void sqlite_reset(void *stmt)
{
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
}

static int64_t sqlite_column_int(void *stmt, int column)
{
    return sqlite3_column_int64(stmt, column);
}

static bool sqlite_column_null(void *stmt, int column)
{
    return sqlite3_column_type(stmt, column) == SQLITE_NULL;
}

static struct str sqlite_column_str(void *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    return text ? str_make(text, (size_t)sqlite3_column_bytes(stmt, column)) : STR_NONE;
}

static int sqlite_changes(void *handle)
{
    return sqlite3_changes(handle);
}

static int64_t sqlite_work(void *stmt)
{
    return sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 0);
}

static int sqlite_script(void *handle, const char *sql, struct err *err)
{
    int result = sqlite3_exec(handle, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? 0 : fail(handle, result, err);
}

static bool sqlite_in_transaction(void *handle)
{
    return !sqlite3_get_autocommit(handle);
}

static void sqlite_patience(void *handle, int busy_timeout_ms)
{
    sqlite3_busy_timeout(handle, busy_timeout_ms);
}

/* ---- functions ---- */

enum { ARGS_MAX = 4 };

struct function {
    db_function *call;
    void *self;
    void (*release)(void *self);
};

static void function_free(void *arg)
{
    struct function *function = arg;
    if (function->release)
        function->release(function->self);
    free(function);
}

static struct db_cell cell_of(sqlite3_value *value)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
        return (struct db_cell){.kind = DB_NULL};
    case SQLITE_INTEGER:
        return (struct db_cell){.kind = DB_INT, .number = sqlite3_value_int64(value)};
    case SQLITE_BLOB: {
        const void *bytes = sqlite3_value_blob(value);
        return (struct db_cell){
            .kind = DB_BYTES,
            .bytes = str_make(bytes ? bytes : "", (size_t)sqlite3_value_bytes(value))};
    }
    default: {
        const char *text = (const char *)sqlite3_value_text(value);
        return (struct db_cell){.kind = DB_TEXT,
                                .bytes =
                                    str_make(text ? text : "", (size_t)sqlite3_value_bytes(value))};
    }
    }
}

static void put_result(sqlite3_context *context, const struct db_cell *cell)
{
    char *bytes = (char *)(uintptr_t)cell->bytes.ptr;
    switch (cell->kind) {
    case DB_NULL:
        sqlite3_result_null(context);
        break;
    case DB_INT:
        sqlite3_result_int64(context, cell->number);
        break;
    case DB_TEXT:
        sqlite3_result_text64(context, bytes, cell->bytes.len, free, SQLITE_UTF8);
        break;
    case DB_BYTES:
        sqlite3_result_blob64(context, bytes, cell->bytes.len, free);
        break;
    }
}

static void call_function(sqlite3_context *context, int n, sqlite3_value **values)
{
    const struct function *function = sqlite3_user_data(context);
    struct db_cell args[ARGS_MAX] = {0}, cell = {0};
    struct err err = ERR_INIT;
    for (int i = 0; i < n; i++)
        args[i] = cell_of(values[i]);
    int code = function->call(function->self, args, &cell, &err);
    if (code == 0) {
        put_result(context, &cell);
    } else if (code > 0) {
        sqlite3_result_value(context, values[0]);
    } else {
        sqlite3_result_error(context, err.text, -1);
        sqlite3_result_error_code(context, SQLITE_MISMATCH);
    }
}

static int sqlite_define(void *handle, const char *name, int args, db_function *call, void *self,
                         void (*release)(void *self), struct err *err)
{
    assert(args >= 1 && args <= ARGS_MAX);
    struct function *function = calloc(1, sizeof *function);
    if (!function)
        abort();
    *function = (struct function){call, self, release};
    /* SQLite lets go of it in any case, also when this fails. */
    int result = sqlite3_create_function_v2(handle, name, args, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                            function, call_function, NULL, NULL, function_free);
    return result == SQLITE_OK ? 0 : fail(handle, result, err);
}

static int64_t sqlite_log_bytes(void *handle)
{
    sqlite3_file *log = NULL;
    sqlite3_int64 size = 0;
    if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK ||
        !log || !log->pMethods || log->pMethods->xFileSize(log, &size) != SQLITE_OK)
        return 0;
    return size;
}

static int sqlite_empty_log(void *handle, struct err *err)
{
    int result = sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return result == SQLITE_OK ? 0 : fail(handle, result, err);
}

const struct db_driver db_driver_sqlite = {
    .name = "sqlite",
    .open = sqlite_open,
    .close = sqlite_close,
    .prepare = sqlite_prepare,
    .finalize = sqlite_finalize,
    .bind_int = sqlite_bind_int,
    .bind_str = sqlite_bind_str,
    .step = sqlite_step,
    .reset = sqlite_reset,
    .column_int = sqlite_column_int,
    .column_null = sqlite_column_null,
    .column_str = sqlite_column_str,
    .changes = sqlite_changes,
    .work = sqlite_work,
    .script = sqlite_script,
    .in_transaction = sqlite_in_transaction,
    .patience = sqlite_patience,
    .define = sqlite_define,
    .log_bytes = sqlite_log_bytes,
    .empty_log = sqlite_empty_log,
    .begin = "BEGIN IMMEDIATE",
    .begin_read = "BEGIN",
    .state = "PRAGMA data_version",
    .explain = "EXPLAIN QUERY PLAN ",
    .explain_column = 3,
};
