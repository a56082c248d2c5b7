// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_OPTION_CHECK_H
#define TALLY_CI_OPTION_CHECK_H
/*
 * Options that were given without content, as by a pipeline whose variable is not set. Brokers drop
 * an empty part of a question and answer a wider one, so it is refused here.
 */
struct err;

struct option_check {
    const char *name, *value; /* value NULL = not given, which is fine */
};
/* `options` ends with {NULL, NULL}. Errors: ERR_USAGE naming the first empty one. */
int option_check_filled(const struct option_check *options, struct err *err);

#endif
