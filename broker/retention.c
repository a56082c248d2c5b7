// SPDX-License-Identifier: Apache-2.0
#include "broker/retention.h"

#include <stdio.h>
#include <string.h>

#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

/* Rows that one step looks at: some milliseconds, however large the table. */
enum { WINDOW = 100 };
static const int64_t us_per_day = (int64_t)24 * 3600 * 1000000;

enum { BRANCHES, VERSIONS, TAGS, EVIDENCE, PUBLICATIONS, CONTENTS, RESULTS, SENT, LOGS, DOCUMENTS };
const char *const retention_tables[RETENTION_TABLES] = {
    [BRANCHES] = "branches",
    [VERSIONS] = "versions",
    [TAGS] = "tags",
    [EVIDENCE] = "evidence",
    [PUBLICATIONS] = "publications",
    [CONTENTS] = "pact_versions",
    [RESULTS] = "verifications",
    [SENT] = "triggered_webhooks",
    [LOGS] = "webhook_executions",
    [DOCUMENTS] = "version_documents",
};

/* ---- what stays; `v` is the version that is looked at ---- */

#define LIVE(id)                                                                                   \
    "(EXISTS(SELECT 1 FROM deployments WHERE version_id = " id " AND ended_at IS NULL)"            \
    " OR EXISTS(SELECT 1 FROM releases WHERE version_id = " id " AND ended_at IS NULL))"
#define ON_MAIN                                                                                    \
    "(EXISTS(SELECT 1 FROM branch_versions bv JOIN branches b ON b.id = bv.branch_id"              \
    " JOIN pacticipants p ON p.id = b.pacticipant_id"                                              \
    " WHERE bv.version_id = v.id AND b.name = p.main_branch)"                                      \
    " OR EXISTS(SELECT 1 FROM tags t JOIN pacticipants p ON p.id = t.pacticipant_id"               \
    " WHERE t.version_id = v.id AND t.name = p.main_branch))"
#define LATEST                                                                                     \
    "(v.id = (SELECT MAX(n.id) FROM versions n WHERE n.pacticipant_id = v.pacticipant_id)"         \
    " OR EXISTS(SELECT 1 FROM branches WHERE head_version_id = v.id)"                              \
    " OR EXISTS(SELECT 1 FROM tags t WHERE t.version_id = v.id AND NOT EXISTS(SELECT 1"            \
    " FROM tags n WHERE n.pacticipant_id = t.pacticipant_id AND n.name = t.name"                   \
    " AND n.version_id > t.version_id)))"
/* The head of a branch need not have a contract with everybody: the one before then counts. */
#define LATEST_CONTRACT                                                                            \
    "EXISTS(SELECT 1 FROM latest_publications lp WHERE lp.consumer_version_id = v.id AND ("        \
    " NOT EXISTS(SELECT 1 FROM latest_publications n WHERE n.provider_id = lp.provider_id"         \
    " AND n.consumer_id = lp.consumer_id AND n.consumer_version_id > v.id)"                        \
    " OR EXISTS(SELECT 1 FROM branch_versions bv WHERE bv.version_id = v.id"                       \
    " AND NOT EXISTS(SELECT 1 FROM branch_versions nb JOIN latest_publications n"                  \
    " ON n.consumer_version_id = nb.version_id AND n.provider_id = lp.provider_id"                 \
    " WHERE nb.branch_id = bv.branch_id AND nb.version_id > v.id))"                                \
    " OR EXISTS(SELECT 1 FROM tags t WHERE t.version_id = v.id"                                    \
    " AND NOT EXISTS(SELECT 1 FROM tags nt JOIN latest_publications n"                             \
    " ON n.consumer_version_id = nt.version_id AND n.provider_id = lp.provider_id"                 \
    " WHERE nt.pacticipant_id = t.pacticipant_id AND nt.name = t.name"                             \
    " AND nt.version_id > v.id))))"
