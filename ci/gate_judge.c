// SPDX-License-Identifier: Apache-2.0
/* One verification result against its contract. Source: broker-api, section 11. */
#include "ci/gate.h"

#include "lib/base/arena.h"
#include "lib/contract/mapping.h"
#include "lib/contract/pact.h"
#include "lib/contract/results.h"

/* One entry of a result: what happened to one interaction. */
struct entry {
    struct str id, description;
    enum results_verdict verdict;
    const struct json *value;
};

/* What the entries prove of the contract's interactions. */
struct proof {
    size_t replayed;       /* an entry with a verdict is about it */
    size_t passed;         /* of these */
    size_t binding_passed; /* of these, not pending */
    size_t pending_failed; /* that was allowed, and is no proof */
};

static struct entry entry_of(const struct json *value)
{
    return (struct entry){
        .id = json_get_text(value, "interactionId"),
        .description = json_get_text(value, "interactionDescription"),
        .verdict = results_entry_verdict(value),
        .value = value,
    };
}

static bool is_about(const struct entry *entry, const struct pact_interaction *interaction)
{
    if (entry->id.len > 0 && interaction->id.len > 0)
        return str_eq(entry->id, interaction->id);
    return entry->description.ptr && str_eq(entry->description, interaction->description);
}

/* The first thing that differs, and how many more. */
static struct str difference(const struct json *entry, struct arena *arena)
{
    const struct json *mismatches = json_get(entry, "mismatches");
    const struct json *exceptions = json_get(entry, "exceptions");
    size_t n = json_len(mismatches) + json_len(exceptions);
    struct str text = STR_NONE, at = STR_NONE;
    if (json_len(mismatches) > 0) {
        const struct json *first = json_at(mismatches, 0);
        text = json_get_text(first, "description");
        at = json_get_text(first, "identifier");
        if (!at.len)
            at = json_get_text(first, "attribute");
    } else if (json_len(exceptions) > 0) {
        text = json_get_text(json_at(exceptions, 0), "message");
    }
    if (!text.ptr)
        text = STR("the result does not say what differs");
    if (at.len > 0 && str_find(text, at) < 0)
        text = str_printf(arena, "%.*s: %.*s", STR_FMT(at), STR_FMT(text));
    if (n > 1)
        text = str_printf(arena, "%.*s (and %zu more)", STR_FMT(text), n - 1);
    return text;
}

static void add_broken(struct arena *arena, struct gate_contract *contract,
                       const struct pact_interaction *interaction, const struct entry *entry)
{
    struct mapping mapping = {0};
    struct gate_method *method = VEC_PUSH(arena, &contract->broken);
    method->text = difference(entry->value, arena);
    method->name = entry->description.ptr ? entry->description : STR("(unnamed interaction)");
    if (!interaction)
        return;
    method->name = interaction->description;
    if (mapping_of(interaction, arena, &mapping, NULL) < 0)
        return;
    if (mapping.method.ptr)
        method->name = mapping.method;
    method->operation = mapping.operation;
}

static void count(struct proof *proof, const struct pact_interaction *interaction,
                  enum results_verdict verdict)
{
    bool passed = verdict == RESULTS_PASSED;
    proof->replayed++;
    proof->passed += passed;
    proof->binding_passed += passed && !interaction->pending;
    proof->pending_failed += !passed && interaction->pending;
}

/* Failed entries become broken methods; an entry without a verdict proves nothing. */
static struct proof walk_entries(const struct json *entries, struct arena *arena,
                                 struct gate_contract *contract)
{
    struct proof proof = {0};
    size_t n = json_len(entries);
    bool *used = ARENA_ARRAY(arena, bool, n);
    VEC_EACH(&contract->pact->interactions, const struct pact_interaction *, interaction) {
        bool found = false;
        for (size_t i = 0; i < n && !found; i++) {
            struct entry entry = entry_of(json_at(entries, i));
            if (used[i] || entry.verdict == RESULTS_NONE || !is_about(&entry, interaction))
                continue;
            found = used[i] = true;
            count(&proof, interaction, entry.verdict);
            if (entry.verdict == RESULTS_FAILED && !interaction->pending)
                add_broken(arena, contract, interaction, &entry);
        }
    }
    for (size_t i = 0; i < n; i++) { /* about interactions this contract does not have */
        struct entry entry = entry_of(json_at(entries, i));
        if (!used[i] && entry.verdict == RESULTS_FAILED)
            add_broken(arena, contract, NULL, &entry);
    }
    return proof;
}

