// SPDX-License-Identifier: Apache-2.0
/*
 * The contract core: parsing JSON, reading Pact files, comparing replies. Every row runs in a
 * process of its own, so that its peak memory is its own, and names its ratio to a floor that the
 * same process measured over the same bytes: a copy (memcpy) or a look at every byte.
 * Usage: contract_bench TALLY FOLDER [PART]: neither is used; PART of a name selects rows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/contract/match.h"
#include "lib/contract/rules.h"
#include "tests/bench/common.h"

enum { ORDER_LEN = 988, BIG = 10 * 1000 * 1000, MANY = 20000, FILE_INTERACTIONS = 5000, ITEMS = 9 };

/* ---- measuring ---- */

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Best CPU seconds of one operation: the machine is shared, and noise only ever adds. */
static double best_of(void (*operation)(void *), void *context, size_t bytes)
{
    size_t inner = bytes < 100000 ? 200000 / (bytes + 1) + 1 : 1;
    int rounds = bytes < 100000 ? 60 : bytes < 5000000 ? 15 : 5;
    double best = 1e9;
    for (int i = 0; i < rounds; i++) {
        double start = cpu_s();
        for (size_t k = 0; k < inner; k++)
            operation(context);
        double took = (cpu_s() - start) / (double)inner;
        best = took < best ? took : best;
    }
    return best;
}

struct bytes {
    struct str text;
    char *copy;
    volatile unsigned sum;
};

static void copy_bytes(void *context)
{
    struct bytes *bytes = context;
    memcpy(bytes->copy, bytes->text.ptr, bytes->text.len);
    bytes->sum += (unsigned char)bytes->copy[bytes->text.len / 2];
}

/* One look at each byte, in order, as every parser must take. */
static void look_at_bytes(void *context)
{
    struct bytes *bytes = context;
    unsigned state = 0;
    for (size_t i = 0; i < bytes->text.len; i++)
        state = (state << 1) ^ (bytes->text.ptr[i] == '"') ^ (state >> 7);
    bytes->sum += state;
}

static double floor_copy(struct str text)
{
    struct bytes bytes = {.text = text, .copy = malloc(text.len)};
    double best = best_of(copy_bytes, &bytes, text.len);
    free(bytes.copy);
    return best;
}

static double floor_look(struct str text)
{
    struct bytes bytes = {.text = text};
    return best_of(look_at_bytes, &bytes, text.len);
}

static long own_peak_kib(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss;
}

static int failures;
static const char *selected = "";

/* Run a row in a process of its own. */
static void row(void (*measure)(const char *), const char *argument)
{
    if (!strstr(argument, selected))
        return;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        measure(argument);
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    failures += pid < 0 || status != 0;
}

static void must(int rc, const struct err *err, const char *what)
{
    if (rc == 0)
        return;
    fprintf(stderr, "bench: %s: %s\n", what, err->text);
    _exit(1);
}

/* ---- texts ---- */

static const char order_head[] =
    "{\"id\":\"ord-004711\",\"number\":4711,\"createdAt\":\"2024-05-17T09:31:07Z\",\"status\":"
    "\"shipped\",\"currency\":\"EUR\",\"total\":129.70,\"tax\":20.71,\"customer\":{\"id\":90210,"
    "\"name\":\"Ada Example\",\"email\":\"ada@example.org\",\"loyal\":true},\"shipping\":{"
    "\"street\":\"Hauptstr. 12\",\"zip\":\"10115\",\"city\":\"Berlin\",\"country\":\"DE\"},"
    "\"items\":[{\"sku\":\"A-100\",\"title\":\"Garden chair, folding\",\"quantity\":2,\"price\":"
    "24.95,\"tags\":[\"garden\",\"wood\"]},{\"sku\":\"B-2047\",\"title\":\"Table cloth\","
    "\"quantity\":1,\"price\":39.90,\"tags\":[\"kitchen\"]},{\"sku\":\"C-77\",\"title\":\"Lamp, "
    "standing\",\"quantity\":1,\"price\":39.90,\"tags\":[\"light\",\"led\",\"warm\"]}],"
    "\"payments\":[{\"kind\":\"card\",\"amount\":100.00,\"last4\":\"4242\"},{\"kind\":\"voucher\","
    "\"amount\":29.70,\"last4\":null}],\"links\":{\"self\":\"/v1/orders/4711\",\"invoice\":"
    "\"/v1/orders/4711/invoice\"},\"note\":\"";

