// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/expression.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/contract/rules_table.h"
#include "tests/unit/lib/base/rows.h"

static struct arena *arena;

static struct json *rules_of(const struct expression *expression)
{
    struct json *list = json_new_array(arena);
    VEC_EACH(&expression->matchers, const struct matcher *, matcher)
        json_append(arena, list, matcher_write(matcher, arena));
    return list;
}

/* "TYPE text JSON rules generator", what is absent as "-"; rows have ' for ". */
static struct str shown(const struct expression *expression)
{
    struct str line = str_printf(
        arena, "%s|%.*s|%.*s|%.*s|%.*s", expression_type_name(expression->type),
        STR_FMT(expression->text.ptr ? expression->text : STR("-")),
        STR_FMT(expression->value ? json_to_str(arena, expression->value, 0) : STR("-")),
        STR_FMT(json_to_str(arena, rules_of(expression), 0)),
        STR_FMT(expression->generator ? json_to_str(arena, expression->generator, 0) : STR("-")));
    char *copy = str_cstr(arena, line);
    for (char *c = copy; *c; c++)
        *c = *c == '"' ? '\'' : *c;
    return str_of(copy);
}

static const struct good_row {
    const char *name; /* the expression */
    const char *shown;
} good_rows[] = {
    /* plain examples */
    {"Ada", "String|Ada|'Ada'|[]|-"},
    {"match(type, 1)", "String|match(type, 1)|'match(type, 1)'|[]|-"},
    {"matchings", "String|matchings|'matchings'|[]|-"},
    {" ", "String| |' '|[]|-"},
    /* any primitive */
    {"matching(equalTo, 'a b')", "String|a b|'a b'|[{'match':'equality'}]|-"},
    {"matching(equalTo, -1.5e3)", "Decimal|-1.5e3|-1.5e3|[{'match':'equality'}]|-"},
    {"matching(type, null)", "String|-|null|[{'match':'type'}]|-"},
    {"matching(type, false)", "Boolean|false|false|[{'match':'type'}]|-"},
    {"matching(type, '')", "String||''|[{'match':'type'}]|-"},
    {"matching(type, 12345678901234567890123)",
     "Integer|12345678901234567890123|12345678901234567890123|[{'match':'type'}]|-"},
    {"\tmatching\n(\r\ntype , 'x' ) ", "String|x|'x'|[{'match':'type'}]|-"},
    /* literals */
    {"matching(number, -0.5)", "Number|-0.5|-0.5|[{'match':'number'}]|-"},
    {"matching(integer, 0)", "Integer|0|0|[{'match':'integer'}]|-"},
    {"matching(decimal, 1.5)", "Decimal|1.5|1.5|[{'match':'decimal'}]|-"},
    {"matching(decimal, 7)", "Decimal|7|7.0|[{'match':'decimal'}]|-"},
    {"matching(boolean, false)", "Boolean|false|false|[{'match':'boolean'}]|-"},
    /* strings */
    {"matching(datetime, 'yyyy', '2024')", "String|2024|'2024'|[{'match':'datetime','format':'yyyy'"
                                           "}]|{'type':'DateTime','format':'yyyy'}"},
    {"matching(date, 'yyyy', '2024')",
     "String|2024|'2024'|[{'match':'date','format':'yyyy'}]|{'type':'Date','format':'yyyy'}"},
    {"matching(time, 'HH', '23')",
     "String|23|'23'|[{'match':'time','format':'HH'}]|{'type':'Time','format':'HH'}"},
    {"matching(regex, '\\d+', '1')", "String|1|'1'|[{'match':'regex','regex':'\\\\d+'}]|-"},
    {"matching(include, 'b')", "String|b|'b'|[{'match':'include','value':'b'}]|-"},
    {"matching(semver, '1.2.3-a+b')", "String|1.2.3-a+b|'1.2.3-a+b'|[{'match':'semver'}]|-"},
    {"matching(contentType, 'text/plain', 'x')",
     "Unknown|x|'x'|[{'match':'contentType','value':'text/plain'}]|-"},
    /* escapes */
    {"matching(include, 'a\\\\b\\tc\\.\\'')",
     "String|a\\b\tc\\.\\'|'a\\\\b\\tc\\\\.\\\\''|[{'match':'include','value':"
     "'a\\\\b\\tc\\\\.\\\\''}]|-"},
    {"matching(include, '\\u00e9\\u{1F600}\\uD83D\\uDE00')",
     "String|é😀😀|'é😀😀'|[{'match':'include','value':'é😀😀'}]|-"},
    {"matching(type, '\\u0041\\n')", "String|\\u0041\\n|'\\\\u0041\\\\n'|[{'match':'type'}]|-"},
    /* references and plugins */
    {"matching($'a person')", "Unknown|a person|'a person'|[{'reference':'a person'}]|-"},
    {"matching(luhn, 4111)", "Integer|4111|4111|[{'match':'luhn'}]|-"},
    {"matching(credit-card, 'visa', '4111')",
     "String|4111|'4111'|[{'match':'credit-card','value':'visa'}]|-"},
    /* provider states */
    {"matching(type, fromProviderState('${a}', true))",
     "Boolean|true|true|[{'match':'type'}]|{'type':'ProviderState','expression':'${a}','dataType':"
     "'BOOLEAN'}"},
    {"matching(integer, fromProviderState('${a}', 1))",
     "Integer|1|1|[{'match':'integer'}]|{'type':'ProviderState','expression':'${a}','dataType':"
     "'INTEGER'}"},
    {"matching(date, 'yyyy', fromProviderState('y', '2024'))",
     "String|2024|'2024'|[{'match':'date','format':'yyyy'}]|{'type':'ProviderState','expression':"
     "'y','dataType':'STRING'}"},
    {"notEmpty(fromProviderState('y', 1.5))",
     "Decimal|1.5|1.5|[{'match':'notEmpty'}]|{'type':'ProviderState','expression':'y','dataType':"
     "'DECIMAL'}"},
    /* the other definitions */
    {"notEmpty(true)", "Boolean|true|true|[{'match':'notEmpty'}]|-"},
    {"atLeast(0)", "Unknown|-|-|[{'match':'type','min':0}]|-"},
    {"atMost(9)", "Unknown|-|-|[{'match':'type','max':9}]|-"},
    {"eachKey(notEmpty('k'))",
     "Unknown|-|-|[{'match':'eachKey','rules':[{'match':'notEmpty'}],'value':'k'}]|-"},
    {"eachValue(atLeast(1))",
     "Unknown|-|-|[{'match':'eachValue','rules':[{'match':'type','min':1}]}]|-"},
    {"eachValue(eachValue(matching(type, 1)))",
     "Unknown|-|-|[{'match':'eachValue','rules':[{'match':'eachValue','rules':[{'match':'type'}],"
     "'value':'1'}]}]|-"},
    {"eachValue(matching(time, 'H', '1'))",
     "Unknown|-|-|[{'match':'eachValue','rules':[{'match':'time','format':'H'}],'value':'1',"
     "'generator':{'type':'Time','format':'H'}}]|-"},
    {"arrayContains(matching(date, 'yyyy', '2024'))",
     "Unknown|2024|['2024']|[{'match':'arrayContains','variants':[{'index':0,'rules':{'$':{"
     "'combine':'AND','matchers':[{'match':'date','format':'yyyy'}]}},'generators':{'$':{'type':"
     "'Date','format':'yyyy'}}}]}]|-"},
    /* merging */
    {"atLeast(1), matching(type, 'x')",
     "String|x|'x'|[{'match':'type','min':1},{'match':'type'}]|-"},
    {"notEmpty(''), matching(type, 1.5)",
     "String|1.5|1.5|[{'match':'notEmpty'},{'match':'type'}]|-"},
    {"matching(number, 1), matching(type, 2)",
     "Integer|1|1|[{'match':'number'},{'match':'type'}]|-"},
    {"matching(integer, 1), matching(decimal, 2.5)",
     "Decimal|1|1|[{'match':'integer'},{'match':'decimal'}]|-"},
    {"matching(boolean, true), matching(number, 1)",
     "Number|true|true|[{'match':'boolean'},{'match':'number'}]|-"},
};

