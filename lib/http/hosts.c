// SPDX-License-Identifier: Apache-2.0
#include "lib/http/hosts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/base/vec.h"

/* An address as bytes: 4 or 16 of them. */
struct address {
    unsigned char bytes[16];
    unsigned len;
};
struct net {
    struct address address;
    unsigned bits;
};
enum kind { NAME, WILDCARD, PATTERN, NET };
struct entry {
    enum kind kind;
    struct str text; /* as written */
    struct str body; /* ".example" of a wildcard, what is between the slashes of a pattern */
    struct net net;
};
struct hosts {
    VEC_OF(struct entry);
};

/* ---- addresses ---- */

/* Mapped and translated addresses are what they stand for (RFC 4291 §2.5.5.2, RFC 6052). */
static struct address unmapped(struct address address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const unsigned char nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    if (address.len != 16 ||
        (memcmp(address.bytes, mapped, 12) != 0 && memcmp(address.bytes, nat64, 12) != 0))
        return address;
    struct address four = {.len = 4};
    memcpy(four.bytes, address.bytes + 12, 4);
    return four;
}

static bool covers(const struct net *net, const struct address *address)
{
    if (net->address.len != address->len)
        return false;
    unsigned whole = net->bits / 8, rest = net->bits % 8;
    if (memcmp(net->address.bytes, address->bytes, whole) != 0)
        return false;
    unsigned mask = rest ? 0xffu << (8 - rest) & 0xffu : 0;
    return rest == 0 || (net->address.bytes[whole] & mask) == (address->bytes[whole] & mask);
}

static bool parse_address(struct str text, struct address *ret)
{
    char buffer[INET6_ADDRSTRLEN];
    if (text.len >= sizeof buffer)
        return false;
    memcpy(buffer, text.ptr, text.len);
    buffer[text.len] = '\0';
    *ret = (struct address){.len = 4};
    if (inet_pton(AF_INET, buffer, ret->bytes) == 1)
        return true;
    ret->len = 16;
    return inet_pton(AF_INET6, buffer, ret->bytes) == 1;
}

/* 1 yes, 0 it is a name, -1 it looks like a network and is none. */
static int parse_net(struct str text, struct net *ret)
{
    struct str rest = text, address = str_cut(&rest, '/');
    int64_t bits = 0;
    if (!parse_address(address, &ret->address))
        return rest.ptr ? -1 : 0;
    unsigned most = ret->address.len * 8;
    ret->bits = most;
    if (rest.ptr) {
        if (!str_to_i64(rest, 0, most, &bits))
            return -1;
        ret->bits = (unsigned)bits;
    }
    struct address plain = unmapped(ret->address);
    if (plain.len != ret->address.len) {
        if (ret->bits < 96)
            return -1;
        ret->address = plain;
        ret->bits -= 96;
    }
    return 1;
}

static bool from_socket(const struct sockaddr *address, struct address *ret)
{
    *ret = (struct address){0};
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;
        ret->len = 4;
        memcpy(ret->bytes, &four->sin_addr, 4);
        return true;
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
        ret->len = 16;
        memcpy(ret->bytes, &six->sin6_addr, 16);
        *ret = unmapped(*ret);
        return true;
    }
    return false;
}

/* https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-special-registry */
static const char *const not_public[] = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "2001::/23",     "2001:db8::/32",   "2002::/16",      "3fff::/20",
};

static bool is_public(const struct address *address)
{
    /* Of IPv6 only 2000::/3 is global unicast. */
    if (address->len == 16 && (address->bytes[0] & 0xe0) != 0x20)
        return false;
    for (size_t i = 0; i < sizeof not_public / sizeof *not_public; i++) {
        struct net net;
        if (parse_net(str_of(not_public[i]), &net) == 1 && covers(&net, address))
            return false;
    }
    return true;
}

bool hosts_is_public(const struct sockaddr *address)
{
    struct address plain;
    return from_socket(address, &plain) && is_public(&plain);
}

/* ---- the list ---- */

static bool is_separator(char c)
{
    return c == ' ' || c == ',' || c == '\t' || c == '\n';
}

