// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/loss.h"

#include <stdarg.h>

#include "lib/base/arena.h"
#include "lib/contract/body.h"
#include "lib/contract/generate.h"
#include "lib/contract/match_internal.h"
#include "lib/contract/read.h"
#include "lib/contract/rules_table.h"
#include "lib/contract/write.h"

struct looking {
    const struct pact_interaction *at;
    enum pact_spec from, spec;
    struct arena *arena;
    struct pact_losses *losses;
};

__attribute__((format(printf, 3, 4))) static void lose(const struct looking *looking, bool meaning,
                                                       const char *fmt, ...)
{
    struct pact_loss *loss = VEC_PUSH(looking->arena, looking->losses);
    va_list args;
    va_start(args, fmt);
    loss->text = str_of(arena_vprintf(looking->arena, fmt, args));
    va_end(args);
    loss->meaning = meaning;
    loss->interaction = looking->at->description;
    loss->line = looking->at->line;
}

/* What only V4 has beside the parts. */
static void look_around(const struct looking *looking)
{
    const struct pact_interaction *at = looking->at;
    if (json_len(at->comments) > 0) {
        lose(looking, false, "its comments");
    }
    if (at->key.ptr) {
        lose(looking, false, "its key '%.*s'", STR_FMT(at->key));
    }
    if (at->transport.ptr) {
        lose(looking, false, "its transport '%.*s'", STR_FMT(at->transport));
    }
    if (json_get(at->extra, "interactionMarkup")) {
        lose(looking, false, "its markup");
    }
    if (at->pending) {
        lose(looking, true, "that it is pending: its failures would count");
    }
    if (json_get(at->extra, "pluginConfiguration")) {
        lose(looking, true, "the configuration of its plugins");
    }
}

static void look_at_states(const struct looking *looking)
{
    const struct pact_interaction *at = looking->at;
    /* A V2 file that has them against the rules keeps them. */
    if (json_get(at->extra, "providerStates")) {
        return;
    }
    if (at->states.len > 1) {
        lose(looking, true, "all but the first of its %zu provider states", at->states.len);
    }
    VEC_EACH(&at->states, const struct pact_state *, state) {
        if (json_len(state->params) > 0) {
            lose(looking, true, "the parameters of provider state '%.*s'", STR_FMT(state->name));
        }
        if (state->extra) {
            lose(looking, true, "'%.*s' of provider state '%.*s'",
                 STR_FMT(json_key(state->extra, 0)), STR_FMT(state->name));
        }
    }
}

static void look_at_headers(const struct looking *looking, const char *part,
                            const struct pact_headers *headers)
{
    VEC_EACH(headers, const struct pact_header *, header) {
        /* A list with commas means the same as its values apart. */
        if (header->values.len != 1 && !header->apart) {
            lose(looking, !header_is_list(header->name),
                 "that %s header '%.*s' has %zu values, not one", part, STR_FMT(header->name),
                 header->values.len);
        }
    }
}

/* Whether the body's first bytes say what its own content type does. */
static bool found_anyway(const struct looking *looking, const struct pact_body *body)
{
    enum media_kind kind = body_kind(STR_NONE, body->bytes, looking->arena);
    return (kind == MEDIA_JSON && body->json && str_is(body->content_type, "application/json")) ||
           (kind == MEDIA_TEXT && str_is(body->content_type, "text/plain"));
}

/* Only what a V4 file had in the body's own object. */
static void look_at_body_object(const struct looking *looking, const char *part,
                                const struct pact_body *body)
{
    static const char *const written[] = {"content", "contentType", "encoded"};
    const struct json *raw = body->raw_v4 ? body->raw : NULL;
    bool object = json_is(raw, JSON_OBJECT) && (json_get(raw, "content") || !body->json);
    for (size_t i = 0; object && i < json_len(raw); i++) {
        struct str key = json_key(raw, i);
        bool known = false;
        for (size_t k = 0; k < sizeof written / sizeof *written; k++) {
            known = known || str_is(key, written[k]);
        }
        if (!known) {
            lose(looking, !str_is(key, "contentTypeHint"), "'%.*s' of the %s body", STR_FMT(key),
                 part);
        }
    }
}

/* `type` is what the header or metadata says of the body. */
static void look_at_body(const struct looking *looking, const char *part,
                         const struct pact_body *body, struct str type)
{
    bool exact = true;
    struct str own = body->content_type;
    if (body->raw && !body->raw_v4) {
        return; /* written as it stood in an older file */
    }
    write_body_flat(body, type, looking->arena, &exact);
    look_at_body_object(looking, part, body);
    if (!exact) {
        lose(looking, true, "the bytes of the %s body", part);
    } else if (own.ptr && type.ptr && !str_eq(own, type)) {
        lose(looking, true, "that the %s body is '%.*s', not '%.*s' as its header says", part,
             STR_FMT(own), STR_FMT(type));
    } else if (own.ptr && !type.ptr && !found_anyway(looking, body)) {
        lose(looking, true, "the content type '%.*s' of the %s body, which has no header for it",
             STR_FMT(own), part);
    } else if (own.ptr && !type.ptr) {
        lose(looking, false, "the content type '%.*s' beside the %s body", STR_FMT(own), part);
    }
}

