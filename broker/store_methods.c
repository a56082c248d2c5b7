// SPDX-License-Identifier: Apache-2.0
/* Filling the index of interactions. */
#include "broker/store_methods.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/db/db.h"

/* One digest for all the texts of a row; absent and empty differ. */
static struct str digest_of(const struct interaction *row, struct arena *arena)
{
    const struct str texts[] = {row->name,         row->kind,    row->description, row->method,
                                row->package,      row->variant, row->source,      row->operation,
                                row->persisted_id, row->digest,  row->problem};
    char hex[HASH_SHA256_HEX];
    struct buf all BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buf_printf(&all, "%s%zu:", texts[i].ptr ? "" : "-", texts[i].len);
        buf_str(&all, texts[i]);
    }
    hash_sha256_hex(buf_view(&all), hex);
    return str_dup(arena, str_make(hex, 32));
}

/* Which content of whom is being indexed. */
struct indexing {
    struct store *store;
    int64_t pact_version_id, consumer_id, provider_id;
};

/* One that is known, or that the contract says twice, stays as it is. */
static int new_interaction(const struct indexing *of, const struct interaction *row,
                           struct str digest, struct err *err)
{
    return db_run(of->store->db, err,
                  "INSERT INTO interactions(consumer_id, provider_id, row_digest, name, kind,"
                  " description, method, package, variant, source, inferred, operation,"
                  " persisted_id, digest, problem) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                  " $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING",
                  "iittttttttitttt", of->consumer_id, of->provider_id, digest, row->name, row->kind,
                  row->description, row->method, row->package, row->variant, row->source,
                  (int64_t)row->inferred, row->operation, row->persisted_id, row->digest,
                  row->problem);
}

/* As many as one statement links; absent ones match nothing. Returns how many were linked. */
enum { LINKED_AT_ONCE = 16 };

static int link_known(const struct indexing *of, const struct str *d, struct err *err)
{
    return db_run(of->store->db, err,
                  "INSERT INTO pact_interactions(pact_version_id, interaction_id) SELECT $1, i.id"
                  " FROM interactions i WHERE i.consumer_id = $2 AND i.provider_id = $3"
                  " AND i.row_digest IN ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
                  " $17, $18, $19) ON CONFLICT DO NOTHING",
                  "iiitttttttttttttttt", of->pact_version_id, of->consumer_id, of->provider_id,
                  d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12],
                  d[13], d[14], d[15]);
}

/* Nearly always the interactions are known from an earlier content, and one statement does it. */
static int add_interactions(const struct indexing *of, const struct interaction *rows, size_t n,
                            struct arena *arena, struct err *err)
{
    struct str digests[LINKED_AT_ONCE] = {0};
    for (size_t i = 0; i < n; i++)
        digests[i] = digest_of(&rows[i], arena);
    int code = link_known(of, digests, err);
    if (code < 0 || (size_t)code == n)
        return code;
    for (size_t i = 0; i < n && code >= 0; i++)
        code = new_interaction(of, &rows[i], digests[i], err);
    return code < 0 ? code : link_known(of, digests, err);
}

int store_index_content(struct store *store, int64_t pact_version_id, int64_t consumer_id,
                        int64_t provider_id, struct str content, struct arena *arena,
                        struct err *err)
{
    struct interactions rows = {0};
    struct str problem = STR_NONE;
    int code = 0;
    interactions_of(content, arena, &rows, &problem);
    const struct indexing of = {store, pact_version_id, consumer_id, provider_id};
    for (size_t i = 0; i < rows.len && code >= 0; i += LINKED_AT_ONCE) {
        size_t left = rows.len - i;
        code = add_interactions(&of, &rows.items[i], left < LINKED_AT_ONCE ? left : LINKED_AT_ONCE,
                                arena, err);
    }
    if (code >= 0 && problem.ptr)
        code = db_run(store->db, err,
                      "INSERT INTO index_problems(pact_version_id, problem) VALUES($1, $2)"
                      " ON CONFLICT DO NOTHING",
                      "it", pact_version_id, problem);
    return code < 0 ? err_wrap(err, "indexing the contract") : 0;
}

/* ---- what an older schema left behind ---- */

int store_index_left(struct store *store, int64_t *ret, struct err *err)
{
    int code = db_value(store->db, err, ret,
                        "SELECT COUNT(*) FROM index_backlog b JOIN pact_versions pv"
                        " ON pv.id > b.done_id AND pv.id <= b.last_id",
                        "");
    return code < 0 ? code : 0;
}

static int index_next(struct store *store, int64_t most, int64_t *ret_done, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    int64_t n = 0;
    int code = 1;
    while (n < most && code > 0) {
        struct db_stmt *q DB_STMT_AUTO = NULL;
        arena_reset(arena);
        code = db_query(store->db, err, &q,
                        "SELECT pv.id, pv.consumer_id, pv.provider_id,"
                        " unpacked(pv.content, 'pact_versions', pv.id)"
                        " FROM index_backlog b JOIN pact_versions pv"
                        " ON pv.id > b.done_id AND pv.id <= b.last_id ORDER BY pv.id LIMIT 1",
                        "");
        if (code < 0 || (code = db_step(q, err)) <= 0)
            break;
        int64_t id = db_int(q, 0), consumer_id = db_int(q, 1), provider_id = db_int(q, 2);
        struct str content = str_dup(arena, db_str(q, 3));
        db_done(q);
        q = NULL;
        code = store_index_content(store, id, consumer_id, provider_id, content, arena, err);
        if (code >= 0)
            code = db_run(store->db, err, "UPDATE index_backlog SET done_id = $1", "i", id);
        n += code > 0;
    }
    if (code >= 0)
        *ret_done = n;
    return code < 0 ? code : 0;
}

int store_index_more(struct store *store, int64_t most, int64_t *ret_done, struct err *err)
{
    int code = store_begin(store, err);
    if (code < 0)
        return code;
    code = index_next(store, most, ret_done, err);
    if (code < 0) {
        store_rollback(store);
        return code;
    }
    return store_commit(store, err);
}
