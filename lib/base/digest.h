// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_DIGEST_H
#define TALLY_LIB_BASE_DIGEST_H
/* SHA-256 of what does not fit into memory, piece by piece (OpenSSL EVP). */
#include "lib/base/hash.h"
#include "lib/base/str.h"

struct digest;

struct digest *digest_new(void);
void digest_add(struct digest *digest, struct str data);
/* Of all that was added, lower-case hex; ret has HASH_SHA256_HEX bytes. More may be added. */
void digest_hex(const struct digest *digest, char *ret);
void digest_free(struct digest *digest); /* NULL is fine */

#endif
