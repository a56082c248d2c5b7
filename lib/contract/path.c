// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/rules.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/select.h"

/* Bytes of a name after '.'; every byte of a non-ASCII letter counts as one. */
static bool name_byte(unsigned char c)
{
    return isalnum(c) || c >= 0x80 || (c && strchr("_-:#@", c));
}

static int bad(struct err *err, size_t at, const char *what, struct str text)
{
    return err_at(err, ERR_PARSE, NULL, 0, (int)at + 1, "%s at offset %zu of path '%.*s'", what, at,
                  STR_FMT(text));
}

static struct path_token *push(struct arena *arena, struct path *path, enum path_token_kind kind)
{
    struct path_token *token = VEC_PUSH(arena, path);
    token->kind = kind;
    return token;
}

static int parse_name(struct str text, size_t *at, struct arena *arena, struct path *path,
                      struct err *err)
{
    size_t i = *at;
    if (i < text.len && text.ptr[i] == '*') {
        push(arena, path, PATH_ANY_NAME);
        *at = i + 1;
        return 0;
    }
    while (i < text.len && name_byte((unsigned char)text.ptr[i])) {
        i++;
    }
    if (i == *at) {
        return bad(err, i, "expected a name or '*'", text);
    }
    push(arena, path, PATH_NAME)->name = str_sub(text, *at, i - *at);
    *at = i;
    return 0;
}

static int parse_bracket(struct str text, size_t *at, struct arena *arena, struct path *path,
                         struct err *err)
{
    struct str rest = str_sub(text, *at, text.len - *at);
    if (str_starts(rest, STR("*]"))) {
        push(arena, path, PATH_ANY_INDEX);
        *at += 2;
        return 0;
    }
    if (str_starts(rest, STR("'"))) {
        struct str inside = str_sub(rest, 1, rest.len - 1);
        long end = str_find(inside, STR("']"));
        if (end < 0) {
            return bad(err, text.len, "expected ']", text);
        }
        if (end == 0) {
            return bad(err, *at + 1, "expected a name between quotes", text);
        }
        push(arena, path, PATH_NAME)->name = str_sub(inside, 0, (size_t)end);
        *at += (size_t)end + 3;
        return 0;
    }
    long end = str_chr(rest, ']');
    int64_t index;
    if (end <= 0 || !isdigit((unsigned char)rest.ptr[0]) ||
        !str_to_i64(str_sub(rest, 0, (size_t)end), 0, INT64_MAX, &index)) {
        return bad(err, *at, "expected a number, '*' or a quoted name in brackets", text);
    }
    push(arena, path, PATH_INDEX)->index = index;
    *at += (size_t)end + 1;
    return 0;
}

int path_parse(struct str text, struct arena *arena, struct path *ret, struct err *err)
{
    struct path path = {0};
    size_t at = 0;
    int rc = 0;
    if (text.len == 0) {
        return bad(err, 0, "expected '$'", text);
    }
    if (text.ptr[0] == '$') {
        at = 1;
    } else if (isalnum((unsigned char)text.ptr[0])) {
        rc = parse_name(text, &at, arena, &path, err);
    } else {
        return bad(err, 0, "expected '$'", text);
    }
    while (rc == 0 && at < text.len) {
        char c = text.ptr[at++];
        if (path.len >= LIMIT_RULE_PATH_TOKENS) {
            return err_set(err, ERR_LIMIT, "path of more than %d parts", LIMIT_RULE_PATH_TOKENS);
        }
        if (c == '.') {
            rc = parse_name(text, &at, arena, &path, err);
        } else if (c == '[') {
            rc = parse_bracket(text, &at, arena, &path, err);
        } else {
            rc = bad(err, at - 1, "expected '.' or '['", text);
        }
    }
    if (rc == 0) {
        *ret = path;
    }
    return rc;
}

static bool is_decimal(struct str name, int64_t index)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, index);
    return str_eq(name, str_make(digits, (size_t)len));
}