static struct str order_body(struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(4096);
    buf_puts(&out, order_head);
    while (out.len < ORDER_LEN - 2)
        buf_putc(&out, "please ring twice "[out.len % 18]);
    buf_puts(&out, "\"}");
    return str_dup(arena, buf_view(&out));
}

struct row_rule {
    const char *path, *rule;
};
static const struct row_rule order_rules[] = {
    {"$.id", "{\"match\":\"regex\",\"regex\":\"ord-[0-9]{6}\"}"},
    {"$.number", "{\"match\":\"integer\"}"},
    {"$.createdAt",
     "{\"match\":\"regex\",\"regex\":\"\\\\d{4}-\\\\d{2}-\\\\d{2}T\\\\d{2}:\\\\d{2}:\\\\d{2}Z\"}"},
    {"$.status", "{\"match\":\"type\"}"},
    {"$.currency", "{\"match\":\"regex\",\"regex\":\"[A-Z]{3}\"}"},
    {"$.total", "{\"match\":\"decimal\"}"},
    {"$.tax", "{\"match\":\"decimal\"}"},
    {"$.customer", "{\"match\":\"type\"}"},
    {"$.customer.id", "{\"match\":\"integer\"}"},
    {"$.customer.email", "{\"match\":\"regex\",\"regex\":\"[^@\\\\s]+@[^@\\\\s]+\"}"},
    {"$.shipping", "{\"match\":\"type\"}"},
    {"$.items", "{\"match\":\"type\",\"min\":1}"},
    {"$.items[*].sku", "{\"match\":\"regex\",\"regex\":\"[A-Z]-[0-9]+\"}"},
    {"$.items[*].quantity", "{\"match\":\"integer\"}"},
    {"$.items[*].price", "{\"match\":\"decimal\"}"},
    {"$.items[*].tags", "{\"match\":\"type\",\"min\":1}"},
    {"$.payments", "{\"match\":\"type\",\"min\":1}"},
};
enum { ORDER_RULES = sizeof order_rules / sizeof *order_rules };

/* One item of a reply, about 320 bytes. */
static void put_item(struct buf *out, int i, bool pretty)
{
    const char *nl = pretty ? "\n      " : "", *sp = pretty ? " " : "";
    buf_printf(out, "{%s\"id\":%s\"ord-%06d\",%s\"number\":%s%d,%s\"total\":%s%d.%02d,", nl, sp, i,
               nl, sp, i, nl, sp, 10 + i % 500, i % 100);
    buf_printf(out, "%s\"currency\":%s\"EUR\",%s\"paid\":%s%s,%s\"note\":%snull,", nl, sp, nl, sp,
               i % 3 ? "true" : "false", nl, sp);
    buf_printf(out, "%s\"title\":%s\"Garden chair no. %d, folding, oiled wood\",", nl, sp, i);
    buf_printf(out, "%s\"createdAt\":%s\"2024-05-%02dT09:31:07Z\",", nl, sp, 1 + i % 28);
    buf_printf(out, "%s\"tags\":%s[\"garden\",%s\"wood\"],", nl, sp, sp);
    buf_printf(out, "%s\"seller\":%s{\"id\":%s%d,%s\"city\":%s\"Berlin\",%s\"rating\":%s4.%d}%s}",
               nl, sp, sp, 90000 + i, sp, sp, sp, sp, i % 10, pretty ? "\n    " : "");
}

/* {"orders":[…]} of about `len` bytes. */
static struct str reply(struct arena *arena, size_t len, bool pretty)
{
    struct buf out BUF_AUTO = BUF_INIT(len + 4096);
    buf_puts(&out, pretty ? "{\n  \"orders\": [\n    " : "{\"orders\":[");
    for (int i = 0; i == 0 || out.len + 200 < len; i++) {
        buf_puts(&out, i == 0 ? "" : pretty ? ",\n    " : ",");
        put_item(&out, i, pretty);
    }
    buf_puts(&out, pretty ? "\n  ]\n}\n" : "]}");
    return str_dup(arena, buf_view(&out));
}

/* ---- parsing ---- */

struct parsing {
    struct str text;
    struct arena *arena;
    size_t used;
};

static void parse_once(void *context)
{
    struct parsing *parsing = context;
    struct json *root = NULL;
    struct err err = ERR_INIT;
    arena_reset(parsing->arena);
    must(json_parse(parsing->text, "bench", parsing->arena, &root, &err), &err, "parse");
    parsing->used = arena_used(parsing->arena);
}

