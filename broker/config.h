// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_CONFIG_H
#define TALLY_BROKER_CONFIG_H
/*
 * How the broker is set up: one table of settings, each with its option, its variables (our own
 * first, then the original's) and its key in the configuration file; in that order one wins over
 * the next.
 */
#include <stdbool.h>
#include <stdint.h>

#include "broker/access.h"
#include "broker/retention.h"
#include "broker/selection.h"
#include "broker/store.h"
#include "broker/webhook.h"
#include "lib/base/opt.h"

struct arena;
struct config_file;
struct err;

struct broker_config {
    const char *file;
    int64_t port;
    const char *address, *base_url, *trusted_proxies;
    const char *tls_cert, *tls_key;
    const char *database, *database_adapter;
    bool basic_auth;
    struct access_config access;
    const char *rate_limit;
    const char *log_level;
    struct webhook_config webhooks;
    bool modification_allowed; /* of contracts that are published already */
    bool redact;               /* in logs of webhooks */
    bool retains;              /* retention runs by itself */
    const char *certificates;  /* paths, see config_certificates.h */
    const char *keep;          /* JSON of retention.rules.keep */
    struct retention_config retention;
    struct selection_rules selection;
    struct store_rules rules;
    const char *shields;      /* base URL of the service that draws badges */
    const char *badges;       /* "redirect", or drawn here */
    struct config_file *read; /* the file, once it was read */
    struct opt_list warnings; /* what was set and has no effect, one sentence each */
};

/*
 * Read everything and check it. 0; 1 when --help was printed; ERR_USAGE names the setting and where
 * its value came from.
 */
int config_read(struct broker_config *config, int argc, char **argv, struct arena *arena,
                struct err *err);
/* The options of a command that works on the database itself, to be put in front of its own. */
enum { CONFIG_DATABASE_OPTIONS = 3 };
void config_database_options(struct broker_config *config, struct opt *ret);
/* Lets such a command find them in the file as well. */
void config_use_file(struct broker_config *config, struct opt_command *command);
/* After parsing: the database that was meant; made up from the user's data folder if need be. */
int config_database(struct broker_config *config, struct arena *arena, struct err *err);

#endif
