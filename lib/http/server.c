// SPDX-License-Identifier: Apache-2.0
#include "lib/http/server.h"

#include <assert.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/http/loop.h"
#include "lib/http/server_internal.h"
#include "lib/http/tls.h"

enum { BACKLOG = 4096, SPARE_ARENA_MAX = 16 * 1024, FILES_FOR_OTHERS = 128 };

void server_ref(struct server *server)
{
    server->refs++;
}

void server_unref(struct server *server)
{
    if (--server->refs > 0)
        return;
    for (size_t i = 0; i < server->n_spare_arenas; i++)
        arena_free(server->spare_arenas[i]);
    buf_release(&server->spare_out);
    free(server->read_buf);
    free(server->tls_buf);
    tls_context_free(server->tls);
    free(server->url);
    free(server);
}

struct slot *server_slot_new(struct server *server)
{
    struct arena *arena =
        server->n_spare_arenas > 0 ? server->spare_arenas[--server->n_spare_arenas] : arena_new();
    struct slot *slot = ARENA_NEW(arena, struct slot);

    slot->exchange.arena = arena;
    slot->exchange.server = server;
    slot->exchange.context = server->config.context;
    slot->body = BUF_INIT(server->config.max_body);
    slot->answer = BUF_INIT(SIZE_MAX / 2);
    server->n_requests++;
    server_ref(server);
    return slot;
}

void server_slot_free(struct slot *slot)
{
    struct server *server = slot->exchange.server;
    struct arena *arena = slot->exchange.arena;

    server->body_bytes -= slot->counted;
    buf_release(&slot->body);
    buf_release(&slot->answer);
    if (server->n_spare_arenas < SERVER_SPARE_ARENAS && arena_used(arena) <= SPARE_ARENA_MAX) {
        arena_reset(arena);
        server->spare_arenas[server->n_spare_arenas++] = arena;
    } else {
        arena_free(arena);
    }
    server->n_requests--;
    server_check_stopped(server);
    server_unref(server);
}

static void on_closed(uv_handle_t *handle)
{
    server_unref(handle->data);
}

static void stop_listening(struct server *server)
{
    if (!server->listening)
        return;
    server->listening = false;
    uv_close((uv_handle_t *)&server->listener, on_closed);
}

static void on_connection(uv_stream_t *listener, int status)
{
    if (status == 0)
        server_conn_accept(listener->data);
}

/* Numeric addresses and names such as "localhost". */
static int resolve(const char *address, int port, struct sockaddr_storage *ret, struct err *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    char service[16];

    snprintf(service, sizeof service, "%d", port);
    int rc = getaddrinfo(address, service, &hints, &found);
    if (rc != 0)
        return err_set(err, ERR_IO, "cannot listen on %s:%d: %s", address, port, gai_strerror(rc));
    memcpy(ret, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return 0;
}

/* SO_REUSEPORT has to be set before the address is bound, so the socket is made here. */
static int share_port(struct server *server, int family, struct err *err)
{
    int on = 1;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return err_errno(err, "socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0) {
        int rc = err_errno(err, "sharing port %d between threads", server->config.port);
        close(fd);
        return rc;
    }
    int rc = uv_tcp_open(&server->listener, fd);
    if (rc < 0) {
        close(fd);
        return err_set(err, ERR_IO, "socket: %s", uv_strerror(rc));
    }
    return 0;
}

static int bind_listener(struct server *server, struct err *err)
{
    const struct server_config *config = &server->config;
    struct sockaddr_storage address = {0};
    int rc = resolve(config->address, config->port, &address, err);

    if (rc == 0 && config->reuse_port)
        rc = share_port(server, address.ss_family, err);
    if (rc < 0)
        return rc;
    rc = uv_tcp_bind(&server->listener, (const struct sockaddr *)&address, 0);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
    if (rc < 0)
        return err_set(err, ERR_IO, "cannot listen on %s:%d: %s", config->address, config->port,
                       uv_strerror(rc));
    return 0;
}

static void learn_port(struct server *server)
{
    struct sockaddr_storage name = {0};
    int len = sizeof name;
    char service[16] = "0";
    bool v6 = strchr(server->config.address, ':') != NULL;

    uv_tcp_getsockname(&server->listener, (struct sockaddr *)&name, &len);
    getnameinfo((struct sockaddr *)&name, (socklen_t)len, NULL, 0, service, sizeof service,
                NI_NUMERICSERV);
    server->port = atoi(service);
    if (asprintf(&server->url, v6 ? "http%s://[%s]:%d" : "http%s://%s:%d", server->tls ? "s" : "",
                 server->config.address, server->port) < 0)
        abort();
}

/* Some files are for others: the database, calls of our own. */
static size_t most_connections(void)
{
    struct rlimit files = {0};

    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == RLIM_INFINITY ||
        files.rlim_cur >= LIMIT_HTTP_CONNECTIONS + FILES_FOR_OTHERS)
        return LIMIT_HTTP_CONNECTIONS;
    if (files.rlim_cur >= 2 * FILES_FOR_OTHERS)
        return (size_t)files.rlim_cur - FILES_FOR_OTHERS;
    return (size_t)files.rlim_cur / 2 + 1;
}

