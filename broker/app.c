// SPDX-License-Identifier: Apache-2.0
#include "broker/app.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>

#include "broker/access.h"
#include "broker/answers.h"
#include "broker/audit.h"
#include "broker/call.h"
#include "broker/negotiate.h"
#include "broker/origin.h"
#include "broker/rate.h"
#include "broker/retention_timer.h"
#include "broker/routes.h"
#include "broker/store.h"
#include "broker/webhook_queue.h"
#include "broker/webhook_send.h"
#include "broker/store_access.h"
#include "broker/writer.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/log.h"
#include "lib/http/router.h"
#include "lib/http/server.h"
#include "lib/json/json.h"

/* The version of the original whose API this is; clients read it. */
#define BROKER_API_VERSION "2.120.0"

struct app {
    struct app_config config;
    struct loop *loop;
    struct writer *writer;
    struct store *store; /* the loop's, for reading */
    struct access *access;
    struct answers *answers; /* what was read there */
    struct origin *origin;
    struct rate *rate; /* NULL = no limit */
    bool said;         /* that a proxy is not believed; once is enough */
    struct route *table;
    struct router *router;
    struct arena *arena; /* of the settings */
    struct webhook_policy webhooks;
    struct webhook_queue *queue;
    struct retention_timer *retention;
};

/* A request on its way, in the exchange's arena. */
struct flight {
    struct app *app;
    struct exchange *exchange;
    struct call call;
    struct caller caller;
    struct origin_view view;
    struct router_match match;
    struct writer_job job;
    bool writing; /* the answer comes when the writer is done */
    bool to_note; /* tried to change something: belongs into the audit log */
};

static int open_all(struct app *app, struct err *err)
{
    const struct app_config *config = &app->config;
    const char *wrong = config->rate_limit ? rate_new(config->rate_limit, &app->rate) : NULL;
    if (wrong)
        return err_set(err, ERR_USAGE, "the rate limit %s, not '%s'", wrong, config->rate_limit);
    int code = origin_new(config->base_url, config->trusted_proxies, &app->origin, err);
    if (code == 0)
        code = webhook_policy_init(&app->webhooks, &config->webhooks, config->database, app->arena,
                                   err);
    if (code == 0)
        code = writer_new(config->database, config->clock, app->loop, &app->writer, err);
    if (code == 0)
        code = store_open_reader(config->database, config->clock, &app->store, err);
    if (code == 0)
        app->access = access_new(&config->access, app->store);
    return code;
}

int app_new(const struct app_config *config, struct loop *loop, struct app **ret, struct err *err)
{
    struct app *app = calloc(1, sizeof *app);
    struct route *table = calloc(routes_len, sizeof *table);
    if (!app || !table)
        abort();
    for (size_t i = 0; i < routes_len; i++)
        table[i] = (struct route){routes[i].method, routes[i].template, NULL, (int)i};
    *app = (struct app){.config = *config,
                        .loop = loop,
                        .table = table,
                        .router = router_new(table, routes_len),
                        .answers = answers_new(),
                        .arena = arena_new()};
    int code = open_all(app, err);
    if (code < 0) {
        app_free(app);
        return code;
    }
    *ret = app;
    return 0;
}

/* A webhook has no request of its own that would say how this broker is reached. */
static void warn_without_base(struct app *app)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct webhook some = {0};
    if (!app->config.base_url && store_webhook_some(app->store, arena, &some, NULL) > 0)
        log_line(LOG_WARN, "webhooks send links with the address that publishers use for this "
                           "broker: say with --base-url how their receivers reach it");
}

void app_start(struct app *app)
{
    warn_without_base(app);
    app->queue = webhook_queue_new(app->loop, app->writer, app->store, &app->webhooks);
    if (!app->config.retention.off)
        app->retention =
            retention_timer_new(app->loop, app->writer, app->store, &app->config.retention);
}

void app_hurry(struct app *app, int ms)
{
    writer_hurry(app->writer, ms / 2);
}

void app_stop(struct app *app)
{
    retention_timer_stop(app->retention);
    webhook_queue_stop(app->queue);
}

void app_free(struct app *app)
{
    if (!app)
        return;
    store_close(app->store);
    writer_free(app->writer);
    webhook_queue_free(app->queue);
    retention_timer_free(app->retention);
    webhook_policy_release(&app->webhooks);
    access_free(app->access);
    answers_free(app->answers);
    origin_free(app->origin);
    rate_free(app->rate);
    router_free(app->router);
    arena_free(app->arena);
    free(app->table);
    free(app);
}

