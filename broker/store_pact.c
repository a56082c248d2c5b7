// SPDX-License-Identifier: Apache-2.0
/* Contracts: content once per identity, publications that point to it. */
#include "broker/store.h"

#include "broker/store_methods.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

#define COLUMNS                                                                                    \
    "SELECT pub.id, pub.revision, lp.pact_version_id, lp.consumer_id, lp.provider_id,"             \
    " lp.consumer_version_id, c.name, pr.name, v.number, pv.sha, pub.created_at "
#define JOINS                                                                                      \
    " JOIN publications pub ON pub.id = lp.publication_id"                                         \
    " JOIN versions v ON v.id = lp.consumer_version_id"                                            \
    " JOIN pacticipants c ON c.id = lp.consumer_id"                                                \
    " JOIN pacticipants pr ON pr.id = lp.provider_id"                                              \
    " JOIN pact_versions pv ON pv.id = lp.pact_version_id "
#define SELECT COLUMNS "FROM latest_publications lp" JOINS

static void read_row(const struct db_stmt *q, struct arena *arena, struct publication *ret)
{
    *ret = (struct publication){
        .publication_id = db_int(q, 0),
        .revision = db_int(q, 1),
        .pact_version_id = db_int(q, 2),
        .consumer_id = db_int(q, 3),
        .provider_id = db_int(q, 4),
        .consumer_version_id = db_int(q, 5),
        .consumer = db_text(q, 6, arena),
        .provider = db_text(q, 7, arena),
        .number = db_text(q, 8, arena),
        .sha = db_text(q, 9, arena),
        .created_at = db_text(q, 10, arena),
    };
}

static int one(struct db_stmt *q, struct arena *arena, struct publication *ret, struct err *err)
{
    int code = db_step(q, err);
    if (code > 0)
        read_row(q, arena, ret);
    return code;
}

static int all(struct db_stmt *q, struct arena *arena, struct publications *ret, struct err *err)
{
    int code;
    while ((code = db_step(q, err)) > 0)
        read_row(q, arena, VEC_PUSH(arena, ret));
    return code;
}

int store_pact_content(struct store *store, int64_t pact_version_id, struct arena *arena,
                       struct str *ret, bool *ret_plain, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT unpacked(content, 'pact_versions', id), plain FROM pact_versions"
                        " WHERE id = $1",
                        "i", pact_version_id);
    if (code == 0 && (code = db_step(q, err)) > 0) {
        *ret = str_dup(arena, db_str(q, 0));
        *ret_plain = db_int(q, 1) != 0;
    }
    return code;
}

int store_pact_find(struct store *store, int64_t consumer_version_id, int64_t provider_id,
                    struct arena *arena, struct publication *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        SELECT "WHERE lp.consumer_version_id = $1 AND lp.provider_id = $2", "ii",
                        consumer_version_id, provider_id);
    return code < 0 ? code : one(q, arena, ret, err);
}

int store_pact_named(struct store *store, const char *consumer, const char *number,
                     const char *provider, struct arena *arena, struct publication *ret,
                     struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code =
        db_query(store->db, err, &q,
                 SELECT "WHERE lp.consumer_version_id = (SELECT n.id FROM versions n"
                        " JOIN pacticipants o ON o.id = n.pacticipant_id"
                        " WHERE o.name = $1 AND n.number = $2)"
                        " AND lp.provider_id = (SELECT id FROM pacticipants WHERE name = $3)",
                 "sss", consumer, number, provider);
    return code < 0 ? code : one(q, arena, ret, err);
}

int store_pact_ids(struct store *store, const struct version *version, int64_t provider_id,
                   struct publication *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT publication_id, pact_version_id FROM latest_publications"
                        " WHERE consumer_version_id = $1 AND provider_id = $2",
                        "ii", version->id, provider_id);
    if (code == 0 && (code = db_step(q, err)) > 0)
        *ret = (struct publication){.publication_id = db_int(q, 0),
                                    .pact_version_id = db_int(q, 1),
                                    .consumer_id = version->pacticipant_id,
                                    .provider_id = provider_id,
                                    .consumer_version_id = version->id};
    return code;
}

