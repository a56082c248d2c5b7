// SPDX-License-Identifier: Apache-2.0
#include "broker/writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/db/db.h"
#include "lib/http/loop.h"
#include "tests/unit/lib/base/rows.h"

struct rig {
    struct arena *arena;
    struct loop *loop;
    struct loop_timer *guard;
    struct writer *writer;
    struct store *reader;
    char *dir, *file;
    int left; /* jobs that are not done yet */
    /* the first job of a group waits here, so that the others gather behind it */
    pthread_mutex_t gate;
};

enum task {
    TASK_ADD,
    TASK_FAIL,
    TASK_UNDO,
    TASK_LOSE,
    TASK_DANGLE,
    TASK_FILL,
    TASK_WIDEN,
    TASK_HURRY
};

struct step {
    struct rig *rig;
    struct writer_job job;
    enum task task;
    bool waits; /* at the gate */
    const char *name;
    int done, code;
    char text[256];
};

static void too_long(void *arg)
{
    (void)arg;
    fail_msg("%s", "the writer did not answer within 60 seconds");
}

static void start(struct rig *rig)
{
    struct err err = ERR_INIT;
    *rig = (struct rig){.arena = arena_new()};
    assert_int_equal(fs_tmpdir(rig->arena, &rig->dir, &err), 0);
    rig->file = fs_join(rig->arena, rig->dir, "writer.sqlite");
    assert_int_equal(loop_new(&rig->loop, &err), 0);
    rig->guard = loop_after(rig->loop, 60000, too_long, NULL);
    assert_int_equal(writer_new(rig->file, clock_system(), rig->loop, &rig->writer, &err), 0);
    assert_int_equal(store_open_reader(rig->file, clock_system(), &rig->reader, &err), 0);
    pthread_mutex_init(&rig->gate, NULL);
}

static void end(struct rig *rig)
{
    store_close(rig->reader);
    writer_free(rig->writer);
    loop_cancel(rig->guard);
    loop_free(rig->loop);
    fs_remove_tree(rig->dir, NULL);
    pthread_mutex_destroy(&rig->gate);
    arena_free(rig->arena);
}

static int add(struct store *store, const char *name, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct pacticipant row;
    return store_pacticipant_need(store, name, arena, &row, NULL, err);
}

static int run(struct store *store, void *arg, struct err *err)
{
    struct step *step = arg;
    if (step->waits) {
        pthread_mutex_lock(&step->rig->gate);
        pthread_mutex_unlock(&step->rig->gate);
    }
    if (step->task == TASK_WIDEN)
        return db_script(store->db, "PRAGMA max_page_count = 1000000", err);
    if (step->task == TASK_HURRY) /* asks for a lock that others have for a short time only */
        return db_script(store->db, "PRAGMA busy_timeout = 100", err);
    int code = add(store, step->name, err);
    if (code < 0)
        return code;
    switch (step->task) {
    case TASK_FAIL:
        return err_set(err, ERR_CONFLICT, "this one does not fit");
    case TASK_UNDO:
        return WRITER_UNDO;
    case TASK_LOSE: /* as SQLite does it itself after some errors */
        db_rollback(store->db);
        return err_set(err, ERR_IO, "the file went away");
    case TASK_DANGLE: /* refused at the commit only */
        return db_script(store->db,
                         "PRAGMA defer_foreign_keys = ON;"
                         "INSERT INTO labels(pacticipant_id, name, created_at)"
                         " VALUES(4711, 'x', 'now')",
                         err);
    case TASK_FILL:
        return db_script(store->db,
                         "PRAGMA max_page_count = 1;"
                         "INSERT INTO labels(pacticipant_id, name, created_at)"
                         " SELECT MAX(id), hex(zeroblob(1000000)), 'now' FROM pacticipants",
                         err);
    case TASK_ADD:
    case TASK_WIDEN:
    case TASK_HURRY:
        break;
    }
    return 0;
}

static void done(void *arg, int code, const struct err *err)
{
    struct step *step = arg;
    step->done++;
    step->code = code;
    if (code < 0)
        snprintf(step->text, sizeof step->text, "%.255s", err->text);
    if (--step->rig->left == 0)
        loop_stop(step->rig->loop);
}