static void test_good(void **state)
{
    const struct good_row *row = *state;
    struct expression expression;
    struct err err = ERR_INIT;
    if (expression_parse(str_of(row->name), arena, &expression, &err))
        fail_msg("saw %s, expected %s", err.text, row->shown);
    assert_str_is(shown(&expression), row->shown);
}

/* Where the offending token stands, and what the message says. */
static const struct bad_row {
    const char *name;
    int line, column;
    const char *text;
} bad_rows[] = {
    {"", 1, 1, "found no text"},
    {"matching", 1, 9, "expected '(', found the end"},
    {"matching everything", 1, 10, "expected '(', found everything"},
    {"matching()", 1, 10, "expected the type of a matcher, found )"},
    {"matching('x')", 1, 10, "expected the type of a matcher, found 'x'"},
    {"matching(type)", 1, 14, "expected a comma, found )"},
    {"matching(type 'x')", 1, 15, "expected a comma, found 'x'"},
    {"matching(type,)", 1, 15, "fromProviderState, found )"},
    {"matching(type,'x'", 1, 18, "expected ')', found the end"},
    {"matching(type,'x')\n,\n  foo('x')", 3, 3, "such as matching(…), found foo"},
    {"matching(type,'x'),", 1, 20, "found the end"},
    {"matching(type,'x';)", 1, 18, "expected ')', found ;"},
    {"matching(type,'a') matching(type,'b')", 1, 20, "expected a comma, found matching"},
    {"matching(type,'a','b')", 1, 18, "expected ')', found ,"},
    {"matching(type,'a", 1, 15, "without its closing quote"},
    {"matching(type,'a\\')", 1, 15, "without its closing quote"},
    {"matching(type,01)", 1, 15, "found 01"},
    {"matching(type,-)", 1, 15, "found -"},
    {"matching(type,1.)", 1, 15, "found 1."},
    {"matching(type,1e)", 1, 15, "found 1e"},
    {"matching(type,True)", 1, 15, "found True"},
    {"matching(number,'1')", 1, 17, "expected a number, found '1'"},
    {"matching(number,true)", 1, 17, "expected a number, found true"},
    {"matching(integer,1.5)", 1, 18, "expected an integer, found 1.5"},
    {"matching(integer,fromProviderState('a','1'))", 1, 40, "expected an integer, found '1'"},
    {"matching(decimal,null)", 1, 18, "expected a number, found null"},
    {"matching(boolean,'true')", 1, 18, "expected true or false, found 'true'"},
    {"matching(date,'yyyy')", 1, 21, "expected a comma, found )"},
    {"matching(date,1,'2024')", 1, 15, "expected a string, found 1"},
    {"matching(time,'HH',12)", 1, 20, "expected a string, found 12"},
    {"matching(datetime,'HH',null)", 1, 24, "expected a string, found null"},
    {"matching(regex,'a')", 1, 19, "expected a comma, found )"},
    {"matching(include,1)", 1, 18, "expected a string, found 1"},
    {"matching(semver,'1.0')", 1, 17, "expected a semantic version, found '1.0'"},
    {"matching(contentType,'a/b',1)", 1, 28, "expected a string, found 1"},
    {"matching(include,'\\u12')", 1, 19, "Unicode character"},
    {"matching(include,'\\u{110000}')", 1, 19, "Unicode character"},
    {"matching(include,'x\\uD800')", 1, 20, "Unicode character"},
    {"matching(include,'\\uDC00\\uD800')", 1, 19, "Unicode character"},
    {"matching($person)", 1, 11, "expected the name of what is referred to, found person"},
    {"matching(luhn,'a','b','c')", 1, 22, "expected ')', found ,"},
    {"matching(type,fromProviderState('a'))", 1, 36, "expected a comma, found )"},
    {"matching(type,fromProviderState(1,2))", 1, 33, "expected an expression"},
    {"matching(type,fromProviderState)", 1, 32, "expected '(', found )"},
    {"notEmpty()", 1, 10, "found )"},
    {"eachKey('a')", 1, 9, "such as matching(…), found 'a'"},
    {"eachKey()", 1, 9, "such as matching(…), found )"},
    {"eachValue(atLeast(1), atMost(2))", 1, 21, "expected ')', found ,"},
    {"atLeast(-1)", 1, 9, "expected a count, found -1"},
    {"atLeast(1.5)", 1, 9, "expected a count, found 1.5"},
    {"atLeast('2')", 1, 9, "expected a count, found '2'"},
    {"atMost(99999999999999999999)", 1, 8, "expected a count"},
    {"arrayContains()", 1, 15, "such as matching(…), found )"},
    {"arrayContains(1)", 1, 15, "such as matching(…), found 1"},
    {"matching(type,\"x\")", 1, 15, "found \"x\""},
    {"matching(type,'\xff')", 1, 16, "not UTF-8"},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct expression expression = {.text = STR("untouched")};
    struct err err = ERR_INIT;
    assert_int_equal(expression_parse(str_of(row->name), arena, &expression, &err), ERR_PARSE);
    if (!strstr(err.text, row->text))
        fail_msg("saw '%s', expected '%s' in it", err.text, row->text);
    if (err.line != row->line || err.column != row->column)
        fail_msg("saw %d:%d, expected %d:%d", err.line, err.column, row->line, row->column);
    assert_str_is(expression.text, "untouched");
}

