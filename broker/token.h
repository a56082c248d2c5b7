// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_TOKEN_H
#define TALLY_BROKER_TOKEN_H
/* `tally broker token add|list|revoke`: works on the database itself, a broker may be running. */

int token_command(int argc, char **argv);

#endif
