// SPDX-License-Identifier: Apache-2.0
#include "broker/dashboard.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

const char *standing_name(enum standing standing)
{
    static const char *const names[] = {[STANDING_NEVER] = "never",
                                        [STANDING_SUCCESS] = "success",
                                        [STANDING_FAILED] = "failed",
                                        [STANDING_PENDING] = "failed_pending",
                                        [STANDING_STALE] = "stale"};
    return names[standing];
}

/* ---- results ---- */

/* The content that the last result between the two is about: 1, or 0 if there is none. */
static int last_judged(struct store *store, const struct publication *pact, struct arena *arena,
                       int64_t *ret_id, const char **ret_sha, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT pv.id, pv.sha FROM pact_versions pv WHERE pv.consumer_id = $1"
                        " AND pv.provider_id = $2 AND EXISTS(SELECT 1 FROM verifications v"
                        " WHERE v.pact_version_id = pv.id)"
                        " ORDER BY (SELECT MAX(v.id) FROM verifications v"
                        " WHERE v.pact_version_id = pv.id) DESC LIMIT 1",
                        "ii", pact->consumer_id, pact->provider_id);
    if (code < 0 || (code = db_step(q, err)) <= 0)
        return code;
    *ret_id = db_int(q, 0);
    *ret_sha = db_text(q, 1, arena);
    return 1;
}

static enum standing stands(const struct verification *result, bool same)
{
    switch (result->verdict) {
    case VERDICT_VERIFIED:
        return same ? STANDING_SUCCESS : STANDING_STALE;
    case VERDICT_FAILED:
        return result->pending ? STANDING_PENDING : STANDING_FAILED;
    case VERDICT_PARTIAL:
        break;
    }
    return STANDING_NEVER;
}

int dashboard_judge(struct store *store, struct arena *arena, struct dashboard_row *row,
                    struct err *err)
{
    int64_t content = row->pact.pact_version_id;
    const char *sha = row->pact.sha;
    int code = store_verification_latest(store, content, arena, &row->result, err);
    if (code == 0 && (code = last_judged(store, &row->pact, arena, &content, &sha, err)) > 0)
        code = store_verification_latest(store, content, arena, &row->result, err);
    if (code <= 0)
        return code;
    row->judged = true;
    row->result_sha = sha;
    row->standing = stands(&row->result, content == row->pact.pact_version_id);
    return 0;
}

/* ---- webhooks ---- */

static const char *webhook_standing(const struct triggereds *rows)
{
    static const enum triggered_status worst_first[] = {TRIGGERED_RETRYING, TRIGGERED_FAILURE,
                                                        TRIGGERED_NOT_RUN, TRIGGERED_SUCCESS};
    for (size_t i = 0; i < sizeof worst_first / sizeof *worst_first; i++) {
        VEC_EACH(rows, const struct triggered *, row) {
            if (row->status == worst_first[i])
                return triggered_status_name(row->status);
        }
    }
    return "not_run";
}

static int judge_webhooks(struct store *store, const struct integration *pair, struct arena *arena,
                          struct dashboard_row *ret, struct err *err)
{
    struct triggereds rows = {0};
    ret->webhooks = "none";
    int code = store_webhook_any(store, pair->consumer_id, pair->provider_id, err);
    if (code <= 0)
        return code;
    code = store_triggered_latest(store, pair->consumer_id, pair->provider_id, arena, &rows, err);
    if (code < 0)
        return code;
    ret->webhooks = webhook_standing(&rows);
    VEC_EACH(&rows, const struct triggered *, row) {
        if (!ret->triggered_at || strcmp(row->created_at, ret->triggered_at) > 0)
            ret->triggered_at = row->created_at;
    }
    return 0;
}

/* ---- rows ---- */

#define NEWEST                                                                                     \
    "(SELECT MAX(n.consumer_version_id) FROM latest_publications n"                                \
    " WHERE n.provider_id = $2 AND n.consumer_id = $1)"

static const char newest_version[] = "SELECT " NEWEST;
/* One step into the index per name of a tag, however many versions carry it. */
static const char shown_versions[] =
    "WITH RECURSIVE h(name) AS (SELECT (SELECT MIN(name) FROM tags WHERE pacticipant_id = $1)"
    " UNION ALL SELECT (SELECT MIN(t.name) FROM tags t WHERE t.pacticipant_id = $1"
    " AND t.name > h.name) FROM h WHERE h.name IS NOT NULL),"
    " c(id) AS (SELECT " NEWEST " UNION SELECT (SELECT t.version_id FROM tags t"
    " CROSS JOIN latest_publications n ON n.consumer_version_id = t.version_id"
    " AND n.provider_id = $2 WHERE t.pacticipant_id = $1 AND t.name = h.name"
    " ORDER BY t.version_id DESC LIMIT 1) FROM h WHERE h.name IS NOT NULL"
    " UNION SELECT version_id FROM deployments WHERE pacticipant_id = $1 AND ended_at IS NULL"
    " UNION SELECT version_id FROM releases WHERE pacticipant_id = $1 AND ended_at IS NULL)"
    " SELECT c.id FROM c CROSS JOIN latest_publications lp ON lp.consumer_version_id = c.id"
    " AND lp.provider_id = $2 AND lp.consumer_id = $1 ORDER BY c.id DESC";

struct ids {
    VEC_OF(int64_t);
};

static int find_versions(struct store *store, const struct integration *pair, bool all,
                         struct arena *arena, struct ids *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, all ? shown_versions : newest_version, "ii",
                        pair->consumer_id, pair->provider_id);
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        if (!db_is_null(q, 0))
            *VEC_PUSH(arena, ret) = db_int(q, 0);
    }
    return code;
}

int dashboard_of(struct store *store, const struct integration *pair, bool all, struct arena *arena,
                 struct dashboard *ret, struct err *err)
{
    struct ids versions = {0};
    struct dashboard_row common = {0};
    int code = find_versions(store, pair, all, arena, &versions, err);
    if (code >= 0)
        code = judge_webhooks(store, pair, arena, &common, err);
    VEC_EACH(&versions, const int64_t *, id) {
        struct dashboard_row row = common;
        if (code >= 0)
            code = store_pact_find(store, *id, pair->provider_id, arena, &row.pact, err);
        if (code > 0) {
            code = dashboard_judge(store, arena, &row, err);
            *VEC_PUSH(arena, ret) = row;
        }
    }
    return code < 0 ? code : 0;
}