static void submit(struct rig *rig, struct step *step)
{
    struct err err = ERR_INIT;
    step->rig = rig;
    step->job = (struct writer_job){.run = run, .done = done, .arg = step};
    rig->left++;
    if (writer_submit(rig->writer, &step->job, &err) != 0)
        fail_msg("not taken: %s", err.text);
}

/* All steps in one group, and wait for their answers. */
static void play(struct rig *rig, struct step *steps, size_t n)
{
    steps[0].waits = true;
    pthread_mutex_lock(&rig->gate);
    for (size_t i = 0; i < n; i++)
        submit(rig, &steps[i]);
    pthread_mutex_unlock(&rig->gate);
    loop_run(rig->loop);
    for (size_t i = 0; i < n; i++) {
        if (steps[i].done != 1)
            fail_msg("'%s' was answered %d times", steps[i].name, steps[i].done);
    }
}

static bool is_stored(struct rig *rig, const char *name)
{
    struct err err = ERR_INIT;
    struct pacticipant row;
    assert_int_equal(store_begin_read(rig->reader, &err), 0);
    int code = store_pacticipant_find(rig->reader, name, rig->arena, &row, &err);
    store_end_read(rig->reader);
    if (code < 0)
        fail_msg("reading '%s': %s", name, err.text);
    return code == 1;
}

/* ---- what becomes of a group ---- */

static const struct row {
    const char *name;
    enum task task;
    int code;       /* of the step in the middle */
    int other_code; /* of the two around it */
    const char *text;
} rows[] = {
    {"a group of good jobs is stored", TASK_ADD, 0, 0, ""},
    {"a job that fails takes back its own rows only", TASK_FAIL, ERR_CONFLICT, 0, "does not fit"},
    {"a job that asks for it takes back its own rows only", TASK_UNDO, WRITER_UNDO, 0, ""},
    {"a lost transaction fails the whole group", TASK_LOSE, ERR_IO, ERR_IO, "went away"},
    {"a commit that fails fails the whole group", TASK_DANGLE, ERR_CONFLICT, ERR_CONFLICT,
     "committing"},
    {"a full disk is told as such", TASK_FILL, ERR_IO, 99, "disk is full"},
};

static void test_group(void **state)
{
    const struct row *row = *state;
    struct rig rig;
    struct step steps[] = {
        {.name = "before"}, {.name = "it", .task = row->task}, {.name = "after"}};
    start(&rig);
    play(&rig, steps, 3);
    if (steps[1].code != row->code || !strstr(steps[1].text, row->text))
        fail_msg("expected %d '%s', got %d '%s'", row->code, row->text, steps[1].code,
                 steps[1].text);
    for (size_t i = 0; i < 3; i++) {
        if (i != 1 && row->other_code != 99 && steps[i].code != row->other_code)
            fail_msg("'%s': expected %d, got %d", steps[i].name, row->other_code, steps[i].code);
        if (is_stored(&rig, steps[i].name) != (steps[i].code == 0))
            fail_msg("'%s' was answered with %d, and is %s", steps[i].name, steps[i].code,
                     steps[i].code == 0 ? "not stored" : "stored all the same");
    }
    /* Whatever it was, the writer goes on as soon as there is room. */
    struct step more[] = {{.name = "room", .task = TASK_WIDEN}, {.name = "later"}};
    play(&rig, more, 1);
    play(&rig, more + 1, 1);
    assert_int_equal(more[1].code, 0);
    assert_true(is_stored(&rig, "later"));
    end(&rig);
}

static void test_one_commit_for_many(void **state)
{
    enum { N = 1000 };
    struct rig rig;
    struct writer_stats stats;
    (void)state;
    start(&rig);
    struct step *steps = calloc(N, sizeof *steps);
    assert_non_null(steps);
    for (int i = 0; i < N; i++)
        steps[i].name = arena_printf(rig.arena, "app-%d", i);
    play(&rig, steps, N);
    writer_stats(rig.writer, &stats);
    assert_int_equal(stats.jobs, N);
    assert_true(stats.groups <= 5); /* the gate lets a group of one through at most */
    assert_true(stats.largest_group > 100);
    assert_int_equal(stats.waiting, 0);
    for (int i = 0; i < N; i++)
        assert_true(is_stored(&rig, steps[i].name));
    free(steps);
    end(&rig);
}

