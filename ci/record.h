// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_RECORD_H
#define TALLY_CI_RECORD_H
/*
 * What is where: environments, and the versions deployed or released to them. Requests and options
 * are those of the stock tools (stock-clients, §1.5).
 */

/* Each takes argv with the command's name first and returns an exit code. */
int record_deployment_command(int argc, char **argv);
int record_undeployment_command(int argc, char **argv);
int record_release_command(int argc, char **argv);
int record_support_ended_command(int argc, char **argv);

#endif
