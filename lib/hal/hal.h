// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_HAL_HAL_H
#define TALLY_LIB_HAL_HAL_H
/*
 * A broker's client: HAL documents over HTTP, credentials, retries, links and error bodies. Used by
 * the verifier and the ci commands; works against Tally's broker and the original.
 *
 * Only path and query of a link are used; scheme and host are always those of the base URL, so that
 * a broker behind a proxy works and credentials never go elsewhere.
 */
#include "lib/base/str.h"
#include "lib/json/json.h"

struct arena;
struct err;
struct hal;

/* Environment variables of the option rows in every command. */
#define HAL_ENV_URL      "TALLY_BROKER_BASE_URL PACT_BROKER_BASE_URL"
#define HAL_ENV_USERNAME "TALLY_BROKER_USERNAME PACT_BROKER_USERNAME"
#define HAL_ENV_PASSWORD "TALLY_BROKER_PASSWORD PACT_BROKER_PASSWORD"
#define HAL_ENV_TOKEN    "TALLY_BROKER_TOKEN PACT_BROKER_TOKEN"
#define HAL_ENV_RETRIES  "TALLY_BROKER_HTTP_RETRIES PACT_BROKER_HTTP_RETRIES"

struct hal_config {
    const char *base_url;                    /* credentials inside the URL are taken out and used */
    const char *username, *password, *token; /* NULL = none */
    int retries; /* further tries on 408, 429, 5xx and broken connections; waits 0.2 s doubling */
    int timeout_ms; /* of one call; 0 = 30 s */
};

struct hal_response {
    int status;
    struct json *body; /* NULL when there was none */
    struct str text;   /* raw body */
    struct str location;
};

/* Errors: ERR_USAGE the URL is missing or not http(s). */
int hal_new(const struct hal_config *config, struct hal **ret, struct err *err);
void hal_free(struct hal *hal);
const char *hal_base_url(const struct hal *hal); /* without credentials */

/*
 * Call a URL (absolute, or a path that starts with '/'). Any status below 400 is a success.
 * Errors name method, URL and the broker's own messages: ERR_NOT_FOUND 404, ERR_AUTH 401 and 403,
 * ERR_CONFLICT 409, ERR_USAGE other 4xx, ERR_NET 5xx, no HTTP answer, or a body that is not JSON
 * when JSON was promised; ERR_TIMEOUT. On 4xx *ret is filled too, so that callers can show notices.
 */
int hal_call(struct hal *hal, const char *method, const char *url, const char *content_type,
             struct str body, struct arena *arena, struct hal_response *ret, struct err *err);
int hal_get(struct hal *hal, const char *url, struct arena *arena, struct json **ret,
            struct err *err);
/* JSON body by POST, PUT or PATCH (the last as application/merge-patch+json). */
int hal_send(struct hal *hal, const char *method, const char *url, const struct json *body,
             struct arena *arena, struct hal_response *ret, struct err *err);

struct hal_var {
    const char *name, *value;
};
/*
 * The href of a link with {variables} filled in (percent-encoded); `vars` ends with {NULL, NULL}.
 * Errors: ERR_NOT_FOUND naming the relation that the document lacks.
 */
int hal_link(const struct json *document, const char *rel, const struct hal_var *vars,
             struct arena *arena, const char **ret, struct err *err);
/* The same from the broker's index, which is fetched once. */
int hal_index_link(struct hal *hal, const char *rel, const struct hal_var *vars,
                   struct arena *arena, const char **ret, struct err *err);

#endif
