// SPDX-License-Identifier: Apache-2.0
#include "consumer-dsl/mock.h"

#include <pthread.h>
#include <stdlib.h>

#include "consumer-dsl/dsl.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/contract/generate.h"
#include "lib/contract/match.h"
#include "lib/http/loop.h"
#include "lib/http/server.h"

enum { MOCK_STOP_MS = 2000, MOCK_SHOWN_DIFFERENCES = 20, MOCK_SENT_DIFFERENCES = 1000 };

struct mock {
    struct tally_pact *pact;
    struct loop *loop;
    struct server *server;
    pthread_t thread;
};

/* What comparing a request with all interactions came to. */
struct verdict {
    struct tally_interaction *match;   /* NULL when none agrees */
    struct tally_interaction *nearest; /* of those that do not; NULL without interactions */
    struct match_result differences;   /* from the nearest */
};

static uint64_t random_bits(void *context)
{
    (void)context;
    uint64_t bits;
    hash_random(&bits, sizeof bits);
    return bits;
}

/* A wrong method or path weighs more than anything else, so that the nearest is a plausible one. */
static size_t distance(const struct match_result *differences)
{
    size_t sum = differences->dropped;
    VEC_EACH(differences, const struct mismatch *, m)
        sum += m->part == MATCH_PATH ? 10000 : m->part == MATCH_METHOD ? 1000 : 1;
    return sum;
}

/*
 * The last interaction that agrees wins, one not exercised yet before others: a test describes what
 * it needs just before it asks.
 */
static int judge(struct tally_pact *pact, const struct actual_request *actual, struct arena *arena,
                 struct verdict *ret, struct err *err)
{
    struct verdict verdict = {0};
    for (size_t i = pact->interactions.len; i-- > 0;) {
        struct tally_interaction *it = pact->interactions.items[i];
        const struct pact_interaction *expected = dsl_interaction(it);
        if (expected->kind != PACT_HTTP)
            continue;
        struct match_result differences = {0};
        if (match_request(pact->pact, &expected->request, actual, arena, &differences, err) != 0)
            return err_wrap(err, "comparing with \"%.*s\"", STR_FMT(expected->description));
        if (differences.len == 0) {
            if (!verdict.match || (verdict.match->hits > 0 && it->hits == 0))
                verdict.match = it;
        } else if (!verdict.nearest || distance(&differences) < distance(&verdict.differences)) {
            verdict.nearest = it;
            verdict.differences = differences;
        }
    }
    *ret = verdict;
    return 0;
}

static void answer(struct exchange *exchange, const struct pact_interaction *interaction)
{
    struct generate_context context = {.mode = GENERATE_CONSUMER,
                                       .random = random_bits,
                                       .clock = clock_system(),
                                       .mock_server_url = str_of(server_url(exchange->server))};
    struct pact_response response;
    struct generate_warnings warnings = {0};
    struct err err = ERR_INIT;
    if (generate_response(&interaction->response, &context, exchange->arena, &response, &warnings,
                          &err) != 0) {
        server_respond_text(exchange, 500, "text/plain", str_of(err.text));
        return;
    }
    struct reply reply = REPLY(response.status);
    VEC_EACH(&response.headers, const struct pact_header *, header)
        VEC_EACH(&header->values, const struct str *, value)
            headers_add(exchange->arena, &reply.headers, header->name, *value);
    if (response.body.state == PACT_BODY_PRESENT) {
        reply.body = response.body.bytes;
        if (!headers_get(&reply.headers, "Content-Type").ptr && response.body.content_type.ptr)
            headers_add(exchange->arena, &reply.headers, STR("Content-Type"),
                        response.body.content_type);
    }
    server_respond(exchange, &reply);
}

static void explain(struct tally_pact *pact, const struct request *request,
                    const struct verdict *verdict)
{
    struct buf *out = &pact->wrong;
    buf_printf(out, "%.*s %.*s matched no interaction\n", STR_FMT(request->method),
               STR_FMT(request->target));
    if (!verdict->nearest) {
        buf_puts(out, "  there is no HTTP interaction to match\n");
        return;
    }
    buf_printf(out, "  nearest: \"%.*s\", which differs in\n",
               STR_FMT(dsl_interaction(verdict->nearest)->description));
    size_t shown = 0;
    VEC_EACH(&verdict->differences, const struct mismatch *, m) {
        if (shown++ == MOCK_SHOWN_DIFFERENCES) {
            buf_printf(out, "    … and %zu more\n",
                       verdict->differences.len - shown + 1 + verdict->differences.dropped);
            break;
        }
        buf_printf(out, "    %s%s%.*s: %.*s\n", match_part_name(m->part), m->path.len ? " " : "",
                   STR_FMT(m->path), STR_FMT(m->text));
    }
}

