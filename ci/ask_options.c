// SPDX-License-Identifier: Apache-2.0
#include "ci/ask_options.h"

#include <stdio.h>
#include <unistd.h>

bool ask_again(const struct ask_options *options, int64_t attempt, const char *answer)
{
    if (attempt >= options->retries)
        return false;
    fprintf(stderr, "%s; asking again in %lld s (%lld of %lld)\n", answer,
            (long long)options->interval_s, (long long)attempt + 1, (long long)options->retries);
    sleep((unsigned)options->interval_s);
    return true;
}
