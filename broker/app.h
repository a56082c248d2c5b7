// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_APP_H
#define TALLY_BROKER_APP_H
/* From an exchange to a call and back: access, negotiation, base URL, transaction, error bodies. */
#include <stdbool.h>

#include "broker/access.h"
#include "broker/retention.h"
#include "broker/selection.h"
#include "broker/store.h"
#include "broker/webhook.h"
#include "lib/base/str.h"

struct arena;
struct clock;
struct err;
struct app;
struct exchange;
struct loop;
struct reply;
struct writer;

struct app_config {
    const char *database;        /* path or URL */
    const char *base_url;        /* one or several, separated by spaces; NULL = from each request */
    const char *trusted_proxies; /* whose X-Forwarded-* count, see origin.h; NULL = nobody's */
    const char *rate_limit;      /* see rate.h; NULL = none */
    struct access_config access;
    bool modification_allowed; /* of contracts that are published already */
    const char *shields;       /* where badges are redirected to, NULL = drawn here */
    struct store_rules rules;
    const struct clock *clock;
    struct webhook_config webhooks;
    struct retention_config retention;
    struct selection_rules selection;
};

/*
 * Opens the database, brings its schema up to date and starts the writer. Strings of the config are
 * borrowed.
 */
int app_new(const struct app_config *config, struct loop *loop, struct app **ret, struct err *err);
/* Webhooks are sent and retention runs on the loop of app_new from now on, until app_stop. */
void app_start(struct app *app);
/* The server is being stopped, which takes `ms` at most: who waits to write hears of it in time. */
void app_hurry(struct app *app, int ms);
/* Before the server is freed. */
void app_stop(struct app *app);
/* After the server, before the loop: what is still being written is finished and answered. */
void app_free(struct app *app);
/* Whether everybody who reaches it may do everything. */
bool app_is_open(struct app *app);
/* For whoever has something to write that no request asked for. */
struct writer *app_writer(struct app *app);
/* The server's handler; exchange->context is the app. */
void app_handle(struct exchange *exchange);

#endif
