// SPDX-License-Identifier: Apache-2.0
#include "lib/http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

struct tls_context {
    SSL_CTX *ctx;
};

struct tls_conn {
    SSL *ssl;
    BIO *in, *out; /* the ssl's own */
};

/* RFC 7301: only this protocol is spoken here. */
static int choose_protocol(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
                           const unsigned char *offered, unsigned int offered_len, void *context)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen = NULL;

    (void)ssl;
    (void)context;
    if (SSL_select_next_proto(&chosen, ret_len, ours, sizeof ours - 1, offered, offered_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *ret = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* A server has nobody to ask. */
static int no_password(char *buf, int size, int for_writing, void *context)
{
    (void)buf;
    (void)size;
    (void)for_writing;
    (void)context;
    return 0;
}

static int refuse(const char *what, const char *path, struct err *err)
{
    unsigned long first = ERR_get_error();
    const char *reason = first ? ERR_reason_error_string(first) : NULL;

    ERR_clear_error();
    return err_set(err, ERR_USAGE, "%s '%s': %s", what, path,
                   reason ? reason : "not a PEM file that fits");
}

static int load(SSL_CTX *ctx, const char *cert, const char *key, struct err *err)
{
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
        return refuse("TLS certificate", cert, err);
    if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ctx) != 1)
        return refuse("TLS key", key, err);
    return 0;
}

int tls_context_new(const char *cert, const char *key, struct tls_context **ret, struct err *err)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx)
        abort();
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL");
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets need no memory */
    SSL_CTX_set_num_tickets(ctx, 1);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
    SSL_CTX_set_default_passwd_cb(ctx, no_password);
    int rc = load(ctx, cert, key, err);
    struct tls_context *context = rc == 0 ? calloc(1, sizeof *context) : NULL;
    if (rc == 0 && !context)
        abort();
    if (!context) {
        SSL_CTX_free(ctx);
        return rc;
    }
    context->ctx = ctx;
    *ret = context;
    return 0;
}

void tls_context_free(struct tls_context *context)
{
    if (!context)
        return;
    SSL_CTX_free(context->ctx);
    free(context);
}

struct tls_conn *tls_conn_new(struct tls_context *context)
{
    struct tls_conn *conn = calloc(1, sizeof *conn);
    SSL *ssl = SSL_new(context->ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    if (!conn || !ssl || !in || !out)
        abort();
    *conn = (struct tls_conn){ssl, in, out};
    SSL_set_bio(ssl, in, out);
    SSL_set_accept_state(ssl);
    return conn;
}

void tls_conn_free(struct tls_conn *conn)
{
    if (!conn)
        return;
    SSL_free(conn->ssl);
    free(conn);
}

bool tls_ready(const struct tls_conn *conn)
{
    return SSL_is_init_finished(conn->ssl) == 1;
}

void tls_feed(struct tls_conn *conn, struct str sealed)
{
    if (BIO_write(conn->in, sealed.ptr, (int)sealed.len) != (int)sealed.len)
        abort(); /* memory */
}

enum tls_event tls_next(struct tls_conn *conn, char *plain, size_t cap, size_t *ret_len)
{
    ERR_clear_error();
    int n = SSL_read(conn->ssl, plain, (int)cap);
    if (n > 0) {
        *ret_len = (size_t)n;
        return TLS_DATA;
    }
    int error = SSL_get_error(conn->ssl, n);
    bool is_http = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ)
        return TLS_MORE;
    if (error == SSL_ERROR_ZERO_RETURN)
        return TLS_CLOSED;
    return is_http ? TLS_PLAIN : TLS_BAD;
}

bool tls_has_output(const struct tls_conn *conn)
{
    return BIO_ctrl_pending(conn->out) > 0;
}

bool tls_seal(struct tls_conn *conn, struct str plain, struct buf *out)
{
    bool good = true;
    char *sealed = NULL;

    ERR_clear_error();
    for (size_t at = 0; good && at < plain.len;) {
        size_t n = 0;
        good = SSL_write_ex(conn->ssl, plain.ptr + at, plain.len - at, &n) == 1;
        at += n;
    }
    ERR_clear_error();
    long len = BIO_get_mem_data(conn->out, &sealed);
    if (len > 0)
        buf_append(out, sealed, (size_t)len);
    (void)BIO_reset(conn->out);
    return good;
}

void tls_goodbye(struct tls_conn *conn)
{
    ERR_clear_error();
    if (tls_ready(conn) && !(SSL_get_shutdown(conn->ssl) & SSL_SENT_SHUTDOWN))
        SSL_shutdown(conn->ssl);
    ERR_clear_error();
}
