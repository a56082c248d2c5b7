// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_WIRE_ZSTD_H
#define TALLY_LIB_WIRE_ZSTD_H
/*
 * zstd (RFC 8878): one text, one frame, which says how long the text is and ends with a checksum of
 * it. No dictionary. Pure: bytes in, bytes out.
 */
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/str.h"

struct buf;
struct err;

/* Working memory, some 100 KiB for each direction from its first use on; of one thread at a time.
 */
struct zstd;

struct zstd *zstd_new(void);
void zstd_free(struct zstd *zstd); /* NULL is fine */
/* Appends the frame. False, and nothing appended: it would be no shorter than the text, or longer
 * than what the buffer takes. */
bool zstd_pack(struct zstd *zstd, struct str text, struct buf *out);
/*
 * Appends the text; before a byte of it is written, its length as the frame says it is held against
 * `most` bytes and against what the buffer takes.
 * Errors: ERR_LIMIT longer than that; ERR_PARSE no frame, more than one, cut off, damaged, empty,
 * without a length, or in need of a dictionary.
 */
int zstd_unpack(struct zstd *zstd, struct str frame, size_t most, struct buf *out, struct err *err);

#endif
