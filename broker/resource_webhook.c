// SPDX-License-Identifier: Apache-2.0
/* Webhooks: list, create, read, replace, delete, try. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/store.h"
#include "broker/webhook.h"
#include "broker/webhook_read.h"
#include "broker/webhook_send.h"
#include "broker/webhook_view.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/uuid.h"
#include "lib/json/json.h"

enum { UUID_MIN = 16, UUID_MAX = 255 };

/* The pacticipants that the path names, as the route's tag says; 0 = answered with 404. */
static int path_scope(struct call *call, struct pacticipant *consumer, struct pacticipant *provider,
                      struct err *err)
{
    int code = 1, tag = call->route->tag;
    if (tag & WEBHOOKS_OF_CONSUMER)
        code = call_pacticipant(call, "consumer", "consumer", consumer, err);
    if (code > 0 && (tag & WEBHOOKS_OF_PROVIDER))
        code = call_pacticipant(call, "provider", "provider", provider, err);
    return code;
}

/* ---- reading ---- */

int webhooks_get(struct call *call, struct err *err)
{
    struct pacticipant consumer = {0}, provider = {0};
    struct webhooks rows = {0};
    int code = path_scope(call, &consumer, &provider, err);
    if (code <= 0)
        return code;
    bool every = call->route->tag == WEBHOOKS_ALL;
    code = store_webhook_list(call->store, every ? -1 : consumer.id, every ? -1 : provider.id,
                              call->arena, &rows, err);
    if (code < 0)
        return code;
    const char *title =
        every ? "Webhooks"
        : consumer.id && provider.id
            ? arena_printf(call->arena, "Webhooks for the pact between %s and %s", consumer.name,
                           provider.name)
            : arena_printf(call->arena, "Webhooks for %s %s", consumer.id ? "consumer" : "provider",
                           consumer.id ? consumer.name : provider.name);
    return call_json(call, 200, webhook_list_view(call, title, &rows));
}

static int find(struct call *call, struct webhook *ret, struct err *err)
{
    int code = store_webhook_find(call->store, call_param(call, "uuid"), call->arena, ret, err);
    if (code == 0)
        call_not_found(call);
    return code;
}

static int answer(struct call *call, int status, const struct webhook *row, struct err *err)
{
    struct webhook_request request = {0};
    int code = webhook_request_open(call->webhooks, row, call->arena, &request, err);
    return code < 0 ? code : call_json(call, status, webhook_view(call, row, &request));
}

int webhook_get(struct call *call, struct err *err)
{
    struct webhook row = {0};
    int code = find(call, &row, err);
    return code <= 0 ? code : answer(call, 200, &row, err);
}

int webhook_delete(struct call *call, struct err *err)
{
    struct webhook row = {0};
    int code = find(call, &row, err);
    if (code <= 0)
        return code;
    call_subject(call, "webhook %s (%s)", row.uuid, row.summary);
    code = store_webhook_delete(call->store, row.id, err);
    return code < 0 ? code : call_empty(call, 204);
}

/* ---- writing ---- */

/* A new key, or another one, beside webhooks that it does not open would split them in two kinds.
 */
static int check_key(struct call *call, struct err *err)
{
    struct webhook other = {0};
    struct webhook_request unused;
    int code = store_webhook_some(call->store, call->arena, &other, err);
    return code <= 0 ? code
                     : webhook_request_open(call->webhooks, &other, call->arena, &unused, err);
}

static int save(struct call *call, struct webhook *row, const struct webhook_request *request,
                struct err *err)
{
    row->summary = webhook_summary(call->arena, request);
    row->per_deployed = webhook_request_uses(request, WEBHOOK_DEPLOYED, call->arena);
    call_subject(call, "webhook %s (%s)", row->uuid, row->summary);
    int code = check_key(call, err);
    if (code == 0)
        code = webhook_request_seal(call->webhooks, request, row->uuid, call->arena, &row->request,
                                    err);
    return code < 0 ? code : store_webhook_save(call->store, row, call->arena, err);
}

int webhooks_post(struct call *call, struct err *err)
{
    struct json *body = call_body(call, false);
    struct webhook row = {0};
    struct webhook_request request = {0};
    struct issues issues = {0};
    struct pacticipant consumer = {0}, provider = {0};
    if (!body)
        return 0;
    int code = webhook_read(call, body, NULL, &row, &request, &issues, err);
    if (code == 0 && issues.len > 0)
        return call_issues(call, &issues);
    if (code == 0)
        code = path_scope(call, &consumer, &provider, err);
    if (code <= 0)
        return code;
    if (consumer.id) {
        row.consumer_id = consumer.id;
        row.consumer = consumer.name;
        row.consumer_label = NULL;
    }
    if (provider.id) {
        row.provider_id = provider.id;
        row.provider = provider.name;
        row.provider_label = NULL;
    }
    row.uuid = uuid_random(arena_alloc(call->arena, UUID_TEXT_LEN));
    code = save(call, &row, &request, err);
    if (code < 0)
        return code;
    call_location(call, webhook_url(call, row.uuid));
    return call_json(call, 201, webhook_view(call, &row, &request));
}

