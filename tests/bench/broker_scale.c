// SPDX-License-Identifier: Apache-2.0
/*
 * How the broker's hot questions grow with history: a store filled straight with 1,000, 10,000,
 * 100,000 and 1,000,000 publications. Usage: broker_scale TALLY FOLDER; SCALE_MAX stops earlier.
 */
#include <stdio.h>
#include <stdlib.h>

#include "broker/store.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "tests/bench/broker_load.h"

static const struct {
    const char *name;
    make_request *make;
    int times, clients;
} questions[] = {
    {"can-i-deploy of a consumer", load_can_deploy_app, 1000, 1},
    {"can-i-deploy of the provider", load_can_deploy_bff, 500, 1},
    {"for verification, pending and WIP", load_for_verification, 100, 1},
    {"pact by content", load_content, 2000, 1},
    {"latest pact of a branch", load_latest, 1000, 1},
    {"result", load_result, 400, 1},
    {"publish", load_publish, 400, 1},
};

static void measure(char *tally, char *database, int publications)
{
    struct child broker = bench_start((char *[]){tally, (char[]){"broker"}, (char[]){"--port"},
                                                 (char[]){"0"}, (char[]){"--database"}, database,
                                                 (char[]){"--log-level"}, (char[]){"error"}, NULL});
    struct load load;
    load_start(&load, &broker);
    load_find_contents(&load);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        char name[96];
        snprintf(name, sizeof name, "%d: %s", publications, questions[i].name);
        load_measure(&load, name, questions[i].make, 10000000 + publications, questions[i].times,
                     questions[i].clients, 0);
    }
    load_end(&load);
    bench_stop(&broker);
    if (load.failed > 0)
        exit(1);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    char database[512];
    snprintf(database, sizeof database, "%s/scale.sqlite", argv[2]);
    long most = bench_size("SCALE_MAX", 1000000);
    int filled = 0;
    for (int size = 1000; size <= most; size *= 10) {
        struct err err = ERR_INIT;
        struct store *store = NULL;
        double start = bench_now_s();
        if (store_open(database, clock_system(), &store, &err) != 0)
            return err_report(&err);
        load_fill(store, filled, size - filled, 0);
        if (filled == 0)
            load_fill_field(store, BENCH_APPS);
        store_close(store);
        filled = size;
        bench_row("filled", size / (bench_now_s() - start), 0, 0, "%d publications", size);
        measure(argv[1], database, size);
    }
    return 0;
}
