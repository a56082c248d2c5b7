// SPDX-License-Identifier: Apache-2.0
/* Pact V4 text from the model. Keys in the order that the stock writers use (by name). */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/body.h"
#include "lib/contract/generate.h"
#include "lib/contract/pact.h"
#include "lib/contract/rules.h"

static void set_text(struct arena *arena, struct json *object, const char *key, struct str value)
{
    if (value.ptr) {
        json_set(arena, object, key, json_new_str(arena, value));
    }
}

static void set_if(struct arena *arena, struct json *object, const char *key, struct json *value)
{
    if (value) {
        json_set(arena, object, key, value);
    }
}

/* Members of `extra` that the object does not have yet. */
static void set_extra(struct arena *arena, struct json *object, const struct json *extra)
{
    for (size_t i = 0; i < json_len(extra); i++) {
        if (!json_find(object, json_key(extra, i))) {
            json_set_str(arena, object, json_key(extra, i), json_copy(arena, json_at(extra, i)));
        }
    }
}

static struct json *write_headers(const struct pact_headers *headers, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    VEC_EACH(headers, const struct pact_header *, header) {
        struct json *values = json_new_array(arena);
        VEC_EACH(&header->values, const struct str *, value) {
            json_append(arena, values, json_new_str(arena, *value));
        }
        json_set_str(arena, out, header->name, values);
    }
    return headers->len ? out : NULL;
}

static struct json *write_query(const struct pact_query *query, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    VEC_EACH(&query->params, const struct url_param *, param) {
        struct json *values = json_find(out, param->name);
        if (!values) {
            values = json_new_array(arena);
            json_set_str(arena, out, param->name, values);
            values = json_find(out, param->name);
        }
        json_append(arena, values,
                    param->value.ptr ? json_new_str(arena, param->value) : json_new_null(arena));
    }
    return query->missing ? NULL : out;
}

static struct json *write_request(const struct pact_request *request, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    set_if(arena, out, "body", body_write(&request->body, arena));
    set_if(arena, out, "generators", generators_write(request->generators, arena));
    set_if(arena, out, "headers", write_headers(&request->headers, arena));
    set_if(arena, out, "matchingRules", rules_write(request->rules, arena));
    set_text(arena, out, "method", request->method);
    set_text(arena, out, "path", request->path);
    set_if(arena, out, "query", write_query(&request->query, arena));
    return out;
}

static struct json *write_response(const struct pact_response *response, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    set_if(arena, out, "body", body_write(&response->body, arena));
    set_if(arena, out, "generators", generators_write(response->generators, arena));
    set_if(arena, out, "headers", write_headers(&response->headers, arena));
    set_if(arena, out, "matchingRules", rules_write(response->rules, arena));
    json_set(arena, out, "status", json_new_int(arena, response->status));
    return out;
}

static void write_message(const struct pact_message *message, struct arena *arena, struct json *out)
{
    set_if(arena, out, "contents", body_write(&message->body, arena));
    set_if(arena, out, "generators", generators_write(message->generators, arena));
    set_if(arena, out, "matchingRules", rules_write(message->rules, arena));
    if (json_len(message->metadata) > 0) {
        json_set(arena, out, "metadata", json_copy(arena, message->metadata));
    }
}

static struct json *write_states(const struct pact_interaction *interaction, struct arena *arena)
{
    struct json *out = json_new_array(arena);
    VEC_EACH(&interaction->states, const struct pact_state *, state) {
        struct json *item = json_new_object(arena);
        set_text(arena, item, "name", state->name);
        if (state->params) {
            json_set(arena, item, "params", json_copy(arena, state->params));
        }
        json_append(arena, out, item);
    }
    return interaction->states.len ? out : NULL;
}

static const char *const kind_names[] = {
    [PACT_HTTP] = "Synchronous/HTTP",
    [PACT_MESSAGE] = "Asynchronous/Messages",
    [PACT_SYNC_MESSAGE] = "Synchronous/Messages",
};

static void write_http(const struct pact_interaction *interaction, struct arena *arena,
                       struct json *out)
{
    struct json *request = write_request(&interaction->request, arena);
    struct json *response = write_response(&interaction->response, arena);
    set_extra(arena, request, json_get(interaction->extra, "request"));
    set_extra(arena, response, json_get(interaction->extra, "response"));
    json_set(arena, out, "request", request);
    json_set(arena, out, "response", response);
}

