// SPDX-License-Identifier: Apache-2.0
#include "lib/base/re.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/base/re_flavour.h"

/* Compiling to machine code costs about as much as this many matches save. */
enum { JIT_AFTER_USES = 1500, JIT_STACK_FIRST = 32 * 1024, JIT_STACK_MAX = 1024 * 1024 };
/* Between two counted steps a match may walk over the whole pattern, so long ones get fewer. */
enum { FULL_LIMIT_CODE_SIZE = 4096 };
enum { BUCKETS = 4096 };

/*
 * A pattern that threads share. What is not atomic is written before the pattern is published and
 * never again: compiling to machine code happens on a copy of the code, so that nobody meets a code
 * that is half done.
 */
struct re {
    struct re *next; /* in its bucket */
    uint64_t hash;
    unsigned flags;
    int refused; /* an err_code: the pattern is unusable, `why` says for what reason */
    char *why;
    pcre2_code *code;
    _Atomic(pcre2_code *) jit; /* NULL until it paid */
    atomic_uint uses;          /* counted up to JIT_AFTER_USES only */
    atomic_bool no_jit;        /* tried in vain */
    uint32_t match_limit;
    uint32_t pairs; /* offsets of the whole match and of each group */
    size_t pattern_len;
    char pattern[];
};

/* Grows at the heads of its lists only, and loses nothing: whoever reads needs no lock. */
static struct {
    _Atomic(struct re *) buckets[BUCKETS];
    atomic_size_t len, bytes;
} shared;

/* What a match writes to, and the patterns that found no more room. One per thread. */
struct own {
    struct re *spare[LIMIT_RE_SPARE]; /* in turn; the oldest makes room */
    size_t next_spare;
    /* Of all patterns, as it keeps up to LIMIT_RE_HEAP_KIB between matches. */
    pcre2_match_data *match_data;
    uint32_t match_data_pairs;
    pcre2_match_context *match_context;
    pcre2_jit_stack *jit_stack;
};

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key; /* its destructor frees what is the thread's own when it ends */
static _Thread_local struct own *own_state;

static void *checked(void *ptr, size_t size)
{
    if (!ptr)
        arena_exhausted(size);
    return ptr;
}

static void re_free(struct re *re)
{
    if (!re)
        return;
    pcre2_code_free(re->code);
    pcre2_code_free(atomic_load_explicit(&re->jit, memory_order_relaxed));
    free(re->why);
    free(re);
}

static void own_free(void *value)
{
    struct own *own = value;
    for (size_t i = 0; i < LIMIT_RE_SPARE; i++)
        re_free(own->spare[i]);
    pcre2_match_data_free(own->match_data);
    pcre2_match_context_free(own->match_context);
    pcre2_jit_stack_free(own->jit_stack);
    free(own);
    own_state = NULL;
}

static void make_key(void)
{
    if (pthread_key_create(&key, own_free) != 0)
        arena_exhausted(sizeof key);
}

static struct own *own_get(void)
{
    if (own_state)
        return own_state;
    pthread_once(&key_once, make_key);
    struct own *own = checked(calloc(1, sizeof *own), sizeof *own);
    own->match_context = checked(pcre2_match_context_create(NULL), 1);
    pcre2_set_depth_limit(own->match_context, LIMIT_RE_DEPTH);
    pcre2_set_heap_limit(own->match_context, LIMIT_RE_HEAP_KIB);
    pthread_setspecific(key, own);
    own_state = own;
    return own;
}

void re_cache_clear(void)
{
    if (!own_state)
        return;
    pthread_setspecific(key, NULL);
    own_free(own_state);
}

/* ---- compiling ---- */

static int compile(struct str pattern, unsigned flags, pcre2_code **ret, struct err *err)
{
    /* \C could split a character and hand out text that is no UTF-8. */
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
    if (flags & RE_WHOLE)
        options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    if (flags & RE_NOCASE)
        options |= PCRE2_CASELESS;
    struct buf translated BUF_AUTO = BUF_INIT(RE_FLAVOUR_GROWTH * LIMIT_RE_PATTERN);
    struct str read = pattern;
    int rc = re_flavour(pattern, &translated, &read, err);
    if (rc)
        return rc;
    int number = 0, shown = (int)(pattern.len < 200 ? pattern.len : 200);
    PCRE2_SIZE offset = 0;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)read.ptr, read.len, options, &number, &offset, NULL);
    if (code) {
        *ret = code;
        return 0;
    }
    char reason[256];
    pcre2_get_error_message(number, (PCRE2_UCHAR *)reason, sizeof reason);
    if (read.ptr == pattern.ptr)
        return err_set(err, ERR_PARSE, "regular expression '%.*s': %s at offset %zu", shown,
                       pattern.ptr, reason, (size_t)offset);
    return err_set(err, ERR_PARSE, "regular expression '%.*s', read as '%.*s': %s at offset %zu",
                   shown, pattern.ptr, (int)(read.len < 200 ? read.len : 200), read.ptr, reason,
                   (size_t)offset);
}