static void test_limits(void **state)
{
    (void)state;
    struct expression expression;
    struct err err = ERR_INIT;
    char deep[2048] = "", wide[2048] = "";
    for (int i = 0; i <= LIMIT_EXPRESSION_DEPTH; i++) {
        strcat(deep, "eachValue(");
        strcat(wide, "atLeast(1),");
    }
    assert_int_equal(expression_parse(str_of(deep), arena, &expression, &err), ERR_LIMIT);
    strcat(wide, "atLeast(1)");
    assert_int_equal(expression_parse(str_of(wide), arena, &expression, NULL), 0);
    char *states = arena_strdup(arena, "matching(type,");
    for (int i = 0; i <= LIMIT_EXPRESSION_DEPTH; i++)
        states = arena_printf(arena, "%sfromProviderState('a',", states);
    err = ERR_INIT;
    assert_int_equal(expression_parse(str_of(states), arena, &expression, &err), ERR_LIMIT);
    char *lengthy = arena_alloc(arena, LIMIT_EXPRESSION + 2);
    memset(lengthy, ' ', LIMIT_EXPRESSION + 1);
    err = ERR_INIT;
    assert_int_equal(expression_parse(str_of(lengthy), arena, &expression, &err), ERR_LIMIT);
}

static const struct reference_row {
    const char *name;
    bool has;
} reference_rows[] = {
    {"matching($'a')", true},
    {"eachValue(matching($'a'))", true},
    {"arrayContains(matching(type,1), matching($'a'))", true},
    {"atLeast(1), eachKey(matching($'a'))", true},
    {"eachValue(matching(type,'$a'))", false},
};

