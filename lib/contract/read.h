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
    bool asked; /* without what answers hold, see pact_read_asked() */
};

/* ERR_PARSE at a value: "expected WHAT, found a string". */
int read_wrong(struct reader *reader, const struct json *value, const char *what);
void read_warn(struct reader *reader, const struct json *value, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Text of a string, number or boolean; ret untouched when value is NULL or null. */
int read_text(struct reader *reader, const struct json *value, const char *what, struct str *ret);
/* First of the names (NULL-terminated) that the object has: better one that is not null. */
const struct json *read_first(const struct json *object, const char *const *names);
/* The version that a file's metadata names; false if it names none up to 4. */
bool read_spec(const struct json *metadata, enum pact_spec *ret);
/* Whether rules or generators have the keys of V2's form, "$.body.a". */
bool read_is_flat(const struct json *rules);
/* The content type that a message's metadata names; absent if none. */
struct str read_metadata_type(const struct json *metadata);
int read_request(struct reader *reader, const struct json *value, struct pact_request *ret);
int read_response(struct reader *reader, const struct json *value, struct pact_response *ret);
/* `contents` of V4 are body objects, of V3 plain values. */
int read_message(struct reader *reader, const struct json *value, bool v4,
                 struct pact_message *ret);

#endif
