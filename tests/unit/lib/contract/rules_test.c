// SPDX-License-Identifier: Apache-2.0
/* Rules as files spell them: matchers, the flat places of V2, names, and what V4 writes. */
#include "lib/contract/rules.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/rules_table.h"
#include "tests/unit/lib/base/rows.h"

static struct json *parsed(const char *text, struct arena *arena)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (json_parse(str_of(text), "rules", arena, &value, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    return value;
}

/* ---- one matcher ---- */

static const struct matcher_row {
    const char *name, *rule;
    enum matcher_kind kind;
    const char *text; /* NULL = absent */
    int64_t min, max; /* -1 = none */
    const char *written;
} matcher_rows[] = {
    {"equality", "{\"match\":\"equality\"}", MATCHER_EQUALITY, NULL, -1, -1,
     "{\"match\":\"equality\"}"},
    {"regex", "{\"match\":\"regex\",\"regex\":\"a|b\"}", MATCHER_REGEX, "a|b", -1, -1,
     "{\"match\":\"regex\",\"regex\":\"a|b\"}"},
    {"regex by its attribute", "{\"regex\":\"a\"}", MATCHER_REGEX, "a", -1, -1,
     "{\"match\":\"regex\",\"regex\":\"a\"}"},
    {"type", "{\"match\":\"type\"}", MATCHER_TYPE, NULL, -1, -1, "{\"match\":\"type\"}"},
    {"type with limits", "{\"match\":\"type\",\"min\":1,\"max\":\"2\"}", MATCHER_TYPE, NULL, 1, 2,
     "{\"match\":\"type\",\"min\":1,\"max\":\"2\"}"},
    {"min by its attribute", "{\"min\":3}", MATCHER_TYPE, NULL, 3, -1,
     "{\"match\":\"type\",\"min\":3}"},
    {"max by its attribute", "{\"max\":3}", MATCHER_TYPE, NULL, -1, 3,
     "{\"match\":\"type\",\"max\":3}"},
    {"min as a kind", "{\"match\":\"min\",\"min\":0}", MATCHER_TYPE, NULL, 0, -1,
     "{\"match\":\"type\",\"min\":0}"},
    {"max-type", "{\"match\":\"max-type\",\"max\":4}", MATCHER_TYPE, NULL, -1, 4,
     "{\"match\":\"type\",\"max\":4}"},
    {"include", "{\"match\":\"include\",\"value\":\"x\"}", MATCHER_INCLUDE, "x", -1, -1,
     "{\"match\":\"include\",\"value\":\"x\"}"},
    {"include a number", "{\"match\":\"include\",\"value\":1.50}", MATCHER_INCLUDE, "1.50", -1, -1,
     "{\"match\":\"include\",\"value\":1.50}"},
    {"number", "{\"match\":\"number\"}", MATCHER_NUMBER, NULL, -1, -1, "{\"match\":\"number\"}"},
    {"integer", "{\"match\":\"integer\"}", MATCHER_INTEGER, NULL, -1, -1,
     "{\"match\":\"integer\"}"},
    {"real is decimal", "{\"match\":\"real\"}", MATCHER_DECIMAL, NULL, -1, -1,
     "{\"match\":\"decimal\"}"},
    {"boolean", "{\"match\":\"boolean\"}", MATCHER_BOOLEAN, NULL, -1, -1,
     "{\"match\":\"boolean\"}"},
    {"null", "{\"match\":\"null\"}", MATCHER_NULL, NULL, -1, -1, "{\"match\":\"null\"}"},
    {"date", "{\"match\":\"date\",\"format\":\"yyyy\"}", MATCHER_DATE, "yyyy", -1, -1,
     "{\"match\":\"date\",\"format\":\"yyyy\"}"},
    {"date by its attribute", "{\"date\":\"yyyy\"}", MATCHER_DATE, "yyyy", -1, -1,
     "{\"match\":\"date\",\"date\":\"yyyy\",\"format\":\"yyyy\"}"},
    {"time by its attribute", "{\"time\":\"HH\"}", MATCHER_TIME, "HH", -1, -1,
     "{\"match\":\"time\",\"time\":\"HH\",\"format\":\"HH\"}"},
    {"timestamp", "{\"match\":\"timestamp\",\"timestamp\":\"yyyy HH\"}", MATCHER_DATETIME,
     "yyyy HH", -1, -1,
     "{\"match\":\"datetime\",\"timestamp\":\"yyyy HH\",\"format\":\"yyyy HH\"}"},
    {"datetime without format", "{\"match\":\"datetime\"}", MATCHER_DATETIME, NULL, -1, -1,
     "{\"match\":\"datetime\"}"},
    {"content-type", "{\"match\":\"content-type\",\"value\":\"image/png\"}", MATCHER_CONTENT_TYPE,
     "image/png", -1, -1, "{\"match\":\"contentType\",\"value\":\"image/png\"}"},
    {"values", "{\"match\":\"values\"}", MATCHER_VALUES, NULL, -1, -1, "{\"match\":\"values\"}"},
    {"array-contains", "{\"match\":\"array-contains\",\"variants\":[{\"index\":2}]}",
     MATCHER_ARRAY_CONTAINS, NULL, -1, -1,
     "{\"match\":\"arrayContains\",\"variants\":[{\"index\":2,\"rules\":{}}]}"},
    {"status-code", "{\"match\":\"status-code\",\"status\":\"info\"}", MATCHER_STATUS_CODE, NULL,
     -1, -1, "{\"match\":\"statusCode\",\"status\":\"info\"}"},
    {"not-empty", "{\"match\":\"not-empty\"}", MATCHER_NOT_EMPTY, NULL, -1, -1,
     "{\"match\":\"notEmpty\"}"},
    {"semver", "{\"match\":\"semver\"}", MATCHER_SEMVER, NULL, -1, -1, "{\"match\":\"semver\"}"},
    {"each-key", "{\"match\":\"each-key\",\"rules\":[{\"match\":\"real\"}]}", MATCHER_EACH_KEY,
     NULL, -1, -1, "{\"match\":\"eachKey\",\"rules\":[{\"match\":\"decimal\"}]}"},
    {"each-value", "{\"match\":\"each-value\"}", MATCHER_EACH_VALUE, NULL, -1, -1,
     "{\"match\":\"eachValue\",\"rules\":[]}"},
    {"a name nobody knows", "{\"match\":\"paint\",\"hue\":3}", MATCHER_UNKNOWN, "paint", -1, -1,
     "{\"match\":\"paint\",\"hue\":3}"},
    {"nothing known at all", "{\"hue\":3}", MATCHER_UNKNOWN, NULL, -1, -1, "{\"hue\":3}"},
};

static void test_matcher(void **state)
{
    const struct matcher_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct matcher matcher = {0}, again = {0};
    struct err err = ERR_INIT;
    if (matcher_read(parsed(row->rule, arena), arena, &matcher, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(matcher.kind, row->kind);
    assert_str_is(matcher.text, row->text);
    assert_int_equal(matcher.has_min ? matcher.min : -1, row->min);
    assert_int_equal(matcher.has_max ? matcher.max : -1, row->max);
    struct json *written = matcher_write(&matcher, arena);
    if (!json_equal(written, parsed(row->written, arena)))
        fail_msg("written as %s", json_to_str(arena, written, JSON_COMPACT).ptr);
    assert_int_equal(matcher_read(written, arena, &again, NULL), 0);
    assert_int_equal(again.kind, row->kind);
    assert_str_is(again.text, row->text);
}

static const struct bad_row {
    const char *name, *rule, *says;
} bad_rows[] = {
    {"no object", "[]", "must be an object"},
    {"match no text", "{\"match\":1}", "'match'"},
    {"min negative", "{\"min\":-1}", "'min'"},
    {"max with a fraction", "{\"max\":1.5}", "'max'"},
    {"min no number", "{\"min\":\"many\"}", "'min'"},
    {"min beyond 64 bits", "{\"min\":99999999999999999999}", "'min'"},
    {"regex without regex", "{\"match\":\"regex\"}", "'regex'"},
    {"include without value", "{\"match\":\"include\"}", "'value'"},
    {"rules of each value no list", "{\"match\":\"eachValue\",\"rules\":{}}", "'rules'"},
    {"a bad rule inside", "{\"match\":\"eachKey\",\"rules\":[{\"match\":\"regex\"}]}", "'regex'"},
    {"variants no list", "{\"match\":\"arrayContains\",\"variants\":1}", "'variants'"},
    {"variant no object", "{\"match\":\"arrayContains\",\"variants\":[1]}", "variant 0"},
    {"variant without a place", "{\"match\":\"arrayContains\",\"variants\":[{},{\"index\":\"x\"}]}",
     "variant 1"},
    {"variant before the first item", "{\"match\":\"arrayContains\",\"variants\":[{\"index\":-1}]}",
     "variant 0"},
    {"a bad path in a variant",
     "{\"match\":\"arrayContains\",\"variants\":[{\"rules\":{\"$[\":{\"matchers\":[]}}}]}",
     "rule '$['"},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct matcher matcher = {.kind = MATCHER_SEMVER};
    struct err err = ERR_INIT;
    assert_int_equal(matcher_read(parsed(row->rule, arena), arena, &matcher, &err), ERR_PARSE);
    if (!strstr(err.text, row->says))
        fail_msg("saw \"%s\", expected \"%s\" in it", err.text, row->says);
    assert_int_equal(matcher.kind, MATCHER_SEMVER);
}

/* ---- the flat places of V2 ---- */

static const struct place_row {
    const char *name, *where;
    bool known;
    enum rules_part part;
    const char *at;
} place_rows[] = {
    {"body", "$.body", true, RULES_BODY, "$"},
    {"below the body", "$.body.a[0]", true, RULES_BODY, "$.a[0]"},
    {"a list as body", "$.body[*].a", true, RULES_BODY, "$[*].a"},
    {"body in quotes", "$['body']['a b']", true, RULES_BODY, "$['a b']"},
    {"header", "$.header.X-A", true, RULES_HEADER, "X-A"},
    {"headers", "$.headers.X-A", true, RULES_HEADER, "X-A"},
    {"header in quotes", "$.headers['X A']", true, RULES_HEADER, "X A"},
    {"every value of a header", "$.headers.Accept[*]", true, RULES_HEADER, "Accept"},
    {"query", "$.query.q", true, RULES_QUERY, "q"},
    {"one value of a query", "$.query.q[1]", true, RULES_QUERY, "q[1]"},
    {"query with brackets in its name", "$.query['q[]']", true, RULES_QUERY, "q[]"},
    {"path", "$.path", true, RULES_PATH, ""},
    {"status", "$.status", true, RULES_STATUS, ""},
    {"something else", "$.cookies.a", false, 0, NULL},
    {"no dollar", "body.a", false, 0, NULL},
    {"open quote", "$['body", false, 0, NULL},
    {"a longer word", "$.bodyguard", false, 0, NULL},
};

static void test_place(void **state)
{
    const struct place_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    enum rules_part part = RULES_METADATA;
    struct str at = STR_NONE;
    assert_int_equal(rules_flat_place(str_of(row->where), arena, &part, &at), row->known);
    if (row->known) {
        assert_int_equal(part, row->part);
        assert_str_is(at, row->at);
    }
}

/* ---- rules of a part ---- */

static void read_rules(const char *text, bool flat, struct arena *arena, struct rules *ret)
{
    struct err err = ERR_INIT;
    if (rules_read(parsed(text, arena), str_of(text), "r.json", flat, arena, ret, &err) != 0)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
}

static void test_names(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct rules *rules = rules_new(arena);
    read_rules("{\"header\":{\"Content-Type\":{\"matchers\":[{\"match\":\"type\"}]}},"
               "\"query\":{\"Q\":{\"matchers\":[{\"match\":\"type\"}]}},"
               "\"path\":{\"matchers\":[{\"match\":\"regex\",\"regex\":\"/.*\"}]},"
               "\"metadata\":{\"Topic\":{\"matchers\":[{\"match\":\"type\"}]}}}",
               false, arena, rules);
    assert_non_null(rules_named(rules, RULES_HEADER, STR("content-TYPE")));
    assert_null(rules_named(rules, RULES_HEADER, STR("content-typ")));
    assert_non_null(rules_named(rules, RULES_QUERY, STR("Q")));
    assert_null(rules_named(rules, RULES_QUERY, STR("q")));
    assert_non_null(rules_named(rules, RULES_PATH, STR("")));
    assert_null(rules_named(rules, RULES_METADATA, STR("topic")));
    assert_null(rules_named(rules, RULES_STATUS, STR("")));
}

static void test_categories_have_synonyms(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct rules *rules = rules_new(arena);
    read_rules("{\"content\":{\"$.a\":{\"matchers\":[{\"match\":\"type\"}]}},"
               "\"contents\":{\"$.b\":{\"matchers\":[{\"match\":\"type\"}]}},"
               "\"body\":{\"$.a\":{\"combine\":\"or\",\"matchers\":[{\"match\":\"null\"}]}},"
               "\"headers\":{\"A\":{\"match\":\"type\"}}}",
               false, arena, rules);
    assert_int_equal(rules->part[RULES_BODY].len, 2);
    assert_int_equal(rules->part[RULES_BODY].items[0].matchers.len, 2);
    assert_int_equal(rules->part[RULES_HEADER].len, 1);
    struct json *written = rules_write(rules, arena);
    struct json *want =
        parsed("{\"header\":{\"A\":{\"combine\":\"AND\",\"matchers\":[{\"match\":\"type\"}]}},"
               "\"body\":{\"$.a\":{\"combine\":\"OR\",\"matchers\":[{\"match\":\"type\"},"
               "{\"match\":\"null\"}]},\"$.b\":{\"combine\":\"AND\",\"matchers\":[{\"match\":"
               "\"type\"}]}}}",
               arena);
    if (!json_equal(written, want))
        fail_msg("written as %s", json_to_str(arena, written, JSON_COMPACT).ptr);
    assert_null(rules_write(rules_new(arena), arena));
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, matcher_rows, test_matcher);
    ROWS_ADD(&tests, bad_rows, test_bad);
    ROWS_ADD(&tests, place_rows, test_place);
    rows_add_test(&tests, "names", test_names);
    rows_add_test(&tests, "categories have synonyms", test_categories_have_synonyms);
    return rows_run(&tests, "rules");
}
