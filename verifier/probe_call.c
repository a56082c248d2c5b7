// SPDX-License-Identifier: Apache-2.0
/* Calls to the provider, and how they appear in evidence: what peers wrote, short and masked. */
#include "verifier/probe_parts.h"

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/limits.h"

enum { CALL_MS = 30000 };

/* ---- URLs ---- */

static bool is_absolute(struct str url)
{
    return str_starts(url, STR("http://")) || str_starts(url, STR("https://"));
}

bool probe_is_off(const char *option)
{
    return strcmp(option, PROBE_NONE) == 0;
}

const char *probe_url(const struct probe *probe, const char *path_or_url)
{
    struct str text = str_of(path_or_url);
    return is_absolute(text)
               ? path_or_url
               : str_cstr(probe->arena,
                          url_join(probe->arena, str_of(probe->config.base_url), text));
}

/* "http://host:1" of a URL. */
static struct str origin_of(struct str url)
{
    long scheme_end = str_find(url, STR("://"));
    size_t at = scheme_end < 0 ? 0 : (size_t)scheme_end + 3;
    while (at < url.len && !strchr("/?#", url.ptr[at]))
        at++;
    return str_sub(url, 0, at);
}

bool probe_is_own(const struct probe *probe, const char *url)
{
    return str_eq_nocase(origin_of(str_of(url)), origin_of(str_of(probe->config.base_url)));
}

struct headers probe_headers(const struct probe *probe, const char *url)
{
    struct headers headers = {0};
    headers_addz(probe->arena, &headers, "Accept", "application/json, */*;q=0.5");
    VEC_EACH(&probe->config.headers, const struct header *, header) {
        if (probe_is_own(probe, url))
            headers_set(probe->arena, &headers, header->name, header->value);
    }
    return headers;
}

/* ---- calls ---- */

static struct str status_problem(struct probe *probe, const struct probe_reply *reply)
{
    int status = reply->response.status;
    const char *hint = status == 401 || status == 403 ? "; give credentials with --header" : "";
    if (status >= 200 && status < 300)
        return STR_NONE;
    return str_printf(probe->arena, "%.*s answered %d%s", STR_FMT(reply->url), status, hint);
}

int probe_call(struct probe *probe, const char *url, const struct json *body,
               struct probe_reply *ret, struct err *err)
{
    struct err failure = ERR_INIT;
    bool connected = false;
    struct probe_reply reply = {.url = probe_shown_url(probe, str_of(url))};
    struct client_request request = {
        .method = body ? "POST" : "GET",
        .url = url,
        .headers = probe_headers(probe, url),
        .timeout_ms = CALL_MS,
        .ret_connected = &connected,
    };
    if (body) {
        headers_addz(probe->arena, &request.headers, "Content-Type", "application/json");
        request.body = json_to_str(probe->arena, body, JSON_COMPACT);
    }
    int rc = client_call(probe->client, &request, probe->arena, &reply.response, &failure);
    if (rc == 0) {
        probe->answers++;
        reply.missing = reply.response.status == 404 || reply.response.status == 410;
        reply.problem = status_problem(probe, &reply);
        *ret = reply;
        return 0;
    }
    if (rc == ERR_USAGE || !connected) {
        if (err)
            *err = failure;
        return rc;
    }
    if (probe->first.code == ERR_NONE)
        probe->first = failure;
    reply.problem = str_of(arena_strdup(probe->arena, failure.text));
    *ret = reply;
    return 0;
}

/* ---- what must not be shown ---- */

