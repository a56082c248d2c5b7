// SPDX-License-Identifier: Apache-2.0
#include "broker/interactions.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/mapping.h"
#include "lib/contract/operation.h"
#include "lib/contract/pact.h"
#include "lib/contract/position.h"
#include "lib/json/json.h"

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
    row->name = row->method.ptr            ? row->method
                : row->description.len > 0 ? row->description
                                           : STR("(no description)");
}

/* Goes through a contract beside its text: what was read stands in the same order in both. */
struct beside {
    const struct pact *pact; /* NULL = nothing was read */
    size_t next;
    struct position position;
};

static bool was_read(struct beside *beside, const struct json *item)
{
    int line = 0, column = 0;
    if (!beside->pact || beside->next >= beside->pact->interactions.len)
        return false;
    const struct pact_interaction *next = &beside->pact->interactions.items[beside->next];
    position_of(&beside->position, item, &line, &column);
    if (next->line != line || next->column != column)
        return false;
    beside->next++;
    return true;
}

/* The descriptions of what was not read; methods as far as they say them. */
static void add_descriptions(const struct json *list, struct beside *beside, struct arena *arena,
                             struct str problem, struct interactions *ret)
{
    struct pact *built = pact_new(arena, STR(""), STR(""));
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < json_len(list); i++) {
        struct str text = json_get_text(json_at(list, i), "description");
        if (was_read(beside, json_at(list, i)))
            continue;
        add(pact_add(arena, built, PACT_HTTP, text.ptr ? text : STR("")), arena, ret);
        struct interaction *row = &ret->items[ret->len - 1];
        row->kind = STR("unknown");
        row->operation = STR_NONE; /* the request was not read */
        row->problem = row->problem.ptr ? row->problem : problem;
    }
}

static void add_all(const struct pact *pact, struct arena *arena, struct interactions *ret)
{
    VEC_EACH(&pact->interactions, const struct pact_interaction *, interaction)
        add(interaction, arena, ret);
}

/* From the text, whose lines and columns tell what was read from what was not. */
static void interactions_in(struct str content, struct arena *arena, struct interactions *ret,
                            struct str *ret_problem)
{
    static const char *const lists[] = {"interactions", "messages"};
    struct err err = ERR_INIT;
    struct pact *pact = NULL;
    struct json *tree = NULL;
    if (json_parse(content, "contract", arena, &tree, &err) < 0) {
        *ret_problem = str_dup(arena, str_of(err.text));
        return;
    }
    if (pact_read_asked(tree, content, "contract", arena, &pact, &err) < 0) {
        pact = NULL;
        *ret_problem = str_dup(arena, str_of(err.text));
    } else {
        add_all(pact, arena, ret);
        if (pact->skipped == 0)
            return;
        *ret_problem =
            str_printf(arena, "%zu of its interactions are of a kind not known", pact->skipped);
    }
    struct beside beside = {.pact = pact, .position = position_start(content)};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        add_descriptions(json_get(tree, lists[i]), &beside, arena, *ret_problem, ret);
}

void interactions_of(const struct json *tree, struct str content, struct arena *arena,
                     struct interactions *ret, struct str *ret_problem)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    if (tree && pact_read_asked(tree, STR_NONE, "contract", arena, &pact, &err) == 0 &&
        pact->skipped == 0)
        add_all(pact, arena, ret);
    else
        interactions_in(content, arena, ret, ret_problem);
}
