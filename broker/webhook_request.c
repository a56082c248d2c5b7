// SPDX-License-Identifier: Apache-2.0
/* The request of a webhook: kept sealed, shown without its secrets, filled in from variables. */
#include "broker/webhook.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/seal.h"
#include "lib/json/json.h"
#include "lib/wire/url.h"

#define VARIABLE STR("${pactbroker.")

/* ---- at rest ---- */

static void put(struct arena *arena, struct json *object, const char *key, const char *text)
{
    if (text)
        json_set(arena, object, key, json_new_text(arena, text));
}

int webhook_request_seal(const struct webhook_policy *policy, const struct webhook_request *request,
                         const char *uuid, struct arena *arena, struct str *ret, struct err *err)
{
    struct json *text = json_new_object(arena);
    put(arena, text, "method", request->method);
    put(arena, text, "url", request->url);
    put(arena, text, "username", request->username);
    put(arena, text, "password", request->password);
    if (request->headers)
        json_set(arena, text, "headers", request->headers);
    if (request->body)
        json_set(arena, text, "body", request->body);
    return seal_close(policy->seal, json_to_str(arena, text, JSON_COMPACT), str_of(uuid), arena,
                      ret, err);
}

int webhook_request_open(const struct webhook_policy *policy, const struct webhook *webhook,
                         struct arena *arena, struct webhook_request *ret, struct err *err)
{
    struct str text;
    struct json *json = NULL;
    int code = seal_open(policy->seal, webhook->request, str_of(webhook->uuid), arena, &text, err);
    if (code == 0)
        code = json_parse(text, NULL, arena, &json, err);
    if (code < 0) {
        err_wrap(err, "webhook %s", webhook->uuid);
        return code;
    }
    *ret = (struct webhook_request){
        .method = str_cstr(arena, json_get_text(json, "method")),
        .url = str_cstr(arena, json_get_text(json, "url")),
        .username = str_cstr(arena, json_get_text(json, "username")),
        .password = str_cstr(arena, json_get_text(json, "password")),
        .headers = json_get(json, "headers"),
        .body = json_get(json, "body"),
    };
    return 0;
}

/* ---- what is shown ---- */

static bool contains_nocase(struct str text, struct str word)
{
    for (size_t i = 0; i + word.len <= text.len; i++) {
        if (str_eq_nocase(str_sub(text, i, word.len), word))
            return true;
    }
    return false;
}

bool webhook_header_is_secret(struct str name)
{
    return contains_nocase(name, STR("authorization")) || contains_nocase(name, STR("token"));
}

bool webhook_has_variable(struct str text)
{
    return str_find(text, VARIABLE) >= 0;
}

const char *webhook_redact(struct arena *arena, const char *value)
{
    (void)arena;
    return !value || webhook_has_variable(str_of(value)) ? value : WEBHOOK_STARS;
}

bool webhook_is_stars(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] != '*')
            return false;
    }
    return true;
}

struct str webhook_url_host(struct str url)
{
    long start = str_find(url, STR("://"));
    if (start < 0)
        return STR_NONE;
    struct str rest = str_sub(url, (size_t)start + 3, url.len);
    size_t n = 0;
    while (n < rest.len && !strchr("/?#\\", rest.ptr[n]))
        n++;
    rest = str_sub(rest, 0, n);
    for (size_t i = rest.len; i > 0; i--) {
        if (rest.ptr[i - 1] == '@') {
            rest = str_sub(rest, i, rest.len);
            break;
        }
    }
    long end = rest.len > 0 && rest.ptr[0] == '[' ? str_chr(rest, ']') : -1;
    if (end > 0)
        return str_sub(rest, 0, (size_t)end + 1);
    return str_cut(&rest, ':');
}

const char *webhook_method(struct arena *arena, const struct webhook_request *request)
{
    char *copy = arena_strdup(arena, request->method);
    for (char *p = copy; *p; p++)
        *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    return copy;
}

const char *webhook_summary(struct arena *arena, const struct webhook_request *request)
{
    struct str host = webhook_url_host(str_of(request->url));
    return arena_printf(arena, "%s %.*s", webhook_method(arena, request), STR_FMT(host));
}

/* ---- variables ---- */

bool webhook_request_uses(const struct webhook_request *request, const char *name,
                          struct arena *arena)
{
    struct str variable = str_of(arena_printf(arena, "${pactbroker.%s}", name));
    const struct str places[] = {
        str_of(request->url),
        str_of(request->username),
        str_of(request->password),
        request->headers ? json_to_str(arena, request->headers, JSON_COMPACT) : STR_NONE,
        request->body ? json_to_str(arena, request->body, JSON_COMPACT) : STR_NONE,
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (str_find(places[i], variable) >= 0)
            return true;
    }
    return false;
}

static const char *value_of(const struct webhook_values *values, struct str name)
{
    VEC_EACH(values, const struct webhook_value *, value) {
        if (str_is(name, value->name))
            return value->text ? value->text : "";
    }
    return NULL;
}

/* As in a form: a space is a plus. */
static void add_url(struct buf *out, struct str text, struct arena *arena)
{
    struct str encoded = url_encode(arena, text);
    for (size_t i = 0; i < encoded.len; i++) {
        if (str_starts(str_sub(encoded, i, 3), STR("%20"))) {
            buf_putc(out, '+');
            i += 2;
        } else {
            buf_putc(out, encoded.ptr[i]);
        }
    }
}

static void add_value(struct buf *out, const char *text, enum webhook_escape escape,
                      struct arena *arena)
{
    struct str quoted;
    switch (escape) {
    case WEBHOOK_PLAIN:
        buf_puts(out, text);
        break;
    case WEBHOOK_URL:
        add_url(out, str_of(text), arena);
        break;
    case WEBHOOK_JSON:
        quoted = json_to_str(arena, json_new_text(arena, text), JSON_COMPACT);
        buf_append(out, quoted.ptr + 1, quoted.len - 2);
        break;
    }
}

struct str webhook_render(const struct webhook_values *values, struct str text,
                          enum webhook_escape escape, struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_WEBHOOK_REQUEST);
    for (;;) {
        long at = str_find(text, VARIABLE);
        long end = at < 0 ? -1 : str_chr(str_sub(text, (size_t)at, text.len), '}');
        if (end < 0)
            break;
        size_t start = (size_t)at + VARIABLE.len;
        const char *value = value_of(values, str_sub(text, start, (size_t)(at + end) - start));
        buf_append(&out, text.ptr, (size_t)at);
        if (value)
            add_value(&out, value, escape, arena);
        else
            buf_append(&out, text.ptr + at, (size_t)end + 1);
        text = str_sub(text, (size_t)(at + end) + 1, text.len);
    }
    buf_str(&out, text);
    return out.overflow ? STR_NONE : str_dup(arena, buf_view(&out));
}
