// SPDX-License-Identifier: Apache-2.0
/* Deadlines, limits on what is in flight, faults and the end, over real sockets. */
#include "lib/http/server.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "tests/unit/lib/base/rows.h"
#include "tests/unit/lib/http/rig.h"

#define H    "Host: h\r\n"
#define HOLD "GET /hold HTTP/1.1\r\n" H "\r\n"
#define LAST "GET /last HTTP/1.1\r\n" H "Connection: close\r\n\r\n"

/* Short deadlines; what takes longer than PATIENCE_MS is taken for "never". */
enum { HEAD_MS = 200, BODY_MS = 300, IDLE_MS = 600, PATIENCE_MS = 4000 };

static const struct slow_row {
    const char *name;
    const char *first; /* sent at once */
    const char *drip;  /* then one byte of it every 30 ms, again and again */
    const char *expected;
    int at_least_ms;
} slow_rows[] = {
    {"slow head", "GET / HT", "T", "408; closed", HEAD_MS},
    {"slow fields", "GET / HTTP/1.1\r\n", "a: b\r\n", "408; closed", HEAD_MS},
    {"head that stops", "GET / HTTP/1.1\r\nHost: h", NULL, "408; closed", HEAD_MS},
    {"slow body", "POST / HTTP/1.1\r\n" H "Content-Length: 4000\r\n\r\n", "x", "408; closed",
     BODY_MS},
    {"slow chunks", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n",
     "408; closed", BODY_MS},
    {"body that stops", "POST / HTTP/1.1\r\n" H "Content-Length: 40\r\n\r\nx", NULL, "408; closed",
     BODY_MS},
    {"second head on a connection", "GET /a HTTP/1.1\r\n" H "\r\nGET", NULL,
     "200 GET /a; 408; closed", HEAD_MS},
    {"never a byte", "", NULL, "closed", IDLE_MS},
    {"empty lines are no request", "\r\n", NULL, "closed", IDLE_MS},
    {"idle after an answer", "GET /a HTTP/1.1\r\n" H "\r\n", NULL, "200 GET /a; closed", IDLE_MS},
};

