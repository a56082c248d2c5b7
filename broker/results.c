// SPDX-License-Identifier: Apache-2.0
#include "broker/results.h"

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/contract/results.h"
#include "lib/json/json.h"

struct coverage {
    bool lenient; /* interactions may be pending */
    struct interaction {
        const struct json *json;
        bool named;
    } * items;
    size_t n;
    struct map *by_id, *by_name;
    struct arena *arena;
    bool unknown; /* a result names what is not there */
    bool failed, passed;
};

/* Only V4 knows `pending`: such an interaction may fail without failing the contract. In older
 * files the member means nothing. */
static bool is_v4(const struct json *pact)
{
    static const char *const names[] = {"pactSpecification", "pact-specification",
                                        "pactSpecificationVersion"};
    const struct json *value = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !value; i++)
        value = json_get(json_get(pact, "metadata"), names[i]);
    struct str text = json_text(json_is(value, JSON_OBJECT) ? json_get(value, "version") : value);
    return str_is(str_cut(&text, '.'), "4");
}

static void collect(struct coverage *coverage, const struct json *array)
{
    for (size_t i = 0; i < json_len(array) && json_is(array, JSON_ARRAY); i++)
        coverage->items[coverage->n++] = (struct interaction){json_at(array, i), false};
}

/* The name of its first provider state. */
static struct str state_of(const struct json *interaction)
{
    struct str own = json_get_text(interaction, "providerState");
    if (!own.ptr)
        own = json_get_text(interaction, "provider_state");
    const struct json *states = json_get(interaction, "providerStates");
    if (!own.ptr && json_len(states) > 0)
        own = json_get_text(json_at(states, 0), "name");
    return own;
}

/* Without a state is the same as with an empty one. */
static struct str key_of(struct arena *arena, struct str description, struct str state)
{
    return str_printf(arena, "%zu %.*s %.*s", description.len, STR_FMT(description),
                      STR_FMT(state));
}

static void remember(struct map *map, struct str key, struct interaction *interaction)
{
    void **slot = map_slot(map, key);
    if (!*slot) /* of two that are alike the first */
        *slot = interaction;
}

/* Both sides may be long: nothing is searched for twice. */
static void index_all(struct coverage *coverage, struct arena *arena)
{
    coverage->arena = arena;
    coverage->by_id = map_new(arena);
    coverage->by_name = map_new(arena);
    for (size_t i = 0; i < coverage->n; i++) {
        struct interaction *item = &coverage->items[i];
        struct str id = json_get_text(item->json, "_id"),
                   description = json_get_text(item->json, "description");
        if (id.ptr)
            remember(coverage->by_id, id, item);
        if (description.ptr)
            remember(coverage->by_name, key_of(arena, description, state_of(item->json)), item);
    }
}

static struct str text_of(const struct json *result, const char *key, const char *other)
{
    struct str text = json_get_text(result, key);
    return text.ptr ? text : json_get_text(result, other);
}

static struct interaction *find(struct coverage *coverage, const struct json *result)
{
    struct str id = json_get_text(result, "interactionId");
    struct str description = text_of(result, "interactionDescription", "description");
    struct str state = text_of(result, "interactionProviderState", "providerState");
    if (id.ptr)
        return map_get(coverage->by_id, id);
    return description.ptr ? map_get(coverage->by_name, key_of(coverage->arena, description, state))
                           : NULL;
}

static void look(struct coverage *coverage, const struct json *result)
{
    struct interaction *interaction = find(coverage, result);
    enum results_verdict verdict = results_entry_verdict(result);
    coverage->unknown |= !interaction;
    /* An entry without a verdict proves nothing: its interaction was not named. */
    if (interaction && verdict != RESULTS_NONE)
        interaction->named = true;
    bool pending =
        interaction && coverage->lenient && json_bool(json_get(interaction->json, "pending"));
    coverage->passed |= interaction && verdict == RESULTS_PASSED;
    coverage->failed |= verdict == RESULTS_FAILED && !pending;
}

/* Two interactions may be the same to the letter; a result names the first of them for both. */
static bool is_told(const struct coverage *coverage, const struct interaction *item)
{
    struct str id = json_get_text(item->json, "_id");
    const struct interaction *first = id.ptr ? map_get(coverage->by_id, id) : NULL;
    return item->named || (first && first->named && json_equal(first->json, item->json));
}

enum verdict results_judge(const struct json *pact, bool success, const struct json *results,
                           struct arena *arena)
{
    if (!success)
        return VERDICT_FAILED;
    if (!results || json_type(results) == JSON_NULL)
        return VERDICT_VERIFIED;
    const struct json *interactions = json_get(pact, "interactions"),
                      *messages = json_get(pact, "messages");
    struct coverage coverage = {.lenient = is_v4(pact)};
    coverage.items =
        ARENA_ARRAY(arena, struct interaction, json_len(interactions) + json_len(messages));
    collect(&coverage, interactions);
    collect(&coverage, messages);
    index_all(&coverage, arena);
    const struct json *tests = results_entries(results);
    for (size_t i = 0; i < json_len(tests); i++)
        look(&coverage, json_at(tests, i));
    if (coverage.failed)
        return VERDICT_FAILED;
    for (size_t i = 0; i < coverage.n; i++) {
        if (!is_told(&coverage, &coverage.items[i]))
            return VERDICT_PARTIAL;
    }
    return coverage.unknown || !coverage.passed ? VERDICT_PARTIAL : VERDICT_VERIFIED;
}

const char *results_completeness(const struct verification *result)
{
    if (result->verdict == VERDICT_PARTIAL)
        return "partial";
    return result->detailed ? "complete" : "without detail";
}
