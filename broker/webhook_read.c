// SPDX-License-Identifier: Apache-2.0
#include "broker/webhook_read.h"

#include "broker/call.h"
#include "broker/webhook.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/json/json.h"
#include "lib/wire/headers.h"

struct reading {
    struct call *call;
    const struct webhook_request *old;
    struct webhook *row;
    struct webhook_request *request;
    struct issues *issues;
    bool elsewhere; /* the URL leads to another server than that of `old` */
};

static bool is_given(const struct json *value)
{
    return value && json_type(value) != JSON_NULL;
}

/* ---- consumer and provider ---- */

static const char *side_text(struct reading *r, const struct json *side, const char *member,
                             const char *key)
{
    const struct json *value = json_get(side, member);
    if (!is_given(value))
        return NULL;
    if (!json_is(value, JSON_STRING))
        issues_add(r->call, r->issues, key, "must be a string");
    else if (str_trim(json_text(value)).len == 0)
        issues_add(r->call, r->issues, key, "cannot be blank");
    else
        return str_cstr(r->call->arena, json_text(value));
    return NULL;
}

static int read_side(struct reading *r, const struct json *body, const char *role, int64_t *ret_id,
                     const char **ret_name, const char **ret_label, struct err *err)
{
    struct call *call = r->call;
    const struct json *side = json_get(body, role);
    struct pacticipant found = {0};
    if (!is_given(side))
        return 0;
    if (!json_is(side, JSON_OBJECT)) {
        issues_add(call, r->issues, role, "must be a hash");
        return 0;
    }
    const char *name_key = arena_printf(call->arena, "%s.name", role);
    const char *label_key = arena_printf(call->arena, "%s.label", role);
    bool has_name = is_given(json_get(side, "name")), has_label = is_given(json_get(side, "label"));
    const char *name = side_text(r, side, "name", name_key);
    *ret_label = side_text(r, side, "label", label_key);
    if (has_name && has_label)
        issues_add(call, r->issues, role, "name and label cannot be provided at the same time");
    else if (!has_name && !has_label)
        issues_add(call, r->issues, name_key, "cannot be blank");
    if (!name)
        return 0;
    int code = store_pacticipant_find(call->store, name, call->arena, &found, err);
    if (code == 0)
        issues_add(call, r->issues, name_key, "does not match an existing pacticipant");
    *ret_id = found.id;
    *ret_name = found.name;
    return code < 0 ? code : 0;
}

/* ---- request ---- */

static const char *const methods[] = {"GET",     "HEAD",  "POST",     "PUT",       "DELETE",
                                      "OPTIONS", "TRACE", "PATCH",    "COPY",      "LOCK",
                                      "MKCOL",   "MOVE",  "PROPFIND", "PROPPATCH", "UNLOCK"};

static bool method_known(const char *method)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (str_eq_nocase(str_of(method), str_of(methods[i])))
            return true;
    }
    return false;
}

/* Variables have characters that no URL has. */
static const char *without_variables(struct reading *r, const char *url)
{
    struct arena *arena = r->call->arena;
    struct str text = str_of(url);
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_WEBHOOK_REQUEST);
    for (;;) {
        long at = str_find(text, STR("${pactbroker."));
        long end = at < 0 ? -1 : str_chr(str_sub(text, (size_t)at, text.len), '}');
        if (end < 0)
            break;
        buf_append(&out, text.ptr, (size_t)at);
        buf_puts(&out, "placeholder");
        text = str_sub(text, (size_t)(at + end) + 1, text.len);
    }
    buf_str(&out, text);
    return arena_strdup(arena, buf_view(&out).ptr);
}

/* No escapes: who checks a host and who calls it must read the same. */
static bool host_ok(struct str host)
{
    bool address = host.len > 0 && host.ptr[0] == '[';
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !strchr(address ? "[]:." : "-._", c))
            return false;
    }
    return host.len > 0;
}

static bool url_ok(const char *url)
{
    struct str text = str_of(url);
    long colon = str_chr(text, ':');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c))
            return false;
    }
    for (long i = 0; i < colon; i++) {
        char c = text.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
            return false;
    }
    return colon > 0 && host_ok(webhook_url_host(text));
}

