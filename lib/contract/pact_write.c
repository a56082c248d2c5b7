// SPDX-License-Identifier: Apache-2.0
/* Pact text from the model. Keys in the order that the stock writers use (by name). */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/keep.h"
#include "lib/contract/pact.h"
#include "lib/contract/write.h"

static struct json *write_states(const struct pact_interaction *interaction, struct arena *arena)
{
    struct json *out = json_new_array(arena);
    VEC_EACH(&interaction->states, const struct pact_state *, state) {
        struct json *item = json_new_object(arena);
        write_text(arena, item, "name", state->name);
        if (state->params) {
            json_set(arena, item, "params", json_copy(arena, state->params));
        }
        keep_fill(arena, item, state->extra);
        json_append(arena, out, item);
    }
    return interaction->states.len ? out : NULL;
}

static const char *const kind_names[] = {
    [PACT_HTTP] = "Synchronous/HTTP",
    [PACT_MESSAGE] = "Asynchronous/Messages",
    [PACT_SYNC_MESSAGE] = "Synchronous/Messages",
};

static enum keep_at kept_at(enum pact_kind kind)
{
    return kind == PACT_HTTP ? KEEP_HTTP : kind == PACT_MESSAGE ? KEEP_MESSAGE : KEEP_SYNC;
}

static void write_http(const struct pact_interaction *interaction, enum pact_spec spec,
                       struct arena *arena, struct json *out)
{
    struct json *request = write_request(&interaction->request, spec, arena);
    struct json *response = write_response(&interaction->response, spec, arena);
    json_set(arena, out, "request", request);
    json_set(arena, out, "response", response);
}

static void write_sync(const struct pact_interaction *interaction, struct arena *arena,
                       struct json *out)
{
    struct json *request = json_new_object(arena);
    struct json *replies = json_new_array(arena);
    write_message(&interaction->message, PACT_V4, arena, request);
    keep_fill(arena, request, interaction->message.extra);
    VEC_EACH(&interaction->replies, const struct pact_message *, reply) {
        struct json *item = json_new_object(arena);
        write_message(reply, PACT_V4, arena, item);
        keep_fill(arena, item, reply->extra);
        json_append(arena, replies, item);
    }
    json_set(arena, out, "request", request);
    json_set(arena, out, "response", replies);
}

/* V2 has room for the name of one state, but for those that a file of it had against the rules. */
static void write_given(const struct pact_interaction *interaction, enum pact_spec spec,
                        struct arena *arena, struct json *out)
{
    if (spec >= PACT_V3) {
        write_if(arena, out, "providerStates", write_states(interaction, arena));
    } else if (interaction->states.len > 0 && !json_get(interaction->extra, "providerStates")) {
        write_text(arena, out, "providerState", interaction->states.items[0].name);
    }
}

static bool says_nothing(const struct json *value)
{
    return json_is(value, JSON_NULL) || (json_is(value, JSON_STRING) && !json_text(value).len) ||
           ((json_is(value, JSON_ARRAY) || json_is(value, JSON_OBJECT)) && json_len(value) == 0);
}

/* Without the empty ones; NULL when nothing is left. */
static struct json *write_comments(const struct json *comments, struct arena *arena)
{
    struct json *out = NULL;
    for (size_t i = 0; i < json_len(comments); i++) {
        if (!says_nothing(json_at(comments, i))) {
            out = out ? out : json_new_object(arena);
            json_set_str(arena, out, json_key(comments, i), json_copy(arena, json_at(comments, i)));
        }
    }
    return out;
}

/* `from` is the version of the model: what only V4 knows is foreign to an older file, and stays. */
static struct json *write_interaction(const struct pact_interaction *interaction,
                                      enum pact_spec from, enum pact_spec spec, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    bool v4 = spec >= PACT_V4;
    write_text(arena, out, "_id", interaction->id);
    if (v4) {
        write_if(arena, out, "comments", write_comments(interaction->comments, arena));
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
    keep_write(arena, out, interaction->extra, kept_at(interaction->kind), spec);
    if (!v4 && from >= PACT_V4) {
        json_remove(out, "pluginConfiguration");
        json_remove(out, "interactionMarkup");
    }
    return out;
}

struct entry {
    const struct pact_interaction *interaction; /* what is said of it where it is not known */
    const struct json *raw;                     /* not known: all of it; else NULL */
    struct str states;
    size_t index;
};

/* Those of unknown type come last among their like. */
static int by_description(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = str_cmp(x->interaction->description, y->interaction->description);
    order = order ? order : (x->raw != NULL) - (y->raw != NULL);
    order = order ? order : (int)x->interaction->kind - (int)y->interaction->kind;
    order = order ? order : str_cmp(x->states, y->states);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static struct json *write_interactions(const struct pact *pact, enum pact_spec spec,
                                       struct arena *arena)
{
    struct json *out = json_new_array(arena);
    size_t known = pact->interactions.len, len = known + (spec < PACT_V4 ? 0 : pact->unknown.len);
    struct entry *entries = ARENA_ARRAY(arena, struct entry, len + 1);
    for (size_t i = 0; i < len; i++) {
        const struct pact_unknown *unknown = i < known ? NULL : &pact->unknown.items[i - known];
        entries[i].interaction = unknown ? &unknown->said : &pact->interactions.items[i];
        entries[i].raw = unknown ? unknown->raw : NULL;
        entries[i].index = i;
        struct json *states = write_states(entries[i].interaction, arena);
        entries[i].states = states ? json_to_str(arena, states, JSON_COMPACT) : STR("");
    }
    qsort(entries, len, sizeof *entries, by_description);
    for (size_t i = 0; i < len; i++) {
        json_append(arena, out,
                    entries[i].raw
                        ? json_copy(arena, entries[i].raw)
                        : write_interaction(entries[i].interaction, pact->spec, spec, arena));
    }
    return out;
}

/* A version that reads as this one stays as the file has it. */
static struct json *write_metadata(const struct pact *pact, enum pact_spec spec,
                                   struct arena *arena)
{
    static const char *const names[] = {"pactSpecification", "pact-specification", NULL};
    struct json *out = pact->metadata ? json_copy(arena, pact->metadata) : json_new_object(arena);
    const struct json *found = read_first(out, names);
    struct json *version =
        json_is(found, JSON_OBJECT) ? json_copy(arena, found) : json_new_object(arena);
    enum pact_spec said = PACT_V1;
    json_remove(out, "pactSpecificationVersion");
    json_remove(out, "pact-specification");
    json_set(arena, out, "pactSpecification", version);
    if (!json_is(json_get(version, "version"), JSON_STRING) || !read_spec(out, &said) ||
        said != spec) {
        json_set(arena, version, "version",
                 json_new_text(arena, spec >= PACT_V4   ? "4.0"
                                      : spec >= PACT_V3 ? "3.0.0"
                                                        : "2.0.0"));
    }
    return out;
}

static struct json *write_party(struct str name, const struct json *extra, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    write_text(arena, out, "name", name);
    keep_fill(arena, out, extra);
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
    json_set(arena, root, "consumer", write_party(pact->consumer, pact->consumer_extra, arena));
    json_set(arena, root, messages ? "messages" : "interactions",
             write_interactions(pact, spec, arena));
    json_set(arena, root, "metadata", write_metadata(pact, spec, arena));
    json_set(arena, root, "provider", write_party(pact->provider, pact->provider_extra, arena));
    keep_fill(arena, root, pact->extra);
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