/* A job that goes on only when another one was answered. */
struct follower {
    struct step step;
    const struct step *before;
    pthread_mutex_t *gate;
    bool in_time;
};

static int wait_for_answer(struct store *store, void *arg, struct err *err)
{
    struct follower *follower = arg;
    for (int i = 0; i < 5000 && !follower->in_time; i++) {
        usleep(1000);
        pthread_mutex_lock(follower->gate);
        follower->in_time = follower->before->done > 0;
        pthread_mutex_unlock(follower->gate);
    }
    return add(store, "follower", err);
}

static void refused(void *arg, int code, const struct err *err)
{
    struct step *step = arg;
    pthread_mutex_lock(&step->rig->gate);
    done(step, code, err);
    pthread_mutex_unlock(&step->rig->gate);
}

/* It has nothing to commit: neither that of others nor the lock for it concern the first job. */
static void test_refusal_waits_for_nobody(void **state)
{
    struct rig rig;
    struct err err = ERR_INIT;
    (void)state;
    start(&rig);
    struct step first = {.rig = &rig, .name = "first", .task = TASK_UNDO, .waits = true};
    struct follower next = {.step = {.rig = &rig}, .before = &first, .gate = &rig.gate};
    first.job = (struct writer_job){.run = run, .done = refused, .arg = &first};
    next.step.job = (struct writer_job){.run = wait_for_answer, .done = done, .arg = &next};
    rig.left = 2;
    pthread_mutex_lock(&rig.gate);
    assert_int_equal(writer_submit(rig.writer, &first.job, &err), 0);
    assert_int_equal(writer_submit(rig.writer, &next.step.job, &err), 0);
    pthread_mutex_unlock(&rig.gate);
    loop_run(rig.loop);
    assert_int_equal(first.code, WRITER_UNDO);
    assert_int_equal(next.step.code, 0);
    assert_true(next.in_time);
    assert_true(is_stored(&rig, "follower") && !is_stored(&rig, "first"));
    end(&rig);
}

/* ---- limits and the end ---- */

static void test_full_queue(void **state)
{
    struct rig rig;
    struct err err = ERR_INIT;
    (void)state;
    start(&rig);
    struct step *steps = calloc(LIMIT_WRITE_QUEUE + 1, sizeof *steps);
    assert_non_null(steps);
    pthread_mutex_lock(&rig.gate);
    for (int i = 0; i < LIMIT_WRITE_QUEUE; i++) {
        steps[i] = (struct step){.name = "same", .waits = i == 0};
        submit(&rig, &steps[i]);
    }
    struct step *over = &steps[LIMIT_WRITE_QUEUE];
    over->job = (struct writer_job){.run = run, .done = done, .arg = over};
    assert_int_equal(writer_submit(rig.writer, &over->job, &err), ERR_BUSY);
    pthread_mutex_unlock(&rig.gate);
    loop_run(rig.loop);
    assert_int_equal(over->done, 0);
    struct step next = {.name = "next"};
    play(&rig, &next, 1);
    assert_int_equal(next.code, 0);
    free(steps);
    end(&rig);
}

static void test_heavy_queue(void **state)
{
    struct rig rig;
    struct err err = ERR_INIT;
    struct step first = {.name = "first", .waits = true}, second = {.name = "second"};
    (void)state;
    start(&rig);
    pthread_mutex_lock(&rig.gate);
    first.rig = &rig;
    rig.left = 1;
    first.job = (struct writer_job){
        .run = run, .done = done, .arg = &first, .bytes = LIMIT_WRITE_QUEUE_BYTES};
    assert_int_equal(writer_submit(rig.writer, &first.job, &err), 0);
    second.job = (struct writer_job){.run = run, .done = done, .arg = &second, .bytes = 1};
    assert_int_equal(writer_submit(rig.writer, &second.job, &err), ERR_BUSY);
    pthread_mutex_unlock(&rig.gate);
    loop_run(rig.loop);
    assert_int_equal(first.code, 0);
    end(&rig);
}

