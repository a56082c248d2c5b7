// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_READ_H
#define TALLY_LIB_CONTRACT_READ_H
/* What the readers of the parts of a Pact file share. */
#include "lib/contract/pact.h"
#include "lib/contract/position.h"

struct reader {
    struct pact *pact;
    struct arena *arena;
    struct position position;
    struct err *err;
};

/* ERR_PARSE at a value: "expected WHAT, found a string". */
int read_wrong(struct reader *reader, const struct json *value, const char *what);
void read_warn(struct reader *reader, const struct json *value, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Text of a string, number or boolean; ret untouched when value is NULL or null. */
int read_text(struct reader *reader, const struct json *value, const char *what, struct str *ret);
/* First of the names (NULL-terminated) that the object has. */
const struct json *read_first(const struct json *object, const char *const *names);
/*
 * Members of `object` not among `known` (NULL-terminated), as a new object; NULL if there are none.
 * Those not among `kept` either get a warning.
 */
struct json *read_extra(struct reader *reader, const struct json *object, const char *const *known,
                        const char *const *kept);

int read_request(struct reader *reader, const struct json *value, struct pact_request *ret);
int read_response(struct reader *reader, const struct json *value, struct pact_response *ret);
/* `contents` of V4 are body objects, of V3 plain values. */
int read_message(struct reader *reader, const struct json *value, bool v4,
                 struct pact_message *ret);

#endif
