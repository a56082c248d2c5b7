// SPDX-License-Identifier: Apache-2.0
#include "broker/store_selection.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

/* The way in: the provider's integrations, one row per consumer; from there into pointer tables. */
#define COLUMNS                                                                                    \
    "SELECT lp.publication_id, lp.pact_version_id, lp.consumer_id, lp.consumer_version_id, "       \
    "c.name,"                                                                                      \
    " v.number, pv.sha, pub.created_at, "
#define CONSUMERS " FROM integrations i JOIN pacticipants c ON c.id = i.consumer_id"
#define JOINS                                                                                      \
    " JOIN versions v ON v.id = lp.consumer_version_id"                                            \
    " JOIN pact_versions pv ON pv.id = lp.pact_version_id"                                         \
    " JOIN publications pub ON pub.id = lp.publication_id"                                         \
    " WHERE i.provider_id = $1 AND ($2 IS NULL OR c.name = $2)"
/* The plus keeps the planner from coming in through all publications of the provider. */
#define OF_VERSION(id)                                                                             \
    " JOIN latest_publications lp ON lp.consumer_version_id = " id                                 \
    " AND +lp.provider_id = i.provider_id"
#define PLACED(table)                                                                              \
    " JOIN " table " d ON d.pacticipant_id = c.id AND d.ended_at IS NULL"                          \
    " JOIN environments e ON e.id = d.environment_id AND ($3 IS NULL OR e.name = $3)" OF_VERSION(  \
        "d.version_id")

static const char *const queries[] = {
    [SELECT_MAIN_BRANCH] =
        COLUMNS "b.name, NULL" CONSUMERS
                " JOIN branches b ON b.pacticipant_id = c.id AND b.name = c.main_branch" OF_VERSION(
                    "b.head_version_id") JOINS " AND $3 IS NULL",
    [SELECT_BRANCH] = COLUMNS
    "b.name, NULL" CONSUMERS
    " JOIN branches b ON b.pacticipant_id = c.id AND b.name = $3" OF_VERSION("b.head_version_id")
        JOINS,
    [SELECT_BRANCH_HEADS] =
        COLUMNS "b.name, NULL" CONSUMERS
                " JOIN branches b ON b.pacticipant_id = c.id" OF_VERSION("b.head_version_id") JOINS
    " AND $3 IS NULL",
    [SELECT_TAG] = COLUMNS
    "t.name, NULL" CONSUMERS
    " JOIN tags t ON t.pacticipant_id = c.id AND t.name = $3" OF_VERSION("t.version_id") JOINS,
    [SELECT_LATEST_TAG] = COLUMNS "$3, NULL" CONSUMERS OF_VERSION(
        "(SELECT MAX(t.version_id) FROM tags t WHERE t.pacticipant_id = c.id"
        " AND t.name = $3)") JOINS,
    /* One step into the index per consumer and tag name, however many versions carry it. */
    [SELECT_TAG_HEADS] =
        "WITH RECURSIVE h(pacticipant_id, name) AS (SELECT i.consumer_id, (SELECT MIN(t.name)"
        " FROM tags t WHERE t.pacticipant_id = i.consumer_id) FROM integrations i"
        " WHERE i.provider_id = $1 UNION ALL SELECT h.pacticipant_id, (SELECT MIN(t.name)"
        " FROM tags t WHERE t.pacticipant_id = h.pacticipant_id AND t.name > h.name) FROM h"
        " WHERE h.name IS NOT NULL) " COLUMNS "h.name, NULL" CONSUMERS
        " JOIN h ON h.pacticipant_id = c.id AND h.name IS NOT NULL" OF_VERSION(
            "(SELECT MAX(t.version_id) FROM tags t WHERE t.pacticipant_id = h.pacticipant_id"
            " AND t.name = h.name)") JOINS " AND $3 IS NULL",
    [SELECT_LATEST] = COLUMNS "NULL, NULL" CONSUMERS OF_VERSION(
        "(SELECT MAX(n.consumer_version_id) FROM latest_publications n"
        " WHERE n.provider_id = i.provider_id AND n.consumer_id = c.id)") JOINS " AND $3 IS NULL",
    [SELECT_DEPLOYED] = COLUMNS "NULL, e.name" CONSUMERS PLACED("deployments") JOINS,
    [SELECT_RELEASED] = COLUMNS "NULL, e.name" CONSUMERS PLACED("releases") JOINS,
};

static void add_row(const struct db_stmt *q, const struct selector *selector, int64_t provider_id,
                    struct arena *arena, struct selected_pacts *ret)
{
    struct selected *row = VEC_PUSH(arena, ret);
    row->pact = (struct publication){
        .publication_id = db_int(q, 0),
        .pact_version_id = db_int(q, 1),
        .consumer_id = db_int(q, 2),
        .consumer_version_id = db_int(q, 3),
        .provider_id = provider_id,
        .consumer = db_text(q, 4, arena),
        .number = db_text(q, 5, arena),
        .sha = db_text(q, 6, arena),
        .created_at = db_text(q, 7, arena),
    };
    struct reason *reason = VEC_PUSH(arena, &row->reasons);
    *reason = (struct reason){
        .selector = *selector,
        .number = row->pact.number,
        .branch = db_text(q, 8, arena),
        .environment = db_text(q, 9, arena),
        .consumer_version_id = row->pact.consumer_version_id,
    };
}

