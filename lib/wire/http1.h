// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_WIRE_HTTP1_H
#define TALLY_LIB_WIRE_HTTP1_H
/*
 * A strict HTTP/1.1 codec (RFC 9112, RFC 9110), incremental, for requests and responses. It does no
 * I/O and keeps no time; the server adds deadlines.
 *
 * What it refuses, each with the status to answer: contradictory or repeated lengths, a length
 * together with Transfer-Encoding, codings other than `chunked` (501), bare CR or LF, NUL, white
 * space before the colon, obsolete folding (400), HTTP/1.x above 1 is treated as 1.1, other major
 * versions 505, over-long line 414, head or too many fields 431, body 413, missing or repeated Host
 * in a 1.1 request 400. Lenient mode (mock and stub server only) records the violation in
 * `violations` and reads on where the bytes can still be framed safely.
 */
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/wire/headers.h"

struct arena;
struct buf;

enum http1_kind { HTTP1_REQUEST, HTTP1_RESPONSE };

struct http1_limits {
    size_t line, head, headers, chunk_line, trailers; /* 0 = the default of limits.h */
    uint64_t body;
};

/* A head as read. Views into the parser's arena; headers keep case, order and duplicates. */
struct http1_head {
    struct str method, target; /* request; target is raw */
    int status;                /* response */
    struct str reason;
    int minor; /* HTTP/1.minor, 0 or 1 */
    struct headers headers;
    struct headers trailers; /* filled before HTTP1_END */
    bool chunked;
    bool has_length;
    uint64_t length;
    bool keep_alive;      /* the connection may carry another message */
    bool expect_continue; /* Expect: 100-continue */
    bool upgrade;         /* Connection: upgrade with an Upgrade field */
    struct {
        VEC_OF(struct str);
    } violations; /* lenient mode: one sentence each */
};

enum http1_event {
    HTTP1_MORE, /* all input used, feed more */
    HTTP1_HEAD, /* head complete: http1_head(); for responses call http1_body_rules() now */
    HTTP1_DATA, /* *ret_data is a piece of the decoded body (view into the input) */
    HTTP1_END,  /* message complete; bytes not used belong to the next one */
    HTTP1_BAD,  /* http1_bad_status(), http1_bad_text(); the connection must be closed */
};

struct http1;

/* The arena must live as long as the message is used; http1_restart() takes a new one. */
struct http1 *http1_new(enum http1_kind kind, const struct http1_limits *limits, bool lenient);
void http1_free(struct http1 *parser);
void http1_restart(struct http1 *parser, struct arena *arena);
/*
 * Consume input from the front. *ret_used is how many bytes were taken. Call again with the rest
 * until HTTP1_MORE, HTTP1_END or HTTP1_BAD.
 */
enum http1_event http1_next(struct http1 *parser, struct str input, size_t *ret_used,
                            struct str *ret_data);
/* The peer closed its side: HTTP1_END if that ends the message (close-delimited response, or no
 * message begun), else HTTP1_BAD. */
enum http1_event http1_eof(struct http1 *parser);
/* For a response: the request's method, which decides whether a body follows (RFC 9112 §6.3). */
void http1_body_rules(struct http1 *parser, struct str request_method);
struct http1_head *http1_head(struct http1 *parser);
/* True after the first byte of a message and before its end. */
bool http1_in_message(const struct http1 *parser);
bool http1_in_head(const struct http1 *parser);
int http1_bad_status(const struct http1 *parser);
const char *http1_bad_text(const struct http1 *parser);

/* Reason phrase of a status (RFC 9110 §15 and the IANA registry), "" if unknown. */
const char *http1_reason(int status);
bool http1_status_has_body(int status); /* not 1xx, 204, 304 */

/* Writers. Fields with a name or value that is not well-formed are refused: returns -1. */
int http1_write_request(struct buf *out, struct str method, struct str target,
                        const struct headers *headers);
int http1_write_response(struct buf *out, int status, const struct headers *headers);
void http1_write_chunk(struct buf *out, struct str data);
void http1_write_last_chunk(struct buf *out, const struct headers *trailers);

#endif
