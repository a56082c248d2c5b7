// SPDX-License-Identifier: Apache-2.0
/* Connections: reading requests, the end. */
#include "lib/http/server_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/limits.h"
#include "lib/http/loop.h"
#include "lib/http/tls.h"
#include "lib/wire/url.h"

enum { BODY_READ_MIN = 8 * 1024, BODY_READ_MAX = 256 * 1024 };

static void on_handle_closed(uv_handle_t *handle)
{
    struct conn *conn = handle->data;

    if (--conn->open_handles > 0)
        return;
    struct server *server = conn->server;
    http1_free(conn->parser);
    tls_conn_free(conn->tls);
    buf_release(&conn->pending);
    buf_release(&conn->out);
    free(conn);
    server_unref(server);
}

/* Exchanges that are not answered yet stay with their handlers. */
void server_conn_abandon(struct conn *conn)
{
    struct slot *slot = conn->first;

    conn->first = conn->last = conn->unsafe = NULL;
    conn->queued = conn->queued_bytes = 0;
    while (slot) {
        struct slot *next = slot->next;
        slot->conn = NULL;
        if (slot->answered)
            server_slot_free(slot);
        slot = next;
    }
    if (conn->current)
        server_slot_free(conn->current);
    conn->current = NULL;
    conn->in_message = conn->want_continue = false;
}

void server_conn_close(struct conn *conn)
{
    struct server *server = conn->server;

    if (conn->closing)
        return;
    conn->closing = true;
    if (!conn->reset)
        server_out_goodbye(conn);
    server_time_leave(conn);
    server_conn_abandon(conn);
    if (!conn->reset || uv_tcp_close_reset(&conn->tcp, on_handle_closed) < 0)
        uv_close((uv_handle_t *)&conn->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&conn->timer, on_handle_closed);
    server_check_stopped(server);
}

void server_conn_reset(struct conn *conn)
{
    conn->reset = true;
    server_conn_close(conn);
}

void server_conn_refuse(struct conn *conn, int status, const char *text)
{
    struct slot *slot = conn->current;

    conn->current = NULL;
    conn->in_message = conn->want_continue = false;
    slot->conn = conn;
    slot->is_head = str_is(http1_head(conn->parser)->method, "HEAD");
    server_out_queue(conn, slot);
    server_out_refuse(conn, slot, status, text);
}

static void note_violations(struct conn *conn, struct slot *slot)
{
    struct http1_head *head = http1_head(conn->parser);

    for (size_t i = 0; i < head->violations.len; i++)
        headers_add(slot->exchange.arena, &slot->violations, STR("violation"),
                    head->violations.items[i]);
    slot->exchange.request.violations = slot->violations.len > 0 ? &slot->violations : NULL;
}

/* RFC 9112 §3.2: which forms of target go with which methods. */
static int fill_target(struct conn *conn, struct request *request)
{
    request->path = request->target;
    request->query = STR_NONE;
    if (str_is(request->method, "CONNECT"))
        return 0;
    if (str_is(request->target, "*") && str_is(request->method, "OPTIONS"))
        return 0;
    if (url_split_target(request->target, &request->path, &request->query, NULL) == 0)
        return 0;
    if (!conn->server->config.lenient)
        return -1;
    struct str rest = request->target;
    request->path = str_cut(&rest, '?');
    request->query = rest;
    headers_addz(conn->current->exchange.arena, &conn->current->violations, "violation",
                 "the request target is neither a path nor an absolute URL");
    request->violations = &conn->current->violations;
    return 0;
}

/* RFC 9110 §9.2.1 */
static bool is_safe(struct str method)
{
    return str_is(method, "GET") || str_is(method, "HEAD") || str_is(method, "OPTIONS") ||
           str_is(method, "TRACE");
}

/* The whole request is there: hand it over. */
static void deliver(struct conn *conn)
{
    struct slot *slot = conn->current;
    struct request *request = &slot->exchange.request;
    struct http1_head *head = http1_head(conn->parser);

    conn->want_continue = false;
    request->method = head->method;
    request->target = head->target;
    request->headers = head->headers;
    request->trailers = head->trailers;
    request->minor = head->minor;
    request->peer = arena_strdup(slot->exchange.arena, conn->peer);
    if (head->chunked || head->has_length)
        request->body = buf_view(&slot->body);
    note_violations(conn, slot);
    if (fill_target(conn, request) < 0) {
        server_conn_refuse(conn, 400, "the request target is neither a path nor an absolute URL");
        return;
    }
    slot->conn = conn;
    slot->keep_alive = head->keep_alive;
    slot->is_head = str_is(head->method, "HEAD");
    conn->current = NULL;
    conn->in_message = false;
    if (!head->keep_alive)
        conn->last_request = true;
    server_out_queue(conn, slot);
    server_time_touch(conn);
    if (conn->server->config.in_order && !is_safe(request->method))
        conn->unsafe = slot;
    conn->server->config.handle(&slot->exchange);
}

