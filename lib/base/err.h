// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_ERR_H
#define TALLY_LIB_BASE_ERR_H
/*
 * Errors as flat values owned by the caller. An error means "could not tell"; a finding such as a
 * mismatch is a result and never an error.
 *
 * A fallible function returns 0, or a negative enum err_code after filling *err; its outputs
 * (ret_...) are then untouched. The first failure wins: setting an error that is already set does
 * nothing. Callers add context on the way up: return err_wrap(err, "reading '%s'", path);
 * `err` may be NULL wherever a caller only wants the code.
 */
#include <stdarg.h>

enum err_code {
    ERR_NONE = 0,
    ERR_USAGE = -1,     /* options or configuration are wrong                      -> exit 2 */
    ERR_PARSE = -2,     /* input is not what it should be; has a position          -> exit 2 */
    ERR_LIMIT = -3,     /* input beyond a named limit of limits.h                  -> exit 2 */
    ERR_NOT_FOUND = -4, /* a file or named thing does not exist                    -> exit 2 */
    ERR_CONFLICT = -5,  /* refused because it contradicts what is stored           -> exit 1 */
    ERR_UNDECIDED = -6, /* evidence missing, partial, stale: cannot say yes or no  -> exit 3 */
    ERR_IO = -7,        /* local surroundings: disk full, port in use, permission  -> exit 4 */
    ERR_NET = -8,       /* peer unreachable, reset, not speaking the protocol      -> exit 4 */
    ERR_AUTH = -9,      /* peer refuses access                                     -> exit 4 */
    ERR_TIMEOUT = -10,  /* deadline passed                                         -> exit 4 */
    ERR_BUSY = -11,     /* database locked or queue full; trying again may help    -> exit 4 */
    ERR_INTERNAL = -12, /* our own fault                                           -> exit 5 */
};

/* Exit codes of every command and every output format (docs/ARCHITECTURE.md). */
enum exit_code {
    EXIT_YES = 0,
    EXIT_NO = 1,
    EXIT_USAGE = 2,
    EXIT_UNDECIDED = 3,
    EXIT_SURROUNDINGS = 4,
    EXIT_INTERNAL = 5,
};

struct err {
    enum err_code code;
    int line;         /* 1-based; 0 = no position */
    int column;       /* 1-based, in bytes */
    char source[256]; /* file or URL; "" = none */
    char text[768];   /* one line, lower case; secrets never get in here */
};

#define ERR_INIT ((struct err){0})

/* Set code and text unless already set. Returns code, or the code set before. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with a position in a source. */
int err_at(struct err *err, enum err_code code, const char *source, int line, int column,
           const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* Put "context: " before the text. Returns the code that is set (ERR_INTERNAL if none is). */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Set from errno (ENOSPC, EACCES, ... -> ERR_IO; ENOENT -> ERR_NOT_FOUND), text + strerror. */
int err_errno(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

enum exit_code err_exit(const struct err *err);
/* "file:line:column: text" as far as known, into buf; returns buf. */
const char *err_render(const struct err *err, char *buf, unsigned long buf_len);
/* Print "tally: error: ..." to stderr and return the exit code. */
int err_report(const struct err *err);

#endif
