// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_HTTP_LOOP_H
#define TALLY_LIB_HTTP_LOOP_H
/*
 * One event loop per thread (libuv underneath). Everything of a loop is used from its own thread;
 * only loop_post() and loop_stop() may be called from others.
 */
#include <stdbool.h>
#include <stdint.h>

struct err;
struct loop;
struct loop_timer;
struct uv_loop_s;

int loop_new(struct loop **ret, struct err *err);
/*
 * Closes what is left open; servers and client pools on it must be freed before. Not from inside a
 * callback. Posts that did not run are dropped.
 */
void loop_free(struct loop *loop);
/* Runs until loop_stop() or until nothing is left to wait for. */
void loop_run(struct loop *loop);
/* Thread-safe, and safe in a signal handler of loop_on_signal. */
void loop_stop(struct loop *loop);
/* Thread-safe: run fn(arg) on the loop's thread, in order of posting. */
void loop_post(struct loop *loop, void (*fn)(void *arg), void *arg);
/*
 * A bell: ringing it, from any thread, has fn(arg) run on the loop's thread soon, once for any
 * number of rings before that. Made and freed on the loop's thread, before the loop; fn does not
 * run any more once it is freed, and a bell alone does not keep loop_run() waiting.
 */
struct loop_bell;
int loop_bell_new(struct loop *loop, void (*fn)(void *arg), void *arg, struct loop_bell **ret,
                  struct err *err);
void loop_bell_ring(struct loop_bell *bell);
void loop_bell_free(struct loop_bell *bell); /* NULL is fine */
/* Once after ms. The handle is gone after fn ran or after cancel. */
struct loop_timer *loop_after(struct loop *loop, uint64_t ms, void (*fn)(void *arg), void *arg);
void loop_cancel(struct loop_timer *timer); /* NULL is fine */
/* SIGTERM and SIGINT; the second one ends the process. SIGPIPE is ignored from here on. */
int loop_on_signal(struct loop *loop, void (*fn)(void *arg, int signal), void *arg,
                   struct err *err);
/* SIGHUP, as often as it comes. Once per loop. */
int loop_on_hangup(struct loop *loop, void (*fn)(void *arg), void *arg, struct err *err);
/* Milliseconds, monotonic, as of this turn of the loop. */
uint64_t loop_now_ms(struct loop *loop);
/* For lib/http only. */
struct uv_loop_s *loop_uv(struct loop *loop);

#endif