static void take_body(struct conn *conn, struct str data)
{
    struct server *server = conn->server;
    struct slot *slot = conn->current;
    struct buf *body = &slot->body;

    conn->want_continue = false;
    if (body->ptr && data.ptr == body->ptr + body->len)
        buf_commit(body, data.len); /* read straight to its place, see on_alloc() */
    else
        buf_str(body, data);
    server->body_bytes += body->len - slot->counted;
    slot->counted = body->len;
    if (body->len > LIMIT_HTTP_SMALL_BODY && server->body_bytes > server->config.max_bodies)
        server_conn_refuse(conn, 503, "too many large requests at once");
}

static void on_head(struct conn *conn, bool more_input)
{
    struct http1_head *head = http1_head(conn->parser);

    conn->body_begun = true;
    server_time_body(conn);
    conn->want_continue =
        head->expect_continue && !more_input && (head->chunked || head->length > 0);
}

static void begin_request(struct conn *conn)
{
    conn->current = server_slot_new(conn->server);
    conn->body_begun = false;
    if (!conn->parser) {
        struct http1_limits limits = {.body = conn->server->config.max_body};
        conn->parser = http1_new(HTTP1_REQUEST, &limits, conn->server->config.lenient);
    }
    http1_restart(conn->parser, conn->current->exchange.arena);
}

static bool conn_may_parse(struct conn *conn)
{
    if (conn->out.len > SERVER_HIGH_WATER)
        server_out_flush(conn);
    /* RFC 9112 §9.3.2: only safe requests may be worked on at the same time. */
    return !conn->closing && !conn->last_request && !conn->last_answer && !conn->unsafe &&
           conn->queued < LIMIT_HTTP_PIPELINE && conn->queued_bytes <= SERVER_READ_AHEAD &&
           conn->out.len + conn->writing_len <= SERVER_HIGH_WATER;
}

/* One step of the parser; false when it needs more input. */
static bool parse_step(struct conn *conn, struct str input, size_t *at)
{
    struct str rest = str_make(input.ptr + *at, input.len - *at), data = STR_NONE;
    size_t used = 0;

    if (!conn->current) {
        if (rest.len == 0)
            return false;
        begin_request(conn);
    }
    enum http1_event event = http1_next(conn->parser, rest, &used, &data);
    *at += used;
    switch (event) {
    case HTTP1_MORE:
        return false;
    case HTTP1_HEAD:
        on_head(conn, *at < input.len);
        break;
    case HTTP1_DATA:
        take_body(conn, data);
        break;
    case HTTP1_END:
        deliver(conn);
        break;
    case HTTP1_BAD:
        conn->server->counts.malformed++;
        server_conn_refuse(conn, http1_bad_status(conn->parser), http1_bad_text(conn->parser));
        break;
    }
    return true;
}

/* Returns how much of the input was used; the rest has to wait. */
static size_t parse(struct conn *conn, struct str input)
{
    size_t at = 0;

    conn->stalled = true;
    while (conn->stalled && conn_may_parse(conn))
        conn->stalled = parse_step(conn, input, &at);
    if (!conn->current && at == input.len)
        conn->stalled = false;
    return at;
}

static void note_begin(struct conn *conn)
{
    bool in_message = conn->current && http1_in_message(conn->parser);

    if (in_message && !conn->in_message)
        conn->began = loop_now_ms(conn->server->loop);
    conn->in_message = in_message;
}

/* Answers given meanwhile are gathered and written at once. */
static size_t feed(struct conn *conn, struct str input)
{
    struct server *server = conn->server;

    if (!conn->out.ptr) {
        conn->out = server->spare_out;
        server->spare_out = BUF_INIT(SIZE_MAX / 2);
    }
    conn->corked = true;
    size_t used = parse(conn, input);
    if (!conn->closing) {
        note_begin(conn);
        server_out_flush(conn);
    }
    conn->corked = false;
    if (conn->out.len == 0 && !server->spare_out.ptr && conn->out.cap <= SERVER_HIGH_WATER) {
        server->spare_out = conn->out;
        conn->out = BUF_INIT(SIZE_MAX / 2);
    }
    if (conn->out.len == 0)
        buf_release(&conn->out); /* idle connections hold no buffers */
    return conn->closing ? input.len : used;
}

