// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_HTTP_TLS_H
#define TALLY_LIB_HTTP_TLS_H
/*
 * TLS for the server, bytes in and bytes out: sockets stay with libuv. TLS 1.2 and 1.3 with
 * forward secrecy, no renegotiation, HTTP/1.1 by ALPN.
 */
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/str.h"

struct buf;
struct err;
struct tls_context;
struct tls_conn;

/*
 * Certificate chain and private key as PEM files. ERR_USAGE names the file and what is wrong; a
 * key that needs a password is refused.
 */
int tls_context_new(const char *cert, const char *key, struct tls_context **ret, struct err *err);
void tls_context_free(struct tls_context *context); /* connections may still be using it */

struct tls_conn *tls_conn_new(struct tls_context *context);
void tls_conn_free(struct tls_conn *conn);
/* The handshake is over. */
bool tls_ready(const struct tls_conn *conn);
/* What came from the socket. */
void tls_feed(struct tls_conn *conn, struct str sealed);
enum tls_event {
    TLS_MORE,   /* feed more; tls_seal() may have something to send */
    TLS_DATA,   /* *ret_len bytes are in the buffer */
    TLS_CLOSED, /* the peer has said that nothing more comes */
    TLS_PLAIN,  /* the peer does not speak TLS but HTTP */
    TLS_BAD,    /* broken; tls_seal() may have an alert to send */
};
enum tls_event tls_next(struct tls_conn *conn, char *plain, size_t cap, size_t *ret_len);
/* Whether tls_seal() has something to send even without plain text. */
bool tls_has_output(const struct tls_conn *conn);
/* Append to out what has to be sent: what TLS itself has to say, and `plain`. False if broken. */
bool tls_seal(struct tls_conn *conn, struct str plain, struct buf *out);
/* Say that nothing more comes; then tls_seal(). */
void tls_goodbye(struct tls_conn *conn);

#endif
