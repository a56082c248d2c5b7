// SPDX-License-Identifier: Apache-2.0
#include "broker/identity.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/json/json.h"

#define CANONICAL (JSON_RUBY | JSON_SORTED)

static bool truthy(const struct json *value)
{
    return value && json_type(value) != JSON_NULL &&
           !(json_is(value, JSON_BOOL) && !json_bool(value));
}

static struct json *spec_version(const struct json *pact)
{
    const struct json *metadata = json_get(pact, "metadata");
    struct json *version = json_get(json_get(metadata, "pactSpecification"), "version");
    if (!truthy(version))
        version = json_get(json_get(metadata, "pact-specification"), "version");
    if (!truthy(version))
        version = json_get(metadata, "pactSpecificationVersion");
    return truthy(version) ? version : NULL;
}

struct element {
    struct str text;
    size_t at;
};

static int by_text(const void *a, const void *b)
{
    const struct element *x = a, *y = b;
    int order = str_cmp(x->text, y->text);
    if (order != 0)
        return order;
    return x->at < y->at ? -1 : x->at > y->at;
}

static struct json *sort_elements(const struct json *array, struct arena *arena)
{
    size_t n = json_len(array);
    struct element *elements = ARENA_ARRAY(arena, struct element, n);
    for (size_t i = 0; i < n; i++)
        elements[i] = (struct element){json_to_str(arena, json_at(array, i), CANONICAL), i};
    if (n > 1)
        qsort(elements, n, sizeof *elements, by_text);
    struct json *sorted = json_new_array(arena);
    for (size_t i = 0; i < n; i++)
        json_append(arena, sorted, json_at(array, elements[i].at));
    return sorted;
}

static struct str compact(const struct json *interactions, const struct json *messages,
                          const struct json *version, unsigned flags, struct arena *arena)
{
    const struct {
        const char *key;
        const struct json *value;
    } parts[] = {{"interactions", interactions},
                 {"messages", messages},
                 {"pact_specification_version", version}};
    struct str text = STR("{");
    for (size_t i = 0; i < 3; i++) {
        if (!parts[i].value)
            continue;
        struct str value = json_to_str(arena, parts[i].value, flags);
        text = str_printf(arena, "%.*s%s\"%s\":%.*s", STR_FMT(text), text.len > 1 ? "," : "",
                          parts[i].key, STR_FMT(value));
    }
    return str_printf(arena, "%.*s}", STR_FMT(text));
}

void identity_sha(const struct json *pact, struct arena *arena, char *ret)
{
    struct json *interactions = json_get(pact, "interactions");
    struct json *messages = json_get(pact, "messages");
    bool by_interactions = truthy(interactions), by_messages = !by_interactions && truthy(messages);
    /* Without either key nothing is sorted, and the key order of the text counts. */
    unsigned flags = by_interactions || by_messages ? CANONICAL : JSON_RUBY;
    interactions = json_is(interactions, JSON_ARRAY) ? interactions : NULL;
    messages = json_is(messages, JSON_ARRAY) ? messages : NULL;
    if (by_interactions && interactions)
        interactions = sort_elements(interactions, arena);
    if (by_messages && messages)
        messages = sort_elements(messages, arena);
    struct str text = interactions || messages
                          ? compact(interactions, messages, spec_version(pact), flags, arena)
                          : json_to_str(arena, pact, flags);
    hash_sha1_hex(text, ret);
}

void identity_interaction(const struct json *interaction, struct arena *arena, char *ret)
{
    struct json *copy = json_copy(arena, interaction);
    json_remove(copy, "_id");
    hash_sha1_hex(json_to_str(arena, copy, CANONICAL), ret);
}

static void identify(struct json *array, struct arena *arena)
{
    for (size_t i = 0; i < json_len(array); i++) {
        struct json *interaction = json_at(array, i);
        if (!json_is(interaction, JSON_OBJECT))
            continue;
        struct json *id = json_get(interaction, "_id");
        if (!truthy(id)) {
            char *sha = arena_alloc(arena, HASH_SHA1_HEX);
            identity_interaction(interaction, arena, sha);
            id = json_new_text(arena, sha);
        }
        json_remove(interaction, "_id");
        json_insert_first(arena, interaction, "_id", id);
    }
}

struct str identity_content(struct json *pact, struct arena *arena, bool *ret_plain)
{
    identify(json_get(pact, "interactions"), arena);
    identify(json_get(pact, "messages"), arena);
    *ret_plain = json_is(pact, JSON_OBJECT) && !json_get(pact, "_links") &&
                 !json_get(pact, "createdAt") && json_len(pact) > 0;
    return json_to_str(arena, pact, JSON_RUBY);
}