/* A success that is forgotten would make a contract pending again: its failures count for less. */
#define LATEST_RESULT                                                                              \
    "(EXISTS(SELECT 1 FROM latest_verifications lv WHERE lv.provider_version_id = v.id"            \
    " AND NOT EXISTS(SELECT 1 FROM verifications n WHERE n.pact_version_id = lv.pact_version_id"   \
    " AND n.id > lv.verification_id))"                                                             \
    " OR EXISTS(SELECT 1 FROM successes s WHERE s.provider_version_id = v.id AND NOT EXISTS("      \
    "SELECT 1 FROM successes n WHERE n.pact_version_id = s.pact_version_id"                        \
    " AND n.wip = s.wip AND n.provider_version_id > v.id))"                                        \
    " OR EXISTS(SELECT 1 FROM successes s JOIN branch_versions bv ON bv.version_id = v.id"         \
    " WHERE s.provider_version_id = v.id AND NOT EXISTS(SELECT 1 FROM successes n"                 \
    " JOIN branch_versions nb ON nb.version_id = n.provider_version_id"                            \
    " AND nb.branch_id = bv.branch_id WHERE n.pact_version_id = s.pact_version_id"                 \
    " AND n.wip = s.wip AND n.provider_version_id > v.id))"                                        \
    " OR EXISTS(SELECT 1 FROM successes s JOIN tags t ON t.version_id = v.id"                      \
    " WHERE s.provider_version_id = v.id AND NOT EXISTS(SELECT 1 FROM successes n"                 \
    " JOIN tags nt ON nt.version_id = n.provider_version_id AND nt.name = t.name"                  \
    " WHERE n.pact_version_id = s.pact_version_id AND n.provider_version_id > v.id)))"
#define LATEST_EVIDENCE                                                                            \
    "EXISTS(SELECT 1 FROM evidence e WHERE e.version_id = v.id AND NOT EXISTS(SELECT 1"            \
    " FROM versions n JOIN evidence ne ON ne.version_id = n.id AND ne.pack = e.pack"               \
    " WHERE n.pacticipant_id = v.pacticipant_id AND n.id > v.id))"
#define LATEST_DOCUMENT                                                                            \
    "EXISTS(SELECT 1 FROM version_documents d WHERE d.version_id = v.id AND NOT EXISTS(SELECT 1"   \
    " FROM version_documents n WHERE n.pacticipant_id = d.pacticipant_id AND n.kind = d.kind"      \
    " AND n.version_id > d.version_id))"
#define AWAITED                                                                                    \
    "EXISTS(SELECT 1 FROM triggered_webhooks w WHERE w.due_at IS NOT NULL"                         \
    " AND (w.consumer_version_id = v.id OR w.provider_version_id = v.id))"
#define TOUCHED                                                                                    \
    "(EXISTS(SELECT 1 FROM publications WHERE consumer_version_id = v.id AND created_at >= $3)"    \
    " OR EXISTS(SELECT 1 FROM verifications WHERE provider_version_id = v.id"                      \
    " AND created_at >= $3)"                                                                       \
    " OR EXISTS(SELECT 1 FROM deployments WHERE version_id = v.id AND updated_at >= $3)"           \
    " OR EXISTS(SELECT 1 FROM releases WHERE version_id = v.id AND updated_at >= $3))"

/* ---- what may go: $1 < id <= $2, older than $3 ---- */

