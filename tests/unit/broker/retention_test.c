// SPDX-License-Identifier: Apache-2.0
/* What a run removes, and above all what it leaves. */
#include "broker/retention.h"

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"
#include "tests/unit/broker/stage.h"
#include "tests/unit/lib/base/rows.h"

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) < 0)                                                                            \
            fail_msg("%s: %s", #call, err.text);                                                   \
    } while (0)

static const struct retention_rules rules = {.version_days = 90,
                                             .branch_days = 90,
                                             .overwritten_days = 30,
                                             .webhook_days = 30,
                                             .limit = 1000};

static struct retention_run run_all(struct stage *stage, const struct retention_rules *with)
{
    struct err err = ERR_INIT;
    struct retention_run run;
    int more = 1;
    retention_begin(&run, stage->store, with, "test");
    while (more > 0) {
        OK(store_begin(stage->store, &err));
        OK(more = retention_step(stage->store, &run, &err));
        OK(store_commit(stage->store, &err));
    }
    return run;
}

static int64_t ask(struct stage *stage, const char *sql)
{
    struct err err = ERR_INIT;
    int64_t value = 0;
    OK(db_value(stage->store->db, &err, &value, sql, ""));
    return value;
}

/* "app/1 app/2", all of them, by name and age. */
static const char *versions_left(struct stage *stage)
{
    struct err err = ERR_INIT;
    struct db_stmt *q DB_STMT_AUTO = NULL;
    const char *text = "";
    int code = 0;
    OK(db_query(stage->store->db, &err, &q,
                "SELECT p.name, v.number FROM versions v"
                " JOIN pacticipants p ON p.id = v.pacticipant_id ORDER BY p.name, v.id",
                ""));
    while ((code = db_step(q, &err)) > 0)
        text = arena_printf(stage->arena, "%s%s%s/%s", text, *text ? " " : "",
                            db_text(q, 0, stage->arena), db_text(q, 1, stage->arena));
    OK(code);
    return text;
}

