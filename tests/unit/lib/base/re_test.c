// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <stdlib.h>

#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/re.h"

static const struct match_row {
    const char *name, *pattern;
    unsigned flags;
    struct str text;
    int want;
} match_rows[] = {
    {"anywhere", "b+", 0, {"abbc", 4}, 1},
    {"nowhere", "x", 0, {"abbc", 4}, 0},
    {"empty pattern", "", 0, {"abc", 3}, 1},
    {"absent text is empty", "^$", 0, {NULL, 0}, 1},
    {"anchors", "^\\d{3}$", 0, {"123", 3}, 1},
    {"dollar before a last line end", "^a$", 0, {"a\n", 2}, 1},
    {"whole", "\\d+", RE_WHOLE, {"123", 3}, 1},
    {"whole with rest behind", "\\d+", RE_WHOLE, {"123x", 4}, 0},
    {"whole with rest in front", "\\d+", RE_WHOLE, {"x123", 4}, 0},
    {"whole is the whole, line end too", "^a$", RE_WHOLE, {"a\n", 2}, 0},
    {"whole backtracks over alternatives", "a|ab", RE_WHOLE, {"ab", 2}, 1},
    {"whole backtracks over lazy", "a*?", RE_WHOLE, {"aaa", 3}, 1},
    {"whole of nothing", "a*", RE_WHOLE, {"", 0}, 1},
    {"case matters", "abc", 0, {"ABC", 3}, 0},
    {"case does not matter", "abc", RE_NOCASE, {"ABC", 3}, 1},
    {"case of other letters", "\xc3\xa9", RE_NOCASE, {"\xc3\x89", 2}, 1},
    {"a character is not a byte", "^.$", 0, {"\xc3\xa9", 2}, 1},
    {"unicode letters are word characters", "^\\w+$", 0, {"\xc3\xa9\xc3\xa8", 4}, 1},
    {"unicode properties", "^\\p{Lu}$", 0, {"\xc3\x89", 2}, 1},
    {"NUL in the text", "^a.b$", 0, {"a\0b", 3}, 1},
    {"look-ahead", "^(?=.*\\d)[a-z\\d]+$", 0, {"ab1", 3}, 1},
    {"back reference", "^(a|b)\\1$", 0, {"aa", 2}, 1},
    {"named group", "^(?<year>\\d{4})-", 0, {"2026-11", 7}, 1},
    {"uuid",
     "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
     RE_WHOLE,
     {"ce118b6e-d8e1-11e7-9296-cec278b6b50a", 36},
     1},
    {"a character by \\u",
     "^\\u00e9[\\u00e8-\\u00ea]\\u{e9}$",
     0,
     {"\xc3\xa9\xc3\xa8\xc3\xa9", 6},
     1},
    {"two surrogates are one character", "^\\ud83d\\ude00?$", 0, {"\xf0\x9f\x98\x80", 4}, 1},
    {"a quoted \\u is none", "^\\Q\\u0041\\E\\u0041$", 0, {"\\u0041A", 7}, 1},
    {"a backslash before a u", "^\\\\u0041$", 0, {"\\u0041", 6}, 1},
    {"invalid utf-8 in the text", "a", 0, {"a\xff", 2}, ERR_PARSE},
    {"cut utf-8 in the text", "a", 0, {"a\xe2\x82", 3}, ERR_PARSE},
    {"surrogate in the text", "a", 0, {"\xed\xa0\x80", 3}, ERR_PARSE},
};

/* Each row twice: as it is, and after so many uses that the pattern has become machine code. */
static void test_match(void **state)
{
    const struct match_row *row = *state;
    for (int i = 0; i < 3000; i++) {
        struct err err = ERR_INIT;
        const struct re *re = NULL;
        assert_int_equal(re_get(str_of(row->pattern), row->flags, &re, &err), 0);
        int rc = re_test(re, row->text, &err);
        if (rc != row->want)
            fail_msg("use %d: saw %d (%s), expected %d", i, rc, err.text, row->want);
    }
    re_cache_clear();
}

