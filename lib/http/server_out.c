// SPDX-License-Identifier: Apache-2.0
/* Answers: how they look, and writing them in the order of the requests. */
#include "lib/http/server_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/http/loop.h"
#include "lib/http/tls.h"

struct write {
    uv_write_t request;
    struct conn *conn;
    char *data;
};

static void on_written(uv_write_t *request, int status)
{
    struct write *write = request->data;
    struct conn *conn = write->conn;

    free(write->data);
    free(write);
    conn->writing = false;
    conn->sent += conn->writing_len;
    conn->writing_len = 0;
    if (conn->closing)
        return;
    conn->idle_since = loop_now_ms(conn->server->loop);
    if (status < 0)
        server_conn_close(conn);
    else
        server_conn_written(conn);
}

/* Leave conn->out from `from` on to libuv, which writes it when the socket has room. */
static void write_later(struct conn *conn, size_t from)
{
    struct write *write = malloc(sizeof *write);
    if (!write)
        abort();
    size_t len = conn->out.len - from;
    *write = (struct write){.conn = conn, .data = buf_steal(&conn->out)};
    write->request.data = write;
    server_time_write(conn);
    conn->writing = true;
    conn->writing_len = len;
    uv_buf_t piece = uv_buf_init(write->data + from, (unsigned int)len);
    if (uv_write(&write->request, (uv_stream_t *)&conn->tcp, &piece, 1, on_written) < 0) {
        conn->writing = false;
        free(write->data);
        free(write);
        server_conn_close(conn);
    }
}

/* Put what is gathered, and then `body`, under seal. False when that closed the connection. */
static bool seal(struct conn *conn, struct str body)
{
    struct buf sealed = BUF_INIT(SIZE_MAX / 2);

    if (conn->out.len + body.len == 0 && !tls_has_output(conn->tls))
        return true;
    bool good =
        tls_seal(conn->tls, buf_view(&conn->out), &sealed) && tls_seal(conn->tls, body, &sealed);
    buf_release(&conn->out);
    conn->out = sealed;
    if (!good)
        server_conn_close(conn);
    return good;
}

void server_out_goodbye(struct conn *conn)
{
    struct buf sealed BUF_AUTO = BUF_INIT(SERVER_TLS_BUF);

    if (!conn->tls || conn->writing)
        return;
    tls_goodbye(conn->tls);
    tls_seal(conn->tls, STR_NONE, &sealed);
    uv_buf_t piece = uv_buf_init(sealed.ptr, (unsigned int)sealed.len);
    if (sealed.len > 0)
        uv_try_write((uv_stream_t *)&conn->tcp, &piece, 1);
}

/* What is gathered, and then `body`, of which only what the socket does not take is copied. */
static void write_out(struct conn *conn, struct str body)
{
    if (conn->closing)
        return;
    if (conn->writing) {
        buf_str(&conn->out, body);
        return;
    }
    if (conn->tls) {
        if (!seal(conn, body))
            return;
        body = STR_NONE;
    }
    if (conn->out.len + body.len == 0)
        return;
    uv_buf_t pieces[2] = {uv_buf_init(conn->out.ptr, (unsigned int)conn->out.len),
                          uv_buf_init((char *)(uintptr_t)body.ptr, (unsigned int)body.len)};
    int rc = uv_try_write((uv_stream_t *)&conn->tcp, pieces, body.len > 0 ? 2 : 1);
    if (rc < 0 && rc != UV_EAGAIN) {
        server_conn_close(conn);
        return;
    }
    size_t written = rc > 0 ? (size_t)rc : 0;
    conn->sent += written;
    size_t from = written < conn->out.len ? written : conn->out.len;
    size_t body_from = written - from;
    if (body_from < body.len)
        buf_append(&conn->out, body.ptr + body_from, body.len - body_from);
    if (from < conn->out.len) {
        write_later(conn, from);
    } else {
        buf_clear(&conn->out);
        if (!conn->corked)
            buf_release(&conn->out); /* idle connections hold no buffers */
    }
}

void server_out_flush(struct conn *conn)
{
    write_out(conn, STR_NONE);
}

/* RFC 9110 §5.6.7, made once a second. */
static struct str date_text(struct server *server)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = (time_t)(clock_now_us(clock_system()) / 1000000);
    struct tm tm;

    if (server->date_second != now && gmtime_r(&now, &tm)) {
        server->date_second = now;
        snprintf(server->date, sizeof server->date, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                 days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], (tm.tm_year + 1900) % 10000,
                 tm.tm_hour, tm.tm_min, tm.tm_sec);
    }
    return str_of(server->date);
}

/* Fields that frame the message or manage the connection are ours to write. */
static bool is_ours(struct str name)
{
    return str_eq_nocase(name, STR("connection")) || str_eq_nocase(name, STR("keep-alive")) ||
           str_eq_nocase(name, STR("content-length")) ||
           str_eq_nocase(name, STR("transfer-encoding"));
}

static void add_framing(struct slot *slot, const struct reply *reply, struct headers *fields)
{
    struct arena *arena = slot->exchange.arena;
    struct str given = headers_get(&reply->headers, "content-length");

    /* An answer to HEAD and a 304 may tell the length of what they do not carry. */
    if ((slot->is_head || reply->status == 304) && given.ptr)
        headers_add(arena, fields, STR("Content-Length"), given);
    else if (http1_status_has_body(reply->status))
        headers_add(arena, fields, STR("Content-Length"),
                    str_printf(arena, "%zu", reply->body.len));
    if (slot->close_after)
        headers_addz(arena, fields, "Connection", "close");
    else if (slot->exchange.request.minor == 0)
        headers_addz(arena, fields, "Connection", "keep-alive");
}

