// SPDX-License-Identifier: Apache-2.0
/* Rules that the contracts alone decide. Source: adr-checks, INT-005-ONEOP and INT-005-PUSH. */
#include "lib/adr/adr.h"

#include "lib/adr/adr_parts.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/contract/mapping.h"

static const char ONEOP[] = "INT-005-ONEOP", PUSH[] = "INT-005-PUSH";

struct method {
    struct str name;
    struct {
        VEC_OF(struct str);
    } operations; /* distinct, in order of appearance */
    size_t interactions;
};
struct methods {
    struct map *by_name; /* struct method * */
    size_t unmapped, mapped;
};

static void add_operation(struct arena *arena, struct method *method, struct str operation)
{
    VEC_EACH(&method->operations, struct str *, known) {
        if (str_eq(*known, operation))
            return;
    }
    *VEC_PUSH(arena, &method->operations) = operation;
}

/* The consumer a finding speaks of. */
static void name_consumer(struct arena *arena, struct adr_finding *finding, const struct pact *pact)
{
    json_set(arena, adr_evidence(arena, finding), "consumer", json_new_str(arena, pact->consumer));
}

static void map_interaction(const struct pact *pact, const struct pact_interaction *interaction,
                            struct methods *methods, struct arena *arena,
                            struct adr_findings *findings)
{
    struct mapping mapping = {0};
    struct err err = ERR_INIT;
    if (mapping_of(interaction, arena, &mapping, &err) < 0) {
        methods->mapped++;
        name_consumer(arena,
                      adr_add(arena, findings, ONEOP, ADR_FAIL, ADR_CONTRACT,
                              interaction->description, "%s", err.text),
                      pact);
        return;
    }
    if (!mapping.method.ptr || mapping.inferred) {
        methods->unmapped++;
        name_consumer(arena,
                      adr_add(arena, findings, ONEOP, ADR_WARN, ADR_CONTRACT,
                              interaction->description,
                              "the interaction names no repository method; start its description "
                              "with \"Repository.method: \""),
                      pact);
        return;
    }
    methods->mapped++;
    struct method **slot = (struct method **)map_slot(methods->by_name, mapping.method);
    if (!*slot) {
        *slot = ARENA_NEW(arena, struct method);
        (*slot)->name = mapping.method;
    }
    (*slot)->interactions++;
    add_operation(arena, *slot, mapping.operation.ptr ? mapping.operation : STR("(unknown)"));
}

static void judge_method(const struct pact *pact, const struct method *method, struct arena *arena,
                         struct adr_findings *findings)
{
    struct json *operations = json_new_array(arena);
    struct str all = STR("");
    for (size_t i = 0; i < method->operations.len; i++) {
        struct str operation = method->operations.items[i];
        json_append(arena, operations, json_new_str(arena, operation));
        all = str_printf(arena, "%.*s%s%.*s", STR_FMT(all), i ? ", " : "", STR_FMT(operation));
    }
    struct adr_finding *finding;
    if (method->operations.len > 1)
        finding = adr_add(arena, findings, ONEOP, ADR_FAIL, ADR_CONTRACT, method->name,
                          "in %.*s the method uses %zu operations: %.*s", STR_FMT(pact->consumer),
                          method->operations.len, STR_FMT(all));
    else if (str_is(method->operations.items[0], "(unknown)"))
        finding = adr_add(arena, findings, ONEOP, ADR_INCONCLUSIVE, ADR_CONTRACT, method->name,
                          "in %.*s it cannot be told which operation the method uses",
                          STR_FMT(pact->consumer));
    else
        finding = adr_add(arena, findings, ONEOP, ADR_PASS, ADR_CONTRACT, method->name,
                          "in %.*s the method uses %.*s", STR_FMT(pact->consumer), STR_FMT(all));
    name_consumer(arena, finding, pact);
    json_set(arena, finding->evidence, "operations", operations);
}

/* Methods are counted per contract: two releases of an app may use different operations. */
static bool check_methods(const struct pact *pact, struct arena *arena,
                          struct adr_findings *findings)
{
    struct methods methods = {.by_name = map_new(arena)};
    VEC_EACH(&pact->interactions, const struct pact_interaction *, interaction) {
        map_interaction(pact, interaction, &methods, arena, findings);
    }
    for (size_t i = 0; i < map_len(methods.by_name); i++)
        judge_method(pact, map_at(methods.by_name, i)->value, arena, findings);
    return methods.mapped > 0;
}

static size_t check_messages(const struct pact *pact, struct arena *arena,
                             struct adr_findings *findings)
{
    size_t n = 0;
    VEC_EACH(&pact->interactions, const struct pact_interaction *, interaction) {
        if (interaction->kind != PACT_MESSAGE)
            continue;
        struct mapping mapping = {0};
        struct str subject = interaction->description;
        if (mapping_of(interaction, arena, &mapping, NULL) == 0 && mapping.method.ptr)
            subject = mapping.method;
        size_t before = findings->len;
        n++;
        if (interaction->message.body.json)
            adr_check_push(interaction->message.body.json, ADR_CONTRACT, subject, arena, findings);
        else
            adr_add(arena, findings, PUSH, ADR_INCONCLUSIVE, ADR_CONTRACT, subject,
                    "the message has no JSON contents to look at");
        for (size_t i = before; i < findings->len; i++)
            name_consumer(arena, &findings->items[i], pact);
    }
    return n;
}

void adr_check_contracts(const struct pact *const *pacts, size_t n, struct arena *arena,
                         struct adr_findings *findings)
{
    bool mapped = false;
    size_t messages = 0;
    for (size_t i = 0; i < n; i++) {
        mapped = check_methods(pacts[i], arena, findings) || mapped;
        messages += check_messages(pacts[i], arena, findings);
    }
    if (!mapped)
        adr_add(arena, findings, ONEOP, ADR_INCONCLUSIVE, ADR_CONTRACT, STR("contracts"),
                "no interaction names a repository method");
    if (messages == 0)
        adr_add(arena, findings, PUSH, ADR_NOT_APPLICABLE, ADR_CONTRACT, STR("contracts"),
                "no contract promises a message");
}
