// SPDX-License-Identifier: Apache-2.0
/*
 * What a push carries: a server of our own stands in for the push service, the provider is asked to
 * send something there, and every body that comes is judged.
 */
#include "verifier/probe_parts.h"

#include "lib/base/arena.h"
#include "lib/http/loop.h"
#include "lib/http/server.h"

static const char PUSH[] = "INT-005-PUSH";
enum {
    EXCERPT = 400,
    PUSHES_MAX = 50,
    BODY_MAX = 1024 * 1024,
    STOP_MS = 500,
};

struct caught {
    struct str method, path, body;
    struct headers headers;
};

struct catcher {
    struct probe *probe;
    struct loop *loop;
    struct server *server;
    struct client_pool *pool;
    struct loop_timer *timer;
    struct probe_reply trigger; /* url; response and problem when it is answered */
    bool triggered, stopping;
    struct {
        VEC_OF(struct caught);
    } pushes;
};

/* ---- the end of waiting ---- */

static void on_stopped(void *arg)
{
    struct catcher *catcher = arg;
    loop_stop(catcher->loop);
}

static void stop(void *arg)
{
    struct catcher *catcher = arg;
    catcher->timer = NULL;
    if (catcher->stopping)
        return;
    catcher->stopping = true;
    server_stop(catcher->server, STOP_MS, on_stopped, catcher);
}

static void stop_in(struct catcher *catcher, uint64_t ms)
{
    if (catcher->stopping)
        return;
    loop_cancel(catcher->timer);
    catcher->timer = loop_after(catcher->loop, ms, stop, catcher);
}

/* The trigger is done and something came: give what may follow a moment. */
static void stop_if_quiet(struct catcher *catcher)
{
    bool triggered = catcher->triggered || probe_is_off(catcher->probe->config.push_trigger);
    if (triggered && catcher->pushes.len > 0)
        stop_in(catcher, (uint64_t)catcher->probe->config.push_quiet_ms);
}

/* ---- catching ---- */

static void on_request(struct exchange *exchange)
{
    struct catcher *catcher = exchange->context;
    struct arena *arena = catcher->probe->arena;
    const struct request *request = &exchange->request;
    if (!str_is(request->method, "POST") && !str_is(request->method, "PUT")) {
        server_respond_text(exchange, 405, "text/plain", STR("pushes are sent with POST\n"));
        return;
    }
    if (catcher->pushes.len == PUSHES_MAX) {
        server_respond_text(exchange, 429, "text/plain", STR("this probe has seen enough\n"));
        return;
    }
    struct caught *caught = VEC_PUSH(arena, &catcher->pushes);
    *caught = (struct caught){
        .method = str_dup(arena, request->method),
        .path = str_dup(arena, request->path),
        .body = str_dup(arena, request->body.ptr ? request->body : STR("")),
    };
    VEC_EACH(&request->headers, const struct header *, header) {
        headers_add(arena, &caught->headers, str_dup(arena, header->name),
                    str_dup(arena, header->value));
    }
    struct str name = str_printf(arena, "{\"name\":\"projects/tally-probe/messages/%zu\"}",
                                 catcher->pushes.len); /* as FCM v1 answers */
    server_respond_text(exchange, 200, "application/json", name);
    stop_if_quiet(catcher);
}

static void on_triggered(void *arg, const struct client_response *response, const struct err *err)
{
    struct catcher *catcher = arg;
    struct probe *probe = catcher->probe;
    struct probe_reply *trigger = &catcher->trigger;
    catcher->triggered = true;
    if (!response) {
        trigger->problem = str_of(arena_strdup(probe->arena, err->text));
    } else {
        probe->answers++;
        trigger->response = (struct client_response){.status = response->status,
                                                     .body = str_dup(probe->arena, response->body)};
        trigger->missing = response->status == 404 || response->status == 405 ||
                           response->status == 410 || response->status == 501;
        if (response->status < 200 || response->status > 299)
            trigger->problem = str_printf(probe->arena, "POST %.*s answered %d",
                                          STR_FMT(trigger->url), response->status);
    }
    /* Without a trigger something comes only if the provider was told our port. */
    if (trigger->problem.ptr && probe->config.push_port == 0 && catcher->pushes.len == 0)
        stop_in(catcher, 0);
    else
        stop_if_quiet(catcher);
}

static void pull_trigger(struct catcher *catcher)
{
    struct probe *probe = catcher->probe;
    const char *url = probe_url(probe, probe->config.push_trigger);
    struct json *body = json_new_object(probe->arena);
    json_set(probe->arena, body, "endpoint",
             json_new_text(probe->arena, server_url(catcher->server)));
    struct client_request request = {
        .method = "POST",
        .url = url,
        .headers = probe_headers(probe, url),
        .body = json_to_str(probe->arena, body, JSON_COMPACT),
        .timeout_ms = (int)probe->config.push_timeout_ms,
    };
    headers_addz(probe->arena, &request.headers, "Content-Type", "application/json");
    catcher->trigger.url = probe_shown_url(probe, str_of(url));
    client_pool_call(catcher->pool, &request, on_triggered, catcher);
}

