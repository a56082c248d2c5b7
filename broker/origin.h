// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_ORIGIN_H
#define TALLY_BROKER_ORIGIN_H
/*
 * Where a request came from and under which URL its client knows the broker. What a proxy says
 * about it (X-Forwarded-For, -Host, -Port, -Prefix, -Proto) is believed only when the connection
 * comes from an address that the configuration trusts: anybody else could lead the readers of
 * every link astray.
 */
#include <stdbool.h>

#include "lib/base/str.h"

struct arena;
struct err;
struct origin;
struct request;

struct origin_view {
    const char *base;    /* base URL without trailing slash; every link starts with it */
    const char *address; /* of the client, without port */
    bool unheard;        /* a proxy that is not trusted said under which name it is reached */
    struct str prefix;   /* path of the base URL, "/pacts"; requests may come with it or without */
};

/*
 * @base_urls  separated by spaces, or NULL; @trusted  addresses and ranges, separated by commas or
 * spaces, or NULL. ERR_USAGE names what is wrong.
 */
int origin_new(const char *base_urls, const char *trusted, struct origin **ret, struct err *err);
void origin_free(struct origin *origin);
/*
 * One base URL is always the answer; of several the one that the request came for, as the proxy
 * or else as the request itself says, or else the first; none makes it the request's own.
 * @own is the server's address ("http://127.0.0.1:9292"): its scheme, and what a request without
 * a usable Host gets.
 */
void origin_read(const struct origin *origin, const struct request *request, const char *own,
                 struct arena *arena, struct origin_view *ret);

/* Checks for options: what is wrong, or NULL. */
const char *origin_check_urls(const char *text);
const char *origin_check_trusted(const char *text);

#endif
