// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_WEBHOOK_H
#define TALLY_BROKER_WEBHOOK_H
/*
 * What a webhook sends and what the operator allows: settings, the request with its secrets, and
 * the variables of its templates.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/store_webhook.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;
struct err;
struct hosts;
struct json;
struct seal;

/* As given by options, environment or file; texts are borrowed. */
struct webhook_config {
    const char *retry_schedule; /* seconds between attempts: "10 60 120" */
    const char *methods;        /* "POST PUT" */
    const char *success_codes;  /* "200 201 204" */
    const char *schemes;        /* "https" */
    const char *hosts;          /* lib/http/hosts.h; "" = any public one */
    const char *user_agent;
    const char *certificates; /* PEM, trusted beside the usual ones; NULL = none */
    const char *key_file;     /* NULL or "" = beside the database */
    int64_t first_delay;      /* seconds before the first attempt */
    int64_t timeout;          /* seconds of one attempt */
    bool show_secrets;        /* in execution logs */
    bool insecure_tls;
};

struct webhook_words {
    VEC_OF(struct str);
};
/* The config, checked. */
struct webhook_policy {
    struct webhook_config config;
    struct {
        VEC_OF(int64_t);
    } retries, success_codes;
    struct webhook_words methods, schemes;
    const struct hosts *hosts;
    struct str trusted; /* all certificates, if config.certificates says which besides */
    struct seal *seal;  /* freed by webhook_policy_release */
};
/*
 * Members of the config that are NULL (texts) or 0 (timeout) get the defaults of the original.
 * `database` is the path that the key file goes beside (with ".key" added); for a database that is
 * no file it is broker.key in the user's data folder, and ":memory:" keeps the key in memory.
 * Errors: ERR_USAGE naming the option.
 */
int webhook_policy_init(struct webhook_policy *policy, const struct webhook_config *config,
                        const char *database, struct arena *arena, struct err *err);
void webhook_policy_release(struct webhook_policy *policy);
bool webhook_policy_success(const struct webhook_policy *policy, int status);
/* NULL if the method and URL (without variables) may be used; else what is wrong, as in
 * "must be POST. See ...", and *ret_key "method" or "url". */
const char *webhook_policy_refusal(const struct webhook_policy *policy, const char *method,
                                   const char *url, struct arena *arena, const char **ret_key);

/* ---- the request ---- */

#define WEBHOOK_STARS "**********"

struct webhook_request {
    const char *method, *url;
    const char *username, *password; /* NULL = none */
    struct json *headers;            /* object of texts, NULL = none */
    struct json *body;               /* NULL = none */
};
int webhook_request_seal(const struct webhook_policy *policy, const struct webhook_request *request,
                         const char *uuid, struct arena *arena, struct str *ret, struct err *err);
int webhook_request_open(const struct webhook_policy *policy, const struct webhook *webhook,
                         struct arena *arena, struct webhook_request *ret, struct err *err);
/* "authorization", "x-token": its value is a secret. */
bool webhook_header_is_secret(struct str name);
/* Stars, unless the value is filled in from variables. */
const char *webhook_redact(struct arena *arena, const char *value);
/* "**********" of any length, also none: keep what was there. */
bool webhook_is_stars(struct str value);
/* The host of a URL, without port and brackets kept; absent if there is none. */
struct str webhook_url_host(struct str url);
/* In capitals, however it was given. */
const char *webhook_method(struct arena *arena, const struct webhook_request *request);
/* "POST host" */
const char *webhook_summary(struct arena *arena, const struct webhook_request *request);

/* ---- variables ---- */

/* The variable that makes a webhook be sent once for each deployed version of the provider. */
#define WEBHOOK_DEPLOYED "currentlyDeployedProviderVersionNumber"
/* Whether a variable is filled in anywhere in the request. */
bool webhook_request_uses(const struct webhook_request *request, const char *name,
                          struct arena *arena);

struct webhook_value {
    const char *name, *text;
};
struct webhook_values {
    VEC_OF(struct webhook_value);
};
enum webhook_escape { WEBHOOK_PLAIN, WEBHOOK_URL, WEBHOOK_JSON };
/* Replace every ${pactbroker.NAME} that is known; others stay. Absent beyond
 * LIMIT_WEBHOOK_REQUEST. */
struct str webhook_render(const struct webhook_values *values, struct str text,
                          enum webhook_escape escape, struct arena *arena);
bool webhook_has_variable(struct str text);
/* What the variables stand for. A row without ids (of a test) gets placeholders. ERR_NOT_FOUND when
 * the contract is gone. */
int webhook_values_of(struct store *store, const struct triggered *row, struct arena *arena,
                      struct webhook_values *ret, struct err *err);

#endif
