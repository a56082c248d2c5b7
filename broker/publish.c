// SPDX-License-Identifier: Apache-2.0
#include "broker/publish.h"

#include "broker/call.h"
#include "broker/identity.h"
#include "broker/links.h"
#include "broker/pact_diff.h"
#include "broker/pact_patch.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

void publish_prepare(struct call *call, struct contract *contract)
{
    contract->content = identity_both(contract->pact, call->arena, contract->sha, &contract->plain);
}

/* Names that a request says again and again; more of them are asked for each time. */
enum { KNOWN_MOST = 8 };

static const struct pacticipant *known_as(const struct call *call, const char *name)
{
    for (size_t i = 0; call->known && i < call->known->len; i++) {
        if (strcmp(call->known->items[i].name, name) == 0)
            return &call->known->items[i];
    }
    return NULL;
}

static void remember(struct call *call, const struct pacticipant *row)
{
    if (!call->known)
        call->known = ARENA_NEW(call->arena, struct pacticipants);
    if (call->known->len < KNOWN_MOST)
        *VEC_PUSH(call->arena, call->known) = *row;
}

static int need_pacticipant(struct call *call, const char *name, struct pacticipant *ret,
                            struct err *err)
{
    const struct pacticipant *known = known_as(call, name);
    if (known) {
        *ret = *known;
        return 0;
    }
    int code = store_pacticipant_need(call->store, name, call->arena, ret, NULL, err);
    if (code == 0)
        remember(call, ret);
    return code;
}

static int check_name(struct call *call, const char *name, struct reasons *refusals,
                      struct err *err)
{
    struct pacticipant known;
    const char *similar = NULL;
    if (!call->store->rules->similar_names || known_as(call, name))
        return 0;
    int code = store_pacticipant_find(call->store, name, call->arena, &known, err);
    if (code > 0)
        remember(call, &known);
    if (code != 0)
        return code < 0 ? code : 0;
    code = store_pacticipant_similar(call->store, name, call->arena, &similar, err);
    if (code > 0)
        *VEC_PUSH(call->arena, refusals) = arena_printf(
            call->arena,
            "This is the first time a pact has been published for \"%s\".\n"
            "The name \"%s\" is very similar to the following existing consumers/providers:\n%s\n"
            "If you meant to specify one of the above names, please correct the pact "
            "configuration, and re-publish the pact.\n"
            "If the pact is intended to be for a new consumer or provider, please manually create "
            "\"%s\" using the following command, and then re-publish the pact:\n"
            "$ curl -v -XPOST -H \"Content-Type: application/json\" -d \"{\\\"name\\\": "
            "\\\"%s\\\"}\" %s",
            name, name, similar, name, name, link_to(call, "/pacticipants"));
    return code < 0 ? code : 0;
}

int publish_check_names(struct call *call, const struct contract *contracts, size_t n,
                        struct reasons *ret_refusals, struct err *err)
{
    int code = n > 0 ? check_name(call, contracts[0].consumer, ret_refusals, err) : 0;
    for (size_t i = 0; i < n && code == 0; i++) {
        bool again = strcmp(contracts[i].consumer, contracts[i].provider) == 0;
        for (size_t k = 0; k < i; k++)
            again |= strcmp(contracts[k].provider, contracts[i].provider) == 0;
        if (!again)
            code = check_name(call, contracts[i].provider, ret_refusals, err);
    }
    return code;
}

/* What the version has for the provider: 1 found, 0 nothing. */
static int find_known(struct call *call, const struct contract *contract, const char *number,
                      struct publication *ret, struct err *err)
{
    return store_pact_named(call->store, contract->consumer, number, contract->provider,
                            call->arena, ret, err);
}

