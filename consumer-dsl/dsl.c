// SPDX-License-Identifier: Apache-2.0
#include "consumer-dsl/dsl.h"

#include <stdarg.h>
#include <stdlib.h>

#include "consumer-dsl/include/tally.h"
#include "consumer-dsl/mock.h"
#include "consumer-dsl/value.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/contract/generate.h"
#include "lib/contract/integration.h"
#include "lib/contract/match.h"
#include "lib/contract/merge.h"
#include "lib/wire/media.h"

enum { DSL_REPORT_MAX = 4 * 1024 * 1024 };

static struct str keep(struct tally_pact *pact, const char *text)
{
    return str_dup(pact->arena, str_of(text ? text : ""));
}

/* A mistake in the description; the interaction's name goes first. Call with the lock held. */
static void mistake(struct tally_interaction *it, const char *what, const struct err *err)
{
    buf_printf(&it->owner->wrong, "\"%.*s\": %s: %s\n", STR_FMT(dsl_interaction(it)->description),
               what, err->text);
}

struct tally_pact *tally_pact_new(const char *consumer, const char *provider)
{
    struct tally_pact *pact = calloc(1, sizeof *pact);
    if (!pact)
        abort();
    pthread_mutex_init(&pact->lock, NULL);
    pact->arena = arena_new();
    pact->wrong = BUF_INIT(DSL_REPORT_MAX);
    pact->problems = BUF_INIT(2 * DSL_REPORT_MAX);
    pact->pact = pact_new(pact->arena, keep(pact, consumer), keep(pact, provider));
    if (!consumer || !*consumer || !provider || !*provider)
        buf_puts(&pact->wrong, "a pact needs the names of its consumer and its provider\n");
    return pact;
}

void tally_pact_free(struct tally_pact *pact)
{
    if (!pact)
        return;
    mock_stop(pact->mock);
    buf_release(&pact->wrong);
    buf_release(&pact->problems);
    arena_free(pact->arena);
    pthread_mutex_destroy(&pact->lock);
    free(pact);
}

const char *tally_url(struct tally_pact *pact)
{
    if (!pact->mock) {
        struct err err = ERR_INIT;
        if (mock_start(pact, &pact->mock, &err) != 0) {
            pthread_mutex_lock(&pact->lock);
            buf_printf(&pact->wrong, "%s\n", err.text);
            pthread_mutex_unlock(&pact->lock);
            return NULL;
        }
    }
    return mock_url(pact->mock);
}

/* ---- describing ---- */

static struct tally_interaction *add(struct tally_pact *pact, enum pact_kind kind,
                                     const char *description)
{
    pthread_mutex_lock(&pact->lock);
    struct tally_interaction *it = ARENA_NEW(pact->arena, struct tally_interaction);
    it->owner = pact;
    it->index = pact->pact->interactions.len;
    pact_add(pact->arena, pact->pact, kind, keep(pact, description));
    *VEC_PUSH(pact->arena, &pact->interactions) = it;
    pthread_mutex_unlock(&pact->lock);
    return it;
}

struct tally_interaction *tally_upon(struct tally_pact *pact, const char *description)
{
    return add(pact, PACT_HTTP, description);
}

struct tally_interaction *tally_upon_message(struct tally_pact *pact, const char *description)
{
    return add(pact, PACT_MESSAGE, description);
}

void tally_given(struct tally_interaction *it, const char *state)
{
    tally_given_with(it, state, NULL);
}

void tally_given_with(struct tally_interaction *it, const char *state, ...)
{
    struct tally_pact *pact = it->owner;
    pthread_mutex_lock(&pact->lock);
    struct json *params = NULL;
    va_list list;
    va_start(list, state);
    for (const char *name; (name = va_arg(list, const char *));) {
        const char *value = va_arg(list, const char *);
        if (!params)
            params = json_new_object(pact->arena);
        json_set_str(pact->arena, params, keep(pact, name),
                     json_new_str(pact->arena, keep(pact, value)));
    }
    va_end(list);
    struct pact_state *added = VEC_PUSH(pact->arena, &dsl_interaction(it)->states);
    added->name = keep(pact, state);
    added->params = params;
    pthread_mutex_unlock(&pact->lock);
}

void tally_request(struct tally_interaction *it, const char *method, const char *path)
{
    struct tally_pact *pact = it->owner;
    pthread_mutex_lock(&pact->lock);
    struct pact_request *request = &dsl_interaction(it)->request;
    request->method = keep(pact, method);
    request->path = keep(pact, path);
    if (!path || path[0] != '/' || str_chr(request->path, '?') >= 0) {
        struct err err = ERR_INIT;
        err_set(&err, ERR_PARSE, "'%s' has to start with '/' and hold no '?'", path ? path : "");
        mistake(it, "path", &err);
    }
    pthread_mutex_unlock(&pact->lock);
}

