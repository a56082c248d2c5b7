// SPDX-License-Identifier: Apache-2.0
/* Who a request is from, what they may do, and that nothing which is looked up needs a scan. */
#include "broker/access.h"

#include "tests/unit/broker/stage.h"
#include "tests/unit/lib/base/rows.h"
#include "broker/audit.h"
#include "broker/call.h"
#include "broker/roles.h"
#include "broker/store_access.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/db/db.h"

#define CHECK(what) assert_true((what) >= 0)

static const int64_t second = 1000000;

enum { CLOSED = 1, BASIC = 2, READ_BASIC = 4 };

/* Tokens: "tr" reads, "tp" publishes, "te" expires in 10 s, "tx" is revoked. */
static void add_token(struct stage *stage, const char *text, unsigned roles, int64_t expires_us)
{
    char hash[HASH_SHA256_HEX], at[CLOCK_TEXT_LEN];
    struct token token = {.name = text, .roles = roles};
    if (expires_us)
        token.expires_at = clock_format_utc(expires_us, at);
    hash_sha256_hex(str_of(text), hash);
    CHECK(store_token_add(stage->store, &token, hash, stage->arena, NULL));
}

static const struct row {
    const char *name;
    unsigned setup;
    const char *authorization; /* NULL = none */
    const char *expected;      /* "name: roles" or "refused: why" */
} rows[] = {
    {"an open broker", 0, NULL, "nobody: read, publish, verify, deploy, admin"},
    {"an open broker does not look at credentials", 0, "Bearer x",
     "nobody: read, publish, verify, deploy, admin"},
    {"nobody", CLOSED, NULL, "nobody: none"},
    {"a token", CLOSED, "Bearer tr", "tr: read"},
    {"the scheme has no case", CLOSED, "bEARER tp", "tp: publish"},
    {"more spaces", CLOSED, "Bearer   tp ", "tp: publish"},
    {"an unknown token", CLOSED, "Bearer no", "refused: the token is not known"},
    {"an empty token", CLOSED, "Bearer ", "refused: the token is not known"},
    {"no token", CLOSED, "Bearer", "refused: the credentials are not well-formed"},
    {"a revoked token", CLOSED, "Bearer tx", "refused: the token has been revoked"},
    {"a token just before its end", CLOSED, "Bearer te", "te: read"},
    {"a token is no password", CLOSED,
     "Basic dHI6dHI=", "refused: the user name or password is wrong"},
    {"its hash is no token", CLOSED,
     "Bearer 7817bb812e82168bd48fe1ea6783078d42be37e8db9bdaafdac5c45804aca64f",
     "refused: the token is not known"},
    {"another scheme", CLOSED, "Digest tr", "refused: the scheme of the credentials is not known"},
    /* ann:secret, ann:Secret, ann:, bob:peek, :, ann, é */
    {"the account", BASIC, "Basic YW5uOnNlY3JldA==", "ann: read, publish, verify, deploy, admin"},
    {"a wrong password", BASIC,
     "Basic YW5uOlNlY3JldA==", "refused: the user name or password is wrong"},
    {"no password", BASIC, "Basic YW5uOg==", "refused: the user name or password is wrong"},
    {"the reader", BASIC | READ_BASIC, "Basic Ym9iOnBlZWs=", "bob: read"},
    {"a reader that is not there", BASIC,
     "Basic Ym9iOnBlZWs=", "refused: the user name or password is wrong"},
    {"nothing where no reader is", BASIC,
     "Basic Og==", "refused: the user name or password is wrong"},
    {"no colon", BASIC, "Basic YW5u", "refused: the user name or password is wrong"},
    {"no base64", BASIC, "Basic ???", "refused: the user name or password is wrong"},
    {"an account and a token", BASIC | CLOSED, "Bearer tp", "tp: publish"},
};

