// SPDX-License-Identifier: Apache-2.0
/* Calls to URLs that others choose: where they may lead, and how much of an answer is read. */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/http/client.h"
#include "lib/http/hosts.h"
#include "tests/unit/lib/base/rows.h"
#include "tests/unit/lib/http/rig.h"

static struct rig rig;
static struct arena *arena;

static const struct row {
    const char *name, *list, *host;
    bool reached;
} rows[] = {
    {"an address of this machine is refused", "", "127.0.0.1", false},
    {"a name that leads to this machine is refused", "", "localhost", false},
    {"another spelling of it too", "", "127.1", false},
    {"and a number", "", "2130706433", false},
    {"and a mapped address", "", "[::ffff:127.0.0.1]", false},
    {"and the unspecified address", "", "0.0.0.0", false},
    {"patterns do not open the way", "/.*/ *.0.0.1", "127.0.0.1", false},
    {"the address in the list does", "127.0.0.1", "127.0.0.1", true},
    {"its network does", "127.0.0.0/8", "localhost", true},
    {"the name in the list does", "localhost", "localhost", true},
};

static int call(const struct row *row, const char *path, struct client_request *request,
                struct client_response *ret, struct err *err)
{
    const char *port = strrchr(server_url(rig.server), ':');
    struct client *client = client_new();
    request->method = "GET";
    request->url = arena_printf(arena, "http://%s%s%s", row->host, port, path);
    if (hosts_parse(row->list, arena, &request->guard, err) < 0)
        fail_msg("%s", err->text);
    int code = client_call(client, request, arena, ret, err);
    client_free(client);
    return code;
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct client_request request = {0};
    struct client_response response = {0};
    struct err err = ERR_INIT;
    int code = call(row, "/status/204", &request, &response, &err);
    if (row->reached) {
        if (code < 0)
            fail_msg("%s", err.text);
        assert_int_equal(response.status, 204);
    } else {
        assert_int_equal(code, ERR_NET);
        if (!strstr(err.text, "no public address"))
            fail_msg("%s", err.text);
    }
}

/* A proxy would connect for us, and where to no guard sees; this one the list would allow. */
static void test_no_proxy(void **state)
{
    (void)state;
    const struct row row = {.list = "127.0.0.1", .host = "192.0.2.1"};
    struct client_request request = {0};
    struct client_response response = {0};
    struct err err = ERR_INIT;
    setenv("http_proxy", server_url(rig.server), 1);
    int code = call(&row, "/", &request, &response, &err);
    unsetenv("http_proxy");
    assert_int_equal(code, ERR_NET);
    assert_non_null(strstr(err.text, "no public address"));
}

static void test_clip(void **state)
{
    (void)state;
    const struct row row = {.list = "127.0.0.1", .host = "127.0.0.1"};
    struct client_request request = {.max_body = 1000};
    struct client_response response = {0};
    struct err err = ERR_INIT;
    assert_int_equal(call(&row, "/big", &request, &response, &err), ERR_LIMIT);
    request.clip_body = true;
    err = ERR_INIT;
    if (call(&row, "/big", &request, &response, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(response.status, 200);
    assert_int_equal(response.body.len, 1000);
    assert_true(str_starts(response.body, STR("abc")));
    request.max_body = 4 * RIG_BIG;
    assert_int_equal(call(&row, "/big", &request, &response, &err), 0);
    assert_int_equal(response.body.len, RIG_BIG);
}

struct ended {
    struct loop *loop;
    int n;
    bool refused;
};

static void on_done(void *arg, const struct client_response *response, const struct err *err)
{
    struct ended *ended = arg;
    ended->refused = !response && strstr(err->text, "no public address");
    ended->n++;
    loop_stop(ended->loop);
}

static void test_pool(void **state)
{
    (void)state;
    struct ended ended = {0};
    struct client_pool *pool = NULL;
    struct client_request request = {.method = "GET", .url = server_url(rig.server)};
    assert_int_equal(hosts_parse("", arena, &request.guard, NULL), 0);
    assert_int_equal(loop_new(&ended.loop, NULL), 0);
    assert_int_equal(client_pool_new(ended.loop, 2, 2, &pool, NULL), 0);
    client_pool_call(pool, &request, on_done, &ended);
    loop_run(ended.loop);
    assert_int_equal(ended.n, 1);
    assert_true(ended.refused);
    client_pool_free(pool);
    loop_free(ended.loop);
}

int main(void)
{
    arena = arena_new();
    rig_start(&rig, (struct server_config){0});
    struct rows tests = {0};
    ROWS_ADD(&tests, rows, test_row);
    rows_add_test(&tests, "no proxy is asked", test_no_proxy);
    rows_add_test(&tests, "a long answer is clipped only where asked", test_clip);
    rows_add_test(&tests, "calls on a loop are guarded too", test_pool);
    int failed = rows_run(&tests, "client guard");
    rig_end(&rig);
    arena_free(arena);
    return failed;
}
