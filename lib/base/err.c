// SPDX-License-Identifier: Apache-2.0
#include "lib/base/err.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What errno says about whose turn it is, and what would help where that is not obvious. */
static const struct errno_row {
    int number;
    enum err_code code;
    const char *advice;
} errno_rows[] = {
    {ENOENT, ERR_NOT_FOUND, NULL},
    {ENOTDIR, ERR_NOT_FOUND, NULL},
    {EISDIR, ERR_USAGE, NULL},
    {ENOSPC, ERR_IO, "free some space and try again"},
    {EDQUOT, ERR_IO, "free some space and try again"},
    {EACCES, ERR_IO, "check the permissions"},
    {EPERM, ERR_IO, "check the permissions"},
    {EADDRINUSE, ERR_IO, "stop the other program or choose another port"},
    {EMFILE, ERR_IO, "raise the limit of open files (ulimit -n)"},
    {ECONNREFUSED, ERR_NET, NULL},
    {ECONNRESET, ERR_NET, NULL},
    {ECONNABORTED, ERR_NET, NULL},
    {EHOSTUNREACH, ERR_NET, NULL},
    {ENETUNREACH, ERR_NET, NULL},
    {ETIMEDOUT, ERR_TIMEOUT, NULL},
};

static const struct exit_row {
    enum err_code code;
    enum exit_code exit;
} exit_rows[] = {
    {ERR_NONE, EXIT_YES},
    {ERR_USAGE, EXIT_USAGE},
    {ERR_PARSE, EXIT_USAGE},
    {ERR_LIMIT, EXIT_USAGE},
    {ERR_NOT_FOUND, EXIT_USAGE},
    {ERR_CONFLICT, EXIT_NO},
    {ERR_UNDECIDED, EXIT_UNDECIDED},
    {ERR_IO, EXIT_SURROUNDINGS},
    {ERR_NET, EXIT_SURROUNDINGS},
    {ERR_AUTH, EXIT_SURROUNDINGS},
    {ERR_TIMEOUT, EXIT_SURROUNDINGS},
    {ERR_BUSY, EXIT_SURROUNDINGS},
    {ERR_INTERNAL, EXIT_INTERNAL},
};

/*
 * Messages quote what peers sent: keep them to one line, free of terminal controls, and without a
 * character cut in half by the size of the array.
 */
static void tidy(char *text, bool was_cut)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f)
            text[i] = ' ';
    }
    if (!was_cut)
        return;
    size_t lead = len;
    while (lead > 0 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
        lead--;
    if (lead == 0)
        return;
    unsigned char first = (unsigned char)text[--lead];
    size_t need = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    if (len - lead < need)
        text[lead] = '\0';
}

static void format_into(char *to, size_t size, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

static void format_into(char *to, size_t size, const char *fmt, va_list args)
{
    int len = vsnprintf(to, size, fmt, args);
    if (len < 0)
        to[0] = '\0';
    tidy(to, len >= (int)size);
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    if (!err)
        return code;
    if (err->code != ERR_NONE)
        return err->code;
    va_list args;
    va_start(args, fmt);
    format_into(err->text, sizeof err->text, fmt, args);
    va_end(args);
    err->code = code;
    return code;
}

int err_at(struct err *err, enum err_code code, const char *source, int line, int column,
           const char *fmt, ...)
{
    if (!err)
        return code;
    if (err->code != ERR_NONE)
        return err->code;
    va_list args;
    va_start(args, fmt);
    format_into(err->text, sizeof err->text, fmt, args);
    va_end(args);
    int len = snprintf(err->source, sizeof err->source, "%s", source ? source : "");
    tidy(err->source, len >= (int)sizeof err->source);
    err->code = code;
    err->line = line;
    err->column = column;
    return code;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
    if (!err)
        return ERR_INTERNAL;
    char context[sizeof err->text];
    va_list args;
    va_start(args, fmt);
    format_into(context, sizeof context, fmt, args);
    va_end(args);
    if (err->code == ERR_NONE) {
        err->code = ERR_INTERNAL;
        memcpy(err->text, context, sizeof context);
        return ERR_INTERNAL;
    }
    char text[sizeof err->text * 2];
    snprintf(text, sizeof text, "%s: %s", context, err->text);
    int len = snprintf(err->text, sizeof err->text, "%.*s", (int)sizeof err->text - 1, text);
    tidy(err->text, strlen(text) > (size_t)len);
    return err->code;
}

static const struct errno_row *errno_find(int number)
{
    static const struct errno_row other = {0, ERR_IO, NULL};
    for (size_t i = 0; i < sizeof errno_rows / sizeof errno_rows[0]; i++)
        if (errno_rows[i].number == number)
            return &errno_rows[i];
    return &other;
}

int err_errno(struct err *err, const char *fmt, ...)
{
    int number = errno;
    const struct errno_row *row = errno_find(number);
    if (!err)
        return row->code;
    if (err->code != ERR_NONE)
        return err->code;
    char what[sizeof err->text];
    va_list args;
    va_start(args, fmt);
    format_into(what, sizeof what, fmt, args);
    va_end(args);
    char room[128];
    char reason[128];
    snprintf(reason, sizeof reason, "%s", strerror_r(number, room, sizeof room));
    if (reason[0] >= 'A' && reason[0] <= 'Z' && reason[1] >= 'a' && reason[1] <= 'z')
        reason[0] = (char)(reason[0] + ('a' - 'A'));
    return err_set(err, row->code, "%s: %s%s%s", what, reason, row->advice ? "; " : "",
                   row->advice ? row->advice : "");
}

enum exit_code err_exit(const struct err *err)
{
    if (err)
        for (size_t i = 0; i < sizeof exit_rows / sizeof exit_rows[0]; i++)
            if (exit_rows[i].code == err->code)
                return exit_rows[i].exit;
    return EXIT_INTERNAL;
}

const char *err_render(const struct err *err, char *buf, unsigned long buf_len)
{
    char position[32] = "";
    if (err->line > 0 && err->column > 0)
        snprintf(position, sizeof position, "%d:%d", err->line, err->column);
    else if (err->line > 0)
        snprintf(position, sizeof position, "%d", err->line);
    bool has_source = err->source[0] != '\0';
    bool has_position = position[0] != '\0';
    snprintf(buf, buf_len, "%s%s%s%s%s", err->source, has_source && has_position ? ":" : "",
             has_position && !has_source ? "line " : "", position,
             has_source || has_position ? ": " : "");
    size_t len = strlen(buf);
    snprintf(buf + len, buf_len - len, "%s", err->text);
    return buf;
}

int err_report(const struct err *err)
{
    char line[sizeof err->source + sizeof err->text + 64];
    fprintf(stderr, "tally: error: %s\n", err_render(err, line, sizeof line));
    return err_exit(err);
}
