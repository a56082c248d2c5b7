// SPDX-License-Identifier: Apache-2.0
/*
 * Three lines: matching rules (V4), an expected and an actual text. They are compared as body,
 * header, query parameter, path and metadata. Whatever comes, the comparison ends with a verdict
 * that is the same the next time, or says why it cannot be made.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/re.h"
#include "lib/contract/match.h"
#include "lib/contract/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

struct sides {
    const struct rules *rules;
    struct str expected, actual;
    struct json *expected_tree, *actual_tree; /* NULL when it is not JSON */
    struct pact *pact;
};

static struct json *tree_of(struct str text, struct arena *arena)
{
    struct json *tree = NULL;
    return json_parse(text, NULL, arena, &tree, NULL) == 0 ? tree : NULL;
}

/* Keys the other way round, all the way down. */
static struct json *turned(const struct json *value, struct arena *arena)
{
    bool object = json_is(value, JSON_OBJECT);
    if (!object && !json_is(value, JSON_ARRAY))
        return (struct json *)value;
    struct json *out = object ? json_new_object(arena) : json_new_array(arena);
    for (size_t i = 0; i < json_len(value); i++) {
        size_t from = object ? json_len(value) - 1 - i : i;
        struct json *item = turned(json_at(value, from), arena);
        if (object)
            json_set_str(arena, out, json_key(value, from), item);
        else
            json_append(arena, out, item);
    }
    return out;
}

static bool looks_at_json_text(const struct rules *rules)
{
    VEC_EACH(&rules->part[RULES_BODY], const struct rule *, rule) {
        VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
            bool text = matcher->kind == MATCHER_REGEX || matcher->kind == MATCHER_INCLUDE;
            if (text || (matcher->inner && looks_at_json_text(matcher->inner)))
                return true;
            VEC_EACH(&matcher->variants, const struct matcher_variant *, variant) {
                if (looks_at_json_text(variant->rules))
                    return true;
            }
        }
    }
    return false;
}

static void check(int rc, const struct match_result *result, const struct err *err)
{
    if (rc) {
        must(rc == ERR_LIMIT || rc == ERR_PARSE || rc == ERR_UNDECIDED);
        must(err->code == rc && err->text[0] && result->len == 0);
        return;
    }
    must(result->dropped == 0 || result->len > 0);
    VEC_EACH(result, const struct mismatch *, mismatch) {
        must(mismatch->text.len > 0 && mismatch->rule.len > 0 && mismatch->path.ptr);
        must(mismatch->expected.len <= LIMIT_SHOWN && mismatch->actual.len <= LIMIT_SHOWN);
    }
}

static void same(const struct match_result *a, const struct match_result *b)
{
    must(a->len == b->len);
    for (size_t i = 0; i < a->len; i++)
        must(str_eq(a->items[i].path, b->items[i].path) &&
             str_eq(a->items[i].text, b->items[i].text));
}

static void as_response(const struct sides *sides, struct str actual, struct arena *arena,
                        struct match_result *ret, int *ret_rc)
{
    struct pact_response expected = {.status = 200, .rules = (struct rules *)sides->rules};
    struct actual_response got = {.status = 200, .body = actual};
    struct err err = ERR_INIT;
    if (sides->expected_tree)
        pact_body_set_json(arena, &expected.body, sides->expected_tree, STR_NONE);
    else
        pact_body_set(arena, &expected.body, sides->expected, STR("text/plain"), NULL);
    headers_addz(arena, &got.headers, "Content-Type",
                 sides->expected_tree ? "application/json" : "text/plain");
    *ret_rc = match_response(sides->pact, &expected, &got, arena, ret, &err);
    check(*ret_rc, ret, &err);
}

