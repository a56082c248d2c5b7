// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_HAL_HAL_INTERNAL_H
#define TALLY_LIB_HAL_HAL_INTERNAL_H
/* What the files of lib/hal share. */
#include "lib/hal/hal.h"

struct client;

struct hal {
    struct arena *arena;
    struct client *client;
    const char *origin;   /* "http://host:1234" */
    struct str base_path; /* "" or "/broker" */
    const char *base_url; /* both together */
    const char *username, *password, *token;
    int retries, timeout_ms;
    struct json *index; /* of the broker, once it was asked for */
};

/*
 * What the broker says about a refusal: "errors" (a list, or lists by field), "error", "notices",
 * problem details (RFC 9457), else the start of a plain text. Empty when it says nothing.
 */
struct str hal_reason(const struct hal_response *response, struct arena *arena);

#endif
