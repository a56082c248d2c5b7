// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_RE_FLAVOUR_H
#define TALLY_LIB_BASE_RE_FLAVOUR_H
/*
 * Patterns of contracts come from Ruby (Oniguruma), Java, Rust and JavaScript. What PCRE2 would
 * refuse or read as something else is rewritten so that it means what it means there:
 *
 *   \h \H              a hexadecimal digit, or none (Oniguruma; PCRE2 and Java: white space)
 *   \u00e9 \u{e9}      the character; two surrogates are one character
 *   \p{Alnum} \p{IsL}  POSIX names, Java's prefix `Is`, long names of general categories
 *   [\w-.]             a hyphen beside a class is a hyphen
 *   [a-z&&[^aeiou]]    intersections and unions of classes, where the brackets balance
 *   a{,3}              none to three
 *   (?u) (?d)          flags for what is the case anyway
 *   (?m)               ^ and $ at lines (Java, JavaScript), and . for a line's end too (Ruby)
 *
 * All else stays as it is, and PCRE2 says what it does not know. For lib/base only.
 */
#include "lib/base/str.h"

struct buf;
struct err;

/* A translation may be this many times as long as the pattern. */
#define RE_FLAVOUR_GROWTH 16

/*
 * The pattern as PCRE2 is to read it: itself, or the content of `out`. Errors: ERR_LIMIT nested
 * deeper than LIMIT_RE_NESTING, or too long for `out`; ERR_PARSE what PCRE2 would take for
 * something else and has no words for.
 */
int re_flavour(struct str pattern, struct buf *out, struct str *ret, struct err *err);

#endif
