// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/mapping_rules.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/contract/mapping.h"
#include "tests/unit/lib/base/rows.h"

#define RULES   "mapping:\n  rules:\n"
#define PATTERN "mapping:\n  pattern: '(?:(\\w+(?:\\.\\w+)*)\\.(\\w+))(?: (\\w+))? - (.+)'\n"

/* A file, a description, and what they map to; `method` NULL = nothing. */
static const struct mapped_row {
    const char *name, *yaml, *description, *comments;
    const char *method, *package, *scenario, *carrier;
} mapped_rows[] = {
    {"a rule", RULES "    - {regex: '^list', method: TxRepository.page}\n", "list of all", NULL,
     "TxRepository.page", NULL, "list of all", "mapping.rules"},
    {"a rule with a package", RULES "    - {regex: x, method: com.acme.TxRepository.page}\n", "x",
     NULL, "TxRepository.page", "com.acme", "x", "mapping.rules"},
    {"the first rule that fits",
     RULES "    - {regex: no, method: A.a}\n    - {regex: list, method: B.b}\n"
           "    - {regex: list, method: C.c}\n",
     "a list", NULL, "B.b", NULL, "a list", "mapping.rules"},
    {"no rule fits", RULES "    - {regex: ^x, method: A.a}\n", "a list", NULL, NULL, NULL, "a list",
     NULL},
    {"a rule that says what the description says", RULES "    - {regex: A.a, method: A.a}\n",
     "A.a: one", NULL, "A.a", NULL, "one", "description"},
    {"a rule comes before a guess", RULES "    - {regex: x, method: A.a}\n", "x",
     "{\"testname\":\"UserRepositoryTest.me\"}", "A.a", NULL, "x", "mapping.rules"},
    {"a pattern", PATTERN, "com.acme.transactions.page since - first one", NULL,
     "transactions.page", "com.acme", "first one", "description"},
    {"a pattern takes the place of the usual one", PATTERN, "A.b: one", NULL, NULL, NULL,
     "A.b: one", NULL},
    {"a pattern without a scenario", "mapping: {pattern: '(\\w+)/(\\w+)'}", "tx/page", NULL,
     "tx.page", NULL, "tx/page", "description"},
    {"sections of others", "broker: {x: 1}\n", "A.b: one", NULL, "A.b", NULL, "one", "description"},
    {"an empty file", "", "A.b: one", NULL, "A.b", NULL, "one", "description"},
};

static struct pact *contract(const struct mapping_rules *rules, const char *description,
                             const char *comments, struct arena *arena)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    struct str text = str_printf(
        arena,
        "{\"interactions\":[{\"type\":\"Synchronous/HTTP\",\"description\":\"%s\",\"comments\":%s}"
        "],\"metadata\":{\"pactSpecification\":{\"version\":\"4\"}}}",
        description, comments ? comments : "{}");
    if (pact_read(text, "p.json", arena, &pact, &err) != 0)
        fail_msg("%s", err.text);
    mapping_rules_apply(rules, pact);
    return pact;
}

static void test_mapped(void **state)
{
    const struct mapped_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct mapping_rules *rules = NULL;
    struct mapping mapping = {0};
    struct err err = ERR_INIT;
    if (mapping_rules_read(str_of(row->yaml), "tally.yaml", arena, &rules, &err) != 0)
        fail_msg("%d:%d %s", err.line, err.column, err.text);
    const struct pact *pact = contract(rules, row->description, row->comments, arena);
    if (mapping_of(&pact->interactions.items[0], arena, &mapping, &err) != 0)
        fail_msg("%s", err.text);
    assert_str_is(mapping.method, row->method);
    assert_str_is(mapping.package, row->package);
    assert_str_is(mapping.scenario, row->scenario);
    assert_str_is(mapping.carrier, row->carrier);
    assert_false(mapping.inferred);
    re_cache_clear();
}

static void test_contradiction(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct mapping_rules *rules = NULL;
    struct mapping mapping = {0};
    struct err err = ERR_INIT;
    struct str text = STR(RULES "    - {regex: one, method: A.a}\n");
    assert_int_equal(mapping_rules_read(text, "tally.yaml", arena, &rules, NULL), 0);
    const struct pact *pact = contract(rules, "B.b: one", NULL, arena);
    assert_int_equal(mapping_of(&pact->interactions.items[0], arena, &mapping, &err), ERR_PARSE);
    assert_string_equal(err.text, "description names 'B.b' but mapping.rules names 'A.a'");
    re_cache_clear();
}

static const struct refused_row {
    const char *name, *yaml, *want;
} refused_rows[] = {
    {"no YAML", "a: [", "1:5 while parsing a flow node: did not find expected node content"},
    {"no sections", "- 1\n", "1:1 a configuration has sections such as 'mapping:'"},
    {"no members", "mapping: 1\n", "1:10 the mapping section must have members"},
    {"an unknown member", "mapping:\n  rule: []\n",
     "2:9 the mapping section knows no member 'rule'"},
    {"an unknown member of a rule", RULES "    - {regex: x, method: A.b, name: c}\n",
     "3:37 the mapping section knows no member 'name'"},
    {"rules that are no list", "mapping: {rules: {a: b}}\n", "1:18 mapping.rules must be a list"},
    {"a rule without a method", RULES "    - regex: x\n",
     "3:7 a mapping rule needs 'regex' and 'method'"},
    {"a method that is none", RULES "    - regex: x\n      method: page\n",
     "4:15 the method of a mapping rule must be one like 'TransactionRepository.page'"},
    {"a regex that is a number", RULES "    - {regex: 1, method: A.b}\n",
     "3:15 the regex of a mapping rule must be a text"},
    {"a pattern without groups", "mapping: {pattern: '(?:\\w+)[(](a)'}",
     "1:20 mapping.pattern needs groups for repository and method, and may have more for variant "
     "and scenario"},
};

static void test_refused(void **state)
{
    const struct refused_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct mapping_rules *rules = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(mapping_rules_read(str_of(row->yaml), "tally.yaml", arena, &rules, &err),
                     ERR_PARSE);
    assert_null(rules);
    assert_str_is(str_printf(arena, "%d:%d %s", err.line, err.column, err.text), row->want);
    re_cache_clear();
}

static void test_bad_regex(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct mapping_rules *rules = NULL;
    struct err err = ERR_INIT;
    struct str text = STR(RULES "    - {regex: '(', method: A.a}\n");
    assert_int_equal(mapping_rules_read(text, "tally.yaml", arena, &rules, &err), ERR_PARSE);
    assert_int_equal(err.line, 3);
    assert_non_null(strstr(err.text, "the regex of a mapping rule: "));
    re_cache_clear();
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, mapped_rows, test_mapped);
    rows_add_test(&tests, "a rule that contradicts", test_contradiction);
    ROWS_ADD(&tests, refused_rows, test_refused);
    rows_add_test(&tests, "a regex that does not compile", test_bad_regex);
    return rows_run(&tests, "mapping_rules");
}