bool app_is_open(struct app *app)
{
    return access_is_open(app->access);
}

struct writer *app_writer(struct app *app)
{
    return app->writer;
}

/* ---- answering ---- */

/* What the original sends; a page of ours that needs less says so itself. */
static const struct {
    const char *name, *value;
} page_headers[] = {
    {"X-Frame-Options", "SAMEORIGIN"},
    {"X-XSS-Protection", "1; mode=block"},
    {"Cache-Control", "no-cache, no-store, must-revalidate"},
};

/* A badge on a page may be redirected: to where, the settings say. */
static void add_policy(struct call *call, struct headers *fields)
{
    static const char name[] = "Content-Security-Policy";
    struct str host = str_of(call->shields);
    long scheme = str_find(host, STR("://"));
    if (scheme >= 0)
        host.len = (size_t)scheme + 3 +
                   strcspn(call->shields + scheme + 3, "/; "); /* an origin, without its path */
    const char *value = arena_printf(
        call->arena,
        "base-uri 'self'; default-src 'self'; font-src 'self' data:; frame-ancestors 'self'; "
        "frame-src 'self'; img-src 'self' data: img.shields.io%s%.*s; "
        "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'",
        host.len > 0 ? " " : "", STR_FMT(host));
    if (headers_count(&call->headers, name) == 0)
        headers_addz(call->arena, fields, name, value);
}

static void add_fields(struct call *call, struct headers *fields)
{
    bool page = call->content_type && strncmp(call->content_type, "text/html", 9) == 0;
    if (page)
        add_policy(call, fields);
    for (size_t i = 0; page && i < sizeof page_headers / sizeof *page_headers; i++) {
        if (headers_count(&call->headers, page_headers[i].name) == 0)
            headers_addz(call->arena, fields, page_headers[i].name, page_headers[i].value);
    }
    if (!page && headers_count(&call->headers, "cache-control") == 0)
        headers_addz(call->arena, fields, "Cache-Control", "no-cache");
}

static void respond(struct exchange *exchange, struct call *call)
{
    struct reply reply = REPLY(call->status);
    struct arena *arena = exchange->arena;
    log_line(LOG_DEBUG, "%.*s %.*s %d", STR_FMT(call->method), STR_FMT(call->path), call->status);
    if (call->content_type)
        headers_addz(arena, &reply.headers, "Content-Type", call->content_type);
    headers_addz(arena, &reply.headers, "Vary", "Accept");
    add_fields(call, &reply.headers);
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
    call_failure(call, reference);
}

static void check_outcome(struct call *call, int code, const struct err *err)
{
    if (code >= 0)
        return;
    struct err reason = *err;
    err_set(&reason, (enum err_code)code, "no reason given");
    call->headers.len = 0;
    call->triggered = 0;
    if (call->sending) /* what is not written down is not done */
        webhook_release(call->sending);
    call->sending = NULL;
    answer_failure(call, &reason);
}

/* The original looks at the whole request before it says that it cannot read or answer it. */
static int run_route(struct call *call, struct err *err)
{
    int code = call->route->run(call, err);
    if (call->refused == 0 || (code >= 0 && call->status == 400))
        return code;
    call->headers.len = call->after.len = call->triggered = 0;
    if (call->sending)
        webhook_release(call->sending);
    call->sending = NULL;
    return call_empty(call, call->refused);
}

static int read_anew(struct answers *answers, struct call *call, struct err *err)
{
    int code = store_begin_read(call->store, err);
    if (code < 0)
        return code;
    code = run_route(call, err);
    if (code >= 0)
        answers_keep(answers, call);
    store_end_read(call->store);
    return code;
}

static void run_reading(struct answers *answers, struct call *call)
{
    struct err err = ERR_INIT;
    int code = answers_find(answers, call, &err);
    if (code == 0)
        code = read_anew(answers, call, &err);
    check_outcome(call, code, &err);
}

static struct flight *flight_of(struct call *call)
{
    return (struct flight *)((char *)call - offsetof(struct flight, call));
}

