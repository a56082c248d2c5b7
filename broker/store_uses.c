// SPDX-License-Identifier: Apache-2.0
/* Who uses which method and operation, in the versions that count now and in those before. */
#include "broker/store_methods.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

/* An interaction's own columns; what a manifest says goes before what the request says. */
#define ROW(description, operation)                                                                \
    "i.name, i.kind, " description ", i.method, i.package, i.variant, i.source, "                  \
    "i.inferred, " operation                                                                       \
    ", i.persisted_id, i.digest, i.problem, i.consumer_id, i.provider_id, c.name, p.name"
#define RESOLVED "COALESCE(mo.operation, i.operation)"

/* From versions to their interactions, by keys only; the order of the joins is meant. */
#define USES                                                                                       \
    "SELECT " ROW(                                                                                 \
        "d.value",                                                                                 \
        RESOLVED) ", v.id, lp.pact_version_id, v.number"                                           \
                  " FROM counted CROSS JOIN versions v ON v.id = counted.id"                       \
                  " CROSS JOIN latest_publications lp ON lp.consumer_version_id = v.id"            \
                  " CROSS JOIN index_uses pi ON pi.pact_version_id = lp.pact_version_id"           \
                  " CROSS JOIN json_each(pi.uses) u CROSS JOIN index_interactions i"               \
                  " ON i.id = CAST(u.key AS INTEGER) CROSS JOIN json_each(u.value) d"              \
                  " CROSS JOIN pacticipants c ON c.id = i.consumer_id"                             \
                  " CROSS JOIN pacticipants p ON p.id = i.provider_id"                             \
                  " LEFT JOIN manifest_operations mo ON mo.persisted_id = i.persisted_id AND "     \
                  "mo.document_id ="                                                               \
                  " (SELECT d.id FROM version_documents d WHERE d.version_id = v.id AND d.kind = " \
                  "'manifest'"                                                                     \
                  " ORDER BY d.revision DESC LIMIT 1) "

#define COUNTED                                                                                    \
    "WITH counted(id) AS ("                                                                        \
    "SELECT b.head_version_id FROM pacticipants m JOIN branches b ON b.pacticipant_id = m.id"      \
    " AND b.name = m.main_branch WHERE m.id = $1 AND b.head_version_id IS NOT NULL"                \
    " UNION SELECT MAX(consumer_version_id) FROM latest_publications WHERE consumer_id = $1"       \
    " UNION SELECT version_id FROM deployments WHERE pacticipant_id = $1 AND ended_at IS NULL"     \
    " UNION SELECT version_id FROM releases WHERE pacticipant_id = $1 AND ended_at IS NULL) "

#define COUNTED_OF_PROVIDER                                                                        \
    "WITH counted(id) AS ("                                                                        \
    "SELECT b.head_version_id FROM integrations k JOIN pacticipants m ON m.id = k.consumer_id"     \
    " JOIN branches b ON b.pacticipant_id = m.id AND b.name = m.main_branch"                       \
    " WHERE k.provider_id = $1 AND b.head_version_id IS NOT NULL"                                  \
    " UNION SELECT (SELECT MAX(n.consumer_version_id) FROM latest_publications n"                  \
    " WHERE n.provider_id = k.provider_id AND n.consumer_id = k.consumer_id)"                      \
    " FROM integrations k WHERE k.provider_id = $1"                                                \
    " UNION SELECT d.version_id FROM integrations k JOIN deployments d"                            \
    " ON d.pacticipant_id = k.consumer_id AND d.ended_at IS NULL WHERE k.provider_id = $1"         \
    " UNION SELECT r.version_id FROM integrations k JOIN releases r"                               \
    " ON r.pacticipant_id = k.consumer_id AND r.ended_at IS NULL WHERE k.provider_id = $1) "