static struct access *open_access(struct stage *stage, unsigned setup)
{
    struct access_config config = {0};
    if (setup & CLOSED) {
        add_token(stage, "tr", ROLE_READ, 0);
        add_token(stage, "tp", ROLE_PUBLISH, 0);
        add_token(stage, "tx", ROLE_ADMIN, 0);
        add_token(stage, "te", ROLE_READ, stage->now_us + 10 * second);
        assert_int_equal(store_token_revoke(stage->store, "tx", stage->arena, NULL), 1);
    }
    if (setup & BASIC) {
        config.username = "ann";
        config.password = "secret";
    }
    if (setup & READ_BASIC) {
        config.read_username = "bob";
        config.read_password = "peek";
    }
    return access_new(&config, stage->store);
}

static struct str seen(struct stage *stage, struct access *access, const char *authorization)
{
    struct headers headers = {0};
    struct caller caller = {.address = "192.0.2.1"};
    if (authorization)
        headers_addz(stage->arena, &headers, "Authorization", authorization);
    CHECK(access_identify(access, &headers, stage->arena, &caller, NULL));
    if (caller.refused) {
        assert_int_equal(caller.roles, 0);
        return str_printf(stage->arena, "refused: %s", caller.refused);
    }
    return str_printf(stage->arena, "%s: %s", caller.name ? caller.name : "nobody",
                      roles_text(caller.roles, stage->arena));
}

static void test_identify(void **state)
{
    const struct row *row = *state;
    struct stage stage;
    stage_start(&stage);
    struct access *access = open_access(&stage, row->setup);
    assert_str_is(seen(&stage, access, row->authorization), row->expected);
    access_free(access);
    stage_end(&stage);
}

/* To the microsecond: valid before, not from then on; and revoking counts at once. */
static void test_time(void **state)
{
    struct stage stage;
    (void)state;
    stage_start(&stage);
    struct access *access = open_access(&stage, CLOSED);
    stage.now_us += 10 * second - 1;
    assert_str_is(seen(&stage, access, "Bearer te"), "te: read");
    stage.now_us += 1;
    assert_str_is(seen(&stage, access, "Bearer te"), "refused: the token has expired");
    assert_str_is(seen(&stage, access, "Bearer tr"), "tr: read");
    assert_int_equal(store_token_revoke(stage.store, "tr", stage.arena, NULL), 1);
    assert_str_is(seen(&stage, access, "Bearer tr"), "refused: the token has been revoked");
    assert_int_equal(store_token_revoke(stage.store, "tr", stage.arena, NULL), 0);
    access_free(access);
    stage_end(&stage);
}

/* The first token closes an open broker within a second, and nothing opens it again. */
static void test_closing(void **state)
{
    struct stage stage;
    (void)state;
    stage_start(&stage);
    struct access *access = open_access(&stage, 0);
    assert_true(str_starts(seen(&stage, access, NULL), STR("nobody: read, publish")));
    add_token(&stage, "first", ROLE_READ, 0);
    stage.now_us += second;
    assert_str_is(seen(&stage, access, NULL), "nobody: none");
    CHECK(store_token_revoke(stage.store, "first", stage.arena, NULL));
    stage.now_us += 100 * second;
    assert_str_is(seen(&stage, access, NULL), "nobody: none");
    access_free(access);
    stage_end(&stage);
}

/* Who shows the first token is judged by it at once, not within a second. */
static void test_first_token(void **state)
{
    struct stage stage;
    (void)state;
    stage_start(&stage);
    struct access *access = open_access(&stage, 0);
    assert_true(str_starts(seen(&stage, access, NULL), STR("nobody: read, publish")));
    add_token(&stage, "first", ROLE_READ, 0);
    assert_str_is(seen(&stage, access, "Bearer first"), "first: read");
    assert_str_is(seen(&stage, access, NULL), "nobody: none");
    access_free(access);
    stage_end(&stage);
}

static void test_use(void **state)
{
    struct stage stage;
    struct headers headers = {0};
    struct caller caller = {0};
    (void)state;
    stage_start(&stage);
    struct access *access = open_access(&stage, CLOSED);
    headers_addz(stage.arena, &headers, "Authorization", "Bearer tr");
    CHECK(access_identify(access, &headers, stage.arena, &caller, NULL));
    assert_true(caller.stale);
    CHECK(store_token_used(stage.store, caller.token_id, stage.arena, NULL));
    stage.now_us += 59 * second;
    caller = (struct caller){0};
    CHECK(access_identify(access, &headers, stage.arena, &caller, NULL));
    assert_false(caller.stale);
    stage.now_us += second;
    CHECK(access_identify(access, &headers, stage.arena, &caller, NULL));
    assert_true(caller.stale);
    access_free(access);
    stage_end(&stage);
}

