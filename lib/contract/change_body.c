// SPDX-License-Identifier: Apache-2.0
/* Bodies under two promises: each value of the examples is varied, and both sides judge. */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/contract/change_internal.h"
#include "lib/contract/generate_value.h"
#include "lib/contract/rules.h"

enum {
    SAMPLES = 16 /* texts per regular expression */,
    ITEMS = 8 /* of an array are varied, and those that differ */
};
#define LIMIT_JUDGED (256u * 1024 * 1024) /* bytes that one pair of promises may cost */

struct varying {
    struct comparing *comparing;
    const struct promise *like; /* whose example is varied */
    const struct json *root;
    const struct json *other; /* the other example's value here, or NULL */
    struct path at;
    bool said[2];  /* tightened, loosened: of this value */
    bool below[2]; /* of a value above, by what goes for all below */
    uint64_t random;
};

/* ---- variations of a document ---- */

/* A copy of `value` in which what `at` leads to is `put`, or gone if that is NULL. */
static struct json *rebuilt(const struct json *value, const struct path *at, size_t depth,
                            const struct json *put, struct arena *arena)
{
    if (depth == at->len) {
        return put ? json_copy(arena, put) : NULL;
    }
    const struct path_token *token = &at->items[depth];
    bool object = json_is(value, JSON_OBJECT);
    struct json *out = object ? json_new_object(arena) : json_new_array(arena);
    for (size_t i = 0; i < json_len(value); i++) {
        bool here = object ? str_eq(json_key(value, i), token->name) : (int64_t)i == token->index;
        struct json *item = here ? rebuilt(json_at(value, i), at, depth + 1, put, arena)
                                 : json_copy(arena, json_at(value, i));
        if (item && object) {
            json_set_str(arena, out, json_key(value, i), item);
        } else if (item) {
            json_append(arena, out, item);
        }
    }
    return out;
}

static bool is_container(const struct json *value)
{
    return json_is(value, JSON_ARRAY) || json_is(value, JSON_OBJECT);
}

static bool under(struct str path, struct str top)
{
    struct str rest = str_sub(path, top.len, path.len);
    return str_starts(path, top) && (rest.len == 0 || rest.ptr[0] == '.' || rest.ptr[0] == '[');
}

/* The start of a long text, cut at a character. */
static struct str show_start(struct str text, struct arena *arena)
{
    size_t len = 80;
    if (text.len <= len) {
        return text;
    }
    while (len > 0 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80) {
        len--;
    }
    return str_printf(arena, "%.*s...", (int)len, text.ptr);
}

/* What the variation puts in place of a value. */
enum put {
    ANOTHER, /* another value, or none */
    RESIZED, /* the same array or object with fewer or more in it */
};

static bool known(const struct match_result *before, const struct mismatch *mismatch)
{
    VEC_EACH(before, const struct mismatch *, old) {
        if (str_eq(old->path, mismatch->path) && str_eq(old->text, mismatch->text)) {
            return true;
        }
    }
    return false;
}

/*
 * *ret_why is set if a promise refuses the varied value: a difference at it or below it, or at its
 * parent, of which a key may be missing now. What the example as it is gets told anyway says
 * nothing.
 */
static int judge(struct varying *varying, const struct promise *promise, const struct json *body,
                 enum put put, const struct match_result *before, struct str *ret_why)
{
    struct comparing *comparing = varying->comparing;
    struct match_result result = {0};
    struct str here, above;
    struct path parent = varying->at;
    parent.len -= parent.len > 0;
    path_print(&varying->at, comparing->scratch, &here);
    path_print(&parent, comparing->scratch, &above);
    int rc = promise_judge(comparing, promise, varying->like,
                           json_to_str(comparing->scratch, body, JSON_COMPACT), &result);
    VEC_EACH(&result, const struct mismatch *, mismatch) {
        bool at = str_eq(mismatch->path, here), below = !at && under(mismatch->path, here);
        bool beside = !at && !below && str_eq(mismatch->path, above);
        bool counts = put == ANOTHER ? at || below || (beside && !known(before, mismatch))
                                     : at && !known(before, mismatch);
        if (mismatch->part == MATCH_BODY && counts && !ret_why->ptr) {
            *ret_why = mismatch->text;
        }
    }
    return rc;
}

