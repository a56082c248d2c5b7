// SPDX-License-Identifier: Apache-2.0
/* What was live when: the ledger underneath deployments and releases. */
#include "broker/store.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"
#include "tests/unit/broker/stage.h"
#include "tests/unit/lib/base/rows.h"

/* "event version instance; ..." as it was written. */
static const char *history(struct stage *stage)
{
    struct err err = ERR_INIT;
    struct db_stmt *q DB_STMT_AUTO = NULL;
    const char *text = "";
    int code = db_query(stage->store->db, &err, &q,
                        "SELECT event || ' ' || pacticipant || ' ' || version"
                        " || IFNULL(' ' || instance, '') || '; ' FROM release_ledger"
                        " WHERE environment = 'prod' ORDER BY id",
                        "");
    while (code >= 0 && (code = db_step(q, &err)) > 0)
        text = arena_printf(stage->arena, "%s%s", text, db_text(q, 0, stage->arena));
    if (code < 0)
        fail_msg("%s", err.text);
    return text;
}

static const struct row {
    const char *name, *script, *history;
} rows[] = {
    {"a release that was supported twice",
     "version app 1; release prod app 1; unrelease prod app 1; release prod app 1",
     "released app 1; support_ended app 1; released app 1; "},
    {"one that is released already adds nothing",
     "version app 1; release prod app 1; release prod app 1", "released app 1; "},
    {"a deployment that takes another one's place",
     "version app 1; version app 2; deploy prod app 1; deploy prod app 2; undeploy prod app 2",
     "deployed app 1; replaced app 1; deployed app 2; undeployed app 2; "},
    {"instances beside each other",
     "version app 1; version app 2; deploy prod app 1 blue; deploy prod app 2 green",
     "deployed app 1 blue; deployed app 2 green; "},
    {"a tag with the name of the environment", "environment prod; version app 1; tag app 1 prod",
     "deployed app 1; "},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct stage stage;
    stage_start(&stage);
    stage_play(&stage, row->script);
    assert_string_equal(history(&stage), row->history);
    stage_end(&stage);
}

/* Whoever removes the place ends what was live in it, and what was is not forgotten. */
static void test_removed(void **state)
{
    (void)state;
    struct stage stage;
    struct err err = ERR_INIT;
    struct environment environment = {0};
    stage_start(&stage);
    stage_play(&stage, "version app 1; version app 2; version bff 9; release prod app 1;"
                       " release prod app 2; unrelease prod app 1; deploy prod bff 9 blue");
    assert_int_equal(
        store_environment_by_name(stage.store, "prod", stage.arena, &environment, &err), 1);
    assert_int_equal(store_environment_delete(stage.store, environment.id, stage.arena, &err), 0);
    assert_string_equal(history(&stage),
                        "released app 1; released app 2; support_ended app 1; deployed bff 9 blue; "
                        "undeployed bff 9 blue; support_ended app 2; ");
    assert_true(db_run(stage.store->db, &err, "DELETE FROM release_ledger", "") < 0);
    assert_true(db_run(stage.store->db, &err, "UPDATE release_ledger SET version = '0'", "") < 0);
    stage_end(&stage);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_row);
    rows_add_test(&tests, "an environment that is removed, and nobody who rewrites", test_removed);
    return rows_run(&tests, "ledger");
}
