// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_HTTP_CLIENT_H
#define TALLY_LIB_HTTP_CLIENT_H
/*
 * Outgoing HTTP (libcurl): blocking calls for commands, and calls on a loop for servers, with a
 * bounded queue per upstream in front of libcurl. Connections are kept alive and reused.
 *
 * Responses keep header order, case and duplicates. Redirects are not followed unless asked. The
 * request is sent as given: no Accept, Expect or User-Agent field is added, a Content-Length is
 * (and Content-Type is not). The target of the URL is not normalised ("/a/../b" stays). If the
 * variable SSL_CERT_FILE is set, it names the certificates that are trusted.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/wire/headers.h"

struct arena;
struct err;
struct hosts;
struct loop;
struct client;
struct client_pool;

struct client_request {
    const char *method;
    const char *url;
    struct headers headers;
    struct str body;                 /* absent = none */
    const char *username, *password; /* basic authentication; NULL = none */
    const char *token;               /* bearer; NULL = none */
    int timeout_ms;                  /* whole call; 0 = 30 s */
    int connect_timeout_ms;          /* 0 = 5 s */
    uint64_t max_body;               /* 0 = LIMIT_HTTP_BODY */
    bool follow;                     /* follow up to 5 redirects */
    /* Optional: set to whether there was a connection, when the call fails too. Tells a server that
     * is not there from one that breaks its promise. Blocking calls only. */
    bool *ret_connected;
    /*
     * For URLs that others choose: the address is checked when a socket is made for it, after the
     * name was resolved, so that no answer of a name server leads elsewhere (lib/http/hosts.h). No
     * proxy is used then. Borrowed until the call ends; NULL = connect anywhere.
     */
    const struct hosts *guard;
    struct str
        trusted;    /* certificates instead of the usual ones (trust.h), borrowed until the end */
    bool insecure;  /* any certificate will do */
    bool clip_body; /* what is beyond max_body is not read; the answer counts all the same */
};

struct client_response {
    int status;
    struct headers headers;
    struct str body;
    int64_t elapsed_us;
};

/* Blocking. One struct client per thread. */
struct client *client_new(void);
void client_free(struct client *client);
/*
 * Returns 0 for any HTTP answer. Errors, each naming method, URL without credentials and cause:
 * ERR_NET (refused, DNS, reset, malformed answer), ERR_TIMEOUT (with the limit), ERR_LIMIT (body).
 * The response lives in the arena.
 */
int client_call(struct client *client, const struct client_request *request, struct arena *arena,
                struct client_response *ret, struct err *err);

/*
 * On a loop: at most max_in_flight calls at once, max_queued waiting; beyond that done() is called
 * at once with ERR_BUSY. The request is copied. done runs on the loop; `response` (valid during the
 * call) is NULL on error. Calls end in any order.
 */
int client_pool_new(struct loop *loop, int max_in_flight, int max_queued, struct client_pool **ret,
                    struct err *err);
void client_pool_call(struct client_pool *pool, const struct client_request *request,
                      void (*done)(void *arg, const struct client_response *response,
                                   const struct err *err),
                      void *arg);
/* Pending calls end with ERR_NET "cancelled". */
void client_pool_free(struct client_pool *pool);

#endif
