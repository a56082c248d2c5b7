// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a Pact file. What is read must be written as V4 that reads back as the same model
 * and is written the same the next time, in its own version, too; no member whose key starts with
 * "x-" may be lost on the way. What is refused must come with a reason.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/contract/body.h"
#include "lib/contract/generate.h"
#include "lib/contract/loss.h"
#include "lib/contract/mapping.h"
#include "lib/contract/match.h"
#include "lib/contract/pact.h"
#include "lib/contract/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void same_text(struct str a, struct str b)
{
    must((a.ptr == NULL) == (b.ptr == NULL) && str_eq(a, b));
}

static void same_json(const struct json *a, const struct json *b)
{
    must((a == NULL) == (b == NULL) && (!a || json_equal(a, b)));
}

/* JSON may be spaced otherwise; everything else goes byte for byte. */
static void same_body(const struct pact_body *a, const struct pact_body *b, struct arena *arena)
{
    must(a->state == b->state);
    if (a->state != PACT_BODY_PRESENT)
        return;
    must(str_eq(a->bytes, b->bytes) || (a->json && b->json && json_equal(a->json, b->json)));
    enum media_kind kind = body_kind(a->content_type, a->bytes, arena);
    must(body_kind(b->content_type, b->bytes, arena) == kind);
    if (a->content_type.ptr)
        same_text(a->content_type, b->content_type);
    if (kind == MEDIA_JSON)
        same_json(a->json, b->json);
}

static void same_rules(const struct rules *a, const struct rules *b, struct arena *arena)
{
    same_json(rules_write(a, arena), rules_write(b, arena));
    for (int part = 0; part < RULES_PARTS; part++) {
        must(a->part[part].len == b->part[part].len);
        for (size_t i = 0; i < a->part[part].len; i++) {
            const struct rule *x = &a->part[part].items[i], *y = &b->part[part].items[i];
            same_text(x->text, y->text);
            must(x->any == y->any && x->matchers.len == y->matchers.len);
            for (size_t k = 0; k < x->matchers.len; k++) {
                const struct matcher *m = &x->matchers.items[k], *n = &y->matchers.items[k];
                must(m->kind == n->kind && m->variants.len == n->variants.len);
                must(m->has_min == n->has_min && m->min == n->min);
                must(m->has_max == n->has_max && m->max == n->max);
                same_text(m->text, n->text);
            }
        }
    }
}

static void same_headers(const struct pact_headers *a, const struct pact_headers *b)
{
    must(a->len == b->len);
    for (size_t i = 0; i < a->len; i++) {
        same_text(a->items[i].name, b->items[i].name);
        must(a->items[i].values.len == b->items[i].values.len);
        for (size_t k = 0; k < a->items[i].values.len; k++)
            same_text(a->items[i].values.items[k], b->items[i].values.items[k]);
    }
}

/* Names come together when written; the order of the values of one name stays. */
static void same_query(const struct pact_query *a, const struct pact_query *b)
{
    must(a->missing == b->missing && a->params.len == b->params.len);
    for (size_t i = 0; i < a->params.len; i++) {
        size_t nth = 0, seen = 0;
        const struct url_param *param = &a->params.items[i], *found = NULL;
        for (size_t k = 0; k < i; k++)
            nth += str_eq(a->params.items[k].name, param->name);
        for (size_t k = 0; k < b->params.len && !found; k++) {
            bool same = str_eq(b->params.items[k].name, param->name);
            found = same && seen == nth ? &b->params.items[k] : NULL;
            seen += same;
        }
        must(found != NULL);
        same_text(param->value, found->value);
    }
}

static void same_message(const struct pact_message *a, const struct pact_message *b,
                         struct arena *arena)
{
    same_body(&a->body, &b->body, arena);
    same_json(a->metadata, b->metadata);
    same_rules(a->rules, b->rules, arena);
    same_json(generators_write(a->generators, arena), generators_write(b->generators, arena));
}

