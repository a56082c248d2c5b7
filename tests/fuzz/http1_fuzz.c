// SPDX-License-Identifier: Apache-2.0
/*
 * The HTTP/1.1 codec on any bytes. The first byte chooses the parser (bit 0 response, bit 1
 * lenient, bit 2 small limits, bit 3 answer to HEAD) and how the rest is cut into pieces; the
 * events must not depend on the cutting.
 */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/wire/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(struct buf *out, char kind, struct str text)
{
    buf_putc(out, kind);
    buf_printf(out, "%zu:", text.len);
    buf_str(out, text);
}

static void tell_fields(struct buf *out, const struct headers *fields)
{
    VEC_EACH(fields, const struct header *, field) {
        tell(out, 'n', field->name);
        tell(out, 'v', field->value);
    }
}

static void tell_head(struct buf *out, const struct http1_head *head)
{
    buf_printf(out, "H%d.%d.%d.%d.%d.%d.%d.%llu", head->status, head->minor, head->chunked,
               head->has_length, head->keep_alive, head->expect_continue, head->upgrade,
               (unsigned long long)head->length);
    tell(out, 'm', head->method);
    tell(out, 't', head->target);
    tell(out, 'r', head->reason);
    tell_fields(out, &head->headers);
    for (size_t i = 0; i < head->violations.len; i++)
        tell(out, 'x', head->violations.items[i]);
}

/* A strict head must satisfy what the rest of the program relies on. */
static void check_strict(const struct http1_head *head)
{
    if (head->violations.len > 0 || (head->chunked && head->has_length))
        abort();
    VEC_EACH(&head->headers, const struct header *, field) {
        if (!headers_name_ok(field->name) || !headers_value_ok(field->value))
            abort();
    }
}

static bool on_event(struct http1 *parser, enum http1_event event, int mode, struct buf *out,
                     struct arena *arena)
{
    switch (event) {
    case HTTP1_HEAD:
        if (!(mode & 2))
            check_strict(http1_head(parser));
        if (mode & 1)
            http1_body_rules(parser, mode & 8 ? STR("HEAD") : STR("GET"));
        tell_head(out, http1_head(parser));
        return true;
    case HTTP1_END:
        buf_putc(out, 'E');
        tell_fields(out, &http1_head(parser)->trailers);
        http1_restart(parser, arena);
        return true;
    default:
        buf_printf(out, "B%d", http1_bad_status(parser));
        tell(out, 'w', str_of(http1_bad_text(parser)));
        return false;
    }
}

static void trace(int mode, struct str input, size_t step, struct buf *out)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct http1_limits small = {
        .line = 40, .head = 120, .headers = 4, .chunk_line = 8, .trailers = 20, .body = 30};
    struct http1 *parser =
        http1_new(mode & 1 ? HTTP1_RESPONSE : HTTP1_REQUEST, mode & 4 ? &small : NULL, mode & 2);
    struct buf body BUF_AUTO = BUF_INIT(1u << 20);
    size_t at = 0, end = 0;

    http1_restart(parser, arena);
    for (bool going = true; going;) {
        struct str data = STR_NONE;
        size_t used = 0;
        enum http1_event event = http1_next(parser, str_sub(input, at, end - at), &used, &data);
        if (used > end - at)
            abort();
        at += used;
        if (event == HTTP1_DATA) {
            if (data.len == 0)
                abort();
            buf_str(&body, data);
            continue;
        }
        if (event == HTTP1_MORE) {
            if (at != end)
                abort();
            going = end < input.len;
            end = end + step < input.len ? end + step : input.len;
            continue;
        }
        tell(out, 'd', buf_view(&body));
        buf_clear(&body);
        going = on_event(parser, event, mode, out, arena);
    }
    tell(out, 'd', buf_view(&body));
    buf_printf(out, "I%d%d", http1_in_head(parser), http1_in_message(parser));
    buf_printf(out, "F%d", http1_eof(parser));
    http1_free(parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    int mode = data[0] & 15;
    size_t step = (size_t)(data[0] >> 4) + 2;
    struct str input = str_make((const char *)data + 1, size - 1);
    struct buf whole BUF_AUTO = BUF_INIT(16u << 20), bytes BUF_AUTO = BUF_INIT(16u << 20),
                     pieces BUF_AUTO = BUF_INIT(16u << 20);

    trace(mode, input, size, &whole);
    trace(mode, input, 1, &bytes);
    trace(mode, input, step, &pieces);
    if (!str_eq(buf_view(&whole), buf_view(&bytes)) || !str_eq(buf_view(&whole), buf_view(&pieces)))
        abort();
    return 0;
}
