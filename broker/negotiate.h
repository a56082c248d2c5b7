// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_NEGOTIATE_H
#define TALLY_BROKER_NEGOTIATE_H
/* What a client can read against what a route can send, and the other way round. */
#include <stdbool.h>

#include "lib/base/str.h"

struct call;

/* A trailing ".json" and the like is taken off the path and replaces Accept, which is returned. */
struct str negotiate_extension(struct str *path, struct str accept);
/* Chooses call->type; false = the first that the route has, as the client takes none (406). */
bool negotiate_type(struct call *call, struct str accept);
/* Whether a browser asks for what only programs read; call->page has to be known. */
bool negotiate_for_browser(const struct call *call, struct str accept);
/* Whether the route takes bodies of that type (or else 415). */
bool negotiate_body(const struct call *call, struct str content_type);

#endif
