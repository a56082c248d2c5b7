// SPDX-License-Identifier: Apache-2.0
#include "lib/base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"

enum { KEY = 32, NONCE = 12, TAG = 16, KEY_HEX = 2 * KEY };
#define MARK STR("1.")

struct seal {
    pthread_mutex_t lock;
    char *path;
    bool loaded;
    unsigned char key[KEY];
};

struct seal *seal_new(const char *path)
{
    struct seal *seal = calloc(1, sizeof *seal);
    if (!seal)
        abort();
    pthread_mutex_init(&seal->lock, NULL);
    if (path) {
        seal->path = strdup(path);
        if (!seal->path)
            abort();
    } else {
        hash_random(seal->key, sizeof seal->key);
        seal->loaded = true;
    }
    return seal;
}

void seal_free(struct seal *seal)
{
    if (!seal)
        return;
    pthread_mutex_destroy(&seal->lock);
    explicit_bzero(seal->key, sizeof seal->key);
    free(seal->path);
    free(seal);
}

/* ---- the key file ---- */

static int sync_folder(const char *path, struct arena *arena, struct err *err)
{
    char *dir = arena_strdup(arena, path), *slash = strrchr(dir, '/');
    if (slash)
        slash[slash == dir ? 1 : 0] = '\0';
    int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = fd < 0 || fsync(fd) < 0 ? err_errno(err, "writing key file '%s'", path) : 0;
    if (fd >= 0)
        close(fd);
    return code;
}

static int write_key(int fd, const char *path, struct err *err)
{
    unsigned char key[KEY];
    char text[KEY_HEX + 2];
    hash_random(key, sizeof key);
    for (size_t i = 0; i < KEY; i++)
        snprintf(text + 2 * i, 3, "%02x", key[i]);
    text[KEY_HEX] = '\n';
    ssize_t n = write(fd, text, KEY_HEX + 1);
    bool ok = n == KEY_HEX + 1 && fsync(fd) == 0;
    explicit_bzero(key, sizeof key);
    explicit_bzero(text, sizeof text);
    return ok ? 0 : err_errno(err, "writing key file '%s'", path);
}

/* Whole or not at all: link() gives the name to the first of several processes that make it. */
static int make_key(const char *path, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    char *temporary = arena_printf(arena, "%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return err_errno(err, "making key file '%s'", path);
    int code = write_key(fd, path, err);
    close(fd);
    if (code == 0 && link(temporary, path) < 0 && errno != EEXIST)
        code = err_errno(err, "making key file '%s'", path);
    unlink(temporary);
    return code < 0 ? code : sync_folder(path, arena, err);
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_key(struct seal *seal, int fd, struct err *err)
{
    struct stat info;
    char text[KEY_HEX];
    if (fstat(fd, &info) < 0)
        return err_errno(err, "reading key file '%s'", seal->path);
    if ((info.st_mode & 077) != 0)
        return err_set(err, ERR_USAGE, "key file '%s' is open to others: chmod 600 it", seal->path);
    bool ok = read(fd, text, sizeof text) == (ssize_t)sizeof text;
    for (size_t i = 0; ok && i < KEY; i++) {
        int high = hex(text[2 * i]), low = hex(text[2 * i + 1]);
        ok = high >= 0 && low >= 0;
        seal->key[i] = (unsigned char)(high * 16 + low);
    }
    explicit_bzero(text, sizeof text);
    if (!ok)
        return err_set(err, ERR_USAGE, "key file '%s' does not hold 64 hexadecimal digits",
                       seal->path);
    seal->loaded = true;
    return 0;
}

/* Only sealing makes a key: to open with a fresh one would hide that the right one is gone. */
static int load(struct seal *seal, bool make, struct err *err)
{
    int code = 0;
    pthread_mutex_lock(&seal->lock);
    if (!seal->loaded) {
        int fd = open(seal->path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT && make) {
            code = make_key(seal->path, err);
            fd = code < 0 ? -1 : open(seal->path, O_RDONLY | O_CLOEXEC);
        }
        if (code == 0)
            code = fd < 0 ? err_errno(err, "reading key file '%s'", seal->path)
                          : read_key(seal, fd, err);
        if (fd >= 0)
            close(fd);
    }
    pthread_mutex_unlock(&seal->lock);
    return code;
}

/* ---- AES-256-GCM ---- */

static bool encrypt(EVP_CIPHER_CTX *ctx, const struct seal *seal, struct str plain,
                    struct str about, unsigned char *out)
{
    int n = 0;
    unsigned char *text = out + NONCE;
    return EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, seal->key, out) == 1 &&
           EVP_EncryptUpdate(ctx, NULL, &n, (const unsigned char *)about.ptr, (int)about.len) ==
               1 &&
           EVP_EncryptUpdate(ctx, text, &n, (const unsigned char *)plain.ptr, (int)plain.len) ==
               1 &&
           EVP_EncryptFinal_ex(ctx, text + plain.len, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, text + plain.len) == 1;
}

int seal_close(struct seal *seal, struct str plain, struct str about, struct arena *arena,
               struct str *ret, struct err *err)
{
    int code = load(seal, true, err);
    if (code < 0)
        return code;
    size_t len = NONCE + plain.len + TAG;
    unsigned char *out = arena_alloc(arena, len);
    hash_random(out, NONCE);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx && encrypt(ctx, seal, plain, about, out);
    EVP_CIPHER_CTX_free(ctx);
    if (!ok)
        return err_set(err, ERR_INTERNAL, "libcrypto could not encrypt");
    *ret = str_printf(arena, "1.%s", hash_base64url(arena, str_make((char *)out, len)).ptr);
    return 0;
}

static bool decrypt(EVP_CIPHER_CTX *ctx, const struct seal *seal, struct str sealed,
                    struct str about, unsigned char *out)
{
    int n = 0;
    size_t len = sealed.len - NONCE - TAG;
    unsigned char tag[TAG];
    const unsigned char *nonce = (const unsigned char *)sealed.ptr, *text = nonce + NONCE;
    memcpy(tag, text + len, TAG);
    return EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, seal->key, nonce) == 1 &&
           EVP_DecryptUpdate(ctx, NULL, &n, (const unsigned char *)about.ptr, (int)about.len) ==
               1 &&
           EVP_DecryptUpdate(ctx, out, &n, text, (int)len) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1 &&
           EVP_DecryptFinal_ex(ctx, out + len, &n) == 1;
}

int seal_open(struct seal *seal, struct str sealed, struct str about, struct arena *arena,
              struct str *ret, struct err *err)
{
    struct str bytes = STR_NONE;
    int code = load(seal, false, err);
    if (code < 0)
        return code;
    bool ok = str_starts(sealed, MARK) &&
              hash_unbase64url(arena, str_sub(sealed, MARK.len, sealed.len), &bytes) &&
              bytes.len >= NONCE + TAG;
    size_t len = ok ? bytes.len - NONCE - TAG : 0;
    unsigned char *out = arena_alloc(arena, len + 1);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    ok = ok && ctx && decrypt(ctx, seal, bytes, about, out);
    EVP_CIPHER_CTX_free(ctx);
    if (!ok)
        return err_set(err, ERR_PARSE,
                       "a stored secret does not open with the key at hand: restore the key file "
                       "that belongs to the database");
    *ret = str_make((char *)out, len);
    return 0;
}