static void check_uuid(struct call *call, const char *uuid, struct issues *issues)
{
    size_t len = strlen(uuid);
    size_t good = strspn(uuid, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    if (good != len || len < UUID_MIN || len > UUID_MAX)
        issues_add(call, issues, "uuid",
                   "The UUID can only contain the characters A-Z, a-z, 0-9, _ and -, and must be "
                   "16 or more characters");
}

int webhook_put(struct call *call, struct err *err)
{
    struct json *body = call_body(call, false);
    struct webhook row = {0};
    struct webhook_request request = {0}, old = {0};
    struct issues issues = {0};
    if (!body)
        return 0;
    const char *uuid = call_param(call, "uuid");
    int found = store_webhook_find(call->store, uuid, call->arena, &row, err);
    int code =
        found > 0 ? webhook_request_open(call->webhooks, &row, call->arena, &old, err) : found;
    if (code < 0)
        return code;
    row.uuid = uuid;
    check_uuid(call, uuid, &issues);
    code = webhook_read(call, body, found > 0 ? &old : NULL, &row, &request, &issues, err);
    if (code == 0 && issues.len > 0)
        return call_issues(call, &issues);
    if (code == 0)
        code = save(call, &row, &request, err);
    if (code < 0)
        return code;
    if (!found)
        call_location(call, webhook_url(call, uuid));
    return call_json(call, found ? 200 : 201, webhook_view(call, &row, &request));
}

/* ---- trying ---- */

static bool is_about_results(const struct webhook *row)
{
    bool results = false;
    for (size_t i = 0; i < row->n_events; i++)
        results |= row->events[i] == WEBHOOK_VERIFICATION_PUBLISHED ||
                   row->events[i] == WEBHOOK_VERIFICATION_SUCCEEDED ||
                   row->events[i] == WEBHOOK_VERIFICATION_FAILED;
    return results;
}

/* The latest contract that it is for, and for webhooks about results its latest result. */
static int test_subject(struct call *call, const struct webhook *row, struct triggered *ret,
                        struct err *err)
{
    struct publication pact = {0};
    struct verification result = {0};
    struct deployed_numbers deployed = {0};
    *ret = (struct triggered){.event = WEBHOOK_TEST, .base = call->base};
    int code = store_pact_for_webhook(call->store, row, call->arena, &pact, err);
    if (code <= 0)
        return code;
    ret->consumer_id = pact.consumer_id;
    ret->provider_id = pact.provider_id;
    ret->consumer_version_id = pact.consumer_version_id;
    ret->pact_version_id = pact.pact_version_id;
    code = store_deployed_numbers(call->store, pact.provider_id, call->arena, &deployed, err);
    ret->deployed = deployed.len > 0 ? deployed.items[deployed.len - 1] : NULL;
    if (code >= 0 && is_about_results(row))
        code =
            store_verification_latest(call->store, pact.pact_version_id, call->arena, &result, err);
    if (code > 0 && result.id) {
        ret->verification_id = result.id;
        ret->provider_version_id = result.provider_version_id;
    }
    return code < 0 ? code : 0;
}

static int finish_test(struct call *call, struct webhook_delivery *delivery, const char *uuid)
{
    if (!delivery->success)
        webhook_note(delivery, "INFO", "Webhook execution failed");
    int code = call_json(call, 200, webhook_execution_view(call, delivery, uuid));
    webhook_release(delivery);
    return code;
}

void webhook_test_done(struct call *call, const struct client_response *response,
                       const struct err *err)
{
    webhook_complete(call->sending, response, err);
    finish_test(call, call->sending, call->route->tag ? NULL : call_param(call, "uuid"));
}

static int try_now(struct call *call, const struct webhook *row,
                   const struct webhook_request *request, struct err *err)
{
    struct triggered about;
    struct webhook_values values = {0};
    struct webhook_delivery *delivery = ARENA_NEW(call->arena, struct webhook_delivery);
    struct err refused = ERR_INIT;
    int code = test_subject(call, row, &about, err);
    if (code == 0)
        code = webhook_values_of(call->store, &about, call->arena, &values, err);
    if (code < 0)
        return code;
    code = webhook_prepare(call->webhooks, request, &values, call->base, call->store->clock,
                           call->arena, delivery, &refused);
    if (code < 0) {
        webhook_complete(delivery, NULL, &refused);
        return finish_test(call, delivery, row->uuid);
    }
    call->sending = delivery; /* answered by webhook_test_done() */
    return 0;
}

int webhook_execute(struct call *call, struct err *err)
{
    struct webhook row = {0};
    struct webhook_request request = {0};
    int code = find(call, &row, err);
    if (code <= 0)
        return code;
    code = webhook_request_open(call->webhooks, &row, call->arena, &request, err);
    return code < 0 ? code : try_now(call, &row, &request, err);
}

int webhook_execute_unsaved(struct call *call, struct err *err)
{
    struct json *body = call_body(call, false);
    struct webhook row = {0};
    struct webhook_request request = {0};
    struct issues issues = {0};
    if (!body)
        return 0;
    int code = webhook_read(call, body, NULL, &row, &request, &issues, err);
    if (code == 0 && issues.len > 0)
        return call_issues(call, &issues);
    return code < 0 ? code : try_now(call, &row, &request, err);
}
