// SPDX-License-Identifier: Apache-2.0
#include "lib/http/loop.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "tests/unit/lib/base/rows.h"

enum { THREADS = 4, POSTS = 2000 };

struct counter {
    struct loop *loop;
    int next[THREADS]; /* changed on the loop's thread only */
    int total, out_of_order;
};

struct note {
    struct counter *counter;
    int thread, number;
};

static void count(void *arg)
{
    struct note *note = arg;
    struct counter *counter = note->counter;

    counter->out_of_order += counter->next[note->thread] != note->number;
    counter->next[note->thread] = note->number + 1;
    if (++counter->total == THREADS * POSTS)
        loop_stop(counter->loop);
    free(note);
}

struct poster {
    struct counter *counter;
    int thread;
    pthread_t id;
};

static void *post_all(void *arg)
{
    struct poster *poster = arg;

    for (int i = 0; i < POSTS; i++) {
        struct note *note = malloc(sizeof *note);
        if (!note)
            abort();
        *note = (struct note){poster->counter, poster->thread, i};
        loop_post(poster->counter->loop, count, note);
    }
    return NULL;
}

static void never(void *arg)
{
    (void)arg;
    fail_msg("%s", "a cancelled timer fired");
}

static void test_posts_from_threads(void **state)
{
    struct counter counter = {0};
    struct poster posters[THREADS];
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(loop_new(&counter.loop, &err), 0);
    loop_after(counter.loop, 60000, never, NULL); /* keeps the loop waiting; freed with it */
    for (int i = 0; i < THREADS; i++) {
        posters[i] = (struct poster){.counter = &counter, .thread = i};
        assert_int_equal(pthread_create(&posters[i].id, NULL, post_all, &posters[i]), 0);
    }
    loop_run(counter.loop);
    for (int i = 0; i < THREADS; i++)
        pthread_join(posters[i].id, NULL);
    assert_int_equal(counter.total, THREADS * POSTS);
    assert_int_equal(counter.out_of_order, 0);
    loop_free(counter.loop);
}

struct log {
    struct loop *loop;
    char text[32];
    struct loop_timer *other;
};

static void write_a(void *arg)
{
    strcat(((struct log *)arg)->text, "a");
}
static void write_b(void *arg)
{
    struct log *log = arg;
    strcat(log->text, "b");
    loop_cancel(log->other);
    loop_post(log->loop, write_a, log); /* the last thing the loop has to do */
}
static void write_stop(void *arg)
{
    struct log *log = arg;
    strcat(log->text, "s");
    loop_stop(log->loop);
}

static void test_timers(void **state)
{
    struct log log = {0};
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(loop_new(&log.loop, &err), 0);
    loop_after(log.loop, 40, write_b, &log);
    loop_after(log.loop, 10, write_a, &log);
    log.other = loop_after(log.loop, 80, never, NULL);
    loop_cancel(loop_after(log.loop, 0, never, NULL));
    loop_cancel(NULL);
    uint64_t began = loop_now_ms(log.loop);
    loop_run(log.loop); /* ends by itself */
    assert_string_equal(log.text, "aba");
    uint64_t took = loop_now_ms(log.loop) - began;
    assert_in_range(took, 39, 2000);

    /* a stop before the start counts; afterwards the loop can run again */
    loop_after(log.loop, 60000, never, NULL);
    loop_stop(log.loop);
    loop_run(log.loop);
    loop_post(log.loop, write_stop, &log);
    loop_run(log.loop);
    assert_string_equal(log.text, "abas");
    loop_free(log.loop);
}

struct ringing {
    struct loop *loop;
    struct loop_bell *bell;
    atomic_int due; /* rings that no run has followed yet */
    int runs;
};

static void on_bell(void *arg)
{
    struct ringing *ringing = arg;
    ringing->runs++;
    if (atomic_exchange(&ringing->due, 0) < 0)
        loop_stop(ringing->loop);
}

static void *ring_often(void *arg)
{
    struct ringing *ringing = arg;
    for (int i = 0; i < POSTS; i++) {
        atomic_store(&ringing->due, i == POSTS - 1 ? -1 : 1);
        loop_bell_ring(ringing->bell);
    }
    return NULL;
}

