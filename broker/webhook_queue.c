// SPDX-License-Identifier: Apache-2.0
#include "broker/webhook_queue.h"

#include <stdlib.h>

#include "broker/store.h"
#include "broker/webhook.h"
#include "broker/webhook_send.h"
#include "broker/writer.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/log.h"
#include "lib/http/client.h"
#include "lib/http/loop.h"

enum {
    SENDING_MAX = LIMIT_WEBHOOK_FLYING / 2, /* the other half is for tests of webhooks */
    WAITING_MAX = 256,
    LEASE_EXTRA_S = 5,     /* beyond the time limit of an attempt, before others may try */
    LOOK_EVERY_MS = 15000, /* another process may have added rows, or have died */
    SOON_MS = 1000,        /* after the database refused */
};

struct webhook_queue {
    struct loop *loop;
    struct writer *writer;
    struct store *store; /* for reading */
    const struct webhook_policy *policy;
    struct client_pool *pool;
    struct loop_timer *timer;
    int sending;
    bool claiming, closing;
};

/* One attempt, from claim to writing down. */
struct job {
    struct webhook_queue *queue;
    struct arena *arena;
    struct triggered row;
    struct webhook_delivery delivery;
};

static void look(void *arg);

static void job_free(struct job *job)
{
    webhook_release(&job->delivery);
    arena_free(job->arena);
}

static int64_t now_us(const struct webhook_queue *queue)
{
    return clock_now_us(queue->store->clock);
}

static const char *time_in(const struct webhook_queue *queue, int64_t seconds, struct arena *arena)
{
    return clock_format_utc(now_us(queue) + seconds * INT64_C(1000000),
                            arena_alloc(arena, CLOCK_TEXT_LEN));
}

static void look_in(struct webhook_queue *queue, int64_t ms)
{
    loop_cancel(queue->timer);
    queue->timer = NULL;
    if (queue->closing)
        return;
    queue->timer = loop_after(queue->loop, (uint64_t)(ms < 0 ? 0 : ms), look, queue);
}

/*
 * The only place where the queue writes: run() on the writer's thread, then done() on the loop when
 * it is on disk. run() uses its store and arg only; whatever it needs of the queue is put into arg
 * before. The job lives in the arena that ends in done().
 */
static void write_then(struct webhook_queue *queue, struct arena *arena,
                       int (*run)(struct store *store, void *arg, struct err *err),
                       void (*done)(void *arg, int code, const struct err *err), void *arg)
{
    struct writer_job *job = ARENA_NEW(arena, struct writer_job);
    struct err err = ERR_INIT;
    *job = (struct writer_job){.run = run, .done = done, .arg = arg};
    int code = writer_submit(queue->writer, job, &err);
    if (code < 0)
        done(arg, code, &err);
}

static void warn(int code, const struct err *err)
{
    if (code < 0)
        log_line(LOG_WARN, "the webhook queue cannot write: %s", err->text);
}

/* ---- writing down ---- */

struct finishing {
    struct job *job;
    struct attempt attempt;
};

static int do_finish(struct store *store, void *arg, struct err *err)
{
    struct finishing *f = arg;
    return store_queue_finish(store, &f->attempt, f->job->arena, err);
}

/* When it could not be written the claim runs out, and the row is due again. */
static void finished(void *arg, int code, const struct err *err)
{
    struct finishing *f = arg;
    struct job *job = f->job;
    struct webhook_queue *queue = job->queue;
    warn(code, err);
    queue->sending--;
    job_free(job);
    look_in(queue, 0);
}

