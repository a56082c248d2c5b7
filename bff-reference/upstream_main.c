// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/http/loop.h"
#include "lib/http/server.h"
#include "bff-reference/serve.h"
#include "bff-reference/upstream.h"

struct options {
    const char *service, *address;
    int64_t port;
};

static int parse(int argc, char **argv, struct arena *arena, struct options *ret, struct err *err)
{
    const struct opt table[] = {
        {.kind = OPT_CHOICE,
         .name = "service",
         .value = "NAME",
         .target = &ret->service,
         .choices = "user|transaction|product|notification",
         .required = true,
         .help = "which service to be"},
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
        OPT_END,
    };
    const struct opt_command command = {
        .name = "tally-upstream",
        .usage = "--service NAME [options]",
        .summary = "One of the services behind the reference BFF, with data in memory.",
        .options = table};
    struct opt_list args = {0};
    return opt_parse(&command, argc, argv, arena, &args, err);
}

static int run(const struct options *options, struct arena *arena, struct err *err)
{
    int service = 0;
    while (strcmp(service_name((enum service)service), options->service) != 0)
        service++;
    struct upstream upstream;
    struct server *server = NULL;
    struct loop *loop;
    if (loop_new(&loop, err))
        return err->code;
    upstream_init(&upstream, (enum service)service);
    struct serve serve = {arena_printf(arena, "tally-upstream %s", options->service),
                          options->address, options->port, upstream_handle, &upstream};
    int code = serve_run(loop, &serve, &server, err);
    if (server)
        server_free(server);
    upstream_release(&upstream);
    loop_free(loop);
    return code;
}

int main(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct options options = {0};
    int parsed = parse(argc, argv, arena, &options, &err);
    if (parsed > 0)
        return EXIT_YES;
    if (parsed < 0 || run(&options, arena, &err))
        return err_report(&err);
    return EXIT_YES;
}
