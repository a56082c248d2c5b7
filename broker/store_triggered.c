// SPDX-License-Identifier: Apache-2.0
/* Triggered webhooks: the queue, its history, and the rows that events are about. */
#include "broker/store_webhook.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/uuid.h"
#include "lib/db/db.h"

static const char *const status_names[] = {
    [TRIGGERED_NOT_RUN] = "not_run",
    [TRIGGERED_RETRYING] = "retrying",
    [TRIGGERED_SUCCESS] = "success",
    [TRIGGERED_FAILURE] = "failure",
};

const char *triggered_status_name(enum triggered_status status)
{
    return status_names[status];
}

#define COLUMNS                                                                                    \
    "t.id, t.uuid, t.webhook_uuid, t.name, t.base, t.description, t.created_at, t.claim,"          \
    " t.webhook_id, t.event, t.status, t.attempts, t.consumer_id, t.provider_id,"                  \
    " t.consumer_version_id, t.pact_version_id, t.provider_version_id, t.verification_id,"         \
    " t.deployed"
#define SELECT "SELECT " COLUMNS " FROM triggered_webhooks t "

static void read_row(const struct db_stmt *q, struct arena *arena, struct triggered *ret)
{
    *ret = (struct triggered){
        .id = db_int(q, 0),
        .uuid = db_text(q, 1, arena),
        .webhook_uuid = db_text(q, 2, arena),
        .name = db_text(q, 3, arena),
        .base = db_text(q, 4, arena),
        .description = db_text(q, 5, arena),
        .created_at = db_text(q, 6, arena),
        .claim = db_text(q, 7, arena),
        .webhook_id = db_int(q, 8),
        .attempts = db_int(q, 11),
        .consumer_id = db_int(q, 12),
        .provider_id = db_int(q, 13),
        .consumer_version_id = db_int(q, 14),
        .pact_version_id = db_int(q, 15),
        .provider_version_id = db_int(q, 16),
        .verification_id = db_int(q, 17),
        .deployed = db_text(q, 18, arena),
    };
    webhook_event_parse(db_str(q, 9), &ret->event);
    for (int i = 0; i < (int)(sizeof status_names / sizeof *status_names); i++) {
        if (str_is(db_str(q, 10), status_names[i]))
            ret->status = (enum triggered_status)i;
    }
}

static int all(struct db_stmt *q, struct arena *arena, struct triggereds *ret, struct err *err)
{
    int code;
    while ((code = db_step(q, err)) > 0)
        read_row(q, arena, VEC_PUSH(arena, ret));
    return code;
}

static const char *new_uuid(struct arena *arena)
{
    return uuid_random(arena_alloc(arena, UUID_TEXT_LEN));
}

int store_triggered_add(struct store *store, struct triggered *row, const char *due_at,
                        struct arena *arena, struct err *err)
{
    row->uuid = new_uuid(arena);
    row->created_at = store_now(store, arena);
    int code = db_value(
        store->db, err, &row->id,
        "INSERT INTO triggered_webhooks(uuid, webhook_id, webhook_uuid, event, name, base,"
        " description, status, attempts, consumer_id, provider_id, consumer_version_id,"
        " pact_version_id, provider_version_id, verification_id, due_at, created_at, updated_at,"
        " deployed)"
        " VALUES($1, $2, $3, $4, $5, $6, $7, 'not_run', 0, $8, $9, $10, $11, NULLIF($12, 0),"
        " NULLIF($13, 0), $14, $15, $15, $16) RETURNING id",
        "sisssssiiiiiisss", row->uuid, row->webhook_id, row->webhook_uuid,
        webhook_event_name(row->event), row->name, row->base, row->description, row->consumer_id,
        row->provider_id, row->consumer_version_id, row->pact_version_id, row->provider_version_id,
        row->verification_id, due_at, row->created_at, row->deployed);
    return code < 0 ? code : 0;
}

int store_triggered_find(struct store *store, const char *uuid, struct arena *arena,
                         struct triggered *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, SELECT "WHERE t.uuid = $1", "s", uuid);
    if (code == 0 && (code = db_step(q, err)) > 0)
        read_row(q, arena, ret);
    return code;
}

