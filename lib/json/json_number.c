// SPDX-License-Identifier: Apache-2.0
/* What the text of a number means. */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/limits.h"
#include "lib/json/json_node.h"

struct decimal { /* 0.DIGITS * 10^exponent; no leading and trailing zeros, none at all is zero */
    bool negative;
    bool huge; /* the exponent does not fit */
    int64_t exponent;
    const char *digits; /* may hold the decimal point */
    size_t len;         /* digits without the point */
};

static void read_exponent(struct str text, struct decimal *ret)
{
    bool negative = text.ptr[0] == '-';
    size_t i = negative || text.ptr[0] == '+';
    while (i < text.len && text.ptr[i] == '0')
        i++;
    if (text.len - i > 17) {
        ret->huge = true;
        ret->exponent = negative ? -1 : 1;
        return;
    }
    int64_t value = 0;
    for (; i < text.len; i++)
        value = value * 10 + (text.ptr[i] - '0');
    ret->exponent += negative ? -value : value;
}

static struct decimal read_decimal(struct str text)
{
    struct decimal d = {0};
    const char *at = text.ptr, *end = text.ptr + text.len;
    if (at < end && *at == '-') {
        d.negative = true;
        at++;
    }
    bool fraction = false;
    size_t zeros = 0; /* behind the last digit that counts */
    for (; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        bool leading = *at == '0' && d.len == 0;
        if (leading)
            d.exponent -= fraction;
        else
            d.exponent += !fraction;
        if (leading)
            continue;
        if (d.len == 0)
            d.digits = at;
        zeros = *at == '0' ? zeros + 1 : 0;
        d.len++;
    }
    d.len -= zeros;
    if (d.len == 0)
        return (struct decimal){0};
    if (at < end)
        read_exponent(str_make(at + 1, (size_t)(end - at - 1)), &d);
    return d;
}

/* Copy n digits from a text that may hold a decimal point. */
static char *copy_digits(char *to, const char *from, size_t n)
{
    for (; n > 0; from++) {
        if (*from == '.')
            continue;
        *to++ = *from;
        n--;
    }
    return to;
}

bool json_decimal_equal(struct str a, struct str b)
{
    struct decimal x = read_decimal(a), y = read_decimal(b);
    if (x.huge || y.huge)
        return str_eq(a, b);
    if (x.negative != y.negative || x.exponent != y.exponent || x.len != y.len)
        return false;
    const char *p = x.digits, *q = y.digits;
    for (size_t i = 0; i < x.len; i++, p++, q++) {
        p += *p == '.';
        q += *q == '.';
        if (*p != *q)
            return false;
    }
    return true;
}

double json_decimal_to_double(struct str text)
{
    struct decimal d = read_decimal(text);
    if (d.len == 0)
        return text.len && text.ptr[0] == '-' ? -0.0 : 0.0;
    int64_t exponent = d.huge ? d.exponent * 100000 : d.exponent;
    exponent = exponent > 100000 ? 100000 : exponent < -100000 ? -100000 : exponent;
    size_t len = d.len < LIMIT_JSON_NUMBER ? d.len : LIMIT_JSON_NUMBER;
    /* strtod reads the point of the locale, so it gets none. */
    char buf[LIMIT_JSON_NUMBER + 32], *to = buf;
    if (d.negative)
        *to++ = '-';
    to = copy_digits(to, d.digits, len);
    snprintf(to, 24, "e%lld", (long long)(exponent - (int64_t)len));
    return strtod(buf, NULL);
}

/* Decimals of up to DBL_DIG digits come back unchanged from a normal double, so none is shorter. */
bool json_decimal_shortest(struct str text, char ret_digits[JSON_SHORTEST_LEN], int *ret_exponent)
{
    struct decimal d = read_decimal(text);
    if (d.len == 0 || d.len > DBL_DIG || d.huge || d.exponent > DBL_MAX_10_EXP ||
        d.exponent <= DBL_MIN_10_EXP)
        return false;
    *copy_digits(ret_digits, d.digits, d.len) = '\0';
    *ret_exponent = (int)d.exponent;
    return true;
}

/* The double of 0.DIGITS * 10^exponent. */
static double of_digits(const char *digits, int exponent)
{
    char buf[48];
    snprintf(buf, sizeof buf, "%se%d", digits, exponent - (int)strlen(digits));
    return strtod(buf, NULL);
}

/* Add one to the last digit. False when all are nines, which no shortest form ends in. */
static bool next_up(char *digits)
{
    for (size_t i = strlen(digits); i > 0; i--) {
        if (digits[i - 1]++ != '9')
            return true;
        digits[i - 1] = '0';
    }
    return false;
}

void json_shortest(double value, char ret_digits[JSON_SHORTEST_LEN], int *ret_exponent)
{
    /* Up to 15 digits survive the way through a normal double; the zeros are cut off below. */
    for (int n = value < DBL_MIN ? 1 : 15; n <= 17; n++) {
        char buf[48];
        snprintf(buf, sizeof buf, "%.*e", n - 1, value);
        const char *e = strchr(buf, 'e');
        size_t len = 0;
        for (const char *at = buf; at < e; at++) {
            if (*at >= '0' && *at <= '9')
                ret_digits[len++] = *at;
        }
        ret_digits[len] = '\0';
        *ret_exponent = atoi(e + 1) + 1;
        if (of_digits(ret_digits, *ret_exponent) == value)
            break;
        /*
         * Below a power of two doubles lie closer together, so that the nearest number of n digits
         * may miss where the one above it reads back.
         */
        char up[JSON_SHORTEST_LEN];
        memcpy(up, ret_digits, len + 1);
        if (n == 16 && next_up(up) && of_digits(up, *ret_exponent) == value) {
            memcpy(ret_digits, up, len + 1);
            break;
        }
    }
    size_t len = strlen(ret_digits);
    while (len > 1 && ret_digits[len - 1] == '0')
        ret_digits[--len] = '\0';
}
