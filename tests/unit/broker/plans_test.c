// SPDX-License-Identifier: Apache-2.0
/*
 * What the broker's hot questions read: for each, the plans of all statements that it ran must not
 * scan a table that grows, and the steps that they took must be the same, but for a few, after 100
 * and after 1,500 publications. PLANS=1 prints every plan.
 */
#include "broker/routes.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/retention.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/db/db.h"
#include "lib/http/router.h"
#include "tests/unit/broker/stage.h"
#include "tests/unit/lib/base/rows.h"

enum { FEW = 100, MANY = 1500 };

static const struct row {
    const char *name, *method, *target, *body;
} rows[] = {
    {"can-i-deploy of a consumer", "GET",
     "/matrix?q[][pacticipant]=app&q[][latest]=true&latestby=cvpv&environment=field", NULL},
    {"can-i-deploy of the provider", "GET",
     "/matrix?q[][pacticipant]=bff&q[][version]=live&latestby=cvpv&environment=field", NULL},
    {"can-i-deploy by its own route", "GET",
     "/can-i-deploy?pacticipant=app&version=0&environment=field", NULL},
    {"can-i-deploy against main", "GET",
     "/matrix?q[][pacticipant]=app&q[][version]=0&latestby=cvp&mainBranch=true&latest=true", NULL},
    {"for verification with pending and WIP", "POST", "/pacts/provider/bff/for-verification",
     "{\"providerVersionBranch\":\"main\",\"includePendingStatus\":true,"
     "\"includeWipPactsSince\":\"2020-01-01\",\"consumerVersionSelectors\":[{\"mainBranch\":true},"
     "{\"deployedOrReleased\":true},{\"tag\":\"common\",\"latest\":true},{\"latest\":true}]}"},
    {"for verification on a new branch", "POST", "/pacts/provider/bff/for-verification",
     "{\"providerVersionBranch\":\"fresh\",\"includePendingStatus\":true,"
     "\"includeWipPactsSince\":\"2020-01-01\",\"consumerVersionSelectors\":[{\"mainBranch\":true}]"
     "}"},
    {"for verification by tags", "POST", "/pacts/provider/bff/for-verification",
     "{\"providerVersionTags\":[\"common\"],\"includePendingStatus\":true,"
     "\"includeWipPactsSince\":\"2020-01-01\",\"consumerVersionSelectors\":[{\"mainBranch\":true}]"
     "}"},
    {"pact by content", "GET", "/pacts/provider/bff/consumer/app/pact-version/stable", NULL},
    {"pact of a version", "GET", "/pacts/provider/bff/consumer/app/version/0", NULL},
    {"latest pact", "GET", "/pacts/provider/bff/consumer/app/latest", NULL},
    {"latest pact of a branch", "GET", "/pacts/provider/bff/consumer/app/branch/main/latest", NULL},
    {"latest pact of an old branch", "GET", "/pacts/provider/bff/consumer/app/branch/old/latest",
     NULL},
    {"latest pact with a tag", "GET", "/pacts/provider/bff/consumer/app/latest/common", NULL},
    {"latest pact with an old tag", "GET", "/pacts/provider/bff/consumer/app/latest/old", NULL},
    {"a provider's latest pacts", "GET", "/pacts/provider/bff/latest", NULL},
    {"a provider's latest pacts with a tag", "GET", "/pacts/provider/bff/latest/common", NULL},
    {"all latest pacts", "GET", "/pacts/latest", NULL},
    {"latest result of a content", "GET",
     "/pacts/provider/bff/consumer/app/pact-version/stable/verification-results/latest", NULL},
    {"a version", "GET", "/pacticipants/app/versions/0", NULL},
    {"dashboard", "GET", "/dashboard", NULL},
    {"dashboard of a pair", "GET", "/dashboard/provider/bff/consumer/app", NULL},
    {"publish", "POST", "/contracts/publish",
     "{\"pacticipantName\":\"app\",\"pacticipantVersionNumber\":\"next\",\"branch\":\"main\","
     "\"tags\":[\"common\"],\"contracts\":[{\"consumerName\":\"app\",\"providerName\":\"bff\","
     "\"specification\":\"pact\",\"contentType\":\"application/json\",\"content\":\"e30=\"}]}"},
    {"a result", "POST",
     "/pacts/provider/bff/consumer/app/pact-version/stable/verification-results",
     "{\"success\":true,\"providerApplicationVersion\":\"next\"}"},
    {"a release", "POST", "/pacticipants/app/versions/0/released-versions/environment/{field}",
     "{}"},
};