static void fill_defaults(struct server_config *config)
{
    if (config->max_body == 0)
        config->max_body = LIMIT_HTTP_BODY;
    if (config->max_bodies == 0)
        config->max_bodies = LIMIT_HTTP_BODIES;
    if (config->head_ms == 0)
        config->head_ms = LIMIT_HTTP_HEAD_MS;
    if (config->idle_ms == 0)
        config->idle_ms = LIMIT_HTTP_IDLE_MS;
    if (config->body_ms == 0)
        config->body_ms = LIMIT_HTTP_BODY_MS;
    if (config->take_ms == 0)
        config->take_ms = LIMIT_HTTP_TAKE_MS;
    if (config->max_answers == 0)
        config->max_answers = LIMIT_HTTP_ANSWERS;
    if (config->max_connections == 0)
        config->max_connections = most_connections();
}

static int start_tls(struct server *server, struct err *err)
{
    server->tls_buf = malloc(SERVER_TLS_BUF);
    if (!server->tls_buf)
        abort();
    return tls_context_new(server->config.tls_cert, server->config.tls_key, &server->tls, err);
}

int server_reload_tls(struct server *server, struct err *err)
{
    struct tls_context *context = NULL;
    if (!server->tls)
        return 0;
    int rc = tls_context_new(server->config.tls_cert, server->config.tls_key, &context, err);
    if (rc < 0)
        return rc;
    tls_context_free(server->tls);
    server->tls = context;
    return 0;
}

int server_start(struct loop *loop, const struct server_config *config, struct server **ret,
                 struct err *err)
{
    assert(config->handle && config->address);
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        abort();
    server->config = *config;
    fill_defaults(&server->config);
    server->loop = loop;
    server->spare_out = BUF_INIT(SIZE_MAX / 2);
    server->read_buf = malloc(SERVER_READ_BUF);
    if (!server->read_buf)
        abort();
    uv_tcp_init(loop_uv(loop), &server->listener);
    uv_timer_init(loop_uv(loop), &server->stop_timer);
    server->listener.data = server->stop_timer.data = server;
    server->listening = true;
    server->refs = 3; /* owner, listener, timer */
    int rc = config->tls_cert ? start_tls(server, err) : 0;
    if (rc == 0)
        rc = bind_listener(server, err);
    if (rc < 0) {
        server_free(server);
        return rc;
    }
    learn_port(server);
    *ret = server;
    return 0;
}

int server_port(const struct server *server)
{
    return server->port;
}

const char *server_url(const struct server *server)
{
    return server->url;
}

void server_load(const struct server *server, size_t *ret_connections, size_t *ret_requests)
{
    *ret_connections = server->n_conns;
    *ret_requests = server->n_requests;
}

const struct server_counts *server_counts(const struct server *server)
{
    return &server->counts;
}

static void cut_off(struct server *server)
{
    while (server->conns)
        server_conn_close(server->conns);
}

/* Fires at the deadline, or in the turn after the last connection went. */
static void on_stop_timer(uv_timer_t *timer)
{
    struct server *server = timer->data;

    cut_off(server);
    if (server->stopped)
        return;
    server->stopped = true;
    uv_timer_stop(&server->stop_timer);
    if (server->done)
        server->done(server->done_arg);
}

/* The callback may free the server, so it is called from a fresh stack. */
void server_check_stopped(struct server *server)
{
    if (server->stopping && !server->stopped && !server->freed && server->n_conns == 0 &&
        server->n_requests == 0)
        uv_timer_start(&server->stop_timer, on_stop_timer, 0, 0);
}

void server_stop(struct server *server, int deadline_ms, void (*done)(void *arg), void *arg)
{
    if (server->stopped)
        return;
    server->stopping = true;
    server->done = done;
    server->done_arg = arg;
    stop_listening(server);
    uv_update_time(loop_uv(server->loop));
    uv_timer_start(&server->stop_timer, on_stop_timer, deadline_ms > 0 ? (uint64_t)deadline_ms : 0,
                   0);
    for (struct conn *conn = server->conns; conn;) {
        struct conn *next = conn->next;
        server_conn_stop(conn);
        conn = next;
    }
    server_check_stopped(server);
}

void server_free(struct server *server)
{
    if (!server)
        return;
    server->freed = true;
    stop_listening(server);
    cut_off(server);
    uv_close((uv_handle_t *)&server->stop_timer, on_closed);
    server_unref(server);
}
