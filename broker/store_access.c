// SPDX-License-Identifier: Apache-2.0
#include "broker/store_access.h"

#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

#define TOKEN                                                                                      \
    "SELECT id, name, roles, created_at, expires_at, revoked_at, last_used_at FROM tokens "

int store_token_add(struct store *store, struct token *token, const char *hash, struct arena *arena,
                    struct err *err)
{
    int64_t taken = 0;
    int code =
        db_value(store->db, err, &taken,
                 "SELECT id FROM tokens WHERE name = $1 AND revoked_at IS NULL", "s", token->name);
    if (code > 0)
        return err_set(err, ERR_CONFLICT, "there is a token '%s' already; revoke it first",
                       token->name);
    if (code < 0)
        return code;
    token->created_at = store_now(store, arena);
    code = db_value(store->db, err, &token->id,
                    "INSERT INTO tokens(name, hash, roles, created_at, expires_at)"
                    " VALUES($1, $2, $3, $4, $5) RETURNING id",
                    "ssiss", token->name, hash, (int64_t)token->roles, token->created_at,
                    token->expires_at);
    return code < 0 ? code : 0;
}

static void read_token(const struct db_stmt *q, struct arena *arena, struct token *ret)
{
    *ret = (struct token){
        .id = db_int(q, 0),
        .name = db_text(q, 1, arena),
        .roles = (unsigned)db_int(q, 2),
        .created_at = db_text(q, 3, arena),
        .expires_at = db_text(q, 4, arena),
        .revoked_at = db_text(q, 5, arena),
        .last_used_at = db_text(q, 6, arena),
    };
}

int store_token_find(struct store *store, const char *hash, struct arena *arena, struct token *ret,
                     struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, TOKEN "WHERE hash = $1", "s", hash);
    if (code == 0 && (code = db_step(q, err)) > 0)
        read_token(q, arena, ret);
    return code;
}

int store_token_list(struct store *store, struct arena *arena, struct tokens *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, TOKEN "ORDER BY id", "");
    while (code >= 0 && (code = db_step(q, err)) > 0)
        read_token(q, arena, VEC_PUSH(arena, ret));
    return code;
}

int store_token_revoke(struct store *store, const char *name, struct arena *arena, struct err *err)
{
    int code = db_run(store->db, err,
                      "UPDATE tokens SET revoked_at = $1 WHERE name = $2 AND revoked_at IS NULL",
                      "ss", store_now(store, arena), name);
    return code > 0 ? 1 : code;
}

int store_token_used(struct store *store, int64_t id, struct arena *arena, struct err *err)
{
    int code = db_run(store->db, err, "UPDATE tokens SET last_used_at = $1 WHERE id = $2", "si",
                      store_now(store, arena), id);
    return code < 0 ? code : 0;
}

int store_token_any(struct store *store, struct err *err)
{
    int64_t id = 0;
    return db_value(store->db, err, &id, "SELECT id FROM tokens LIMIT 1", "");
}

/* ---- audit ---- */

int store_audit_add(struct store *store, const struct audit *row, struct arena *arena,
                    struct err *err)
{
    int code = db_run(store->db, err,
                      "INSERT INTO audit(at, kind, actor, token_id, address, method, path, subject,"
                      " status) VALUES($1, $2, $3, NULLIF($4, 0), $5, $6, $7, $8, $9)",
                      "sssissssi", store_now(store, arena), row->kind, row->actor, row->token_id,
                      row->address, row->method, row->path, row->subject, row->status);
    return code < 0 ? code : 0;
}

static void read_audit(const struct db_stmt *q, struct arena *arena, struct audit *ret)
{
    *ret = (struct audit){
        .id = db_int(q, 0),
        .at = db_text(q, 1, arena),
        .kind = db_text(q, 2, arena),
        .actor = db_text(q, 3, arena),
        .token_id = db_int(q, 4),
        .address = db_text(q, 5, arena),
        .method = db_text(q, 6, arena),
        .path = db_text(q, 7, arena),
        .subject = db_text(q, 8, arena),
        .status = db_int(q, 9),
    };
}

/*
 * Time finds the first row, and the number goes on from there: the log has one order even when the
 * clock was set back. Rows are never removed, so the last number and the first one count the rest.
 */
int store_audit_list(struct store *store, const char *since, struct page *page, struct arena *arena,
                     struct audits *ret, struct err *err)
{
    int64_t first = 1, last = 0;
    int code = db_value(store->db, err, &last, "SELECT COALESCE(MAX(id), 0) FROM audit", "");
    if (code >= 0 && since)
        code = db_value(store->db, err, &first,
                        "SELECT COALESCE(MIN(id), $2) FROM"
                        " (SELECT id FROM audit WHERE at >= $1 ORDER BY at, id LIMIT 1)",
                        "si", since, last + 1);
    if (code < 0)
        return code;
    page->total = last - first + 1;
    int64_t size = page->size > 0 ? page->size : page->total;
    int64_t from = page->size > 0 ? first + (page->number - 1) * page->size : first;
    struct db_stmt *q DB_STMT_AUTO = NULL;
    code = db_query(store->db, err, &q,
                    "SELECT id, at, kind, actor, token_id, address, method, path, subject, status"
                    " FROM audit WHERE id >= $1 ORDER BY id LIMIT $2",
                    "ii", from, size);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        read_audit(q, arena, VEC_PUSH(arena, ret));
    return code;
}
