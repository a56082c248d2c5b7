// SPDX-License-Identifier: Apache-2.0
/* Branches, the versions on them, and tags. */
#include "broker/store.h"

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

#define SECOND_US INT64_C(1000000)
/* A branch is noted as updated once in this time, however many versions it gets. */
#define BRANCH_AGE_US (60 * SECOND_US)

#define BRANCH                                                                                     \
    "SELECT b.id, b.pacticipant_id, b.head_version_id, b.name, b.created_at, b.updated_at"

static void read_branch(const struct db_stmt *q, struct arena *arena, struct branch *ret)
{
    *ret = (struct branch){
        .id = db_int(q, 0),
        .pacticipant_id = db_int(q, 1),
        .head_version_id = db_int(q, 2),
        .name = db_text(q, 3, arena),
        .created_at = db_text(q, 4, arena),
        .updated_at = db_text(q, 5, arena),
    };
}

int store_branch_find(struct store *store, int64_t pacticipant_id, const char *name,
                      struct arena *arena, struct branch *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        BRANCH " FROM branches b WHERE b.pacticipant_id = $1 AND b.name = $2", "is",
                        pacticipant_id, name);
    if (code == 0 && (code = db_step(q, err)) > 0)
        read_branch(q, arena, ret);
    return code;
}

#define FILTER                                                                                     \
    " FROM branches b WHERE b.pacticipant_id = $1"                                                 \
    " AND ($2 IS NULL OR instr(lower(b.name), lower($2)) > 0)"

int store_branch_list(struct store *store, int64_t pacticipant_id, const char *like,
                      struct page *page, struct arena *arena, struct branches *ret, struct err *err)
{
    if (db_value(store->db, err, &page->total, "SELECT COUNT(*)" FILTER, "is", pacticipant_id,
                 like) < 0)
        return err_wrap(err, "counting branches");
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q,
                        BRANCH FILTER " ORDER BY b.updated_at DESC, b.id DESC LIMIT $3 OFFSET $4",
                        "isii", pacticipant_id, like, page_limit(page), page_offset(page));
    while (code >= 0 && (code = db_step(q, err)) > 0)
        read_branch(q, arena, VEC_PUSH(arena, ret));
    return code;
}

int store_branch_date(struct store *store, int64_t pacticipant_id, const char *name,
                      const char *created_at, const char *updated_at, struct err *err)
{
    int code = db_run(store->db, err,
                      "UPDATE branches SET created_at = $3, updated_at = $4"
                      " WHERE pacticipant_id = $1 AND name = $2",
                      "isss", pacticipant_id, name, created_at, updated_at);
    return code < 0 ? code : 0;
}

int store_branch_delete(struct store *store, int64_t id, struct err *err)
{
    int code = db_run(store->db, err, "DELETE FROM branches WHERE id = $1", "i", id);
    return code < 0 ? code : 0;
}

static bool is_candidate(const struct store_rules *rules, const char *name)
{
    struct str rest = str_of(rules->main_candidates);
    while (rest.ptr) {
        if (str_eq(str_cut(&rest, ' '), str_of(name)))
            return true;
    }
    return false;
}

/* The first branch or tag with one of the candidates' names becomes the main branch. */
static int detect_main_branch(struct store *store, int64_t pacticipant_id, const char *name,
                              struct arena *arena, struct err *err)
{
    if (!store->rules->detects_main || !is_candidate(store->rules, name))
        return 0;
    int code = db_run(store->db, err,
                      "UPDATE pacticipants SET main_branch = $2, updated_at = $3 WHERE id = $1"
                      " AND main_branch IS NULL",
                      "iss", pacticipant_id, name, store_now(store, arena));
    return code < 0 ? code : 0;
}

static int add_to_branch(struct store *store, const struct version *version, const char *name,
                         bool automatic, struct arena *arena, bool *ret_created, struct err *err)
{
    const char *now = store_now(store, arena);
    char *aged = arena_alloc(arena, CLOCK_TEXT_LEN);
    clock_format_utc(clock_now_us(store->clock) - BRANCH_AGE_US, aged);
    int64_t branch_id = 0;
    int code = db_value(store->db, err, &branch_id,
                        "INSERT INTO branches(pacticipant_id, name, created_at, updated_at)"
                        " VALUES($1, $2, $3, $3) ON CONFLICT(pacticipant_id, name) DO UPDATE SET"
                        " updated_at = CASE WHEN updated_at <= $4 THEN excluded.updated_at"
                        " ELSE updated_at END RETURNING id",
                        "isss", version->pacticipant_id, name, now, aged);
    if (code < 0)
        return code;
    code = db_run(store->db, err,
                  "INSERT INTO branch_versions(branch_id, version_id, auto_created, created_at,"
                  " updated_at) VALUES($1, $2, $3, $4, $4) ON CONFLICT DO NOTHING",
                  "iiis", branch_id, version->id, (int64_t)automatic, now);
    if (code < 0)
        return code;
    bool created = code > 0;
    /* The head is the version added last, even if it is older than the head before. */
    if (created)
        code = db_run(store->db, err, "UPDATE branches SET head_version_id = $2 WHERE id = $1",
                      "ii", branch_id, version->id);
    if (code < 0)
        return code;
    if (ret_created)
        *ret_created = created;
    return detect_main_branch(store, version->pacticipant_id, name, arena, err);
}

int store_branch_add(struct store *store, const struct version *version, const char *branch,
                     struct arena *arena, bool *ret_created, struct err *err)
{
    return add_to_branch(store, version, branch, false, arena, ret_created, err);
}

