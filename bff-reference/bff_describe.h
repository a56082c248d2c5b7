// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_BFF_DESCRIBE_H
#define TALLY_BFF_REFERENCE_BFF_DESCRIBE_H
/*
 * The descriptions that the BFF serves: GraphQL SDL and OpenAPI 3.0, made from the same table as
 * its answers, so that a faulty build tells what it really serves.
 */
#include "bff-reference/fault.h"
#include "lib/base/str.h"

struct arena;

struct str bff_describe_sdl(struct fault_set faults, struct arena *arena);
struct str bff_describe_openapi(struct fault_set faults, struct arena *arena);

#endif
