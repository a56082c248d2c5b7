// SPDX-License-Identifier: Apache-2.0
/*
 * Replies and contracts that try to cost more than they should, or to be read as what they are not.
 * Each is either compared for what it is, or an error says that it could not be told.
 */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/re.h"
#include "lib/contract/match.h"
#include "lib/contract/rules.h"
#include "tests/unit/lib/base/rows.h"

enum { TEXT_MAX = 64 * 1024 * 1024 };

/* Compare a JSON body with what a V3 contract of that body and those body rules promises. */
static int compare(struct arena *arena, struct str expected, struct str rules, struct str actual,
                   struct match_result *ret, struct err *err)
{
    struct buf text BUF_AUTO = BUF_INIT(2 * TEXT_MAX);
    struct pact *pact = NULL;
    struct actual_response reply = {.status = 200, .body = actual};
    buf_puts(&text, "{\"interactions\":[{\"response\":{\"headers\":{\"Content-Type\":"
                    "\"application/json\"},\n\"body\":");
    buf_str(&text, expected);
    buf_puts(&text, ",\n\"matchingRules\":{\"body\":{");
    buf_str(&text, rules);
    buf_puts(&text, "}}}}]}");
    int rc = pact_read(str_dup(arena, buf_view(&text)), "p.json", arena, &pact, err);
    if (rc)
        return rc;
    headers_addz(arena, &reply.headers, "Content-Type", "application/json");
    return match_response(pact, &pact->interactions.items[0].response, &reply, arena, ret, err);
}

static struct str repeated(struct arena *arena, const char *open, const char *item, size_t n,
                           const char *close)
{
    struct buf out BUF_AUTO = BUF_INIT(TEXT_MAX);
    buf_puts(&out, open);
    for (size_t i = 0; i < n; i++) {
        buf_puts(&out, i ? "," : "");
        buf_puts(&out, item);
    }
    buf_puts(&out, close);
    return str_dup(arena, buf_view(&out));
}

/* ---- what is read as what ---- */

#define RULE(path, rule) "\"" path "\":{\"matchers\":[" rule "]}"
#define REGEX(pattern)   "{\"match\":\"regex\",\"regex\":\"" pattern "\"}"
#define EXPLODES         REGEX("(x+x+)+[yz]")
#define XS                                                                                         \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
    "xx"

