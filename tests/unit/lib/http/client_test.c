// SPDX-License-Identifier: Apache-2.0
#include "lib/http/client.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "tests/unit/lib/base/rows.h"
#include "tests/unit/lib/http/rig.h"

/* A server that says one thing to whoever connects first, and closes. */
struct canned {
    const char *answer; /* NULL: says nothing for 500 ms */
    int listener, port;
    pthread_t thread;
};

static void *say(void *arg)
{
    struct canned *canned = arg;
    char request[4096];
    int fd = accept(canned->listener, NULL, NULL);

    if (fd < 0)
        return NULL;
    if (recv(fd, request, sizeof request, 0) > 0 && canned->answer)
        rig_send(fd, str_of(canned->answer));
    if (!canned->answer)
        usleep(500000);
    shutdown(fd, SHUT_WR);
    while (recv(fd, request, sizeof request, 0) > 0)
        ;
    close(fd);
    return NULL;
}

static void canned_start(struct canned *canned, const char *answer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;

    canned->answer = answer;
    canned->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(canned->listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(canned->listener, 5), 0);
    getsockname(canned->listener, (struct sockaddr *)&address, &len);
    canned->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&canned->thread, NULL, say, canned), 0);
}

static void canned_end(struct canned *canned)
{
    shutdown(canned->listener, SHUT_RDWR); /* wakes accept() */
    pthread_join(canned->thread, NULL);
    close(canned->listener);
}

struct pair {
    const char *name, *value;
};

static const struct row {
    const char *name, *method, *path;
    struct pair fields[5];
    const char *body;
    const char *username, *password, *token;
    int status;
    const char *expected; /* body; "@" stands for the server's host and port */
} rows[] = {
    {.name = "the target is sent as it is",
     .method = "GET",
     .path = "/a/../b/./%2F%7e?x=%20&y",
     .status = 200,
     .expected = "GET /a/../b/./%2F%7e?x=%20&y"},
    {.name = "no field of its own",
     .method = "GET",
     .path = "/fields",
     .status = 200,
     .expected = "Host=@|"},
    {.name = "fields in order, with case and duplicates",
     .method = "GET",
     .path = "/fields",
     .fields = {{"x-B", "2"}, {"X-a", "1"}, {"x-b", "3"}, {"Empty", ""}, {"accept", "a/b"}},
     .status = 200,
     .expected = "Host=@|x-B=2|X-a=1|x-b=3|Empty=|accept=a/b|"},
    {.name = "Host can be given",
     .method = "GET",
     .path = "/fields",
     .fields = {{"Host", "other"}},
     .status = 200,
     .expected = "Host=other|"},
    {.name = "body",
     .method = "POST",
     .path = "/p",
     .body = "hello",
     .status = 200,
     .expected = "POST /p [hello]"},
    {.name = "fields of a request with a body",
     .method = "POST",
     .path = "/fields",
     .body = "hello",
     .status = 200,
     .expected = "Host=@|Content-Length=5|"},
    {.name = "a given length is counted anew",
     .method = "PUT",
     .path = "/fields",
     .body = "hello",
     .fields = {{"Content-Length", "99"}, {"Content-Type", "a/b"}},
     .status = 200,
     .expected = "Host=@|Content-Type=a/b|Content-Length=5|"},
    {.name = "empty body",
     .method = "PUT",
     .path = "/p",
     .body = "",
     .status = 200,
     .expected = "PUT /p []"},
    {.name = "POST without body tells so",
     .method = "POST",
     .path = "/p",
     .status = 200,
     .expected = "POST /p []"},
    {.name = "DELETE without body",
     .method = "DELETE",
     .path = "/p",
     .status = 200,
     .expected = "DELETE /p"},
    {.name = "DELETE with body",
     .method = "DELETE",
     .path = "/p",
     .body = "x",
     .status = 200,
     .expected = "DELETE /p [x]"},
    {.name = "GET with body",
     .method = "GET",
     .path = "/p",
     .body = "x",
     .status = 200,
     .expected = "GET /p [x]"},
    {.name = "method of the future",
     .method = "QUERY",
     .path = "/p",
     .body = "x",
     .status = 200,
     .expected = "QUERY /p [x]"},
    {.name = "HEAD", .method = "HEAD", .path = "/p", .status = 200, .expected = ""},
    {.name = "HEAD with body",
     .method = "HEAD",
     .path = "/p",
     .body = "x",
     .status = 200,
     .expected = ""},
    {.name = "basic authentication",
     .method = "GET",
     .path = "/fields",
     .username = "u",
     .password = "p:w",
     .status = 200,
     .expected = "Host=@|Authorization=Basic dTpwOnc=|"},
    {.name = "bearer token",
     .method = "GET",
     .path = "/fields",
     .token = "t0",
     .status = 200,
     .expected = "Host=@|Authorization=Bearer t0|"},
    {.name = "a given Authorization wins",
     .method = "GET",
     .path = "/fields",
     .token = "t0",
     .username = "u",
     .fields = {{"authorization", "x"}},
     .status = 200,
     .expected = "Host=@|authorization=x|"},
    {.name = "an error status is an answer",
     .method = "GET",
     .path = "/status/503",
     .status = 503,
     .expected = "body"},
    {.name = "no content", .method = "GET", .path = "/status/204", .status = 204, .expected = ""},
};

