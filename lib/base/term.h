// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_TERM_H
#define TALLY_LIB_BASE_TERM_H
/*
 * What people see on a terminal: colours (only on a terminal, NO_COLOR, FORCE_COLOR, TERM=dumb
 * respected), tables with aligned columns, one progress line on stderr.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/base/str.h"

struct arena;

enum term_style { TERM_PLAIN, TERM_BOLD, TERM_DIM, TERM_GREEN, TERM_RED, TERM_YELLOW, TERM_CYAN };

bool term_colours(FILE *stream);
/* Force on (1), off (0) or detect (-1, default) for this process. */
void term_set_colours(int mode);
/* printf in a style; plain when the stream shows no colours. */
void term_print(FILE *stream, enum term_style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * What a peer wrote, fit for one line: control characters (C0, DEL, C1) become spaces; at most
 * `max` bytes, cut between characters and marked with "…". Absent becomes empty.
 */
struct str term_one_line(struct arena *arena, struct str text, size_t max);

/* A table: header first, then rows of `columns` cells; width counts UTF-8 characters. */
struct term_table;
struct term_table *term_table_new(struct arena *arena, size_t columns);
void term_table_cell(struct term_table *table, enum term_style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The last column is not padded and not cut. */
void term_table_print(const struct term_table *table, FILE *stream);

/* "label  12/100" rewritten in place, at most ten times a second, only if stderr is a terminal. */
void term_progress(const char *label, size_t done, size_t total);
void term_progress_end(void);
/* Flush stdout and report a write error (disk full, closed pipe): 0 or ERR_IO. */
struct err;
int term_close_stdout(struct err *err);

#endif
