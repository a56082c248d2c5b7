// SPDX-License-Identifier: Apache-2.0
/*
 * A generated value always matches the rule that goes with its generator, wherever it stands: in a
 * JSON, XML or form body, in a header, the query, the path and metadata; for many seeds and days.
 */
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/contract/part.h"
#include "tests/unit/lib/base/rows.h"

enum { SEEDS = 40 };

static struct arena *arena;
static uint64_t seed;
static int64_t now_us;

/* splitmix64, public domain by S. Vigna. */
static uint64_t next_random(void *state)
{
    uint64_t *at = state, z = (*at += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* `example` is JSON; a text stands in every place, another value in JSON bodies alone. */
static const struct pair {
    const char *name, *generator, *rule, *example;
    bool provider; /* the mode; both when a generator works in both */
} pairs[] = {
#define GENERATOR(type, more) "{\"type\":\"" type "\"" more "}"
#define RULE(match, more)     "{\"match\":\"" match "\"" more "}"
#define REGEX(text)           RULE("regex", ",\"regex\":\"" text "\"")
    {"int", GENERATOR("RandomInt", ""), RULE("integer", ""), "1", false},
    {"int within bounds", GENERATOR("RandomInt", ",\"min\":-5,\"max\":5"), REGEX("-?[0-5]"), "1",
     false},
    {"int as text", GENERATOR("RandomInt", ",\"min\":10,\"max\":99"), REGEX("[0-9]{2}"), "\"10\"",
     false},
    {"decimal", GENERATOR("RandomDecimal", ",\"digits\":6"), RULE("decimal", ""), "1.5", false},
    {"decimal of two digits", GENERATOR("RandomDecimal", ",\"digits\":2"), RULE("decimal", ""),
     "1.5", false},
    {"decimal as text", GENERATOR("RandomDecimal", ",\"digits\":6"), REGEX("[0-9]+\\\\.[0-9]+"),
     "\"1.5\"", false},
    {"hexadecimal", GENERATOR("RandomHexadecimal", ",\"digits\":20"), REGEX("[0-9A-F]{20}"),
     "\"0\"", false},
    {"string", GENERATOR("RandomString", ",\"size\":12"), REGEX("[A-Za-z0-9]{12}"), "\"x\"", false},
    {"boolean", GENERATOR("RandomBoolean", ""), RULE("boolean", ""), "true", false},
#define OF_REGEX(text) GENERATOR("Regex", ",\"regex\":\"" text "\""), REGEX(text), "\"x\"", false
    {"regex of digits", OF_REGEX("\\\\d{4}-\\\\d{2}")},
    {"regex of alternatives", OF_REGEX("(red|green|blue)+")},
    {"regex of a negated class", OF_REGEX("[^a-z\\\\s]{3}")},
    {"regex of words", OF_REGEX("\\\\w+@\\\\w+\\\\.com")},
    {"regex with anchors", OF_REGEX("^a?b*c+$")},
    {"regex of groups", OF_REGEX("(?:ab|c){2,3}[x-z]")},
    {"regex of a path", GENERATOR("Regex", ",\"regex\":\"/users/\\\\d{3}\""),
     REGEX("/users/\\\\d{3}"), "\"/users/1\"", false},
    {"uuid", GENERATOR("Uuid", ""), REGEX("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "\"x\"",
     false},
    {"simple uuid", GENERATOR("Uuid", ",\"format\":\"simple\""), REGEX("[0-9a-f]{32}"), "\"x\"",
     false},
    {"upper-case uuid", GENERATOR("Uuid", ",\"format\":\"upper-case-hyphenated\""),
     REGEX("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"), "\"x\"", false},
    {"urn of a uuid", GENERATOR("Uuid", ",\"format\":\"URN\""), REGEX("urn:uuid:[0-9a-f-]{36}"),
     "\"x\"", false},
#define FORMAT(kind, match, format, more)                                                          \
    GENERATOR(kind, ",\"format\":\"" format "\"" more), RULE(match, ",\"format\":\"" format "\""), \
        "\"x\"", false
    {"date", GENERATOR("Date", ""), RULE("date", ""), "\"x\"", false},
    {"date with names", FORMAT("Date", "date", "EEEE, d MMMM yyyy", "")},
    {"date by day of year", FORMAT("Date", "date", "yyyy-DDD", "")},
    {"date that is reckoned",
     FORMAT("Date", "date", "yyyy-MM-dd", ",\"expression\":\"+ 1 month\"")},
    {"time", GENERATOR("Time", ""), RULE("time", ""), "\"x\"", false},
    {"time of twelve hours", FORMAT("Time", "time", "hh:mm a", "")},
    {"time that is reckoned", FORMAT("Time", "time", "HH:mm:ss", ",\"expression\":\"+ 5 hours\"")},
    {"datetime with an offset", FORMAT("DateTime", "datetime", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "")},
    {"datetime with a quoted text", FORMAT("DateTime", "datetime", "yyyy 'o''clock' HH", "")},
    {"value of a state", GENERATOR("ProviderState", ",\"expression\":\"${id}\""),
     RULE("integer", ""), "1", true},
    {"text with a value of a state", GENERATOR("ProviderState", ",\"expression\":\"id-${id}\""),
     REGEX("id-\\\\d+"), "\"id-1\"", true},
    {"address of the mock server",
     GENERATOR("MockServerURL", ",\"example\":\"http://localhost:9/a/b\",\"regex\":\".*(/a/b)$\""),
     REGEX("http://127\\\\.0\\\\.0\\\\.1:8080/a/b"), "\"http://localhost:9/a/b\"", false},
};

/* A part as text: %s in their order are example (as JSON or bare), rule and generator. */
static const struct setting {
    const char *name, *text;
    enum part_kind kind;
    bool bare;
} settings[] = {
#define RULES(where) "\"matchingRules\":{" where "{\"matchers\":[%s]}"
    {"a JSON body",
     "{\"body\":{\"contentType\":\"application/json\",\"content\":{\"a\":%s}}," RULES(
         "\"body\":{\"$.a\":") "}},\"generators\":{\"body\":{\"$.a\":%s}}}",
     PART_RESPONSE, false},
    {"items of a JSON body",
     "{\"method\":\"POST\",\"body\":{\"contentType\":\"application/"
     "json\",\"content\":[{\"a\":%s}]}," RULES(
         "\"body\":{\"$[*].a\":") "}},\"generators\":{\"body\":{\"$[*].a\":%s}}}",
     PART_REQUEST, false},
    {"an XML body",
     "{\"body\":{\"contentType\":\"application/xml\",\"content\":\"<a>%s</a>\"}," RULES(
         "\"body\":{\"$.a['#text']\":") "}},\"generators\":{\"body\":{\"$.a['#text']\":%s}}}",
     PART_RESPONSE, true},
    {"a form",
     "{\"body\":{\"contentType\":\"application/"
     "x-www-form-urlencoded\",\"content\":\"a=%s\"}," RULES(
         "\"body\":{\"$.a\":") "}},\"generators\":{\"body\":{\"$.a\":%s}}}",
     PART_RESPONSE, true},
    {"a header",
     "{\"headers\":{\"X-A\":[\"%s\"]}," RULES(
         "\"header\":{\"X-A\":") "}},\"generators\":{\"header\":{\"X-A\":%s}}}",
     PART_RESPONSE, true},
    {"the query",
     "{\"query\":{\"a\":[\"%s\"]}," RULES(
         "\"query\":{\"a\":") "}},\"generators\":{\"query\":{\"a\":%s}}}",
     PART_REQUEST, true},
    {"the path", "{\"path\":\"%s\"," RULES("\"path\":") "},\"generators\":{\"path\":%s}}",
     PART_REQUEST, true},
    {"metadata",
     "{\"metadata\":{\"a\":%s}," RULES(
         "\"metadata\":{\"a\":") "}},\"generators\":{\"metadata\":{\"a\":%s}}}",
     PART_MESSAGE, false},
};

static struct pact *part_of(struct str text, enum part_kind kind)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    if (part_read(text, "made", kind, PACT_V4, arena, &pact, &err) != 0)
        fail_msg("%s in %.*s", err.text, STR_FMT(text));
    return pact;
}

static struct str filled(const struct setting *setting, const struct pair *pair)
{
    size_t n = strlen(pair->example);
    const char *example = pair->example;
    if (setting->bare && *example == '"')
        example = arena_strndup(arena, example + 1, n - 2);
    char *text = arena_alloc(arena, 2048);
    /* The formats are those of the table above. */
    const char *at = setting->text, *const parts[] = {example, pair->rule, pair->generator};
    size_t len = 0;
    for (size_t next = 0; *at; at++) {
        bool slot = at[0] == '%' && at[1] == 's';
        size_t take = slot ? strlen(parts[next]) : 1;
        assert_true(len + take < 2048);
        memcpy(text + len, slot ? parts[next] : at, take);
        next += slot;
        at += slot;
        len += take;
    }
    return str_make(text, len);
}

static void check(const struct setting *setting, const struct pair *pair)
{
    struct json *made = NULL, *values = NULL;
    struct clock clock = clock_fixed(&now_us);
    struct generate_warnings warnings = {0};
    struct match_result result = {0};
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(STR("{\"id\":42}"), NULL, arena, &values, NULL), 0);
    struct generate_context context = {.mode =
                                           pair->provider ? GENERATE_PROVIDER : GENERATE_CONSUMER,
                                       .random = next_random,
                                       .random_context = &seed,
                                       .clock = &clock,
                                       .values = values,
                                       .mock_server_url = STR("http://127.0.0.1:8080")};
    struct pact *part = part_of(filled(setting, pair), setting->kind);
    if (part_generate(setting->kind, part, &context, arena, &made, &warnings, &err) != 0)
        fail_msg("%s in %s: %s", pair->name, setting->name, err.text);
    if (warnings.len > 0)
        fail_msg("%s in %s: %.*s", pair->name, setting->name, STR_FMT(warnings.items[0]));
    struct pact *actual = part_of(json_to_str(arena, made, JSON_PRETTY), setting->kind);
    if (part_match(setting->kind, part, actual, arena, &result, &err) != 0)
        fail_msg("%s in %s: %s", pair->name, setting->name, err.text);
    if (result.len > 0)
        fail_msg("%s in %s: %.*s", pair->name, setting->name, STR_FMT(result.items[0].text));
}

static void test_generated(void **state)
{
    const struct pair *pair = *state;
    for (uint64_t i = 0; i < SEEDS; i++) {
        for (size_t k = 0; k < sizeof settings / sizeof *settings; k++) {
            /* Only what starts with a slash is a path. */
            if (str_starts(str_of(settings[k].text), STR("{\"path\"")) && pair->example[1] != '/')
                continue;
            arena = arena_new();
            seed = i * 7919;
            now_us = INT64_C(1709164800123456) + (int64_t)i * INT64_C(86400000000) * 13;
            check(&settings[k], pair);
            arena_free(arena);
        }
    }
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, pairs, test_generated);
    return rows_run(&tests, "generated values and their rules");
}
