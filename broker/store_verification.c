// SPDX-License-Identifier: Apache-2.0
/* Verification results; any number per content and provider version, the last one counts. */
#include "broker/store.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

#define SELECT                                                                                     \
    "SELECT r.id, r.pact_version_id, r.provider_version_id, r.verdict, r.detailed, v.number,"      \
    " r.build_url, r.created_at, unpacked(r.test_results, 'verifications', r.id), r.verified_by, " \
    "r.wip, r.pending"                                                                             \
    " FROM verifications r JOIN versions v ON v.id = r.provider_version_id "

static void read_row(const struct db_stmt *q, struct arena *arena, struct verification *ret)
{
    *ret = (struct verification){
        .id = db_int(q, 0),
        .number = db_int(q, 0) + VERIFICATION_FIRST_NUMBER - 1,
        .pact_version_id = db_int(q, 1),
        .provider_version_id = db_int(q, 2),
        .verdict = (enum verdict)db_int(q, 3),
        .detailed = db_int(q, 4) != 0,
        .provider_number = db_text(q, 5, arena),
        .build_url = db_text(q, 6, arena),
        .created_at = db_text(q, 7, arena),
        .test_results = str_of(db_text(q, 8, arena)),
        .verified_by = str_of(db_text(q, 9, arena)),
        .wip = db_int(q, 10) != 0,
        .pending = db_int(q, 11) != 0,
    };
}

static int one(struct db_stmt *q, struct arena *arena, struct verification *ret, struct err *err)
{
    int code = db_step(q, err);
    if (code > 0)
        read_row(q, arena, ret);
    return code;
}

int store_verification_find(struct store *store, int64_t pact_version_id, int64_t number,
                            struct arena *arena, struct verification *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, SELECT "WHERE r.id = $1 AND r.pact_version_id = $2",
                        "ii", number - VERIFICATION_FIRST_NUMBER + 1, pact_version_id);
    return code < 0 ? code : one(q, arena, ret, err);
}

int store_verification_latest(struct store *store, int64_t pact_version_id, struct arena *arena,
                              struct verification *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        SELECT "WHERE r.id = (SELECT MAX(id) FROM verifications"
                               " WHERE pact_version_id = $1)",
                        "i", pact_version_id);
    return code < 0 ? code : one(q, arena, ret, err);
}

/* What pending and WIP look at: only results that cover the whole contract count. */
static int remember_success(struct store *store, const struct verification *row, const char *now,
                            struct err *err)
{
    int code =
        db_run(store->db, err,
               "INSERT INTO successes(pact_version_id, provider_version_id, wip, first_at,"
               " last_at) VALUES($1, $2, $3, $4, $4)"
               " ON CONFLICT(pact_version_id, provider_version_id, wip)"
               " DO UPDATE SET last_at = excluded.last_at",
               "iiis", row->pact_version_id, row->provider_version_id, (int64_t)row->wip, now);
    if (code >= 0)
        code =
            db_run(store->db, err,
                   "INSERT INTO tag_successes(pact_version_id, tag, wip, first_at)"
                   " SELECT $1, t.name, $3, $4 FROM tags t WHERE t.version_id = $2"
                   " ON CONFLICT DO NOTHING",
                   "iiis", row->pact_version_id, row->provider_version_id, (int64_t)row->wip, now);
    return code < 0 ? code : 0;
}

static int set_latest(struct store *store, const struct verification *row, int64_t id,
                      struct err *err)
{
    int code = db_run(store->db, err,
                      "INSERT INTO latest_verifications(pact_version_id, provider_version_id,"
                      " verification_id) VALUES($1, $2, $3)"
                      " ON CONFLICT(pact_version_id, provider_version_id)"
                      " DO UPDATE SET verification_id = excluded.verification_id",
                      "iii", row->pact_version_id, row->provider_version_id, id);
    if (code >= 0)
        code = db_run(store->db, err,
                      "UPDATE integrations SET verified = 1, contract_data_updated_at ="
                      " (SELECT created_at FROM verifications WHERE id = $2) WHERE (consumer_id, "
                      "provider_id) ="
                      " (SELECT consumer_id, provider_id FROM pact_versions WHERE id = $1)",
                      "ii", row->pact_version_id, id);
    return code < 0 ? code : 0;
}

