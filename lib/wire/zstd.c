// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/zstd.h"

#include <stdlib.h>
#include <zstd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

/* A contract of 6.3 KB becomes 800 bytes in 5 us; level 19 takes longer for 780. */
enum { LEVEL = 1 };

struct zstd {
    ZSTD_CCtx *pack; /* each made when it is needed */
    ZSTD_DCtx *unpack;
};

struct zstd *zstd_new(void)
{
    struct zstd *zstd = calloc(1, sizeof *zstd);
    if (!zstd)
        arena_exhausted(sizeof *zstd);
    return zstd;
}

void zstd_free(struct zstd *zstd)
{
    if (!zstd)
        return;
    ZSTD_freeCCtx(zstd->pack);
    ZSTD_freeDCtx(zstd->unpack);
    free(zstd);
}

static ZSTD_CCtx *packing(struct zstd *zstd)
{
    if (zstd->pack)
        return zstd->pack;
    zstd->pack = ZSTD_createCCtx();
    if (!zstd->pack)
        arena_exhausted(0);
    ZSTD_CCtx_setParameter(zstd->pack, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(zstd->pack, ZSTD_c_checksumFlag, 1);
    return zstd->pack;
}

bool zstd_pack(struct zstd *zstd, struct str text, struct buf *out)
{
    if (text.len < 2)
        return false;
    bool overflow = out->overflow;
    char *to = buf_reserve(out, text.len - 1);
    if (!to) {
        out->overflow = overflow;
        return false;
    }
    size_t n = ZSTD_compress2(packing(zstd), to, text.len - 1, text.ptr, text.len);
    if (ZSTD_isError(n)) /* there is no room for something longer */
        return false;
    buf_commit(out, n);
    return true;
}

/* What is wrong with a frame before it is looked into. */
static int check(struct str frame, size_t most, size_t *ret_len, struct err *err)
{
    unsigned long long len = ZSTD_getFrameContentSize(frame.ptr, frame.len);
    if (len == ZSTD_CONTENTSIZE_ERROR)
        return err_set(err, ERR_PARSE, "no zstd frame");
    if (len == ZSTD_CONTENTSIZE_UNKNOWN)
        return err_set(err, ERR_PARSE, "the zstd frame does not say how long its text is");
    if (len == 0)
        return err_set(err, ERR_PARSE, "the zstd frame has no text");
    if (len > most)
        return err_set(err, ERR_LIMIT,
                       "the zstd frame has %llu bytes of text, at most %zu are read", len, most);
    unsigned dictionary = ZSTD_getDictID_fromFrame(frame.ptr, frame.len);
    if (dictionary != 0)
        return err_set(err, ERR_PARSE, "the zstd frame needs dictionary %u", dictionary);
    if (ZSTD_findFrameCompressedSize(frame.ptr, frame.len) != frame.len)
        return err_set(err, ERR_PARSE, "the zstd frame does not end where its bytes do");
    *ret_len = (size_t)len;
    return 0;
}

int zstd_unpack(struct zstd *zstd, struct str frame, size_t most, struct buf *out, struct err *err)
{
    size_t len = 0;
    int code = check(frame, most, &len, err);
    if (code < 0)
        return code;
    if (!zstd->unpack && !(zstd->unpack = ZSTD_createDCtx()))
        arena_exhausted(0);
    char *to = buf_reserve(out, len);
    if (!to)
        return err_set(err, ERR_LIMIT, "the zstd frame has %zu bytes of text, too many here", len);
    size_t n = ZSTD_decompressDCtx(zstd->unpack, to, len, frame.ptr, frame.len);
    if (ZSTD_isError(n) || n != len)
        return err_set(err, ERR_PARSE, "the zstd frame is damaged: %s",
                       ZSTD_isError(n) ? ZSTD_getErrorName(n) : "its text has another length");
    buf_commit(out, len);
    return 0;
}
