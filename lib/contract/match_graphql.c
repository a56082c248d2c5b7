// SPDX-License-Identifier: Apache-2.0
/*
 * GraphQL requests are compared as GraphQL: documents that mean the same agree, and what clients
 * add to describe themselves does not matter. Everything else goes by the JSON rules.
 */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
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

/* The rest of the request: no document, no client's name, and no member that says nothing. */
static struct json *without_document(const struct json *body, struct arena *arena)
{
    struct json *rest = json_new_object(arena);
    for (size_t i = 0; i < json_len(body); i++) {
        struct str key = json_key(body, i);
        struct json *value = json_at(body, i);
        if (str_is(key, "query")) {
            continue;
        }
        if (str_is(key, "extensions") && json_get(value, "clientLibrary")) {
            value = json_copy(arena, value);
            json_remove(value, "clientLibrary");
        }
        bool blank =
            json_is(value, JSON_NULL) || (json_is(value, JSON_OBJECT) && json_len(value) == 0);
        if (!blank) {
            json_set_str(arena, rest, key, value);
        }
    }
    return rest;
}

static bool rule_on_query(const struct rules *rules)
{
    VEC_EACH(&rules->part[RULES_BODY], const struct rule *, rule) {
        if (rule->path.len == 1 && rule->path.items[0].kind == PATH_NAME &&
            str_is(rule->path.items[0].name, "query")) {
            return true;
        }
    }
    return false;
}

/* Rules on what clients add to describe themselves have nothing to do here. */
static void excuse_clients(struct judge *judge, const struct rules *rules)
{
    VEC_EACH(&rules->part[RULES_BODY], const struct rule *, rule) {
        if (rule->path.len > 0 && str_is(rule->path.items[0].name, "extensions")) {
            fired_mark(judge, RULES_BODY, rule);
        }
    }
}

int match_graphql(struct judge *judge, const struct json *expected, const struct json *actual,
                  const struct rules *rules, bool *ret_handled)
{
    const struct json *want = json_get(expected, "query"), *got = json_get(actual, "query");
    bool parsed = false;
    *ret_handled = false;
    if (!json_is(want, JSON_STRING) || !json_is(got, JSON_STRING) || rule_on_query(rules)) {
        return 0;
    }
    bool same = graphql_same(json_text(want), json_text(got), judge->arena, &parsed);
    if (!parsed) {
        return 0;
    }
    *ret_handled = true;
    excuse_clients(judge, rules);
    if (!same) {
        struct difference difference = {.part = MATCH_BODY,
                                        .path = STR("$.query"),
                                        .expected = show_text(judge, json_text(want)),
                                        .actual = show_text(judge, json_text(got)),
                                        .rule = STR("GraphQL"),
                                        .at = want};
        difference.text = judge_say(judge, "Expected GraphQL document '%.*s' but received '%.*s'",
                                    STR_FMT(difference.expected), STR_FMT(difference.actual));
        judge_report(judge, &difference);
    }
    return match_json_trees(judge, without_document(expected, judge->arena),
                            without_document(actual, judge->arena), rules);
}
