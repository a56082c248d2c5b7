// SPDX-License-Identifier: Apache-2.0
#include "lib/base/cidr.h"

#include <arpa/inet.h>
#include <stdio.h>

enum { MAPPED_BITS = 96, ALL_BITS = 128 };

static const uint8_t mapped[MAPPED_BITS / 8] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool bit(const uint8_t *bytes, int i)
{
    return (bytes[i / 8] >> (7 - i % 8) & 1) != 0;
}

static bool parse_address(struct str text, struct cidr *ret, bool *ret_v4)
{
    char buf[INET6_ADDRSTRLEN + 1];
    struct cidr found = {.bits = ALL_BITS};

    if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
        text = str_sub(text, 1, text.len - 2);
    if (text.len == 0 || text.len >= sizeof buf || str_chr(text, 0) >= 0)
        return false;
    memcpy(buf, text.ptr, text.len);
    buf[text.len] = 0;
    memcpy(found.bytes, mapped, sizeof mapped);
    *ret_v4 = inet_pton(AF_INET, buf, found.bytes + sizeof mapped) == 1;
    if (!*ret_v4 && inet_pton(AF_INET6, buf, found.bytes) != 1)
        return false;
    *ret = found;
    return true;
}

bool cidr_parse(struct str text, struct cidr *ret)
{
    struct str rest = text;
    struct str address = str_cut(&rest, '/');
    struct cidr found = {.bits = 0};
    bool v4 = false;

    if (!parse_address(address, &found, &v4))
        return false;
    if (rest.ptr) {
        int64_t bits = 0;
        if (!str_to_i64(rest, 0, v4 ? ALL_BITS - MAPPED_BITS : ALL_BITS, &bits))
            return false;
        found.bits = (int)bits + (v4 ? MAPPED_BITS : 0);
    }
    for (int i = found.bits; i < ALL_BITS; i++) {
        if (bit(found.bytes, i))
            return false;
    }
    *ret = found;
    return true;
}

bool cidr_parse_peer(struct str text, struct cidr *ret)
{
    bool v4 = false;

    if (parse_address(text, ret, &v4))
        return true;
    size_t end = text.len;
    while (end > 0 && text.ptr[end - 1] >= '0' && text.ptr[end - 1] <= '9')
        end--;
    return end > 1 && text.ptr[end - 1] == ':' &&
           parse_address(str_sub(text, 0, end - 1), ret, &v4);
}

bool cidr_holds(const struct cidr *range, const struct cidr *inner)
{
    if (inner->bits < range->bits)
        return false;
    for (int i = 0; i < range->bits; i++) {
        if (bit(range->bytes, i) != bit(inner->bytes, i))
            return false;
    }
    return true;
}

struct cidr cidr_widen(struct cidr address, int bits)
{
    for (int i = bits; i < ALL_BITS; i++)
        address.bytes[i / 8] &= (uint8_t) ~(1u << (7 - i % 8));
    address.bits = bits;
    return address;
}

bool cidr_is_v4(const struct cidr *address)
{
    return address->bits >= MAPPED_BITS && memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

char *cidr_format(const struct cidr *address, char *ret)
{
    bool v4 = cidr_is_v4(address);
    const void *bytes = v4 ? address->bytes + sizeof mapped : address->bytes;
    char text[INET6_ADDRSTRLEN] = "?";

    inet_ntop(v4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
    if (address->bits == ALL_BITS)
        snprintf(ret, CIDR_TEXT_LEN, "%s", text);
    else
        snprintf(ret, CIDR_TEXT_LEN, "%s/%d", text, address->bits - (v4 ? MAPPED_BITS : 0));
    return ret;
}
