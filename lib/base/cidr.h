// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_CIDR_H
#define TALLY_LIB_BASE_CIDR_H
/* Internet addresses and ranges of them ("10.0.0.0/8", "2001:db8::/32"). */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

/* Both families in one form: IPv4 as ::ffff:a.b.c.d, so that a mapped address is the same one. */
struct cidr {
    uint8_t bytes[16];
    int bits; /* 0..128, counted in the common form; 128 = one address */
};

/*
 * "10.1.2.3", "10.0.0.0/8", "::1", "fe80::/10", with or without brackets. False if it is none, or
 * if bits behind the prefix are set ("10.0.0.1/8": which was meant?).
 */
bool cidr_parse(struct str text, struct cidr *ret);
/* One address, as in a peer's "127.0.0.1:4711" or "[::1]:80": a port is cut off. */
bool cidr_parse_peer(struct str text, struct cidr *ret);
/* Whether all of `inner` lies in `range`. */
bool cidr_holds(const struct cidr *range, const struct cidr *inner);
/* Keep the first `bits` bits (counted in the common form) and widen to them. */
struct cidr cidr_widen(struct cidr address, int bits);
bool cidr_is_v4(const struct cidr *address);

enum { CIDR_TEXT_LEN = 64 };
/* "10.1.2.3", "2001:db8::/64"; ret has CIDR_TEXT_LEN bytes; returns it. */
char *cidr_format(const struct cidr *address, char *ret);

#endif
