// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_HTTP_SERVER_H
#define TALLY_LIB_HTTP_SERVER_H
/*
 * HTTP/1.1 server on a loop: keep-alive, pipelining in order, deadlines against slow peers, answers
 * now or later, graceful stop.
 *
 * A handler gets an exchange (request + its answer). It answers with server_respond() at once, or
 * keeps the pointer and answers later from the same loop (from another thread: loop_post to it).
 * Every exchange must be answered exactly once; the pointer and its arena are gone after that. When
 * the client leaves first, the exchange stays valid and the answer is dropped.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/wire/headers.h"
#include "lib/wire/url.h"

struct arena;
struct err;
struct loop;
struct server;

struct request {
    struct str method, target; /* as received */
    struct str path, query;    /* raw; query absent without '?' */
    struct headers headers, trailers;
    struct str body;                  /* decoded from chunks, whole */
    int minor;                        /* HTTP/1.minor */
    const char *peer;                 /* "127.0.0.1:4711" */
    const struct headers *violations; /* lenient mode: name "violation"; else NULL */
};

struct exchange {
    struct request request;
    struct arena *arena; /* dies with the exchange */
    struct server *server;
    void *context; /* of the server's config */
    /* filled by the router: decoded path parameters in template order */
    struct url_params params;
};

struct reply {
    int status;
    struct headers headers; /* Content-Length, Date and Connection are added */
    struct str body;        /* borrowed until the call returns */
    /* Faults, for mock and reference servers: close after this many body bytes; -1 = none. */
    long truncate_at;
};
#define REPLY(code) ((struct reply){.status = (code), .truncate_at = -1})

struct server_config {
    const char *address; /* "127.0.0.1", "::1", "0.0.0.0" */
    int port;            /* 0 = any free one */
    void (*handle)(struct exchange *exchange);
    /* Optional: status and text of a request that the codec refused, NULL = a plain text body. */
    void (*on_bad)(int status, const char *text, struct arena *arena, struct reply *ret);
    void *context;
    uint64_t max_body; /* 0 = LIMIT_HTTP_BODY */
    /* All requests together: beyond it what is larger than LIMIT_HTTP_SMALL_BODY gets 503, or many
     * clients could fill the memory before anybody asks who they are. 0 = LIMIT_HTTP_BODIES */
    uint64_t max_bodies;
    /* All answers that their clients do not take: beyond it the one that waits longest is cut off.
     * 0 = LIMIT_HTTP_ANSWERS */
    uint64_t max_answers;
    /* Beyond it the connection that did nothing for longest makes room, unless a request of its own
     * is being worked on. 0 = LIMIT_HTTP_CONNECTIONS, or what the limit on open files allows. */
    size_t max_connections;
    int head_ms, idle_ms, body_ms, take_ms; /* 0 = the defaults of limits.h */
    bool lenient;
    bool reuse_port;         /* several loops on one port */
    bool in_order;           /* what is pipelined behind an unsafe request waits for its answer */
    const char *server_name; /* Server header, NULL = none */
    /* PEM files; with both of them the server speaks https and nothing else. */
    const char *tls_cert, *tls_key;
};

/*
 * Bind and listen. Errors: ERR_USAGE for the TLS files, ERR_IO (port in use, no permission; the
 * text names address and port). The config is copied; its strings are borrowed.
 */
int server_start(struct loop *loop, const struct server_config *config, struct server **ret,
                 struct err *err);
int server_port(const struct server *server);
/* "http://127.0.0.1:4711" */
const char *server_url(const struct server *server);
/*
 * Read the certificate and key again, for the connections to come. On error the old ones stay.
 */
int server_reload_tls(struct server *server, struct err *err);
/*
 * Stop listening at once; requests in flight finish (their answers say Connection: close), idle
 * connections close, then done(arg) is called. After deadline_ms what is left is cut off.
 */
void server_stop(struct server *server, int deadline_ms, void (*done)(void *arg), void *arg);
/* After done, or to cut everything off. */
void server_free(struct server *server);
/* Open connections and unanswered requests, for health pages and tests. */
void server_load(const struct server *server, size_t *ret_connections, size_t *ret_requests);
/* Connections since the start, and those that the server ended for a reason of its own. */
struct server_counts {
    uint64_t accepted;
    uint64_t idle;      /* no request for idle_ms */
    uint64_t slow_head; /* also: a TLS handshake that does not end */
    uint64_t slow_body;
    uint64_t slow_taker; /* does not read its answers */
    uint64_t crowded;    /* made room for others, or found none */
    uint64_t malformed;  /* requests that the codec refused */
};
const struct server_counts *server_counts(const struct server *server);

/* Copies what it needs before it returns. HEAD, 204 and 304 send no body. */
void server_respond(struct exchange *exchange, const struct reply *reply);
/* Content-Type and body in one call. */
void server_respond_text(struct exchange *exchange, int status, const char *content_type,
                         struct str body);
/* Reset the connection without an answer (fault injection). */
void server_drop(struct exchange *exchange);

#endif
