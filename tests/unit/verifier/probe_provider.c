// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/verifier/probe_provider.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/http/client.h"
#include "lib/http/loop.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "lib/wire/url.h"

static bool has(const struct exchange *exchange, enum provider_fault fault)
{
    const struct provider *provider = exchange->context;
    return (provider->faults & (unsigned)fault) != 0;
}

static void answer_json(struct exchange *exchange, int status, const char *text)
{
    server_respond_text(exchange, status, "application/json", str_of(text));
}

/* ---- descriptions ---- */

static void openapi(struct exchange *exchange)
{
    bool offset = has(exchange, PROVIDER_OFFSET);
    const char *path = has(exchange, PROVIDER_NESTED) ? "/v1/shops/{shop}/things" : "/v1/things";
    const char *servers =
        has(exchange, PROVIDER_PREFIX) ? "\"servers\":[{\"url\":\"/api/\"}]," : "";
    const char *paging = offset ? "{\"name\":\"page\",\"in\":\"query\",\"schema\":{}},"
                                  "{\"name\":\"size\",\"in\":\"query\",\"schema\":{}}"
                                : "{\"name\":\"cursor\",\"in\":\"query\",\"schema\":{}},"
                                  "{\"name\":\"limit\",\"in\":\"query\","
                                  "\"schema\":{\"type\":\"integer\",\"maximum\":100}}";
    const char *next = offset ? "" : ",\"nextCursor\":{\"type\":\"string\"}";
    const char *schema = arena_printf(
        exchange->arena,
        "{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"items\":{\"type\":"
        "\"object\",\"properties\":{\"id\":{\"type\":\"string\"}}}}%s}}",
        next);
    if (has(exchange, PROVIDER_NO_LISTS))
        schema = "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"}}}";
    answer_json(exchange, 200,
                has(exchange, PROVIDER_BAD_OPENAPI)
                    ? "{\n  \"openapi\": 3.0.0\n}"
                    : arena_printf(exchange->arena,
                                   "{\"openapi\":\"3.0.3\",%s\"paths\":{\"%s\":{\"get\":{"
                                   "\"parameters\":[%s],\"responses\":{\"200\":{\"content\":{"
                                   "\"application/json\":{\"schema\":%s}}}}}}}}",
                                   servers, path, paging, schema));
}

static void sdl(struct exchange *exchange)
{
    static const char text[] =
        "type Query { things(first: Int = 20, after: String): ThingConnection! }\n"
        "type ThingConnection { edges: [ThingEdge!]! pageInfo: PageInfo! }\n"
        "type ThingEdge { cursor: String! node: Thing! }\n"
        "type Thing { id: ID! }\n"
        "type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean!\n"
        "  startCursor: String endCursor: String }\n";
    bool bad = has(exchange, PROVIDER_BAD_SDL);
    server_respond_text(exchange, 200, "text/plain",
                        bad ? STR("type Query {\n  things(: Int }\n") : str_of(text));
}

/* ---- rows ---- */

struct slice {
    size_t from, to, next; /* next 0: the last page */
};

static struct str cursor_for(struct exchange *exchange, size_t row)
{
    struct str plain = str_printf(exchange->arena, "signed%zu~thing-%zu", row * 7919 % 104729, row);
    return hash_base64url(exchange->arena, plain);
}

/* The row behind a cursor; 0 for none. */
static size_t row_behind(struct exchange *exchange, struct str cursor)
{
    struct str plain = STR_NONE;
    int64_t row = 0;
    if (!cursor.len || !hash_unbase64url(exchange->arena, cursor, &plain))
        return 0;
    long at = str_find(plain, STR("-"));
    return str_to_i64(str_sub(plain, (size_t)at + 1, plain.len), 0, 1000000, &row) ? (size_t)row
                                                                                   : 0;
}

