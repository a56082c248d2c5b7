// SPDX-License-Identifier: Apache-2.0
/*
 * What is where: deployments (an instance runs a version) and releases (a version is supported),
 * with the ledger underneath that never forgets.
 */
#include "broker/store.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/uuid.h"
#include "lib/db/db.h"

#define COLUMNS                                                                                    \
    "d.id, d.uuid, d.version_id, d.environment_id, d.ended_at, d.created_at, d.updated_at,"        \
    " p.name, v.number, e.uuid, e.name, e.display_name, e.production"
#define JOINS                                                                                      \
    " d JOIN versions v ON v.id = d.version_id JOIN pacticipants p ON p.id = v.pacticipant_id"     \
    " JOIN environments e ON e.id = d.environment_id "
#define DEPLOYED "SELECT " COLUMNS ", d.instance FROM deployments" JOINS
#define RELEASED "SELECT " COLUMNS ", NULL FROM releases" JOINS

static void read_row(const struct db_stmt *q, bool released, struct arena *arena,
                     struct placement *ret)
{
    *ret = (struct placement){
        .released = released,
        .current = db_is_null(q, 4),
        .id = db_int(q, 0),
        .uuid = db_text(q, 1, arena),
        .version_id = db_int(q, 2),
        .environment_id = db_int(q, 3),
        .ended_at = db_text(q, 4, arena),
        .created_at = db_text(q, 5, arena),
        .updated_at = db_text(q, 6, arena),
        .pacticipant = db_text(q, 7, arena),
        .number = db_text(q, 8, arena),
        .environment_uuid = db_text(q, 9, arena),
        .environment = db_text(q, 10, arena),
        .environment_display = db_text(q, 11, arena),
        .production = db_int(q, 12) != 0,
        .instance = db_text(q, 13, arena),
    };
}

int store_placement_find(struct store *store, bool released, const char *uuid, struct arena *arena,
                         struct placement *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code =
        db_query(store->db, err, &q,
                 released ? RELEASED "WHERE d.uuid = $1" : DEPLOYED "WHERE d.uuid = $1", "s", uuid);
    if (code == 0 && (code = db_step(q, err)) > 0)
        read_row(q, released, arena, ret);
    return code;
}

#define BY_VERSION                                                                                 \
    "WHERE d.version_id = $1 AND ($2 = 0 OR d.environment_id = $2)"                                \
    " AND ($3 = 0 OR d.ended_at IS NULL)"
#define BY_ENVIRONMENT                                                                             \
    "WHERE d.environment_id = $1 AND ($2 = 0 OR d.pacticipant_id = $2) AND d.ended_at IS NULL"

int store_placements(struct store *store, bool released, const struct placement_filter *filter,
                     struct arena *arena, struct placements *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code;
    if (filter->version_id)
        code = db_query(
            store->db, err, &q,
            released ? RELEASED BY_VERSION " ORDER BY d.id" : DEPLOYED BY_VERSION " ORDER BY d.id",
            "iii", filter->version_id, filter->environment_id, (int64_t)filter->current);
    else
        code = db_query(store->db, err, &q,
                        released ? RELEASED BY_ENVIRONMENT " ORDER BY d.id"
                                 : DEPLOYED BY_ENVIRONMENT " ORDER BY d.id",
                        "ii", filter->environment_id, filter->pacticipant_id);
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        struct placement row;
        read_row(q, released, arena, &row);
        bool same = filter->any_instance || str_eq(str_of(row.instance), str_of(filter->instance));
        if (released || same)
            *VEC_PUSH(arena, ret) = row;
    }
    return code;
}

#define LIVE                                                                                       \
    "WHERE d.ended_at IS NULL AND (d.version_id = $1 OR d.pacticipant_id = $2"                     \
    " OR d.version_id IN (SELECT consumer_version_id FROM latest_publications"                     \
    " WHERE provider_id = $2)"                                                                     \
    " OR d.version_id IN (SELECT consumer_version_id FROM latest_publications"                     \
    " WHERE consumer_id = $3 AND provider_id = $4)) ORDER BY d.id LIMIT 1"

int store_live_find(struct store *store, const struct live_filter *filter, struct arena *arena,
                    struct placement *ret, struct err *err)
{
    int code = 0;
    for (int released = 0; released < 2 && code == 0; released++) {
        struct db_stmt *q DB_STMT_AUTO = NULL;
        code = db_query(store->db, err, &q, released ? RELEASED LIVE : DEPLOYED LIVE, "iiii",
                        filter->version_id, filter->pacticipant_id, filter->consumer_id,
                        filter->provider_id);
        if (code == 0 && (code = db_step(q, err)) > 0)
            read_row(q, released, arena, ret);
    }
    return code;
}

