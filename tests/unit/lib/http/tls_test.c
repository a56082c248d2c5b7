// SPDX-License-Identifier: Apache-2.0
/* https over real sockets: answers, deadlines, peers that do not keep to the protocol. */
#include "lib/http/tls.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "tests/unit/lib/base/rows.h"
#include "tests/unit/lib/http/rig.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define LAST      "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

enum { HEAD_MS = 200, BODY_MS = 300, IDLE_MS = 600, PATIENCE_MS = 4000 };

static char cert_path[64], key_path[64];

static void write_pem(char *path, EVP_PKEY *key, X509 *cert)
{
    strcpy(path, "/tmp/tally-tls-XXXXXX");
    int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    assert_non_null(file);
    if (key)
        PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    if (cert)
        PEM_write_X509(file, cert);
    fclose(file);
}

static int make_certificate(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    (void)state;
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    X509_sign(cert, key, EVP_sha256());
    write_pem(cert_path, NULL, cert);
    write_pem(key_path, key, NULL);
    X509_free(cert);
    EVP_PKEY_free(key);
    return 0;
}

static int remove_certificate(void **state)
{
    (void)state;
    unlink(cert_path);
    unlink(key_path);
    return 0;
}

static struct server_config config(void)
{
    return (struct server_config){.tls_cert = cert_path,
                                  .tls_key = key_path,
                                  .head_ms = HEAD_MS,
                                  .body_ms = BODY_MS,
                                  .idle_ms = IDLE_MS};
}

struct peer {
    SSL_CTX *ctx;
    SSL *ssl;
    int fd;
};

static void peer_open(struct peer *peer, const struct rig *rig)
{
    peer->fd = rig_connect(rig);
    assert_true(peer->fd >= 0);
    peer->ctx = SSL_CTX_new(TLS_client_method());
    peer->ssl = SSL_new(peer->ctx);
    SSL_set_fd(peer->ssl, peer->fd);
    assert_int_equal(SSL_connect(peer->ssl), 1);
}

static void peer_close(struct peer *peer)
{
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->ctx);
    close(peer->fd);
}

static void peer_send(struct peer *peer, struct str text)
{
    assert_int_equal(SSL_write(peer->ssl, text.ptr, (int)text.len), (int)text.len);
}

/* Until the end, and how it came: "; closed" when the server said so, "; cut" when it did not. */
static struct str peer_read(struct peer *peer, struct arena *arena)
{
    struct buf seen BUF_AUTO = BUF_INIT(64 * 1024 * 1024);
    char piece[16 * 1024];
    int n = 0;
    while ((n = SSL_read(peer->ssl, piece, sizeof piece)) > 0)
        buf_append(&seen, piece, (size_t)n);
    bool said = SSL_get_error(peer->ssl, n) == SSL_ERROR_ZERO_RETURN;
    buf_puts(&seen, said ? "; closed" : "; cut");
    return str_dup(arena, buf_view(&seen));
}

static const struct talk_row {
    const char *name, *sent, *expected;
} talk_rows[] = {
    {"one request", LAST, "200 GET /last; closed"},
    {"several at once", GET("/a") GET("/b") LAST, "200 GET /a; 200 GET /b; 200 GET /last; closed"},
    {"answers out of order", GET("/slow") GET("/b") LAST,
     "200 GET /slow; 200 GET /b; 200 GET /last; closed"},
    {"a body", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" LAST,
     "200 POST /x [abc]; 200 GET /last; closed"},
    {"a refusal", "GET / HTTP/9.9\r\n\r\n", "505; closed"},
    {"silence", "", "closed"},
    {"half a head", "GET / HT", "408; closed"},
    {"half a body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx", "408; closed"},
    {"an answer that is cut short", GET("/truncate"), NULL},
    {"an exchange that is dropped", GET("/drop"), "cut"},
};

