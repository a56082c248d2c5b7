// SPDX-License-Identifier: Apache-2.0
/* Rule paths: grammar, weights, which rule governs, and the walk that must agree with it. */
#include "lib/contract/rules.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/select.h"
#include "tests/unit/lib/base/rows.h"

static const struct parse_row {
    const char *name, *text;
    const char *printed; /* NULL = refused */
    int column;          /* of the refusal */
} parse_rows[] = {
    {"root", "$", "$", 0},
    {"names", "$.a.b-c_d:e#f@g", "$.a.b-c_d:e#f@g", 0},
    {"letters beyond ascii", "$.caf\xc3\xa9", "$.caf\xc3\xa9", 0},
    {"index", "$.a[0][12]", "$.a[0][12]", 0},
    {"wildcards", "$.*[*]", "$.*[*]", 0},
    {"quoted", "$['a b'].c", "$['a b'].c", 0},
    {"quoted plain name", "$['a']", "$.a", 0},
    {"quoted star is a name", "$['*']", "$['*']", 0},
    {"quoted with brackets", "$['a[0]']", "$['a[0]']", 0},
    {"no dollar", "a", "$.a", 0},
    {"no dollar, more", "a.b[0]", "$.a.b[0]", 0},
    {"number as name", "$.0", "$[0]", 0},
    {"number with a leading zero is a name", "$.00", "$.00", 0},
    {"quoted number with a leading zero is a name", "$['01']", "$.01", 0},
    {"number beyond 64 bits is a name", "$.99999999999999999999", "$.99999999999999999999", 0},
    {"empty", "", NULL, 1},
    {"dot at the end", "$.", NULL, 3},
    {"two dots", "$..a", NULL, 3},
    {"space", "$.a b", NULL, 4},
    {"dollar in a name", "$.a.$ref", NULL, 5},
    {"open bracket", "$.a[", NULL, 5},
    {"open quote", "$['a", NULL, 5},
    {"empty quotes", "$['']", NULL, 4},
    {"empty brackets", "$.a[]", NULL, 5},
    {"negative index", "$[-1]", NULL, 3},
    {"index beyond 64 bits", "$[99999999999999999999]", NULL, 3},
    {"name in brackets without quotes", "$[a]", NULL, 3},
    {"starts with a dot", ".a", NULL, 1},
    {"text after the root", "$a", NULL, 2},
};

static void test_parse(void **state)
{
    const struct parse_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct path path = {0};
    struct err err = ERR_INIT;
    struct str printed = STR_NONE;
    int rc = path_parse(str_of(row->text), arena, &path, &err);
    if (row->printed) {
        if (rc)
            fail_msg("'%s' was refused: %s", row->text, err.text);
        path_print(&path, arena, &printed);
        assert_str_is(printed, row->printed);
        return;
    }
    assert_int_equal(rc, ERR_PARSE);
    assert_int_equal(err.column, row->column);
}

static void test_too_many_parts(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    char text[1 + 2 * 101 + 1] = "$";
    struct path path = {0};
    for (size_t i = 0; i < 101; i++)
        strcat(text, ".a");
    assert_int_equal(path_parse(str_of(text), arena, &path, NULL), ERR_LIMIT);
    text[1 + 2 * 100] = '\0';
    assert_int_equal(path_parse(str_of(text), arena, &path, NULL), 0);
    assert_true(path_weight(&path, &path) > 0);
}

static struct path parsed(const char *text, struct arena *arena)
{
    struct path path = {0};
    struct err err = ERR_INIT;
    if (path_parse(str_of(text), arena, &path, &err) != 0)
        fail_msg("'%s': %s", text, err.text);
    return path;
}

/* The weights of the specification's own table, and what `name` and `[n]` mean to each other. */
static const struct weight_row {
    const char *name, *rule, *at;
    uint64_t weight;
} weight_rows[] = {
    {"root", "$", "$.a", 2},
    {"exact", "$.a.b", "$.a.b", 8},
    {"ancestor", "$.a", "$.a.b", 4},
    {"other name", "$.a", "$.b", 0},
    {"longer than the value", "$.a.b", "$.a", 0},
    {"any name for a name", "$.*", "$.a", 2},
    {"any name for an index", "$.*", "$[0]", 2},
    {"any index for an index", "$[*]", "$[3]", 2},
    {"any index not for a name", "$[*]", "$.a", 0},
    {"any index not for a key that is a number", "$[*]", "$.7", 0},
    {"index for a key that is the number", "$.a[1]", "$.a['1']", 8},
    {"name for an index that it is", "$.a.1", "$.a[1]", 8},
    {"leading zero is another key", "$.a['01']", "$.a[1]", 0},
    {"wildcards inside", "$.*.level[*].id", "$.a.level[1].id", 8},
    {"all literal", "$.item1.level[1].id", "$.item1.level[1].id", 32},
};

static void test_weight(void **state)
{
    const struct weight_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct path rule = parsed(row->rule, arena), at = parsed(row->at, arena);
    assert_int_equal(path_weight(&rule, &at), row->weight);
}