/* Judge one variation by both; says what differs. `before`: the example as it is. */
static void try(struct varying *varying, const struct match_result *before,
                const struct json *value, enum put put)
{
    struct comparing *comparing = varying->comparing;
    struct json *body = rebuilt(varying->root, &varying->at, 0, value, comparing->scratch);
    struct str why[2] = {STR_NONE, STR_NONE}, path, shown;
    if (!body) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (judge(varying, &comparing->promise[i], body, put, &before[i], &why[i])) {
            comparing->untold = true;
            return;
        }
    }
    bool loosened = why[0].ptr != NULL;
    if (loosened == (why[1].ptr != NULL) || varying->below[loosened] || varying->said[loosened]) {
        return;
    }
    varying->said[loosened] = true;
    path_print(&varying->at, comparing->scratch, &path);
    shown = value ? json_to_str(comparing->scratch, value, JSON_COMPACT) : STR("a missing value");
    shown = show_start(shown, comparing->scratch);
    change_say(comparing, loosened ? CHANGE_LOOSENED : CHANGE_TIGHTENED,
               str_printf(comparing->arena, "%s body %.*s", comparing->part, STR_FMT(path)),
               "%.*s %s: %.*s", STR_FMT(shown),
               loosened ? "was refused and is accepted now" : "was accepted and is refused now",
               STR_FMT(why[!loosened]));
}

/* ---- values to try ---- */

static const char *const plain_values[] = {
    "null", "\"tally\"", "\"\"", "\"7\"", "7", "-7", "7.25", "true", "[]", "{}", "\"2001-02-03\"",
};

