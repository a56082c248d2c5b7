// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/upstream.h"

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/http/router.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "bff-reference/problem.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

static void reply_json(struct exchange *exchange, const struct json *value)
{
    server_respond_text(exchange, 200, "application/json",
                        json_to_str(exchange->arena, value, JSON_COMPACT));
}

static void reply_problem(struct exchange *exchange, enum problem_kind kind, const char *detail)
{
    struct problem problem = {kind, detail};
    server_respond_text(exchange, problem_status(kind), PROBLEM_TYPE,
                        problem_json(exchange->arena, &problem, exchange->request.path));
}

/* Every service has one collection only; the router knows all four. */
static bool is_own_collection(struct exchange *exchange)
{
    const struct upstream *upstream = exchange->context;
    if (str_is(router_param(exchange, "collection"), service_collection(upstream->service)))
        return true;
    reply_problem(exchange, PROBLEM_NOT_FOUND, "this service has no such collection");
    return false;
}

static void get_collection(struct exchange *exchange)
{
    struct upstream *upstream = exchange->context;
    struct url_params params = {0};
    if (!is_own_collection(exchange))
        return;
    if (url_query_parse(exchange->request.query, exchange->arena, &params, NULL)) {
        reply_problem(exchange, PROBLEM_BAD_REQUEST, "the query is not well-formed");
        return;
    }
    struct str ids = url_query_get(&params, "ids"), limit = url_query_get(&params, "limit");
    if (ids.ptr) {
        upstream->calls[UPSTREAM_BATCH]++;
        reply_json(exchange, upstream_batch(upstream, ids, exchange->arena));
        return;
    }
    int64_t since_us;
    struct upstream_query query = {url_query_get(&params, "after"), url_query_get(&params, "since"),
                                   PAGE_DEFAULT};
    if (limit.ptr && !str_to_i64(limit, 1, PAGE_MAX, &query.limit)) {
        reply_problem(exchange, PROBLEM_BAD_REQUEST, "limit is a number from 1 to 1000");
        return;
    }
    if (query.since.ptr && !clock_parse(query.since, &since_us)) {
        reply_problem(exchange, PROBLEM_BAD_REQUEST, "since is a date-time with a time zone");
        return;
    }
    upstream->calls[UPSTREAM_LIST]++;
    reply_json(exchange, upstream_list(upstream, &query, exchange->arena));
}

static void get_single(struct exchange *exchange)
{
    struct upstream *upstream = exchange->context;
    if (!is_own_collection(exchange))
        return;
    upstream->calls[UPSTREAM_SINGLE]++;
    struct str id = router_param(exchange, "id");
    /* Who "me" is will come from a token; until then one user is always signed in. */
    if (upstream->service == SERVICE_USER && str_is(id, "me"))
        id = STR("usr-0001");
    const struct json *row = upstream_find(upstream, id);
    if (row)
        reply_json(exchange, row);
    else
        reply_problem(exchange, PROBLEM_NOT_FOUND,
                      arena_printf(exchange->arena, "there is no %s '%.*s'",
                                   service_name(upstream->service), STR_FMT(id)));
}

static void post_state(struct exchange *exchange)
{
    struct upstream *upstream = exchange->context;
    struct json *body;
    if (json_parse(exchange->request.body, "body", exchange->arena, &body, NULL) ||
        !json_is(json_get(body, "state"), JSON_STRING)) {
        reply_problem(exchange, PROBLEM_BAD_REQUEST, "the body is not {\"state\": text}");
        return;
    }
    struct str name = json_get_text(body, "state");
    const struct seed_state *state = seed_state_find(name);
    if (name.len && (!state || state->service != upstream->service)) {
        reply_problem(exchange, PROBLEM_NOT_FOUND,
                      arena_printf(exchange->arena, "there is no state '%.*s'", STR_FMT(name)));
        return;
    }
    upstream_set(upstream, state ? state->variant : SEED_BASE);
    reply_json(exchange, json_new_object(exchange->arena));
}

static void post_reset(struct exchange *exchange)
{
    upstream_set(exchange->context, SEED_BASE);
    reply_json(exchange, json_new_object(exchange->arena));
}

static void get_calls(struct exchange *exchange)
{
    static const char *const names[UPSTREAM_CALL_KINDS] = {"list", "batch", "single"};
    const struct upstream *upstream = exchange->context;
    struct json *calls = json_new_object(exchange->arena);
    for (int i = 0; i < UPSTREAM_CALL_KINDS; i++)
        json_set(exchange->arena, calls, names[i],
                 json_new_int(exchange->arena, (int64_t)upstream->calls[i]));
    reply_json(exchange, calls);
}

static const struct route routes[] = {
    {"GET", "/{collection}", get_collection, 0}, {"GET", "/{collection}/{id}", get_single, 0},
    {"POST", "/_admin/state", post_state, 0},    {"POST", "/_admin/reset", post_reset, 0},
    {"GET", "/_admin/calls", get_calls, 0},
};

void upstream_init(struct upstream *upstream, enum service service)
{
    *upstream = (struct upstream){.service = service, .arena = arena_new()};
    upstream->router = router_new(routes, sizeof routes / sizeof *routes);
    upstream_set(upstream, SEED_BASE);
}

void upstream_release(struct upstream *upstream)
{
    router_free(upstream->router);
    arena_free(upstream->arena);
    *upstream = (struct upstream){0};
}

void upstream_handle(struct exchange *exchange)
{
    struct upstream *upstream = exchange->context;
    struct router_match match;
    router_find(upstream->router, exchange->request.method, exchange->request.path, exchange->arena,
                &match);
    switch (match.result) {
    case ROUTER_FOUND:
        exchange->params = match.params;
        match.route->handle(exchange);
        break;
    case ROUTER_NO_METHOD:
        reply_problem(exchange, PROBLEM_METHOD, "the path does not take this method");
        break;
    case ROUTER_NO_PATH:
        reply_problem(exchange, PROBLEM_NOT_FOUND, "there is nothing at this path");
        break;
    case ROUTER_BAD_PATH:
        reply_problem(exchange, PROBLEM_BAD_REQUEST, "the path is not well-formed");
        break;
    }
}