static void set_state(struct gate_contract *contract, enum gate_state state, struct str why)
{
    contract->state = state;
    contract->why = why;
}

/* Every interaction was replayed, and none that counts failed. */
static void judge_complete(const struct proof *proof, size_t all, struct arena *arena,
                           struct gate_contract *contract)
{
    if (proof->pending_failed == 0) {
        set_state(contract, GATE_GOOD, str_printf(arena, "%zu interactions hold", all));
        return;
    }
    /* Pending ones may fail, but a contract of which nothing else holds is not kept. */
    set_state(contract, proof->binding_passed > 0 ? GATE_GOOD : GATE_UNKNOWN,
              str_printf(arena, "%zu of %zu interactions hold, %zu pending failed", proof->passed,
                         all, proof->pending_failed));
}

static bool has_binding(const struct pact *pact)
{
    VEC_EACH(&pact->interactions, const struct pact_interaction *, interaction) {
        if (!interaction->pending)
            return true;
    }
    return false;
}

/* Clients that never list interactions have always been believed; we say so. */
static void judge_undetailed(size_t all, struct arena *arena, struct gate_contract *contract)
{
    if (has_binding(contract->pact))
        set_state(contract, GATE_GOOD,
                  str_printf(arena, "%zu interactions hold, reported without detail", all));
    else
        set_state(contract, GATE_UNKNOWN,
                  STR("every interaction is pending, and the result does not say which hold"));
}

/* False if the result is about another version than the row it was found in. */
static bool is_for_version(const struct json *result, struct arena *arena,
                           struct gate_contract *contract)
{
    struct str version = json_get_text(result, "providerApplicationVersion");
    if (version.ptr && contract->provider_version.ptr &&
        str_eq(version, contract->provider_version))
        return true;
    set_state(contract, GATE_UNKNOWN,
              version.ptr ? str_printf(arena, "the result is for version %.*s", STR_FMT(version))
                          : STR("the result does not say which version it is for"));
    return false;
}

void gate_contract_judge(const struct json *result, struct arena *arena,
                         struct gate_contract *contract)
{
    const struct json *results = json_get(result, "testResults"),
                      *entries = results_entries(results), *success = json_get(result, "success");
    size_t all = contract->pact->interactions.len + contract->pact->skipped;
    /* Our broker takes a claim of success back when the results do not cover the contract. */
    bool partial = str_is(json_get_text(result, "completeness"), "partial");
    contract->interactions = all;
    if (!is_for_version(result, arena, contract))
        return;
    struct proof proof = walk_entries(entries, arena, contract);
    if (!json_is(success, JSON_BOOL))
        set_state(contract, GATE_UNKNOWN, STR("the result says neither success nor failure"));
    else if (!json_bool(success) && !partial && contract->broken.len == 0)
        set_state(contract, GATE_BAD,
                  STR("verification failed; the result does not say in which interactions"));
    else if (contract->broken.len > 0)
        set_state(contract, GATE_BAD,
                  str_printf(arena, "%zu of %zu interactions failed", contract->broken.len, all));
    else if (all == 0)
        set_state(contract, GATE_UNKNOWN, STR("the contract has no interaction"));
    else if (!results && !partial)
        judge_undetailed(all, arena, contract);
    else if (json_len(entries) == 0)
        set_state(contract, GATE_UNKNOWN,
                  STR("the result claims success but lists no interaction that was replayed"));
    else if (proof.replayed < all)
        set_state(
            contract, GATE_UNKNOWN,
            str_printf(arena, "only %zu of %zu interactions were replayed", proof.replayed, all));
    else
        judge_complete(&proof, all, arena, contract);
    if (partial && contract->state == GATE_GOOD)
        set_state(contract, GATE_UNKNOWN, STR("the broker counts the verification as partial"));
}
