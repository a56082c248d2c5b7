// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/http/rig.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    perror(what);
    abort();
}

static struct str describe(struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    struct arena *arena = exchange->arena;
    struct str text =
        str_printf(arena, "%.*s %.*s", STR_FMT(request->method), STR_FMT(request->target));
    if (request->body.ptr)
        text = str_printf(arena, "%.*s [%.*s]", STR_FMT(text), STR_FMT(request->body));
    if (request->violations) {
        VEC_EACH(request->violations, const struct header *, violation)
            text = str_printf(arena, "%.*s !%.*s", STR_FMT(text), STR_FMT(violation->value));
    }
    return text;
}

static struct str fields_text(struct exchange *exchange)
{
    struct str text = STR("");

    VEC_EACH(&exchange->request.headers, const struct header *, field)
        text = str_printf(exchange->arena, "%.*s%.*s=%.*s|", STR_FMT(text), STR_FMT(field->name),
                          STR_FMT(field->value));
    VEC_EACH(&exchange->request.trailers, const struct header *, field)
        text = str_printf(exchange->arena, "%.*strailer %.*s=%.*s|", STR_FMT(text),
                          STR_FMT(field->name), STR_FMT(field->value));
    return text;
}

static void answer(void *arg)
{
    struct exchange *exchange = arg;
    server_respond_text(exchange, 200, "text/plain", describe(exchange));
}

static void answer_big(struct exchange *exchange)
{
    char *letters = malloc(RIG_BIG);
    must(letters != NULL, "malloc");
    for (size_t i = 0; i < RIG_BIG; i++)
        letters[i] = (char)('a' + i % 26);
    struct reply reply = REPLY(200);
    reply.body = str_make(letters, RIG_BIG);
    server_respond(exchange, &reply);
    free(letters);
}

static void answer_oddly(struct exchange *exchange, struct str path)
{
    struct reply reply = REPLY(200);

    reply.body = STR("body");
    if (str_starts(path, STR("/status/")))
        reply.status = atoi(path.ptr + 8);
    if (str_is(path, "/broken"))
        headers_addz(exchange->arena, &reply.headers, "X", "1\r\nY: 2");
    if (str_is(path, "/close"))
        headers_addz(exchange->arena, &reply.headers, "Connection", "close");
    if (str_is(path, "/truncate")) {
        reply.body = STR("01234567890123456789");
        reply.truncate_at = 10;
    }
    server_respond(exchange, &reply);
}

static void handle(struct exchange *exchange)
{
    struct rig *rig = exchange->context;
    struct str path = exchange->request.path;

    if (str_is(path, "/hold")) {
        must(rig->n_held < RIG_HELD, "too many are held");
        rig->held[rig->n_held++] = exchange;
    } else if (str_is(path, "/fields")) {
        server_respond_text(exchange, 200, "text/plain", fields_text(exchange));
    } else if (str_is(path, "/peer")) {
        server_respond_text(exchange, 200, "text/plain", str_of(exchange->request.peer));
    } else if (str_is(path, "/slow")) {
        loop_after(rig->loop, 50, answer, exchange);
    } else if (str_is(path, "/big")) {
        answer_big(exchange);
    } else if (str_is(path, "/drop")) {
        server_drop(exchange);
    } else if (str_starts(path, STR("/status/")) || str_is(path, "/broken") ||
               str_is(path, "/close") || str_is(path, "/truncate")) {
        answer_oddly(exchange, path);
    } else {
        answer(exchange);
    }
}

static void nothing(void *arg)
{
    (void)arg;
}

static void *run(void *arg)
{
    struct rig *rig = arg;
    /* errands are run even when the server is gone and nothing else is left to wait for */
    loop_after(rig->loop, 3600 * 1000, nothing, NULL);
    loop_run(rig->loop);
    return NULL;
}

