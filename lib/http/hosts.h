// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_HTTP_HOSTS_H
#define TALLY_LIB_HTTP_HOSTS_H
/*
 * A list of hosts that a server may be sent to by its users, and the guard that goes with it:
 * addresses that are not public (loopback, private, link-local, shared, multicast, reserved) are
 * refused unless the list names them.
 *
 * Entries, separated by spaces or commas: "name.example", "*.example" (one label, as in
 * certificates), "/regular expression/" (part of the name is enough), "10.1.2.3", "10.0.0.0/8",
 * "fd00::/8".
 */
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/str.h"

struct arena;
struct err;
struct hosts;
struct sockaddr;

/* NULL or an empty text is an empty list. Errors: ERR_USAGE naming the entry. */
int hosts_parse(const char *list, struct arena *arena, const struct hosts **ret, struct err *err);
size_t hosts_len(const struct hosts *hosts);
/* The i-th entry as written. */
struct str hosts_entry(const struct hosts *hosts, size_t i);
/* Whether an entry names the host of a URL ("[::1]" and "::1" are one). Addresses and networks
 * are compared with literal addresses only. */
bool hosts_name(const struct hosts *hosts, struct str host);
/*
 * May a call to `host` connect to this address? Yes if it is public, if an address or network of
 * the list covers it, or if the list has the very name of the host. Patterns do not open the way:
 * whoever runs a name below them could point it anywhere.
 */
bool hosts_may_connect(const struct hosts *hosts, struct str host, const struct sockaddr *address);
/* IANA's special-purpose registries; IPv4 inside IPv6 is judged as IPv4. */
bool hosts_is_public(const struct sockaddr *address);

#endif
