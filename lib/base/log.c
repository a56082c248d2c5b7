// SPDX-License-Identifier: Apache-2.0
#include "lib/base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"

static const char *const names[] = {
    [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};

static _Atomic int shown = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&shown, (int)level);
}

int log_level_parse(const char *name, enum log_level *ret)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = (enum log_level)i;
            return 0;
        }
    }
    return -1;
}

/* One write per line, so that lines of several threads do not mix. */
void log_line(enum log_level level, const char *fmt, ...)
{
    if ((int)level > atomic_load(&shown))
        return;
    char line[4096];
    char now[CLOCK_TEXT_LEN];
    clock_format_utc(clock_now_us(clock_system()), now);
    int head = snprintf(line, sizeof line, "%.19sZ %s ", now, names[level]);
    va_list args;
    va_start(args, fmt);
    int body = vsnprintf(line + head, sizeof line - (size_t)head, fmt, args);
    va_end(args);
    if (body < 0)
        return;
    size_t len = strlen(line);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' ';
    line[len] = '\n'; /* takes the place of the NUL */
    ssize_t written = write(STDERR_FILENO, line, len + 1);
    (void)written; /* there is nobody left to tell */
}
