// SPDX-License-Identifier: Apache-2.0
#include "broker/app.h"

#include <stddef.h>
#include <stdlib.h>

#include "broker/call.h"
#include "broker/routes.h"
#include "broker/store.h"
#include "broker/writer.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/log.h"
#include "lib/http/router.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "lib/wire/media.h"

/* The version of the original whose API this is; clients read it. */
#define BROKER_API_VERSION "2.120.0"

struct app {
    struct app_config config;
    struct writer *writer;
    struct store *store; /* the loop's, for reading */
    struct route *table;
    struct router *router;
};

/* A request on its way, in the exchange's arena. */
struct flight {
    struct app *app;
    struct exchange *exchange;
    struct call call;
    struct router_match match;
    struct writer_job job;
    bool writing; /* the answer comes when the writer is done */
};

int app_new(const struct app_config *config, struct loop *loop, struct app **ret, struct err *err)
{
    struct writer *writer = NULL;
    struct store *store = NULL;
    int code = writer_new(config->database, config->clock, loop, &writer, err);
    if (code == 0)
        code = store_open_reader(config->database, config->clock, &store, err);
    if (code < 0) {
        writer_free(writer);
        return code;
    }
    struct app *app = calloc(1, sizeof *app);
    struct route *table = calloc(routes_len, sizeof *table);
    if (!app || !table)
        abort();
    for (size_t i = 0; i < routes_len; i++)
        table[i] = (struct route){routes[i].method, routes[i].template, NULL, (int)i};
    *app = (struct app){*config, writer, store, table, router_new(table, routes_len)};
    *ret = app;
    return 0;
}

void app_free(struct app *app)
{
    if (!app)
        return;
    store_close(app->store);
    writer_free(app->writer);
    router_free(app->router);
    free(app->table);
    free(app);
}

struct writer *app_writer(struct app *app)
{
    return app->writer;
}

/* ---- negotiation ---- */

static const char *const offers_hal[] = {"application/hal+json"};
static const char *const offers_hal_text[] = {"application/hal+json", "text/plain"};
static const char *const offers_index[] = {"application/hal+json", "text/html"};
static const char *const offers_pact[] = {"application/hal+json", "application/json",
                                          "application/vnd.pactbrokerextended.v1+json"};
static const char *const offers_any[] = {"application/hal+json", "*/*"};

static const struct {
    const char *const *types;
    size_t n;
} offers[] = {
    [OFFER_HAL] = {offers_hal, 1},   [OFFER_HAL_TEXT] = {offers_hal_text, 2},
    [OFFER_PACT] = {offers_pact, 3}, [OFFER_INDEX] = {offers_index, 2},
    [OFFER_ANY] = {offers_any, 1},
};

static const struct {
    const char *suffix, *type;
} extensions[] = {{".json", "application/hal+json"},
                  {".csv", "text/csv"},
                  {".svg", "image/svg+xml"},
                  {".yaml", "application/yaml"}};

/* A trailing ".json" and the like is taken off the path and replaces Accept. */
static struct str cut_extension(struct str *path, struct str accept)
{
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        if (str_ends(*path, str_of(extensions[i].suffix))) {
            path->len -= strlen(extensions[i].suffix);
            return str_of(extensions[i].type);
        }
    }
    return accept;
}

static bool negotiate(struct call *call, struct str accept)
{
    enum offer offer = call->route->offer;
    call->type = offers[offer].types[0];
    if (offer == OFFER_ANY)
        return true;
    int best = media_negotiate(accept, offers[offer].types, offers[offer].n);
    if (best < 0)
        return false;
    call->type = offers[offer].types[best];
    return true;
}

static bool content_type_fits(const struct call *call, struct str content_type)
{
    struct media media = {0};
    if (call->route->accepts == ACCEPTS_NONE)
        return true;
    if (!content_type.ptr || media_parse(content_type, call->arena, &media, NULL) < 0)
        return false;
    struct str base = media_base(&media, call->arena);
    bool json = str_is(base, "application/json"),
         merge = str_is(base, "application/merge-patch+json");
    switch (call->route->accepts) {
    case ACCEPTS_JSON:
        return json;
    case ACCEPTS_MERGE:
        return merge;
    case ACCEPTS_JSON_OR_MERGE:
        return json || merge;
    case ACCEPTS_NONE:
        break;
    }
    return true;
}

/* ---- access ---- */

/* Takes the same time wherever the texts differ. */
static bool same_secret(struct str given, const char *expected)
{
    char a[HASH_SHA256_HEX], b[HASH_SHA256_HEX];
    hash_sha256_hex(given, a);
    hash_sha256_hex(str_of(expected), b);
    unsigned different = 0;
    for (size_t i = 0; i < sizeof a; i++)
        different |= (unsigned)(a[i] ^ b[i]);
    return different == 0;
}