static void measure_parse(const char *what)
{
    struct arena *arena ARENA_AUTO = arena_new(), *tree ARENA_AUTO = arena_new();
    bool pretty = strstr(what, "pretty"), small = strstr(what, "order");
    struct str text = small ? order_body(arena) : reply(arena, BIG, pretty);
    struct parsing parsing = {.text = text, .arena = tree};
    double took = best_of(parse_once, &parsing, text.len);
    double mb = (double)text.len / 1e6;
    bench_row(what, 1 / took, took * 1e6, own_peak_kib(),
              "%.0f MB/s (reach 400), %.2f bytes per byte (3), %.1fx a look at each byte, %.0fx "
              "memcpy",
              mb / took, (double)parsing.used / (double)text.len, took / floor_look(text),
              took / floor_copy(text));
}

/* ---- comparing ---- */

struct comparing {
    struct arena *arena; /* dies with each comparison */
    const struct pact *pact;
    struct pact_response expected;
    struct actual_response actual;
    struct match_result result;
    struct str parsed_too; /* the expected body, when it is parsed with each comparison */
    size_t want;           /* differences */
};

static void put_rules(struct buf *out, const struct row_rule *rules, size_t len)
{
    buf_puts(out, "\"matchingRules\": {\"body\": {");
    for (size_t i = 0; i < len && rules[i].path; i++)
        buf_printf(out, "%s\n        \"%s\": {\"matchers\": [%s], \"combine\": \"AND\"}",
                   i ? "," : "", rules[i].path, rules[i].rule);
    buf_puts(out, "}}");
}

/* A contract read from a file that promises that body under these rules. */
static struct comparing comparing_new(struct arena *arena, struct str body,
                                      const struct row_rule *rules, size_t len)
{
    struct buf text BUF_AUTO = BUF_INIT(body.len + 16384);
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    buf_puts(&text, "{\n\"interactions\": [{\"request\": {},\n  \"response\": {\n    \"headers\": {"
                    "\"Content-Type\": \"application/json\"},\n    \"body\": ");
    buf_str(&text, body);
    buf_puts(&text, ",\n    ");
    put_rules(&text, rules, len);
    buf_puts(&text, "}}],\n\"metadata\": {\"pactSpecification\": {\"version\": \"3.0.0\"}}}\n");
    must(pact_read(str_dup(arena, buf_view(&text)), "bench.json", arena, &pact, &err), &err,
         "read");
    struct comparing c = {.pact = pact, .expected = pact->interactions.items[0].response};
    c.actual.status = 200;
    headers_addz(arena, &c.actual.headers, "Content-Type", "application/json");
    return c;
}

/* From the bytes of a reply to a verdict. */
static void compare_once(void *context)
{
    struct comparing *c = context;
    struct err err = ERR_INIT;
    arena_reset(c->arena);
    if (c->parsed_too.ptr)
        must(json_parse(c->parsed_too, "bench", c->arena, &c->expected.body.json, &err), &err,
             "expected body");
    must(match_response(c->pact, &c->expected, &c->actual, c->arena, &c->result, &err), &err,
         "compare");
    if (c->result.len + c->result.dropped != c->want) {
        struct str first = c->result.len ? c->result.items[0].text : STR("none");
        fprintf(stderr, "bench: %zu differences, expected %zu; the first: %.*s\n", c->result.len,
                c->want, STR_FMT(first));
        _exit(1);
    }
}

static void measure_order(const char *what)
{
    struct arena *arena ARENA_AUTO = arena_new(), *each ARENA_AUTO = arena_new();
    struct str body = order_body(arena);
    struct comparing c = comparing_new(arena, body, order_rules, ORDER_RULES);
    c.actual.body = body;
    c.arena = each;
    c.parsed_too = strstr(what, "both") ? body : STR_NONE;
    double took = best_of(compare_once, &c, body.len);
    struct parsing parsing = {.text = body, .arena = each};
    double parse = best_of(parse_once, &parsing, body.len);
    bench_row(what, 1 / took, took * 1e6, own_peak_kib(),
              "%zu bytes, %zu rules (reach 10 us); parsing one is %.1f us, %.1fx a look at each "
              "byte of the reply",
              body.len, c.expected.rules->part[RULES_BODY].len, parse * 1e6,
              took / floor_look(body));
}

