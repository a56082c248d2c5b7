// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_KEEP_H
#define TALLY_LIB_CONTRACT_KEEP_H
/*
 * What a file holds and nobody here reads. One table says which members of which objects are read;
 * all others go into the `extra` object of their part of the model, and the writer puts them back
 * where they stood. So do members that are read but that the file's version does not know (comments
 * in V3), and those that stand beside another spelling of theirs which counts.
 */
#include "lib/contract/read.h"

enum keep_at { /* the objects of a file */
               KEEP_ROOT,
               KEEP_PARTY, /* consumer, provider */
               KEEP_HTTP,  /* interactions, by kind */
               KEEP_MESSAGE,
               KEEP_SYNC,
               KEEP_REQUEST,
               KEEP_RESPONSE,
               KEEP_SIDE, /* request or reply of a synchronous message */
               KEEP_STATE,
};

/* The members of `object` that are not read, as a new object; NULL if there are none. */
struct json *keep_extra(struct reader *reader, const struct json *object, enum keep_at at);
/*
 * What was kept, for the members that the object does not have. A member that was foreign to an
 * older file and is not to the version written has gone through the model.
 */
void keep_write(struct arena *arena, struct json *object, const struct json *extra, enum keep_at at,
                enum pact_spec spec);
/* Members of `from` that the object does not have. */
void keep_fill(struct arena *arena, struct json *object, const struct json *from);
/* `extra` with one more member; NULL becomes a new object. */
struct json *keep_add(struct arena *arena, struct json *extra, struct str key,
                      const struct json *value);

#endif