static const struct select_row {
    const char *name;
    const char *rules[5]; /* file order */
    const char *at;
    const char *wins; /* NULL = none */
    bool cascaded;
} select_rows[] = {
    {"none", {"$.a"}, "$.b", NULL, false},
    {"exact over ancestor", {"$.a", "$.a.b"}, "$.a.b", "$.a.b", false},
    {"ancestor cascades", {"$.a"}, "$.a.b[0].c", "$.a", true},
    {"nearest ancestor", {"$", "$.a", "$.a.b"}, "$.a.b.c", "$.a.b", true},
    {"literal over wildcard", {"$.*", "$.a"}, "$.a", "$.a", false},
    {"wildcard over ancestor", {"$", "$.*"}, "$.a", "$.*", false},
    {"literal ancestor over wildcards", {"$.*.*", "$.a"}, "$.a.b", "$.a", true},
    {"tie: literal from the left", {"$.*.b", "$.a.*"}, "$.a.b", "$.a.*", false},
    {"tie: literal from the left, other order", {"$.a.*", "$.*.b"}, "$.a.b", "$.a.*", false},
    {"tie: file order", {"$.a[*]", "$.a.*"}, "$.a[0]", "$.a[*]", false},
    {"tie: file order, other order", {"$.a.*", "$.a[*]"}, "$.a[0]", "$.a.*", false},
    {"deep item", {"$.a", "$.a[*].*", "$.a[*].id"}, "$.a[3].id", "$.a[*].id", false},
    {"deep item, other key", {"$.a", "$.a[*].*", "$.a[*].id"}, "$.a[3].x", "$.a[*].*", false},
};

static struct rules *rules_of(const struct select_row *row, struct arena *arena)
{
    struct rules *rules = rules_new(arena);
    const struct matcher type = {.kind = MATCHER_TYPE};
    for (size_t i = 0; row->rules[i]; i++)
        assert_int_equal(rules_add(rules, RULES_BODY, str_of(row->rules[i]), &type, arena, NULL),
                         0);
    return rules;
}

static void test_select(void **state)
{
    const struct select_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct rules *rules = rules_of(row, arena);
    struct path at = parsed(row->at, arena);
    bool cascaded = !row->cascaded;
    const struct rule *rule = rules_select(rules, RULES_BODY, &at, &cascaded);
    assert_str_is(rule ? rule->text : STR_NONE, row->wins);
    assert_true(!rule || cascaded == row->cascaded);
}

/* The walk of the engine must choose as the look-up from the root does, at every depth. */
static void check_walk(const struct rules *rules, struct path at, struct arena *arena)
{
    struct select_rules walk;
    select_init(&walk, rules, RULES_BODY, arena);
    struct select_at place = select_root(&walk);
    for (size_t depth = 0;; depth++) {
        struct path here = {.items = at.items, .len = depth};
        bool cascaded = false;
        const struct rule *want = rules_select(rules, RULES_BODY, &here, &cascaded);
        assert_ptr_equal(place.best, want);
        assert_true(!want || place.cascaded == cascaded);
        if (depth == at.len)
            break;
        place = select_step(&walk, &place, &at.items[depth]);
    }
}

static void test_walk(void **state)
{
    const struct select_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct rules *rules = rules_of(row, arena);
    struct path at = parsed(row->at, arena);
    check_walk(rules, at, arena);
    rules_prepare(rules, arena);
    check_walk(rules, at, arena);
}

/* More names on one level than are searched one by one, and rules added after preparing. */
static void test_walk_of_many_names(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct rules *rules = rules_new(arena);
    const struct matcher type = {.kind = MATCHER_TYPE};
    for (int i = 0; i < 40; i++) {
        const char *where =
            i % 2 ? arena_printf(arena, "$.a[%d].x", i) : arena_printf(arena, "$.a.k%d", i);
        assert_int_equal(rules_add(rules, RULES_BODY, str_of(where), &type, arena, NULL), 0);
        rules_prepare(rules, arena);
        check_walk(rules, parsed(where, arena), arena);
        assert_int_equal(rules->part[RULES_BODY].len, i + 1);
    }
    for (int i = 0; i < 42; i++) {
        check_walk(rules, parsed(arena_printf(arena, "$.a.k%d", i), arena), arena);
        check_walk(rules, parsed(arena_printf(arena, "$.a[%d].x", i), arena), arena);
        check_walk(rules, parsed(arena_printf(arena, "$.a.%d.x", i), arena), arena);
        check_walk(rules, parsed(arena_printf(arena, "$.a['0%d'].x", i), arena), arena);
    }
    /* Adding to a path that is there makes no second rule. */
    assert_int_equal(rules_add(rules, RULES_BODY, STR("$.a.k30"), &type, arena, NULL), 0);
    assert_int_equal(rules->part[RULES_BODY].len, 40);
    assert_int_equal(rules->part[RULES_BODY].items[30].matchers.len, 2);
    /* A rule added behind the preparation governs. */
    assert_int_equal(rules_add(rules, RULES_BODY, STR("$.new"), &type, arena, NULL), 0);
    check_walk(rules, parsed("$.new", arena), arena);
}

static void test_rule_without_matchers_governs_nothing(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = NULL;
    struct rules *rules = rules_new(arena);
    struct str text =
        STR("{\"body\":{\"$.a\":{\"matchers\":[]}},\"header\":{\"X\":{\"matchers\":[]}}}");
    assert_int_equal(json_parse(text, "rules", arena, &value, NULL), 0);
    assert_int_equal(rules_read(value, text, "rules", false, arena, rules, NULL), 0);
    struct path at = parsed("$.a", arena);
    assert_null(rules_select(rules, RULES_BODY, &at, NULL));
    assert_null(rules_named(rules, RULES_HEADER, STR("x")));
    struct json *written = rules_write(rules, arena);
    assert_non_null(json_find(json_get(written, "body"), STR("$.a")));
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, parse_rows, test_parse);
    ROWS_ADD(&tests, weight_rows, test_weight);
    ROWS_ADD(&tests, select_rows, test_select);
    ROWS_ADD(&tests, select_rows, test_walk);
    rows_add_test(&tests, "walk of many names", test_walk_of_many_names);
    rows_add_test(&tests, "too many parts", test_too_many_parts);
    rows_add_test(&tests, "a rule without matchers governs nothing",
                  test_rule_without_matchers_governs_nothing);
    return rows_run(&tests, "path");
}
