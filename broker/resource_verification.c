// SPDX-License-Identifier: Apache-2.0
/* Verification results. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/metadata.h"
#include "broker/results.h"
#include "broker/store.h"
#include "broker/webhook_trigger.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

static const char *result_url(struct call *call, const struct publication *pact,
                              const struct verification *row)
{
    return link_to(call, "/pacts/provider/{}/consumer/{}/pact-version/{}/verification-results/{}",
                   pact->provider, pact->consumer, pact->sha,
                   arena_printf(call->arena, "%lld", (long long)row->number));
}

static struct json *parsed(struct call *call, struct str text)
{
    struct json *value = NULL;
    return text.ptr && json_parse(text, NULL, call->arena, &value, NULL) == 0 ? value : NULL;
}

static struct json *result_body(struct call *call, const struct publication *pact,
                                const struct verification *row)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *links = json_new_object(arena);
    call_set(call, body, "providerName", pact->provider);
    call_set(call, body, "providerApplicationVersion", row->provider_number);
    json_set(arena, body, "success", json_new_bool(arena, row->verdict == VERDICT_VERIFIED));
    call_set(call, body, "verificationDate", call_time(call, row->created_at));
    call_set(call, body, "buildUrl", row->build_url);
    struct json *results = parsed(call, row->test_results);
    struct json *verified_by = parsed(call, row->verified_by);
    if (results)
        json_set(arena, body, "testResults", results);
    json_set(arena, body, "verifiedBy", verified_by ? verified_by : json_new_object(arena));
    call_set(call, body, "completeness", results_completeness(row));
    const char *self = result_url(call, pact, row);
    const char *name = arena_printf(arena, "Verification result %lld for %s",
                                    (long long)row->number, link_pact_name(call, pact));
    json_set(arena, links, "self", link_make(call, "tnh", "Verification result", name, self));
    const struct metadata metadata = {.number = pact->number};
    json_set(arena, links, "pb:pact-version",
             link_make(call, "tnh", "Pact", link_pact_name(call, pact),
                       link_to(call, "/pacts/provider/{}/consumer/{}/pact-version/{}/metadata/{}",
                               pact->provider, pact->consumer, pact->sha,
                               metadata_encode(arena, &metadata))));
    json_set(arena, links, "pb:triggered-webhooks",
             link_make(call, "th",
                       "Webhooks triggered by the publication of this verification "
                       "result",
                       arena_printf(arena, "%s/triggered-webhooks", self)));
    json_set(arena, body, "_links", links);
    return body;
}

int verification_named(struct call *call, struct publication *pact, struct verification *ret,
                       struct err *err)
{
    const char *number = call_param(call, "number");
    int64_t value = 0;
    if (strcmp(number, "all") == 0)
        return call_error(call, 404,
                          "To see all the verifications for a pact, use the Matrix page");
    int code = pact_find_by_sha(call, pact, err);
    if (code <= 0)
        return code;
    code = 0;
    if (str_to_i64(str_of(number), 1, INT32_MAX, &value))
        code = store_verification_find(call->store, pact->pact_version_id, value, call->arena, ret,
                                       err);
    if (code == 0)
        call_not_found(call);
    return code;
}

int verification_get(struct call *call, struct err *err)
{
    struct publication pact = {0};
    struct verification row = {0};
    int code = verification_named(call, &pact, &row, err);
    return code <= 0 ? code : call_json(call, 200, result_body(call, &pact, &row));
}

int verification_delete(struct call *call, struct err *err)
{
    struct publication pact = {0};
    struct verification row = {0};
    int code = verification_named(call, &pact, &row, err);
    if (code <= 0)
        return code;
    code = store_verification_delete(call->store, &row, err);
    return code < 0 ? code : call_empty(call, 204);
}

int verification_latest_get(struct call *call, struct err *err)
{
    struct publication pact = {0};
    struct verification row = {0};
    enum pact_which which = (enum pact_which)call->route->tag;
    int code = which == WHICH_SHA       ? pact_find_by_sha(call, &pact, err)
               : which == WHICH_VERSION ? pact_find_by_version(call, &pact, err)
                                        : pact_find_latest(call, which, &pact, err);
    if (code <= 0)
        return code;
    code = store_verification_latest(call->store, pact.pact_version_id, call->arena, &row, err);
    if (code == 0)
        return call_not_found(call);
    return code < 0 ? code : call_json(call, 200, result_body(call, &pact, &row));
}

/* ---- publishing ---- */

/* {"implementation","version","clientLanguage":{...}} as it is shown: flat, snake case. */
static struct str verified_by_text(struct call *call, const struct json *verified_by)
{
    static const char *const keys[][2] = {{"name", "client_implementation"},
                                          {"testFramework", "client_test_framework"},
                                          {"version", "client_version"}};
    if (!json_is(verified_by, JSON_OBJECT))
        return STR_NONE;
    struct json *flat = json_new_object(call->arena);
    const struct json *language = json_get(verified_by, "clientLanguage");
    for (size_t i = 0; i < 2; i++) {
        const char *key = i == 0 ? "implementation" : "version";
        call_set(call, flat, key, str_cstr(call->arena, json_get_text(verified_by, key)));
    }
    for (size_t i = 0; i < 3; i++)
        call_set(call, flat, keys[i][1],
                 str_cstr(call->arena, json_get_text(language, keys[i][0])));
    return json_to_str(call->arena, flat, JSON_COMPACT);
}