int store_triggered_list(struct store *store, int64_t consumer_version_id, int64_t provider_id,
                         int64_t verification_id, struct arena *arena, struct triggereds *ret,
                         struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code =
        verification_id
            ? db_query(store->db, err, &q, SELECT "WHERE t.verification_id = $1 ORDER BY t.id", "i",
                       verification_id)
            : db_query(store->db, err, &q,
                       SELECT "WHERE t.consumer_version_id = $1 AND t.provider_id = $2"
                              " AND t.verification_id IS NULL ORDER BY t.id",
                       "ii", consumer_version_id, provider_id);
    return code < 0 ? code : all(q, arena, ret, err);
}

int store_triggered_latest(struct store *store, int64_t consumer_id, int64_t provider_id,
                           struct arena *arena, struct triggereds *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        SELECT "WHERE t.id IN (SELECT MAX(id) FROM triggered_webhooks"
                               " WHERE consumer_id = $1 AND provider_id = $2"
                               " AND webhook_id IS NOT NULL GROUP BY webhook_id, event)"
                               " ORDER BY t.id",
                        "ii", consumer_id, provider_id);
    return code < 0 ? code : all(q, arena, ret, err);
}

int store_triggered_logs(struct store *store, int64_t id, struct arena *arena, struct str *ret,
                         struct err *err)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_WEBHOOK_LOGS);
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT unpacked(logs, 'webhook_executions', id) FROM webhook_executions"
                        " WHERE triggered_id = $1 ORDER BY id",
                        "i", id);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        buf_str(&out, db_str(q, 0));
    if (code >= 0)
        *ret = str_dup(arena, buf_view(&out));
    return code;
}

/* ---- the queue ---- */

int store_queue_next(struct store *store, struct arena *arena, const char **ret_due_at,
                     struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT due_at FROM triggered_webhooks WHERE due_at IS NOT NULL"
                        " ORDER BY due_at LIMIT 1",
                        "");
    if (code == 0 && (code = db_step(q, err)) > 0)
        *ret_due_at = db_text(q, 0, arena);
    return code;
}

int store_queue_claim(struct store *store, const char *now, const char *until, int64_t n,
                      struct arena *arena, struct triggereds *ret, struct err *err)
{
    const char *claim = new_uuid(arena);
    int code = db_run(store->db, err,
                      "UPDATE triggered_webhooks SET due_at = $1, claim = $2 WHERE id IN"
                      " (SELECT id FROM triggered_webhooks WHERE due_at <= $3"
                      "  ORDER BY due_at, id LIMIT $4)",
                      "sssi", until, claim, now, n);
    if (code <= 0)
        return code;
    struct db_stmt *q DB_STMT_AUTO = NULL;
    code = db_query(store->db, err, &q, SELECT "WHERE t.due_at = $1 AND t.claim = $2 ORDER BY t.id",
                    "ss", until, claim);
    return code < 0 ? code : all(q, arena, ret, err);
}

int store_queue_finish(struct store *store, const struct attempt *attempt, struct arena *arena,
                       struct err *err)
{
    const char *now = store_now(store, arena);
    /* The row may be gone, with what it was about. */
    int code = db_run(store->db, err,
                      "INSERT INTO webhook_executions(triggered_id, success, logs, created_at)"
                      " SELECT id, $2, packed($3), $4 FROM triggered_webhooks WHERE id = $1",
                      "iits", attempt->triggered_id, (int64_t)attempt->success, attempt->logs, now);
    if (code >= 0)
        code = db_run(store->db, err,
                      "UPDATE triggered_webhooks SET status = $3, due_at = $4, updated_at = $5,"
                      " attempts = attempts + 1 WHERE id = $1 AND claim = $2",
                      "issss", attempt->triggered_id, attempt->claim,
                      triggered_status_name(attempt->status), attempt->due_at, now);
    return code < 0 ? code : 0;
}

