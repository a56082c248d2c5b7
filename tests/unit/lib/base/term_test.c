// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/term.h"

/* A terminal of our own: what is written to `slave` arrives at `master`. */
struct tty {
    int master;
    FILE *slave;
};

static struct tty tty_open(void)
{
    struct tty tty = {.master = posix_openpt(O_RDWR | O_NOCTTY)};
    if (tty.master < 0) { /* a container without /dev/pts */
        print_message("this machine gives no pseudo-terminal: %s\n", strerror(errno));
        skip();
    }
    if (grantpt(tty.master) < 0 || unlockpt(tty.master) < 0)
        fail_msg("no pseudo-terminal: %s", strerror(errno));
    int fd = open(ptsname(tty.master), O_RDWR | O_NOCTTY);
    tty.slave = fd >= 0 ? fdopen(fd, "w") : NULL;
    assert_non_null(tty.slave);
    return tty;
}

static void tty_close(struct tty *tty)
{
    fclose(tty->slave);
    close(tty->master);
}

/* All that was written to it, and close it. What the kernel still carries over is waited for: only
 * then does a terminal whose other side is closed give an error. */
static struct str tty_text(struct tty *tty, char *text, size_t size)
{
    fclose(tty->slave);
    size_t len = 0;
    ssize_t got;
    while (len < size && (got = read(tty->master, text + len, size - len)) > 0)
        len += (size_t)got;
    close(tty->master);
    return str_make(text, len);
}

static const struct colour_row {
    const char *name;
    int mode;
    const char *no_color, *force_color, *term;
    bool on_file, on_tty;
} colour_rows[] = {
    {"colours on a terminal", -1, NULL, NULL, "xterm", false, true},
    {"colours not on a dumb terminal", -1, NULL, NULL, "dumb", false, false},
    {"colours not on an unknown terminal", -1, NULL, NULL, NULL, false, false},
    {"NO_COLOR", -1, "1", NULL, "xterm", false, false},
    {"empty NO_COLOR does not count", -1, "", NULL, "xterm", false, true},
    {"FORCE_COLOR", -1, NULL, "1", "dumb", true, true},
    {"FORCE_COLOR 0", -1, NULL, "0", "xterm", false, false},
    {"NO_COLOR beats FORCE_COLOR", -1, "1", "1", "xterm", false, false},
    {"forced on", 1, "1", NULL, "dumb", true, true},
    {"forced off", 0, NULL, "1", "xterm", false, false},
};

static void set_or_unset(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void test_colours(void **state)
{
    const struct colour_row *row = *state;
    set_or_unset("NO_COLOR", row->no_color);
    set_or_unset("FORCE_COLOR", row->force_color);
    set_or_unset("TERM", row->term);
    term_set_colours(row->mode);
    struct tty tty = tty_open();
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(term_colours(file), row->on_file);
    assert_int_equal(term_colours(tty.slave), row->on_tty);
    fclose(file);
    tty_close(&tty);
    term_set_colours(-1);
}

static char *text_of(FILE *file, struct arena *arena)
{
    char text[4096];
    rewind(file);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    return arena_strndup(arena, text, len);
}

static void test_print(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    for (int on = 0; on < 2; on++) {
        FILE *file = tmpfile();
        assert_non_null(file);
        term_set_colours(on);
        term_print(file, TERM_GREEN, "%d ok", 3);
        term_print(file, TERM_PLAIN, "!");
        term_set_colours(-1);
        assert_string_equal(text_of(file, arena), on ? "\033[32m3 ok\033[0m!" : "3 ok!");
    }
}

static const struct table_row {
    const char *name;
    size_t columns;
    const char *cells[10];
    const char *want;
} table_rows[] = {
    {"table of two columns",
     2,
     {"NAME", "RESULT", "a", "yes", "longer", "no"},
     "NAME    RESULT\na       yes\nlonger  no\n"},
    {"table counts characters, not bytes",
     2,
     {"\xc3\xa9\xc3\xa9", "x", "abc", "y"},
     "\xc3\xa9\xc3\xa9   x\nabc  y\n"},
    {"table leaves no spaces at the end",
     3,
     {"a", "b", "c", "dd", "", "", "e", "f", ""},
     "a   b  c\ndd\ne   f\n"},
    {"table with an unfinished row", 2, {"a", "b", "c"}, "a  b\nc\n"},
    {"table without rows", 2, {NULL}, ""},
    {"table keeps foreign text on one line", 1, {"a\nb\033[31m\tc"}, "a b [31m c\n"},
};

static void test_table(void **state)
{
    const struct table_row *row = *state;
    ARENA_AUTO struct arena *arena = arena_new();
    struct term_table *table = term_table_new(arena, row->columns);
    for (size_t i = 0; row->cells[i]; i++)
        term_table_cell(table, TERM_RED, "%s", row->cells[i]);
    FILE *file = tmpfile();
    assert_non_null(file);
    term_set_colours(0);
    term_table_print(table, file);
    term_set_colours(-1);
    assert_string_equal(text_of(file, arena), row->want);
}

/* A cell of 100 characters is cut to 60 for people, unless it is the last one of its row. */
static void test_long_cells(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    char cell[201];
    for (size_t i = 0; i < 200; i += 2)
        memcpy(cell + i, "\xc3\xa9", 2);
    cell[200] = '\0';
    struct term_table *table = term_table_new(arena, 2);
    term_table_cell(table, TERM_PLAIN, "%s", cell);
    term_table_cell(table, TERM_PLAIN, "%s", cell);
    FILE *file = tmpfile();
    assert_non_null(file);
    term_table_print(table, file);
    assert_string_equal(text_of(file, arena), arena_printf(arena, "%s  %s\n", cell, cell));
    struct tty tty = tty_open();
    term_table_print(table, tty.slave);
    char buffer[1000];
    struct str saw = tty_text(&tty, buffer, sizeof buffer);
    const char *want = arena_printf(arena, "%.*s\xe2\x80\xa6  %s\r\n", 59 * 2, cell, cell);
    assert_str_is(saw, want);
}

/* Runs in a child, as stdout is closed and a signal is ignored: the exit status is the code. */
static int close_stdout_on(const char *path, bool close_it, const char *text)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(path, O_WRONLY);
        dup2(fd, STDOUT_FILENO);
        if (close_it)
            close(STDOUT_FILENO);
        fputs(text, stdout);
        _exit(-term_close_stdout(NULL));
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return -WEXITSTATUS(status);
}

