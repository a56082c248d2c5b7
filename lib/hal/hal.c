// SPDX-License-Identifier: Apache-2.0
#include "lib/hal/hal.h"

#include <stdlib.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/hal/hal_internal.h"
#include "lib/http/client.h"
#include "lib/wire/headers.h"
#include "lib/wire/http1.h"
#include "lib/wire/url.h"

enum { FIRST_WAIT_MS = 200, LONGEST_WAIT_MS = 10000, REASON_SHOWN = 200 };

/* user:password@ of an authority, decoded; the rest of the authority stays in *authority. */
static int take_credentials(struct hal *hal, struct str *authority, struct err *err)
{
    long at = -1;
    for (size_t i = 0; i < authority->len; i++) {
        if (authority->ptr[i] == '@')
            at = (long)i;
    }
    if (at < 0)
        return 0;
    struct str password = str_sub(*authority, 0, (size_t)at);
    struct str name = str_cut(&password, ':');
    struct str decoded = STR_NONE;
    *authority = str_sub(*authority, (size_t)at + 1, authority->len);
    if (url_decode(name, false, hal->arena, &decoded, err) < 0)
        return err_wrap(err, "user name in the broker's URL");
    hal->username = str_cstr(hal->arena, decoded);
    if (!password.ptr)
        return 0;
    if (url_decode(password, false, hal->arena, &decoded, err) < 0)
        return err_wrap(err, "password in the broker's URL");
    hal->password = str_cstr(hal->arena, decoded);
    return 0;
}

static int take_url(struct hal *hal, const char *text, struct err *err)
{
    struct str url = str_trim(str_of(text));
    if (url.len == 0)
        return err_set(err, ERR_USAGE, "the broker's URL is missing");
    struct str scheme = str_sub(url, 0, url.len);
    long colon = str_find(url, STR("://"));
    scheme.len = colon < 0 ? 0 : (size_t)colon;
    if (!str_eq_nocase(scheme, STR("http")) && !str_eq_nocase(scheme, STR("https"))) {
        struct str shown = url_redact(hal->arena, url);
        return err_set(err, ERR_USAGE,
                       "the broker's URL must start with http:// or https://: '%.*s'",
                       STR_FMT(shown));
    }
    struct str rest = str_sub(url, scheme.len + 3, url.len);
    size_t authority_len = 0;
    while (authority_len < rest.len && !strchr("/?#", rest.ptr[authority_len]))
        authority_len++;
    struct str authority = str_sub(rest, 0, authority_len);
    struct str path = str_sub(rest, authority_len, rest.len);
    if (str_chr(path, '?') >= 0 || str_chr(path, '#') >= 0)
        return err_set(err, ERR_USAGE, "the broker's URL must end with its path");
    while (path.len > 0 && path.ptr[path.len - 1] == '/')
        path.len--;
    int rc = take_credentials(hal, &authority, err);
    if (rc < 0)
        return rc;
    if (authority.len == 0)
        return err_set(err, ERR_USAGE, "the broker's URL names no host");
    hal->origin = arena_printf(hal->arena, "%.*s://%.*s", STR_FMT(scheme), STR_FMT(authority));
    hal->base_path = str_dup(hal->arena, path);
    hal->base_url = arena_printf(hal->arena, "%s%.*s", hal->origin, STR_FMT(path));
    return 0;
}

static const char *keep(struct hal *hal, const char *text)
{
    return text && *text ? arena_strdup(hal->arena, text) : NULL;
}

int hal_new(const struct hal_config *config, struct hal **ret, struct err *err)
{
    struct hal *hal = calloc(1, sizeof *hal);
    if (!hal)
        arena_exhausted(sizeof *hal);
    hal->arena = arena_new();
    int rc = take_url(hal, config->base_url, err);
    if (rc < 0) {
        hal_free(hal);
        return rc;
    }
    /* What was given by itself wins over what stands in the URL; a token over both. */
    if (keep(hal, config->username)) {
        hal->username = keep(hal, config->username);
        hal->password = keep(hal, config->password);
    }
    hal->token = keep(hal, config->token);
    if (hal->token)
        hal->username = hal->password = NULL;
    hal->retries = config->retries;
    hal->timeout_ms = config->timeout_ms;
    hal->client = client_new();
    *ret = hal;
    return 0;
}