/* ---- another program writes ---- */

static void release(void *arg)
{
    store_rollback(arg);
}

/* Asking for the lock ends in vain several times; neither who came first nor who came late hears
 * of it. */
static void test_patience(void **state)
{
    struct rig rig;
    struct err err = ERR_INIT;
    struct store *other = NULL;
    struct step hurry = {.name = "hurry", .task = TASK_HURRY}, first = {.name = "first"},
                late = {.name = "late"};
    (void)state;
    start(&rig);
    play(&rig, &hurry, 1);
    assert_int_equal(store_open(rig.file, clock_system(), &other, &err), 0);
    assert_int_equal(store_begin(other, &err), 0);
    submit(&rig, &first);
    usleep(350000);
    submit(&rig, &late);
    loop_after(rig.loop, 30, release, other);
    loop_run(rig.loop);
    assert_int_equal(first.code, 0);
    assert_int_equal(late.code, 0);
    assert_true(is_stored(&rig, "first") && is_stored(&rig, "late"));
    store_close(other);
    end(&rig);
}

/* When the end is near, everybody is told in time to be answered. */
static void test_hurry(void **state)
{
    struct rig rig;
    struct err err = ERR_INIT;
    struct store *other = NULL;
    struct step waiting = {.name = "waiting"}, late = {.name = "late"};
    (void)state;
    start(&rig);
    assert_int_equal(store_open(rig.file, clock_system(), &other, &err), 0);
    assert_int_equal(store_begin(other, &err), 0);
    submit(&rig, &waiting);
    int64_t began = clock_mono_us();
    writer_hurry(rig.writer, 200);
    submit(&rig, &late);
    loop_run(rig.loop);
    assert_true(clock_mono_us() - began < (int64_t)LIMIT_WRITE_WAIT_MS * 1000 / 4);
    assert_int_equal(waiting.code, ERR_BUSY);
    assert_int_equal(late.code, ERR_BUSY);
    assert_false(is_stored(&rig, "waiting"));
    store_rollback(other);
    struct step after = {.name = "after"};
    play(&rig, &after, 1);
    assert_int_equal(after.code, 0);
    store_close(other);
    end(&rig);
}

/* The end does not wait for it: nothing is stored, and everybody is told. */
static void test_free_under_lock(void **state)
{
    struct rig rig;
    struct err err = ERR_INIT;
    struct store *other = NULL;
    struct step hurry = {.name = "hurry", .task = TASK_HURRY}, waiting = {.name = "waiting"};
    (void)state;
    start(&rig);
    play(&rig, &hurry, 1);
    assert_int_equal(store_open(rig.file, clock_system(), &other, &err), 0);
    assert_int_equal(store_begin(other, &err), 0);
    submit(&rig, &waiting);
    int64_t began = clock_mono_us();
    writer_free(rig.writer);
    rig.writer = NULL;
    assert_true(clock_mono_us() - began < (int64_t)LIMIT_WRITE_WAIT_MS * 1000 / 2);
    assert_int_equal(waiting.code, ERR_BUSY);
    assert_non_null(strstr(waiting.text, "locked by another process"));
    assert_false(is_stored(&rig, "waiting"));
    store_close(other);
    end(&rig);
}

static void test_free_finishes(void **state)
{
    enum { N = 300 };
    struct rig rig;
    struct err err = ERR_INIT;
    (void)state;
    start(&rig);
    struct step *steps = calloc(N, sizeof *steps);
    assert_non_null(steps);
    for (int i = 0; i < N; i++) {
        steps[i].name = arena_printf(rig.arena, "app-%d", i);
        submit(&rig, &steps[i]);
    }
    writer_free(rig.writer);
    for (int i = 0; i < N; i++) {
        assert_int_equal(steps[i].done, 1);
        assert_int_equal(steps[i].code, 0);
        assert_true(is_stored(&rig, steps[i].name));
    }
    free(steps);
    store_close(rig.reader);
    rig.reader = NULL;
    rig.writer = NULL;
    assert_int_equal(store_open(rig.file, clock_system(), &rig.reader, &err), 0);
    assert_true(is_stored(&rig, "app-299"));
    end(&rig);
}

