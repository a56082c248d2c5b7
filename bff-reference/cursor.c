// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/cursor.h"

#include "lib/base/arena.h"
#include "lib/base/hash.h"

enum { MAC_LEN = 32, POSITION_MAX = 1000000 };

/* Hashed twice, so that a longer id cannot be signed by continuing the inner hash. */
static struct str sign(struct arena *arena, const char *key, const char *collection,
                       struct str row_id)
{
    char inner[HASH_SHA256_HEX], outer[HASH_SHA256_HEX];
    hash_sha256_hex(str_printf(arena, "%zu:%s%zu:%s%.*s", strlen(key), key, strlen(collection),
                               collection, STR_FMT(row_id)),
                    inner);
    hash_sha256_hex(str_printf(arena, "%s:%s", key, inner), outer);
    return str_dup(arena, str_make(outer, MAC_LEN));
}

struct str cursor_make(struct arena *arena, const char *key, const char *collection,
                       struct str row_id)
{
    struct str mac = sign(arena, key, collection, row_id);
    return hash_base64url(arena, str_printf(arena, "%.*s.%.*s", STR_FMT(mac), STR_FMT(row_id)));
}

bool cursor_read(struct arena *arena, const char *key, const char *collection, struct str text,
                 struct str *ret_row_id)
{
    struct str plain;
    if (!hash_unbase64url(arena, text, &plain) || plain.len <= MAC_LEN + 1 ||
        plain.ptr[MAC_LEN] != '.')
        return false;
    struct str row_id = str_sub(plain, MAC_LEN + 1, plain.len);
    struct str mac = sign(arena, key, collection, row_id);
    unsigned char differs = 0; /* in constant time: the signature must not be found byte by byte */
    for (size_t i = 0; i < MAC_LEN; i++)
        differs |= (unsigned char)(mac.ptr[i] ^ plain.ptr[i]);
    /* Base64 has spare bits: only the text that we would write ourselves is accepted. */
    if (differs || !str_eq(hash_base64url(arena, plain), text))
        return false;
    *ret_row_id = row_id;
    return true;
}

struct str cursor_make_position(struct arena *arena, int64_t position)
{
    return hash_base64url(arena, str_printf(arena, "%lld", (long long)position));
}

bool cursor_read_position(struct arena *arena, struct str text, int64_t *ret_position)
{
    struct str plain;
    return hash_unbase64url(arena, text, &plain) &&
           str_to_i64(plain, 0, POSITION_MAX, ret_position);
}