void tally_path_matching(struct tally_interaction *it, const char *pattern)
{
    struct tally_pact *pact = it->owner;
    pthread_mutex_lock(&pact->lock);
    struct pact_request *request = &dsl_interaction(it)->request;
    struct value_sink sink = {pact->arena, request->rules, request->generators, RULES_PATH};
    struct str path = request->path;
    struct json *example;
    struct err err = ERR_INIT;
    if (value_take(tally_regex(pattern, str_cstr(pact->arena, path)), "", &sink, &example, &err) !=
        0)
        mistake(it, "path", &err);
    pthread_mutex_unlock(&pact->lock);
}

/* Where the values of an interaction go, by side. */
enum side { SIDE_REQUEST, SIDE_RESPONSE, SIDE_MESSAGE };

static struct value_sink sink_of(struct tally_interaction *it, enum side side, enum rules_part part)
{
    struct pact_interaction *interaction = dsl_interaction(it);
    struct value_sink sink = {.arena = it->owner->arena, .part = part};
    sink.rules = side == SIDE_REQUEST    ? interaction->request.rules
                 : side == SIDE_RESPONSE ? interaction->response.rules
                                         : interaction->message.rules;
    sink.generators = side == SIDE_REQUEST    ? interaction->request.generators
                      : side == SIDE_RESPONSE ? interaction->response.generators
                                              : interaction->message.generators;
    return sink;
}

/* Header and query values are text: strings as they are, anything else as JSON text. */
static struct str as_text(const struct json *value, struct arena *arena)
{
    return json_is(value, JSON_STRING) ? json_text(value) : json_to_str(arena, value, JSON_COMPACT);
}

void tally_query(struct tally_interaction *it, const char *name, struct tally_value *value)
{
    struct tally_pact *pact = it->owner;
    pthread_mutex_lock(&pact->lock);
    struct value_sink sink = sink_of(it, SIDE_REQUEST, RULES_QUERY);
    struct json *example;
    struct err err = ERR_INIT;
    if (value_take(value, name, &sink, &example, &err) != 0) {
        mistake(it, "query", &err);
    } else {
        struct pact_query *query = &dsl_interaction(it)->request.query;
        query->missing = false;
        struct url_param *param = VEC_PUSH(pact->arena, &query->params);
        param->name = keep(pact, name);
        param->value = as_text(example, pact->arena);
    }
    pthread_mutex_unlock(&pact->lock);
}

static void add_header(struct tally_interaction *it, enum side side, const char *name,
                       struct tally_value *value)
{
    struct tally_pact *pact = it->owner;
    pthread_mutex_lock(&pact->lock);
    struct value_sink sink = sink_of(it, side, RULES_HEADER);
    struct json *example;
    struct err err = ERR_INIT;
    if (value_take(value, name, &sink, &example, &err) != 0)
        mistake(it, "header", &err);
    else
        pact_header_add(pact->arena,
                        side == SIDE_REQUEST ? &dsl_interaction(it)->request.headers
                                             : &dsl_interaction(it)->response.headers,
                        keep(pact, name), as_text(example, pact->arena));
    pthread_mutex_unlock(&pact->lock);
}

void tally_request_header(struct tally_interaction *it, const char *name, struct tally_value *value)
{
    add_header(it, SIDE_REQUEST, name, value);
}

void tally_response_header(struct tally_interaction *it, const char *name,
                           struct tally_value *value)
{
    add_header(it, SIDE_RESPONSE, name, value);
}

static struct pact_body *body_of(struct tally_interaction *it, enum side side)
{
    struct pact_interaction *interaction = dsl_interaction(it);
    return side == SIDE_REQUEST    ? &interaction->request.body
           : side == SIDE_RESPONSE ? &interaction->response.body
                                   : &interaction->message.body;
}

static void set_body(struct tally_interaction *it, enum side side, struct tally_value *value)
{
    pthread_mutex_lock(&it->owner->lock);
    struct pact_body *body = body_of(it, side);
    struct value_sink sink = sink_of(it, side, RULES_BODY);
    struct json *example;
    struct err err = ERR_INIT;
    if (value_take(value, "$", &sink, &example, &err) != 0)
        mistake(it, "body", &err);
    else
        pact_body_set_json(sink.arena, body, example, STR("application/json"));
    pthread_mutex_unlock(&it->owner->lock);
}

void tally_request_body(struct tally_interaction *it, struct tally_value *body)
{
    set_body(it, SIDE_REQUEST, body);
    if (!pact_header_get(&dsl_interaction(it)->request.headers, "Content-Type").ptr)
        tally_request_header(it, "Content-Type", tally_text("application/json"));
}

