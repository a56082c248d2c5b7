// SPDX-License-Identifier: Apache-2.0
/* Webhooks: who wants to be told of what. */
#include "broker/store_webhook.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/uuid.h"
#include "lib/db/db.h"

static const char *const event_names[] = {
    [WEBHOOK_CONTRACT_PUBLISHED] = "contract_published",
    [WEBHOOK_CONTRACT_CONTENT_CHANGED] = "contract_content_changed",
    [WEBHOOK_CONTRACT_REQUIRING_VERIFICATION_PUBLISHED] =
        "contract_requiring_verification_published",
    [WEBHOOK_VERIFICATION_PUBLISHED] = "provider_verification_published",
    [WEBHOOK_VERIFICATION_SUCCEEDED] = "provider_verification_succeeded",
    [WEBHOOK_VERIFICATION_FAILED] = "provider_verification_failed",
    [WEBHOOK_TEST] = "test",
};

const char *webhook_event_name(enum webhook_event event)
{
    return event_names[event];
}

bool webhook_event_parse(struct str name, enum webhook_event *ret)
{
    for (int i = 0; i < WEBHOOK_EVENTS; i++) {
        if (str_is(name, event_names[i])) {
            *ret = (enum webhook_event)i;
            return true;
        }
    }
    return false;
}

#define SELECT                                                                                     \
    "SELECT w.id, w.uuid, w.description, w.created_at, w.updated_at, w.consumer_id,"               \
    " w.provider_id, c.name, p.name, w.consumer_label, w.provider_label, w.enabled, w.summary,"    \
    " w.request, w.per_deployed FROM webhooks w LEFT JOIN pacticipants c ON c.id = w.consumer_id"  \
    " LEFT JOIN pacticipants p ON p.id = w.provider_id "

static void read_row(const struct db_stmt *q, struct arena *arena, struct webhook *ret)
{
    *ret = (struct webhook){
        .id = db_int(q, 0),
        .uuid = db_text(q, 1, arena),
        .description = db_text(q, 2, arena),
        .created_at = db_text(q, 3, arena),
        .updated_at = db_text(q, 4, arena),
        .consumer_id = db_int(q, 5),
        .provider_id = db_int(q, 6),
        .consumer = db_text(q, 7, arena),
        .provider = db_text(q, 8, arena),
        .consumer_label = db_text(q, 9, arena),
        .provider_label = db_text(q, 10, arena),
        .enabled = db_int(q, 11) != 0,
        .summary = db_text(q, 12, arena),
        .request = str_dup(arena, db_str(q, 13)),
        .per_deployed = db_int(q, 14) != 0,
    };
}

static int read_events(struct store *store, struct webhook *row, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT name FROM webhook_events WHERE webhook_id = $1 ORDER BY position",
                        "i", row->id);
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        enum webhook_event event = WEBHOOK_TEST;
        if (row->n_events < WEBHOOK_EVENTS && webhook_event_parse(db_str(q, 0), &event))
            row->events[row->n_events++] = event;
    }
    return code;
}

static int one(struct store *store, struct db_stmt *q, struct arena *arena, struct webhook *ret,
               struct err *err)
{
    int code = db_step(q, err);
    if (code <= 0)
        return code;
    read_row(q, arena, ret);
    code = read_events(store, ret, err);
    return code < 0 ? code : 1;
}

static int all(struct store *store, struct db_stmt *q, struct arena *arena, struct webhooks *ret,
               struct err *err)
{
    int code;
    while ((code = db_step(q, err)) > 0)
        read_row(q, arena, VEC_PUSH(arena, ret));
    VEC_EACH(ret, struct webhook *, row) {
        if (code >= 0)
            code = read_events(store, row, err);
    }
    return code;
}

int store_webhook_find(struct store *store, const char *uuid, struct arena *arena,
                       struct webhook *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, SELECT "WHERE w.uuid = $1", "s", uuid);
    return code < 0 ? code : one(store, q, arena, ret, err);
}

int store_webhook_by_id(struct store *store, int64_t id, struct arena *arena, struct webhook *ret,
                        struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, SELECT "WHERE w.id = $1", "i", id);
    return code < 0 ? code : one(store, q, arena, ret, err);
}

int store_webhook_some(struct store *store, struct arena *arena, struct webhook *ret,
                       struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, SELECT "ORDER BY w.id LIMIT 1", "");
    return code < 0 ? code : one(store, q, arena, ret, err);
}

static int save_events(struct store *store, const struct webhook *row, struct err *err)
{
    int code =
        db_run(store->db, err, "DELETE FROM webhook_events WHERE webhook_id = $1", "i", row->id);
    for (size_t i = 0; i < row->n_events && code >= 0; i++)
        code = db_run(store->db, err,
                      "INSERT INTO webhook_events(webhook_id, name, position) VALUES($1, $2, $3)",
                      "isi", row->id, webhook_event_name(row->events[i]), (int64_t)i);
    return code < 0 ? code : 0;
}

