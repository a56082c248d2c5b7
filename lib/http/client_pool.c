// SPDX-License-Identifier: Apache-2.0
/*
 * Calls on a loop: libcurl's multi interface driven by the loop's descriptors and one timer, with
 * our own queue in front, because many transfers queued inside libcurl make each one dearer.
 *
 * libcurl must not be entered from its own callbacks. on_socket() and on_multi_timer() therefore
 * only set up handles of the loop; finished transfers are collected after libcurl has returned.
 */
#include <stdlib.h>
#include <uv.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/http/client_internal.h"
#include "lib/http/loop.h"

struct call {
    struct call *next, *prev;
    struct arena *arena;
    struct client_request request;
    struct transfer transfer;
    CURL *easy;
    void (*done)(void *arg, const struct client_response *response, const struct err *err);
    void *arg;
};

struct call_list {
    struct call *first, *last;
    int len;
};

struct client_pool {
    CURLM *multi;
    struct loop *loop;
    uv_timer_t *timer;
    struct call_list waiting, flying;
    int max_in_flight, max_queued;
    CURL **spare; /* idle easy handles */
    int n_spare;
    int depth; /* of our own functions that touch the pool after a done() */
    bool closing;
};

/* A descriptor that libcurl wants watched; goes when the loop has closed it. */
struct watch {
    uv_poll_t poll;
    struct client_pool *pool;
    curl_socket_t fd;
};

static void list_add(struct call_list *list, struct call *call)
{
    call->next = NULL;
    call->prev = list->last;
    if (list->last)
        list->last->next = call;
    else
        list->first = call;
    list->last = call;
    list->len++;
}

