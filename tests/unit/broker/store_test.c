// SPDX-License-Identifier: Apache-2.0
#include "broker/store.h"

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/db/db.h"
#include "tests/unit/lib/base/rows.h"

struct folder {
    struct arena *arena;
    char *dir, *file;
};

static int setup(void **state)
{
    static struct folder folder;
    folder = (struct folder){.arena = arena_new()};
    if (fs_tmpdir(folder.arena, &folder.dir, NULL) != 0)
        return -1;
    folder.file = fs_join(folder.arena, folder.dir, "store.sqlite");
    *state = &folder;
    return 0;
}

static int teardown(void **state)
{
    struct folder *folder = *state;
    fs_remove_tree(folder->dir, NULL);
    arena_free(folder->arena);
    return 0;
}

static int64_t ask(const char *file, const char *sql)
{
    struct err err = ERR_INIT;
    struct db *db = NULL;
    int64_t value = -1;
    if (db_open(file, NULL, &db, &err) != 0 || db_value(db, &err, &value, sql, "") < 0)
        fail_msg("%s: %s", sql, err.text);
    db_close(db);
    return value;
}

static void make_first(const char *file, const char *sql)
{
    struct err err = ERR_INIT;
    struct db *db = NULL;
    if (db_open(file, NULL, &db, &err) != 0 || db_migrate(db, store_schema, 1, &err) != 0 ||
        db_script(db, sql, &err) != 0)
        fail_msg("%s", err.text);
    db_close(db);
}

#define APP                                                                                        \
    "INSERT INTO pacticipants(name, words, created_at, updated_at) VALUES('app', 'app', '1', "     \
    "'1');"

/* What the first Tally wrote is brought up to date when it is opened, and is all there. */
static void test_older(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    struct store *store = NULL;
    make_first(folder->file, APP);
    assert_int_equal(store_open(folder->file, clock_system(), &store, &err), 0);
    store_close(store);
    assert_int_equal(ask(folder->file, "SELECT version FROM schema_version"), store_schema_len);
    assert_int_equal(ask(folder->file, "SELECT COUNT(*) FROM pacticipants"), 1);
    assert_int_equal(ask(folder->file, "SELECT COUNT(*) FROM branch_successes"), 0);
}

/* A step that fails leaves everything as it was, for the older program to go on with. */
static void test_failing(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    struct store *store = NULL;
    make_first(folder->file, APP "CREATE TABLE branch_successes(in_the_way INTEGER)");
    assert_true(store_open(folder->file, clock_system(), &store, &err) < 0);
    assert_non_null(strstr(err.text, "migrating the schema"));
    assert_int_equal(ask(folder->file, "SELECT version FROM schema_version"), 1);
    assert_int_equal(ask(folder->file, "SELECT COUNT(*) FROM pacticipants"), 1);
    assert_int_equal(ask(folder->file, "SELECT COUNT(*) FROM sqlite_master"
                                       " WHERE type = 'trigger' AND name LIKE 'branch_succ%'"),
                     0);
}

static void test_newer(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    struct store *store = NULL;
    make_first(folder->file, "UPDATE schema_version SET version = 4711");
    assert_int_equal(store_open(folder->file, clock_system(), &store, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "4711"));
    assert_int_equal(ask(folder->file, "SELECT version FROM schema_version"), 4711);
}

static void test_sole(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    struct store *first = NULL, *second = NULL, *command = NULL;
    assert_int_equal(store_open_sole(folder->file, clock_system(), &first, &err), 0);
    assert_int_equal(store_open_sole(folder->file, clock_system(), &second, &err), ERR_BUSY);
    assert_int_equal(store_open(folder->file, clock_system(), &command, NULL), 0);
    store_close(command);
    store_close(first);
    assert_int_equal(store_open_sole(folder->file, clock_system(), &second, NULL), 0);
    store_close(second);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_older, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_newer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sole, setup, teardown),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
