// SPDX-License-Identifier: Apache-2.0
/*
 * Golden identities: computed with a Ruby script that follows the original's algorithm (sort keys,
 * sort interactions by their text, JSON.generate, SHA-1); the row with floats from the text that
 * the original's json 2.12 writes, as broker-api.md §8.1 (6) describes it.
 */
#include "broker/identity.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

static const struct row {
    const char *name, *sha, *text;
} rows[] = {
    {"http v3", "f855e034819bff61e5add1659226738c11a29962",
     "{\"consumer\":{\"name\":\"c\"},\"provider\":{\"name\":\"p\"},\"interactions\":[{"
     "\"description\":\"b\",\"request\":{\"method\":\"GET\",\"path\":\"/a\"},\"response\":{"
     "\"status\":200}},{\"description\":\"a\",\"request\":{\"path\":\"/b\",\"method\":\"POST\"},"
     "\"response\":{\"status\":201}}],\"metadata\":{\"pactSpecification\":{\"version\":\"3.0.0\"}}"
     "}"},
    {"another order, other names and metadata", "f855e034819bff61e5add1659226738c11a29962",
     "{\"provider\":{\"name\":\"other\"},\"metadata\":{\"tool\":\"x\",\"pactSpecification\":{"
     "\"version\":\"3.0.0\"}},\"interactions\":[{\"response\":{\"status\":201},\"description\":"
     "\"a\",\"request\":{\"method\":\"POST\",\"path\":\"/b\"}}, {\"request\":{\"path\":\"/a\","
     "\"method\":\"GET\"},\"response\":{\"status\":200},\"description\":\"b\"}],\"consumer\":{"
     "\"name\":\"c2\"}}"},
    {"numbers", "be01565b14cd983428a4be575c150111fb2abdad",
     "{\"interactions\":[{\"d\":[1.0,1,19.90,1e15,1.5e-10,0.1,100.0,1e2,0.0001,-0.0,"
     "12345678901234567890]}]}"},
    {"strings", "ed194b593ffe4ad84ac2f1066a8808b82616a21e",
     "{\"interactions\":[{\"d\":\"\xc3\xa9/\\u2028\\u007f\\u0001\\b\\f\\n\\r\\t\\\"\\\\ "
     "\\ud83d\\ude00\"}],\"metadata\":{\"pact-specification\":{\"version\":\"2.0.0\"}}}"},
    {"messages", "ed6d7dfe01d542d4547613cb9dd5c90e56283daa",
     "{\"messages\":[{\"description\":\"z\",\"contents\":{\"b\":1,\"a\":2}},{\"description\":"
     "\"y\"}],\"metadata\":{\"pactSpecificationVersion\":\"3.0.0\"}}"},
    {"of both arrays only the interactions are sorted", "71401c2763d1ce097d1aec515dbcafce9448459b",
     "{\"messages\":[{\"z\":1},{\"a\":1}],\"interactions\":[{\"z\":1},{\"a\":1}]}"},
    {"neither array: the document as it is", "410f9129dd3a8ade57b941539b9fc01d60cdaad5",
     "{\"z\":1,\"a\":{\"y\":2,\"b\":1.50}}"},
    {"interactions that are no array", "627991e659fbdbeaad5baed3ec214f5af717ca14",
     "{\"interactions\":{\"z\":1,\"a\":2},\"b\":1,\"a\":2}"},
    {"a submitted _id counts", "2f282d4fbad295cf5908925e9d70dccb201b1184",
     "{\"interactions\":[{\"_id\":\"1\",\"description\":\"b\"}]}"},
    {"of a repeated key the last counts", "e5db7fdc3c29f06de15d4d196e622114f6fd8d42",
     "{\"interactions\":[{\"a\":1,\"a\":2}]}"},
    {"other arrays keep their order", "d36b9612e9925861db295343cdffc500fa6b41af",
     "{\"interactions\":[{\"list\":[3,1,2]}]}"},
    {"comments, pending and keys count", "62401d89654e342356285b8bd1782d7ae1e283ae",
     "{\"interactions\":[{\"comments\":{\"text\":[\"x\"]},\"pending\":false,\"key\":\"k\"}],"
     "\"metadata\":{\"pactSpecification\":{\"version\":\"4.0\"}}}"},
};