static bool url_ok(const char *url)
{
    struct str text = str_of(url);
    return (str_starts(text, STR("http://")) || str_starts(text, STR("https://"))) &&
           str_chr(text, ' ') < 0;
}

static bool read_result(struct call *call, const struct json *body, struct verification *row,
                        const char **ret_version)
{
    struct issues issues = {0};
    const struct json *success = json_get(body, "success");
    if (!success)
        issues_add(call, &issues, "success", "is missing");
    else if (!json_is(success, JSON_BOOL))
        issues_add(call, &issues, "success",
                   json_type(success) == JSON_NULL ? "must be filled" : "must be boolean");
    *ret_version = call_text_member(call, body, "providerApplicationVersion",
                                    TEXT_REQUIRED | TEXT_NO_BLANK | TEXT_LINE, &issues);
    row->build_url = call_text_member(call, body, "buildUrl", 0, &issues);
    if (row->build_url && !url_ok(row->build_url))
        issues_add(call, &issues, "buildUrl", "is not a valid URL eg. http://example.org");
    if (issues.len > 0)
        call_issues(call, &issues);
    return issues.len == 0;
}

static int judge(struct call *call, const struct publication *pact, const struct json *body,
                 struct verification *row, struct err *err)
{
    struct str content = STR_NONE;
    bool plain = false;
    struct json *document = NULL;
    const struct json *results = json_get(body, "testResults");
    row->detailed = results && json_type(results) != JSON_NULL;
    if (row->detailed) {
        int code = store_pact_content(call->store, pact->pact_version_id, call->arena, &content,
                                      &plain, err);
        if (code >= 0)
            code = json_parse(content, "stored contract", call->arena, &document, err);
        if (code < 0)
            return code;
        row->test_results = json_to_str(call->arena, results, JSON_COMPACT);
    }
    row->verdict =
        results_judge(document, json_bool(json_get(body, "success")), results, call->arena);
    return 0;
}

int verification_post(struct call *call, struct err *err)
{
    struct json *body = call_body(call, false);
    struct verification row = {0}, saved = {0};
    struct publication pact = {0};
    struct metadata metadata = {0};
    const char *number = NULL;
    if (!body || !read_result(call, body, &row, &number))
        return 0;
    int code = pact_find_by_sha(call, &pact, err);
    if (code <= 0)
        return code;
    if (call->route->tag) {
        metadata_decode(call->arena, call_param(call, "metadata"), &metadata);
        row.wip = metadata.wip;
        row.pending = metadata.pending;
    }
    struct pacticipant provider = {0};
    struct version version = {0};
    code = store_pacticipant_need(call->store, pact.provider, call->arena, &provider, NULL, err);
    if (code == 0)
        code = store_version_need(call->store, &provider, number, call->arena, &version, NULL, err);
    if (code == 0)
        code = judge(call, &pact, body, &row, err);
    call_subject(call, "%s %s, success: %s", pact.provider, number,
                 json_bool(json_get(body, "success")) ? "true" : "false");
    row.pact_version_id = pact.pact_version_id;
    row.provider_version_id = version.id;
    row.verified_by = verified_by_text(call, json_get(body, "verifiedBy"));
    if (code == 0)
        code = store_verification_add(call->store, &row, call->arena, &saved, err);
    if (code == 0)
        code = webhook_verification_events(call, &pact, &saved, &metadata, err);
    if (code < 0)
        return code;
    call_location(call, result_url(call, &pact, &saved));
    return call_json(call, 201, result_body(call, &pact, &saved));
}

/* ---- summary of a consumer version ---- */

int verification_summary_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct pacticipant consumer = {0};
    struct version version = {0};
    struct publications pacts = {0};
    int code = call_pacticipant(call, "consumer", "consumer", &consumer, err);
    if (code <= 0)
        return code;
    code = store_version_find(call->store, consumer.id, call_param(call, "version"), arena,
                              &version, err);
    if (code == 0)
        return call_not_found(call);
    if (code > 0)
        code = store_pacts_of_version(call->store, version.id, arena, &pacts, err);
    if (code < 0)
        return code;
    struct json *lists[3], *results = json_new_array(arena);
    for (size_t i = 0; i < 3; i++)
        lists[i] = json_new_array(arena);
    VEC_EACH(&pacts, const struct publication *, pact) {
        struct verification row;
        code = store_verification_latest(call->store, pact->pact_version_id, arena, &row, err);
        if (code < 0)
            return code;
        size_t which = code == 0 || row.verdict == VERDICT_PARTIAL ? 2
                       : row.verdict == VERDICT_VERIFIED           ? 0
                                                                   : 1;
        json_append(arena, lists[which], json_new_text(arena, pact->provider));
        if (code > 0)
            json_append(arena, results, result_body(call, pact, &row));
    }
    struct json *body = json_new_object(arena), *summary = json_new_object(arena),
                *embedded = json_new_object(arena), *links = json_new_object(arena);
    bool success = pacts.len > 0 && json_len(lists[0]) == pacts.len;
    json_set(arena, body, "success", json_new_bool(arena, success));
    json_set(arena, summary, "successful", lists[0]);
    json_set(arena, summary, "failed", lists[1]);
    json_set(arena, summary, "unknown", lists[2]);
    json_set(arena, body, "providerSummary", summary);
    json_set(arena, embedded, "verificationResults", results);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, links, "self",
             link_make(call, "th",
                       arena_printf(arena, "Latest verification results for consumer %s version %s",
                                    consumer.name, version.number),
                       call_self(call)));
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}
