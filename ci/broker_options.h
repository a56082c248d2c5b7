// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_BROKER_OPTIONS_H
#define TALLY_CI_BROKER_OPTIONS_H
/* The option rows that every command that talks to a broker shares, and how they become a client.
 */
#include "lib/base/opt.h"
#include "lib/hal/hal.h"

struct broker_options {
    const char *base_url, *username, *password, *token;
    int64_t retries;
};

/* Rows for a command's option table; `o` is a struct broker_options. */
#define BROKER_OPTION_ROWS(o)                                                                      \
    {.kind = OPT_GROUP, .help = "Broker"},                                                         \
        {.kind = OPT_TEXT,                                                                         \
         .letter = 'b',                                                                            \
         .name = "broker-base-url",                                                                \
         .env = HAL_ENV_URL,                                                                       \
         .value = "URL",                                                                           \
         .target = &(o).base_url,                                                                  \
         .help = "where the broker is, such as http://127.0.0.1:9292"},                            \
        {.kind = OPT_TEXT,                                                                         \
         .letter = 'u',                                                                            \
         .name = "broker-username",                                                                \
         .env = HAL_ENV_USERNAME,                                                                  \
         .value = "NAME",                                                                          \
         .target = &(o).username,                                                                  \
         .help = "user name for basic authentication"},                                            \
        {.kind = OPT_TEXT,                                                                         \
         .letter = 'p',                                                                            \
         .name = "broker-password",                                                                \
         .env = HAL_ENV_PASSWORD,                                                                  \
         .value = "PASSWORD",                                                                      \
         .target = &(o).password,                                                                  \
         .secret = true,                                                                           \
         .help = "password for basic authentication"},                                             \
        {.kind = OPT_TEXT,                                                                         \
         .letter = 'k',                                                                            \
         .name = "broker-token",                                                                   \
         .env = HAL_ENV_TOKEN,                                                                     \
         .value = "TOKEN",                                                                         \
         .target = &(o).token,                                                                     \
         .secret = true,                                                                           \
         .help = "bearer token, instead of name and password"},                                    \
    {                                                                                              \
        .kind = OPT_NUMBER, .name = "retries|broker-http-retries", .env = HAL_ENV_RETRIES,         \
        .value = "N", .target = &(o).retries, .fallback = "3", .min = 0, .max = 20,                \
        .help = "further tries when the broker is busy or does not answer"                         \
    }

/* Errors: ERR_USAGE no URL, or not http(s); a token together with a name. */
int broker_connect(const struct broker_options *options, struct hal **ret, struct err *err);

void broker_hal_cleanup(struct hal **hal);
#define BROKER_HAL_AUTO __attribute__((cleanup(broker_hal_cleanup)))

#endif
