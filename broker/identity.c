// SPDX-License-Identifier: Apache-2.0
#include "broker/identity.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/vec.h"
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

/* The canonical text of every element, in the order of the array. */
static struct element *texts_of(const struct json *array, struct arena *arena)
{
    size_t n = json_len(array);
    struct element *elements = ARENA_ARRAY(arena, struct element, n);
    for (size_t i = 0; i < n; i++)
        elements[i] = (struct element){json_to_str(arena, json_at(array, i), CANONICAL), i};
    return elements;
}

/* The array's text with its elements sorted by theirs. */
static struct str sorted_text(const struct element *texts, size_t n, struct arena *arena)
{
    struct element *sorted = arena_copy(arena, texts, n * sizeof *texts);
    struct buf out BUF_AUTO = BUF_INIT(SIZE_MAX / 2);
    if (n > 1)
        qsort(sorted, n, sizeof *sorted, by_text);
    buf_putc(&out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_putc(&out, ',');
        buf_str(&out, sorted[i].text);
    }
    buf_putc(&out, ']');
    return str_dup(arena, buf_view(&out));
}

/* Absent without a value. */
static struct str text_of(const struct json *value, unsigned flags, struct arena *arena)
{
    return value ? json_to_str(arena, value, flags) : STR_NONE;
}

static struct str compact(struct str interactions, struct str messages, struct str version,
                          struct arena *arena)
{
    const struct {
        const char *key;
        struct str value;
    } parts[] = {{"\"interactions\":", interactions},
                 {"\"messages\":", messages},
                 {"\"pact_specification_version\":", version}};
    struct buf out BUF_AUTO = BUF_INIT(SIZE_MAX / 2);
    buf_putc(&out, '{');
    for (size_t i = 0; i < 3; i++) {
        if (!parts[i].value.ptr)
            continue;
        if (out.len > 1)
            buf_putc(&out, ',');
        buf_puts(&out, parts[i].key);
        buf_str(&out, parts[i].value);
    }
    buf_putc(&out, '}');
    return str_dup(arena, buf_view(&out));
}

/* What decides about the sha: one of the two lists, and its elements' texts. */
struct basis {
    const struct json *interactions, *messages; /* NULL unless arrays */
    const struct json *list;                    /* the one that is sorted, or NULL */
    const struct element *texts;                /* of its elements */
    unsigned flags;
};

static struct basis basis_of(const struct json *pact, struct arena *arena)
{
    const struct json *interactions = json_get(pact, "interactions");
    const struct json *messages = json_get(pact, "messages");
    bool by_interactions = truthy(interactions), by_messages = !by_interactions && truthy(messages);
    struct basis basis = {
        .interactions = json_is(interactions, JSON_ARRAY) ? interactions : NULL,
        .messages = json_is(messages, JSON_ARRAY) ? messages : NULL,
        /* Without either key nothing is sorted, and the key order of the text counts. */
        .flags = by_interactions || by_messages ? CANONICAL : JSON_RUBY,
    };
    basis.list = by_interactions ? basis.interactions : by_messages ? basis.messages : NULL;
    if (basis.list)
        basis.texts = texts_of(basis.list, arena);
    return basis;
}

static struct str list_text(const struct basis *basis, const struct json *list, struct arena *arena)
{
    return list && list == basis->list ? sorted_text(basis->texts, json_len(list), arena)
                                       : text_of(list, basis->flags, arena);
}

static void sha_of(const struct json *pact, const struct basis *basis, struct arena *arena,
                   char *ret)
{
    struct str text = basis->interactions || basis->messages
                          ? compact(list_text(basis, basis->interactions, arena),
                                    list_text(basis, basis->messages, arena),
                                    text_of(spec_version(pact), basis->flags, arena), arena)
                          : json_to_str(arena, pact, basis->flags);
    hash_sha1_hex(text, ret);
}

void identity_sha(const struct json *pact, struct arena *arena, char *ret)
{
    struct basis basis = basis_of(pact, arena);
    sha_of(pact, &basis, arena, ret);
}

void identity_interaction(const struct json *interaction, struct arena *arena, char *ret)
{
    struct json *copy = json_copy(arena, interaction);
    json_remove(copy, "_id");
    hash_sha1_hex(json_to_str(arena, copy, CANONICAL), ret);
}

