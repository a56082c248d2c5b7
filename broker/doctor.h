// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_DOCTOR_H
#define TALLY_BROKER_DOCTOR_H
/*
 * Is the database what it should be? The file itself, references between rows, the pointer tables
 * (store_schema.c) against what they point into, every contract against its sha, and whether the
 * other packed texts (packing.h) can be read.
 *
 * A pointer table can be made again from the rows that it is about; what else is wrong cannot be
 * mended from inside.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/vec.h"

struct arena;
struct db;
struct err;

struct doctor_finding {
    const char *name; /* "latest_publications" */
    int64_t wrong;    /* rows; -1 = could not be checked */
    const char
        *detail;  /* what is wrong with the first one, or why it could not be checked; or "" */
    bool pointer; /* doctor_repair() can mend it */
};
struct doctor_report {
    VEC_OF(struct doctor_finding);
};

/*
 * Every check, in order. What is wrong is a finding, not an error. Errors: ERR_UNDECIDED the schema
 * is an older one, which the broker brings up to date when it starts; ERR_USAGE it is a newer one.
 */
int doctor_check(struct db *db, struct arena *arena, struct doctor_report *ret, struct err *err);
/* Makes the pointer tables agree with their rows, inside a transaction of the caller; the number
 * of rows that were changed. */
int doctor_repair(struct db *db, int64_t *ret_changed, struct err *err);

#endif
