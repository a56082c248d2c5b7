// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_SEAL_H
#define TALLY_LIB_BASE_SEAL_H
/*
 * Secrets at rest: AES-256-GCM with a key from a file of its own, so that the database alone tells
 * nothing. Text in, text out: "1." and base64url of nonce, ciphertext and tag.
 *
 * The key file is made at first need, for its owner only (0600), and never replaced: without it
 * what was sealed stays sealed. It holds 64 hexadecimal digits. Thread-safe.
 */
#include "lib/base/str.h"

struct arena;
struct err;
struct seal;

/* path NULL: a key that lives as long as the process. The path is copied. */
struct seal *seal_new(const char *path);
void seal_free(struct seal *seal); /* NULL is fine */
/*
 * `about` says what the secret belongs to and must be the same for opening, so that a sealed text
 * moved to another row does not open. Errors: ERR_IO or ERR_USAGE, about the key file.
 */
int seal_close(struct seal *seal, struct str plain, struct str about, struct arena *arena,
               struct str *ret, struct err *err);
/* ERR_PARSE: not sealed with this key, for this purpose, or changed since. */
int seal_open(struct seal *seal, struct str sealed, struct str about, struct arena *arena,
              struct str *ret, struct err *err);

#endif
