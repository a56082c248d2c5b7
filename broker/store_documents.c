// SPDX-License-Identifier: Apache-2.0
/* What an app publishes beside a version: an inventory of its methods, a manifest of operations. */
#include "broker/store_methods.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

#define SELECT                                                                                     \
    "SELECT d.id, d.version_id, d.revision, v.number, d.created_at,"                               \
    " unpacked(d.body, 'version_documents', d.id)"                                                 \
    " FROM version_documents d JOIN versions v ON v.id = d.version_id "

static int one(struct db_stmt *q, struct arena *arena, struct document *ret, struct err *err)
{
    int code = db_step(q, err);
    if (code > 0)
        *ret = (struct document){
            .id = db_int(q, 0),
            .version_id = db_int(q, 1),
            .revision = db_int(q, 2),
            .number = db_text(q, 3, arena),
            .created_at = db_text(q, 4, arena),
            .body = str_dup(arena, db_str(q, 5)),
        };
    return code;
}

int store_document_find(struct store *store, int64_t version_id, const char *kind, int64_t revision,
                        struct arena *arena, struct document *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        SELECT "WHERE d.version_id = $1 AND d.kind = $2"
                               " AND ($3 = 0 OR d.revision = $3) ORDER BY d.revision DESC LIMIT 1",
                        "isi", version_id, kind, revision);
    return code < 0 ? code : one(q, arena, ret, err);
}

int store_document_latest(struct store *store, int64_t pacticipant_id, const char *kind,
                          struct arena *arena, struct document *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        SELECT "WHERE d.pacticipant_id = $1 AND d.kind = $2"
                               " ORDER BY d.version_id DESC, d.revision DESC LIMIT 1",
                        "is", pacticipant_id, kind);
    return code < 0 ? code : one(q, arena, ret, err);
}

int store_document_put(struct store *store, const struct version *version, const char *kind,
                       struct str body, struct arena *arena, struct document *ret,
                       bool *ret_created, struct err *err)
{
    struct document old = {0};
    int code = store_document_find(store, version->id, kind, 0, arena, &old, err);
    if (code < 0)
        return code;
    if (code > 0 && str_eq(old.body, body)) {
        *ret = old;
        *ret_created = false;
        return 0;
    }
    code = db_run(store->db, err,
                  "INSERT INTO version_documents(version_id, pacticipant_id, kind, revision, body,"
                  " created_at) VALUES($1, $2, $3, $4, packed($5), $6)",
                  "iisits", version->id, version->pacticipant_id, kind, old.revision + 1, body,
                  store_now(store, arena));
    if (code >= 0)
        code = store_document_find(store, version->id, kind, 0, arena, ret, err);
    if (code > 0)
        *ret_created = true;
    return code < 0 ? code : 0;
}

int store_manifest_add(struct store *store, int64_t document_id,
                       const struct manifest_operations *rows, struct err *err)
{
    int code = 0;
    VEC_EACH(rows, const struct manifest_operation *, row) {
        if (code >= 0)
            code = db_run(store->db, err,
                          "INSERT INTO manifest_operations(document_id, persisted_id, operation,"
                          " digest) VALUES($1, $2, $3, $4)",
                          "ittt", document_id, row->persisted_id, row->operation, row->digest);
    }
    return code < 0 ? code : 0;
}

int store_manifest_operations(struct store *store, int64_t document_id, struct arena *arena,
                              struct manifest_operations *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT persisted_id, operation, digest FROM manifest_operations"
                        " WHERE document_id = $1 ORDER BY operation, persisted_id",
                        "i", document_id);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) =
            (struct manifest_operation){str_dup(arena, db_str(q, 0)), str_dup(arena, db_str(q, 1)),
                                        str_dup(arena, db_str(q, 2))};
    return code;
}
