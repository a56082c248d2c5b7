// SPDX-License-Identifier: Apache-2.0
/* Targets, paths and queries on any bytes; what was decoded must survive encoding. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/wire/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(struct str text, bool plus, struct arena *arena)
{
    struct str decoded, again;

    if (url_decode(text, plus, arena, &decoded, NULL) < 0)
        return;
    if (decoded.len > text.len)
        abort();
    struct str encoded = url_encode(arena, decoded);
    if (url_decode(encoded, plus, arena, &again, NULL) < 0 || !str_eq(decoded, again))
        abort();
}

static void check_query(struct str query, struct arena *arena)
{
    struct url_params params, again;

    if (url_query_parse(query, arena, &params, NULL) < 0)
        return;
    struct str written = url_query_write(arena, &params);
    if (url_query_parse(written, arena, &again, NULL) < 0)
        abort();
    /* a nameless parameter without value is written as nothing */
    size_t k = 0;
    VEC_EACH(&params, const struct url_param *, param) {
        if (param->name.len == 0 && !param->value.ptr)
            continue;
        if (k >= again.len || !str_eq(param->name, again.items[k].name) ||
            !str_eq(param->value, again.items[k].value) ||
            !param->value.ptr != !again.items[k].value.ptr)
            abort();
        k++;
    }
    if (k != again.len)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str text = str_make((const char *)data, size), path, query;
    struct url_segments segments;

    check_round_trip(text, false, arena);
    check_round_trip(text, true, arena);
    check_query(text, arena);
    url_segments(text, arena, &segments, NULL);
    if (url_split_target(text, &path, &query, NULL) == 0) {
        if (path.len == 0 || path.ptr[0] != '/' || str_chr(path, '?') >= 0)
            abort();
        url_segments(path, arena, &segments, NULL);
    }
    struct str shown = url_redact(arena, text);
    if (shown.len > text.len)
        abort();
    url_join(arena, text, STR("/x"));
    return 0;
}