void tally_response_body(struct tally_interaction *it, struct tally_value *body)
{
    set_body(it, SIDE_RESPONSE, body);
    if (!pact_header_get(&dsl_interaction(it)->response.headers, "Content-Type").ptr)
        tally_response_header(it, "Content-Type", tally_text("application/json"));
}

void tally_message_body(struct tally_interaction *it, struct tally_value *body)
{
    set_body(it, SIDE_MESSAGE, body);
    tally_message_metadata(it, "contentType", tally_text("application/json"));
}

/* Rules and example of integration JSON, by the kind of body. */
static int take_integration(const struct integration *to, struct str type, struct str json,
                            struct pact_body *body, struct err *err)
{
    struct media media = {0};
    struct json *tree = NULL, *example = NULL;
    struct str text = STR_NONE;
    int rc = media_parse(type, to->arena, &media, err);
    rc = rc ? rc : json_parse(json, "integration JSON", to->arena, &tree, err);
    if (rc != 0)
        return rc;
    switch (media_kind(&media)) {
    case MEDIA_JSON:
        rc = integration_body(to, tree, &example, err);
        if (rc == 0)
            pact_body_set_json(to->arena, body, example, type);
        return rc;
    case MEDIA_XML:
        rc = integration_xml(to, tree, &text, err);
        return rc ? rc : pact_body_set(to->arena, body, text, type, err);
    default:
        return err_set(err, ERR_PARSE, "integration JSON makes JSON or XML, not '%.*s'",
                       STR_FMT(type));
    }
}

static void set_integration(struct tally_interaction *it, enum side side, const char *type,
                            const char *json)
{
    struct tally_pact *pact = it->owner;
    pthread_mutex_lock(&pact->lock);
    struct value_sink sink = sink_of(it, side, RULES_BODY);
    struct integration to = {sink.rules, sink.generators, sink.arena};
    struct err err = ERR_INIT;
    if (take_integration(&to, keep(pact, type), keep(pact, json), body_of(it, side), &err) != 0)
        mistake(it, "body", &err);
    pthread_mutex_unlock(&pact->lock);
}

void tally_request_body_as(struct tally_interaction *it, const char *content_type,
                           const char *integration_json)
{
    set_integration(it, SIDE_REQUEST, content_type, integration_json);
    if (!pact_header_get(&dsl_interaction(it)->request.headers, "Content-Type").ptr)
        tally_request_header(it, "Content-Type", tally_text(content_type));
}

void tally_response_body_as(struct tally_interaction *it, const char *content_type,
                            const char *integration_json)
{
    set_integration(it, SIDE_RESPONSE, content_type, integration_json);
    if (!pact_header_get(&dsl_interaction(it)->response.headers, "Content-Type").ptr)
        tally_response_header(it, "Content-Type", tally_text(content_type));
}

void tally_message_body_as(struct tally_interaction *it, const char *content_type,
                           const char *integration_json)
{
    set_integration(it, SIDE_MESSAGE, content_type, integration_json);
    tally_message_metadata(it, "contentType", tally_text(content_type));
}

void tally_graphql(struct tally_interaction *it, const char *path, const char *operation_name,
                   const char *query, struct tally_value *variables)
{
    tally_request(it, "POST", path);
    struct tally_value *body =
        variables ? tally_object("operationName", tally_text(operation_name), "query",
                                 tally_text(query), "variables", variables, NULL)
                  : tally_object("operationName", tally_text(operation_name), "query",
                                 tally_text(query), NULL);
    tally_request_body(it, body);
}

void tally_respond(struct tally_interaction *it, int status)
{
    pthread_mutex_lock(&it->owner->lock);
    dsl_interaction(it)->response.status = status;
    pthread_mutex_unlock(&it->owner->lock);
}

void tally_response_text(struct tally_interaction *it, const char *content_type, const char *text)
{
    struct tally_pact *pact = it->owner;
    pthread_mutex_lock(&pact->lock);
    struct err err = ERR_INIT;
    if (pact_body_set(pact->arena, &dsl_interaction(it)->response.body, keep(pact, text),
                      keep(pact, content_type), &err) != 0)
        mistake(it, "body", &err);
    pthread_mutex_unlock(&pact->lock);
    tally_response_header(it, "Content-Type", tally_text(content_type));
}

void tally_message_metadata(struct tally_interaction *it, const char *name,
                            struct tally_value *value)
{
    struct tally_pact *pact = it->owner;
    pthread_mutex_lock(&pact->lock);
    struct value_sink sink = sink_of(it, SIDE_MESSAGE, RULES_METADATA);
    struct json *example;
    struct err err = ERR_INIT;
    if (value_take(value, name, &sink, &example, &err) != 0)
        mistake(it, "metadata", &err);
    else
        json_set_str(pact->arena, dsl_interaction(it)->message.metadata, keep(pact, name), example);
    pthread_mutex_unlock(&pact->lock);
}

