// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_JSON_JSON_SCAN_H
#define TALLY_LIB_JSON_JSON_SCAN_H
/* The tokens of JSON text, RFC 8259 to the letter; for lib/json only. */
#include "lib/base/str.h"

struct arena;
struct err;

struct json_scan {
    struct str text; /* whole source */
    const char *at, *end;
    const char *source; /* name for errors */
    struct arena *arena;
    struct err *err;
};

/*
 * Fail with ERR_PARSE at `at`: "expected <expected>, found <what stands there>". Returns the code.
 */
int json_scan_fail(const struct json_scan *scan, const char *at, const char *expected);

/* The first byte from `at` that is a quote, a backslash, a control or no ASCII; or `end`. */
const char *json_scan_plain(const char *at, const char *end);
/*
 * The string whose opening quote is at scan->at; leaves scan->at behind the closing one. *ret is a
 * view into the text, or unescaped into the arena if it holds escapes.
 */
int json_scan_string(struct json_scan *scan, struct str *ret);
/* The number at scan->at. */
int json_scan_number(struct json_scan *scan, struct str *ret, bool *ret_integer);

#endif