static void check_response(const struct sides *sides, struct arena *arena)
{
    struct match_result first = {0}, second = {0}, other = {0};
    int rc, again;
    as_response(sides, sides->actual, arena, &first, &rc);
    as_response(sides, sides->actual, arena, &second, &again);
    must(rc == again);
    same(&first, &second);
    struct str key; /* a repeated key is a difference that the turned tree no longer has */
    if (rc || !sides->expected_tree || !sides->actual_tree || looks_at_json_text(sides->rules) ||
        json_first_repeated(sides->actual_tree, &key))
        return;
    struct str text = json_to_str(arena, turned(sides->actual_tree, arena), JSON_COMPACT);
    as_response(sides, text, arena, &other, &again);
    must(again == 0 && (first.len == 0) == (other.len == 0));
}

/* An example always matches itself, unless it repeats a key, which no reply may. */
static void check_itself(const struct sides *sides, struct arena *arena)
{
    struct str key;
    if (json_first_repeated(sides->expected_tree, &key))
        return;
    struct sides bare = *sides;
    struct match_result result = {0};
    int rc;
    bare.rules = rules_new(arena);
    as_response(&bare, sides->expected, arena, &result, &rc);
    must(rc == 0 && result.len == 0);
}

static void check_request(const struct sides *sides, struct arena *arena)
{
    struct pact_request expected = {
        .method = STR("POST"), .path = sides->expected, .rules = (struct rules *)sides->rules};
    struct actual_request got = {
        .method = STR("POST"), .path = sides->actual, .body = sides->actual};
    struct match_result result = {0};
    struct err err = ERR_INIT;
    got.query = str_printf(arena, "a=%.*s", STR_FMT(url_encode(arena, sides->actual)));
    *VEC_PUSH(arena, &expected.query.params) = (struct url_param){STR("a"), sides->expected};
    pact_header_add(arena, &expected.headers, STR("X-A"), sides->expected);
    headers_add(arena, &got.headers, STR("x-a"), sides->actual);
    pact_header_add(arena, &expected.headers, STR("Accept"), sides->expected);
    headers_add(arena, &got.headers, STR("accept"), sides->actual);
    pact_body_set(arena, &expected.body, sides->expected, STR("application/x-www-form-urlencoded"),
                  NULL);
    headers_addz(arena, &got.headers, "Content-Type", "application/x-www-form-urlencoded");
    check(match_request(sides->pact, &expected, &got, arena, &result, &err), &result, &err);
}

static void check_message(const struct sides *sides, struct arena *arena)
{
    struct pact_message expected = {.metadata = json_new_object(arena),
                                    .rules = (struct rules *)sides->rules};
    struct json *metadata = json_new_object(arena);
    struct actual_message got = {.body = sides->actual, .metadata = metadata};
    struct match_result result = {0};
    struct err err = ERR_INIT;
    json_set(arena, expected.metadata, "a",
             sides->expected_tree ? sides->expected_tree : json_new_null(arena));
    if (sides->actual_tree)
        json_set(arena, metadata, "a", sides->actual_tree);
    pact_body_set(arena, &expected.body, sides->expected, STR_NONE, NULL);
    check(match_message(sides->pact, &expected, &got, arena, &result, &err), &result, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str rest = str_make((const char *)data, size), head = str_cut(&rest, '\n');
    struct rules *rules = rules_new(arena);
    struct json *tree = tree_of(head, arena);
    struct str expected = rest.ptr ? str_cut(&rest, '\n') : STR("");
    struct sides sides = {.rules = rules,
                          .expected = expected,
                          .actual = rest.ptr ? rest : STR(""),
                          .expected_tree = tree_of(expected, arena),
                          .pact = pact_new(arena, STR("a"), STR("b"))};
    sides.actual_tree = tree_of(sides.actual, arena);
    if (!str_is_utf8(expected, NULL)) /* a contract is JSON */
        return 0;
    if (rules_read(tree, head, "fuzz", false, arena, rules, NULL) != 0)
        return 0;
    check_response(&sides, arena);
    check_itself(&sides, arena);
    check_request(&sides, arena);
    check_message(&sides, arena);
    re_cache_clear();
    return 0;
}