static const struct row {
    const char *name, *script, *left, *keep;
    int64_t days; /* of versions and branches; 0 = 90, -1 = never */
} rows[] = {
    {"an old version that nothing needs goes", "version app 1;version app 2;days 100", "app/2",
     NULL, 0},
    {"a young one stays", "version app 1;version app 2;days 80", "app/1 app/2", NULL, 0},
    {"never means never", "version app 1;version app 2;days 1000", "app/1 app/2", NULL, -1},
    {"what is deployed stays", "deploy prod app 1;version app 2;version app 3;days 1000",
     "app/1 app/3", NULL, 1},
    {"what was deployed and is not goes",
     "deploy prod app 1;deploy prod app 2;version app 3;days 100", "app/2 app/3", NULL, 0},
    {"what was live a short time ago stays",
     "deploy prod app 1;version app 2;version app 3;days 80;deploy prod app 2;days 20",
     "app/1 app/2 app/3", NULL, 0},
    {"what is released stays", "release prod app 1;version app 2;version app 3;days 1000",
     "app/1 app/3", NULL, 1},
    {"support that ended ends it", "release prod app 1;unrelease prod app 1;version app 2;days 100",
     "app/2", NULL, 0},
    {"the main branch stays, all of it",
     "branch app 1 main;branch app 2 main;branch app 3 main;branch app 4 x;version app 5;days 1000",
     "app/1 app/2 app/3 app/5", NULL, 1},
    {"a tag named like the main branch is one",
     "main app trunk;tag app 1 trunk;tag app 2 trunk;version app 3;version app 4;days 1000",
     "app/1 app/2 app/4", NULL, 1},
    {"the head of a branch in use stays",
     "branch app 1 f;branch app 2 f;days 95;branch app 3 f;branch app 4 g;version app 5",
     "app/3 app/4 app/5", NULL, 0},
    {"a branch that stands still goes with its versions",
     "branch app 1 f;branch app 2 f;version app 3;days 100", "app/3", NULL, 0},
    {"the latest of a tag stays", "tag app 1 t;tag app 2 t;version app 3;days 1000", "app/2 app/3",
     NULL, 0},
    {"the latest contract stays, though later versions have none",
     "publish app 1 api a;publish app 2 api b;version app 3;version app 4;days 1000",
     "api/9 app/2 app/4", NULL, 0},
    {"so does its latest result",
     "publish app 1 api a;verify a api 1 ok;verify a api 2 ok;version api 3;version api 4;days 200",
     "api/2 api/9 app/1", NULL, 0},
    {"and the last success, so that the contract does not become pending again",
     "publish app 1 api a;verify a api 1 ok;verify a api 2 failed;version api 3;days 200",
     "api/1 api/2 api/9 app/1", NULL, 0},
    {"and the last one with a tag, so that it does not for that tag",
     "publish app 1 api a;version api 1;version api 3;days 1;tag api 1 t;tag api 3 t;"
     "verify a api 1 ok;verify a api 2 ok;days 200",
     "api/1 api/3 api/2 api/9 app/1", NULL, 0},
    {"a result of yesterday keeps an old version",
     "version api 1;version api 2;publish app 1 api a;days 200;verify a api 1 ok;"
     "verify a api 2 ok;days 1",
     "api/1 api/2 api/9 app/1", NULL, 0},
    {"a selector keeps a tag", "tag app 1 t;tag app 2 t;version app 3;version app 4;days 1000",
     "app/1 app/2 app/4", "[{\"tag\":\"t\"}]", 0},
    {"any tag", "tag app 1 t;tag app 2 t;version app 3;version app 4;days 1000",
     "app/1 app/2 app/4", "{\"tag\":true}", 0},
    {"of another pacticipant it keeps none", "tag app 1 t;tag app 2 t;version app 3;days 1000",
     "app/2 app/3", "{\"tag\":\"t\",\"pacticipant\":\"else\"}", 0},
    {"a selector keeps a branch and what is on it",
     "branch app 1 f;branch app 2 f;version app 3;days 1000", "app/1 app/2 app/3",
     "{\"branch\":\"f\"}", 0},
    {"all members of a selector count", "branch app 1 f;branch app 2 f;version app 3;days 1000",
     "app/3", "{\"branch\":\"f\",\"max_age\":500}", 0},
    {"ages apart per pacticipant",
     "version app 1;version app 2;version lib 1;version lib 2;days 200", "app/1 app/2 lib/2",
     "{\"pacticipant\":\"app\",\"max_age\":365}", 0},
    {"what names the live ones only adds nothing", "version app 1;version app 2;days 100", "app/2",
     "[{\"deployed\":true},{\"environment\":\"prod\"},{\"latest\":true,\"tag\":true}]", 0},
};

/* Every table: what was there is either counted as removed or is still there. */
static void check_counts(const int64_t *before, const int64_t *after,
                         const struct retention_run *run)
{
    for (int i = 0; i < RETENTION_TABLES; i++) {
        if (before[i] != after[i] + run->removed[i])
            fail_msg("%s: %lld before, %lld after, but %lld counted", retention_tables[i],
                     (long long)before[i], (long long)after[i], (long long)run->removed[i]);
    }
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct err err = ERR_INIT;
    struct stage stage;
    struct retention_rules with = rules;
    int64_t before[RETENTION_TABLES], after[RETENTION_TABLES];
    stage_start(&stage);
    if (row->days != 0)
        with.version_days = with.branch_days = row->days < 0 ? 0 : row->days;
    OK(retention_parse_keep(&with, row->keep, stage.arena, &err));
    stage_play(&stage, row->script);
    if (strstr(row->left, "api/9"))
        stage_play(&stage, "version api 9");
    OK(retention_count(stage.store, before, &err));
    struct retention_run run = run_all(&stage, &with);
    OK(retention_count(stage.store, after, &err));
    check_counts(before, after, &run);
    assert_string_equal(versions_left(&stage), row->left);
    int64_t again = retention_total(&run);
    assert_int_equal(ask(&stage, "SELECT COALESCE(SUM(removed), 0) FROM removals"), again);
    stage_end(&stage);
}

