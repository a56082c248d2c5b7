// SPDX-License-Identifier: Apache-2.0
#include "lib/json/yaml_scalar.h"

#include "lib/base/arena.h"
#include "lib/base/limits.h"

static const char *const null_words[] = {"", "~", "null", "Null", "NULL", NULL};
static const char *const true_words[] = {"true", "True", "TRUE", NULL};
static const char *const false_words[] = {"false", "False", "FALSE", NULL};
static const char *const endless_words[] = {".inf", ".Inf", ".INF", NULL};
static const char *const nan_words[] = {".nan", ".NaN", ".NAN", NULL};

static bool one_of(struct str text, const char *const *words)
{
    for (; *words; words++) {
        if (str_is(text, *words)) {
            return true;
        }
    }
    return false;
}

static size_t digits_at(struct str text, size_t at)
{
    size_t n = 0;
    while (at + n < text.len && text.ptr[at + n] >= '0' && text.ptr[at + n] <= '9') {
        n++;
    }
    return n;
}

/* A number's parts: what JSON writes in another way can be put together anew. */
struct number {
    bool minus, integer;
    struct str whole, fraction, exponent; /* exponent with its sign */
};

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool split_number(struct str text, struct number *ret)
{
    struct number number = {.whole = STR(""), .fraction = STR(""), .exponent = STR("")};
    size_t at = 0;
    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        number.minus = text.ptr[0] == '-';
        at++;
    }
    number.whole = str_sub(text, at, digits_at(text, at));
    at += number.whole.len;
    bool point = at < text.len && text.ptr[at] == '.';
    if (point) {
        at++;
        number.fraction = str_sub(text, at, digits_at(text, at));
        at += number.fraction.len;
    }
    if (number.whole.len + number.fraction.len == 0) {
        return false;
    }
    bool power = at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E');
    if (power) {
        size_t sign = at + 1 < text.len && (text.ptr[at + 1] == '-' || text.ptr[at + 1] == '+');
        size_t n = digits_at(text, at + 1 + sign);
        number.exponent = str_sub(text, at + 1, n ? sign + n : 0);
        at += 1 + sign + n;
        if (n == 0) {
            return false;
        }
    }
    number.integer = !point && !power;
    *ret = number;
    return at == text.len;
}

static struct json *new_number(const struct number *number, struct arena *arena)
{
    struct str whole = number->whole;
    while (whole.len > 1 && whole.ptr[0] == '0') {
        whole = str_sub(whole, 1, whole.len - 1);
    }
    whole = whole.len ? whole : STR("0");
    struct str fraction = number->fraction.len ? number->fraction : STR("0");
    bool point = !number->integer && (number->fraction.len > 0 || number->exponent.len == 0);
    return json_new_number(
        arena, str_printf(arena, "%s%.*s%s%.*s%s%.*s", number->minus ? "-" : "", STR_FMT(whole),
                          point ? "." : "", point ? (int)fraction.len : 0, fraction.ptr,
                          number->exponent.len ? "e" : "", STR_FMT(number->exponent)));
}

static uint64_t digit_of(char c)
{
    return c >= '0' && c <= '9'   ? (uint64_t)(c - '0')
           : c >= 'a' && c <= 'f' ? (uint64_t)(c - 'a' + 10)
           : c >= 'A' && c <= 'F' ? (uint64_t)(c - 'A' + 10)
                                  : UINT64_MAX;
}

/* 0o17 and 0x1f. False if the text is none; *ret is NULL if it is too large. */
static bool read_based(struct str text, struct arena *arena, struct json **ret)
{
    uint64_t value = 0, base = str_starts(text, STR("0x")) ? 16 : 8;
    bool fits = true;
    if (text.len < 3 || !(base == 16 || str_starts(text, STR("0o")))) {
        return false;
    }
    for (size_t i = 2; i < text.len; i++) {
        uint64_t digit = digit_of(text.ptr[i]);
        if (digit >= base) {
            return false;
        }
        fits = fits && value <= ((uint64_t)INT64_MAX - digit) / base;
        value = fits ? value * base + digit : 0;
    }
    *ret = fits ? json_new_int(arena, (int64_t)value) : NULL;
    return true;
}

static bool is_endless(struct str text)
{
    bool sign = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
    return one_of(str_sub(text, sign, text.len), endless_words) || one_of(text, nan_words);
}

/* Any number; NULL with *ret_why still NULL if the text is none. */
static struct json *read_number(struct str text, struct arena *arena, const char **ret_why)
{
    struct number number;
    struct json *value = NULL;
    if (read_based(text, arena, &value)) {
        *ret_why = value ? NULL : "is too large for an integer of 64 bits";
        return value;
    }
    if (is_endless(text)) {
        *ret_why = "is no number that JSON can hold";
        return NULL;
    }
    if (!split_number(text, &number)) {
        return NULL;
    }
    if (text.len > LIMIT_JSON_NUMBER) {
        *ret_why = "has too many digits";
        return NULL;
    }
    return new_number(&number, arena);
}

static bool fits_hint(const struct json *value, enum yaml_hint hint)
{
    switch (hint) {
    case YAML_HINT_NULL:
        return json_is(value, JSON_NULL);
    case YAML_HINT_BOOL:
        return json_is(value, JSON_BOOL);
    case YAML_HINT_INT:
        return json_is_integer(value);
    case YAML_HINT_FLOAT:
        return json_is(value, JSON_NUMBER);
    default:
        return true;
    }
}

struct json *yaml_scalar(struct str text, enum yaml_hint hint, struct arena *arena,
                         const char **ret_why)
{
    const char *why = NULL;
    struct json *value = NULL;
    if (hint == YAML_HINT_TEXT) {
        return json_new_str(arena, str_dup(arena, text));
    }
    if (one_of(text, null_words)) {
        value = json_new_null(arena);
    } else if (one_of(text, true_words) || one_of(text, false_words)) {
        value = json_new_bool(arena, one_of(text, true_words));
    } else {
        value = read_number(text, arena, &why);
    }
    if (!value && !why && hint == YAML_HINT_PLAIN) {
        value = json_new_str(arena, str_dup(arena, text));
    }
    if (value && !fits_hint(value, hint)) {
        value = NULL;
    }
    if (!value) {
        *ret_why = why ? why : "is not what its tag says";
    }
    return value;
}
