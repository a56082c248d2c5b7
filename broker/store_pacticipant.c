// SPDX-License-Identifier: Apache-2.0
/* Pacticipants and their labels. */
#include "broker/store.h"

#include "broker/words.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

#define COLUMNS                                                                                    \
    "p.id, p.name, p.display_name, p.repository_url, p.repository_name,"                           \
    " p.repository_namespace, p.main_branch, p.created_at, p.updated_at"

static void read_row(const struct db_stmt *q, struct arena *arena, struct pacticipant *ret)
{
    *ret = (struct pacticipant){
        .id = db_int(q, 0),
        .name = db_text(q, 1, arena),
        .display_name = db_text(q, 2, arena),
        .repository_url = db_text(q, 3, arena),
        .repository_name = db_text(q, 4, arena),
        .repository_namespace = db_text(q, 5, arena),
        .main_branch = db_text(q, 6, arena),
        .created_at = db_text(q, 7, arena),
        .updated_at = db_text(q, 8, arena),
    };
}

int store_pacticipant_find(struct store *store, const char *name, struct arena *arena,
                           struct pacticipant *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT " COLUMNS " FROM pacticipants p WHERE p.name = $1", "s", name);
    if (code == 0 && (code = db_step(q, err)) > 0)
        read_row(q, arena, ret);
    return code;
}

int store_pacticipant_need(struct store *store, const char *name, struct arena *arena,
                           struct pacticipant *ret, bool *ret_created, struct err *err)
{
    int code = store_pacticipant_find(store, name, arena, ret, err);
    if (ret_created)
        *ret_created = code == 0;
    if (code != 0)
        return code < 0 ? code : 0;
    const char *now = store_now(store, arena);
    code = db_run(store->db, err,
                  "INSERT INTO pacticipants(name, display_name, words, created_at, updated_at)"
                  " VALUES($1, $2, $3, $4, $4)",
                  "ssss", name, words_display(arena, name), words_key(arena, name), now);
    if (code >= 0)
        code = store_pacticipant_find(store, name, arena, ret, err);
    if (code > 0)
        store->new_pacticipant = ret->id;
    return code < 0 ? code : 0;
}

int store_pacticipant_save(struct store *store, const struct pacticipant *row, struct arena *arena,
                           struct err *err)
{
    int code = db_run(store->db, err,
                      "UPDATE pacticipants SET display_name = $2, repository_url = $3,"
                      " repository_name = $4, repository_namespace = $5, main_branch = $6,"
                      " updated_at = CASE WHEN id = $8 THEN updated_at ELSE $7 END WHERE id = $1",
                      "issssssi", row->id, row->display_name, row->repository_url,
                      row->repository_name, row->repository_namespace, row->main_branch,
                      store_now(store, arena), store->new_pacticipant);
    return code < 0 ? code : 0;
}

int store_pacticipant_delete(struct store *store, int64_t id, struct err *err)
{
    int code = db_run(store->db, err, "DELETE FROM pacticipants WHERE id = $1", "i", id);
    return code < 0 ? code : 0;
}

#define FILTER                                                                                     \
    " FROM pacticipants p WHERE ($1 IS NULL OR instr(lower(p.name), lower($1)) > 0)"               \
    " AND ($2 IS NULL OR EXISTS(SELECT 1 FROM labels l"                                            \
    " WHERE l.pacticipant_id = p.id AND l.name = $2))"

int store_pacticipant_list(struct store *store, const char *like, const char *label,
                           struct page *page, struct arena *arena, struct pacticipants *ret,
                           struct err *err)
{
    if (db_value(store->db, err, &page->total, "SELECT COUNT(*)" FILTER, "ss", like, label) < 0)
        return err_wrap(err, "counting pacticipants");
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT " COLUMNS FILTER " ORDER BY lower(p.name), p.id LIMIT $3 OFFSET $4",
                        "ssii", like, label, page_limit(page), page_offset(page));
    while (code >= 0 && (code = db_step(q, err)) > 0)
        read_row(q, arena, VEC_PUSH(arena, ret));
    return code;
}

int store_pacticipant_similar(struct store *store, const char *name, struct arena *arena,
                              const char **ret_names, struct err *err)
{
    const char *names = NULL;
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT name FROM pacticipants WHERE words = $1 AND name <> $2"
                        " ORDER BY id LIMIT 100",
                        "ss", words_key(arena, name), name);
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        const char *one = db_text(q, 0, arena);
        names = names ? arena_printf(arena, "%s\n%s", names, one) : one;
    }
    if (code < 0 || !names)
        return code < 0 ? code : 0;
    *ret_names = names;
    return 1;
}

/* ---- labels ---- */

int store_labels(struct store *store, int64_t pacticipant_id, struct arena *arena,
                 struct labels *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT name, created_at FROM labels WHERE pacticipant_id = $1"
                        " ORDER BY name",
                        "i", pacticipant_id);
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        const char *at = db_text(q, 1, arena);
        *VEC_PUSH(arena, ret) = (struct label){db_text(q, 0, arena), at, at};
    }
    return code;
}

int store_label_find(struct store *store, int64_t pacticipant_id, const char *name,
                     struct arena *arena, struct label *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT name, created_at FROM labels WHERE pacticipant_id = $1"
                        " AND name = $2",
                        "is", pacticipant_id, name);
    if (code == 0 && (code = db_step(q, err)) > 0) {
        const char *at = db_text(q, 1, arena);
        *ret = (struct label){db_text(q, 0, arena), at, at};
    }
    return code;
}

int store_label_add(struct store *store, int64_t pacticipant_id, const char *name,
                    struct arena *arena, bool *ret_created, struct err *err)
{
    int code = db_run(store->db, err,
                      "INSERT INTO labels(pacticipant_id, name, created_at) VALUES($1, $2, $3)"
                      " ON CONFLICT DO NOTHING",
                      "iss", pacticipant_id, name, store_now(store, arena));
    if (code < 0)
        return code;
    *ret_created = code > 0;
    return 0;
}

int store_label_delete(struct store *store, int64_t pacticipant_id, const char *name,
                       struct err *err)
{
    int code = db_run(store->db, err, "DELETE FROM labels WHERE pacticipant_id = $1 AND name = $2",
                      "is", pacticipant_id, name);
    return code < 0 ? code : 0;
}

int store_label_names(struct store *store, struct page *page, struct arena *arena,
                      struct labels *ret, struct err *err)
{
    if (db_value(store->db, err, &page->total, "SELECT COUNT(DISTINCT name) FROM labels", "") < 0)
        return err_wrap(err, "counting labels");
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT DISTINCT name FROM labels ORDER BY name LIMIT $1 OFFSET $2", "ii",
                        page_limit(page), page_offset(page));
    while (code >= 0 && (code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) = (struct label){.name = db_text(q, 0, arena)};
    return code;
}