static const struct kind {
    const char *table, *candidates;
} kinds[RETENTION_KINDS] = {
    [RETENTION_BRANCHES] =
        {"branches",
         "SELECT x.id FROM branches x JOIN pacticipants p ON p.id = x.pacticipant_id"
         " WHERE x.id > $1 AND x.id <= $2 AND x.updated_at < $3 AND x.name IS NOT p.main_branch"
         " AND x.head_version_id IS NOT (SELECT MAX(id) FROM versions"
         " WHERE pacticipant_id = x.pacticipant_id)"
         " AND NOT EXISTS(SELECT 1 FROM branch_versions bv WHERE bv.branch_id = x.id"
         " AND " LIVE("bv.version_id") ")"},
    [RETENTION_VERSIONS] =
        {"versions",
         "SELECT v.id FROM versions v WHERE v.id > $1 AND v.id <= $2 AND v.created_at < $3"
         " AND NOT " LIVE("v.id") " AND NOT " LATEST " AND NOT " ON_MAIN " AND NOT " LATEST_CONTRACT
                                  " AND NOT " LATEST_RESULT " AND NOT " LATEST_EVIDENCE
                                  " AND NOT " LATEST_DOCUMENT " AND NOT " AWAITED
                                  " AND NOT " TOUCHED},
    [RETENTION_PUBLICATIONS] =
        {"publications",
         "SELECT x.id FROM publications x WHERE x.id > $1 AND x.id <= $2"
         " AND EXISTS(SELECT 1 FROM publications n"
         " WHERE n.consumer_version_id = x.consumer_version_id AND n.provider_id = x.provider_id"
         " AND n.revision > x.revision AND n.created_at < $3)"
         " AND NOT EXISTS(SELECT 1 FROM latest_publications WHERE publication_id = x.id)"
         " AND NOT " LIVE("x.consumer_version_id")},
    [RETENTION_RESULTS] =
        {"verifications",
         "SELECT x.id FROM verifications x WHERE x.id > $1 AND x.id <= $2"
         " AND EXISTS(SELECT 1 FROM verifications n WHERE n.pact_version_id = x.pact_version_id"
         " AND n.provider_version_id = x.provider_version_id AND n.id > x.id"
         " AND n.created_at < $3)"
         " AND NOT EXISTS(SELECT 1 FROM latest_verifications WHERE verification_id = x.id)"
         " AND NOT EXISTS(SELECT 1 FROM triggered_webhooks"
         " WHERE verification_id = x.id AND due_at IS NOT NULL)"
         " AND NOT " LIVE("x.provider_version_id")},
    [RETENTION_CONTENTS] =
        {"pact_versions",
         "SELECT x.id FROM pact_versions x WHERE x.id > $1 AND x.id <= $2 AND x.created_at < $3"
         " AND NOT EXISTS(SELECT 1 FROM publications WHERE pact_version_id = x.id)"
         " AND NOT EXISTS(SELECT 1 FROM triggered_webhooks"
         " WHERE pact_version_id = x.id AND due_at IS NOT NULL)"},
    [RETENTION_WEBHOOKS] =
        {"triggered_webhooks",
         "SELECT x.id FROM triggered_webhooks x WHERE x.id > $1 AND x.id <= $2"
         " AND x.due_at IS NULL AND x.updated_at < $3"
         " AND EXISTS(SELECT 1 FROM triggered_webhooks n WHERE n.consumer_id = x.consumer_id"
         " AND n.provider_id = x.provider_id AND n.webhook_id IS x.webhook_id"
         " AND n.event = x.event AND n.id > x.id)"},
};

/* What goes with a row, by its id; and the table that it is of. */
static const struct along {
    enum retention_kind kind;
    int table;
    const char *sql;
} along[] = {
    {RETENTION_BRANCHES, BRANCHES, "SELECT 1"},
    {RETENTION_VERSIONS, VERSIONS, "SELECT 1"},
    {RETENTION_VERSIONS, TAGS, "SELECT COUNT(*) FROM tags WHERE version_id = $1"},
    {RETENTION_VERSIONS, EVIDENCE, "SELECT COUNT(*) FROM evidence WHERE version_id = $1"},
    {RETENTION_VERSIONS, DOCUMENTS, "SELECT COUNT(*) FROM version_documents WHERE version_id = $1"},
    {RETENTION_VERSIONS, PUBLICATIONS,
     "SELECT COUNT(*) FROM publications WHERE consumer_version_id = $1"},
    {RETENTION_VERSIONS, RESULTS,
     "SELECT COUNT(*) FROM verifications WHERE provider_version_id = $1"},
    {RETENTION_PUBLICATIONS, PUBLICATIONS, "SELECT 1"},
    {RETENTION_RESULTS, RESULTS, "SELECT 1"},
    {RETENTION_CONTENTS, CONTENTS, "SELECT 1"},
    {RETENTION_CONTENTS, RESULTS, "SELECT COUNT(*) FROM verifications WHERE pact_version_id = $1"},
    {RETENTION_WEBHOOKS, SENT, "SELECT 1"},
    {RETENTION_WEBHOOKS, LOGS, "SELECT COUNT(*) FROM webhook_executions WHERE triggered_id = $1"},
};

