// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_POSITION_H
#define TALLY_LIB_CONTRACT_POSITION_H
/*
 * Lines and columns of many values of one text. Each answer costs the distance from the one before,
 * not from the start, so that reading a long file stays linear.
 */
#include "lib/base/str.h"

struct json;

struct position {
    struct str text;
    size_t offset, line_start;
    int line;
};

static inline struct position position_start(struct str text)
{
    return (struct position){.text = text, .line = 1};
}
/* 0,0 for a value that was built. */
void position_of(struct position *position, const struct json *value, int *ret_line,
                 int *ret_column);

#endif
