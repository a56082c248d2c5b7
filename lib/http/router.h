// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_HTTP_ROUTER_H
#define TALLY_LIB_HTTP_ROUTER_H
/*
 * Routes as a table: method and template ("/pacticipants/{name}/versions/{version}"). Segments are
 * compared after percent-decoding, so %2F inside a segment is data. Literal segments win over
 * parameters, with whatever methods they have: DELETE of "/x/latest" that only answers GET is no
 * DELETE of "/x/{name}". A template's parameter takes exactly one, non-empty segment.
 */
#include <stddef.h>

#include "lib/base/str.h"
#include "lib/wire/url.h"

struct arena;
struct err;
struct router;
struct exchange;

struct route {
    const char *method;   /* "GET"; "*" = any */
    const char *template; /* starts with '/' */
    void (*handle)(struct exchange *exchange);
    int tag; /* the table owner's own use: access class, content types, ... */
};

enum router_result { ROUTER_FOUND, ROUTER_NO_PATH, ROUTER_NO_METHOD, ROUTER_BAD_PATH };

struct router_match {
    enum router_result result;
    const struct route *route;
    struct url_params params; /* names borrowed from the template, values decoded */
    struct str allow;         /* "GET, PUT" of the path, for 405 and OPTIONS */
};

/* The table is borrowed. Panics (assert) on a malformed or doubled row: that is our mistake. */
struct router *router_new(const struct route *routes, size_t n);
void router_free(struct router *router);
void router_find(const struct router *router, struct str method, struct str path,
                 struct arena *arena, struct router_match *ret);
/* Value of a path parameter in an exchange; asserts that the route has it. */
struct str router_param(const struct exchange *exchange, const char *name);

#endif
