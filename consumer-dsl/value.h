// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CONSUMER_DSL_VALUE_H
#define TALLY_CONSUMER_DSL_VALUE_H
/* The DSL's values: an example with its matchers, on the heap until it is handed over. */
#include "lib/contract/generate.h"
#include "lib/contract/rules.h"
#include "lib/json/json.h"

struct arena;
struct err;
struct tally_value;

/* Where a value's rules and generators go. */
struct value_sink {
    struct arena *arena;
    struct rules *rules;
    struct generators *generators;
    enum rules_part part;
};

/*
 * The example as a tree, rules added to the sink below `path` ("$" for bodies, the name for headers
 * and query). Consumes the value. Errors: ERR_PARSE: JSON, number or pattern is not well-formed.
 */
int value_take(struct tally_value *value, const char *path, const struct value_sink *sink,
               struct json **ret, struct err *err);
void value_free(struct tally_value *value); /* NULL is fine */

#endif
