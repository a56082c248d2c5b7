// SPDX-License-Identifier: Apache-2.0
/*
 * GraphQL requests that are sent by GET: the document, its variables and extensions are parameters
 * of the query, the last two as JSON texts. They are compared as they would be in a body; all other
 * parameters, and each that has a rule, are compared as parameters.
 */
#include "lib/base/arena.h"
#include "lib/contract/manifest.h"
#include "lib/contract/match_internal.h"

struct operation {
    const struct url_param *params;
    size_t len;
    struct json *members; /* as in a body: those that are there once and can be read */
};

/* What has been compared, and so is no more a parameter. */
struct compared {
    struct judge *judge;
    const struct rules *rules;
    const struct params_words *words;
    struct {
        VEC_OF(struct str);
    } names;
};

static size_t count(const struct operation *operation, struct str name, struct str *ret_value)
{
    size_t found = 0;
    for (size_t i = 0; i < operation->len; i++) {
        if (str_eq(operation->params[i].name, name)) {
            *ret_value = operation->params[i].value.ptr ? operation->params[i].value : STR("");
            found++;
        }
    }
    return found;
}

/* An object or null as JSON text; "" says as little as null. */
static struct json *read_object(struct str text, struct arena *arena)
{
    struct json *value = NULL;
    struct str key;
    if (text.len == 0) {
        return json_new_null(arena);
    }
    if (json_parse(text, "query parameter", arena, &value, NULL) != 0 ||
        json_first_repeated(value, &key)) {
        return NULL;
    }
    return json_is(value, JSON_OBJECT) || json_is(value, JSON_NULL) ? value : NULL;
}

static struct operation read_operation(const struct url_param *params, size_t len,
                                       struct arena *arena)
{
    static const struct {
        const char *name;
        bool object;
    } members[] = {{"query", false},
                   {"documentId", false},
                   {"id", false},
                   {"variables", true},
                   {"extensions", true}};
    struct operation operation = {params, len, json_new_object(arena)};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        struct str text = STR_NONE;
        if (count(&operation, str_of(members[i].name), &text) == 1) {
            struct json *value =
                members[i].object ? read_object(text, arena) : json_new_str(arena, text);
            if (value) {
                json_set(arena, operation.members, members[i].name, value);
            }
        }
    }
    return operation;
}

/* An ordinary parameter may be called `query` too: a document or a persisted one makes GraphQL. */
static bool is_graphql(const struct operation *operation, struct arena *arena)
{
    struct str document = json_get_text(operation->members, "query");
    bool parsed = false;
    if (document.ptr) {
        graphql_same(document, document, arena, &parsed);
    }
    return parsed || json_get(json_get(operation->members, "extensions"), "persistedQuery");
}

static bool has_rule(const struct compared *compared, const char *name)
{
    return rules_named(compared->rules, RULES_QUERY, str_of(name)) ||
           rules_named(compared->rules, RULES_QUERY,
                       str_printf(compared->judge->arena, "%s[0]", name));
}

static void add(struct compared *compared, const char *name)
{
    *VEC_PUSH(compared->judge->arena, &compared->names) = str_of(name);
}

static bool is_compared(const struct compared *compared, struct str name)
{
    VEC_EACH(&compared->names, const struct str *, one) {
        if (str_eq(*one, name)) {
            return true;
        }
    }
    return false;
}

static struct difference difference_at(const struct compared *compared, const char *name)
{
    return (struct difference){.part = MATCH_QUERY,
                               .path = str_of(name),
                               .rule = STR("GraphQL"),
                               .at = query_param_at(compared->judge, str_of(name), -1)};
}

/* A parameter that the contract does not have, and that stood for the document, is compared. */
static void excuse(struct compared *compared, const struct operation *expected, const char *name)
{
    struct str unused = STR_NONE;
    if (count(expected, str_of(name), &unused) == 0 && !has_rule(compared, name)) {
        add(compared, name);
    }
}

