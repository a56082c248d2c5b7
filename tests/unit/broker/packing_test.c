// SPDX-License-Identifier: Apache-2.0
/* Each kind of long text: packed when it is written, whole when it is read, whoever wrote it. */
#include "broker/packing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/archive.h"
#include "broker/doctor.h"
#include "broker/store_methods.h"
#include "broker/store_webhook.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/db/db.h"
#include "tests/unit/broker/stage.h"
#include "tests/unit/lib/base/rows.h"

#define CHECK(call)                                                                                \
    do {                                                                                           \
        if ((call) < 0)                                                                            \
            fail_msg("%s: %s", #call, err.text);                                                   \
    } while (0)

/* A publication, and a webhook triggered by it, for what hangs on them. */
struct scene {
    struct stage stage;
    struct version version;
    int64_t provider_id, result;
};

static void scene_start(struct scene *scene)
{
    struct err err = ERR_INIT;
    struct pacticipant app = {0}, bff = {0};
    stage_start(&scene->stage);
    struct store *store = scene->stage.store;
    stage_play(&scene->stage, "publish app 1 bff A");
    CHECK(store_pacticipant_find(store, "app", scene->stage.arena, &app, &err));
    CHECK(store_pacticipant_find(store, "bff", scene->stage.arena, &bff, &err));
    CHECK(store_version_find(store, app.id, "1", scene->stage.arena, &scene->version, &err));
    scene->provider_id = bff.id;
    CHECK(db_script(store->db,
                    "INSERT INTO triggered_webhooks(id, uuid, webhook_uuid, event, name, base,"
                    " status, attempts, consumer_id, provider_id, consumer_version_id,"
                    " pact_version_id, created_at, updated_at)"
                    " VALUES(1, 'u', 'w', 'e', 'n', 'b', 's', 0, 1, 2, 1, 1, 't', 't')",
                    &err));
    CHECK(store_begin(store, &err));
}

static void scene_end(struct scene *scene)
{
    store_rollback(scene->stage.store);
    stage_end(&scene->stage);
}

/* ---- the columns ---- */

static void write_content(struct scene *scene, struct str text)
{
    struct err err = ERR_INIT;
    enum pact_saved saved;
    const struct pact_content content = {.sha = "B", .text = text, .plain = true};
    CHECK(store_pact_save(scene->stage.store, &scene->version, scene->provider_id, &content,
                          scene->stage.arena, &saved, &err));
}

static int read_content(struct scene *scene, struct str *ret, struct err *err)
{
    bool plain;
    return store_pact_content(scene->stage.store, 2, scene->stage.arena, ret, &plain, err);
}

static void write_result(struct scene *scene, struct str text)
{
    struct err err = ERR_INIT;
    struct verification row = {.pact_version_id = 1,
                               .provider_version_id = 1,
                               .verdict = VERDICT_VERIFIED,
                               .test_results = text};
    CHECK(store_verification_add(scene->stage.store, &row, scene->stage.arena, &row, &err));
    scene->result = row.number;
}

static int read_result(struct scene *scene, struct str *ret, struct err *err)
{
    struct verification row = {0};
    int code = store_verification_find(scene->stage.store, 1, scene->result, scene->stage.arena,
                                       &row, err);
    *ret = row.test_results;
    return code;
}

static void write_logs(struct scene *scene, struct str text)
{
    struct err err = ERR_INIT;
    const struct attempt attempt = {.triggered_id = 1, .logs = text};
    CHECK(store_queue_finish(scene->stage.store, &attempt, scene->stage.arena, &err));
}

static int read_logs(struct scene *scene, struct str *ret, struct err *err)
{
    return store_triggered_logs(scene->stage.store, 1, scene->stage.arena, ret, err);
}

static void write_evidence(struct scene *scene, struct str text)
{
    struct err err = ERR_INIT;
    bool created;
    CHECK(store_evidence_put(scene->stage.store, 1, "pack", text, scene->stage.arena, &created,
                             &err));
}

static int read_evidence(struct scene *scene, struct str *ret, struct err *err)
{
    struct evidence row = {0};
    struct evidences all = {0};
    int code = store_evidence_find(scene->stage.store, 1, "pack", scene->stage.arena, &row, err);
    if (code > 0)
        code = store_evidence_list(scene->stage.store, 1, scene->stage.arena, &all, err);
    if (code >= 0)
        assert_true(all.len == 1 && str_eq(all.items[0].body, row.body));
    *ret = row.body;
    return code;
}

static void write_document(struct scene *scene, struct str text)
{
    struct err err = ERR_INIT;
    struct document row = {0};
    bool created;
    CHECK(store_document_put(scene->stage.store, &scene->version, "inventory", text,
                             scene->stage.arena, &row, &created, &err));
}

static int read_document(struct scene *scene, struct str *ret, struct err *err)
{
    struct document row = {0};
    int code =
        store_document_find(scene->stage.store, 1, "inventory", 1, scene->stage.arena, &row, err);
    *ret = row.body;
    return code;
}

static const struct column_row {
    const char *name, *table, *column;
    int64_t id; /* of the row that is written */
    void (*write)(struct scene *scene, struct str text);
    int (*read)(struct scene *scene, struct str *ret, struct err *err);
} columns[] = {
    {"contract", "pact_versions", "content", 2, write_content, read_content},
    {"test results", "verifications", "test_results", 1, write_result, read_result},
    {"logs of a webhook", "webhook_executions", "logs", 1, write_logs, read_logs},
    {"evidence", "evidence", "body", 1, write_evidence, read_evidence},
    {"document", "version_documents", "body", 1, write_document, read_document},
};

/* ---- tests ---- */

static struct str long_text(struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(65536);
    buf_puts(&out, "{\"interactions\":[");
    for (int i = 0; i < 40; i++)
        buf_printf(&out, "%s{\"description\":\"%d\",\"request\":{\"path\":\"/a/%d\"}}",
                   i > 0 ? "," : "", i, i * i);
    buf_puts(&out, "]}");
    return str_dup(arena, buf_view(&out));
}

/* What the row has: 'text' or 'blob', and how many bytes. */
static void assert_stored(struct scene *scene, const struct column_row *row, const char *type,
                          int64_t least, int64_t most)
{
    struct err err = ERR_INIT;
    struct arena *arena = scene->stage.arena;
    struct db_stmt *q DB_STMT_AUTO = NULL;
    CHECK(db_query(scene->stage.store->db, &err, &q,
                   arena_printf(arena, "SELECT typeof(%s), length(%s) FROM %s WHERE rowid = $1",
                                row->column, row->column, row->table),
                   "i", row->id));
    assert_int_equal(db_step(q, &err), 1);
    if (!str_is(db_str(q, 0), type) || db_int(q, 1) < least || db_int(q, 1) > most)
        fail_msg("saw %.*s of %lld bytes, expected %s of %lld to %lld", STR_FMT(db_str(q, 0)),
                 (long long)db_int(q, 1), type, (long long)least, (long long)most);
}

static void assert_reads(struct scene *scene, const struct column_row *row, struct str want)
{
    struct err err = ERR_INIT;
    struct str text = STR_NONE;
    CHECK(row->read(scene, &text, &err));
    if (!str_eq(text, want))
        fail_msg("saw \"%.*s\", expected \"%.*s\"", STR_FMT(text), STR_FMT(want));
}

static void set(struct scene *scene, const struct column_row *row, const char *value,
                struct str bound)
{
    struct err err = ERR_INIT;
    CHECK(db_run(scene->stage.store->db, &err,
                 arena_printf(scene->stage.arena, "UPDATE %s SET %s = %s WHERE rowid = %lld",
                              row->table, row->column, value, (long long)row->id),
                 bound.ptr ? "t" : "", bound));
}

static void test_packed(void **state)
{
    const struct column_row *row = *state;
    struct scene scene;
    scene_start(&scene);
    struct str text = long_text(scene.stage.arena);
    assert_true(packing_has(row->table, row->column));
    row->write(&scene, text);
    assert_stored(&scene, row, "blob", 1, (int64_t)text.len / 2);
    assert_reads(&scene, row, text);
    /* What an older Tally wrote. */
    set(&scene, row, "$1", text);
    assert_stored(&scene, row, "text", (int64_t)text.len, (int64_t)text.len);
    assert_reads(&scene, row, text);
    scene_end(&scene);
}

static void test_short(void **state)
{
    const struct column_row *row = *state;
    struct scene scene;
    scene_start(&scene);
    row->write(&scene, STR("{\"a\":1}"));
    assert_stored(&scene, row, "text", 7, 7);
    assert_reads(&scene, row, STR("{\"a\":1}"));
    scene_end(&scene);
}

/* Half a frame, another text's bytes: an error that says where, and the doctor finds it. */
static void test_damaged(void **state)
{
    const struct column_row *row = *state;
    struct scene scene;
    struct doctor_report report = {0};
    struct err err = ERR_INIT;
    struct str text = STR_NONE;
    scene_start(&scene);
    row->write(&scene, long_text(scene.stage.arena));
    set(&scene, row, arena_printf(scene.stage.arena, "substr(%s, 1, 40)", row->column), STR_NONE);
    assert_int_equal(row->read(&scene, &text, &err), ERR_PARSE);
    const char *where =
        arena_printf(scene.stage.arena, "%s %lld: the zstd frame", row->table, (long long)row->id);
    if (!strstr(err.text, where))
        fail_msg("\"%s\" does not say \"%s\"", err.text, where);
    assert_null(text.ptr);
    /* The stage's own contract has a sha that is none, and would be shown first. */
    if (row->write == write_content)
        CHECK(db_script(scene.stage.store->db, "DELETE FROM pact_versions WHERE id = 1", &err));
    CHECK(doctor_check(scene.stage.store->db, scene.stage.arena, &report, &err));
    const char *check = row->write == write_content ? "contracts" : "texts";
    bool found = false;
    VEC_EACH(&report, const struct doctor_finding *, finding)
        found = found || (strcmp(finding->name, check) == 0 && finding->wrong > 0 &&
                          strstr(finding->detail, where));
    assert_true(found);
    scene_end(&scene);
}

static struct str archive_of(struct db *db, struct arena *arena)
{
    struct err err = ERR_INIT;
    struct archive_info info;
    char *bytes = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&bytes, &len);
    assert_non_null(out);
    CHECK(archive_write(db, out, &info, &err));
    fclose(out);
    struct str text = str_dup(arena, str_make(bytes, len));
    free(bytes);
    return text;
}

