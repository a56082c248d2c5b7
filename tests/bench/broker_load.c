// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/broker_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/identity.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/http/loop.h"
#include "lib/json/json.h"

/* ---- driving ---- */

struct run {
    struct load *load;
    struct client_pool *pool;
    struct job *jobs;
    double *latencies;
    int next, done, total;
};
struct job {
    struct run *run;
    double start;
    struct client_request request;
};

static void issue(struct run *run);

static void on_done(void *arg, const struct client_response *response, const struct err *err)
{
    struct job *job = arg;
    struct run *run = job->run;
    if (!response || response->status >= 300) {
        if (run->load->failed++ == 0)
            fprintf(stderr, "bench: %s: %d %.300s\n", job->request.url,
                    response ? response->status : 0, response ? response->body.ptr : err->text);
    }
    run->latencies[run->done++] = bench_now_s() - job->start;
    if (run->next < run->total)
        issue(run);
    else if (run->done == run->total)
        loop_stop(run->load->loop);
}

static void issue(struct run *run)
{
    struct job *job = &run->jobs[run->next++];
    job->start = bench_now_s();
    client_pool_call(run->pool, &job->request, on_done, job);
}

static double drive(struct run *run, make_request *make, int first, int clients)
{
    run->jobs = calloc((size_t)run->total, sizeof *run->jobs);
    run->latencies = calloc((size_t)run->total, sizeof *run->latencies);
    if (!run->jobs || !run->latencies)
        exit(1);
    struct err err = ERR_INIT;
    struct arena *arena = arena_new();
    if (client_pool_new(run->load->loop, clients, clients, &run->pool, &err) != 0)
        exit(err_report(&err));
    /* What a client does before it sends is not the broker's time. */
    for (int i = 0; i < run->total; i++)
        run->jobs[i] = (struct job){.run = run, .request = make(run->load, first + i, arena)};
    double start = bench_now_s();
    for (int i = 0; i < clients && run->next < run->total; i++)
        issue(run);
    loop_run(run->load->loop);
    double taken = bench_now_s() - start;
    client_pool_free(run->pool);
    arena_free(arena);
    return taken;
}

static void run_release(struct run *run)
{
    free(run->jobs);
    free(run->latencies);
}

double load_measure(struct load *load, const char *name, make_request *make, int first, int total,
                    int clients, double floor)
{
    struct run run = {.load = load, .total = total};
    int failed = load->failed;
    double cpu = bench_cpu_s(load->broker->pid);
    double taken = drive(&run, make, first, clients);
    cpu = bench_cpu_s(load->broker->pid) - cpu;
    double p50 = bench_percentile(run.latencies, (size_t)total, 0.5) * 1e3;
    double p99 = bench_percentile(run.latencies, (size_t)total, 0.99) * 1e3;
    double rate = total / taken;
    char ratio[64] = "";
    if (floor > 0)
        snprintf(ratio, sizeof ratio, ", %.2f of the floor", rate / floor);
    bench_row(name, rate, cpu * 1e6 / total, bench_peak_kib(load->broker->pid),
              "p50 %.2f ms, p99 %.2f ms, %d failed%s", p50, p99, load->failed - failed, ratio);
    run_release(&run);
    return rate;
}

void load_send(struct load *load, make_request *make, int first, int total, int clients)
{
    struct run run = {.load = load, .total = total};
    drive(&run, make, first, clients);
    run_release(&run);
}

void load_start(struct load *load, struct child *broker)
{
    struct err err = ERR_INIT;
    *load = (struct load){.broker = broker};
    if (loop_new(&load->loop, &err) != 0)
        exit(err_report(&err));
}

void load_end(struct load *load)
{
    loop_free(load->loop);
    for (int i = 0; i < BENCH_APPS; i++) {
        free(load->paths[i]);
        free(load->results[i]);
    }
}

/* ---- requests ---- */

static struct client_request request(const struct load *load, const char *method, const char *path,
                                     struct str body, struct arena *arena)
{
    struct client_request made = {.method = method,
                                  .url = arena_printf(arena, "%s%s", load->broker->url, path),
                                  .body = body};
    if (body.ptr)
        headers_addz(arena, &made.headers, "Content-Type", "application/json");
    headers_addz(arena, &made.headers, "Accept", "application/hal+json");
    return made;
}

char *load_ask(struct load *load, const char *method, const char *path, const char *json,
               struct arena *arena)
{
    struct client *client = client_new();
    struct client_request asked = request(load, method, path, str_of(json), arena);
    struct client_response response = {0};
    struct err err = ERR_INIT;
    char *body = NULL;
    if (client_call(client, &asked, arena, &response, &err) != 0 || response.status >= 300) {
        fprintf(stderr, "bench: %s: %d %.300s\n", path, response.status,
                err.code ? err.text : response.body.ptr);
        load->failed++;
    } else {
        body = str_cstr(arena, response.body);
    }
    client_free(client);
    return body;
}