static void drain(struct conn *conn, size_t len)
{
    conn->drained += len;
    if (conn->drained > SERVER_DRAIN_BYTES)
        server_conn_close(conn);
}

static void on_eof(struct conn *conn)
{
    conn->peer_done = true;
    if (conn->draining) {
        server_conn_close(conn);
        return;
    }
    if (conn->current && http1_in_message(conn->parser) && http1_eof(conn->parser) == HTTP1_BAD) {
        conn->server->counts.malformed++;
        server_conn_refuse(conn, 400, http1_bad_text(conn->parser));
    }
    server_conn_update(conn);
}

static void take(struct conn *conn, struct str input)
{
    bool has_input = conn->pending.len > 0 || conn->stalled; /* comes first */
    size_t used = has_input ? 0 : feed(conn, input);

    if (conn->closing)
        return;
    if (used < input.len)
        buf_append(&conn->pending, input.ptr + used, input.len - used);
    server_conn_update(conn);
}

static void answer_plain(struct conn *conn)
{
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n"
                                 "Content-Length: 36\r\nConnection: close\r\n\r\n"
                                 "this port speaks https and not http\n";
    uv_buf_t piece = uv_buf_init((char *)(uintptr_t)answer, sizeof answer - 1);

    uv_try_write((uv_stream_t *)&conn->tcp, &piece, 1);
    conn->reset = false;
    tls_conn_free(conn->tls);
    conn->tls = NULL;
    server_conn_close(conn);
}

static void take_sealed(struct conn *conn, struct str input)
{
    struct server *server = conn->server;
    size_t len = 0;
    enum tls_event event = TLS_DATA;

    tls_feed(conn->tls, input);
    while (event == TLS_DATA && !conn->closing && !conn->last_request && !conn->last_answer) {
        event = tls_next(conn->tls, server->tls_buf, SERVER_TLS_BUF, &len);
        if (event == TLS_DATA)
            take(conn, str_make(server->tls_buf, len));
    }
    if (conn->closing)
        return;
    if (event == TLS_CLOSED) {
        on_eof(conn);
    } else if (event == TLS_PLAIN) {
        answer_plain(conn);
    } else if (event == TLS_BAD) {
        server_out_flush(conn); /* an alert says why */
        server_conn_close(conn);
    } else {
        server_conn_update(conn);
    }
}

static void on_read(uv_stream_t *stream, ssize_t nread, const uv_buf_t *buf)
{
    struct conn *conn = stream->data;

    if (nread == 0 || conn->closing)
        return;
    if (nread == UV_EOF) {
        on_eof(conn);
        return;
    }
    if (nread < 0) {
        server_conn_close(conn);
        return;
    }
    if (conn->draining || conn->last_answer || conn->last_request) {
        conn->linger = true;
        drain(conn, (size_t)nread);
        return;
    }
    if (conn->tls)
        take_sealed(conn, str_make(buf->base, (size_t)nread));
    else
        take(conn, str_make(buf->base, (size_t)nread));
}

/* A body whose length is known is read to where it stays. */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct conn *conn = handle->data;
    struct slot *slot = conn->current;

    (void)suggested;
    *ret = uv_buf_init(conn->server->read_buf, SERVER_READ_BUF);
    if (conn->tls || conn->draining || !slot || !conn->body_begun ||
        http1_head(conn->parser)->chunked)
        return;
    uint64_t left = http1_head(conn->parser)->length - slot->body.len;
    if (left < BODY_READ_MIN)
        return;
    size_t len = left < BODY_READ_MAX ? (size_t)left : BODY_READ_MAX;
    char *place = buf_reserve(&slot->body, len);
    if (place)
        *ret = uv_buf_init(place, (unsigned int)len);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)status;
    free(request);
}

/*
 * The last answer is written. Closing while the client still sends would reset the connection and
 * could take the answer with it, so its bytes are read and dropped for a while.
 */
static void finish(struct conn *conn)
{
    server_out_goodbye(conn);
    if (!conn->linger || conn->peer_done) {
        server_conn_close(conn);
        return;
    }
    uv_shutdown_t *request = malloc(sizeof *request);
    if (!request)
        abort();
    conn->draining = true;
    conn->drain_until = loop_now_ms(conn->server->loop) + SERVER_DRAIN_MS;
    if (uv_shutdown(request, (uv_stream_t *)&conn->tcp, on_shutdown) < 0) {
        free(request);
        server_conn_close(conn);
    }
}

static void send_continue(struct conn *conn)
{
    if (!conn->want_continue || conn->first)
        return;
    conn->want_continue = false;
    server_time_body(conn); /* the client may start only now */
    buf_puts(&conn->out, "HTTP/1.1 100 Continue\r\n\r\n");
}

