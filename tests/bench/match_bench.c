// SPDX-License-Identifier: Apache-2.0
/*
 * What a comparison costs: an order of 988 bytes under 17 rules, with its JSON parsed and with the
 * tree at hand, and a list of such items of 1 MB. Usage: match_bench TALLY FOLDER
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/contract/match_internal.h"
#include "tests/bench/common.h"

enum { ORDER_BYTES = 988, BIG_BYTES = 1000000, RULES = 17 };

static const struct {
    const char *path, *rule;
} rules[RULES] = {
    {"$", "{\"match\":\"type\"}"},
    {"$.id", "{\"match\":\"integer\"}"},
    {"$.number", "{\"match\":\"regex\",\"regex\":\"ORD-\\\\d{4}-\\\\d{6}\"}"},
    {"$.total", "{\"match\":\"decimal\"}"},
    {"$.currency", "{\"match\":\"regex\",\"regex\":\"[A-Z]{3}\"}"},
    {"$.placedAt", "{\"match\":\"regex\",\"regex\":\"\\\\d{4}-\\\\d{2}-\\\\d{2}T[0-9:]+Z\"}"},
    {"$.customer", "{\"match\":\"type\"}"},
    {"$.customer.id", "{\"match\":\"integer\"}"},
    {"$.customer.email", "{\"match\":\"regex\",\"regex\":\"[^@\\\\s]+@[^@\\\\s]+\"}"},
    {"$.address", "{\"match\":\"type\"}"},
    {"$.address.zip", "{\"match\":\"regex\",\"regex\":\"\\\\d{5}\"}"},
    {"$.items", "{\"match\":\"type\",\"min\":1}"},
    {"$.items[*].*", "{\"match\":\"type\"}"},
    {"$.items[*].quantity", "{\"match\":\"integer\"}"},
    {"$.items[*].price", "{\"match\":\"decimal\"}"},
    {"$.items[*].tax", "{\"match\":\"decimal\"}"},
    {"$.note", "{\"match\":\"type\"}"},
};

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* An order with `items` items, filled up to `size` bytes by its note. */
static struct str order(struct arena *arena, int items, size_t size)
{
    struct buf out BUF_AUTO = BUF_INIT(2 * BIG_BYTES);
    buf_puts(&out, "{\"id\":90071992547409931,\"number\":\"ORD-2024-001234\",\"total\":149.90,"
                   "\"currency\":\"EUR\",\"placedAt\":\"2024-05-17T09:30:00Z\",\"customer\":{"
                   "\"id\":4711,\"name\":\"Ada Lovelace\",\"email\":\"ada@example.org\","
                   "\"vip\":false},\"address\":{\"street\":\"Analytical Row 1\",\"city\":"
                   "\"London\",\"zip\":\"12345\"},\"items\":[");
    for (int i = 0; i < items; i++)
        buf_printf(&out,
                   "%s{\"sku\":\"A-%06d\",\"name\":\"Difference engine, part %d\",\"quantity\":%d,"
                   "\"price\":%d.95,\"tax\":0.19,\"tags\":[\"brass\",\"gear\"]}",
                   i ? "," : "", i, i, i % 9 + 1, i % 100);
    buf_puts(&out, "],\"note\":\"");
    while (out.len + 2 < size)
        buf_putc(&out, "please ring twice "[out.len % 18]);
    buf_puts(&out, "\"}");
    return str_dup(arena, buf_view(&out));
}

static struct pact *contract(struct arena *arena, struct str body)
{
    struct buf text BUF_AUTO = BUF_INIT(2 * BIG_BYTES);
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    buf_printf(&text,
               "{\"interactions\":[{\"type\":\"Synchronous/HTTP\",\"response\":{\"headers\":{"
               "\"Content-Type\":[\"application/json\"]},\"body\":{\"content\":%.*s,"
               "\"contentType\":\"application/json\"},\"matchingRules\":{\"body\":{",
               STR_FMT(body));
    for (int i = 0; i < RULES; i++)
        buf_printf(&text, "%s\"%s\":{\"matchers\":[%s]}", i ? "," : "", rules[i].path,
                   rules[i].rule);
    buf_puts(&text, "}}}}],\"metadata\":{\"pactSpecification\":{\"version\":\"4.0\"}}}");
    if (pact_read(str_dup(arena, buf_view(&text)), "bench", arena, &pact, &err) != 0)
        exit(err_report(&err));
    return pact;
}

static void one(const struct pact *pact, const struct actual_response *actual)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    const struct pact_response *expected = &pact->interactions.items[0].response;
    if (match_response(pact, expected, actual, arena, &result, &err) != 0)
        exit(err_report(&err));
    if (result.len > 0) {
        fprintf(stderr, "differs at %.*s: %.*s\n", STR_FMT(result.items[0].path),
                STR_FMT(result.items[0].text));
        exit(1);
    }
}

static void one_tree(const struct pact *pact, const struct json *actual)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct match_result result = {0};
    struct err err = ERR_INIT;
    struct judge judge = {.arena = arena, .result = &result, .err = &err};
    const struct pact_response *expected = &pact->interactions.items[0].response;
    judge.position = position_start(pact->text);
    if (match_json_trees(&judge, expected->body.json, actual, expected->rules) != 0 || result.len)
        exit(1);
}

static void print(const char *name, double start_s, double start_cpu_s, int n, struct str body)
{
    double wall = bench_now_s() - start_s, cpu = cpu_s() - start_cpu_s;
    bench_row(name, n / wall, cpu / n * 1e6, 0, "%zu bytes, %d rules, %.0f MB/s", body.len, RULES,
              (double)body.len * n / wall / 1e6);
}

int main(void)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str small = order(arena, 4, ORDER_BYTES), big = order(arena, 8300, BIG_BYTES);
    struct pact *pact = contract(arena, order(arena, 1, 0));
    struct actual_response actual = {.status = 200, .body = small};
    struct json *tree = NULL;
    int n = (int)bench_size("BENCH_MATCHES", 50000);
    headers_addz(arena, &actual.headers, "Content-Type", "application/json");
    if (json_parse(small, "order", arena, &tree, NULL) != 0 || small.len != ORDER_BYTES) {
        fprintf(stderr, "the order is %zu bytes\n", small.len);
        return 1;
    }
    one(pact, &actual); /* compiles the expressions */
    double start = bench_now_s(), cpu = cpu_s();
    for (int i = 0; i < n; i++)
        one(pact, &actual);
    print("match an order, parsing it", start, cpu, n, small);
    start = bench_now_s(), cpu = cpu_s();
    for (int i = 0; i < n; i++)
        one_tree(pact, tree);
    print("match an order, parsed already", start, cpu, n, small);
    actual.body = big;
    n = n / 2500 + 1;
    start = bench_now_s(), cpu = cpu_s();
    for (int i = 0; i < n; i++)
        one(pact, &actual);
    print("match an order of 1 MB, parsing it", start, cpu, n, big);
    return 0;
}
