// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/expression_lexer.h"

#include <ctype.h>
#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"

static bool is_space(char c)
{
    return c != '\0' && strchr(" \t\r\n\f", c);
}

static char byte_at(struct str text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

static size_t digits(struct str text, size_t at)
{
    size_t n = 0;
    while (isdigit((unsigned char)byte_at(text, at + n))) {
        n++;
    }
    return n;
}

/* Length of the JSON number there, or 0. */
static size_t number_len(struct str text, size_t at)
{
    size_t i = at + (byte_at(text, at) == '-'), n = digits(text, i);
    if (n == 0 || (n > 1 && text.ptr[i] == '0')) {
        return 0;
    }
    i += n;
    if (byte_at(text, i) == '.') {
        n = digits(text, i + 1);
        if (n == 0) {
            return 0;
        }
        i += 1 + n;
    }
    if (byte_at(text, i) == 'e' || byte_at(text, i) == 'E') {
        size_t sign = byte_at(text, i + 1) == '+' || byte_at(text, i + 1) == '-';
        n = digits(text, i + 1 + sign);
        if (n == 0) {
            return 0;
        }
        i += 1 + sign + n;
    }
    return i - at;
}

static size_t word_len(struct str text, size_t at)
{
    size_t i = at;
    while (i < text.len && (isalnum((unsigned char)text.ptr[i]) || strchr("_-.", text.ptr[i])) &&
           text.ptr[i]) {
        i++;
    }
    return i - at;
}

/* Length of the quoted string there, or 0 when it does not end. */
static size_t text_len(struct str text, size_t at)
{
    for (size_t i = at + 1; i < text.len; i++) {
        if (text.ptr[i] == '\'') {
            return i + 1 - at;
        }
        i += text.ptr[i] == '\\';
    }
    return 0;
}

struct expression_token expression_token(struct str text, size_t at)
{
    size_t len = 0;
    enum expression_token_kind kind = EXPRESSION_TOKEN_BAD;
    while (at < text.len && is_space(text.ptr[at])) {
        at++;
    }
    if (at == text.len) {
        return (struct expression_token){EXPRESSION_TOKEN_END, str_sub(text, at, 0), at};
    }
    char c = text.ptr[at];
    if (isalpha((unsigned char)c)) {
        kind = EXPRESSION_TOKEN_WORD;
        len = word_len(text, at);
    } else if (isdigit((unsigned char)c) || c == '-') {
        kind = EXPRESSION_TOKEN_NUMBER;
        len = number_len(text, at);
    } else if (c == '\'') {
        kind = EXPRESSION_TOKEN_TEXT;
        len = text_len(text, at);
    } else if (c && strchr("(),$", c)) {
        kind = EXPRESSION_TOKEN_SIGN;
        len = 1;
    }
    if (len == 0) { /* what is no token reaches to the next sign or space */
        kind = EXPRESSION_TOKEN_BAD;
        for (len = 1; at + len < text.len && !is_space(text.ptr[at + len]) &&
                      !(text.ptr[at + len] && strchr("(),$", text.ptr[at + len]));) {
            len++;
        }
    }
    return (struct expression_token){kind, str_sub(text, at, len), at};
}

static int error_at(struct str text, size_t at, struct err *err, const char *why)
{
    int line = 1;
    size_t start = 0;
    for (size_t i = 0; i < at; i++) {
        if (text.ptr[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    return err_at(err, ERR_PARSE, NULL, line, (int)(at - start) + 1,
                  "%s at character %zu of the matching definition", why, at + 1);
}

int expression_expected(struct str text, const struct expression_token *token, const char *what,
                        struct err *err)
{
    enum { SHOWN = 60 };
    char why[256];
    struct str shown = str_sub(token->text, 0, SHOWN);
    if (token->kind == EXPRESSION_TOKEN_END) {
        snprintf(why, sizeof why, "expected %s, found the end", what);
    } else if (token->kind == EXPRESSION_TOKEN_BAD && token->text.ptr[0] == '\'') {
        snprintf(why, sizeof why, "expected %s, found a string without its closing quote", what);
    } else {
        snprintf(why, sizeof why, "expected %s, found %.*s%s", what, STR_FMT(shown),
                 shown.len < token->text.len ? "…" : "");
    }
    return error_at(text, token->at, err, why);
}

/* ---- escapes ---- */

/* n hexadecimal digits at most; how many there were. */
static size_t hex(struct str text, size_t at, size_t most, uint32_t *ret)
{
    size_t n = 0;
    *ret = 0;
    while (n < most && isxdigit((unsigned char)byte_at(text, at + n))) {
        char c = text.ptr[at + n++];
        uint32_t digit = isdigit((unsigned char)c)
                             ? (uint32_t)(c - '0')
                             : (uint32_t)(tolower((unsigned char)c) - 'a') + 10;
        *ret = *ret << 4 | digit;
    }
    return n;
}

/* "XXXX" or "{X…}" after "\u": the code unit, and the length; 0 = neither. */
static size_t code_unit(struct str text, size_t at, uint32_t *ret)
{
    if (byte_at(text, at) != '{') {
        return hex(text, at, 4, ret) == 4 ? 4 : 0;
    }
    size_t n = hex(text, at + 1, 6, ret);
    return n > 0 && byte_at(text, at + 1 + n) == '}' ? n + 2 : 0;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (char)(lead[len] | c);
    return len;
}

/* A character after "\u", two of them when they are surrogates; its length there, or 0. */
static size_t character(struct str text, size_t at, uint32_t *ret)
{
    uint32_t low = 0;
    size_t len = code_unit(text, at, ret);
    if (len == 0 || *ret > 0x10ffff || (*ret >= 0xdc00 && *ret < 0xe000)) {
        return 0;
    }
    if (*ret < 0xd800 || *ret >= 0xe000) {
        return len;
    }
    if (byte_at(text, at + len) != '\\' || byte_at(text, at + len + 1) != 'u') {
        return 0;
    }
    size_t more = code_unit(text, at + len + 2, &low);
    if (more == 0 || low < 0xdc00 || low >= 0xe000) {
        return 0;
    }
    *ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
    return len + 2 + more;
}

int expression_unescape(struct str text, const struct expression_token *token, struct arena *arena,
                        struct str *ret, struct err *err)
{
    static const char names[] = "\\bfnrt", bytes[] = "\\\b\f\n\r\t";
    struct str in = str_sub(token->text, 1, token->text.len - 2);
    char *out = ARENA_ARRAY(arena, char, in.len + 1); /* never longer than what is written */
    size_t len = 0;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i], next = byte_at(in, i + 1);
        const char *known = c == '\\' && next ? strchr(names, next) : NULL;
        if (known) {
            out[len++] = bytes[known - names];
            i++;
        } else if (c == '\\' && next == 'u') {
            uint32_t value = 0;
            size_t used = character(in, i + 2, &value);
            if (used == 0) {
                return error_at(text, token->at + 1 + i, err,
                                "expected \\uXXXX or \\u{X} of a Unicode character");
            }
            len += put_utf8(out + len, value);
            i += 1 + used;
        } else {
            out[len++] = c;
            if (c == '\\' && i + 1 < in.len) { /* kept with what it stands before */
                out[len++] = in.ptr[++i];
            }
        }
    }
    *ret = str_make(out, len);
    return 0;
}
