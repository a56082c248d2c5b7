// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_CURSOR_H
#define TALLY_BFF_REFERENCE_CURSOR_H
/*
 * Opaque keyset cursors: base64url of a signature and the id of the row that was read last. The
 * signature covers the collection too, so a cursor of one list is not one of another. The same key
 * gives the same cursor, in every process that shares it.
 */
#include "lib/base/str.h"

struct arena;

/* The cursor after the row with this id. */
struct str cursor_make(struct arena *arena, const char *key, const char *collection,
                       struct str row_id);
/* False when the text was not made here, with this key, for this collection. */
bool cursor_read(struct arena *arena, const char *key, const char *collection, struct str text,
                 struct str *ret_row_id);

/* The faulty kind: the position of the next row, in base64. */
struct str cursor_make_position(struct arena *arena, int64_t position);
bool cursor_read_position(struct arena *arena, struct str text, int64_t *ret_position);

#endif
