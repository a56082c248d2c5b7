// SPDX-License-Identifier: Apache-2.0
/* Requests, responses and messages, part by part. Source: pact-semantics, sections 5 and 11. */
#include "lib/contract/match.h"

#include <ctype.h>
#include <limits.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/match_internal.h"

static struct judge judge_start(const struct pact *pact, const struct rules *rules,
                                struct arena *arena, struct match_result *result, struct err *err)
{
    struct judge judge = {.arena = arena,
                          .result = result,
                          .position = position_start(pact->text),
                          .manifest = pact->manifest,
                          .err = err};
    fired_start(&judge, rules);
    return judge;
}

static int check_rules(const struct pact *pact, const struct rules *rules, struct arena *arena,
                       struct err *err)
{
    return rules->unusable ? rules_usable(rules, str_cstr(arena, pact->source), err) : 0;
}

static struct str upper(struct arena *arena, struct str text)
{
    char *copy = arena_strndup(arena, text.ptr ? text.ptr : "", text.len);
    for (size_t i = 0; i < text.len; i++) {
        copy[i] = (char)toupper((unsigned char)copy[i]);
    }
    return str_make(copy, text.len);
}

/* Case does not matter, under a rule neither: it sees upper case, as the example has it. */
static int match_method(struct judge *judge, const struct pact_request *expected, struct str actual)
{
    const struct rule *rule = rules_named(expected->rules, RULES_METHOD, STR(""));
    struct difference difference = {.part = MATCH_METHOD,
                                    .expected = show_text(judge, expected->method),
                                    .actual = show_text(judge, actual)};
    judge->around = judge_member(expected->raw, "method");
    if (rule) {
        fired_mark(judge, RULES_METHOD, rule);
        return rule_text(judge, rule, expected->method, upper(judge->arena, actual), &difference);
    }
    if (!str_eq_nocase(expected->method, actual)) {
        difference.text = judge_say(judge, "Expected method %.*s but was %.*s",
                                    STR_FMT(difference.expected), STR_FMT(difference.actual));
        judge_report(judge, &difference);
    }
    return 0;
}

static int match_path(struct judge *judge, const struct pact_request *expected, struct str actual)
{
    const struct rule *rule = rules_named(expected->rules, RULES_PATH, STR(""));
    struct difference difference = {.part = MATCH_PATH,
                                    .expected = show_text(judge, expected->path),
                                    .actual = show_text(judge, actual)};
    judge->around = judge_member(expected->raw, "path");
    if (rule) {
        fired_mark(judge, RULES_PATH, rule);
        return rule_text(judge, rule, expected->path, actual, &difference);
    }
    if (!str_eq(expected->path, actual)) {
        difference.text = judge_say(judge, "Expected path '%.*s' but was '%.*s'",
                                    STR_FMT(difference.expected), STR_FMT(difference.actual));
        judge_report(judge, &difference);
    }
    return 0;
}

/* ---- status ---- */

static const struct status_class {
    const char *name, *title;
    int from, to;
} status_classes[] = {
    {"info", "an Informational response (100–199)", 100, 199},
    {"success", "a Successful response (200–299)", 200, 299},
    {"redirect", "a Redirect (300–399)", 300, 399},
    {"clientError", "a Client error (400–499)", 400, 499},
    {"serverError", "a Server error (500–599)", 500, 599},
    {"nonError", "a Non-error response (< 400)", 100, 399},
    {"error", "an Error response (>= 400)", 400, INT_MAX},
};

static bool code_listed(const struct json *codes, int status)
{
    for (size_t i = 0; i < json_len(codes); i++) {
        int64_t code;
        if (json_to_i64(json_at(codes, i), &code) && code == status) {
            return true;
        }
    }
    return false;
}

static int matcher_status(struct judge *judge, const struct matcher *matcher, int status,
                          struct str *ret_why)
{
    const struct json *wanted = json_get(matcher->raw, "status");
    if (json_is(wanted, JSON_ARRAY)) {
        struct str shown = show_json(judge, wanted);
        *ret_why =
            judge_say(judge, "Expected status code %d to be one of %.*s", status, STR_FMT(shown));
        return code_listed(wanted, status);
    }
    struct str name = json_is(wanted, JSON_STRING) ? json_text(wanted) : STR("success");
    for (size_t i = 0; i < sizeof status_classes / sizeof *status_classes; i++) {
        const struct status_class *class = &status_classes[i];
        if (str_is(name, class->name)) {
            *ret_why = judge_say(judge, "Expected status code %d to be %s", status, class->title);
            return status >= class->from && status <= class->to;
        }
    }
    *ret_why = judge_say(judge, "Matching rule statusCode: '%.*s' is no class of status codes",
                         STR_FMT(name));
    return VERDICT_NO;
}

