// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/bff_call.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/http/client.h"
#include "lib/json/json.h"
#include "lib/wire/url.h"
#include "bff-reference/bff.h"

struct problem bff_call_problem(const char *peer, const struct err *err, struct arena *arena)
{
    if (err->code == ERR_TIMEOUT)
        return (struct problem){PROBLEM_TIMEOUT,
                                arena_printf(arena, "the %s service took too long", peer)};
    if (err->code == ERR_BUSY)
        return (struct problem){PROBLEM_OVERLOADED,
                                arena_printf(arena, "the %s service has too much to do", peer)};
    return (struct problem){PROBLEM_UPSTREAM,
                            arena_printf(arena, "the %s service cannot be reached", peer)};
}

static struct problem read_answer(const struct bff_call *call,
                                  const struct client_response *response, struct json **ret)
{
    const char *name = service_name(call->service);
    if (response->status == 404)
        return (struct problem){PROBLEM_NOT_FOUND, "there is no such thing"};
    if (response->status < 200 || response->status > 299)
        return (struct problem){
            PROBLEM_UPSTREAM,
            arena_printf(call->arena, "the %s service answered with %d", name, response->status)};
    /* The response is gone after the callback, and the tree borrows its text. */
    struct str text = str_dup(call->arena, response->body);
    if (json_parse(text, name, call->arena, ret, NULL))
        return (struct problem){PROBLEM_UPSTREAM,
                                arena_printf(call->arena, "the %s service answered no JSON", name)};
    return (struct problem){PROBLEM_NONE, ""};
}

static void on_done(void *arg, const struct client_response *response, const struct err *err)
{
    const struct bff_call *call = arg;
    struct json *value = NULL;
    struct problem problem = response
                                 ? read_answer(call, response, &value)
                                 : bff_call_problem(service_name(call->service), err, call->arena);
    call->done(call->arg, problem.kind ? NULL : value, &problem);
}

void bff_call(const struct bff_call *given)
{
    struct arena *arena = given->arena;
    struct bff *bff = given->bff;
    struct bff_call *call = arena_copy(arena, given, sizeof *given);
    struct str url = url_join(arena, str_of(bff->config.urls[call->service]), call->path);
    struct client_request request = {.method = call->body.ptr ? "POST" : "GET",
                                     .url = str_cstr(arena, url),
                                     .body = call->body,
                                     .timeout_ms = bff->config.upstream_timeout_ms};
    headers_addz(arena, &request.headers, "Accept", "application/json");
    if (call->body.ptr)
        headers_addz(arena, &request.headers, "Content-Type", "application/json");
    client_pool_call(bff->pools[call->service], &request, on_done, call);
}
