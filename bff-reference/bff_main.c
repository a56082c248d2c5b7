// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/http/loop.h"
#include "lib/http/server.h"
#include "bff-reference/bff.h"
#include "bff-reference/serve.h"

struct options {
    struct bff_config config;
    const char *address;
    int64_t port, timeout_ms;
    struct opt_list faults;
};

#define URL_OPTION(service, option)                                                                \
    {                                                                                              \
        .kind = OPT_TEXT, .name = option, .value = "URL", .target = &ret->config.urls[service],    \
        .help = "where the service is"                                                             \
    }

static int parse(int argc, char **argv, struct arena *arena, struct options *ret, struct err *err)
{
    const struct opt table[] = {
        {.kind = OPT_NUMBER,
         .letter = 'p',
         .name = "port",
         .value = "N",
         .target = &ret->port,
         .fallback = "0",
         .max = 65535,
         .help = "port to listen on, 0 = any free one"},
        {.kind = OPT_TEXT,
         .name = "address",
         .value = "A",
         .target = &ret->address,
         .fallback = "127.0.0.1",
         .help = "address to listen on"},
        URL_OPTION(SERVICE_USER, "user-url"),
        URL_OPTION(SERVICE_TRANSACTION, "transaction-url"),
        URL_OPTION(SERVICE_PRODUCT, "product-url"),
        URL_OPTION(SERVICE_NOTIFICATION, "notification-url"),
        {.kind = OPT_TEXT,
         .name = "push-url",
         .value = "URL",
         .target = &ret->config.push_url,
         .help = "where pushes are sent; without it there is no push route"},
        {.kind = OPT_TEXT,
         .name = "cursor-key",
         .env = "TALLY_BFF_CURSOR_KEY",
         .value = "TEXT",
         .target = &ret->config.cursor_key,
         .help = "secret that signs cursors; processes behind one address share it",
         .secret = true},
        {.kind = OPT_NUMBER,
         .name = "upstream-timeout-ms",
         .value = "N",
         .target = &ret->timeout_ms,
         .fallback = "3000",
         .min = 1,
         .max = 600000,
         .help = "how long a call to an upstream may take"},
        {.kind = OPT_LIST,
         .name = "fault",
         .value = "NAME",
         .target = &ret->faults,
         .split = ',',
         .help = "switch a fault on (repeatable); 'list' prints them"},
        {.kind = OPT_FLAG,
         .name = "test-hooks",
         .target = &ret->config.hooks,
         .help = "serve /_tally/states, /_tally/messages and /_tally/push"},
        OPT_END,
    };
    const struct opt_command command = {
        .name = "tally-bff",
        .usage = "--user-url U --transaction-url U --product-url U --notification-url U [options]",
        .summary = "The reference mobile backend-for-frontend.",
        .options = table};
    struct opt_list args = {0};
    return opt_parse(&command, argc, argv, arena, &args, err);
}

/* 1 when the faults were listed and nothing else is to be done. */
static int complete(struct options *options, struct err *err)
{
    for (size_t i = 0; i < options->faults.len; i++) {
        if (strcmp(options->faults.items[i], "list") == 0) {
            fault_list(stdout);
            return 1;
        }
        if (fault_add(&options->config.faults, options->faults.items[i], err))
            return err->code;
    }
    for (int i = 0; i < SERVICE_COUNT; i++)
        if (!options->config.urls[i])
            return err_set(err, ERR_USAGE, "--%s-url is missing", service_name((enum service)i));
    if (!options->config.cursor_key)
        options->config.cursor_key = "reference-bff";
    options->config.upstream_timeout_ms = (int)options->timeout_ms;
    return 0;
}

static int run(const struct options *options, struct err *err)
{
    struct bff bff;
    struct server *server = NULL;
    struct loop *loop;
    if (loop_new(&loop, err))
        return err->code;
    int code = bff_init(&bff, &options->config, loop, err);
    struct serve serve = {"tally-bff", options->address, options->port, bff_handle, &bff};
    if (code == 0)
        code = serve_run(loop, &serve, &server, err);
    bff_release(&bff);
    if (server)
        server_free(server);
    loop_free(loop);
    return code;
}

int main(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct options options = {0};
    int state = parse(argc, argv, arena, &options, &err);
    if (state == 0)
        state = complete(&options, &err);
    if (state > 0)
        return EXIT_YES;
    if (state < 0 || run(&options, &err))
        return err_report(&err);
    return EXIT_YES;
}