static const struct meaning_row {
    const char *name, *expected, *rules;
    struct str actual;
    int code;         /* of the comparison */
    size_t len;       /* differences */
    const char *text; /* of the first; NULL when there is none */
} meaning_rows[] = {
    {"byte order mark", "{\"a\":1}", "", {"\xef\xbb\xbf{\"a\":1}", 10}, 0, 0, NULL},
    {"byte order mark twice",
     "{\"a\":1}",
     "",
     {"\xef\xbb\xbf\xef\xbb\xbf{\"a\":1}", 13},
     0,
     1,
     "The actual body is not JSON: line 1, column 1: expected a value, found '\xef\xbb\xbf'"},
    {"repeated key: readers differ in which one counts, so none does",
     "{\"a\":1}",
     "",
     {"{\"a\":2,\"a\":1}", 13},
     0,
     1,
     "The actual body has the key 'a' more than once in one object"},
    {"repeated key by escape, below",
     "{\"a\":{\"b\":1}}",
     RULE("$", "{\"match\":\"type\"}"),
     {"{\"a\":{\"b\":1,\"\\u0062\":1}}", 24},
     0,
     1,
     "The actual body has the key 'b' more than once in one object"},
    {"lone surrogate",
     "{\"a\":\"x\"}",
     RULE("$.a", "{\"match\":\"type\"}"),
     {"{\"a\":\"\\ud800\"}", 14},
     0,
     1,
     "The actual body is not JSON: line 1, column 13: expected a low surrogate (\\udc00 to "
     "\\udfff) after a high one, found '\"'"},
    {"invalid utf-8",
     "{\"a\":\"x\"}",
     RULE("$.a", "{\"match\":\"type\"}"),
     {"{\"a\":\"\xc0\xaf\"}", 10},
     0,
     1,
     "The actual body is not JSON: line 1, column 7: expected UTF-8 in a string, found byte 0xc0, "
     "which is not UTF-8"},
    {"NUL in a string",
     "{\"a\":\"x\"}",
     RULE("$.a", "{\"match\":\"type\"}"),
     {"{\"a\":\"\0\"}", 9},
     0,
     1,
     "The actual body is not JSON: line 1, column 7: expected control characters in a string to be "
     "escaped, found control character 0x00"},
    {"NUL behind the document",
     "{\"a\":1}",
     "",
     {"{\"a\":1}\0", 8},
     0,
     1,
     "The actual body is not JSON: line 1, column 8: expected nothing after the end of the "
     "document, found control character 0x00"},
    {"NUL by escape is a character",
     "{\"a\":\"x\"}",
     RULE("$.a", REGEX("x[^y]z")),
     {"{\"a\":\"x\\u0000z\"}", 16},
     0,
     0,
     NULL},
    {"integer beyond 64 bits",
     "{\"a\":1}",
     RULE("$.a", "{\"match\":\"integer\"}"),
     {"{\"a\":123456789012345678901234567890}", 36},
     0,
     0,
     NULL},
    {"integers that doubles confuse",
     "{\"a\":9007199254740993}",
     "",
     {"{\"a\":9007199254740992}", 22},
     0,
     1,
     "Expected 9007199254740992 (Integer) to be equal to 9007199254740993 (Integer)"},
    {"exponent beyond every double",
     "{\"a\":1e999999999999999999999}",
     "",
     {"{\"a\":2e999999999999999999999}", 29},
     0,
     1,
     "Expected 2e999999999999999999999 (Decimal) to be equal to 1e999999999999999999999 (Decimal)"},
    {"explosion",
     "{\"a\":\"x\"}",
     RULE("$.a", EXPLODES),
     {"{\"a\":\"" XS "\"}", sizeof XS + 7},
     ERR_LIMIT,
     0,
     NULL},
    {"explosion in an item",
     "{\"a\":[\"xxy\"]}",
     RULE("$.a", "{\"match\":\"type\"}") "," RULE("$.a[*]", EXPLODES),
     {"{\"a\":[\"xxy\",\"" XS "\"]}", sizeof XS + 15},
     ERR_LIMIT,
     0,
     NULL},
    {"explosion in a key",
     "{\"a\":{}}",
     RULE("$.a", "{\"match\":\"eachKey\",\"rules\":[" EXPLODES "]}"),
     {"{\"a\":{\"" XS "\":1}}", sizeof XS + 11},
     ERR_LIMIT,
     0,
     NULL},
    {"explosion in each value",
     "{\"a\":{}}",
     RULE("$.a", "{\"match\":\"eachValue\",\"rules\":[" EXPLODES "]}"),
     {"{\"a\":{\"k\":\"" XS "\"}}", sizeof XS + 13},
     ERR_LIMIT,
     0,
     NULL},
    {"explosion in a variant",
     "[\"xxy\"]",
     RULE("$", "{\"match\":\"arrayContains\",\"variants\":[{\"index\":0,\"rules\":{" RULE(
                   "$", EXPLODES) "}}]}"),
     {"[\"" XS "\"]", sizeof XS + 3},
     ERR_LIMIT,
     0,
     NULL},
    {"explosion as one of two alternatives",
     "{\"a\":\"x\"}",
     "\"$.a\":{\"combine\":\"OR\",\"matchers\":[" EXPLODES ",{\"match\":\"integer\"}]}",
     {"{\"a\":\"" XS "\"}", sizeof XS + 7},
     ERR_LIMIT,
     0,
     NULL},
};

static void test_meaning(void **state)
{
    const struct meaning_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    int rc = compare(arena, str_of(row->expected), str_of(row->rules), row->actual, &result, &err);
    if (rc != row->code)
        fail_msg("saw %d (%s), expected %d", rc, err.text, row->code);
    if (result.len != row->len)
        fail_msg("saw %zu differences, expected %zu", result.len, row->len);
    if (row->text)
        assert_str_is(result.items[0].text, row->text);
    re_cache_clear();
}

/* ---- numbers ---- */

