// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_BUF_H
#define TALLY_LIB_BASE_BUF_H
/*
 * A growing byte buffer that is born with a maximum. Appending beyond it sets `overflow` and drops
 * the rest, so a writer checks once at the end; whatever comes after an overflow is dropped too.
 * The content is always NUL-terminated.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdarg.h>

#include "lib/base/str.h"

struct buf {
    char *ptr; /* NULL until the first append */
    size_t len, cap, max;
    bool overflow;
};

#define BUF_INIT(max_len) ((struct buf){.max = (max_len)})
#define BUF_AUTO          __attribute__((cleanup(buf_release)))

void buf_release(struct buf *buf);
void buf_clear(struct buf *buf); /* empty, no overflow, keeps the memory */
void buf_append(struct buf *buf, const void *data, size_t len);
void buf_str(struct buf *buf, struct str s);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));
/*
 * Room for len more bytes to be written at the returned pointer, then buf_commit(n <= len).
 * NULL (and overflow set) if that is beyond the maximum.
 */
char *buf_reserve(struct buf *buf, size_t len);
void buf_commit(struct buf *buf, size_t len);
/* Drop the first len bytes. */
void buf_consume(struct buf *buf, size_t len);
static inline struct str buf_view(const struct buf *buf)
{
    return (struct str){buf->ptr ? buf->ptr : "", buf->len};
}
/* Content moved out as malloc'ed, NUL-terminated memory; the buffer is empty afterwards. */
char *buf_steal(struct buf *buf);

#endif
