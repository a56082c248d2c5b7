// SPDX-License-Identifier: Apache-2.0
/*
 * That tests/cases/match leaves no matcher untried: for each matcher and each place where values
 * are judged there is a case that agrees and one that differs, as far as the place can do both.
 * What is missing is listed by name. Also: each state of a body, and each difference from the stock
 * verifier that docs/DIFFERENCES.md promises.
 */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/contract/body.h"
#include "lib/contract/pact.h"
#include "lib/contract/rules.h"
#include "lib/wire/media.h"
#include "lib/json/json.h"
#include "tests/unit/lib/base/rows.h"

enum place { JSON, XML, FORM, MULTIPART, TEXT, BYTES, HEADER, QUERY, PATH, STATUS, METADATA };
enum { PLACES = METADATA + 1, MATCHERS = MATCHER_UNKNOWN + 1 };

static const char *const place_names[] = {"JSON", "XML",    "form",    "multipart",
                                          "text", "bytes",  "header",  "query",
                                          "path", "status", "metadata"};

/* A letter for each place, in their order; '-' where a matcher can never agree, or never differ. */
static const struct {
    enum matcher_kind kind;
    const char *agrees, *differs;
} wanted[] = {
    {MATCHER_EQUALITY, "jxfmtbhqpsd", "jxfmtbhqpsd"},
    {MATCHER_REGEX, "jxfmtbhqpsd", "jxfmtbhqpsd"},
    {MATCHER_TYPE, "jxfmtbhqpsd", "jxf---hq--d"},
    {MATCHER_INCLUDE, "jxfmtbhqpsd", "jxfmtbhqpsd"},
    {MATCHER_NUMBER, "jxfmt-hq-sd", "jxfmt-hqp-d"},
    {MATCHER_INTEGER, "jxfmt-hq-sd", "jxfmt-hqp-d"},
    {MATCHER_DECIMAL, "jxfmt-hq--d", "jxfmt-hqp-d"},
    {MATCHER_BOOLEAN, "jxfmt-hq--d", "jxfmt-hqpsd"},
    {MATCHER_NULL, "j---------d", "jxfmtbhqpsd"},
    {MATCHER_DATE, "jxfmt-hqp-d", "jxfmt-hqp-d"},
    {MATCHER_TIME, "jxfmt-hq--d", "jxfmt-hq--d"},
    {MATCHER_DATETIME, "jxfmt-hq--d", "jxfmt-hqp-d"},
    {MATCHER_CONTENT_TYPE, "jxfmtbhq--d", "jxfmtbhqp-d"},
    {MATCHER_VALUES, "jxfmt-hqp-d", "jxfmt-hqp-d"},
    {MATCHER_ARRAY_CONTAINS, "j---------d", "jxfmt-hqp-d"},
    {MATCHER_STATUS_CODE, "---------s-", "jxfmt-hqpsd"},
    {MATCHER_NOT_EMPTY, "jxfmtbhqp-d", "jxfm-bhq--d"},
    {MATCHER_SEMVER, "jxfmt-hq--d", "jxfmt-hq-sd"},
    {MATCHER_EACH_KEY, "j---------d", "jxfmt-hqp-d"},
    {MATCHER_EACH_VALUE, "j-f---hq--d", "jxf-t-hqp-d"},
    {MATCHER_UNKNOWN, "-----------", "jxfmtbhqpsd"},
};

/* Differences from the stock verifier, by a part of the names of their cases. */
static const char *const differences[] = {
    "min-on-an-empty-example",
    "max-on-an-empty-example",
    "or-on-a-map",
    "or-on-a-list",
    "header-integer-rule-",
    "datetime-beyond-twelve-hours",
    "date-day-of-year-366",
    "integers-beyond-64-bits",
    "tie-goes-to-literals",
    "null-body-of-json",
    "graphql-type-that-is-no-json",
    "query-v1",
    "time-twelve-oclock",
    "random-hexadecimal",
    "v3-message-",
};
enum { DIFFERENCES = sizeof differences / sizeof *differences };
static size_t told[DIFFERENCES][2];

static size_t seen[MATCHERS][PLACES][2];
static size_t bodies[PACT_BODY_PRESENT + 1][2];
static struct arena *arena;

static struct str content_type(const struct json *part)
{
    const struct json *headers = json_get(part, "headers"), *body = json_get(part, "body");
    struct str type = json_get_text(body ? body : json_get(part, "contents"), "contentType");
    for (size_t i = 0; !type.ptr && i < json_len(headers); i++) {
        const struct json *value = json_at(headers, i);
        value = json_is(value, JSON_ARRAY) && json_len(value) > 0 ? json_at(value, 0) : value;
        if (str_eq_nocase(json_key(headers, i), STR("content-type")) && json_is(value, JSON_STRING))
            type = json_text(value);
    }
    return type.ptr ? type : STR("application/json");
}

static enum place body_place(const struct json *part)
{
    static const enum place places[] = {
        [MEDIA_UNKNOWN] = BYTES, [MEDIA_JSON] = JSON,           [MEDIA_XML] = XML,
        [MEDIA_FORM] = FORM,     [MEDIA_MULTIPART] = MULTIPART, [MEDIA_TEXT] = TEXT,
        [MEDIA_BINARY] = BYTES,
    };
    return places[body_kind(content_type(part), STR("{}"), arena)];
}

