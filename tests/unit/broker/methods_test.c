// SPDX-License-Identifier: Apache-2.0
/* The index of methods and operations: what a contract gives, and what each hot question reads. */
#include "broker/store_methods.h"

#include "broker/method_index.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/json/json.h"
#include "tests/unit/broker/stage.h"
#include "tests/unit/lib/base/rows.h"

/* ---- what a contract gives ---- */

#define GET(path)  "'request':{'method':'GET','path':'" path "'},'response':{'status':200}"
#define POST(body) "'request':{'method':'POST','path':'/graphql','body':" body "}"
#define FILE_(spec, list)                                                                          \
    "{'consumer':{'name':'a'},'provider':{'name':'b'}," list                                       \
    ",'metadata':{'pactSpecification':{'version':'" spec "'}}}"
#define V2(list) FILE_("2.0.0", "'interactions':[" list "]")
#define V4(list) FILE_("4.0", "'interactions':[" list "]")

static const struct index_row {
    const char *name, *content;
    const char
        *wanted; /* "name|method|operation|persisted|digest" per interaction, " ; " between */
    const char *problem;
} index_rows[] = {
    {"a method", V2("{'description':'UserRepository.me: x'," GET("/v1/me") "}"),
     "UserRepository.me|UserRepository.me|GET /v1/me||", NULL},
    {"prose keeps its own name", V2("{'description':'who am I'," GET("/v1/me") "}"),
     "who am I||GET /v1/me||", NULL},
    {"no description", V2("{" GET("/v1/me") "}"), "Interaction 0||GET /v1/me||", NULL},
    {"a document has a digest",
     V2("{'description':'A.b: x'," POST("{'query':'query Me{me{id}}'}") "}"),
     "A.b|A.b|graphql:Me||digest", NULL},
    {"an id is kept for a manifest",
     V2("{'description':'A.b: x'," POST(
         "{'extensions':{'persistedQuery':{'version':1,'sha256Hash':'0123456789abcdef'}}}") "}"),
     "A.b|A.b|graphql:#0123456789ab|0123456789abcdef|", NULL},
    {"so is a documentId", V2("{'description':'A.b: x'," POST("{'documentId':'d1'}") "}"),
     "A.b|A.b|POST /graphql|d1|", NULL},
    {"a message", FILE_("3.0.0", "'messages':[{'description':'P.q: x','contents':{'type':'t'}}]"),
     "P.q|P.q|push:t||", NULL},
    {"two carriers that disagree",
     V4("{'type':'Synchronous/HTTP','description':'A.b: x','comments':{'text':['tally: C.d']}," GET(
         "/v1/me") "}"),
     "A.b: x||GET /v1/me||", NULL},
    {"a kind not known stands beside one that is",
     V4("{'type':'Smoke/Signals','description':'A.b: x'},"
        "{'type':'Synchronous/HTTP','description':'C.d: x'," GET("/") "}"),
     "C.d|C.d|GET /|| ; A.b|A.b|||", "1 of its interactions are of a kind not known"},
    {"what cannot be read", V2("{'description':'A.b: x','request':3},{}"),
     "A.b|A.b||| ; (no description)||||", "request"},
    {"no JSON at all", "{", "", "expected"},
};

static struct str quoted(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    return str_of(copy);
}

static void check_index(const struct index_row *row, const struct json *tree, struct str content,
                        struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(65536);
    struct interactions rows = {0};
    struct str problem = STR_NONE;
    interactions_of(tree, content, arena, &rows, &problem);
    VEC_EACH(&rows, const struct interaction *, one) {
        buf_printf(&out, "%s%.*s|%.*s|%.*s|%.*s|%s", out.len ? " ; " : "", STR_FMT(one->name),
                   STR_FMT(one->method), STR_FMT(one->operation), STR_FMT(one->persisted_id),
                   one->digest.len == 64 ? "digest" : "");
    }
    assert_str_is(buf_view(&out), row->wanted);
    if (row->problem && str_find(problem, str_of(row->problem)) < 0)
        fail_msg("the problem is '%.*s', expected '%s' in it", STR_FMT(problem), row->problem);
    if (!row->problem)
        assert_str_is(problem, NULL);
}