/* The history of webhooks goes with versions, contents and results, each once. */
#define SENT_BY_VERSION                                                                            \
    "consumer_version_id = $1 OR provider_version_id = $1 OR verification_id IN"                   \
    " (SELECT id FROM verifications WHERE provider_version_id = $1)"
#define SENT_BY_CONTENT "pact_version_id = $1"
#define SENT_BY_RESULT  "verification_id = $1"
static const struct {
    const char *sent, *logs;
} history[RETENTION_KINDS] = {
#define COUNT_SENT "SELECT COUNT(*) FROM triggered_webhooks WHERE "
#define COUNT_LOGS                                                                                 \
    "SELECT COUNT(*) FROM webhook_executions WHERE triggered_id IN"                                \
    " (SELECT id FROM triggered_webhooks WHERE "
    [RETENTION_VERSIONS] = {COUNT_SENT SENT_BY_VERSION, COUNT_LOGS SENT_BY_VERSION ")"},
    [RETENTION_RESULTS] = {COUNT_SENT SENT_BY_RESULT, COUNT_LOGS SENT_BY_RESULT ")"},
    [RETENTION_CONTENTS] = {COUNT_SENT SENT_BY_CONTENT, COUNT_LOGS SENT_BY_CONTENT ")"},
};

/* ---- one row ---- */

static int count_into(struct store *store, const char *sql, int64_t id, int64_t *total,
                      struct err *err)
{
    int64_t n = 0;
    int code = db_value(store->db, err, &n, sql, strstr(sql, "$1") ? "i" : "", id);
    *total += n;
    return code < 0 ? code : 0;
}

static int count_row(struct store *store, struct retention_run *run, int64_t id, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < sizeof along / sizeof *along && code == 0; i++) {
        if (along[i].kind == run->kind)
            code = count_into(store, along[i].sql, id, &run->removed[along[i].table], err);
    }
    if (code == 0 && history[run->kind].sent)
        code = count_into(store, history[run->kind].sent, id, &run->removed[SENT], err);
    if (code == 0 && history[run->kind].logs)
        code = count_into(store, history[run->kind].logs, id, &run->removed[LOGS], err);
    return code;
}

static int remove_row(struct store *store, struct retention_run *run, int64_t id, struct err *err)
{
    static const char *const removes[RETENTION_KINDS] = {
        [RETENTION_BRANCHES] = "DELETE FROM branches WHERE id = $1",
        [RETENTION_PUBLICATIONS] = "DELETE FROM publications WHERE id = $1",
        [RETENTION_RESULTS] = "DELETE FROM verifications WHERE id = $1",
        [RETENTION_CONTENTS] = "DELETE FROM pact_versions WHERE id = $1",
        [RETENTION_WEBHOOKS] = "DELETE FROM triggered_webhooks WHERE id = $1",
    };
    int code = count_row(store, run, id, err);
    if (code < 0)
        return code;
    if (run->kind == RETENTION_VERSIONS)
        return store_version_delete(store, id, err);
    code = db_run(store->db, err, removes[run->kind], "i", id);
    return code < 0 ? code : 0;
}

/* ---- keep selectors ---- */

