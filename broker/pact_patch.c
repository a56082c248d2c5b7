// SPDX-License-Identifier: Apache-2.0
#include "broker/pact_patch.h"

#include "broker/identity.h"
#include "lib/base/hash.h"
#include "lib/json/json.h"

static bool same(const struct json *a, const struct json *b)
{
    return a && b ? json_equal(a, b) : a == b;
}

static bool same_members(const struct json *a, const struct json *b, const char *const *keys,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!same(json_get(a, keys[i]), json_get(b, keys[i])))
            return false;
    }
    return true;
}

static bool same_name(const struct json *a, const struct json *b)
{
    static const char *const keys[] = {"description", "providerState", "provider_state",
                                       "providerStates", "type"};
    return same_members(a, b, keys, sizeof keys / sizeof *keys);
}

static bool same_request(const struct json *a, const struct json *b)
{
    static const char *const keys[] = {"method", "path", "query", "headers", "body"};
    const struct json *left = json_get(a, "request"), *right = json_get(b, "request");
    return left && right && same_members(left, right, keys, sizeof keys / sizeof *keys);
}

static bool same_specification(const struct json *a, const struct json *b)
{
    const struct json *left = json_get(json_get(a, "metadata"), "pactSpecification"),
                      *right = json_get(json_get(b, "metadata"), "pactSpecification");
    return same(json_get(left, "version"), json_get(right, "version"));
}

/* The index of the interaction with the same name, or the number of them. */
static size_t find(const struct json *interactions, const struct json *wanted)
{
    size_t i = 0;
    while (i < json_len(interactions) && !same_name(json_at(interactions, i), wanted))
        i++;
    return i;
}

static bool has_doubles(const struct json *interactions)
{
    for (size_t i = 0; i < json_len(interactions); i++) {
        if (find(interactions, json_at(interactions, i)) != i)
            return true;
    }
    return false;
}

/* An id that we computed says nothing about the content; one that the client sent belongs to it. */
static void forget_ids(struct json *interactions, struct arena *arena)
{
    for (size_t i = 0; i < json_len(interactions); i++) {
        char sha[HASH_SHA1_HEX];
        struct json *interaction = json_at(interactions, i);
        identity_interaction(interaction, arena, sha);
        if (str_is(json_get_text(interaction, "_id"), sha))
            json_remove(interaction, "_id");
    }
}

bool pact_patch(struct arena *arena, const struct json *old, const struct json *more,
                struct json **ret)
{
    struct json *merged = json_copy(arena, old);
    const struct json *known = json_get(old, "interactions"),
                      *added = json_get(more, "interactions");
    if (!json_is(known, JSON_ARRAY) || !json_is(added, JSON_ARRAY) || json_get(more, "messages") ||
        has_doubles(known) || has_doubles(added) || !same_specification(old, more))
        return false;
    struct json *list = json_new_array(arena);
    for (size_t i = 0; i < json_len(known); i++) {
        size_t k = find(added, json_at(known, i));
        const struct json *newer = json_at(added, k);
        if (newer && !same_request(json_at(known, i), newer))
            return false;
        json_append(arena, list, json_copy(arena, newer ? newer : json_at(known, i)));
    }
    for (size_t i = 0; i < json_len(added); i++) {
        if (find(known, json_at(added, i)) == json_len(known))
            json_append(arena, list, json_copy(arena, json_at(added, i)));
    }
    forget_ids(list, arena);
    json_set(arena, merged, "interactions", list);
    *ret = merged;
    return true;
}