static void test_talk(void **state)
{
    const struct talk_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    struct peer peer;
    rig_start(&rig, config());
    peer_open(&peer, &rig);
    if (row->sent[0])
        peer_send(&peer, str_of(row->sent));
    struct str seen = peer_read(&peer, arena);
    if (!row->expected)
        assert_true(str_find(seen, STR("Content-Length: 20")) > 0);
    else if (strcmp(row->expected, "cut") == 0)
        assert_str_is(seen, "; cut");
    else
        assert_str_is(rig_summary(seen, 0, arena), row->expected);
    peer_close(&peer);
    rig_end(&rig);
}

/* One byte of the sealed text at a time: handshake, request and all. */
static void test_bytes(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    int pair[2];
    (void)state;
    struct server_config slow = config();
    slow.head_ms = slow.body_ms = slow.idle_ms = PATIENCE_MS;
    rig_start(&rig, slow);
    int fd = rig_connect(&rig);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, in, out);
    SSL_set_connect_state(ssl);
    struct buf seen BUF_AUTO = BUF_INIT(1024 * 1024);
    bool asked = false, ended = false;
    while (!ended) {
        char piece[4096];
        if (SSL_do_handshake(ssl) == 1 && !asked)
            asked = SSL_write(ssl, LAST, sizeof LAST - 1) > 0;
        for (char byte; BIO_read(out, &byte, 1) == 1;)
            assert_int_equal(send(fd, &byte, 1, MSG_NOSIGNAL), 1);
        int n = 0;
        while (asked && (n = SSL_read(ssl, piece, sizeof piece)) > 0)
            buf_append(&seen, piece, (size_t)n);
        ended = asked && SSL_get_error(ssl, n) == SSL_ERROR_ZERO_RETURN;
        ssize_t got = ended ? 0 : recv(fd, piece, sizeof piece, 0);
        assert_true(ended || got > 0);
        if (got > 0)
            BIO_write(in, piece, (int)got);
    }
    buf_puts(&seen, "; closed");
    assert_str_is(rig_summary(buf_view(&seen), 0, arena), "200 GET /last; closed");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(pair[0]);
    close(pair[1]);
    close(fd);
    rig_end(&rig);
}