/*
 * A consumer with n versions on main, each tagged and with a content of its own but for the last;
 * the provider verifies each, and the content "stable" with every version of its own.
 */
static void fill(struct stage *stage, int n)
{
    stage_start(stage);
    stage_play(stage, "environment field; publish app 0 bff stable old; tag app 0 old;"
                      "branch bff live main; verify stable bff live ok; deploy field bff live;"
                      "release field app 0; main app main; main bff main");
    for (int i = 1; i < n; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        stage_play(stage, arena_printf(arena,
                                       "publish app %d bff C%d main; tag app %d common;"
                                       "branch bff p%d main; tag bff p%d common;"
                                       "verify C%d bff p%d ok; verify stable bff p%d ok",
                                       i, i, i, i, i, i, i, i));
    }
    stage_play(stage, "publish app last bff stable main; publish other 1 bff O feature");
}

static const char *with_environment(struct stage *stage, const char *target)
{
    struct err err = ERR_INIT;
    struct environment field = {0};
    const char *mark = strstr(target, "{field}");
    if (!mark)
        return target;
    assert_int_equal(store_environment_by_name(stage->store, "field", stage->arena, &field, &err),
                     1);
    return arena_printf(stage->arena, "%.*s%s", (int)(mark - target), target, field.uuid);
}

/* Runs the handler as app.c would, and says how many steps its statements took. */
static int64_t ask(struct stage *stage, const struct row *row)
{
    struct err err = ERR_INIT;
    struct route *table = calloc(routes_len, sizeof *table);
    assert_non_null(table);
    for (size_t i = 0; i < routes_len; i++)
        table[i] = (struct route){routes[i].method, routes[i].template, NULL, (int)i};
    struct router *router = router_new(table, routes_len);
    struct router_match match = {0};
    struct str query = str_of(with_environment(stage, row->target)), path = str_cut(&query, '?');
    router_find(router, str_of(row->method), path, stage->arena, &match);
    if (match.result != ROUTER_FOUND)
        fail_msg("%s is no route", row->target);
    struct call call = {.store = stage->store,
                        .arena = stage->arena,
                        .base = "http://broker",
                        .method = str_of(row->method),
                        .path = path,
                        .raw_query = query,
                        .body = str_of(row->body),
                        .params = &match.params,
                        .route = &routes[match.route->tag],
                        .type = "application/hal+json"};
    if (query.ptr)
        assert_int_equal(url_query_parse(query, stage->arena, &call.query, &err), 0);
    int64_t before = db_work(stage->store->db);
    assert_int_equal(store_begin(stage->store, &err), 0);
    if (call.route->run(&call, &err) != 0)
        fail_msg("%s: %s", row->target, err.text);
    assert_int_equal(store_commit(stage->store, &err), 0);
    if (call.status >= 300)
        fail_msg("%s: %d %.*s", row->target, call.status, STR_FMT(call.reply));
    router_free(router);
    free(table);
    return db_work(stage->store->db) - before;
}

static struct stage few, many;

