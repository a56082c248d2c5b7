// SPDX-License-Identifier: Apache-2.0
/* Which interactions a run takes: run_prepare(). */
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/base/map.h"
#include "lib/base/re.h"
#include "verifier/run.h"

struct filter {
    const struct verify_options *options;
    struct arena *arena;
    struct map *good; /* keys of what passed in the last run, NULL without --last-failed */
};

/* 1 or 0, or an error. */
static int matches(const char *pattern, struct str text, struct err *err)
{
    const struct re *re = NULL;
    int rc = re_get(str_of(pattern), 0, &re, err);
    if (rc == 0)
        rc = re_test(re, text, err);
    return rc < 0 ? err_wrap(err, "filter '%s'", pattern) : rc;
}

static int matches_state(const char *pattern, const struct pact_interaction *interaction,
                         struct err *err)
{
    int rc = 0;
    VEC_EACH(&interaction->states, const struct pact_state *, state) {
        if (rc == 0)
            rc = matches(pattern, state->name, err);
    }
    return rc;
}

/* Who, what and in which states: the same in the report and in the contract. */
static struct str key_of(struct arena *arena, struct str consumer, struct str description,
                         const struct texts *states)
{
    struct str key = str_printf(arena, "%.*s\n%.*s", STR_FMT(consumer), STR_FMT(description));
    VEC_EACH(states, const struct str *, state)
        key = str_printf(arena, "%.*s\n%.*s", STR_FMT(key), STR_FMT(*state));
    return key;
}

static bool was_good(const struct filter *filter, const struct contract *contract,
                     const struct pact_interaction *interaction)
{
    struct texts states = {0};
    if (!filter->good)
        return false;
    VEC_EACH(&interaction->states, const struct pact_state *, state)
        *VEC_PUSH(filter->arena, &states) = state->name;
    return map_has(filter->good, key_of(filter->arena, contract->pact->consumer,
                                        interaction->description, &states));
}

static int wanted(const struct filter *filter, const struct contract *contract,
                  const struct pact_interaction *interaction, struct err *err)
{
    const struct verify_options *options = filter->options;
    if (options->filter_no_state && interaction->states.len > 0)
        return 0;
    if (was_good(filter, contract, interaction))
        return 0;
    int rc = 1;
    if (options->filter_description)
        rc = matches(options->filter_description, interaction->description, err);
    if (rc == 1 && options->filter_state)
        rc = matches_state(options->filter_state, interaction, err);
    return rc;
}

static void remember(struct filter *filter, const struct json *contract,
                     const struct json *interaction)
{
    struct texts states = {0};
    const struct json *names = json_get(interaction, "providerStates");
    if (!str_is(json_get_text(interaction, "outcome"), "passed"))
        return;
    for (size_t i = 0; i < json_len(names); i++)
        *VEC_PUSH(filter->arena, &states) = json_text(json_at(names, i));
    map_put(filter->good,
            key_of(filter->arena, json_get_text(contract, "consumer"),
                   json_get_text(interaction, "description"), &states),
            filter);
}

/* A report that is not there yet calls nothing good. */
static int read_report(struct filter *filter, const char *path, struct err *err)
{
    struct str text = STR_NONE;
    struct json *report = NULL;
    filter->good = map_new(filter->arena);
    if (!fs_exists(path))
        return 0;
    int rc = fs_read(path, LIMIT_FILE, filter->arena, &text, err);
    if (rc == 0)
        rc = json_parse(text, path, filter->arena, &report, err);
    const struct json *contracts = json_get(report, "contracts");
    if (rc == 0 && !json_is(contracts, JSON_ARRAY))
        return err_at(err, ERR_PARSE, path, 1, 1, "not a report of this verifier");
    for (size_t i = 0; i < json_len(contracts) && rc == 0; i++) {
        const struct json *interactions = json_get(json_at(contracts, i), "interactions");
        for (size_t k = 0; k < json_len(interactions); k++)
            remember(filter, json_at(contracts, i), json_at(interactions, k));
    }
    return rc;
}

static int prepare(const struct filter *filter, const struct contract *contract,
                   struct verdict *verdict, struct err *err)
{
    const struct pact_interaction *interaction = verdict->interaction;
    struct err unmapped = ERR_INIT;
    verdict->pending = contract->pending || contract->wip || interaction->pending;
    if (mapping_of(interaction, filter->arena, &verdict->mapping, &unmapped) < 0)
        *VEC_PUSH(filter->arena, &verdict->warnings) =
            str_dup(filter->arena, str_of(unmapped.text));
    int rc = wanted(filter, contract, interaction, err);
    if (rc == 0)
        verdict->outcome = OUTCOME_LEFT_OUT;
    return rc < 0 ? rc : 0;
}

int run_prepare(const struct verify_options *options, struct contracts *contracts,
                struct arena *arena, struct err *err)
{
    struct filter filter = {.options = options, .arena = arena};
    int rc = options->last_failed ? read_report(&filter, options->json_file, err) : 0;
    VEC_EACH(contracts, struct contract *, contract) {
        for (size_t i = 0; i < contract->pact->interactions.len && rc == 0; i++)
            rc = prepare(&filter, contract, &contract->verdicts[i], err);
    }
    return rc;
}
