// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_GENERATE_H
#define TALLY_LIB_CONTRACT_GENERATE_H
/*
 * Generators: values made just before an example is used. Time and randomness are parameters.
 * Source: pact-semantics, section 12.
 */
#include "lib/contract/pact.h"
#include "lib/contract/rules.h"

struct clock;

struct generator {
    struct str where; /* path or name as written; "" for method, path, status */
    struct path path;
    const struct json *raw; /* {"type": …, …} */
    enum rules_part part;
};
struct generators {
    VEC_OF(struct generator);
    struct json *extra; /* categories not known, kept for writing; or NULL */
};

enum generate_mode { GENERATE_CONSUMER, GENERATE_PROVIDER };
struct generate_context {
    enum generate_mode mode;
    uint64_t (*random)(void *context); /* 64 random bits */
    void *random_context;
    const struct clock *clock;
    const struct json *values;  /* provider state values, object or NULL */
    struct str mock_server_url; /* absent if none */
    /* ISO 8601; what Date, Time and DateTime start from. Absent = the clock. */
    struct str base_date, base_time, base_datetime;
};

struct generators *generators_new(struct arena *arena);
int generators_read(const struct json *value, bool flat, struct arena *arena,
                    struct generators *ret, struct err *err);
/* {"$.a": {"type": …}, …} of a body, as the variants of arrayContains have them. */
int generators_read_paths(const struct json *value, struct arena *arena, struct generators *ret,
                          struct err *err);
struct json *generators_write(const struct generators *generators, struct arena *arena);

/*
 * A copy of the part with generators applied, those that rules carry for the body included
 * (variants of arrayContains, definitions of eachKey and eachValue). In query and
 * header a key "name[1]" stands for one value of a name, unless there is a name written so. A
 * generator that fails leaves the example and adds a sentence to `warnings`. Errors: ERR_LIMIT
 * only.
 */
struct generate_warnings {
    VEC_OF(struct str);
};
int generate_request(const struct pact_request *request, const struct generate_context *context,
                     struct arena *arena, struct pact_request *ret,
                     struct generate_warnings *warnings, struct err *err);
int generate_response(const struct pact_response *response, const struct generate_context *context,
                      struct arena *arena, struct pact_response *ret,
                      struct generate_warnings *warnings, struct err *err);
int generate_message(const struct pact_message *message, const struct generate_context *context,
                     struct arena *arena, struct pact_message *ret,
                     struct generate_warnings *warnings, struct err *err);

#endif
