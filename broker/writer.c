// SPDX-License-Identifier: Apache-2.0
#include "broker/writer.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "broker/method_index.h"
#include "broker/store.h"
#include "lib/base/clock.h"
#include "lib/base/limits.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/http/loop.h"

/* Jobs that share one commit at most: who came first should not wait for everybody. */
enum { GROUP_MAX = 256, LOG_LARGE = 256 * 1024 * 1024 };
/* After so long it is seen who has waited enough, and whether the end has come. */
enum { ASK_AGAIN_MS = 1000 };

struct queue {
    struct writer_job *first, *last;
    size_t len;
};

struct writer {
    struct store *store; /* the thread's, after the start */
    struct loop_bell *bell;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t work;
    struct queue waiting, finished;
    size_t taken, taken_bytes; /* not done yet */
    bool stop;
    int64_t hurry_us; /* when nobody waits for another program any longer; 0 = not said */
    int64_t log_said; /* the thread's: how large the log was when it was last complained about */
    struct writer_stats stats;
};

static void push(struct queue *queue, struct writer_job *job)
{
    job->next = NULL;
    if (queue->last)
        queue->last->next = job;
    else
        queue->first = job;
    queue->last = job;
    queue->len++;
}

static struct writer_job *pop(struct queue *queue)
{
    struct writer_job *job = queue->first;
    if (!job)
        return NULL;
    queue->first = job->next;
    if (!queue->first)
        queue->last = NULL;
    queue->len--;
    return job;
}

/* ---- the thread ---- */

/* The next job, waiting for it if it may; NULL when there is none, or none will come. */
static struct writer_job *take(struct writer *writer, bool may_wait)
{
    pthread_mutex_lock(&writer->mutex);
    while (may_wait && !writer->waiting.first && !writer->stop)
        pthread_cond_wait(&writer->work, &writer->mutex);
    struct writer_job *job = pop(&writer->waiting);
    pthread_mutex_unlock(&writer->mutex);
    return job;
}

/* Leaves the job's own verdict in it; negative when the whole transaction is lost. */
static int run_job(struct store *store, struct writer_job *job, bool first, struct err *err)
{
    int code = first ? 0 : db_savepoint(store->db, err);
    if (code < 0)
        return code;
    store_next_request(store);
    job->code = job->run(store, job->arg, &job->err);
    if (!db_in_transaction(store->db)) {
        /* The database itself gave up, and took the group's other rows with it. */
        err_set(err, job->code < 0 ? (enum err_code)job->code : ERR_INTERNAL, "%s", job->err.text);
        return job->code < 0 ? job->code : ERR_INTERNAL;
    }
    if (first)
        return 0; /* run_group() takes it back with the transaction */
    return job->code == 0 ? db_savepoint_keep(store->db, err) : db_savepoint_undo(store->db, err);
}

static void fail_all(struct queue *group, int code, const struct err *err)
{
    for (struct writer_job *job = group->first; job; job = job->next) {
        job->code = code;
        job->err = *err;
    }
}

static void hand_back(struct writer *writer, struct queue *group, bool failed)
{
    pthread_mutex_lock(&writer->mutex);
    writer->stats.jobs += group->len;
    writer->stats.groups++;
    writer->stats.failed_groups += failed;
    if (group->len > writer->stats.largest_group)
        writer->stats.largest_group = group->len;
    while (group->first)
        push(&writer->finished, pop(group));
    pthread_mutex_unlock(&writer->mutex);
    loop_bell_ring(writer->bell);
}

static bool is_ending(struct writer *writer, int64_t now_us)
{
    pthread_mutex_lock(&writer->mutex);
    bool ends = writer->stop || (writer->hurry_us > 0 && now_us >= writer->hurry_us);
    pthread_mutex_unlock(&writer->mutex);
    return ends;
}

/*
 * Another program writes. Who has waited for long enough is told so, the others, who may have come
 * this moment, wait on; at the end nobody does. The first of these, or NULL.
 */
static struct writer_job *give_up(struct writer *writer, struct writer_job *job,
                                  const struct err *err)
{
    struct queue tired = {0};
    int64_t now_us = clock_mono_us(), before = now_us - (int64_t)LIMIT_WRITE_WAIT_MS * 1000;
    bool all = is_ending(writer, now_us);
    while (job && (all || job->taken_us <= before)) {
        push(&tired, job);
        job = take(writer, false);
    }
    if (tired.first) {
        fail_all(&tired, (int)err->code, err);
        hand_back(writer, &tired, true);
    }
    return job;
}

/* Said once, and again each time that it has doubled. */
static void watch_log(struct writer *writer)
{
    int64_t bytes = db_log_bytes(writer->store->db);
    if (bytes < LOG_LARGE)
        writer->log_said = 0;
    if (bytes < LOG_LARGE || bytes < 2 * writer->log_said)
        return;
    writer->log_said = bytes;
    log_line(LOG_WARN,
             "the database's log has %lld MiB, because another program has been reading for long; "
             "at %lld MiB nothing more is written",
             (long long)(bytes >> 20), (long long)(LIMIT_DB_LOG >> 20));
}