/* The same whether somebody has parsed the content before or not. */
static void test_index(void **state)
{
    const struct index_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str content = quoted(arena, row->content);
    struct json *tree = NULL;
    check_index(row, NULL, content, arena);
    if (json_parse(content, NULL, arena, &tree, NULL) == 0)
        check_index(row, tree, content, arena);
}

/* ---- what each question reads ---- */

/* Every step has to go by a key: no table may be read whole. */
static const struct plan_row {
    const char *name;
    enum use_query query;
    const char *steps[12]; /* each has to be in the plan */
} plan_rows[] = {
    {"methods in use",
     USES_CURRENT,
     {"SEARCH deployments USING INDEX deployments_live",
      "SEARCH releases USING INDEX releases_live",
      "SEARCH latest_publications USING COVERING INDEX latest_publications_consumer",
      "SEARCH lp USING PRIMARY KEY (consumer_version_id=?)", "SEARCH pi USING INTEGER PRIMARY KEY",
      "SEARCH i USING INTEGER PRIMARY KEY", "SEARCH mo USING PRIMARY KEY"}},
    {"methods of a version",
     USES_VERSION,
     {"SEARCH lp USING PRIMARY KEY (consumer_version_id=?)",
      "SEARCH pi USING INTEGER PRIMARY KEY"}},
    {"operations in use",
     USES_OF_PROVIDER,
     {"SEARCH k USING COVERING INDEX integrations_provider",
      "SEARCH d USING INDEX deployments_live (pacticipant_id=?)",
      "SEARCH r USING INDEX releases_live (pacticipant_id=?)",
      "SEARCH n USING COVERING INDEX latest_publications_pair",
      "SEARCH lp USING PRIMARY KEY (consumer_version_id=? AND provider_id=?)",
      "SEARCH pi USING INTEGER PRIMARY KEY"}},
    {"versions of a method, from the latest on",
     USES_VERSIONS,
     {"SEARCH lp USING INDEX latest_publications_consumer (consumer_id=? AND "
      "consumer_version_id>?)",
      "SEARCH pi USING INTEGER PRIMARY KEY",
      "SEARCH i USING COVERING INDEX index_interactions_name"}},
};

static void test_plan(void **state)
{
    const struct plan_row *row = *state;
    struct stage stage;
    struct err err = ERR_INIT;
    struct str plan = STR_NONE;
    stage_start(&stage);
    if (db_explain(stage.store->db, store_uses_sql[row->query], stage.arena, &plan, &err) < 0)
        fail_msg("%s", err.text);
    struct str rest = plan;
    while (rest.ptr && rest.len > 0) {
        struct str step = str_cut(&rest, '\n');
        /* A list that is sorted first is read to its end before the first page. */
        bool whole = str_starts(step, STR("SCAN ")) && !str_is(step, "SCAN counted") &&
                     !str_is(step, "SCAN u VIRTUAL TABLE INDEX 1:") &&
                     !str_is(step, "SCAN d VIRTUAL TABLE INDEX 1:") &&
                     !str_is(step, "SCAN CONSTANT ROW");
        if (whole || (row->query == USES_VERSIONS && str_find(step, STR("FOR ORDER BY")) >= 0))
            fail_msg("'%.*s' reads more than it needs, in\n%.*s", STR_FMT(step), STR_FMT(plan));
    }
    for (size_t i = 0; i < sizeof row->steps / sizeof *row->steps && row->steps[i]; i++) {
        if (str_find(plan, str_of(row->steps[i])) < 0)
            fail_msg("no step '%s' in\n%.*s", row->steps[i], STR_FMT(plan));
    }
    stage_end(&stage);
}

/* ---- an older schema's contents ---- */

enum { OLD = 1201 };

