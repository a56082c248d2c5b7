// SPDX-License-Identifier: Apache-2.0
#include "lib/base/term.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/vec.h"

enum { COLUMN_GAP = 2, SHOWN_MAX = 60, PROGRESS_EVERY_US = 100000 };

static const char *const codes[] = {
    [TERM_PLAIN] = "",         [TERM_BOLD] = "\033[1m", [TERM_DIM] = "\033[2m",
    [TERM_GREEN] = "\033[32m", [TERM_RED] = "\033[31m", [TERM_YELLOW] = "\033[33m",
    [TERM_CYAN] = "\033[36m",
};

static int forced_colours = -1;

void term_set_colours(int mode)
{
    forced_colours = mode;
}

static bool env_set(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] != '\0';
}

/* https://no-color.org and https://force-color.org; the first wins. */
bool term_colours(FILE *stream)
{
    if (forced_colours >= 0)
        return forced_colours > 0;
    if (env_set("NO_COLOR"))
        return false;
    if (env_set("FORCE_COLOR"))
        return strcmp(getenv("FORCE_COLOR"), "0") != 0;
    const char *kind = getenv("TERM");
    return kind && kind[0] && strcmp(kind, "dumb") != 0 && isatty(fileno(stream));
}

void term_print(FILE *stream, enum term_style style, const char *fmt, ...)
{
    bool coloured = style != TERM_PLAIN && term_colours(stream);
    if (coloured)
        fputs(codes[style], stream);
    va_list args;
    va_start(args, fmt);
    vfprintf(stream, fmt, args);
    va_end(args);
    if (coloured)
        fputs("\033[0m", stream);
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* How many bytes the control character at `at` has; 0 if there is none. C1 is U+0080 to U+009F. */
static size_t control_len(const char *at, size_t rest)
{
    unsigned char first = (unsigned char)at[0];
    if (first < 0x20 || first == 0x7f)
        return 1;
    return first == 0xc2 && rest > 1 && ((unsigned char)at[1] & 0xe0) == 0x80 ? 2 : 0;
}

struct str term_one_line(struct arena *arena, struct str text, size_t max)
{
    bool cut = text.len > max;
    size_t len = cut ? max : text.len;
    while (cut && len > 0 && is_continuation(text.ptr[len]))
        len--;
    char *copy = arena_strndup(arena, text.ptr ? text.ptr : "", len);
    for (size_t i = 0; i < len; i++) {
        size_t control = control_len(copy + i, len - i);
        memset(copy + i, ' ', control);
    }
    struct str plain = {copy, len};
    return cut ? str_printf(arena, "%.*s…", STR_FMT(plain)) : plain;
}

struct cell {
    char *text;
    size_t width;
    enum term_style style;
};

struct term_table {
    struct arena *arena;
    size_t columns;
    VEC_OF(struct cell);
};

struct term_table *term_table_new(struct arena *arena, size_t columns)
{
    assert(columns > 0);
    struct term_table *table = ARENA_NEW(arena, struct term_table);
    table->arena = arena;
    table->columns = columns;
    return table;
}

static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void term_table_cell(struct term_table *table, enum term_style style, const char *fmt, ...)
{
    struct cell *cell = VEC_PUSH(table->arena, table);
    va_list args;
    va_start(args, fmt);
    cell->text = arena_vprintf(table->arena, fmt, args);
    va_end(args);
    /* Foreign text must neither break a row nor control the terminal. */
    for (char *at = cell->text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = ' ';
    cell->style = style;
    cell->width = width_of(cell->text);
}

/* Bytes of the first `width` characters. */
static int bytes_of(const char *text, size_t width)
{
    const char *at = text;
    while (*at && width > 0) {
        at++;
        while (((unsigned char)*at & 0xc0) == 0x80)
            at++;
        width--;
    }
    return (int)(at - text);
}

static size_t shown_width(const struct cell *cell, bool cut)
{
    return cut && cell->width > SHOWN_MAX ? SHOWN_MAX : cell->width;
}

static void print_row(const struct term_table *table, const struct cell *row, size_t n,
                      const size_t *widths, FILE *stream, bool cut)
{
    while (n > 0 && row[n - 1].width == 0)
        n--; /* no spaces at the end of a line */
    for (size_t i = 0; i < n; i++) {
        bool last = i + 1 == table->columns;
        size_t width = last ? row[i].width : shown_width(&row[i], cut);
        if (width < row[i].width)
            term_print(stream, row[i].style, "%.*s…", bytes_of(row[i].text, width - 1),
                       row[i].text);
        else
            term_print(stream, row[i].style, "%s", row[i].text);
        if (i + 1 < n)
            fprintf(stream, "%*s", (int)(widths[i] - width + COLUMN_GAP), "");
    }
    fputc('\n', stream);
}

/* Long cells are cut for people only: what goes to a file or another program stays whole. */
void term_table_print(const struct term_table *table, FILE *stream)
{
    bool cut = isatty(fileno(stream));
    size_t *widths = ARENA_ARRAY(table->arena, size_t, table->columns);
    for (size_t i = 0; i < table->len; i++) {
        size_t width = shown_width(&table->items[i], cut);
        size_t column = i % table->columns;
        if (width > widths[column])
            widths[column] = width;
    }
    for (size_t i = 0; i < table->len; i += table->columns) {
        size_t n = table->len - i < table->columns ? table->len - i : table->columns;
        print_row(table, table->items + i, n, widths, stream, cut);
    }
}

static struct {
    bool shown;
    int64_t last_us;
} progress;

void term_progress(const char *label, size_t done, size_t total)
{
    if (!isatty(STDERR_FILENO))
        return;
    int64_t now_us = clock_mono_us();
    if (progress.shown && done != total && now_us - progress.last_us < PROGRESS_EVERY_US)
        return;
    progress.shown = true;
    progress.last_us = now_us;
    fprintf(stderr, "\r%s  %zu/%zu\033[K", label, done, total);
    fflush(stderr);
}

void term_progress_end(void)
{
    if (!progress.shown)
        return;
    progress.shown = false;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}

int term_close_stdout(struct err *err)
{
    bool failed_before = ferror(stdout) != 0;
    if (fflush(stdout) != 0)
        return err_errno(err, "writing standard output");
    /* Some file systems report a full disk only when a descriptor is closed. */
    int copy = dup(STDOUT_FILENO);
    if (copy < 0 && errno == EBADF && !failed_before)
        return 0; /* started with stdout closed, and nothing was to be shown */
    if (copy < 0 || close(copy) < 0)
        return err_errno(err, "writing standard output");
    if (failed_before)
        return err_set(err, ERR_IO, "writing standard output: an earlier write was refused");
    return 0;
}