#define MEMBERSHIP                                                                                 \
    "SELECT b.name, bv.created_at, bv.updated_at, b.head_version_id = bv.version_id"               \
    " FROM branch_versions bv JOIN branches b ON b.id = bv.branch_id WHERE bv.version_id = $1 "

static void read_membership(const struct db_stmt *q, struct arena *arena,
                            struct branch_version *ret)
{
    *ret = (struct branch_version){db_text(q, 0, arena), db_text(q, 1, arena), db_text(q, 2, arena),
                                   db_int(q, 3) != 0};
}

int store_branch_version_find(struct store *store, int64_t version_id, const char *branch,
                              struct arena *arena, struct branch_version *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, MEMBERSHIP "AND b.name = $2", "is", version_id, branch);
    if (code == 0 && (code = db_step(q, err)) > 0)
        read_membership(q, arena, ret);
    return code;
}

int store_branch_version_delete(struct store *store, int64_t version_id, const char *branch,
                                struct err *err)
{
    int64_t branch_id = 0;
    int code = db_value(store->db, err, &branch_id,
                        "SELECT b.id FROM branches b JOIN branch_versions bv ON bv.branch_id = b.id"
                        " WHERE bv.version_id = $1 AND b.name = $2",
                        "is", version_id, branch);
    if (code <= 0)
        return code;
    code = db_run(store->db, err,
                  "DELETE FROM branch_versions WHERE branch_id = $1 AND version_id = $2", "ii",
                  branch_id, version_id);
    if (code >= 0)
        code = db_run(store->db, err,
                      "UPDATE branches SET head_version_id = (SELECT MAX(version_id)"
                      " FROM branch_versions WHERE branch_id = $1)"
                      " WHERE id = $1 AND head_version_id = $2",
                      "ii", branch_id, version_id);
    return code < 0 ? code : 0;
}

int store_branch_versions(struct store *store, int64_t version_id, struct arena *arena,
                          struct branch_versions *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, MEMBERSHIP "ORDER BY bv.id", "i", version_id);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        read_membership(q, arena, VEC_PUSH(arena, ret));
    return code;
}

/* ---- tags ---- */

static int tag_becomes_branch(struct store *store, const struct version *version, const char *name,
                              struct arena *arena, struct err *err)
{
    int64_t made_us = 0, others = 0;
    if (!store->rules->tag_is_branch || !clock_parse(str_of(version->created_at), &made_us) ||
        clock_now_us(store->clock) - made_us > store->rules->tag_is_branch_s * SECOND_US)
        return 0;
    int code = db_value(store->db, err, &others,
                        "SELECT (SELECT COUNT(*) FROM tags WHERE version_id = $1)"
                        " + (SELECT COUNT(*) FROM branch_versions WHERE version_id = $1)",
                        "i", version->id);
    if (code < 0 || others > 0)
        return code < 0 ? code : 0;
    return add_to_branch(store, version, name, true, arena, NULL, err);
}

int store_tag_add(struct store *store, const struct version *version, const char *name,
                  struct arena *arena, bool *ret_created, struct err *err)
{
    struct tag old;
    int code = store_tag_find(store, version->id, name, arena, &old, err);
    if (code < 0)
        return code;
    if (ret_created)
        *ret_created = code == 0;
    if (code > 0)
        return 0;
    code = tag_becomes_branch(store, version, name, arena, err);
    if (code == 0)
        code = db_run(store->db, err,
                      "INSERT INTO tags(version_id, pacticipant_id, name, created_at)"
                      " VALUES($1, $2, $3, $4)",
                      "iiss", version->id, version->pacticipant_id, name, store_now(store, arena));
    if (code >= 0)
        code = detect_main_branch(store, version->pacticipant_id, name, arena, err);
    struct environment environment;
    struct placement placement;
    if (code >= 0)
        code = 0;
    if (code == 0 && store->rules->deploys_by_tag)
        code = store_environment_by_name(store, name, arena, &environment, err);
    if (code > 0)
        code = store_deploy(store, version, &environment, NULL, arena, &placement, err);
    return code < 0 ? code : 0;
}

#define TAG                                                                                        \
    "SELECT t.name, t.created_at, NOT EXISTS(SELECT 1 FROM tags n"                                 \
    " WHERE n.pacticipant_id = t.pacticipant_id AND n.name = t.name"                               \
    " AND n.version_id > t.version_id) FROM tags t WHERE t.version_id = $1 "

static void read_tag(const struct db_stmt *q, struct arena *arena, struct tag *ret)
{
    const char *at = db_text(q, 1, arena);
    *ret = (struct tag){db_text(q, 0, arena), at, at, db_int(q, 2) != 0};
}

int store_tag_find(struct store *store, int64_t version_id, const char *name, struct arena *arena,
                   struct tag *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, TAG "AND t.name = $2", "is", version_id, name);
    if (code == 0 && (code = db_step(q, err)) > 0)
        read_tag(q, arena, ret);
    return code;
}

int store_tags(struct store *store, int64_t version_id, struct arena *arena, struct tags *ret,
               struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = db_query(store->db, err, &q, TAG "ORDER BY t.created_at, t.name", "i", version_id);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        read_tag(q, arena, VEC_PUSH(arena, ret));
    return code;
}

int store_tag_delete(struct store *store, int64_t version_id, const char *name, struct err *err)
{
    int code = db_run(store->db, err, "DELETE FROM tags WHERE version_id = $1 AND name = $2", "is",
                      version_id, name);
    return code < 0 ? code : 0;
}