static const struct bad_row {
    const char *name;
    struct str pattern;
    int code;
    const char *text;
} bad_rows[] = {
    {"open group", {"a(b", 3}, ERR_PARSE, "at offset 3"},
    {"nothing to repeat", {"*a", 2}, ERR_PARSE, "at offset 0"},
    {"invalid utf-8 in the pattern", {"a\xff", 2}, ERR_PARSE, "at offset 1"},
    {"single bytes", {"\\C", 2}, ERR_PARSE, "\\C"},
    {"too long", {NULL, LIMIT_RE_PATTERN + 1}, ERR_LIMIT, "longer than 65536 bytes"},
};

static void test_bad_pattern(void **state)
{
    const struct bad_row *row = *state;
    char *filled = malloc(row->pattern.len);
    memset(filled, 'a', row->pattern.len);
    struct str pattern = str_make(row->pattern.ptr ? row->pattern.ptr : filled, row->pattern.len);
    const struct re *re = NULL;
    struct err err = ERR_INIT;
    int code = re_get(pattern, 0, &re, &err);
    free(filled);
    assert_int_equal(code, row->code);
    assert_null(re);
    if (!strstr(err.text, row->text))
        fail_msg("saw '%s', expected '%s' in it", err.text, row->text);
}

static const struct explosion_row {
    const char *name, *pattern;
    char fill;
    size_t len; /* of the text: so many fills, then '!' */
} explosion_rows[] = {
    {"nested repeats", "^(a+)+$", 'a', 40},
    {"nested repeats, long text", "^(a+)+$", 'a', 50000},
    {"alternatives that overlap", "^(a|aa)+$", 'a', 60},
    {"many stars", "^a*a*a*a*a*a*a*a*a*a*[bc]", 'a', 300},
    {"optional letters", "^(?:(?:a?){50}){20}[bc]$", 'a', 40},
    {"nested groups of words", "^(([a-z])+.)+[A-Z]([a-z])+$", 'a', 60},
};

static void test_endless_calls_are_not_told(void **state)
{
    (void)state;
    static const char *const patterns[] = {"(?R)", "(?:(?R)|x)", "(?<n>(?&n)|z)"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct err err = ERR_INIT;
        const struct re *re = NULL;
        assert_int_equal(re_get(str_of(patterns[i]), 0, &re, &err), 0);
        int rc = re_test(re, STR("y"), &err);
        if (rc != ERR_LIMIT || !strstr(err.text, "calls itself"))
            fail_msg("%s: saw %d (%s), expected ERR_LIMIT", patterns[i], rc, err.text);
    }
    re_cache_clear();
}

/* "Could not tell" is never "does not match", and that by the same answer at every use. */
static void test_explosion(void **state)
{
    const struct explosion_row *row = *state;
    char *text = malloc(row->len + 1);
    memset(text, row->fill, row->len);
    text[row->len] = '!';
    for (int i = 0; i < 3; i++) {
        struct err err = ERR_INIT;
        const struct re *re = NULL;
        assert_int_equal(re_get(str_of(row->pattern), 0, &re, &err), 0);
        for (int k = 0; i == 2 && k < 2000; k++) /* now as machine code */
            assert_true(re_test(re, STR(""), NULL) >= 0);
        int rc = re_test(re, str_make(text, row->len + 1), &err);
        if (rc != ERR_LIMIT || !strstr(err.text, "too many steps"))
            fail_msg("saw %d (%s), expected ERR_LIMIT", rc, err.text);
    }
    free(text);
    re_cache_clear();
}

static void test_groups(void **state)
{
    (void)state;
    const struct re *re;
    struct str groups[5] = {STR("x"), STR("x"), STR("x"), STR("x"), STR("x")};
    assert_int_equal(re_get(STR("(a)|(b)(c*)"), 0, &re, NULL), 0);
    assert_int_equal(re_match(re, STR("zzb"), groups, 5, NULL), 1);
    static const char *const second[] = {"b", NULL, "b", "", NULL};
    for (size_t i = 0; i < 5; i++)
        assert_str_is(groups[i], second[i]);
    groups[2] = STR("kept");
    assert_int_equal(re_match(re, STR("a"), groups, 2, NULL), 1);
    assert_str_is(groups[1], "a");
    assert_str_is(groups[2], "kept");
    assert_int_equal(re_match(re, STR("x"), groups, 2, NULL), 0);
    assert_str_is(groups[1], "a");
    const struct re *wide;
    assert_int_equal(
        re_get(STR("(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)"), 0, &wide, NULL),
        0);
    struct str many[21];
    assert_int_equal(re_match(wide, STR("abcdefghijklmnopqrstuvwxyz"), many, 21, NULL), 1);
    assert_str_is(many[20], "t");
    re_cache_clear();
}

