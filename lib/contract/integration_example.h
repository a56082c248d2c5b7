// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_INTEGRATION_EXAMPLE_H
#define TALLY_LIB_CONTRACT_INTEGRATION_EXAMPLE_H
/* What the files of integration.h share. */
#include "lib/contract/integration.h"

/*
 * The example of any value; rules and generators go to the part, below `name` ("" where it has
 * none) or, in a body, to the path of each value.
 */
int integration_example(const struct integration *to, enum rules_part part, struct str name,
                        const struct json *value, struct json **ret, struct err *err);
/* The same for a value of a body that stands at a path, which is borrowed. */
int integration_example_at(const struct integration *to, const struct path *path,
                           const struct json *value, struct json **ret, struct err *err);

#endif
