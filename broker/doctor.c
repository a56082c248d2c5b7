// SPDX-License-Identifier: Apache-2.0
#include "broker/doctor.h"

#include <string.h>

#include "broker/identity.h"
#include "broker/packing.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/db/db.h"
#include "lib/json/json.h"

/* ---- pointers and what they are about ---- */

#define PUBLICATIONS                                                                               \
    "SELECT p.consumer_version_id, p.provider_id, v.pacticipant_id, p.pact_version_id, p.id"       \
    " FROM publications p JOIN versions v ON v.id = p.consumer_version_id"                         \
    " WHERE NOT EXISTS(SELECT 1 FROM publications n"                                               \
    " WHERE n.consumer_version_id = p.consumer_version_id AND n.provider_id = p.provider_id"       \
    " AND n.revision > p.revision)"
#define PUBLICATION_KEY                                                                            \
    "consumer_version_id, provider_id, consumer_id, pact_version_id, publication_id"
#define RESULTS                                                                                    \
    "SELECT pact_version_id, provider_version_id, MAX(id) FROM verifications"                      \
    " GROUP BY pact_version_id, provider_version_id"
#define RESULT_KEY "pact_version_id, provider_version_id, verification_id"
#define DIFFERENT(truth, key, table)                                                               \
    "SELECT COUNT(*) FROM (SELECT * FROM (" truth " EXCEPT SELECT " key " FROM " table ")"         \
    " UNION ALL SELECT * FROM (SELECT " key " FROM " table " EXCEPT " truth "))"

/* The head is the version added last, or after a deletion the youngest: a member in any case. */
#define HEADLESS                                                                                   \
    " WHERE CASE WHEN head_version_id IS NULL"                                                     \
    " THEN EXISTS(SELECT 1 FROM branch_versions bv WHERE bv.branch_id = branches.id)"              \
    " ELSE NOT EXISTS(SELECT 1 FROM branch_versions bv WHERE bv.branch_id = branches.id"           \
    " AND bv.version_id = head_version_id) END"

/* Times may reach further than the rows: retention leaves them as they were. */
#define SUCCESSES                                                                                  \
    "SELECT s.pact_version_id, bv.branch_id, s.wip, MIN(s.first_at) AS first_at,"                  \
    " MAX(s.last_at) AS last_at FROM successes s JOIN branch_versions bv"                          \
    " ON bv.version_id = s.provider_version_id GROUP BY s.pact_version_id, bv.branch_id, s.wip"
#define UNTOLD                                                                                     \
    "SELECT COUNT(*) FROM (" SUCCESSES ") t LEFT JOIN branch_successes k"                          \
    " ON k.pact_version_id = t.pact_version_id AND k.branch_id = t.branch_id AND k.wip = t.wip"    \
    " WHERE k.wip IS NULL OR k.first_at > t.first_at OR k.last_at < t.last_at"
#define UNBACKED                                                                                   \
    " WHERE NOT EXISTS(SELECT 1 FROM successes s JOIN branch_versions bv"                          \
    " ON bv.version_id = s.provider_version_id"                                                    \
    " WHERE s.pact_version_id = branch_successes.pact_version_id"                                  \
    " AND s.wip = branch_successes.wip AND bv.branch_id = branch_successes.branch_id)"

#define TAGGED                                                                                     \
    "SELECT s.pact_version_id, t.name AS tag, MIN(s.first_at) AS first_at FROM successes s"        \
    " JOIN tags t ON t.version_id = s.provider_version_id GROUP BY s.pact_version_id, t.name"
#define UNTAGGED                                                                                   \
    " WHERE NOT EXISTS(SELECT 1 FROM successes s JOIN tags t"                                      \
    " ON t.version_id = s.provider_version_id"                                                     \
    " WHERE s.pact_version_id = tagged_successes.pact_version_id"                                  \
    " AND t.name = tagged_successes.tag)"

#define PAIRS                                                                                      \
    "SELECT consumer_id, provider_id, MIN(created_at), MAX(created_at) FROM pact_versions pv"      \
    " WHERE NOT EXISTS(SELECT 1 FROM integrations i WHERE i.consumer_id = pv.consumer_id"          \
    " AND i.provider_id = pv.provider_id) GROUP BY consumer_id, provider_id"
#define UNVERIFIED                                                                                 \
    " WHERE verified = 0 AND EXISTS(SELECT 1 FROM pact_versions pv JOIN verifications r"           \
    " ON r.pact_version_id = pv.id WHERE pv.consumer_id = integrations.consumer_id"                \
    " AND pv.provider_id = integrations.provider_id)"