bool probe_is_secret_name(struct str name)
{
    static const char *const words[] = {
        "token",  "secret",  "password",   "authorization", "apikey", "api-key", "api_key",
        "cookie", "session", "credential", "signature",     "jwt",    NULL};
    char lower[64];
    size_t len = name.len < sizeof lower ? name.len : sizeof lower;
    for (size_t i = 0; i < len; i++) {
        char c = name.ptr[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    for (size_t i = 0; words[i]; i++) {
        if (str_find(str_make(lower, len), str_of(words[i])) >= 0)
            return true;
    }
    return false;
}

/* A value that only a machine made: a JWT, "Bearer ...", or 32 characters and more of letters and
 * digits mixed. */
static bool is_secret_value(struct str value)
{
    bool letter = false, digit = false;
    if (str_starts(value, STR("eyJ")) || str_starts(value, STR("Bearer ")) ||
        str_starts(value, STR("Basic ")))
        return true;
    if (value.len < 32 || is_absolute(value))
        return false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool number = c >= '0' && c <= '9';
        if (!alpha && !number && !strchr("-_+/=.", c))
            return false;
        letter = letter || alpha;
        digit = digit || number;
    }
    return letter && digit;
}

/* How much of an answer may be shown. */
enum mask {
    MASK_SECRETS, /* all but what looks like a secret */
    MASK_ROWS,    /* the shape, and what tells rows apart: they are about people */
    MASK_PUSH,    /* the shape and the notification id */
};

static bool may_show(enum mask mask, struct str key)
{
    static const char *const identity[] = {"id", "uuid", "_id", "key", "__typename", NULL};
    if (mask == MASK_SECRETS)
        return !probe_is_secret_name(key);
    if (mask == MASK_PUSH)
        return str_is(key, "notification_id");
    for (size_t i = 0; identity[i]; i++) {
        if (str_is(key, identity[i]))
            return true;
    }
    return false;
}

static struct json *masked(struct probe *probe, const struct json *value, struct str key,
                           enum mask mask)
{
    struct arena *arena = probe->arena;
    struct str text = json_text(value);
    bool shown = may_show(mask, key);
    if (json_is(value, JSON_STRING))
        return json_new_str(arena, shown && !is_secret_value(text)
                                       ? text
                                       : str_printf(arena, "(%zu characters)", text.len));
    if (json_is(value, JSON_NUMBER) && !shown)
        return json_new_text(arena, "(a number)");
    if (!json_is(value, JSON_ARRAY) && !json_is(value, JSON_OBJECT))
        return json_copy(arena, value);
    bool object = json_is(value, JSON_OBJECT);
    struct json *copy = object ? json_new_object(arena) : json_new_array(arena);
    for (size_t i = 0; i < json_len(value); i++) {
        if (object)
            json_set_str(arena, copy, json_key(value, i),
                         masked(probe, json_at(value, i), json_key(value, i), mask));
        else
            json_append(arena, copy, masked(probe, json_at(value, i), key, mask));
    }
    return copy;
}

/* Cut between characters; bytes that are no UTF-8 cannot stand in a JSON text. */
static struct str shorten(struct probe *probe, struct str text, size_t max)
{
    if (!str_is_utf8(text, NULL))
        return str_printf(probe->arena, "(%zu bytes that are no UTF-8)", text.len);
    if (text.len <= max)
        return text;
    size_t len = max;
    while (len > 0 && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return str_printf(probe->arena, "%.*s… (%zu bytes)", (int)len, text.ptr, text.len);
}

struct str probe_excerpt(struct probe *probe, struct str body, size_t max)
{
    struct json *value;
    if (max > LIMIT_SHOWN)
        max = LIMIT_SHOWN;
    if (!body.ptr)
        return STR_NONE;
    if (json_parse(body, "answer", probe->arena, &value, NULL) == 0)
        body = json_to_str(probe->arena, masked(probe, value, STR(""), MASK_SECRETS), JSON_COMPACT);
    return shorten(probe, body, max);
}

struct str probe_rows_excerpt(struct probe *probe, const struct json *body, size_t max)
{
    struct json *copy = masked(probe, body, STR(""), MASK_ROWS);
    return shorten(probe, json_to_str(probe->arena, copy, JSON_COMPACT), max);
}

struct str probe_push_excerpt(struct probe *probe, const struct json *payload, size_t max)
{
    struct json *copy = masked(probe, payload, STR(""), MASK_PUSH);
    return shorten(probe, json_to_str(probe->arena, copy, JSON_COMPACT), max);
}

struct str probe_shown_url(struct probe *probe, struct str url)
{
    struct str query = url_redact(probe->arena, url), shown = str_cut(&query, '?');
    struct str separator = STR("?");
    while (query.ptr) {
        struct str value = str_cut(&query, '&'), name = str_cut(&value, '=');
        struct str written = value.ptr && probe_is_secret_name(name) ? STR("...") : value;
        shown = str_printf(probe->arena, "%.*s%.*s%.*s%s%.*s", STR_FMT(shown), STR_FMT(separator),
                           STR_FMT(name), value.ptr ? "=" : "", STR_FMT(written));
        separator = STR("&");
    }
    return shown;
}

/* ---- findings ---- */

struct json *probe_evidence(struct probe *probe, struct adr_finding *finding)
{
    if (!finding->evidence)
        finding->evidence = json_new_object(probe->arena);
    return finding->evidence;
}

void probe_evidence_text(struct probe *probe, struct adr_finding *finding, const char *key,
                         struct str value)
{
    if (value.ptr)
        json_set(probe->arena, probe_evidence(probe, finding), key,
                 json_new_str(probe->arena, value));
}

struct adr_finding *probe_add(struct probe *probe, const char *rule, enum adr_verdict verdict,
                              enum adr_tier tier, struct str subject, struct str text,
                              const char *next)
{
    struct adr_finding *finding = VEC_PUSH(probe->arena, &probe->findings);
    *finding = (struct adr_finding){
        .rule = rule,
        .verdict = verdict,
        .tier = tier,
        .subject = subject,
        .text = text,
    };
    probe_evidence_text(probe, finding, "next", str_of(next));
    return finding;
}

void probe_evidence_call(struct probe *probe, size_t from, const struct probe_reply *reply)
{
    enum { EXCERPT = 400 };
    for (size_t i = from; i < probe->findings.len; i++) {
        struct adr_finding *finding = &probe->findings.items[i];
        struct json *evidence = probe_evidence(probe, finding);
        probe_evidence_text(probe, finding, "url", reply->url);
        if (reply->response.status > 0) {
            json_set(probe->arena, evidence, "status",
                     json_new_int(probe->arena, reply->response.status));
            json_set(probe->arena, evidence, "bytes",
                     json_new_int(probe->arena, (int64_t)reply->response.body.len));
            probe_evidence_text(probe, finding, "excerpt",
                                probe_excerpt(probe, reply->response.body, EXCERPT));
        }
        probe_evidence_text(probe, finding, "reproduce", probe_curl(probe, reply->url));
    }
}

void probe_note(struct probe *probe, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    *VEC_PUSH(probe->arena, &probe->notes) = str_of(arena_vprintf(probe->arena, fmt, args));
    va_end(args);
}

/* ---- commands that show it again ---- */

struct str probe_quote(struct probe *probe, struct str text)
{
    bool plain = text.len > 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    (c != '\0' && strchr("-_./:@%+=,", c));
        plain = plain && safe;
    }
    if (plain)
        return text;
    struct str quoted = STR("'");
    while (text.ptr) {
        struct str part = str_cut(&text, '\'');
        quoted = str_printf(probe->arena, "%.*s%.*s%s", STR_FMT(quoted), STR_FMT(part),
                            text.ptr ? "'\\''" : "'");
    }
    return quoted;
}

/* The --header options again; a value that is a secret has to be filled in. */
static struct str header_options(struct probe *probe, const char *option)
{
    struct str all = STR("");
    VEC_EACH(&probe->config.headers, const struct header *, header) {
        bool secret = probe_is_secret_name(header->name) || is_secret_value(header->value);
        struct str field = str_printf(probe->arena, "%.*s: %.*s", STR_FMT(header->name),
                                      STR_FMT(secret ? STR("...") : header->value));
        all = str_printf(probe->arena, "%.*s %s %.*s", STR_FMT(all), option,
                         STR_FMT(probe_quote(probe, field)));
    }
    return all;
}

struct str probe_curl(struct probe *probe, struct str url)
{
    bool own = probe_is_own(probe, str_cstr(probe->arena, url));
    struct str options = own ? header_options(probe, "-H") : STR("");
    return str_printf(probe->arena, "curl -s%.*s %.*s", STR_FMT(options),
                      STR_FMT(probe_quote(probe, url)));
}

struct str probe_again(struct probe *probe, const char *more)
{
    struct str url = probe_shown_url(probe, str_of(probe->config.base_url));
    return str_printf(probe->arena, "tally probe --provider-base-url %.*s%.*s%s%s --no-publish",
                      STR_FMT(probe_quote(probe, url)), STR_FMT(header_options(probe, "--header")),
                      *more ? " " : "", more);
}
