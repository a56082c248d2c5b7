// SPDX-License-Identifier: Apache-2.0
/* What the matrix reads. Every query enters by an index that names version or pair. */
#include "broker/matrix.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

#define PUBLICATION                                                                                \
    "SELECT pub.id, pub.revision, pub.created_at, pub.pact_version_id, v.id, v.number,"            \
    " c.id, c.name, p.id, p.name, pv.sha"
#define JOINS                                                                                      \
    " JOIN versions v ON v.id = pub.consumer_version_id"                                           \
    " JOIN pacticipants c ON c.id = v.pacticipant_id"                                              \
    " JOIN pacticipants p ON p.id = pub.provider_id"                                               \
    " JOIN pact_versions pv ON pv.id = pub.pact_version_id "
#define LATEST                                                                                     \
    PUBLICATION                                                                                    \
    " FROM latest_publications lp JOIN publications pub ON pub.id = lp.publication_id" JOINS

int store_matrix_publications(struct store *store, int64_t consumer_id, int64_t version_id,
                              int64_t provider_id, bool all, struct arena *arena,
                              struct matrix_rows *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code;
    if (version_id && all)
        code = db_query(store->db, err, &q,
                        PUBLICATION " FROM publications pub" JOINS
                                    "WHERE pub.consumer_version_id = $1 AND pub.provider_id = $2",
                        "ii", version_id, provider_id);
    else if (version_id)
        code = db_query(store->db, err, &q,
                        LATEST "WHERE lp.consumer_version_id = $1 AND lp.provider_id = $2", "ii",
                        version_id, provider_id);
    else if (all)
        code = db_query(store->db, err, &q,
                        PUBLICATION " FROM latest_publications lp"
                                    " JOIN publications pub"
                                    " ON pub.consumer_version_id = lp.consumer_version_id"
                                    " AND pub.provider_id = lp.provider_id" JOINS
                                    "WHERE lp.provider_id = $2 AND lp.consumer_id = $1",
                        "ii", consumer_id, provider_id);
    else
        code =
            db_query(store->db, err, &q, LATEST "WHERE lp.provider_id = $2 AND lp.consumer_id = $1",
                     "ii", consumer_id, provider_id);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) = (struct matrix_row){
            .publication_id = db_int(q, 0),
            .revision = db_int(q, 1),
            .published_at = db_text(q, 2, arena),
            .pact_version_id = db_int(q, 3),
            .consumer_version_id = db_int(q, 4),
            .consumer_number = db_text(q, 5, arena),
            .consumer_id = db_int(q, 6),
            .consumer = db_text(q, 7, arena),
            .provider_id = db_int(q, 8),
            .provider = db_text(q, 9, arena),
            .sha = db_text(q, 10, arena),
        };
    return code;
}

#define RESULT "SELECT r.id, r.verdict, r.created_at, v.id, v.number FROM "
#define LATEST_RESULT                                                                              \
    RESULT "latest_verifications l JOIN verifications r ON r.id = l.verification_id"               \
           " JOIN versions v ON v.id = l.provider_version_id WHERE l.pact_version_id = $1"
#define ANY_RESULT                                                                                 \
    RESULT "verifications r JOIN versions v ON v.id = r.provider_version_id"                       \
           " WHERE r.pact_version_id = $1"

int store_matrix_results(struct store *store, const struct matrix_row *row, int64_t version_id,
                         bool all, struct arena *arena, struct matrix_rows *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code;
    if (version_id)
        code = db_query(store->db, err, &q,
                        all ? ANY_RESULT " AND r.provider_version_id = $2"
                            : LATEST_RESULT " AND l.provider_version_id = $2",
                        "ii", row->pact_version_id, version_id);
    else
        code = db_query(store->db, err, &q, all ? ANY_RESULT : LATEST_RESULT, "i",
                        row->pact_version_id);
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        struct matrix_row *copy = VEC_PUSH(arena, ret);
        *copy = *row;
        copy->verification_id = db_int(q, 0);
        copy->verification_number = copy->verification_id + VERIFICATION_FIRST_NUMBER - 1;
        copy->verdict = (enum verdict)db_int(q, 1);
        copy->verified_at = db_text(q, 2, arena);
        copy->provider_version_id = db_int(q, 3);
        copy->provider_number = db_text(q, 4, arena);
    }
    return code;
}

