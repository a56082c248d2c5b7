// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_HASH_H
#define TALLY_LIB_BASE_HASH_H
/* Digests (OpenSSL EVP), base64 (RFC 4648) and random bytes. */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

struct arena;

enum { HASH_SHA1_HEX = 41, HASH_SHA256_HEX = 65 };
/* Lower-case hex, NUL-terminated; ret has the named size. */
void hash_sha1_hex(struct str data, char *ret);
void hash_sha256_hex(struct str data, char *ret);
/* 64-bit, seeded per process; for tables only. */
uint64_t hash_table(struct str data);

struct str hash_base64(struct arena *arena, struct str data);    /* padded, standard alphabet */
struct str hash_base64url(struct arena *arena, struct str data); /* no padding */
/* Strict: alphabet, length, padding and unused bits must be right. */
bool hash_unbase64(struct arena *arena, struct str text, struct str *ret);
/* "-_" and "+/" are both understood, padding may be left out. */
bool hash_unbase64url(struct arena *arena, struct str text, struct str *ret);
/* Cryptographically random. */
void hash_random(void *ret, size_t len);

#endif
