// SPDX-License-Identifier: Apache-2.0
#include "lib/base/re.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"

/* Compiling to machine code costs about as much as this many matches save. */
enum { JIT_AFTER_USES = 1500, JIT_STACK_FIRST = 32 * 1024, JIT_STACK_MAX = 1024 * 1024 };
/* Between two counted steps a match may walk over the whole pattern, so long ones get fewer. */
enum { FULL_LIMIT_CODE_SIZE = 4096 };
enum { BUCKETS = 1024 };

struct re {
    struct re *next_in_bucket;
    struct re *older, *newer; /* order of last use */
    uint64_t hash;
    unsigned flags, uses;
    bool jit_tried, has_jit;
    pcre2_code *code;
    uint32_t match_limit;
    uint32_t pairs; /* offsets of the whole match and of each group */
    struct cache *cache;
    size_t pattern_len;
    char pattern[];
};

/* One per thread: nothing in here is shared or locked. */
struct cache {
    struct re *buckets[BUCKETS];
    struct re *newest, *oldest;
    size_t len;
    /* Shared by all patterns, as it keeps up to LIMIT_RE_HEAP_KIB between matches. */
    pcre2_match_data *match_data;
    uint32_t match_data_pairs;
    pcre2_match_context *match_context;
    pcre2_jit_stack *jit_stack;
};

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key; /* its destructor frees the cache when a thread ends */
static _Thread_local struct cache *own_cache;

static void *checked(void *ptr, size_t size)
{
    if (!ptr)
        arena_exhausted(size);
    return ptr;
}

static void re_free(struct re *re)
{
    pcre2_code_free(re->code);
    free(re);
}

static void cache_free(void *value)
{
    struct cache *cache = value;
    for (struct re *re = cache->newest, *older; re; re = older) {
        older = re->older;
        re_free(re);
    }
    pcre2_match_data_free(cache->match_data);
    pcre2_match_context_free(cache->match_context);
    pcre2_jit_stack_free(cache->jit_stack);
    free(cache);
    own_cache = NULL;
}

static void make_key(void)
{
    if (pthread_key_create(&key, cache_free) != 0)
        arena_exhausted(sizeof key);
}

static struct cache *cache_get(void)
{
    if (own_cache)
        return own_cache;
    pthread_once(&key_once, make_key);
    struct cache *cache = checked(calloc(1, sizeof *cache), sizeof *cache);
    cache->match_context = checked(pcre2_match_context_create(NULL), 1);
    pcre2_set_depth_limit(cache->match_context, LIMIT_RE_DEPTH);
    pcre2_set_heap_limit(cache->match_context, LIMIT_RE_HEAP_KIB);
    pthread_setspecific(key, cache);
    own_cache = cache;
    return cache;
}

void re_cache_clear(void)
{
    if (!own_cache)
        return;
    pthread_setspecific(key, NULL);
    cache_free(own_cache);
}

static void unlink_use(struct cache *cache, struct re *re)
{
    *(re->newer ? &re->newer->older : &cache->newest) = re->older;
    *(re->older ? &re->older->newer : &cache->oldest) = re->newer;
}

static void link_newest(struct cache *cache, struct re *re)
{
    re->newer = NULL;
    re->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = re;
    cache->newest = re;
}

static void evict_oldest(struct cache *cache)
{
    struct re *re = cache->oldest;
    struct re **at = &cache->buckets[re->hash % BUCKETS];
    while (*at != re)
        at = &(*at)->next_in_bucket;
    *at = re->next_in_bucket;
    unlink_use(cache, re);
    re_free(re);
    cache->len--;
}

static uint64_t pattern_hash(struct str pattern, unsigned flags)
{
    return hash_table(pattern) ^ flags;
}

static struct re *cache_find(const struct cache *cache, struct str pattern, unsigned flags)
{
    uint64_t hash = pattern_hash(pattern, flags);
    struct re *re = cache->buckets[hash % BUCKETS];
    while (re && !(re->hash == hash && re->flags == flags &&
                   str_eq(str_make(re->pattern, re->pattern_len), pattern)))
        re = re->next_in_bucket;
    return re;
}

/* Hex digits at the start of a text, at most `most`. */
static size_t hex_digits(const char *text, const char *end, size_t most)
{
    size_t n = 0;
    while (n < most && text + n < end && isxdigit((unsigned char)text[n]))
        n++;
    return n;
}

