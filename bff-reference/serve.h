// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_SERVE_H
#define TALLY_BFF_REFERENCE_SERVE_H
/* What both programs do to serve: listen, say so, run until a signal, finish what is in flight. */
#include <stdint.h>

struct err;
struct exchange;
struct loop;
struct server;

struct serve {
    const char *name; /* "tally-bff": in the ready line */
    const char *address;
    int64_t port; /* 0 = any */
    void (*handle)(struct exchange *exchange);
    void *context;
};

/*
 * Returns 0 after a graceful stop. *ret_server is to be freed by the caller, after whatever may
 * still answer requests. Errors: ERR_IO port in use or not permitted, stdout closed.
 */
int serve_run(struct loop *loop, const struct serve *serve, struct server **ret_server,
              struct err *err);

#endif
