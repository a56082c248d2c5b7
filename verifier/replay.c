// SPDX-License-Identifier: Apache-2.0
#include "verifier/replay.h"

#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/http/client.h"
#include "lib/wire/url.h"
#include "verifier/message.h"
#include "verifier/replay_internal.h"
#include "verifier/state.h"

enum { TRIES = 3, FIRST_WAIT_MS = 100 };

void replayer_init(struct replayer *replayer, const struct replay_target *target)
{
    *replayer = (struct replayer){
        .target = target,
        .client = client_new(),
        .scratch = arena_new(),
        .keep = arena_new(),
    };
}

void replayer_release(struct replayer *replayer)
{
    client_free(replayer->client);
    arena_free(replayer->scratch);
    arena_free(replayer->keep);
    *replayer = (struct replayer){0};
}

enum replay_answer replay_call(struct replayer *replayer, struct client_request *request,
                               struct client_response *ret, struct str *ret_reason)
{
    long wait = FIRST_WAIT_MS;
    for (int attempt = 1;; attempt++, wait *= 2) {
        struct err err = ERR_INIT;
        bool connected = false;
        request->ret_connected = &connected;
        int rc = client_call(replayer->client, request, replayer->scratch, ret, &err);
        request->ret_connected = NULL;
        if (rc == 0)
            return REPLAY_ANSWERED;
        bool ours = rc == ERR_USAGE || rc == ERR_LIMIT;
        if (connected || ours || rc != ERR_NET || attempt == TRIES) {
            *ret_reason = str_dup(replayer->scratch, str_of(err.text));
            return connected || ours ? REPLAY_BROKEN : REPLAY_UNREACHED;
        }
        struct timespec pause = {0, wait * 1000000};
        nanosleep(&pause, NULL);
    }
}

struct str replay_excerpt(struct arena *arena, struct str body, size_t max)
{
    struct str text = str_sub(str_trim(body), 0, max);
    size_t good = text.len;
    if (!str_is_utf8(text, &good) && (good + 4 <= text.len || good == 0))
        return text.len > 0 ? str_printf(arena, "(%zu bytes that are no text)", body.len) : text;
    text.len = good; /* a character that was cut in half */
    char *copy = arena_strndup(arena, text.ptr ? text.ptr : "", text.len);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)copy[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            copy[i] = ' ';
    }
    return str_make(copy, text.len);
}

struct generate_context replay_context(const struct replayer *replayer, const struct json *values)
{
    const struct replay_target *target = replayer->target;
    return (struct generate_context){
        .mode = GENERATE_PROVIDER,
        .random = target->random,
        .random_context = target->random_context,
        .clock = target->clock,
        .values = values,
    };
}

void replay_warn(struct replayer *replayer, struct verdict *verdict,
                 const struct generate_warnings *warnings)
{
    VEC_EACH(warnings, const struct str *, warning)
        *VEC_PUSH(replayer->keep, &verdict->warnings) = str_dup(replayer->keep, *warning);
}

void replay_no_answer(struct replayer *replayer, struct verdict *verdict, enum replay_answer answer,
                      struct str reason)
{
    verdict->outcome = answer == REPLAY_UNREACHED ? OUTCOME_UNREACHED : OUTCOME_FAILED;
    verdict->reason = str_dup(replayer->keep, reason);
}

void replay_keep_reply(struct replayer *replayer, struct verdict *verdict,
                       const struct client_response *response)
{
    struct str type = headers_get(&response->headers, "content-type");
    verdict->content_type = str_dup(replayer->keep, type);
    verdict->excerpt = replay_excerpt(replayer->keep, response->body, LIMIT_SHOWN);
    verdict->body_len = response->body.len;
}

/* The matcher's texts may live in the scratch arena, which ends with the interaction. */
static void keep_mismatch(struct arena *keep, struct match_result *to, const struct mismatch *from)
{
    struct mismatch *copy = VEC_PUSH(keep, to);
    *copy = *from;
    copy->path = str_dup(keep, from->path);
    copy->expected = str_dup(keep, from->expected);
    copy->actual = str_dup(keep, from->actual);
    copy->rule = str_dup(keep, from->rule);
    copy->text = str_dup(keep, from->text);
}

enum { WARNED_RULES = 5 };

