// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/lexer.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/graphql/block_string.h"

enum { END = -1, BAD = -2 };

void gql_lexer_init(struct gql_lexer *lexer, struct str text, const char *source,
                    struct arena *arena, struct err *err)
{
    *lexer =
        (struct gql_lexer){.text = text, .source = source, .arena = arena, .err = err, .line = 1};
}

const char *gql_token_kind_name(enum gql_token_kind kind)
{
    static const char *const names[] = {"<EOF>", "Punctuator", "Name",       "Int",
                                        "Float", "String",     "BlockString"};
    return names[kind];
}

static int peek(const struct gql_lexer *lexer, size_t ahead)
{
    size_t at = lexer->at + ahead;
    return at < lexer->text.len ? (unsigned char)lexer->text.ptr[at] : END;
}

/* The character at an offset and its length in bytes; BAD if that is no UTF-8. */
static long character(const struct gql_lexer *lexer, size_t at, size_t *ret_len)
{
    *ret_len = 1;
    if (at >= lexer->text.len)
        return END;
    const unsigned char *s = (const unsigned char *)lexer->text.ptr + at;
    if (s[0] < 0x80)
        return s[0];
    size_t len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2, bad = 0;
    if (lexer->text.len - at < len || !str_is_utf8(str_make((const char *)s, len), &bad))
        return BAD;
    long value = s[0] & (0xff >> (len + 1));
    for (size_t i = 1; i < len; i++)
        value = (value << 6) | (s[i] & 0x3f);
    *ret_len = len;
    return value;
}

static struct gql_pos position(const struct gql_lexer *lexer)
{
    return (struct gql_pos){lexer->line, (int)(lexer->at - lexer->line_start - lexer->wide) + 1};
}

int gql_syntax_error(const struct gql_lexer *lexer, struct gql_pos pos, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return err_at(lexer->err, ERR_PARSE, lexer->source, pos.line, pos.column, "Syntax Error: %s",
                  text);
}

/* The character at an offset as errors show it. */
static const char *shown(const struct gql_lexer *lexer, size_t at, char buf[16])
{
    size_t len = 0;
    long c = character(lexer, at, &len);
    if (c == END)
        snprintf(buf, 16, "<EOF>");
    else if (c == BAD)
        snprintf(buf, 16, "byte 0x%02X", (unsigned char)lexer->text.ptr[at]);
    else if (c == '"')
        snprintf(buf, 16, "'\"'");
    else if (c >= 0x20 && c < 0x7f)
        snprintf(buf, 16, "\"%c\"", (char)c);
    else
        snprintf(buf, 16, "U+%04lX", c);
    return buf;
}

/* Step over a character that is no line break. Columns are UTF-16 units, as the reference counts.
 */
static void advance(struct gql_lexer *lexer, size_t bytes)
{
    lexer->at += bytes;
    if (bytes > 1)
        lexer->wide += bytes - (bytes == 4 ? 2 : 1);
}