static int match_status(struct judge *judge, const struct pact_response *expected, int actual)
{
    const struct rule *rule = rules_named(expected->rules, RULES_STATUS, STR(""));
    if (!rule && expected->status == actual) {
        return 0;
    }
    judge->around = judge_member(expected->raw, "status");
    struct difference difference = {
        .part = MATCH_STATUS,
        .expected = str_printf(judge->arena, "%d", expected->status),
        .actual = str_printf(judge->arena, "%d", actual),
    };
    if (!rule) {
        difference.text =
            judge_say(judge, "Expected status of %d but was %d", expected->status, actual);
        judge_report(judge, &difference);
        return 0;
    }
    struct weighing weighing = {.rule = rule};
    fired_mark(judge, RULES_STATUS, rule);
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        struct str why = STR_NONE;
        int rc = matcher->kind == MATCHER_STATUS_CODE
                     ? matcher_status(judge, matcher, actual, &why)
                     : matcher_text(judge, matcher, difference.expected, difference.actual, &why);
        if (rc < 0) {
            return rc;
        }
        weigh(judge, &weighing, matcher, rc, why);
    }
    weighing_report(judge, &weighing, &difference);
    return 0;
}

/* ---- metadata ---- */

static bool is_content_type(struct str name)
{
    return str_eq_nocase(name, STR("contentType")) || str_eq_nocase(name, STR("content-type"));
}

static const struct json *find_metadata(const struct json *metadata, struct str name)
{
    const struct json *value = json_find(metadata, name);
    for (size_t i = 0; !value && is_content_type(name) && i < json_len(metadata); i++) {
        value = is_content_type(json_key(metadata, i)) ? json_at(metadata, i) : NULL;
    }
    return value;
}

/* A list or a map is walked as in a body, its rule at the root; paths start with the name. */
static int match_metadata_tree(struct judge *judge, const struct rule *rule, struct str name,
                               const struct json *expected, const struct json *actual)
{
    struct rules *rules = rules_new(judge->arena);
    struct rule *root = VEC_PUSH(judge->arena, &rules->part[RULES_BODY]);
    size_t before = judge->result->len;
    *root = *rule;
    root->path = (struct path){0};
    root->order = 0;
    int rc = match_json_trees(judge, expected, actual, rules);
    for (size_t i = before; i < judge->result->len; i++) {
        struct mismatch *mismatch = &judge->result->items[i];
        struct str rest = str_sub(mismatch->path, 1, mismatch->path.len - 1); /* after the '$' */
        mismatch->part = MATCH_METADATA;
        mismatch->path = str_printf(judge->arena, "%.*s%.*s", STR_FMT(name), STR_FMT(rest));
    }
    return rc;
}

static int match_metadata_value(struct judge *judge, const struct rules *rules, struct str name,
                                const struct json *expected, const struct json *actual)
{
    const struct rule *rule = rules_named(rules, RULES_METADATA, name);
    struct difference difference = {.part = MATCH_METADATA,
                                    .path = name,
                                    .expected = show_json(judge, expected),
                                    .actual = show_json(judge, actual),
                                    .at = expected};
    fired_mark(judge, RULES_METADATA, rule);
    if (!actual) {
        difference.text =
            judge_say(judge, "Expected metadata '%.*s' but was missing", STR_FMT(name));
        judge_report(judge, &difference);
        return 0;
    }
    if (rule && (json_is(expected, JSON_OBJECT) || json_is(expected, JSON_ARRAY))) {
        return match_metadata_tree(judge, rule, name, expected, actual);
    }
    if (rule) {
        struct weighing weighing = {.rule = rule};
        VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
            struct str why = STR_NONE;
            int rc = matcher_json(judge, matcher, false, expected, actual, &why);
            if (rc < 0) {
                return rc;
            }
            weigh(judge, &weighing, matcher, rc, why);
        }
        weighing_report(judge, &weighing, &difference);
        return 0;
    }
    bool same =
        is_content_type(name) && json_is(expected, JSON_STRING) && json_is(actual, JSON_STRING)
            ? match_parameterised(json_text(expected), json_text(actual))
            : json_equal(expected, actual);
    if (!same) {
        difference.text =
            judge_say(judge, "Expected metadata '%.*s' to have value %.*s but was %.*s",
                      STR_FMT(name), STR_FMT(difference.expected), STR_FMT(difference.actual));
        judge_report(judge, &difference);
    }
    return 0;
}

