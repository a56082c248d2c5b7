// SPDX-License-Identifier: Apache-2.0
/*
 * GraphQL requests are compared as GraphQL: documents that mean the same agree, and what clients
 * add to describe themselves does not matter. Everything else goes by the JSON rules.
 */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/contract/manifest.h"
#include "lib/contract/match_internal.h"
#include "lib/graphql/ast.h"

static bool normalised(struct str text, struct arena *arena, struct str *ret)
{
    struct gql_document *document = NULL;
    if (gql_parse(text, "query", arena, &document, NULL) != 0) {
        return false;
    }
    struct buf out BUF_AUTO = BUF_INIT(2 * LIMIT_GRAPHQL_TEXT);
    gql_normalise(document, arena, &out);
    *ret = str_dup(arena, buf_view(&out));
    return !out.overflow;
}

bool graphql_same(struct str a, struct str b, struct arena *arena, bool *ret_parsed)
{
    struct str x, y;
    *ret_parsed = normalised(a, arena, &x) && normalised(b, arena, &y);
    return *ret_parsed && str_eq(x, y);
}

bool graphql_blank(const struct json *value)
{
    return json_is(value, JSON_NULL) || (json_is(value, JSON_OBJECT) && json_len(value) == 0);
}

struct json *graphql_extensions(struct json *extensions, struct arena *arena)
{
    if (!json_get(extensions, "clientLibrary")) {
        return extensions;
    }
    struct json *rest = json_copy(arena, extensions);
    json_remove(rest, "clientLibrary");
    return rest;
}

/*
 * The rest of a request: no client's name, and no member that says nothing. `document` takes the
 * place of its own; NULL = the rest has none.
 */
static struct json *rest_of(const struct json *body, const struct json *document,
                            struct arena *arena)
{
    struct json *rest = json_new_object(arena);
    for (size_t i = 0; i < json_len(body); i++) {
        struct str key = json_key(body, i);
        struct json *value = json_at(body, i);
        if (str_is(key, "query")) {
            value = (struct json *)document;
        } else if (str_is(key, "extensions")) {
            value = graphql_extensions(value, arena);
        }
        if (value && !graphql_blank(value)) {
            json_set_str(arena, rest, key, value);
        }
    }
    return rest;
}

/* ---- reports ---- */

void graphql_report_document(struct judge *judge, const struct difference *where, struct str want,
                             struct str got)
{
    struct difference difference = *where;
    difference.expected = show_text(judge, want);
    difference.actual = show_text(judge, got);
    difference.rule = STR("GraphQL");
    difference.text = judge_say(judge, "Expected GraphQL document '%.*s' but received '%.*s'",
                                STR_FMT(difference.expected), STR_FMT(difference.actual));
    judge_report(judge, &difference);
}

void graphql_report_unknown(struct judge *judge, const struct difference *where, struct str id)
{
    struct difference difference = *where;
    difference.actual = show_text(judge, id);
    difference.rule = STR("GraphQL");
    difference.text = judge_say(judge, "The manifest has no operation with the id '%.*s'",
                                STR_FMT(difference.actual));
    judge_report(judge, &difference);
}

/* ---- persisted operations ---- */

enum { NO_BATCH = -1 };

static struct difference document_at(struct judge *judge, long index, const struct json *document)
{
    return (struct difference){.part = MATCH_BODY,
                               .path = index == NO_BATCH
                                           ? STR("$.query")
                                           : str_printf(judge->arena, "$[%ld].query", index),
                               .at = document};
}

/*
 * An operation that gives its id where the contract has the document is compared as if it held what
 * the manifest says.
 */
static bool resolve_one(struct judge *judge, long index, const struct json *expected,
                        struct json **actual)
{
    struct str id = manifest_id_of(*actual);
    const struct json *wanted = json_get(expected, "query");
    if (!id.ptr || !json_is(wanted, JSON_STRING)) {
        return false;
    }
    struct str document = manifest_document(judge->manifest, id);
    if (document.ptr) {
        *actual = manifest_filled(*actual, expected, document, judge->arena);
        return false;
    }
    struct difference where = document_at(judge, index, wanted);
    where.expected = show_text(judge, json_text(wanted));
    graphql_report_unknown(judge, &where, id);
    return true;
}

bool graphql_resolve(struct judge *judge, const struct json *expected, struct json **actual)
{
    if (!judge->manifest) {
        return false;
    }
    if (!json_is(expected, JSON_ARRAY) || !json_is(*actual, JSON_ARRAY)) {
        return resolve_one(judge, NO_BATCH, expected, actual);
    }
    struct json *all = json_new_array(judge->arena);
    bool unknown = false;
    for (size_t i = 0; i < json_len(*actual); i++) {
        struct json *one = json_at(*actual, i);
        const struct json *example = json_at(expected, i < json_len(expected) ? i : 0);
        unknown = resolve_one(judge, (long)i, example, &one) || unknown;
        json_append(judge->arena, all, one);
    }
    *actual = all;
    return unknown;
}

/* ---- bodies ---- */

static bool token_is_item(const struct path_token *token, long index)
{
    return token->kind == PATH_ANY_INDEX || token->kind == PATH_ANY_NAME ||
           (token->kind == PATH_INDEX && token->index == index);
}

