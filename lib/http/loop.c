// SPDX-License-Identifier: Apache-2.0
#include "lib/http/loop.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "lib/base/err.h"

struct post {
    struct post *next;
    void (*fn)(void *arg);
    void *arg;
};

struct loop_timer {
    uv_timer_t timer;
    struct loop *loop;
    struct loop_timer *prev, *next;
    void (*fn)(void *arg);
    void *arg;
};

enum { SIGNALS = 2 };

struct loop {
    uv_loop_t uv;
    uv_async_t wake;
    uv_signal_t signals[SIGNALS];
    bool has_signals;
    void (*on_signal)(void *arg, int signal);
    void *signal_arg;
    uv_signal_t hangup;
    void (*on_hangup)(void *arg);
    void *hangup_arg;
    struct loop_timer *timers;
    atomic_bool stop;
    pthread_mutex_t mutex;
    struct post *inbox; /* under the mutex, as the two lines below */
    struct post **inbox_end;
};

static struct post *take_inbox(struct loop *loop)
{
    pthread_mutex_lock(&loop->mutex);
    struct post *posts = loop->inbox;
    loop->inbox = NULL;
    loop->inbox_end = &loop->inbox;
    pthread_mutex_unlock(&loop->mutex);
    return posts;
}

/* Returns whether there was anything to run. */
static bool run_inbox(struct loop *loop)
{
    struct post *post = take_inbox(loop);
    bool any = post != NULL;

    while (post) {
        struct post *next = post->next;
        post->fn(post->arg);
        free(post);
        post = next;
    }
    return any;
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = wake->data;

    run_inbox(loop);
    if (atomic_load(&loop->stop))
        uv_stop(&loop->uv);
}

int loop_new(struct loop **ret, struct err *err)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        abort();
    int rc = uv_loop_init(&loop->uv);
    if (rc < 0) {
        free(loop);
        return err_set(err, ERR_IO, "event loop: %s", uv_strerror(rc));
    }
    rc = uv_async_init(&loop->uv, &loop->wake, on_wake);
    if (rc < 0) {
        uv_loop_close(&loop->uv);
        free(loop);
        return err_set(err, ERR_IO, "event loop: %s", uv_strerror(rc));
    }
    loop->wake.data = loop;
    uv_unref((uv_handle_t *)&loop->wake);
    loop->inbox_end = &loop->inbox;
    pthread_mutex_init(&loop->mutex, NULL);
    *ret = loop;
    return 0;
}

static void close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    while (loop->timers)
        loop_cancel(loop->timers);
    uv_walk(&loop->uv, close_handle, NULL);
    while (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0)
        ;
    int rc = uv_loop_close(&loop->uv);
    assert(rc == 0);
    (void)rc;
    for (struct post *post = take_inbox(loop); post;) {
        struct post *next = post->next;
        free(post);
        post = next;
    }
    pthread_mutex_destroy(&loop->mutex);
    free(loop);
}

/*
 * Writing to a connection whose peer is gone raises SIGPIPE in the writing thread. A library must
 * not change how the whole process takes it, so the loop's thread blocks it and swallows what came.
 */
static void block_sigpipe(sigset_t *ret_before)
{
    sigset_t pipe_only;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, ret_before);
}