unsigned path_token_score(const struct path_token *rule, const struct path_token *at)
{
    switch (rule->kind) {
    case PATH_NAME:
        if (at->kind == PATH_NAME) {
            return str_eq(rule->name, at->name) ? 2 : 0;
        }
        return at->kind == PATH_INDEX && is_decimal(rule->name, at->index) ? 2 : 0;
    case PATH_INDEX:
        if (at->kind == PATH_INDEX) {
            return rule->index == at->index ? 2 : 0;
        }
        return at->kind == PATH_NAME && is_decimal(at->name, rule->index) ? 2 : 0;
    case PATH_ANY_NAME:
        return 1;
    case PATH_ANY_INDEX:
        return at->kind == PATH_INDEX ? 1 : 0;
    }
    return 0;
}

uint64_t path_weight(const struct path *rule, const struct path *at)
{
    uint64_t weight = 2; /* '$' itself */
    if (rule->len > at->len) {
        return 0;
    }
    for (size_t i = 0; i < rule->len; i++) {
        unsigned score = path_token_score(&rule->items[i], &at->items[i]);
        if (score == 0) {
            return 0;
        }
        if (weight < UINT64_MAX / 4) {
            weight *= score;
        }
    }
    return weight;
}

static bool literal(const struct path_token *token)
{
    return token->kind == PATH_NAME || token->kind == PATH_INDEX;
}

static size_t literals(const struct path *path)
{
    size_t n = 1;
    VEC_EACH(path, const struct path_token *, token) {
        n += literal(token);
    }
    return n;
}

/*
 * A token that applies scores 2 when it is literal and 1 when it is a wildcard, so which of two
 * applicable rules weighs more depends on their paths alone: 2^literals * tokens. Both sides are
 * kept exact by comparing the exponents first (token counts are below 2^7).
 */
int path_compare(const struct path *a, const struct path *b)
{
    size_t la = literals(a), lb = literals(b);
    size_t least = la < lb ? la : lb;
    uint64_t wa = la - least > 32 ? UINT64_MAX : (uint64_t)(a->len + 1) << (la - least);
    uint64_t wb = lb - least > 32 ? UINT64_MAX : (uint64_t)(b->len + 1) << (lb - least);
    if (wa != wb) {
        return wa > wb ? -1 : 1;
    }
    for (size_t i = 0; i < a->len && i < b->len; i++) {
        bool xa = literal(&a->items[i]), xb = literal(&b->items[i]);
        if (xa != xb) {
            return xa ? -1 : 1;
        }
    }
    return 0;
}

/* Names that a number in brackets would stand for as well; 01 is a name of its own. */
static bool is_index(struct str name)
{
    int64_t index;
    return str_to_i64(name, 0, INT64_MAX, &index) && is_decimal(name, index);
}

void path_token_write(const struct path_token *token, struct buf *out)
{
    bool plain = token->name.len > 0;
    switch (token->kind) {
    case PATH_ANY_NAME:
        buf_puts(out, ".*");
        return;
    case PATH_ANY_INDEX:
        buf_puts(out, "[*]");
        return;
    case PATH_INDEX:
        buf_printf(out, "[%" PRId64 "]", token->index);
        return;
    case PATH_NAME:
        break;
    }
    for (size_t i = 0; i < token->name.len; i++) {
        plain = plain && name_byte((unsigned char)token->name.ptr[i]);
    }
    if (is_index(token->name)) {
        buf_printf(out, "[%.*s]", STR_FMT(token->name));
    } else if (plain) {
        buf_printf(out, ".%.*s", STR_FMT(token->name));
    } else {
        buf_puts(out, "['");
        buf_str(out, token->name);
        buf_puts(out, "']");
    }
}

void path_print(const struct path *path, struct arena *arena, struct str *ret)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    buf_putc(&out, '$');
    VEC_EACH(path, const struct path_token *, token) {
        path_token_write(token, &out);
    }
    *ret = str_dup(arena, buf_view(&out));
}
