// SPDX-License-Identifier: Apache-2.0
#include "lib/base/str.h"

#include <stdarg.h>

#include "lib/base/arena.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order != 0)
        return order < 0 ? -1 : 1;
    return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, suffix.len), suffix);
}

long str_find(struct str s, struct str needle)
{
    if (needle.len == 0)
        return 0;
    if (s.len < needle.len)
        return -1;
    const char *at = memmem(s.ptr, s.len, needle.ptr, needle.len);
    return at ? (long)(at - s.ptr) : -1;
}

long str_chr(struct str s, char c)
{
    const char *at = s.len > 0 ? memchr(s.ptr, c, s.len) : NULL;
    return at ? (long)(at - s.ptr) : -1;
}

struct str str_sub(struct str s, size_t from, size_t len)
{
    if (!s.ptr)
        return STR_NONE;
    if (from > s.len)
        from = s.len;
    if (len > s.len - from)
        len = s.len - from;
    return (struct str){s.ptr + from, len};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && is_space(s.ptr[s.len - 1]))
        s.len--;
    while (s.len > 0 && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    return s;
}

struct str str_cut(struct str *rest, char sep)
{
    struct str all = *rest;
    long at = str_chr(all, sep);
    if (at < 0) {
        *rest = STR_NONE;
        return all;
    }
    *rest = str_sub(all, (size_t)at + 1, all.len);
    return str_sub(all, 0, (size_t)at);
}

struct str str_dup(struct arena *arena, struct str s)
{
    if (!s.ptr)
        return STR_NONE;
    return (struct str){arena_strndup(arena, s.ptr, s.len), s.len};
}

char *str_cstr(struct arena *arena, struct str s)
{
    return s.ptr ? arena_strndup(arena, s.ptr, s.len) : NULL;
}

struct str str_lower(struct arena *arena, struct str s)
{
    if (!s.ptr)
        return STR_NONE;
    char *copy = arena_strndup(arena, s.ptr, s.len);
    for (size_t i = 0; i < s.len; i++)
        copy[i] = lower(copy[i]);
    return (struct str){copy, s.len};
}

struct str str_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    struct str s = str_of(arena_vprintf(arena, fmt, args));
    va_end(args);
    return s;
}

bool str_to_i64(struct str s, int64_t min, int64_t max, int64_t *ret_value)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    struct str digits = negative ? str_sub(s, 1, s.len) : s;
    if (digits.len == 0)
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.ptr[i];
        if (c < '0' || c > '9')
            return false;
        int64_t digit = negative ? -(c - '0') : c - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    if (value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}

/* RFC 3629 §4: lead bytes, and what the second byte may be so that nothing is overlong, a
 * surrogate or beyond U+10FFFF. */
static const struct utf8_row {
    unsigned char lead_from, lead_to, second_from, second_to;
    unsigned char len;
} utf8_rows[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Length of the well-formed sequence of several bytes at the start of p, or 0. */
static size_t utf8_sequence(const unsigned char *p, size_t len)
{
    for (size_t i = 0; i < sizeof utf8_rows / sizeof utf8_rows[0]; i++) {
        const struct utf8_row *row = &utf8_rows[i];
        if (p[0] < row->lead_from || p[0] > row->lead_to)
            continue;
        if (len < row->len || p[1] < row->second_from || p[1] > row->second_to)
            return 0;
        for (size_t k = 2; k < row->len; k++)
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        return row->len;
    }
    return 0;
}

bool str_is_utf8(struct str s, size_t *ret_bad_at)
{
    const unsigned char *bytes = (const unsigned char *)s.ptr;
    size_t i = 0;
    while (i < s.len) {
        uint64_t eight;
        if (s.len - i >= sizeof eight) {
            memcpy(&eight, bytes + i, sizeof eight);
            if ((eight & 0x8080808080808080u) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        size_t step = bytes[i] < 0x80 ? 1 : utf8_sequence(bytes + i, s.len - i);
        if (step == 0) {
            if (ret_bad_at)
                *ret_bad_at = i;
            return false;
        }
        i += step;
    }
    return true;
}
