// SPDX-License-Identifier: Apache-2.0
/* Versions of pacticipants. */
#include "broker/store.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

#define SELECT                                                                                     \
    "SELECT v.id, v.pacticipant_id, p.name, v.number, v.build_url, v.created_at, v.updated_at"     \
    " FROM versions v JOIN pacticipants p ON p.id = v.pacticipant_id "

static void read_row(const struct db_stmt *q, struct arena *arena, struct version *ret)
{
    *ret = (struct version){
        .id = db_int(q, 0),
        .pacticipant_id = db_int(q, 1),
        .pacticipant = db_text(q, 2, arena),
        .number = db_text(q, 3, arena),
        .build_url = db_text(q, 4, arena),
        .created_at = db_text(q, 5, arena),
        .updated_at = db_text(q, 6, arena),
    };
}

static int one(struct db_stmt *q, struct arena *arena, struct version *ret, struct err *err)
{
    int code = db_step(q, err);
    if (code > 0)
        read_row(q, arena, ret);
    return code;
}

int store_version_find(struct store *store, int64_t pacticipant_id, const char *number,
                       struct arena *arena, struct version *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, SELECT "WHERE v.pacticipant_id = $1 AND v.number = $2",
                        "is", pacticipant_id, number);
    return code < 0 ? code : one(q, arena, ret, err);
}

int store_version_by_id(struct store *store, int64_t id, struct arena *arena, struct version *ret,
                        struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, SELECT "WHERE v.id = $1", "i", id);
    return code < 0 ? code : one(q, arena, ret, err);
}

int store_version_need(struct store *store, const struct pacticipant *pacticipant,
                       const char *number, struct arena *arena, struct version *ret,
                       bool *ret_created, struct err *err)
{
    int code = store_version_find(store, pacticipant->id, number, arena, ret, err);
    if (ret_created)
        *ret_created = code == 0;
    if (code != 0)
        return code < 0 ? code : 0;
    const char *now = store_now(store, arena);
    int64_t id = 0;
    code = db_value(store->db, err, &id,
                    "INSERT INTO versions(pacticipant_id, number, created_at, updated_at)"
                    " VALUES($1, $2, $3, $3) RETURNING id",
                    "iss", pacticipant->id, number, now);
    if (code < 0)
        return code;
    store->new_version = id;
    *ret = (struct version){.id = id,
                            .pacticipant_id = pacticipant->id,
                            .pacticipant = arena_strdup(arena, pacticipant->name),
                            .number = arena_strdup(arena, number),
                            .created_at = now,
                            .updated_at = now};
    return 0;
}

static int write_build_url(struct store *store, int64_t id, const char *url, bool always,
                           struct arena *arena, struct err *err)
{
    int code =
        db_run(store->db, err,
               "UPDATE versions SET build_url = $2, updated_at ="
               " CASE WHEN id = $4 THEN updated_at ELSE $3 END WHERE id = $1"
               " AND ($5 OR build_url IS DISTINCT FROM $2)",
               "issii", id, url, store_now(store, arena), store->new_version, (int64_t)always);
    return code < 0 ? code : 0;
}

int store_version_set_build_url(struct store *store, int64_t id, const char *url,
                                struct arena *arena, struct err *err)
{
    return write_build_url(store, id, url, false, arena, err);
}

int store_version_replace(struct store *store, int64_t id, const char *url, struct arena *arena,
                          struct err *err)
{
    return write_build_url(store, id, url, true, arena, err);
}

/* A branch whose head goes away gets its latest remaining version as head. */
int store_version_delete(struct store *store, int64_t id, struct err *err)
{
    int code = db_run(store->db, err,
                      "UPDATE branches SET head_version_id = (SELECT MAX(bv.version_id)"
                      " FROM branch_versions bv WHERE bv.branch_id = branches.id"
                      " AND bv.version_id <> $1) WHERE head_version_id = $1",
                      "i", id);
    if (code >= 0)
        code = db_run(store->db, err, "DELETE FROM versions WHERE id = $1", "i", id);
    return code < 0 ? code : 0;
}

#define FILTER                                                                                     \
    "WHERE v.pacticipant_id = $1"                                                                  \
    " AND ($2 IS NULL OR EXISTS(SELECT 1 FROM branch_versions bv"                                  \
    " JOIN branches b ON b.id = bv.branch_id WHERE bv.version_id = v.id AND b.name = $2))"         \
    " AND ($3 IS NULL OR EXISTS(SELECT 1 FROM tags t"                                              \
    " WHERE t.version_id = v.id AND t.name = $3)) "

int store_version_list(struct store *store, int64_t pacticipant_id, const char *branch,
                       const char *tag, struct page *page, struct arena *arena,
                       struct versions *ret, struct err *err)
{
    if (db_value(store->db, err, &page->total, "SELECT COUNT(*) FROM versions v " FILTER, "iss",
                 pacticipant_id, branch, tag) < 0)
        return err_wrap(err, "counting versions");
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, SELECT FILTER "ORDER BY v.id DESC LIMIT $4 OFFSET $5",
                        "issii", pacticipant_id, branch, tag, page_limit(page), page_offset(page));
    while (code >= 0 && (code = db_step(q, err)) > 0)
        read_row(q, arena, VEC_PUSH(arena, ret));
    return code;
}

#define PLACED                                                                                     \
    "WHERE v.pacticipant_id = $1 AND (v.id IN (SELECT version_id FROM deployments"                 \
    " WHERE pacticipant_id = $1 AND environment_id = $2) OR v.id IN (SELECT version_id"            \
    " FROM releases WHERE pacticipant_id = $1 AND environment_id = $2)) "

int store_version_placed(struct store *store, int64_t pacticipant_id, int64_t environment_id,
                         struct page *page, struct arena *arena, struct versions *ret,
                         struct err *err)
{
    if (db_value(store->db, err, &page->total, "SELECT COUNT(*) FROM versions v " PLACED, "ii",
                 pacticipant_id, environment_id) < 0)
        return err_wrap(err, "counting versions");
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code =
        db_query(store->db, err, &q, SELECT PLACED "ORDER BY v.id DESC LIMIT $3 OFFSET $4", "iiii",
                 pacticipant_id, environment_id, page_limit(page), page_offset(page));
    while (code >= 0 && (code = db_step(q, err)) > 0)
        read_row(q, arena, VEC_PUSH(arena, ret));
    return code;
}

int store_version_latest(struct store *store, int64_t pacticipant_id, const char *branch,
                         const char *tag, struct arena *arena, struct version *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code;
    if (branch)
        code = db_query(store->db, err, &q,
                        SELECT "WHERE v.id = (SELECT b.head_version_id FROM branches b"
                               " WHERE b.pacticipant_id = $1 AND b.name = $2)",
                        "is", pacticipant_id, branch);
    else if (tag)
        code = db_query(store->db, err, &q,
                        SELECT "WHERE v.id = (SELECT MAX(t.version_id) FROM tags t"
                               " WHERE t.pacticipant_id = $1 AND t.name = $2)",
                        "is", pacticipant_id, tag);
    else
        code = db_query(store->db, err, &q,
                        SELECT "WHERE v.id = (SELECT MAX(id) FROM versions"
                               " WHERE pacticipant_id = $1)",
                        "i", pacticipant_id);
    return code < 0 ? code : one(q, arena, ret, err);
}
