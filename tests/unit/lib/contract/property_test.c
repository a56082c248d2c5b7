// SPDX-License-Identifier: Apache-2.0
/*
 * Properties over made-up contracts: a V4 document passes through reader and writer unchanged;
 * a verdict does not hang on the order of keys; an example agrees with itself; a changed one does
 * not. Every row of seeds gives the same documents on every machine.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/change.h"
#include "lib/contract/loss.h"
#include "lib/contract/match.h"
#include "lib/contract/merge.h"
#include "lib/contract/rules.h"
#include "tests/unit/lib/base/rows.h"

enum { SEEDS = 400 };

struct maker {
    uint64_t state;
    struct arena *arena;
};

/* splitmix64, public domain by S. Vigna. */
static uint64_t next(struct maker *maker)
{
    uint64_t z = maker->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
static size_t below(struct maker *maker, size_t n)
{
    return next(maker) % n;
}
static bool one_in(struct maker *maker, size_t n)
{
    return below(maker, n) == 0;
}

#define PICK(maker, list) ((list)[below(maker, sizeof(list) / sizeof *(list))])

static struct json *made_object(struct maker *maker)
{
    return json_new_object(maker->arena);
}
static void set(struct maker *maker, struct json *object, const char *key, struct json *value)
{
    json_set(maker->arena, object, key, value);
}
static struct json *text(struct maker *maker, const char *value)
{
    return json_new_text(maker->arena, value);
}

static const char *const keys[] = {"a", "b", "id", "a b", "0", "17", "it's", "caf\xc3\xa9", "$x"};
static const char *const texts[] = {"",
                                    "x",
                                    "100",
                                    "true",
                                    "null",
                                    "a/b",
                                    "{\"a",
                                    "\"q\"",
                                    "\\d+",
                                    "\n",
                                    "\xf0\x9f\x98\x80",
                                    "2020-02-29"};
static const char *const numbers[] = {"0", "-1", "1.0", "19.90", "1e3", "90071992547409931234"};

static const char *const foreign[] = {"x-own", "future", "vendor.thing", "Type"};

/* ---- documents ---- */

static struct json *made_scalar(struct maker *maker)
{
    switch (below(maker, 4)) {
    case 0:
        return json_new_null(maker->arena);
    case 1:
        return json_new_bool(maker->arena, one_in(maker, 2));
    case 2:
        return json_new_number(maker->arena, str_of(PICK(maker, numbers)));
    default:
        return text(maker, PICK(maker, texts));
    }
}

static struct json *made_json(struct maker *maker, int depth)
{
    size_t kind = below(maker, depth > 0 ? 3 : 1);
    if (kind == 0)
        return made_scalar(maker);
    struct json *out = kind == 1 ? made_object(maker) : json_new_array(maker->arena);
    for (size_t n = below(maker, 4); n > 0; n--) {
        struct json *item = made_json(maker, depth - 1);
        if (kind == 1)
            set(maker, out, PICK(maker, keys), item);
        else
            json_append(maker->arena, out, item);
    }
    return out;
}

static struct json *made_values(struct maker *maker, bool with_null)
{
    struct json *out = json_new_array(maker->arena);
    for (size_t n = below(maker, 2) + 1; n > 0; n--)
        json_append(maker->arena, out,
                    with_null && one_in(maker, 4) ? json_new_null(maker->arena)
                                                  : text(maker, PICK(maker, texts)));
    return out;
}

static struct json *made_map_of_values(struct maker *maker, const char *const *names, size_t n,
                                       bool with_null)
{
    struct json *out = made_object(maker);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || one_in(maker, 2))
            set(maker, out, names[i], made_values(maker, with_null));
    }
    return out;
}

/* What no version knows may stand anywhere. */
static struct json *with_foreign(struct maker *maker, struct json *object)
{
    if (one_in(maker, 6))
        set(maker, object, PICK(maker, foreign), made_json(maker, 2));
    return object;
}