/* No ring is lost, however many come at once, and none is heard after the bell is gone. */
static void test_bell(void **state)
{
    struct ringing ringing = {0};
    struct err err = ERR_INIT;
    pthread_t thread;

    (void)state;
    assert_int_equal(loop_new(&ringing.loop, &err), 0);
    assert_int_equal(loop_bell_new(ringing.loop, on_bell, &ringing, &ringing.bell, &err), 0);
    loop_run(ringing.loop); /* a bell alone keeps nobody waiting */
    loop_after(ringing.loop, 60000, never, NULL);
    assert_int_equal(pthread_create(&thread, NULL, ring_often, &ringing), 0);
    loop_run(ringing.loop);
    pthread_join(thread, NULL);
    assert_in_range(ringing.runs, 1, POSTS);
    assert_int_equal(atomic_load(&ringing.due), 0);
    int runs = ringing.runs;
    loop_bell_ring(ringing.bell);
    loop_bell_free(ringing.bell);
    loop_bell_free(NULL);
    loop_free(ringing.loop);
    assert_int_equal(ringing.runs, runs);
}

static void on_signal(void *arg, int number)
{
    struct log *log = arg;
    strcat(log->text, number == SIGTERM ? "T" : "I");
    if (log->other)
        loop_stop(log->loop);
}

static void raise_later(void *arg)
{
    (void)arg;
    raise(SIGTERM);
}

static void test_signal(void **state)
{
    struct log log = {0};
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(loop_new(&log.loop, &err), 0);
    assert_int_equal(loop_on_signal(log.loop, on_signal, &log, &err), 0);
    log.other = loop_after(log.loop, 60000, never, NULL);
    loop_after(log.loop, 1, raise_later, NULL);
    loop_run(log.loop);
    assert_string_equal(log.text, "T");
    loop_free(log.loop);
}

static void hang(void *arg)
{
    int *ready = arg;
    if (write(*ready, "r", 1) != 1)
        _exit(3);
    for (;;)
        pause();
}

/* A child whose loop waits for signals, or is stuck in a callback. Never returns. */
static void run_child(bool stuck, int ready)
{
    struct log log = {0};

    if (loop_new(&log.loop, NULL) < 0 || loop_on_signal(log.loop, on_signal, &log, NULL) < 0)
        _exit(3);
    loop_after(log.loop, 20000, never, NULL);
    if (stuck)
        loop_post(log.loop, hang, &ready);
    else if (write(ready, "r", 1) != 1)
        _exit(3);
    loop_run(log.loop);
    _exit(4);
}

static const struct signal_row {
    const char *name;
    int first, second;
    bool stuck;
} signal_rows[] = {
    {"second SIGTERM ends the process", SIGTERM, SIGTERM, false},
    {"second SIGINT ends the process", SIGINT, SIGINT, false},
    {"SIGINT after SIGTERM ends the process", SIGTERM, SIGINT, false},
    {"SIGTERM after SIGINT ends the process", SIGINT, SIGTERM, false},
    {"even when the loop is stuck", SIGTERM, SIGTERM, true},
};

static void test_second_signal(void **state)
{
    const struct signal_row *row = *state;
    int ready[2], status = 0;
    char byte;

    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0)
        run_child(row->stuck, ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    kill(child, row->first);
    usleep(100000);
    assert_int_equal(waitpid(child, &status, WNOHANG), 0); /* survived the first */
    kill(child, row->second);
    for (int i = 0; i < 100 && waitpid(child, &status, WNOHANG) == 0; i++)
        usleep(20000);
    if (kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child)
        fail_msg("%s", "survived the second signal");
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), row->second);
    close(ready[0]);
    close(ready[1]);
}

/* The process' own way of taking SIGPIPE is not changed by a loop without loop_on_signal(). */
static void write_to_nobody(void *arg)
{
    int *fds = arg;
    assert_int_equal(write(fds[1], "x", 1), -1);
}

static void test_sigpipe(void **state)
{
    struct sigaction before, after;
    struct loop *loop;
    int fds[2];

    (void)state;
    signal(SIGPIPE, SIG_DFL);
    sigaction(SIGPIPE, NULL, &before);
    assert_int_equal(pipe(fds), 0);
    close(fds[0]);
    assert_int_equal(loop_new(&loop, NULL), 0);
    loop_post(loop, write_to_nobody, fds);
    loop_run(loop); /* would be the end */
    sigaction(SIGPIPE, NULL, &after);
    assert_true(before.sa_handler == after.sa_handler);
    close(fds[1]);
    loop_free(loop);
}

int main(void)
{
    static struct rows tests;
    rows_add_test(&tests, "posts from threads", test_posts_from_threads);
    rows_add_test(&tests, "timers and the end", test_timers);
    rows_add_test(&tests, "bell", test_bell);
    rows_add_test(&tests, "SIGPIPE", test_sigpipe);
    rows_add_test(&tests, "signal", test_signal);
    ROWS_ADD(&tests, signal_rows, test_second_signal);
    return rows_run(&tests, "loop");
}
