// SPDX-License-Identifier: Apache-2.0
/*
 * Broker: publish rate with 1 and 8 clients against the disk's own rate of single fdatasync calls,
 * and how long can-i-deploy takes. Usage: broker_bench TALLY FOLDER
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/http/client.h"
#include "lib/http/loop.h"
#include "tests/bench/common.h"

struct load {
    struct loop *loop;
    struct client_pool *pool;
    struct arena *arena;
    const char *url;
    int next, total, done, failed, first;
    struct job *jobs;
    double *latencies;
    struct client_request (*make)(struct load *load, int i, struct arena *arena);
};
struct job {
    struct load *load;
    double start;
    struct client_request request;
};

static void issue(struct load *load);

static void on_done(void *arg, const struct client_response *response, const struct err *err)
{
    struct job *job = arg;
    struct load *load = job->load;
    if (!response || response->status >= 300) {
        if (load->failed++ == 0)
            fprintf(stderr, "bench: %d %.300s\n", response ? response->status : 0,
                    response ? response->body.ptr : err->text);
    }
    load->latencies[load->done++] = bench_now_s() - job->start;
    if (load->next < load->total)
        issue(load);
    else if (load->done == load->total)
        loop_stop(load->loop);
}

static void issue(struct load *load)
{
    struct job *job = &load->jobs[load->next];
    load->next++;
    job->start = bench_now_s();
    client_pool_call(load->pool, &job->request, on_done, job);
}

/* `total` requests over `clients` connections; seconds taken. */
static double drive(struct load *load, int clients, int total)
{
    struct err err = ERR_INIT;
    load->first += load->total;
    load->next = load->done = 0;
    load->total = total;
    load->jobs = calloc((size_t)total, sizeof *load->jobs);
    load->latencies = calloc((size_t)total, sizeof *load->latencies);
    if (client_pool_new(load->loop, clients, clients, &load->pool, &err) != 0)
        exit(err_report(&err));
    /* What a client does before it sends is not the broker's time. */
    struct arena *arena = arena_new();
    for (int i = 0; i < total; i++)
        load->jobs[i] = (struct job){.load = load,
                                     .request = load->make(load, load->first + i, arena)};
    double start = bench_now_s();
    for (int i = 0; i < clients && load->next < total; i++)
        issue(load);
    loop_run(load->loop);
    double taken = bench_now_s() - start;
    client_pool_free(load->pool);
    free(load->jobs);
    arena_free(arena);
    return taken;
}

static struct client_request publish(struct load *load, int i, struct arena *arena)
{
    char *salt = arena_printf(arena, "v%d", i);
    char *consumer = arena_printf(arena, "app-%d", i % 20);
    char *text = bench_pact(arena, consumer, "bff", 10, salt);
    struct str content = hash_base64(arena, str_of(text));
    struct str body = str_printf(
        arena,
        "{\"pacticipantName\":\"%s\",\"pacticipantVersionNumber\":\"%d\",\"branch\":\"main\","
        "\"contracts\":[{\"consumerName\":\"%s\",\"providerName\":\"bff\",\"specification\":"
        "\"pact\","
        "\"contentType\":\"application/json\",\"content\":\"%.*s\"}]}",
        consumer, i, consumer, STR_FMT(content));
    struct client_request request = {.method = "POST",
                                     .url = arena_printf(arena, "%s/contracts/publish", load->url),
                                     .body = body};
    headers_addz(arena, &request.headers, "Content-Type", "application/json");
    headers_addz(arena, &request.headers, "Accept", "application/hal+json");
    return request;
}

static struct client_request can_i_deploy(struct load *load, int i, struct arena *arena)
{
    (void)i;
    struct client_request request = {
        .method = "GET",
        .url =
            arena_printf(arena,
                         "%s/matrix?q%%5B%%5D%%5Bpacticipant%%5D=app-0&q%%5B%%5D%%5Bversion%%5D=0"
                         "&latestby=cvpv&environment=production",
                         load->url)};
    headers_addz(arena, &request.headers, "Accept", "application/hal+json");
    return request;
}