/* A contract of n interactions, of which those from `same` on differ with the version. */
static const char *publication(struct arena *arena, int version, int n, int same)
{
    const char *items = "";
    for (int i = 0; i < n; i++)
        items = arena_printf(arena,
                             "%s%s{\"description\":\"%d of %d\",\"request\":{\"method\":\"GET\","
                             "\"path\":\"/%d\"},\"response\":{\"status\":200}}",
                             items, i ? "," : "", i, i < same ? 0 : version, i);
    struct str content =
        hash_base64(arena, str_printf(arena,
                                      "{\"consumer\":{\"name\":\"app\"},\"provider\":{\"name\":"
                                      "\"bff\"},\"interactions\":[%s],\"metadata\":{"
                                      "\"pactSpecification\":{\"version\":\"2.0.0\"}}}",
                                      items));
    return arena_printf(arena,
                        "{\"pacticipantName\":\"app\",\"pacticipantVersionNumber\":\"run-%d\","
                        "\"branch\":\"main\",\"contracts\":[{\"consumerName\":\"app\","
                        "\"providerName\":\"bff\",\"specification\":\"pact\",\"contentType\":"
                        "\"application/json\",\"content\":\"%.*s\"}]}",
                        version, STR_FMT(content));
}

/* Publishes and says how many statements that took. */
static int64_t publish_runs(struct stage *stage, int version, int n, int same)
{
    const struct row row = {"", "POST", "/contracts/publish",
                            publication(stage->arena, version, n, same)};
    int64_t before = db_runs(stage->store->db);
    ask(stage, &row);
    return db_runs(stage->store->db) - before;
}

static int64_t indexed(struct stage *stage, const char *version)
{
    struct err err = ERR_INIT;
    int64_t n = -1;
    assert_int_equal(
        db_value(stage->store->db, &err, &n,
                 "SELECT SUM(json_array_length(u.value)) FROM index_uses x"
                 " CROSS JOIN json_each(x.uses) u"
                 " JOIN latest_publications lp ON lp.pact_version_id = x.pact_version_id"
                 " JOIN versions v ON v.id = lp.consumer_version_id"
                 " JOIN pacticipants p ON p.id = v.pacticipant_id"
                 " WHERE p.name = 'app' AND v.number = $1",
                 "s", version),
        1);
    return n;
}

/* A new version whose interactions are known from earlier ones: whatever their number, nothing is
 * asked for twice, and sixteen interactions are one statement. */
static void test_publishing_asks_once(void **state)
{
    (void)state;
    publish_runs(&few, 1, 40, 40);
    assert_int_equal(indexed(&few, "run-1"), 40);
    assert_in_range(publish_runs(&few, 2, 10, 10), 15, 25);
    assert_int_equal(indexed(&few, "run-2"), 10);
    assert_in_range(publish_runs(&few, 3, 40, 40), 15, 27);
    assert_int_equal(indexed(&few, "run-3"), 40);
    /* Some of one group of sixteen are new. */
    assert_in_range(publish_runs(&few, 4, 20, 18), 15, 45);
    assert_int_equal(indexed(&few, "run-4"), 20);
    /* All of them are. */
    assert_in_range(publish_runs(&few, 5, 10, 0), 15, 36);
    assert_int_equal(indexed(&few, "run-5"), 10);
}

/* The most steps that a step of retention takes, each kind for itself; nothing is removed by it. */
static void retention_work(struct stage *stage, int64_t ret[RETENTION_KINDS])
{
    static const struct retention_rules rules = {.version_days = 1,
                                                 .branch_days = 1,
                                                 .overwritten_days = 1,
                                                 .webhook_days = 1,
                                                 .limit = 100000};
    struct err err = ERR_INIT;
    struct retention_run run;
    int more = 1;
    stage_play(stage, "main app gone; main bff gone; days 100");
    retention_begin(&run, stage->store, &rules, "test");
    while (more > 0) {
        int64_t before = db_work(stage->store->db);
        assert_int_equal(store_begin(stage->store, &err), 0);
        more = retention_step(stage->store, &run, &err);
        store_rollback(stage->store);
        if (more < 0)
            fail_msg("%s", err.text);
        int64_t work = db_work(stage->store->db) - before;
        if (run.kind < RETENTION_KINDS && work > ret[run.kind])
            ret[run.kind] = work;
    }
    assert_true(retention_total(&run) > 0);
}