/* An id in place of a document is looked up, and then there is the document in its place. */
static void resolve(struct compared *compared, const struct operation *expected,
                    struct operation *actual)
{
    static const char *const ids[] = {"documentId", "id"};
    struct judge *judge = compared->judge;
    struct json *before = actual->members;
    struct str id = judge->manifest ? manifest_id_of(before) : STR_NONE;
    struct str wanted = json_get_text(expected->members, "query"), unused = STR_NONE;
    if (!id.ptr || !wanted.ptr || has_rule(compared, "query") ||
        count(actual, STR("query"), &unused) > 0) {
        return;
    }
    struct str document = manifest_document(judge->manifest, id);
    if (!document.ptr) {
        struct difference where = difference_at(compared, "query");
        where.expected = show_text(judge, wanted);
        graphql_report_unknown(judge, &where, id);
        add(compared, "query");
        excuse(compared, expected, "documentId");
        excuse(compared, expected, "id");
        excuse(compared, expected, "extensions");
        return;
    }
    struct json *filled = manifest_filled(before, expected->members, document, judge->arena);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (json_get(before, ids[i]) && !json_get(filled, ids[i])) {
            excuse(compared, expected, ids[i]);
        }
    }
    if (json_get(before, "extensions") && !json_get(filled, "extensions")) {
        json_set(judge->arena, filled, "extensions", json_new_null(judge->arena));
    }
    actual->members = filled;
}

static void compare_documents(struct compared *compared, const struct operation *expected,
                              const struct operation *actual)
{
    struct str want = json_get_text(expected->members, "query");
    struct str got = json_get_text(actual->members, "query");
    bool parsed = false;
    if (!want.ptr || !got.ptr || is_compared(compared, STR("query")) ||
        has_rule(compared, "query")) {
        return;
    }
    bool same = graphql_same(want, got, compared->judge->arena, &parsed);
    if (!parsed) {
        return;
    }
    add(compared, "query");
    if (!same) {
        struct difference where = difference_at(compared, "query");
        graphql_report_document(compared->judge, &where, want, got);
    }
}

/* The value to compare; NULL if there is none, or none that says anything. False: not readable. */
static bool object_of(const struct operation *operation, const char *name, struct arena *arena,
                      const struct json **ret)
{
    struct json *value = json_get(operation->members, name);
    struct str unused = STR_NONE;
    if (!value) {
        *ret = NULL;
        return count(operation, str_of(name), &unused) == 0;
    }
    value = graphql_extensions(value, arena);
    *ret = graphql_blank(value) ? NULL : value;
    return true;
}

static void report_objects(const struct compared *compared, const char *name,
                           const struct json *want, const struct json *got)
{
    struct judge *judge = compared->judge;
    struct difference difference = difference_at(compared, name);
    const char *noun = compared->words->noun;
    difference.expected = show_json(judge, want);
    difference.actual = show_json(judge, got);
    difference.text =
        !got    ? judge_say(judge, "Expected %s '%s' but was missing", noun, name)
        : !want ? judge_say(judge, "Unexpected %s '%s' received", noun, name)
                : judge_say(judge, "Expected '%.*s' but received '%.*s' for %s '%s'",
                            STR_FMT(difference.expected), STR_FMT(difference.actual), noun, name);
    judge_report(judge, &difference);
}

static void compare_objects(struct compared *compared, const char *name,
                            const struct operation *expected, const struct operation *actual)
{
    struct arena *arena = compared->judge->arena;
    const struct json *want, *got;
    if (is_compared(compared, str_of(name)) || has_rule(compared, name) ||
        !object_of(expected, name, arena, &want) || !object_of(actual, name, arena, &got)) {
        return;
    }
    add(compared, name);
    if (want || got) {
        if (!want || !got || !json_equal(want, got)) {
            report_objects(compared, name, want, got);
        }
    }
}

static struct url_params others(const struct compared *compared, const struct operation *operation)
{
    struct url_params rest = {0};
    for (size_t i = 0; i < operation->len; i++) {
        if (!is_compared(compared, operation->params[i].name)) {
            *VEC_PUSH(compared->judge->arena, &rest) = operation->params[i];
        }
    }
    return rest;
}

int match_query_params(struct judge *judge, const struct pact_query *expected,
                       const struct url_params *actual, const struct rules *rules,
                       const struct params_words *words)
{
    struct compared compared = {.judge = judge, .rules = rules, .words = words};
    struct operation want =
        read_operation(expected->params.items, expected->params.len, judge->arena);
    if (!is_graphql(&want, judge->arena)) {
        return match_params(judge, expected->params.items, expected->params.len, actual, rules,
                            words);
    }
    struct operation got = read_operation(actual->items, actual->len, judge->arena);
    resolve(&compared, &want, &got);
    compare_documents(&compared, &want, &got);
    compare_objects(&compared, "variables", &want, &got);
    compare_objects(&compared, "extensions", &want, &got);
    struct url_params wants = others(&compared, &want), gots = others(&compared, &got);
    return match_params(judge, wants.items, wants.len, &gots, rules, words);
}