int publish_check_conflict(struct call *call, const struct contract *contract, const char *number,
                           const char **ret_refusal, struct err *err)
{
    struct publication old = {0};
    if (call->modification_allowed)
        return 0;
    int code = find_known(call, contract, number, &old, err);
    if (code > 0 && strcmp(old.sha, contract->sha) != 0)
        *ret_refusal = arena_printf(
            call->arena,
            "Cannot change the content of the pact for %s version %s and provider %s. Each pact "
            "must be published with a unique consumer version number. Some Pact libraries generate "
            "random data when a concrete value for a type matcher is not specified, and this can "
            "cause the contract to mutate - ensure you have given example values for all type "
            "matchers. For more information see https://docs.pact.io/go/versioning",
            contract->consumer, number, contract->provider);
    return code < 0 ? code : 0;
}

int publish_difference(struct call *call, const struct contract *contract, const char *number,
                       const char **ret, struct err *err)
{
    struct publication old = {0};
    struct str content = STR_NONE, diff = STR("");
    bool plain = false;
    int code = find_known(call, contract, number, &old, err);
    if (code > 0)
        code = store_pact_content(call->store, old.pact_version_id, call->arena, &content, &plain,
                                  err);
    if (code > 0)
        code = pact_diff(call->arena, content, contract->content, &diff, err);
    if (code < 0)
        return code;
    *ret = str_cstr(call->arena, diff);
    return 0;
}

int publish_merge(struct call *call, struct contract *contract, const char *number, struct err *err)
{
    struct publication old = {0};
    struct str content = STR_NONE;
    struct json *known = NULL;
    bool plain = false;
    int code = find_known(call, contract, number, &old, err);
    if (code <= 0)
        return code < 0 ? code : 1; /* nothing there to merge with */
    code = store_pact_content(call->store, old.pact_version_id, call->arena, &content, &plain, err);
    if (code >= 0)
        code = json_parse(content, "stored contract", call->arena, &known, err);
    if (code < 0)
        return code;
    return pact_patch(call->arena, known, contract->pact, &contract->pact) ? 1 : 0;
}

int publish_version(struct call *call, const char *consumer, const char *number,
                    struct version *ret, bool *ret_created, struct err *err)
{
    struct pacticipant pacticipant;
    int code = need_pacticipant(call, consumer, &pacticipant, err);
    if (code == 0)
        code = store_version_need(call->store, &pacticipant, number, call->arena, ret, ret_created,
                                  err);
    return code;
}

int publish_save(struct call *call, struct contract *contract, const struct version *version,
                 struct err *err)
{
    struct pacticipant provider;
    int code = need_pacticipant(call, contract->provider, &provider, err);
    if (code < 0)
        return code;
    contract->provider_id = provider.id;
    const struct pact_content content = {contract->sha, contract->content, contract->plain,
                                         contract->pact};
    return store_pact_save(call->store, version, provider.id, &content, call->arena,
                           &contract->saved, err);
}

int publish_changes(struct call *call, const struct contract *contract,
                    const struct version *version, struct reasons *ret_changed,
                    struct reasons *ret_unchanged_tags, struct err *err)
{
    struct tags tags = {0};
    struct str old;
    int code = store_tags(call->store, version->id, call->arena, &tags, err);
    VEC_EACH(&tags, const struct tag *, tag) {
        if (code >= 0)
            code = store_pact_before(call->store, version, contract->provider_id, tag->name,
                                     call->arena, &old, err);
        if (code == 0)
            *VEC_PUSH(call->arena, ret_changed) = arena_printf(
                call->arena,
                "first time any pact published for this consumer with consumer version tagged %s",
                tag->name);
        else if (code > 0 && !str_is(old, contract->sha))
            *VEC_PUSH(call->arena, ret_changed) = arena_printf(
                call->arena,
                "pact content has changed since the last consumer version tagged with %s",
                tag->name);
        else if (code > 0)
            *VEC_PUSH(call->arena, ret_unchanged_tags) = tag->name;
    }
    if (code < 0 || tags.len > 0)
        return code < 0 ? code : 0;
    code = store_pact_before(call->store, version, contract->provider_id, NULL, call->arena, &old,
                             err);
    if (code == 0)
        *VEC_PUSH(call->arena, ret_changed) = "first time untagged pact published";
    else if (code > 0 && !str_is(old, contract->sha))
        *VEC_PUSH(call->arena, ret_changed) =
            "pact content has changed since previous untagged version";
    return code < 0 ? code : 0;
}