/* A database as the first schema left it. */
static void store_old(const char *path, struct arena *arena)
{
    struct err err = ERR_INIT;
    struct db *db = NULL;
    if (db_open(path, NULL, &db, &err) < 0 || db_migrate(db, store_schema, 1, &err) < 0 ||
        db_begin(db, &err) < 0 ||
        db_script(db,
                  "INSERT INTO pacticipants(name, words, created_at, updated_at)"
                  " VALUES('app', 'app', 't', 't'), ('bff', 'bff', 't', 't')",
                  &err) < 0)
        fail_msg("%s", err.text);
    for (int i = 0; i < OLD; i++) {
        struct str content =
            str_printf(arena,
                       "{\"interactions\":[{\"description\":\"R%d.get: x\",\"request\":{\"method\":"
                       "\"GET\",\"path\":\"/\"},\"response\":{\"status\":200}}]}",
                       i % 7);
        if (db_run(db, &err,
                   "INSERT INTO pact_versions(consumer_id, provider_id, sha, content, plain,"
                   " created_at) VALUES(1, 2, $1, $2, 1, 'then')",
                   "st", arena_printf(arena, "sha%d", i), content) < 0)
            fail_msg("%s", err.text);
    }
    if (db_commit(db, &err) < 0)
        fail_msg("%s", err.text);
    db_close(db);
}

static int64_t count(struct store *store, const char *sql)
{
    struct err err = ERR_INIT;
    int64_t n = -1;
    if (db_value(store->db, &err, &n, sql, "") < 0)
        fail_msg("%s", err.text);
    return n;
}

static void test_backlog(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct store *store = NULL;
    char *dir = NULL;
    int64_t done = 0, left = -1;
    log_set_level(LOG_ERROR);
    assert_int_equal(fs_tmpdir(arena, &dir, &err), 0);
    const char *path = fs_join(arena, dir, "old.sqlite");
    store_old(path, arena);
    /* A first batch, then a broker that starts again and does the rest. */
    assert_int_equal(store_open(path, clock_system(), &store, &err), 0);
    assert_int_equal(store_index_more(store, 100, &done, &err), 0);
    assert_int_equal(done, 100);
    assert_int_equal(count(store, "SELECT COUNT(*) FROM index_uses"), 100);
    store_close(store);
    assert_int_equal(store_open(path, clock_system(), &store, &err), 0);
    assert_int_equal(store_index_left(store, &left, &err), 0);
    assert_int_equal(left, OLD - 100);
    assert_int_equal(method_index_catch_up(store, &err), 0);
    assert_int_equal(count(store, "SELECT COUNT(*) FROM index_uses"), OLD);
    assert_int_equal(count(store, "SELECT COUNT(*) FROM index_interactions"), 7);
    assert_int_equal(store_index_left(store, &left, &err), 0);
    assert_int_equal(left, 0);
    store_close(store);
    assert_int_equal(fs_remove_tree(dir, &err), 0);
}

/* ---- a method that left long ago ---- */

static void add_publications(struct stage *stage, int64_t n)
{
    struct err err = ERR_INIT;
    const char *sql = arena_printf(
        stage->arena,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %lld)"
        " INSERT INTO versions(pacticipant_id, number, created_at, updated_at)"
        " SELECT 1, 'n' || (SELECT MAX(id) FROM versions) || '-' || i, 't', 't' FROM n;"
        "INSERT INTO latest_publications(consumer_version_id, provider_id,"
        " consumer_id, pact_version_id, publication_id) SELECT v.id, 2, 1, lp.pact_version_id,"
        " lp.publication_id FROM versions v CROSS JOIN (SELECT * FROM latest_publications"
        " WHERE consumer_id = 1 ORDER BY consumer_version_id DESC LIMIT 1) lp"
        " WHERE v.pacticipant_id = 1 AND v.id > lp.consumer_version_id",
        (long long)n);
    if (db_script(stage->store->db, sql, &err) < 0)
        fail_msg("%s", err.text);
}