static void test_long_numbers(void **state)
{
    (void)state;
    static char digits[LIMIT_JSON_NUMBER + 2];
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    memset(digits, '0', LIMIT_JSON_NUMBER + 1);
    memcpy(digits, "1.5", 3);
    struct str longest = str_make(digits, LIMIT_JSON_NUMBER);
    assert_int_equal(compare(arena, STR("1.5"), STR(""), longest, &result, &err), 0);
    assert_int_equal(result.len, 0);
    digits[LIMIT_JSON_NUMBER - 1] = '1';
    assert_int_equal(compare(arena, STR("1.5"), STR(""), longest, &result, &err), 0);
    assert_int_equal(result.len, 1);
    longest.len++;
    assert_int_equal(compare(arena, STR("1.5"), STR(""), longest, &result, &err), ERR_LIMIT);
}

/* ---- counts ---- */

static const struct tiny_row {
    const char *name, *item, *rules;
} tiny_rows[] = {
    {"a million numbers, exact", "1", ""},
    {"a million numbers, type cascade", "1", RULE("$", "{\"match\":\"type\"}")},
    {"a million empty lists", "[]", RULE("$[*]", "{\"match\":\"type\"}")},
    {"a million empty strings", "\"\"", RULE("$[*]", REGEX("x*"))},
};