static void finish(struct job *job, bool for_good)
{
    const struct webhook_policy *policy = job->queue->policy;
    struct webhook_delivery *d = &job->delivery;
    struct finishing *f = ARENA_NEW(job->arena, struct finishing);
    bool again = !d->success && !for_good && job->row.attempts < (int64_t)policy->retries.len;
    f->job = job;
    f->attempt = (struct attempt){
        .triggered_id = job->row.id,
        .claim = job->row.claim,
        .success = d->success,
        .status = d->success ? TRIGGERED_SUCCESS
                  : again    ? TRIGGERED_RETRYING
                             : TRIGGERED_FAILURE,
    };
    if (again) {
        int64_t delay = policy->retries.items[job->row.attempts];
        f->attempt.due_at = time_in(job->queue, delay, job->arena);
        webhook_note(d, "INFO", "Retrying webhook in %lld seconds", (long long)delay);
    } else if (d->success) {
        webhook_note(d, "INFO", "Successfully executed webhook");
    } else {
        webhook_note(d, "INFO", "Webhook execution failed after %lld attempts",
                     (long long)job->row.attempts + 1);
    }
    f->attempt.logs = buf_view(&d->log);
    log_line(d->success ? LOG_DEBUG : LOG_INFO, "webhook %s %s: %s status=%d attempt=%lld",
             job->row.webhook_uuid, webhook_event_name(job->row.event),
             triggered_status_name(f->attempt.status), d->status, (long long)job->row.attempts + 1);
    write_then(job->queue, job->arena, do_finish, finished, f);
}

/* ---- sending ---- */

struct giving_back {
    struct job *job;
    const char *due_at;
};

static int do_return(struct store *store, void *arg, struct err *err)
{
    struct giving_back *g = arg;
    return store_queue_return(store, &g->job->row, g->due_at, err);
}

static void returned(void *arg, int code, const struct err *err)
{
    struct job *job = ((struct giving_back *)arg)->job;
    warn(code, err);
    job->queue->sending--;
    job_free(job);
}

static void give_back(struct job *job)
{
    struct giving_back *g = ARENA_NEW(job->arena, struct giving_back);
    *g = (struct giving_back){job, time_in(job->queue, 0, job->arena)};
    write_then(job->queue, job->arena, do_return, returned, g);
}

static void answered(void *arg, const struct client_response *response, const struct err *err)
{
    struct job *job = arg;
    if (!response && job->queue->closing) {
        give_back(job);
        return;
    }
    webhook_complete(&job->delivery, response, err);
    finish(job, false);
}

static int prepare(struct job *job, bool *ret_for_good, struct err *err)
{
    struct webhook_queue *queue = job->queue;
    struct webhook webhook = {0};
    struct webhook_request request = {0};
    struct webhook_values values = {0};
    int code = 0;
    if (job->row.webhook_id)
        code = store_webhook_by_id(queue->store, job->row.webhook_id, job->arena, &webhook, err);
    *ret_for_good = code == 0;
    if (code == 0)
        return err_set(err, ERR_NOT_FOUND, "the webhook was deleted");
    if (code > 0)
        code = webhook_request_open(queue->policy, &webhook, job->arena, &request, err);
    if (code == 0) {
        code = webhook_values_of(queue->store, &job->row, job->arena, &values, err);
        *ret_for_good = code == ERR_NOT_FOUND; /* nothing comes back by waiting */
    }
    if (code == 0)
        code = webhook_prepare(queue->policy, &request, &values, job->row.base, queue->store->clock,
                               job->arena, &job->delivery, err);
    return code;
}

static void send_row(struct webhook_queue *queue, const struct triggered *row)
{
    struct arena *arena = arena_new();
    struct job *job = ARENA_NEW(arena, struct job);
    struct err err = ERR_INIT;
    bool for_good = false;
    *job = (struct job){.queue = queue, .arena = arena, .row = *row};
    /* the claim's texts go with the caller's arena */
    job->row.webhook_uuid = arena_strdup(arena, row->webhook_uuid);
    job->row.claim = arena_strdup(arena, row->claim);
    job->row.base = arena_strdup(arena, row->base);
    job->row.deployed = row->deployed ? arena_strdup(arena, row->deployed) : NULL;
    job->row.description = row->description ? arena_strdup(arena, row->description) : NULL;
    job->delivery = (struct webhook_delivery){.policy = queue->policy,
                                              .clock = queue->store->clock,
                                              .arena = arena,
                                              .base = job->row.base,
                                              .log = BUF_INIT(LIMIT_WEBHOOK_LOG)};
    queue->sending++;
    if (prepare(job, &for_good, &err) < 0) {
        webhook_complete(&job->delivery, NULL, &err);
        finish(job, for_good);
        return;
    }
    webhook_queue_send(queue, &job->delivery.request, answered, job);
}