static struct re *re_make(struct str pattern, unsigned flags, uint64_t hash)
{
    size_t size = sizeof(struct re) + pattern.len;
    struct re *re = checked(calloc(1, size), size);
    struct err err = ERR_INIT;
    re->hash = hash;
    re->flags = flags;
    re->pattern_len = pattern.len;
    memcpy(re->pattern, pattern.ptr, pattern.len);
    re->refused = compile(pattern, flags, &re->code, &err);
    if (re->refused) {
        re->why = checked(strdup(err.text), sizeof err.text);
        return re;
    }
    pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &re->pairs);
    re->pairs++;
    size_t code_size = 0;
    pcre2_pattern_info(re->code, PCRE2_INFO_SIZE, &code_size);
    re->match_limit = (uint32_t)(LIMIT_RE_MATCH / (code_size / FULL_LIMIT_CODE_SIZE + 1));
    return re;
}

/* ---- finding ---- */

static uint64_t pattern_hash(struct str pattern, unsigned flags)
{
    return hash_table(pattern) ^ flags;
}

static bool is(const struct re *re, struct str pattern, unsigned flags, uint64_t hash)
{
    return re->hash == hash && re->flags == flags &&
           str_eq(str_make(re->pattern, re->pattern_len), pattern);
}

/* In a list from its head up to, and without, a pattern that was seen before. */
static struct re *find_shared(struct re *head, const struct re *end, struct str pattern,
                              unsigned flags, uint64_t hash)
{
    struct re *re = head;
    while (re != end && !is(re, pattern, flags, hash))
        re = re->next;
    return re == end ? NULL : re;
}

static struct re *find_spare(const struct own *own, struct str pattern, unsigned flags,
                             uint64_t hash)
{
    for (size_t i = 0; i < LIMIT_RE_SPARE && own->spare[i]; i++) {
        if (is(own->spare[i], pattern, flags, hash))
            return own->spare[i];
    }
    return NULL;
}

static size_t size_of(const struct re *re)
{
    size_t code_size = 0;
    if (re->code)
        pcre2_pattern_info(re->code, PCRE2_INFO_SIZE, &code_size);
    return sizeof *re + re->pattern_len + code_size;
}

static void give_back(size_t bytes)
{
    atomic_fetch_sub_explicit(&shared.len, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&shared.bytes, bytes, memory_order_relaxed);
}

static bool has_room(size_t bytes)
{
    size_t len = atomic_fetch_add_explicit(&shared.len, 1, memory_order_relaxed);
    size_t all = atomic_fetch_add_explicit(&shared.bytes, bytes, memory_order_relaxed);
    if (len < LIMIT_RE_CACHE && all + bytes <= LIMIT_RE_CACHE_BYTES)
        return true;
    give_back(bytes);
    return false;
}

/* Publish a pattern, or free it for the one that another thread published meanwhile. */
static struct re *share(struct re *re, struct str pattern)
{
    _Atomic(struct re *) *bucket = &shared.buckets[re->hash % BUCKETS];
    const struct re *seen = NULL;
    struct re *head = atomic_load_explicit(bucket, memory_order_acquire);
    for (;;) {
        struct re *other = find_shared(head, seen, pattern, re->flags, re->hash);
        if (other) {
            give_back(size_of(re));
            re_free(re);
            return other;
        }
        seen = re->next = head;
        if (atomic_compare_exchange_strong_explicit(bucket, &head, re, memory_order_release,
                                                    memory_order_acquire))
            return re;
    }
}

static struct re *keep_spare(struct own *own, struct re *re)
{
    struct re **slot = &own->spare[own->next_spare];
    own->next_spare = (own->next_spare + 1) % LIMIT_RE_SPARE;
    re_free(*slot);
    *slot = re;
    return re;
}

int re_get(struct str pattern, unsigned flags, const struct re **ret, struct err *err)
{
    if (pattern.len > LIMIT_RE_PATTERN)
        return err_set(err, ERR_LIMIT, "regular expression is longer than %d bytes",
                       LIMIT_RE_PATTERN);
    if (!pattern.ptr)
        pattern = STR("");
    uint64_t hash = pattern_hash(pattern, flags);
    struct re *head = atomic_load_explicit(&shared.buckets[hash % BUCKETS], memory_order_acquire);
    struct re *re = find_shared(head, NULL, pattern, flags, hash);
    if (!re && own_state)
        re = find_spare(own_state, pattern, flags, hash);
    if (!re) {
        re = re_make(pattern, flags, hash);
        re = has_room(size_of(re)) ? share(re, pattern) : keep_spare(own_get(), re);
    }
    if (re->refused)
        return err_set(err, (enum err_code)re->refused, "%s", re->why);
    *ret = re;
    return 0;
}

/* ---- matching ---- */