static struct rig rig;

static const char *url_of(struct arena *arena, const char *path)
{
    return arena_printf(arena, "%s%s", server_url(rig.server), path);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct client *client = client_new();
    struct client_response response;
    struct err err = ERR_INIT;
    struct client_request request = {.method = row->method,
                                     .url = url_of(arena, row->path),
                                     .body = str_of(row->body),
                                     .username = row->username,
                                     .password = row->password,
                                     .token = row->token,
                                     .timeout_ms = 3000};

    for (int i = 0; i < 5 && row->fields[i].name; i++)
        headers_addz(arena, &request.headers, row->fields[i].name, row->fields[i].value);
    if (client_call(client, &request, arena, &response, &err) < 0)
        fail_msg("%s", err.text);
    struct str expected = str_of(row->expected);
    long at = str_chr(expected, '@');
    if (at >= 0)
        expected = str_printf(arena, "%.*s%s%s", (int)at, expected.ptr,
                              server_url(rig.server) + strlen("http://"), expected.ptr + at + 1);
    assert_int_equal(response.status, row->status);
    assert_str_is(response.body, expected.ptr);
    assert_true(response.elapsed_us > 0);
    client_free(client);
}

static const struct canned_row {
    const char *name, *answer;
    int code;
    const char *expected; /* error text after "GET URL: ", or "status|name=value|body" */
    int max_body;
} canned_rows[] = {
    {"fields in order, with case and duplicates",
     "HTTP/1.1 200 OK\r\nb: 1\r\nA:  2 \r\nB: 3\r\nE:\r\nContent-Length: 2\r\n\r\nhi", 0,
     "200|b=1|A=2|B=3|E=|Content-Length=2|hi", 0},
    {"interim answers", "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\nhi", 0,
     "200|A=b|hi", 0},
    {"trailers are no fields of the header",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nT: 1\r\n\r\n", 0,
     "200|Transfer-Encoding=chunked|hi", 0},
    {"redirects are answers", "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 0,
     "302|Location=/x|Content-Length=0|", 0},
    {"closed without a word", "", ERR_NET, "the connection was closed without an answer", 0},
    {"no HTTP", "220 smtp ready\r\n", ERR_NET, "the answer is not HTTP/1.1", 0},
    {"cut short", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", ERR_NET,
     "the connection was closed in the middle of the answer", 0},
    {"too large", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", ERR_LIMIT,
     "the answer is larger than 4 bytes", 4},
    {"as large as allowed", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 0,
     "200|Content-Length=5|hello", 5},
    {"slow", NULL, ERR_TIMEOUT, "no complete answer within 100 ms", 0},
};