/* As the writer has it: what a content type makes of it is said, and text stays text. */
static struct json *made_body(struct maker *maker)
{
    struct json *out = made_object(maker);
    const char *type = "application/json", *encoded = NULL;
    switch (below(maker, 5)) {
    case 0:
        set(maker, out, "content", json_new_null(maker->arena));
        return with_foreign(maker, out);
    case 1:
        set(maker, out, "content", text(maker, ""));
        return with_foreign(maker, out);
    case 2:
        type = "text/plain";
        set(maker, out, "content", text(maker, texts[1 + below(maker, 9)]));
        break;
    case 3:
        type = "image/png";
        encoded = "base64";
        set(maker, out, "content", text(maker, "iVBORwAA"));
        break;
    default: {
        struct json *value = made_json(maker, 3);
        if (json_is(value, JSON_NULL) || (json_is(value, JSON_STRING) && json_text(value).len == 0))
            value = json_new_array(maker->arena);
        set(maker, out, "content", value);
        break;
    }
    }
    set(maker, out, "contentType", text(maker, type));
    set(maker, out, "encoded", encoded ? text(maker, encoded) : json_new_bool(maker->arena, false));
    if (one_in(maker, 4))
        set(maker, out, "contentTypeHint", text(maker, "BINARY"));
    return with_foreign(maker, out);
}

/* ---- rules ---- */

static const char *const matchers[] = {
    "{\"match\":\"type\"}",
    "{\"match\":\"type\",\"min\":1}",
    "{\"match\":\"type\",\"min\":0,\"max\":2}",
    "{\"match\":\"equality\"}",
    "{\"match\":\"integer\"}",
    "{\"match\":\"decimal\"}",
    "{\"match\":\"number\"}",
    "{\"match\":\"boolean\"}",
    "{\"match\":\"null\"}",
    "{\"match\":\"notEmpty\"}",
    "{\"match\":\"semver\"}",
    "{\"match\":\"values\"}",
    "{\"match\":\"eachValue\",\"rules\":[{\"match\":\"type\"}]}",
    "{\"match\":\"eachKey\",\"rules\":[{\"match\":\"notEmpty\"}]}",
    ("{\"match\":\"arrayContains\",\"variants\":[{\"index\":0,\"rules\":{\"$\":{\"combine\":"
     "\"AND\",\"matchers\":[{\"match\":\"type\"}]}}}]}"),
    "{\"match\":\"paint\",\"hue\":3}",
};
static const char *const paths[] = {"$",        "$.a",   "$.*",    "$[*]",  "$[0]",
                                    "$['a b']", "$.id",  "$.a[*]", "$.*.b", "$.a.b",
                                    "$[*].id",  "$.b.*", "$[*].*"};

static struct json *parsed(const char *value, struct arena *arena)
{
    struct json *tree = NULL;
    if (json_parse(str_of(value), NULL, arena, &tree, NULL) != 0)
        fail_msg("%s", value);
    return tree;
}

static struct json *made_rule(struct maker *maker)
{
    struct json *out = made_object(maker), *list = json_new_array(maker->arena);
    for (size_t n = below(maker, 2) + 1; n > 0; n--)
        json_append(maker->arena, list, parsed(PICK(maker, matchers), maker->arena));
    set(maker, out, "combine", text(maker, one_in(maker, 3) ? "OR" : "AND"));
    set(maker, out, "matchers", list);
    return with_foreign(maker, out);
}

static struct json *made_body_rules(struct maker *maker)
{
    struct json *out = made_object(maker);
    for (size_t n = below(maker, 4) + 1; n > 0; n--)
        set(maker, out, PICK(maker, paths), made_rule(maker));
    return out;
}

static struct json *made_rules(struct maker *maker, bool request)
{
    struct json *out = made_object(maker);
    if (one_in(maker, 2))
        set(maker, out, "body", made_body_rules(maker));
    if (request && one_in(maker, 3))
        set(maker, out, "path", made_rule(maker));
    if (one_in(maker, 3) || json_len(out) == 0) {
        struct json *named = made_object(maker);
        set(maker, named, "X-A", made_rule(maker));
        set(maker, out, "header", named);
    }
    return with_foreign(maker, out);
}