static int ledger(struct store *store, const char *event, const struct placement *row,
                  struct arena *arena, struct err *err)
{
    int code = db_run(store->db, err,
                      "INSERT INTO release_ledger(at, event, pacticipant, version, environment,"
                      " instance, uuid) VALUES($1, $2, $3, $4, $5, $6, $7)",
                      "sssssss", store_now(store, arena), event, row->pacticipant, row->number,
                      row->environment, row->instance, row->uuid);
    return code < 0 ? code : 0;
}

static int end_deployment(struct store *store, const struct placement *row, const char *event,
                          struct arena *arena, struct err *err)
{
    int code = db_run(store->db, err,
                      "UPDATE deployments SET ended_at = $2, updated_at = $2 WHERE id = $1"
                      " AND ended_at IS NULL",
                      "is", row->id, store_now(store, arena));
    if (code <= 0)
        return code;
    return ledger(store, event, row, arena, err);
}

/* The live deployments in the slot (environment, pacticipant, instance). */
static int slot(struct store *store, const struct version *version,
                const struct environment *environment, const char *instance, struct arena *arena,
                struct placements *ret, struct err *err)
{
    struct placement_filter filter = {.environment_id = environment->id,
                                      .pacticipant_id = version->pacticipant_id,
                                      .instance = instance,
                                      .current = true};
    return store_placements(store, false, &filter, arena, ret, err);
}

int store_deploy(struct store *store, const struct version *version,
                 const struct environment *environment, const char *instance, struct arena *arena,
                 struct placement *ret, struct err *err)
{
    struct placements live = {0};
    int code = slot(store, version, environment, instance, arena, &live, err);
    VEC_EACH(&live, struct placement *, row) {
        if (row->version_id == version->id) {
            *ret = *row;
            return code;
        }
    }
    VEC_EACH(&live, struct placement *, row) {
        if (code >= 0)
            code = end_deployment(store, row, "replaced", arena, err);
    }
    if (code < 0)
        return code;
    const char *uuid = uuid_random(arena_alloc(arena, UUID_TEXT_LEN));
    code = db_run(store->db, err,
                  "INSERT INTO deployments(uuid, pacticipant_id, version_id, environment_id,"
                  " instance, created_at, updated_at) VALUES($1, $2, $3, $4, $5, $6, $6)",
                  "siiiss", uuid, version->pacticipant_id, version->id, environment->id, instance,
                  store_now(store, arena));
    if (code >= 0)
        code = store_placement_find(store, false, uuid, arena, ret, err);
    if (code >= 0)
        code = ledger(store, "deployed", ret, arena, err);
    return code < 0 ? code : 0;
}

int store_undeploy(struct store *store, const struct placement *row, struct arena *arena,
                   struct err *err)
{
    return end_deployment(store, row, "undeployed", arena, err);
}

int store_release(struct store *store, const struct version *version,
                  const struct environment *environment, struct arena *arena, struct placement *ret,
                  bool *ret_created, struct err *err)
{
    struct placements rows = {0};
    struct placement_filter filter = {.environment_id = environment->id, .version_id = version->id};
    int code = store_placements(store, true, &filter, arena, &rows, err);
    if (code < 0)
        return code;
    const char *now = store_now(store, arena);
    const char *uuid;
    *ret_created = rows.len == 0;
    if (rows.len > 0 && rows.items[0].current) {
        *ret = rows.items[0];
        return 0;
    }
    if (rows.len > 0) {
        uuid = rows.items[0].uuid;
        code = db_run(store->db, err,
                      "UPDATE releases SET ended_at = NULL, updated_at = $2 WHERE id = $1", "is",
                      rows.items[0].id, now);
    } else {
        uuid = uuid_random(arena_alloc(arena, UUID_TEXT_LEN));
        code = db_run(store->db, err,
                      "INSERT INTO releases(uuid, pacticipant_id, version_id, environment_id,"
                      " created_at, updated_at) VALUES($1, $2, $3, $4, $5, $5)",
                      "siiis", uuid, version->pacticipant_id, version->id, environment->id, now);
    }
    if (code >= 0)
        code = store_placement_find(store, true, uuid, arena, ret, err);
    if (code >= 0)
        code = ledger(store, "released", ret, arena, err);
    return code < 0 ? code : 0;
}

int store_end_support(struct store *store, const struct placement *row, struct arena *arena,
                      struct err *err)
{
    int code = db_run(store->db, err,
                      "UPDATE releases SET ended_at = $2, updated_at = $2 WHERE id = $1"
                      " AND ended_at IS NULL",
                      "is", row->id, store_now(store, arena));
    if (code <= 0)
        return code;
    return ledger(store, "support_ended", row, arena, err);
}