static struct slice slice_of(struct exchange *exchange, struct str cursor, struct str limit)
{
    const struct provider *provider = exchange->context;
    int64_t n = 20;
    struct slice slice = {.from = row_behind(exchange, cursor)};
    if (limit.len)
        str_to_i64(limit, 1, 100, &n);
    slice.to = slice.from + (size_t)n < provider->rows ? slice.from + (size_t)n : provider->rows;
    slice.next = slice.to < provider->rows ? slice.to : 0;
    if (has(exchange, PROVIDER_SAME_CURSOR) && slice.from > 0)
        slice.next = slice.from;
    else if (slice.next > 0 && has(exchange, PROVIDER_LOSES) && slice.next + 1 < provider->rows)
        slice.next++;
    if (slice.from > 0 && has(exchange, PROVIDER_OVERLAP))
        slice.from--;
    return slice;
}

static void list(struct exchange *exchange)
{
    struct arena *arena = exchange->arena;
    struct url_params params = {0};
    struct json *body = json_new_object(arena), *items = json_new_array(arena);
    url_query_parse(exchange->request.query, arena, &params, NULL);
    struct str cursor = url_query_get(&params, "cursor");
    struct slice slice = slice_of(exchange, cursor, url_query_get(&params, "limit"));
    if (cursor.ptr && has(exchange, PROVIDER_FAILS)) {
        answer_json(exchange, 500, "{\"title\":\"broken\",\"accessToken\":\"opensesame\"}");
        return;
    }
    for (size_t i = slice.from; i < slice.to; i++) {
        struct json *item = json_new_object(arena);
        json_set(arena, item, has(exchange, PROVIDER_NO_IDS) ? "name" : "id",
                 json_new_str(arena, str_printf(arena, "thing-%zu", i)));
        json_append(arena, items, item);
    }
    struct str next = slice.next ? cursor_for(exchange, slice.next) : STR_NONE;
    if (next.ptr && has(exchange, PROVIDER_LINKS))
        next = str_printf(arena, "/v1/things?cursor=%.*s", STR_FMT(next));
    json_set(arena, body, "items", items);
    json_set(arena, body, "nextCursor",
             next.ptr ? json_new_str(arena, next) : json_new_null(arena));
    answer_json(exchange, 200, str_cstr(arena, json_to_str(arena, body, JSON_COMPACT)));
}

static void graphql(struct exchange *exchange)
{
    struct arena *arena = exchange->arena;
    struct json *question = NULL, *edges = json_new_array(arena);
    json_parse(exchange->request.body, "question", arena, &question, NULL);
    const struct json *variables = json_get(question, "variables");
    struct slice slice = slice_of(exchange, json_get_text(variables, "after"),
                                  json_text(json_get(variables, "first")));
    struct str last = STR("");
    for (size_t i = slice.from; i < slice.to; i++) {
        struct json *edge = json_new_object(arena), *node = json_new_object(arena);
        last = cursor_for(exchange, i + 1);
        json_set(arena, node, "id", json_new_str(arena, str_printf(arena, "thing-%zu", i)));
        json_set(arena, edge, "cursor", json_new_str(arena, last));
        json_set(arena, edge, "node", node);
        json_append(arena, edges, edge);
    }
    if (has(exchange, PROVIDER_WRONG_END))
        last = STR("elsewhere");
    answer_json(exchange, 200,
                arena_printf(arena,
                             "{\"data\":{\"things\":{\"edges\":%.*s,\"pageInfo\":{"
                             "\"hasNextPage\":%s,\"endCursor\":\"%.*s\"}}}}",
                             STR_FMT(json_to_str(arena, edges, JSON_COMPACT)),
                             slice.next ? "true" : "false", STR_FMT(last)));
}

/* ---- pushes ---- */

static void send_push(struct exchange *exchange,
                      void (*done)(void *, const struct client_response *, const struct err *))
{
    struct provider *provider = exchange->context;
    struct json *question = NULL;
    const char *text = "{\"notification_id\":\"ntf-a\"}";
    json_parse(exchange->request.body, "question", exchange->arena, &question, NULL);
    if (has(exchange, PROVIDER_PUSH_TITLE))
        text = "{\"notification_id\":\"ntf-a\",\"title\":\"You paid Ada\"}";
    if (has(exchange, PROVIDER_PUSH_TEXT))
        text = "You paid Ada";
    struct client_request request = {
        .method = "POST",
        .url = str_cstr(exchange->arena, json_get_text(question, "endpoint")),
        .body = str_of(text),
        .timeout_ms = 2000,
    };
    headers_addz(exchange->arena, &request.headers, "Content-Type", "application/json");
    headers_addz(exchange->arena, &request.headers, "Authorization", "Bearer opensesame");
    client_pool_call(provider->pool, &request, done, exchange);
}