/* Packed or not, the archive has the texts; what is filled from it is packed. */
static void test_archive(void **state)
{
    struct scene scene;
    struct err err = ERR_INIT;
    struct store *other = NULL;
    struct archive_info info;
    (void)state;
    scene_start(&scene);
    struct str text = long_text(scene.stage.arena);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        columns[i].write(&scene, text);
    struct str packed = archive_of(scene.stage.store->db, scene.stage.arena);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        set(&scene, &columns[i], "$1", text);
    assert_true(str_eq(packed, archive_of(scene.stage.store->db, scene.stage.arena)));

    FILE *in = fmemopen((void *)(uintptr_t)packed.ptr, packed.len, "r");
    assert_non_null(in);
    CHECK(archive_check(in, "x", &info, &err));
    rewind(in);
    CHECK(store_open(":memory:", &scene.stage.clock, &other, &err));
    CHECK(store_begin(other, &err));
    CHECK(archive_read(other->db, in, "x", &info, &err));
    CHECK(store_commit(other, &err));
    fclose(in);
    assert_true(str_eq(packed, archive_of(other->db, scene.stage.arena)));
    for (const struct packing_column *of = packing_columns; of->table; of++) {
        int64_t n = 0;
        CHECK(db_value(other->db, &err, &n,
                       arena_printf(scene.stage.arena,
                                    "SELECT COUNT(*) FROM %s WHERE typeof(%s) = 'blob'", of->table,
                                    of->column),
                       ""));
        assert_int_equal(n, 1);
    }
    store_close(other);
    scene_end(&scene);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, columns, test_packed);
    ROWS_ADD(&tests, columns, test_short);
    ROWS_ADD(&tests, columns, test_damaged);
    rows_add_test(&tests, "archive", test_archive);
    return rows_run(&tests, "packing");
}
