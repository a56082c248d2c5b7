// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/serve.h"

#include <stdio.h>

#include "lib/base/err.h"
#include "lib/base/term.h"
#include "lib/http/loop.h"
#include "lib/http/server.h"
#include "bff-reference/problem.h"

enum { STOP_DEADLINE_MS = 5000 };

struct running {
    struct loop *loop;
    struct server *server;
};

static void on_stopped(void *arg)
{
    struct running *running = arg;
    loop_stop(running->loop);
}

static void on_signal(void *arg, int signal)
{
    struct running *running = arg;
    (void)signal;
    server_stop(running->server, STOP_DEADLINE_MS, on_stopped, running);
}

/* What the HTTP codec refuses is answered with problem details like everything else. */
static void on_bad(int status, const char *text, struct arena *arena, struct reply *ret)
{
    ret->status = status;
    headers_addz(arena, &ret->headers, "Content-Type", PROBLEM_TYPE);
    ret->body = problem_json_status(arena, status, text);
}

int serve_run(struct loop *loop, const struct serve *serve, struct server **ret_server,
              struct err *err)
{
    struct running running = {.loop = loop};
    struct server_config config = {.address = serve->address,
                                   .port = (int)serve->port,
                                   .handle = serve->handle,
                                   .on_bad = on_bad,
                                   .context = serve->context,
                                   .max_body = 1024 * 1024};
    if (server_start(loop, &config, &running.server, err))
        return err_wrap(err, "%s", serve->name);
    *ret_server = running.server;
    if (loop_on_signal(loop, on_signal, &running, err))
        return err_wrap(err, "%s", serve->name);
    printf("%s listening on %s\n", serve->name, server_url(running.server));
    if (term_close_stdout(err))
        return err->code;
    loop_run(loop);
    return 0;
}