static void restore_sigpipe(const sigset_t *before)
{
    sigset_t pipe_only;
    struct timespec now = {0, 0};

    if (!sigismember(before, SIGPIPE)) {
        sigemptyset(&pipe_only);
        sigaddset(&pipe_only, SIGPIPE);
        while (sigtimedwait(&pipe_only, NULL, &now) == SIGPIPE)
            ;
    }
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

void loop_run(struct loop *loop)
{
    sigset_t before;

    block_sigpipe(&before);
    /* The wake handle does not keep the loop alive, so what was posted last is looked for here. */
    bool more = true;
    while (more && !atomic_load(&loop->stop)) {
        uv_run(&loop->uv, UV_RUN_DEFAULT);
        more = run_inbox(loop);
    }
    atomic_store(&loop->stop, false);
    restore_sigpipe(&before);
}

void loop_stop(struct loop *loop)
{
    atomic_store(&loop->stop, true);
    uv_async_send(&loop->wake);
}

void loop_post(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct post *post = malloc(sizeof *post);
    if (!post)
        abort();
    *post = (struct post){.fn = fn, .arg = arg};
    pthread_mutex_lock(&loop->mutex);
    *loop->inbox_end = post;
    loop->inbox_end = &post->next;
    pthread_mutex_unlock(&loop->mutex);
    uv_async_send(&loop->wake);
}

struct loop_bell {
    uv_async_t async;
    void (*fn)(void *arg);
    void *arg;
};

static void on_bell(uv_async_t *async)
{
    struct loop_bell *bell = async->data;

    bell->fn(bell->arg);
}

int loop_bell_new(struct loop *loop, void (*fn)(void *arg), void *arg, struct loop_bell **ret,
                  struct err *err)
{
    struct loop_bell *bell = calloc(1, sizeof *bell);
    if (!bell)
        abort();
    int rc = uv_async_init(&loop->uv, &bell->async, on_bell);
    if (rc < 0) {
        free(bell);
        return err_set(err, ERR_IO, "event loop: %s", uv_strerror(rc));
    }
    uv_unref((uv_handle_t *)&bell->async);
    bell->async.data = bell;
    bell->fn = fn;
    bell->arg = arg;
    *ret = bell;
    return 0;
}

void loop_bell_ring(struct loop_bell *bell)
{
    uv_async_send(&bell->async);
}

static void free_bell(uv_handle_t *handle)
{
    free(handle->data);
}

void loop_bell_free(struct loop_bell *bell)
{
    if (bell)
        uv_close((uv_handle_t *)&bell->async, free_bell);
}

static void free_timer(uv_handle_t *handle)
{
    free(handle->data);
}

static void end_timer(struct loop_timer *timer)
{
    if (timer->prev)
        timer->prev->next = timer->next;
    else
        timer->loop->timers = timer->next;
    if (timer->next)
        timer->next->prev = timer->prev;
    uv_close((uv_handle_t *)&timer->timer, free_timer);
}

static void on_timer(uv_timer_t *handle)
{
    struct loop_timer *timer = handle->data;
    void (*fn)(void *arg) = timer->fn;
    void *arg = timer->arg;

    end_timer(timer);
    fn(arg);
}

struct loop_timer *loop_after(struct loop *loop, uint64_t ms, void (*fn)(void *arg), void *arg)
{
    struct loop_timer *timer = calloc(1, sizeof *timer);
    if (!timer)
        abort();
    timer->loop = loop;
    timer->fn = fn;
    timer->arg = arg;
    timer->next = loop->timers;
    if (timer->next)
        timer->next->prev = timer;
    loop->timers = timer;
    uv_timer_init(&loop->uv, &timer->timer);
    timer->timer.data = timer;
    uv_update_time(&loop->uv);
    uv_timer_start(&timer->timer, on_timer, ms, 0);
    return timer;
}

void loop_cancel(struct loop_timer *timer)
{
    if (timer)
        end_timer(timer);
}

/*
 * One shot each: the kernel falls back to the default action as soon as the signal has come, so a
 * second one ends the process even when the loop is stuck. The other signal's handler is given up
 * here for the same reason.
 */
static void on_uv_signal(uv_signal_t *handle, int number)
{
    struct loop *loop = handle->data;

    for (int i = 0; i < SIGNALS; i++)
        uv_signal_stop(&loop->signals[i]);
    loop->on_signal(loop->signal_arg, number);
}

int loop_on_signal(struct loop *loop, void (*fn)(void *arg, int signal), void *arg, struct err *err)
{
    static const int numbers[SIGNALS] = {SIGTERM, SIGINT};

    signal(SIGPIPE, SIG_IGN);
    loop->on_signal = fn;
    loop->signal_arg = arg;
    for (int i = 0; i < SIGNALS; i++) {
        if (!loop->has_signals) {
            int rc = uv_signal_init(&loop->uv, &loop->signals[i]);
            if (rc < 0)
                return err_set(err, ERR_IO, "signal handling: %s", uv_strerror(rc));
            loop->signals[i].data = loop;
            uv_unref((uv_handle_t *)&loop->signals[i]);
        }
        int rc = uv_signal_start_oneshot(&loop->signals[i], on_uv_signal, numbers[i]);
        if (rc < 0)
            return err_set(err, ERR_IO, "signal %d: %s", numbers[i], uv_strerror(rc));
    }
    loop->has_signals = true;
    return 0;
}

static void on_uv_hangup(uv_signal_t *handle, int number)
{
    struct loop *loop = handle->data;

    (void)number;
    loop->on_hangup(loop->hangup_arg);
}

int loop_on_hangup(struct loop *loop, void (*fn)(void *arg), void *arg, struct err *err)
{
    int rc = uv_signal_init(&loop->uv, &loop->hangup);

    loop->on_hangup = fn;
    loop->hangup_arg = arg;
    if (rc == 0) {
        loop->hangup.data = loop;
        rc = uv_signal_start(&loop->hangup, on_uv_hangup, SIGHUP);
        uv_unref((uv_handle_t *)&loop->hangup);
    }
    return rc < 0 ? err_set(err, ERR_IO, "signal handling: %s", uv_strerror(rc)) : 0;
}

uint64_t loop_now_ms(struct loop *loop)
{
    return uv_now(&loop->uv);
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
    return &loop->uv;
}
