// SPDX-License-Identifier: Apache-2.0
/* One contract: by version, latest, by content; PUT and DELETE. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/live.h"
#include "broker/metadata.h"
#include "broker/pact_view.h"
#include "broker/publish.h"
#include "broker/store.h"
#include "broker/webhook_trigger.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

int pact_pair(struct call *call, struct pacticipant *consumer, struct pacticipant *provider,
              struct err *err)
{
    int code = call_pacticipant(call, "consumer", "consumer", consumer, err);
    return code <= 0 ? code : call_pacticipant(call, "provider", "provider", provider, err);
}

int pact_find_by_version(struct call *call, struct publication *ret, struct err *err)
{
    struct pacticipant consumer = {0}, provider = {0};
    struct version version = {0};
    int code = pact_pair(call, &consumer, &provider, err);
    if (code <= 0)
        return code;
    code = store_version_find(call->store, consumer.id, call_param(call, "version"), call->arena,
                              &version, err);
    if (code > 0)
        code = store_pact_find(call->store, version.id, provider.id, call->arena, ret, err);
    if (code == 0)
        call_not_found(call);
    return code;
}

int pact_get(struct call *call, struct err *err)
{
    struct publication pact = {0};
    int code = pact_find_by_version(call, &pact, err);
    return code <= 0 ? code : pact_view(call, 200, &pact, NULL, err);
}

int pact_find_latest(struct call *call, enum pact_which which, struct publication *ret,
                     struct err *err)
{
    struct pacticipant consumer = {0}, provider = {0};
    int code = pact_pair(call, &consumer, &provider, err);
    if (code <= 0)
        return code;
    const char *branch = which == WHICH_BRANCH ? call_param(call, "branch")
                         : which == WHICH_MAIN ? consumer.main_branch
                                               : NULL;
    if (which == WHICH_MAIN && !branch)
        return call_not_found(call);
    const char *tag = which == WHICH_TAG ? call_param(call, "tag") : NULL;
    code = store_pact_latest(call->store, consumer.id, provider.id, branch, tag,
                             which == WHICH_UNTAGGED, call->arena, ret, err);
    if (code == 0)
        call_not_found(call);
    return code;
}

int pact_latest_get(struct call *call, struct err *err)
{
    struct publication pact = {0};
    int code = pact_find_latest(call, (enum pact_which)call->route->tag, &pact, err);
    return code <= 0 ? code : pact_view(call, 200, &pact, NULL, err);
}

/* Metadata may name a version: the contract is that version's, if it still has this content. */
static int find_named(struct call *call, struct publication *ret, struct err *err)
{
    struct str text = url_query_get(call->params, "metadata");
    struct publication named = {0};
    struct metadata metadata = {0};
    if (text.ptr)
        metadata_decode(call->arena, str_cstr(call->arena, text), &metadata);
    if (!metadata.number)
        return 1;
    int code = store_pact_named(call->store, ret->consumer, metadata.number, ret->provider,
                                call->arena, &named, err);
    if (code > 0 && named.pact_version_id == ret->pact_version_id)
        *ret = named;
    return code < 0 ? code : 1;
}

int pact_find_by_sha(struct call *call, struct publication *ret, struct err *err)
{
    int code =
        store_pact_by_sha(call->store, call_param(call, "consumer"), call_param(call, "provider"),
                          call_param(call, "sha"), call->arena, ret, err);
    if (code != 0)
        return code > 0 ? find_named(call, ret, err) : code;
    struct pacticipant consumer = {0}, provider = {0};
    code = pact_pair(call, &consumer, &provider, err);
    if (code > 0)
        call_not_found(call);
    return code < 0 ? code : 0;
}

int pact_sha_get(struct call *call, struct err *err)
{
    struct publication pact = {0};
    int code = pact_find_by_sha(call, &pact, err);
    if (code <= 0)
        return code;
    return pact_view(call, 200, &pact, call->route->tag ? call_param(call, "metadata") : NULL, err);
}

/* ---- writing ---- */

static void check_name(struct call *call, const struct json *pact, const char *role,
                       const char *key, struct issues *issues)
{
    const struct json *name = json_get(json_get(pact, role), "name");
    const char *expected = call_param(call, role);
    if (name && !str_is(json_text(name), expected))
        issues_add(call, issues, key, "name in pact '%.*s' does not match name in URL path '%s'.",
                   STR_FMT(json_text(name)), expected);
}

