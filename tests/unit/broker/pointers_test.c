// SPDX-License-Identifier: Apache-2.0
/*
 * The tables branch_successes and tagged_successes against what the results, memberships and tags
 * say themselves, after each of many random publications, results, memberships and deletions.
 */
#include "broker/store.h"

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"
#include "tests/unit/broker/stage.h"
#include "tests/unit/lib/base/rows.h"

enum { STEPS = 400, CONTENTS = 4, VERSIONS = 12, BRANCHES = 3 };

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) < 0)                                                                            \
            fail_msg("%s: %s", #call, err.text);                                                   \
    } while (0)

static unsigned next(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

#define TRUTH                                                                                      \
    "SELECT s.pact_version_id, bv.branch_id, s.wip, MIN(s.first_at), MAX(s.last_at)"               \
    " FROM successes s JOIN branch_versions bv ON bv.version_id = s.provider_version_id"           \
    " GROUP BY 1, 2, 3"
#define KEPT "SELECT pact_version_id, branch_id, wip, first_at, last_at FROM branch_successes"

#define TAG_TRUTH                                                                                  \
    "SELECT s.pact_version_id, t.name, MIN(s.first_at) FROM successes s"                           \
    " JOIN tags t ON t.version_id = s.provider_version_id GROUP BY 1, 2"
#define TAG_KEPT "SELECT pact_version_id, tag, first_at FROM tagged_successes"

static int64_t ask(struct stage *stage, const char *sql)
{
    struct err err = ERR_INIT;
    int64_t value = -1;
    OK(db_value(stage->store->db, &err, &value, sql, ""));
    return value;
}

static void check(struct stage *stage, const char *step, bool times)
{
    int64_t missing = ask(stage, "SELECT COUNT(*) FROM (SELECT pact_version_id, branch_id, wip FROM"
                                 " (" TRUTH ") EXCEPT SELECT pact_version_id, branch_id, wip FROM"
                                 " branch_successes)");
    int64_t extra = ask(stage, "SELECT COUNT(*) FROM (SELECT pact_version_id, branch_id, wip FROM"
                               " branch_successes EXCEPT SELECT pact_version_id, branch_id, wip"
                               " FROM (" TRUTH "))");
    int64_t differ = ask(stage, "SELECT COUNT(*) FROM (SELECT * FROM (" KEPT
                                ") EXCEPT SELECT * FROM (" TRUTH "))");
    if (missing || extra || (times && differ))
        fail_msg("after '%s': %lld missing, %lld too many, %lld with other times", step,
                 (long long)missing, (long long)extra, (long long)differ);
    missing = ask(stage, "SELECT COUNT(*) FROM (SELECT pact_version_id, name FROM (" TAG_TRUTH
                         ") EXCEPT SELECT pact_version_id, tag FROM tagged_successes)");
    extra = ask(stage, "SELECT COUNT(*) FROM (SELECT pact_version_id, tag FROM tagged_successes"
                       " EXCEPT SELECT pact_version_id, name FROM (" TAG_TRUTH "))");
    differ = ask(stage, "SELECT COUNT(*) FROM (" TAG_KEPT " EXCEPT " TAG_TRUTH ")");
    if (missing || extra || (times && differ))
        fail_msg("after '%s': of tags %lld missing, %lld too many, %lld with other times", step,
                 (long long)missing, (long long)extra, (long long)differ);
}

static void delete_result(struct stage *stage, unsigned *seed)
{
    struct err err = ERR_INIT;
    struct verification row = {0};
    int64_t n = ask(stage, "SELECT COUNT(*) FROM verifications");
    if (n == 0)
        return;
    struct db_stmt *q DB_STMT_AUTO = NULL;
    OK(db_query(stage->store->db, &err, &q,
                "SELECT id, pact_version_id, provider_version_id, wip FROM verifications"
                " LIMIT 1 OFFSET $1",
                "i", (int64_t)next(seed, (unsigned)n)));
    assert_int_equal(db_step(q, &err), 1);
    row.id = db_int(q, 0);
    row.pact_version_id = db_int(q, 1);
    row.provider_version_id = db_int(q, 2);
    row.wip = db_int(q, 3) != 0;
    db_done(q);
    q = NULL;
    OK(store_begin(stage->store, &err));
    OK(store_verification_delete(stage->store, &row, &err));
    OK(store_commit(stage->store, &err));
}

static void delete_version(struct stage *stage, const char *number)
{
    struct err err = ERR_INIT;
    struct pacticipant bff;
    struct version version;
    OK(store_begin(stage->store, &err));
    OK(store_pacticipant_find(stage->store, "bff", stage->arena, &bff, &err));
    int code = store_version_find(stage->store, bff.id, number, stage->arena, &version, &err);
    OK(code);
    if (code > 0)
        OK(store_version_delete(stage->store, version.id, &err));
    OK(store_commit(stage->store, &err));
}

static void leave_branch(struct stage *stage, const char *number, const char *branch)
{
    struct err err = ERR_INIT;
    struct pacticipant bff;
    struct version version;
    OK(store_begin(stage->store, &err));
    OK(store_pacticipant_find(stage->store, "bff", stage->arena, &bff, &err));
    int code = store_version_find(stage->store, bff.id, number, stage->arena, &version, &err);
    OK(code);
    if (code > 0)
        OK(store_branch_version_delete(stage->store, version.id, branch, &err));
    OK(store_commit(stage->store, &err));
}

static void play(unsigned seed, bool deletes)
{
    struct stage stage;
    stage_start(&stage);
    for (int i = 0; i < CONTENTS; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        stage_play(&stage, arena_printf(arena, "publish app %d bff C%d main", i, i));
    }
    for (int i = 0; i < STEPS; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        const char *number = arena_printf(arena, "%u", next(&seed, VERSIONS));
        const char *branch = arena_printf(arena, "b%u", next(&seed, BRANCHES));
        unsigned content = next(&seed, CONTENTS);
        char *step = arena_printf(arena, "verify C%u bff %s ok", content, number);
        switch (next(&seed, deletes ? 10 : 5)) {
        case 0:
            step = arena_printf(arena, "branch bff %s %s", number, branch);
            stage_play(&stage, step);
            break;
        case 1:
            step = arena_printf(arena, "verify C%u bff %s wip", content, number);
            stage_play(&stage, step);
            break;
        case 2:
            step = arena_printf(arena, "tag bff %s %s", number, branch);
            stage_play(&stage, step);
            break;
        case 8:
            step = arena_printf(arena, "untag bff %s %s", number, branch);
            stage_play(&stage, step);
            break;
        case 5:
            step = arena_strdup(arena, "delete a result");
            delete_result(&stage, &seed);
            break;
        case 6:
            step = arena_printf(arena, "delete version %s", number);
            delete_version(&stage, number);
            break;
        case 7:
            step = arena_printf(arena, "%s leaves %s", number, branch);
            leave_branch(&stage, number, branch);
            break;
        default:
            stage_play(&stage, step);
            break;
        }
        check(&stage, step, !deletes);
    }
    assert_true(ask(&stage, "SELECT COUNT(*) FROM branch_successes") > 0);
    assert_true(ask(&stage, "SELECT COUNT(*) FROM tagged_successes") > 0);
    stage_end(&stage);
}

static const struct row {
    const char *name;
    unsigned seed;
    bool deletes;
} rows[] = {
    {"results and memberships", 1, false},
    {"results and memberships in another order", 2, false},
    {"with deletions", 3, true},
    {"with deletions in another order", 4, true},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    play(row->seed, row->deletes);
}

static const char *script_with(const char *text)
{
    for (int i = 0; i < store_schema_len; i++) {
        if (strstr(store_schema[i], text))
            return store_schema[i];
    }
    fail_msg("no script has '%s'", text);
    return "";
}

/* A database of the version before gets the same rows. */
static void test_migration(void **state)
{
    struct stage stage;
    struct err err = ERR_INIT;
    (void)state;
    stage_start(&stage);
    stage_play(&stage, "publish app 1 bff A main; branch bff 1 main; verify A bff 1 ok;"
                       "branch bff 2 main; branch bff 2 feat; verify A bff 2 wip;"
                       "publish app 2 other B main");
    struct db *db = stage.store->db;
    OK(db_script(db,
                 "DROP TRIGGER branch_successes_first_result;"
                 "DROP TRIGGER branch_successes_next_result; DROP TRIGGER branch_successes_joined;"
                 "DROP TRIGGER branch_successes_no_result; DROP TRIGGER branch_successes_left;"
                 "DROP TABLE branch_successes; DROP INDEX successes_last;"
                 "ALTER TABLE integrations DROP COLUMN verified",
                 &err));
    OK(db_script(db, "BEGIN", &err));
    OK(db_script(db, script_with("CREATE TABLE branch_successes("), &err));
    OK(db_script(db, "COMMIT", &err));
    assert_int_equal(ask(&stage, "SELECT COUNT(*) FROM branch_successes"), 3);
    check(&stage, "migrating", true);
    assert_int_equal(ask(&stage, "SELECT SUM(verified) FROM integrations"), 1);
    stage_end(&stage);
}

static void test_migration_of_tags(void **state)
{
    struct stage stage;
    struct err err = ERR_INIT;
    (void)state;
    stage_start(&stage);
    stage_play(&stage, "publish app 1 bff A main; tag bff 1 old; verify A bff 1 ok;"
                       "verify A bff 2 ok; tag bff 2 new; publish app 2 bff B main");
    struct db *db = stage.store->db;
    OK(db_script(db,
                 "DROP TRIGGER tagged_successes_result; DROP TRIGGER tagged_successes_tag;"
                 "DROP TRIGGER tagged_successes_no_result; DROP TRIGGER tagged_successes_no_tag;"
                 "DROP TRIGGER tagged_successes_times; DROP TABLE tagged_successes",
                 &err));
    OK(db_script(db, "BEGIN", &err));
    OK(db_script(db, script_with("CREATE TABLE tagged_successes("), &err));
    OK(db_script(db, "COMMIT", &err));
    assert_int_equal(ask(&stage, "SELECT COUNT(*) FROM tagged_successes"), 2);
    check(&stage, "migrating", true);
    stage_end(&stage);
}

/* What it costs to remove a version, where n others verified the same content, each with a tag. */
static int64_t removal_work(int n)
{
    struct stage stage;
    struct err err = ERR_INIT;
    stage_start(&stage);
    stage_play(&stage, "publish app 1 bff A main; version bff gone; tag bff gone mine;"
                       "tag bff gone shared; verify A bff gone ok");
    for (int i = 0; i < n; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        stage_play(&stage, arena_printf(arena,
                                        "version bff v%d; tag bff v%d t%d; tag bff v%d shared;"
                                        "verify A bff v%d ok",
                                        i, i, i, i, i));
    }
    int64_t before = db_work(stage.store->db);
    OK(db_run(stage.store->db, &err, "DELETE FROM versions WHERE number = 'gone'", ""));
    int64_t work = db_work(stage.store->db) - before;
    check(&stage, "removing a version", false);
    assert_int_equal(ask(&stage, "SELECT COUNT(*) FROM tagged_successes"), n + 1);
    stage_end(&stage);
    return work;
}

static void test_removal(void **state)
{
    int64_t few = removal_work(10), many = removal_work(200);
    (void)state;
    if (many > 10 * few) /* its own two tags are looked for among all results, no others are */
        fail_msg("%lld steps beside 10 tagged versions, %lld beside 200", (long long)few,
                 (long long)many);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, rows, test_row);
    rows_add_test(&tests, "migration", test_migration);
    rows_add_test(&tests, "migration of tags", test_migration_of_tags);
    rows_add_test(&tests, "removing a version looks at its own tags only", test_removal);
    return rows_run(&tests, "pointers");
}
