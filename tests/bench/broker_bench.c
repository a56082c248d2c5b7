// SPDX-License-Identifier: Apache-2.0
/*
 * Broker: writing against the disk's own rate of single fdatasync calls, reading, questions, start,
 * memory and size. Usage: broker_bench TALLY FOLDER
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/db/db.h"
#include "tests/bench/broker_load.h"

/* The limit any durable store has here: one small write and fdatasync at a time. */
static double fdatasync_rate(const char *folder)
{
    char path[512], block[4096];
    snprintf(path, sizeof path, "%s/fdatasync", folder);
    memset(block, 'x', sizeof block);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    double start = bench_now_s();
    int n = 0;
    while (fd >= 0 && n < 1000 && bench_now_s() - start < 3) {
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block || fdatasync(fd) != 0)
            break;
        n++;
    }
    double rate = n / (bench_now_s() - start);
    close(fd);
    unlink(path);
    return rate;
}

static struct child start_broker(char *tally, char *database, const char *name)
{
    double start = bench_now_s();
    struct child broker = bench_start((char *[]){tally, (char[]){"broker"}, (char[]){"--port"},
                                                 (char[]){"0"}, (char[]){"--database"}, database,
                                                 (char[]){"--log-level"}, (char[]){"error"}, NULL});
    if (name)
        bench_row(name, 0, bench_cpu_s(broker.pid) * 1e6, bench_peak_kib(broker.pid),
                  "%.1f ms to the ready line", (bench_now_s() - start) * 1e3);
    return broker;
}

static void memory_row(const struct child *broker, const char *name)
{
    bench_row(name, 0, 0, bench_peak_kib(broker->pid), "PSS %.1f MiB now",
              (double)bench_pss_kib(broker->pid) / 1024);
}

/* Writing over HTTP, as CI does it all day. */
static void bench_writes(struct load *load, const char *folder, int n)
{
    double disk = fdatasync_rate(folder);
    bench_row("floor: single fdatasync calls", disk, 0, 0, "this disk, now");
    load_measure(load, "publish, 1 client (5.8 KB, 10 interactions)", load_publish, 0, n, 1, disk);
    load_find_contents(load);
    load_measure(load, "result, 8 clients", load_result, 0, 2 * n, 8, disk);
    memory_row(load->broker, "memory after those publications and results");
    disk = fdatasync_rate(folder);
    bench_row("floor: single fdatasync calls", disk, 0, 0, "this disk, now");
    load_measure(load, "publish, 8 clients", load_publish, n, 2 * n, 8, disk);
}

static void bench_reads(struct load *load)
{
    double floor =
        load_measure(load, "floor: heartbeat, 64 connections", load_heartbeat, 0, 40000, 64, 0);
    load_measure(load, "GET pact by content, 64 connections", load_content, 0, 40000, 64, floor);
}

/* A broker on a file that is filled without it; opened again for each size. */
static void bench_questions(char *tally, const char *folder, int from, int to, int releases)
{
    struct err err = ERR_INIT;
    struct store *store = NULL;
    struct load load;
    char database[512], name[96];
    snprintf(database, sizeof database, "%s/questions.sqlite", folder);
    if (store_open(database, clock_system(), &store, &err) != 0)
        exit(err_report(&err));
    load_fill(store, from, to - from, true);
    if (releases || from == 0)
        load_fill_field(store, releases ? releases : BENCH_APPS);
    store_close(store);
    struct child broker =
        start_broker(tally, database, from == 0 ? "broker start, existing database" : NULL);
    load_start(&load, &broker);
    if (releases) {
        snprintf(name, sizeof name, "can-i-deploy, %d releases in the field", releases);
        load_measure(&load, name, load_can_deploy_bff, 0, 300, 1, 0);
        load_measure(&load, "for verification, with those in the field", load_for_verification, 0,
                     300, 1, 0);
    } else {
        snprintf(name, sizeof name, "can-i-deploy after %d publications", to);
        load_measure(&load, name, load_can_deploy_app, 0, 2000, 1, 0);
        snprintf(name, sizeof name, "for verification, pending, WIP, after %d", to);
        load_measure(&load, name, load_for_verification, 0, 500, 1, 0);
    }
    load_end(&load);
    bench_stop(&broker);
    if (load.failed > 0)
        exit(1);
}

static double size_of(const char *file)
{
    struct stat info;
    return stat(file, &info) == 0 ? (double)info.st_size : 0;
}

/* The original's file with the data of one of ours, as far as we can tell: see original.sql. */
static void write_original(const char *database, const char *file)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct str script = STR_NONE;
    struct store *store = NULL;
    if (fs_read("tests/bench/original.sql", LIMIT_FILE, arena, &script, &err) < 0 ||
        store_open(database, clock_system(), &store, &err) < 0 ||
        db_run(store->db, &err, "ATTACH $1 AS o", "s", file) < 0 ||
        db_script(store->db, str_cstr(arena, script), &err) < 0)
        exit(err_report(&err));
    store_close(store);
}

static void size_row(const char *name, const char *database, int publications)
{
    char original[600];
    snprintf(original, sizeof original, "%s.original", database);
    write_original(database, original);
    double own = size_of(database), other = size_of(original);
    bench_row(name, 0, 0, 0,
              "%.1f MiB, %.0f bytes per publication with its results; the original's %.1f MiB, "
              "%.0f: ratio %.2f",
              own / 1048576, own / publications, other / 1048576, other / publications,
              own / other);
    unlink(original);
}

/* Apps and a provider that live: each build publishes, a contract changes now and then and in one
 * place, and each build of the provider says what it ran. */
static void bench_life(char *tally, const char *folder, int n)
{
    struct load load;
    char database[512];
    snprintf(database, sizeof database, "%s/life.sqlite", folder);
    struct child broker = start_broker(tally, database, NULL);
    load_start(&load, &broker);
    for (int i = 0; i < n; i += BENCH_APPS) {
        load_send(&load, load_publish_changed, i, BENCH_APPS, 4);
        load_find_contents(&load);
        load_send(&load, load_result_detailed, i, BENCH_APPS, 4);
    }
    load_end(&load);
    bench_stop(&broker);
    size_row("database size, contracts that change little", database, n);
    if (load.failed > 0)
        exit(1);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    char database[512];
    snprintf(database, sizeof database, "%s/bench.sqlite", argv[2]);
    int n = (int)bench_size("BENCH_PUBLICATIONS", 500);
    struct load load;
    struct child broker = start_broker(argv[1], database, "broker start, empty database");
    memory_row(&broker, "memory, idle");
    load_start(&load, &broker);
    bench_writes(&load, argv[2], n);
    bench_reads(&load);
    load_end(&load);
    bench_stop(&broker);
    size_row("database size, every contract new", database, 3 * n);
    bench_life(argv[1], argv[2], 2 * n / BENCH_APPS * BENCH_APPS);
    bench_questions(argv[1], argv[2], 0, 500, 0);
    bench_questions(argv[1], argv[2], 500, 3000, 0);
    bench_questions(argv[1], argv[2], 3000, 3000, 500);
    return load.failed > 0;
}
