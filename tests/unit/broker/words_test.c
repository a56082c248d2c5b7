// SPDX-License-Identifier: Apache-2.0
#include "broker/words.h"

#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"

static const struct row {
    const char *name, *display;
} rows[] = {
    {"foo", "Foo"},
    {"", ""},
    {"MyService", "My Service"},
    {"my-service", "My Service"},
    {"my_service", "My Service"},
    {"my service", "My Service"},
    {"  my   service ", "My Service"},
    {"foo.pretend-consumer", "Foo Pretend Consumer"},
    {"ABCService", "ABC Service"},
    {"A4Service", "A4 Service"},
    {"appJSWorkshop", "App JS Workshop"},
    {"iOS App", "I OS App"},
    {"appX", "AppX"},
    {"e2e test", "E2e Test"},
    {"MP - Our Provider", "MP - Our Provider"},
    {"PoC - Pact-broker", "PoC - Pact Broker"},
    {"QB-DATABASE Service", "QB DATABASE Service"},
    {"App (Provider)", "App (Provider)"},
    {"team/app", "Team/app"},
    {"-web", "-web"},
    {"a-b-c", "A B-c"},
    {"v1.\xc3\xa9.b", "V1 \xc3\xa9.b"},
};

static void test_display(void **state)
{
    const struct row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    assert_string_equal(words_display(arena, row->name), row->display);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, rows, test_display);
    return rows_run(&tests, "words");
}
