// SPDX-License-Identifier: Apache-2.0
#include "verifier/state.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/http/client.h"
#include "lib/wire/url.h"

enum { REASON_SHOWN = 300 };

static const struct pact_state no_state = {.name = {"", 0}};

static void merge(struct arena *arena, struct json *values, const struct json *more)
{
    for (size_t i = 0; json_is(more, JSON_OBJECT) && i < json_len(more); i++)
        json_set_str(arena, values, json_key(more, i), json_at(more, i));
}

struct json *state_params(const struct pact_interaction *interaction, struct arena *arena)
{
    struct json *values = json_new_object(arena);
    VEC_EACH(&interaction->states, const struct pact_state *, state)
        merge(arena, values, state->params);
    return values;
}

static struct str as_json(struct arena *arena, const struct pact_state *state, const char *action)
{
    struct json *body = json_new_object(arena);
    json_set(arena, body, "state", json_new_str(arena, state->name));
    json_set(arena, body, "params",
             state->params ? json_copy(arena, state->params) : json_new_object(arena));
    json_set(arena, body, "action", json_new_text(arena, action));
    return json_to_str(arena, body, JSON_COMPACT);
}

static void add_param(struct arena *arena, struct url_params *params, struct str name,
                      struct str value)
{
    *VEC_PUSH(arena, params) = (struct url_param){name, value};
}

/* URL?state=S&action=A&NAME=VALUE: texts as they are, other values as JSON. */
static const char *as_query(struct arena *arena, const char *url, const struct pact_state *state,
                            const char *action)
{
    struct url_params params = {0};
    add_param(arena, &params, STR("state"), state->name);
    add_param(arena, &params, STR("action"), str_of(action));
    for (size_t i = 0; i < json_len(state->params); i++) {
        const struct json *value = json_at(state->params, i);
        bool text = json_is(value, JSON_STRING);
        add_param(arena, &params, json_key(state->params, i),
                  text ? json_text(value) : json_to_str(arena, value, JSON_COMPACT));
    }
    const char *joint = str_chr(str_of(url), '?') < 0 ? "?" : "&";
    return arena_printf(arena, "%s%s%.*s", url, joint, STR_FMT(url_query_write(arena, &params)));
}

static enum replay_answer call_state(struct replayer *replayer, const struct pact_state *state,
                                     const char *action, struct json **ret_values,
                                     struct str *ret_reason)
{
    const struct verify_options *options = replayer->target->options;
    struct arena *arena = replayer->scratch;
    struct client_request request = {
        .method = "POST", .url = options->state_url, .timeout_ms = (int)options->timeout_ms};
    if (options->state_as_query) {
        request.url = as_query(arena, options->state_url, state, action);
    } else {
        request.body = as_json(arena, state, action);
        headers_addz(arena, &request.headers, "Content-Type", "application/json");
    }
    struct client_response response = {0};
    struct str reason = STR_NONE;
    enum replay_answer answer = replay_call(replayer, &request, &response, &reason);
    if (answer == REPLAY_ANSWERED && response.status >= 200 && response.status < 300) {
        /* a reply that is no JSON has no values */
        if (json_parse(response.body, options->state_url, arena, ret_values, NULL) < 0)
            *ret_values = NULL;
        return REPLAY_ANSWERED;
    }
    if (answer == REPLAY_ANSWERED) {
        struct str text = replay_excerpt(arena, response.body, REASON_SHOWN);
        reason = str_printf(arena, "POST %s answered %d%s%.*s", options->state_url, response.status,
                            text.len > 0 ? ": " : "", STR_FMT(text));
        answer = REPLAY_BROKEN;
    }
    *ret_reason = str_printf(arena, "%s of provider state '%.*s': %.*s", action,
                             STR_FMT(state->name), STR_FMT(reason));
    return answer;
}

enum replay_answer state_setup(struct replayer *replayer,
                               const struct pact_interaction *interaction, struct json **ret_values,
                               size_t *ret_done, struct str *ret_reason)
{
    struct arena *arena = replayer->scratch;
    size_t n = interaction->states.len;
    struct json *values = state_params(interaction, arena);
    *ret_done = 0;
    for (size_t i = 0; i < (n > 0 ? n : 1); i++) {
        const struct pact_state *state = n > 0 ? &interaction->states.items[i] : &no_state;
        struct json *more = NULL;
        enum replay_answer answer = call_state(replayer, state, "setup", &more, ret_reason);
        if (answer != REPLAY_ANSWERED)
            return answer;
        merge(arena, values, more);
        *ret_done = i + 1;
    }
    *ret_values = values;
    return REPLAY_ANSWERED;
}

void state_teardown(struct replayer *replayer, const struct pact_interaction *interaction, size_t n,
                    struct texts *warnings)
{
    for (size_t i = n; i-- > 0;) {
        const struct pact_state *state =
            interaction->states.len > 0 ? &interaction->states.items[i] : &no_state;
        struct json *ignored = NULL;
        struct str reason = STR_NONE;
        if (call_state(replayer, state, "teardown", &ignored, &reason) != REPLAY_ANSWERED)
            *VEC_PUSH(replayer->keep, warnings) = str_dup(replayer->keep, reason);
    }
}

enum replay_answer state_empty(struct replayer *replayer, const char *action,
                               struct str *ret_reason)
{
    struct json *ignored = NULL;
    return call_state(replayer, &no_state, action, &ignored, ret_reason);
}
