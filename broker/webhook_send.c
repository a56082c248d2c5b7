// SPDX-License-Identifier: Apache-2.0
#include "broker/webhook_send.h"

#include <stdarg.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/http/hosts.h"
#include "lib/json/json.h"
#include "lib/wire/http1.h"

/* A secret this short would also blank what has nothing to do with it. */
enum { SECRET_MIN = 4 };

const char *webhook_hidden_text(struct arena *arena, const char *base)
{
    return arena_printf(
        arena,
        "For security purposes, the response details are not logged. To enable response logging, "
        "configure the webhook_host_whitelist property. See %s/doc/webhooks#whitelist for more "
        "information.",
        base);
}

/* ---- secrets ---- */

static void add_secret(struct webhook_delivery *d, struct str text)
{
    if (!d->policy->config.show_secrets && text.len >= SECRET_MIN)
        *VEC_PUSH(d->arena, &d->secrets) = str_dup(d->arena, text);
}

/* Wherever a secret turns up, also in what the receiver echoes. */
static struct str without_secrets(struct webhook_delivery *d, struct str text)
{
    VEC_EACH(&d->secrets, const struct str *, secret) {
        if (str_find(text, *secret) < 0)
            continue;
        struct buf out BUF_AUTO = BUF_INIT(LIMIT_WEBHOOK_REQUEST);
        for (long at = str_find(text, *secret); at >= 0; at = str_find(text, *secret)) {
            buf_append(&out, text.ptr, (size_t)at);
            buf_puts(&out, WEBHOOK_STARS);
            text = str_sub(text, (size_t)at + secret->len, text.len);
        }
        buf_str(&out, text);
        text = str_dup(d->arena, buf_view(&out));
    }
    return text;
}

/* The same within the texts of a document, however they were escaped there. */
static struct json *document_without_secrets(struct webhook_delivery *d, const struct json *value,
                                             bool *ret_changed)
{
    struct arena *arena = d->arena;
    bool object = json_is(value, JSON_OBJECT);
    if (json_is(value, JSON_STRING)) {
        struct str text = json_text(value), kept = without_secrets(d, text);
        *ret_changed |= !str_eq(text, kept);
        return json_new_str(arena, kept);
    }
    struct json *copy = object ? json_new_object(arena) : json_new_array(arena);
    for (size_t i = 0; i < json_len(value); i++) {
        const struct json *member = json_at(value, i);
        bool plain = !json_is(member, JSON_STRING) && json_len(member) == 0;
        struct json *kept =
            plain ? json_copy(arena, member) : document_without_secrets(d, member, ret_changed);
        if (object)
            json_set_str(arena, copy, without_secrets(d, json_key(value, i)), kept);
        else
            json_append(arena, copy, kept);
    }
    return copy;
}

/* A log is text: what is not UTF-8 would be no JSON either. */
static struct str readable(struct webhook_delivery *d, struct str body)
{
    size_t bad = 0;
    body = str_dup(d->arena, body);
    if (!body.ptr || (str_is_utf8(body, &bad) && !memchr(body.ptr, 0, body.len)))
        return without_secrets(d, body);
    return str_printf(d->arena, "(%zu bytes that are no text)", body.len);
}

void webhook_note(struct webhook_delivery *d, const char *level, const char *fmt, ...)
{
    struct buf line BUF_AUTO = BUF_INIT(LIMIT_WEBHOOK_LOG);
    char time[CLOCK_TEXT_LEN];
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&line, fmt, args);
    va_end(args);
    clock_format_offset(clock_now_us(d->clock), time);
    buf_printf(&d->log, "[%s] %s: ", time, level);
    if (line.overflow)
        buf_puts(&d->log, "(too long to be kept)");
    else
        buf_str(&d->log, without_secrets(d, buf_view(&line)));
    buf_putc(&d->log, '\n');
}

void webhook_release(struct webhook_delivery *d)
{
    buf_release(&d->log);
}

/* ---- the request ---- */