/* ---- contracts ---- */

static struct json *made_request(struct maker *maker)
{
    static const char *const methods[] = {"GET", "PUT", "PATCH"};
    static const char *const names[] = {"q", "a[]", "x y"}, *const headers[] = {"X-A", "Accept"};
    struct json *out = made_object(maker);
    set(maker, out, "method", text(maker, PICK(maker, methods)));
    set(maker, out, "path", text(maker, one_in(maker, 2) ? "/v1/a%2Fb/" : "/"));
    if (one_in(maker, 2))
        set(maker, out, "query", made_map_of_values(maker, names, 3, true));
    if (one_in(maker, 2))
        set(maker, out, "headers", made_map_of_values(maker, headers, 2, false));
    if (one_in(maker, 2))
        set(maker, out, "body", made_body(maker));
    if (one_in(maker, 2))
        set(maker, out, "matchingRules", made_rules(maker, true));
    if (one_in(maker, 4))
        set(maker, out, "generators",
            parsed(
                "{\"path\":{\"type\":\"ProviderState\",\"expression\":\"/${a}\"},"
                "\"body\":{\"$.a[0]\":{\"type\":\"Uuid\",\"x\":1},\"$.b\":{\"type\":\"Future\"}},"
                "\"future\":{\"a\":1.0}}",
                maker->arena));
    return with_foreign(maker, out);
}

static struct json *made_response(struct maker *maker)
{
    static const char *const headers[] = {"X-A", "ETag", "Cache-Control"};
    struct json *out = made_object(maker);
    set(maker, out, "status", json_new_int(maker->arena, 200 + (int64_t)below(maker, 300)));
    if (one_in(maker, 2))
        set(maker, out, "headers", made_map_of_values(maker, headers, 3, false));
    if (one_in(maker, 2))
        set(maker, out, "body", made_body(maker));
    if (one_in(maker, 2))
        set(maker, out, "matchingRules", made_rules(maker, false));
    return with_foreign(maker, out);
}

static void add_message(struct maker *maker, struct json *out)
{
    if (one_in(maker, 2))
        set(maker, out, "contents", made_body(maker));
    if (one_in(maker, 2))
        set(maker, out, "metadata", parsed("{\"topic\":\"x\",\"n\":[1.0]}", maker->arena));
    if (one_in(maker, 2)) {
        struct json *rules = made_object(maker);
        set(maker, rules, "body", made_body_rules(maker));
        set(maker, out, "matchingRules", rules);
    }
}

static void add_common(struct maker *maker, struct json *out, size_t index)
{
    set(maker, out, "description",
        text(maker, arena_printf(maker->arena, "%04zu %s", index, PICK(maker, texts))));
    set(maker, out, "pending", json_new_bool(maker->arena, one_in(maker, 3)));
    if (one_in(maker, 3))
        set(maker, out, "key", text(maker, "0a1b"));
    if (one_in(maker, 3))
        set(maker, out, "transport", text(maker, "http"));
    if (one_in(maker, 3))
        set(maker, out, "comments", parsed("{\"text\":[\"t\"],\"own\":{\"x\":1}}", maker->arena));
    if (one_in(maker, 3))
        set(maker, out, "pluginConfiguration", parsed("{\"p\":{\"a\":[1.50]}}", maker->arena));
    if (one_in(maker, 2))
        set(maker, out, "providerStates",
            parsed("[{\"name\":\"s\",\"params\":{\"id\":1.0}},{\"name\":\"t\",\"x\":[1]}]",
                   maker->arena));
    with_foreign(maker, out);
}