void hal_free(struct hal *hal)
{
    if (!hal)
        return;
    client_free(hal->client);
    arena_free(hal->arena);
    free(hal);
}

const char *hal_base_url(const struct hal *hal)
{
    return hal->base_url;
}

/*
 * The path of a link may or may not know of the prefix under which a proxy shows the broker; with
 * the prefix put where it lacks both work.
 */
static int resolve(const struct hal *hal, const char *url, struct arena *arena, const char **ret,
                   struct err *err)
{
    struct str path = STR_NONE, query = STR_NONE;
    struct str text = str_of(url);
    if (str_chr(text, '#') >= 0)
        text = str_sub(text, 0, (size_t)str_chr(text, '#'));
    if (url_split_target(text, &path, &query, err) < 0)
        return err_wrap(err, "link '%.*s'", STR_FMT(url_redact(arena, text)));
    struct str prefix = hal->base_path;
    bool has_prefix =
        str_starts(path, prefix) && (path.len == prefix.len || path.ptr[prefix.len] == '/');
    *ret =
        arena_printf(arena, "%s%.*s%.*s%s%.*s", hal->origin, STR_FMT(has_prefix ? STR("") : prefix),
                     STR_FMT(path), query.ptr ? "?" : "", STR_FMT(query));
    return 0;
}

static bool worth_another_try(int rc, int status)
{
    if (rc < 0)
        return rc == ERR_NET || rc == ERR_TIMEOUT;
    return status == 408 || status == 429 || status >= 500;
}

static void wait_ms(long ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left) < 0)
        ;
}

/* Retry-After in seconds (RFC 9110 §10.2.3) when the broker says so, within reason. */
static long next_wait(const struct client_response *response, bool answered, long wait)
{
    int64_t seconds = 0;
    if (answered &&
        str_to_i64(str_trim(headers_get(&response->headers, "retry-after")), 0,
                   LONGEST_WAIT_MS / 1000, &seconds) &&
        seconds > 0)
        return seconds * 1000;
    return wait;
}

static int call_with_retries(struct hal *hal, const struct client_request *request,
                             struct arena *arena, struct client_response *ret, struct err *err)
{
    long wait = FIRST_WAIT_MS;
    for (int attempt = 0;; attempt++) {
        struct err this_err = ERR_INIT;
        struct client_response response = {0};
        int rc = client_call(hal->client, request, arena, &response, &this_err);
        if (attempt >= hal->retries || !worth_another_try(rc, response.status)) {
            if (rc == 0)
                *ret = response;
            else
                err_set(err, this_err.code, "%s", this_err.text);
            return rc;
        }
        wait_ms(next_wait(&response, rc == 0, wait));
        wait = wait * 2 > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : wait * 2;
    }
}

static const struct {
    int status;
    enum err_code code;
    const char *advice;
} status_rows[] = {
    {401, ERR_AUTH, "; check the credentials"},
    {403, ERR_AUTH, "; check the credentials"},
    {404, ERR_NOT_FOUND, ""},
    {407, ERR_AUTH, ""},
    {408, ERR_TIMEOUT, ""},
    {409, ERR_CONFLICT, ""},
    {429, ERR_BUSY, "; the broker is busy, try again later"},
};

static int refuse(const char *method, const char *url, const struct hal_response *response,
                  struct arena *arena, struct err *err)
{
    enum err_code code = response->status >= 500 ? ERR_NET : ERR_USAGE;
    const char *advice = "";
    for (size_t i = 0; i < sizeof status_rows / sizeof *status_rows; i++) {
        if (status_rows[i].status == response->status) {
            code = status_rows[i].code;
            advice = status_rows[i].advice;
        }
    }
    struct str reason = hal_reason(response, arena);
    size_t shown = strcspn(url, "?"); /* a query says little and hides the reason */
    reason = str_sub(reason, 0, REASON_SHOWN * 2);
    return err_set(err, code, "%s %.*s: the broker answered %d%s%s%s%.*s%s", method, (int)shown,
                   url, response->status, *http1_reason(response->status) ? " " : "",
                   http1_reason(response->status), reason.len > 0 ? ": " : "", STR_FMT(reason),
                   advice);
}