static void set_reading(struct conn *conn)
{
    bool has_input = conn->pending.len > 0 || conn->stalled; /* comes first */
    bool wanted = !conn->peer_done && (conn->draining || conn->linger ||
                                       (!has_input && (conn->unsafe || conn_may_parse(conn))));

    /* Behind the last request only the end of the connection is of interest. */
    if (!conn->peer_done && conn->last_request && conn->first && !conn->pending.len)
        wanted = true;
    if (conn->closing || wanted == conn->reading)
        return;
    conn->reading = wanted;
    if (wanted)
        uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read);
    else
        uv_read_stop((uv_stream_t *)&conn->tcp);
}

static bool can_resume(struct conn *conn)
{
    return (conn->pending.len > 0 || conn->stalled) && conn_may_parse(conn);
}

/* Requests that had to wait. */
static void resume(struct conn *conn)
{
    while (can_resume(conn)) {
        size_t used = feed(conn, buf_view(&conn->pending));
        if (conn->closing)
            return;
        buf_consume(&conn->pending, used);
    }
    if (conn->last_request || conn->last_answer) {
        conn->linger = conn->linger || conn->pending.len > 0;
        conn->stalled = false;
        buf_clear(&conn->pending);
    }
    if (conn->pending.len == 0)
        buf_release(&conn->pending);
}

static bool is_done(const struct conn *conn)
{
    if (conn->writing || conn->out.len > 0 || conn->draining)
        return false;
    return conn->last_answer || (conn->peer_done && !conn->first && conn->pending.len == 0);
}

/* Write, finish or read on, set the deadline. */
static void settle(struct conn *conn)
{
    send_continue(conn);
    server_out_flush(conn);
    if (!conn->closing)
        server_time_weigh(conn);
    if (!conn->closing && is_done(conn))
        finish(conn);
    if (conn->closing)
        return;
    set_reading(conn);
    server_time_set(conn);
}

void server_conn_update(struct conn *conn)
{
    if (!conn->closing)
        resume(conn);
    if (!conn->closing)
        settle(conn);
}

void server_conn_written(struct conn *conn)
{
    server_conn_update(conn);
}

void server_conn_answered(struct conn *conn)
{
    if (conn->corked || conn->closing)
        return;
    settle(conn);
    if (conn->closing || conn->resuming || !can_resume(conn))
        return;
    /* Whoever answers is not prepared for other handlers to run inside that call. */
    server_time_resume(conn);
}

void server_conn_stop(struct conn *conn)
{
    if (!conn->first && !conn->in_message && !conn->writing && conn->out.len == 0 && !conn->corked)
        server_conn_close(conn);
}

static void learn_peer(struct conn *conn)
{
    struct sockaddr_storage name = {0};
    int len = sizeof name, port = 0;
    char address[48] = "?";

    if (uv_tcp_getpeername(&conn->tcp, (struct sockaddr *)&name, &len) == 0) {
        const struct sockaddr_in *v4 = (const void *)&name;
        const struct sockaddr_in6 *v6 = (const void *)&name;
        bool is_v6 = name.ss_family == AF_INET6;
        if (is_v6)
            uv_ip6_name(v6, address, sizeof address);
        else
            uv_ip4_name(v4, address, sizeof address);
        port = ntohs(is_v6 ? v6->sin6_port : v4->sin_port);
    }
    snprintf(conn->peer, sizeof conn->peer, strchr(address, ':') ? "[%s]:%d" : "%s:%d", address,
             port);
}

void server_conn_accept(struct server *server)
{
    struct conn *conn = calloc(1, sizeof *conn);
    if (!conn)
        abort();
    conn->server = server;
    conn->pending = conn->out = BUF_INIT(SIZE_MAX / 2);
    uv_tcp_init(loop_uv(server->loop), &conn->tcp);
    uv_timer_init(loop_uv(server->loop), &conn->timer);
    conn->tcp.data = conn->timer.data = conn;
    conn->open_handles = 2;
    server_ref(server);
    server_time_enter(conn);
    server->counts.accepted++;
    conn->idle_since = conn->began = loop_now_ms(server->loop);
    if (server->tls)
        conn->tls = tls_conn_new(server->tls);
    if (uv_accept((uv_stream_t *)&server->listener, (uv_stream_t *)&conn->tcp) < 0 ||
        !server_time_make_room(server)) {
        server_conn_close(conn);
        return;
    }
    uv_tcp_nodelay(&conn->tcp, 1);
    learn_peer(conn);
    server_conn_update(conn);
}