const char *const store_uses_sql[USES_QUERIES] = {
    [USES_CURRENT] =
        COUNTED USES "WHERE ($2 IS NULL OR i.name = $2) ORDER BY i.name, v.id DESC, i.id, d.key",
    [USES_VERSION] = "WITH counted(id) AS (SELECT $1) " USES "ORDER BY i.name, i.id, d.key",
    [USES_OF_PROVIDER] =
        COUNTED_OF_PROVIDER USES "WHERE lp.provider_id = $1 AND ($2 IS NULL OR " RESOLVED " = $2)"
                                 " ORDER BY " RESOLVED ", c.name, i.name, v.id DESC, i.id, d.key",
    [USES_VERSIONS] =
        "SELECT DISTINCT v.id, v.pacticipant_id, c.name, v.number, v.build_url, v.created_at,"
        " v.updated_at FROM latest_publications lp CROSS JOIN versions v"
        " ON v.id = lp.consumer_version_id CROSS JOIN pacticipants c ON c.id = v.pacticipant_id"
        " CROSS JOIN index_uses pi ON pi.pact_version_id = lp.pact_version_id"
        /* A quote in a text has a backslash before it: such a key stands nowhere else. */
        " WHERE lp.consumer_id = $1 AND lp.consumer_version_id > $5"
        " AND EXISTS(SELECT 1 FROM index_interactions i"
        " WHERE i.consumer_id = $1 AND i.name = $2"
        " AND instr(pi.uses, '\"' || i.id || '\":[') > 0)"
        " ORDER BY lp.consumer_version_id DESC LIMIT $3 OFFSET $4",
};

static struct str text(const struct db_stmt *q, int column, struct arena *arena)
{
    return str_of(db_text(q, column, arena));
}

/* Columns of ROW; those after it only with a version. */
static void read_use(const struct db_stmt *q, bool version, struct arena *arena, struct use *ret)
{
    *ret = (struct use){
        .row = {.name = text(q, 0, arena),
                .kind = text(q, 1, arena),
                .description = text(q, 2, arena),
                .method = text(q, 3, arena),
                .package = text(q, 4, arena),
                .variant = text(q, 5, arena),
                .source = text(q, 6, arena),
                .inferred = db_int(q, 7) != 0,
                .operation = text(q, 8, arena),
                .persisted_id = text(q, 9, arena),
                .digest = text(q, 10, arena),
                .problem = text(q, 11, arena)},
        .consumer_id = db_int(q, 12),
        .provider_id = db_int(q, 13),
        .consumer = db_text(q, 14, arena),
        .provider = db_text(q, 15, arena),
    };
    if (version) {
        ret->version_id = db_int(q, 16);
        ret->pact_version_id = db_int(q, 17);
        ret->number = db_text(q, 18, arena);
    }
}

static int all(struct db_stmt *q, bool version, struct arena *arena, struct uses *ret,
               struct err *err)
{
    int code;
    while ((code = db_step(q, err)) > 0)
        read_use(q, version, arena, VEC_PUSH(arena, ret));
    return code;
}

int store_uses_current(struct store *store, int64_t consumer_id, const char *name,
                       struct arena *arena, struct uses *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, store_uses_sql[USES_CURRENT], "is", consumer_id, name);
    return code < 0 ? code : all(q, true, arena, ret, err);
}

int store_uses_of_version(struct store *store, int64_t version_id, struct arena *arena,
                          struct uses *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, store_uses_sql[USES_VERSION], "i", version_id);
    return code < 0 ? code : all(q, true, arena, ret, err);
}

int store_uses_of_provider(struct store *store, int64_t provider_id, const char *operation,
                           struct arena *arena, struct uses *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, store_uses_sql[USES_OF_PROVIDER], "is", provider_id,
                        operation);
    return code < 0 ? code : all(q, true, arena, ret, err);
}

/* The newest publication that is not looked at: 1, or 0 if there is none. */
static int look_back(struct store *store, int64_t consumer_id, int64_t *ret, struct err *err)
{
    return db_value(store->db, err, ret,
                    "SELECT consumer_version_id FROM latest_publications WHERE consumer_id = $1"
                    " ORDER BY consumer_version_id DESC LIMIT 1 OFFSET $2",
                    "ii", consumer_id, (int64_t)USES_LOOK_BACK);
}

int store_uses_older(struct store *store, int64_t consumer_id, struct err *err)
{
    int64_t floor = 0;
    return look_back(store, consumer_id, &floor, err);
}

