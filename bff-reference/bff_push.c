// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/bff_push.h"

#include "lib/base/arena.h"
#include "lib/http/client.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "bff-reference/bff.h"
#include "bff-reference/bff_call.h"
#include "bff-reference/bff_fetch.h"
#include "bff-reference/bff_routes.h"

static void set_copy(struct arena *arena, struct json *object, const char *key,
                     const struct json *value)
{
    if (value)
        json_set(arena, object, key, json_copy(arena, value));
}

/* What a careless team does: the content travels along, for everyone on the way to read. */
static void add_content(struct arena *arena, struct json *message, struct json *data,
                        const struct json *notification)
{
    struct json *shown = json_new_object(arena);
    set_copy(arena, shown, "title", json_get(notification, "title"));
    set_copy(arena, shown, "body", json_get(notification, "body"));
    json_set(arena, message, "notification", shown);
    set_copy(arena, data, "title", json_get(notification, "title"));
    set_copy(arena, data, "body", json_get(notification, "body"));
    struct str amount = json_text(json_get(notification, "amount"));
    if (amount.ptr) /* FCM takes only text in data */
        json_set(arena, data, "amount", json_new_str(arena, amount));
}

struct json *bff_push_message(const struct bff *bff, const struct json *notification,
                              struct arena *arena)
{
    struct json *body = json_new_object(arena), *message = json_new_object(arena);
    struct json *data = json_new_object(arena);
    set_copy(arena, message, "token", json_get(notification, "deviceToken"));
    set_copy(arena, data, "notification_id", json_get(notification, "id"));
    if (bff_fault(bff, FAULT_PUSH_CONTENT))
        add_content(arena, message, data, notification);
    json_set(arena, message, "data", data);
    json_set(arena, body, "message", message);
    return body;
}

static void on_sent(void *arg, const struct client_response *response, const struct err *err)
{
    struct bff_push *push = arg;
    if (!response)
        push->problem = bff_call_problem("push", err, push->arena);
    else if (response->status < 200 || response->status > 299)
        push->problem = (struct problem){
            PROBLEM_UPSTREAM,
            arena_printf(push->arena, "the push service answered with %d", response->status)};
    push->done(push);
}

static void on_notification(struct bff_fetch *fetch)
{
    struct bff_push *push = fetch->context;
    struct arena *arena = push->arena;
    push->problem = fetch->problem;
    if (push->problem.kind) {
        push->done(push);
        return;
    }
    push->message = bff_push_message(push->bff, fetch->row, arena);
    if (!push->endpoint) {
        push->done(push);
        return;
    }
    struct client_request request = {.method = "POST",
                                     .url = push->endpoint,
                                     .body = json_to_str(arena, push->message, JSON_COMPACT),
                                     .timeout_ms = push->bff->config.upstream_timeout_ms};
    headers_addz(arena, &request.headers, "Content-Type", "application/json");
    client_pool_call(push->bff->push_pool, &request, on_sent, push);
}

void bff_push_start(struct bff_push *push)
{
    struct bff_fetch *fetch = ARENA_NEW(push->arena, struct bff_fetch);
    *fetch = (struct bff_fetch){.bff = push->bff,
                                .arena = push->arena,
                                .service = SERVICE_NOTIFICATION,
                                .id = push->notification_id,
                                .done = on_notification,
                                .context = push};
    bff_fetch_start(fetch);
}

/* ---- the route ---- */

static void on_pushed(struct bff_push *push)
{
    struct exchange *exchange = push->context;
    struct json *body = json_new_object(push->arena);
    json_set(push->arena, body, "sent", json_new_bool(push->arena, true));
    if (push->problem.kind)
        bff_reply_problem(exchange, &push->problem);
    else
        bff_reply_json(exchange, 202, body);
}

static void start(struct exchange *exchange, const char *endpoint, struct str notification_id)
{
    struct bff_push *push = ARENA_NEW(exchange->arena, struct bff_push);
    *push = (struct bff_push){.bff = exchange->context,
                              .arena = exchange->arena,
                              .endpoint = endpoint,
                              .notification_id = notification_id,
                              .done = on_pushed,
                              .context = exchange};
    bff_push_start(push);
}

void bff_push_post(struct exchange *exchange)
{
    const struct bff *bff = exchange->context;
    struct json *body;
    struct str id = STR_NONE;
    if (json_parse(exchange->request.body, "body", exchange->arena, &body, NULL) == 0)
        id = json_get_text(body, "notification_id");
    if (id.ptr)
        start(exchange, bff->config.push_url, id);
    else
        bff_reply_problem(
            exchange,
            &(struct problem){PROBLEM_BAD_REQUEST, "the body is not {\"notification_id\": text}"});
}

void bff_hooks_push(struct exchange *exchange)
{
    struct json *body;
    struct str endpoint = STR_NONE;
    if (json_parse(exchange->request.body, "body", exchange->arena, &body, NULL) == 0)
        endpoint = json_get_text(body, "endpoint");
    if (!endpoint.ptr) {
        bff_reply_problem(exchange, &(struct problem){PROBLEM_BAD_REQUEST,
                                                      "the body is not {\"endpoint\": URL}"});
        return;
    }
    struct str id = json_get_text(body, "notification_id");
    start(exchange, str_cstr(exchange->arena, endpoint), id.ptr ? id : STR("ntf-0001"));
}
