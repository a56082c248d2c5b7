// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_WEBHOOK_SEND_H
#define TALLY_BROKER_WEBHOOK_SEND_H
/*
 * One attempt to send a webhook, apart from sockets: what goes out, and what is written down about
 * it. Nothing that is written down holds a secret.
 */
#include <stdbool.h>
#include <stdint.h>

#include "broker/webhook.h"
#include "lib/base/buf.h"
#include "lib/http/client.h"
#include "lib/wire/headers.h"

struct arena;
struct clock;
struct err;
struct json;

struct webhook_delivery {
    const struct webhook_policy *policy;
    const struct clock *clock;
    struct arena *arena;
    const char *base;
    struct client_request request;
    struct webhook_words secrets; /* texts that must not be written down */
    /* for the answer of a test, redacted */
    struct headers shown_headers, response_headers;
    struct str shown_body, response_body;
    struct json *response_json; /* response_body, if it is JSON */
    bool shows_response;
    /* what came of it */
    bool success;
    int status;        /* 0 = no answer */
    const char *error; /* NULL when there was an answer */
    struct buf log;    /* lines "[time] LEVEL: text" */
    bool too_large;    /* after variables were filled in */
};

/*
 * Fill in the variables and say what will be sent. Errors: ERR_USAGE when the settings of the
 * broker do not allow the request any more, ERR_LIMIT beyond LIMIT_WEBHOOK_REQUEST. Release it in
 * both cases.
 */
int webhook_prepare(const struct webhook_policy *policy, const struct webhook_request *request,
                    const struct webhook_values *values, const char *base,
                    const struct clock *clock, struct arena *arena, struct webhook_delivery *ret,
                    struct err *err);
/* Write down what came of it; response NULL = err says why there is none. */
void webhook_complete(struct webhook_delivery *delivery, const struct client_response *response,
                      const struct err *err);
void webhook_release(struct webhook_delivery *delivery);
/* Add a line. */
void webhook_note(struct webhook_delivery *delivery, const char *level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "For security purposes, ..." */
const char *webhook_hidden_text(struct arena *arena, const char *base);

#endif
