// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_APP_H
#define TALLY_BROKER_APP_H
/* From an exchange to a call and back: access, negotiation, base URL, transaction, error bodies. */
#include "broker/webhook.h"
#include "lib/base/str.h"

struct arena;
struct clock;
struct err;
struct app;
struct exchange;
struct loop;
struct reply;

struct app_config {
    const char *database; /* path or URL */
    const char *base_url; /* one or several, separated by spaces; NULL = from each request */
    const char *username, *password; /* basic authentication; NULL = open */
    const struct clock *clock;
    struct webhook_config webhooks;
};

/* Opens the database and brings its schema up to date. Strings of the config are borrowed. */
int app_new(const struct app_config *config, struct app **ret, struct err *err);
/* Webhooks are sent on this loop from now on, until app_stop. */
void app_start(struct app *app, struct loop *loop);
/* Before the server and the loop are freed. */
void app_stop(struct app *app);
void app_free(struct app *app);
/* The server's handler; exchange->context is the app. */
void app_handle(struct exchange *exchange);

#endif