/* One line for all rules of an interaction that the reply gave nothing to do. */
static void warn_of_rules(struct replayer *replayer, struct verdict *verdict,
                          const struct match_result *result)
{
    struct str all = STR("");
    size_t len = result->warnings.len;
    if (len == 0)
        return;
    for (size_t i = 0; i < len && i < WARNED_RULES; i++) {
        const struct match_warning *one = &result->warnings.items[i];
        all = str_printf(replayer->scratch, "%.*s%s%s%s%.*s", STR_FMT(all), i ? ", " : "",
                         one->part, one->path.len ? " " : "", STR_FMT(one->path));
        if (one->line > 0)
            all = str_printf(replayer->scratch, "%.*s (line %d)", STR_FMT(all), one->line);
    }
    if (len > WARNED_RULES)
        all = str_printf(replayer->scratch, "%.*s and %zu more", STR_FMT(all), len - WARNED_RULES);
    *VEC_PUSH(replayer->keep, &verdict->warnings) =
        str_printf(replayer->keep, "%zu matching rule%s governed nothing of the reply: %.*s", len,
                   len == 1 ? "" : "s", STR_FMT(all));
}

void replay_judge(struct replayer *replayer, struct verdict *verdict, int rc,
                  const struct match_result *result, const struct err *err)
{
    if (rc < 0) {
        verdict->outcome = OUTCOME_UNTOLD;
        verdict->reason =
            str_printf(replayer->keep, "the reply could not be compared: %s", err->text);
        return;
    }
    warn_of_rules(replayer, verdict, result);
    verdict->outcome = result->len == 0 ? OUTCOME_PASSED : OUTCOME_FAILED;
    verdict->differences.dropped = result->dropped;
    /* A wrong status explains most of what else is wrong. */
    for (int status = 1; status >= 0; status--) {
        VEC_EACH(result, const struct mismatch *, mismatch) {
            if ((mismatch->part == MATCH_STATUS) == status)
                keep_mismatch(replayer->keep, &verdict->differences, mismatch);
        }
    }
}

static void add_headers(struct replayer *replayer, const struct pact_request *example,
                        struct headers *headers)
{
    struct arena *arena = replayer->scratch;
    VEC_EACH(&example->headers, const struct pact_header *, header) {
        BUF_AUTO struct buf joined = BUF_INIT(LIMIT_HTTP_HEAD);
        for (size_t i = 0; i < header->values.len; i++) {
            buf_puts(&joined, i > 0 ? ", " : "");
            buf_str(&joined, header->values.items[i]);
        }
        headers_add(arena, headers, header->name, str_dup(arena, buf_view(&joined)));
    }
    bool content = example->body.state == PACT_BODY_PRESENT && example->body.content_type.len > 0;
    if (content && headers_count(headers, "content-type") == 0)
        headers_add(arena, headers, STR("Content-Type"), example->body.content_type);
    VEC_EACH(&replayer->target->options->headers, const struct header *, header)
        headers_set(arena, headers, header->name, header->value);
}

static void build_request(struct replayer *replayer, const struct pact_request *example,
                          const char *base_url, struct client_request *ret, struct str *ret_target)
{
    struct arena *arena = replayer->scratch;
    struct str query =
        example->query.params.len == 0
            ? STR_NONE
            : url_query_write(arena, &(struct url_params){.items = example->query.params.items,
                                                          .len = example->query.params.len});
    struct str target = str_printf(arena, "%.*s%s%.*s", STR_FMT(example->path),
                                   query.ptr ? "?" : "", STR_FMT(query));
    *ret = (struct client_request){
        .method = str_cstr(arena, example->method),
        .url = str_cstr(arena, url_join(arena, str_of(base_url), target)),
        .timeout_ms = (int)replayer->target->options->timeout_ms,
    };
    if (example->body.state == PACT_BODY_PRESENT || example->body.state == PACT_BODY_EMPTY)
        ret->body = example->body.bytes.ptr ? example->body.bytes : STR("");
    add_headers(replayer, example, &ret->headers);
    *ret_target = target;
}