/* The rule's path is that of a request, or of one in a batch, and goes on with that name. */
static bool rule_is_at(const struct rule *rule, long index, const char *name)
{
    size_t above = index == NO_BATCH ? 0 : 1;
    return rule->path.len > above && rule->path.items[above].kind == PATH_NAME &&
           str_is(rule->path.items[above].name, name) &&
           (above == 0 || token_is_item(&rule->path.items[0], index));
}

static bool rule_on_query(const struct rules *rules, long index)
{
    size_t len = index == NO_BATCH ? 1 : 2;
    VEC_EACH(&rules->part[RULES_BODY], const struct rule *, rule) {
        if (rule->path.len == len && rule_is_at(rule, index, "query")) {
            return true;
        }
    }
    return false;
}

/* Rules on what clients add to describe themselves have nothing to do here. */
static void excuse_clients(struct judge *judge, const struct rules *rules, long index)
{
    VEC_EACH(&rules->part[RULES_BODY], const struct rule *, rule) {
        if (rule_is_at(rule, index, "extensions")) {
            fired_mark(judge, RULES_BODY, rule);
        }
    }
}

/* Compare the documents of two requests; false if they have none that can be read, or a rule. */
static bool match_documents(struct judge *judge, long index, const struct json *expected,
                            const struct json *actual, const struct rules *rules)
{
    const struct json *want = json_get(expected, "query"), *got = json_get(actual, "query");
    bool parsed = false;
    if (!json_is(want, JSON_STRING) || !json_is(got, JSON_STRING) || rule_on_query(rules, index)) {
        return false;
    }
    bool same = graphql_same(json_text(want), json_text(got), judge->arena, &parsed);
    if (parsed && !same) {
        struct difference where = document_at(judge, index, want);
        graphql_report_document(judge, &where, json_text(want), json_text(got));
    }
    if (parsed) {
        excuse_clients(judge, rules, index);
    }
    return parsed;
}

/* A document that can be read, or the hash of a persisted one, makes a GraphQL request. */
static bool speaks_graphql(const struct json *body, struct arena *arena)
{
    struct str document = json_get_text(body, "query"), unused;
    return (document.ptr && normalised(document, arena, &unused)) ||
           json_get(json_get(body, "extensions"), "persistedQuery");
}

/*
 * What is left to the JSON rules; false if these are no GraphQL requests. Without a comparison of
 * documents (a rule has its say, or both are persisted) only the client's name is taken out.
 */
static bool without_client(struct judge *judge, long index, struct json **want, struct json **got,
                           const struct rules *rules)
{
    if (!speaks_graphql(*want, judge->arena) || !speaks_graphql(*got, judge->arena)) {
        return false;
    }
    *want = rest_of(*want, json_get(*want, "query"), judge->arena);
    *got = rest_of(*got, json_get(*got, "query"), judge->arena);
    excuse_clients(judge, rules, index);
    return true;
}

/*
 * Several requests in one list, which stay where they are for the rules: what has been compared as
 * a document is made equal, and the lists go by the JSON rules. Under a rule of the list requests
 * beyond the expected ones answer to the first, as items do.
 */
static int match_batch(struct judge *judge, const struct json *expected, const struct json *actual,
                       const struct rules *rules, bool *ret_handled)
{
    struct json *wants = json_new_array(judge->arena), *gots = json_new_array(judge->arena);
    const struct path root = {0};
    size_t want_len = json_len(expected);
    bool many = rules_select(rules, RULES_BODY, &root, NULL) != NULL;
    for (size_t i = 0; i < json_len(actual) || i < want_len; i++) {
        struct json *want = json_at(expected, i < want_len ? i : 0), *got = json_at(actual, i);
        bool paired = got && (i < want_len || many);
        if (paired && match_documents(judge, (long)i, want, got, rules)) {
            const struct json *document = json_get(want, "query");
            want = rest_of(want, document, judge->arena);
            got = rest_of(got, document, judge->arena);
            *ret_handled = true;
        } else if (paired && without_client(judge, (long)i, &want, &got, rules)) {
            *ret_handled = true;
        }
        if (i < want_len) {
            json_append(judge->arena, wants, want);
        }
        if (got) {
            json_append(judge->arena, gots, got);
        }
    }
    return *ret_handled ? match_json_trees(judge, wants, gots, rules) : 0;
}

int match_graphql(struct judge *judge, const struct json *expected, const struct json *actual,
                  const struct rules *rules, bool *ret_handled)
{
    *ret_handled = false;
    if (json_is(expected, JSON_ARRAY) && json_is(actual, JSON_ARRAY) && json_len(expected) > 0) {
        return match_batch(judge, expected, actual, rules, ret_handled);
    }
    struct json *want = (struct json *)expected, *got = (struct json *)actual;
    *ret_handled = match_documents(judge, NO_BATCH, expected, actual, rules);
    if (*ret_handled) {
        want = rest_of(expected, NULL, judge->arena);
        got = rest_of(actual, NULL, judge->arena);
    } else {
        *ret_handled = without_client(judge, NO_BATCH, &want, &got, rules);
    }
    return *ret_handled ? match_json_trees(judge, want, got, rules) : 0;
}
