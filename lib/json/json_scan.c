// SPDX-License-Identifier: Apache-2.0
#include "lib/json/json_scan.h"

#include <endian.h>
#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/json/json_node.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Length of the well-formed UTF-8 sequence (RFC 3629) of more than one byte at `at`, or 0. */
static size_t utf8_len(const char *at, const char *end)
{
    const unsigned char *s = (const unsigned char *)at;
    size_t left = (size_t)(end - at);
    size_t len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || left < len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xed && s[1] >= 0xa0;
    bool too_large = s[0] == 0xf4 && s[1] >= 0x90;
    return overlong || surrogate || too_large ? 0 : len;
}

/* What stands at `at`, as an error names it. */
static const char *found(const struct json_scan *scan, const char *at, char *buf, size_t buf_len)
{
    unsigned char c = at < scan->end ? (unsigned char)*at : 0;
    size_t len = 1;
    if (at >= scan->end)
        snprintf(buf, buf_len, "end of text");
    else if (c == '\n' || c == '\r')
        snprintf(buf, buf_len, "a line break");
    else if (c < 0x20 || c == 0x7f)
        snprintf(buf, buf_len, "control character 0x%02x", c);
    else if (c == '\'')
        snprintf(buf, buf_len, "a single quote");
    else if (c >= 0x80 && (len = utf8_len(at, scan->end)) == 0)
        snprintf(buf, buf_len, "byte 0x%02x, which is not UTF-8", c);
    else {
        while (is_word(*at) && len < 20 && at + len < scan->end && is_word(at[len]))
            len++;
        snprintf(buf, buf_len, "'%.*s'", (int)len, at);
    }
    return buf;
}

int json_scan_fail(const struct json_scan *scan, const char *at, const char *expected)
{
    int line = 0, column = 0;
    char buf[64];
    json_line_column(scan->text, (size_t)(at - scan->text.ptr), &line, &column);
    return err_at(scan->err, ERR_PARSE, scan->source, line, column, "expected %s, found %s",
                  expected, found(scan, at, buf, sizeof buf));
}

/* ---- strings ---- */

/* Nonzero in the lowest byte of the word that is not plain: quote, backslash, control, UTF-8. */
static uint64_t special_bytes(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t quote = w ^ (ones * '"'), backslash = w ^ (ones * '\\');
    return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | (w - ones * 0x20) | w) &
           highs;
}

