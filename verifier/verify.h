// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_VERIFY_H
#define TALLY_VERIFIER_VERIFY_H
/* `tally verify`: replay contracts against a running provider and say whether it keeps them. */

/* Returns an exit code of lib/base/err.h. */
int verify_command(int argc, char **argv);

#endif
