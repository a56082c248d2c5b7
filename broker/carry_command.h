// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_CARRY_COMMAND_H
#define TALLY_BROKER_CARRY_COMMAND_H
/* `tally broker import --from-broker`. */
struct arena;
struct err;
struct hal_config;

/*
 * Fills a new database from a running broker, all in one transaction, and prints what was carried
 * and what was left out. Returns 0 everything, 1 something was left out, or a negative err_code:
 * ERR_CONFLICT when the database holds something.
 */
int carry_command(const struct hal_config *config, const char *database, struct arena *arena,
                  struct err *err);

#endif
