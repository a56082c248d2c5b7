// SPDX-License-Identifier: Apache-2.0
/*
 * Generators as files in tests/cases/generate: {match, version, part, mode, context, now, given,
 * expected}. The generators of `given` are applied, and what comes out is compared with `expected`,
 * whose rules say what may vary. Every generator and every place for one has a case that agrees and
 * one that differs; what is missing is listed by name.
 */
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/contract/part.h"
#include "tests/unit/lib/base/rows.h"

static struct arena *arena;

/* splitmix64, public domain by S. Vigna. */
static uint64_t next_random(void *state)
{
    uint64_t *at = state, z = (*at += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static struct json *read_case(const char *path)
{
    struct str text;
    struct json *root = NULL;
    struct err err = ERR_INIT;
    if (fs_read(path, LIMIT_FILE, arena, &text, &err) != 0 ||
        json_parse(text, path, arena, &root, &err) != 0)
        fail_msg("%s", err.text);
    return root;
}

static struct pact *read_part(const struct json *value, const struct json *root,
                              enum part_kind *ret_kind)
{
    struct pact *part = NULL;
    enum pact_spec spec = PACT_V4;
    struct err err = ERR_INIT;
    assert_true(part_spec_of(json_get_text(root, "version"), &spec));
    assert_true(part_kind_of(json_get_text(root, "part"), ret_kind));
    if (part_read(json_to_str(arena, value, JSON_PRETTY), "case", *ret_kind, spec, arena, &part,
                  &err) != 0)
        fail_msg("%s", err.text);
    return part;
}

static struct json *generated(const struct json *root, uint64_t seed)
{
    int64_t now_us = 0;
    struct clock clock = clock_fixed(&now_us);
    const struct json *context = json_get(root, "context");
    bool provider = str_is(json_get_text(root, "mode"), "provider");
    struct generate_context with = {.mode = provider ? GENERATE_PROVIDER : GENERATE_CONSUMER,
                                    .random = next_random,
                                    .random_context = &seed,
                                    .clock = &clock,
                                    .values = json_get(context, "providerState"),
                                    .mock_server_url =
                                        json_get_text(json_get(context, "mockServer"), "url")};
    struct generate_warnings warnings = {0};
    struct json *made = NULL;
    struct err err = ERR_INIT;
    enum part_kind kind;
    assert_true(clock_parse(json_get_text(root, "now"), &now_us));
    struct pact *given = read_part(json_get(root, "given"), root, &kind);
    if (part_generate(kind, given, &with, arena, &made, &warnings, &err) != 0)
        fail_msg("%s", err.text);
    return made;
}

static void run_case(void **state)
{
    arena = arena_new();
    const struct json *root = read_case(*state);
    bool want = json_bool(json_get(root, "match"));
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct match_result result = {0};
        struct err err = ERR_INIT;
        enum part_kind kind;
        struct json *made = generated(root, seed);
        struct pact *expected = read_part(json_get(root, "expected"), root, &kind);
        struct pact *actual = read_part(made, root, &kind);
        if (part_match(kind, expected, actual, arena, &result, &err) != 0)
            fail_msg("%s", err.text);
        if (want != (result.len == 0))
            fail_msg("seed %d: expected %s with %s%s", (int)seed,
                     want ? "agreement" : "a difference", json_to_str(arena, made, JSON_PRETTY).ptr,
                     result.len ? str_cstr(arena, result.items[0].text) : "");
    }
    arena_free(arena);
}

/* ---- what the cases cover ---- */

static const char *const generators[] = {"RandomInt",     "RandomDecimal", "RandomHexadecimal",
                                         "RandomString",  "Regex",         "Uuid",
                                         "Date",          "Time",          "DateTime",
                                         "RandomBoolean", "ProviderState", "MockServerURL"};
static const char *const places[] = {"body", "header", "query", "path", "status", "metadata"};
enum {
    GENERATORS = sizeof generators / sizeof *generators,
    PLACES = sizeof places / sizeof *places
};
static size_t seen[GENERATORS + PLACES][2];

static void count_type(const struct json *generator, bool agrees)
{
    for (size_t i = 0; i < GENERATORS; i++)
        seen[i][agrees] += str_is(json_get_text(generator, "type"), generators[i]);
    for (size_t i = 0; !json_get(generator, "type") && i < json_len(generator); i++)
        count_type(json_at(generator, i), agrees);
}

static void count_case(const char *path)
{
    const struct json *root = read_case(path);
    const struct json *all = json_get(json_get(root, "given"), "generators");
    bool agrees = json_bool(json_get(root, "match"));
    for (size_t i = 0; i < PLACES; i++)
        seen[GENERATORS + i][agrees] += json_get(all, places[i]) != NULL;
    for (size_t i = 0; i < json_len(all); i++)
        count_type(json_at(all, i), agrees);
}

static void test_every_generator(void **state)
{
    const struct fs_list *files = *state;
    size_t missing = 0;
    arena = arena_new();
    VEC_EACH(files, const struct str *, file)
        count_case(file->ptr);
    for (size_t i = 0; i < 2 * (GENERATORS + PLACES); i++) {
        const char *name = i / 2 < GENERATORS ? generators[i / 2] : places[i / 2 - GENERATORS];
        if (seen[i / 2][i % 2] > 0)
            continue;
        print_error("    no case of %s that %s\n", name, i % 2 ? "agrees" : "differs");
        missing++;
    }
    arena_free(arena);
    assert_int_equal(missing, 0);
}

int main(void)
{
    static struct rows tests;
    struct arena *keep = arena_new();
    struct fs_list files = {0};
    if (fs_find("tests/cases/generate", ".json", keep, &files, NULL) != 0 || files.len == 0)
        return 1;
    VEC_EACH(&files, const struct str *, file) {
        rows_add_test(&tests, strrchr(file->ptr, '/') + 1, run_case);
        tests.tests[tests.len - 1].initial_state = (void *)file->ptr;
    }
    rows_add_test(&tests, "every generator and every place", test_every_generator);
    tests.tests[tests.len - 1].initial_state = &files;
    int failed = rows_run(&tests, "cases of generators");
    arena_free(keep);
    return failed;
}