static void test_close_stdout(void **state)
{
    (void)state;
    assert_int_equal(close_stdout_on("/dev/null", false, "text"), 0);
    assert_int_equal(close_stdout_on("/dev/full", false, ""), 0);
    assert_int_equal(close_stdout_on("/dev/full", false, "text"), ERR_IO);
    assert_int_equal(close_stdout_on("/dev/null", true, ""), 0);
    assert_int_equal(close_stdout_on("/dev/null", true, "text"), ERR_IO);
}

/* Progress goes to stderr, so a child's stderr is made our terminal. */
static void test_progress(void **state)
{
    (void)state;
    struct tty tty = tty_open();
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fileno(tty.slave), STDERR_FILENO);
        for (size_t i = 1; i <= 1000; i++)
            term_progress("checking", i, 1000);
        term_progress_end();
        term_progress_end();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    char buffer[4096];
    struct str text = tty_text(&tty, buffer, sizeof buffer);
    assert_true(str_starts(text, STR("\rchecking  1/1000\033[K")));
    assert_true(str_ends(text, STR("\rchecking  1000/1000\033[K\r\033[K")));
    assert_true(text.len < 1000); /* most of the thousand were not drawn */
}

/* At most 8 bytes. */
static const struct line_row {
    const char *name, *text, *line;
} line_rows[] = {
    {"absent", NULL, ""},
    {"as it is", "abc", "abc"},
    {"exactly as long as may be", "12345678", "12345678"},
    {"too long", "123456789", "12345678…"},
    {"cut before a character of two bytes", "1234567é9", "1234567…"},
    {"cut after a character of three bytes", "12345€78", "12345€…"},
    {"a character of four bytes that does not fit", "123456\xf0\x9f\x98\x80", "123456…"},
    {"lines and tabs", "a\nb\r\tc", "a b  c"},
    {"escapes and DEL", "\033[1m\x7f", " [1m "},
    {"the escape of one character", "a\xc2\x9b[m", "a  [m"},
    {"letters of that page stay", "\xc2\xa9", "\xc2\xa9"},
};

static void test_one_line(void **state)
{
    const struct line_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    assert_str_is(term_one_line(arena, row->text ? str_of(row->text) : STR_NONE, 8), row->line);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, colour_rows, test_colours);
    ROWS_ADD(&tests, table_rows, test_table);
    rows_add_test(&tests, "styles are codes only where colours are shown", test_print);
    rows_add_test(&tests, "long cells are cut for people only", test_long_cells);
    rows_add_test(&tests, "stdout is checked when closed", test_close_stdout);
    rows_add_test(&tests, "progress is drawn seldom and taken away", test_progress);
    ROWS_ADD(&tests, line_rows, test_one_line);
    return rows_run(&tests, "term");
}
