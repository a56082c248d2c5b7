// SPDX-License-Identifier: Apache-2.0
/* Deadlines, and who goes when connections or memory run out. */
#include "lib/http/server_internal.h"

#include <sys/ioctl.h>

#include "lib/http/loop.h"
#include "lib/http/tls.h"

static uint64_t now_ms(const struct conn *conn)
{
    return loop_now_ms(conn->server->loop);
}

/* Bytes that the peer's system has not confirmed. */
static size_t unconfirmed(const struct conn *conn)
{
    uv_os_fd_t fd;
    int n = 0;

    if (uv_fileno((const uv_handle_t *)&conn->tcp, &fd) < 0 || ioctl(fd, TIOCOUTQ, &n) < 0 || n < 0)
        return 0;
    return (size_t)n;
}

/*
 * What our own system has taken says nothing about the peer: its buffer may hold megabytes, and
 * takes more in large steps only.
 */
static uint64_t taken(const struct conn *conn)
{
    uint64_t given = conn->sent;
    size_t left = unconfirmed(conn);

    if (conn->writing)
        given +=
            conn->writing_len - uv_stream_get_write_queue_size((const uv_stream_t *)&conn->tcp);
    return given > left ? given - left : 0;
}

static bool is_shaking_hands(const struct conn *conn)
{
    return conn->tls && !tls_ready(conn->tls);
}

static bool is_receiving(const struct conn *conn)
{
    return conn->in_message && conn->reading && !conn->want_continue;
}

/* 0 = none: a handler is at work, or what holds things up is on our side. */
static uint64_t deadline(const struct conn *conn)
{
    const struct server_config *config = &conn->server->config;

    if (conn->draining)
        return conn->drain_until;
    if (is_shaking_hands(conn))
        return conn->began + (uint64_t)config->head_ms;
    if (conn->writing)
        return conn->write_step + (uint64_t)config->take_ms;
    if (is_receiving(conn)) {
        if (!conn->body_begun)
            return conn->began + (uint64_t)config->head_ms;
        uint64_t whole = conn->body_began + conn->current->body.len / SERVER_BODY_STEP * 1000;
        return (whole < conn->body_step ? whole : conn->body_step) + (uint64_t)config->body_ms;
    }
    if (conn->first)
        return 0;
    return conn->idle_since + (uint64_t)config->idle_ms;
}

static void end_slow_request(struct conn *conn)
{
    bool body = conn->body_begun;

    if (body)
        conn->server->counts.slow_body++;
    else
        conn->server->counts.slow_head++;
    server_conn_refuse(conn, 408, body ? "the body came too slowly" : "the header came too slowly");
    server_conn_update(conn);
}

static void expire(struct conn *conn)
{
    struct server_counts *counts = &conn->server->counts;

    if (conn->draining) {
        server_conn_close(conn);
    } else if (is_shaking_hands(conn)) {
        counts->slow_head++;
        server_conn_close(conn);
    } else if (conn->writing || unconfirmed(conn) > 0) {
        counts->slow_taker++;
        server_conn_reset(conn);
    } else if (conn->in_message) {
        end_slow_request(conn);
    } else {
        counts->idle++;
        server_conn_close(conn);
    }
}

/* What came fast gives no time to be slow later: each step has its own. */
static void look(struct conn *conn)
{
    const struct server_config *config = &conn->server->config;
    uint64_t now = now_ms(conn);

    if (conn->writing && now >= conn->write_step + (uint64_t)config->take_ms) {
        uint64_t so_far = taken(conn);
        if ((so_far - conn->taken) * 1000 < (uint64_t)config->take_ms * SERVER_TAKE_STEP)
            return;
        conn->taken = so_far;
        conn->write_step = now;
    }
    if (is_receiving(conn) && conn->body_begun &&
        conn->current->body.len - conn->body_seen >= SERVER_BODY_STEP) {
        conn->body_seen = conn->current->body.len;
        conn->body_step = now;
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct conn *conn = timer->data;

    if (conn->resuming) {
        conn->resuming = false;
        server_conn_update(conn);
        return;
    }
    look(conn);
    uint64_t due = deadline(conn);
    if (due == 0 || due > now_ms(conn))
        server_time_set(conn);
    else
        expire(conn);
}

/*
 * Most deadlines only move away, so the timer is left where it is and looks again when it fires:
 * a connection in steady use costs no timer work.
 */
void server_time_set(struct conn *conn)
{
    uint64_t due = deadline(conn), now = now_ms(conn);

    if (due == 0 || conn->resuming)
        return;
    if (uv_is_active((uv_handle_t *)&conn->timer) && conn->timer_due <= due)
        return;
    conn->timer_due = due;
    uv_timer_start(&conn->timer, on_timer, due > now ? due - now : 0, 0);
}

void server_time_resume(struct conn *conn)
{
    conn->resuming = true;
    uv_timer_start(&conn->timer, on_timer, 0, 0);
}

void server_time_write(struct conn *conn)
{
    conn->write_began = conn->write_step = now_ms(conn);
    conn->taken = taken(conn);
}

void server_time_body(struct conn *conn)
{
    conn->body_began = conn->body_step = now_ms(conn);
    conn->body_seen = 0;
}

static void unlink_conn(struct conn *conn)
{
    struct server *server = conn->server;

    if (conn->prev)
        conn->prev->next = conn->next;
    else
        server->conns = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    else
        server->last_conn = conn->prev;
}

void server_time_enter(struct conn *conn)
{
    struct server *server = conn->server;

    conn->prev = NULL;
    conn->next = server->conns;
    if (conn->next)
        conn->next->prev = conn;
    else
        server->last_conn = conn;
    server->conns = conn;
    server->n_conns++;
}

void server_time_leave(struct conn *conn)
{
    struct server *server = conn->server;

    unlink_conn(conn);
    server->n_conns--;
    server->answer_bytes -= conn->waiting;
    conn->waiting = 0;
}

void server_time_touch(struct conn *conn)
{
    if (!conn->prev)
        return;
    unlink_conn(conn);
    conn->server->n_conns--;
    server_time_enter(conn);
}

/* A request that is still being received is no work of ours yet. */
static bool holds_a_place_only(const struct conn *conn)
{
    return !conn->first && !conn->writing && !conn->corked && conn->out.len == 0;
}

bool server_time_make_room(struct server *server)
{
    struct conn *conn = server->last_conn;

    while (server->n_conns > server->config.max_connections && conn && conn->prev) {
        struct conn *prev = conn->prev;
        if (holds_a_place_only(conn)) {
            server->counts.crowded++;
            server_conn_close(conn);
        }
        conn = prev;
    }
    if (server->n_conns <= server->config.max_connections)
        return true;
    server->counts.crowded++;
    return false;
}

void server_time_weigh(struct conn *conn)
{
    struct server *server = conn->server;
    size_t waiting = conn->writing_len + conn->out.len;

    server->answer_bytes += waiting - conn->waiting;
    conn->waiting = waiting;
    while (server->answer_bytes > server->config.max_answers) {
        struct conn *longest = NULL;
        for (struct conn *other = server->conns; other; other = other->next) {
            if (other->waiting > 0 && (!longest || other->write_began < longest->write_began))
                longest = other;
        }
        if (!longest)
            return;
        server->counts.slow_taker++;
        server_conn_reset(longest);
    }
}
