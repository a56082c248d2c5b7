// SPDX-License-Identifier: Apache-2.0
/* What is live in the environment and missing in the matrix. Source: broker-api, sections 7, 11. */
#include "ci/gate.h"

#include "ci/environment.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/hal/hal.h"
#include "lib/wire/url.h"

struct live {
    struct hal *hal;
    struct gate_facts *facts;
    struct arena *arena;
    struct err *err;
    struct json *environment; /* NULL until it is needed */
    struct map *done;         /* pacticipants looked at, "c" or "p" before the name */
};

/* The two ways of being live: link of the environment, and list in what it gives. */
static const struct placement_row {
    const char *link, *embedded;
} placements[] = {
    {"pb:currently-deployed-deployed-versions", "deployedVersions"},
    {"pb:currently-supported-released-versions", "releasedVersions"},
};

static struct str item_text(const struct json *item, const char *pointer)
{
    return json_text(json_pointer(item, pointer));
}

/* ---- one version of the other side ---- */

static bool has_row(const struct gate_facts *facts, const struct gate_contract *like)
{
    VEC_EACH(&facts->contracts, const struct gate_contract *, contract) {
        struct str version = like->dependency ? like->provider_version : like->consumer_version;
        struct str other =
            contract->dependency ? contract->provider_version : contract->consumer_version;
        if (contract->dependency == like->dependency &&
            str_eq(contract->provider, like->provider) &&
            str_eq(contract->consumer, like->consumer) && str_eq(other, version))
            return true;
    }
    return false;
}

/* `like` names the pair of pacticipants and which side the version is on. */
static void add_version(struct live *live, const struct gate_contract *like, struct str version)
{
    struct gate_contract contract = *like;
    if (contract.dependency) {
        contract.provider_version = version;
        contract.why = str_printf(live->arena, "not verified by %.*s %.*s",
                                  STR_FMT(contract.provider), STR_FMT(version));
    } else {
        contract.consumer_version = version;
        contract.missing = true;
        contract.why =
            str_printf(live->arena, "is in %s, but the broker has no contract of it with %.*s",
                       live->facts->question.environment, STR_FMT(contract.provider));
    }
    contract.state = GATE_UNKNOWN;
    if (!has_row(live->facts, &contract))
        *VEC_PUSH(live->arena, &live->facts->contracts) = contract;
}

/* ---- what is live of one pacticipant ---- */

static int add_placed(struct live *live, const struct placement_row *row,
                      const struct gate_contract *like)
{
    const char *url;
    struct json *list = NULL;
    struct str pacticipant = like->dependency ? like->provider : like->consumer;
    int code = hal_link(live->environment, row->link, NULL, live->arena, &url, live->err);
    if (code == 0)
        code = hal_get(live->hal,
                       arena_printf(live->arena, "%s?pacticipant=%.*s", url,
                                    STR_FMT(url_encode(live->arena, pacticipant))),
                       live->arena, &list, live->err);
    if (code < 0)
        return code;
    const struct json *items = json_get(json_get(list, "_embedded"), row->embedded);
    for (size_t i = 0; i < json_len(items); i++) {
        struct str version = item_text(json_at(items, i), "/_embedded/version/number");
        struct str name = item_text(json_at(items, i), "/_embedded/pacticipant/name");
        if (name.ptr && !str_eq(name, pacticipant))
            continue;
        if (version.ptr)
            add_version(live, like, version);
        else
            *VEC_PUSH(live->arena, &live->facts->doubts) =
                str_printf(live->arena, "the broker does not say which version of %.*s is in %s",
                           STR_FMT(pacticipant), live->facts->question.environment);
    }
    return 0;
}

static int add_live(struct live *live, const struct gate_contract *like)
{
    struct str pacticipant = like->dependency ? like->provider : like->consumer;
    struct str key =
        str_printf(live->arena, "%c%.*s", like->dependency ? 'p' : 'c', STR_FMT(pacticipant));
    int code = 0;
    if (map_has(live->done, key))
        return 0;
    map_put(live->done, key, live);
    if (!live->environment)
        code = environment_named(live->hal, live->facts->question.environment, live->arena,
                                 &live->environment, live->err);
    for (size_t i = 0; code == 0 && i < sizeof placements / sizeof *placements; i++)
        code = add_placed(live, &placements[i], like);
    return code < 0 ? err_wrap(live->err, "versions of %.*s in %s", STR_FMT(pacticipant),
                               live->facts->question.environment)
                    : 0;
}

/* ---- both directions ---- */

/* Every version of a provider in the environment must have verified the version judged. */
static int check_dependencies(struct live *live)
{
    int code = 0;
    size_t n = live->facts->contracts.len;
    for (size_t i = 0; code == 0 && i < n; i++) {
        struct gate_contract like = live->facts->contracts.items[i];
        like.result_url = like.verified_at = STR_NONE;
        like.broken.items = NULL;
        like.broken.len = like.broken.cap = 0;
        if (like.dependency)
            code = add_live(live, &like);
    }
    return code;
}

/*
 * Whoever had a contract with the provider judged, in any version, still calls it: each of its
 * versions in the environment needs one. The broker keeps the pair when contracts are deleted.
 */
static int check_consumers(struct live *live)
{
    struct json *list = NULL;
    struct str provider = str_of(live->facts->question.pacticipant);
    int code = hal_get(live->hal, "/integrations", live->arena, &list, live->err);
    if (code < 0)
        return err_wrap(live->err, "asking who has contracts with %.*s", STR_FMT(provider));
    const struct json *items = json_pointer(list, "/_embedded/integrations");
    if (!json_is(items, JSON_ARRAY) || json_pointer(list, "/_links/next"))
        *VEC_PUSH(live->arena, &live->facts->doubts) =
            STR("the broker does not list all its integrations");
    for (size_t i = 0; code == 0 && i < json_len(items); i++) {
        const struct gate_contract like = {
            .provider = item_text(json_at(items, i), "/provider/name"),
            .consumer = item_text(json_at(items, i), "/consumer/name"),
        };
        if (like.consumer.ptr && str_eq(like.provider, provider))
            code = add_live(live, &like);
    }
    return code;
}

int gate_live_load(struct hal *hal, struct gate_facts *facts, struct arena *arena, struct err *err)
{
    struct live live = {
        .hal = hal, .facts = facts, .arena = arena, .err = err, .done = map_new(arena)};
    int code = check_dependencies(&live);
    return code < 0 ? code : check_consumers(&live);
}