static struct json *made_interaction(struct maker *maker, size_t index)
{
    struct json *out = made_object(maker);
    add_common(maker, out, index);
    switch (below(maker, 6)) {
    case 0:
        set(maker, out, "type", text(maker, "Asynchronous/Messages"));
        add_message(maker, out);
        break;
    case 1: {
        struct json *request = made_object(maker), *replies = json_new_array(maker->arena);
        set(maker, out, "type", text(maker, "Synchronous/Messages"));
        add_message(maker, request);
        for (size_t n = below(maker, 3); n > 0; n--) {
            struct json *reply = made_object(maker);
            add_message(maker, reply);
            json_append(maker->arena, replies, with_foreign(maker, reply));
        }
        set(maker, out, "request", with_foreign(maker, request));
        set(maker, out, "response", replies);
        break;
    }
    case 2:
        set(maker, out, "type", text(maker, "Synchronous/Paint"));
        set(maker, out, "request", made_json(maker, 2));
        set(maker, out, "generators", made_json(maker, 1));
        break;
    default:
        set(maker, out, "type", text(maker, "Synchronous/HTTP"));
        set(maker, out, "request", made_request(maker));
        set(maker, out, "response", made_response(maker));
        break;
    }
    return out;
}

static struct json *made_pact(struct maker *maker)
{
    struct json *out = made_object(maker), *list = json_new_array(maker->arena);
    set(maker, out, "consumer", with_foreign(maker, parsed("{\"name\":\"wallet\"}", maker->arena)));
    set(maker, out, "provider", with_foreign(maker, parsed("{\"name\":\"bff\"}", maker->arena)));
    for (size_t i = 0, n = below(maker, 5); i < n; i++)
        json_append(maker->arena, list, made_interaction(maker, i));
    set(maker, out, "interactions", list);
    set(maker, out, "metadata",
        parsed("{\"pactSpecification\":{\"version\":\"4.0\"},\"own\":{\"v\":\"1\"}}",
               maker->arena));
    return with_foreign(maker, out);
}

static struct pact *read_ok(struct str value, uint64_t seed, struct arena *arena)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    if (pact_read(value, "made.json", arena, &pact, &err) != 0)
        fail_msg("seed %llu: %d:%d: %s\n%.*s", (unsigned long long)seed, err.line, err.column,
                 err.text, STR_FMT(value));
    return pact;
}

static void test_written_as_read(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct maker maker = {seed, arena};
        struct json *document = made_pact(&maker), *back = NULL;
        struct str first = json_to_str(arena, document, JSON_PRETTY), second, third;
        assert_int_equal(pact_write(read_ok(first, seed, arena), PACT_V4, arena, &second, NULL), 0);
        assert_int_equal(json_parse(second, NULL, arena, &back, NULL), 0);
        if (!json_equal(document, back))
            fail_msg("seed %llu:\n%.*s\nbecame\n%.*s", (unsigned long long)seed, STR_FMT(first),
                     STR_FMT(second));
        assert_int_equal(pact_write(read_ok(second, seed, arena), PACT_V4, arena, &third, NULL), 0);
        assert_true(str_eq(second, third));
    }
}

/* What V3 has room for comes back from it as it was. */
static void through_v3(const struct pact *pact, uint64_t seed, struct arena *arena, size_t *held)
{
    struct pact_losses losses = {0};
    struct str before, old, after;
    pact_losses(pact, PACT_V3, arena, &losses);
    if (losses.len > 0 || pact_write(pact, PACT_V3, arena, &old, NULL) != 0)
        return;
    ++*held;
    assert_int_equal(pact_write(pact, PACT_V4, arena, &before, NULL), 0);
    assert_int_equal(pact_write(read_ok(old, seed, arena), PACT_V4, arena, &after, NULL), 0);
    if (!str_eq(before, after))
        fail_msg("seed %llu:\n%.*s\nas V3\n%.*s\nbecame\n%.*s", (unsigned long long)seed,
                 STR_FMT(before), STR_FMT(old), STR_FMT(after));
}

static void test_through_an_older_version(void **state)
{
    (void)state;
    size_t held = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct maker maker = {seed, arena};
        struct json *document = made_pact(&maker);
        struct pact *pact = read_ok(json_to_str(arena, document, JSON_PRETTY), seed, arena);
        VEC_EACH(&pact->interactions, struct pact_interaction *, it) {
            struct pact one = *pact;
            it->comments = NULL;
            it->key = it->transport = STR_NONE;
            it->pending = false;
            one.interactions.items = it;
            one.interactions.len = one.interactions.cap = 1;
            through_v3(&one, seed, arena, &held);
        }
    }
    print_message("%zu interactions fit into V3\n", held);
    assert_true(held > SEEDS / 10);
}

