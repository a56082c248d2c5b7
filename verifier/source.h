// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_SOURCE_H
#define TALLY_VERIFIER_SOURCE_H
/* Where contracts come from: files, folders, URLs and the broker. */
#include "verifier/contract.h"
#include "verifier/options.h"

/*
 * Read everything before anything is replayed. What is not for this run stands in ret->ignored with
 * its reason. ret->hals is to be released by the caller, after an error too.
 *
 * Errors: ERR_PARSE and ERR_LIMIT with file, line and column; ERR_NOT_FOUND a file; ERR_USAGE
 * contracts of several providers and none named; ERR_UNDECIDED the broker does not know the
 * provider; ERR_NET, ERR_AUTH, ERR_TIMEOUT of the broker.
 */
int source_load(const struct verify_options *options, struct arena *arena, struct contracts *ret,
                struct err *err);

#endif
