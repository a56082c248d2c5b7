// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_JSON_JSON_H
#define TALLY_LIB_JSON_JSON_H
/*
 * The document tree: JSON as it was written. Numbers keep their text (1 is not 1.0, integers have
 * any length), objects keep their key order, every value knows where it stood in the source.
 * Reading is strict RFC 8259; a repeated key keeps the last value (its place is the first one's)
 * and is counted in the document. All nodes live in the arena given.
 *
 * Nodes are reached through functions only, so that their layout can be made smaller.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

struct arena;
struct buf;
struct err;
struct json;

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* ---- reading ---- */

/*
 * Parse a whole text. `source` (a file name or URL) goes into errors. The text is borrowed: it must
 * live as long as the tree. A UTF-8 byte order mark at the start is skipped.
 * Errors: ERR_PARSE with line and column and what was expected (also: invalid UTF-8, lone
 * surrogate, NUL outside of an escape), ERR_LIMIT (LIMIT_JSON_DEPTH, _TEXT, _NUMBER).
 */
int json_parse(struct str text, const char *source, struct arena *arena, struct json **ret,
               struct err *err);
/* Line and column (1-based) of a value parsed from `text`; 0,0 for one that was built. */
void json_position(const struct json *value, struct str text, int *ret_line, int *ret_column);
/* Offset of the value's first byte in the text; -1 if it was built. */
long json_offset(const struct json *value);
/* How many repeated keys the parse of this object met (only in itself, not below). */
size_t json_repeated_keys(const struct json *object);
/*
 * The first object, in document order, that repeats a key: itself, and the key. NULL if none does.
 * For documents whose readers may disagree about which value counts (RFC 8259 §4).
 */
const struct json *json_first_repeated(const struct json *root, struct str *ret_key);
/* How many containers stand inside each other: 0 for a scalar, 1 for an empty or flat one. */
int json_depth(const struct json *value);

/* Every accessor takes NULL as "absent" and answers absent, 0, false or NULL. */
enum json_type json_type(const struct json *value);          /* JSON_NULL for NULL; see json_is */
bool json_is(const struct json *value, enum json_type type); /* false for NULL */
bool json_bool(const struct json *value);
/* String: decoded content. Number: its text as written. Else absent. */
struct str json_text(const struct json *value);
/* A number without fraction and exponent. */
bool json_is_integer(const struct json *value);
bool json_to_i64(const struct json *value, int64_t *ret); /* integer that fits */
double json_to_double(const struct json *value);          /* 0 for what is no number */

/* Arrays and objects. */
size_t json_len(const struct json *value);
struct json *json_at(const struct json *value, size_t i); /* item, or value of the i-th key */
struct str json_key(const struct json *object, size_t i);
struct json *json_get(const struct json *object, const char *key); /* NULL if absent */
struct json *json_find(const struct json *object, struct str key);
/* json_find that looks at the i-th key first, where two objects of one order have it. */
struct json *json_find_near(const struct json *object, struct str key, size_t i);
/* json_get, then text of a string; absent when missing or no string. */
struct str json_get_text(const struct json *object, const char *key);

/* ---- building ---- */

struct json *json_new_null(struct arena *arena);
struct json *json_new_bool(struct arena *arena, bool value);
struct json *json_new_int(struct arena *arena, int64_t value);
struct json *json_new_number(struct arena *arena, struct str text); /* text must be a JSON number */
struct json *json_new_str(struct arena *arena, struct str value);   /* borrows the bytes */
struct json *json_new_text(struct arena *arena, const char *value); /* borrows */
struct json *json_new_array(struct arena *arena);
struct json *json_new_object(struct arena *arena);
void json_append(struct arena *arena, struct json *array, struct json *item);
/* Replaces the value of an existing key in its place, else adds at the end. Borrows key. */
void json_set(struct arena *arena, struct json *object, const char *key, struct json *value);
void json_set_str(struct arena *arena, struct json *object, struct str key, struct json *value);
void json_insert_first(struct arena *arena, struct json *object, const char *key,
                       struct json *value);
void json_remove(struct json *object, const char *key);
/* Deep copy: shares nothing with the source but text bytes. */
struct json *json_copy(struct arena *arena, const struct json *value);

/* ---- comparing and writing ---- */

/*
 * Pact equality: types equal, integers equal as integers, decimals numerically, an integer never
 * equals a decimal (1 is not 1.0), strings byte-wise, arrays in order, key order irrelevant.
 */
bool json_equal(const struct json *a, const struct json *b);

#define JSON_COMPACT 0u
#define JSON_PRETTY  1u /* two spaces, as the stock tools write files */
#define JSON_SORTED  2u /* keys in byte order */
#define JSON_RUBY    4u /* numbers as Ruby's generator writes them: broker-api.md §8.1 (6) */
/* Append the value as JSON text. Numbers as written unless JSON_RUBY. */
void json_write(const struct json *value, unsigned flags, struct buf *out);
struct str json_to_str(struct arena *arena, const struct json *value, unsigned flags);

/* ---- paths ---- */

/* RFC 6901; NULL if it leads nowhere. "" is the value itself. */
struct json *json_pointer(const struct json *value, const char *pointer);

#endif