static struct json *parse(struct arena *arena, const char *text)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (json_parse(str_of(text), "row", arena, &value, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return value;
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    char sha[HASH_SHA1_HEX];
    identity_sha(parse(arena, row->text), arena, sha);
    assert_string_equal(sha, row->sha);
    /* and both at once say what they say one by one */
    char again[HASH_SHA1_HEX];
    bool plain = false;
    struct str one = identity_content(parse(arena, row->text), arena, &plain);
    struct str both = identity_both(parse(arena, row->text), arena, again, &plain);
    assert_string_equal(again, row->sha);
    assert_string_equal(str_cstr(arena, both), str_cstr(arena, one));
}

static void test_interaction(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    char sha[HASH_SHA1_HEX];
    identity_interaction(parse(arena, "{\"z\":1,\"description\":\"b\",\"_id\":\"x\",\"request\":{"
                                      "\"path\":\"/a\",\"method\":\"GET\"}}"),
                         arena, sha);
    assert_string_equal(sha, "aefe64b27cc23da8ae24d0074edd1f9e9ea40989");
}

static void test_content(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    bool plain = false;
    struct json *pact =
        parse(arena, "{ \"z\": 1.50, \"interactions\": [{\"b\":1,\"_id\":\"own\"}, {\"a\" : 2}] }");
    struct str text = identity_content(pact, arena, &plain);
    char sha[HASH_SHA1_HEX];
    identity_interaction(parse(arena, "{\"a\":2}"), arena, sha);
    assert_true(plain);
    assert_string_equal(text.ptr,
                        arena_printf(arena,
                                     "{\"z\":1.5,\"interactions\":[{\"_id\":\"own\",\"b\":1},"
                                     "{\"_id\":\"%s\",\"a\":2}]}",
                                     sha));
    identity_content(parse(arena, "{\"_links\":{},\"interactions\":[]}"), arena, &plain);
    assert_false(plain);
}

/* Contracts of n interactions of which those in `given` came with the `_id` that they would get. */
static void test_fits(void **state)
{
    static const struct {
        size_t n;
        const char *given;
        bool fits;
    } parts[] = {{3, "", true},    {3, "abc", true},  {3, "b", true},
                 {3, "ac", true},  {14, "ab", true},  {14, "lmn", true},
                 {14, "c", false}, {14, "an", false}, {10, "cfh", true}};
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct json *list = json_new_array(arena), *pact = json_new_object(arena);
        for (size_t k = 0; k < parts[i].n; k++) {
            const char name[] = {(char)('a' + k), 0};
            struct json *one = json_new_object(arena);
            json_set(arena, one, "description", json_new_text(arena, arena_strdup(arena, name)));
            char *id = arena_alloc(arena, HASH_SHA1_HEX);
            identity_interaction(one, arena, id);
            if (strchr(parts[i].given, name[0]))
                json_set(arena, one, "_id", json_new_text(arena, id));
            json_append(arena, list, one);
        }
        json_set(arena, pact, "interactions", list);
        char sha[HASH_SHA1_HEX], found[HASH_SHA1_HEX];
        bool plain = false;
        struct str text = identity_both(pact, arena, sha, &plain);
        if (identity_fits(pact, sha, arena, found) != parts[i].fits)
            fail_msg("%zu interactions, given '%s'", parts[i].n, parts[i].given);
        assert_true(str_eq(json_to_str(arena, pact, JSON_RUBY), text));
        json_set(arena, json_at(list, 0), "description", json_new_text(arena, "changed"));
        assert_false(identity_fits(pact, sha, arena, found));
        assert_string_not_equal(sha, found);
    }
}

enum { ROWS = sizeof rows / sizeof *rows };

int main(void)
{
    struct CMUnitTest tests[ROWS + 3];
    for (size_t i = 0; i < ROWS; i++)
        tests[i] =
            (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    tests[ROWS] = (struct CMUnitTest)cmocka_unit_test(test_interaction);
    tests[ROWS + 1] = (struct CMUnitTest)cmocka_unit_test(test_content);
    tests[ROWS + 2] = (struct CMUnitTest)cmocka_unit_test(test_fits);
    return _cmocka_run_group_tests("identity", tests, ROWS + 3, NULL, NULL);
}
