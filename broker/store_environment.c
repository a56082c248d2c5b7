// SPDX-License-Identifier: Apache-2.0
/* Environments, and the evidence kept beside versions. */
#include "broker/store.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/uuid.h"
#include "lib/db/db.h"

#define SELECT                                                                                     \
    "SELECT id, uuid, name, display_name, production, contacts, created_at, updated_at"            \
    " FROM environments "

static void read_row(const struct db_stmt *q, struct arena *arena, struct environment *ret)
{
    *ret = (struct environment){
        .id = db_int(q, 0),
        .uuid = db_text(q, 1, arena),
        .name = db_text(q, 2, arena),
        .display_name = db_text(q, 3, arena),
        .production = db_int(q, 4) != 0,
        .contacts = str_of(db_text(q, 5, arena)),
        .created_at = db_text(q, 6, arena),
        .updated_at = db_text(q, 7, arena),
    };
}

int store_environment_find(struct store *store, const char *uuid, struct arena *arena,
                           struct environment *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, SELECT "WHERE uuid = $1", "s", uuid);
    if (code == 0 && (code = db_step(q, err)) > 0)
        read_row(q, arena, ret);
    return code;
}

int store_environment_by_name(struct store *store, const char *name, struct arena *arena,
                              struct environment *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, SELECT "WHERE name = $1", "s", name);
    if (code == 0 && (code = db_step(q, err)) > 0)
        read_row(q, arena, ret);
    return code;
}

int store_environment_list(struct store *store, const char *name, struct arena *arena,
                           struct environments *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        SELECT "WHERE $1 IS NULL OR name = $1 ORDER BY lower(display_name), id",
                        "s", name);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        read_row(q, arena, VEC_PUSH(arena, ret));
    return code;
}

int store_environment_save(struct store *store, struct environment *row, struct arena *arena,
                           struct err *err)
{
    const char *now = store_now(store, arena);
    int code;
    if (row->id == 0) {
        if (!row->uuid)
            row->uuid = uuid_random(arena_alloc(arena, UUID_TEXT_LEN));
        row->created_at = now;
        code = db_value(store->db, err, &row->id,
                        "INSERT INTO environments(uuid, name, display_name, production, contacts,"
                        " created_at, updated_at) VALUES($1, $2, $3, $4, $5, $6, $6) RETURNING id",
                        "sssits", row->uuid, row->name, row->display_name, (int64_t)row->production,
                        row->contacts, now);
    } else {
        code = db_run(store->db, err,
                      "UPDATE environments SET name = $2, display_name = $3, production = $4,"
                      " contacts = $5, updated_at = $6 WHERE id = $1",
                      "issits", row->id, row->name, row->display_name, (int64_t)row->production,
                      row->contacts, now);
    }
    if (code < 0)
        return code;
    row->updated_at = now;
    return 0;
}

/* What was live there ends with it; the ledger goes by names, and keeps that. */
#define END_ALL(table, event, instance)                                                            \
    "INSERT INTO release_ledger(at, event, pacticipant, version, environment, instance, uuid)"     \
    " SELECT $2, '" event "', p.name, v.number, e.name, " instance ", d.uuid FROM " table          \
    " d JOIN versions v ON v.id = d.version_id JOIN pacticipants p ON p.id = v.pacticipant_id"     \
    " JOIN environments e ON e.id = d.environment_id"                                              \
    " WHERE d.environment_id = $1 AND d.ended_at IS NULL ORDER BY d.id"

int store_environment_delete(struct store *store, int64_t id, struct arena *arena, struct err *err)
{
    const char *now = store_now(store, arena);
    int code =
        db_run(store->db, err, END_ALL("deployments", "undeployed", "d.instance"), "is", id, now);
    if (code >= 0)
        code = db_run(store->db, err, END_ALL("releases", "support_ended", "NULL"), "is", id, now);
    if (code >= 0)
        code = db_run(store->db, err, "DELETE FROM environments WHERE id = $1", "i", id);
    return code < 0 ? code : 0;
}

/* ---- evidence ---- */

int store_evidence_put(struct store *store, int64_t version_id, const char *pack, struct str body,
                       struct arena *arena, bool *ret_created, struct err *err)
{
    struct evidence old;
    int code = store_evidence_find(store, version_id, pack, arena, &old, err);
    if (code < 0)
        return code;
    bool created = code == 0;
    code = db_run(store->db, err,
                  "INSERT INTO evidence(version_id, pack, body, created_at)"
                  " VALUES($1, $2, packed($3), $4) ON CONFLICT(version_id, pack)"
                  " DO UPDATE SET body = excluded.body, created_at = excluded.created_at",
                  "ists", version_id, pack, body, store_now(store, arena));
    if (code < 0)
        return code;
    *ret_created = created;
    return 0;
}

static void read_evidence(const struct db_stmt *q, struct arena *arena, struct evidence *ret)
{
    *ret = (struct evidence){db_text(q, 0, arena), db_text(q, 1, arena), str_of(NULL)};
    ret->body = str_of(db_text(q, 2, arena));
}

int store_evidence_find(struct store *store, int64_t version_id, const char *pack,
                        struct arena *arena, struct evidence *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT pack, created_at, unpacked(body, 'evidence', rowid) FROM evidence"
                        " WHERE version_id = $1 AND pack = $2",
                        "is", version_id, pack);
    if (code == 0 && (code = db_step(q, err)) > 0)
        read_evidence(q, arena, ret);
    return code;
}

int store_evidence_list(struct store *store, int64_t version_id, struct arena *arena,
                        struct evidences *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT pack, created_at, unpacked(body, 'evidence', rowid) FROM evidence"
                        " WHERE version_id = $1 ORDER BY pack",
                        "i", version_id);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        read_evidence(q, arena, VEC_PUSH(arena, ret));
    return code;
}
