// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_HTTP_SERVER_INTERNAL_H
#define TALLY_LIB_HTTP_SERVER_INTERNAL_H
/*
 * What server.c (listening, stopping), server_conn.c (reading, the end), server_time.c (deadlines,
 * who makes room), server_out.c (answers in request order) share.
 *
 * Lifetimes: a connection goes when its handles are closed; a slot when its exchange is answered,
 * even if the connection went first; the server when the last of them and its owner let go.
 */
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/http/server.h"
#include "lib/wire/http1.h"

enum {
    SERVER_READ_BUF = 64 * 1024,
    SERVER_HIGH_WATER = 256 * 1024,  /* answers not taken yet: above, nothing more is read */
    SERVER_READ_AHEAD = 1024 * 1024, /* bodies not answered yet: above, nothing more is read */
    SERVER_BIG_BODY = 16 * 1024,     /* sent from where it is, if the socket takes it */
    SERVER_DRAIN_MS = 2000,          /* after a refusal, for the client to read it */
    SERVER_DRAIN_BYTES = 64 * 1024 * 1024,
    SERVER_SPARE_ARENAS = 64,
    SERVER_BODY_STEP = 64 * 1024, /* to come in each body_ms, and per second in all */
    SERVER_TAKE_STEP = 16 * 1024, /* to be taken per second */
    SERVER_TLS_BUF = 16 * 1024,   /* the most that one record holds */
};

/* One request and the place of its answer in the connection's order. */
struct slot {
    struct exchange exchange; /* first: the handler's pointer is ours */
    struct conn *conn;        /* NULL when the client has left */
    struct slot *next;
    struct buf body;
    size_t counted;    /* of the body, in the server's sum */
    struct buf answer; /* ready before its turn */
    struct headers violations;
    bool keep_alive, is_head;
    bool answered, drop, close_after;
};

struct conn {
    struct server *server;
    struct conn *prev, *next; /* who did something last comes first */
    uv_tcp_t tcp;
    uv_timer_t timer;
    uint64_t timer_due;
    int open_handles;
    char peer[64];
    struct tls_conn *tls; /* NULL = plain */

    struct http1 *parser;
    struct slot *current;        /* being received */
    struct slot *first, *last;   /* received, in order */
    size_t queued, queued_bytes; /* the bytes are those of their bodies */
    struct slot *unsafe;         /* the last, if it may change something and is not answered */
    struct buf pending;          /* input that has to wait, see conn_may_parse() */
    struct buf out;              /* answers to be written next */
    size_t writing_len;          /* bytes that libuv is writing */
    size_t waiting;              /* answers, in the server's sum */
    uint64_t sent;               /* given to the system since the start */
    uint64_t taken;              /* by the peer, when it last took enough */
    size_t body_seen;            /* when enough of the body had last come */

    uint64_t idle_since, began, body_began, body_step, write_began, write_step, drain_until;
    size_t drained;
    bool reading, corked, writing, closing;
    bool reset;    /* close with RST */
    bool resuming; /* the timer is set to go on at once */
    bool stalled;  /* the parser can go on without new input */
    bool in_message;
    bool body_begun;
    bool last_request; /* nothing behind it is looked at */
    bool last_answer;  /* close when it is written */
    bool linger;       /* let the client read the answer first */
    bool draining, peer_done, want_continue;
};

struct server {
    struct server_config config;
    struct loop *loop;
    uv_tcp_t listener;
    uv_timer_t stop_timer;
    bool listening, stopping, stopped, freed;
    int refs;
    int port;
    char *url;
    struct conn *conns, *last_conn;
    size_t n_conns, n_requests;
    uint64_t body_bytes;   /* held by all requests */
    uint64_t answer_bytes; /* of all connections, not taken by the system yet */
    struct server_counts counts;
    void (*done)(void *arg);
    void *done_arg;
    char *read_buf;
    struct tls_context *tls; /* NULL = plain */
    char *tls_buf;
    struct buf spare_out; /* lent to the connection that is being worked on */
    struct arena *spare_arenas[SERVER_SPARE_ARENAS];
    size_t n_spare_arenas;
    int64_t date_second;
    char date[32];
};

/* server.c */
void server_ref(struct server *server);
void server_unref(struct server *server);
void server_check_stopped(struct server *server);
struct slot *server_slot_new(struct server *server);
void server_slot_free(struct slot *slot);

/* server_conn.c */
void server_conn_accept(struct server *server);
void server_conn_close(struct conn *conn);
/* Forget the requests on it; their answers will be dropped. */
void server_conn_abandon(struct conn *conn);
/* After an answer: write it, go on in the next turn of the loop. May close the connection. */
void server_conn_answered(struct conn *conn);
/* After libuv has written: write more, go on. May close the connection. */
void server_conn_written(struct conn *conn);
/* Close it if no request is in flight on it. */
void server_conn_stop(struct conn *conn);
/* Write, finish or read on, set the deadline. */
void server_conn_update(struct conn *conn);
/* Answer what is being received with an error; the connection ends with it. */
void server_conn_refuse(struct conn *conn, int status, const char *text);
/* Close it with RST: the system forgets what it holds for the peer. */
void server_conn_reset(struct conn *conn);

/* server_time.c */
void server_time_set(struct conn *conn);
/* Have server_conn_update() called in the next turn of the loop. */
void server_time_resume(struct conn *conn);
/* A write begins that the peer has to take. */
void server_time_write(struct conn *conn);
/* From now on the peer has to send its body. */
void server_time_body(struct conn *conn);
/* The server's list: into it, out of it, to its front. */
void server_time_enter(struct conn *conn);
void server_time_leave(struct conn *conn);
void server_time_touch(struct conn *conn);
/* Close connections that hold nothing but a place until there is one; false when there is none. */
bool server_time_make_room(struct server *server);
/* Add up what waits to be taken; beyond the limit the longest wait ends. May close any connection.
 */
void server_time_weigh(struct conn *conn);

/* server_out.c */
/* Write what is ready. Closes the connection when the peer is gone. */
void server_out_flush(struct conn *conn);
/* Answer a request that the codec refused, or that came too slowly; the connection ends with it. */
void server_out_refuse(struct conn *conn, struct slot *slot, int status, const char *text);
/* Say that nothing more comes, as far as the socket takes it at once. */
void server_out_goodbye(struct conn *conn);
void server_out_queue(struct conn *conn, struct slot *slot);

#endif