static void http_replay(struct replayer *replayer, const struct pact *pact, const char *url,
                        const struct json *values, struct verdict *verdict)
{
    const struct pact_interaction *interaction = verdict->interaction;
    struct arena *arena = replayer->scratch;
    struct pact_request example = interaction->request;
    struct generate_context context = replay_context(replayer, values);
    struct generate_warnings warnings = {0};
    struct err err = ERR_INIT;
    if (generate_request(&interaction->request, &context, arena, &example, &warnings, &err) < 0) {
        verdict->outcome = OUTCOME_UNTOLD;
        verdict->reason = str_printf(replayer->keep, "the request could not be made: %s", err.text);
        return;
    }
    replay_warn(replayer, verdict, &warnings);

    struct client_request request = {0};
    struct client_response response = {0};
    struct str target = STR_NONE, reason = STR_NONE;
    build_request(replayer, &example, url, &request, &target);
    verdict->request =
        str_printf(replayer->keep, "%.*s %.*s", STR_FMT(example.method), STR_FMT(target));
    enum replay_answer answer = replay_call(replayer, &request, &response, &reason);
    if (answer != REPLAY_ANSWERED) {
        replay_no_answer(replayer, verdict, answer, reason);
        return;
    }
    verdict->status = response.status;
    verdict->elapsed_us = response.elapsed_us;
    const struct actual_response actual = {response.status, response.headers, response.body};
    struct match_result result = {0};
    int rc = match_response(pact, &interaction->response, &actual, arena, &result, &err);
    replay_judge(replayer, verdict, rc, &result, &err);
    if (verdict->outcome != OUTCOME_PASSED)
        replay_keep_reply(replayer, verdict, &response);
}

/* Where an interaction goes; NULL = by a transport that nobody gave an address for. */
static const char *url_of(const struct verify_options *options,
                          const struct pact_interaction *interaction)
{
    static const char *const usual[] = {"http",          "https",        "message", "messages",
                                        "async-message", "sync-message", "async",   "sync"};
    struct str transport = interaction->transport;
    VEC_EACH(&options->transports, const struct transport_url *, given) {
        if (transport.len > 0 ? str_is(transport, given->name)
                              : interaction->kind == PACT_HTTP && strcmp(given->name, "http") == 0)
            return given->url;
    }
    bool known = transport.len == 0;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        known = known || str_is(transport, usual[i]);
    if (!known)
        return NULL;
    return interaction->kind == PACT_HTTP ? options->base_url : options->message_url;
}

static void replay_with_states(struct replayer *replayer, const struct pact *pact, const char *url,
                               struct verdict *verdict)
{
    const struct pact_interaction *interaction = verdict->interaction;
    struct json *values = NULL;
    struct str reason = STR_NONE;
    size_t done = 0;
    enum replay_answer answer = state_setup(replayer, interaction, &values, &done, &reason);
    if (answer != REPLAY_ANSWERED)
        replay_no_answer(replayer, verdict, answer, reason);
    else if (interaction->kind == PACT_HTTP)
        http_replay(replayer, pact, url, values, verdict);
    else
        message_replay(replayer, pact, url, values, verdict);
    if (replayer->target->options->state_teardown)
        state_teardown(replayer, interaction, done, &verdict->warnings);
}

void replay_interaction(struct replayer *replayer, const struct pact *pact, bool states,
                        struct verdict *verdict)
{
    const struct verify_options *options = replayer->target->options;
    const struct pact_interaction *interaction = verdict->interaction;
    arena_reset(replayer->scratch);
    const char *url = url_of(options, interaction);
    if (!url) {
        verdict->outcome = OUTCOME_UNTOLD;
        verdict->reason = str_printf(replayer->keep,
                                     "transport '%.*s' is not one that is verified "
                                     "here",
                                     STR_FMT(interaction->transport));
        return;
    }
    if (states && options->state_url) {
        replay_with_states(replayer, pact, url, verdict);
        return;
    }
    if (interaction->states.len > 0 && !options->state_url)
        *VEC_PUSH(replayer->keep, &verdict->warnings) =
            str_printf(replayer->keep,
                       "provider state '%.*s' was not set up: there is no "
                       "--state-change-url",
                       STR_FMT(interaction->states.items[0].name));
    struct json *values = state_params(interaction, replayer->scratch);
    if (interaction->kind == PACT_HTTP)
        http_replay(replayer, pact, url, values, verdict);
    else
        message_replay(replayer, pact, url, values, verdict);
}
