// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_WRITER_H
#define TALLY_BROKER_WRITER_H
/*
 * The one thread that writes to the database. Everything that changes a row goes through it, on a
 * connection of its own, so that nobody ever waits for a lock: jobs that wait together are run one
 * after the other in one transaction, each in a savepoint, and share one fsync.
 *
 *     loop:    writer_submit(job)
 *     writer:      job->run(store, arg, err)      rows
 *     writer:      commit of the whole group      on disk
 *     loop:    job->done(arg, code, err)          answer, send, submit the next one
 *
 * Handlers of writing routes are run like this by app.c; whoever else has something to write (a
 * timer, a finished webhook, retention) submits a job of its own from the loop.
 */
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct clock;
struct loop;
struct store;
struct writer;

/* What run() answers when it succeeded and what it wrote must go. */
enum { WRITER_UNDO = 1 };

struct writer_job {
    /*
     * On the writer's thread, inside a transaction that is already open: neither begin nor commit.
     * 0 keeps the rows, WRITER_UNDO or a negative err_code takes back those of this job only. May
     * use arg, the store and nothing that the loop uses at the same time.
     */
    int (*run)(struct store *store, void *arg, struct err *err);
    /*
     * On the loop, exactly once for every job that was taken. code 0: the rows are on disk;
     * WRITER_UNDO: run() said so; negative: nothing of this job is stored and err says why (its
     * own failure, or that of the commit, which fails every job of the group alike; ERR_BUSY when
     * another program has been writing for LIMIT_WRITE_WAIT_MS since the job was taken). The job
     * may be freed or submitted again in here.
     */
    void (*done)(void *arg, int code, const struct err *err);
    void *arg;
    size_t bytes; /* memory that waits with the job (a request's body), counted against the limit */
    /* the writer's own */
    struct writer_job *next;
    int64_t taken_us; /* monotonic */
    int code;
    struct err err;
};

/*
 * Opens the database, brings its schema up to date and starts the thread. The loop must outlive
 * the writer. Errors as store_open().
 */
int writer_new(const char *location, const struct clock *clock, struct loop *loop,
               struct writer **ret, struct err *err);
/*
 * From the loop's thread. The job is borrowed until done. Errors: ERR_BUSY when LIMIT_WRITE_QUEUE
 * jobs or LIMIT_WRITE_QUEUE_BYTES wait already, and from a done() inside writer_free(); the job is
 * then not taken and done never called.
 */
int writer_submit(struct writer *writer, struct writer_job *job, struct err *err);
/*
 * The end comes: nobody waits any longer than `ms` from now, and not for LIMIT_WRITE_WAIT_MS, while
 * another program writes. Jobs are taken and run as before.
 */
void writer_hurry(struct writer *writer, int ms);
/* Finishes what was taken (every done is called in here), ends the thread, closes. NULL is fine. */
void writer_free(struct writer *writer);

/* How the groups came out so far; for metrics and tests. */
struct writer_stats {
    uint64_t jobs, groups, failed_groups;
    size_t waiting, largest_group;
};
void writer_stats(struct writer *writer, struct writer_stats *ret);

#endif