static void list_remove(struct call_list *list, struct call *call)
{
    if (call->prev)
        call->prev->next = call->next;
    else
        list->first = call->next;
    if (call->next)
        call->next->prev = call->prev;
    else
        list->last = call->prev;
    list->len--;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

static struct str keep(struct arena *arena, struct str text)
{
    return text.ptr ? str_dup(arena, text) : STR_NONE;
}

static const char *keepz(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

static struct call *call_new(const struct client_request *request)
{
    struct arena *arena = arena_new();
    struct call *call = ARENA_NEW(arena, struct call);

    call->arena = arena;
    call->request = *request;
    call->request.method = keepz(arena, request->method);
    call->request.url = keepz(arena, request->url);
    call->request.username = keepz(arena, request->username);
    call->request.password = keepz(arena, request->password);
    call->request.token = keepz(arena, request->token);
    call->request.body = keep(arena, request->body);
    call->request.headers = (struct headers){0};
    VEC_EACH(&request->headers, const struct header *, header)
        headers_add(arena, &call->request.headers, keep(arena, header->name),
                    keep(arena, header->value));
    return call;
}

static void collect(struct client_pool *pool);

/* Tell the caller; the call is in no list any more. */
static void finish(struct client_pool *pool, struct call *call, CURLcode code)
{
    struct client_response response = {0};
    struct err err = ERR_INIT;

    int rc = transfer_end(&call->transfer, code, &response, &err);
    call->done(call->arg, rc == 0 ? &response : NULL, rc == 0 ? NULL : &err);
    transfer_release(&call->transfer);
    if (pool->closing || pool->n_spare >= pool->max_in_flight)
        curl_easy_cleanup(call->easy);
    else
        pool->spare[pool->n_spare++] = call->easy;
    arena_free(call->arena);
}

static void fail(struct call *call, enum err_code code, const char *text)
{
    struct err err = ERR_INIT;

    err_set(&err, code, "%s", text);
    call->done(call->arg, NULL, &err);
    arena_free(call->arena);
}

static void launch(struct client_pool *pool, struct call *call)
{
    struct err err = ERR_INIT;
    CURL *easy = pool->n_spare > 0 ? pool->spare[--pool->n_spare] : curl_easy_init();

    if (!easy)
        abort();
    call->easy = easy;
    if (transfer_begin(&call->transfer, easy, &call->request, call->arena, &err) < 0) {
        transfer_release(&call->transfer);
        pool->spare[pool->n_spare++] = easy;
        call->done(call->arg, NULL, &err);
        arena_free(call->arena);
        return;
    }
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    list_add(&pool->flying, call);
    curl_multi_add_handle(pool->multi, easy);
}

static void launch_waiting(struct client_pool *pool)
{
    while (!pool->closing && pool->waiting.first && pool->flying.len < pool->max_in_flight) {
        struct call *call = pool->waiting.first;
        list_remove(&pool->waiting, call);
        launch(pool, call);
    }
}

static void really_free(struct client_pool *pool)
{
    for (int i = 0; i < pool->n_spare; i++)
        curl_easy_cleanup(pool->spare[i]);
    curl_multi_cleanup(pool->multi);
    uv_close((uv_handle_t *)pool->timer, free_handle);
    free(pool->spare);
    free(pool);
}

static void leave(struct client_pool *pool)
{
    if (--pool->depth == 0 && pool->closing)
        really_free(pool);
}

/* Finished transfers, and room for those that wait. A done() may make calls or free the pool. */
static void collect(struct client_pool *pool)
{
    int left = 0;

    pool->depth++;
    while (!pool->closing) {
        CURLMsg *message = curl_multi_info_read(pool->multi, &left);
        if (!message)
            break;
        struct call *call = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        curl_multi_remove_handle(pool->multi, call->easy);
        list_remove(&pool->flying, call);
        finish(pool, call, code);
    }
    launch_waiting(pool);
    leave(pool);
}

static void act(struct client_pool *pool, curl_socket_t fd, int events)
{
    int running = 0;

    curl_multi_socket_action(pool->multi, fd, events, &running);
    collect(pool);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;

    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    act(watch->pool, watch->fd, flags);
}

static void on_timer(uv_timer_t *timer)
{
    struct client_pool *pool = *(struct client_pool **)(timer + 1);

    act(pool, CURL_SOCKET_TIMEOUT, 0);
}

static int on_multi_timer(CURLM *multi, long timeout_ms, void *arg)
{
    struct client_pool *pool = arg;

    (void)multi;
    if (timeout_ms < 0) {
        uv_timer_stop(pool->timer);
        return 0;
    }
    uv_update_time(loop_uv(pool->loop));
    uv_timer_start(pool->timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *data)
{
    struct client_pool *pool = arg;
    struct watch *watch = data;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watch) {
            uv_poll_stop(&watch->poll);
            uv_close((uv_handle_t *)&watch->poll, free_handle);
        }
        return 0;
    }
    if (!watch) {
        watch = calloc(1, sizeof *watch);
        if (!watch)
            abort();
        watch->pool = pool;
        watch->fd = fd;
        watch->poll.data = watch;
        if (uv_poll_init_socket(loop_uv(pool->loop), &watch->poll, fd) < 0) {
            free(watch);
            return -1;
        }
        curl_multi_assign(pool->multi, fd, watch);
    }
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    uv_poll_start(&watch->poll, events, on_poll);
    return 0;
}

int client_pool_new(struct loop *loop, int max_in_flight, int max_queued, struct client_pool **ret,
                    struct err *err)
{
    client_global_init();
    struct client_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        abort();
    pool->multi = curl_multi_init();
    if (!pool->multi) {
        free(pool);
        return err_set(err, ERR_INTERNAL, "libcurl could not be started");
    }
    pool->loop = loop;
    pool->max_in_flight = max_in_flight > 0 ? max_in_flight : 1;
    pool->max_queued = max_queued;
    pool->spare = calloc((size_t)pool->max_in_flight, sizeof *pool->spare);
    /* the timer outlives the pool by one turn of the loop; the pool's address stands behind it */
    pool->timer = calloc(1, sizeof *pool->timer + sizeof pool);
    if (!pool->spare || !pool->timer)
        abort();
    *(struct client_pool **)(pool->timer + 1) = pool;
    uv_timer_init(loop_uv(loop), pool->timer);
    pool->timer->data = pool->timer;
    curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
    curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, on_multi_timer);
    curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
    curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, (long)pool->max_in_flight);
    *ret = pool;
    return 0;
}

void client_pool_call(struct client_pool *pool, const struct client_request *request,
                      void (*done)(void *arg, const struct client_response *response,
                                   const struct err *err),
                      void *arg)
{
    struct call *call = call_new(request);

    call->done = done;
    call->arg = arg;
    if (pool->closing) {
        fail(call, ERR_NET, "cancelled");
    } else if (pool->flying.len < pool->max_in_flight && !pool->waiting.first) {
        launch(pool, call);
    } else if (pool->waiting.len < pool->max_queued) {
        list_add(&pool->waiting, call);
    } else {
        fail(call, ERR_BUSY, "too many calls are waiting for this upstream");
    }
}

void client_pool_free(struct client_pool *pool)
{
    if (!pool || pool->closing)
        return;
    pool->closing = true;
    pool->depth++;
    while (pool->flying.first) {
        struct call *call = pool->flying.first;
        list_remove(&pool->flying, call);
        curl_multi_remove_handle(pool->multi, call->easy);
        transfer_release(&call->transfer);
        curl_easy_cleanup(call->easy);
        fail(call, ERR_NET, "cancelled");
    }
    while (pool->waiting.first) {
        struct call *call = pool->waiting.first;
        list_remove(&pool->waiting, call);
        fail(call, ERR_NET, "cancelled");
    }
    leave(pool);
}