/* "uXXXX" or "u{X}" of a character: how long it is, and where its digits are; 0 = neither. */
static size_t unicode_escape(const char *at, const char *end, const char **ret_hex, size_t *ret_len)
{
    bool braces = at + 1 < end && at[1] == '{';
    *ret_hex = at + 1 + braces;
    *ret_len = hex_digits(*ret_hex, end, braces ? 6 : 4);
    if (braces)
        return *ret_len > 0 && *ret_hex + *ret_len < end && (*ret_hex)[*ret_len] == '}'
                   ? *ret_len + 3
                   : 0;
    return *ret_len == 4 ? 5 : 0;
}

static unsigned surrogate(const char *hex)
{
    char digits[5] = {hex[0], hex[1], hex[2], hex[3], '\0'};
    return (unsigned)strtoul(digits, NULL, 16);
}

/*
 * \uXXXX and \u{X}, which contracts of other languages use, as PCRE2 writes them: \x{X}. Two
 * surrogates are one character. Nothing else is touched, least of all what \Q quotes.
 */
static void write_escapes(struct str pattern, struct buf *out)
{
    const char *end = pattern.ptr + pattern.len;
    bool quoted = false;
    for (const char *at = pattern.ptr; at < end;) {
        const char *hex = NULL, *low = NULL;
        size_t hex_len = 0, low_len = 0, len = 0;
        char next = at + 1 < end ? at[1] : '\0';
        if (*at != '\\' || next == '\0' || (quoted && next != 'E')) {
            buf_putc(out, *at++);
            continue;
        }
        quoted = next == 'Q' || (quoted && next != 'E');
        len = next == 'u' ? unicode_escape(at + 1, end, &hex, &hex_len) : 0;
        if (len == 0) {
            buf_append(out, at, 2);
            at += 2;
            continue;
        }
        at += 1 + len;
        bool high = len == 5 && surrogate(hex) >= 0xd800 && surrogate(hex) < 0xdc00;
        if (high && end - at >= 6 && at[0] == '\\' && at[1] == 'u' &&
            unicode_escape(at + 1, end, &low, &low_len) == 5 && surrogate(low) >= 0xdc00 &&
            surrogate(low) < 0xe000) {
            buf_printf(out, "\\x{%x}",
                       0x10000 + ((surrogate(hex) - 0xd800) << 10) + (surrogate(low) - 0xdc00));
            at += 6;
        } else {
            buf_printf(out, "\\x{%.*s}", (int)hex_len, hex);
        }
    }
}

static int compile_text(struct str pattern, unsigned flags, pcre2_code **ret, struct err *err)
{
    /* \C could split a character and hand out text that is no UTF-8. */
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
    if (flags & RE_WHOLE)
        options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    if (flags & RE_NOCASE)
        options |= PCRE2_CASELESS;
    int number;
    PCRE2_SIZE offset;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &number, &offset, NULL);
    if (!code) {
        char reason[256];
        pcre2_get_error_message(number, (PCRE2_UCHAR *)reason, sizeof reason);
        return err_set(err, ERR_PARSE, "regular expression '%.*s': %s at offset %zu",
                       (int)(pattern.len < 200 ? pattern.len : 200), pattern.ptr, reason,
                       (size_t)offset);
    }
    *ret = code;
    return 0;
}

static int compile(struct str pattern, unsigned flags, pcre2_code **ret, struct err *err)
{
    /* \u000a is three bytes longer as \x{000a}: at most doubled. */
    struct buf text BUF_AUTO = BUF_INIT(2 * LIMIT_RE_PATTERN);
    if (str_find(pattern, STR("\\u")) < 0)
        return compile_text(pattern, flags, ret, err);
    write_escapes(pattern, &text);
    return compile_text(buf_view(&text), flags, ret, err);
}

static struct re *cache_add(struct cache *cache, struct str pattern, unsigned flags,
                            pcre2_code *code)
{
    if (cache->len >= LIMIT_RE_CACHE)
        evict_oldest(cache);
    size_t size = sizeof(struct re) + pattern.len;
    struct re *re = checked(malloc(size), size);
    *re = (struct re){.hash = pattern_hash(pattern, flags), .flags = flags, .cache = cache};
    re->code = code;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &re->pairs);
    re->pairs++;
    size_t code_size = 0;
    pcre2_pattern_info(code, PCRE2_INFO_SIZE, &code_size);
    re->match_limit = (uint32_t)(LIMIT_RE_MATCH / (code_size / FULL_LIMIT_CODE_SIZE + 1));
    re->pattern_len = pattern.len;
    memcpy(re->pattern, pattern.ptr, pattern.len);
    struct re **bucket = &cache->buckets[re->hash % BUCKETS];
    re->next_in_bucket = *bucket;
    *bucket = re;
    link_newest(cache, re);
    cache->len++;
    return re;
}