static uint64_t next(void *context)
{
    /* Sebastiano Vigna's splitmix64: the same variations each time. */
    uint64_t *state = context;
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Texts of the regular expressions that govern the value on either side. */
static void try_samples(struct varying *varying, const struct match_result *before)
{
    struct arena *arena = varying->comparing->scratch;
    struct generate_context context = {.random = next, .random_context = &varying->random};
    for (int i = 0; i < 2; i++) {
        const struct promise *promise = &varying->comparing->promise[i];
        const struct rules *rules =
            promise->message ? promise->message->rules : promise->response->rules;
        const struct rule *rule = rules_select(rules, RULES_BODY, &varying->at, NULL);
        for (size_t m = 0; rule && m < rule->matchers.len * SAMPLES; m++) {
            const struct matcher *matcher = &rule->matchers.items[m / SAMPLES];
            struct buf out BUF_AUTO = BUF_INIT(LIMIT_SHOWN);
            if (matcher->kind == MATCHER_REGEX && !generate_regex(matcher->text, &context, &out) &&
                !out.overflow) {
                try(varying, before, json_new_str(arena, str_dup(arena, buf_view(&out))), ANOTHER);
            }
        }
    }
}

/* Arrays and objects with fewer and more in them. */
static void try_sizes(struct varying *varying, const struct match_result *before,
                      const struct json *value)
{
    struct arena *arena = varying->comparing->scratch;
    if (json_is(value, JSON_ARRAY) && json_len(value) > 0) {
        struct json *more = json_copy(arena, value), *one = json_new_array(arena);
        json_append(arena, more, json_copy(arena, json_at(value, 0)));
        json_append(arena, one, json_copy(arena, json_at(value, 0)));
        try(varying, before, more, RESIZED);
        try(varying, before, one, RESIZED);
        for (size_t i = json_len(more); i < 12; i++) {
            json_append(arena, more, json_copy(arena, json_at(value, 0)));
        }
        try(varying, before, more, RESIZED);
    } else if (json_is(value, JSON_OBJECT) && json_len(value) > 0) {
        struct json *more = json_copy(arena, value);
        json_set(arena, more, "tallyAnotherKey", json_copy(arena, json_at(value, 0)));
        try(varying, before, more, RESIZED);
    }
}

/* Values of another type, or none at all: what is said of them goes for all below. */
static void try_others(struct varying *varying, const struct match_result *before,
                       const struct json *value)
{
    struct arena *arena = varying->comparing->scratch;
    const struct json *other = varying->other;
    struct json *tree = NULL;
    if (varying->at.len > 0 && varying->at.items[varying->at.len - 1].kind == PATH_NAME) {
        try(varying, before, NULL, ANOTHER);
    }
    if (other && (json_type(other) != json_type(value) || !is_container(value))) {
        try(varying, before, other, ANOTHER);
    }
    for (size_t i = 0; i < sizeof plain_values / sizeof *plain_values; i++) {
        if (json_parse(str_of(plain_values[i]), NULL, arena, &tree, NULL) == 0 &&
            !(is_container(tree) && json_type(tree) == json_type(value))) {
            try(varying, before, tree, ANOTHER);
        }
    }
}

static void try_all(struct varying *varying, const struct match_result *before,
                    const struct json *value)
{
    varying->said[0] = varying->said[1] = false;
    try_others(varying, before, value);
    varying->below[0] = varying->below[0] || varying->said[0];
    varying->below[1] = varying->below[1] || varying->said[1];
    if (json_is(value, JSON_ARRAY)) {
        try(varying, before, json_new_array(varying->comparing->scratch), RESIZED);
        if (json_is(varying->other, JSON_ARRAY)) {
            try(varying, before, varying->other, RESIZED);
        }
    }
    try_sizes(varying, before, value);
    try_samples(varying, before);
}

static void vary(struct varying *varying, const struct match_result *before,
                 const struct json *value)
{
    struct comparing *comparing = varying->comparing;
    bool object = json_is(value, JSON_OBJECT);
    bool below[2] = {varying->below[0], varying->below[1]};
    const struct json *other = varying->other;
    if (comparing->spent > LIMIT_JUDGED) {
        comparing->untold = true;
        return;
    }
    try_all(varying, before, value);
    arena_reset(comparing->scratch);
    size_t len = is_container(value) ? json_len(value) : 0;
    for (size_t i = 0; i < len; i++) {
        const struct json *twin = json_is(other, JSON_ARRAY) ? json_at(other, i) : NULL;
        if (!object && i >= ITEMS && (!twin || json_equal(json_at(value, i), twin))) {
            continue;
        }
        struct path_token *token = VEC_PUSH(comparing->arena, &varying->at);
        token->kind = object ? PATH_NAME : PATH_INDEX;
        token->name = object ? json_key(value, i) : STR_NONE;
        token->index = (int64_t)i;
        varying->other = object ? json_find(other, json_key(value, i)) : twin;
        vary(varying, before, json_at(value, i));
        varying->at.len--;
    }
    varying->other = other;
    varying->below[0] = below[0];
    varying->below[1] = below[1];
}

static bool said_of_body(const struct comparing *comparing, enum change_kind kind)
{
    VEC_EACH(comparing->changes, const struct change *, change) {
        if (change->kind == kind && change->newer == comparing->newer &&
            str_find(change->where, STR(" body")) >= 0) {
            return true;
        }
    }
    return false;
}

/* What no walk through a tree shows: presence, type, bytes. */
static void whole_bodies(struct comparing *comparing)
{
    struct match_result result[2] = {{0}};
    for (int i = 0; i < 2; i++) {
        const struct promise *like = &comparing->promise[i], *judged = &comparing->promise[!i];
        const struct pact_body *body = promise_body(like);
        if (body->state == PACT_BODY_MISSING && promise_body(judged)->state == PACT_BODY_MISSING) {
            return;
        }
        if (promise_judge(comparing, judged, like, body->bytes, &result[i]) != 0) {
            comparing->untold = true;
        }
    }
    for (int i = 0; i < 2; i++) {
        VEC_EACH(&result[i], const struct mismatch *, mismatch) {
            if (i == 1 && said_of_body(comparing, CHANGE_LOOSENED)) {
                break;
            }
            if (mismatch->part == MATCH_BODY || mismatch->part == MATCH_BODY_TYPE) {
                change_say(comparing, i == 0 ? CHANGE_TIGHTENED : CHANGE_LOOSENED,
                           str_printf(comparing->arena, "%s body", comparing->part),
                           "the body of the %s example is refused by the %s contract: %.*s",
                           i == 0 ? "old" : "new", i == 0 ? "new" : "old", STR_FMT(mismatch->text));
                break;
            }
        }
    }
}

void change_bodies(struct comparing *comparing)
{
    const struct json *trees[2];
    for (int i = 0; i < 2; i++) {
        trees[i] = promise_body(&comparing->promise[i])->json;
    }
    if (!trees[0] || !trees[1]) {
        whole_bodies(comparing);
        return;
    }
    for (int i = 0; i < 2; i++) {
        struct varying varying = {.comparing = comparing,
                                  .like = &comparing->promise[i],
                                  .root = trees[i],
                                  .other = trees[!i],
                                  .random = 1};
        struct match_result before[2] = {{0}};
        struct str body = json_to_str(comparing->arena, trees[i], JSON_COMPACT);
        for (int p = 0; p < 2; p++) {
            if (promise_judge(comparing, &comparing->promise[p], varying.like, body, &before[p])) {
                comparing->untold = true;
            }
        }
        struct arena *scratch ARENA_AUTO = arena_new();
        comparing->scratch = scratch;
        vary(&varying, before, trees[i]);
        comparing->scratch = NULL;
    }
    /* Whatever the variations showed: an example that is refused now is a tightening. */
    if (!said_of_body(comparing, CHANGE_TIGHTENED)) {
        whole_bodies(comparing);
    }
}