static size_t versions_using(struct stage *stage, const char *name, int64_t *ret_work)
{
    const struct page page = {.number = 1, .size = 100};
    struct versions rows = {0};
    struct err err = ERR_INIT;
    bool more = false;
    int64_t before = db_work(stage->store->db);
    if (store_versions_using(stage->store, 1, name, &page, stage->arena, &rows, &more, &err) < 0)
        fail_msg("%s", err.text);
    *ret_work = db_work(stage->store->db) - before;
    return rows.len;
}

static void test_look_back(void **state)
{
    struct stage stage;
    struct err err = ERR_INIT;
    int64_t few = 0, many = 0;
    (void)state;
    stage_start(&stage);
    stage_play(&stage, "publish app 1 bff A main; publish app 2 bff B main; release prod app 1");
    if (db_script(stage.store->db,
                  "INSERT INTO index_interactions(id, consumer_id, provider_id, name, kind,"
                  " description, inferred) VALUES(1, 1, 2, 'left', 'http', 'n', 0),"
                  " (2, 1, 2, 'here', 'http', 'n', 0);"
                  "INSERT INTO index_uses SELECT id, '{\"' || id || '\":[\"n\"]}'"
                  " FROM pact_versions",
                  &err) < 0)
        fail_msg("%s", err.text);
    add_publications(&stage, USES_LOOK_BACK - 2);
    assert_int_equal(store_uses_older(stage.store, 1, &err), 0);
    assert_int_equal(versions_using(&stage, "left", &few), 1);
    assert_int_equal(versions_using(&stage, "here", &few), 100);
    add_publications(&stage, 10);
    assert_int_equal(store_uses_older(stage.store, 1, &err), 1);
    assert_int_equal(versions_using(&stage, "left", &few), 0);
    add_publications(&stage, 2 * USES_LOOK_BACK);
    assert_int_equal(versions_using(&stage, "left", &many), 0);
    assert_in_range(many, few / 2, few + few / 10);
    assert_int_equal(versions_using(&stage, "here", &many), 100);
    /* What is in the field is found all the same. */
    struct uses uses = {0};
    assert_true(store_uses_current(stage.store, 1, "left", stage.arena, &uses, &err) >= 0);
    assert_int_equal(uses.len, 1);
    stage_end(&stage);
}

/* ---- an index with a row per description ---- */

/* As the schema before stored it: two of the three differ in nothing but their descriptions. */
static const char per_description[] =
    "INSERT INTO pacticipants(name, words, created_at, updated_at)"
    " VALUES('app', 'app', 't', 't'), ('bff', 'bff', 't', 't');"
    "INSERT INTO integrations(consumer_id, provider_id, created_at, contract_data_updated_at)"
    " VALUES(1, 2, 't', 't');"
    "INSERT INTO pact_versions(consumer_id, provider_id, sha, content, plain, created_at)"
    " VALUES(1, 2, 'one', '{}', 1, 't'), (1, 2, 'two', '{}', 1, 't'), (1, 2, 'three', '{}', 1, "
    "'t');"
    "INSERT INTO interactions(consumer_id, provider_id, row_digest, name, kind, description, "
    "method,"
    " source, inferred, operation) VALUES"
    " (1, 2, 'd1', 'A.b', 'http', 'A.b: x', 'A.b', 'description', 0, 'GET /'),"
    " (1, 2, 'd2', 'A.b', 'http', 'A.b: \"é\"', 'A.b', 'description', 0, 'GET /'),"
    " (1, 2, 'd3', 'näme', 'http', 'näme', NULL, NULL, 0, 'GET /');"
    "INSERT INTO pact_interactions VALUES(1, 1), (1, 2), (2, 2), (2, 3);";

