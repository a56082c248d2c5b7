// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_GRAPHQL_BLOCK_STRING_H
#define TALLY_LIB_GRAPHQL_BLOCK_STRING_H
/* Block strings: what stands between the quotes, and how a value is put between them. */
#include "lib/base/str.h"

struct arena;
struct buf;

/* The value of a block string's raw content: common indentation and blank ends cut off. */
struct str gql_block_string(struct str raw, struct arena *arena);
/* The value in quotes; `indent` spaces behind each line break; minimal without helpful breaks. */
void gql_print_block_string(struct str value, int indent, bool minimal, struct buf *out);

#endif