/* ---- looking ---- */

struct claiming {
    struct webhook_queue *queue;
    struct arena *arena;
    const char *now, *until;
    int64_t n;
    struct triggereds rows;
};

static int do_claim(struct store *store, void *arg, struct err *err)
{
    struct claiming *c = arg;
    return store_queue_claim(store, c->now, c->until, c->n, c->arena, &c->rows, err);
}

static void claimed(void *arg, int code, const struct err *err)
{
    struct claiming *c = arg;
    struct webhook_queue *queue = c->queue;
    warn(code, err);
    queue->claiming = false;
    /* When the process ends here, the claims run out. */
    if (code >= 0 && !queue->closing) {
        VEC_EACH(&c->rows, const struct triggered *, row)
            send_row(queue, row);
    }
    look_in(queue, code < 0 ? SOON_MS : c->rows.len > 0 ? 0 : LOOK_EVERY_MS);
    arena_free(c->arena);
}

static void claim(struct webhook_queue *queue)
{
    struct arena *arena = arena_new();
    struct claiming *c = ARENA_NEW(arena, struct claiming);
    int64_t lease = queue->policy->config.timeout + LEASE_EXTRA_S;
    *c = (struct claiming){.queue = queue,
                           .arena = arena,
                           .now = time_in(queue, 0, arena),
                           .until = time_in(queue, lease, arena),
                           .n = SENDING_MAX - queue->sending};
    queue->claiming = true;
    write_then(queue, arena, do_claim, claimed, c);
}

/* Milliseconds until something is due, at most until the next look. */
static int64_t wait_ms(struct webhook_queue *queue, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    const char *due_at = NULL;
    int64_t due_us = 0;
    int code = store_queue_next(queue->store, arena, &due_at, err);
    if (code < 0)
        return SOON_MS;
    if (code == 0 || !clock_parse(str_of(due_at), &due_us))
        return LOOK_EVERY_MS;
    int64_t ms = (due_us - now_us(queue) + 999) / 1000;
    return ms < 0 ? 0 : ms > LOOK_EVERY_MS ? LOOK_EVERY_MS : ms;
}

static void look(void *arg)
{
    struct webhook_queue *queue = arg;
    struct err err = ERR_INIT;
    queue->timer = NULL;
    if (queue->closing || queue->claiming || queue->sending >= SENDING_MAX)
        return; /* the end of a claim or an attempt looks again */
    int64_t ms = wait_ms(queue, &err);
    if (err.code)
        log_line(LOG_WARN, "the webhook queue cannot be read: %s", err.text);
    if (ms > 0) {
        look_in(queue, ms);
        return;
    }
    claim(queue);
}

struct webhook_queue *webhook_queue_new(struct loop *loop, struct writer *writer,
                                        struct store *store, const struct webhook_policy *policy)
{
    struct webhook_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        abort();
    *queue =
        (struct webhook_queue){.loop = loop, .writer = writer, .store = store, .policy = policy};
    look_in(queue, 0);
    return queue;
}

void webhook_queue_stop(struct webhook_queue *queue)
{
    if (!queue || queue->closing)
        return;
    queue->closing = true;
    loop_cancel(queue->timer);
    queue->timer = NULL;
    client_pool_free(queue->pool);
    queue->pool = NULL;
}

void webhook_queue_free(struct webhook_queue *queue)
{
    webhook_queue_stop(queue);
    free(queue);
}

void webhook_queue_wake(struct webhook_queue *queue)
{
    look_in(queue, 0);
}

/* Brokers without webhooks do without the client, and start faster. */
void webhook_queue_send(struct webhook_queue *queue, const struct client_request *request,
                        void (*done)(void *arg, const struct client_response *response,
                                     const struct err *err),
                        void *arg)
{
    struct err err = ERR_INIT;
    if (queue->closing)
        err_set(&err, ERR_NET, "cancelled");
    if (!err.code && !queue->pool)
        client_pool_new(queue->loop, LIMIT_WEBHOOK_FLYING, WAITING_MAX, &queue->pool, &err);
    if (err.code)
        done(arg, NULL, &err);
    else
        client_pool_call(queue->pool, request, done, arg);
}