static const struct {
    const char *name;
    bool whole; /* the example is the reply itself, not one item */
    struct row_rule rules[5];
} replies[] = {
    {"each-like",
     false,
     {{"$.orders", "{\"match\":\"type\",\"min\":1}"},
      {"$.orders[*].id", "{\"match\":\"regex\",\"regex\":\"ord-[0-9]{6}\"}"},
      {"$.orders[*].number", "{\"match\":\"integer\"}"},
      {"$.orders[*].total", "{\"match\":\"decimal\"}"},
      {"$.orders[*].tags", "{\"match\":\"type\",\"min\":1}"}}},
    {"exact", true, {{NULL, NULL}}},
    {"type cascade", true, {{"$", "{\"match\":\"type\"}"}}},
};

/* "10 MB reply, each-like" or "1 KB reply, exact". */
static void measure_reply(const char *what)
{
    struct arena *arena ARENA_AUTO = arena_new(), *each ARENA_AUTO = arena_new();
    size_t len = (size_t)atoi(what) * (strstr(what, "MB") ? 1000000u : 1000u);
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        if (!strstr(what, replies[i].name))
            continue;
        struct str actual = reply(arena, len, false);
        struct str example = replies[i].whole ? actual : reply(arena, 1, false);
        struct comparing c = comparing_new(arena, example, replies[i].rules, 5);
        c.actual.body = actual;
        c.arena = each;
        double took = best_of(compare_once, &c, actual.len);
        bench_row(what, 1 / took, took * 1e6, own_peak_kib(),
                  "%.1f ms%s, %.1f us per MB of reply, %.1fx a look at each byte", took * 1e3,
                  len == BIG ? " (reach 100, 80 MiB)" : "", took * 1e12 / (double)actual.len,
                  took / floor_look(actual));
    }
}

/* ---- differences ---- */

static struct str differing(struct arena *arena, int salt)
{
    struct buf out BUF_AUTO = BUF_INIT(4u * 1000 * 1000);
    buf_puts(&out, "{\"rows\":[");
    for (int i = 0; i < MANY; i++)
        buf_printf(&out, "%s{\"id\":%d,\"name\":\"row number %d\",\"ok\":%s}", i ? "," : "", i + 1,
                   i + salt * MANY, "true");
    buf_puts(&out, "]}");
    return str_dup(arena, buf_view(&out));
}

static void measure_differences(const char *what)
{
    struct arena *arena ARENA_AUTO = arena_new(), *each ARENA_AUTO = arena_new();
    struct str actual = differing(arena, 1);
    struct comparing c = comparing_new(arena, differing(arena, 0), NULL, 0);
    c.actual.body = actual;
    c.arena = each;
    c.want = MANY;
    double took = best_of(compare_once, &c, actual.len);
    bench_row(what, 1 / took, took * 1e6, own_peak_kib(),
              "%.1f ms (reach 50), %.2f us per difference, %.1fx a look at each byte", took * 1e3,
              took * 1e6 / MANY, took / floor_look(actual));
}

/* ---- reading files ---- */

static struct str pact_file(struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(64u * 1000 * 1000);
    buf_puts(&out, "{\n  \"consumer\": {\"name\": \"app\"},\n  \"provider\": {\"name\": \"bff\"},\n"
                   "  \"interactions\": [");
    for (int i = 0; i < FILE_INTERACTIONS; i++) {
        buf_printf(
            &out,
            "%s\n  {\n    \"description\": \"OrderRepository.page: page %d\",\n"
            "    \"providerStates\": [{\"name\": \"orders exist\", \"params\": {\"n\": 6}}],\n"
            "    \"request\": {\"method\": \"GET\", \"path\": \"/v1/orders\",\n"
            "      \"query\": {\"page\": [\"%d\"]},\n"
            "      \"headers\": {\"Accept\": \"application/json\"}},\n"
            "    \"response\": {\"status\": 200,\n"
            "      \"headers\": {\"Content-Type\": \"application/json\"},\n"
            "      \"body\": {\"orders\": [",
            i ? "," : "", i, i);
        for (int k = 0; k < ITEMS; k++) {
            buf_puts(&out, k ? ", " : "");
            put_item(&out, ITEMS * i + k, true);
        }
        buf_puts(&out, "]},\n      ");
        put_rules(&out, replies[0].rules, 5);
        buf_puts(&out, "}\n  }");
    }
    buf_puts(&out, "],\n  \"metadata\": {\"pactSpecification\": {\"version\": \"3.0.0\"}}\n}\n");
    return str_dup(arena, buf_view(&out));
}

