// SPDX-License-Identifier: Apache-2.0
#include "broker/webhook_view.h"

#include "broker/call.h"
#include "broker/links.h"
#include "broker/webhook.h"
#include "broker/webhook_send.h"
#include "lib/base/arena.h"
#include "lib/http/hosts.h"
#include "lib/json/json.h"

const char *webhook_url(struct call *call, const char *uuid)
{
    return link_to(call, "/webhooks/{}", uuid);
}

const char *webhook_logs_url(struct call *call, const struct triggered *row)
{
    return link_to(call, "/triggered-webhooks/{}/logs", row->uuid);
}

/* ---- a webhook ---- */

static struct json *side_view(struct call *call, const char *name, const char *label)
{
    struct json *side = json_new_object(call->arena);
    call_set(call, side, name ? "name" : "label", name ? name : label);
    return side;
}

static struct json *headers_view(struct call *call, const struct json *headers)
{
    struct json *shown = json_new_object(call->arena);
    for (size_t i = 0; i < json_len(headers); i++) {
        const char *value = str_cstr(call->arena, json_text(json_at(headers, i)));
        if (webhook_header_is_secret(json_key(headers, i)))
            value = webhook_redact(call->arena, value);
        json_set_str(call->arena, shown, json_key(headers, i), json_new_text(call->arena, value));
    }
    return shown;
}

static struct json *request_view(struct call *call, const struct webhook_request *request)
{
    struct json *shown = json_new_object(call->arena);
    call_set(call, shown, "method", request->method);
    call_set(call, shown, "url", request->url);
    if (request->headers && json_len(request->headers) > 0)
        json_set(call->arena, shown, "headers", headers_view(call, request->headers));
    if (request->body)
        json_set(call->arena, shown, "body", request->body);
    call_set(call, shown, "username", request->username);
    call_set(call, shown, "password", webhook_redact(call->arena, request->password));
    return shown;
}

static void add_side_link(struct call *call, struct json *links, bool consumer, const char *name,
                          const char *label)
{
    if (name)
        json_set(call->arena, links, consumer ? "pb:consumer" : "pb:provider",
                 link_make(call, "tnh", consumer ? "Consumer" : "Provider", name,
                           link_pacticipant(call, name)));
    else if (label)
        json_set(call->arena, links, consumer ? "pb:consumers" : "pb:providers",
                 link_make(call, "tnh", consumer ? "Consumers by label" : "Providers by label",
                           label, link_to(call, "/pacticipants/label/{}", label)));
}

static const char *shown_description(const struct webhook *row)
{
    return row->description ? row->description : row->summary;
}

static struct json *webhook_links(struct call *call, const struct webhook *row)
{
    struct arena *arena = call->arena;
    struct json *links = json_new_object(arena);
    const char *self = webhook_url(call, row->uuid);
    json_set(arena, links, "self", link_make(call, "th", shown_description(row), self));
    json_set(arena, links, "pb:execute",
             link_make(call, "th",
                       "Test the execution of the webhook with the latest matching pact or "
                       "verification by sending a POST request to this URL",
                       arena_printf(arena, "%s/execute", self)));
    add_side_link(call, links, true, row->consumer, row->consumer_label);
    add_side_link(call, links, false, row->provider, row->provider_label);
    if (row->consumer && row->provider)
        json_set(arena, links, "pb:pact-webhooks",
                 link_make(call, "th",
                           arena_printf(arena, "All webhooks for consumer %s and provider %s",
                                        row->consumer, row->provider),
                           link_to(call, "/webhooks/provider/{}/consumer/{}", row->provider,
                                   row->consumer)));
    json_set(arena, links, "pb:webhooks",
             link_make(call, "th", "All webhooks", link_to(call, "/webhooks")));
    return links;
}

struct json *webhook_view(struct call *call, const struct webhook *row,
                          const struct webhook_request *request)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *events = json_new_array(arena);
    call_set(call, body, "uuid", row->uuid);
    call_set(call, body, "description", shown_description(row));
    if (row->consumer || row->consumer_label)
        json_set(arena, body, "consumer", side_view(call, row->consumer, row->consumer_label));
    if (row->provider || row->provider_label)
        json_set(arena, body, "provider", side_view(call, row->provider, row->provider_label));
    json_set(arena, body, "enabled", json_new_bool(arena, row->enabled));
    json_set(arena, body, "request", request_view(call, request));
    for (size_t i = 0; i < row->n_events; i++) {
        struct json *event = json_new_object(arena);
        call_set(call, event, "name", webhook_event_name(row->events[i]));
        json_append(arena, events, event);
    }
    json_set(arena, body, "events", events);
    call_times(call, body, row->created_at, row->updated_at);
    json_set(arena, body, "_links", webhook_links(call, row));
    return body;
}

/* ---- lists ---- */

static const char *scope(struct call *call, const struct webhook *row)
{
    struct arena *arena = call->arena;
    if (row->consumer && row->provider)
        return arena_printf(arena, "A webhook for the pact between %s and %s", row->consumer,
                            row->provider);
    const char *who = row->provider         ? "provider"
                      : row->consumer       ? "consumer"
                      : row->provider_label ? "provider labelled"
                      : row->consumer_label ? "consumer labelled"
                                            : NULL;
    if (!who)
        return "A webhook for all pacts";
    const char *name = row->provider         ? row->provider
                       : row->consumer       ? row->consumer
                       : row->provider_label ? row->provider_label
                                             : row->consumer_label;
    return arena_printf(arena, "A webhook for all pacts with %s %s", who, name);
}