static void test_canned(void **state)
{
    const struct canned_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct client *client = client_new();
    struct client_response response;
    struct canned canned;
    struct err err = ERR_INIT;

    canned_start(&canned, row->answer);
    struct client_request request = {
        .method = "GET",
        .url = arena_printf(arena, "http://user:secret@127.0.0.1:%d/x", canned.port),
        .timeout_ms = row->answer ? 3000 : 100,
        .max_body = (uint64_t)row->max_body};
    /* what the call before ran into is no cause of this one's end */
    const struct client_request nobody = {.method = "GET", .url = "http://127.0.0.1:1/"};
    assert_int_equal(client_call(client, &nobody, arena, &response, &err), ERR_NET);
    assert_non_null(strstr(err.text, "refused"));
    err = (struct err)ERR_INIT;
    int rc = client_call(client, &request, arena, &response, &err);
    assert_int_equal(rc, row->code);
    if (rc == 0) {
        struct str seen = str_printf(arena, "%d|", response.status);
        VEC_EACH(&response.headers, const struct header *, field)
            seen = str_printf(arena, "%.*s%.*s=%.*s|", STR_FMT(seen), STR_FMT(field->name),
                              STR_FMT(field->value));
        seen = str_printf(arena, "%.*s%.*s", STR_FMT(seen), STR_FMT(response.body));
        assert_str_is(seen, row->expected);
    } else {
        struct str expected =
            str_printf(arena, "GET http://127.0.0.1:%d/x: %s", canned.port, row->expected);
        if (!str_starts(str_of(err.text), expected))
            fail_msg("expected \"%s\", saw \"%s\"", expected.ptr, err.text);
        assert_null(strstr(err.text, "secret"));
        assert_null(strstr(err.text, "refused"));
    }
    client_free(client);
    canned_end(&canned);
}

static void expect_error(const char *url, const char *field, int code, const char *text)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct client *client = client_new();
    struct client_request request = {.method = "GET", .url = url, .timeout_ms = 2000};
    struct client_response response;
    struct err err = ERR_INIT;

    if (field)
        headers_addz(arena, &request.headers, "x", field);
    assert_int_equal(client_call(client, &request, arena, &response, &err), code);
    if (!strstr(err.text, text))
        fail_msg("expected \"%s\", saw \"%s\"", text, err.text);
    client_free(client);
}

static void test_errors(void **state)
{
    (void)state;
    expect_error("http://u:p@127.0.0.1:1/", NULL, ERR_NET,
                 "GET http://127.0.0.1:1/: cannot connect (Connection refused)");
    expect_error("no url", NULL, ERR_USAGE, "'no url' is not a URL");
    expect_error("ftp://127.0.0.1/", NULL, ERR_USAGE, "'ftp://127.0.0.1/' is not a URL: ");
    expect_error("http://127.0.0.1:1/", "a\r\nb: c", ERR_USAGE, "header field 'x'");
}

/* A proxy is for the world, not for this machine. */
static void test_proxy(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct client *client = client_new();
    struct client_request request = {.method = "GET", .url = url_of(arena, "/a")};
    struct client_response response;

    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    assert_int_equal(client_call(client, &request, arena, &response, NULL), 0);
    expect_error("http://world.example/", NULL, ERR_NET, "cannot connect (Connection refused)");
    unsetenv("http_proxy");
    client_free(client);
}

static void test_reuse(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct client *client = client_new();
    struct client_request request = {.method = "GET", .url = url_of(arena, "/peer")};
    struct client_response first, second;

    (void)state;
    assert_int_equal(client_call(client, &request, arena, &first, NULL), 0);
    assert_int_equal(client_call(client, &request, arena, &second, NULL), 0);
    assert_true(first.body.len > 0);
    assert_str_is(second.body, first.body.ptr); /* the same connection */
    client_free(client);
}

static void test_follow(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct client *client = client_new();
    struct client_response response;
    struct canned canned;

    (void)state;
    canned_start(&canned, arena_printf(arena,
                                       "HTTP/1.1 303 See Other\r\nLocation: %s/there\r\n"
                                       "Content-Length: 0\r\n\r\n",
                                       server_url(rig.server)));
    struct client_request request = {.method = "POST",
                                     .body = STR("x"),
                                     .follow = true,
                                     .url =
                                         arena_printf(arena, "http://127.0.0.1:%d/", canned.port)};
    assert_int_equal(client_call(client, &request, arena, &response, NULL), 0);
    assert_str_is(response.body, "GET /there");
    client_free(client);
    canned_end(&canned);
}

struct pool_test {
    struct loop *loop;
    struct client_pool *pool;
    int answers, busy, refused, cancelled, other;
    bool free_in_done, call_in_done;
    size_t held[3]; /* seen at the moments of look() */
    int looks;
};

