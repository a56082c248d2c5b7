// SPDX-License-Identifier: Apache-2.0
#include "broker/roles.h"

#include "tests/unit/lib/base/rows.h"
#include "broker/routes.h"
#include "lib/base/arena.h"

static const struct parse_row {
    const char *name, *text, *expected; /* NULL = refused */
} parse_rows[] = {
    {"one", "read", "read"},
    {"several, in the order of the table", "deploy, publish", "publish, deploy"},
    {"by spaces", "verify read", "read, verify"},
    {"twice", "admin,admin", "admin"},
    {"unknown", "read,root", NULL},
    {"upper case", "Read", NULL},
    {"none", "", NULL},
    {"commas", ",,", NULL},
};

static void test_parse(void **state)
{
    const struct parse_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    unsigned roles = 0;
    bool good = roles_parse(str_of(row->text), &roles);
    assert_str_is(good ? str_of(roles_text(roles, arena)) : STR_NONE, row->expected);
}

static const struct suffice_row {
    const char *name;
    unsigned has, needed;
    bool expected;
} suffice_rows[] = {
    {"nobody may not read", 0, ROLE_READ, false},
    {"a publisher reads", ROLE_PUBLISH, ROLE_READ, true},
    {"a reader does not publish", ROLE_READ, ROLE_PUBLISH, false},
    {"one of several is enough", ROLE_DEPLOY, ROLE_VERIFY | ROLE_DEPLOY, true},
    {"an administrator does everything", ROLE_ADMIN, ROLE_VERIFY, true},
    {"all others together are no administrator",
     ROLE_READ | ROLE_PUBLISH | ROLE_VERIFY | ROLE_DEPLOY, ROLE_ADMIN, false},
};

static void test_suffice(void **state)
{
    const struct suffice_row *row = *state;
    assert_int_equal(roles_suffice(row->has, row->needed), row->expected);
}

/* What stands in the table of routes, for whoever reads a change of it. */
static const struct route_row {
    const char *name, *method, *template, *roles;
} route_rows[] = {
    {"publishing", "POST", "/contracts/publish", "publish"},
    {"results", "POST",
     "/pacts/provider/{provider}/consumer/{consumer}/pact-version/{sha}/verification-results",
     "verify"},
    {"asking with a POST", "POST", "/pacts/provider/{provider}/for-verification", "read"},
    {"deploying", "POST",
     "/pacticipants/{pacticipant}/versions/{version}/deployed-versions/environment/{uuid}",
     "deploy"},
    {"a branch", "PUT", "/pacticipants/{pacticipant}/branches/{branch}/versions/{version}",
     "publish, verify"},
    {"a tag", "PUT", "/pacticipants/{pacticipant}/versions/{version}/tags/{tag}",
     "publish, verify, deploy"},
    {"removing a pacticipant", "DELETE", "/pacticipants/{pacticipant}", "none"},
    {"making an environment", "POST", "/environments", "none"},
    {"the audit log", "GET", "/audit", "admin"},
};

static void test_route(void **state)
{
    const struct route_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    for (size_t i = 0; i < routes_len; i++) {
        if (strcmp(routes[i].method, row->method) == 0 &&
            strcmp(routes[i].template, row->template) == 0) {
            assert_string_equal(roles_text(routes[i].roles, arena), row->roles);
            return;
        }
    }
    fail_msg("no route %s %s", row->method, row->template);
}

/* Reading rows need no role of their own but for the audit log, so that no reader is shut out. */
static void test_reading(void **state)
{
    (void)state;
    for (size_t i = 0; i < routes_len; i++) {
        if (!call_writes(&routes[i]) && routes[i].roles != 0 && routes[i].roles != ROLE_READ)
            assert_string_equal(routes[i].template, "/audit");
    }
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, parse_rows, test_parse);
    ROWS_ADD(&tests, suffice_rows, test_suffice);
    ROWS_ADD(&tests, route_rows, test_route);
    rows_add_test(&tests, "everybody who may enter may read", test_reading);
    return rows_run(&tests, "roles");
}
