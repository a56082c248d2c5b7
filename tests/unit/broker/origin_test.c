// SPDX-License-Identifier: Apache-2.0
#include "broker/origin.h"

#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/http/server.h"

#define PROXY "10.0.0.7:4000"
#define OTHER "192.0.2.9:4000"
#define TRUST "10.0.0.0/8"
#define EVIL  "X-Forwarded-Host: evil.example\nX-Forwarded-Proto: https\nX-Forwarded-Port: 1\n"
#define SAID  "X-Forwarded-Host: pacts.example\nX-Forwarded-Proto: https\n"

static const struct row {
    const char *name, *bases, *trusted, *peer, *fields, *path;
    const char *expected; /* "BASE prefix ADDRESS" */
} rows[] = {
    {"the Host of the request", NULL, NULL, OTHER, "Host: here:9292\n", "/",
     "http://here:9292 - 192.0.2.9"},
    {"a default port is left out", NULL, NULL, OTHER, "Host: here:80\n", "/",
     "http://here - 192.0.2.9"},
    {"IPv6", NULL, NULL, "[2001:db8::1]:1", "Host: [::1]:9292\n", "/",
     "http://[::1]:9292 - 2001:db8::1"},
    {"no Host", NULL, NULL, OTHER, "", "/", "http://127.0.0.1:1 - 192.0.2.9"},
    {"a Host with a path in it", NULL, NULL, OTHER, "Host: a/b\n", "/",
     "http://127.0.0.1:1 - 192.0.2.9"},
    {"a Host with a user in it", NULL, NULL, OTHER, "Host: a@evil.example\n", "/",
     "http://127.0.0.1:1 - 192.0.2.9"},
    {"a Host with a quote in it", NULL, NULL, OTHER, "Host: a\"b\n", "/",
     "http://127.0.0.1:1 - 192.0.2.9"},
    {"a Host with a port beyond all ports", NULL, NULL, OTHER, "Host: a:65536\n", "/",
     "http://127.0.0.1:1 - 192.0.2.9"},
    {"a Host with two ports", NULL, NULL, OTHER, "Host: a:1:2\n", "/",
     "http://127.0.0.1:1 - 192.0.2.9"},
    {"nobody is trusted", NULL, NULL, PROXY, "Host: here\n" EVIL, "/", "http://here - 10.0.0.7"},
    {"not even this machine", NULL, NULL, "127.0.0.1:4000", "Host: here\n" EVIL, "/",
     "http://here - 127.0.0.1"},
    {"who is not trusted", NULL, TRUST, OTHER,
     "Host: here\n" EVIL "X-Forwarded-For: 10.0.0.1\nX-Forwarded-Prefix: /x\n", "/",
     "http://here - 192.0.2.9"},
    {"a trusted proxy", NULL, TRUST, PROXY, "Host: here\n" SAID "X-Forwarded-For: 198.51.100.1\n",
     "/", "https://pacts.example - 198.51.100.1"},
    {"a trusted proxy over IPv4 in IPv6", NULL, TRUST, "[::ffff:10.0.0.7]:4000",
     "Host: here\n" SAID, "/", "https://pacts.example - 10.0.0.7"},
    {"the port", NULL, TRUST, PROXY, "Host: here\n" SAID "X-Forwarded-Port: 8443\n", "/",
     "https://pacts.example:8443 - 10.0.0.7"},
    {"the default port", NULL, TRUST, PROXY, "Host: here\n" SAID "X-Forwarded-Port: 443\n", "/",
     "https://pacts.example - 10.0.0.7"},
    {"the port replaces that of the Host", NULL, TRUST, PROXY,
     "Host: here:9292\nX-Forwarded-Port: 8080\n", "/", "http://here:8080 - 10.0.0.7"},
    {"and that of an IPv6 Host", NULL, TRUST, PROXY, "Host: [::1]:9292\nX-Forwarded-Port: 8080\n",
     "/", "http://[::1]:8080 - 10.0.0.7"},
    {"but not one that was forwarded", NULL, TRUST, PROXY,
     "Host: here\nX-Forwarded-Host: p:81\nX-Forwarded-Port: 8080\n", "/", "http://p:81 - 10.0.0.7"},
    {"the prefix", NULL, TRUST, PROXY, "Host: here\n" SAID "X-Forwarded-Prefix: /pacts/\n", "/",
     "https://pacts.example/pacts /pacts 10.0.0.7"},
    {"a prefix that goes up", NULL, TRUST, PROXY, "Host: here\nX-Forwarded-Prefix: /a/../b\n", "/",
     "http://here - 10.0.0.7"},
    {"a prefix that is another host", NULL, TRUST, PROXY,
     "Host: here\nX-Forwarded-Prefix: //evil.example\n", "/", "http://here - 10.0.0.7"},
    {"a forwarded host that is none", NULL, TRUST, PROXY,
     "Host: here\nX-Forwarded-Host: a b<script>\n", "/", "http://here - 10.0.0.7"},
    {"a scheme that is none", NULL, TRUST, PROXY, "Host: here\nX-Forwarded-Proto: javascript\n",
     "/", "http://here - 10.0.0.7"},
    {"what the client put before what the proxy added", NULL, TRUST, PROXY,
     "Host: here\nX-Forwarded-Host: evil.example, pacts.example\n", "/",
     "http://pacts.example - 10.0.0.7"},
    {"the same in two fields", NULL, TRUST, PROXY,
     "Host: here\nX-Forwarded-Host: evil.example\nX-Forwarded-Host: pacts.example\n", "/",
     "http://pacts.example - 10.0.0.7"},
    {"a chain of proxies", NULL, TRUST, PROXY,
     "Host: here\nX-Forwarded-For: 203.0.113.5, 198.51.100.1, 10.9.9.9\n", "/",
     "http://here - 198.51.100.1"},
    {"a chain with nonsense in it", NULL, TRUST, PROXY,
     "Host: here\nX-Forwarded-For: 198.51.100.1, unknown\n", "/", "http://here - 10.0.0.7"},
    {"a chain that begins in trust", NULL, TRUST, PROXY,
     "Host: here\nX-Forwarded-For: 10.1.1.1, 10.2.2.2\n", "/", "http://here - 10.1.1.1"},
    {"one base URL is always it", "https://pacts.example/x/", TRUST, PROXY, "Host: here\n" EVIL,
     "/", "https://pacts.example/x /x 10.0.0.7"},
    {"several: that of the request", "https://a.example http://here:9292", NULL, OTHER,
     "Host: here:9292\n", "/", "http://here:9292 - 192.0.2.9"},
    {"several: that of the proxy", "http://here https://pacts.example", TRUST, PROXY,
     "Host: here\n" SAID, "/", "https://pacts.example - 10.0.0.7"},
    {"several: the request's own when the proxy's is unknown", "http://a.example http://here",
     TRUST, PROXY, "Host: here\n" EVIL, "/", "http://here - 10.0.0.7"},
    {"several: else the first", "http://a.example https://b.example", NULL, OTHER,
     "Host: evil.example\n", "/", "http://a.example - 192.0.2.9"},
    {"several: upper case", "http://a.example http://Here", NULL, OTHER, "Host: hERE:80\n", "/",
     "http://Here - 192.0.2.9"},
    {"several of one host: by the path", "http://h/a http://h/b", NULL, OTHER, "Host: h\n",
     "/b/pacticipants", "http://h/b /b 192.0.2.9"},
    {"several of one host: by the prefix", "http://h/a http://h/b", TRUST, PROXY,
     "Host: h\nX-Forwarded-Prefix: /b\n", "/pacticipants", "http://h/b /b 10.0.0.7"},
    {"several of one host: a path that only begins so", "http://h http://h/b", NULL, OTHER,
     "Host: h\n", "/bc", "http://h - 192.0.2.9"},
};

