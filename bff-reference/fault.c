// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/fault.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/opt.h"

static const struct {
    const char *name, *sentence;
} faults[FAULT_COUNT] = {
    [FAULT_RENAMED_FIELD] = {"renamed-field",
                             "The transaction's amount is called value in REST and GraphQL."},
    [FAULT_MISSING_FIELD] = {"missing-field", "The transaction has no currency."},
    [FAULT_WRONG_TYPE] = {"wrong-type", "The transaction's amount is a string."},
    [FAULT_OFFSET_PAGING] = {"offset-paging",
                             "Lists take page and size instead of a cursor and give none."},
    [FAULT_PUSH_CONTENT] = {"push-content", "Pushes carry title, body and amount."},
    [FAULT_NO_TOMBSTONES] = {"no-tombstones", "Deltas do not say what was deleted."},
    [FAULT_CURSOR_RESTARTS] = {"cursor-restarts",
                               "Every cursor, known or not, silently gives page one."},
    [FAULT_DUPLICATE_ROWS] = {"duplicate-rows",
                              "Each page starts with the last row of the one before."},
    [FAULT_SEQUENTIAL_CURSOR] = {"sequential-cursor", "A cursor is the row's position in base64."},
    [FAULT_SLOW] = {"slow", "Every answer takes two seconds."},
    [FAULT_ERROR_500] = {"error-500", "Every request fails with status 500."},
    [FAULT_TRUNCATED_BODY] = {"truncated-body",
                              "Bodies end half way and the connection is closed."},
    [FAULT_HTML_ERRORS] = {"html-errors", "Errors are HTML pages instead of problem details."},
    [FAULT_N_PLUS_ONE] = {"n-plus-one",
                          "Each transaction fetches its product with a call of its own."},
};

const char *fault_name(enum fault fault)
{
    return faults[fault].name;
}

const char *fault_sentence(enum fault fault)
{
    return faults[fault].sentence;
}

int fault_add(struct fault_set *set, const char *name, struct err *err)
{
    const char *names[FAULT_COUNT];
    for (int i = 0; i < FAULT_COUNT; i++) {
        names[i] = faults[i].name;
        if (strcmp(name, names[i]) == 0) {
            set->bits |= 1u << i;
            return 0;
        }
    }
    const char *near = opt_nearest(name, names, FAULT_COUNT);
    if (near)
        return err_set(err, ERR_USAGE, "unknown fault '%s', did you mean '%s'?", name, near);
    return err_set(err, ERR_USAGE, "unknown fault '%s', see --fault list", name);
}

void fault_list(FILE *stream)
{
    for (int i = 0; i < FAULT_COUNT; i++)
        fprintf(stream, "%-18s %s\n", faults[i].name, faults[i].sentence);
}
