// SPDX-License-Identifier: Apache-2.0
#include "ci/option_check.h"

#include "lib/base/err.h"
#include "lib/base/str.h"

int option_check_filled(const struct option_check *options, struct err *err)
{
    for (; options->name; options++) {
        if (options->value && str_trim(str_of(options->value)).len == 0)
            return err_set(err, ERR_USAGE, "--%s is given, but its value is empty", options->name);
    }
    return 0;
}