/* The test results of a verifier that ran every interaction of the contract. */
static char *results_of(const char *pact)
{
    static const char id[] = "\"_id\":\"";
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_HTTP_BODY);
    const char *comma = "";
    buf_putc(&out, '[');
    while ((pact = strstr(pact, id)) != NULL) {
        pact += strlen(id);
        buf_printf(&out, "%s{\"interactionId\":\"%.40s\",\"success\":true}", comma, pact);
        comma = ",";
    }
    buf_putc(&out, ']');
    return buf_steal(&out);
}

void load_find_contents(struct load *load)
{
    struct arena *arena ARENA_AUTO = arena_new();
    for (int i = 0; i < BENCH_APPS; i++) {
        char *body = load_ask(load, "GET",
                              arena_printf(arena, "/pacts/provider/bff/consumer/app-%d/latest", i),
                              NULL, arena);
        const char *at = body ? strstr(body, "/pact-version/") : NULL;
        char sha[HASH_SHA1_HEX] = "";
        if (at)
            snprintf(sha, sizeof sha, "%s", at + strlen("/pact-version/"));
        free(load->paths[i]);
        free(load->results[i]);
        load->paths[i] = strdup(
            arena_printf(arena, "/pacts/provider/bff/consumer/app-%d/pact-version/%s", i, sha));
        load->results[i] = results_of(body ? body : "");
    }
}

static struct client_request publication(const struct load *load, int i, const char *consumer,
                                         const char *text, struct arena *arena)
{
    struct str content = hash_base64(arena, str_of(text));
    struct str body = str_printf(
        arena,
        "{\"pacticipantName\":\"%s\",\"pacticipantVersionNumber\":\"%d\",\"branch\":\"main\","
        "\"contracts\":[{\"consumerName\":\"%s\",\"providerName\":\"bff\",\"specification\":"
        "\"pact\",\"contentType\":\"application/json\",\"content\":\"%.*s\"}]}",
        consumer, i, consumer, STR_FMT(content));
    return request(load, "POST", "/contracts/publish", body, arena);
}

struct client_request load_publish(const struct load *load, int i, struct arena *arena)
{
    char *consumer = arena_printf(arena, "app-%d", i % BENCH_APPS);
    char *text = bench_pact(arena, consumer, "bff", 10, arena_printf(arena, "v%d", i));
    return publication(load, i, consumer, text, arena);
}

struct client_request load_publish_changed(const struct load *load, int i, struct arena *arena)
{
    char *consumer = arena_printf(arena, "app-%d", i % BENCH_APPS);
    char *text = bench_pact_changed(arena, consumer, "bff", 10, i / BENCH_APPS / 5);
    return publication(load, i, consumer, text, arena);
}

struct client_request load_result_detailed(const struct load *load, int i, struct arena *arena)
{
    const char *path = arena_printf(arena, "%s/verification-results", load->paths[i % BENCH_APPS]);
    struct str body =
        str_printf(arena,
                   "{\"success\":true,\"providerApplicationVersion\":\"r%d\",\"testResults\":%s,"
                   "\"verifiedBy\":{\"implementation\":\"bench\",\"version\":\"1\"}}",
                   i / BENCH_APPS, load->results[i % BENCH_APPS]);
    return request(load, "POST", path, body, arena);
}

struct client_request load_result(const struct load *load, int i, struct arena *arena)
{
    const char *path = arena_printf(arena, "%s/verification-results", load->paths[i % BENCH_APPS]);
    struct str body = str_printf(
        arena,
        "{\"success\":true,\"providerApplicationVersion\":\"r%d\",\"verifiedBy\":{\"implementation"
        "\":\"bench\",\"version\":\"1\"}}",
        i / BENCH_APPS);
    return request(load, "POST", path, body, arena);
}

struct client_request load_content(const struct load *load, int i, struct arena *arena)
{
    return request(load, "GET", load->paths[i % BENCH_APPS], STR_NONE, arena);
}

/* Of the apps with an even number: the others are never on main alone. */
struct client_request load_latest(const struct load *load, int i, struct arena *arena)
{
    return request(load, "GET",
                   arena_printf(arena, "/pacts/provider/bff/consumer/app-%d/branch/main/latest",
                                i * 2 % BENCH_APPS),
                   STR_NONE, arena);
}

struct client_request load_heartbeat(const struct load *load, int i, struct arena *arena)
{
    (void)i;
    return request(load, "GET", "/diagnostic/status/heartbeat", STR_NONE, arena);
}

#define FIELD "&latestby=cvpv&environment=production"

struct client_request load_can_deploy_app(const struct load *load, int i, struct arena *arena)
{
    (void)i;
    return request(load, "GET",
                   "/matrix?q%5B%5D%5Bpacticipant%5D=app-0&q%5B%5D%5Blatest%5D=true" FIELD,
                   STR_NONE, arena);
}

