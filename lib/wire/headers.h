// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_WIRE_HEADERS_H
#define TALLY_LIB_WIRE_HEADERS_H
/*
 * Header fields as they were on the wire: order, case and duplicates kept. Names compare without
 * case (RFC 9110 §5.1).
 */
#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;

struct header {
    struct str name;
    struct str value; /* optional white space around it removed */
};
struct headers {
    VEC_OF(struct header);
};

void headers_add(struct arena *arena, struct headers *headers, struct str name, struct str value);
void headers_addz(struct arena *arena, struct headers *headers, const char *name,
                  const char *value); /* copies neither */
/* Replace all fields of that name by one. */
void headers_set(struct arena *arena, struct headers *headers, struct str name, struct str value);
/* First value; absent when there is none. */
struct str headers_get(const struct headers *headers, const char *name);
size_t headers_count(const struct headers *headers, const char *name);
/* All values of a name joined by ", " (RFC 9110 §5.2); absent when there is none. */
struct str headers_joined(const struct headers *headers, const char *name, struct arena *arena);
/* Whether a comma-separated list header names the token, case ignored: ("connection", "close"). */
bool headers_has_token(const struct headers *headers, const char *name, const char *token);
/* Token characters only (RFC 9110 §5.6.2), not empty. */
bool headers_name_ok(struct str name);
/* No control characters but tab; in particular no CR, LF, NUL. */
bool headers_value_ok(struct str value);

#endif