/* The same for the app under test, as JSON: what a developer sees in its log first. */
static void refuse(struct exchange *exchange, const struct verdict *verdict)
{
    struct arena *arena = exchange->arena;
    struct json *body = json_new_object(arena);
    json_set(arena, body, "error",
             json_new_text(arena, verdict->nearest ? "request-mismatch" : "request-not-found"));
    if (verdict->nearest)
        json_set(arena, body, "interaction",
                 json_new_str(arena, dsl_interaction(verdict->nearest)->description));
    struct json *list = json_new_array(arena);
    const struct match_result *differences = &verdict->differences;
    size_t shown = 0;
    for (; shown < differences->len && shown < MOCK_SENT_DIFFERENCES; shown++) {
        const struct mismatch *m = &differences->items[shown];
        struct json *one = json_new_object(arena);
        json_set(arena, one, "kind", json_new_text(arena, match_part_name(m->part)));
        json_set(arena, one, "path", json_new_str(arena, m->path));
        json_set(arena, one, "expected", json_new_str(arena, m->expected));
        json_set(arena, one, "actual", json_new_str(arena, m->actual));
        json_set(arena, one, "message", json_new_str(arena, m->text));
        json_append(arena, list, one);
    }
    json_set(arena, body, "mismatches", list);
    size_t folded = differences->len - shown + differences->dropped;
    if (folded > 0)
        json_set(arena, body, "mismatchesFolded", json_new_int(arena, (int64_t)folded));
    server_respond_text(exchange, 500, "application/json", json_to_str(arena, body, JSON_PRETTY));
}

static void on_request(struct exchange *exchange)
{
    struct tally_pact *pact = exchange->context;
    const struct request *request = &exchange->request;
    struct actual_request actual = {.method = request->method,
                                    .path = request->path,
                                    .query = request->query,
                                    .headers = request->headers,
                                    .body = request->body};
    struct verdict verdict = {0};
    struct err err = ERR_INIT;
    /* Counted before the client can see the answer, so that a test may check at once. */
    pthread_mutex_lock(&pact->lock);
    if (judge(pact, &actual, exchange->arena, &verdict, &err) != 0) {
        buf_printf(&pact->wrong, "%.*s %.*s could not be compared: %s\n", STR_FMT(request->method),
                   STR_FMT(request->target), err.text);
        server_respond_text(exchange, 500, "text/plain", str_of(err.text));
    } else if (verdict.match) {
        verdict.match->hits++;
        answer(exchange, dsl_interaction(verdict.match));
    } else {
        explain(pact, request, &verdict);
        refuse(exchange, &verdict);
    }
    pthread_mutex_unlock(&pact->lock);
}

static void *serve(void *arg)
{
    struct mock *mock = arg;
    loop_run(mock->loop);
    return NULL;
}

static void discard(struct mock *mock)
{
    server_free(mock->server);
    loop_free(mock->loop);
    free(mock);
}

int mock_start(struct tally_pact *pact, struct mock **ret, struct err *err)
{
    struct mock *mock = calloc(1, sizeof *mock);
    if (!mock)
        abort();
    mock->pact = pact;
    struct server_config config = {
        .address = "127.0.0.1", .port = 0, .handle = on_request, .context = pact};
    if (loop_new(&mock->loop, err) != 0) {
        free(mock);
        return err_wrap(err, "mock server");
    }
    if (server_start(mock->loop, &config, &mock->server, err) != 0 ||
        (pthread_create(&mock->thread, NULL, serve, mock) != 0 &&
         err_set(err, ERR_IO, "no thread for the mock server") != 0)) {
        discard(mock);
        return err_wrap(err, "mock server");
    }
    *ret = mock;
    return 0;
}

static void on_stopped(void *arg)
{
    struct mock *mock = arg;
    loop_stop(mock->loop);
}

static void on_stop(void *arg)
{
    struct mock *mock = arg;
    server_stop(mock->server, MOCK_STOP_MS, on_stopped, mock);
}

void mock_stop(struct mock *mock)
{
    if (!mock)
        return;
    loop_post(mock->loop, on_stop, mock);
    pthread_join(mock->thread, NULL);
    discard(mock);
}

const char *mock_url(const struct mock *mock)
{
    return server_url(mock->server);
}
