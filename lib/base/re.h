// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_RE_H
#define TALLY_LIB_BASE_RE_H
/*
 * Regular expressions (PCRE2, UTF-8, Unicode classes) with limits on steps and depth. A pattern
 * that explodes is an error ("could not tell"), never "does not match". What Oniguruma, Java and
 * JavaScript write differently is translated first, see re_flavour.h.
 *
 * A pattern is compiled once in a process, and to machine code once it has been used often; threads
 * share it without locks. A pattern that cannot be compiled is remembered as well. When there are
 * LIMIT_RE_CACHE of them, or LIMIT_RE_CACHE_BYTES, further ones are compiled for the thread that
 * asks, which keeps the last LIMIT_RE_SPARE of those.
 */
#include "lib/base/str.h"

struct arena;
struct err;
struct re;

/* Whole input must match (anchored at both ends; alternation backtracks to the full length). */
#define RE_WHOLE 1u
/* Case does not matter (simple Unicode case folding). */
#define RE_NOCASE 2u

/*
 * Borrowed handle for the calling thread, valid until that thread has asked for LIMIT_RE_SPARE
 * other patterns, ends, or calls re_cache_clear(): get it where it is used. Errors: ERR_PARSE with
 * the offset in the pattern, ERR_LIMIT pattern longer than LIMIT_RE_PATTERN.
 */
int re_get(struct str pattern, unsigned flags, const struct re **ret, struct err *err);
/*
 * 1 match, 0 no match, or a negative err_code: ERR_LIMIT when a limit of limits.h was reached,
 * ERR_PARSE when the text is not UTF-8.
 */
int re_test(const struct re *re, struct str text, struct err *err);
/*
 * As re_test; on a match groups[i] is what group i took (group 0 the whole match; absent if it took
 * no part). Fills at most n groups.
 */
int re_match(const struct re *re, struct str text, struct str *groups, size_t n, struct err *err);
/* Free what the calling thread keeps for itself (also done at thread exit). */
void re_cache_clear(void);

#endif
