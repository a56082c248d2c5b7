// SPDX-License-Identifier: Apache-2.0
#include "lib/http/router.h"

#include <assert.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/limits.h"
#include "lib/http/server.h"
#include "lib/wire/headers.h"

struct segment {
    struct str text; /* literal, or the parameter's name */
    bool is_param;
};

struct compiled {
    const struct route *route;
    size_t row; /* in the table */
    size_t n;
    struct segment *segments;
};

struct router {
    struct arena *arena;
    struct compiled *routes; /* by number of segments, then literals before parameters */
    size_t n;
    /* routes with k segments are routes[first[k]] to routes[first[k + 1]] */
    size_t first[LIMIT_URL_SEGMENTS + 2];
};

static void compile(struct arena *arena, const struct route *route, size_t row,
                    struct compiled *ret)
{
    struct url_segments parts = {0};

    assert(headers_name_ok(str_of(route->method)));
    int rc = url_segments(str_of(route->template), arena, &parts, NULL);
    assert(rc == 0 && "a template starts with '/' and is well escaped");
    (void)rc;
    *ret = (struct compiled){.route = route, .row = row, .n = parts.len};
    ret->segments = ARENA_ARRAY(arena, struct segment, parts.len);
    for (size_t i = 0; i < parts.len; i++) {
        struct str text = parts.items[i];
        bool is_param = str_starts(text, STR("{"));
        if (is_param) {
            assert(str_ends(text, STR("}")) && text.len > 2);
            text = str_sub(text, 1, text.len - 2);
        }
        assert(str_chr(text, '{') < 0 && str_chr(text, '}') < 0);
        ret->segments[i] = (struct segment){text, is_param};
    }
}

/* Shapes that fit the same paths are equal: names of parameters do not count. */
static int compare_shape(const struct compiled *a, const struct compiled *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (size_t i = 0; i < a->n; i++) {
        const struct segment *x = &a->segments[i], *y = &b->segments[i];
        if (x->is_param != y->is_param)
            return x->is_param ? 1 : -1;
        int order = x->is_param ? 0 : str_cmp(x->text, y->text);
        if (order != 0)
            return order;
    }
    return 0;
}

static int compare_routes(const void *left, const void *right)
{
    const struct compiled *a = left, *b = right;
    int order = compare_shape(a, b);

    if (order != 0)
        return order;
    bool a_any = strcmp(a->route->method, "*") == 0, b_any = strcmp(b->route->method, "*") == 0;
    if (a_any != b_any)
        return a_any ? 1 : -1;
    return a->row < b->row ? -1 : a->row > b->row;
}

struct router *router_new(const struct route *routes, size_t n)
{
    struct router *router = calloc(1, sizeof *router);
    if (!router)
        abort();
    router->arena = arena_new();
    router->n = n;
    router->routes = ARENA_ARRAY(router->arena, struct compiled, n);
    for (size_t i = 0; i < n; i++)
        compile(router->arena, &routes[i], i, &router->routes[i]);
    if (n > 0)
        qsort(router->routes, n, sizeof *router->routes, compare_routes);
    size_t at = 0;
    for (size_t k = 0; k <= LIMIT_URL_SEGMENTS + 1; k++) {
        while (at < n && router->routes[at].n < k)
            at++;
        router->first[k] = at;
    }
    for (size_t i = 1; i < n; i++) {
        const struct compiled *a = &router->routes[i - 1], *b = &router->routes[i];
        bool doubled = compare_shape(a, b) == 0 && strcmp(a->route->method, b->route->method) == 0;
        assert(!doubled && "two routes for the same method and path");
        (void)doubled;
    }
    return router;
}

void router_free(struct router *router)
{
    if (!router)
        return;
    arena_free(router->arena);
    free(router);
}

static bool path_fits(const struct compiled *compiled, const struct url_segments *path)
{
    for (size_t i = 0; i < compiled->n; i++) {
        const struct segment *segment = &compiled->segments[i];
        if (segment->is_param ? path->items[i].len == 0 : !str_eq(segment->text, path->items[i]))
            return false;
    }
    return true;
}

static void fill_params(const struct compiled *compiled, const struct url_segments *path,
                        struct arena *arena, struct url_params *ret)
{
    *ret = (struct url_params){0};
    for (size_t i = 0; i < compiled->n; i++) {
        if (compiled->segments[i].is_param)
            *VEC_PUSH(arena, ret) = (struct url_param){compiled->segments[i].text, path->items[i]};
    }
}

/* In the order of the table, each method once. */
static struct str list_methods(struct compiled *const *fitting, size_t n, struct arena *arena)
{
    struct str list = STR("");
    size_t done = 0;

    for (;;) {
        const struct compiled *next = NULL;
        for (size_t i = 0; i < n; i++) {
            if (fitting[i]->row >= done && (!next || fitting[i]->row < next->row))
                next = fitting[i];
        }
        if (!next)
            return list;
        done = next->row + 1;
        struct str rest = list;
        bool seen = false;
        while (rest.len > 0 && !seen)
            seen = str_is(str_trim(str_cut(&rest, ',')), next->route->method);
        if (!seen)
            list = str_printf(arena, "%.*s%s%s", STR_FMT(list), list.len > 0 ? ", " : "",
                              next->route->method);
    }
}

void router_find(const struct router *router, struct str method, struct str path,
                 struct arena *arena, struct router_match *ret)
{
    struct url_segments segments = {0};

    *ret = (struct router_match){.result = ROUTER_NO_PATH};
    if (url_segments(path, arena, &segments, NULL) < 0) {
        ret->result = ROUTER_BAD_PATH;
        return;
    }
    size_t first = router->first[segments.len], end = router->first[segments.len + 1];
    struct compiled **fitting = NULL;
    size_t n = 0;
    const struct compiled *found = NULL, *get = NULL, *shape = NULL;
    for (size_t i = first; i < end && !found; i++) {
        struct compiled *compiled = &router->routes[i];
        if (!path_fits(compiled, &segments))
            continue;
        if (shape && compare_shape(shape, compiled) != 0)
            break; /* what is literally there is another thing than what has its name */
        shape = compiled;
        if (str_is(method, compiled->route->method) || strcmp(compiled->route->method, "*") == 0)
            found = compiled;
        else if (!get && strcmp(compiled->route->method, "GET") == 0)
            get = compiled;
    }
    if (!found && str_is(method, "HEAD"))
        found = get; /* RFC 9110 §9.3.2: HEAD is GET without the content */
    if (found) {
        ret->result = ROUTER_FOUND;
        ret->route = found->route;
        fill_params(found, &segments, arena, &ret->params);
        if (!str_is(method, "OPTIONS"))
            return; /* nobody asks for the other methods */
    }
    fitting = ARENA_ARRAY(arena, struct compiled *, end - first);
    for (size_t i = first; i < end && shape; i++) {
        if (compare_shape(shape, &router->routes[i]) == 0)
            fitting[n++] = &router->routes[i];
    }
    if (n == 0)
        return;
    if (!found)
        ret->result = ROUTER_NO_METHOD;
    ret->allow = list_methods(fitting, n, arena);
}

struct str router_param(const struct exchange *exchange, const char *name)
{
    struct str value = url_query_get(&exchange->params, name);

    assert(value.ptr && "the route has no such parameter");
    return value;
}