/* A job that submits the next one from its own done(), read back before it does. */
struct chain {
    struct step step;
    int n, missing;
};

static void next_link(void *arg, int code, const struct err *err)
{
    struct chain *chain = arg;
    struct err busy = ERR_INIT;
    (void)err;
    chain->missing += code != 0 || !is_stored(chain->step.rig, chain->step.name);
    if (--chain->n == 0) {
        loop_stop(chain->step.rig->loop);
        return;
    }
    chain->step.name = arena_printf(chain->step.rig->arena, "link-%d", chain->n);
    assert_int_equal(writer_submit(chain->step.rig->writer, &chain->step.job, &busy), 0);
}

static void test_own_writes_are_seen(void **state)
{
    struct rig rig;
    struct err err = ERR_INIT;
    (void)state;
    start(&rig);
    struct chain chain = {.step = {.rig = &rig, .name = "link"}, .n = 200};
    chain.step.job = (struct writer_job){.run = run, .done = next_link, .arg = &chain};
    assert_int_equal(writer_submit(rig.writer, &chain.step.job, &err), 0);
    loop_run(rig.loop);
    assert_int_equal(chain.n, 0);
    assert_int_equal(chain.missing, 0);
    end(&rig);
}

/* Another process would do the same: transactions of its own on the same file. */
static void *write_beside(void *arg)
{
    struct rig *rig = arg;
    struct err err = ERR_INIT;
    struct store *store = NULL;
    intptr_t failed = store_open(rig->file, clock_system(), &store, &err) != 0;
    for (int i = 0; i < 100 && !failed; i++) {
        char name[32];
        snprintf(name, sizeof name, "beside-%d", i);
        failed = store_begin(store, &err) < 0 || add(store, name, &err) < 0 ||
                 store_commit(store, &err) < 0;
    }
    if (failed)
        print_error("writing beside the writer: %s\n", err.text);
    store_close(store);
    return (void *)failed;
}

static void test_others_wait_their_turn(void **state)
{
    struct rig rig;
    struct err err = ERR_INIT;
    pthread_t thread;
    void *failed = NULL;
    (void)state;
    start(&rig);
    struct chain chain = {.step = {.rig = &rig, .name = "link"}, .n = 400};
    chain.step.job = (struct writer_job){.run = run, .done = next_link, .arg = &chain};
    assert_int_equal(pthread_create(&thread, NULL, write_beside, &rig), 0);
    assert_int_equal(writer_submit(rig.writer, &chain.step.job, &err), 0);
    loop_run(rig.loop);
    pthread_join(thread, &failed);
    assert_int_equal(chain.missing, 0);
    assert_null(failed);
    assert_true(is_stored(&rig, "beside-99"));
    end(&rig);
}

static void test_reader_cannot_write(void **state)
{
    struct rig rig;
    struct err err = ERR_INIT;
    (void)state;
    start(&rig);
    assert_int_equal(add(rig.reader, "by the reader", &err), ERR_IO);
    end(&rig);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, rows, test_group);
    rows_add_test(&tests, "many jobs share a commit", test_one_commit_for_many);
    rows_add_test(&tests, "a refusal waits for nobody", test_refusal_waits_for_nobody);
    rows_add_test(&tests, "a full queue refuses", test_full_queue);
    rows_add_test(&tests, "a queue that is heavy refuses", test_heavy_queue);
    rows_add_test(&tests, "a lock that others have is waited for", test_patience);
    rows_add_test(&tests, "who waits hears that the end comes", test_hurry);
    rows_add_test(&tests, "the end does not wait for a lock", test_free_under_lock);
    rows_add_test(&tests, "what was taken is finished at the end", test_free_finishes);
    rows_add_test(&tests, "what was acknowledged is read back", test_own_writes_are_seen);
    rows_add_test(&tests, "others write beside it", test_others_wait_their_turn);
    rows_add_test(&tests, "the reading connection cannot write", test_reader_cannot_write);
    return rows_run(&tests, "writer");
}