static void test_overwritten(void **state)
{
    (void)state;
    struct stage stage;
    stage_start(&stage);
    stage_play(&stage, "publish app 1 api a;verify a api 1 failed;verify a api 1 ok;days 20;"
                       "publish app 1 api b;days 20");
    /* The result was replaced 40 days ago, the publication only 20. */
    struct retention_run run = run_all(&stage, &rules);
    assert_string_equal(retention_text(&run, stage.arena), "verifications=1");
    assert_int_equal(ask(&stage, "SELECT verdict FROM verifications"), VERDICT_VERIFIED);
    stage_play(&stage, "days 20");
    run = run_all(&stage, &rules);
    assert_string_equal(retention_text(&run, stage.arena),
                        "publications=1 pact_versions=1 verifications=1");
    assert_int_equal(ask(&stage, "SELECT COUNT(*) FROM pact_versions WHERE sha = 'b'"), 1);
    assert_int_equal(ask(&stage, "SELECT COUNT(*) FROM latest_publications"), 1);
    assert_int_equal(retention_total(&run), 3);
    stage_end(&stage);
}

static void test_overwritten_live(void **state)
{
    (void)state;
    struct stage stage;
    stage_start(&stage);
    stage_play(&stage, "publish app 1 api a;deploy prod app 1;publish app 1 api b;days 400");
    struct retention_run run = run_all(&stage, &rules);
    assert_int_equal(retention_total(&run), 0);
    stage_end(&stage);
}

static void test_limit(void **state)
{
    (void)state;
    struct stage stage;
    struct retention_rules with = rules;
    stage_start(&stage);
    for (int i = 0; i < 250; i++)
        stage_play(&stage, arena_printf(stage.arena, "version app %d", i));
    stage_play(&stage, "days 100");
    with.limit = 120;
    struct retention_run run = run_all(&stage, &with);
    assert_int_equal(retention_total(&run), 120);
    assert_int_equal(ask(&stage, "SELECT MIN(CAST(number AS INTEGER)) FROM versions"), 120);
    run = run_all(&stage, &with);
    run = run_all(&stage, &with);
    assert_string_equal(versions_left(&stage), "app/249");
    stage_end(&stage);
}

#define TRIGGERED(uuid, event, due)                                                                \
    "INSERT INTO triggered_webhooks(uuid, webhook_uuid, event, name, base, status, attempts,"      \
    " consumer_id, provider_id, consumer_version_id, pact_version_id, due_at, created_at,"         \
    " updated_at) SELECT '" uuid "', 'w', '" event "', 'n', 'b', 'success', 1, lp.consumer_id,"    \
    " lp.provider_id, lp.consumer_version_id, lp.pact_version_id, " due ", v.created_at,"          \
    " v.created_at FROM latest_publications lp JOIN versions v ON v.id = lp.consumer_version_id"   \
    " WHERE v.number = '1'"

static void test_webhooks(void **state)
{
    (void)state;
    struct stage stage;
    struct err err = ERR_INIT;
    stage_start(&stage);
    stage_play(&stage, "publish app 1 api a;publish app 2 api b;version api 1");
    OK(db_script(
        stage.store->db,
        TRIGGERED("old", "e", "NULL") ";" TRIGGERED("last", "e", "NULL") ";" TRIGGERED(
            "other", "f",
            "NULL") ";"
                    "INSERT INTO webhook_executions(triggered_id, success, logs, created_at)"
                    " SELECT id, 1, 'log', created_at FROM triggered_webhooks WHERE uuid = 'old'",
        &err));
    stage_play(&stage, "days 40");
    struct retention_run run = run_all(&stage, &rules);
    assert_string_equal(retention_text(&run, stage.arena),
                        "triggered_webhooks=1 webhook_executions=1");
    /* A version that a webhook still waits for stays with all that the webhook tells. */
    OK(db_script(stage.store->db, TRIGGERED("due", "g", "'2020'"), &err));
    stage_play(&stage, "days 100");
    run = run_all(&stage, &rules);
    assert_string_equal(versions_left(&stage), "api/1 app/1 app/2");
    assert_int_equal(
        db_run(stage.store->db, &err, "UPDATE triggered_webhooks SET due_at = NULL", ""), 3);
    run = run_all(&stage, &rules);
    assert_string_equal(versions_left(&stage), "api/1 app/2");
    assert_string_equal(retention_text(&run, stage.arena),
                        "versions=1 publications=1 pact_versions=1 triggered_webhooks=3");
    stage_end(&stage);
}