static void check_uses(struct store *store, int64_t pact_version_id, const char *wanted)
{
    struct err err = ERR_INIT;
    struct db_stmt *q DB_STMT_AUTO = NULL;
    if (db_query(store->db, &err, &q, "SELECT uses FROM index_uses WHERE pact_version_id = $1", "i",
                 pact_version_id) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(db_step(q, &err), wanted ? 1 : 0);
    if (wanted)
        assert_str_is(db_str(q, 0), wanted);
}

static void test_smaller(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct store *store = NULL;
    struct db *db = NULL;
    char *dir = NULL;
    assert_int_equal(fs_tmpdir(arena, &dir, &err), 0);
    const char *path = fs_join(arena, dir, "old.sqlite");
    if (db_open(path, NULL, &db, &err) < 0 || db_migrate(db, store_schema, 6, &err) < 0 ||
        db_script(db, per_description, &err) < 0)
        fail_msg("%s", err.text);
    db_close(db);
    if (store_open(path, clock_system(), &store, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(count(store, "SELECT COUNT(*) FROM index_interactions"), 2);
    check_uses(store, 1, "{\"1\":[\"A.b: x\",\"A.b: \\\"é\\\"\"]}");
    check_uses(store, 2, "{\"1\":[\"A.b: \\\"é\\\"\"],\"3\":[\"näme\"]}");
    check_uses(store, 3, NULL);
    /* A new content finds what the script kept, and adds what is new, once. */
    struct pact_content content = {
        .text =
            quoted(arena, V2("{'description':'A.b: z'," GET(
                              "/") "},"
                                   "{'description':'näme'," GET(
                                       "/") "},"
                                            "{'description':'näme'," GET(
                                                "/") "},"
                                                     "{'description':'näme'," GET("/other") "}"))};
    if (store_begin(store, &err) < 0 ||
        store_index_content(store, 3, 1, 2, &content, arena, &err) < 0)
        fail_msg("%s", err.text);
    check_uses(store, 3, "{\"1\":[\"A.b: z\"],\"3\":[\"näme\"],\"4\":[\"näme\"]}");
    /* They go with what they belong to. */
    if (db_script(store->db, "DELETE FROM pact_versions WHERE id = 3", &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(count(store, "SELECT COUNT(*) FROM index_uses"), 2);
    assert_int_equal(count(store, "SELECT COUNT(*) FROM index_interactions"), 3);
    if (db_script(store->db, "DELETE FROM integrations", &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(count(store, "SELECT COUNT(*) FROM index_interactions"), 0);
    store_close(store);
    assert_int_equal(fs_remove_tree(dir, &err), 0);
}

/* ---- which versions count ---- */

static void test_counted(void **state)
{
    (void)state;
    struct stage stage;
    struct err err = ERR_INIT;
    struct uses uses = {0};
    struct buf out BUF_AUTO = BUF_INIT(65536);
    stage_start(&stage);
    stage_play(&stage, "publish app 1 bff A main; publish app 2 bff A main; publish app 3 bff A x;"
                       "publish app 4 bff A main; publish app 5 bff A x; publish app 6 bff A x;"
                       "main app main; release prod app 1; deploy test app 3; release prod app 2;"
                       "unrelease prod app 2");
    if (db_script(
            stage.store->db,
            "INSERT INTO index_interactions(id, consumer_id, provider_id, name, kind, description,"
            " inferred) VALUES(1, 1, 2, 'n', 'http', 'n', 0);"
            "INSERT INTO index_uses SELECT id, '{\"1\":[\"n\"]}' FROM pact_versions",
            &err) < 0 ||
        store_uses_current(stage.store, 1, NULL, stage.arena, &uses, &err) < 0)
        fail_msg("%s", err.text);
    VEC_EACH(&uses, const struct use *, use)
        buf_printf(&out, "%s ", use->number);
    /* The latest, the head of main, what is deployed, what is released; each once. */
    assert_str_is(buf_view(&out), "6 4 3 1 ");
    stage_end(&stage);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, index_rows, test_index);
    ROWS_ADD(&tests, plan_rows, test_plan);
    rows_add_test(&tests, "contents of an older schema are indexed", test_backlog);
    rows_add_test(&tests, "a method that left long ago is not searched for in all of history",
                  test_look_back);
    rows_add_test(&tests, "an index with a row per description is made smaller", test_smaller);
    rows_add_test(&tests, "versions that count now", test_counted);
    return rows_run(&tests, "methods");
}
