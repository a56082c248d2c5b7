// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/inventory.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/json/json.h"
#include "tests/unit/lib/base/rows.h"

static const struct row {
    const char *name, *text;
    const char *wanted; /* "LINE:COLUMN index text" each, " ; " between; index "-" for none */
} rows[] = {
    {"empty", "{'methods':[]}", ""},
    {"all members, and others",
     "{'x':1,'methods':[{'name':'A.b','screens':['S'],'owner':'o','y':2}]}", ""},
    {"only names", "{'methods':[{'name':'A.b'},{'name':'A.c'}]}", ""},
    {"with its package", "{'methods':[{'name':'com.acme.A.b'}]}", ""},
    {"nothing", "{}", "1:1 - is missing"},
    {"no array", "{'methods':\n 3}", "2:2 - must be an array"},
    {"no object", "{'methods':[\n3]}", "2:1 0 must be a hash"},
    {"no name", "{'methods':[\n{}]}", "2:1 0 name is missing"},
    {"no method", "{'methods':[{'name':\n'me'}]}",
     "2:1 0 name must be a repository method like TransactionRepository.page"},
    {"a number for a name", "{'methods':[{'name':\n5}]}",
     "2:1 0 name must be a repository method like TransactionRepository.page"},
    {"twice", "{'methods':[{'name':'A.b'},{'name':\n'A.b'}]}",
     "2:1 1 name is that of an earlier method"},
    {"no owner, no screens", "{'methods':[{'name':'A.b','owner':' ','screens':['a',\n'']}]}",
     "1:35 0 owner must be a filled string ; 2:1 0 screens must be names of screens"},
    {"one screen", "{'methods':[{'name':'A.b','screens':\n'a'}]}",
     "2:1 0 screens must be an array"},
};

static void test_check(void **state)
{
    const struct row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf out BUF_AUTO = BUF_INIT(65536);
    struct inventory_problems problems = {0};
    struct json *root = NULL;
    char *text = arena_strdup(arena, row->text);
    for (char *c = text; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    assert_int_equal(json_parse(str_of(text), "inventory", arena, &root, NULL), 0);
    inventory_check(root, arena, &problems);
    VEC_EACH(&problems, const struct inventory_problem *, problem) {
        int line = 0, column = 0;
        json_position(problem->at, str_of(text), &line, &column);
        buf_printf(&out, "%s%d:%d ", out.len ? " ; " : "", line, column);
        if (problem->in_list)
            buf_printf(&out, "%zu %s", problem->index, problem->text);
        else
            buf_printf(&out, "- %s", problem->text);
    }
    assert_str_is(buf_view(&out), row->wanted);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_check);
    return rows_run(&tests, "inventory");
}
