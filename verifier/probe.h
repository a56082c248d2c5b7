// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_PROBE_H
#define TALLY_VERIFIER_PROBE_H
/* `tally probe`: look at a running provider and say whether it keeps the architecture rules. */

/* Returns an exit code of lib/base/err.h. */
int probe_command(int argc, char **argv);

#endif
