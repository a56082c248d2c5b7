// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/lint.h"

static struct arena *arena;

static struct str quoted(const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    return str_of(copy);
}

#define BODY(body, rules)                                                                          \
    "{'description':'R.m: s','response':{'body':" body ",'matchingRules':{'body':{" rules "}}}}"
#define TYPE "{'matchers':[{'match':'type'}]}"

/* Interactions of a V3 file, and the checks that they fail: "check where," each, in order. */
static const struct lint_row {
    const char *name, *interactions, *findings;
} lint_rows[] = {
    {"nothing wrong", BODY("{'a':[{'b':1}]}", "'$.a':" TYPE ",'$.a[*].b':" TYPE), ""},
    {"nothing promised", "", "no-interactions ,"},
    {"no method", "{'description':'s'}", "unmapped ,"},
    {"carriers disagree", "{'description':'R.m: s','comments':{'text':['tally: R.n']}}",
     "mapping-contradicts ,"},
    {"the same twice", "{'description':'R.m: s'},{'description':'R.m: s'}",
     "description-repeated ,"},
    {"a method guessed from the test's name",
     "{'description':'s','comments':{'testname':'UserRepositoryTest.me'}}", "unmapped ,"},
    {"a method with two operations",
     "{'description':'R.m: s','request':{'path':'/a'}},"
     "{'description':'R.m: t','request':{'path':'/b'}}",
     "method-operations ,"},
    {"methods with one operation each",
     "{'description':'R.m: s','request':{'path':'/a'}},"
     "{'description':'R.m: t','request':{'path':'/a'}},"
     "{'description':'R.n: t','request':{'path':'/b'}}",
     ""},
    {"an operation of two methods",
     "{'description':'R.m: s','request':{'path':'/a'}},"
     "{'description':'R.n: s','request':{'path':'/a'}}",
     "operation-shared ,"},
    {"a test with two operations",
     "{'description':'R.m: s','comments':{'testname':'x.T.a'},'request':{'path':'/a'}},"
     "{'description':'R.n: s','comments':{'testname':'x.T.a'},'request':{'path':'/b'}}",
     "test-composes ,"},
    {"twice in other states",
     "{'description':'R.m: s'},{'description':'R.m: s','providerState':'x'}", ""},
    {"a rule on nothing", BODY("{'a':1}", "'$.b':" TYPE), "rule-never-fires response body $.b,"},
    {"a rule without a body",
     "{'description':'R.m: s','response':{'matchingRules':{'body':{'$.b':" TYPE "}}}}",
     "rule-never-fires response body $.b,"},
    {"items of an empty array", BODY("{'a':[]}", "'$.a':" TYPE ",'$.a[*].b':" TYPE),
     "rule-never-fires response body $.a[*].b,"},
    {"an item beyond the example, where a rule lets there be more",
     BODY("{'a':[1]}", "'$.a':" TYPE ",'$.a[3]':" TYPE), ""},
    {"an item beyond the example, where none does", BODY("{'a':[1]}", "'$.a[3]':" TYPE),
     "rule-never-fires response body $.a[3],"},
    {"another key, where keys are free",
     BODY("{'a':{'k':1}}", "'$.a':{'matchers':[{'match':'values'}]},'$.a.*':" TYPE), ""},
    {"a rule that another always comes before", BODY("{'a':1}", "'$.*':" TYPE ",'$.a':" TYPE),
     "rule-never-fires response body $.*,"},
    {"a header that is not there",
     "{'description':'R.m: s','response':{'headers':{'A':'1'},'matchingRules':{'header':{'a':" TYPE
     ",'B':" TYPE "}}}}",
     "rule-never-fires response header B,"},
    {"a parameter that is not there",
     "{'description':'R.m: "
     "s','request':{'query':{'a[]':['1']},'matchingRules':{'query':{'a[]':" TYPE ",'b':" TYPE
     "}}}}",
     "rule-never-fires request query b,"},
    {"an example against its rule", BODY("{'a':'x'}", "'$.a':{'matchers':[{'match':'integer'}]}"),
     "example-rejected response body $.a,"},
    {"an unknown matcher", BODY("{'a':'x'}", "'$.a':{'matchers':[{'match':'magic'}]}"),
     "matcher-unknown response body $.a,example-rejected response body $.a,"},
    {"a pattern that is none",
     BODY("{'a':'x'}", "'$.a':{'matchers':[{'match':'regex','regex':'('}]}"),
     "regex-invalid response body $.a,not-judged response,"},
    {"a pattern that is none, inside of a variant",
     BODY("{'a':['x']}", "'$.a':{'matchers':[{'match':'arrayContains','variants':[{'index':0,"
                         "'rules':{'$':{'matchers':[{'match':'regex','regex':'('}]}}}]}]}"),
     "regex-invalid response body $.a,not-judged response,"},
    {"min above max", BODY("{'a':[1]}", "'$.a':{'matchers':[{'match':'type','min':3,'max':2}]}"),
     "limits-contradict response body $.a,example-rejected response body $.a,"},
    {"an empty rule", BODY("{'a':1}", "'$.a':{'matchers':[]}"), "rule-empty response body $.a,"},
    {"a variant without its example",
     BODY("{'a':[1]}", "'$.a':{'matchers':[{'match':'arrayContains','variants':[{'index':2}]}]}"),
     "variant-without-example response body $.a,example-rejected response body $.a,"},
    {"random values",
     BODY("{'a':'3f2b8c1e-9d47-4a6b-8e21-7c5d0f9b1a34','b':'2026-11-20T17:59:49.837Z'}", ""),
     "random-data response body $.a,random-data response body $.b,"},
    {"values somebody chose",
     BODY("{'a':'00000000-0000-4000-8000-000000000001','b':'2026-11-20T17:59:49.000Z'}", ""), ""},
    {"a random segment of the path",
     "{'description':'R.m: s','request':{'path':'/u/3f2b8c1e-9d47-4a6b-8e21-7c5d0f9b1a34'}}",
     "random-data request path,"},
    {"invalid paths",
     "{'description':'R.m: s','response':{'matchingRules':{'body':{'$.a b':" TYPE ",'$.a':" TYPE
     "}},'generators':{'body':{'$..a':{'type':'Uuid'}}}}}",
     "path-invalid $.a b,path-invalid $..a,not-judged ,"},
    {"an invalid path of V2",
     "{'description':'R.m: s','request':{'matchingRules':{'$.bodi.a':{'match':'type'}}}}",
     "path-invalid $.bodi.a,not-judged ,"},
};

