// SPDX-License-Identifier: Apache-2.0
#include "verifier/message.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/http/client.h"
#include "verifier/replay_internal.h"

static struct json *states_of(const struct pact_interaction *interaction, struct arena *arena)
{
    struct json *states = json_new_array(arena);
    VEC_EACH(&interaction->states, const struct pact_state *, state) {
        struct json *item = json_new_object(arena);
        json_set(arena, item, "name", json_new_str(arena, state->name));
        json_set(arena, item, "params",
                 state->params ? json_copy(arena, state->params) : json_new_object(arena));
        json_append(arena, states, item);
    }
    return states;
}

/* The contents of a request message: JSON as it is, everything else as text. */
static struct json *contents_of(const struct pact_message *message, struct arena *arena)
{
    const struct pact_body *body = &message->body;
    if (body->json)
        return json_copy(arena, body->json);
    if (body->state != PACT_BODY_PRESENT)
        return json_new_null(arena);
    bool text = str_is_utf8(body->bytes, NULL);
    return json_new_str(arena, text ? body->bytes : hash_base64(arena, body->bytes));
}

static int question(struct replayer *replayer, const struct pact_interaction *interaction,
                    const struct json *values, struct verdict *verdict, struct str *ret,
                    struct err *err)
{
    struct arena *arena = replayer->scratch;
    struct json *asked = json_new_object(arena);
    json_set(arena, asked, "description", json_new_str(arena, interaction->description));
    json_set(arena, asked, "providerStates", states_of(interaction, arena));
    if (interaction->kind == PACT_SYNC_MESSAGE) {
        struct generate_context context = replay_context(replayer, values);
        struct generate_warnings warnings = {0};
        struct pact_message message = interaction->message;
        int rc = generate_message(&interaction->message, &context, arena, &message, &warnings, err);
        if (rc < 0)
            return rc;
        replay_warn(replayer, verdict, &warnings);
        struct json *request = json_new_object(arena);
        json_set(arena, request, "contents", contents_of(&message, arena));
        json_set(arena, request, "metadata", json_copy(arena, message.metadata));
        json_set(arena, asked, "request", request);
    }
    *ret = json_to_str(arena, asked, JSON_COMPACT);
    return 0;
}

static struct str content_type_of(const struct json *metadata, const struct client_response *reply)
{
    static const char *const names[] = {"contentType", "content-type", "Content-Type"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str type = json_get_text(metadata, names[i]);
        if (type.len > 0)
            return type;
    }
    return headers_get(&reply->headers, "content-type");
}

/* Without metadata the content type of the answer is all that is known of the message. */
static bool read_metadata(const struct client_response *reply, struct arena *arena,
                          struct json **ret)
{
    struct str header = headers_get(&reply->headers, "pact-message-metadata");
    struct str text = STR_NONE;
    if (!header.ptr) {
        struct str type = headers_get(&reply->headers, "content-type");
        *ret = json_new_object(arena);
        if (type.len > 0)
            json_set(arena, *ret, "contentType", json_new_str(arena, type));
        return true;
    }
    return hash_unbase64url(arena, str_trim(header), &text) &&
           json_parse(text, "Pact-Message-Metadata", arena, ret, NULL) == 0 &&
           json_is(*ret, JSON_OBJECT);
}

static void fail(struct verdict *verdict, struct str reason)
{
    verdict->outcome = OUTCOME_FAILED;
    verdict->reason = reason;
}

static void judge(struct replayer *replayer, const struct pact *pact,
                  const struct client_response *reply, struct verdict *verdict)
{
    const struct pact_interaction *interaction = verdict->interaction;
    struct arena *arena = replayer->scratch;
    struct json *metadata = NULL;
    if (reply->status < 200 || reply->status > 299) {
        fail(verdict, str_printf(replayer->keep, "asked for the message, the provider answered %d",
                                 reply->status));
        return;
    }
    if (!read_metadata(reply, arena, &metadata)) {
        fail(verdict, STR("the header Pact-Message-Metadata is not base64 of a JSON object"));
        return;
    }
    const struct pact_message *expected = &interaction->message;
    if (interaction->kind == PACT_SYNC_MESSAGE) {
        if (interaction->replies.len == 0) {
            verdict->outcome = OUTCOME_PASSED;
            return;
        }
        if (interaction->replies.len > 1) {
            fail(verdict, str_printf(replayer->keep, "%zu replies are expected, and one came",
                                     interaction->replies.len));
            return;
        }
        expected = &interaction->replies.items[0];
    }
    const struct actual_message actual = {reply->body, content_type_of(metadata, reply), metadata};
    struct match_result result = {0};
    struct err err = ERR_INIT;
    int rc = match_message(pact, expected, &actual, arena, &result, &err);
    replay_judge(replayer, verdict, rc, &result, &err);
}

void message_replay(struct replayer *replayer, const struct pact *pact, const char *url,
                    const struct json *values, struct verdict *verdict)
{
    struct arena *arena = replayer->scratch;
    struct client_request request = {
        .method = "POST",
        .url = url,
        .timeout_ms = (int)replayer->target->options->timeout_ms,
    };
    struct err err = ERR_INIT;
    if (question(replayer, verdict->interaction, values, verdict, &request.body, &err) < 0) {
        verdict->outcome = OUTCOME_UNTOLD;
        verdict->reason = str_printf(replayer->keep, "the request could not be made: %s", err.text);
        return;
    }
    headers_addz(arena, &request.headers, "Content-Type", "application/json");
    VEC_EACH(&replayer->target->options->headers, const struct header *, header)
        headers_set(arena, &request.headers, header->name, header->value);
    verdict->request = str_printf(replayer->keep, "POST %s", url);
    struct client_response reply = {0};
    struct str reason = STR_NONE;
    enum replay_answer answer = replay_call(replayer, &request, &reply, &reason);
    if (answer != REPLAY_ANSWERED) {
        replay_no_answer(replayer, verdict, answer, reason);
        return;
    }
    verdict->status = reply.status;
    verdict->elapsed_us = reply.elapsed_us;
    judge(replayer, pact, &reply, verdict);
    if (verdict->outcome != OUTCOME_PASSED)
        replay_keep_reply(replayer, verdict, &reply);
}
