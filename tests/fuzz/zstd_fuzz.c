// SPDX-License-Identifier: Apache-2.0
/* Frames of any bytes; what is read from one, and any other text, must survive packing. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/wire/zstd.h"

enum { MOST = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(struct zstd *zstd, struct str text)
{
    struct buf frame BUF_AUTO = BUF_INIT(MOST), again BUF_AUTO = BUF_INIT(MOST);

    if (!zstd_pack(zstd, text, &frame)) {
        if (frame.len != 0)
            abort();
        return;
    }
    if (frame.len >= text.len || zstd_unpack(zstd, buf_view(&frame), text.len, &again, NULL) < 0 ||
        !str_eq(buf_view(&again), text))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct zstd *zstd = zstd_new();
    struct str bytes = str_make((const char *)data, size);
    struct buf text BUF_AUTO = BUF_INIT(MOST);

    if (zstd_unpack(zstd, bytes, MOST, &text, NULL) < 0) {
        if (text.len != 0)
            abort();
    } else if (text.len == 0 || text.len > MOST) {
        abort();
    } else {
        check_round_trip(zstd, buf_view(&text));
    }
    check_round_trip(zstd, bytes);
    zstd_free(zstd);
    return 0;
}