/* On the writer's thread. */
static int write_call(struct store *store, void *arg, struct err *err)
{
    struct call *call = arg;
    call->store = store;
    store->rules = &flight_of(call)->app->config.rules;
    int code = run_route(call, err);
    if (code >= 0 && call->status >= 400)
        return WRITER_UNDO;
    return code < 0 ? code : audit_note(store, call, err);
}

static void finish(struct flight *flight);

static void on_written(void *arg, int code, const struct err *err)
{
    struct call *call = arg;
    struct flight *flight = flight_of(call);
    call->store = flight->app->store;
    check_outcome(call, code, err);
    if (code == 0) {
        flight->to_note = false; /* in the same transaction */
        VEC_EACH(&call->after, const struct call_after *, after)
            after->fn(after->arg);
    }
    finish(flight);
}

static void run(struct flight *flight)
{
    struct call *call = &flight->call;
    if (!call_writes(call->route)) {
        run_reading(flight->app->answers, call);
        return;
    }
    struct err err = ERR_INIT;
    flight->job = (struct writer_job){
        .run = write_call, .done = on_written, .arg = call, .bytes = call->body.len};
    int code = writer_submit(flight->app->writer, &flight->job, &err);
    flight->writing = code == 0;
    check_outcome(call, code, &err);
}

static bool method_known(struct str method)
{
    static const char *const methods[] = {"GET",    "HEAD",  "POST",    "PUT",    "PATCH",
                                          "DELETE", "TRACE", "CONNECT", "OPTIONS"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (str_is(method, methods[i]))
            return true;
    }
    return false;
}

static void method_answer(struct call *call, struct str allow)
{
    struct str all = str_printf(call->arena, "%.*s, OPTIONS", STR_FMT(allow));
    if (str_is(call->method, "OPTIONS")) {
        headers_add(call->arena, &call->headers, STR("Access-Control-Allow-Methods"), all);
        call_empty(call, 200);
    } else if (!method_known(call->method)) {
        call_empty(call, 501);
    } else {
        headers_add(call->arena, &call->headers, STR("Allow"), all);
        call_empty(call, 405);
    }
}

static void bad_character(struct call *call)
{
    struct str path = str_lower(call->arena, call->path);
    const char *name = str_find(path, STR("%0a")) >= 0   ? "new line"
                       : str_find(path, STR("%09")) >= 0 ? "tab"
                                                         : "control";
    call_problem(call, 422, "Unprocessable", "invalid-request-parameter-value",
                 arena_printf(call->arena, "URL path cannot contain a %s character.", name));
}

/* "%0A" and the like, whatever the path would lead to. */
static bool has_control(struct str path)
{
    for (size_t i = 0; i + 2 < path.len; i++) {
        if (path.ptr[i] == '%' && (path.ptr[i + 1] == '0' || path.ptr[i + 1] == '1') &&
            isxdigit((unsigned char)path.ptr[i + 2]))
            return true;
    }
    return false;
}