int store_pact_by_sha(struct store *store, const char *consumer, const char *provider,
                      const char *sha, struct arena *arena, struct publication *ret,
                      struct err *err)
{
    int64_t id = 0;
    int code = db_value(store->db, err, &id,
                        "SELECT pv.id FROM pact_versions pv"
                        " JOIN pacticipants c ON c.id = pv.consumer_id"
                        " JOIN pacticipants p ON p.id = pv.provider_id"
                        " WHERE c.name = $1 AND p.name = $2 AND pv.sha = $3",
                        "sss", consumer, provider, sha);
    if (code <= 0)
        return code;
    struct db_stmt *q DB_STMT_AUTO = NULL;
    code = db_query(store->db, err, &q,
                    SELECT "WHERE lp.pact_version_id = $1"
                           " ORDER BY lp.consumer_version_id DESC LIMIT 1",
                    "i", id);
    return code < 0 ? code : one(q, arena, ret, err);
}

#define PAIR   "WHERE lp.provider_id = $1 AND lp.consumer_id = $2 "
#define NEWEST "ORDER BY lp.consumer_version_id DESC "
#define ON_BRANCH                                                                                  \
    "AND EXISTS(SELECT 1 FROM branch_versions bv JOIN branches b ON b.id = bv.branch_id"           \
    " WHERE bv.version_id = lp.consumer_version_id AND b.name = $3) "
#define WITH_TAG                                                                                   \
    "AND EXISTS(SELECT 1 FROM tags t WHERE t.version_id = lp.consumer_version_id"                  \
    " AND t.name = $3) "

/*
 * The newest version that publishes to $1 among those of consumer $2: each walks an index backwards
 * and stops at the first that fits, without looking at what has been before. Ends open, for more.
 */
#define NEWEST_OF "lp.provider_id = $1 AND lp.consumer_version_id = (SELECT "
#define OF_PAIR                                                                                    \
    NEWEST_OF "n.consumer_version_id FROM latest_publications n"                                   \
              " WHERE n.provider_id = $1 AND n.consumer_id = $2 "
#define OF_BRANCH                                                                                  \
    NEWEST_OF                                                                                      \
    "n.consumer_version_id FROM branches b JOIN branch_versions bv ON bv.branch_id = b.id"         \
    " JOIN latest_publications n ON n.consumer_version_id = bv.version_id"                         \
    " AND n.provider_id = $1 WHERE b.pacticipant_id = $2 AND b.name = $3 "
#define OF_TAG                                                                                     \
    NEWEST_OF "n.consumer_version_id FROM tags t JOIN latest_publications n"                       \
              " ON n.consumer_version_id = t.version_id AND n.provider_id = $1"                    \
              " WHERE t.pacticipant_id = $2 AND t.name = $3 "
#define NO_TAG           "AND NOT EXISTS(SELECT 1 FROM tags t WHERE t.version_id = n.consumer_version_id) "
#define FIRST_BY(column) "ORDER BY " column " DESC LIMIT 1)"

int store_pact_latest(struct store *store, int64_t consumer_id, int64_t provider_id,
                      const char *branch, const char *tag, bool untagged, struct arena *arena,
                      struct publication *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code;
    if (branch)
        code = db_query(store->db, err, &q, SELECT "WHERE " OF_BRANCH FIRST_BY("bv.version_id"),
                        "iis", provider_id, consumer_id, branch);
    else if (tag)
        code = db_query(store->db, err, &q, SELECT "WHERE " OF_TAG FIRST_BY("t.version_id"), "iis",
                        provider_id, consumer_id, tag);
    else if (untagged)
        code = db_query(store->db, err, &q,
                        SELECT "WHERE " OF_PAIR NO_TAG FIRST_BY("n.consumer_version_id"), "ii",
                        provider_id, consumer_id);
    else
        code =
            db_query(store->db, err, &q, SELECT "WHERE " OF_PAIR FIRST_BY("n.consumer_version_id"),
                     "ii", provider_id, consumer_id);
    return code < 0 ? code : one(q, arena, ret, err);
}