static bool in_v2(enum matcher_kind kind)
{
    return kind == MATCHER_TYPE || kind == MATCHER_REGEX || kind == MATCHER_EQUALITY;
}

/* V2's one rule for a path has no room for what is not known of it. */
static void look_at_foreign(const struct looking *looking, const char *part,
                            const struct rules *rules)
{
    for (size_t i = 0; i < json_len(rules->extra); i++) {
        lose(looking, true, "the rules for '%.*s' of its %s", STR_FMT(json_key(rules->extra, i)),
             part);
    }
    for (int i = 0; i < RULES_PARTS; i++) {
        VEC_EACH(&rules->part[i], const struct rule *, rule) {
            if (rule->extra) {
                lose(looking, true, "'%.*s' of %s rule %.*s", STR_FMT(json_key(rule->extra, 0)),
                     part,
                     STR_FMT(rules_flat_where((enum rules_part)i, rule->text, looking->arena)));
            }
        }
    }
}

static void look_at_rules(const struct looking *looking, const char *part,
                          const struct rules *rules)
{
    look_at_foreign(looking, part, rules);
    for (int i = 0; i < RULES_PARTS; i++) {
        VEC_EACH(&rules->part[i], const struct rule *, rule) {
            struct str where = rules_flat_where((enum rules_part)i, rule->text, looking->arena);
            if (rule->matchers.len > 1) {
                lose(looking, true, "all but the first of the %zu matchers of %s rule %.*s",
                     rule->matchers.len, part, STR_FMT(where));
            } else if (rule->matchers.len == 1 && looking->from > PACT_V2 &&
                       !in_v2(rule->matchers.items[0].kind)) {
                lose(looking, false, "that V2 knows the matcher '%s' of %s rule %.*s (written)",
                     matcher_name(rule->matchers.items[0].kind), part, STR_FMT(where));
            }
        }
    }
}

static void look_at_generators(const struct looking *looking, const char *part,
                               const struct generators *generators, const struct json *extra)
{
    /* A V2 file that has them against the rules keeps them. */
    if ((generators->len > 0 || generators->extra) && !json_get(extra, "generators")) {
        lose(looking, true, "the generators of its %s", part);
    }
}

static void look_at_message(const struct looking *looking)
{
    const struct pact_message *message = &looking->at->message;
    look_at_body(looking, "message", &message->body, read_metadata_type(message->metadata));
}

static void look_at_http(const struct looking *looking)
{
    const struct pact_request *request = &looking->at->request;
    const struct pact_response *response = &looking->at->response;
    look_at_headers(looking, "request", &request->headers);
    look_at_body(looking, "request", &request->body,
                 pact_header_get(&request->headers, "content-type"));
    look_at_headers(looking, "response", &response->headers);
    look_at_body(looking, "response", &response->body,
                 pact_header_get(&response->headers, "content-type"));
    if (looking->spec < PACT_V3) {
        look_at_rules(looking, "request", request->rules);
        look_at_rules(looking, "response", response->rules);
        look_at_generators(looking, "request", request->generators, request->extra);
        look_at_generators(looking, "response", response->generators, response->extra);
    }
}

static void look_at_unknown(const struct looking *looking, const struct pact *pact)
{
    VEC_EACH(&pact->unknown, const struct pact_unknown *, unknown) {
        struct looking at = *looking;
        at.at = &unknown->said;
        lose(&at, true, "all of it: %s has no interactions of type '%.*s'",
             pact_spec_name(looking->spec), STR_FMT(unknown->type.ptr ? unknown->type : STR("")));
    }
}

void pact_losses(const struct pact *pact, enum pact_spec spec, struct arena *arena,
                 struct pact_losses *ret)
{
    if (spec >= PACT_V4) {
        return;
    }
    VEC_EACH(&pact->interactions, const struct pact_interaction *, interaction) {
        struct looking looking = {interaction, pact->spec, spec, arena, ret};
        /* What older files hold of this is foreign to them, and stays. */
        if (pact->spec >= PACT_V4) {
            look_around(&looking);
        }
        if (spec < PACT_V3) {
            look_at_states(&looking);
        }
        if (interaction->kind == PACT_HTTP) {
            look_at_http(&looking);
        } else if (interaction->kind == PACT_MESSAGE) {
            look_at_message(&looking);
        }
    }
    look_at_unknown(&(struct looking){NULL, pact->spec, spec, arena, ret}, pact);
}
