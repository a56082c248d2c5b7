// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_DB_DRIVER_H
#define TALLY_LIB_DB_DRIVER_H
/* What a database driver provides; for lib/db only. */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/db/db.h"

/* Connections and statements are the driver's own; `handle` is its connection or statement. */
struct db_driver {
    const char *name;
    int (*open)(const char *location, const struct db_options *options, void **ret_handle,
                struct err *err);
    void (*close)(void *handle);
    int (*prepare)(void *handle, const char *sql, void **ret_stmt, struct err *err);
    void (*finalize)(void *stmt);
    int (*bind_int)(void *stmt, int index, int64_t value);
    int (*bind_str)(void *stmt, int index, struct str value); /* absent = NULL */
    int (*step)(void *stmt, struct err *err);
    void (*reset)(void *stmt);
    int64_t (*column_int)(void *stmt, int column);
    bool (*column_null)(void *stmt, int column);
    struct str (*column_str)(void *stmt, int column);
    int (*changes)(void *handle);
    int64_t (*work)(void *stmt); /* steps of its program so far */
    int (*script)(void *handle, const char *sql, struct err *err);
    bool (*in_transaction)(void *handle);
    void (*patience)(void *handle, int busy_timeout_ms);
    int (*define)(void *handle, const char *name, int args, db_function *call, void *self,
                  void (*release)(void *self), struct err *err);
    int64_t (*log_bytes)(void *handle);
    /* Bring what is in the log into the file, waiting for readers; ERR_BUSY when one stays. */
    int (*empty_log)(void *handle, struct err *err);
    const char *begin;      /* SQL that begins a write transaction */
    const char *begin_read; /* and one that only reads, all of it as of one moment */
    const char *state;      /* a number that moves with what other connections committed */
    const char *explain;    /* prefix that asks for a query plan; the text is in the last column */
    int explain_column;
};

extern const struct db_driver db_driver_sqlite;

#endif