int store_pact_versions(struct store *store, int64_t consumer_id, int64_t provider_id,
                        const char *branch, const char *tag, struct arena *arena,
                        struct publications *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code;
    if (branch)
        code = db_query(store->db, err, &q, SELECT PAIR ON_BRANCH NEWEST, "iis", provider_id,
                        consumer_id, branch);
    else if (tag)
        code = db_query(store->db, err, &q, SELECT PAIR WITH_TAG NEWEST, "iis", provider_id,
                        consumer_id, tag);
    else
        code = db_query(store->db, err, &q, SELECT PAIR NEWEST, "ii", provider_id, consumer_id);
    return code < 0 ? code : all(q, arena, ret, err);
}

#define BEFORE                                                                                     \
    "SELECT pv.sha FROM latest_publications lp JOIN pact_versions pv ON pv.id = "                  \
    "lp.pact_version_id"                                                                           \
    " WHERE "

int store_pact_before(struct store *store, const struct version *version, int64_t provider_id,
                      const char *tag, struct arena *arena, struct str *ret_sha, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        tag ? BEFORE OF_TAG "AND t.version_id < $4 " FIRST_BY("t.version_id")
                            : BEFORE OF_PAIR
                            "AND $3 IS NULL AND n.consumer_version_id < $4 " NO_TAG FIRST_BY(
                                "n.consumer_version_id"),
                        "iisi", provider_id, version->pacticipant_id, tag, version->id);
    if (code == 0 && (code = db_step(q, err)) > 0)
        *ret_sha = str_dup(arena, db_str(q, 0));
    return code;
}

int store_pact_previous_distinct(struct store *store, const struct publication *pact,
                                 struct arena *arena, struct publication *ret, struct err *err)
{
    struct publications rows = {0};
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code =
        db_query(store->db, err, &q,
                 SELECT PAIR "AND lp.consumer_version_id < $3 AND lp.pact_version_id <> $4 " NEWEST
                             "LIMIT 1",
                 "iiii", pact->provider_id, pact->consumer_id, pact->consumer_version_id,
                 pact->pact_version_id);
    if (code == 0)
        code = all(q, arena, &rows, err);
    if (code < 0 || rows.len == 0)
        return code < 0 ? code : 0;
    *ret = rows.items[0];
    return 1;
}

/* ---- saving ---- */

static int need_content(struct store *store, int64_t consumer_id, int64_t provider_id,
                        const struct pact_content *content, struct arena *arena, int64_t *ret_id,
                        struct err *err)
{
    int code = db_value(store->db, err, ret_id,
                        "SELECT id FROM pact_versions WHERE consumer_id = $1 AND provider_id = $2"
                        " AND sha = $3",
                        "iis", consumer_id, provider_id, content->sha);
    if (code != 0)
        return code < 0 ? code : 0;
    code = db_value(store->db, err, ret_id,
                    "INSERT INTO pact_versions(consumer_id, provider_id, sha, content, plain,"
                    " created_at) VALUES($1, $2, $3, packed($4), $5, $6) RETURNING id",
                    "iistis", consumer_id, provider_id, content->sha, content->text,
                    (int64_t)content->plain, store_now(store, arena));
    if (code >= 0)
        code = store_index_content(store, *ret_id, consumer_id, provider_id, content, arena, err);
    return code < 0 ? code : 0;
}

static int add_publication(struct store *store, const struct version *version, int64_t provider_id,
                           int64_t content_id, int64_t revision, const char *now, struct err *err)
{
    int64_t id = 0;
    int code = db_value(store->db, err, &id,
                        "INSERT INTO publications(consumer_version_id, provider_id,"
                        " pact_version_id, revision, created_at)"
                        " VALUES($1, $2, $3, $4, $5) RETURNING id",
                        "iiiis", version->id, provider_id, content_id, revision, now);
    if (code >= 0)
        code = db_run(store->db, err,
                      "INSERT INTO latest_publications(consumer_version_id, provider_id,"
                      " consumer_id, pact_version_id, publication_id)"
                      " VALUES($1, $2, $3, $4, $5)"
                      " ON CONFLICT(consumer_version_id, provider_id) DO UPDATE SET"
                      " pact_version_id = excluded.pact_version_id,"
                      " publication_id = excluded.publication_id",
                      "iiiii", version->id, provider_id, version->pacticipant_id, content_id, id);
    if (code >= 0)
        code = db_run(store->db, err,
                      "INSERT INTO integrations(consumer_id, provider_id, created_at,"
                      " contract_data_updated_at) VALUES($1, $2, $3, $3)"
                      " ON CONFLICT(consumer_id, provider_id) DO UPDATE SET"
                      " contract_data_updated_at = excluded.contract_data_updated_at",
                      "iis", version->pacticipant_id, provider_id, now);
    return code < 0 ? code : 0;
}

