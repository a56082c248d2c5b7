// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_FAULT_H
#define TALLY_BFF_REFERENCE_FAULT_H
/* The faults that the BFF can be started with: names, one sentence each, and a set of them. */
#include <stdbool.h>
#include <stdio.h>

struct err;

enum fault {
    FAULT_RENAMED_FIELD,
    FAULT_MISSING_FIELD,
    FAULT_WRONG_TYPE,
    FAULT_OFFSET_PAGING,
    FAULT_PUSH_CONTENT,
    FAULT_NO_TOMBSTONES,
    FAULT_CURSOR_RESTARTS,
    FAULT_DUPLICATE_ROWS,
    FAULT_SEQUENTIAL_CURSOR,
    FAULT_SLOW,
    FAULT_ERROR_500,
    FAULT_TRUNCATED_BODY,
    FAULT_HTML_ERRORS,
    FAULT_N_PLUS_ONE,
    FAULT_COUNT,
};

struct fault_set {
    unsigned bits;
};

static inline bool fault_on(struct fault_set set, enum fault fault)
{
    return (set.bits >> fault & 1u) != 0;
}
const char *fault_name(enum fault fault);
const char *fault_sentence(enum fault fault);
/* Add a fault by name. Errors: ERR_USAGE, which names the nearest right one. */
int fault_add(struct fault_set *set, const char *name, struct err *err);
void fault_list(FILE *stream);

#endif