static void same_http(const struct pact_interaction *a, const struct pact_interaction *b,
                      struct arena *arena)
{
    same_text(a->request.method, b->request.method);
    same_text(a->request.path, b->request.path);
    same_query(&a->request.query, &b->request.query);
    same_headers(&a->request.headers, &b->request.headers);
    same_body(&a->request.body, &b->request.body, arena);
    same_rules(a->request.rules, b->request.rules, arena);
    same_json(generators_write(a->request.generators, arena),
              generators_write(b->request.generators, arena));
    must(a->response.status == b->response.status);
    same_headers(&a->response.headers, &b->response.headers);
    same_body(&a->response.body, &b->response.body, arena);
    same_rules(a->response.rules, b->response.rules, arena);
    same_json(generators_write(a->response.generators, arena),
              generators_write(b->response.generators, arena));
}

static void same_interaction(const struct pact_interaction *a, const struct pact_interaction *b,
                             struct arena *arena)
{
    must(a->kind == b->kind && a->pending == b->pending && a->states.len == b->states.len);
    same_text(a->id, b->id);
    same_text(a->key, b->key);
    same_text(a->description, b->description);
    same_text(a->transport, b->transport);
    for (size_t i = 0; i < a->states.len; i++) {
        same_text(a->states.items[i].name, b->states.items[i].name);
        same_json(a->states.items[i].params, b->states.items[i].params);
        same_json(a->states.items[i].extra, b->states.items[i].extra);
    }
    if (a->kind == PACT_HTTP) {
        same_http(a, b, arena);
        return;
    }
    same_message(&a->message, &b->message, arena);
    must(a->replies.len == b->replies.len);
    for (size_t i = 0; i < a->replies.len; i++)
        same_message(&a->replies.items[i], &b->replies.items[i], arena);
}

static void check_places(const struct pact *pact)
{
    VEC_EACH(&pact->interactions, const struct pact_interaction *, it)
        must(it->line > 0 && it->column > 0);
    VEC_EACH(&pact->warnings, const struct pact_warning *, warning)
        must(warning->line > 0 && warning->column > 0 && warning->text.len > 0);
}

static void check_mapping(const struct pact *pact, struct arena *arena)
{
    VEC_EACH(&pact->interactions, const struct pact_interaction *, it) {
        struct mapping mapping = {0};
        struct err err = ERR_INIT;
        int rc = mapping_of(it, arena, &mapping, &err);
        must(rc == 0 || (err.code == rc && err.text[0]));
        must(rc == 0 || (!mapping.method.ptr && !mapping.operation.ptr));
    }
}

static void add_headers(struct headers *to, const struct pact_headers *from, struct arena *arena)
{
    VEC_EACH(from, const struct pact_header *, header) {
        VEC_EACH(&header->values, const struct str *, value)
            headers_add(arena, to, header->name, *value);
    }
}

/* Either a verdict, or one of the reasons that match.h names. */
static void told(int rc, const struct match_result *result, const struct err *err)
{
    must(rc == 0 || ((rc == ERR_LIMIT || rc == ERR_PARSE || rc == ERR_UNDECIDED) &&
                     err->code == rc && err->text[0] && result->len == 0));
    VEC_EACH(result, const struct mismatch *, mismatch)
        must(mismatch->text.len > 0 && mismatch->line >= 0 && mismatch->column >= 0);
}

/* Every example against its own expectation; its rules may well refuse it. */
static void match_examples(const struct pact *pact, struct arena *arena)
{
    VEC_EACH(&pact->interactions, const struct pact_interaction *, it) {
        struct match_result results[3] = {{0}};
        struct err errors[3] = {ERR_INIT, ERR_INIT, ERR_INIT};
        struct actual_request request = {
            .method = it->request.method,
            .path = it->request.path,
            .query = url_query_write(arena, (const void *)&it->request.query.params),
            .body = it->request.body.bytes};
        struct actual_response response = {.status = it->response.status,
                                           .body = it->response.body.bytes};
        struct actual_message message = {.body = it->message.body.bytes,
                                         .content_type = it->message.body.content_type,
                                         .metadata = it->message.metadata};
        add_headers(&request.headers, &it->request.headers, arena);
        add_headers(&response.headers, &it->response.headers, arena);
        told(match_request(pact, &it->request, &request, arena, &results[0], &errors[0]),
             &results[0], &errors[0]);
        told(match_response(pact, &it->response, &response, arena, &results[1], &errors[1]),
             &results[1], &errors[1]);
        told(match_message(pact, &it->message, &message, arena, &results[2], &errors[2]),
             &results[2], &errors[2]);
    }
}