int tally_receive(struct tally_interaction *it,
                  int (*receiver)(const char *body, size_t body_len, void *context), void *context)
{
    struct tally_pact *pact = it->owner;
    pthread_mutex_lock(&pact->lock);
    struct pact_body body = dsl_interaction(it)->message.body;
    pthread_mutex_unlock(&pact->lock);
    int status =
        body.state == PACT_BODY_PRESENT ? receiver(body.bytes.ptr, body.bytes.len, context) : -1;
    pthread_mutex_lock(&pact->lock);
    if (status == 0)
        it->hits++;
    else if (body.state != PACT_BODY_PRESENT)
        buf_printf(&pact->wrong, "\"%.*s\": has no message body to receive\n",
                   STR_FMT(dsl_interaction(it)->description));
    else
        buf_printf(&pact->wrong, "\"%.*s\": the receiver returned %d\n",
                   STR_FMT(dsl_interaction(it)->description), status);
    pthread_mutex_unlock(&pact->lock);
    return status;
}

/* ---- judging and writing ---- */

static bool same_name(const struct pact_interaction *a, const struct pact_interaction *b)
{
    if (a->kind != b->kind || !str_eq(a->description, b->description) ||
        a->states.len != b->states.len)
        return false;
    for (size_t i = 0; i < a->states.len; i++)
        if (!str_eq(a->states.items[i].name, b->states.items[i].name) ||
            !json_equal(a->states.items[i].params, b->states.items[i].params))
            return false;
    return true;
}

static void report_interaction(struct tally_pact *pact, const struct tally_interaction *it,
                               struct buf *out)
{
    const struct pact_interaction *interaction = dsl_interaction(it);
    if (it->hits == 0)
        buf_printf(out, "\"%.*s\" was never exercised\n", STR_FMT(interaction->description));
    for (size_t i = 0; i < it->index; i++)
        if (same_name(&pact->pact->interactions.items[i], interaction))
            buf_printf(out, "\"%.*s\" is described twice with the same provider states\n",
                       STR_FMT(interaction->description));
}

const char *tally_problems(struct tally_pact *pact)
{
    pthread_mutex_lock(&pact->lock);
    struct buf *out = &pact->problems;
    buf_clear(out);
    buf_str(out, buf_view(&pact->wrong));
    VEC_EACH(&pact->interactions, struct tally_interaction *const *, it)
        report_interaction(pact, *it, out);
    const char *text = out->len ? out->ptr : NULL;
    pthread_mutex_unlock(&pact->lock);
    return text;
}

/* Names become file names: no folder may be made of them. */
static char *file_name(struct tally_pact *pact)
{
    char *name = arena_printf(pact->arena, "%.*s-%.*s.json", STR_FMT(pact->pact->consumer),
                              STR_FMT(pact->pact->provider));
    for (char *c = name; *c; c++)
        if (*c == '/')
            *c = '_';
    return name;
}

/* What is written into a file: `pact` alone, or together with what the file has already. */
static int joined(struct tally_pact *pact, const char *path, struct pact **ret, struct err *err)
{
    struct merge_conflicts conflicts = {0};
    struct pact *older = NULL;
    struct str text;
    *ret = pact->pact;
    if (!fs_exists(path))
        return 0;
    int rc = fs_read(path, LIMIT_FILE, pact->arena, &text, err);
    rc = rc ? rc : pact_read(text, path, pact->arena, &older, err);
    if (rc)
        return err_wrap(err, "the file to write exists and cannot be merged with");
    pact->pact->source = STR("this test");
    rc = pact_merge(older, pact->pact, pact->arena, ret, &conflicts, err);
    VEC_EACH(&conflicts, const struct merge_conflict *, conflict) {
        buf_printf(&pact->wrong, "\"%.*s\" contradicts '%s': %.*s\n",
                   STR_FMT(conflict->newer->description), path, STR_FMT(conflict->text));
    }
    return rc;
}

int tally_pact_write(struct tally_pact *pact, const char *dir)
{
    if (tally_problems(pact))
        return -1;
    pthread_mutex_lock(&pact->lock);
    struct err err = ERR_INIT;
    struct pact *whole = NULL;
    struct str text;
    const char *path = fs_join(pact->arena, dir, file_name(pact));
    if (pact->interactions.len == 0)
        err_set(&err, ERR_UNDECIDED, "the pact has no interaction; nothing was written");
    else if (joined(pact, path, &whole, &err) == 0 &&
             pact_write(whole, PACT_V4, pact->arena, &text, &err) == 0 && fs_mkdirs(dir, &err) == 0)
        fs_write(path, text, &err);
    if (err.code)
        buf_printf(&pact->wrong, "%s\n", err.text);
    pthread_mutex_unlock(&pact->lock);
    return err.code ? -1 : 0;
}
