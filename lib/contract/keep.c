// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/keep.h"

#define AT(at)       (1u << (at))
#define INTERACTIONS (AT(KEEP_HTTP) | AT(KEEP_MESSAGE) | AT(KEEP_SYNC))
#define CONTENTS     (AT(KEEP_MESSAGE) | AT(KEEP_SIDE))
#define RULED        (AT(KEEP_REQUEST) | AT(KEEP_RESPONSE) | CONTENTS)

/* Members that are read: where, and from which version on they belong to a file. */
static const struct {
    const char *name;
    unsigned where;
    enum pact_spec since;
} members[] = {
    {"consumer", AT(KEEP_ROOT), PACT_V1},
    {"provider", AT(KEEP_ROOT), PACT_V1},
    {"interactions", AT(KEEP_ROOT), PACT_V1},
    {"messages", AT(KEEP_ROOT), PACT_V1},
    {"metadata", AT(KEEP_ROOT) | CONTENTS, PACT_V1},
    {"metaData", AT(KEEP_ROOT) | CONTENTS, PACT_V1},
    {"_links", AT(KEEP_ROOT), PACT_V1},
    {"name", AT(KEEP_PARTY) | AT(KEEP_STATE), PACT_V1},
    {"params", AT(KEEP_STATE), PACT_V1},
    {"type", INTERACTIONS, PACT_V4},
    {"description", INTERACTIONS, PACT_V1},
    {"_id", INTERACTIONS, PACT_V1},
    {"key", INTERACTIONS, PACT_V4},
    {"transport", INTERACTIONS, PACT_V4},
    {"pending", INTERACTIONS, PACT_V4},
    {"comments", INTERACTIONS, PACT_V4},
    {"providerState", INTERACTIONS, PACT_V1},
    {"provider_state", INTERACTIONS, PACT_V1},
    {"providerStates", INTERACTIONS, PACT_V3},
    {"provider_states", INTERACTIONS, PACT_V1},
    {"request", AT(KEEP_HTTP) | AT(KEEP_SYNC), PACT_V1},
    {"response", AT(KEEP_HTTP) | AT(KEEP_SYNC), PACT_V1},
    {"requestMatchingRules", AT(KEEP_HTTP) | AT(KEEP_REQUEST), PACT_V1},
    {"responseMatchingRules", AT(KEEP_HTTP) | AT(KEEP_RESPONSE), PACT_V1},
    {"matchingRules", RULED, PACT_V1},
    {"generators", RULED, PACT_V3},
    {"contents", CONTENTS, PACT_V1},
    {"content", CONTENTS, PACT_V1},
    {"method", AT(KEEP_REQUEST), PACT_V1},
    {"path", AT(KEEP_REQUEST), PACT_V1},
    {"query", AT(KEEP_REQUEST), PACT_V1},
    {"status", AT(KEEP_RESPONSE), PACT_V1},
    {"headers", AT(KEEP_REQUEST) | AT(KEEP_RESPONSE), PACT_V1},
    {"body", AT(KEEP_REQUEST) | AT(KEEP_RESPONSE), PACT_V1},
};

/* Spellings of one member: the first that says something is read. */
static const struct {
    unsigned where;
    const char *names[5];
} spellings[] = {
    {INTERACTIONS, {"providerStates", "provider_states", "providerState", "provider_state"}},
    {AT(KEEP_ROOT) | CONTENTS, {"metadata", "metaData"}},
    {CONTENTS, {"contents", "content"}},
    {AT(KEEP_REQUEST), {"matchingRules", "requestMatchingRules"}},
    {AT(KEEP_RESPONSE), {"matchingRules", "responseMatchingRules"}},
};

/* Members that others put there on purpose: kept without a word. */
static const struct {
    const char *name;
    unsigned where;
} expected[] = {
    {"createdAt", AT(KEEP_ROOT)},
    {"_id", AT(KEEP_ROOT)},
    {"name", AT(KEEP_ROOT)},
    {"pluginConfiguration", INTERACTIONS},
    {"interactionMarkup", INTERACTIONS},
};

/* Whether another spelling is the one that is read, and this one says something, too. */
static bool beside_another(const struct json *object, struct str key, enum keep_at at)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        const char *const *name = spellings[i].names;
        bool named = false;
        for (; *name && spellings[i].where & AT(at); name++) {
            named = named || str_is(key, *name);
        }
        if (named) {
            const struct json *value = json_find(object, key);
            return !json_is(value, JSON_NULL) && read_first(object, spellings[i].names) != value;
        }
    }
    return false;
}

static bool is_quiet(struct str key, enum keep_at at)
{
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        if (expected[i].where & AT(at) && str_is(key, expected[i].name)) {
            return true;
        }
    }
    return false;
}

/* Whether the member goes through the model; *ret_known: it is read at all. */
static bool passes(const struct reader *reader, const struct json *object, struct str key,
                   enum keep_at at, bool *ret_known)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (members[i].where & AT(at) && str_is(key, members[i].name)) {
            *ret_known = !beside_another(object, key, at);
            return *ret_known && reader->pact->spec >= members[i].since;
        }
    }
    *ret_known = is_quiet(key, at);
    return false;
}

struct json *keep_extra(struct reader *reader, const struct json *object, enum keep_at at)
{
    struct json *extra = NULL;
    for (size_t i = 0; json_is(object, JSON_OBJECT) && i < json_len(object); i++) {
        struct str key = json_key(object, i);
        bool known = false;
        if (passes(reader, object, key, at, &known)) {
            continue;
        }
        if (!known) {
            read_warn(reader, json_at(object, i), "attribute '%.*s' is not known; kept, not used",
                      STR_FMT(key));
        }
        extra = keep_add(reader->arena, extra, key, json_at(object, i));
    }
    return extra;
}

static bool known_by_now(struct str key, enum keep_at at, enum pact_spec spec)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (members[i].where & AT(at) && str_is(key, members[i].name)) {
            return members[i].since > PACT_V1 && members[i].since <= spec;
        }
    }
    return false;
}

static void fill(struct arena *arena, struct json *object, struct str key, const struct json *value)
{
    if (!json_find(object, key)) {
        json_set_str(arena, object, key, json_copy(arena, value));
    }
}

void keep_write(struct arena *arena, struct json *object, const struct json *extra, enum keep_at at,
                enum pact_spec spec)
{
    for (size_t i = 0; i < json_len(extra); i++) {
        if (!known_by_now(json_key(extra, i), at, spec)) {
            fill(arena, object, json_key(extra, i), json_at(extra, i));
        }
    }
}

void keep_fill(struct arena *arena, struct json *object, const struct json *from)
{
    for (size_t i = 0; i < json_len(from); i++) {
        fill(arena, object, json_key(from, i), json_at(from, i));
    }
}

struct json *keep_add(struct arena *arena, struct json *extra, struct str key,
                      const struct json *value)
{
    struct json *out = extra ? extra : json_new_object(arena);
    json_set_str(arena, out, key, (struct json *)value);
    return out;
}