/* A file merged with itself is itself, and nothing changed between them. */
static void test_with_itself(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct maker maker = {seed, arena};
        struct str text = json_to_str(arena, made_pact(&maker), JSON_PRETTY), one, two;
        const struct pact *a = read_ok(text, seed, arena), *b = read_ok(text, seed, arena);
        struct merge_conflicts conflicts = {0};
        struct changes changes = {0};
        struct pact *merged = NULL;
        assert_int_equal(pact_merge(a, b, arena, &merged, &conflicts, NULL), 0);
        assert_int_equal(pact_write(a, PACT_V4, arena, &one, NULL), 0);
        assert_int_equal(pact_write(merged, PACT_V4, arena, &two, NULL), 0);
        if (!str_eq(one, two))
            fail_msg("seed %llu:\n%.*s\nbecame\n%.*s", (unsigned long long)seed, STR_FMT(one),
                     STR_FMT(two));
        pact_changes(a, b, arena, &changes);
        assert_int_equal(changes.len, 0);
    }
}

/* ---- verdicts ---- */

static struct json *turned(const struct json *value, struct arena *arena)
{
    bool object = json_is(value, JSON_OBJECT);
    if (!object && !json_is(value, JSON_ARRAY))
        return (struct json *)value;
    struct json *out = object ? json_new_object(arena) : json_new_array(arena);
    for (size_t i = 0; i < json_len(value); i++) {
        size_t from = object ? json_len(value) - 1 - i : i;
        if (object)
            json_set_str(arena, out, json_key(value, from), turned(json_at(value, from), arena));
        else
            json_append(arena, out, turned(json_at(value, from), arena));
    }
    return out;
}

static struct match_result verdict(const struct json *expected, const struct json *rules,
                                   const struct json *actual, bool request, struct arena *arena)
{
    struct match_result result = {0};
    struct err err = ERR_INIT;
    struct pact *pact = pact_new(arena, STR("c"), STR("p"));
    struct pact_interaction *it = pact_add(arena, pact, PACT_HTTP, STR("d"));
    struct actual_request in = {.method = STR("GET"), .path = STR("/")};
    struct actual_response out = {.status = 200};
    int rc = rules_read(rules, STR(""), "rules", false, arena, it->request.rules, &err);
    it->response.rules = it->request.rules;
    pact_body_set_json(arena, &it->request.body, (struct json *)expected, STR_NONE);
    it->response.body = it->request.body;
    in.body = out.body = json_to_str(arena, actual, JSON_PRETTY);
    headers_addz(arena, &in.headers, "Content-Type", "application/json");
    out.headers = in.headers;
    rc = rc        ? rc
         : request ? match_request(pact, &it->request, &in, arena, &result, &err)
                   : match_response(pact, &it->response, &out, arena, &result, &err);
    if (rc)
        fail_msg("%s", err.text);
    return result;
}

static struct json *only_body(struct json *body_rules, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    if (body_rules)
        json_set(arena, out, "body", body_rules);
    return out;
}

static const char *shown(const struct json *value, struct arena *arena)
{
    return json_to_str(arena, value, JSON_COMPACT).ptr;
}

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct mismatch *)a)->path, ((const struct mismatch *)b)->path);
}

static bool same_places(struct match_result *a, struct match_result *b)
{
    bool same = a->len == b->len;
    if (same && a->len > 0) {
        qsort(a->items, a->len, sizeof *a->items, by_path);
        qsort(b->items, b->len, sizeof *b->items, by_path);
    }
    for (size_t i = 0; same && i < a->len; i++)
        same = by_path(&a->items[i], &b->items[i]) == 0;
    return same;
}

