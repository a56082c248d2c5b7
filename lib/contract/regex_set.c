// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/regex_set.h"

#include <ctype.h>

#include "lib/base/arena.h"
#include "lib/base/re.h"

/* Something of many scripts and categories. */
static const char others[] =
    "\u00e9\u00df\u00d1\u0141\u017e\u0391\u03c9\u0411\u044f\u0531\u05d0\u05e9\u0628\u0639\u0915"
    "\u0e01\u10d0\u1100\u3042\u30ab\u4e00\u6f22\uac00\u0663\u0967\u00bd\u2167\u00b2\u00a5\u20ac"
    "\u00a9\u00b0\u00b1\u00d7\u2013\u2014\u201c\u201d\u00ab\u2026\u2192\u2211\u2605\U0001f600"
    "\u0301\u00a0\u2003\u2028\u3000\u200b\u0378\ue000";

static size_t character_len(struct str text, size_t at)
{
    unsigned char c = (unsigned char)text.ptr[at];
    size_t len = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return len < text.len - at ? len : text.len - at;
}

struct str regex_utf8(struct arena *arena, uint32_t c)
{
    char bytes[4];
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        return STR("");
    }
    for (size_t i = len - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    bytes[0] = (char)(lead[len] | c);
    return str_dup(arena, str_make(bytes, len));
}

/* Digits of a base from `at`, at most `most`. */
static size_t digits(struct str text, size_t at, size_t most, unsigned base, uint32_t *ret)
{
    size_t n = 0;
    *ret = 0;
    for (; n < most && at + n < text.len && isxdigit((unsigned char)text.ptr[at + n]); n++) {
        unsigned char c = (unsigned char)text.ptr[at + n];
        unsigned digit = isdigit(c) ? (unsigned)(c - '0') : (unsigned)(tolower(c) - 'a') + 10;
        if (digit >= base) {
            break;
        }
        *ret = *ret * base + digit;
    }
    return n;
}

/* One number: "41" or "{1F600}" after its letter. */
static size_t braced(struct str text, size_t most, unsigned base, uint32_t *ret)
{
    size_t n;
    if (!str_starts(str_sub(text, 1, text.len), STR("{"))) {
        n = digits(text, 1, most, base, ret);
        return n > 0 ? 1 + n : 0;
    }
    n = digits(text, 2, 8, base, ret);
    return n > 0 && 2 + n < text.len && text.ptr[2 + n] == '}' ? n + 3 : 0;
}

size_t regex_number(struct str text, uint32_t *ret)
{
    uint32_t low = 0;
    char letter = text.len > 0 ? text.ptr[0] : '\0';
    if (letter == 'x') {
        return braced(text, 2, 16, ret);
    }
    if (letter == 'o') {
        return braced(text, 0, 8, ret);
    }
    if (letter == '0') {
        return 1 + digits(text, 1, 2, 8, ret);
    }
    size_t len = letter == 'u' ? braced(text, 4, 16, ret) : 0;
    if (len == 5 && *ret >= 0xd800 && *ret < 0xdc00 && text.len >= 12 && text.ptr[5] == '\\' &&
        braced(str_sub(text, 6, text.len), 4, 16, &low) == 5 && low >= 0xdc00 && low < 0xe000) {
        *ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
        len = 11;
    }
    return len;
}

static void try(struct regex_set *set, struct arena *arena, const struct re *re, struct str c)
{
    if (c.len > 0 && re_test(re, c, NULL) == 1) {
        *VEC_PUSH(arena, set) = c;
    }
}

static void try_range(struct regex_set *set, struct arena *arena, const struct re *re,
                      uint32_t from, uint32_t to)
{
    for (uint32_t c = from; c <= to; c++) {
        try(set, arena, re, regex_utf8(arena, c));
    }
}

/* Characters beyond ASCII of the source: the ends of its ranges, above all. */
static void try_source(struct regex_set *set, struct arena *arena, const struct re *re)
{
    struct str text = set->source;
    for (size_t i = 0, len = 1; i < text.len; i += len) {
        uint32_t c = 0;
        len = character_len(text, i);
        if (len > 1) {
            try(set, arena, re, str_sub(text, i, len));
        } else if (text.ptr[i] == '\\') {
            size_t used = regex_number(str_sub(text, i + 1, text.len), &c);
            len = used ? 1 + used : 1;
            if (used) {
                try(set, arena, re, regex_utf8(arena, c));
            }
        }
    }
}

void regex_set_fill(struct regex_set *set, struct arena *arena)
{
    const struct re *re = NULL;
    if (re_get(set->source, RE_WHOLE, &re, NULL) != 0) {
        return;
    }
    try_range(set, arena, re, ' ', '~');
    if (set->len > 0) {
        return;
    }
    struct str rest = str_of(others);
    for (size_t i = 0; i < rest.len; i += character_len(rest, i)) {
        try(set, arena, re, str_sub(rest, i, character_len(rest, i)));
    }
    try_source(set, arena, re);
    if (set->len == 0) {
        try_range(set, arena, re, 0, 0x1f);
        try_range(set, arena, re, 0x7f, 0x9f);
    }
}
