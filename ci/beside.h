// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_BESIDE_H
#define TALLY_CI_BESIDE_H
/*
 * What `tally publish` hands over beside the contracts: the inventory of the app's methods and the
 * manifest of its operations. Both belong to one version of one app and to no contract.
 */
#include "lib/base/str.h"

struct arena;
struct err;
struct hal;

struct beside {
    const char *inventory, *manifest; /* files; NULL = none */
    struct str inventory_text, manifest_text;
};

/* Errors: as fs_read(); ERR_PARSE, ERR_LIMIT with the place, for what is no inventory or manifest.
 */
int beside_read(struct beside *beside, struct arena *arena, struct err *err);
/* Errors: as hal_call(); ERR_USAGE when the broker keeps no such documents. */
int beside_send(const struct beside *beside, struct hal *hal, const char *consumer,
                const char *version, bool quiet, struct arena *arena, struct err *err);
/* Says what would be sent. */
void beside_dry_run(const struct beside *beside, const char *consumer, const char *version);

#endif
