// SPDX-License-Identifier: Apache-2.0
/* What a verifier needs of a provider in a test environment: states and messages. */
#include "bff-reference/bff_routes.h"

#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "bff-reference/bff.h"
#include "bff-reference/bff_call.h"
#include "bff-reference/bff_push.h"
#include "bff-reference/cursor.h"

/* ---- provider states ---- */

struct change {
    struct exchange *exchange;
    struct json *values; /* told when every service has changed */
    struct problem problem;
    int waiting;
};

static void on_changed(void *arg, struct json *value, const struct problem *problem)
{
    struct change *change = arg;
    if (!value)
        change->problem = *problem;
    if (--change->waiting > 0)
        return;
    if (change->problem.kind)
        bff_reply_problem(change->exchange, &change->problem);
    else
        bff_reply_json(change->exchange, 200, change->values);
}

/* What the state's owner must know to write requests: ids, a cursor, a watermark. */
static struct json *state_values(const struct bff *bff, const struct seed_state *state,
                                 struct arena *arena)
{
    struct json *values = json_new_object(arena);
    if (state && state->value)
        json_set(arena, values, state->value_name, json_new_text(arena, state->value));
    if (state && state->cursor_after)
        json_set(arena, values, "cursor",
                 json_new_str(arena, cursor_make(arena, bff->config.cursor_key,
                                                 service_collection(state->service),
                                                 str_of(state->cursor_after))));
    if (state && state->watermark)
        json_set(arena, values, "watermark", json_new_text(arena, SEED_WATERMARK));
    return values;
}

/* Set a state in the service it is about; none (reset) in all of them. */
static void change_state(struct exchange *exchange, const struct seed_state *state)
{
    struct bff *bff = exchange->context;
    struct arena *arena = exchange->arena;
    struct change *change = ARENA_NEW(arena, struct change);
    struct json *body = json_new_object(arena);
    json_set(arena, body, "state", json_new_text(arena, state ? state->name : ""));
    *change = (struct change){.exchange = exchange, .values = state_values(bff, state, arena)};
    change->waiting = state ? 1 : SERVICE_COUNT;
    struct bff_call call = {.bff = bff,
                            .path = STR("/_admin/state"),
                            .body = json_to_str(arena, body, JSON_COMPACT),
                            .arena = arena,
                            .done = on_changed,
                            .arg = change};
    for (int i = 0; i < SERVICE_COUNT; i++) {
        call.service = (enum service)i;
        if (!state || state->service == call.service)
            bff_call(&call);
    }
}

void bff_hooks_states(struct exchange *exchange)
{
    struct arena *arena = exchange->arena;
    struct json *body;
    if (json_parse(exchange->request.body, "body", arena, &body, NULL) ||
        !json_is(json_get(body, "state"), JSON_STRING)) {
        bff_reply_problem(
            exchange, &(struct problem){PROBLEM_BAD_REQUEST, "the body is not {\"state\": text}"});
        return;
    }
    struct str name = json_get_text(body, "state");
    const struct seed_state *state = seed_state_find(name);
    if (name.len && !state) {
        const char *detail =
            arena_printf(arena, "there is no provider state '%.*s'", STR_FMT(name));
        bff_reply_problem(exchange, &(struct problem){PROBLEM_NOT_FOUND, detail});
        return;
    }
    bool teardown = str_is(json_get_text(body, "action"), "teardown");
    change_state(exchange, teardown ? NULL : state);
}

/* ---- messages ---- */

static void on_message(struct bff_push *push)
{
    struct exchange *exchange = push->context;
    struct arena *arena = push->arena;
    if (push->problem.kind) {
        bff_reply_problem(exchange, &push->problem);
        return;
    }
    struct reply reply = REPLY(200);
    headers_addz(arena, &reply.headers, "Content-Type", "application/json");
    headers_add(arena, &reply.headers, STR("Pact-Message-Metadata"),
                hash_base64(arena, STR("{\"contentType\":\"application/json\"}")));
    reply.body = json_to_str(arena, push->message, JSON_COMPACT);
    server_respond(exchange, &reply);
}

/* The notification that a state names in its params, else the first. */
static struct str named_notification(const struct json *states)
{
    for (size_t i = 0; i < json_len(states); i++) {
        struct str id = json_get_text(json_get(json_at(states, i), "params"), "notificationId");
        if (id.ptr)
            return id;
    }
    return STR("ntf-0001");
}

void bff_hooks_messages(struct exchange *exchange)
{
    struct arena *arena = exchange->arena;
    struct json *body;
    struct str description = STR_NONE;
    if (json_parse(exchange->request.body, "body", arena, &body, NULL) == 0)
        description = json_get_text(body, "description");
    if (!str_starts(description, STR("NotificationRepository.received"))) {
        const char *detail =
            arena_printf(arena, "there is no message '%.*s'", STR_FMT(description));
        bff_reply_problem(exchange, &(struct problem){PROBLEM_NOT_FOUND, detail});
        return;
    }
    struct bff_push *push = ARENA_NEW(arena, struct bff_push);
    *push =
        (struct bff_push){.bff = exchange->context,
                          .arena = arena,
                          .notification_id = named_notification(json_get(body, "providerStates")),
                          .done = on_message,
                          .context = exchange};
    bff_push_start(push);
}