int store_versions_using(struct store *store, int64_t consumer_id, const char *name,
                         const struct page *page, struct arena *arena, struct versions *ret,
                         bool *ret_more, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int64_t floor = 0;
    int code = look_back(store, consumer_id, &floor, err);
    if (code >= 0)
        code = db_query(store->db, err, &q, store_uses_sql[USES_VERSIONS], "isiii", consumer_id,
                        name, page->size + 1, (page->number - 1) * page->size, floor);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) = (struct version){.id = db_int(q, 0),
                                                 .pacticipant_id = db_int(q, 1),
                                                 .pacticipant = db_text(q, 2, arena),
                                                 .number = db_text(q, 3, arena),
                                                 .build_url = db_text(q, 4, arena),
                                                 .created_at = db_text(q, 5, arena),
                                                 .updated_at = db_text(q, 6, arena)};
    if (code < 0)
        return code;
    *ret_more = ret->len > (size_t)page->size;
    ret->len -= *ret_more;
    return 0;
}

/* ---- what was ever published ---- */

#define UNRESOLVED                                                                                 \
    " AND NOT EXISTS(SELECT 1 FROM manifest_operations mo CROSS JOIN version_documents d"          \
    " ON d.id = mo.document_id WHERE mo.persisted_id = i.persisted_id"                             \
    " AND d.pacticipant_id = i.consumer_id)"
#define EVER                                                                                       \
    "SELECT " ROW("i.description",                                                                 \
                  "i.operation") " FROM index_interactions i JOIN pacticipants c ON c.id ="        \
                                 " i.consumer_id JOIN pacticipants p ON p.id = i.provider_id "

static int all_names(struct db_stmt *q, struct arena *arena, struct names *ret, struct err *err)
{
    int code;
    while ((code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) = db_text(q, 0, arena);
    return code;
}

int store_method_names(struct store *store, int64_t consumer_id, struct arena *arena,
                       struct names *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT DISTINCT i.name FROM index_interactions i WHERE i.consumer_id = $1"
                        " ORDER BY i.name",
                        "i", consumer_id);
    return code < 0 ? code : all_names(q, arena, ret, err);
}

int store_operation_names(struct store *store, int64_t provider_id, struct arena *arena,
                          struct names *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code =
        db_query(store->db, err, &q,
                 "SELECT DISTINCT i.operation FROM index_interactions i WHERE i.provider_id = $1"
                 " AND i.operation IS NOT NULL" UNRESOLVED " ORDER BY i.operation",
                 "i", provider_id);
    return code < 0 ? code : all_names(q, arena, ret, err);
}

int store_interactions_named(struct store *store, int64_t consumer_id, const char *name,
                             struct arena *arena, struct uses *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        EVER "WHERE i.consumer_id = $1 AND i.name = $2 ORDER BY i.id DESC", "is",
                        consumer_id, name);
    return code < 0 ? code : all(q, false, arena, ret, err);
}

int store_interactions_of_operation(struct store *store, int64_t provider_id, const char *operation,
                                    struct arena *arena, struct uses *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        EVER "WHERE i.provider_id = $1 AND i.operation = $2" UNRESOLVED
                             " ORDER BY c.name, i.name, i.id DESC",
                        "is", provider_id, operation);
    return code < 0 ? code : all(q, false, arena, ret, err);
}

/* ---- beside them ---- */

int store_heads_of(struct store *store, int64_t version_id, struct arena *arena, struct names *ret,
                   struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT name FROM branches WHERE head_version_id = $1 ORDER BY name", "i",
                        version_id);
    return code < 0 ? code : all_names(q, arena, ret, err);
}

int store_live(struct store *store, int64_t pacticipant_id, struct arena *arena,
               struct placements *ret, struct err *err)
{
    struct environments environments = {0};
    int code = store_environment_list(store, NULL, arena, &environments, err);
    VEC_EACH(&environments, const struct environment *, environment) {
        struct placement_filter filter = {.environment_id = environment->id,
                                          .pacticipant_id = pacticipant_id,
                                          .any_instance = true,
                                          .current = true};
        for (int released = 0; released < 2 && code >= 0; released++)
            code = store_placements(store, released == 1, &filter, arena, ret, err);
    }
    return code < 0 ? code : 0;
}

int store_index_problems(struct store *store, int64_t version_id, struct arena *arena,
                         struct index_problems *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT p.name, x.problem FROM latest_publications lp"
                        " JOIN index_problems x ON x.pact_version_id = lp.pact_version_id"
                        " JOIN pacticipants p ON p.id = lp.provider_id"
                        " WHERE lp.consumer_version_id = $1 ORDER BY p.name",
                        "i", version_id);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) = (struct index_problem){db_text(q, 0, arena), db_text(q, 1, arena)};
    return code;
}
