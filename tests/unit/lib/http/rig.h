// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_TESTS_UNIT_LIB_HTTP_RIG_H
#define TALLY_TESTS_UNIT_LIB_HTTP_RIG_H
/*
 * A server on a loop of its own thread, and raw sockets to try it with.
 *
 * What the server answers, by path:
 *     /fields    "name=value|" of every field and trailer as they came
 *     /peer      the client's address and port
 *     /slow      like the default, after 50 ms
 *     /hold      like the default, when rig_release() is called, oldest first
 *     /big       2 MiB of the letters a to z
 *     /status/N  status N with body "body"
 *     /broken    a reply with a malformed field
 *     /close     asks for the connection to be closed
 *     /drop      the connection is reset
 *     /truncate  ten of twenty bytes
 *     else       "METHOD target [body]"; violations are added as "!text"
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/str.h"
#include "lib/http/loop.h"
#include "lib/http/server.h"

struct arena;

enum { RIG_HELD = 256, RIG_BIG = 2 * 1024 * 1024 };

struct rig {
    struct loop *loop;
    struct server *server;
    pthread_t thread;
    bool stopped; /* done() was called; under the loop's thread */
    struct exchange *held[RIG_HELD];
    size_t n_held, n_released;
};

/* config.handle is the rig's; address 127.0.0.1 and port 0 unless given. */
void rig_start(struct rig *rig, struct server_config config);
/* Stop at once and free everything. */
void rig_end(struct rig *rig);
/* Run fn on the loop's thread and wait for it. */
void rig_do(struct rig *rig, void (*fn)(struct rig *rig));
void rig_release(struct rig *rig);
void rig_stop(struct rig *rig, int deadline_ms);
bool rig_stopped(struct rig *rig);
void rig_load(struct rig *rig, size_t *ret_connections, size_t *ret_requests);
struct server_counts rig_counts(struct rig *rig);
/* Wait until that many exchanges are held. */
void rig_await_held(struct rig *rig, size_t n);
/* Release what is held and what comes, until that many have been released in all. */
void rig_release_until(struct rig *rig, size_t n);

/* A connected socket, reads limited to 5 s; or -1. */
int rig_connect(const struct rig *rig);
/* The same, with a small window: little fits between the server's buffer and the reader. */
int rig_connect_narrow(const struct rig *rig);
/* False when the server did not take all of it. */
bool rig_send(int fd, struct str bytes);
/* Read until `until` has come (NULL: until the end); the rest of it may have come too. */
struct str rig_read(int fd, const char *until, struct arena *arena);
/*
 * "200 body; 404; closed": statuses, bodies below 300, and how it ended. The first `heads` answers
 * have no body. "junk" marks what is no answer.
 */
struct str rig_summary(struct str received, int heads, struct arena *arena);

#endif