static void check_url(struct reading *r, const char *url)
{
    const char *plain = without_variables(r, url), *key = NULL;
    if (!url_ok(plain)) {
        issues_add(r->call, r->issues, "request.url", "is not a valid URL eg. http://example.org");
        return;
    }
    /* With a method that is allowed, so that what is wrong with the URL is said beside it. */
    const char *allowed = str_cstr(r->call->arena, r->call->webhooks->methods.items[0]);
    const char *refusal =
        webhook_policy_refusal(r->call->webhooks, allowed, plain, r->call->arena, &key);
    if (webhook_has_variable(webhook_url_host(str_of(url))))
        issues_add(r->call, r->issues, "request.url",
                   "cannot have a template parameter in the host");
    else if (refusal && strcmp(key, "url") == 0)
        issues_add(r->call, r->issues, "request.url", "%s", refusal);
}

static void check_method(struct reading *r, const char *method)
{
    const char *key = NULL, *refusal;
    if (!method_known(method)) {
        issues_add(r->call, r->issues, "request.method", "is not a recognised HTTP method");
        return;
    }
    refusal = webhook_policy_refusal(r->call->webhooks, method, "", r->call->arena, &key);
    if (refusal && strcmp(key, "method") == 0)
        issues_add(r->call, r->issues, "request.method", "%s", refusal);
}

static const char *member(struct reading *r, const struct json *request, const char *name,
                          unsigned rules)
{
    struct issues own = {0};
    const char *key = arena_printf(r->call->arena, "request.%s", name);
    const char *text = call_text_member(r->call, request, name, rules, &own);
    VEC_EACH(&own, const struct issue *, issue)
        issues_add(r->call, r->issues, key, "%s", issue->text);
    return own.len == 0 ? text : NULL;
}

/* "https://user:password@host/" becomes what it means, so that no URL is shown with credentials. */
static void take_credentials(struct reading *r)
{
    struct arena *arena = r->call->arena;
    struct str url = str_of(r->request->url);
    long start = str_find(url, STR("://"));
    struct str host = webhook_url_host(url);
    size_t from = (size_t)start + 3, until = host.ptr ? (size_t)(host.ptr - url.ptr) : from;
    if (start < 0 || until <= from)
        return;
    struct str password = str_sub(url, from, until - 1 - from), user = str_cut(&password, ':');
    if (!r->request->username) {
        r->request->username = str_cstr(arena, user);
        r->request->password = password.ptr ? str_cstr(arena, password) : NULL;
    }
    r->request->url = arena_printf(arena, "%.*s%s", (int)from, url.ptr, url.ptr + until);
}

/* Scheme and authority. */
static struct str server_of(struct str url)
{
    long start = str_find(url, STR("://"));
    size_t n = start < 0 ? url.len : (size_t)start + 3;
    while (n < url.len && !strchr("/?#\\", url.ptr[n]))
        n++;
    return str_sub(url, 0, n);
}

/* Stars stand for the secret that is kept, but it goes only where it went before: who may change a
 * webhook must not learn from another server what he is not shown. */
static bool keeps(struct reading *r, const char *key)
{
    if (r->elsewhere)
        issues_add(r->call, r->issues, key,
                   "must be given again, because the URL leads to another server");
    return !r->elsewhere;
}

static struct json *find_header(struct json *headers, struct str name)
{
    for (size_t i = 0; i < json_len(headers); i++) {
        if (str_eq_nocase(json_key(headers, i), name))
            return json_at(headers, i);
    }
    return NULL;
}

static void read_headers(struct reading *r, const struct json *request)
{
    struct arena *arena = r->call->arena;
    const struct json *given = json_get(request, "headers");
    if (!is_given(given))
        return;
    if (!json_is(given, JSON_OBJECT) || json_len(given) > LIMIT_HTTP_HEADERS) {
        issues_add(r->call, r->issues, "request.headers", "must be a hash");
        return;
    }
    r->request->headers = json_new_object(arena);
    for (size_t i = 0; i < json_len(given); i++) {
        struct str name = json_key(given, i);
        const struct json *value = json_at(given, i);
        struct str text = json_is(value, JSON_STRING) ? json_text(value)
                                                      : json_to_str(arena, value, JSON_COMPACT);
        struct json *kept = r->old ? find_header(r->old->headers, name) : NULL;
        if (!headers_name_ok(name) || !headers_value_ok(text))
            issues_add(r->call, r->issues, "request.headers", "'%.*s' is in invalid format",
                       STR_FMT(str_sub(name, 0, 100)));
        else if (kept && text.len > 0 && webhook_header_is_secret(name) && webhook_is_stars(text) &&
                 keeps(r, "request.headers"))
            json_set_str(arena, r->request->headers, name, kept);
        else
            json_set_str(arena, r->request->headers, name, json_new_str(arena, text));
    }
}

