// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_ARCHIVE_INTERNAL_H
#define TALLY_BROKER_ARCHIVE_INTERNAL_H
/* What writing and reading share: which tables there are, and how each is written and filled. */
#include "broker/archive.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;

struct archive_table {
    const char *name;
    struct str header; /* its line, without the end of line */
    const char *select, *insert, *clear;
};
struct archive_tables {
    VEC_OF(struct archive_table);
};
int archive_tables(struct db *db, struct arena *arena, struct archive_tables *ret, struct err *err);

#endif
