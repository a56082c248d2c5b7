// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_BROKER_H
#define TALLY_BROKER_BROKER_H
/* `tally broker`: serves the API until SIGTERM or SIGINT. Returns an exit code. */
int broker_command(int argc, char **argv);
#endif