static const struct bad_row {
    const char *name, *keep, *says;
} bad_rows[] = {
    {"no JSON", "[{", "no JSON"},
    {"an unknown member", "[{\"tags\":true}]", "'tags'"},
    {"an empty selector would keep everything", "[{}]", "at least one member"},
    {"no object", "[true]", "a keep selector is"},
    {"an age of nothing", "{\"max_age\":0}", "'max_age'"},
    {"an age in words", "{\"max_age\":\"90\"}", "'max_age'"},
    {"a tag that is false", "{\"tag\":false}", "'tag'"},
    {"deployed in a name", "{\"deployed\":\"prod\"}", "'deployed'"},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct retention_rules with = rules;
    struct err err = ERR_INIT;
    assert_int_equal(retention_parse_keep(&with, row->keep, arena, &err), ERR_USAGE);
    if (!strstr(err.text, row->says))
        fail_msg("'%s' does not say '%s'", err.text, row->says);
    assert_int_equal(with.keep.len, 0);
}

/* An inventory at versions 1 and 2 of four: the later one is the latest. */
static void test_documents(void **state)
{
    (void)state;
    struct stage stage;
    struct err err = ERR_INIT;
    stage_start(&stage);
    stage_play(&stage, "version app 1;version app 2;version app 3;version app 4");
    OK(db_script(stage.store->db,
                 "INSERT INTO version_documents(version_id, pacticipant_id, kind, revision, body,"
                 " created_at) SELECT id, pacticipant_id, 'inventory', 1, '{}', created_at"
                 " FROM versions WHERE number < '3';"
                 "INSERT INTO evidence SELECT id, 'pack', '{}', created_at FROM versions"
                 " WHERE number = '1'",
                 &err));
    stage_play(&stage, "days 100");
    struct retention_run run = run_all(&stage, &rules);
    assert_string_equal(versions_left(&stage), "app/1 app/2 app/4");
    OK(db_script(stage.store->db, "DELETE FROM evidence", &err));
    run = run_all(&stage, &rules);
    assert_string_equal(versions_left(&stage), "app/2 app/4");
    assert_string_equal(retention_text(&run, stage.arena), "versions=1 version_documents=1");
    stage_end(&stage);
}

static void test_append_only(void **state)
{
    (void)state;
    struct stage stage;
    stage_start(&stage);
    stage_play(&stage, "version app 1;version app 2;days 100");
    run_all(&stage, &rules);
    assert_int_equal(ask(&stage, "SELECT COUNT(*) FROM removals"), 1);
    assert_true(db_run(stage.store->db, NULL, "DELETE FROM removals", "") < 0);
    assert_true(db_run(stage.store->db, NULL, "UPDATE removals SET removed = 0", "") < 0);
    stage_end(&stage);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_row);
    ROWS_ADD(&tests, bad_rows, test_bad);
    rows_add_test(&tests, "what was overwritten goes later, the latest never", test_overwritten);
    rows_add_test(&tests, "what a live version once said stays", test_overwritten_live);
    rows_add_test(&tests, "a run removes the oldest up to its limit", test_limit);
    rows_add_test(&tests, "history of webhooks goes, what is due stays", test_webhooks);
    rows_add_test(&tests, "the latest inventory and evidence stay", test_documents);
    rows_add_test(&tests, "the list of removals is append-only", test_append_only);
    return rows_run(&tests, "retention");
}