static int trigger(struct call *call, const struct contract *contract,
                   const struct version *version, const struct publication *row, struct err *err)
{
    struct contract_events events = {0};
    int code = webhook_contract_detect(call, contract, version, row, &events, err);
    return code < 0 ? code : webhook_contract_events(call, row, &events, NULL, err);
}

/* PUT; with tag 1 PATCH, which merges into what is there. */
int pact_put(struct call *call, struct err *err)
{
    struct json *pact = call_body(call, false);
    if (!pact)
        return 0;
    struct issues issues = {0};
    check_name(call, pact, "consumer", "consumer.name", &issues);
    check_name(call, pact, "provider", "provider.name", &issues);
    if (issues.len > 0)
        return call_issues(call, &issues);
    struct contract contract = {.consumer = call_param(call, "consumer"),
                                .provider = call_param(call, "provider"),
                                .pact = pact};
    const char *number = call_param(call, "version"), *refusal = NULL;
    struct reasons similar = {0};
    int code = publish_check_names(call, &contract, 1, &similar, err);
    if (code < 0)
        return code;
    if (similar.len > 0)
        return call_text(call, 409, "text/plain",
                         str_printf(call->arena, "%s%s%s", similar.items[0],
                                    similar.len > 1 ? "\n" : "",
                                    similar.len > 1 ? similar.items[1] : ""));
    if (call->route->tag) {
        code = publish_merge(call, &contract, number, err);
        if (code <= 0)
            return code < 0 ? code : call_text(call, 409, CALL_HAL, STR_NONE);
    }
    publish_prepare(call, &contract);
    if (!call->route->tag)
        code = publish_check_conflict(call, &contract, number, &refusal, err);
    if (code < 0)
        return code;
    if (refusal)
        return call_error(call, 409, "%s", refusal);
    struct version version = {0};
    code = publish_version(call, contract.consumer, number, &version, NULL, err);
    if (code == 0)
        code = publish_save(call, &contract, &version, err);
    struct publication row = {0};
    if (code == 0)
        code =
            store_pact_find(call->store, version.id, contract.provider_id, call->arena, &row, err);
    if (code > 0)
        code = trigger(call, &contract, &version, &row, err);
    if (code < 0)
        return code;
    return pact_view(call, contract.saved == PACT_CREATED ? 201 : 200, &row, NULL, err);
}

int pact_deleted(struct call *call, const struct pacticipant *consumer,
                 const struct pacticipant *provider, struct err *err)
{
    struct json *body = json_new_object(call->arena), *links = json_new_object(call->arena);
    json_set(call->arena, links, "index", link_make(call, "h", call->base));
    struct publication latest = {0};
    int code = store_pact_latest(call->store, consumer->id, provider->id, NULL, NULL, false,
                                 call->arena, &latest, err);
    if (code < 0)
        return code;
    if (code > 0)
        json_set(call->arena, links, "pb:latest-pact-version",
                 link_make(call, "ht",
                           link_to(call, "/pacts/provider/{}/consumer/{}/latest", provider->name,
                                   consumer->name),
                           "Latest pact"));
    json_set(call->arena, body, "_links", links);
    return call_json(call, 200, body);
}

int pact_delete(struct call *call, struct err *err)
{
    struct publication pact = {0};
    int code = pact_find_by_version(call, &pact, err);
    if (code <= 0)
        return code;
    struct live_filter filter = {.version_id = pact.consumer_version_id};
    code = live_allows_delete(call, &filter,
                              arena_printf(call->arena, "the contract between %s (%s) and %s",
                                           pact.consumer, pact.number, pact.provider),
                              err);
    if (code <= 0)
        return code;
    code = store_pact_delete(call->store, pact.consumer_version_id, pact.provider_id, err);
    if (code < 0)
        return code;
    struct pacticipant consumer = {.id = pact.consumer_id, .name = pact.consumer},
                       provider = {.id = pact.provider_id, .name = pact.provider};
    return pact_deleted(call, &consumer, &provider, err);
}