static void advance_line(struct gql_lexer *lexer)
{
    lexer->at += peek(lexer, 0) == '\r' && peek(lexer, 1) == '\n' ? 2 : 1;
    lexer->line++;
    lexer->line_start = lexer->at;
    lexer->wide = 0;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void skip_comment(struct gql_lexer *lexer)
{
    while (true) {
        size_t len;
        long c = character(lexer, lexer->at, &len);
        if (c == END || c == BAD || c == '\n' || c == '\r')
            return;
        advance(lexer, len);
    }
}

static void skip_ignored(struct gql_lexer *lexer)
{
    while (true) {
        int c = peek(lexer, 0);
        if (c == ' ' || c == '\t' || c == ',')
            lexer->at++;
        else if (c == '\n' || c == '\r')
            advance_line(lexer);
        else if (c == '#')
            skip_comment(lexer);
        else if (c == 0xef && peek(lexer, 1) == 0xbb && peek(lexer, 2) == 0xbf)
            advance(lexer, 3);
        else
            return;
    }
}

/* ---- numbers ---- */

static int read_digits(struct gql_lexer *lexer)
{
    char buf[16];
    if (!is_digit(peek(lexer, 0)))
        return gql_syntax_error(lexer, position(lexer),
                                "Invalid number, expected digit but got: %s.",
                                shown(lexer, lexer->at, buf));
    while (is_digit(peek(lexer, 0)))
        lexer->at++;
    return 0;
}

static int read_number(struct gql_lexer *lexer, struct gql_token *ret)
{
    char buf[16];
    ret->kind = GQL_TOKEN_INT;
    if (peek(lexer, 0) == '-')
        lexer->at++;
    int rc = 0;
    if (peek(lexer, 0) == '0') {
        lexer->at++;
        if (is_digit(peek(lexer, 0)))
            return gql_syntax_error(lexer, position(lexer),
                                    "Invalid number, unexpected digit after 0: %s.",
                                    shown(lexer, lexer->at, buf));
    } else {
        rc = read_digits(lexer);
    }
    if (!rc && peek(lexer, 0) == '.') {
        ret->kind = GQL_TOKEN_FLOAT;
        lexer->at++;
        rc = read_digits(lexer);
    }
    if (!rc && (peek(lexer, 0) == 'e' || peek(lexer, 0) == 'E')) {
        ret->kind = GQL_TOKEN_FLOAT;
        lexer->at++;
        if (peek(lexer, 0) == '+' || peek(lexer, 0) == '-')
            lexer->at++;
        rc = read_digits(lexer);
    }
    if (rc)
        return rc;
    if (peek(lexer, 0) == '.' || is_name_start(peek(lexer, 0)))
        return read_digits(lexer);
    return 0;
}

/* ---- strings ---- */

static int hex_digit(int c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static long hex4(const struct gql_lexer *lexer, size_t ahead)
{
    long value = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(peek(lexer, ahead + i));
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool is_scalar_value(long c)
{
    return (c >= 0 && c < 0xd800) || (c >= 0xe000 && c <= 0x10ffff);
}

/* \u{...}: the character, or -1 with *ret_size the bytes read. */
static long braced_escape(const struct gql_lexer *lexer, size_t *ret_size)
{
    long value = 0;
    size_t size = 3;
    while (size < 12) {
        int c = peek(lexer, size++);
        *ret_size = size;
        if (c == '}')
            return size < 5 || !is_scalar_value(value) ? -1 : value;
        int digit = hex_digit(c);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return -1;
}

/* \uXXXX, or two of them for a surrogate pair. */
static long plain_escape(const struct gql_lexer *lexer, size_t *ret_size)
{
    long value = hex4(lexer, 2);
    *ret_size = 6;
    if (is_scalar_value(value))
        return value;
    if (value < 0xd800 || value > 0xdbff || peek(lexer, 6) != '\\' || peek(lexer, 7) != 'u')
        return -1;
    long low = hex4(lexer, 8);
    if (low < 0xdc00 || low > 0xdfff)
        return -1;
    *ret_size = 12;
    return 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
}

static char *put_utf8(char *to, long c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    *to++ = (char)((0xff00 >> (more + 1)) | (c >> (6 * more)));
    while (more-- > 0)
        *to++ = (char)(0x80 | ((c >> (6 * more)) & 0x3f));
    return to;
}

/* The next characters of the text, for errors. */
static struct str slice(const struct gql_lexer *lexer, size_t characters)
{
    size_t end = lexer->at;
    for (size_t len; characters > 0 && character(lexer, end, &len) != END; characters--)
        end += len;
    return str_sub(lexer->text, lexer->at, end - lexer->at);
}

/* Decode the escape at lexer->at and step over it. No escape is shorter than what it stands for. */
static int read_escape(struct gql_lexer *lexer, char **to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    int c = peek(lexer, 1);
    const char *found = c > 0 ? strchr(from, c) : NULL;
    if (found) {
        *(*to)++ = into[found - from];
        lexer->at += 2;
        return 0;
    }
    if (c != 'u')
        return gql_syntax_error(lexer, position(lexer),
                                "Invalid character escape sequence: \"%.*s\".",
                                STR_FMT(slice(lexer, 2)));
    size_t size = 6;
    long value = peek(lexer, 2) == '{' ? braced_escape(lexer, &size) : plain_escape(lexer, &size);
    if (value < 0)
        return gql_syntax_error(lexer, position(lexer),
                                "Invalid Unicode escape sequence: \"%.*s\".",
                                STR_FMT(slice(lexer, size)));
    *to = put_utf8(*to, value);
    lexer->at += size;
    return 0;
}

/* Step over a character of a string that is no escape, copying it if `to` is given. */
static int read_plain(struct gql_lexer *lexer, char **to)
{
    size_t len;
    long c = character(lexer, lexer->at, &len);
    char buf[16];
    if (c == BAD)
        return gql_syntax_error(lexer, position(lexer), "Invalid character within String: %s.",
                                shown(lexer, lexer->at, buf));
    if (to) {
        memcpy(*to, lexer->text.ptr + lexer->at, len);
        *to += len;
    }
    advance(lexer, len);
    return 0;
}

/* Bytes from `at` to where the string ends at the latest. */
static size_t string_rest(const struct gql_lexer *lexer, size_t at)
{
    const char *s = lexer->text.ptr;
    size_t i = at;
    while (i < lexer->text.len && s[i] != '"' && s[i] != '\n')
        i += s[i] == '\\' ? 2 : 1;
    return (i < lexer->text.len ? i : lexer->text.len) - at;
}

static int read_string(struct gql_lexer *lexer, struct gql_token *ret)
{
    ret->kind = GQL_TOKEN_STRING;
    size_t content = ++lexer->at;
    char *copy = NULL, *to = NULL; /* only once there is an escape */
    while (peek(lexer, 0) != '"') {
        int c = peek(lexer, 0), rc = 0;
        if (c == END || c == '\n' || c == '\r')
            return gql_syntax_error(lexer, position(lexer), "Unterminated string.");
        if (c == '\\' && !copy) {
            to = copy =
                arena_alloc(lexer->arena, lexer->at - content + string_rest(lexer, lexer->at));
            memcpy(copy, lexer->text.ptr + content, lexer->at - content);
            to += lexer->at - content;
        }
        rc = c == '\\' ? read_escape(lexer, &to) : read_plain(lexer, copy ? &to : NULL);
        if (rc)
            return rc;
    }
    ret->text = copy ? str_make(copy, (size_t)(to - copy))
                     : str_sub(lexer->text, content, lexer->at - content);
    lexer->at++;
    return 0;
}

static bool at_quotes(const struct gql_lexer *lexer, size_t ahead)
{
    return peek(lexer, ahead) == '"' && peek(lexer, ahead + 1) == '"' &&
           peek(lexer, ahead + 2) == '"';
}

static int read_block_string(struct gql_lexer *lexer, struct gql_token *ret)
{
    ret->kind = GQL_TOKEN_BLOCK_STRING;
    lexer->at += 3;
    size_t content = lexer->at;
    while (!at_quotes(lexer, 0)) {
        int c = peek(lexer, 0);
        if (c == END)
            return gql_syntax_error(lexer, position(lexer), "Unterminated string.");
        if (c == '\n' || c == '\r') {
            advance_line(lexer);
        } else if (c == '\\' && at_quotes(lexer, 1)) {
            lexer->at += 4;
        } else {
            int rc = read_plain(lexer, NULL);
            if (rc)
                return rc;
        }
    }
    ret->text = gql_block_string(str_sub(lexer->text, content, lexer->at - content), lexer->arena);
    lexer->at += 3;
    return 0;
}

/* ---- tokens ---- */

static int refuse(struct gql_lexer *lexer)
{
    char buf[16];
    size_t len = 0;
    if (peek(lexer, 0) == '\'')
        return gql_syntax_error(lexer, position(lexer),
                                "Unexpected single quote character ('), did you mean to use a "
                                "double quote (\")?");
    const char *what = character(lexer, lexer->at, &len) == BAD ? "Invalid" : "Unexpected";
    return gql_syntax_error(lexer, position(lexer), "%s character: %s.", what,
                            shown(lexer, lexer->at, buf));
}

static int read_token(struct gql_lexer *lexer, struct gql_token *ret)
{
    int c = peek(lexer, 0);
    if (c == END)
        return 0;
    if (c == '"')
        return at_quotes(lexer, 0) ? read_block_string(lexer, ret) : read_string(lexer, ret);
    if (is_digit(c) || c == '-')
        return read_number(lexer, ret);
    if (is_name_start(c)) {
        ret->kind = GQL_TOKEN_NAME;
        while (is_name_start(peek(lexer, 0)) || is_digit(peek(lexer, 0)))
            lexer->at++;
        return 0;
    }
    bool spread = c == '.' && peek(lexer, 1) == '.' && peek(lexer, 2) == '.';
    if (!spread && (c == 0 || !strchr("!$&():=@[]{|}", c)))
        return refuse(lexer);
    ret->kind = GQL_TOKEN_PUNCTUATOR;
    lexer->at += spread ? 3 : 1;
    return 0;
}

int gql_lexer_next(struct gql_lexer *lexer, struct gql_token *ret)
{
    skip_ignored(lexer);
    struct gql_token token = {.start = lexer->at, .pos = position(lexer)};
    int rc = read_token(lexer, &token);
    if (rc)
        return rc;
    token.end = lexer->at;
    if (token.kind != GQL_TOKEN_STRING && token.kind != GQL_TOKEN_BLOCK_STRING)
        token.text = str_sub(lexer->text, token.start, token.end - token.start);
    if (token.kind != GQL_TOKEN_EOF && ++lexer->tokens > LIMIT_GRAPHQL_TOKENS)
        return err_at(lexer->err, ERR_LIMIT, lexer->source, token.pos.line, token.pos.column,
                      "document has more tokens than the limit of %d", LIMIT_GRAPHQL_TOKENS);
    *ret = token;
    return 0;
}
