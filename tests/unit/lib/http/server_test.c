// SPDX-License-Identifier: Apache-2.0
/* What the server makes of raw bytes, over real sockets. */
#include "lib/http/server.h"

#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "tests/unit/lib/base/rows.h"
#include "tests/unit/lib/http/rig.h"

enum { MAX_BODY = 4096 };

#define H         "Host: h\r\n"
#define LAST      "GET /last HTTP/1.1\r\n" H "Connection: close\r\n\r\n"
#define LAST_SEEN "; 200 GET /last; closed"
#define KEEPS(n, s, e, ...)                                                                        \
    {                                                                                              \
        .name = n, .send = s LAST, .expected = e LAST_SEEN, __VA_ARGS__                            \
    }
#define ENDS(n, s, e, ...)                                                                         \
    {                                                                                              \
        .name = n, .send = s, .expected = e "; closed", __VA_ARGS__                                \
    }
#define REFUSED(n, s, status) ENDS(n, s, #status)
#define GET(target)           "GET " target " HTTP/1.1\r\n" H
#define POST(target)          "POST " target " HTTP/1.1\r\n" H
#define CHUNKED               POST("/c") "Transfer-Encoding: chunked\r\n\r\n"

static const struct row {
    const char *name, *send, *expected;
    int heads; /* so many of the first answers carry no body */
    const char *contains;
    bool lenient;
    size_t fill; /* '~' in `send` stands for so many letters */
} rows[] = {
    KEEPS("keep-alive", GET("/a") "\r\n", "200 GET /a"),
    KEEPS("pipelining in order", GET("/slow") "\r\n" GET("/b") "\r\n" GET("/slow?2") "\r\n",
          "200 GET /slow; 200 GET /b; 200 GET /slow?2"),
    KEEPS("empty lines between requests", GET("/a") "\r\n\r\n\r\n" GET("/b") "\r\n",
          "200 GET /a; 200 GET /b"),
    ENDS("Connection: close", GET("/a") "Connection: close\r\n\r\n" GET("/b") "\r\n", "200 GET /a",
         .contains = "\r\nConnection: close\r\n"),
    ENDS("close asked for by the answer", GET("/close") "\r\n" GET("/b") "\r\n", "200 body",
         .contains = "\r\nConnection: close\r\n"),
    ENDS("HTTP/1.0 closes", "GET /a HTTP/1.0\r\n\r\n", "200 GET /a",
         .contains = "\r\nConnection: close\r\n"),
    KEEPS("HTTP/1.0 with keep-alive", "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
          "200 GET /a", .contains = "\r\nConnection: keep-alive\r\n"),
    KEEPS("body by length", POST("/p") "Content-Length: 5\r\n\r\nhello", "200 POST /p [hello]"),
    KEEPS("empty body by length", POST("/p") "Content-Length: 0\r\n\r\n", "200 POST /p []"),
    KEEPS("no body at all", POST("/p") "\r\n", "200 POST /p"),
    KEEPS("chunked with extension and trailer",
          CHUNKED "5;a=b;c=\"d;e\"\r\nhello\r\n6\r\n world\r\n0\r\nT: 1\r\n\r\n",
          "200 POST /c [hello world]"),
    KEEPS("trailers reach the handler",
          POST("/fields") "Transfer-Encoding: chunked\r\n\r\n0\r\nX-T: 1\r\nx-t: 2\r\n\r\n",
          "200 Host=h|Transfer-Encoding=chunked|trailer X-T=1|trailer x-t=2|"),
    KEEPS("QUERY with body", "QUERY /q HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nhi",
          "200 QUERY /q [hi]"),
    KEEPS("FOO with body", "FOO /q HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nhi",
          "200 FOO /q [hi]"),
    KEEPS("GET with body", GET("/q") "Content-Length: 2\r\n\r\nhi", "200 GET /q [hi]"),
    KEEPS("HEAD with body", "HEAD /q HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nhi", "200",
          .heads = 1, .contains = "\r\nContent-Length: 12\r\n"),
    KEEPS("HEAD of a large answer", "HEAD /big HTTP/1.1\r\n" H "\r\n", "200", .heads = 1,
          .contains = "\r\nContent-Length: 2097152\r\n"),
    KEEPS("204 has neither body nor length", GET("/status/204") "\r\n", "204",
          .contains = "HTTP/1.1 204 No Content\r\nDate: "),
    KEEPS("304 has no body", GET("/status/304") "\r\n", "304",
          .contains = "HTTP/1.1 304 Not Modified\r\nDate: "),
    KEEPS("unknown status", GET("/status/299") "\r\n", "299 body",
          .contains = "HTTP/1.1 299 \r\nDate: "),
    KEEPS("informational status as final answer", GET("/status/100") "\r\n", "500"),
    KEEPS("malformed answer", GET("/broken") "\r\n", "500"),
    KEEPS("%2F is kept", GET("/a%2Fb/%2f?%2F") "\r\n", "200 GET /a%2Fb/%2f?%2F"),
    KEEPS("dots are kept", GET("/a/../b/./c") "\r\n", "200 GET /a/../b/./c"),
    KEEPS("raw case, order, duplicates",
          "GET /fields HTTP/1.1\r\nx-B: 2\r\nHOST: h\r\nX-a: 1\r\nx-b: 3 \r\n\r\n",
          "200 x-B=2|HOST=h|X-a=1|x-b=3|"),
    KEEPS("absolute-form target", GET("http://other:1/fields?x=y") "\r\n", "200 Host=h|"),
    KEEPS("asterisk-form target", "OPTIONS * HTTP/1.1\r\n" H "\r\n", "200 OPTIONS *"),
    KEEPS("authority-form target", "CONNECT h:1 HTTP/1.1\r\n" H "\r\n", "200 CONNECT h:1"),
    REFUSED("asterisk-form for GET", GET("*") "\r\n", 400),
    REFUSED("relative target", GET("a/b") "\r\n", 400),
    REFUSED("fragment", GET("/a#b") "\r\n", 400),

    REFUSED("length and chunked",
            POST("/") "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    REFUSED("two lengths", POST("/") "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhelloG", 400),
    REFUSED("two equal lengths", POST("/") "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            400),
    REFUSED("gzip, chunked", POST("/") "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    REFUSED("xchunked", POST("/") "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    REFUSED("space before colon", GET("/") "a : b\r\n\r\n", 400),
    REFUSED("obs-fold", GET("/") "a: b\r\n c\r\n\r\n", 400),
    REFUSED("bare LF", "GET / HTTP/1.1\nHost: h\n\n", 400),
    REFUSED("bare CR", "GET / HTTP/1.1\rHost: h\r\r", 400),
    REFUSED("HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505),
    REFUSED("HTTP/0.9", "GET /\r\n", 400),
    REFUSED("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
    REFUSED("two Hosts", GET("/") H "\r\n", 400),
    REFUSED("not HTTP at all", "\x16\x03\x01\x02\x01\x01\xfc\x03\x03\r\n", 400),
    REFUSED("chunk size overflows",
            CHUNKED "10000000000000005\r\nhello\r\n0\r\n\r\n" GET("/s") "\r\n", 400),
    REFUSED("chunk not followed by CR LF", CHUNKED "5\r\nhelloX0\r\n\r\n" GET("/s") "\r\n", 400),
    REFUSED("chunk size with LF only", CHUNKED "5\nhello\r\n0\r\n\r\n" GET("/s") "\r\n", 400),
    {.name = "chunk line too long",
     .fill = LIMIT_HTTP_CHUNK_LINE,
     .send = CHUNKED "5;~\r\nhello\r\n0\r\n\r\n",
     .expected = "400; closed"},
    {.name = "line too long",
     .fill = LIMIT_HTTP_LINE,
     .send = GET("/~") "\r\n",
     .expected = "414; closed"},
    {.name = "head too large",
     .fill = LIMIT_HTTP_HEAD,
     .send = GET("/") "a: ~\r\n\r\n",
     .expected = "431; closed"},
    {.name = "body too large",
     .fill = MAX_BODY + 1,
     .send = POST("/") "Content-Length: 4097\r\n\r\n~",
     .expected = "413; closed"},
    {.name = "chunks too large",
     .fill = MAX_BODY,
     .send = CHUNKED "1\r\nx\r\n1000\r\n~\r\n0\r\n\r\n",
     .expected = "413; closed"},
    {.name = "too large, told not to send it yet",
     .send = POST("/") "Content-Length: 4097\r\nExpect: 100-continue\r\n\r\n",
     .expected = "413; closed"},
    {.name = "the answers before a refusal still come",
     .send = GET("/slow") "\r\n" GET("/b") "\r\nGET / HTTP/2.0\r\n\r\n" GET("/c") "\r\n",
     .expected = "200 GET /slow; 200 GET /b; 505; closed"},
    ENDS("HEAD of a refused request", "HEAD / HTTP/1.1\r\n\r\n", "400", .heads = 1),

    KEEPS("lenient: violations are told", "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
          "200 GET / !white space before the colon of a field", .lenient = true),
    KEEPS("lenient: odd target", GET("a#b") "\r\n",
          "200 GET a#b !the request target is neither a path nor an absolute URL", .lenient = true),
    ENDS("lenient: lengths that differ stay refused",
         POST("/") "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "400", .lenient = true),
};

static struct str filled(const struct row *row, struct arena *arena)
{
    struct str text = str_of(row->send);
    long at = row->fill > 0 ? str_chr(text, '~') : -1;
    if (at < 0)
        return text;
    char *out = arena_alloc(arena, text.len + row->fill);
    memcpy(out, text.ptr, (size_t)at);
    memset(out + at, 'a', row->fill);
    memcpy(out + at + row->fill, text.ptr + at + 1, text.len - (size_t)at - 1);
    return str_make(out, text.len - 1 + row->fill);
}

static void check(const struct row *row, struct str received, const char *how)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str summary = rig_summary(received, row->heads, arena);

    if (!str_is(summary, row->expected))
        fail_msg("%s: expected \"%s\", saw \"%.*s\"", how, row->expected, STR_FMT(summary));
    if (row->contains && str_find(received, str_of(row->contains)) < 0)
        fail_msg("%s: expected \"%s\" in \"%.*s\"", how, row->contains, STR_FMT(received));
}

/* All bytes at once, then in small pieces. */
static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str bytes = filled(row, arena);
    struct rig rig;

    rig_start(&rig, (struct server_config){.max_body = MAX_BODY, .lenient = row->lenient});
    int fd = rig_connect(&rig);
    rig_send(fd, bytes);
    check(row, rig_read(fd, NULL, arena), "at once");
    close(fd);

    fd = rig_connect(&rig);
    size_t step = bytes.len > 1000 ? 1000 : 11;
    for (size_t at = 0; at < bytes.len; at += step) {
        rig_send(fd, str_sub(bytes, at, step));
        usleep(300);
    }
    check(row, rig_read(fd, NULL, arena), "in pieces");
    close(fd);
    rig_end(&rig);
}

static void test_nul(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;

    (void)state;
    rig_start(&rig, (struct server_config){0});
    int fd = rig_connect(&rig);
    rig_send(fd, STR("GET / HTTP/1.1\r\nHost: h\0\r\n\r\n"));
    struct str summary = rig_summary(rig_read(fd, NULL, arena), 0, arena);
    assert_str_is(summary, "400; closed");
    close(fd);
    rig_end(&rig);
}

static void test_header_count(void **state)
{
    static const struct {
        int n;
        const char *expected;
    } counts[] = {{LIMIT_HTTP_HEADERS, "200 GET /; closed"},
                  {LIMIT_HTTP_HEADERS + 1, "431; closed"}};
    struct rig rig;

    (void)state;
    rig_start(&rig, (struct server_config){0});
    for (size_t i = 0; i < 2; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct buf text BUF_AUTO = BUF_INIT(65536);
        buf_puts(&text, GET("/") "Connection: close\r\n");
        for (int k = 2; k < counts[i].n; k++)
            buf_printf(&text, "x%d: y\r\n", k);
        buf_puts(&text, "\r\n");
        int fd = rig_connect(&rig);
        rig_send(fd, buf_view(&text));
        struct str summary = rig_summary(rig_read(fd, NULL, arena), 0, arena);
        assert_str_is(summary, counts[i].expected);
        close(fd);
    }
    rig_end(&rig);
}

static void test_expect(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;

    (void)state;
    rig_start(&rig, (struct server_config){0});
    int fd = rig_connect(&rig);
    /* in order behind an answer that takes its time */
    rig_send(fd, STR(GET("/slow") "\r\n" POST("/e") "Content-Length: 5\r\n"
                                                    "Expect: 100-continue\r\n\r\n"));
    struct str before = rig_read(fd, "100 Continue\r\n\r\n", arena);
    assert_str_is(rig_summary(before, 0, arena), "200 GET /slow; 100");
    rig_send(fd, STR("hello" LAST));
    assert_str_is(rig_summary(rig_read(fd, NULL, arena), 0, arena),
                  "200 POST /e [hello]" LAST_SEEN);
    close(fd);

    /* HTTP/1.0 has no interim answers, and no body needs none */
    fd = rig_connect(&rig);
    rig_send(fd,
             STR("GET /e HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n" GET(
                 "/f") "Expect: 100-continue\r\n\r\n" LAST));
    assert_str_is(rig_summary(rig_read(fd, NULL, arena), 0, arena),
                  "200 GET /e; 200 GET /f" LAST_SEEN);
    close(fd);
    rig_end(&rig);
}

static void on_bad(int status, const char *text, struct arena *arena, struct reply *ret)
{
    ret->status = status + 20;
    headers_addz(arena, &ret->headers, "Content-Type", "application/problem+json");
    ret->body = str_printf(arena, "{\"text\":\"%s\"}", text);
}

static void test_on_bad(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;

    (void)state;
    rig_start(&rig, (struct server_config){.on_bad = on_bad, .server_name = "rig/1"});
    int fd = rig_connect(&rig);
    rig_send(fd, STR("GET / HTTP/1.1\r\n\r\n"));
    struct str answer = rig_read(fd, NULL, arena);
    assert_true(str_starts(answer, STR("HTTP/1.1 420 \r\nContent-Type: application/problem+json\r\n"
                                       "Server: rig/1\r\nDate: ")));
    assert_true(str_find(answer, STR("{\"text\":\"the Host field is missing\"}")) > 0);
    close(fd);
    rig_end(&rig);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_row);
    rows_add_test(&tests, "NUL", test_nul);
    rows_add_test(&tests, "count of fields", test_header_count);
    rows_add_test(&tests, "Expect: 100-continue", test_expect);
    rows_add_test(&tests, "the application words refusals", test_on_bad);
    return rows_run(&tests, "server");
}
