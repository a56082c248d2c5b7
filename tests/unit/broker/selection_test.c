// SPDX-License-Identifier: Apache-2.0
#include "broker/selection.h"

#include "tests/unit/broker/stage.h"
#include "tests/unit/lib/base/rows.h"
#include "broker/selection_text.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"

#define BASE "publish app 1 bff A main; publish app 2 bff B feat; publish app 3 bff C main; "
#define MAIN                                                                                       \
    {                                                                                              \
        .kind = SELECT_MAIN_BRANCH                                                                 \
    }
#define SINCE .wip_since = "2026-01-01"

static const struct row {
    const char *name, *script;
    struct selector selectors[2];
    size_t n;
    const char *branch, *tag;
    bool with_pending;
    const char *wip_since;
    /* contents in order, "!" pending, "*" WIP; then what the first is called */
    const char *expected, *called;
    const char *told; /* part of why the last is there; NULL = not looked at */
} rows[] = {
    {"main branch", BASE, {MAIN}, 1, .expected = "C", .called = "latest from main branch"},
    {"a branch",
     BASE,
     {{.kind = SELECT_BRANCH, .name = "feat"}},
     1,
     .expected = "B",
     .called = "latest from branch feat"},
    {"the head is what was added last, even an older one",
     BASE "branch app 1 feat",
     {{.kind = SELECT_BRANCH, .name = "feat"}},
     1,
     .expected = "A",
     .called = "latest from branch feat"},
    {"a head without contract selects nothing",
     BASE "version app 4; branch app 4 main",
     {MAIN},
     1,
     .expected = "",
     .called = ""},
    {"all branches",
     BASE,
     {{.kind = SELECT_BRANCH_HEADS}},
     1,
     .expected = "B C",
     .called = "latest from branch feat"},
    {"latest with tag",
     BASE "tag app 1 prod; tag app 2 prod",
     {{.kind = SELECT_LATEST_TAG, .name = "prod"}},
     1,
     .expected = "B",
     .called = "latest with tag prod"},
    {"all with tag",
     BASE "tag app 1 prod; tag app 2 prod",
     {{.kind = SELECT_TAG, .name = "prod"}},
     1,
     .expected = "A B",
     .called = "one of prod"},
    {"fallback tag",
     BASE "tag app 1 prod",
     {{.kind = SELECT_LATEST_TAG, .name = "feat-x", .fallback = "prod"}},
     1,
     .expected = "A",
     .called = "latest with tag prod"},
    {"fallback branch",
     BASE,
     {{.kind = SELECT_BRANCH, .name = "none", .fallback = "feat"}},
     1,
     .expected = "B",
     .called = "latest from branch feat"},
    {"latest", BASE, {{.kind = SELECT_LATEST}}, 1, .expected = "C", .called = "latest"},
    {"deployed",
     BASE "deploy prod app 1",
     {{.kind = SELECT_DEPLOYED}},
     1,
     .expected = "A",
     .called = "deployed to prod"},
    {"replaced is not deployed",
     BASE "deploy prod app 1; deploy prod app 2",
     {{.kind = SELECT_DEPLOYED}},
     1,
     .expected = "B",
     .called = "deployed to prod"},
    {"every instance",
     BASE "deploy prod app 1 a; deploy prod app 2 b",
     {{.kind = SELECT_DEPLOYED}},
     1,
     .expected = "A B",
     .called = "deployed to prod"},
    {"released in an environment",
     BASE "release prod app 1; release test app 2",
     {{.kind = SELECT_RELEASED, .name = "prod"}},
     1,
     .expected = "A",
     .called = "released in prod"},
    {"an environment",
     BASE "deploy prod app 1; release prod app 2",
     {{.kind = SELECT_ENVIRONMENT, .name = "prod"}},
     1,
     .expected = "A B",
     .called = "deployed to prod"},
    {"one content, two reasons",
     BASE "deploy prod app 3",
     {MAIN, {.kind = SELECT_DEPLOYED}},
     2,
     .expected = "C",
     .called = "latest from main branch, deployed to prod"},
    {"of one consumer only",
     BASE "publish web 1 bff W main",
     {{.kind = SELECT_MAIN_BRANCH, .consumer = "web"}},
     1,
     .expected = "W",
     .called = "latest from main branch"},
    {"an unknown consumer",
     BASE,
     {{.kind = SELECT_LATEST, .consumer = "nobody"}},
     1,
     .expected = "",
     .called = ""},
    {"defaults: main branch, and all that is in the field",
     BASE "deploy prod app 1; "
          "release prod app 2",
     {{0}},
     0,
     .expected = "A B C",
     .called = "deployed to prod"},
    {"defaults: a main branch whose head has no contract selects nothing",
     BASE "version app 4; branch app 4 main",
     {{0}},
     0,
     .expected = "",
     .called = ""},
    {"defaults: the tag named as the main branch",
     "publish app 1 bff A; publish app 2 bff B; days 1; tag app 1 main; publish app 3 bff C",
     {{0}},
     0,
     .expected = "A",
     .called = "latest with tag main"},
    {"defaults: latest without a main branch",
     "publish app 1 bff A; publish app 2 bff B",
     {{0}},
     0,
     .expected = "B",
     .called = "latest"},

    {"pending until somebody verified it",
     BASE,
     {MAIN},
     1,
     .with_pending = true,
     .expected = "C!",
     .called = "latest from main branch"},
    {"not pending once verified",
     BASE "verify C bff 9 ok",
     {MAIN},
     1,
     .with_pending = true,
     .expected = "C",
     .called = "latest from main branch"},
    {"a failure leaves it pending",
     BASE "verify C bff 9 failed",
     {MAIN},
     1,
     .with_pending = true,
     .expected = "C!",
     .called = "latest from main branch"},
    {"a partial result leaves it pending",
     BASE "verify C bff 9 partial",
     {MAIN},
     1,
     .with_pending = true,
     .expected = "C!",
     .called = "latest from main branch"},
    {"verified on the branch",
     BASE "branch bff 9 main; verify C bff 9 ok",
     {MAIN},
     1,
     .branch = "main",
     .with_pending = true,
     .expected = "C",
     .called = "latest from main branch"},
    {"verified by another branch before this one",
     BASE "branch bff 9 main; verify C bff 9 ok; "
          "branch bff 10 feat",
     {MAIN},
     1,
     .branch = "feat",
     .with_pending = true,
     .expected = "C",
     .called = "latest from main branch"},
    {"verified by another branch after this one began",
     BASE "branch bff 10 feat; "
          "branch bff 9 main; verify C bff 9 ok",
     {MAIN},
     1,
     .branch = "feat",
     .with_pending = true,
     .expected = "C!",
     .called = "latest from main branch"},
    {"the branch is not there yet: any other counts",
     BASE "branch bff 9 main; verify C bff 9 ok",
     {MAIN},
     1,
     .branch = "new",
     .with_pending = true,
     .expected = "C",
     .called = "latest from main branch"},
    {"verified with the tag",
     BASE "tag bff 9 dev; verify C bff 9 ok",
     {MAIN},
     1,
     .tag = "dev",
     .with_pending = true,
     .expected = "C",
     .called = "latest from main branch"},
    {"verified without the tag",
     BASE "tag bff 8 dev; verify C bff 9 ok",
     {MAIN},
     1,
     .tag = "dev",
     .with_pending = true,
     .expected = "C!",
     .called = "latest from main branch"},

    {"tagged after it was verified",
     BASE "verify C bff 9 ok; tag bff 9 dev",
     {MAIN},
     1,
     .tag = "dev",
     .with_pending = true,
     .expected = "C",
     .called = "latest from main branch"},
    {"verified under another tag, given later, before this one was used",
     BASE "verify C bff 9 ok; tag bff 9 old; tag bff 10 dev",
     {MAIN},
     1,
     .tag = "dev",
     .with_pending = true,
     .expected = "C",
     .called = "latest from main branch"},
    {"a tag that was taken back",
     BASE "tag bff 8 dev; verify C bff 9 ok; tag bff 9 dev; untag bff 9 dev",
     {MAIN},
     1,
     .tag = "dev",
     .with_pending = true,
     .expected = "C!",
     .called = "latest from main branch"},
    {"a tag given after the result ends no work in progress",
     BASE "verify B bff 9 ok; tag bff 9 dev; verify C bff 9 ok",
     {MAIN},
     1,
     .tag = "dev",
     .with_pending = true,
     SINCE,
     .expected = "C B!*",
     .called = "latest from main branch"},

    {"work in progress: other branch heads",
     BASE,
     {MAIN},
     1,
     .branch = "main",
     .with_pending = true,
     SINCE,
     .expected = "C! B!*",
     .called = "latest from main branch"},
    {"no work in progress without branch or tag",
     BASE,
     {MAIN},
     1,
     .with_pending = true,
     SINCE,
     .expected = "C!",
     .called = "latest from main branch"},
    {"no longer in progress once verified on the branch",
     BASE "branch bff 9 main; verify B bff 9 ok",
     {MAIN},
     1,
     .branch = "main",
     .with_pending = true,
     SINCE,
     .expected = "C!",
     .called = "latest from main branch"},
    {"verified as work in progress it stays so",
     BASE "branch bff 9 main; verify B bff 9 wip",
     {MAIN},
     1,
     .branch = "main",
     .with_pending = true,
     SINCE,
     .expected = "C! B!*",
     .called = "latest from main branch"},
    {"older than the date",
     BASE,
     {MAIN},
     1,
     .branch = "main",
     .with_pending = true,
     .wip_since = "2040-01-01",
     .expected = "C!",
     .called = "latest from main branch"},
    {"a success long ago no longer counts against it",
     BASE "branch bff 9 main; verify B bff 9 ok; days 40",
     {MAIN},
     1,
     .branch = "main",
     .with_pending = true,
     SINCE,
     .expected = "C! B!*",
     .called = "latest from main branch"},
    {"tag heads are work in progress too",
     "publish app 1 bff A main; publish app 2 bff B; days 1; "
     "tag app 2 try",
     {MAIN},
     1,
     .branch = "main",
     SINCE,
     .expected = "A B!*",
     .called = "latest from main branch",
     .told = "it is the pact for the latest version of app tagged with 'try' and is still"},
    {"heads of several tags",
     "publish app 1 bff A main; publish app 2 bff B; days 1; "
     "tag app 2 try; tag app 2 new; tag app 2 odd",
     {MAIN},
     1,
     .branch = "main",
     SINCE,
     .expected = "A B!*",
     .called = "latest from main branch",
     .told = "latest versions of app tagged with 'new', 'odd' and 'try' (all have the same content)"
             " and is still"},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct stage stage;
    struct selection selection = {
        .branch = row->branch, .with_pending = row->with_pending, .wip_since = row->wip_since};
    struct selected_pacts pacts = {0};
    struct pacticipant provider;
    struct err err = ERR_INIT;
    stage_start(&stage);
    stage_play(&stage, row->script);
    for (size_t i = 0; i < row->n; i++)
        *VEC_PUSH(stage.arena, &selection.selectors) = row->selectors[i];
    if (row->tag)
        *VEC_PUSH(stage.arena, &selection.tags) = row->tag;
    assert_int_equal(store_pacticipant_find(stage.store, "bff", stage.arena, &provider, &err), 1);
    if (selection_run(stage.store, &provider, &selection, stage.arena, &pacts, &err) < 0)
        fail_msg("%s", err.text);
    const char *seen = "";
    VEC_EACH(&pacts, const struct selected *, selected)
        seen = arena_printf(stage.arena, "%s%s%s%s%s", seen, *seen ? " " : "", selected->pact.sha,
                            selected->pending ? "!" : "", selected->wip ? "*" : "");
    assert_string_equal(seen, row->expected);
    assert_string_equal(pacts.len ? selection_short(stage.arena, &pacts.items[0]) : "",
                        row->called);
    if (row->told) {
        assert_true(pacts.len > 0);
        const char *told = selection_inclusion(stage.arena, &pacts.items[pacts.len - 1], "U");
        if (!strstr(told, row->told))
            fail_msg("expected '%s' in '%s'", row->told, told);
    }
    stage_end(&stage);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_row);
    return rows_run(&tests, "selection");
}