static bool may_enter(const struct app *app, const struct request *request, struct arena *arena)
{
    if (!app->config.username)
        return true;
    struct str value = headers_get(&request->headers, "authorization"), decoded;
    struct str scheme = value.ptr ? str_cut(&value, ' ') : STR_NONE;
    if (!str_eq_nocase(scheme, STR("basic")) || !value.ptr ||
        !hash_unbase64(arena, str_trim(value), &decoded) || str_chr(decoded, ':') < 0)
        return false;
    struct str user = str_cut(&decoded, ':');
    bool user_ok = same_secret(user, app->config.username);
    return same_secret(decoded, app->config.password ? app->config.password : "") && user_ok;
}

/* ---- base URL ---- */

static struct str first_of(struct str list)
{
    return list.ptr ? str_trim(str_cut(&list, ',')) : list;
}

static bool host_ok(struct str host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    c == '.' || c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
        if (!fine)
            return false;
    }
    return host.len > 0;
}

static const char *own_base(const struct request *request, struct server *server,
                            struct arena *arena)
{
    struct str host = headers_get(&request->headers, "host"), scheme = STR("http");
    /* Only a proxy on this machine is believed: anybody else could poison every link. */
    bool local = strncmp(request->peer, "127.", 4) == 0 || strncmp(request->peer, "[::1]", 5) == 0;
    if (local && headers_get(&request->headers, "x-forwarded-host").ptr)
        host = first_of(headers_get(&request->headers, "x-forwarded-host"));
    if (local && str_is(first_of(headers_get(&request->headers, "x-forwarded-proto")), "https"))
        scheme = STR("https");
    if (!host_ok(host))
        return server_url(server);
    return arena_printf(arena, "%.*s://%.*s", STR_FMT(scheme), STR_FMT(host));
}

static const char *base_url(const struct app *app, const struct exchange *exchange)
{
    const char *own = own_base(&exchange->request, exchange->server, exchange->arena);
    struct str rest = str_of(app->config.base_url), first = STR_NONE;
    while (rest.ptr) {
        struct str url = str_cut(&rest, ' ');
        while (url.len > 0 && url.ptr[url.len - 1] == '/')
            url.len--;
        if (url.len == 0)
            continue;
        first = first.ptr ? first : url;
        if (str_is(url, own))
            return own;
    }
    return first.ptr ? str_cstr(exchange->arena, first) : own;
}

/* ---- answering ---- */

static void respond(struct exchange *exchange, struct call *call)
{
    struct reply reply = REPLY(call->status);
    struct arena *arena = exchange->arena;
    if (call->content_type)
        headers_addz(arena, &reply.headers, "Content-Type", call->content_type);
    headers_addz(arena, &reply.headers, "Vary", "Accept");
    headers_addz(arena, &reply.headers, "Cache-Control", "no-cache");
    headers_addz(arena, &reply.headers, "X-Content-Type-Options", "nosniff");
    headers_addz(arena, &reply.headers, "X-Pact-Broker-Version", BROKER_API_VERSION);
    VEC_EACH(&call->headers, const struct header *, header)
        headers_add(arena, &reply.headers, header->name, header->value);
    reply.body = call->reply;
    server_respond(exchange, &reply);
}

/* What could not be done: busy and full are for the client to try again, the rest is our fault. */
static void answer_failure(struct call *call, const struct err *err)
{
    char line[1200];
    if (err->code == ERR_BUSY || err->code == ERR_IO) {
        bool full = strstr(err->text, "disk is full") != NULL;
        log_line(LOG_ERROR, "%.*s %.*s: %s", STR_FMT(call->method), STR_FMT(call->path), err->text);
        headers_addz(call->arena, &call->headers, "Retry-After", full ? "30" : "1");
        call_error(call, full ? 507 : 503, "%s",
                   full ? "the broker's disk is full" : "the broker cannot write just now");
        return;
    }
    unsigned char random[10];
    char reference[sizeof random + 1];
    hash_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        reference[i] = (char)('a' + random[i] % 26);
    reference[sizeof random] = 0;
    log_line(LOG_ERROR, "%.*s %.*s: %s reference=%s", STR_FMT(call->method), STR_FMT(call->path),
             err_render(err, line, sizeof line), reference);
    struct json *body = json_new_object(call->arena), *error = json_new_object(call->arena);
    call_set(call, error, "message",
             arena_printf(call->arena,
                          "An error has occurred. The details have been logged with the reference "
                          "%s",
                          reference));
    call_set(call, error, "reference", reference);
    json_set(call->arena, body, "error", error);
    call_json(call, 500, body);
}

static void check_outcome(struct call *call, int code, const struct err *err)
{
    if (code >= 0)
        return;
    struct err reason = *err;
    err_set(&reason, (enum err_code)code, "no reason given");
    call->headers.len = 0;
    answer_failure(call, &reason);
}

static void run_reading(struct call *call)
{
    struct err err = ERR_INIT;
    int code = store_begin_read(call->store, &err);
    if (code == 0) {
        code = call->route->run(call, &err);
        store_end_read(call->store);
    }
    check_outcome(call, code, &err);
}

/* On the writer's thread. */
static int write_call(struct store *store, void *arg, struct err *err)
{
    struct call *call = arg;
    call->store = store;
    int code = call->route->run(call, err);
    return code < 0 ? code : call->status >= 400 ? WRITER_UNDO : 0;
}

static void send_answer(struct flight *flight);

