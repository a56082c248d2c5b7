// SPDX-License-Identifier: Apache-2.0
/* What webhooks were triggered by, and what came of it. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/store_webhook.h"
#include "broker/webhook_view.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

int triggered_logs_get(struct call *call, struct err *err)
{
    struct triggered row = {0};
    struct str logs = STR_NONE;
    int code = store_triggered_find(call->store, call_param(call, "uuid"), call->arena, &row, err);
    if (code == 0)
        return call_not_found(call);
    if (code > 0)
        code = store_triggered_logs(call->store, row.id, call->arena, &logs, err);
    if (code < 0)
        return code;
    if (logs.len == 0)
        logs = STR("Webhook has not executed yet. Please retry in a few seconds.");
    if (strcmp(call->type, "text/plain") == 0)
        return call_text(call, 200, "text/plain;charset=utf-8", logs);
    struct json *body = triggered_view(call, &row);
    json_set(call->arena, body, "logs", json_new_str(call->arena, logs));
    json_set(call->arena, json_get(body, "_links"), "self", link_make(call, "h", call_self(call)));
    return call_json(call, 200, body);
}

int triggered_of_version_get(struct call *call, struct err *err)
{
    struct publication pact = {0};
    struct triggereds rows = {0};
    int code = pact_find_by_version(call, &pact, err);
    if (code <= 0)
        return code;
    code = store_triggered_list(call->store, pact.consumer_version_id, pact.provider_id, 0,
                                call->arena, &rows, err);
    if (code < 0)
        return code;
    const char *title =
        arena_printf(call->arena, "Webhooks triggered by the publication of the pact%s",
                     link_pact_name(call, &pact) + strlen("Pact"));
    return call_json(call, 200, triggered_list_view(call, title, &rows));
}

int triggered_of_result_get(struct call *call, struct err *err)
{
    struct publication pact = {0};
    struct verification result = {0};
    struct triggereds rows = {0};
    int code = verification_named(call, &pact, &result, err);
    if (code <= 0)
        return code;
    code = store_triggered_list(call->store, 0, 0, result.id, call->arena, &rows, err);
    if (code < 0)
        return code;
    const char *title = arena_printf(
        call->arena, "Webhooks triggered by the publication of verification result %lld",
        (long long)result.number);
    return call_json(call, 200, triggered_list_view(call, title, &rows));
}

/* ---- status of an integration ---- */

static struct json *summary(struct call *call, const struct triggereds *rows)
{
    static const struct {
        const char *key;
        enum triggered_status status;
    } counts[] = {{"successful", TRIGGERED_SUCCESS},
                  {"failed", TRIGGERED_FAILURE},
                  {"retrying", TRIGGERED_RETRYING},
                  {"notRun", TRIGGERED_NOT_RUN}};
    struct json *shown = json_new_object(call->arena);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int64_t n = 0;
        VEC_EACH(rows, const struct triggered *, row)
            n += row->status == counts[i].status;
        json_set(call->arena, shown, counts[i].key, json_new_int(call->arena, n));
    }
    return shown;
}

static void status_links(struct call *call, struct json *links, const char *consumer,
                         const char *provider, const struct triggereds *rows)
{
    struct json *logs = json_new_array(call->arena);
    VEC_EACH(rows, const struct triggered *, row) {
        if (row->status == TRIGGERED_FAILURE || row->status == TRIGGERED_RETRYING)
            json_append(call->arena, logs,
                        link_make(call, "nh", row->name, webhook_logs_url(call, row)));
    }
    json_set(call->arena, links, "pb:error-logs", logs);
    json_set(call->arena, links, "pb:pact-webhooks",
             link_make(call, "th",
                       arena_printf(call->arena, "Webhooks for the pact between %s and %s",
                                    consumer, provider),
                       link_to(call, "/webhooks/provider/{}/consumer/{}", provider, consumer)));
    json_set(call->arena, links, "pb:consumer",
             link_make(call, "tnh", "Consumer", consumer, link_pacticipant(call, consumer)));
    json_set(call->arena, links, "pb:provider",
             link_make(call, "tnh", "Provider", provider, link_pacticipant(call, provider)));
}

int webhooks_status_get(struct call *call, struct err *err)
{
    struct pacticipant consumer = {0}, provider = {0};
    struct triggereds rows = {0};
    int code = pact_pair(call, &consumer, &provider, err);
    if (code <= 0)
        return code;
    code = store_triggered_latest(call->store, consumer.id, provider.id, call->arena, &rows, err);
    if (code < 0)
        return code;
    struct json *body = triggered_list_view(call, "Webhooks status", &rows);
    json_insert_first(call->arena, body, "summary", summary(call, &rows));
    status_links(call, json_get(body, "_links"), consumer.name, provider.name, &rows);
    return call_json(call, 200, body);
}
