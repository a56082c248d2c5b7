// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_STR_H
#define TALLY_LIB_BASE_STR_H
/*
 * Borrowed strings: bytes with a length, not NUL-terminated, may hold NUL. A null pointer means
 * "absent", which is not the same as empty.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE     ((struct str){0})
/* printf("%.*s", STR_FMT(s)); s is evaluated several times */
#define STR_FMT(s) (int)(s).len, (s).ptr ? (s).ptr : ""

static inline struct str str_of(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}
static inline struct str str_make(const char *ptr, size_t len)
{
    return (struct str){ptr, len};
}
static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool str_is(struct str a, const char *text)
{
    return str_eq(a, str_of(text));
}
bool str_eq_nocase(struct str a, struct str b); /* ASCII letters */
int str_cmp(struct str a, struct str b);        /* byte order, shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Offset of needle in s, or -1. */
long str_find(struct str s, struct str needle);
long str_chr(struct str s, char c);
struct str str_sub(struct str s, size_t from, size_t len); /* clipped to s */
struct str str_trim(struct str s);                         /* ASCII space, tab, CR, LF */
/* Cut the text before sep off *rest and return it; without sep all of it, *rest becomes absent. */
struct str str_cut(struct str *rest, char sep);
struct str str_dup(struct arena *arena,
                   struct str s);                  /* NUL-terminated copy; absent stays absent */
char *str_cstr(struct arena *arena, struct str s); /* the same as char *; NULL when absent */
struct str str_lower(struct arena *arena, struct str s);
struct str str_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Whole text is a decimal integer ("-" allowed, "+" not) within [min, max]. */
bool str_to_i64(struct str s, int64_t min, int64_t max, int64_t *ret_value);
/*
 * True if well-formed UTF-8 (RFC 3629); else *ret_bad_at (may be NULL) is the offset at which the
 * first ill-formed sequence starts.
 */
bool str_is_utf8(struct str s, size_t *ret_bad_at);

#endif
