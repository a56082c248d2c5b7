// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_LOG_H
#define TALLY_LIB_BASE_LOG_H
/*
 * Log lines on stderr: "2026-11-20T17:59:49Z level message key=value". Only commands and request
 * loops log; everything else returns errors. Never pass a secret.
 */
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level); /* default LOG_INFO */
/* "error", "warn", "info", "debug"; returns 0, or -1 if unknown. */
int log_level_parse(const char *name, enum log_level *ret);
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
