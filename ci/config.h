// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_CONFIG_H
#define TALLY_CI_CONFIG_H
/* `tally.yaml`, the house's own rules for commands that read contracts. */
#include "lib/contract/mapping_rules.h"

/* The option of every such command; `target_` is a const char * that it fills. */
#define CONFIG_OPTION(target_)                                                                     \
    {                                                                                              \
        .kind = OPT_TEXT, .name = "config", .value = "FILE", .target = (target_),                  \
        .help = "configuration with mapping rules (default: tally.yaml of this folder)"            \
    }

/*
 * The mapping rules of a file; `path` NULL stands for `tally.yaml` in the working folder, which
 * need not be there: *ret is then NULL. Errors: as fs_read() and mapping_rules_read().
 */
int config_mapping(const char *path, struct arena *arena, const struct mapping_rules **ret,
                   struct err *err);

#endif
