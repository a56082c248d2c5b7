// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_TESTS_BENCH_BROKER_LOAD_H
#define TALLY_TESTS_BENCH_BROKER_LOAD_H
/*
 * What the broker's benchmarks share: requests over n connections with their latencies, the
 * requests that stock clients send, and a store that is filled without HTTP.
 *
 * The data: 20 consumers app-0 .. app-19 of the provider bff; publication i is version i of app
 * i % 20, with a content of its own, on main or, every tenth, on one of 50 other branches.
 */
#include <stddef.h>

#include "lib/http/client.h"
#include "tests/bench/common.h"

struct arena;
struct load;
struct store;

enum { BENCH_APPS = 20 };

typedef struct client_request make_request(const struct load *load, int i, struct arena *arena);

struct load {
    struct child *broker;
    struct loop *loop;
    int failed;
    char *paths[BENCH_APPS];   /* of a content of each consumer:
                                  "/pacts/provider/.../pact-version/SHA" */
    char *results[BENCH_APPS]; /* test results that name each of its interactions */
};

void load_start(struct load *load, struct child *broker);
void load_end(struct load *load);
/*
 * Requests first .. first + total - 1 over so many connections, and a row with rate, CPU, latency
 * and, with a floor, the ratio to it. Returns the rate.
 */
double load_measure(struct load *load, const char *name, make_request *make, int first, int total,
                    int clients, double floor);
/* The same without a row. */
void load_send(struct load *load, make_request *make, int first, int total, int clients);
/* One request that has to succeed; its body, NULL if it did not. */
char *load_ask(struct load *load, const char *method, const char *path, const char *json,
               struct arena *arena);
/* Fills load->paths and load->results from what the broker has. */
void load_find_contents(struct load *load);

make_request load_publish, load_result, load_content, load_heartbeat;
/* As apps do it: a contract changes in one interaction with each fifth version of its app, and a
 * result says what was run. */
make_request load_publish_changed, load_result_detailed;
/* Whether the newest version of app-0, or version 1 of bff, may go to production. */
make_request load_can_deploy_app, load_can_deploy_bff;
/* With pending, WIP, and main branch and field selectors. */
make_request load_for_verification, load_latest;

/*
 * Publications first .. first + n - 1 straight into a store, every tenth verified by a version of
 * bff of its own; big: contents of 5.8 KB, else of 200 bytes.
 */
void load_fill(struct store *store, int first, int n, int big);
/* bff version 1 in production, and `releases` supported versions of the consumers that it has
 * verified. */
void load_fill_field(struct store *store, int releases);

#endif
