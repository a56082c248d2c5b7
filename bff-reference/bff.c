// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/bff.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/vec.h"
#include "lib/graphql/schema.h"
#include "lib/http/client.h"
#include "lib/http/loop.h"
#include "lib/http/router.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "lib/wire/media.h"
#include "bff-reference/bff_describe.h"
#include "bff-reference/bff_routes.h"

enum { IN_FLIGHT = 32, QUEUED = 4096, SLOW_MS = 2000 };

static int open_pools(struct bff *bff, struct err *err)
{
    for (int i = 0; i < SERVICE_COUNT; i++)
        if (client_pool_new(bff->loop, IN_FLIGHT, QUEUED, &bff->pools[i], err))
            return err->code;
    return client_pool_new(bff->loop, IN_FLIGHT, QUEUED, &bff->push_pool, err);
}

int bff_init(struct bff *bff, const struct bff_config *config, struct loop *loop, struct err *err)
{
    *bff = (struct bff){.config = *config, .loop = loop, .arena = arena_new()};
    struct gql_document *sdl;
    struct json *openapi;
    bff->sdl = bff_describe_sdl(config->faults, bff->arena);
    bff->openapi = bff_describe_openapi(config->faults, bff->arena);
    if (json_parse(bff->openapi, "openapi.json", bff->arena, &openapi, err) ||
        gql_parse(bff->sdl, "schema.graphql", bff->arena, &sdl, err) ||
        gql_schema_build(sdl, "schema.graphql", bff->arena, &bff->schema, err))
        return err_wrap(err, "describing the BFF");

    size_t len;
    const struct route *routes =
        bff_routes(config->push_url != NULL, config->hooks, bff->arena, &len);
    bff->router = router_new(routes, len);
    return open_pools(bff, err);
}

void bff_release(struct bff *bff)
{
    for (int i = 0; i < SERVICE_COUNT; i++)
        if (bff->pools[i])
            client_pool_free(bff->pools[i]);
    if (bff->push_pool)
        client_pool_free(bff->push_pool);
    if (bff->router)
        router_free(bff->router);
    arena_free(bff->arena);
    *bff = (struct bff){0};
}

/* Test hooks and descriptions tell the truth about a faulty build, so they are spared. */
static bool has_fault(const struct exchange *exchange, enum fault fault)
{
    const struct bff *bff = exchange->context;
    struct str path = exchange->request.path;
    return bff_fault(bff, fault) && !str_starts(path, STR("/_tally/")) &&
           !str_is(path, "/openapi.json") && !str_is(path, "/schema.graphql");
}

static void respond(struct exchange *exchange, struct reply *reply, const char *content_type)
{
    headers_addz(exchange->arena, &reply->headers, "Content-Type", content_type);
    if (has_fault(exchange, FAULT_TRUNCATED_BODY))
        reply->truncate_at = (long)reply->body.len / 2;
    server_respond(exchange, reply);
}

void bff_reply(struct exchange *exchange, int status, const char *content_type, struct str body)
{
    struct reply reply = REPLY(status);
    reply.body = body;
    respond(exchange, &reply, content_type);
}

void bff_reply_json(struct exchange *exchange, int status, const struct json *value)
{
    bff_reply(exchange, status, "application/json",
              json_to_str(exchange->arena, value, JSON_COMPACT));
}

static void reply_problem(struct exchange *exchange, const struct problem *problem,
                          struct str allow)
{
    struct reply reply = REPLY(problem_status(problem->kind));
    if (allow.ptr)
        headers_add(exchange->arena, &reply.headers, STR("Allow"), allow);
    if (has_fault(exchange, FAULT_HTML_ERRORS)) {
        reply.body = str_printf(exchange->arena,
                                "<html><head><title>%d</title></head>"
                                "<body><h1>Something went wrong</h1></body></html>\n",
                                reply.status);
        respond(exchange, &reply, "text/html; charset=utf-8");
        return;
    }
    reply.body = problem_json(exchange->arena, problem, exchange->request.path);
    respond(exchange, &reply, PROBLEM_TYPE);
}

void bff_reply_problem(struct exchange *exchange, const struct problem *problem)
{
    reply_problem(exchange, problem, STR_NONE);
}

/* GraphQL negotiates for itself, descriptions and hooks have one form. */
static bool is_acceptable(const struct exchange *exchange, const struct route *route)
{
    static const char *const offers[] = {"application/json", PROBLEM_TYPE};
    struct str accept = headers_joined(&exchange->request.headers, "Accept", exchange->arena);
    return !str_starts(str_of(route->template), STR("/v1/")) ||
           media_negotiate(accept, offers, sizeof offers / sizeof *offers) >= 0;
}

static void dispatch(void *arg)
{
    struct exchange *exchange = arg;
    struct bff *bff = exchange->context;
    struct router_match match;
    struct str method = exchange->request.method;
    if (str_is(method, "HEAD")) /* as GET; the server leaves the body out (RFC 9110 §9.3.2) */
        method = STR("GET");
    router_find(bff->router, method, exchange->request.path, exchange->arena, &match);
    switch (match.result) {
    case ROUTER_FOUND:
        exchange->params = match.params;
        if (!is_acceptable(exchange, match.route))
            bff_reply_problem(exchange, &(struct problem){PROBLEM_NOT_ACCEPTABLE,
                                                          "answers are application/json"});
        else
            match.route->handle(exchange);
        break;
    case ROUTER_NO_METHOD:
        reply_problem(
            exchange,
            &(struct problem){PROBLEM_METHOD, "the path does not take this method, see Allow"},
            str_is(match.allow, "GET") ? STR("GET, HEAD") : match.allow);
        break;
    case ROUTER_NO_PATH:
        bff_reply_problem(exchange,
                          &(struct problem){PROBLEM_NOT_FOUND, "there is nothing at this path"});
        break;
    case ROUTER_BAD_PATH:
        bff_reply_problem(exchange,
                          &(struct problem){PROBLEM_BAD_REQUEST, "the path is not well-formed"});
        break;
    }
}

void bff_handle(struct exchange *exchange)
{
    struct bff *bff = exchange->context;
    if (has_fault(exchange, FAULT_ERROR_500))
        bff_reply_problem(exchange, &(struct problem){PROBLEM_INTERNAL, "something went wrong"});
    else if (has_fault(exchange, FAULT_SLOW))
        loop_after(bff->loop, SLOW_MS, dispatch, exchange);
    else
        dispatch(exchange);
}
