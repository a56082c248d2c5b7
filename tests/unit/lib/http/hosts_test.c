// SPDX-License-Identifier: Apache-2.0
#include "lib/http/hosts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "tests/unit/lib/base/rows.h"

static struct sockaddr_storage address_of(const char *text)
{
    struct sockaddr_storage all = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)(void *)&all;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)&all;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
        all.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
        all.ss_family = AF_INET6;
    else
        fail_msg("'%s' is no address", text);
    return all;
}

static const struct public_row {
    const char *name; /* the address */
    bool is_public;
} public_rows[] = {
    {"0.0.0.0", false},
    {"0.1.2.3", false},
    {"10.0.0.1", false},
    {"10.255.255.255", false},
    {"9.255.255.255", true},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.1", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"127.0.0.1", false},
    {"127.9.8.7", false},
    {"128.0.0.1", true},
    {"169.254.169.254", false},
    {"172.15.255.255", true},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"192.0.0.8", false},
    {"192.0.2.1", false},
    {"192.168.1.1", false},
    {"192.169.0.0", true},
    {"198.18.0.1", false},
    {"198.19.255.255", false},
    {"198.51.100.7", false},
    {"203.0.113.9", false},
    {"223.255.255.255", true},
    {"224.0.0.1", false},
    {"239.255.255.255", false},
    {"240.0.0.1", false},
    {"255.255.255.255", false},
    {"8.8.8.8", true},
    {"::", false},
    {"::1", false},
    {"::7f00:1", false},
    {"::ffff:127.0.0.1", false},
    {"::ffff:10.1.2.3", false},
    {"::ffff:8.8.8.8", true},
    {"64:ff9b::7f00:1", false},
    {"64:ff9b::808:808", true},
    {"64:ff9b:1::808:808", false},
    {"100::1", false},
    {"2001::1", false},
    {"2001:db8::1", false},
    {"2002:7f00:1::", false},
    {"2606:4700::1111", true},
    {"2a00:1450::1", true},
    {"3fff::1", false},
    {"4000::1", false},
    {"fc00::1", false},
    {"fd12:3456::1", false},
    {"fe80::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
};

static void test_public(void **state)
{
    const struct public_row *row = *state;
    struct sockaddr_storage address = address_of(row->name);
    assert_int_equal(hosts_is_public((struct sockaddr *)&address), row->is_public);
}

static const struct host_row {
    const char *name, *list, *host;
    bool expected;
} host_rows[] = {
    {"an exact name", "hooks.example", "hooks.example", true},
    {"case does not matter", "Hooks.example", "hooks.EXAMPLE", true},
    {"a rooted name", "hooks.example", "hooks.example.", true},
    {"no part of a name", "hooks.example", "evil-hooks.example", false},
    {"no prefix of a name", "hooks.example", "hooks.example.evil", false},
    {"one of several", "a.example, b.example c.example", "b.example", true},
    {"a wildcard stands for one label", "*.example.org", "ci.example.org", true},
    {"and not for two", "*.example.org", "a.ci.example.org", false},
    {"nor for none", "*.example.org", "example.org", false},
    {"a pattern", "/^ci-[0-9]+\\.example$/", "ci-17.example", true},
    {"a pattern that does not match", "/^ci-[0-9]+\\.example$/", "ci-x.example", false},
    {"a pattern with a space in it", "/a b/ x.example", "x.example", true},
    {"an address", "10.1.2.3", "10.1.2.3", true},
    {"another address", "10.1.2.3", "10.1.2.4", false},
    {"a network", "10.1.0.0/16", "10.1.77.4", true},
    {"beyond the network", "10.1.0.0/16", "10.2.0.0", false},
    {"odd bits", "10.1.2.64/26", "10.1.2.127", true},
    {"beyond odd bits", "10.1.2.64/26", "10.1.2.128", false},
    {"a network is for addresses only", "0.0.0.0/0", "example.org", false},
    {"IPv6 in brackets", "fd00::/8", "[fd00::7]", true},
    {"a mapped address", "127.0.0.1", "[::ffff:127.0.0.1]", true},
    {"a mapped network", "::ffff:10.0.0.0/104", "10.9.9.9", true},
    {"an empty list", "", "example.org", false},
};

static void test_host(void **state)
{
    const struct host_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    const struct hosts *hosts = NULL;
    struct err err = ERR_INIT;
    if (hosts_parse(row->list, arena, &hosts, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(hosts_name(hosts, str_of(row->host)), row->expected);
}

static const struct connect_row {
    const char *name, *list, *host, *address;
    bool expected;
} connect_rows[] = {
    {"public addresses need no list", "", "example.org", "8.8.8.8", true},
    {"loopback is refused", "", "localhost", "127.0.0.1", false},
    {"a public name that leads inside", "", "rebound.example", "10.0.0.5", false},
    {"the metadata service", "", "169.254.169.254", "169.254.169.254", false},
    {"the very name opens the way", "jenkins.corp", "jenkins.corp", "10.0.0.5", true},
    {"another name does not", "jenkins.corp", "rebound.example", "10.0.0.5", false},
    {"a wildcard does not", "*.corp", "jenkins.corp", "10.0.0.5", false},
    {"a pattern does not", "/.*/", "jenkins.corp", "10.0.0.5", false},
    {"a network does", "*.corp 10.0.0.0/8", "jenkins.corp", "10.0.0.5", true},
    {"another network does not", "*.corp 10.0.0.0/8", "jenkins.corp", "192.168.0.5", false},
    {"an address does", "127.0.0.1", "localhost", "127.0.0.1", true},
    {"the other loopback is another address", "127.0.0.1", "localhost", "::1", false},
    {"a mapped address is the address", "127.0.0.1", "x", "::ffff:127.0.0.1", true},
};

static void test_connect(void **state)
{
    const struct connect_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    const struct hosts *hosts = NULL;
    struct sockaddr_storage address = address_of(row->address);
    assert_int_equal(hosts_parse(row->list, arena, &hosts, NULL), 0);
    assert_int_equal(hosts_may_connect(hosts, str_of(row->host), (struct sockaddr *)&address),
                     row->expected);
}

static const struct bad_row {
    const char *name; /* the list */
} bad_rows[] = {
    {"10.0.0.0/33"},   {"10.0.0.0/-1"}, {"10.0.0.0/x"},  {"fd00::/129"}, {"/("},
    {"/(/"},           {"/"},           {"a.*.example"}, {"*"},          {"ok.example 10.0.0.0/"},
    {"::ffff:0:0/80"},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    const struct hosts *hosts = NULL;
    assert_true(hosts_parse(row->name, arena, &hosts, NULL) < 0);
}

static void test_other_family(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    const struct hosts *hosts = NULL;
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    assert_int_equal(hosts_parse("x", arena, &hosts, NULL), 0);
    assert_false(hosts_is_public((struct sockaddr *)&local));
    assert_false(hosts_may_connect(hosts, STR("x"), (struct sockaddr *)&local));
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, public_rows, test_public);
    ROWS_ADD(&tests, host_rows, test_host);
    ROWS_ADD(&tests, connect_rows, test_connect);
    ROWS_ADD(&tests, bad_rows, test_bad);
    rows_add_test(&tests, "what is no internet address is refused", test_other_family);
    return rows_run(&tests, "hosts");
}