/* `texts`: of the elements as they are, NULL = not known yet. */
static void identify(struct json *array, const struct element *texts, struct arena *arena)
{
    for (size_t i = 0; i < json_len(array); i++) {
        struct json *interaction = json_at(array, i);
        if (!json_is(interaction, JSON_OBJECT))
            continue;
        struct json *id = json_get(interaction, "_id");
        if (!truthy(id)) {
            char *sha = arena_alloc(arena, HASH_SHA1_HEX);
            if (texts && !id)
                hash_sha1_hex(texts[i].text, sha);
            else
                identity_interaction(interaction, arena, sha);
            id = json_new_text(arena, sha);
        }
        json_remove(interaction, "_id");
        json_insert_first(arena, interaction, "_id", id);
    }
}

static struct str content_of(struct json *pact, const struct basis *basis, struct arena *arena,
                             bool *ret_plain)
{
    struct json *interactions = json_get(pact, "interactions"),
                *messages = json_get(pact, "messages");
    identify(interactions, interactions == basis->list ? basis->texts : NULL, arena);
    identify(messages, messages == basis->list ? basis->texts : NULL, arena);
    *ret_plain = json_is(pact, JSON_OBJECT) && !json_get(pact, "_links") &&
                 !json_get(pact, "createdAt") && json_len(pact) > 0;
    return json_to_str(arena, pact, JSON_RUBY);
}

struct str identity_content(struct json *pact, struct arena *arena, bool *ret_plain)
{
    struct basis basis = {0};
    return content_of(pact, &basis, arena, ret_plain);
}

struct str identity_both(struct json *pact, struct arena *arena, char *ret_sha, bool *ret_plain)
{
    struct basis basis = basis_of(pact, arena);
    sha_of(pact, &basis, arena, ret_sha);
    return content_of(pact, &basis, arena, ret_plain);
}

/* ---- does a stored document have the sha that it is stored under? ---- */

enum { SUBSETS_MAX = 10, SPLITS_MAX = 1000 };

/* An interaction whose `_id` is the one that storing would have put in, and may have. */
struct made {
    struct json *interaction, *id;
};
struct mades {
    VEC_OF(struct made);
};

static void find_made(const struct json *list, struct arena *arena, struct mades *ret)
{
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < json_len(list); i++) {
        char made[HASH_SHA1_HEX];
        struct json *interaction = json_at(list, i);
        if (!json_is(interaction, JSON_OBJECT) || !json_get(interaction, "_id"))
            continue;
        identity_interaction(interaction, arena, made);
        if (str_is(json_get_text(interaction, "_id"), made))
            *VEC_PUSH(arena, ret) = (struct made){interaction, json_get(interaction, "_id")};
    }
}

struct search {
    struct json *pact;
    struct mades made;
    const char *sha;
    struct arena *arena, *own;
    char *found;
};

static void keep(struct search *search, size_t i, bool wanted)
{
    const struct made *made = &search->made.items[i];
    json_remove(made->interaction, "_id");
    if (wanted)
        json_insert_first(search->arena, made->interaction, "_id", made->id);
}

static bool fits(struct search *search)
{
    arena_reset(search->own);
    identity_sha(search->pact, search->own, search->found);
    return strcmp(search->found, search->sha) == 0;
}

/* With the ids from..to only. */
static bool fits_with(struct search *search, size_t from, size_t to)
{
    for (size_t i = 0; i < search->made.len; i++)
        keep(search, i, i >= from && i < to);
    return fits(search);
}

static bool search_parts(struct search *search)
{
    size_t n = search->made.len;
    for (size_t k = 1; n <= SPLITS_MAX && k < n; k++) {
        if (fits_with(search, 0, k) || fits_with(search, k, n))
            return true;
    }
    for (size_t set = 1; n <= SUBSETS_MAX && set + 1 < (size_t)1 << n; set++) {
        for (size_t i = 0; i < n; i++)
            keep(search, i, set >> i & 1);
        if (fits(search))
            return true;
    }
    return false;
}

bool identity_fits(struct json *pact, const char *sha, struct arena *arena, char *ret_found)
{
    struct arena *own ARENA_AUTO = arena_new();
    char tried[HASH_SHA1_HEX];
    struct search search = {
        .pact = pact, .sha = sha, .arena = arena, .own = own, .found = ret_found};
    if (fits(&search))
        return true;
    find_made(json_get(pact, "interactions"), arena, &search.made);
    find_made(json_get(pact, "messages"), arena, &search.made);
    bool good = fits_with(&search, 0, 0);
    search.found = good ? ret_found : tried; /* what it has without them is told */
    good = good || search_parts(&search);
    for (size_t i = 0; i < search.made.len; i++)
        keep(&search, i, true);
    return good;
}