static struct str fill(struct webhook_delivery *d, const struct webhook_values *values,
                       struct str text, enum webhook_escape escape)
{
    struct str filled = webhook_render(values, text, escape, d->arena);
    d->too_large |= !filled.ptr;
    return filled.ptr ? filled : STR("");
}

static void add_field(struct webhook_delivery *d, struct str name, struct str value)
{
    bool secret = webhook_header_is_secret(name) && !d->policy->config.show_secrets;
    headers_add(d->arena, &d->request.headers, name, value);
    headers_add(d->arena, &d->shown_headers, name, secret ? STR(WEBHOOK_STARS) : value);
    if (secret) {
        add_secret(d, value);
        /* of "Bearer abc" the part that matters */
        struct str rest = value;
        str_cut(&rest, ' ');
        if (rest.ptr)
            add_secret(d, str_trim(rest));
    }
}

static void fill_fields(struct webhook_delivery *d, const struct webhook_request *request,
                        const struct webhook_values *values)
{
    for (size_t i = 0; i < json_len(request->headers); i++)
        add_field(d, json_key(request->headers, i),
                  fill(d, values, json_text(json_at(request->headers, i)), WEBHOOK_PLAIN));
    const char *const defaults[][2] = {{"accept", "*/*"},
                                       {"user-agent", d->policy->config.user_agent},
                                       {"content-type", "application/x-www-form-urlencoded"}};
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        if (headers_count(&d->request.headers, defaults[i][0]) == 0)
            add_field(d, str_of(defaults[i][0]), str_of(defaults[i][1]));
    }
}

/* In a body that is JSON the variables' values must not end its strings. */
static struct str fill_body(struct webhook_delivery *d, const struct json *body,
                            const struct webhook_values *values)
{
    struct json *unused = NULL;
    if (!body)
        return STR("");
    if (!json_is(body, JSON_STRING))
        return fill(d, values, json_to_str(d->arena, body, JSON_COMPACT), WEBHOOK_JSON);
    struct str text = json_text(body);
    bool is_json = json_parse(text, NULL, d->arena, &unused, NULL) == 0 &&
                   (json_is(unused, JSON_OBJECT) || json_is(unused, JSON_ARRAY));
    return fill(d, values, text, is_json ? WEBHOOK_JSON : WEBHOOK_PLAIN);
}

static void fill_credentials(struct webhook_delivery *d, const struct webhook_request *request,
                             const struct webhook_values *values)
{
    if (!request->username)
        return;
    const char *password = request->password ? request->password : "";
    struct str user = fill(d, values, str_of(request->username), WEBHOOK_PLAIN);
    struct str secret = fill(d, values, str_of(password), WEBHOOK_PLAIN);
    struct str both = str_printf(d->arena, "%.*s:%.*s", STR_FMT(user), STR_FMT(secret));
    d->request.username = str_cstr(d->arena, user);
    d->request.password = str_cstr(d->arena, secret);
    add_secret(d, secret);
    add_secret(d, hash_base64(d->arena, both));
    headers_addz(d->arena, &d->shown_headers, "authorization", WEBHOOK_STARS);
}

static void note_context(struct webhook_delivery *d, const struct webhook_values *values)
{
    struct json *context = json_new_object(d->arena);
    json_set(d->arena, context, "base_url", json_new_text(d->arena, d->base));
    VEC_EACH(values, const struct webhook_value *, value) {
        if (strcmp(value->name, "eventName") == 0)
            json_set(d->arena, context, "event_name", json_new_text(d->arena, value->text));
    }
    webhook_note(d, "DEBUG", "Webhook context %.*s",
                 STR_FMT(json_to_str(d->arena, context, JSON_COMPACT)));
}

static void note_request(struct webhook_delivery *d)
{
    webhook_note(d, "INFO", "HTTP/1.1 %s %s", d->request.method, d->request.url);
    VEC_EACH(&d->shown_headers, const struct header *, header)
        webhook_note(d, "INFO", "%.*s: %.*s", STR_FMT(header->name), STR_FMT(header->value));
    if (d->shown_body.len > 0)
        webhook_note(d, "INFO", "%.*s", STR_FMT(d->shown_body));
}