static int match_metadata(struct judge *judge, const struct pact_message *expected,
                          const struct actual_message *actual)
{
    for (size_t i = 0; i < json_len(expected->metadata); i++) {
        struct str name = json_key(expected->metadata, i);
        const struct json *value = find_metadata(actual->metadata, name);
        if (!value && is_content_type(name) && actual->content_type.ptr) {
            value = json_new_str(judge->arena, actual->content_type);
        }
        int rc = match_metadata_value(judge, expected->rules, name, json_at(expected->metadata, i),
                                      value);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* ---- the three things that are compared ---- */

int match_request(const struct pact *pact, const struct pact_request *expected,
                  const struct actual_request *actual, struct arena *arena,
                  struct match_result *ret, struct err *err)
{
    struct match_result result = {0};
    int rc = check_rules(pact, expected->rules, arena, err);
    if (rc) {
        return rc;
    }
    struct judge judge = judge_start(pact, expected->rules, arena, &result, err);
    judge.request = true;
    struct body_pair body = {.expected = &expected->body,
                             .actual = actual->body,
                             .actual_type = headers_get(&actual->headers, "Content-Type"),
                             .rules = expected->rules,
                             .types = json_get(expected->raw, "headers")};
    rc = match_method(&judge, expected, actual->method);
    rc = rc ? rc : match_path(&judge, expected, actual->path);
    judge.around = judge_member(expected->raw, "query");
    rc = rc ? rc : match_query(&judge, pact, &expected->query, actual->query, expected->rules);
    judge.around = body.types;
    rc = rc ? rc : match_headers(&judge, &expected->headers, &actual->headers, expected->rules);
    judge.around = expected->body.raw;
    rc = rc ? rc : match_body(&judge, &body);
    if (rc == 0) {
        fired_warn(&judge, &expected->body);
        *ret = result;
    }
    return rc;
}

int match_response(const struct pact *pact, const struct pact_response *expected,
                   const struct actual_response *actual, struct arena *arena,
                   struct match_result *ret, struct err *err)
{
    struct match_result result = {0};
    int rc = check_rules(pact, expected->rules, arena, err);
    if (rc) {
        return rc;
    }
    struct judge judge = judge_start(pact, expected->rules, arena, &result, err);
    struct body_pair body = {.expected = &expected->body,
                             .actual = actual->body,
                             .actual_type = headers_get(&actual->headers, "Content-Type"),
                             .rules = expected->rules,
                             .types = json_get(expected->raw, "headers")};
    rc = match_status(&judge, expected, actual->status);
    judge.around = body.types;
    rc = rc ? rc : match_headers(&judge, &expected->headers, &actual->headers, expected->rules);
    judge.around = expected->body.raw;
    rc = rc ? rc : match_body(&judge, &body);
    if (rc == 0) {
        fired_warn(&judge, &expected->body);
        *ret = result;
    }
    return rc;
}

int match_message(const struct pact *pact, const struct pact_message *expected,
                  const struct actual_message *actual, struct arena *arena,
                  struct match_result *ret, struct err *err)
{
    struct match_result result = {0};
    int rc = check_rules(pact, expected->rules, arena, err);
    if (rc) {
        return rc;
    }
    struct judge judge = judge_start(pact, expected->rules, arena, &result, err);
    const struct json *type = find_metadata(actual->metadata, STR("contentType"));
    struct body_pair body = {.expected = &expected->body,
                             .actual = actual->body,
                             .actual_type =
                                 actual->content_type.ptr ? actual->content_type : json_text(type),
                             .rules = expected->rules,
                             .types = expected->metadata};
    judge.around = expected->metadata;
    rc = match_metadata(&judge, expected, actual);
    judge.around = expected->body.raw;
    rc = rc ? rc : match_body(&judge, &body);
    if (rc == 0) {
        fired_warn(&judge, &expected->body);
        *ret = result;
    }
    return rc;
}
