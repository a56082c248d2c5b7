// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/adr/findings.h"

/* Pages separated by '|': "cursor sent > ids > next", "-" for absent; limit 2 unless changed. */
static const struct walk_row {
    const char *name, *pages, *stopped, *findings, *says;
} walk_rows[] = {
    {"every row once passes", "->a,b>k1|k1>c,d>k2|k2>e>-", NULL,
     "pass live INT-005-CURSOR list\npass live INT-005-CURSOR-OPAQUE list\n",
     "5 rows in 3 pages, every row once"},
    {"a row that comes again fails", "->a,b>k1|k1>b,c>k2|k2>d>-", NULL,
     "fail live INT-005-CURSOR list\npass live INT-005-CURSOR-OPAQUE list\n",
     "1 of 5 rows came more than once"},
    {"a row that comes again fails an unfinished walk too", "->a,b>k1|k1>a,b>k2", "50 pages seen",
     "fail live INT-005-CURSOR list\npass live INT-005-CURSOR-OPAQUE list\n", NULL},
    {"a cursor that names itself fails", "->a,b>k1|k1>c,d>k1", "the same cursor again",
     "fail live INT-005-CURSOR list\npass live INT-005-CURSOR-OPAQUE list\n", "never ends"},
    {"more rows than asked for fail", "->a,b,c>k1|k1>d>-", NULL,
     "fail live INT-005-CURSOR list\npass live INT-005-CURSOR-OPAQUE list\n", "than the limit"},
    {"a walk that stopped cannot be told", "->a,b>k1|k1>c,d>k2", "status 500",
     "inconclusive live INT-005-CURSOR list\npass live INT-005-CURSOR-OPAQUE list\n", "status 500"},
    {"one page cannot be told", "->a,b>-", NULL,
     "inconclusive live INT-005-CURSOR list\ninconclusive live INT-005-CURSOR-OPAQUE list\n",
     "only one page"},
    {"no page cannot be told", "", NULL,
     "inconclusive live INT-005-CURSOR list\ninconclusive live INT-005-CURSOR-OPAQUE list\n", NULL},
    {"pages that do not follow from each other cannot be told", "->a,b>k1|k9>c,d>-", NULL,
     "inconclusive live INT-005-CURSOR list\npass live INT-005-CURSOR-OPAQUE list\n", NULL},
    {"positions as cursors fail", "->a,b>2|2>c,d>4|4>e,f>6|6>g>-", NULL,
     "pass live INT-005-CURSOR list\nfail live INT-005-CURSOR-OPAQUE list\n", "3 of 3 cursors"},
    {"positions in base64 fail", "->a,b>Mg==|Mg==>c,d>NA==|NA==>e,f>Ng==|Ng==>g>-", NULL,
     "pass live INT-005-CURSOR list\nfail live INT-005-CURSOR-OPAQUE list\n", NULL},
    {"arrayconnection:N in base64 fails",
     "->a,b>YXJyYXljb25uZWN0aW9uOjE=|YXJyYXljb25uZWN0aW9uOjE=>c,d>YXJyYXljb25uZWN0aW9uOjM=|"
     "YXJyYXljb25uZWN0aW9uOjM=>e,f>YXJyYXljb25uZWN0aW9uOjU=|YXJyYXljb25uZWN0aW9uOjU=>g>-",
     NULL, "pass live INT-005-CURSOR list\nfail live INT-005-CURSOR-OPAQUE list\n", NULL},
    {"{\"offset\":N} in base64 fails",
     "->a,b>eyJvZmZzZXQiOjJ9|eyJvZmZzZXQiOjJ9>c,d>eyJvZmZzZXQiOjR9|eyJvZmZzZXQiOjR9>e,f>"
     "eyJvZmZzZXQiOjZ9|eyJvZmZzZXQiOjZ9>g>-",
     NULL, "pass live INT-005-CURSOR list\nfail live INT-005-CURSOR-OPAQUE list\n", NULL},
    {"two positions alone are warned of", "->a,b>2|2>c,d>4|4>e>-", NULL,
     "pass live INT-005-CURSOR list\nwarn live INT-005-CURSOR-OPAQUE list\n", NULL},
    {"sequential keys are warned of", "->a,b>1002|1002>c,d>1004|1004>e,f>1006|1006>g>-", NULL,
     "pass live INT-005-CURSOR list\nwarn live INT-005-CURSOR-OPAQUE list\n", "can be guessed"},
    {"the last row's id is warned of", "->a,b>b|b>c,d>ZA==|ZA==>e>-", NULL,
     "pass live INT-005-CURSOR list\nwarn live INT-005-CURSOR-OPAQUE list\n", "id of the last row"},
    {"numbers that count nothing pass", "->a,b>90371|90371>c,d>1177|1177>e>-", NULL,
     "pass live INT-005-CURSOR list\npass live INT-005-CURSOR-OPAQUE list\n", NULL},
};

static struct str absent_or(struct str text)
{
    return str_is(text, "-") ? STR_NONE : text;
}

static struct adr_walk walk_of(const struct walk_row *row, struct arena *arena)
{
    struct adr_walk walk = {
        .subject = STR("list"), .complete = !row->stopped, .stopped = str_of(row->stopped)};
    struct str rest = *row->pages ? str_of(row->pages) : STR_NONE;
    while (rest.ptr) {
        struct str page = str_cut(&rest, '|');
        struct adr_page *into = VEC_PUSH(arena, &walk.pages);
        into->url = STR("http://127.0.0.1/list");
        into->status = 200;
        into->limit = 2;
        into->cursor = absent_or(str_cut(&page, '>'));
        struct str ids = str_cut(&page, '>');
        while (ids.len > 0)
            *VEC_PUSH(arena, &into->ids) = str_cut(&ids, ',');
        into->next = absent_or(page);
    }
    return walk;
}

static void test_walk(void **state)
{
    const struct walk_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    struct adr_walk walk = walk_of(row, arena);
    adr_check_walk(&walk, "INT-005-CURSOR", arena, &findings);
    assert_string_equal(findings_text(&findings, arena), row->findings);
    findings_say(&findings, row->says);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, walk_rows, test_walk);
    return rows_run(&tests, "adr_walk");
}