/* The example padded, cut or changed a little: often right, often wrong. */
static void test_key_order(void **state)
{
    (void)state;
    size_t agreed = 0, differed = 0;
    for (uint64_t seed = 1; seed <= 20 * SEEDS; seed++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct maker maker = {seed, arena};
        struct json *expected = made_json(&maker, 3);
        struct json *actual = one_in(&maker, 3) ? made_json(&maker, 3) : expected;
        struct json *rules = only_body(made_body_rules(&maker), arena);
        bool request = one_in(&maker, 2);
        struct match_result a = verdict(expected, rules, actual, request, arena);
        struct match_result b = verdict(expected, rules, turned(actual, arena), request, arena);
        if (!same_places(&a, &b))
            fail_msg("seed %llu: %zu and %zu differences, expected %s, actual %s, rules %s",
                     (unsigned long long)seed, a.len, b.len, shown(expected, arena),
                     shown(actual, arena), shown(rules, arena));
        agreed += a.len == 0;
        differed += a.len > 0;
    }
    /* Neither side of the property may be empty. */
    assert_true(agreed > SEEDS && differed > SEEDS);
}

static void test_example_agrees_with_itself(void **state)
{
    static const char *const kind[] = {
        NULL, "{\"$\":{\"matchers\":[{\"match\":\"type\"}]}}",
        "{\"$\":{\"matchers\":[{\"match\":\"equality\"}]}}",
        "{\"$\":{\"combine\":\"OR\",\"matchers\":[{\"match\":\"type\"},{\"match\":\"null\"}]}}"};
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct maker maker = {seed, arena};
        struct json *value = made_json(&maker, 4);
        for (size_t i = 0; i < 8; i++) {
            const char *rules = kind[i / 2];
            struct match_result result = verdict(
                value, only_body(rules ? parsed(rules, arena) : NULL, arena), value, i % 2, arena);
            if (result.len > 0)
                fail_msg("seed %llu: %s under %s: %.*s", (unsigned long long)seed,
                         shown(value, arena), rules ? rules : "no rules",
                         STR_FMT(result.items[0].text));
        }
    }
}

/* The n-th scalar, in document order, replaced by one that is certainly another. */
static struct json *changed(const struct json *value, size_t *n, struct arena *arena)
{
    bool object = json_is(value, JSON_OBJECT);
    if (!object && !json_is(value, JSON_ARRAY))
        return (*n)-- == 0 ? json_new_text(arena, "certainly another") : (struct json *)value;
    struct json *out = object ? json_new_object(arena) : json_new_array(arena);
    for (size_t i = 0; i < json_len(value); i++) {
        struct json *item = changed(json_at(value, i), n, arena);
        if (object)
            json_set_str(arena, out, json_key(value, i), item);
        else
            json_append(arena, out, item);
    }
    return out;
}

static void test_every_change_is_one_difference(void **state)
{
    (void)state;
    size_t seen = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct maker maker = {seed, arena};
        struct json *value = made_json(&maker, 4), *none = only_body(NULL, arena);
        for (size_t nth = 0;; nth++) {
            size_t n = nth;
            struct json *other = changed(value, &n, arena);
            if (json_equal(value, other))
                break;
            struct match_result result = verdict(value, none, other, nth % 2, arena);
            if (result.len != 1)
                fail_msg("seed %llu: %zu differences between %s and %s", (unsigned long long)seed,
                         result.len, shown(value, arena), shown(other, arena));
            assert_str_is(result.items[0].actual, "\"certainly another\"");
            seen++;
        }
    }
    assert_true(seen > SEEDS);
}

int main(void)
{
    static struct rows tests;
    rows_add_test(&tests, "a V4 document is written as it was read", test_written_as_read);
    rows_add_test(&tests, "what V3 holds comes back from it", test_through_an_older_version);
    rows_add_test(&tests, "a file with itself is itself", test_with_itself);
    rows_add_test(&tests, "the order of keys decides nothing", test_key_order);
    rows_add_test(&tests, "an example agrees with itself", test_example_agrees_with_itself);
    rows_add_test(&tests, "every change is one difference", test_every_change_is_one_difference);
    return rows_run(&tests, "properties of contracts");
}