static void test_tiny(void **state)
{
    const struct tiny_row *row = *state;
    enum { N = 1000000 };
    struct arena *arena ARENA_AUTO = arena_new(), *each ARENA_AUTO = arena_new();
    struct str text = repeated(arena, "[", row->item, N, "]");
    struct match_result result = {0};
    struct err err = ERR_INIT;
    if (compare(each, text, str_of(row->rules), text, &result, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(result.len, 0);
    /* The contract's text and what it stands for on the wire, and two trees of 16 bytes a value. */
    size_t most = 2 * text.len + 2 * 16 * (size_t)N + 65536;
    if (arena_used(each) > most)
        fail_msg("%zu bytes, expected at most %zu", arena_used(each), most);
    re_cache_clear();
}

static void test_more_differences_than_anyone_reads(void **state)
{
    (void)state;
    enum { N = LIMIT_MISMATCHES + 17 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct str one = repeated(arena, "[", "1", N, "]"), two = repeated(arena, "[", "2", N, "]");
    struct match_result result = {0};
    struct err err = ERR_INIT;
    assert_int_equal(compare(arena, one, STR(""), two, &result, &err), 0);
    assert_int_equal(result.len + result.dropped, N);
    assert_true(result.dropped >= 17);
    assert_str_is(result.items[result.len - 1].text,
                  "Expected 2 (Integer) to be equal to 1 (Integer)");
}

/* Long values in every difference are shown up to a sum, and counted beyond it. */
static void test_differences_of_long_values(void **state)
{
    (void)state;
    enum { N = 20000, LEN = 1500 };
    static char item[LEN + 3];
    struct arena *arena ARENA_AUTO = arena_new(), *each ARENA_AUTO = arena_new();
    memset(item, 'x', LEN + 2);
    item[0] = item[LEN + 1] = '"';
    struct str actual = repeated(arena, "[", item, N, "]");
    item[1] = 'y';
    struct str expected = repeated(arena, "[", item, 1, "]");
    struct match_result result = {0};
    struct err err = ERR_INIT;
    assert_int_equal(
        compare(each, expected,
                STR(RULE("$", "{\"match\":\"type\"}") "," RULE("$[*]", "{\"match\":\"equality\"}")),
                actual, &result, &err),
        0);
    assert_int_equal(result.len + result.dropped, N);
    assert_true(result.len > 1000 && result.dropped > 1000);
    size_t shown = 0;
    VEC_EACH(&result, const struct mismatch *, m)
        shown += m->expected.len + m->actual.len + m->text.len;
    assert_true(shown <= LIMIT_SHOWN_ALL + 4 * LIMIT_SHOWN);
    if (arena_used(each) > 4u * LIMIT_SHOWN_ALL)
        fail_msg("%zu bytes of memory", arena_used(each));
}

/* One example judges every item: each difference names the example's place. */
static void test_places_of_an_example(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str actual = repeated(arena, "[", "{\"a\":1.5,\"b\":1.5}", 3000, "]");
    struct match_result result = {0};
    struct err err = ERR_INIT;
    assert_int_equal(compare(arena, STR("[{\n\"a\":1,\n \"b\":1}]"),
                             STR(RULE("$", "{\"match\":\"type\"}") "," RULE(
                                 "$[*].*", "{\"match\":\"integer\"}")),
                             actual, &result, &err),
                     0);
    assert_int_equal(result.len, 6000);
    for (size_t i = 0; i < result.len; i++) {
        assert_int_equal(result.items[i].line, i % 2 ? 4 : 3);
        assert_int_equal(result.items[i].column, i % 2 ? 6 : 5);
    }
}

/* ---- rules ---- */

/* Half of all tokens a wildcard: 2^n paths that all fit the same value. */
static struct str tangled_rules(struct arena *arena, unsigned depth)
{
    struct buf out BUF_AUTO = BUF_INIT(TEXT_MAX);
    for (unsigned bits = 0; bits < 1u << depth; bits++) {
        buf_puts(&out, bits ? ",\"$" : "\"$");
        for (unsigned i = 0; i < depth; i++)
            buf_puts(&out, bits >> i & 1 ? ".a" : ".*");
        buf_puts(&out, "[*].z\":{\"matchers\":[{\"match\":\"type\"}]}");
    }
    return str_dup(arena, buf_view(&out));
}

static struct str nested_list(struct arena *arena, unsigned depth, size_t n)
{
    struct buf out BUF_AUTO = BUF_INIT(TEXT_MAX);
    for (unsigned i = 0; i < depth; i++)
        buf_puts(&out, "{\"a\":");
    buf_str(&out, repeated(arena, "[", "1", n, "]"));
    for (unsigned i = 0; i < depth; i++)
        buf_putc(&out, '}');
    return str_dup(arena, buf_view(&out));
}

static void test_tangled_rules(void **state)
{
    (void)state;
    enum { DEPTH = 10, FEW = 1000, MANY = (LIMIT_MATCH_STEPS >> DEPTH) + 1 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct str rules = tangled_rules(arena, DEPTH), text = nested_list(arena, DEPTH, FEW);
    struct match_result result = {0};
    struct err err = ERR_INIT;
    assert_int_equal(compare(arena, text, rules, text, &result, &err), 0);
    assert_int_equal(result.len, 0);
    text = nested_list(arena, DEPTH, MANY);
    assert_int_equal(compare(arena, text, rules, text, &result, &err), ERR_LIMIT);
    assert_non_null(strstr(err.text, "steps"));
}

/* Reading is linear in the rules, and a walk finds the one of 100,000 that governs. */
static void test_many_rules(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf rules BUF_AUTO = BUF_INIT(TEXT_MAX), body BUF_AUTO = BUF_INIT(TEXT_MAX);
    struct match_result result = {0};
    struct err err = ERR_INIT;
    buf_putc(&body, '{');
    for (int i = 0; i < N; i++) {
        buf_printf(&rules, "%s\"$.k%d\":{\"matchers\":[{\"match\":\"integer\"}]}", i ? "," : "", i);
        buf_printf(&body, "%s\"k%d\":%s", i ? "," : "", i, i == N - 5 ? "1.5" : "2");
    }
    buf_putc(&body, '}');
    assert_int_equal(
        compare(arena, buf_view(&body), buf_view(&rules), buf_view(&body), &result, &err), 0);
    assert_int_equal(result.len, 1);
    assert_str_is(result.items[0].path, "$.k99995");
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, meaning_rows, test_meaning);
    ROWS_ADD(&tests, tiny_rows, test_tiny);
    rows_add_test(&tests, "long numbers", test_long_numbers);
    rows_add_test(&tests, "more differences than anyone reads",
                  test_more_differences_than_anyone_reads);
    rows_add_test(&tests, "differences of long values", test_differences_of_long_values);
    rows_add_test(&tests, "places of an example", test_places_of_an_example);
    rows_add_test(&tests, "tangled rules", test_tangled_rules);
    rows_add_test(&tests, "many rules", test_many_rules);
    return rows_run(&tests, "hostile");
}
