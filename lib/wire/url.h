// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_WIRE_URL_H
#define TALLY_LIB_WIRE_URL_H
/*
 * Percent-encoding, request targets, path segments and queries (RFC 3986, and the form rules for
 * `+`). Pure: bytes in, bytes out.
 */
#include "lib/base/vec.h"
#include "lib/base/str.h"

struct arena;
struct err;

struct url_param {
    struct str name;  /* decoded */
    struct str value; /* decoded; absent when there was no '=' */
};
struct url_params {
    VEC_OF(struct url_param);
};
struct url_segments {
    VEC_OF(struct str);
};

/* Decode %XX (and '+' if plus_is_space). A '%' without two hex digits is ERR_PARSE. */
int url_decode(struct str text, bool plus_is_space, struct arena *arena, struct str *ret,
               struct err *err);
/* Encode everything but unreserved characters (letters, digits, "-._~"): ' ' is %20, '/' is %2F. */
struct str url_encode(struct arena *arena, struct str text);

/*
 * Split an origin-form or absolute-form target into raw path and raw query (absent without '?').
 * A fragment is ERR_PARSE (RFC 9112 §3.2).
 */
int url_split_target(struct str target, struct str *ret_path, struct str *ret_query,
                     struct err *err);
/*
 * Decoded segments of a path that starts with '/': "/a%2Fb/c" gives "a/b", "c". A trailing slash
 * gives a last empty segment; "/" gives none. Errors: ERR_PARSE (bad escape), ERR_LIMIT.
 */
int url_segments(struct str path, struct arena *arena, struct url_segments *ret, struct err *err);

/* "a=1&b&a=2" in order; names and values decoded with '+' as space; empty pairs are dropped. */
int url_query_parse(struct str query, struct arena *arena, struct url_params *ret, struct err *err);
/* The reverse; absent values are written without '='. */
struct str url_query_write(struct arena *arena, const struct url_params *params);
/* First value of name; absent when there is none. */
struct str url_query_get(const struct url_params *params, const char *name);

/* base without trailing slashes + path, with one '/' between: a path never changes the host. */
struct str url_join(struct arena *arena, struct str base, struct str path);
/* "http://user:pw@host:1/x" -> "http://host:1/x", for messages and logs. */
struct str url_redact(struct arena *arena, struct str url);

#endif