int webhook_prepare(const struct webhook_policy *policy, const struct webhook_request *request,
                    const struct webhook_values *values, const char *base,
                    const struct clock *clock, struct arena *arena, struct webhook_delivery *ret,
                    struct err *err)
{
    struct webhook_delivery *d = ret;
    *d = (struct webhook_delivery){.policy = policy,
                                   .clock = clock,
                                   .arena = arena,
                                   .base = base,
                                   .log = BUF_INIT(2 * LIMIT_WEBHOOK_LOG)};
    const char *key = NULL;
    d->request = (struct client_request){
        .method = webhook_method(arena, request),
        .url = fill(d, values, str_of(request->url), WEBHOOK_URL).ptr,
        .timeout_ms = (int)policy->config.timeout * 1000,
        .connect_timeout_ms = (int)policy->config.timeout * 1000,
        .max_body = LIMIT_WEBHOOK_RESPONSE,
        .clip_body = true,
        .guard = policy->hosts,
        .trusted = policy->trusted,
        .insecure = policy->config.insecure_tls,
    };
    d->shows_response = hosts_len(policy->hosts) > 0;
    fill_credentials(d, request, values);
    fill_fields(d, request, values);
    d->request.body = fill_body(d, request->body, values);
    d->shown_body = readable(d, d->request.body);
    note_context(d, values);
    note_request(d);
    if (d->too_large)
        return err_set(err, ERR_LIMIT, "the request is larger than %u bytes",
                       LIMIT_WEBHOOK_REQUEST);
    const char *refusal =
        webhook_policy_refusal(policy, d->request.method, d->request.url, arena, &key);
    if (refusal)
        return err_set(err, ERR_USAGE, "the %s of this webhook is not allowed: %s", key, refusal);
    return 0;
}

/* ---- the answer ---- */

static void take_document(struct webhook_delivery *d)
{
    bool changed = false;
    struct json *json = NULL;
    if (json_parse(d->response_body, NULL, d->arena, &json, NULL) < 0)
        return;
    bool texts = json_is(json, JSON_STRING) || json_len(json) > 0;
    if (texts && d->secrets.len > 0)
        json = document_without_secrets(d, json, &changed);
    if (changed)
        d->response_body = json_to_str(d->arena, json, JSON_COMPACT);
    d->response_json = json;
}

static void note_response(struct webhook_delivery *d, const struct client_response *response)
{
    webhook_note(d, "INFO", " ");
    webhook_note(d, "INFO", "HTTP/1.1 %d %s", response->status, http1_reason(response->status));
    if (!d->shows_response) {
        webhook_note(d, "INFO", "%s", webhook_hidden_text(d->arena, d->base));
        return;
    }
    VEC_EACH(&response->headers, const struct header *, header) {
        struct str value = readable(d, header->value);
        if (webhook_header_is_secret(header->name))
            value = STR(WEBHOOK_STARS);
        headers_add(d->arena, &d->response_headers, str_dup(d->arena, header->name), value);
        webhook_note(d, "INFO", "%.*s: %.*s", STR_FMT(header->name), STR_FMT(value));
    }
    d->response_body = readable(d, response->body);
    take_document(d);
    if (d->response_body.len > 0)
        webhook_note(d, "INFO", "%.*s", STR_FMT(d->response_body));
}

void webhook_complete(struct webhook_delivery *d, const struct client_response *response,
                      const struct err *err)
{
    if (response) {
        d->status = response->status;
        d->success = webhook_policy_success(d->policy, response->status);
        note_response(d, response);
    } else {
        d->error = str_cstr(d->arena, without_secrets(d, str_of(err->text)));
        webhook_note(d, "ERROR", "Error executing webhook - %s", d->error);
    }
}
