// SPDX-License-Identifier: Apache-2.0
#include "lib/base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"

enum { FIRST_CAP = 64 };

void buf_release(struct buf *buf)
{
    free(buf->ptr);
    *buf = BUF_INIT(buf->max);
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->overflow = false;
    if (buf->ptr)
        buf->ptr[0] = '\0';
}

/* Room for len bytes and the NUL; the caller has checked len against the maximum. */
static void grow(struct buf *buf, size_t len)
{
    size_t need = buf->len + len + 1;
    if (need <= buf->cap)
        return;
    size_t cap = buf->cap > SIZE_MAX / 2 ? need : buf->cap * 2;
    if (cap < FIRST_CAP)
        cap = FIRST_CAP;
    if (cap > buf->max)
        cap = buf->max + 1;
    if (cap < need)
        cap = need;
    char *ptr = realloc(buf->ptr, cap);
    if (!ptr)
        arena_exhausted(cap);
    buf->ptr = ptr;
    buf->cap = cap;
}

void buf_append(struct buf *buf, const void *data, size_t len)
{
    if (buf->overflow)
        return;
    if (len > buf->max - buf->len) {
        len = buf->max - buf->len;
        buf->overflow = true;
    }
    grow(buf, len);
    if (len > 0)
        memcpy(buf->ptr + buf->len, data, len);
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

void buf_str(struct buf *buf, struct str s)
{
    buf_append(buf, s.ptr, s.len);
}

void buf_puts(struct buf *buf, const char *text)
{
    buf_append(buf, text, strlen(text));
}

void buf_putc(struct buf *buf, char c)
{
    if (buf->len + 1 < buf->cap && buf->len < buf->max && !buf->overflow) {
        buf->ptr[buf->len++] = c;
        buf->ptr[buf->len] = '\0';
        return;
    }
    buf_append(buf, &c, 1);
}

void buf_vprintf(struct buf *buf, const char *fmt, va_list args)
{
    if (buf->overflow)
        return;
    va_list again;
    va_copy(again, args);
    size_t room = buf->cap - buf->len;
    int len = vsnprintf(room > 0 ? buf->ptr + buf->len : NULL, room, fmt, again);
    va_end(again);
    assert(len >= 0);
    size_t add = (size_t)len;
    if (add > buf->max - buf->len) {
        add = buf->max - buf->len;
        buf->overflow = true;
    }
    if (add >= room) {
        grow(buf, add);
        vsnprintf(buf->ptr + buf->len, add + 1, fmt, args);
    }
    buf->len += add;
    buf->ptr[buf->len] = '\0';
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    buf_vprintf(buf, fmt, args);
    va_end(args);
}

char *buf_reserve(struct buf *buf, size_t len)
{
    if (buf->overflow)
        return NULL;
    if (len > buf->max - buf->len) {
        buf->overflow = true;
        return NULL;
    }
    grow(buf, len);
    buf->ptr[buf->len] = '\0';
    return buf->ptr + buf->len;
}

void buf_commit(struct buf *buf, size_t len)
{
    assert(len == 0 || len < buf->cap - buf->len);
    if (!buf->ptr)
        return;
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

void buf_consume(struct buf *buf, size_t len)
{
    assert(len <= buf->len);
    if (len == 0)
        return;
    memmove(buf->ptr, buf->ptr + len, buf->len - len);
    buf->len -= len;
    buf->ptr[buf->len] = '\0';
}

char *buf_steal(struct buf *buf)
{
    grow(buf, 0);
    buf->ptr[buf->len] = '\0';
    char *content = buf->ptr;
    *buf = BUF_INIT(buf->max);
    return content;
}