/* The machine code of a pattern, made now if there is none; NULL if there cannot be any. */
static pcre2_code *make_jit(struct re *re)
{
    pcre2_code *jit = atomic_load_explicit(&re->jit, memory_order_acquire);
    if (jit || atomic_load_explicit(&re->no_jit, memory_order_relaxed))
        return jit;
    pcre2_code *copy = pcre2_code_copy(re->code);
    if (!copy || pcre2_jit_compile(copy, PCRE2_JIT_COMPLETE) != 0) {
        pcre2_code_free(copy);
        atomic_store_explicit(&re->no_jit, true, memory_order_relaxed);
        return NULL;
    }
    if (atomic_compare_exchange_strong_explicit(&re->jit, &jit, copy, memory_order_acq_rel,
                                                memory_order_acquire))
        return copy;
    pcre2_code_free(copy); /* another thread was faster */
    return jit;
}

/* The same where it has paid off; uses are counted until then, by whichever thread. */
static pcre2_code *jit_of(struct re *re)
{
    pcre2_code *jit = atomic_load_explicit(&re->jit, memory_order_acquire);
    if (jit || atomic_load_explicit(&re->uses, memory_order_relaxed) >= JIT_AFTER_USES)
        return jit;
    unsigned uses = atomic_fetch_add_explicit(&re->uses, 1, memory_order_relaxed) + 1;
    return uses == JIT_AFTER_USES ? make_jit(re) : NULL;
}

/* Without a stack of its own machine code has 32 KiB, and beyond them the interpreter decides. */
static void make_jit_stack(struct own *own)
{
    if (own->jit_stack)
        return;
    own->jit_stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MAX, NULL);
    if (own->jit_stack)
        pcre2_jit_stack_assign(own->match_context, NULL, own->jit_stack);
}

static int run(struct own *own, const pcre2_code *code, struct str text)
{
    return pcre2_match(code, (PCRE2_SPTR)text.ptr, text.len, 0, 0, own->match_data,
                       own->match_context);
}

static bool is_limit(int rc)
{
    return rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT ||
           rc == PCRE2_ERROR_HEAPLIMIT || rc == PCRE2_ERROR_JIT_STACKLIMIT;
}

static void make_match_data(struct own *own, uint32_t pairs)
{
    enum { FIRST_PAIRS = 16 };
    if (own->match_data_pairs >= pairs)
        return;
    pcre2_match_data_free(own->match_data);
    own->match_data_pairs = pairs < FIRST_PAIRS ? FIRST_PAIRS : pairs;
    own->match_data = checked(pcre2_match_data_create(own->match_data_pairs, NULL), pairs);
}

/*
 * The interpreter and the machine code count their steps differently. What the first cannot decide
 * within the limits is given to the other, whichever came first, so that an answer does not depend
 * on how often a pattern has been used before.
 */
static int run_both(struct own *own, struct re *re, struct str text)
{
    const pcre2_code *jit = jit_of(re);
    bool jit_first = jit != NULL;
    if (jit)
        make_jit_stack(own);
    int rc = run(own, jit_first ? jit : re->code, text);
    if (!is_limit(rc))
        return rc;
    jit = jit ? jit : make_jit(re);
    if (!jit)
        return rc;
    make_jit_stack(own);
    return run(own, jit_first ? re->code : jit, text);
}

static int explain(const struct own *own, const struct re *re, int rc, struct err *err)
{
    int shown = (int)(re->pattern_len < 200 ? re->pattern_len : 200);
    if (is_limit(rc))
        return err_set(err, ERR_LIMIT,
                       "regular expression '%.*s' takes too many steps on this text; make it less "
                       "ambiguous",
                       shown, re->pattern);
    if (rc == PCRE2_ERROR_RECURSELOOP)
        return err_set(
            err, ERR_LIMIT,
            "regular expression '%.*s' calls itself at the same place for ever; give the "
            "call something to match first",
            shown, re->pattern);
    if (rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21)
        return err_set(err, ERR_PARSE, "text is not valid utf-8 at offset %zu",
                       (size_t)pcre2_get_startchar(own->match_data));
    char reason[256];
    pcre2_get_error_message(rc, (PCRE2_UCHAR *)reason, sizeof reason);
    return err_set(err, ERR_INTERNAL, "regular expression '%.*s': %s", shown, re->pattern, reason);
}

int re_match(const struct re *re, struct str text, struct str *groups, size_t n, struct err *err)
{
    /* The handle is const for its users; what changes in it is atomic. */
    struct re *pattern = (struct re *)re;
    struct own *own = own_get();
    if (!text.ptr)
        text = STR("");
    make_match_data(own, pattern->pairs);
    pcre2_set_match_limit(own->match_context, pattern->match_limit);
    int rc = run_both(own, pattern, text);
    if (rc == PCRE2_ERROR_NOMATCH)
        return 0;
    if (rc < 0)
        return explain(own, pattern, rc, err);
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(own->match_data);
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
