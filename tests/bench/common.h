// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_TESTS_BENCH_COMMON_H
#define TALLY_TESTS_BENCH_COMMON_H
/* What the benchmarks share: child processes with their CPU and peak memory, percentiles, rows. */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;

struct child {
    pid_t pid;
    int out;       /* its stdout */
    char url[128]; /* of its ready line */
};
/* Start a server and wait for its ready line. Ends the benchmark when it does not come. */
struct child bench_start(char *const argv[]);
void bench_stop(struct child *child);

struct usage {
    int status;
    double wall_s, cpu_s;
    long peak_kib;
};
/* Run a command to its end, its output thrown away. */
struct usage bench_run(char *const argv[]);
/* Of a running process: user and system seconds so far; peak resident KiB. */
double bench_cpu_s(pid_t pid);
long bench_peak_kib(pid_t pid);
/* Its share of memory now: pages shared with others count in part. */
long bench_pss_kib(pid_t pid);

double bench_now_s(void);
/* p in 0..1 of n values; sorts them. */
double bench_percentile(double *values, size_t n, double p);
/* One row: name, rate per second, CPU per operation, peak memory, and a note. 0 prints "-". */
void bench_row(const char *name, double rate, double cpu_us, long peak_kib, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* A number from the environment, or the fallback. */
long bench_size(const char *name, long fallback);

/* A Pact V3 text of n interactions of which each change touches one, the next each time. */
char *bench_pact_changed(struct arena *arena, const char *consumer, const char *provider, int n,
                         int changes);
/* A Pact V3 text of n interactions, `salt` makes its content one of its own. */
char *bench_pact(struct arena *arena, const char *consumer, const char *provider, int n,
                 const char *salt);

#endif
