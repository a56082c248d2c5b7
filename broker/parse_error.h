// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_PARSE_ERROR_H
#define TALLY_BROKER_PARSE_ERROR_H
/*
 * What is wrong with a body that is no JSON, in the words of the original's parser (ruby's json
 * 2.12): "JSON::ParserError - unexpected end of input at line 1 column 6". Columns count bytes.
 */
#include "lib/base/str.h"

struct arena;

/* NULL when that parser would find nothing wrong, or its words are not known. */
const char *parse_error_text(struct arena *arena, struct str body, int depth_max);

#endif
