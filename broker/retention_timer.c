// SPDX-License-Identifier: Apache-2.0
#include "broker/retention_timer.h"

#include <stdlib.h>

#include "broker/retention.h"
#include "broker/store.h"
#include "broker/writer.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/http/loop.h"

/* A start is busy enough; between two steps requests come first. */
enum { FIRST_MS = 60000, PAUSE_MS = 5, AGAIN_MS = 1000 };

struct retention_timer {
    struct loop *loop;
    struct writer *writer;
    struct store *store;
    const struct retention_config *config;
    struct loop_timer *timer;
    struct retention_run run;  /* what is on disk */
    struct retention_run next; /* what the step that is being written makes of it */
    struct writer_job job;
    bool more, stopped;
};

static void begin(void *arg);
static void submit(void *arg);

static void after(struct retention_timer *timer, uint64_t ms, void (*fn)(void *arg))
{
    if (!timer->stopped)
        timer->timer = loop_after(timer->loop, ms, fn, timer);
}

static void after_interval(struct retention_timer *timer)
{
    after(timer, (uint64_t)timer->config->interval * 1000, begin);
}

/* On the writer's thread. */
static int step(struct store *store, void *arg, struct err *err)
{
    struct retention_timer *timer = arg;
    timer->next = timer->run;
    int code = retention_step(store, &timer->next, err);
    timer->more = code > 0;
    return code < 0 ? code : 0;
}

static void finish(struct retention_timer *timer)
{
    struct arena *arena ARENA_AUTO = arena_new();
    if (retention_total(&timer->run) > 0)
        log_line(LOG_INFO, "retention removed %s", retention_text(&timer->run, arena));
    else
        log_line(LOG_DEBUG, "retention found nothing to remove");
    after_interval(timer);
}

static void stepped(void *arg, int code, const struct err *err)
{
    struct retention_timer *timer = arg;
    if (code < 0) {
        log_line(LOG_ERROR, "retention stopped until its next run: %s", err->text);
        after_interval(timer);
        return;
    }
    timer->run = timer->next;
    if (timer->more)
        after(timer, PAUSE_MS, submit);
    else
        finish(timer);
}

static void submit(void *arg)
{
    struct retention_timer *timer = arg;
    timer->timer = NULL;
    timer->job = (struct writer_job){.run = step, .done = stepped, .arg = timer};
    if (writer_submit(timer->writer, &timer->job, NULL) < 0)
        after(timer, AGAIN_MS, submit);
}

static void begin(void *arg)
{
    struct retention_timer *timer = arg;
    retention_begin(&timer->run, timer->store, &timer->config->rules, "timer");
    submit(timer);
}

struct retention_timer *retention_timer_new(struct loop *loop, struct writer *writer,
                                            struct store *store,
                                            const struct retention_config *config)
{
    struct retention_timer *timer = calloc(1, sizeof *timer);
    if (!timer)
        abort();
    *timer =
        (struct retention_timer){.loop = loop, .writer = writer, .store = store, .config = config};
    uint64_t ms = (uint64_t)config->interval * 1000;
    after(timer, ms < FIRST_MS ? ms : FIRST_MS, begin);
    return timer;
}

void retention_timer_stop(struct retention_timer *timer)
{
    if (!timer)
        return;
    timer->stopped = true;
    loop_cancel(timer->timer);
    timer->timer = NULL;
}

void retention_timer_free(struct retention_timer *timer)
{
    free(timer);
}