/* One transaction for what waits, and what comes while it is written. */
static void run_group(struct writer *writer, struct writer_job *job)
{
    struct queue group = {0};
    struct store *store = writer->store;
    struct err err = ERR_INIT;
    int code;
    while ((code = store_begin(store, &err)) == ERR_BUSY) {
        job = give_up(writer, job, &err);
        if (!job)
            return;
        err = ERR_INIT;
    }
    while (job) {
        push(&group, job);
        if (code >= 0)
            code = run_job(store, job, group.len == 1, &err);
        if (code >= 0 && group.len == 1 && group.first->code != 0) {
            /* Nothing to commit, and the lock is another program's for the taking: those who wait
             * ask for it anew, with the patience of every group. */
            store_rollback(store);
            hand_back(writer, &group, false);
            return;
        }
        job = group.len < GROUP_MAX ? take(writer, false) : NULL;
    }
    if (code >= 0)
        code = store_commit(store, &err);
    if (code < 0) {
        store_rollback(store);
        fail_all(&group, code, &err);
    }
    hand_back(writer, &group, code < 0);
    watch_log(writer);
}

static void *work(void *arg)
{
    struct writer *writer = arg;
    struct writer_job *job;
    while ((job = take(writer, true)))
        run_group(writer, job);
    return NULL;
}

/* ---- the loop ---- */

static void deliver(void *arg)
{
    struct writer *writer = arg;
    pthread_mutex_lock(&writer->mutex);
    struct queue finished = writer->finished;
    writer->finished = (struct queue){0};
    writer->taken -= finished.len;
    for (struct writer_job *job = finished.first; job; job = job->next)
        writer->taken_bytes -= job->bytes;
    pthread_mutex_unlock(&writer->mutex);
    struct writer_job *job;
    while ((job = pop(&finished)))
        job->done(job->arg, job->code, &job->err);
}

/* Signals are the loop's: the thread is born with all of them blocked. */
static int start_thread(struct writer *writer, struct err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&writer->thread, NULL, work, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0 ? 0 : err_set(err, ERR_IO, "starting the writer: %s", strerror(rc));
}

int writer_new(const char *location, const struct clock *clock, struct loop *loop,
               struct writer **ret, struct err *err)
{
    struct writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        abort();
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_cond_init(&writer->work, NULL);
    int code = store_open_sole(location, clock, &writer->store, err);
    if (code == 0)
        code = method_index_catch_up(writer->store, err);
    if (code == 0) {
        db_patience(writer->store->db, ASK_AGAIN_MS);
        code = loop_bell_new(loop, deliver, writer, &writer->bell, err);
    }
    if (code == 0)
        code = start_thread(writer, err);
    if (code == 0) {
        *ret = writer;
        return 0;
    }
    loop_bell_free(writer->bell);
    store_close(writer->store);
    free(writer);
    return code;
}

int writer_submit(struct writer *writer, struct writer_job *job, struct err *err)
{
    job->code = 0;
    job->taken_us = clock_mono_us();
    job->err = ERR_INIT;
    pthread_mutex_lock(&writer->mutex);
    bool full = writer->stop || writer->taken >= LIMIT_WRITE_QUEUE ||
                (writer->taken > 0 && writer->taken_bytes + job->bytes > LIMIT_WRITE_QUEUE_BYTES);
    if (!full) {
        push(&writer->waiting, job);
        writer->taken++;
        writer->taken_bytes += job->bytes;
    }
    pthread_mutex_unlock(&writer->mutex);
    if (!full) /* out of the lock, or the thread would wake up to wait for it */
        pthread_cond_signal(&writer->work);
    return full ? err_set(err, ERR_BUSY, "too many writes wait already") : 0;
}

void writer_hurry(struct writer *writer, int ms)
{
    pthread_mutex_lock(&writer->mutex);
    writer->hurry_us = clock_mono_us() + (int64_t)ms * 1000;
    pthread_mutex_unlock(&writer->mutex);
}

void writer_free(struct writer *writer)
{
    if (!writer)
        return;
    pthread_mutex_lock(&writer->mutex);
    writer->stop = true;
    pthread_cond_signal(&writer->work);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    deliver(writer);
    loop_bell_free(writer->bell);
    store_close(writer->store);
    pthread_cond_destroy(&writer->work);
    pthread_mutex_destroy(&writer->mutex);
    free(writer);
}

void writer_stats(struct writer *writer, struct writer_stats *ret)
{
    pthread_mutex_lock(&writer->mutex);
    *ret = writer->stats;
    ret->waiting = writer->taken;
    pthread_mutex_unlock(&writer->mutex);
}
