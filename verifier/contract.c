// SPDX-License-Identifier: Apache-2.0
#include "verifier/contract.h"

#include "lib/base/arena.h"
#include "lib/hal/hal.h"

static void count(struct counts *counts, const struct verdict *verdict)
{
    switch (verdict->outcome) {
    case OUTCOME_NOT_RUN:
        counts->not_run++;
        break;
    case OUTCOME_LEFT_OUT:
        counts->left_out++;
        break;
    case OUTCOME_PASSED:
        counts->passed++;
        break;
    case OUTCOME_FAILED:
        if (verdict->pending)
            counts->pending++;
        else
            counts->failed++;
        break;
    case OUTCOME_UNTOLD:
        counts->untold++;
        break;
    case OUTCOME_UNREACHED:
        counts->unreached++;
        break;
    }
}

static void add(struct counts *counts, const struct contract *contract)
{
    for (size_t i = 0; i < contract->pact->interactions.len; i++)
        count(counts, &contract->verdicts[i]);
    counts->skipped += contract->pact->skipped;
}

struct counts contract_counts(const struct contract *contract)
{
    struct counts counts = {0};
    add(&counts, contract);
    return counts;
}

struct counts contracts_counts(const struct contracts *contracts)
{
    struct counts counts = {0};
    VEC_EACH(contracts, const struct contract *, contract)
        add(&counts, contract);
    return counts;
}

bool contract_is_whole(const struct contract *contract)
{
    struct counts counts = contract_counts(contract);
    return counts.passed + counts.failed + counts.pending > 0 && counts.untold == 0 &&
           counts.unreached == 0 && counts.not_run == 0 && counts.left_out == 0 &&
           counts.skipped == 0;
}

struct str contract_title(const struct contract *contract, struct arena *arena)
{
    const struct pact *pact = contract->pact;
    const char *space = contract->consumer_version.len > 0 ? " " : "";
    return str_printf(arena, "%.*s%s%.*s -> %.*s", STR_FMT(pact->consumer), space,
                      STR_FMT(contract->consumer_version), STR_FMT(pact->provider));
}

void contracts_release(struct contracts *contracts)
{
    VEC_EACH(&contracts->hals, struct hal **, hal)
        hal_free(*hal);
    contracts->hals.len = 0;
}