static void test_lint(void **state)
{
    const struct lint_row *row = *state;
    const struct lint_options options = {0};
    struct lint_findings findings = {0};
    struct err err = ERR_INIT;
    arena = arena_new();
    struct str text = quoted(
        arena_printf(arena, "{'consumer':{'name':'c'},'provider':{'name':'p'},'interactions':[%s]}",
                     row->interactions));
    if (lint_text(text, "file.json", &options, arena, &findings, &err) != 0)
        fail_msg("%s", err.text);
    struct str rest = str_of(row->findings);
    size_t wanted = 0, texts = 0;
    while (rest.len > 0) {
        struct str one = str_cut(&rest, ',');
        bool found = false;
        wanted++;
        VEC_EACH(&findings, const struct lint_finding *, finding) {
            struct str saw = str_printf(arena, "%s %.*s", finding->check, STR_FMT(finding->where));
            found = found || str_starts(saw, one);
        }
        if (!found)
            fail_msg("nothing says '%.*s'", STR_FMT(one));
    }
    VEC_EACH(&findings, const struct lint_finding *, finding) {
        print_message("    %s %.*s: %.*s\n", finding->check, STR_FMT(finding->where),
                      STR_FMT(finding->text));
        texts += finding->text.len > 0;
    }
    assert_int_equal(findings.len, wanted);
    assert_int_equal(texts, wanted);
    arena_free(arena);
}

static void test_mapping_required(void **state)
{
    (void)state;
    const struct lint_options options = {.require_mapping = true};
    struct lint_findings findings = {0};
    arena = arena_new();
    struct str text = quoted("{'consumer':{'name':'c'},'provider':{'name':'p'},'interactions':[\n"
                             "  {'description':'s'}]}");
    assert_int_equal(lint_text(text, "f", &options, arena, &findings, NULL), 0);
    assert_int_equal(findings.len, 1);
    assert_int_equal(findings.items[0].level, LINT_ERROR);
    assert_int_equal(findings.items[0].line, 2);
    assert_int_equal(findings.items[0].column, 3);
    arena_free(arena);
}

static void test_unreadable(void **state)
{
    (void)state;
    const struct lint_options options = {0};
    struct lint_findings findings = {0};
    struct err err = ERR_INIT;
    arena = arena_new();
    assert_int_equal(lint_text(STR("{"), "f", &options, arena, &findings, &err), ERR_PARSE);
    err = ERR_INIT;
    assert_int_equal(lint_text(STR("{}"), "f", &options, arena, &findings, &err), ERR_PARSE);
    assert_true(strlen(err.text) > 0);
    arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[50] = {
        cmocka_unit_test(test_mapping_required),
        cmocka_unit_test(test_unreadable),
    };
    size_t len = 2;
    for (size_t i = 0; i < sizeof lint_rows / sizeof *lint_rows; i++)
        tests[len++] =
            (struct CMUnitTest){lint_rows[i].name, test_lint, NULL, NULL, (void *)&lint_rows[i]};
    return _cmocka_run_group_tests("lint", tests, len, NULL, NULL);
}
