// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_DB_SQLITE_LOG_H
#define TALLY_LIB_DB_SQLITE_LOG_H
/*
 * How SQLite's write-ahead log reaches the file: SQLite writes every page of a commit in two system
 * calls, some sixty for a publication, which take longer than its one fsync. This layer gathers
 * what is appended to the log and writes it in one call.
 *
 * What is gathered goes to the file before anything could miss it: before the log is synced (and
 * only a synced commit is shown to other connections: synchronous=FULL), read, measured, cut or
 * closed. Everything else is passed to the system's own layer as it is.
 */

/* Name for sqlite3_open_v2(), registered at the first call; NULL = SQLite's own layer. */
const char *sqlite_log_vfs(void);

#endif