int store_verification_add(struct store *store, const struct verification *row, struct arena *arena,
                           struct verification *ret, struct err *err)
{
    const char *now = store_now(store, arena);
    int64_t id = 0;
    int code =
        db_value(store->db, err, &id,
                 "INSERT INTO verifications(pact_version_id, provider_version_id, verdict,"
                 " detailed, build_url, test_results, verified_by, wip, pending, created_at)"
                 " VALUES($1, $2, $3, $4, $5, packed($6), $7, $8, $9, $10) RETURNING id",
                 "iiiisttiis", row->pact_version_id, row->provider_version_id,
                 (int64_t)row->verdict, (int64_t)row->detailed, row->build_url, row->test_results,
                 row->verified_by, (int64_t)row->wip, (int64_t)row->pending, now);
    if (code >= 0)
        code = set_latest(store, row, id, err);
    if (code >= 0 && row->verdict == VERDICT_VERIFIED)
        code = remember_success(store, row, now, err);
    if (code >= 0)
        code = store_verification_find(store, row->pact_version_id,
                                       id + VERIFICATION_FIRST_NUMBER - 1, arena, ret, err);
    return code < 0 ? code : 0;
}

/* A success that was deleted counts neither for when it was nor for the tags of its version. */
static int forget_times(struct store *store, const struct verification *row, struct err *err)
{
    int code = db_run(store->db, err,
                      "UPDATE successes SET (first_at, last_at) ="
                      " (SELECT MIN(r.created_at), MAX(r.created_at) FROM verifications r"
                      " WHERE r.pact_version_id = $1 AND r.provider_version_id = $2"
                      " AND r.verdict = 1 AND r.wip = successes.wip)"
                      " WHERE pact_version_id = $1 AND provider_version_id = $2",
                      "ii", row->pact_version_id, row->provider_version_id);
    if (code >= 0)
        code = db_run(store->db, err,
                      "DELETE FROM tag_successes WHERE pact_version_id = $1"
                      " AND tag IN (SELECT name FROM tags WHERE version_id = $2)"
                      " AND NOT EXISTS(SELECT 1 FROM successes s JOIN tags t"
                      " ON t.version_id = s.provider_version_id AND t.name = tag_successes.tag"
                      " WHERE s.pact_version_id = $1"
                      " AND s.wip = tag_successes.wip)",
                      "ii", row->pact_version_id, row->provider_version_id);
    return code < 0 ? code : 0;
}

/* The pointer goes back to the result before; a success that no result backs is forgotten. */
int store_verification_delete(struct store *store, const struct verification *row, struct err *err)
{
    int code = db_run(store->db, err, "DELETE FROM verifications WHERE id = $1", "i", row->id);
    if (code >= 0)
        code = db_run(store->db, err,
                      "INSERT INTO latest_verifications(pact_version_id, provider_version_id,"
                      " verification_id) SELECT pact_version_id, provider_version_id, MAX(id)"
                      " FROM verifications WHERE pact_version_id = $1"
                      " AND provider_version_id = $2 GROUP BY 1, 2"
                      " ON CONFLICT(pact_version_id, provider_version_id)"
                      " DO UPDATE SET verification_id = excluded.verification_id",
                      "ii", row->pact_version_id, row->provider_version_id);
    if (code >= 0)
        code = db_run(store->db, err,
                      "DELETE FROM successes WHERE pact_version_id = $1"
                      " AND provider_version_id = $2 AND NOT EXISTS(SELECT 1 FROM verifications r"
                      " WHERE r.pact_version_id = $1 AND r.provider_version_id = $2"
                      " AND r.verdict = 1 AND r.wip = successes.wip)",
                      "ii", row->pact_version_id, row->provider_version_id);
    if (code >= 0)
        code = forget_times(store, row, err);
    /* What the branches of that version know about the content is worked out again. */
    if (code >= 0)
        code = db_run(store->db, err,
                      "UPDATE branch_successes SET (first_at, last_at) ="
                      " (SELECT MIN(s.first_at), MAX(s.last_at) FROM branch_versions bv"
                      " JOIN successes s ON s.provider_version_id = bv.version_id"
                      " AND s.pact_version_id = $1 AND s.wip = branch_successes.wip"
                      " WHERE bv.branch_id = branch_successes.branch_id)"
                      " WHERE pact_version_id = $1 AND branch_id IN"
                      " (SELECT branch_id FROM branch_versions WHERE version_id = $2)",
                      "ii", row->pact_version_id, row->provider_version_id);
    return code < 0 ? code : 0;
}

int store_verification_any(struct store *store, int64_t consumer_id, int64_t provider_id,
                           struct err *err)
{
    int64_t found = 0;
    return db_value(store->db, err, &found,
                    "SELECT 1 FROM integrations WHERE consumer_id = $1 AND provider_id = $2"
                    " AND verified = 1",
                    "ii", consumer_id, provider_id);
}