static void test_reference(void **state)
{
    const struct reference_row *row = *state;
    struct expression expression;
    assert_int_equal(expression_parse(str_of(row->name), arena, &expression, NULL), 0);
    assert_int_equal(expression.has_reference, row->has);
}

/* ---- the cases from elsewhere ---- */

static bool same(const struct json *want, const struct json *got)
{
    return json_is(want, JSON_NULL) || !want ? !got : json_equal(want, got);
}

static void test_case(void **state)
{
    const struct json *test = *state;
    struct expression expression = {0};
    struct err err = ERR_INIT;
    int rc = expression_parse(json_get_text(test, "expression"), arena, &expression, &err);
    if (json_get(test, "error")) {
        if (rc != ERR_PARSE)
            fail_msg("saw no error, expected %.*s", STR_FMT(json_get_text(test, "error")));
        return;
    }
    if (rc)
        fail_msg("saw %s", err.text);
    const struct json *rules = json_get(test, "rules");
    bool nested = json_get(json_at(rules, 0), "unserialisable") != NULL;
    bool right = str_eq(json_get_text(test, "value"), expression.text) &&
                 !json_get_text(test, "value").ptr == !expression.text.ptr &&
                 str_is(json_get_text(test, "valueType"), expression_type_name(expression.type)) &&
                 (nested ? expression.has_reference : json_equal(rules, rules_of(&expression))) &&
                 same(json_get(test, "generator"), expression.generator);
    if (!right)
        fail_msg("saw %.*s, expected %.*s", STR_FMT(shown(&expression)),
                 STR_FMT(json_to_str(arena, test, 0)));
}

static void test_no_cases(void **state)
{
    print_message("no %s: skipped\n", (const char *)*state);
    skip();
}

static void add_cases(struct rows *tests)
{
    const char *folder = getenv("TALLY_CASES");
    char *path =
        arena_printf(arena, "%s/matching-expressions.json", folder ? folder : "../shared/cases");
    struct str text = STR_NONE;
    struct json *list = NULL;
    struct err err = ERR_INIT;
    if (fs_read(path, LIMIT_FILE, arena, &text, &err)) {
        rows_add_test(tests, "shared cases", test_no_cases);
        tests->tests[tests->len - 1].initial_state = path;
        return;
    }
    if (json_parse(text, path, arena, &list, &err))
        abort();
    for (size_t i = 0; i < json_len(list); i++) {
        const char *name = arena_printf(arena, "case %zu: %.*s", i,
                                        STR_FMT(json_get_text(json_at(list, i), "expression")));
        rows_add_test(tests, name, test_case);
        tests->tests[tests->len - 1].initial_state = json_at(list, i);
    }
}

int main(void)
{
    struct arena *own ARENA_AUTO = arena_new();
    struct rows tests = {0};
    arena = own;
    ROWS_ADD(&tests, good_rows, test_good);
    ROWS_ADD(&tests, bad_rows, test_bad);
    ROWS_ADD(&tests, reference_rows, test_reference);
    rows_add_test(&tests, "limits", test_limits);
    add_cases(&tests);
    return rows_run(&tests, "expression");
}