static void on_done(void *arg, const struct client_response *response, const struct err *err)
{
    struct pool_test *test = arg;

    if (response && response->status == 200 && str_starts(response->body, STR("GET /")))
        test->answers++;
    else if (err && err->code == ERR_BUSY)
        test->busy++;
    else if (err && strcmp(err->text, "cancelled") == 0)
        test->cancelled++;
    else if (err && strstr(err->text, "cannot connect (Connection refused)"))
        test->refused++;
    else
        test->other++;
    if (test->free_in_done) {
        test->free_in_done = false;
        client_pool_free(test->pool);
    }
    if (test->call_in_done) {
        struct client_request again = {.method = "GET", .url = "http://127.0.0.1:1/"};
        test->call_in_done = false;
        client_pool_call(test->pool, &again, on_done, test);
    }
}

static void call(struct pool_test *test, const char *path, int n)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct client_request request = {.method = "GET", .url = url_of(arena, path)};

    for (int i = 0; i < n; i++)
        client_pool_call(test->pool, &request, on_done, test);
}

static void pool_start(struct pool_test *test, int in_flight, int queued)
{
    *test = (struct pool_test){0};
    assert_int_equal(loop_new(&test->loop, NULL), 0);
    assert_int_equal(client_pool_new(test->loop, in_flight, queued, &test->pool, NULL), 0);
}

static void test_pool_many(void **state)
{
    struct pool_test test;

    (void)state;
    pool_start(&test, 8, 1000);
    call(&test, "/a", 300);
    call(&test, "/slow", 8);
    test.call_in_done = true;
    loop_run(test.loop);
    assert_int_equal(test.answers, 308);
    assert_int_equal(test.refused, 1);
    assert_int_equal(test.other + test.busy, 0);
    client_pool_free(test.pool);
    loop_free(test.loop);
}

/* Not more in flight than allowed, not more waiting than allowed. */
static void look(void *arg)
{
    struct pool_test *test = arg;
    size_t connections;

    rig_load(&rig, &connections, &test->held[test->looks]);
    rig_release(&rig);
    if (++test->looks < 3)
        loop_after(test->loop, 200, look, test);
}

static void test_pool_bounds(void **state)
{
    struct pool_test test;

    (void)state;
    pool_start(&test, 4, 3);
    call(&test, "/hold", 10);
    assert_int_equal(test.busy, 3); /* told at once */
    loop_after(test.loop, 200, look, &test);
    loop_run(test.loop);
    assert_int_equal(test.held[0], 4);
    assert_int_equal(test.held[1], 3);
    assert_int_equal(test.held[2], 0);
    assert_int_equal(test.answers, 7);
    client_pool_free(test.pool);
    loop_free(test.loop);
}

static void free_pool(void *arg)
{
    struct pool_test *test = arg;
    test->call_in_done = true; /* a call made while the pool goes is cancelled too */
    client_pool_free(test->pool);
}

static void test_pool_free(void **state)
{
    struct pool_test test;

    (void)state;
    pool_start(&test, 2, 10);
    call(&test, "/hold", 5);
    loop_after(test.loop, 100, free_pool, &test);
    loop_run(test.loop);
    assert_int_equal(test.cancelled, 6);
    assert_int_equal(test.answers + test.busy + test.other, 0);
    loop_free(test.loop);
    rig_release(&rig);

    pool_start(&test, 2, 10);
    call(&test, "/a", 5);
    test.free_in_done = true;
    loop_run(test.loop);
    assert_int_equal(test.answers, 1);
    assert_int_equal(test.cancelled, 4);
    loop_free(test.loop);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_row);
    ROWS_ADD(&tests, canned_rows, test_canned);
    rows_add_test(&tests, "errors", test_errors);
    rows_add_test(&tests, "proxy", test_proxy);
    rows_add_test(&tests, "connections are reused", test_reuse);
    rows_add_test(&tests, "redirects can be followed", test_follow);
    rows_add_test(&tests, "pool: many calls", test_pool_many);
    rows_add_test(&tests, "pool: bounds", test_pool_bounds);
    rows_add_test(&tests, "pool: the end", test_pool_free);
    rig_start(&rig, (struct server_config){0});
    int failed = rows_run(&tests, "client");
    rig_end(&rig);
    return failed;
}