void rig_start(struct rig *rig, struct server_config config)
{
    struct err err = ERR_INIT;

    *rig = (struct rig){0};
    config.handle = handle;
    config.context = rig;
    if (!config.address)
        config.address = "127.0.0.1";
    if (loop_new(&rig->loop, &err) < 0 ||
        server_start(rig->loop, &config, &rig->server, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    must(pthread_create(&rig->thread, NULL, run, rig) == 0, "pthread_create");
}

static void release_all(struct rig *rig)
{
    for (size_t i = 0; i < rig->n_held; i++)
        answer(rig->held[i]);
    rig->n_released += rig->n_held;
    rig->n_held = 0;
}

void rig_end(struct rig *rig)
{
    loop_stop(rig->loop);
    pthread_join(rig->thread, NULL);
    server_free(rig->server);
    release_all(rig);
    loop_free(rig->loop);
}

struct errand {
    struct rig *rig;
    void (*fn)(struct rig *rig);
    sem_t done;
};

static void run_errand(void *arg)
{
    struct errand *errand = arg;
    errand->fn(errand->rig);
    sem_post(&errand->done);
}

void rig_do(struct rig *rig, void (*fn)(struct rig *rig))
{
    struct errand errand = {.rig = rig, .fn = fn};

    sem_init(&errand.done, 0, 0);
    loop_post(rig->loop, run_errand, &errand);
    while (sem_wait(&errand.done) < 0 && errno == EINTR)
        ;
    sem_destroy(&errand.done);
}

void rig_release(struct rig *rig)
{
    rig_do(rig, release_all);
}

static void on_stopped(void *arg)
{
    struct rig *rig = arg;
    rig->stopped = true;
}

struct wish {
    struct rig *rig;
    int deadline_ms;
    bool stopped;
    size_t connections, requests, held, released;
    struct server_counts counts;
    sem_t done;
};

static void run_wish(void *arg)
{
    struct wish *wish = arg;
    struct rig *rig = wish->rig;

    if (wish->deadline_ms >= 0)
        server_stop(rig->server, wish->deadline_ms, on_stopped, rig);
    wish->stopped = rig->stopped;
    wish->held = rig->n_held;
    wish->released = rig->n_released;
    server_load(rig->server, &wish->connections, &wish->requests);
    wish->counts = *server_counts(rig->server);
    sem_post(&wish->done);
}

static struct wish ask(struct rig *rig, int deadline_ms)
{
    struct wish wish = {.rig = rig, .deadline_ms = deadline_ms};

    sem_init(&wish.done, 0, 0);
    loop_post(rig->loop, run_wish, &wish);
    while (sem_wait(&wish.done) < 0 && errno == EINTR)
        ;
    sem_destroy(&wish.done);
    return wish;
}

void rig_stop(struct rig *rig, int deadline_ms)
{
    ask(rig, deadline_ms);
}

bool rig_stopped(struct rig *rig)
{
    return ask(rig, -1).stopped;
}

void rig_load(struct rig *rig, size_t *ret_connections, size_t *ret_requests)
{
    struct wish wish = ask(rig, -1);
    *ret_connections = wish.connections;
    *ret_requests = wish.requests;
}

struct server_counts rig_counts(struct rig *rig)
{
    return ask(rig, -1).counts;
}

void rig_await_held(struct rig *rig, size_t n)
{
    for (int tries = 0; tries < 5000 && ask(rig, -1).held < n; tries++)
        usleep(1000);
    must(ask(rig, -1).held >= n, "waiting for requests to be held");
}

void rig_release_until(struct rig *rig, size_t n)
{
    for (int tries = 0; tries < 5000 && ask(rig, -1).released < n; tries++) {
        rig_release(rig);
        usleep(1000);
    }
    must(ask(rig, -1).released >= n, "waiting for requests to be released");
}

static int connect_to(const struct rig *rig, int window)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)server_port(rig->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 5};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    must(fd >= 0, "socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (window > 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

int rig_connect(const struct rig *rig)
{
    return connect_to(rig, 0);
}

int rig_connect_narrow(const struct rig *rig)
{
    return connect_to(rig, 4096);
}

bool rig_send(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes = str_sub(bytes, (size_t)n, bytes.len);
    }
    return true;
}

struct str rig_read(int fd, const char *until, struct arena *arena)
{
    struct buf text BUF_AUTO = BUF_INIT(64u << 20);
    const char *end = "; open";

    while (!until || str_find(buf_view(&text), str_of(until)) < 0) {
        ssize_t n = recv(fd, buf_reserve(&text, 65536), 65536, 0);
        if (n > 0) {
            buf_commit(&text, (size_t)n);
            continue;
        }
        end = n == 0 ? "; closed" : errno == ECONNRESET ? "; reset" : "; open";
        break;
    }
    if (!until)
        buf_puts(&text, end);
    return str_dup(arena, buf_view(&text));
}

/* Length of the body that follows the head, 0 when none is told. */
static size_t told_length(struct str head)
{
    long at = str_find(head, STR("\r\nContent-Length: "));
    return at < 0 ? 0 : strtoul(head.ptr + at + 18, NULL, 10);
}

struct str rig_summary(struct str received, int heads, struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(64u << 20);

    while (str_starts(received, STR("HTTP/1.1 "))) {
        long head_len = str_find(received, STR("\r\n\r\n"));
        if (head_len < 0)
            break;
        struct str head = str_sub(received, 0, (size_t)head_len);
        struct str status = str_sub(head, 9, 3);
        size_t len = heads-- > 0 ? 0 : told_length(head);
        received = str_sub(received, (size_t)head_len + 4, received.len);
        struct str body = str_sub(received, 0, len);
        received = str_sub(received, body.len, received.len);
        buf_puts(&out, out.len > 0 ? "; " : "");
        buf_str(&out, status);
        if (status.ptr[0] == '2' && body.len > 0) {
            buf_putc(&out, ' ');
            buf_str(&out, body);
        }
    }
    if (received.len > 0 && received.ptr[0] != ';')
        buf_puts(&out, "; junk ");
    if (out.len == 0 && str_starts(received, STR("; ")))
        received = str_sub(received, 2, received.len);
    buf_str(&out, received);
    return str_dup(arena, buf_view(&out));
}