/* ---- the log ---- */

static void note(struct stage *stage, const char *path, int status)
{
    const struct caller caller = {.kind = CALLER_ACCOUNT, .name = "ann", .address = "192.0.2.1"};
    const struct call call = {.arena = stage->arena,
                              .caller = &caller,
                              .method = STR("PUT"),
                              .path = str_of(path),
                              .status = status};
    CHECK(audit_note(stage->store, &call, NULL));
}

static struct str listed(struct stage *stage, const char *since, int64_t number, int64_t size)
{
    struct page page = {.number = number, .size = size};
    struct audits rows_seen = {0};
    CHECK(store_audit_list(stage->store, since, &page, stage->arena, &rows_seen, NULL));
    struct str text = str_printf(stage->arena, "%lld:", (long long)page.total);
    VEC_EACH(&rows_seen, const struct audit *, row)
        text = str_printf(stage->arena, "%.*s %s", STR_FMT(text), row->path);
    return text;
}

static void test_log(void **state)
{
    struct stage stage;
    char at[CLOCK_TEXT_LEN];
    (void)state;
    stage_start(&stage);
    assert_str_is(listed(&stage, NULL, 1, 10), "0:");
    note(&stage, "/a", 200);
    CHECK(store_begin(stage.store, NULL));
    note(&stage, "/lost", 200);
    store_rollback(stage.store); /* with the change that it tells of */
    stage.now_us += second;
    note(&stage, "/b", 409);
    clock_format_utc(stage.now_us, at);
    stage.now_us -= 100 * second; /* a clock that was set back */
    note(&stage, "/c", 201);
    assert_str_is(listed(&stage, NULL, 1, 10), "3: /a /b /c");
    assert_str_is(listed(&stage, NULL, 2, 2), "3: /c");
    assert_str_is(listed(&stage, NULL, 3, 2), "3:");
    assert_str_is(listed(&stage, at, 1, 10), "2: /b /c");
    assert_str_is(listed(&stage, at, 2, 1), "2: /c");
    assert_str_is(listed(&stage, "2099-01-01T00:00:00.000000Z", 1, 10), "0:");
    stage_end(&stage);
}

static const struct plan_row {
    const char *name, *sql, *expected;
} plan_rows[] = {
    {"a token by its hash", "SELECT id, name, roles FROM tokens WHERE hash = 'x'", "SEARCH tokens"},
    {"whether there is a token", "SELECT id FROM tokens LIMIT 1", "USING COVERING INDEX"},
    {"the log from a time on", "SELECT id FROM audit WHERE at >= 'x' ORDER BY at, id LIMIT 1",
     "SEARCH audit USING COVERING INDEX audit_at"},
    {"a page of the log", "SELECT path FROM audit WHERE id >= 5 ORDER BY id LIMIT 9",
     "SEARCH audit USING INTEGER PRIMARY KEY"},
};

static void test_plan(void **state)
{
    const struct plan_row *row = *state;
    struct stage stage;
    struct str plan = STR_NONE;
    stage_start(&stage);
    CHECK(db_explain(stage.store->db, row->sql, stage.arena, &plan, NULL));
    if (str_find(plan, str_of(row->expected)) < 0 || str_find(plan, STR("TEMP B-TREE")) >= 0)
        fail_msg("expected '%s', saw: %.*s", row->expected, STR_FMT(plan));
    stage_end(&stage);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, rows, test_identify);
    rows_add_test(&tests, "a token ends on time", test_time);
    rows_add_test(&tests, "the first token closes the broker", test_closing);
    rows_add_test(&tests, "the first token counts at once", test_first_token);
    rows_add_test(&tests, "its last use is noted once a minute", test_use);
    rows_add_test(&tests, "the log keeps its order and loses what was undone", test_log);
    ROWS_ADD(&tests, plan_rows, test_plan);
    return rows_run(&tests, "access");
}
