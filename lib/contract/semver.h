// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_SEMVER_H
#define TALLY_LIB_CONTRACT_SEMVER_H
/* Semantic Versioning 2.0.0, strictly: no `v`, three numbers, no leading zeros. */
#include "lib/base/str.h"

bool semver_ok(struct str text);

#endif