static void test_retention(void **state)
{
    int64_t at_few[RETENTION_KINDS] = {0}, at_many[RETENTION_KINDS] = {0};
    (void)state;
    retention_work(&few, at_few);
    retention_work(&many, at_many);
    for (int i = 0; i < RETENTION_KINDS; i++) {
        if (at_many[i] > at_few[i] + at_few[i] / 2 + 1000)
            fail_msg("kind %d: %lld steps at %d publications, %lld at %d", i, (long long)at_few[i],
                     FEW, (long long)at_many[i], MANY);
    }
}

/* Tables with a row per pair, name or environment, and what is no table: u and d are in a row,
 * and a subquery is retention's hundred rows. */
static bool may_be_scanned(struct str line)
{
    static const char *const small[] = {
        "SCAN h", "SCAN CONSTANT ROW", "SCAN i USING",    "SCAN i",
        "SCAN e", "SCAN environments", "SCAN 2 CONSTANT", "SCAN p",
        "SCAN c", "SCAN (subquery-1)", "SCAN u VIRTUAL",  "SCAN d VIRTUAL"};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        size_t len = strlen(small[i]);
        if (str_starts(line, str_of(small[i])) && (line.len == len || line.ptr[len] == ' '))
            return true;
    }
    return false;
}

static void check_plan(struct stage *stage, const char *sql)
{
    struct err err = ERR_INIT;
    struct str plan = STR_NONE;
    if (db_explain(stage->store->db, sql, stage->arena, &plan, &err) < 0)
        fail_msg("%s: %s", sql, err.text);
    if (getenv("PLANS"))
        print_message("%s\n%.*s\n", sql, STR_FMT(plan));
    for (struct str rest = plan; rest.ptr && rest.len > 0;) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        if (str_starts(line, STR("SCAN")) && !may_be_scanned(line))
            fail_msg("'%.*s' in the plan of: %s\n%.*s", STR_FMT(line), sql, STR_FMT(plan));
    }
}

/* Making an environment is no question, and happens once a year. */
static bool is_question(const char *sql)
{
    if (strstr(sql, "INTO environments"))
        return false;
    return strncmp(sql, "SELECT", 6) == 0 || strncmp(sql, "WITH", 4) == 0 ||
           strncmp(sql, "INSERT", 6) == 0 || strncmp(sql, "UPDATE", 6) == 0;
}

static void test_row(void **state)
{
    const struct row *row = *state;
    int64_t at_few = ask(&few, row), at_many = ask(&many, row);
    if (at_many > at_few + at_few / 10 + 100)
        fail_msg("%lld steps at %d publications, %lld at %d", (long long)at_few, FEW,
                 (long long)at_many, MANY);
}

/* After all questions: whatever was prepared for them, and for filling. */
static void test_plans(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct {
        VEC_OF(const char *);
    } statements = {0};
    (void)state;
    for (size_t n = 0; db_statement(few.store->db, n); n++)
        *VEC_PUSH(arena, &statements) = arena_strdup(arena, db_statement(few.store->db, n));
    assert_true(statements.len > 40);
    VEC_EACH(&statements, const char **, sql) {
        if (is_question(*sql))
            check_plan(&few, *sql);
    }
}

int main(void)
{
    struct rows tests = {0};
    fill(&few, FEW);
    fill(&many, MANY);
    ROWS_ADD(&tests, rows, test_row);
    rows_add_test(&tests, "publishing asks for nothing twice", test_publishing_asks_once);
    rows_add_test(&tests, "retention looks at a hundred rows, however many", test_retention);
    rows_add_test(&tests, "no plan scans what grows", test_plans);
    int failed = rows_run(&tests, "plans");
    stage_end(&few);
    stage_end(&many);
    return failed;
}