/* Every name is text, and a text that is none could not be shown in an answer. */
static bool is_text(struct str escaped, struct arena *arena)
{
    struct str text = escaped;
    if (str_chr(escaped, '%') >= 0 && url_decode(escaped, false, arena, &text, NULL) < 0)
        return false;
    return str_is_utf8(text, NULL);
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

/* The part of the path that a proxy may have left on it goes, unless there is such a route. */
static void find_route(struct flight *flight, struct str *accept)
{
    struct call *call = &flight->call;
    struct str prefix = flight->view.prefix, path = call->path;
    struct str method = str_is(call->method, "HEAD") ? STR("GET") : call->method;
    if (path.len > 1 && str_ends(path, STR("/")) && !str_ends(path, STR("//")))
        path = call->path = str_sub(path, 0, path.len - 1); /* no segment of its own */
    struct str cut_accept = negotiate_extension(&path, *accept);
    router_find(flight->app->router, method, path, call->arena, &flight->match);
    bool prefixed = prefix.len > 0 && str_starts(call->path, prefix) &&
                    (call->path.len == prefix.len || call->path.ptr[prefix.len] == '/');
    if (prefixed && flight->match.result == ROUTER_NO_PATH) {
        struct str inner = str_sub(call->path, prefix.len, call->path.len);
        path = call->path = inner.len > 0 ? inner : STR("/");
        cut_accept = negotiate_extension(&path, *accept);
        router_find(flight->app->router, method, path, call->arena, &flight->match);
    }
    *accept = cut_accept;
    call->params = &flight->match.params;
    if (flight->match.result == ROUTER_FOUND)
        call->route = &routes[flight->match.route->tag];
}

/* A monitor that is told to slow down would take the broker out of service. */
static bool within_rate(struct flight *flight)
{
    const struct app *app = flight->app;
    struct call *call = &flight->call;
    if (!app->rate || (call->route && call->route->run == heartbeat_get))
        return true;
    int64_t wait = rate_take(app->rate, &flight->caller, clock_now_us(app->config.clock));
    if (wait == 0)
        return true;
    headers_add(call->arena, &call->headers, STR("Retry-After"),
                str_printf(call->arena, "%lld", (long long)wait));
    call_error(call, 429, "too many requests; the next one may come in %lld s", (long long)wait);
    return false;
}

/* Whether the caller may go on; answered if not. */
static bool may_enter(struct flight *flight)
{
    struct call *call = &flight->call;
    struct caller *caller = &flight->caller;
    struct err err = ERR_INIT;
    call->caller = caller;
    caller->address = flight->view.address;
    int code = access_identify(flight->app->access, &flight->exchange->request.headers, call->arena,
                               caller, &err);
    check_outcome(call, code, &err);
    if (code < 0 || !within_rate(flight))
        return false;
    bool allowed = access_allows(flight->app->access, caller, call->route, call);
    if (!allowed)
        log_line(LOG_INFO, "refused %.*s %.*s status=%d from=%s%s%s", STR_FMT(call->method),
                 STR_FMT(call->path), call->status, caller->address,
                 caller->refused ? " because " : "", caller->refused ? caller->refused : "");
    /* Who is nobody could fill the disk with refusals. */
    flight->to_note =
        call->route && call_writes(call->route) && (allowed || caller->kind != CALLER_ANONYMOUS);
    return allowed;
}

/* To the page that shows it; see resource_browser.c. */
static void send_to_page(struct call *call)
{
    call_location(call, arena_printf(call->arena, "%s/hal-browser/browser.html#%.*s%s%.*s",
                                     call->base, STR_FMT(call->path),
                                     call->raw_query.ptr ? "?" : "", STR_FMT(call->raw_query)));
    call_empty(call, 303);
}

/* Whether a request that will be refused could be wrong in a way that is said first. */
static bool worth_a_look(const struct call *call, struct str content_type)
{
    struct json *body = NULL;
    if (strcmp(call->route->method, "DELETE") == 0)
        return false;
    if (call->refused == 406 || (content_type.ptr && str_find(content_type, STR("json")) >= 0))
        return true;
    return json_parse(call->body, NULL, call->arena, &body, NULL) == 0 &&
           json_is(body, JSON_OBJECT);
}

static void handle(struct flight *flight, struct str accept)
{
    struct call *call = &flight->call;
    const struct request *request = &flight->exchange->request;
    struct str content_type = headers_get(&request->headers, "content-type");
    if (!negotiate_type(call, accept)) /* call->type is set all the same */
        call->refused = 406;
    if (!negotiate_body(call, content_type))
        call->refused = 415;
    if (negotiate_for_browser(call, accept))
        send_to_page(call);
    else if (call->refused && !worth_a_look(call, content_type))
        call_empty(call, call->refused);
    else if (request->query.ptr &&
             url_query_parse(request->query, call->arena, &call->query, NULL) < 0)
        call_not_found(call);
    else if (request->query.ptr && !is_text(request->query, call->arena))
        call_error(call, 400, "the query string is not UTF-8");
    else if (has_nul(&call->query))
        call_error(call, 400, "the query string holds a NUL character (%%00)");
    else
        run(flight);
}

static void say_unheard(struct flight *flight)
{
    if (!flight->view.unheard || flight->app->said)
        return;
    flight->app->said = true;
    log_line(LOG_WARN,
             "X-Forwarded-Host from %s has no effect; if that is your proxy, see --trusted-proxies",
             flight->view.address);
}

static void dispatch(struct flight *flight)
{
    struct call *call = &flight->call;
    struct router_match *match = &flight->match;
    struct str accept = headers_joined(&flight->exchange->request.headers, "accept", call->arena);
    find_route(flight, &accept);
    call->problem = accept.ptr && str_find(accept, STR("application/problem+json")) >= 0;
    call->page = accept.ptr && str_find(accept, STR("text/html")) >= 0;
    say_unheard(flight);
    if (!may_enter(flight))
        return;
    if (str_find(call->path, STR("//")) >= 0)
        call_problem(call, 404, "Not found", "not-found", "Empty path component found");
    else if (has_control(call->path))
        bad_character(call);
    else if (!is_text(call->path, call->arena))
        call_not_found(call); /* the original: an invalid URI is not found */
    else if (match->result == ROUTER_BAD_PATH || match->result == ROUTER_NO_PATH)
        call_not_found(call);
    else if (match->result == ROUTER_NO_METHOD)
        method_answer(call, match->allow);
    else
        handle(flight, accept);
}

/* ---- the end of a request ---- */

static int note_call(struct store *store, void *arg, struct err *err)
{
    return audit_note(store, arg, err);
}

static void on_noted(void *arg, int code, const struct err *err)
{
    struct call *call = arg;
    struct flight *flight = flight_of(call);
    if (code < 0)
        log_line(LOG_ERROR, "%.*s %.*s status=%d is not in the audit log: %s",
                 STR_FMT(call->method), STR_FMT(call->path), call->status, err->text);
    flight->to_note = false;
    finish(flight);
}

/* What was refused is written down before the answer goes out, when it can be. */
static bool note_refusal(struct flight *flight)
{
    struct err err = ERR_INIT;
    struct call *call = &flight->call;
    if (!flight->to_note)
        return false;
    flight->job = (struct writer_job){.run = note_call, .done = on_noted, .arg = call};
    int code = writer_submit(flight->app->writer, &flight->job, &err);
    if (code < 0)
        log_line(LOG_ERROR, "%.*s %.*s status=%d is not in the audit log: %s",
                 STR_FMT(call->method), STR_FMT(call->path), call->status, err.text);
    return code == 0;
}

struct use {
    struct writer_job job;
    int64_t token_id;
};

static int write_use(struct store *store, void *arg, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    return store_token_used(store, ((struct use *)arg)->token_id, arena, err);
}

static void on_use_written(void *arg, int code, const struct err *err)
{
    struct use *use = arg;
    if (code < 0)
        log_line(LOG_WARN, "last use of token %lld not noted: %s", (long long)use->token_id,
                 err->text);
    free(use);
}

static void note_use(struct flight *flight)
{
    struct use *use = calloc(1, sizeof *use);
    if (!use)
        abort();
    use->token_id = flight->caller.token_id;
    use->job = (struct writer_job){.run = write_use, .done = on_use_written, .arg = use};
    if (writer_submit(flight->app->writer, &use->job, NULL) < 0)
        free(use);
}

/* A call whose answer waited for that of a webhook. */
static void answer_later(void *arg, const struct client_response *response, const struct err *err)
{
    struct flight *flight = arg;
    webhook_test_done(&flight->call, response, err);
    respond(flight->exchange, &flight->call);
}

static void finish(struct flight *flight)
{
    struct call *call = &flight->call;
    if (note_refusal(flight))
        return;
    log_line(LOG_DEBUG, "%.*s %.*s %d", STR_FMT(call->method), STR_FMT(call->path), call->status);
    if (flight->caller.stale)
        note_use(flight);
    if (call->triggered > 0)
        webhook_queue_wake(flight->app->queue);
    if (call->sending)
        webhook_queue_send(flight->app->queue, &call->sending->request, answer_later, flight);
    else
        respond(flight->exchange, call);
}

void app_handle(struct exchange *exchange)
{
    struct app *app = exchange->context;
    const struct request *request = &exchange->request;
    struct flight *flight = ARENA_NEW(exchange->arena, struct flight);
    flight->app = app;
    flight->exchange = exchange;
    origin_read(app->origin, request, server_url(exchange->server), exchange->arena, &flight->view);
    flight->call = (struct call){
        .store = app->store,
        .shields = app->config.shields,
        .modification_allowed = app->config.modification_allowed,
        .arena = exchange->arena,
        .base = flight->view.base,
        .method = request->method,
        .path = request->path,
        .raw_query = request->query,
        .body = request->body,
        .webhooks = &app->webhooks,
        .server = exchange->server,
        .retention = &app->config.retention,
        .selection = &app->config.selection,
    };
    dispatch(flight);
    if (!flight->writing)
        finish(flight);
}
