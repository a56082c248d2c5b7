// SPDX-License-Identifier: Apache-2.0
/*
 * `tally verify` on 100 and 1000 interactions against a provider in this process, next to a bare
 * keep-alive client that makes the same requests. Usage: verify_bench TALLY FOLDER
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/http/client.h"
#include "lib/http/loop.h"
#include "lib/http/server.h"
#include "tests/bench/common.h"

static void on_order(struct exchange *exchange)
{
    struct str path = exchange->request.path;
    long slash = (long)path.len - 1;
    while (slash > 0 && path.ptr[slash] != '/')
        slash--;
    int id = atoi(path.ptr + slash + 1);
    server_respond_text(
        exchange, 200, "application/json",
        str_printf(exchange->arena,
                   "{\"id\":\"ord-%04d\",\"total\":%d.50,\"currency\":\"EUR\",\"paid\":true,"
                   "\"items\":[{\"sku\":\"A-100\",\"quantity\":2,\"price\":4.95}],\"note\":null}",
                   id, id));
}

static void *serve(void *arg)
{
    loop_run(arg);
    return NULL;
}

/* The same GETs with nothing compared: what no verifier can be faster than. */
static double floor_s(const char *url, int n)
{
    struct client *client = client_new();
    double start = bench_now_s();
    for (int i = 0; i < n; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct client_request request = {.method = "GET",
                                         .url = arena_printf(arena, "%s/v1/orders/%d", url, i)};
        struct client_response response;
        struct err err = ERR_INIT;
        if (client_call(client, &request, arena, &response, &err) != 0)
            exit(err_report(&err));
    }
    client_free(client);
    return bench_now_s() - start;
}

static int measure(char *tally, const char *folder, const char *url, int n)
{
    struct arena *arena ARENA_AUTO = arena_new();
    char *path = arena_printf(arena, "%s/orders-%d.json", folder, n);
    struct err err = ERR_INIT;
    if (fs_write(path, str_of(bench_pact(arena, "app", "bff", n, "")), &err) != 0)
        return err_report(&err);
    double floor = 0;
    struct usage best = {0};
    for (int i = 0; i < 5; i++) {
        double bare = floor_s(url, n);
        floor = i == 0 || bare < floor ? bare : floor;
        struct usage used = bench_run((char *[]){tally, (char[]){"verify"}, (char[]){"--file"},
                                                 path, (char[]){"--provider-base-url"}, (char *)url,
                                                 (char[]){"--provider"}, (char[]){"bff"}, NULL});
        if (used.status != 0) {
            fprintf(stderr, "bench: verify exited with %d\n", used.status);
            return 1;
        }
        if (i == 0 || used.wall_s < best.wall_s)
            best = used;
    }
    bench_row(arena_printf(arena, "verify %d interactions (best of 5)", n), n / best.wall_s,
              best.cpu_s * 1e6 / n, best.peak_kib,
              "%.1f ms wall, %.1f ms CPU; %.2f times the floor of %.1f ms", best.wall_s * 1e3,
              best.cpu_s * 1e3, best.wall_s / floor, floor * 1e3);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    struct loop *loop;
    struct server *server;
    struct err err = ERR_INIT;
    struct server_config config = {.address = "127.0.0.1", .handle = on_order};
    if (loop_new(&loop, &err) != 0 || server_start(loop, &config, &server, &err) != 0)
        return err_report(&err);
    pthread_t thread;
    pthread_create(&thread, NULL, serve, loop);
    int status = measure(argv[1], argv[2], server_url(server), 1);
    status |= measure(argv[1], argv[2], server_url(server), 100);
    status |= measure(argv[1], argv[2], server_url(server), 1000);
    loop_stop(loop);
    pthread_join(thread, NULL);
    server_free(server);
    loop_free(loop);
    return status;
}