static void add_fields(struct arena *arena, const char *text, struct headers *ret)
{
    struct str rest = str_of(text);
    while (rest.ptr && rest.len > 0) {
        struct str value = str_cut(&rest, '\n'), name = str_cut(&value, ':');
        headers_add(arena, ret, name, str_trim(value));
    }
}

static void test_read(void **state)
{
    const struct row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct origin *origin = NULL;
    struct origin_view view = {0};
    struct err err = ERR_INIT;
    struct request request = {.peer = row->peer, .path = str_of(row->path)};
    add_fields(arena, row->fields, &request.headers);
    if (origin_new(row->bases, row->trusted, &origin, &err) < 0)
        fail_msg("%s", err.text);
    origin_read(origin, &request, "http://127.0.0.1:1", arena, &view);
    assert_str_is(str_printf(arena, "%s %.*s %s", view.base,
                             view.prefix.len > 0 ? (int)view.prefix.len : 1,
                             view.prefix.len > 0 ? view.prefix.ptr : "-", view.address),
                  row->expected);
    origin_free(origin);
}

static const struct check_row {
    const char *name, *text;
    bool urls, expected;
} check_rows[] = {
    {"a URL", "https://h", true, true},
    {"several, more spaces than needed", " http://h:1/a  https://[::1]/b/ ", true, true},
    {"no scheme", "h:9292", true, false},
    {"another scheme", "ftp://h", true, false},
    {"no host", "http://", true, false},
    {"a user", "http://u:p@h", true, false},
    {"a query", "http://h/?a=b", true, false},
    {"a fragment", "http://h/#a", true, false},
    {"a path that goes up", "http://h/../a", true, false},
    {"a quote", "http://h/\"a", true, false},
    {"a range", "10.0.0.0/8", false, true},
    {"several ranges", "10.0.0.0/8, ::1 127.0.0.1", false, true},
    {"a name", "proxy.example", false, false},
    {"a range with a rest", "10.0.0.1/8", false, false},
};

static void test_check(void **state)
{
    const struct check_row *row = *state;
    const char *wrong = row->urls ? origin_check_urls(row->text) : origin_check_trusted(row->text);
    assert_int_equal(wrong == NULL, row->expected);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, rows, test_read);
    ROWS_ADD(&tests, check_rows, test_check);
    return rows_run(&tests, "origin");
}