static const struct pointer {
    const char *name, *wrong, *repair[3];
} pointers[] = {
    {"latest_publications",
     DIFFERENT(PUBLICATIONS, PUBLICATION_KEY, "latest_publications"),
     {"DELETE FROM latest_publications WHERE (" PUBLICATION_KEY ") NOT IN (" PUBLICATIONS ")",
      "INSERT INTO latest_publications(" PUBLICATION_KEY ") SELECT * FROM (" PUBLICATIONS
      " EXCEPT SELECT " PUBLICATION_KEY " FROM latest_publications)"}},
    {"latest_verifications",
     DIFFERENT(RESULTS, RESULT_KEY, "latest_verifications"),
     {"DELETE FROM latest_verifications WHERE (" RESULT_KEY ") NOT IN (" RESULTS ")",
      "INSERT INTO latest_verifications(" RESULT_KEY ") SELECT * FROM (" RESULTS
      " EXCEPT SELECT " RESULT_KEY " FROM latest_verifications)"}},
    {"branch heads",
     "SELECT COUNT(*) FROM branches" HEADLESS,
     {"UPDATE branches SET head_version_id = (SELECT bv.version_id FROM branch_versions bv"
      " WHERE bv.branch_id = branches.id ORDER BY bv.id DESC LIMIT 1)" HEADLESS}},
    {"branch_successes",
     "SELECT (" UNTOLD ") + (SELECT COUNT(*) FROM branch_successes" UNBACKED ")",
     {"DELETE FROM branch_successes" UNBACKED,
      "INSERT INTO branch_successes(pact_version_id, branch_id, wip, first_at, last_at)"
      " SELECT t.* FROM (" SUCCESSES ") t LEFT JOIN branch_successes k"
      " ON k.pact_version_id = t.pact_version_id AND k.branch_id = t.branch_id AND k.wip = t.wip"
      " WHERE k.wip IS NULL OR k.first_at > t.first_at OR k.last_at < t.last_at"
      " ON CONFLICT(pact_version_id, branch_id, wip) DO UPDATE SET"
      " first_at = MIN(first_at, excluded.first_at), last_at = MAX(last_at, excluded.last_at)"}},
    {"tagged_successes",
     "SELECT (SELECT COUNT(*) FROM tagged_successes" UNTAGGED ") + (SELECT COUNT(*) FROM (" TAGGED
     ") t LEFT JOIN tagged_successes k ON k.pact_version_id = t.pact_version_id AND k.tag = t.tag"
     " WHERE k.tag IS NULL OR k.first_at > t.first_at)",
     {"DELETE FROM tagged_successes" UNTAGGED,
      "INSERT INTO tagged_successes(pact_version_id, tag, first_at) SELECT t.* FROM (" TAGGED ") t"
      " WHERE true ON CONFLICT(pact_version_id, tag) DO UPDATE SET"
      " first_at = MIN(first_at, excluded.first_at)"}},
    {"integrations",
     "SELECT (SELECT COUNT(*) FROM (" PAIRS ")) + (SELECT COUNT(*) FROM integrations" UNVERIFIED
     ")",
     {"INSERT INTO integrations(consumer_id, provider_id, created_at, contract_data_updated_at)"
      " " PAIRS,
      "UPDATE integrations SET verified = 1" UNVERIFIED}},
};
enum { POINTERS = sizeof pointers / sizeof *pointers };

/* ---- checks ---- */

/* The rows of a pragma; "ok" is none. */
static int check_pragma(struct db *db, const char *sql, struct arena *arena,
                        struct doctor_finding *finding, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(db, err, &q, sql, "");
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        if (str_is(db_str(q, 0), "ok"))
            continue;
        if (finding->wrong++ == 0)
            finding->detail = db_text(q, 0, arena);
    }
    return code;
}

static int check_file(struct db *db, struct arena *arena, struct doctor_finding *finding,
                      struct err *err)
{
    return check_pragma(db, "PRAGMA integrity_check", arena, finding, err);
}

static int check_references(struct db *db, struct arena *arena, struct doctor_finding *finding,
                            struct err *err)
{
    int code = check_pragma(db, "PRAGMA foreign_key_check", arena, finding, err);
    if (finding->wrong > 0)
        finding->detail = arena_printf(arena, "a row of %s refers to one that is not there",
                                       finding->detail ? finding->detail : "a table");
    return code;
}

/* What is wrong with a content; NULL = nothing. */
static const char *content_trouble(struct str content, struct str sha, struct arena *arena)
{
    struct json *pact = NULL;
    struct err why = ERR_INIT;
    char found[HASH_SHA1_HEX];
    if (json_parse(content, "", arena, &pact, &why) < 0)
        return arena_printf(arena, "is no JSON: %s", why.text);
    return identity_fits(pact, str_cstr(arena, sha), arena, found)
               ? NULL
               : arena_printf(arena, "has sha %s", found);
}

/* A row at a time, so that one that cannot be read does not hide the others. */
static int read_content(struct db *db, int64_t id, struct arena *arena, struct str *ret,
                        struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(db, err, &q,
                        "SELECT unpacked(content, 'pact_versions', id) FROM pact_versions"
                        " WHERE id = $1",
                        "i", id);
    if (code == 0 && (code = db_step(q, err)) > 0)
        *ret = str_dup(arena, db_str(q, 0));
    return code;
}

