// SPDX-License-Identifier: Apache-2.0
#include "lib/base/cidr.h"

#include "tests/unit/lib/base/rows.h"

static const struct parse_row {
    const char *name, *text, *expected; /* NULL = refused */
} parse_rows[] = {
    {"an IPv4 address", "10.1.2.3", "10.1.2.3"},
    {"an IPv4 range", "10.0.0.0/8", "10.0.0.0/8"},
    {"all of IPv4", "0.0.0.0/0", "0.0.0.0/0"},
    {"an IPv6 address", "2001:DB8::1", "2001:db8::1"},
    {"an IPv6 address in brackets", "[::1]", "::1"},
    {"an IPv6 range", "fe80::/10", "fe80::/10"},
    {"a mapped address is the IPv4 one", "::ffff:10.1.2.3", "10.1.2.3"},
    {"everything", "::/0", "::/0"},
    {"bits behind the prefix", "10.0.0.1/8", NULL},
    {"too many bits", "10.0.0.0/33", NULL},
    {"no bits", "10.0.0.0/", NULL},
    {"a negative number of bits", "10.0.0.0/-1", NULL},
    {"three numbers", "10.0.0", NULL},
    {"an octal number", "010.0.0.1", NULL},
    {"a name", "localhost", NULL},
    {"nothing", "", NULL},
    {"an address with a port", "10.1.2.3:80", NULL},
};

static void test_parse(void **state)
{
    const struct parse_row *row = *state;
    struct cidr cidr = {.bits = 0};
    char text[CIDR_TEXT_LEN];
    bool ok = cidr_parse(str_of(row->text), &cidr);
    assert_str_is(ok ? str_of(cidr_format(&cidr, text)) : STR_NONE, row->expected);
}

static const struct parse_row peer_rows[] = {
    {"a peer with port", "127.0.0.1:4711", "127.0.0.1"},
    {"an IPv6 peer with port", "[::1]:80", "::1"},
    {"a mapped peer", "[::ffff:127.0.0.1]:80", "127.0.0.1"},
    {"a bare address", "192.0.2.1", "192.0.2.1"},
    {"a bare IPv6 address", "2001:db8::80", "2001:db8::80"},
    {"a port alone", ":80", NULL},
    {"unknown", "unknown", NULL},
};

static void test_peer(void **state)
{
    const struct parse_row *row = *state;
    struct cidr cidr = {.bits = 0};
    char text[CIDR_TEXT_LEN];
    bool ok = cidr_parse_peer(str_of(row->text), &cidr);
    assert_str_is(ok ? str_of(cidr_format(&cidr, text)) : STR_NONE, row->expected);
}

static const struct holds_row {
    const char *name, *range, *address;
    bool expected;
} holds_rows[] = {
    {"inside", "10.0.0.0/8", "10.255.255.255", true},
    {"outside", "10.0.0.0/8", "11.0.0.0", false},
    {"one address", "127.0.0.1", "127.0.0.1", true},
    {"another address", "127.0.0.1", "127.0.0.2", false},
    {"odd prefix", "172.16.0.0/12", "172.31.0.1", true},
    {"beyond an odd prefix", "172.16.0.0/12", "172.32.0.1", false},
    {"the mapped form of an address inside", "10.0.0.0/8", "::ffff:10.0.0.1", true},
    {"IPv6 is not in a range of IPv4", "0.0.0.0/0", "2001:db8::1", false},
    {"a narrower range", "10.0.0.0/8", "10.1.0.0/16", true},
    {"a wider range", "10.1.0.0/16", "10.0.0.0/8", false},
};

static void test_holds(void **state)
{
    const struct holds_row *row = *state;
    struct cidr range = {.bits = 0}, address = {.bits = 0};
    assert_true(cidr_parse(str_of(row->range), &range));
    assert_true(cidr_parse(str_of(row->address), &address));
    assert_int_equal(cidr_holds(&range, &address), row->expected);
}

static void test_widen(void **state)
{
    struct cidr address = {.bits = 0};
    char text[CIDR_TEXT_LEN];
    (void)state;
    assert_true(cidr_parse(STR("2001:db8:1:2:3::4"), &address));
    address = cidr_widen(address, 64);
    assert_string_equal(cidr_format(&address, text), "2001:db8:1:2::/64");
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, parse_rows, test_parse);
    ROWS_ADD(&tests, peer_rows, test_peer);
    ROWS_ADD(&tests, holds_rows, test_holds);
    rows_add_test(&tests, "widening keeps the network", test_widen);
    return rows_run(&tests, "cidr");
}