const char *json_scan_plain(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t w;
        memcpy(&w, at, sizeof w);
        uint64_t special = special_bytes(le64toh(w));
        if (special)
            return at + (__builtin_ctzll(special) >> 3);
        at += 8;
    }
    if (end - at >= 4) {
        uint32_t w;
        memcpy(&w, at, sizeof w);
        uint64_t special = special_bytes(le32toh(w) | 0x2020202000000000u);
        if (special)
            return at + (__builtin_ctzll(special) >> 3);
        at += 4;
    }
    while (at < end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' &&
           *at != '\\')
        at++;
    return at;
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits at `at`, or -1 with *ret_bad at the first that is none. */
static long hex4(const char *at, const char *end, const char **ret_bad)
{
    long value = 0;
    for (int i = 0; i < 4; i++, at++) {
        int digit = at < end ? hex_digit(*at) : -1;
        if (digit < 0) {
            *ret_bad = at;
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static bool is_high(long unit)
{
    return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(long unit)
{
    return unit >= 0xdc00 && unit < 0xe000;
}

/* Check the escape whose backslash is at scan->at and step over it. */
static int check_escape(struct json_scan *scan)
{
    const char *at = scan->at, *bad = NULL;
    char c = at + 1 < scan->end ? at[1] : '\0';
    if (c != 'u') {
        if (c == '\0' || !strchr("\"\\/bfnrt", c))
            return json_scan_fail(scan, at + 1, "one of \"\\/bfnrtu after a backslash");
        scan->at += 2;
        return 0;
    }
    long unit = hex4(at + 2, scan->end, &bad);
    if (unit < 0)
        return json_scan_fail(scan, bad, "four hex digits after '\\u'");
    scan->at += 6;
    if (is_low(unit))
        return json_scan_fail(scan, at, "a high surrogate before a low one");
    if (!is_high(unit))
        return 0;
    if (scan->end - scan->at < 2 || scan->at[0] != '\\' || scan->at[1] != 'u')
        return json_scan_fail(scan, scan->at,
                              "a low surrogate (\\udc00 to \\udfff) after a high one");
    unit = hex4(at + 8, scan->end, &bad);
    if (unit < 0)
        return json_scan_fail(scan, bad, "four hex digits after '\\u'");
    if (!is_low(unit))
        return json_scan_fail(scan, scan->at,
                              "a low surrogate (\\udc00 to \\udfff) after a high one");
    scan->at += 6;
    return 0;
}

static char *put_utf8(char *to, long c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xc0 | (c >> 6));
    } else {
        if (c < 0x10000) {
            *to++ = (char)(0xe0 | (c >> 12));
        } else {
            *to++ = (char)(0xf0 | (c >> 18));
            *to++ = (char)(0x80 | ((c >> 12) & 0x3f));
        }
        *to++ = (char)(0x80 | ((c >> 6) & 0x3f));
    }
    *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

/* Decode a string whose escapes have been checked; never longer than its source. */
static struct str unescape(struct arena *arena, const char *at, const char *end)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char *start = arena_alloc(arena, (size_t)(end - at)), *to = start;
    const char *bad = NULL;
    while (at < end) {
        const char *stop = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((stop ? stop : end) - at);
        memcpy(to, at, plain);
        to += plain;
        at += plain;
        if (!stop)
            break;
        if (at[1] != 'u') {
            *to++ = into[strchr(from, at[1]) - from];
            at += 2;
            continue;
        }
        long unit = hex4(at + 2, end, &bad);
        at += 6;
        if (is_high(unit)) {
            unit = 0x10000 + ((unit - 0xd800) << 10) + (hex4(at + 2, end, &bad) - 0xdc00);
            at += 6;
        }
        to = put_utf8(to, unit);
    }
    return str_make(start, (size_t)(to - start));
}

static int fail_unclosed(struct json_scan *scan, const char *opening)
{
    int line = 0, column = 0;
    char expected[96];
    json_line_column(scan->text, (size_t)(opening - scan->text.ptr), &line, &column);
    snprintf(expected, sizeof expected, "'\"' to end the string that starts at line %d column %d",
             line, column);
    return json_scan_fail(scan, scan->at, expected);
}

int json_scan_string(struct json_scan *scan, struct str *ret)
{
    const char *opening = scan->at++;
    bool escaped = false;
    while (true) {
        scan->at = json_scan_plain(scan->at, scan->end);
        if (scan->at >= scan->end)
            return fail_unclosed(scan, opening);
        unsigned char c = (unsigned char)*scan->at;
        if (c == '"')
            break;
        if (c == '\\') {
            escaped = true;
            int rc = check_escape(scan);
            if (rc)
                return rc;
        } else if (c < 0x20) {
            return json_scan_fail(scan, scan->at, "control characters in a string to be escaped");
        } else {
            size_t len = utf8_len(scan->at, scan->end);
            if (len == 0)
                return json_scan_fail(scan, scan->at, "UTF-8 in a string");
            scan->at += len;
        }
    }
    const char *content = opening + 1;
    *ret = escaped ? unescape(scan->arena, content, scan->at)
                   : str_make(content, (size_t)(scan->at - content));
    scan->at++;
    return 0;
}

/* ---- numbers ---- */

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

int json_scan_number(struct json_scan *scan, struct str *ret, bool *ret_integer)
{
    const char *at = scan->at, *end = scan->end;
    bool integer = true;
    if (*at == '-')
        at++;
    if (at >= end || !is_digit(*at))
        return json_scan_fail(scan, at, "a digit after '-'");
    const char *digits = at;
    at = skip_digits(at, end);
    if (*digits == '0' && at > digits + 1)
        return json_scan_fail(scan, digits + 1, "no digit after a leading 0");
    if (at < end && *at == '.') {
        integer = false;
        const char *fraction = ++at;
        at = skip_digits(at, end);
        if (at == fraction)
            return json_scan_fail(scan, at, "a digit after the decimal point");
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        integer = false;
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        const char *exponent = at;
        at = skip_digits(at, end);
        if (at == exponent)
            return json_scan_fail(scan, at, "a digit in the exponent");
    }
    if (at - scan->at > LIMIT_JSON_NUMBER) {
        int line = 0, column = 0;
        json_line_column(scan->text, (size_t)(scan->at - scan->text.ptr), &line, &column);
        return err_at(scan->err, ERR_LIMIT, scan->source, line, column,
                      "number of %zu characters is longer than the limit of %d",
                      (size_t)(at - scan->at), LIMIT_JSON_NUMBER);
    }
    *ret = str_make(scan->at, (size_t)(at - scan->at));
    *ret_integer = integer;
    scan->at = at;
    return 0;
}