static int run_query(struct store *store, int64_t provider_id, const struct selector *selector,
                     enum selector_kind kind, struct arena *arena, struct selected_pacts *ret,
                     struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    struct selector met = *selector;
    met.kind = kind;
    int code = db_query(store->db, err, &q, queries[kind], "iss", provider_id, selector->consumer,
                        selector->name);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        add_row(q, &met, provider_id, arena, ret);
    return code;
}

int store_select(struct store *store, int64_t provider_id, const struct selector *selector,
                 struct arena *arena, struct selected_pacts *ret, struct err *err)
{
    if (selector->kind != SELECT_ENVIRONMENT)
        return run_query(store, provider_id, selector, selector->kind, arena, ret, err);
    int code = run_query(store, provider_id, selector, SELECT_DEPLOYED, arena, ret, err);
    if (code == 0)
        code = run_query(store, provider_id, selector, SELECT_RELEASED, arena, ret, err);
    return code;
}

/* ---- what has been verified ---- */

int store_verified_at_all(struct store *store, int64_t pact_version_id, struct err *err)
{
    int64_t found = 0;
    return db_value(store->db, err, &found,
                    "SELECT 1 FROM successes WHERE pact_version_id = $1 LIMIT 1", "i",
                    pact_version_id);
}

/* $1 content, $2 provider, $3 branch, $4 before, $5 since, $6 not WIP. */
#define CONDITIONS                                                                                 \
    " AND ($4 IS NULL OR s.first_at < $4) AND ($5 IS NULL OR s.last_at >= $5)"                     \
    " AND ($6 = 0 OR s.wip = 0) "
/* One row per branch, or two. */
#define VERIFIED_ON_IT                                                                             \
    "SELECT 1 FROM branches b JOIN branch_successes s ON s.branch_id = b.id"                       \
    " AND s.pact_version_id = $1 WHERE b.pacticipant_id = $2 AND b.name = $3" CONDITIONS "LIMIT 1"
/* The earliest first: if that is not before, none is. */
#define VERIFIED_ELSEWHERE                                                                         \
    "SELECT 1 FROM branch_successes s JOIN branches b ON b.id = s.branch_id"                       \
    " WHERE s.pact_version_id = $1 AND s.first_at < COALESCE($4, '~') AND b.pacticipant_id = $2"   \
    " AND b.name <> $3" CONDITIONS "ORDER BY s.first_at LIMIT 1"
/* One result has to fit both times; the look-back bounds what is read. */
#define VERIFIED_ELSEWHERE_SINCE                                                                   \
    "SELECT 1 FROM successes s WHERE s.pact_version_id = $1 AND s.last_at >= $5" CONDITIONS        \
    "AND EXISTS(SELECT 1 FROM branch_versions bv JOIN branches b ON b.id = bv.branch_id"           \
    " WHERE bv.version_id = s.provider_version_id AND b.pacticipant_id = $2 AND b.name <> $3)"     \
    " ORDER BY s.last_at LIMIT 1"

int store_verified_on_branch(struct store *store, int64_t pact_version_id,
                             const struct branch_question *question, struct err *err)
{
    const char *sql = !question->other  ? VERIFIED_ON_IT
                      : question->since ? VERIFIED_ELSEWHERE_SINCE
                                        : VERIFIED_ELSEWHERE;
    int64_t found = 0;
    return db_value(store->db, err, &found, sql, "iisssi", pact_version_id, question->provider_id,
                    question->branch, question->before, question->since,
                    (int64_t)question->not_wip);
}

#define BEFORE_TAG                                                                                 \
    " AND first_at < COALESCE((SELECT MIN(t.created_at) FROM tags t WHERE t.pacticipant_id = $2"   \
    " AND t.name = $3), '~')"

/* Rows of the tag itself, or of others from before its first use. */
int store_verified_with_tag(struct store *store, int64_t pact_version_id, int64_t provider_id,
                            const char *tag, bool other, bool not_wip, struct err *err)
{
    int64_t found = 0;
    const char *sql =
        "SELECT 1 FROM tagged_successes WHERE pact_version_id = $1"
        " AND (($4 = 0 AND tag = $3) OR ($4 = 1 AND tag <> $3" BEFORE_TAG ")) LIMIT 1";
    if (not_wip)
        sql = "SELECT 1 FROM tag_successes WHERE pact_version_id = $1 AND wip = 0"
              " AND (($4 = 0 AND tag = $3) OR ($4 = 1 AND tag <> $3" BEFORE_TAG ")) LIMIT 1";
    return db_value(store->db, err, &found, sql, "iisi", pact_version_id, provider_id, tag,
                    (int64_t)other);
}

int store_branch_began(struct store *store, int64_t provider_id, const char *branch,
                       struct arena *arena, const char **ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT created_at FROM branches WHERE pacticipant_id = $1 AND name = $2",
                        "is", provider_id, branch);
    if (code == 0 && (code = db_step(q, err)) > 0)
        *ret = db_text(q, 0, arena);
    return code;
}