static void on_pushed(void *arg, const struct client_response *response, const struct err *err)
{
    struct exchange *exchange = arg;
    (void)err;
    answer_json(exchange, response && response->status == 200 ? 202 : 502, "{}");
}

static void on_pushed_once(void *arg, const struct client_response *response, const struct err *err)
{
    (void)response;
    (void)err;
    send_push(arg, on_pushed);
}

static void push(struct exchange *exchange)
{
    if (has(exchange, PROVIDER_NO_TRIGGER))
        answer_json(exchange, 404, "{\"title\":\"Not Found\"}");
    else if (has(exchange, PROVIDER_PUSH_NEVER))
        answer_json(exchange, 202, "{}");
    else
        send_push(exchange, has(exchange, PROVIDER_PUSH_TWICE) ? on_pushed_once : on_pushed);
}

/* ---- the server ---- */

static const struct {
    const char *method, *path;
    unsigned absent; /* a fault that takes it away */
    unsigned only;   /* a fault that it needs */
    void (*handle)(struct exchange *exchange);
} routes[] = {
    {"GET", "/openapi.json", PROVIDER_NO_OPENAPI, 0, openapi},
    {"GET", "/schema.graphql", PROVIDER_NO_SDL, 0, sdl},
    {"GET", "/v1/things", PROVIDER_NESTED | PROVIDER_PREFIX, 0, list},
    {"GET", "/api/v1/things", 0, PROVIDER_PREFIX, list},
    {"GET", "/v1/shops/a%20b/things", 0, PROVIDER_NESTED, list},
    {"POST", "/graphql", 0, 0, graphql},
    {"POST", "/_tally/push", 0, 0, push},
};

static void handle(struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    const struct provider *provider = exchange->context;
    struct str given = headers_get(&request->headers, "Authorization");
    if (has(exchange, PROVIDER_BREAKS)) {
        server_drop(exchange);
        return;
    }
    if (has(exchange, PROVIDER_ASKS_TOKEN) && !str_is(given, "Bearer opensesame")) {
        answer_json(exchange, 401, "{\"title\":\"Unauthorized\"}");
        return;
    }
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        bool there = !(provider->faults & routes[i].absent) &&
                     (provider->faults & routes[i].only) == routes[i].only;
        if (there && str_is(request->method, routes[i].method) &&
            str_is(request->path, routes[i].path)) {
            routes[i].handle(exchange);
            return;
        }
    }
    answer_json(exchange, 404, "{\"title\":\"Not Found\"}");
}

static void must(int rc, const struct err *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "the provider of the test did not start: %s\n", err->text);
    abort();
}

static void *serve(void *arg)
{
    struct provider *provider = arg;
    loop_run(provider->loop);
    return NULL;
}

void provider_start(struct provider *provider, unsigned faults, size_t rows)
{
    struct err err = ERR_INIT;
    *provider = (struct provider){.faults = faults, .rows = rows};
    const struct server_config config = {
        .address = "127.0.0.1", .handle = handle, .context = provider};
    must(loop_new(&provider->loop, &err), &err);
    must(server_start(provider->loop, &config, &provider->server, &err), &err);
    must(client_pool_new(provider->loop, 4, 16, &provider->pool, &err), &err);
    if (pthread_create(&provider->thread, NULL, serve, provider) != 0)
        abort();
}

const char *provider_url(const struct provider *provider)
{
    return server_url(provider->server);
}

void provider_end(struct provider *provider)
{
    loop_stop(provider->loop);
    pthread_join(provider->thread, NULL);
    client_pool_free(provider->pool);
    server_free(provider->server);
    loop_free(provider->loop);
}