static struct pact *read_pact(struct parsing *parsing)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    arena_reset(parsing->arena);
    must(pact_read(parsing->text, "bench.json", parsing->arena, &pact, &err), &err, "read");
    parsing->used = arena_used(parsing->arena);
    return pact;
}

static void read_once(void *context)
{
    struct err err = ERR_INIT;
    must(read_pact(context)->interactions.len != FILE_INTERACTIONS, &err, "some are missing");
}

static void read_rules_once(void *context)
{
    struct err err = ERR_INIT;
    const struct pact *pact = read_pact(context);
    must(pact->interactions.items[0].response.rules->part[RULES_BODY].len < 1000, &err, "no rules");
}

static void measure_file(const char *what)
{
    struct arena *arena ARENA_AUTO = arena_new(), *tree ARENA_AUTO = arena_new();
    struct parsing parsing = {.text = pact_file(arena), .arena = tree};
    double took = best_of(read_once, &parsing, parsing.text.len);
    bench_row(what, 1 / took, took * 1e6, own_peak_kib(),
              "%.1f MB in %.0f ms (reach 150), %.2f bytes per byte, %.1fx a look at each byte",
              (double)parsing.text.len / 1e6, took * 1e3,
              (double)parsing.used / (double)parsing.text.len, took / floor_look(parsing.text));
}

/* ---- what is hostile, and must stay linear ---- */

/* "read 1,000 rules of one body": the cost of one rule is the same for 100 times as many. */
static void measure_rules(const char *what)
{
    struct arena *tree ARENA_AUTO = arena_new();
    struct buf out BUF_AUTO = BUF_INIT(64u * 1000 * 1000);
    int n = strstr(what, "100,000") ? 100000 : 1000;
    buf_puts(&out, "{\"interactions\": [{\"response\": {\"matchingRules\": {\"body\": {");
    for (int i = 0; i < n; i++)
        buf_printf(&out, "%s\"$.a.k%06d[*]\": {\"matchers\": [{\"match\": \"integer\"}]}",
                   i ? "," : "", i);
    buf_puts(&out, "}}}}]}");
    struct parsing parsing = {.text = buf_view(&out), .arena = tree};
    double took = best_of(read_rules_once, &parsing, out.len);
    bench_row(what, 1 / took, took * 1e6, own_peak_kib(), "%.2f us per rule, %.0f bytes of memory",
              took * 1e6 / n, (double)parsing.used / n);
}

static void measure_tiny(const char *what)
{
    struct arena *arena ARENA_AUTO = arena_new(), *each ARENA_AUTO = arena_new();
    enum { N = 1000000 };
    struct buf out BUF_AUTO = BUF_INIT(4u * N);
    buf_putc(&out, '[');
    for (int i = 0; i < N; i++)
        buf_puts(&out, i ? ",1" : "1");
    buf_putc(&out, ']');
    static const struct row_rule type = {"$", "{\"match\":\"type\"}"};
    struct comparing c = comparing_new(arena, buf_view(&out), &type, 1);
    c.actual.body = buf_view(&out);
    c.arena = each;
    double took = best_of(compare_once, &c, out.len);
    bench_row(what, 1 / took, took * 1e6, own_peak_kib(),
              "%.0f ns per value, %.1fx a look at each "
              "byte",
              took * 1e9 / N, took / floor_look(buf_view(&out)));
}

int main(int argc, char **argv)
{
    selected = argc > 3 ? argv[3] : "";
    static const char *const sizes[] = {"1 KB", "10 KB", "100 KB", "1 MB", "10 MB"};
    row(measure_parse, "parse an order of 988 bytes");
    row(measure_parse, "parse 10 MB of compact JSON");
    row(measure_parse, "parse 10 MB of pretty JSON");
    row(measure_order, "compare an order, both sides parsed");
    row(measure_order, "compare an order, the reply parsed");
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            char what[64];
            snprintf(what, sizeof what, "%s reply, %s", sizes[k], replies[i].name);
            row(measure_reply, what);
        }
    }
    row(measure_differences, "20,000 differences in a 1 MB body");
    row(measure_file, "read a pact file of 5,000 interactions");
    row(measure_rules, "read 1,000 rules of one body");
    row(measure_rules, "read 100,000 rules of one body");
    row(measure_tiny, "1,000,000 tiny values, type cascade");
    return failures != 0;
}
