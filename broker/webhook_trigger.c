// SPDX-License-Identifier: Apache-2.0
#include "broker/webhook_trigger.h"

#include "broker/call.h"
#include "broker/metadata.h"
#include "broker/webhook.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"

/* Between the first attempts of what one request triggers, so that receivers are not flooded. */
enum { SPREAD_S = 3 };

static const char *due_at(struct call *call)
{
    int64_t first = call->webhooks->config.first_delay;
    int64_t spread = first > 0 ? SPREAD_S * (int64_t)call->triggered : 0;
    int64_t us = clock_now_us(call->store->clock) + (first + spread) * INT64_C(1000000);
    return clock_format_utc(us, arena_alloc(call->arena, CLOCK_TEXT_LEN));
}

static int add(struct call *call, const struct webhook *webhook, const struct triggered *about,
               struct triggereds *ret, struct err *err)
{
    struct triggered row = *about;
    row.webhook_id = webhook->id;
    row.webhook_uuid = webhook->uuid;
    row.name = webhook->summary;
    row.base = call->base;
    int code = store_triggered_add(call->store, &row, due_at(call), call->arena, err);
    if (code < 0)
        return code;
    call->triggered++;
    if (ret)
        *VEC_PUSH(call->arena, ret) = row;
    return 0;
}

/* Once, or once for every version of the provider that is deployed if its request names that; when
 * none is, it is told of nothing rather than not at all. */
static int add_each(struct call *call, const struct webhook *webhook, const struct triggered *about,
                    struct triggereds *ret, struct err *err)
{
    struct triggered row = *about;
    struct deployed_numbers numbers = {0};
    int code = 0;
    if (webhook->per_deployed)
        code = store_deployed_numbers(call->store, about->provider_id, call->arena, &numbers, err);
    for (size_t i = 0; code >= 0 && (i == 0 || i < numbers.len); i++) {
        row.deployed = i < numbers.len ? numbers.items[i] : NULL;
        code = add(call, webhook, &row, ret, err);
    }
    return code;
}

static int fire(struct call *call, const struct triggered *about, struct triggereds *ret,
                struct err *err)
{
    struct webhooks webhooks = {0};
    int code = store_webhook_matching(call->store, about->event, about->consumer_id,
                                      about->provider_id, call->arena, &webhooks, err);
    VEC_EACH(&webhooks, const struct webhook *, webhook) {
        if (code >= 0)
            code = add_each(call, webhook, about, ret, err);
    }
    return code < 0 ? code : 0;
}

static struct triggered about_pact(const struct publication *pact, enum webhook_event event)
{
    return (struct triggered){
        .event = event,
        .consumer_id = pact->consumer_id,
        .provider_id = pact->provider_id,
        .consumer_version_id = pact->consumer_version_id,
        .pact_version_id = pact->pact_version_id,
    };
}

/* Once for every version of the provider that ought to be verified and is not. */
static int fire_wanted(struct call *call, const struct publication *pact,
                       const struct wanted_verifications *wanted, struct triggereds *ret,
                       struct err *err)
{
    struct triggered about = about_pact(pact, WEBHOOK_CONTRACT_REQUIRING_VERIFICATION_PUBLISHED);
    VEC_EACH(wanted, const struct wanted_verification *, version) {
        about.provider_version_id = version->provider_version_id;
        about.description = version->description;
        int code = fire(call, &about, ret, err);
        if (code < 0)
            return code;
    }
    return 0;
}

int webhook_contract_detect(struct call *call, const struct contract *contract,
                            const struct version *version, const struct publication *pact,
                            struct contract_events *ret, struct err *err)
{
    struct verification last = {0};
    int any = 0, verified = 0;
    int code = publish_changes(call, contract, version, &ret->changed, &ret->same, err);
    if (code >= 0)
        code = any = store_webhook_any(call->store, pact->consumer_id, pact->provider_id, err);
    if (code >= 0)
        code = verified =
            store_verification_latest(call->store, pact->pact_version_id, call->arena, &last, err);
    /* Most publications are new and have no webhook: nothing depends on who should verify them. */
    if (code >= 0 && (any || verified))
        code = store_wanted_verifications(call->store, pact->provider_id, pact->pact_version_id,
                                          call->arena, &ret->wanted, err);
    ret->any_webhook = any > 0;
    ret->requires_verification = !verified || ret->wanted.len > 0;
    return code < 0 ? code : 0;
}

int webhook_contract_events(struct call *call, const struct publication *pact,
                            const struct contract_events *events, struct triggereds *ret,
                            struct err *err)
{
    struct triggered about = about_pact(pact, WEBHOOK_CONTRACT_PUBLISHED);
    if (!events->any_webhook)
        return 0;
    int code = fire(call, &about, ret, err);
    if (code == 0)
        code = fire_wanted(call, pact, &events->wanted, ret, err);
    about.event = WEBHOOK_CONTRACT_CONTENT_CHANGED;
    if (code == 0 && events->changed.len > 0)
        code = fire(call, &about, ret, err);
    return code;
}

/* ---- results ---- */

static int fire_result(struct call *call, const struct publication *pact,
                       const struct verification *result, int64_t consumer_version_id,
                       struct err *err)
{
    struct triggered about = about_pact(pact, WEBHOOK_VERIFICATION_PUBLISHED);
    about.consumer_version_id = consumer_version_id;
    about.pact_version_id = result->pact_version_id;
    about.provider_version_id = result->provider_version_id;
    about.verification_id = result->id;
    int code = fire(call, &about, NULL, err);
    if (code < 0 || result->verdict == VERDICT_PARTIAL)
        return code;
    about.event = result->verdict == VERDICT_VERIFIED ? WEBHOOK_VERIFICATION_SUCCEEDED
                                                      : WEBHOOK_VERIFICATION_FAILED;
    return fire(call, &about, NULL, err);
}

int webhook_verification_events(struct call *call, const struct publication *pact,
                                const struct verification *result, const struct metadata *metadata,
                                struct err *err)
{
    int code = 0;
    size_t n = 0;
    for (size_t i = 0; metadata && i < metadata->consumer_version_ids.len && code == 0; i++) {
        struct publication row = {0};
        int64_t id = metadata->consumer_version_ids.items[i];
        bool repeated = false;
        for (size_t j = 0; j < i; j++)
            repeated |= metadata->consumer_version_ids.items[j] == id;
        /* Clients hand the metadata back: it must not name versions of others, nor one that has
         * other content by now. */
        code = repeated
                   ? 0
                   : store_pact_find(call->store, id, pact->provider_id, call->arena, &row, err);
        if (code > 0 && row.pact_version_id == result->pact_version_id) {
            code = fire_result(call, pact, result, id, err);
            n++;
        } else if (code > 0) {
            code = 0;
        }
    }
    if (code == 0 && n == 0)
        code = fire_result(call, pact, result, pact->consumer_version_id, err);
    return code;
}