static int catch_pushes(struct catcher *catcher, struct err *err)
{
    struct probe *probe = catcher->probe;
    const struct server_config config = {
        .address = "127.0.0.1",
        .port = (int)probe->config.push_port,
        .handle = on_request,
        .context = catcher,
        .max_body = BODY_MAX,
    };
    int rc = loop_new(&catcher->loop, err);
    if (rc == 0)
        rc = server_start(catcher->loop, &config, &catcher->server, err);
    if (rc == 0)
        rc = client_pool_new(catcher->loop, 1, 1, &catcher->pool, err);
    if (rc == 0) {
        stop_in(catcher, (uint64_t)probe->config.push_timeout_ms);
        if (!probe_is_off(probe->config.push_trigger))
            pull_trigger(catcher);
        loop_run(catcher->loop);
    }
    if (catcher->pool)
        client_pool_free(catcher->pool);
    if (catcher->server)
        server_free(catcher->server);
    if (catcher->loop)
        loop_free(catcher->loop);
    return rc < 0 ? err_wrap(err, "catching pushes") : 0;
}

/* ---- judging ---- */

static struct json *header_evidence(struct probe *probe, const struct headers *headers)
{
    enum { HEADERS_SHOWN = 30, VALUE_SHOWN = 100 };
    struct json *list = json_new_array(probe->arena);
    VEC_EACH(headers, const struct header *, header) {
        bool secret = probe_is_secret_name(header->name);
        struct str value = secret ? STR("...") : probe_excerpt(probe, header->value, VALUE_SHOWN);
        struct str field =
            str_printf(probe->arena, "%.*s: %.*s", STR_FMT(header->name), STR_FMT(value));
        if (json_len(list) < HEADERS_SHOWN)
            json_append(probe->arena, list, json_new_str(probe->arena, field));
    }
    return list;
}

/* Options that repeat this part of the probe. */
static struct str reproduce(struct probe *probe)
{
    const char *trigger = probe->config.push_trigger;
    if (strcmp(trigger, PROBE_PUSH_TRIGGER) == 0)
        return probe_again(probe, "");
    struct str shown = probe_shown_url(probe, str_of(trigger));
    return probe_again(probe, arena_printf(probe->arena, "--push-trigger %.*s",
                                           STR_FMT(probe_quote(probe, shown))));
}

static void judge_push(struct probe *probe, const struct catcher *catcher, size_t i)
{
    struct arena *arena = probe->arena;
    const struct caught *caught = &catcher->pushes.items[i];
    struct str subject = str_printf(arena, "push %zu", i + 1), excerpt;
    struct err problem = ERR_INIT;
    struct json *payload;
    size_t from = probe->findings.len;
    if (json_parse(caught->body, "push", arena, &payload, &problem) == 0) {
        adr_check_push(payload, ADR_LIVE, subject, arena, &probe->findings);
        excerpt = probe_push_excerpt(probe, payload, EXCERPT);
    } else {
        probe_add(probe, PUSH, ADR_FAIL, ADR_LIVE, subject,
                  str_printf(arena, "the push is no JSON: line %d, column %d: %s", problem.line,
                             problem.column, problem.text),
                  NULL);
        /* It may be anything, a person's data included: its size has to do. */
        excerpt = str_printf(arena, "(%zu bytes that are no JSON)", caught->body.len);
    }
    for (size_t k = from; k < probe->findings.len; k++) {
        struct adr_finding *finding = &probe->findings.items[k];
        probe_evidence_text(probe, finding, "url", catcher->trigger.url);
        probe_evidence_text(
            probe, finding, "request",
            str_printf(arena, "%.*s %.*s", STR_FMT(caught->method), STR_FMT(caught->path)));
        json_set(arena, probe_evidence(probe, finding), "headers",
                 header_evidence(probe, &caught->headers));
        json_set(arena, probe_evidence(probe, finding), "pushes",
                 json_new_int(arena, (int64_t)catcher->pushes.len));
        probe_evidence_text(probe, finding, "excerpt", excerpt);
        probe_evidence_text(probe, finding, "reproduce", reproduce(probe));
    }
}

static void judge_silence(struct probe *probe, const struct catcher *catcher)
{
    static const char next[] =
        "start the provider with its test hooks, name another one with --push-trigger, or point "
        "its push endpoint at --push-port N and let something happen while the probe runs";
    const struct probe_reply *trigger = &catcher->trigger;
    struct str text = str_printf(probe->arena, "no push came within %lld ms",
                                 (long long)probe->config.push_timeout_ms);
    if (trigger->missing)
        text = str_printf(probe->arena,
                          "no push was seen, and there is nothing that sends one: "
                          "%.*s",
                          STR_FMT(trigger->problem));
    else if (trigger->problem.ptr)
        text = str_printf(probe->arena, "no push was seen: %.*s", STR_FMT(trigger->problem));
    struct adr_finding *finding =
        probe_add(probe, PUSH, ADR_INCONCLUSIVE, ADR_LIVE, STR("push"), text, next);
    probe_evidence_text(probe, finding, "url", trigger->url);
    if (trigger->response.status > 0) {
        json_set(probe->arena, probe_evidence(probe, finding), "status",
                 json_new_int(probe->arena, trigger->response.status));
        probe_evidence_text(probe, finding, "excerpt",
                            probe_excerpt(probe, trigger->response.body, EXCERPT));
    }
    probe_evidence_text(probe, finding, "reproduce", reproduce(probe));
}

int probe_push(struct probe *probe, struct err *err)
{
    struct catcher catcher = {.probe = probe};
    bool off = probe_is_off(probe->config.push_trigger);
    if (off && probe->config.push_port == 0) {
        probe_add(probe, PUSH, ADR_INCONCLUSIVE, ADR_LIVE, STR("push"),
                  STR("no push was looked at (--push-trigger none and no --push-port)"),
                  "let the probe catch a push: it is required live");
        return 0;
    }
    int rc = catch_pushes(&catcher, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < catcher.pushes.len; i++)
        judge_push(probe, &catcher, i);
    if (catcher.pushes.len == 0)
        judge_silence(probe, &catcher);
    return 0;
}
