// SPDX-License-Identifier: Apache-2.0
#include "ci/broker_options.h"

#include "lib/base/err.h"

int broker_connect(const struct broker_options *options, struct hal **ret, struct err *err)
{
    bool token = options->token && *options->token;
    bool name = options->username && *options->username;
    if (!options->base_url || !*options->base_url)
        return err_set(err, ERR_USAGE,
                       "which broker? give --broker-base-url URL or set PACT_BROKER_BASE_URL");
    if (token && name)
        return err_set(err, ERR_USAGE,
                       "both a broker token and a broker user name are given; choose one");
    const struct hal_config config = {
        .base_url = options->base_url,
        .username = name ? options->username : NULL,
        .password = name ? options->password : NULL,
        .token = token ? options->token : NULL,
        .retries = (int)options->retries,
    };
    return hal_new(&config, ret, err);
}

void broker_hal_cleanup(struct hal **hal)
{
    hal_free(*hal);
}