static int check_contents(struct db *db, struct arena *arena, struct doctor_finding *finding,
                          struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    struct arena *own ARENA_AUTO = arena_new();
    int code = db_query(db, err, &q, "SELECT id, sha FROM pact_versions ORDER BY id", "");
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        struct str content = STR_NONE;
        struct err why = ERR_INIT;
        arena_reset(own);
        const char *trouble = read_content(db, db_int(q, 0), own, &content, &why) <= 0
                                  ? arena_printf(own, "cannot be read: %s", why.text)
                                  : content_trouble(content, db_str(q, 1), own);
        if (trouble && finding->wrong++ == 0)
            finding->detail = arena_printf(arena, "the contract stored as %.*s %s",
                                           STR_FMT(db_str(q, 1)), trouble);
    }
    return code;
}

/* The packed texts of one column; those of contracts are read with their digests. */
static int check_column(struct db *db, const struct packing_column *of, struct arena *arena,
                        struct doctor_finding *finding, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    const char *each = arena_printf(arena, "SELECT rowid FROM %s WHERE typeof(%s) = 'blob'",
                                    of->table, of->column);
    const char *one = arena_printf(arena,
                                   "SELECT length(unpacked(%s, '%s', rowid)) FROM %s"
                                   " WHERE rowid = $1",
                                   of->column, of->table, of->table);
    int code = db_query(db, err, &q, each, "");
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        struct err why = ERR_INIT;
        int64_t len = 0;
        if (db_value(db, &why, &len, one, "i", db_int(q, 0)) < 0 && finding->wrong++ == 0)
            finding->detail = arena_strdup(arena, why.text);
    }
    return code;
}

static int check_texts(struct db *db, struct arena *arena, struct doctor_finding *finding,
                       struct err *err)
{
    int code = 0;
    for (const struct packing_column *of = packing_columns; of->table && code >= 0; of++) {
        if (strcmp(of->table, "pact_versions") != 0)
            code = check_column(db, of, arena, finding, err);
    }
    return code;
}

static int check_schema(struct db *db, struct err *err)
{
    int64_t version = 0;
    if (db_value(db, err, &version, "SELECT COALESCE(MAX(version), 0) FROM schema_version", "") < 0)
        return err_wrap(err, "reading the schema version");
    if (version < store_schema_len)
        return err_set(err, ERR_UNDECIDED,
                       "the database has schema version %lld of %d: start the broker once, it "
                       "brings it up to date, then check again",
                       (long long)version, store_schema_len);
    if (version > store_schema_len)
        return err_set(err, ERR_USAGE,
                       "the database has schema version %lld, this program knows up to %d: "
                       "use a newer tally",
                       (long long)version, store_schema_len);
    return 0;
}

/* A check that fails leaves the others their turn. */
static void settle(struct doctor_finding *finding, int code, const struct err *why,
                   struct arena *arena)
{
    if (!finding->detail)
        finding->detail = "";
    if (code < 0) {
        finding->wrong = -1;
        finding->detail = arena_strdup(arena, why->text);
    }
}

int doctor_check(struct db *db, struct arena *arena, struct doctor_report *ret, struct err *err)
{
    static const struct {
        const char *name;
        int (*run)(struct db *db, struct arena *arena, struct doctor_finding *finding,
                   struct err *err);
    } checks[] = {{"file", check_file},
                  {"references", check_references},
                  {"contracts", check_contents},
                  {"texts", check_texts}};
    int code = check_schema(db, err);
    if (code < 0)
        return code;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        struct err why = ERR_INIT;
        struct doctor_finding finding = {.name = checks[i].name};
        code = checks[i].run(db, arena, &finding, &why);
        settle(&finding, code, &why, arena);
        *VEC_PUSH(arena, ret) = finding;
    }
    for (size_t i = 0; i < POINTERS; i++) {
        struct err why = ERR_INIT;
        struct doctor_finding finding = {.name = pointers[i].name, .pointer = true};
        code = db_value(db, &why, &finding.wrong, pointers[i].wrong, "");
        if (finding.wrong > 0)
            finding.detail = "does not say what the rows say; --repair makes it again";
        settle(&finding, code, &why, arena);
        *VEC_PUSH(arena, ret) = finding;
    }
    return 0;
}

int doctor_repair(struct db *db, int64_t *ret_changed, struct err *err)
{
    int64_t changed = 0;
    for (size_t i = 0; i < POINTERS; i++) {
        for (size_t k = 0; k < 3 && pointers[i].repair[k]; k++) {
            int code = db_run(db, err, pointers[i].repair[k], "");
            if (code < 0)
                return err_wrap(err, "making %s again", pointers[i].name);
            changed += code;
        }
    }
    *ret_changed = changed;
    return 0;
}
