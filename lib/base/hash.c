// SPDX-License-Identifier: Apache-2.0
#include "lib/base/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "lib/base/arena.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

enum { NO_DIGIT = 0xff };

static struct {
    pthread_once_t once;
    uint64_t key[2]; /* of hash_table */
    EVP_MD *sha1, *sha256;
    unsigned char values[2][256]; /* of a digit: in `alphabet`, in either; NO_DIGIT if it is none */
} shared = {.once = PTHREAD_ONCE_INIT};

void hash_random(void *ret, size_t len)
{
    char *at = ret;
    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            perror("tally: error: no random numbers from the kernel");
            abort();
        }
        at += n;
        len -= (size_t)n;
    }
}

/* Fetching an algorithm by name costs more than hashing a short text, so it is done once. */
static void prepare(void)
{
    hash_random(shared.key, sizeof shared.key);
    memset(shared.values, NO_DIGIT, sizeof shared.values);
    for (int i = 0; i < 64; i++) {
        shared.values[0][(unsigned char)alphabet[i]] = (unsigned char)i;
        shared.values[1][(unsigned char)alphabet[i]] = (unsigned char)i;
        shared.values[1][(unsigned char)alphabet_url[i]] = (unsigned char)i;
    }
    shared.sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    shared.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static void digest_hex(bool is_sha256, struct str data, char *ret)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    pthread_once(&shared.once, prepare);
    const EVP_MD *algorithm = is_sha256 ? shared.sha256 : shared.sha1;
    if (!algorithm || !EVP_Digest(data.ptr, data.len, digest, &len, algorithm, NULL)) {
        fprintf(stderr, "tally: error: libcrypto offers no %s\n", is_sha256 ? "sha256" : "sha1");
        abort();
    }
    for (unsigned i = 0; i < len; i++) {
        *ret++ = digits[digest[i] >> 4];
        *ret++ = digits[digest[i] & 15];
    }
    *ret = '\0';
}

void hash_sha1_hex(struct str data, char *ret)
{
    digest_hex(false, data, ret);
}

void hash_sha256_hex(struct str data, char *ret)
{
    digest_hex(true, data, ret);
}

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 (Aumasson and Bernstein 2012): keyed, so nobody outside can make keys collide. */
uint64_t hash_table(struct str data)
{
    pthread_once(&shared.once, prepare);
    uint64_t v[4] = {shared.key[0] ^ 0x736f6d6570736575u, shared.key[1] ^ 0x646f72616e646f6du,
                     shared.key[0] ^ 0x6c7967656e657261u, shared.key[1] ^ 0x7465646279746573u};
    size_t whole = data.len & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8) {
        uint64_t word;
        memcpy(&word, data.ptr + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    uint64_t last = (uint64_t)data.len << 56;
    for (size_t i = whole; i < data.len; i++)
        last |= (uint64_t)(unsigned char)data.ptr[i] << (8 * (i - whole));
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct str encode(struct arena *arena, struct str data, const char *digits, bool pad)
{
    char *text = arena_alloc(arena, (data.len + 2) / 3 * 4 + 1);
    size_t len = 0;
    for (size_t i = 0; i < data.len; i += 3) {
        size_t n = data.len - i < 3 ? data.len - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? (unsigned char)data.ptr[i + k] : 0);
        for (size_t k = 0; k < 4; k++) {
            if (k <= n)
                text[len++] = digits[bits >> (18 - 6 * k) & 63];
            else if (pad)
                text[len++] = '=';
        }
    }
    text[len] = '\0';
    return str_make(text, len);
}

struct str hash_base64(struct arena *arena, struct str data)
{
    return encode(arena, data, alphabet, true);
}

struct str hash_base64url(struct arena *arena, struct str data)
{
    return encode(arena, data, alphabet_url, false);
}

/* Text without padding; a lone digit or bits left over at the end are refused (RFC 4648 §3.5). */
static bool decode(struct arena *arena, struct str text, bool url, struct str *ret)
{
    if (text.len % 4 == 1)
        return false;
    pthread_once(&shared.once, prepare);
    const unsigned char *values = shared.values[url];
    const unsigned char *digits = (const unsigned char *)text.ptr;
    char *data = arena_alloc(arena, text.len / 4 * 3 + 3);
    size_t len = 0, i = 0;
    for (; i + 4 <= text.len; i += 4) {
        uint32_t a = values[digits[i]], b = values[digits[i + 1]], c = values[digits[i + 2]],
                 d = values[digits[i + 3]];
        if ((a | b | c | d) == NO_DIGIT)
            return false;
        uint32_t four = a << 18 | b << 12 | c << 6 | d;
        data[len++] = (char)(four >> 16 & 0xff);
        data[len++] = (char)(four >> 8 & 0xff);
        data[len++] = (char)(four & 0xff);
    }
    uint32_t bits = 0;
    unsigned count = 0;
    for (; i < text.len; i++) {
        uint32_t value = values[digits[i]];
        if (value == NO_DIGIT)
            return false;
        bits = bits << 6 | value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            data[len++] = (char)(bits >> count & 0xff);
        }
    }
    if ((bits & ((1u << count) - 1)) != 0)
        return false;
    data[len] = '\0';
    *ret = str_make(data, len);
    return true;
}

static struct str without_padding(struct str text)
{
    for (int i = 0; i < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; i++)
        text.len--;
    return text;
}

bool hash_unbase64(struct arena *arena, struct str text, struct str *ret)
{
    return text.len % 4 == 0 && decode(arena, without_padding(text), false, ret);
}

bool hash_unbase64url(struct arena *arena, struct str text, struct str *ret)
{
    struct str digits = without_padding(text);
    if (digits.len != text.len && text.len % 4 != 0)
        return false;
    return decode(arena, digits, true, ret);
}