/* The number of what the version has for the provider, and whether it is this content. */
static int last_revision(struct store *store, const struct version *version, int64_t provider_id,
                         const char *sha, int64_t *ret_revision, bool *ret_same, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT pub.revision, pv.sha = $3 FROM latest_publications lp"
                        " JOIN publications pub ON pub.id = lp.publication_id"
                        " JOIN pact_versions pv ON pv.id = lp.pact_version_id"
                        " WHERE lp.consumer_version_id = $1 AND lp.provider_id = $2",
                        "iis", version->id, provider_id, sha);
    if (code == 0 && (code = db_step(q, err)) > 0) {
        *ret_revision = db_int(q, 0);
        *ret_same = db_int(q, 1) != 0;
    }
    return code;
}

int store_pact_save(struct store *store, const struct version *version, int64_t provider_id,
                    const struct pact_content *content, struct arena *arena, enum pact_saved *ret,
                    struct err *err)
{
    int64_t revision = 0;
    bool same = false;
    int code = last_revision(store, version, provider_id, content->sha, &revision, &same, err);
    if (code < 0)
        return code;
    bool existed = code > 0;
    if (same) {
        *ret = PACT_SAME;
        return 0;
    }
    const char *now = store_now(store, arena);
    int64_t content_id = 0;
    code =
        need_content(store, version->pacticipant_id, provider_id, content, arena, &content_id, err);
    if (code == 0)
        code = add_publication(store, version, provider_id, content_id, revision + 1, now, err);
    if (code < 0)
        return code;
    *ret = existed ? PACT_CHANGED : PACT_CREATED;
    return 0;
}

int store_pact_delete(struct store *store, int64_t consumer_version_id, int64_t provider_id,
                      struct err *err)
{
    int code = db_run(store->db, err,
                      "DELETE FROM publications WHERE consumer_version_id = $1"
                      " AND provider_id = $2",
                      "ii", consumer_version_id, provider_id);
    return code < 0 ? code : 0;
}

/* ---- lists ---- */

int store_pacts_of_version(struct store *store, int64_t version_id, struct arena *arena,
                           struct publications *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        SELECT "WHERE lp.consumer_version_id = $1 ORDER BY lower(pr.name), pr.name",
                        "i", version_id);
    return code < 0 ? code : all(q, arena, ret, err);
}

/* The newest publication of each integration, by one step into the index per integration. */
#define OF_INTEGRATIONS                                                                            \
    COLUMNS "FROM integrations i JOIN latest_publications lp"                                      \
            " ON lp.provider_id = i.provider_id AND lp.consumer_version_id = (SELECT "             \
            "MAX(n.consumer_version_id)"                                                           \
            " FROM latest_publications n WHERE n.provider_id = i.provider_id"                      \
            " AND n.consumer_id = i.consumer_id)" JOINS

int store_pacts_latest(struct store *store, struct arena *arena, struct publications *ret,
                       struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code =
        db_query(store->db, err, &q,
                 OF_INTEGRATIONS "ORDER BY lower(c.name), c.name, lower(pr.name), pr.name", "");
    return code < 0 ? code : all(q, arena, ret, err);
}

#define OF_PROVIDER SELECT "WHERE lp.provider_id = $1 "
#define BY_NAME     " ORDER BY lower(c.name), c.name, lp.consumer_version_id"
#define ON_NAMED                                                                                   \
    "EXISTS(SELECT 1 FROM branch_versions bv JOIN branches b ON b.id = bv.branch_id"               \
    " WHERE bv.version_id = lp.consumer_version_id AND b.name = "
/* The newest of each integration that fits, walking backwards through its branch or tag. */
#define NEWEST_OF_EACH                                                                             \
    COLUMNS "FROM integrations i JOIN pacticipants ic ON ic.id = i.consumer_id"                    \
            " JOIN latest_publications lp ON lp.provider_id = i.provider_id"                       \
            " AND lp.consumer_version_id = (SELECT n.consumer_version_id FROM "