int re_get(struct str pattern, unsigned flags, const struct re **ret, struct err *err)
{
    if (pattern.len > LIMIT_RE_PATTERN)
        return err_set(err, ERR_LIMIT, "regular expression is longer than %d bytes",
                       LIMIT_RE_PATTERN);
    if (!pattern.ptr)
        pattern = STR("");
    struct cache *cache = cache_get();
    struct re *re = cache_find(cache, pattern, flags);
    if (re) {
        unlink_use(cache, re);
        link_newest(cache, re);
        *ret = re;
        return 0;
    }
    pcre2_code *code = NULL;
    int rc = compile(pattern, flags, &code, err);
    if (rc < 0)
        return rc;
    *ret = cache_add(cache, pattern, flags, code);
    return 0;
}

static void try_jit(struct re *re)
{
    if (re->jit_tried)
        return;
    re->jit_tried = true;
    struct cache *cache = re->cache;
    if (!cache->jit_stack) {
        cache->jit_stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MAX, NULL);
        if (!cache->jit_stack)
            return;
        pcre2_jit_stack_assign(cache->match_context, NULL, cache->jit_stack);
    }
    re->has_jit = pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE) == 0;
}

static int run(struct re *re, struct str text, uint32_t options)
{
    return pcre2_match(re->code, (PCRE2_SPTR)text.ptr, text.len, 0, options, re->cache->match_data,
                       re->cache->match_context);
}

static bool is_limit(int rc)
{
    return rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT ||
           rc == PCRE2_ERROR_HEAPLIMIT || rc == PCRE2_ERROR_JIT_STACKLIMIT;
}

static void make_match_data(struct cache *cache, uint32_t pairs)
{
    enum { FIRST_PAIRS = 16 };
    if (cache->match_data_pairs >= pairs)
        return;
    pcre2_match_data_free(cache->match_data);
    cache->match_data_pairs = pairs < FIRST_PAIRS ? FIRST_PAIRS : pairs;
    cache->match_data = checked(pcre2_match_data_create(cache->match_data_pairs, NULL), pairs);
}

/*
 * The interpreter and the machine code count their steps differently. What the first cannot decide
 * within the limits is given to the other, whichever came first, so that an answer does not depend
 * on how often a pattern has been used before.
 */
static int run_both(struct re *re, struct str text)
{
    bool jit_first = re->has_jit;
    int rc = run(re, text, jit_first ? 0 : PCRE2_NO_JIT);
    if (!is_limit(rc))
        return rc;
    try_jit(re);
    if (!re->has_jit)
        return rc;
    return run(re, text, jit_first ? PCRE2_NO_JIT : 0);
}

static int explain(struct re *re, int rc, struct err *err)
{
    int shown = (int)(re->pattern_len < 200 ? re->pattern_len : 200);
    if (is_limit(rc))
        return err_set(err, ERR_LIMIT,
                       "regular expression '%.*s' takes too many steps on this text; make it less "
                       "ambiguous",
                       shown, re->pattern);
    if (rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21)
        return err_set(err, ERR_PARSE, "text is not valid utf-8 at offset %zu",
                       (size_t)pcre2_get_startchar(re->cache->match_data));
    char reason[256];
    pcre2_get_error_message(rc, (PCRE2_UCHAR *)reason, sizeof reason);
    return err_set(err, ERR_INTERNAL, "regular expression '%.*s': %s", shown, re->pattern, reason);
}

int re_match(const struct re *re, struct str text, struct str *groups, size_t n, struct err *err)
{
    /* The handle is const for its users; counters and match data are the cache's own. */
    struct re *own = (struct re *)re;
    if (!text.ptr)
        text = STR("");
    if (++own->uses == JIT_AFTER_USES)
        try_jit(own);
    make_match_data(own->cache, own->pairs);
    pcre2_set_match_limit(own->cache->match_context, own->match_limit);
    int rc = run_both(own, text);
    if (rc == PCRE2_ERROR_NOMATCH)
        return 0;
    if (rc < 0)
        return explain(own, rc, err);
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(own->cache->match_data);
    for (size_t i = 0; i < n; i++) {
        bool took_part = i < (size_t)rc && at[2 * i] != PCRE2_UNSET && at[2 * i] <= at[2 * i + 1];
        groups[i] =
            took_part ? str_make(text.ptr + at[2 * i], at[2 * i + 1] - at[2 * i]) : STR_NONE;
    }
    return 1;
}

int re_test(const struct re *re, struct str text, struct err *err)
{
    return re_match(re, text, NULL, 0, err);
}
