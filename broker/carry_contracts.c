// SPDX-License-Identifier: Apache-2.0
/* Contracts and their results. */
#include <stdlib.h>

#include "broker/carry.h"
#include "broker/identity.h"
#include "broker/results.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/base/term.h"
#include "lib/hal/hal.h"
#include "lib/json/json.h"
#include "lib/wire/url.h"

enum { MATRIX_ROWS = 10000 };

/* ---- contracts ---- */

/* Whether the content has this sha, with or without ids that a broker put in. */
static bool has_sha(struct json *pact, const char *sha, struct arena *arena, const char **ret_found)
{
    char *found = arena_alloc(arena, HASH_SHA1_HEX);
    *ret_found = found;
    return identity_fits(pact, sha, arena, found);
}

static int save_contract(struct carry *carry, const struct version *version, struct json *pact,
                         const char *provider_name, const char *sha, struct arena *arena,
                         struct err *err)
{
    struct pacticipant provider = {0};
    enum pact_saved saved = PACT_CREATED;
    struct pact_content content = {.sha = sha, .tree = pact};
    int code = store_pacticipant_need(carry->store, provider_name, arena, &provider, NULL, err);
    content.text = identity_content(pact, arena, &content.plain);
    if (code == 0)
        code = store_pact_save(carry->store, version, provider.id, &content, arena, &saved, err);
    carry->carried[CARRY_CONTRACTS] += code == 0;
    return code;
}

static int add_contract(struct carry *carry, const struct version *version, const char *url,
                        struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *pact = NULL;
    const char *found = "";
    int code = carry_get(carry, url, arena, &pact, err);
    if (code < 0)
        return code;
    const struct json *links = json_get(pact, "_links");
    const char *sha = carry_text(json_get(links, "pb:pact-version"), "name", arena),
               *provider = carry_text(json_get(links, "pb:provider"), "name", arena);
    if (code == 0 || !sha || !provider) {
        carry_leave(carry, CARRY_CONTRACTS, "contract of %s %s: %s: %s", version->pacticipant,
                    version->number, url,
                    code == 0 ? "is not there any more" : "does not say its sha and provider");
        return 0;
    }
    carry_time(carry, pact, "createdAt");
    json_remove(pact, "createdAt");
    json_remove(pact, "_links");
    if (!has_sha(pact, sha, arena, &found)) {
        carry_leave(carry, CARRY_CONTRACTS,
                    "contract of %s %s with %s: the broker says sha %s, its content has %s",
                    version->pacticipant, version->number, provider, sha, found);
        return 0;
    }
    return save_contract(carry, version, pact, provider, sha, arena, err);
}

/* ---- where results are ---- */

/* ".../pact-version/SHA/.../verification-results/N" */
static void note_result(struct carry *carry, const struct json *row, const char *member)
{
    struct arena *arena = carry->arena;
    struct carry_result result = {
        .url = carry_href(json_get(row, member), "self", arena),
        .consumer = carry_text(json_get(row, "consumer"), "name", arena),
        .provider = carry_text(json_get(row, "provider"), "name", arena),
    };
    struct str url = str_of(result.url);
    if (!url.ptr || map_has(carry->seen, url))
        return;
    map_put(carry->seen, url, &carry->seen);
    long at = str_find(url, STR("/pact-version/"));
    struct str rest = str_sub(url, at < 0 ? url.len : (size_t)at + 14, url.len);
    result.sha = str_cstr(arena, str_cut(&rest, '/'));
    const char *slash = strrchr(result.url, '/');
    if (at < 0 || !slash || !result.consumer || !result.provider ||
        !str_to_i64(str_of(slash + 1), 0, INT64_MAX, &result.number)) {
        carry_leave(carry, CARRY_RESULTS, "result %s: its URL names no contract and number",
                    result.url);
        return;
    }
    *VEC_PUSH(arena, &carry->results) = result;
}

static int note_results(struct carry *carry, const struct version *version, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *body = NULL;
    const char *url =
        arena_printf(arena,
                     "%s/matrix?q%%5B%%5D%%5Bpacticipant%%5D=%s&q%%5B%%5D%%5Bversion%%5D=%s"
                     "&limit=%d",
                     hal_base_url(carry->hal), url_encode(arena, str_of(version->pacticipant)).ptr,
                     url_encode(arena, str_of(version->number)).ptr, MATRIX_ROWS);
    int code = carry_get(carry, url, arena, &body, err);
    if (code < 0)
        return code;
    const struct json *rows = json_get(body, "matrix");
    if (!json_is(rows, JSON_ARRAY))
        return err_set(err, ERR_NET, "the matrix of %s %s is no list: is this a Pact Broker?",
                       version->pacticipant, version->number);
    for (size_t i = 0; i < json_len(rows); i++) {
        note_result(carry, json_at(rows, i), "verificationResult");
        note_result(carry, json_at(rows, i), "partialVerificationResult"); /* Tally's own */
    }
    if (json_len(rows) >= MATRIX_ROWS)
        carry_leave(carry, CARRY_RESULTS, "results of %s %s: more than %d", version->pacticipant,
                    version->number, MATRIX_ROWS);
    return 0;
}