/* More than the socket takes at once, in both directions, and a reader that takes its time. */
static void test_big(void **state)
{
    enum { TIMES = 8, BODY = 3 * 1024 * 1024 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    struct peer peer;
    (void)state;
    rig_start(&rig, config());
    peer_open(&peer, &rig);
    for (int i = 0; i < TIMES; i++)
        peer_send(&peer, STR(GET("/big")));
    peer_send(&peer, STR(LAST));
    usleep(150000);
    struct str seen = peer_read(&peer, arena);
    assert_true(seen.len > (size_t)TIMES * RIG_BIG);
    assert_true(str_ends(seen, STR("GET /last; closed")));
    peer_close(&peer);

    peer_open(&peer, &rig);
    char *body = arena_alloc(arena, BODY);
    memset(body, 'x', BODY);
    peer_send(&peer, str_printf(arena,
                                "POST /p HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                                "Content-Length: %d\r\n\r\n",
                                BODY));
    peer_send(&peer, str_make(body, BODY));
    seen = peer_read(&peer, arena);
    assert_true(seen.len > BODY);
    assert_true(str_ends(seen, STR("xxx]; closed")));
    peer_close(&peer);
    rig_end(&rig);
}

static const struct bad_row {
    const char *name, *first, *drip; /* drip: one byte of it every 30 ms, again and again */
    size_t first_len;
    bool told; /* the answer says what is wrong */
    int at_least_ms;
} bad_rows[] = {
    {"nothing at all", "", NULL, 0, false, HEAD_MS},
    {"the beginning of a handshake", "\x16\x03\x01\x02\x00\x01", NULL, 6, false, HEAD_MS},
    {"a handshake without end", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "x", 11, false,
     HEAD_MS},
    {"nonsense", "\r\n\r\nhello\r\n", NULL, 11, false, 0},
    {"http", GET("/"), NULL, sizeof GET("/") - 1, true, 0},
    {"an alert", "\x15\x03\x03\x00\x02\x02\x28", NULL, 7, false, 0},
    {"a record that is too long", "\x16\x03\x01\xff\xff", NULL, 5, false, 0},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    rig_start(&rig, config());
    int fd = rig_connect(&rig);
    int64_t began = clock_mono_us();
    rig_send(fd, str_make(row->first, row->first_len));
    char byte = 0;
    bool ended = false;
    while (row->drip && !ended && clock_mono_us() - began < PATIENCE_MS * 1000) {
        ended = send(fd, row->drip, 1, MSG_NOSIGNAL) < 0 ||
                recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
        usleep(30000);
    }
    struct str seen = rig_read(fd, NULL, arena);
    int64_t took_ms = (clock_mono_us() - began) / 1000;
    assert_int_equal(str_find(seen, STR("this port speaks https")) >= 0, row->told);
    if (took_ms < row->at_least_ms - 20 || took_ms > IDLE_MS - 100)
        fail_msg("expected %d ms to %d ms, saw %lld", row->at_least_ms, IDLE_MS - 100,
                 (long long)took_ms);
    close(fd);
    rig_end(&rig);
}

/* Many begin and leave at any point; what is left of them would show under the sanitizers. */
static void test_leaving(void **state)
{
    struct rig rig;
    (void)state;
    rig_start(&rig, config());
    for (int i = 0; i < 20; i++) {
        struct peer peer;
        peer_open(&peer, &rig);
        if (i % 2)
            peer_send(&peer, STR(GET("/hold")));
        if (i % 4 < 2)
            SSL_shutdown(peer.ssl);
        peer_close(&peer);
    }
    usleep(50000);
    rig_release(&rig); /* who has only said goodbye may still be waiting for the answer */
    size_t connections = 1, requests = 1;
    for (int i = 0; i < 30 && connections + requests > 0; i++) {
        rig_load(&rig, &connections, &requests);
        usleep(10000);
    }
    assert_int_equal(connections, 0);
    assert_int_equal(requests, 0);
    rig_end(&rig);
}

/* A peer that reads none of its answers. */
static void test_no_reader(void **state)
{
    struct rig rig;
    struct peer peer;
    size_t connections = 1, requests = 1;
    (void)state;
    struct server_config narrow = config();
    narrow.take_ms = HEAD_MS;
    rig_start(&rig, narrow);
    peer_open(&peer, &rig);
    for (int i = 0; i < 8; i++)
        peer_send(&peer, STR(GET("/big")));
    for (int i = 0; i < PATIENCE_MS / 10 && connections > 0; i++) {
        usleep(10000);
        rig_load(&rig, &connections, &requests);
    }
    assert_int_equal(connections, 0);
    assert_int_equal(rig_counts(&rig).slow_taker, 1);
    peer_close(&peer);
    rig_end(&rig);
}

static void test_stop(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct rig rig;
    struct peer peer;
    (void)state;
    rig_start(&rig, config());
    peer_open(&peer, &rig);
    peer_send(&peer, STR(GET("/hold")));
    rig_await_held(&rig, 1);
    rig_stop(&rig, PATIENCE_MS);
    rig_release(&rig);
    assert_str_is(rig_summary(peer_read(&peer, arena), 0, arena), "200 GET /hold; closed");
    peer_close(&peer);
    rig_end(&rig);
}

static void test_files(void **state)
{
    struct tls_context *context = NULL;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(tls_context_new("/nowhere/cert.pem", key_path, &context, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "TLS certificate '/nowhere/cert.pem'"));
    err = ERR_INIT;
    assert_int_equal(tls_context_new(cert_path, cert_path, &context, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "TLS key '"));
    assert_null(context);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, talk_rows, test_talk);
    ROWS_ADD(&tests, bad_rows, test_bad);
    rows_add_test(&tests, "byte by byte", test_bytes);
    rows_add_test(&tests, "more than a socket takes", test_big);
    rows_add_test(&tests, "leaving early", test_leaving);
    rows_add_test(&tests, "a peer that reads nothing", test_no_reader);
    rows_add_test(&tests, "a stop lets what is in flight finish", test_stop);
    rows_add_test(&tests, "files that are none", test_files);
    return _cmocka_run_group_tests("tls", tests.tests, tests.len, make_certificate,
                                   remove_certificate);
}