/*
 * More patterns than a process keeps: those that came too late work as well, for the thread that
 * asked; those that are kept stay what they are.
 */
static void test_overflow(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    const struct re *kept, *again;
    assert_int_equal(re_get(STR("^kept$"), 0, &kept, NULL), 0);
    for (int i = 0; i < LIMIT_RE_CACHE + 3 * LIMIT_RE_SPARE; i++) {
        const struct re *re;
        struct str pattern = str_printf(arena, "^%d$", i);
        assert_int_equal(re_get(pattern, 0, &re, NULL), 0);
        assert_int_equal(re_get(pattern, 0, &again, NULL), 0);
        assert_ptr_equal(again, re);
        assert_int_equal(re_test(re, str_printf(arena, "%d", i), NULL), 1);
        assert_int_equal(re_test(re, STR("x"), NULL), 0);
    }
    struct err err = ERR_INIT;
    assert_int_equal(re_get(STR("late("), 0, &again, &err), ERR_PARSE);
    assert_int_equal(re_get(STR("^kept$"), 0, &again, NULL), 0);
    assert_ptr_equal(again, kept);
    assert_int_equal(re_get(STR("^kept$"), RE_WHOLE, &again, NULL), 0);
    assert_ptr_not_equal(again, kept);
    re_cache_clear();
    re_cache_clear();
    assert_int_equal(re_get(STR("^kept$"), 0, &again, NULL), 0);
    assert_ptr_equal(again, kept);
}

/* Threads that meet at patterns nobody has used before, each long enough for machine code. */
enum { THREADS = 4, SHARED_PATTERNS = 8, SHARED_USES = 2000 };
struct worker {
    pthread_t thread;
    pthread_barrier_t *start;
    const struct re *seen[SHARED_PATTERNS];
    int failures;
};

static int use_pattern(const char *pattern, const struct re **ret)
{
    static const struct str exploding = {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", 41};
    const struct re *bad, *slow;
    int failures = re_get(str_of(pattern), RE_WHOLE, ret, NULL) != 0;
    for (int i = 0; failures == 0 && i < SHARED_USES; i++)
        failures += re_test(*ret, STR("abc"), NULL) != 1 || re_test(*ret, STR("abd"), NULL) != 0;
    failures += re_get(STR("threads("), 0, &bad, NULL) != ERR_PARSE;
    failures +=
        re_get(STR("^(a+)+$"), 0, &slow, NULL) != 0 || re_test(slow, exploding, NULL) != ERR_LIMIT;
    return failures;
}

static void *use_in_thread(void *context)
{
    struct worker *worker = context;
    static const char *const patterns[SHARED_PATTERNS] = {
        "[a-c]{3}", "a[a-c]{2}", "ab?c", "(a|b|c)+", "a.c", "\\w\\wc", "(?=a)[^d]*", "a(b|c)*",
    };
    for (int i = 0; i < SHARED_PATTERNS; i++) {
        pthread_barrier_wait(worker->start);
        worker->failures += use_pattern(patterns[i], &worker->seen[i]);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct worker workers[THREADS] = {0};
    pthread_barrier_t start;
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        workers[i].start = &start;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, use_in_thread, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].failures, 0);
        for (int k = 0; k < SHARED_PATTERNS; k++) {
            assert_non_null(workers[i].seen[k]);
            assert_ptr_equal(workers[i].seen[k], workers[0].seen[k]);
        }
    }
    pthread_barrier_destroy(&start);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, match_rows, test_match);
    ROWS_ADD(&tests, bad_rows, test_bad_pattern);
    ROWS_ADD(&tests, explosion_rows, test_explosion);
    rows_add_test(&tests, "calls without end cannot be told", test_endless_calls_are_not_told);
    rows_add_test(&tests, "groups that took no part are absent", test_groups);
    rows_add_test(&tests, "threads share patterns", test_threads);
    rows_add_test(&tests, "more patterns than a process keeps", test_overflow);
    return rows_run(&tests, "re");
}
