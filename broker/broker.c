// SPDX-License-Identifier: Apache-2.0
#include "broker/broker.h"

#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>

#include "broker/app.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/base/log.h"
#include "lib/base/opt.h"
#include "lib/base/term.h"
#include "lib/base/str.h"
#include "lib/http/loop.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "lib/wire/headers.h"

enum { STOP_MS = 10000 };

/*
 * Each request takes some hundred KiB and gives them back. By default the system would get them
 * back as well, and the next request them from it, page by page: a fifth of a large answer's time.
 */
enum { MEMORY_KEPT = 8 * 1024 * 1024, MEMORY_OWN_PIECE = 2 * 1024 * 1024 };

struct settings {
    int64_t port;
    const char *address, *database, *base_url, *log_level, *username, *password;
};

static int parse(struct settings *settings, int argc, char **argv, struct arena *arena,
                 struct err *err)
{
    const struct opt options[] = {
        {.kind = OPT_NUMBER,
         .name = "port",
         .letter = 'p',
         .env = "TALLY_BROKER_PORT PACT_BROKER_PORT",
         .value = "N",
         .target = &settings->port,
         .fallback = "9292",
         .min = 0,
         .max = 65535,
         .help = "port to listen on; 0 picks a free one"},
        {.kind = OPT_TEXT,
         .name = "address",
         .env = "TALLY_BROKER_ADDRESS",
         .value = "A",
         .target = &settings->address,
         .fallback = "127.0.0.1",
         .help = "address to listen on"},
        {.kind = OPT_TEXT,
         .name = "database",
         .env = "TALLY_BROKER_DATABASE PACT_BROKER_DATABASE_URL",
         .value = "FILE|URL",
         .target = &settings->database,
         .help = "SQLite file; default broker.sqlite in the user's data folder"},
        {.kind = OPT_TEXT,
         .name = "base-url",
         .env = "TALLY_BROKER_PUBLIC_URL PACT_BROKER_BASE_URLS",
         .value = "URL",
         .target = &settings->base_url,
         .help = "where clients reach this broker; goes into every link"},
        {.kind = OPT_TEXT,
         .name = "basic-auth-username",
         .env = "TALLY_BROKER_BASIC_AUTH_USERNAME PACT_BROKER_BASIC_AUTH_USERNAME",
         .value = "NAME",
         .target = &settings->username,
         .help = "ask for this user name"},
        {.kind = OPT_TEXT,
         .name = "basic-auth-password",
         .env = "TALLY_BROKER_BASIC_AUTH_PASSWORD PACT_BROKER_BASIC_AUTH_PASSWORD",
         .value = "PASSWORD",
         .target = &settings->password,
         .secret = true,
         .help = "and this password"},
        {.kind = OPT_CHOICE,
         .name = "log-level",
         .env = "TALLY_LOG_LEVEL PACT_BROKER_LOG_LEVEL",
         .value = "LEVEL",
         .target = &settings->log_level,
         .fallback = "info",
         .choices = "error|warn|info|debug",
         .help = "how much goes to stderr"},
        OPT_END,
    };
    const struct opt_command command = {
        .name = "broker",
        .usage = "[options]",
        .summary = "serve contracts, results and releases (the Pact Broker's API)",
        .details = "Prints one line with its URL when it serves; stops on SIGTERM or SIGINT after "
                   "the requests in flight.",
        .options = options,
    };
    struct opt_list args = {0};
    int code = opt_parse(&command, argc, argv, arena, &args, err);
    if (code == 0 && !settings->username != !settings->password)
        return err_set(err, ERR_USAGE,
                       "--basic-auth-username and --basic-auth-password go together");
    return code;
}

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
    server_stop(running->server, STOP_MS, stopped, running);
}

static int serve(const struct settings *settings, struct app *app, struct loop *loop,
                 struct err *err)
{
    struct running running = {.loop = loop};
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
    };
    if (server_start(loop, &config, &running.server, err) < 0 ||
        loop_on_signal(loop, on_signal, &running, err) < 0) {
        int code = err->code;
        if (running.server)
            server_free(running.server);
        return code;
    }
    printf("tally broker listening on %s\n", server_url(running.server));
    int code = term_close_stdout(err); /* who waits for the line would wait for ever */
    if (code == 0)
        loop_run(loop);
    server_free(running.server);
    return code;
}

static int default_database(struct settings *settings, struct arena *arena, struct err *err)
{
    char *dir = NULL;
    if (settings->database)
        return 0;
    int code = fs_data_dir(arena, &dir, err);
    if (code == 0)
        settings->database = fs_join(arena, dir, "broker.sqlite");
    return code;
}

static int run(struct settings *settings, struct arena *arena, struct err *err)
{
    enum log_level level = LOG_INFO;
    log_level_parse(settings->log_level, &level);
    log_set_level(level);
    mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
    mallopt(M_MMAP_THRESHOLD, MEMORY_OWN_PIECE);
    int code = default_database(settings, arena, err);
    if (code < 0)
        return code;
    const struct app_config config = {.database = settings->database,
                                      .base_url = settings->base_url,
                                      .username = settings->username,
                                      .password = settings->password,
                                      .clock = clock_system()};
    struct app *app = NULL;
    struct loop *loop = NULL;
    code = loop_new(&loop, err);
    if (code == 0)
        code = app_new(&config, loop, &app, err);
    if (code == 0)
        code = serve(settings, app, loop, err);
    app_free(app);
    loop_free(loop);
    return code;
}

int broker_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct settings settings = {0};
    struct err err = ERR_INIT;
    int code = parse(&settings, argc, argv, arena, &err);
    if (code > 0)
        return EXIT_YES;
    if (code == 0)
        code = run(&settings, arena, &err);
    return code < 0 ? err_report(&err) : EXIT_YES;
}