static bool readable(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

static void test_slow(void **state)
{
    const struct slow_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;

    rig_start(&rig,
              (struct server_config){.head_ms = HEAD_MS, .body_ms = BODY_MS, .idle_ms = IDLE_MS});
    int fd = rig_connect(&rig);
    int64_t began = clock_mono_us();
    rig_send(fd, str_of(row->first));
    bool answered = false;
    for (size_t i = 0; row->drip && !answered; i++) {
        rig_send(fd, str_make(row->drip + i % strlen(row->drip), 1));
        usleep(30000);
        answered = readable(fd) || clock_mono_us() - began > PATIENCE_MS * 1000;
    }
    struct str seen = rig_summary(rig_read(fd, NULL, arena), 0, arena);
    int64_t took_ms = (clock_mono_us() - began) / 1000;
    assert_str_is(seen, row->expected);
    if (took_ms < row->at_least_ms - 20 || took_ms > PATIENCE_MS)
        fail_msg("expected %d ms to %d ms, saw %lld", row->at_least_ms, PATIENCE_MS,
                 (long long)took_ms);
    close(fd);
    rig_end(&rig);
}

/* 64 KiB a second are enough: such a body outlives body_ms. */
static void test_steady_body(void **state)
{
    enum { PIECE = 64 * 1024, PIECES = 12 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    char *piece = arena_alloc(arena, PIECE);

    (void)state;
    memset(piece, 'x', PIECE);
    rig_start(&rig, (struct server_config){.body_ms = BODY_MS, .idle_ms = IDLE_MS});
    int fd = rig_connect(&rig);
    rig_send(fd, str_printf(arena,
                            "POST / HTTP/1.1\r\n" H "Connection: close\r\n"
                            "Content-Length: %d\r\n\r\n",
                            PIECE * PIECES));
    for (int i = 0; i < PIECES; i++) {
        rig_send(fd, str_make(piece, PIECE));
        usleep(60000);
    }
    struct str seen = rig_read(fd, NULL, arena);
    assert_true(str_starts(seen, STR("HTTP/1.1 200 ")));
    assert_true(str_ends(seen, STR("xxx]; closed")));
    close(fd);
    rig_end(&rig);
}

/* Much at once gives no right to stop then: large bodies that stay away would hold all memory. */
static void test_body_that_stops(void **state)
{
    enum { SENT = 2 * 1024 * 1024 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    char *piece = arena_alloc(arena, SENT);

    (void)state;
    memset(piece, 'x', SENT);
    rig_start(&rig, (struct server_config){.body_ms = BODY_MS, .idle_ms = IDLE_MS});
    int fd = rig_connect(&rig);
    int64_t began = clock_mono_us();
    rig_send(fd, str_printf(arena, "POST / HTTP/1.1\r\n" H "Content-Length: %d\r\n\r\n", SENT + 1));
    rig_send(fd, str_make(piece, SENT));
    struct str seen = rig_summary(rig_read(fd, NULL, arena), 0, arena);
    assert_str_is(seen, "408; closed");
    assert_true(clock_mono_us() - began < PATIENCE_MS * 1000);
    assert_int_equal(rig_counts(&rig).slow_body, 1);
    close(fd);
    rig_end(&rig);
}

/* A handler may take longer than every deadline. */
static void test_slow_handler(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;

    (void)state;
    rig_start(&rig, (struct server_config){.head_ms = 50, .body_ms = 50, .idle_ms = 50});
    int fd = rig_connect(&rig);
    rig_send(fd, STR(HOLD));
    rig_await_held(&rig, 1);
    usleep(200000);
    rig_release(&rig);
    struct str seen = rig_summary(rig_read(fd, NULL, arena), 0, arena);
    assert_str_is(seen, "200 GET /hold; closed");
    close(fd);
    rig_end(&rig);
}

struct sending {
    int fd;
    struct str bytes;
};

static void *send_all(void *arg)
{
    struct sending *sending = arg;
    rig_send(sending->fd, sending->bytes);
    return NULL;
}

/* More requests than may be read ahead: the rest waits in the socket, and none is lost. */
static void test_pipeline_limit(void **state)
{
    enum { N = 200 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf bytes BUF_AUTO = BUF_INIT(1u << 20), expected BUF_AUTO = BUF_INIT(1u << 20);
    struct rig rig;
    size_t connections, requests, answered = 0;

    (void)state;
    for (int i = 0; i < N; i++) {
        buf_puts(&bytes, HOLD);
        buf_puts(&expected, "200 GET /hold; ");
    }
    buf_puts(&bytes, LAST);
    buf_puts(&expected, "200 GET /last; closed");
    rig_start(&rig, (struct server_config){0});
    int fd = rig_connect(&rig);
    rig_send(fd, buf_view(&bytes));
    while (answered < N) {
        size_t batch = N - answered < LIMIT_HTTP_PIPELINE ? N - answered : LIMIT_HTTP_PIPELINE;
        rig_await_held(&rig, batch);
        usleep(20000);
        rig_load(&rig, &connections, &requests);
        assert_int_equal(connections, 1);
        assert_true(requests <= LIMIT_HTTP_PIPELINE);
        rig_release(&rig);
        answered += batch;
    }
    struct str seen = rig_summary(rig_read(fd, NULL, arena), 0, arena);
    assert_str_is(seen, expected.ptr);
    close(fd);
    rig_end(&rig);
}

/* In order: what is pipelined behind a POST is only looked at when that is answered. */
static void test_in_order(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    size_t connections, requests;

    (void)state;
    rig_start(&rig, (struct server_config){.in_order = true});
    int fd = rig_connect(&rig);
    rig_send(fd, STR(HOLD "POST /hold HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nx"));
    rig_await_held(&rig, 2);
    rig_send(fd, STR(HOLD HOLD LAST));
    usleep(50000);
    rig_load(&rig, &connections, &requests);
    assert_int_equal(connections, 1);
    assert_int_equal(requests, 2);
    rig_release(&rig);
    rig_await_held(&rig, 2);
    rig_release(&rig);
    struct str seen = rig_summary(rig_read(fd, NULL, arena), 0, arena);
    assert_str_is(seen, "200 GET /hold; 200 POST /hold [x]; 200 GET /hold; 200 GET /hold; "
                        "200 GET /last; closed");
    close(fd);
    rig_end(&rig);
}

/* Large bodies are not read ahead without end either, and the interim answer waits for its turn. */
static void test_bodies_ahead(void **state)
{
    enum { BODY = 300 * 1024, N = 12 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf bytes BUF_AUTO = BUF_INIT(8u << 20);
    struct rig rig;
    size_t connections, requests;

    (void)state;
    char *body = arena_alloc(arena, BODY);
    memset(body, 'x', BODY);
    for (int i = 0; i < N; i++) {
        buf_printf(&bytes, "POST /hold HTTP/1.1\r\n" H "Content-Length: %d\r\n\r\n", BODY);
        buf_append(&bytes, body, BODY);
    }
    rig_start(&rig, (struct server_config){.body_ms = BODY_MS});
    int fd = rig_connect(&rig);
    pthread_t sender;
    struct sending sending = {fd, buf_view(&bytes)};
    pthread_create(&sender, NULL, send_all, &sending);
    rig_await_held(&rig, 4);
    usleep(100000);
    rig_load(&rig, &connections, &requests);
    assert_in_range(requests, 4, 5);
    rig_release_until(&rig, N);
    pthread_join(sender, NULL);
    rig_send(fd, STR(HOLD "POST / HTTP/1.1\r\n" H "Content-Length: 2\r\n"
                          "Expect: 100-continue\r\n\r\n"));
    rig_await_held(&rig, 1);
    usleep(2 * BODY_MS * 1000); /* the client waits for us: no reason to refuse it */
    rig_release(&rig);
    struct str seen = rig_read(fd, "100 Continue\r\n\r\n", arena);
    assert_true(str_ends(seen, STR("GET /holdHTTP/1.1 100 Continue\r\n\r\n")));
    rig_send(fd, STR("hi" LAST));
    seen = rig_summary(rig_read(fd, NULL, arena), 0, arena);
    assert_str_is(seen, "200 POST / [hi]; 200 GET /last; closed");
    close(fd);
    rig_end(&rig);
}

/* A client that asks and asks but takes no answer is not read any further, and cut off in the end.
 */
static void test_greedy_client(void **state)
{
    enum { N = 500 };
    struct buf bytes BUF_AUTO = BUF_INIT(1u << 20);
    struct rig rig;
    size_t connections = 1, requests;

    (void)state;
    for (int i = 0; i < N; i++)
        buf_puts(&bytes, "GET /big HTTP/1.1\r\n" H "\r\n");
    rig_start(&rig, (struct server_config){.take_ms = 300});
    int fd = rig_connect(&rig);
    rig_send(fd, buf_view(&bytes));
    for (int i = 0; i < 400 && connections > 0; i++) {
        usleep(10000);
        rig_load(&rig, &connections, &requests);
    }
    assert_int_equal(connections, 0);
    close(fd);
    rig_end(&rig);
}

/* Answers of 2 MiB to somebody who reads so many bytes every 20 ms. */
static const struct reader_row {
    const char *name;
    int requests;
    size_t step;
    bool cut;
} reader_rows[] = {
    {"reader of nothing", 4, 0, true},
    {"reader of nothing, of what the system took whole", 1, 0, true},
    {"reader of a byte now and then", 4, 1, true},
    {"reader of less than the least rate", 4, 100, true},
    {"slow reader", 4, 256 * 1024, false},
};

static void test_reader(void **state)
{
    enum { STEP_MS = 20 };
    const struct reader_row *row = *state;
    struct rig rig;
    size_t connections = 1, requests, got = 0;
    char *bytes = malloc(256 * 1024);

    rig_start(&rig,
              (struct server_config){.take_ms = row->cut ? 300 : PATIENCE_MS, .idle_ms = IDLE_MS});
    int fd = row->cut ? rig_connect_narrow(&rig) : rig_connect(&rig);
    for (int i = 0; i < row->requests; i++)
        rig_send(fd, STR("GET /big HTTP/1.1\r\n" H "\r\n"));
    for (int i = 0; i < PATIENCE_MS / STEP_MS && connections > 0; i++) {
        ssize_t n = row->step > 0 ? recv(fd, bytes, row->step, MSG_DONTWAIT) : 0;
        got += n > 0 ? (size_t)n : 0;
        usleep(STEP_MS * 1000);
        rig_load(&rig, &connections, &requests);
    }
    struct server_counts counts = rig_counts(&rig);
    assert_int_equal(connections, 0);
    assert_int_equal(counts.slow_taker, row->cut);
    assert_int_equal(counts.idle, !row->cut);
    assert_true(row->cut || got > (size_t)row->requests * RIG_BIG);
    free(bytes);
    close(fd);
    rig_end(&rig);
}

/* Who waits longest goes when answers that nobody takes are too much together. */
static void test_answers_together(void **state)
{
    enum { CLIENTS = 6 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    int fds[CLIENTS];

    (void)state;
    rig_start(&rig, (struct server_config){.max_answers = 3 * RIG_BIG});
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = rig_connect_narrow(&rig);
        for (int n = 0; n < 8; n++)
            rig_send(fds[i], STR("GET /big HTTP/1.1\r\n" H "\r\n"));
        char byte; /* its answer has begun, so that the next one waits less long */
        assert_int_equal(recv(fds[i], &byte, 1, MSG_PEEK), 1);
        usleep(20000);
    }
    struct server_counts counts = {0};
    for (int i = 0; i < 200 && counts.slow_taker == 0; i++) {
        usleep(10000);
        counts = rig_counts(&rig);
    }
    assert_in_range(counts.slow_taker, 1, CLIENTS - 1);
    assert_true(str_ends(rig_read(fds[0], NULL, arena), STR("; reset")));
    assert_true(rig_send(fds[CLIENTS - 1], STR(LAST)));
    assert_true(str_ends(rig_read(fds[CLIENTS - 1], NULL, arena), STR("GET /last; closed")));
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    rig_end(&rig);
}

static void test_big_both_ways(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    char *letters = arena_alloc(arena, RIG_BIG);

    (void)state;
    for (size_t i = 0; i < RIG_BIG; i++)
        letters[i] = (char)('a' + i % 26);
    rig_start(&rig, (struct server_config){0});
    int fd = rig_connect(&rig);
    rig_send(fd, str_printf(arena, "POST / HTTP/1.1\r\n" H "Content-Length: %d\r\n\r\n", RIG_BIG));
    rig_send(fd, str_make(letters, RIG_BIG));
    struct str seen = rig_read(fd, "]", arena);
    long at = str_find(seen, STR("POST / ["));
    assert_true(at > 0);
    assert_true(str_eq(str_sub(seen, (size_t)at + 8, RIG_BIG), str_make(letters, RIG_BIG)));

    rig_send(fd, STR("GET /big HTTP/1.1\r\n" H "\r\n" LAST));
    usleep(100000); /* until the socket is full */
    seen = rig_read(fd, NULL, arena);
    at = str_find(seen, STR("\r\n\r\n"));
    assert_true(at > 0);
    assert_true(str_eq(str_sub(seen, (size_t)at + 4, RIG_BIG), str_make(letters, RIG_BIG)));
    assert_true(str_ends(seen, STR("GET /last; closed")));
    close(fd);
    rig_end(&rig);
}

/* The client sends all of it before it reads, as many do. */
static void test_refusal_of_big_body(void **state)
{
    enum { SENT = 8 * 1024 * 1024 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;

    (void)state;
    rig_start(&rig, (struct server_config){.max_body = 1000});
    int fd = rig_connect(&rig);
    rig_send(fd, str_printf(arena, "POST / HTTP/1.1\r\n" H "Content-Length: %d\r\n\r\n", SENT));
    assert_true(rig_send(fd, str_make(arena_alloc(arena, SENT), SENT))); /* not reset */
    struct str seen = rig_summary(rig_read(fd, NULL, arena), 0, arena);
    assert_str_is(seen, "413; closed");
    close(fd);
    rig_end(&rig);
}

/* What all clients send together is bounded too; small requests go on, and room comes back. */
static void test_bodies_together(void **state)
{
    enum { SENT = 300 * 1024, MOST = 400 * 1024 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct str head = str_printf(arena, "POST / HTTP/1.1\r\n" H "Content-Length: %d\r\n\r\n", SENT);
    struct str bytes = str_make(arena_alloc(arena, SENT), SENT);
    struct str all_but_one = str_make(bytes.ptr, SENT - 1);
    struct rig rig;

    (void)state;
    memset((char *)(uintptr_t)bytes.ptr, 'x', SENT);
    rig_start(&rig, (struct server_config){.max_bodies = MOST});
    int first = rig_connect(&rig), second = rig_connect(&rig), third = rig_connect(&rig);
    rig_send(first, head);
    rig_send(first, all_but_one);
    usleep(50000);
    rig_send(second, head);
    rig_send(second, bytes);
    struct str seen = rig_summary(rig_read(second, NULL, arena), 0, arena);
    assert_str_is(seen, "503; closed");
    rig_send(third, STR("POST / HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nhi" LAST));
    seen = rig_summary(rig_read(third, NULL, arena), 0, arena);
    assert_str_is(seen, "200 POST / [hi]; 200 GET /last; closed");
    close(second);
    close(third);
    close(first); /* in the middle of its body */
    usleep(50000);
    second = rig_connect(&rig);
    rig_send(second, head);
    rig_send(second, bytes);
    seen = rig_read(second, "200 OK", arena);
    assert_true(str_starts(seen, STR("HTTP/1.1 200 OK")));
    close(second);
    rig_end(&rig);
}

static void test_half_close(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;

    (void)state;
    rig_start(&rig, (struct server_config){0});
    int fd = rig_connect(&rig);
    rig_send(fd, STR("GET /slow HTTP/1.1\r\n" H "\r\n" HOLD));
    shutdown(fd, SHUT_WR);
    rig_await_held(&rig, 1);
    usleep(20000);
    rig_release(&rig);
    struct str seen = rig_summary(rig_read(fd, NULL, arena), 0, arena);
    assert_str_is(seen, "200 GET /slow; 200 GET /hold; closed");
    close(fd);

    fd = rig_connect(&rig);
    rig_send(fd, STR("POST / HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nhalf"));
    shutdown(fd, SHUT_WR);
    seen = rig_summary(rig_read(fd, NULL, arena), 0, arena);
    assert_str_is(seen, "400; closed");
    close(fd);
    rig_end(&rig);
}

/* The exchange outlives its client. */
static void test_client_leaves(void **state)
{
    struct linger now = {.l_onoff = 1};
    struct rig rig;
    size_t connections = 1, requests = 0;

    (void)state;
    rig_start(&rig, (struct server_config){0});
    int fd = rig_connect(&rig);
    rig_send(fd, STR(HOLD HOLD "POST / HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nhalf"));
    rig_await_held(&rig, 2);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
    for (int i = 0; i < 200 && connections > 0; i++) {
        usleep(10000);
        rig_load(&rig, &connections, &requests);
    }
    assert_int_equal(connections, 0);
    assert_int_equal(requests, 2);
    rig_release(&rig);
    rig_load(&rig, &connections, &requests);
    assert_int_equal(requests, 0);
    rig_end(&rig);
}

static void test_faults(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;

    (void)state;
    rig_start(&rig, (struct server_config){0});
    int fd = rig_connect(&rig);
    rig_send(fd, STR("GET /truncate HTTP/1.1\r\n" H "\r\n"));
    struct str seen = rig_read(fd, NULL, arena);
    assert_true(str_find(seen, STR("\r\nContent-Length: 20\r\n")) > 0);
    assert_true(str_ends(seen, STR("\r\n\r\n0123456789; closed")));
    close(fd);

    fd = rig_connect(&rig);
    rig_send(fd, STR("GET /drop HTTP/1.1\r\n" H "\r\n"));
    assert_str_is(rig_read(fd, NULL, arena), "; reset");
    close(fd);

    /* in its turn: what was asked before is answered first */
    fd = rig_connect(&rig);
    rig_send(fd, STR(HOLD "GET /drop HTTP/1.1\r\n" H "\r\n"));
    rig_await_held(&rig, 1);
    size_t connections, requests;
    rig_load(&rig, &connections, &requests);
    assert_int_equal(connections, 1);
    rig_release(&rig);
    seen = rig_read(fd, NULL, arena);
    assert_true(str_ends(seen, STR("; reset")));
    close(fd);
    rig_end(&rig);
}

static void test_graceful_stop(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    size_t connections, requests;

    (void)state;
    rig_start(&rig, (struct server_config){0});
    int busy = rig_connect(&rig), idle = rig_connect(&rig);
    rig_send(idle, STR("GET / HTTP/1.1\r\n" H "\r\n"));
    rig_read(idle, "GET /", arena);
    rig_send(busy, STR(HOLD HOLD));
    rig_await_held(&rig, 2);
    rig_stop(&rig, 5000);
    assert_int_equal(rig_connect(&rig), -1); /* refused at once */
    assert_str_is(rig_read(idle, NULL, arena), "; closed");
    assert_false(rig_stopped(&rig));
    rig_load(&rig, &connections, &requests);
    assert_int_equal(connections, 1);
    rig_release(&rig);
    struct str seen = rig_read(busy, NULL, arena);
    assert_str_is(rig_summary(seen, 0, arena), "200 GET /hold; 200 GET /hold; closed");
    long first = str_find(seen, STR("Connection: close"));
    assert_true(first > str_find(seen, STR("GET /hold"))); /* only the last says so */
    for (int i = 0; i < 200 && !rig_stopped(&rig); i++)
        usleep(5000);
    assert_true(rig_stopped(&rig));
    close(busy);
    close(idle);
    rig_end(&rig);
}

/* A request of which a part has come is in flight, too. */
static void test_stop_in_mid_request(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    size_t connections, requests = 0;

    (void)state;
    rig_start(&rig, (struct server_config){0});
    int fd = rig_connect(&rig);
    rig_send(fd, STR("POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhe"));
    while (requests == 0)
        rig_load(&rig, &connections, &requests);
    rig_stop(&rig, 5000);
    rig_send(fd, STR("llo"));
    struct str seen = rig_read(fd, NULL, arena);
    assert_str_is(rig_summary(seen, 0, arena), "200 POST / [hello]; closed");
    assert_true(str_find(seen, STR("\r\nConnection: close\r\n")) > 0);
    for (int i = 0; i < 200 && !rig_stopped(&rig); i++)
        usleep(5000);
    assert_true(rig_stopped(&rig));
    close(fd);
    rig_end(&rig);
}

static void test_stop_deadline(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;

    (void)state;
    rig_start(&rig, (struct server_config){0});
    int fd = rig_connect(&rig);
    rig_send(fd, STR(HOLD));
    rig_await_held(&rig, 1);
    int64_t began = clock_mono_us();
    rig_stop(&rig, 150);
    assert_str_is(rig_read(fd, NULL, arena), "; closed");
    assert_true(clock_mono_us() - began >= 140 * 1000);
    for (int i = 0; i < 200 && !rig_stopped(&rig); i++)
        usleep(5000);
    assert_true(rig_stopped(&rig));
    rig_release(&rig); /* the exchange is still there, its answer goes nowhere */
    close(fd);
    rig_end(&rig);
}

static void test_stop_without_clients(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, (struct server_config){0});
    rig_stop(&rig, 60000);
    for (int i = 0; i < 200 && !rig_stopped(&rig); i++)
        usleep(5000);
    assert_true(rig_stopped(&rig));
    rig_end(&rig);
}

static void nothing(struct exchange *exchange)
{
    server_respond_text(exchange, 200, "text/plain", STR(""));
}

/* Idle and half-sent requests make room, oldest first; who waits for an answer and who came last
 * stay. */
static void test_crowd(void **state)
{
    enum { MOST = 8, IDLE = 30 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    int fds[IDLE];
    size_t connections = 0, requests;

    (void)state;
    rig_start(&rig, (struct server_config){.max_connections = MOST});
    int waiting = rig_connect(&rig), regular = rig_connect(&rig);
    rig_send(waiting, STR(HOLD));
    rig_await_held(&rig, 1);
    for (int i = 0; i < IDLE; i++) {
        fds[i] = rig_connect(&rig);
        if (i % 2)
            rig_send(fds[i], STR("GET / HT"));
        rig_send(regular, STR("GET /a HTTP/1.1\r\n" H "\r\n"));
        assert_true(rig_read(regular, "GET /a", arena).len > 0);
    }
    rig_load(&rig, &connections, &requests);
    assert_int_equal(connections, MOST);
    assert_int_equal(rig_counts(&rig).crowded, IDLE + 2 - MOST);
    assert_str_is(rig_summary(rig_read(fds[0], NULL, arena), 0, arena), "closed");
    rig_send(fds[IDLE - 2], STR(LAST));
    assert_str_is(rig_summary(rig_read(fds[IDLE - 2], NULL, arena), 0, arena),
                  "200 GET /last; closed");
    rig_release(&rig);
    rig_send(waiting, STR(LAST));
    assert_str_is(rig_summary(rig_read(waiting, NULL, arena), 0, arena),
                  "200 GET /hold; 200 GET /last; closed");
    for (int i = 0; i < IDLE; i++)
        close(fds[i]);
    close(waiting);
    close(regular);
    rig_end(&rig);
}

static void test_crowd_at_work(void **state)
{
    enum { MOST = 4 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    int fds[MOST];

    (void)state;
    rig_start(&rig, (struct server_config){.max_connections = MOST});
    for (int i = 0; i < MOST; i++) {
        fds[i] = rig_connect(&rig);
        rig_send(fds[i], STR(HOLD));
    }
    rig_await_held(&rig, MOST);
    int late = rig_connect(&rig);
    assert_str_is(rig_summary(rig_read(late, NULL, arena), 0, arena), "closed");
    assert_int_equal(rig_counts(&rig).crowded, 1);
    rig_release(&rig);
    for (int i = 0; i < MOST; i++) {
        rig_send(fds[i], STR(LAST));
        assert_str_is(rig_summary(rig_read(fds[i], NULL, arena), 0, arena),
                      "200 GET /hold; 200 GET /last; closed");
        close(fds[i]);
    }
    close(late);
    rig_end(&rig);
}

static void test_ports(void **state)
{
    struct loop *loop;
    struct server *one, *two, *three = NULL;
    struct err err = ERR_INIT;
    struct server_config config = {.address = "127.0.0.1", .handle = nothing, .reuse_port = true};

    (void)state;
    assert_int_equal(loop_new(&loop, &err), 0);
    assert_int_equal(server_start(loop, &config, &one, &err), 0);
    config.port = server_port(one);
    assert_true(config.port > 0);
    assert_int_equal(server_start(loop, &config, &two, &err), 0);
    assert_int_equal(server_port(two), server_port(one));
    config.reuse_port = false;
    assert_int_equal(server_start(loop, &config, &three, &err), ERR_IO);
    assert_null(three);
    char expected[100];
    snprintf(expected, sizeof expected, "cannot listen on 127.0.0.1:%d: address already in use",
             config.port);
    assert_string_equal(err.text, expected);
    snprintf(expected, sizeof expected, "http://127.0.0.1:%d", config.port);
    assert_string_equal(server_url(one), expected);
    err = ERR_INIT;
    config.address = "not an address";
    assert_int_equal(server_start(loop, &config, &three, &err), ERR_IO);
    err = ERR_INIT;
    config = (struct server_config){.address = "::1", .handle = nothing};
    if (server_start(loop, &config, &three, &err) == 0) {
        snprintf(expected, sizeof expected, "http://[::1]:%d", server_port(three));
        assert_string_equal(server_url(three), expected);
        server_free(three);
    }
    server_free(one);
    server_free(two);
    loop_free(loop);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, slow_rows, test_slow);
    rows_add_test(&tests, "steady body", test_steady_body);
    rows_add_test(&tests, "large body that stops", test_body_that_stops);
    rows_add_test(&tests, "slow handler", test_slow_handler);
    rows_add_test(&tests, "limit of the pipeline", test_pipeline_limit);
    rows_add_test(&tests, "requests behind a POST wait for it", test_in_order);
    rows_add_test(&tests, "bodies read ahead", test_bodies_ahead);
    rows_add_test(&tests, "bodies of all clients", test_bodies_together);
    rows_add_test(&tests, "client that takes no answer", test_greedy_client);
    ROWS_ADD(&tests, reader_rows, test_reader);
    rows_add_test(&tests, "answers of all clients", test_answers_together);
    rows_add_test(&tests, "large bodies", test_big_both_ways);
    rows_add_test(&tests, "refusal of a large body", test_refusal_of_big_body);
    rows_add_test(&tests, "half-close", test_half_close);
    rows_add_test(&tests, "client leaves", test_client_leaves);
    rows_add_test(&tests, "faults", test_faults);
    rows_add_test(&tests, "graceful stop", test_graceful_stop);
    rows_add_test(&tests, "stop in the middle of a request", test_stop_in_mid_request);
    rows_add_test(&tests, "deadline of the stop", test_stop_deadline);
    rows_add_test(&tests, "stop without clients", test_stop_without_clients);
    rows_add_test(&tests, "a crowd that only holds places", test_crowd);
    rows_add_test(&tests, "a crowd at work", test_crowd_at_work);
    rows_add_test(&tests, "ports", test_ports);
    return rows_run(&tests, "server life");
}
