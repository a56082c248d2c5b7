// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_MAGIC_H
#define TALLY_LIB_CONTRACT_MAGIC_H
/* Content types told from the bytes themselves, for the contentType matcher. Pure. */
#include "lib/base/str.h"

/*
 * "image/png"; of text, what it is written in; "application/octet-stream" when nothing is known of
 * the bytes. Never NULL. JSON objects and arrays are application/json, other JSON values are text.
 */
const char *magic_type(struct str bytes);
/* Whether the bytes are of that type; parameters, case and other names of a type do not count. */
bool magic_is(struct str bytes, struct str type);

#endif
