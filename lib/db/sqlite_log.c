// SPDX-License-Identifier: Apache-2.0
#include "lib/db/sqlite_log.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* SQLite's own layer takes no more than 128 KiB - 1 in one write. */
enum { GATHER_MAX = 64 * 1024, AHEAD = 1024 * 1024 };

/* The log's file; the system's own follows behind it in the same memory. */
struct log_file {
    sqlite3_file base; /* first: SQLite's pointer is ours */
    sqlite3_file *under;
    char *gathered;
    sqlite3_int64 at; /* where it belongs in the file */
    int len;
    sqlite3_int64 size; /* of the file, as far as we wrote it */
};

static sqlite3_file *under(sqlite3_file *file)
{
    return ((struct log_file *)file)->under;
}

/*
 * Where the file ends, zeros are written ahead: a file that does not grow is synced in one step, a
 * file that does needs its new size written as well, and that takes as long again. To SQLite zeros
 * are the end of the log, and what lies behind the frames of the one transaction that may write is
 * nobody's. Without room for them it goes on as before.
 */
static void write_ahead(struct log_file *log, sqlite3_int64 end)
{
    static const char zeros[GATHER_MAX];
    sqlite3_int64 size = end, until = (end / AHEAD + 1) * AHEAD;
    while (size < until) {
        int len = until - size < GATHER_MAX ? (int)(until - size) : GATHER_MAX;
        if (log->under->pMethods->xWrite(log->under, zeros, len, size) != SQLITE_OK)
            break;
        size += len;
    }
    log->size = size;
}

static int flush(sqlite3_file *file)
{
    struct log_file *log = (struct log_file *)file;
    if (log->len == 0)
        return SQLITE_OK;
    int len = log->len;
    log->len = 0; /* a write that failed fails its transaction, which writes all of it again */
    int result = log->under->pMethods->xWrite(log->under, log->gathered, len, log->at);
    if (result == SQLITE_OK && log->at + len > log->size)
        write_ahead(log, log->at + len);
    return result;
}

static int log_close(sqlite3_file *file)
{
    struct log_file *log = (struct log_file *)file;
    int flushed = flush(file), closed = log->under->pMethods->xClose(log->under);
    free(log->gathered);
    log->gathered = NULL;
    return flushed == SQLITE_OK ? closed : flushed;
}

static int log_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
    int result = flush(file);
    return result == SQLITE_OK ? under(file)->pMethods->xRead(under(file), to, len, at) : result;
}

static int log_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
    struct log_file *log = (struct log_file *)file;
    if (log->len > 0 && (at != log->at + log->len || len > GATHER_MAX - log->len)) {
        int result = flush(file);
        if (result != SQLITE_OK)
            return result;
    }
    if (!log->gathered)
        log->gathered = malloc(GATHER_MAX);
    if (!log->gathered || len > GATHER_MAX)
        return log->under->pMethods->xWrite(log->under, from, len, at);
    if (log->len == 0)
        log->at = at;
    memcpy(log->gathered + log->len, from, (size_t)len);
    log->len += len;
    return SQLITE_OK;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int result = flush(file);
    if (result == SQLITE_OK)
        result = under(file)->pMethods->xTruncate(under(file), size);
    if (result == SQLITE_OK)
        ((struct log_file *)file)->size = size;
    return result;
}

static int log_sync(sqlite3_file *file, int flags)
{
    int result = flush(file);
    return result == SQLITE_OK ? under(file)->pMethods->xSync(under(file), flags) : result;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    int result = flush(file);
    return result == SQLITE_OK ? under(file)->pMethods->xFileSize(under(file), ret) : result;
}

static int log_lock(sqlite3_file *file, int level)
{
    return under(file)->pMethods->xLock(under(file), level);
}

static int log_unlock(sqlite3_file *file, int level)
{
    return under(file)->pMethods->xUnlock(under(file), level);
}

static int log_check(sqlite3_file *file, int *ret)
{
    return under(file)->pMethods->xCheckReservedLock(under(file), ret);
}

static int log_control(sqlite3_file *file, int op, void *arg)
{
    return under(file)->pMethods->xFileControl(under(file), op, arg);
}

static int log_sector(sqlite3_file *file)
{
    return under(file)->pMethods->xSectorSize(under(file));
}

static int log_traits(sqlite3_file *file)
{
    return under(file)->pMethods->xDeviceCharacteristics(under(file));
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_check,
    .xFileControl = log_control,
    .xSectorSize = log_sector,
    .xDeviceCharacteristics = log_traits,
};

static sqlite3_vfs *below; /* the system's layer */

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    (void)vfs;
    if (!(flags & SQLITE_OPEN_WAL))
        return below->xOpen(below, name, file, flags, ret_flags);
    struct log_file *log = (struct log_file *)file;
    *log = (struct log_file){.under = (sqlite3_file *)(void *)(log + 1)};
    int result = below->xOpen(below, name, log->under, flags, ret_flags);
    if (result != SQLITE_OK)
        return result; /* without methods SQLite does not close it */
    log->base.pMethods = &methods;
    if (log->under->pMethods->xFileSize(log->under, &log->size) != SQLITE_OK)
        log->size = 0;
    return SQLITE_OK;
}

static sqlite3_vfs layer;
static const char *layer_name;

/* The system's layer with one function and the size of a file changed. */
static void register_layer(void)
{
    /* Counting SQLite's memory takes a lock for each allocation, and nobody asks. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    below = sqlite3_vfs_find(NULL);
    if (!below)
        return;
    layer = *below;
    layer.zName = "tally-log";
    layer.szOsFile = below->szOsFile + (int)sizeof(struct log_file);
    layer.xOpen = open_file;
    layer.pNext = NULL;
    if (sqlite3_vfs_register(&layer, 0) == SQLITE_OK)
        layer_name = layer.zName;
}

const char *sqlite_log_vfs(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_layer);
    return layer_name;
}
