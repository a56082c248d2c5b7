// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/common.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

double bench_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct child bench_start(char *const argv[])
{
    int ends[2];
    if (pipe(ends) != 0)
        die("no pipe");
    struct child child = {.pid = fork(), .out = ends[0]};
    if (child.pid < 0)
        die("no process");
    if (child.pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execv(argv[0], argv);
        _exit(127);
    }
    close(ends[1]);
    char line[512] = "";
    size_t len = 0;
    while (len < sizeof line - 1 && !strchr(line, '\n')) {
        ssize_t n = read(child.out, line + len, sizeof line - 1 - len);
        if (n <= 0)
            die("a server did not start");
        len += (size_t)n;
        line[len] = 0;
    }
    const char *url = strstr(line, "http://");
    if (!url || sscanf(url, "%127[^ \n]", child.url) != 1)
        die("a server did not print its address");
    return child;
}

void bench_stop(struct child *child)
{
    kill(child->pid, SIGTERM);
    waitpid(child->pid, NULL, 0);
    close(child->out);
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

struct usage bench_run(char *const argv[])
{
    double start = bench_now_s();
    pid_t pid = fork();
    if (pid < 0)
        die("no process");
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        execv(argv[0], argv);
        _exit(127);
    }
    int status;
    struct rusage used;
    wait4(pid, &status, 0, &used);
    return (struct usage){.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                          .wall_s = bench_now_s() - start,
                          .cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime),
                          .peak_kib = used.ru_maxrss};
}

double bench_cpu_s(pid_t pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = 0;
    unsigned long user = 0, sys = 0;
    const char *after = strrchr(text, ')');
    if (after)
        sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys);
    return (double)(user + sys) / (double)sysconf(_SC_CLK_TCK);
}

long bench_peak_kib(pid_t pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    long peak = 0;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld", &peak) == 1)
            break;
    if (file)
        fclose(file);
    return peak;
}

long bench_pss_kib(pid_t pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "r");
    long pss = 0;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Pss: %ld", &pss) == 1)
            break;
    if (file)
        fclose(file);
    return pss;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_percentile(double *values, size_t n, double p)
{
    if (n == 0)
        return 0;
    qsort(values, n, sizeof *values, ascending);
    size_t at = (size_t)(p * (double)(n - 1) + 0.5);
    return values[at];
}

void bench_row(const char *name, double rate, double cpu_us, long peak_kib, const char *fmt, ...)
{
    char r[32] = "-", c[32] = "-", m[32] = "-";
    if (rate > 0)
        snprintf(r, sizeof r, "%.0f", rate);
    if (cpu_us > 0)
        snprintf(c, sizeof c, "%.1f", cpu_us);
    if (peak_kib > 0)
        snprintf(m, sizeof m, "%.1f", (double)peak_kib / 1024);
    printf("%-44s %12s %12s %10s  ", name, r, c, m);
    va_list list;
    va_start(list, fmt);
    vprintf(fmt, list);
    va_end(list);
    putchar('\n');
    fflush(stdout);
}

long bench_size(const char *name, long fallback)
{
    const char *text = getenv(name);
    return text && *text ? atol(text) : fallback;
}

static const char interaction[] =
    "{\"description\":\"OrderRepository.detail: order %d %s\","
    "\"providerStates\":[],"
    "\"request\":{\"method\":\"GET\",\"path\":\"/v1/orders/%d\"},"
    "\"response\":{\"status\":200,\"headers\":{\"Content-Type\":\"application/json\"},"
    "\"body\":{\"id\":\"ord-%04d\",\"total\":19.90,\"currency\":\"EUR\",\"paid\":true,"
    "\"items\":[{\"sku\":\"A-100\",\"quantity\":2,\"price\":4.95}],\"note\":null},"
    "\"matchingRules\":{\"body\":{\"$.id\":{\"matchers\":[{\"match\":\"regex\",\"regex\":\"ord-[0-"
    "9]+\"}]},"
    "\"$.total\":{\"matchers\":[{\"match\":\"decimal\"}]},"
    "\"$.items\":{\"matchers\":[{\"match\":\"type\",\"min\":1}]},"
    "\"$.items[*].quantity\":{\"matchers\":[{\"match\":\"integer\"}]}}}}}";

static char *pact_text(struct arena *arena, const char *consumer, const char *provider, int n,
                       const char *salt, int changes)
{
    struct buf out BUF_AUTO = BUF_INIT((size_t)n * 2048 + 4096);
    buf_printf(&out,
               "{\"consumer\":{\"name\":\"%s\"},\"provider\":{\"name\":\"%s\"},\"interactions\":[",
               consumer, provider);
    for (int i = 0; i < n; i++) {
        if (i)
            buf_putc(&out, ',');
        /* How often the changes came round to this one. */
        char own[24];
        snprintf(own, sizeof own, "v%d", (changes + n - 1 - i) / n);
        buf_printf(&out, interaction, i, salt ? salt : own, i, i);
    }
    buf_puts(&out, "],\"metadata\":{\"pactSpecification\":{\"version\":\"3.0.0\"}}}");
    return arena_strndup(arena, out.ptr, out.len);
}

char *bench_pact(struct arena *arena, const char *consumer, const char *provider, int n,
                 const char *salt)
{
    return pact_text(arena, consumer, provider, n, salt, 0);
}

char *bench_pact_changed(struct arena *arena, const char *consumer, const char *provider, int n,
                         int changes)
{
    return pact_text(arena, consumer, provider, n, NULL, changes);
}