static enum place place_of(struct str category, const struct json *part)
{
    static const struct {
        const char *name;
        enum place place;
    } names[] = {{"header", HEADER}, {"headers", HEADER}, {"query", QUERY},      {"path", PATH},
                 {"method", PATH},   {"status", STATUS},  {"metadata", METADATA}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_is(category, names[i].name))
            return names[i].place;
    }
    return body_place(part);
}

static void count(const struct json *value, enum place place, bool agrees)
{
    struct matcher matcher = {0};
    struct err err = ERR_INIT;
    if (matcher_read(value, arena, &matcher, &err) == 0)
        seen[matcher.kind][place][agrees]++;
}

/* {"matchers": […]}, or a map of such; V2 has "$.body.a" and one rule. */
static void count_rules(const struct json *rules, enum place place, bool agrees)
{
    const struct json *list = json_get(rules, "matchers");
    for (size_t i = 0; i < json_len(list); i++)
        count(json_at(list, i), place, agrees);
    for (size_t i = 0; !list && i < json_len(rules); i++)
        count_rules(json_at(rules, i), place, agrees);
}

static void count_part(const struct json *part, bool agrees)
{
    const struct json *rules = json_get(part, "matchingRules");
    for (size_t i = 0; i < json_len(rules); i++) {
        struct str name = json_key(rules, i);
        if (str_cut(&name, '.').len == 1 && name.ptr) /* "$.body.a" */
            count(json_at(rules, i), place_of(str_cut(&name, '.'), part), agrees);
        else
            count_rules(json_at(rules, i), place_of(json_key(rules, i), part), agrees);
    }
    struct pact_body body = {0};
    const char *warning = NULL;
    const struct json *value = json_get(part, "body");
    body_read_v4(value ? value : json_get(part, "contents"), content_type(part), arena, &body,
                 &warning);
    bodies[body.state][agrees]++;
}

static void read_all(void)
{
    struct fs_list files = {0};
    assert_int_equal(fs_find("tests/cases", ".json", arena, &files, NULL), 0);
    assert_true(files.len > 0);
    VEC_EACH(&files, const struct str *, file) {
        struct str text;
        struct json *root = NULL;
        struct err err = ERR_INIT;
        if (fs_read(file->ptr, LIMIT_FILE, arena, &text, &err) != 0 ||
            json_parse(text, file->ptr, arena, &root, &err) != 0)
            fail_msg("%s", err.text);
        for (size_t i = 0; i < DIFFERENCES; i++)
            told[i][json_bool(json_get(root, "match"))] +=
                strstr(file->ptr, differences[i]) != NULL;
        if (json_is(json_get(root, "match"), JSON_BOOL) && json_get(root, "actual"))
            count_part(json_get(root, "expected"), json_bool(json_get(root, "match")));
    }
}

static size_t missing(enum matcher_kind kind, const char *letters, bool agrees)
{
    size_t n = 0;
    assert_int_equal(strlen(letters), PLACES);
    for (size_t i = 0; i < PLACES; i++) {
        if (letters[i] == '-' || seen[kind][i][agrees] > 0)
            continue;
        print_error("    no case where '%s' %s in %s\n", matcher_name(kind),
                    agrees ? "agrees" : "differs", place_names[i]);
        n++;
    }
    return n;
}

static void test_every_matcher(void **state)
{
    (void)state;
    size_t n = 0;
    assert_int_equal(sizeof wanted / sizeof *wanted, MATCHERS);
    for (size_t i = 0; i < MATCHERS; i++) {
        assert_int_equal(wanted[i].kind, i);
        n += missing(wanted[i].kind, wanted[i].agrees, true);
        n += missing(wanted[i].kind, wanted[i].differs, false);
    }
    assert_int_equal(n, 0);
}

static void test_every_state_of_a_body(void **state)
{
    (void)state;
    for (size_t i = 0; i <= PACT_BODY_PRESENT; i++) {
        assert_true(bodies[i][true] > 0);
        assert_true(bodies[i][false] > 0); /* for an absent body something else differs */
    }
}

static void test_every_difference(void **state)
{
    (void)state;
    size_t n = 0;
    for (size_t i = 0; i < 2 * DIFFERENCES; i++) {
        if (told[i / 2][i % 2] > 0)
            continue;
        print_error("    no case '%s' that %s\n", differences[i / 2], i % 2 ? "agrees" : "differs");
        n++;
    }
    assert_int_equal(n, 0);
}

int main(void)
{
    static struct rows tests;
    arena = arena_new();
    read_all();
    rows_add_test(&tests, "every matcher agrees and differs somewhere", test_every_matcher);
    rows_add_test(&tests, "every state of a body is expected", test_every_state_of_a_body);
    rows_add_test(&tests, "every difference from the stock verifier", test_every_difference);
    int failed = rows_run(&tests, "cover of the cases");
    arena_free(arena);
    return failed;
}
