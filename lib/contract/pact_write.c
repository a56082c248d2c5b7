// SPDX-License-Identifier: Apache-2.0
/* Pact text from the model. Keys in the order that the stock writers use (by name). */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/pact.h"
#include "lib/contract/write.h"

/* Members of `extra` that the object does not have yet. */
static void set_extra(struct arena *arena, struct json *object, const struct json *extra)
{
    for (size_t i = 0; i < json_len(extra); i++) {
        if (!json_find(object, json_key(extra, i))) {
            json_set_str(arena, object, json_key(extra, i), json_copy(arena, json_at(extra, i)));
        }
    }
}

static struct json *write_states(const struct pact_interaction *interaction, struct arena *arena)
{
    struct json *out = json_new_array(arena);
    VEC_EACH(&interaction->states, const struct pact_state *, state) {
        struct json *item = json_new_object(arena);
        write_text(arena, item, "name", state->name);
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

static void write_http(const struct pact_interaction *interaction, enum pact_spec spec,
                       struct arena *arena, struct json *out)
{
    struct json *request = write_request(&interaction->request, spec, arena);
    struct json *response = write_response(&interaction->response, spec, arena);
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
    write_message(&interaction->message, PACT_V4, arena, request);
    VEC_EACH(&interaction->replies, const struct pact_message *, reply) {
        struct json *item = json_new_object(arena);
        write_message(reply, PACT_V4, arena, item);
        json_append(arena, replies, item);
    }
    json_set(arena, out, "request", request);
    json_set(arena, out, "response", replies);
}

/* V2 has room for the name of one state. */
static void write_given(const struct pact_interaction *interaction, enum pact_spec spec,
                        struct arena *arena, struct json *out)
{
    if (spec >= PACT_V3) {
        write_if(arena, out, "providerStates", write_states(interaction, arena));
    } else if (interaction->states.len > 0) {
        write_text(arena, out, "providerState", interaction->states.items[0].name);
    }
}

static struct json *write_interaction(const struct pact_interaction *interaction,
                                      enum pact_spec spec, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    bool v4 = spec >= PACT_V4;
    write_text(arena, out, "_id", interaction->id);
    if (v4 && interaction->comments && json_len(interaction->comments) > 0) {
        json_set(arena, out, "comments", json_copy(arena, interaction->comments));
    }
    write_text(arena, out, "description", interaction->description);
    if (v4) {
        write_text(arena, out, "key", interaction->key);
        json_set(arena, out, "pending", json_new_bool(arena, interaction->pending));
    }
    write_given(interaction, spec, arena, out);
    if (interaction->kind == PACT_HTTP) {
        write_http(interaction, spec, arena, out);
    } else if (interaction->kind == PACT_MESSAGE) {
        write_message(&interaction->message, spec, arena, out);
    } else {
        write_sync(interaction, arena, out);
    }
    if (v4) {
        write_text(arena, out, "transport", interaction->transport);
        json_set(arena, out, "type", json_new_text(arena, kind_names[interaction->kind]));
    }
    set_extra(arena, out, interaction->extra);
    if (!v4) {
        json_remove(out, "pluginConfiguration");
        json_remove(out, "interactionMarkup");
    }
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

static struct json *write_interactions(const struct pact *pact, enum pact_spec spec,
                                       struct arena *arena)
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
        json_append(arena, out, write_interaction(entries[i].interaction, spec, arena));
    }
    return out;
}

static struct json *write_metadata(const struct pact *pact, enum pact_spec spec,
                                   struct arena *arena)
{
    struct json *out = pact->metadata ? json_copy(arena, pact->metadata) : json_new_object(arena);
    struct json *version = json_new_object(arena);
    json_remove(out, "pactSpecificationVersion");
    json_remove(out, "pact-specification");
    json_set(arena, version, "version",
             json_new_text(arena, spec >= PACT_V4   ? "4.0"
                                  : spec >= PACT_V3 ? "3.0.0"
                                                    : "2.0.0"));
    json_set(arena, out, "pactSpecification", version);
    return out;
}

static struct json *write_party(struct str name, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    write_text(arena, out, "name", name);
    return out;
}

/* Whether a file of that version can hold the kinds of interactions at all. */
static int check_kinds(const struct pact *pact, enum pact_spec spec, struct err *err)
{
    bool seen[3] = {false};
    VEC_EACH(&pact->interactions, const struct pact_interaction *, interaction) {
        seen[interaction->kind] = true;
    }
    const char *name = pact_spec_name(spec);
    if (spec < PACT_V2) {
        return err_set(err, ERR_USAGE, "pact files are written as V2, V3 or V4, not as %s", name);
    }
    if (spec < PACT_V4 && seen[PACT_SYNC_MESSAGE]) {
        return err_set(err, ERR_CONFLICT, "%s cannot hold synchronous messages", name);
    }
    if (spec < PACT_V3 && seen[PACT_MESSAGE]) {
        return err_set(err, ERR_CONFLICT, "%s cannot hold messages", name);
    }
    if (spec < PACT_V4 && seen[PACT_HTTP] && seen[PACT_MESSAGE]) {
        return err_set(err, ERR_CONFLICT,
                       "%s cannot hold HTTP interactions and messages in one file", name);
    }
    return 0;
}

int pact_write(const struct pact *pact, enum pact_spec spec, struct arena *arena, struct str *ret,
               struct err *err)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_FILE);
    struct json *root = json_new_object(arena);
    int rc = check_kinds(pact, spec, err);
    if (rc) {
        return rc;
    }
    bool messages = spec < PACT_V4 && pact->interactions.len > 0 &&
                    pact->interactions.items[0].kind == PACT_MESSAGE;
    json_set(arena, root, "consumer", write_party(pact->consumer, arena));
    json_set(arena, root, messages ? "messages" : "interactions",
             write_interactions(pact, spec, arena));
    json_set(arena, root, "metadata", write_metadata(pact, spec, arena));
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