static void on_written(void *arg, int code, const struct err *err)
{
    struct call *call = arg;
    struct flight *flight = (struct flight *)((char *)call - offsetof(struct flight, call));
    call->store = flight->app->store;
    check_outcome(call, code, err);
    if (code == 0) {
        VEC_EACH(&call->after, const struct call_after *, after)
            after->fn(after->arg);
    }
    send_answer(flight);
}

static void run(struct flight *flight)
{
    struct call *call = &flight->call;
    if (str_is(str_of(call->route->method), "GET") || call->route->reads) {
        run_reading(call);
        return;
    }
    struct err err = ERR_INIT;
    flight->job = (struct writer_job){
        .run = write_call, .done = on_written, .arg = call, .bytes = call->body.len};
    int code = writer_submit(flight->app->writer, &flight->job, &err);
    flight->writing = code == 0;
    check_outcome(call, code, &err);
}

static void method_answer(struct call *call, struct str allow)
{
    struct str all = str_printf(call->arena, "%.*s, OPTIONS", STR_FMT(allow));
    if (str_is(call->method, "OPTIONS")) {
        headers_add(call->arena, &call->headers, STR("Access-Control-Allow-Methods"), all);
        call_empty(call, 200);
    } else {
        headers_add(call->arena, &call->headers, STR("Allow"), all);
        call_empty(call, 405);
    }
}

static void bad_path(struct call *call, int status, const char *title, const char *text)
{
    call_error(call, status, "%s", text);
    struct json *body = json_new_object(call->arena);
    call_set(call, body, "title", title);
    call_set(call, body, "type", "/problem/invalid-path");
    call_set(call, body, "detail", text);
    json_set(call->arena, body, "status", json_new_int(call->arena, status));
    call_json(call, status, body);
    call->content_type = "application/problem+json;charset=utf-8";
}

static bool has_control(const struct url_params *params)
{
    VEC_EACH(params, const struct url_param *, param) {
        for (size_t i = 0; i < param->value.len; i++) {
            if ((unsigned char)param->value.ptr[i] < 0x20)
                return true;
        }
    }
    return false;
}

/* Texts end at a NUL further in: "10%00.1" would ask about 10. */
static bool has_nul(const struct url_params *params)
{
    VEC_EACH(params, const struct url_param *, param) {
        if (str_chr(param->name, 0) >= 0 || str_chr(param->value, 0) >= 0)
            return true;
    }
    return false;
}

static void dispatch(struct flight *flight)
{
    const struct app *app = flight->app;
    struct call *call = &flight->call;
    const struct request *request = &flight->exchange->request;
    struct router_match *match = &flight->match;
    struct str accept = headers_joined(&request->headers, "accept", call->arena);
    call->problem = accept.ptr && str_find(accept, STR("application/problem+json")) >= 0;
    struct str path = call->path;
    accept = cut_extension(&path, accept);
    struct str method = str_is(call->method, "HEAD") ? STR("GET") : call->method;
    router_find(app->router, method, path, call->arena, match);
    call->params = &match->params;
    if (!may_enter(app, request, call->arena)) {
        headers_addz(call->arena, &call->headers, "WWW-Authenticate",
                     "Basic realm=\"Restricted area\"");
        call_text(call, 401, "text/plain", STR_NONE);
    } else if (str_find(call->path, STR("//")) >= 0) {
        bad_path(call, 404, "Not Found", "Empty path component found");
    } else if (match->result == ROUTER_BAD_PATH || match->result == ROUTER_NO_PATH) {
        call_not_found(call);
    } else if (match->result == ROUTER_NO_METHOD) {
        method_answer(call, match->allow);
    } else if (has_control(&match->params)) {
        bad_path(call, 422, "Unprocessable entity", "Control character found in path");
    } else {
        call->route = &routes[match->route->tag];
        if (!content_type_fits(call, headers_get(&request->headers, "content-type")))
            call_empty(call, 415);
        else if (!negotiate(call, accept))
            call_empty(call, 406);
        else if (request->query.ptr &&
                 url_query_parse(request->query, call->arena, &call->query, NULL) < 0)
            call_error(call, 400, "the query string is not well-formed");
        else if (has_nul(&call->query))
            call_error(call, 400, "the query string holds a NUL character (%%00)");
        else
            run(flight);
    }
}

static void send_answer(struct flight *flight)
{
    struct call *call = &flight->call;
    log_line(LOG_DEBUG, "%.*s %.*s %d", STR_FMT(call->method), STR_FMT(call->path), call->status);
    respond(flight->exchange, call);
}

void app_handle(struct exchange *exchange)
{
    struct app *app = exchange->context;
    const struct request *request = &exchange->request;
    struct flight *flight = ARENA_NEW(exchange->arena, struct flight);
    flight->app = app;
    flight->exchange = exchange;
    flight->call = (struct call){
        .store = app->store,
        .arena = exchange->arena,
        .base = base_url(app, exchange),
        .method = request->method,
        .path = request->path,
        .raw_query = request->query,
        .body = request->body,
    };
    dispatch(flight);
    if (!flight->writing)
        send_answer(flight);
}