static void read_request(struct reading *r, const struct json *body)
{
    struct webhook_request *own = r->request;
    const struct json *request = json_get(body, "request");
    if (!request) {
        issues_add(r->call, r->issues, "request", "is missing");
        return;
    }
    if (!json_is(request, JSON_OBJECT)) {
        issues_add(r->call, r->issues, "request",
                   json_type(request) == JSON_NULL ? "must be filled" : "must be a hash");
        return;
    }
    own->method = member(r, request, "method", TEXT_REQUIRED);
    own->url = member(r, request, "url", TEXT_REQUIRED);
    own->username = member(r, request, "username", 0);
    own->password = member(r, request, "password", 0);
    r->elsewhere = r->old && own->url && r->old->url &&
                   !str_eq_nocase(server_of(str_of(own->url)), server_of(str_of(r->old->url)));
    if (r->old && r->old->password && own->password && webhook_is_stars(str_of(own->password)) &&
        keeps(r, "request.password"))
        own->password = r->old->password;
    own->body = is_given(json_get(request, "body")) ? json_get(request, "body") : NULL;
    read_headers(r, request);
    if (own->method)
        check_method(r, own->method);
    if (own->url) {
        check_url(r, own->url);
        take_credentials(r);
    }
}

/* ---- events ---- */

static void bad_event(struct reading *r, size_t i)
{
    struct buf out BUF_AUTO = BUF_INIT(4096);
    for (int event = 0; event < WEBHOOK_EVENTS; event++)
        buf_printf(&out, "%s%s", event ? ", " : "", webhook_event_name((enum webhook_event)event));
    issues_add(r->call, r->issues, "events", "name must be one of: %s (at index %zu)",
               buf_view(&out).ptr, i);
}

static void add_event(struct webhook *row, enum webhook_event event)
{
    for (size_t i = 0; i < row->n_events; i++) {
        if (row->events[i] == event)
            return;
    }
    row->events[row->n_events++] = event;
}

static void read_events(struct reading *r, const struct json *body)
{
    const struct json *events = json_get(body, "events");
    r->row->n_events = 0;
    if (!is_given(events)) {
        add_event(r->row, WEBHOOK_CONTRACT_CONTENT_CHANGED);
        return;
    }
    if (!json_is(events, JSON_ARRAY)) {
        issues_add(r->call, r->issues, "events", "must be an array");
        return;
    }
    if (json_len(events) == 0)
        issues_add(r->call, r->issues, "events", "size cannot be less than 1");
    for (size_t i = 0; i < json_len(events); i++) {
        const struct json *name = json_get(json_at(events, i), "name");
        enum webhook_event event;
        if (!json_is(json_at(events, i), JSON_OBJECT))
            issues_add(r->call, r->issues, "events", "must be a hash (at index %zu)", i);
        else if (!name)
            issues_add(r->call, r->issues, "events", "name is missing (at index %zu)", i);
        else if (!json_is(name, JSON_STRING) || !webhook_event_parse(json_text(name), &event))
            bad_event(r, i);
        else
            add_event(r->row, event);
    }
}

int webhook_read(struct call *call, const struct json *body, const struct webhook_request *old,
                 struct webhook *row, struct webhook_request *request, struct issues *issues,
                 struct err *err)
{
    struct reading r = {.call = call, .old = old, .row = row, .request = request, .issues = issues};
    row->consumer_id = row->provider_id = 0;
    row->consumer = row->provider = row->consumer_label = row->provider_label = NULL;
    row->description = call_text_member(call, body, "description", 0, issues);
    if (row->description && str_trim(str_of(row->description)).len == 0)
        row->description = NULL;
    int code = read_side(&r, body, "consumer", &row->consumer_id, &row->consumer,
                         &row->consumer_label, err);
    if (code == 0)
        code = read_side(&r, body, "provider", &row->provider_id, &row->provider,
                         &row->provider_label, err);
    const struct json *enabled = json_get(body, "enabled");
    if (is_given(enabled) && !json_is(enabled, JSON_BOOL))
        issues_add(call, issues, "enabled", "must be boolean");
    row->enabled = !is_given(enabled) || json_bool(enabled);
    if (call->body.len > LIMIT_WEBHOOK_REQUEST)
        issues_add(call, issues, "request", "cannot be larger than %u bytes",
                   LIMIT_WEBHOOK_REQUEST);
    read_request(&r, body);
    read_events(&r, body);
    return code;
}
