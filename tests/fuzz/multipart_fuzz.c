// SPDX-License-Identifier: Apache-2.0
/* Multipart bodies: the first line is the boundary, the rest the body. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/wire/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str rest = str_make((const char *)data, size);
    struct str boundary = str_cut(&rest, '\n');
    struct multipart parts = {0};

    multipart_boundary(rest);
    multipart_param(rest, "name", arena);
    if (!rest.ptr || multipart_parse(rest, boundary, arena, &parts, NULL) != 0)
        return 0;
    const char *at = rest.ptr;
    VEC_EACH(&parts, const struct multipart_part *, part) {
        if (part->body.ptr < at || part->body.ptr + part->body.len > rest.ptr + rest.len)
            abort(); /* parts follow one another inside the text */
        at = part->body.ptr + part->body.len;
        if (part->name.ptr && !part->disposition.ptr)
            abort();
        VEC_EACH(&part->headers, const struct header *, header)
            if (!headers_name_ok(header->name) || str_chr(header->value, '\n') >= 0)
                abort();
    }
    return 0;
}
