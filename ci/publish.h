// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_PUBLISH_H
#define TALLY_CI_PUBLISH_H
/* tally publish: read Pact files, all or none, and hand them to the broker. */

/* argv[0] is the command's name; returns an exit code. */
int publish_command(int argc, char **argv);

#endif
