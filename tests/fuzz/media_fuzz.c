// SPDX-License-Identifier: Apache-2.0
/* Media types, Accept values and sniffing on any bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/wire/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const offers[] = {"application/hal+json", "application/json;a=b",
                                         "text/html", "text/plain;charset=utf-8"};
    enum { N = sizeof offers / sizeof *offers };
    struct arena *arena ARENA_AUTO = arena_new();
    struct str text = str_make((const char *)data, size);
    struct media media, again;

    if (media_parse(text, arena, &media, NULL) == 0) {
        if (!media_known(&media) || media_kind(&media) == MEDIA_UNKNOWN)
            abort();
        if (media_parse(media_base(&media, arena), arena, &again, NULL) < 0 ||
            !str_eq(media.type, again.type) || !str_eq(media.subtype, again.subtype))
            abort();
        media_param(&media, "charset");
    }
    int chosen = media_negotiate(text, offers, N);
    if (chosen < -1 || chosen >= N)
        abort();
    struct media guess = media_sniff(text);
    if (media_known(&guess) && media_kind(&guess) == MEDIA_UNKNOWN)
        abort();
    return 0;
}