static int read_ids(struct db_stmt *q, int code, struct arena *arena, struct provider_ids *ret,
                    struct err *err)
{
    while (code >= 0 && (code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) = db_int(q, 0);
    return code;
}

int store_matrix_providers(struct store *store, int64_t consumer_id, int64_t version_id,
                           struct arena *arena, struct provider_ids *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code =
        version_id
            ? db_query(store->db, err, &q,
                       "SELECT provider_id FROM latest_publications WHERE consumer_version_id = $1",
                       "i", version_id)
            : db_query(store->db, err, &q,
                       "SELECT i.provider_id FROM integrations i WHERE i.consumer_id = $1"
                       " AND EXISTS(SELECT 1 FROM latest_publications lp"
                       " WHERE lp.provider_id = i.provider_id AND lp.consumer_id = i.consumer_id)",
                       "i", consumer_id);
    return read_ids(q, code, arena, ret, err);
}

int store_matrix_consumers(struct store *store, int64_t provider_id, struct arena *arena,
                           struct provider_ids *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code =
        db_query(store->db, err, &q, "SELECT consumer_id FROM integrations WHERE provider_id = $1",
                 "i", provider_id);
    return read_ids(q, code, arena, ret, err);
}

#define VERSION "SELECT v.id, v.number FROM "
#define ON_BRANCH                                                                                  \
    " JOIN branch_versions bv ON bv.branch_id = b.id JOIN versions v ON v.id = bv.version_id"
#define AT_HEAD " JOIN versions v ON v.id = b.head_version_id"
#define NAMED   "branches b"
#define OWN     "pacticipants p JOIN branches b ON b.pacticipant_id = p.id AND b.name = p.main_branch"

static int query_versions(struct store *store, int64_t id, const struct matrix_selector *s,
                          struct db_stmt **q, struct err *err)
{
    struct db *db = store->db;
    if (s->version)
        return db_query(db, err, q,
                        VERSION "versions v WHERE v.pacticipant_id = $1 AND v.number = $2", "is",
                        id, s->version);
    if (s->environment)
        return db_query(db, err, q,
                        VERSION "versions v WHERE v.id IN (SELECT d.version_id FROM environments e"
                                " JOIN deployments d ON d.environment_id = e.id"
                                " AND d.pacticipant_id = $1 AND d.ended_at IS NULL"
                                " WHERE e.name = $2 UNION SELECT r.version_id FROM environments e"
                                " JOIN releases r ON r.environment_id = e.id"
                                " AND r.pacticipant_id = $1 AND r.ended_at IS NULL"
                                " WHERE e.name = $2) ORDER BY v.id DESC",
                        "is", id, s->environment);
    if (s->branch)
        return db_query(db, err, q,
                        s->latest ? VERSION NAMED AT_HEAD
                            " WHERE b.pacticipant_id = $1 AND b.name = $2"
                                  : VERSION NAMED ON_BRANCH
                            " WHERE b.pacticipant_id = $1 AND b.name = $2 ORDER BY v.id DESC",
                        "is", id, s->branch);
    if (s->main_branch)
        return db_query(db, err, q,
                        s->latest ? VERSION OWN AT_HEAD " WHERE p.id = $1"
                                  : VERSION OWN ON_BRANCH " WHERE p.id = $1 ORDER BY v.id DESC",
                        "i", id);
    if (s->tag)
        return db_query(db, err, q,
                        s->latest ? VERSION "versions v WHERE v.id = (SELECT MAX(t.version_id)"
                                            " FROM tags t WHERE t.pacticipant_id = $1"
                                            " AND t.name = $2)"
                                  : VERSION "tags t JOIN versions v ON v.id = t.version_id"
                                            " WHERE t.pacticipant_id = $1 AND t.name = $2"
                                            " ORDER BY v.id DESC",
                        "is", id, s->tag);
    return db_query(db, err, q,
                    VERSION "versions v WHERE v.id = (SELECT MAX(id) FROM versions"
                            " WHERE pacticipant_id = $1)",
                    "i", id);
}

static int read_versions(struct store *store, int64_t pacticipant_id,
                         const struct matrix_selector *selector, struct arena *arena,
                         struct found_versions *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = query_versions(store, pacticipant_id, selector, &q, err);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) = (struct found_version){db_int(q, 0), db_text(q, 1, arena)};
    return code;
}

size_t matrix_criteria(const struct matrix_selector *s,
                       struct matrix_selector ret[MATRIX_CRITERIA_MAX])
{
    const struct matrix_selector all[MATRIX_CRITERIA_MAX] = {{.version = s->version},
                                                             {.environment = s->environment},
                                                             {.branch = s->branch},
                                                             {.main_branch = s->main_branch},
                                                             {.tag = s->tag}};
    size_t n = 0;
    for (size_t i = 0; i < MATRIX_CRITERIA_MAX; i++) {
        const struct matrix_selector *one = &all[i];
        if (one->version || one->environment || one->branch || one->main_branch || one->tag)
            ret[n++] = *one;
    }
    return n;
}

/* Keeps what is in both; both are ordered latest first. */
static void intersect(struct found_versions *list, const struct found_versions *other)
{
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < list->len; i++) {
        while (at < other->len && other->items[at].id > list->items[i].id)
            at++;
        if (at < other->len && other->items[at].id == list->items[i].id)
            list->items[kept++] = list->items[i];
    }
    list->len = kept;
}

int store_matrix_versions(struct store *store, int64_t pacticipant_id,
                          const struct matrix_selector *selector, struct arena *arena,
                          struct found_versions *ret, struct err *err)
{
    struct matrix_selector criteria[MATRIX_CRITERIA_MAX];
    size_t n = matrix_criteria(selector, criteria);
    if (n < 2)
        return read_versions(store, pacticipant_id, selector, arena, ret, err);
    /* Each criterion alone goes by its own index; "latest" is asked of what meets them all. */
    struct found_versions found = {0};
    int code = read_versions(store, pacticipant_id, &criteria[0], arena, &found, err);
    for (size_t i = 1; i < n && code >= 0; i++) {
        struct found_versions more = {0};
        code = read_versions(store, pacticipant_id, &criteria[i], arena, &more, err);
        intersect(&found, &more);
    }
    if (selector->latest && found.len > 1)
        found.len = 1;
    if (code >= 0)
        *ret = found;
    return code;
}

int store_pacticipant_name(struct store *store, int64_t id, struct arena *arena, const char **ret,
                           struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, "SELECT name FROM pacticipants WHERE id = $1", "i", id);
    if (code == 0 && (code = db_step(q, err)) > 0)
        *ret = db_text(q, 0, arena);
    return code;
}