/* A body that is promised to be JSON must be; an error page of a proxy is only text. */
static int read_body(const char *method, const char *url, const struct client_response *answer,
                     struct arena *arena, struct hal_response *ret, struct err *err)
{
    struct str type = headers_get(&answer->headers, "content-type");
    struct str rest = type;
    struct str base = str_trim(str_cut(&rest, ';'));
    bool promised = str_eq_nocase(base, STR("application/json")) ||
                    str_ends(str_lower(arena, base), STR("+json"));
    if (answer->body.len == 0 || !promised)
        return 0;
    struct err why = ERR_INIT;
    if (json_parse(answer->body, url, arena, &ret->body, &why) == 0 || answer->status >= 400)
        return 0;
    return err_set(err, ERR_NET, "%s %s: the answer is not the JSON it says it is: %s", method, url,
                   why.text);
}

int hal_call(struct hal *hal, const char *method, const char *url, const char *content_type,
             struct str body, struct arena *arena, struct hal_response *ret, struct err *err)
{
    const char *full = NULL;
    int rc = resolve(hal, url, arena, &full, err);
    if (rc < 0)
        return rc;
    struct client_request request = {
        .method = method,
        .url = full,
        .body = body,
        .username = hal->username,
        .password = hal->password,
        .token = hal->token,
        .timeout_ms = hal->timeout_ms,
        .max_body = LIMIT_FILE,
    };
    headers_addz(arena, &request.headers, "Accept", "application/hal+json, application/json");
    headers_addz(arena, &request.headers, "User-Agent", "tally/" TALLY_VERSION);
    if (content_type)
        headers_addz(arena, &request.headers, "Content-Type", content_type);
    struct client_response answer = {0};
    rc = call_with_retries(hal, &request, arena, &answer, err);
    if (rc < 0)
        return rc;
    struct hal_response response = {
        .status = answer.status,
        .text = answer.body,
        .location = headers_get(&answer.headers, "location"),
    };
    rc = read_body(method, full, &answer, arena, &response, err);
    if (rc < 0)
        return rc;
    *ret = response;
    if (response.status < 400)
        return 0;
    return refuse(method, full, &response, arena, err);
}

int hal_get(struct hal *hal, const char *url, struct arena *arena, struct json **ret,
            struct err *err)
{
    struct hal_response response = {0};
    const char *full = NULL;
    int rc = hal_call(hal, "GET", url, NULL, STR_NONE, arena, &response, err);
    if (rc < 0)
        return rc;
    if (response.status < 300 && response.body) {
        *ret = response.body;
        return 0;
    }
    rc = resolve(hal, url, arena, &full, err);
    return rc < 0 ? rc
                  : err_set(err, ERR_NET,
                            "GET %s: answered %d without a JSON document; is this a broker's URL?",
                            full, response.status);
}

int hal_send(struct hal *hal, const char *method, const char *url, const struct json *body,
             struct arena *arena, struct hal_response *ret, struct err *err)
{
    const char *type =
        strcmp(method, "PATCH") == 0 ? "application/merge-patch+json" : "application/json";
    return hal_call(hal, method, url, type, json_to_str(arena, body, JSON_COMPACT), arena, ret,
                    err);
}

int hal_index_link(struct hal *hal, const char *rel, const struct hal_var *vars,
                   struct arena *arena, const char **ret, struct err *err)
{
    if (!hal->index) {
        int rc = hal_get(hal, "/", hal->arena, &hal->index, err);
        if (rc < 0)
            return rc;
    }
    if (hal_link(hal->index, rel, vars, arena, ret, err) < 0)
        return err_wrap(err, "the index of the broker at %s", hal->base_url);
    return 0;
}