static const char *days_ago(const struct retention_run *run, int64_t days, char *ret)
{
    return clock_format_utc(run->start_us - days * us_per_day, ret);
}

static const char keep_version[] =
    "SELECT 1 FROM versions v JOIN pacticipants p ON p.id = v.pacticipant_id WHERE v.id = $1"
    " AND ($2 IS NULL OR p.name = $2)"
    " AND ($3 = 0 OR EXISTS(SELECT 1 FROM tags t WHERE t.version_id = v.id"
    " AND ($4 IS NULL OR t.name = $4)))"
    " AND ($5 = 0 OR EXISTS(SELECT 1 FROM branch_versions bv JOIN branches b"
    " ON b.id = bv.branch_id WHERE bv.version_id = v.id AND ($6 IS NULL OR b.name = $6)))"
    " AND ($7 IS NULL OR v.created_at >= $7)";
static const char keep_branch[] =
    "SELECT 1 FROM branches b JOIN pacticipants p ON p.id = b.pacticipant_id WHERE b.id = $1"
    " AND ($2 IS NULL OR p.name = $2) AND ($3 IS NULL OR b.name = $3)"
    " AND ($4 IS NULL OR b.updated_at >= $4)";

/* 1 = one of the selectors keeps the row. What they name by `latest` and the like stays anyway. */
static int is_kept(struct store *store, const struct retention_run *run, int64_t id,
                   struct err *err)
{
    int code = 0;
    VEC_EACH(&run->rules->keep, const struct retention_keep *, keep) {
        char text[CLOCK_TEXT_LEN];
        const char *since = keep->max_age ? days_ago(run, keep->max_age, text) : NULL;
        bool tag = keep->tag || keep->any_tag, branch = keep->branch || keep->any_branch;
        int64_t one = 0;
        if (keep->always)
            continue;
        if (run->kind == RETENTION_VERSIONS)
            code = db_value(store->db, err, &one, keep_version, "isisiss", id, keep->pacticipant,
                            (int64_t)tag, keep->tag, (int64_t)branch, keep->branch, since);
        else if (run->kind == RETENTION_BRANCHES && !tag)
            code = db_value(store->db, err, &one, keep_branch, "isss", id, keep->pacticipant,
                            keep->branch, since);
        if (code != 0)
            return code;
    }
    return 0;
}

/* ---- steps ---- */

static bool cutoff(const struct retention_run *run, char *ret)
{
    const struct retention_rules *rules = run->rules;
    const int64_t days[RETENTION_KINDS] = {
        [RETENTION_BRANCHES] = rules->branch_days,
        [RETENTION_VERSIONS] = run->removed[VERSIONS] < rules->limit ? rules->version_days : 0,
        [RETENTION_PUBLICATIONS] = rules->overwritten_days,
        [RETENTION_RESULTS] = rules->overwritten_days,
        [RETENTION_CONTENTS] = rules->overwritten_days,
        [RETENTION_WEBHOOKS] = rules->webhook_days,
    };
    days_ago(run, days[run->kind], ret);
    return days[run->kind] > 0 || run->kind == RETENTION_CONTENTS;
}

struct ids {
    VEC_OF(int64_t);
};

static int candidates(struct store *store, const struct retention_run *run, int64_t last,
                      const char *before, struct arena *arena, struct ids *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code =
        db_query(store->db, err, &q, kinds[run->kind].candidates, "iis", run->cursor, last, before);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) = db_int(q, 0);
    return code;
}

static int sweep(struct store *store, struct retention_run *run, int64_t last, const char *before,
                 struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct ids ids = {0};
    int code = candidates(store, run, last, before, arena, &ids, err);
    VEC_EACH(&ids, const int64_t *, id) {
        if (code < 0)
            break;
        if (run->kind == RETENTION_VERSIONS && run->removed[VERSIONS] >= run->rules->limit)
            break;
        code = is_kept(store, run, *id, err);
        if (code == 0)
            code = remove_row(store, run, *id, err);
    }
    return code < 0 ? code : 0;
}