static int write_head(struct slot *slot, const struct reply *reply, struct buf *out)
{
    struct server *server = slot->exchange.server;
    struct arena *arena = slot->exchange.arena;
    struct headers fields = {0};

    VEC_EACH(&reply->headers, const struct header *, header) {
        if (!is_ours(header->name))
            headers_add(arena, &fields, header->name, header->value);
    }
    if (server->config.server_name && headers_count(&fields, "server") == 0)
        headers_addz(arena, &fields, "Server", server->config.server_name);
    if (headers_count(&fields, "date") == 0)
        headers_add(arena, &fields, STR("Date"), date_text(server));
    add_framing(slot, reply, &fields);
    return http1_write_response(out, reply->status, &fields);
}

/* An answer that cannot be written is our own mistake; the client learns that much. */
static struct reply broken_reply(const struct reply *reply)
{
    struct reply broken = REPLY(500);

    log_line(LOG_ERROR, "answer with status %d is malformed", reply->status);
    broken.body = STR("the answer was malformed\n");
    return broken;
}

static bool ends_connection(const struct conn *conn, const struct slot *slot,
                            const struct reply *reply)
{
    bool last = !slot->next && !conn->in_message;

    return slot->close_after || !slot->keep_alive || reply->truncate_at >= 0 ||
           headers_has_token(&reply->headers, "connection", "close") ||
           (conn->server->stopping && last);
}

static void release_first(struct conn *conn)
{
    struct slot *slot = conn->first;

    conn->first = slot->next;
    if (!conn->first)
        conn->last = NULL;
    conn->queued--;
    conn->queued_bytes -= slot->body.len;
    conn->idle_since = loop_now_ms(conn->server->loop);
    bool last = slot->close_after;
    server_slot_free(slot);
    if (last) {
        conn->last_answer = true;
        server_conn_abandon(conn); /* requests behind it get no answer */
    }
}

/* Answers that were waiting for their turn. */
static void write_ready(struct conn *conn)
{
    while (conn->first && conn->first->answered && !conn->last_answer && !conn->closing) {
        struct slot *slot = conn->first;
        if (slot->drop) {
            server_conn_reset(conn);
            return;
        }
        buf_str(&conn->out, buf_view(&slot->answer));
        release_first(conn);
    }
}

void server_out_queue(struct conn *conn, struct slot *slot)
{
    if (conn->last)
        conn->last->next = slot;
    else
        conn->first = slot;
    conn->last = slot;
    conn->queued++;
    conn->queued_bytes += slot->body.len;
}

void server_respond(struct exchange *exchange, const struct reply *reply)
{
    struct slot *slot = (struct slot *)exchange;
    struct conn *conn = slot->conn;

    assert(!slot->answered);
    if (!conn) {
        server_slot_free(slot);
        return;
    }
    if (conn->unsafe == slot)
        conn->unsafe = NULL;
    bool in_turn = conn->first == slot;
    struct buf *out = in_turn ? &conn->out : &slot->answer;
    struct reply good = *reply;
    slot->answered = true;
    slot->close_after = ends_connection(conn, slot, reply);
    if (reply->status < 200 || write_head(slot, &good, out) < 0) {
        good = broken_reply(reply);
        write_head(slot, &good, out);
    }
    struct str body = good.body;
    if (slot->is_head || !http1_status_has_body(good.status))
        body = STR_NONE;
    if (good.truncate_at >= 0)
        body = str_sub(body, 0, (size_t)good.truncate_at);
    if (in_turn && body.len >= SERVER_BIG_BODY)
        write_out(conn, body);
    else
        buf_str(out, body);
    if (conn->closing)
        return;
    if (in_turn) {
        release_first(conn);
        write_ready(conn);
    }
    server_conn_answered(conn);
}

void server_respond_text(struct exchange *exchange, int status, const char *content_type,
                         struct str body)
{
    struct reply reply = REPLY(status);

    headers_addz(exchange->arena, &reply.headers, "Content-Type", content_type);
    reply.body = body;
    server_respond(exchange, &reply);
}

void server_drop(struct exchange *exchange)
{
    struct slot *slot = (struct slot *)exchange;
    struct conn *conn = slot->conn;

    assert(!slot->answered);
    if (!conn) {
        server_slot_free(slot);
        return;
    }
    slot->answered = slot->drop = true;
    if (conn->first == slot)
        server_conn_reset(conn);
}

void server_out_refuse(struct conn *conn, struct slot *slot, int status, const char *text)
{
    struct arena *arena = slot->exchange.arena;
    struct reply reply = REPLY(status);

    conn->last_request = true;
    conn->linger = true;
    slot->close_after = true;
    if (conn->server->config.on_bad) {
        conn->server->config.on_bad(status, text, arena, &reply);
    } else {
        headers_addz(arena, &reply.headers, "Content-Type", "text/plain; charset=utf-8");
        reply.body = str_printf(arena, "%s\n", text);
    }
    server_respond(&slot->exchange, &reply);
}