#define PUBLISHED_AS(column)                                                                       \
    " JOIN latest_publications n ON n.consumer_version_id = " column                               \
    " AND n.provider_id = i.provider_id "
#define ENDING_AT(column) " ORDER BY " column " DESC LIMIT 1)" JOINS "WHERE i.provider_id = $1"
#define HEAD_OF(name)                                                                              \
    NEWEST_OF_EACH                                                                                 \
    "branches nb JOIN branch_versions nv ON nv.branch_id = nb.id" PUBLISHED_AS(                    \
        "nv.version_id") "WHERE nb.pacticipant_id = i.consumer_id AND nb.name = " name             \
        ENDING_AT("nv.version_id")

static const char *const provider_lists[] = {
    [PACT_LIST_ALL] = OF_PROVIDER BY_NAME,
    [PACT_LIST_TAG] =
        OF_PROVIDER "AND EXISTS(SELECT 1 FROM tags t WHERE t.version_id = lp.consumer_version_id"
                    " AND t.name = $2)" BY_NAME,
    [PACT_LIST_LATEST] = OF_INTEGRATIONS "WHERE i.provider_id = $1" BY_NAME,
    [PACT_LIST_LATEST_TAG] = NEWEST_OF_EACH
    "tags nt" PUBLISHED_AS("nt.version_id") "WHERE nt.pacticipant_id = i.consumer_id"
                                            " AND nt.name = $2" ENDING_AT("nt.version_id") BY_NAME,
    [PACT_LIST_MAIN] = OF_PROVIDER "AND " ON_NAMED "c.main_branch)" BY_NAME,
    [PACT_LIST_LATEST_MAIN] = HEAD_OF("ic.main_branch") BY_NAME,
    [PACT_LIST_BRANCH] = OF_PROVIDER "AND " ON_NAMED "$2)" BY_NAME,
    [PACT_LIST_LATEST_BRANCH] = HEAD_OF("$2") BY_NAME,
};

int store_pacts_of_provider(struct store *store, int64_t provider_id, enum pact_list list,
                            const char *name, struct arena *arena, struct publications *ret,
                            struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = name ? db_query(store->db, err, &q, provider_lists[list], "is", provider_id, name)
                    : db_query(store->db, err, &q, provider_lists[list], "i", provider_id);
    return code < 0 ? code : all(q, arena, ret, err);
}

/* ---- integrations ---- */

#define INTEGRATIONS                                                                               \
    " FROM integrations i JOIN pacticipants c ON c.id = i.consumer_id"                             \
    " JOIN pacticipants p ON p.id = i.provider_id WHERE ($1 IS NULL"                               \
    " OR instr(lower(c.name), lower($1)) > 0 OR instr(lower(p.name), lower($1)) > 0)"

int store_integrations(struct store *store, const char *like, struct page *page,
                       struct arena *arena, struct integrations *ret, struct err *err)
{
    if (db_value(store->db, err, &page->total, "SELECT COUNT(*)" INTEGRATIONS, "s", like) < 0)
        return err_wrap(err, "counting integrations");
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT i.consumer_id, i.provider_id, c.name, p.name" INTEGRATIONS
                        " ORDER BY i.contract_data_updated_at DESC, c.name, p.name"
                        " LIMIT $2 OFFSET $3",
                        "sii", like, page_limit(page), page_offset(page));
    while (code >= 0 && (code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) = (struct integration){db_int(q, 0), db_int(q, 1),
                                                     db_text(q, 2, arena), db_text(q, 3, arena)};
    return code;
}

int store_integration_delete(struct store *store, int64_t consumer_id, int64_t provider_id,
                             struct err *err)
{
    int code = db_run(store->db, err,
                      "DELETE FROM pact_versions WHERE consumer_id = $1 AND provider_id = $2", "ii",
                      consumer_id, provider_id);
    if (code >= 0)
        code = db_run(store->db, err,
                      "DELETE FROM integrations WHERE consumer_id = $1 AND provider_id = $2", "ii",
                      consumer_id, provider_id);
    return code < 0 ? code : 0;
}
