// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_ENVIRONMENT_H
#define TALLY_CI_ENVIRONMENT_H
/* Environments of the broker: create, list, describe, and find by name. */
#include "lib/base/str.h"
#include "lib/json/json.h"

struct arena;
struct err;
struct hal;

int create_environment_command(int argc, char **argv);
int list_environments_command(int argc, char **argv);
int describe_environment_command(int argc, char **argv);

/*
 * The environment resource of that name, links included.
 * Errors: ERR_NOT_FOUND naming the environments there are; those of hal_call.
 */
int environment_named(struct hal *hal, const char *name, struct arena *arena, struct json **ret,
                      struct err *err);

#endif