static bool has_key(const struct json *value, struct str key)
{
    bool found = json_is(value, JSON_OBJECT) && json_find(value, key);
    for (size_t i = 0; i < json_len(value) && !found; i++)
        found = has_key(json_at(value, i), key);
    return found;
}

/* Keys that nobody reads. Names in queries are no members where a query is one text. */
static void none_lost(const struct json *before, const struct json *after, bool queries)
{
    for (size_t i = 0; i < json_len(before); i++) {
        struct str key = json_is(before, JSON_OBJECT) ? json_key(before, i) : STR("");
        must(!str_starts(key, STR("x-")) || has_key(after, key));
        if (queries || !str_is(key, "query"))
            none_lost(json_at(before, i), after, queries);
    }
}

/* In its own version: the same bytes the next time, and nothing foreign is lost. */
static void through_own_version(const struct pact *pact, struct arena *arena)
{
    enum pact_spec spec = pact->spec < PACT_V2 ? PACT_V2 : pact->spec;
    struct pact_losses losses = {0};
    struct pact *second = NULL;
    struct json *before = NULL, *after = NULL;
    struct str once, again;
    pact_losses(pact, spec, arena, &losses);
    if (pact_write(pact, spec, arena, &once, NULL) != 0) {
        must(spec < PACT_V4);
        return;
    }
    must(pact_read(once, "own", arena, &second, NULL) == 0);
    must(pact_write(second, spec, arena, &again, NULL) == 0);
    must(second->skipped == pact->skipped && second->unknown.len == pact->unknown.len);
    VEC_EACH(&losses, const struct pact_loss *, loss) {
        if (loss->meaning)
            return;
    }
    same_text(once, again);
    must(json_parse(pact->text, NULL, arena, &before, NULL) == 0);
    must(json_parse(once, NULL, arena, &after, NULL) == 0);
    none_lost(before, after, spec >= PACT_V3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct pact *first = NULL, *second = NULL, *third = NULL;
    struct str text, again;
    int rc = pact_read(str_make((const char *)data, size), "fuzz", arena, &first, &err);
    if (rc) {
        must(!first && err.code == rc && err.text[0]);
        must(rc != ERR_PARSE || (err.line > 0 && err.column > 0));
        return 0;
    }
    check_places(first);
    check_mapping(first, arena);
    match_examples(first, arena);
    through_own_version(first, arena);
    must(pact_write(first, PACT_V4, arena, &text, NULL) == 0);
    must(pact_read(text, "written", arena, &second, NULL) == 0);
    must(second->spec == PACT_V4 && second->skipped == first->skipped);
    same_text(first->consumer, second->consumer);
    same_text(first->provider, second->provider);
    same_json(first->extra, second->extra);
    must(pact_write(second, PACT_V4, arena, &again, NULL) == 0);
    same_text(text, again);
    must(pact_read(again, "again", arena, &third, NULL) == 0);
    must(first->interactions.len == second->interactions.len);
    /* The written file is sorted, so the model of the file as read is compared by content. */
    bool *used = ARENA_ARRAY(arena, bool, first->interactions.len + 1);
    VEC_EACH(&second->interactions, const struct pact_interaction *, b) {
        const struct pact_interaction *a = NULL;
        for (size_t i = 0; i < first->interactions.len && !a; i++) {
            const struct pact_interaction *it = &first->interactions.items[i];
            bool same = !used[i] && it->kind == b->kind && it->states.len == b->states.len &&
                        str_eq(it->description, b->description);
            for (size_t k = 0; same && k < it->states.len; k++)
                same = str_eq(it->states.items[k].name, b->states.items[k].name) &&
                       (it->states.items[k].params == NULL) == (b->states.items[k].params == NULL);
            used[i] = used[i] || same;
            a = same ? it : NULL;
        }
        must(a != NULL);
        if (first->interactions.len == 1)
            same_interaction(a, b, arena);
    }
    for (size_t i = 0; i < second->interactions.len; i++) {
        same_json(second->interactions.items[i].extra, third->interactions.items[i].extra);
        same_json(second->interactions.items[i].comments, third->interactions.items[i].comments);
        same_interaction(&second->interactions.items[i], &third->interactions.items[i], arena);
    }
    re_cache_clear();
    return 0;
}
