// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_ARCHIVE_H
#define TALLY_BROKER_ARCHIVE_H
/*
 * A whole broker as one text, line by line (JSON Lines, UTF-8):
 *
 *     {"archive":"tally broker","format":1,"schema":4}
 *     {"table":"branches","columns":["id","pacticipant_id",...]}
 *     [1,1,"main",...]                                      its rows, by their keys
 *     ...                                                   the tables by name, then sequences
 *     {"rows":1234,"sha256":"..."}                          of every byte before this line
 *
 * Two databases with the same rows give the same bytes, also when one has packed what the other has
 * not (packing.h): texts are written out. Memory is that of one line.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/hash.h"

struct db;
struct err;

enum { ARCHIVE_FORMAT = 1 };

struct archive_info {
    int64_t schema, rows;
    char sha256[HASH_SHA256_HEX];
};

/* Inside a transaction that reads. `out` NULL only fills *ret. */
int archive_write(struct db *db, FILE *out, struct archive_info *ret, struct err *err);
/* Reads all of it and compares the checksum. Errors: ERR_PARSE, naming the line; ERR_LIMIT. */
int archive_check(FILE *in, const char *source, struct archive_info *ret, struct err *err);
/*
 * Inside a transaction of the caller, on a database that holds nothing of value. The archive was
 * checked before; one that changed since is ERR_PARSE. What is not as this program's schema has it
 * is ERR_PARSE too.
 */
int archive_read(struct db *db, FILE *in, const char *source, const struct archive_info *info,
                 struct err *err);
/* Inside a transaction: 1 = the database holds what a new one holds, 0 = more than that. */
int archive_is_new(struct db *db, struct err *err);

#endif
