// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/lexer.h"
#include "tests/unit/lib/graphql/cases.h"

/* "Kind:text" of each token, or the error. */
static const struct lexer_row {
    const char *name, *source, *want;
} lexer_rows[] = {
    {"names, punctuators and ignored characters", "{ a, b(x: $y) }#c\n",
     "{ Name:a Name:b ( Name:x : $ Name:y ) }"},
    {"spread and numbers", "...F 1 -0 1.5e+3", "... Name:F Int:1 Int:-0 Float:1.5e+3"},
    {"escapes", "\"a\\u0041\\u{1F600}\\uD83D\\uDE00\\n\"",
     "String:aA\xf0\x9f\x98\x80\xf0\x9f\x98\x80\n"},
    {"block string", "\"\"\"\n    a\n      b \\\"\"\"\n  \"\"\"", "BlockString:a\n  b \"\"\""},
    {"byte order mark", "\xef\xbb\xbf{", "{"},
    {"columns count UTF-16 units", "\"\xf0\x9f\x98\x80\xc3\xa9\" ~",
     "1:7 Syntax Error: Unexpected character: \"~\"."},
    {"two dots", "..", "1:1 Syntax Error: Unexpected character: \".\"."},
    {"no UTF-8", "\xff", "1:1 Syntax Error: Invalid character: byte 0xFF."},
    {"no UTF-8 in a string", "\"a\xff\"",
     "1:3 Syntax Error: Invalid character within String: byte 0xFF."},
    {"half a surrogate pair", "\"\\uD83D\"",
     "1:2 Syntax Error: Invalid Unicode escape sequence: \"\\uD83D\"."},
    {"number runs into a name", "1x",
     "1:2 Syntax Error: Invalid number, expected digit but got: \"x\"."},
    {"string over a line break", "\n \"a\r\n\"", "2:4 Syntax Error: Unterminated string."},
};

static void render(struct str source, struct arena *arena, struct buf *out)
{
    struct err err = ERR_INIT;
    struct gql_lexer lexer;
    struct gql_token token;
    gql_lexer_init(&lexer, source, "test", arena, &err);
    while (gql_lexer_next(&lexer, &token) == 0) {
        if (token.kind == GQL_TOKEN_EOF)
            return;
        buf_puts(out, out->len ? " " : "");
        if (token.kind != GQL_TOKEN_PUNCTUATOR)
            buf_printf(out, "%s:", gql_token_kind_name(token.kind));
        buf_str(out, token.text);
    }
    buf_clear(out);
    buf_printf(out, "%d:%d %s", err.line, err.column, err.text);
}

static void test_row(void **state)
{
    const struct lexer_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf out BUF_AUTO = BUF_INIT(4096);
    render(str_of(row->source), arena, &out);
    cases_assert_text(row->source, buf_view(&out), str_of(row->want));
}

static void test_too_many_tokens(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf text BUF_AUTO = BUF_INIT(LIMIT_GRAPHQL_TEXT);
    struct err err = ERR_INIT;
    struct gql_lexer lexer;
    struct gql_token token;
    for (int i = 0; i <= LIMIT_GRAPHQL_TOKENS; i++)
        buf_puts(&text, "a ");
    gql_lexer_init(&lexer, buf_view(&text), "test", arena, &err);
    for (int i = 0; i < LIMIT_GRAPHQL_TOKENS; i++)
        assert_int_equal(gql_lexer_next(&lexer, &token), 0);
    assert_int_equal(gql_lexer_next(&lexer, &token), ERR_LIMIT);
}

/* Offsets of cases are in UTF-16 units. */
static long units(struct str source, size_t bytes)
{
    long n = 0;
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)source.ptr[i];
        n += ((c & 0xc0) != 0x80) + (c >= 0xf0);
    }
    return n;
}

static void assert_number(const struct json *token, const char *key, long saw)
{
    int64_t want = -1;
    assert_true(json_to_i64(json_get(token, key), &want));
    if (want != saw)
        fail_msg("%s: saw %ld, expected %ld", key, saw, (long)want);
}

static void assert_token(const struct gql_token *token, const struct json *want, struct str source)
{
    struct str kind = json_get_text(want, "kind");
    struct str saw = token->kind == GQL_TOKEN_PUNCTUATOR ? token->text
                                                         : str_of(gql_token_kind_name(token->kind));
    cases_assert_text("kind", saw, kind);
    assert_number(want, "start", units(source, token->start));
    assert_number(want, "end", units(source, token->end));
    assert_number(want, "line", token->pos.line);
    assert_number(want, "column", token->pos.column);
    if (json_get(want, "value"))
        cases_assert_text("value", token->text, json_get_text(want, "value"));
}

static void test_case(void **state)
{
    const struct json *test = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str source = json_get_text(test, "source");
    const struct json *tokens = json_get(test, "tokens"), *want = json_get(test, "error");
    struct err err = ERR_INIT;
    struct gql_lexer lexer;
    struct gql_token token;
    gql_lexer_init(&lexer, source, "case", arena, &err);
    for (size_t i = 0; i < json_len(tokens); i++) {
        if (gql_lexer_next(&lexer, &token))
            fail_msg("%d:%d: %s", err.line, err.column, err.text);
        assert_token(&token, json_at(tokens, i), source);
    }
    if (!json_is(want, JSON_OBJECT)) {
        assert_int_equal(token.kind, GQL_TOKEN_EOF);
        return;
    }
    assert_int_equal(gql_lexer_next(&lexer, &token), ERR_PARSE);
    cases_assert_error(&err, want);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, lexer_rows, test_row);
    rows_add_test(&tests, "too many tokens", test_too_many_tokens);
    return rows_run(&tests, "lexer") + cases_run("lexer.json", test_case);
}
