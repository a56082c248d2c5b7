// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/hal/fake_server.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/http/loop.h"

enum { LOG_MAX = 16 * 1024 * 1024 };

struct fake {
    struct loop *loop;
    struct server *server;
    pthread_t thread;
    pthread_mutex_t lock;
    struct buf log;
    void (*handle)(struct exchange *exchange);
};

static void log_and_handle(struct exchange *exchange)
{
    struct fake *fake = exchange->context;
    const struct request *request = &exchange->request;
    pthread_mutex_lock(&fake->lock);
    buf_printf(&fake->log, "%.*s %.*s %.*s\n", STR_FMT(request->method), STR_FMT(request->target),
               STR_FMT(request->body));
    pthread_mutex_unlock(&fake->lock);
    fake->handle(exchange);
}

static void *run(void *arg)
{
    loop_run(((struct fake *)arg)->loop);
    return NULL;
}

struct fake *fake_start(void (*handle)(struct exchange *exchange))
{
    struct fake *fake = calloc(1, sizeof *fake);
    struct err err = ERR_INIT;
    assert(fake);
    fake->handle = handle;
    fake->log = BUF_INIT(LOG_MAX);
    pthread_mutex_init(&fake->lock, NULL);
    int rc = loop_new(&fake->loop, &err);
    const struct server_config config = {
        .address = "127.0.0.1", .handle = log_and_handle, .context = fake};
    rc = rc < 0 ? rc : server_start(fake->loop, &config, &fake->server, &err);
    if (rc < 0 || pthread_create(&fake->thread, NULL, run, fake) != 0)
        abort();
    return fake;
}

static void stopped(void *arg)
{
    loop_stop(((struct fake *)arg)->loop);
}

static void stop(void *arg)
{
    struct fake *fake = arg;
    server_stop(fake->server, 100, stopped, fake);
}

void fake_stop(struct fake *fake)
{
    loop_post(fake->loop, stop, fake);
    pthread_join(fake->thread, NULL);
    server_free(fake->server);
    loop_free(fake->loop);
    buf_release(&fake->log);
    pthread_mutex_destroy(&fake->lock);
    free(fake);
}

const char *fake_url(const struct fake *fake)
{
    return server_url(fake->server);
}

const char *fake_log(struct fake *fake)
{
    pthread_mutex_lock(&fake->lock);
    const char *text = buf_view(&fake->log).ptr;
    pthread_mutex_unlock(&fake->lock);
    return text;
}

void fake_clear(struct fake *fake)
{
    pthread_mutex_lock(&fake->lock);
    buf_clear(&fake->log);
    buf_puts(&fake->log, "");
    pthread_mutex_unlock(&fake->lock);
}

size_t fake_count(struct fake *fake, const char *part)
{
    size_t n = 0;
    struct str rest = str_of(fake_log(fake));
    while (rest.ptr) {
        if (str_find(str_cut(&rest, '\n'), str_of(part)) >= 0)
            n++;
    }
    return n;
}

void fake_json(struct exchange *exchange, int status, const char *json)
{
    server_respond_text(exchange, status, "application/hal+json;charset=utf-8", str_of(json));
}