struct json *webhook_list_view(struct call *call, const char *title, const struct webhooks *rows)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *links = json_new_object(arena),
                *list = json_new_array(arena), *curies = json_new_array(arena);
    VEC_EACH(rows, const struct webhook *, row)
        json_append(arena, list,
                    link_make(call, "tnh", scope(call, row), shown_description(row),
                              webhook_url(call, row->uuid)));
    json_set(arena, links, "self", link_make(call, "th", title, call_resource(call)));
    json_set(arena, links, "pb:create",
             link_make(call, "th", "POST to create a webhook", call_resource(call)));
    json_set(arena, links, "pb:webhooks", list);
    json_append(
        arena, curies,
        link_make(call, "nhT", "pb", arena_printf(arena, "%s/doc/webhooks-{rel}", call->base)));
    json_set(arena, links, "curies", curies);
    json_set(arena, body, "_links", links);
    return body;
}

/* ---- triggered ---- */

struct json *triggered_view(struct call *call, const struct triggered *row)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *links = json_new_object(arena);
    bool open = row->status == TRIGGERED_NOT_RUN || row->status == TRIGGERED_RETRYING;
    int64_t left = (int64_t)call->webhooks->retries.len + 1 - row->attempts;
    call_set(call, body, "name", row->name);
    call_set(call, body, "status", triggered_status_name(row->status));
    json_set(arena, body, "attemptsMade", json_new_int(arena, row->attempts));
    json_set(arena, body, "attemptsRemaining", json_new_int(arena, open && left > 0 ? left : 0));
    call_set(call, body, "triggerType", "resource_creation");
    call_set(call, body, "eventName", webhook_event_name(row->event));
    call_set(call, body, "triggeredAt", call_time(call, row->created_at));
    const char *logs = webhook_logs_url(call, row);
    json_set(arena, links, "pb:logs",
             link_make(call, "ht", logs, "View logs for the executions of this triggered webhook"));
    json_set(arena, links, "logs", link_make(call, "ht", logs, "DEPRECATED - Use pb:logs"));
    if (row->webhook_id)
        json_set(arena, links, "pb:webhook",
                 link_make(call, "ht", webhook_url(call, row->webhook_uuid), "Webhook"));
    json_set(arena, body, "_links", links);
    return body;
}

struct json *triggered_list_view(struct call *call, const char *title,
                                 const struct triggereds *rows)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *list = json_new_array(arena), *links = json_new_object(arena);
    VEC_EACH(rows, const struct triggered *, row)
        json_append(arena, list, triggered_view(call, row));
    json_set(arena, embedded, "triggeredWebhooks", list);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, links, "self", link_make(call, "th", title, call_resource(call)));
    json_set(arena, body, "_links", links);
    return body;
}

/* ---- tests ---- */

static struct json *fields_view(struct call *call, const struct headers *headers)
{
    struct json *shown = json_new_object(call->arena);
    VEC_EACH(headers, const struct header *, header) {
        struct str name = str_lower(call->arena, header->name);
        json_set_str(call->arena, shown, name, json_new_str(call->arena, header->value));
    }
    return shown;
}

static struct json *request_sent(struct call *call, const struct webhook_delivery *delivery)
{
    struct json *request = json_new_object(call->arena);
    json_set(call->arena, request, "headers", fields_view(call, &delivery->shown_headers));
    json_set(call->arena, request, "body", json_new_str(call->arena, delivery->shown_body));
    call_set(call, request, "url", delivery->request.url);
    return request;
}

struct json *webhook_execution_view(struct call *call, const struct webhook_delivery *delivery,
                                    const char *uuid)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *links = json_new_object(arena);
    if (delivery->error) {
        struct json *error = json_new_object(arena);
        call_set(call, error, "message", delivery->error);
        json_set(arena, body, "error", error);
    }
    json_set(arena, body, "request", request_sent(call, delivery));
    if (delivery->status > 0 && delivery->shows_response) {
        struct json *response = json_new_object(arena);
        json_set(arena, response, "status", json_new_int(arena, delivery->status));
        json_set(arena, response, "headers", fields_view(call, &delivery->response_headers));
        json_set(arena, response, "body",
                 delivery->response_json ? delivery->response_json
                                         : json_new_str(arena, delivery->response_body));
        json_set(arena, body, "response", response);
    } else if (delivery->status > 0) {
        call_set(call, body, "message", webhook_hidden_text(arena, call->base));
    }
    json_set(arena, body, "logs", json_new_str(arena, buf_view(&delivery->log)));
    json_set(arena, body, "success", json_new_bool(arena, delivery->success));
    if (uuid)
        json_set(arena, links, "webhook", link_make(call, "h", webhook_url(call, uuid)));
    json_set(arena, links, "try-again",
             link_make(call, "th", "Execute the webhook again", call_self(call)));
    json_set(arena, body, "_links", links);
    return body;
}
