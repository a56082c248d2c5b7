// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_PACKING_H
#define TALLY_BROKER_PACKING_H
/*
 * Long texts are stored as zstd frames (lib/wire/zstd.h). A column of packing_columns[] holds
 * either TEXT, which is the text itself, or a BLOB, which is its frame: the type says which, so
 * texts that do not get shorter, and all that an older Tally wrote, stay as they are.
 *
 * Nobody packs or unpacks but SQL, by two functions that every connection of the broker has:
 *
 *     packed(text)                   what to store for it
 *     unpacked(value, 'table', id)   the text that is stored; one that cannot be read fails the
 *                                    statement with ERR_PARSE, naming table and row
 */
#include <stdbool.h>

struct db;
struct err;

struct packing_column {
    const char *table, *column;
};
/* Ends with a row of NULLs. */
extern const struct packing_column packing_columns[];

int packing_define(struct db *db, struct err *err);
bool packing_has(const char *table, const char *column);

#endif