struct client_request load_can_deploy_bff(const struct load *load, int i, struct arena *arena)
{
    (void)i;
    return request(load, "GET", "/matrix?q%5B%5D%5Bpacticipant%5D=bff&q%5B%5D%5Bversion%5D=1" FIELD,
                   STR_NONE, arena);
}

struct client_request load_for_verification(const struct load *load, int i, struct arena *arena)
{
    (void)i;
    return request(load, "POST", "/pacts/provider/bff/for-verification",
                   STR("{\"providerVersionBranch\":\"main\",\"includePendingStatus\":true,"
                       "\"includeWipPactsSince\":\"2020-01-01\",\"consumerVersionSelectors\":["
                       "{\"mainBranch\":true},{\"deployedOrReleased\":true}]}"),
                   arena);
}

/* ---- filling ---- */

static void need(int code, const struct err *err)
{
    if (code < 0) {
        fprintf(stderr, "bench: filling the store: %s\n", err->text);
        exit(1);
    }
}

static struct version version_of(struct store *store, const char *name, const char *number,
                                 struct arena *arena)
{
    struct err err = ERR_INIT;
    struct pacticipant who = {0};
    struct version version = {0};
    need(store_pacticipant_need(store, name, arena, &who, NULL, &err), &err);
    need(store_version_need(store, &who, number, arena, &version, NULL, &err), &err);
    return version;
}

static void verify(struct store *store, const struct version *version, int64_t provider_id,
                   const struct version *by, struct arena *arena)
{
    struct err err = ERR_INIT;
    struct publication pact = {0};
    need(store_pact_find(store, version->id, provider_id, arena, &pact, &err), &err);
    struct verification row = {.pact_version_id = pact.pact_version_id,
                               .provider_version_id = by->id,
                               .verdict = VERDICT_VERIFIED};
    need(store_verification_add(store, &row, arena, &row, &err), &err);
}

static void fill_one(struct store *store, int i, int big, struct arena *arena)
{
    struct err err = ERR_INIT;
    char *consumer = arena_printf(arena, "app-%d", i % BENCH_APPS);
    struct version version = version_of(store, consumer, arena_printf(arena, "%d", i), arena);
    struct version bff = version_of(store, "bff", "1", arena);
    const char *branch = i % 10 == 9 ? arena_printf(arena, "feature-%d", i / 10 % 50) : "main";
    need(store_branch_add(store, &version, branch, arena, NULL, &err), &err);
    char *text = bench_pact(arena, consumer, "bff", big ? 10 : 0, arena_printf(arena, "v%d", i));
    if (!big)
        text = arena_printf(arena, "{\"interactions\":[{\"description\":\"version %d of %s\"}]}", i,
                            consumer);
    struct json *pact = NULL;
    need(json_parse(str_of(text), NULL, arena, &pact, &err), &err);
    char sha[HASH_SHA1_HEX];
    struct pact_content content = {.sha = sha, .tree = pact};
    content.text = identity_both(pact, arena, sha, &content.plain);
    enum pact_saved saved;
    need(store_pact_save(store, &version, bff.pacticipant_id, &content, arena, &saved, &err), &err);
    if (i % 10 != 0)
        return;
    struct version by = version_of(store, "bff", arena_printf(arena, "p%d", i), arena);
    need(store_branch_add(store, &by, "main", arena, NULL, &err), &err);
    verify(store, &version, bff.pacticipant_id, &by, arena);
}

void load_fill(struct store *store, int first, int n, int big)
{
    struct err err = ERR_INIT;
    for (int i = 0; i < n;) {
        struct arena *arena ARENA_AUTO = arena_new();
        need(store_begin(store, &err), &err);
        for (int k = 0; k < 500 && i < n; k++, i++)
            fill_one(store, first + i, big, arena);
        need(store_commit(store, &err), &err);
    }
}

void load_fill_field(struct store *store, int releases)
{
    struct err err = ERR_INIT;
    struct arena *arena ARENA_AUTO = arena_new();
    struct environment field = {
        .name = "production", .display_name = "Production", .production = true};
    struct placement row;
    bool created;
    need(store_begin(store, &err), &err);
    int code = store_environment_by_name(store, "production", arena, &field, &err);
    need(code, &err);
    if (code == 0)
        need(store_environment_save(store, &field, arena, &err), &err);
    struct version bff = version_of(store, "bff", "1", arena);
    need(store_deploy(store, &bff, &field, NULL, arena, &row, &err), &err);
    for (int i = 0; i < releases; i++) {
        struct version version = version_of(store, arena_printf(arena, "app-%d", i % BENCH_APPS),
                                            arena_printf(arena, "%d", i), arena);
        verify(store, &version, bff.pacticipant_id, &bff, arena);
        need(store_release(store, &version, &field, arena, &row, &created, &err), &err);
    }
    need(store_commit(store, &err), &err);
}
