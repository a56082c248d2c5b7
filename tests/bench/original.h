// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_TESTS_BENCH_ORIGINAL_H
#define TALLY_TESTS_BENCH_ORIGINAL_H
/*
 * What the same data takes in the original broker's SQLite file. This is no run of the original: it
 * is its schema as we reconstruct it (tables, columns, keys), written by SQLite with its own page
 * size, from the rows of one of our databases. Where we doubt the reconstruction errs in favour of
 * the original: tables that would be empty are left out, and so are indexes that we are not sure
 * of; contents are the same texts, and nothing stands for our audit log or index of methods.
 */

/* `file` must not exist. Ends the benchmark on an error. */
void original_write(const char *database, const char *file);

#endif
