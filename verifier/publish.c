// SPDX-License-Identifier: Apache-2.0
#include "verifier/publish.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/hal/hal.h"

/* A result page is for people; what is beyond is in the verifier's own report. */
enum { MISMATCHES_MAX = 100 };

static const char *attribute_of(enum match_part part)
{
    return part == MATCH_BODY_TYPE ? "body" : match_part_name(part);
}

static struct json *mismatches_of(const struct verdict *verdict, struct arena *arena)
{
    struct json *list = json_new_array(arena);
    const struct match_result *differences = &verdict->differences;
    for (size_t i = 0; i < differences->len && i < MISMATCHES_MAX; i++) {
        const struct mismatch *mismatch = &differences->items[i];
        struct json *item = json_new_object(arena);
        json_set(arena, item, "attribute", json_new_text(arena, attribute_of(mismatch->part)));
        if (mismatch->path.len > 0)
            json_set(arena, item, "identifier", json_new_str(arena, mismatch->path));
        json_set(arena, item, "description", json_new_str(arena, mismatch->text));
        json_append(arena, list, item);
    }
    if (differences->len + differences->dropped > json_len(list)) {
        size_t folded = differences->len + differences->dropped - json_len(list);
        struct json *item = json_new_object(arena);
        struct str text = str_printf(arena, "… and %zu more differences", folded);
        json_set(arena, item, "attribute", json_new_text(arena, attribute_of(MATCH_BODY)));
        json_set(arena, item, "description", json_new_str(arena, text));
        json_append(arena, list, item);
    }
    return list;
}

static struct json *result_of(const struct verdict *verdict, struct arena *arena)
{
    const struct pact_interaction *interaction = verdict->interaction;
    struct json *result = json_new_object(arena);
    if (interaction->id.len > 0)
        json_set(arena, result, "interactionId", json_new_str(arena, interaction->id));
    json_set(arena, result, "success", json_new_bool(arena, verdict->outcome == OUTCOME_PASSED));
    json_set(arena, result, "interactionDescription",
             json_new_str(arena, interaction->description));
    if (verdict->differences.len > 0)
        json_set(arena, result, "mismatches", mismatches_of(verdict, arena));
    if (verdict->reason.len > 0) {
        struct json *exceptions = json_new_array(arena);
        struct json *exception = json_new_object(arena);
        json_set(arena, exception, "message", json_new_str(arena, verdict->reason));
        json_append(arena, exceptions, exception);
        json_set(arena, result, "exceptions", exceptions);
    }
    return result;
}

static struct json *body_of(const struct verify_options *options, const struct contract *contract,
                            struct arena *arena)
{
    struct counts counts = contract_counts(contract);
    struct json *body = json_new_object(arena), *by = json_new_object(arena);
    struct json *results = json_new_array(arena);
    for (size_t i = 0; i < contract->pact->interactions.len; i++)
        json_append(arena, results, result_of(&contract->verdicts[i], arena));
    json_set(arena, body, "success", json_new_bool(arena, counts.failed + counts.pending == 0));
    json_set(arena, body, "providerApplicationVersion", json_new_text(arena, options->version));
    if (options->build_url)
        json_set(arena, body, "buildUrl", json_new_text(arena, options->build_url));
    json_set(arena, by, "implementation", json_new_text(arena, "Tally"));
    json_set(arena, by, "version", json_new_text(arena, TALLY_VERSION));
    json_set(arena, body, "verifiedBy", by);
    json_set(arena, body, "testResults", results);
    return body;
}

static struct json *as_document(const struct pact *pact, struct arena *arena)
{
    struct json *document = json_new_object(arena);
    if (pact->links)
        json_set(arena, document, "_links", pact->links);
    return document;
}

static int put(const struct contract *contract, const struct json *provider, const char *rel,
               const struct hal_var *vars, struct arena *arena, struct err *err)
{
    const char *url = NULL;
    struct hal_response response = {0};
    int rc = hal_link(provider, rel, vars, arena, &url, err);
    if (rc == 0)
        rc = hal_send(contract->hal, "PUT", url, json_new_object(arena), arena, &response, err);
    return rc;
}

/* Selection by branch or tag must find the version as soon as it has results. */
static int describe_version(const struct verify_options *options, const struct contract *contract,
                            struct arena *arena, struct err *err)
{
    const char *url = NULL;
    struct json *provider = NULL;
    bool branch = options->branch && *options->branch;
    if (!branch && options->provider_tags.len == 0)
        return 0;
    int rc = hal_link(as_document(contract->pact, arena), "pb:provider", NULL, arena, &url, err);
    if (rc == 0)
        rc = hal_get(contract->hal, url, arena, &provider, err);
    if (rc == 0 && branch) {
        const struct hal_var vars[] = {
            {"branch", options->branch}, {"version", options->version}, {NULL, NULL}};
        rc = put(contract, provider, "pb:branch-version", vars, arena, err);
    }
    for (size_t i = 0; i < options->provider_tags.len && rc == 0; i++) {
        const struct hal_var vars[] = {
            {"tag", options->provider_tags.items[i]}, {"version", options->version}, {NULL, NULL}};
        rc = put(contract, provider, "pb:version-tag", vars, arena, err);
    }
    return rc < 0 ? err_wrap(err, "describing version %s", options->version) : 0;
}

static int publish(const struct verify_options *options, struct contract *contract, bool describe,
                   struct arena *arena, struct err *err)
{
    const char *url = NULL;
    struct hal_response response = {0};
    int rc = hal_link(as_document(contract->pact, arena), "pb:publish-verification-results", NULL,
                      arena, &url, err);
    if (rc == 0 && describe)
        rc = describe_version(options, contract, arena, err);
    if (rc == 0)
        rc = hal_send(contract->hal, "POST", url, body_of(options, contract, arena), arena,
                      &response, err);
    return rc < 0 ? err_wrap(err, "publishing the results") : 0;
}

static struct str why_partial(const struct contract *contract, struct arena *arena)
{
    struct counts counts = contract_counts(contract);
    if (counts.left_out > 0)
        return str_printf(arena, "filters left out %zu of its interactions", counts.left_out);
    if (counts.skipped > 0)
        return str_printf(arena, "%zu of its interactions are of a kind not known here",
                          counts.skipped);
    if (contract->pact->interactions.len == 0)
        return STR("it has no interactions");
    return str_printf(arena, "%zu of its interactions have no verdict",
                      counts.untold + counts.unreached + counts.not_run);
}

static bool has_place(const struct contract *contract)
{
    return contract->hal && json_get(contract->pact->links, "pb:publish-verification-results");
}

int publish_results(const struct verify_options *options, struct contracts *contracts,
                    struct arena *arena, struct err *err)
{
    int first = 0;
    const struct hal *described = NULL;
    VEC_EACH(contracts, struct contract *, contract) {
        struct err this_err = ERR_INIT;
        if (!has_place(contract)) {
            contract->publication = PUBLISH_NO_PLACE;
            contract->publication_text = STR("it did not come from a broker");
            continue;
        }
        if (!contract_is_whole(contract)) {
            contract->publication = PUBLISH_PARTIAL;
            contract->publication_text = why_partial(contract, arena);
            continue;
        }
        int rc = publish(options, contract, contract->hal != described, arena, &this_err);
        if (rc == 0) {
            described = contract->hal;
            contract->publication = PUBLISH_DONE;
            continue;
        }
        contract->publication = PUBLISH_REFUSED;
        contract->publication_text = str_dup(arena, str_of(this_err.text));
        if (first == 0)
            first = err_set(err, this_err.code, "%s", this_err.text);
    }
    return first;
}
