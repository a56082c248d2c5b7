// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_RE_H
#define TALLY_LIB_BASE_RE_H
/*
 * Regular expressions (PCRE2, UTF-8, Unicode classes) with limits on steps and depth. A pattern
 * that explodes is an error ("could not tell"), never "does not match".
 *
 * \uXXXX and \u{X} stand for characters, as in the patterns of other languages.
 *
 * Patterns are compiled once per thread and kept; JIT only after many uses of one pattern.
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
 * Borrowed handle owned by the thread's cache, for this thread only; valid until the thread has
 * asked for LIMIT_RE_CACHE other patterns, ends, or calls re_cache_clear(): get it where it is
 * used. Errors: ERR_PARSE with the offset in the pattern, ERR_LIMIT pattern longer than
 * LIMIT_RE_PATTERN.
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
/* Free the calling thread's cache (also done at thread exit). */
void re_cache_clear(void);

#endif
