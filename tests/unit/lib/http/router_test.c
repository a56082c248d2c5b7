// SPDX-License-Identifier: Apache-2.0
#include "lib/http/router.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/http/server.h"
#include "tests/unit/lib/base/rows.h"

static void unused(struct exchange *exchange)
{
    (void)exchange;
}

static const struct route routes[] = {
    {"GET", "/", unused, 1},
    {"GET", "/p", unused, 2},
    {"POST", "/p", unused, 3},
    {"GET", "/p/{name}", unused, 4},
    {"PUT", "/p/{other}", unused, 5},
    {"DELETE", "/p/{name}", unused, 6},
    {"GET", "/p/all", unused, 7},
    {"GET", "/p/{name}/v/{v}", unused, 8},
    {"GET", "/p/{name}/v/latest", unused, 9},
    {"GET", "/{any}/x/v/latest", unused, 10},
    {"*", "/proxy/{rest}", unused, 11},
    {"GET", "/proxy/{rest}", unused, 12},
    {"HEAD", "/p", unused, 13},
    {"GET", "/dir/", unused, 14},
    {"GET", "/a%2Fb", unused, 15},
};

static const struct row {
    const char *name, *method, *path;
    const char *expected; /* tag and parameters, or why not */
} rows[] = {
    {"root", "GET", "/", "1"},
    {"literal", "GET", "/p", "2"},
    {"by method", "POST", "/p", "3"},
    {"method is case-sensitive", "get", "/p", "405 GET, POST, HEAD"},
    {"parameter", "GET", "/p/one", "4 name=one"},
    {"parameter's name by method", "PUT", "/p/one", "5 other=one"},
    {"decoded", "GET", "/p/a%2Fb%20c", "4 name=a/b c"},
    {"plus is no space", "GET", "/p/a+b", "4 name=a+b"},
    {"literal wins", "GET", "/p/all", "7"},
    {"literal wins after decoding", "GET", "/p/%61ll", "7"},
    {"a literal path has its own methods", "DELETE", "/p/all", "405 GET"},
    {"no such method", "PATCH", "/p/one", "405 GET, PUT, DELETE"},
    {"two parameters", "GET", "/p/a/v/1", "8 name=a v=1"},
    {"literal last", "GET", "/p/a/v/latest", "9 name=a"},
    {"literal first wins over literal last", "GET", "/p/x/v/latest", "9 name=x"},
    {"parameter first", "GET", "/q/x/v/latest", "10 any=q"},
    {"any method", "FOO", "/proxy/1", "11 rest=1"},
    {"named method before any", "GET", "/proxy/1", "12 rest=1"},
    {"HEAD of its own", "HEAD", "/p", "13"},
    {"HEAD is GET", "HEAD", "/p/one", "4 name=one"},
    {"OPTIONS", "OPTIONS", "/p", "405 GET, POST, HEAD"},
    {"empty segment is no parameter", "GET", "/p/", "404"},
    {"empty segment in the middle", "GET", "/p//v/1", "404"},
    {"trailing slash", "GET", "/dir/", "14"},
    {"without the slash", "GET", "/dir", "404"},
    {"doubled slash", "GET", "//p", "404"},
    {"escaped slash in the template", "GET", "/a%2fb", "15"},
    {"slash is not %2F", "GET", "/a/b", "404"},
    {"dots are names", "GET", "/p/..", "4 name=.."},
    {"too deep", "GET", "/p/a/v/1/x", "404"},
    {"bad escape", "GET", "/p/%zz", "400"},
    {"not a path", "GET", "*", "400"},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct router *router = router_new(routes, sizeof routes / sizeof *routes);
    struct router_match match;
    struct buf seen BUF_AUTO = BUF_INIT(1000);

    router_find(router, str_of(row->method), str_of(row->path), arena, &match);
    switch (match.result) {
    case ROUTER_FOUND:
        buf_printf(&seen, "%d", match.route->tag);
        VEC_EACH(&match.params, const struct url_param *, param)
            buf_printf(&seen, " %.*s=%.*s", STR_FMT(param->name), STR_FMT(param->value));
        break;
    case ROUTER_NO_METHOD:
        buf_printf(&seen, "405 %.*s", STR_FMT(match.allow));
        break;
    case ROUTER_NO_PATH:
        buf_puts(&seen, "404");
        break;
    case ROUTER_BAD_PATH:
        buf_puts(&seen, "400");
        break;
    }
    assert_str_is(buf_view(&seen), row->expected);
    router_free(router);
}

static void test_many_segments(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct router *router = router_new(routes, sizeof routes / sizeof *routes);
    struct router_match match;
    struct buf path BUF_AUTO = BUF_INIT(1000);

    (void)state;
    for (int i = 0; i < LIMIT_URL_SEGMENTS; i++)
        buf_puts(&path, "/a");
    router_find(router, STR("GET"), buf_view(&path), arena, &match);
    assert_int_equal(match.result, ROUTER_NO_PATH);
    buf_puts(&path, "/a");
    router_find(router, STR("GET"), buf_view(&path), arena, &match);
    assert_int_equal(match.result, ROUTER_BAD_PATH);
    router_free(router);
}

static void test_param(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct exchange exchange = {0};

    (void)state;
    *VEC_PUSH(arena, &exchange.params) = (struct url_param){STR("name"), STR("one")};
    assert_str_is(router_param(&exchange, "name"), "one");
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_row);
    rows_add_test(&tests, "many segments", test_many_segments);
    rows_add_test(&tests, "parameter of an exchange", test_param);
    return rows_run(&tests, "router");
}