static struct client_request heartbeat(struct load *load, int i, struct arena *arena)
{
    (void)i;
    return (struct client_request){
        .method = "GET", .url = arena_printf(arena, "%s/diagnostic/status/heartbeat", load->url)};
}

/* The limit any durable store has here: one small write and fdatasync at a time. */
static double fdatasync_rate(const char *folder)
{
    char path[512], block[4096];
    snprintf(path, sizeof path, "%s/fdatasync", folder);
    memset(block, 'x', sizeof block);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    double start = bench_now_s();
    int n = 0;
    while (fd >= 0 && n < 500 && bench_now_s() - start < 3) {
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block || fdatasync(fd) != 0)
            break;
        n++;
    }
    double rate = n / (bench_now_s() - start);
    close(fd);
    unlink(path);
    return rate;
}

static void post(struct load *load, const char *path, const char *json)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct client *client = client_new();
    struct client_request request = {.method = "POST",
                                     .url = arena_printf(arena, "%s%s", load->url, path),
                                     .body = str_of(json)};
    headers_addz(arena, &request.headers, "Content-Type", "application/json");
    headers_addz(arena, &request.headers, "Accept", "application/hal+json");
    struct client_response response;
    struct err err = ERR_INIT;
    if (client_call(client, &request, arena, &response, &err) != 0 || response.status >= 300)
        fprintf(stderr, "bench: %s: %s\n", path, err.code ? err.text : response.body.ptr);
    client_free(client);
}

static void measure(struct load *load, struct child *broker, const char *name, int clients,
                    int total, double floor)
{
    double cpu = bench_cpu_s(broker->pid);
    double taken = drive(load, clients, total);
    cpu = bench_cpu_s(broker->pid) - cpu;
    double p50 = bench_percentile(load->latencies, (size_t)total, 0.5) * 1e3;
    double p99 = bench_percentile(load->latencies, (size_t)total, 0.99) * 1e3;
    double rate = total / taken;
    if (floor > 0)
        bench_row(name, rate, cpu * 1e6 / total, bench_peak_kib(broker->pid),
                  "p50 %.2f ms, p99 %.2f ms, %d failed, %.2f of the floor", p50, p99, load->failed,
                  rate / floor);
    else
        bench_row(name, rate, cpu * 1e6 / total, bench_peak_kib(broker->pid),
                  "p50 %.2f ms, p99 %.2f ms, %d failed", p50, p99, load->failed);
    free(load->latencies);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    char database[512];
    snprintf(database, sizeof database, "%s/bench.sqlite", argv[2]);
    double start = bench_now_s();
    struct child broker = bench_start((char *[]){argv[1], (char[]){"broker"}, (char[]){"--port"},
                                                 (char[]){"0"}, (char[]){"--database"}, database,
                                                 (char[]){"--log-level"}, (char[]){"error"}, NULL});
    bench_row("broker start, empty database", 0, bench_cpu_s(broker.pid) * 1e6,
              bench_peak_kib(broker.pid), "%.1f ms to the ready line",
              (bench_now_s() - start) * 1e3);
    struct load load = {.url = broker.url};
    struct err err = ERR_INIT;
    if (loop_new(&load.loop, &err) != 0)
        return err_report(&err);
    double disk = fdatasync_rate(argv[2]);
    bench_row("floor: single fdatasync calls", disk, 0, 0, "this disk, now");
    int n = (int)bench_size("BENCH_PUBLICATIONS", 500);
    load.make = publish;
    measure(&load, &broker, "publish, 1 client (5.8 KB, 10 interactions)", 1, n, disk);
    measure(&load, &broker, "publish, 8 clients", 8, n * 2, disk);
    post(&load, "/environments",
         "{\"name\":\"production\",\"displayName\":\"Production\",\"production\":true}");
    load.make = heartbeat;
    measure(&load, &broker, "floor: heartbeat, 1 client", 1, 2000, 0);
    load.make = can_i_deploy;
    char name[64];
    snprintf(name, sizeof name, "can-i-deploy after %d publications", n * 3);
    measure(&load, &broker, name, 1, 1000, 0);
    loop_free(load.loop);
    bench_stop(&broker);
    return load.failed > 0;
}