int store_webhook_save(struct store *store, struct webhook *row, struct arena *arena,
                       struct err *err)
{
    const char *now = store_now(store, arena);
    row->updated_at = now;
    if (!row->id)
        row->created_at = now;
    int code = db_value(
        store->db, err, &row->id,
        "INSERT INTO webhooks(uuid, description, consumer_id, provider_id, consumer_label,"
        " provider_label, enabled, summary, request, created_at, updated_at, per_deployed)"
        " VALUES($1, $2, NULLIF($3, 0), NULLIF($4, 0), $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT(uuid) DO UPDATE SET description = excluded.description,"
        " consumer_id = excluded.consumer_id, provider_id = excluded.provider_id,"
        " consumer_label = excluded.consumer_label, provider_label = excluded.provider_label,"
        " enabled = excluded.enabled, summary = excluded.summary, request = excluded.request,"
        " updated_at = excluded.updated_at, per_deployed = excluded.per_deployed RETURNING id",
        "ssiissistssi", row->uuid, row->description, row->consumer_id, row->provider_id,
        row->consumer_label, row->provider_label, (int64_t)row->enabled, row->summary, row->request,
        row->created_at, now, (int64_t)row->per_deployed);
    return code < 0 ? code : save_events(store, row, err);
}

int store_webhook_delete(struct store *store, int64_t id, struct err *err)
{
    int code = db_run(store->db, err, "DELETE FROM webhooks WHERE id = $1", "i", id);
    return code < 0 ? code : 0;
}

int store_webhook_delete_pair(struct store *store, int64_t consumer_id, int64_t provider_id,
                              struct err *err)
{
    int code =
        db_run(store->db, err, "DELETE FROM webhooks WHERE consumer_id = $1 AND provider_id = $2",
               "ii", consumer_id, provider_id);
    return code < 0 ? code : 0;
}

int store_webhook_list(struct store *store, int64_t consumer_id, int64_t provider_id,
                       struct arena *arena, struct webhooks *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        SELECT "WHERE ($1 = -1 OR IFNULL(w.consumer_id, 0) = $1)"
                               " AND ($2 = -1 OR IFNULL(w.provider_id, 0) = $2) ORDER BY w.id",
                        "ii", consumer_id, provider_id);
    return code < 0 ? code : all(store, q, arena, ret, err);
}

#define FOR_PAIR                                                                                   \
    " (w.consumer_id IS NULL OR w.consumer_id = $1)"                                               \
    " AND (w.provider_id IS NULL OR w.provider_id = $2)"                                           \
    " AND (w.consumer_label IS NULL OR EXISTS(SELECT 1 FROM labels l"                              \
    "  WHERE l.pacticipant_id = $1 AND l.name = w.consumer_label))"                                \
    " AND (w.provider_label IS NULL OR EXISTS(SELECT 1 FROM labels l"                              \
    "  WHERE l.pacticipant_id = $2 AND l.name = w.provider_label)) "

int store_webhook_matching(struct store *store, enum webhook_event event, int64_t consumer_id,
                           int64_t provider_id, struct arena *arena, struct webhooks *ret,
                           struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        SELECT "JOIN webhook_events e ON e.webhook_id = w.id"
                               " WHERE e.name = $3 AND w.enabled = 1 AND" FOR_PAIR "ORDER BY w.id",
                        "iis", consumer_id, provider_id, webhook_event_name(event));
    return code < 0 ? code : all(store, q, arena, ret, err);
}

int store_webhook_any(struct store *store, int64_t consumer_id, int64_t provider_id,
                      struct err *err)
{
    int64_t found = 0;
    return db_value(store->db, err, &found, "SELECT 1 FROM webhooks w WHERE" FOR_PAIR "LIMIT 1",
                    "ii", consumer_id, provider_id);
}

int store_pact_for_webhook(struct store *store, const struct webhook *webhook, struct arena *arena,
                           struct publication *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT lp.consumer_version_id, lp.provider_id FROM latest_publications lp"
                        " WHERE ($1 = 0 OR lp.consumer_id = $1) AND ($2 = 0 OR lp.provider_id = $2)"
                        " AND ($3 IS NULL OR EXISTS(SELECT 1 FROM labels l"
                        "  WHERE l.pacticipant_id = lp.consumer_id AND l.name = $3))"
                        " AND ($4 IS NULL OR EXISTS(SELECT 1 FROM labels l"
                        "  WHERE l.pacticipant_id = lp.provider_id AND l.name = $4))"
                        " ORDER BY lp.consumer_version_id DESC LIMIT 1",
                        "iiss", webhook->consumer_id, webhook->provider_id, webhook->consumer_label,
                        webhook->provider_label);
    if (code < 0 || (code = db_step(q, err)) <= 0)
        return code;
    return store_pact_find(store, db_int(q, 0), db_int(q, 1), arena, ret, err);
}