/* In the same transaction as the rows themselves: an end at any moment leaves no gap. */
static int note(struct store *store, const struct retention_run *before,
                const struct retention_run *after, struct err *err)
{
    char run[CLOCK_TEXT_LEN], now[CLOCK_TEXT_LEN];
    clock_format_utc(after->start_us, run);
    clock_format_utc(clock_now_us(store->clock), now);
    for (int i = 0; i < RETENTION_TABLES; i++) {
        int64_t n = after->removed[i] - before->removed[i];
        if (n == 0)
            continue;
        int code = db_run(store->db, err,
                          "INSERT INTO removals(run, at, by, name, removed)"
                          " VALUES($1, $2, $3, $4, $5)",
                          "ssssi", run, now, after->by, retention_tables[i], n);
        if (code < 0)
            return code;
    }
    return 0;
}

void retention_begin(struct retention_run *run, struct store *store,
                     const struct retention_rules *rules, const char *by)
{
    *run = (struct retention_run){.rules = rules, .by = by, .start_us = clock_now_us(store->clock)};
}

static int window_end(struct store *store, const struct retention_run *run, int64_t *ret,
                      struct err *err)
{
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT id FROM (SELECT id FROM %s WHERE id > $1 ORDER BY id LIMIT $2)"
             " ORDER BY id DESC LIMIT 1",
             kinds[run->kind].table);
    return db_value(store->db, err, ret, sql, "ii", run->cursor, (int64_t)WINDOW);
}

int retention_step(struct store *store, struct retention_run *run, struct err *err)
{
    char before[CLOCK_TEXT_LEN];
    int64_t last = 0;
    int code = 0;
    while (run->kind < RETENTION_KINDS) {
        if (cutoff(run, before) && (code = window_end(store, run, &last, err)) != 0)
            break;
        run->kind++;
        run->cursor = 0;
    }
    if (code <= 0 || run->kind == RETENTION_KINDS)
        return code < 0 ? err_wrap(err, "retention") : 0;
    struct retention_run old = *run;
    code = sweep(store, run, last, before, err);
    if (code == 0)
        code = note(store, &old, run, err);
    if (code < 0)
        return err_wrap(err, "retention of %s", kinds[run->kind].table);
    run->cursor = last;
    return 1;
}

int64_t retention_total(const struct retention_run *run)
{
    int64_t total = 0;
    for (int i = 0; i < RETENTION_TABLES; i++)
        total += run->removed[i];
    return total;
}

const char *retention_text(const struct retention_run *run, struct arena *arena)
{
    const char *text = "";
    for (int i = 0; i < RETENTION_TABLES; i++) {
        if (run->removed[i] > 0)
            text = arena_printf(arena, "%s%s%s=%lld", text, *text ? " " : "", retention_tables[i],
                                (long long)run->removed[i]);
    }
    return text;
}

int retention_count(struct store *store, int64_t ret[RETENTION_TABLES], struct err *err)
{
    for (int i = 0; i < RETENTION_TABLES; i++) {
        char sql[80];
        snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM %s", retention_tables[i]);
        int code = db_value(store->db, err, &ret[i], sql, "");
        if (code < 0)
            return code;
    }
    return 0;
}

int retention_history(struct store *store, int64_t runs, struct arena *arena, struct removals *ret,
                      struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        "SELECT run, by, name, SUM(removed) FROM removals WHERE run IN"
                        " (SELECT DISTINCT run FROM removals ORDER BY run DESC LIMIT $1)"
                        " GROUP BY run, by, name ORDER BY run DESC, by, name",
                        "i", runs);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        *VEC_PUSH(arena, ret) = (struct removal){db_text(q, 0, arena), db_text(q, 1, arena),
                                                 db_text(q, 2, arena), db_int(q, 3)};
    return code;
}