int store_queue_return(struct store *store, const struct triggered *row, const char *due_at,
                       struct err *err)
{
    int code = db_run(store->db, err,
                      "UPDATE triggered_webhooks SET due_at = $3 WHERE id = $1 AND claim = $2",
                      "iss", row->id, row->claim, due_at);
    return code < 0 ? code : 0;
}

/* ---- what events are about ---- */

int store_wanted_verifications(struct store *store, int64_t provider_id, int64_t pact_version_id,
                               struct arena *arena, struct wanted_verifications *ret,
                               struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(
        store->db, err, &q,
        "SELECT v.id, v.number, why.text FROM ("
        " SELECT b.head_version_id AS version_id, 0 AS kind, 'latest from main branch' AS text"
        " FROM pacticipants p JOIN branches b ON b.pacticipant_id = p.id"
        " AND b.name = p.main_branch WHERE p.id = $1 AND b.head_version_id IS NOT NULL"
        " UNION SELECT d.version_id, 1, 'deployed in ' || e.name FROM deployments d"
        " JOIN environments e ON e.id = d.environment_id"
        " WHERE d.pacticipant_id = $1 AND d.ended_at IS NULL"
        " UNION SELECT r.version_id, 2, 'released in ' || e.name FROM releases r"
        " JOIN environments e ON e.id = r.environment_id"
        " WHERE r.pacticipant_id = $1 AND r.ended_at IS NULL) why"
        " JOIN versions v ON v.id = why.version_id"
        " WHERE NOT EXISTS(SELECT 1 FROM latest_verifications l"
        "  WHERE l.pact_version_id = $2 AND l.provider_version_id = v.id)"
        " ORDER BY v.id, why.kind, why.text",
        "ii", provider_id, pact_version_id);
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        struct wanted_verification *last = ret->len > 0 ? &ret->items[ret->len - 1] : NULL;
        const char *text = db_text(q, 2, arena);
        if (last && last->provider_version_id == db_int(q, 0))
            last->description = arena_printf(arena, "%s, %s", last->description, text);
        else
            *VEC_PUSH(arena, ret) =
                (struct wanted_verification){db_int(q, 0), db_text(q, 1, arena), text};
    }
    return code;
}

int store_deployed_numbers(struct store *store, int64_t pacticipant_id, struct arena *arena,
                           struct deployed_numbers *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT number FROM versions WHERE id IN (SELECT version_id"
                        " FROM deployments WHERE pacticipant_id = $1 AND ended_at IS NULL)"
                        " ORDER BY id",
                        "i", pacticipant_id);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) = db_text(q, 0, arena);
    return code;
}

static int result_by_id(struct store *store, int64_t id, struct arena *arena,
                        struct verification *ret, struct err *err)
{
    int64_t pact_version_id = 0;
    int code = db_value(store->db, err, &pact_version_id,
                        "SELECT pact_version_id FROM verifications WHERE id = $1", "i", id);
    if (code <= 0)
        return code;
    return store_verification_find(store, pact_version_id, id + VERIFICATION_FIRST_NUMBER - 1,
                                   arena, ret, err);
}

int store_verification_by_id(struct store *store, int64_t id, struct arena *arena,
                             struct verification *ret, struct err *err)
{
    return result_by_id(store, id, arena, ret, err);
}

int store_verification_of_main(struct store *store, int64_t provider_id, int64_t pact_version_id,
                               struct arena *arena, struct verification *ret, struct err *err)
{
    int64_t id = 0;
    int code = db_value(store->db, err, &id,
                        "SELECT l.verification_id FROM latest_verifications l"
                        " JOIN branch_versions bv ON bv.version_id = l.provider_version_id"
                        " JOIN branches b ON b.id = bv.branch_id"
                        " JOIN pacticipants p ON p.id = b.pacticipant_id AND p.main_branch = b.name"
                        " WHERE l.pact_version_id = $1 AND p.id = $2"
                        " ORDER BY l.verification_id DESC LIMIT 1",
                        "ii", pact_version_id, provider_id);
    return code <= 0 ? code : result_by_id(store, id, arena, ret, err);
}
