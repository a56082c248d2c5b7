// SPDX-License-Identifier: Apache-2.0
#include "lib/base/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct digest {
    EVP_MD_CTX *context;
};

struct digest *digest_new(void)
{
    struct digest *digest = calloc(1, sizeof *digest);
    if (!digest)
        abort();
    digest->context = EVP_MD_CTX_new();
    if (!digest->context || EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) != 1)
        abort();
    return digest;
}

void digest_add(struct digest *digest, struct str data)
{
    if (data.len > 0 && EVP_DigestUpdate(digest->context, data.ptr, data.len) != 1)
        abort();
}

void digest_hex(const struct digest *digest, char *ret)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    if (!copy || EVP_MD_CTX_copy_ex(copy, digest->context) != 1 ||
        EVP_DigestFinal_ex(copy, bytes, &len) != 1 || len * 2 + 1 != HASH_SHA256_HEX)
        abort();
    EVP_MD_CTX_free(copy);
    for (unsigned i = 0; i < len; i++)
        snprintf(ret + (size_t)2 * i, 3, "%02x", bytes[i]);
}

void digest_free(struct digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}