/* A Tally says more about a version than the API of the original can carry. */
static int leave_documents(struct carry *carry, const struct version *version,
                           const struct json *item, struct err *err)
{
    static const char *const names[] = {"evidence", "inventory", "manifest"};
    struct arena *arena ARENA_AUTO = arena_new();
    struct err none = ERR_INIT;
    const char *self = carry_href(item, "self", arena), *url = NULL;
    const struct hal_var vars[] = {
        {"pacticipant", version->pacticipant}, {"version", version->number}, {NULL, NULL}};
    if (!self || hal_index_link(carry->hal, "tally:inventory", vars, arena, &url, &none) < 0)
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct json *body = NULL;
        int code =
            carry_get(carry, arena_printf(arena, "%s/%s", self, names[i]), arena, &body, err);
        if (code < 0)
            return code;
        const struct json *list = json_get(body, "packs");
        if (code > 0 && (i > 0 || json_len(list) > 0))
            carry_leave(carry, CARRY_DOCUMENTS, "%s of %s %s: only an archive carries it", names[i],
                        version->pacticipant, version->number);
    }
    return 0;
}

int carry_contracts(struct carry *carry, const struct version *version, const struct json *item,
                    struct err *err)
{
    const struct json *links = json_get(json_get(item, "_links"), "pb:pact-versions");
    int code = leave_documents(carry, version, item, err);
    for (size_t i = 0; i < json_len(links) && code == 0; i++) {
        const char *url = carry_text(json_at(links, i), "href", carry->arena);
        if (url)
            code = add_contract(carry, version, url, err);
    }
    return code == 0 && json_len(links) > 0 ? note_results(carry, version, err) : code;
}

/* ---- results ---- */

/* What it claims, judged as if it were published here; a partial one claimed success. */
static int judge(struct carry *carry, const struct json *body, struct verification *row,
                 struct arena *arena, struct err *err)
{
    const struct json *results = json_get(body, "testResults");
    struct str content = STR_NONE;
    struct json *pact = NULL;
    bool plain = false;
    row->detailed = results && json_type(results) != JSON_NULL;
    if (row->detailed)
        row->test_results = json_to_str(arena, results, JSON_COMPACT);
    int code = store_pact_content(carry->store, row->pact_version_id, arena, &content, &plain, err);
    if (code >= 0)
        code = json_parse(content, "stored contract", arena, &pact, err);
    if (code < 0)
        return code;
    row->verdict = str_is(json_get_text(body, "completeness"), "partial")
                       ? VERDICT_PARTIAL
                       : results_judge(pact, json_bool(json_get(body, "success")), results, arena);
    return 0;
}

/* Its provider's version: 1 found. */
static int find_version(struct carry *carry, const char *provider, const char *number,
                        struct arena *arena, struct version *ret, struct err *err)
{
    struct pacticipant owner = {0};
    if (!number)
        return 0;
    int code = store_pacticipant_find(carry->store, provider, arena, &owner, err);
    return code <= 0 ? code : store_version_find(carry->store, owner.id, number, arena, ret, err);
}

static int add_result(struct carry *carry, const struct carry_result *result, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *body = NULL;
    struct publication pact = {0};
    struct version version = {0};
    struct verification row = {0}, saved = {0};
    int code = carry_get(carry, result->url, arena, &body, err);
    const char *number = carry_text(body, "providerApplicationVersion", arena), *why = NULL;
    if (code == 0)
        why = "is not there any more";
    if (code > 0 && !json_is(json_get(body, "success"), JSON_BOOL))
        why = "does not say whether it is a success";
    if (code > 0 && !why) {
        code = store_pact_by_sha(carry->store, result->consumer, result->provider, result->sha,
                                 arena, &pact, err);
        why = code == 0 ? "its contract was not carried" : NULL;
    }
    if (code > 0 && !why) {
        code = find_version(carry, result->provider, number, arena, &version, err);
        why = code == 0 ? "its provider version is not listed" : NULL;
    }
    if (code < 0)
        return code;
    if (why) {
        carry_leave(carry, CARRY_RESULTS, "result %s: %s", result->url, why);
        return 0;
    }
    row.pact_version_id = pact.pact_version_id;
    row.provider_version_id = version.id;
    row.build_url = carry_text(body, "buildUrl", arena);
    const struct json *by = json_get(body, "verifiedBy");
    if (json_is(by, JSON_OBJECT) && json_len(by) > 0)
        row.verified_by = json_to_str(arena, by, JSON_COMPACT);
    carry_time(carry, body, "verificationDate");
    code = judge(carry, body, &row, arena, err);
    if (code == 0)
        code = store_verification_add(carry->store, &row, arena, &saved, err);
    carry->carried[CARRY_RESULTS] += code == 0;
    return code;
}

static int by_number(const void *a, const void *b)
{
    const struct carry_result *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

int carry_results(struct carry *carry, struct err *err)
{
    size_t n = carry->results.len;
    int code = 0;
    if (n > 0)
        qsort(carry->results.items, n, sizeof *carry->results.items, by_number);
    for (size_t i = 0; i < n && code == 0; i++) {
        term_progress("results", i, n);
        code = add_result(carry, &carry->results.items[i], err);
    }
    term_progress_end();
    return code;
}
