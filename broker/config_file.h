// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_CONFIG_FILE_H
#define TALLY_BROKER_CONFIG_FILE_H
/* The configuration file, and the names that the original knows and this broker does not need. */
#include "lib/base/str.h"

struct arena;
struct config_file;
struct err;
struct json;
struct opt;
struct opt_list;

/* Whether `name` ("seed_example_data") is a setting of the original without effect here; then
 * *ret_same is the value that says what happens anyway, or NULL. */
bool config_without_effect(struct str name, const char **ret_same);
/*
 * Read a YAML file. A key that neither `known` nor the original has is ERR_USAGE; one of the
 * original without effect becomes a warning.
 */
int config_file_read(const char *path, const struct opt_list *known, struct opt_list *warnings,
                     struct arena *arena, struct config_file **ret, struct err *err);
/* As opt_command.lookup. */
int config_file_find(const struct config_file *file, const struct opt *opt, struct arena *arena,
                     const char **ret_value, const char **ret_where, struct err *err);
/* A value of any kind, NULL if it is not there; *ret_where names it. */
const struct json *config_file_value(const struct config_file *file, const char *key,
                                     struct arena *arena, const char **ret_where);
/* PACT_BROKER_... and TALLY_BROKER_... variables that nothing reads become warnings. */
void config_check_environment(const struct opt *options, struct opt_list *warnings,
                              struct arena *arena);

#endif
