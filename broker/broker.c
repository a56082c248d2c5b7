// SPDX-License-Identifier: Apache-2.0
#include "broker/broker.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "broker/app.h"
#include "broker/config.h"
#include "broker/keeping.h"
#include "broker/token.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/log.h"
#include "lib/base/term.h"
#include "lib/base/str.h"
#include "lib/http/loop.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "lib/wire/headers.h"

/* Below the 10 s after which container runtimes kill. */
enum { STOP_MS = 8000 };
enum { FILES_OF_OURS = 256 };

/*
 * Each request takes some hundred KiB and gives them back. By default the system would get them
 * back as well, and the next request them from it, page by page: a fifth of a large answer's time.
 */
enum { MEMORY_KEPT = 8 * 1024 * 1024, MEMORY_OWN_PIECE = 2 * 1024 * 1024 };

/* Requests that the codec refused: the API's error shape instead of plain text. */
static void on_bad(int status, const char *text, struct arena *arena, struct reply *ret)
{
    struct json *body = json_new_object(arena);
    json_set(arena, body, "error", json_new_text(arena, text));
    *ret = REPLY(status);
    headers_addz(arena, &ret->headers, "Content-Type", "application/json;charset=utf-8");
    ret->body = json_to_str(arena, body, JSON_COMPACT);
}

struct running {
    struct app *app;
    struct loop *loop;
    struct server *server;
};

static void stopped(void *arg)
{
    loop_stop(((struct running *)arg)->loop);
}

static void on_signal(void *arg, int signal)
{
    struct running *running = arg;
    log_line(LOG_INFO, "stopping signal=%d", signal);
    app_hurry(running->app, STOP_MS);
    server_stop(running->server, STOP_MS, stopped, running);
}

/* A certificate that was replaced is taken up without a stop; a bad one changes nothing. */
static void on_hangup(void *arg)
{
    struct running *running = arg;
    struct err err = ERR_INIT;
    if (server_reload_tls(running->server, &err) < 0)
        log_line(LOG_ERROR, "the certificate stays what it was: %s", err.text);
    else
        log_line(LOG_INFO, "certificate read again");
}

/*
 * Who replaced the certificate does not know whether the broker is just starting or ending: then
 * the signal waits, or its default action would end the process.
 */
static void mask_hangup(const struct broker_config *settings, int how)
{
    sigset_t hangup;
    if (!settings->tls_cert)
        return;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    pthread_sigmask(how, &hangup, NULL);
}

/* Each connection is an open file, and what a shell allows is often a thousand. */
static void allow_files(void)
{
    struct rlimit files = {0};
    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == files.rlim_max)
        return;
    rlim_t wanted = LIMIT_HTTP_CONNECTIONS + FILES_OF_OURS;
    if (files.rlim_cur >= wanted)
        return;
    files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &files);
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
           strcmp(address, "localhost") == 0;
}

static int serve(const struct broker_config *settings, struct app *app, struct loop *loop,
                 struct err *err)
{
    struct running running = {.app = app, .loop = loop};
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error of the write, not the end */
    const struct server_config config = {
        .address = settings->address,
        .port = (int)settings->port,
        .handle = app_handle,
        .on_bad = on_bad,
        .context = app,
        .max_body = LIMIT_BROKER_BODY,
        .in_order = true,
        .server_name = "Tally/" TALLY_VERSION,
        .tls_cert = settings->tls_cert,
        .tls_key = settings->tls_key,
    };
    allow_files();
    app_start(app);
    if (server_start(loop, &config, &running.server, err) < 0 ||
        loop_on_signal(loop, on_signal, &running, err) < 0 ||
        (settings->tls_cert && loop_on_hangup(loop, on_hangup, &running, err) < 0)) {
        int code = err->code;
        app_stop(app);
        if (running.server)
            server_free(running.server);
        return code;
    }
    if (app_is_open(app) && !is_loopback(settings->address))
        log_line(LOG_WARN,
                 "whoever reaches %s may do everything: see `tally broker token --help` and "
                 "--basic-auth-username",
                 settings->address);
    printf("tally broker listening on %s\n", server_url(running.server));
    int code = term_close_stdout(err); /* who waits for the line would wait for ever */
    mask_hangup(settings, SIG_UNBLOCK);
    if (code == 0)
        loop_run(loop);
    mask_hangup(settings, SIG_BLOCK);
    app_stop(app);
    server_free(running.server);
    return code;
}

static void warn(const struct broker_config *config)
{
    for (size_t i = 0; i < config->warnings.len; i++)
        log_line(LOG_WARN, "%s", config->warnings.items[i]);
    if (!config->basic_auth)
        log_line(LOG_WARN, "the accounts of basic authentication are switched off");
}

static int run(struct broker_config *settings, struct arena *arena, struct err *err)
{
    enum log_level level = LOG_INFO;
    if (log_level_parse(settings->log_level, &level) < 0) /* the original's two more */
        level = strcmp(settings->log_level, "trace") == 0 ? LOG_DEBUG : LOG_ERROR;
    log_set_level(level);
    mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
    mallopt(M_MMAP_THRESHOLD, MEMORY_OWN_PIECE);
    warn(settings);
    int code = config_database(settings, arena, err);
    if (code < 0)
        return code;
    const struct app_config config = {
        .database = settings->database,
        .base_url = settings->base_url,
        .trusted_proxies = settings->trusted_proxies,
        .rate_limit = settings->rate_limit,
        .access = settings->access,
        .modification_allowed = settings->modification_allowed,
        .shields = opt_is(settings->badges, "redirect") ? settings->shields : NULL,
        .rules = settings->rules,
        .webhooks = settings->webhooks,
        .retention = settings->retention,
        .selection = settings->selection,
        .clock = clock_system()};
    struct app *app = NULL;
    struct loop *loop = NULL;
    mask_hangup(settings, SIG_BLOCK);
    code = loop_new(&loop, err);
    if (code == 0)
        code = app_new(&config, loop, &app, err);
    if (code == 0)
        code = serve(settings, app, loop, err);
    app_free(app);
    loop_free(loop);
    return code;
}

static int serve_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct broker_config config = {0};
    struct err err = ERR_INIT;
    int code = config_read(&config, argc, argv, arena, &err);
    if (code > 0)
        return EXIT_YES;
    if (code == 0)
        code = run(&config, arena, &err);
    return code < 0 ? err_report(&err) : EXIT_YES;
}

/* What else there is to do with a broker's database; anything else serves it. */
static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} subcommands[] = {{"token", token_command},
                   {"clean", clean_command},
                   {"doctor", doctor_command},
                   {"export", export_command},
                   {"import", import_command}};

int broker_command(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof subcommands / sizeof *subcommands; i++) {
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    }
    return serve_command(argc, argv);
}
