// SPDX-License-Identifier: Apache-2.0
/* An answer is given again only while it would be the same, and costs one statement then. */
#include "broker/answers.h"

#include "broker/call.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/db/db.h"
#include "tests/unit/lib/base/rows.h"

/* The loop's connection, and that of somebody who writes. */
struct scene {
    struct arena *arena;
    char *dir;
    struct store *writer, *reader;
    struct answers *answers;
};

static void start(struct scene *scene)
{
    struct err err = ERR_INIT;
    *scene = (struct scene){.arena = arena_new(), .answers = answers_new()};
    assert_int_equal(fs_tmpdir(scene->arena, &scene->dir, &err), 0);
    char *file = fs_join(scene->arena, scene->dir, "answers.sqlite");
    assert_int_equal(store_open(file, clock_system(), &scene->writer, &err), 0);
    assert_int_equal(store_open_reader(file, clock_system(), &scene->reader, &err), 0);
}

static void end(struct scene *scene)
{
    answers_free(scene->answers);
    store_close(scene->reader);
    store_close(scene->writer);
    fs_remove_tree(scene->dir, NULL);
    arena_free(scene->arena);
}

static const struct call_route kept = {.method = "GET", .kept = true},
                               other = {.method = "GET", .kept = false};

static struct call call_of(struct scene *scene)
{
    return (struct call){.store = scene->reader,
                         .arena = scene->arena,
                         .base = "http://a",
                         .path = STR("/pact"),
                         .type = "application/json",
                         .route = &kept};
}

static void answer(struct call *call)
{
    call_text(call, 200, "application/json;charset=utf-8", STR("{\"a\":1}"));
}

static void keep(struct scene *scene, const struct call *call)
{
    struct err err = ERR_INIT;
    assert_int_equal(store_begin_read(scene->reader, &err), 0);
    answers_keep(scene->answers, call);
    store_end_read(scene->reader);
}

/* Whether the call gets what answer() said. */
static bool is_answered(struct scene *scene, struct call *call)
{
    struct err err = ERR_INIT;
    int before = call->status, code = answers_find(scene->answers, call, &err);
    if (code < 0)
        fail_msg("%s", err.text);
    if (code == 0) {
        assert_int_equal(call->status, before);
        return false;
    }
    assert_int_equal(call->status, 200);
    assert_string_equal(call->content_type, "application/json;charset=utf-8");
    assert_str_is(call->reply, "{\"a\":1}");
    return true;
}

/* ---- which ---- */

static void asks_again(struct call *call)
{
    (void)call;
}

static void with_query(struct call *call)
{
    call->raw_query = STR("");
}

static void refused(struct call *call)
{
    call->refused = 406;
}

static void elsewhere(struct call *call)
{
    call->path = STR("/pac");
}

static void other_base(struct call *call)
{
    call->base = "http://b";
}

static void other_type(struct call *call)
{
    call->type = "application/hal+json";
}

static void page(struct call *call)
{
    call->type = "text/html";
}

static void other_route(struct call *call)
{
    call->route = &other;
}

static void missing(struct call *call)
{
    call->status = 404;
}

static void with_field(struct call *call)
{
    headers_addz(call->arena, &call->headers, "Location", "/");
}

static const struct row {
    const char *name;
    void (*first)(struct call *call), (*second)(struct call *call);
    bool again;
} rows[] = {
    {"the same question", asks_again, asks_again, true},
    {"another path", asks_again, elsewhere, false},
    {"another base URL", asks_again, other_base, false},
    {"another type", asks_again, other_type, false},
    {"the same question with a query", asks_again, with_query, false},
    {"a question with a query", with_query, with_query, false},
    {"the same question, refused", asks_again, refused, false},
    {"a question that is refused", refused, refused, false},
    {"a page", page, page, false},
    {"a route that does not say so", other_route, other_route, false},
    {"what was not found", missing, asks_again, false},
    {"an answer with fields of its own", with_field, asks_again, false},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct scene scene;
    start(&scene);
    struct call first = call_of(&scene), second = call_of(&scene);
    row->first(&first);
    assert_false(is_answered(&scene, &first));
    answer(&first);
    row->first(&first); /* the status, too */
    keep(&scene, &first);
    row->second(&second);
    assert_int_equal(is_answered(&scene, &second), row->again);
    end(&scene);
}

/* ---- how long ---- */

static void write_something(struct scene *scene)
{
    struct err err = ERR_INIT;
    struct pacticipant who = {0};
    assert_int_equal(store_begin(scene->writer, &err), 0);
    assert_true(store_pacticipant_need(scene->writer, "app", scene->arena, &who, NULL, &err) >= 0);
    assert_int_equal(store_commit(scene->writer, &err), 0);
}

static void test_forgotten(void **state)
{
    struct scene scene;
    (void)state;
    start(&scene);
    struct call first = call_of(&scene), second = first, third = first;
    answer(&first);
    keep(&scene, &first);
    assert_true(is_answered(&scene, &second));
    write_something(&scene);
    assert_false(is_answered(&scene, &third));
    end(&scene);
}

/* What was read before a commit is not kept as if it had been read after it. */
static void test_read_before(void **state)
{
    struct scene scene;
    struct err err = ERR_INIT;
    struct pacticipant who = {0};
    (void)state;
    start(&scene);
    struct call first = call_of(&scene), second = first;
    assert_int_equal(store_begin_read(scene.reader, &err), 0);
    assert_int_equal(store_pacticipant_find(scene.reader, "app", scene.arena, &who, &err), 0);
    answer(&first);
    write_something(&scene);
    answers_keep(scene.answers, &first);
    store_end_read(scene.reader);
    assert_false(is_answered(&scene, &second));
    end(&scene);
}

/* ---- at what cost ---- */

static void test_cost(void **state)
{
    struct scene scene;
    (void)state;
    start(&scene);
    struct call first = call_of(&scene), second = first;
    answer(&first);
    keep(&scene, &first);
    int64_t before = db_runs(scene.reader->db);
    assert_true(is_answered(&scene, &second));
    assert_int_equal(db_runs(scene.reader->db) - before, 1);
    end(&scene);
}

/* How many of n answers of so many bytes are there in the end. */
static size_t count_kept(struct scene *scene, size_t n, size_t bytes)
{
    struct err err = ERR_INIT;
    size_t found = 0;
    char *body = arena_alloc(scene->arena, bytes);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            struct call call = call_of(scene);
            call.path = str_printf(scene->arena, "/%zu", i);
            if (pass == 1 && answers_find(scene->answers, &call, &err) > 0)
                found++;
            call_text(&call, 200, "application/json", str_make(body, bytes));
            if (pass == 0)
                keep(scene, &call);
        }
    }
    return found;
}

static void test_limit(void **state)
{
    struct scene scene;
    (void)state;
    start(&scene);
    assert_int_equal(count_kept(&scene, 5, 1000), 5);
    enum { BYTES = 100 * 1024, MOST = LIMIT_ANSWERS_KEPT / BYTES };
    size_t kept_of_many = count_kept(&scene, 3 * MOST, BYTES);
    assert_in_range(kept_of_many, 1, MOST);
    assert_int_equal(count_kept(&scene, 1, LIMIT_ANSWERS_KEPT / 4), 0);
    end(&scene);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, rows, test_row);
    rows_add_test(&tests, "forgotten after a commit", test_forgotten);
    rows_add_test(&tests, "read before a commit", test_read_before);
    rows_add_test(&tests, "one statement", test_cost);
    rows_add_test(&tests, "the limit", test_limit);
    return rows_run(&tests, "answers");
}
