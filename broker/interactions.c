// SPDX-License-Identifier: Apache-2.0
#include "broker/interactions.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/mapping.h"
#include "lib/contract/operation.h"
#include "lib/contract/pact.h"

static const char *const kinds[] = {
    [PACT_HTTP] = "http",
    [PACT_MESSAGE] = "message",
    [PACT_SYNC_MESSAGE] = "synchronous message",
};

static void add(const struct pact_interaction *interaction, struct arena *arena,
                struct interactions *ret)
{
    struct interaction *row = VEC_PUSH(arena, ret);
    struct mapping mapping = {0};
    struct err err = ERR_INIT;
    struct str document = operation_document(interaction, arena), unused = STR_NONE;
    *row = (struct interaction){
        .kind = str_of(kinds[interaction->kind]),
        .description = interaction->description.ptr ? interaction->description : STR(""),
        .persisted_id = operation_persisted_id(interaction, arena),
    };
    if (mapping_of(interaction, arena, &mapping, &err) < 0) {
        row->problem = str_dup(arena, str_of(err.text));
        row->operation = operation_of(interaction, arena);
    } else {
        row->method = mapping.method;
        row->package = mapping.package;
        row->variant = mapping.variant;
        row->source = mapping.carrier;
        row->inferred = mapping.inferred;
        row->operation = mapping.operation;
    }
    if (document.ptr)
        operation_of_document(document, arena, &unused, &row->digest);
    row->name = row->method.ptr ? row->method : row->description;
}

/* The descriptions of what cannot be read as a contract; methods as far as they say them. */
static void add_descriptions(const struct json *list, enum pact_kind kind, struct arena *arena,
                             struct str problem, struct interactions *ret)
{
    struct pact *pact = pact_new(arena, STR(""), STR(""));
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < json_len(list); i++) {
        struct str text = json_get_text(json_at(list, i), "description");
        add(pact_add(arena, pact, kind, text.ptr ? text : STR("")), arena, ret);
        struct interaction *row = &ret->items[ret->len - 1];
        row->operation = STR_NONE; /* the request was not read */
        row->problem = row->problem.ptr ? row->problem : problem;
    }
}

void interactions_of(struct str content, struct arena *arena, struct interactions *ret,
                     struct str *ret_problem)
{
    struct err err = ERR_INIT;
    struct pact *pact = NULL;
    struct json *tree = NULL;
    if (pact_read(content, "contract", arena, &pact, &err) == 0) {
        VEC_EACH(&pact->interactions, const struct pact_interaction *, interaction)
            add(interaction, arena, ret);
        if (pact->skipped > 0)
            *ret_problem =
                str_printf(arena, "%zu interactions are of a kind not known", pact->skipped);
        return;
    }
    *ret_problem = str_dup(arena, str_of(err.text));
    if (json_parse(content, "contract", arena, &tree, NULL) == 0) {
        add_descriptions(json_get(tree, "interactions"), PACT_HTTP, arena, *ret_problem, ret);
        add_descriptions(json_get(tree, "messages"), PACT_MESSAGE, arena, *ret_problem, ret);
    }
}
