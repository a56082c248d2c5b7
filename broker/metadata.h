// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_METADATA_H
#define TALLY_BROKER_METADATA_H
/*
 * What a pact URL of a verification carries along, so that the result posted through it knows why
 * the contract was selected: base64url of a form. Opaque to clients.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/vec.h"

struct arena;

struct metadata {
    bool wip, pending;
    const char *number; /* of the consumer version that the URL is about; NULL = the latest. It was
                         * not selected for a verification: no other member is written then. */
    struct {
        VEC_OF(int64_t);
    } consumer_version_ids;
};

const char *metadata_encode(struct arena *arena, const struct metadata *metadata);
/* Text that is no metadata of ours decodes to nothing: the result counts all the same. */
void metadata_decode(struct arena *arena, const char *text, struct metadata *ret);

#endif