static void write_sync(const struct pact_interaction *interaction, struct arena *arena,
                       struct json *out)
{
    struct json *request = json_new_object(arena);
    struct json *replies = json_new_array(arena);
    write_message(&interaction->message, arena, request);
    VEC_EACH(&interaction->replies, const struct pact_message *, reply) {
        struct json *item = json_new_object(arena);
        write_message(reply, arena, item);
        json_append(arena, replies, item);
    }
    json_set(arena, out, "request", request);
    json_set(arena, out, "response", replies);
}

static struct json *write_interaction(const struct pact_interaction *interaction,
                                      struct arena *arena)
{
    struct json *out = json_new_object(arena);
    set_text(arena, out, "_id", interaction->id);
    if (interaction->comments && json_len(interaction->comments) > 0) {
        json_set(arena, out, "comments", json_copy(arena, interaction->comments));
    }
    set_text(arena, out, "description", interaction->description);
    set_text(arena, out, "key", interaction->key);
    json_set(arena, out, "pending", json_new_bool(arena, interaction->pending));
    set_if(arena, out, "providerStates", write_states(interaction, arena));
    if (interaction->kind == PACT_HTTP) {
        write_http(interaction, arena, out);
    } else if (interaction->kind == PACT_MESSAGE) {
        write_message(&interaction->message, arena, out);
    } else {
        write_sync(interaction, arena, out);
    }
    set_text(arena, out, "transport", interaction->transport);
    json_set(arena, out, "type", json_new_text(arena, kind_names[interaction->kind]));
    set_extra(arena, out, interaction->extra);
    return out;
}

struct entry {
    const struct pact_interaction *interaction;
    struct str states;
    size_t index;
};

static int by_description(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = str_cmp(x->interaction->description, y->interaction->description);
    order = order ? order : (int)x->interaction->kind - (int)y->interaction->kind;
    order = order ? order : str_cmp(x->states, y->states);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static struct json *write_interactions(const struct pact *pact, struct arena *arena)
{
    struct json *out = json_new_array(arena);
    size_t len = pact->interactions.len;
    struct entry *entries = ARENA_ARRAY(arena, struct entry, len + 1);
    for (size_t i = 0; i < len; i++) {
        entries[i].interaction = &pact->interactions.items[i];
        entries[i].index = i;
        struct json *states = write_states(entries[i].interaction, arena);
        entries[i].states = states ? json_to_str(arena, states, JSON_COMPACT) : STR("");
    }
    qsort(entries, len, sizeof *entries, by_description);
    for (size_t i = 0; i < len; i++) {
        json_append(arena, out, write_interaction(entries[i].interaction, arena));
    }
    return out;
}

static struct json *write_metadata(const struct pact *pact, struct arena *arena)
{
    struct json *out = pact->metadata ? json_copy(arena, pact->metadata) : json_new_object(arena);
    struct json *version = json_new_object(arena);
    json_remove(out, "pactSpecificationVersion");
    json_remove(out, "pact-specification");
    json_set(arena, version, "version", json_new_text(arena, "4.0"));
    json_set(arena, out, "pactSpecification", version);
    return out;
}

static struct json *write_party(struct str name, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    set_text(arena, out, "name", name);
    return out;
}

int pact_write(const struct pact *pact, struct arena *arena, struct str *ret, struct err *err)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_FILE);
    struct json *root = json_new_object(arena);
    json_set(arena, root, "consumer", write_party(pact->consumer, arena));
    json_set(arena, root, "interactions", write_interactions(pact, arena));
    json_set(arena, root, "metadata", write_metadata(pact, arena));
    json_set(arena, root, "provider", write_party(pact->provider, arena));
    set_extra(arena, root, pact->extra);
    if (pact->links) {
        json_set(arena, root, "_links", json_copy(arena, pact->links));
    }
    json_write(root, JSON_PRETTY, &out);
    buf_putc(&out, '\n');
    if (out.overflow) {
        return err_set(err, ERR_LIMIT, "the pact file would be longer than %u bytes", LIMIT_FILE);
    }
    *ret = str_dup(arena, buf_view(&out));
    return 0;
}
