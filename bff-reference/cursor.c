// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/cursor.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/hash.h"

enum { MAC_LEN = 32, ID_MAX = 255, TEXT_MAX = 8192, POSITION_MAX = 1000000 };

/* Hashed twice, so that a longer id cannot be signed by continuing the inner hash. */
static void sign(const char *key, const char *collection, struct str row_id, char ret[MAC_LEN])
{
    char inner[HASH_SHA256_HEX], outer[HASH_SHA256_HEX];
    struct buf text BUF_AUTO = BUF_INIT(TEXT_MAX);
    buf_printf(&text, "%zu:%s%zu:%s", strlen(key), key, strlen(collection), collection);
    buf_str(&text, row_id); /* may hold NUL when a peer made it up */
    hash_sha256_hex(buf_view(&text), inner);
    buf_clear(&text);
    buf_printf(&text, "%s:%s", key, inner);
    hash_sha256_hex(buf_view(&text), outer);
    memcpy(ret, outer, MAC_LEN);
}

struct str cursor_make(struct arena *arena, const char *key, const char *collection,
                       struct str row_id)
{
    char mac[MAC_LEN];
    struct buf plain BUF_AUTO = BUF_INIT(TEXT_MAX);
    sign(key, collection, row_id, mac);
    buf_append(&plain, mac, MAC_LEN);
    buf_putc(&plain, '.');
    buf_str(&plain, row_id);
    return hash_base64url(arena, buf_view(&plain));
}

bool cursor_read(struct arena *arena, const char *key, const char *collection, struct str text,
                 struct str *ret_row_id)
{
    struct str plain;
    if (!hash_unbase64url(arena, text, &plain) || plain.len <= MAC_LEN + 1 ||
        plain.len > ID_MAX + MAC_LEN + 1 || plain.ptr[MAC_LEN] != '.')
        return false;
    struct str row_id = str_sub(plain, MAC_LEN + 1, plain.len);
    char mac[MAC_LEN];
    sign(key, collection, row_id, mac);
    unsigned char differs = 0; /* in constant time: the signature must not be found byte by byte */
    for (size_t i = 0; i < MAC_LEN; i++)
        differs |= (unsigned char)(mac[i] ^ plain.ptr[i]);
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