/* A pattern may hold separators: it ends at a slash that one of them, or the end, follows. */
static struct str next_entry(struct str *rest)
{
    while (rest->len > 0 && is_separator(rest->ptr[0]))
        *rest = str_sub(*rest, 1, rest->len);
    bool pattern = rest->len > 0 && rest->ptr[0] == '/';
    size_t n = pattern ? 1 : 0;
    while (n < rest->len &&
           !(is_separator(rest->ptr[n]) && (!pattern || (n > 1 && rest->ptr[n - 1] == '/'))))
        n++;
    struct str entry = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->len);
    return entry;
}

static int read_entry(struct str text, struct entry *ret, struct err *err)
{
    *ret = (struct entry){.kind = NAME, .text = text};
    if (text.ptr[0] == '/') {
        const struct re *unused = NULL;
        if (text.len < 3 || text.ptr[text.len - 1] != '/')
            return err_set(err, ERR_USAGE, "'%.*s' is no pattern: it needs a slash at both ends",
                           STR_FMT(text));
        ret->kind = PATTERN;
        ret->body = str_sub(text, 1, text.len - 2);
        if (re_get(ret->body, RE_NOCASE, &unused, err) < 0)
            return err_wrap(err, "'%.*s'", STR_FMT(text));
        return 0;
    }
    if (str_starts(text, STR("*."))) {
        ret->kind = WILDCARD;
        ret->body = str_sub(text, 1, text.len);
        return 0;
    }
    int is_net = parse_net(text, &ret->net);
    if (is_net < 0 || str_chr(text, '*') >= 0)
        return err_set(err, ERR_USAGE,
                       "'%.*s' is neither a name, *.domain, /pattern/, an address nor a network",
                       STR_FMT(text));
    ret->kind = is_net ? NET : NAME;
    return 0;
}

int hosts_parse(const char *list, struct arena *arena, const struct hosts **ret, struct err *err)
{
    struct hosts *hosts = ARENA_NEW(arena, struct hosts);
    struct str rest = str_dup(arena, str_of(list ? list : ""));
    for (;;) {
        struct str text = next_entry(&rest);
        if (text.len == 0)
            break;
        struct entry entry;
        int code = read_entry(text, &entry, err);
        if (code < 0)
            return code;
        *VEC_PUSH(arena, hosts) = entry;
    }
    *ret = hosts;
    return 0;
}

size_t hosts_len(const struct hosts *hosts)
{
    return hosts->len;
}

struct str hosts_entry(const struct hosts *hosts, size_t i)
{
    return hosts->items[i].text;
}

/* ---- asking ---- */

/* Without the brackets of an IPv6 literal and the dot of a rooted name. */
static struct str bare(struct str host)
{
    if (host.len > 1 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        return str_sub(host, 1, host.len - 2);
    if (host.len > 1 && host.ptr[host.len - 1] == '.')
        return str_sub(host, 0, host.len - 1);
    return host;
}

static bool entry_names(const struct entry *entry, struct str host, const struct address *literal)
{
    const struct re *re = NULL;
    long dot;
    switch (entry->kind) {
    case NAME:
        return str_eq_nocase(entry->text, host);
    case WILDCARD:
        dot = str_chr(host, '.');
        return !literal && dot > 0 &&
               str_eq_nocase(entry->body, str_sub(host, (size_t)dot, host.len));
    case PATTERN:
        return re_get(entry->body, RE_NOCASE, &re, NULL) == 0 && re_test(re, host, NULL) == 1;
    case NET:
        return literal && covers(&entry->net, literal);
    }
    return false;
}

bool hosts_name(const struct hosts *hosts, struct str host)
{
    struct address address;
    host = bare(host);
    bool literal = parse_address(host, &address);
    if (literal)
        address = unmapped(address);
    VEC_EACH(hosts, const struct entry *, entry) {
        if (entry_names(entry, host, literal ? &address : NULL))
            return true;
    }
    return false;
}

bool hosts_may_connect(const struct hosts *hosts, struct str host, const struct sockaddr *address)
{
    struct address plain;
    if (!from_socket(address, &plain))
        return false;
    if (is_public(&plain))
        return true;
    VEC_EACH(hosts, const struct entry *, entry) {
        if (entry->kind == NET ? covers(&entry->net, &plain)
                               : entry->kind == NAME && str_eq_nocase(entry->text, bare(host)))
            return true;
    }
    return false;
}
