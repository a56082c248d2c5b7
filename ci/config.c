// SPDX-License-Identifier: Apache-2.0
#include "ci/config.h"

#include "lib/base/fs.h"
#include "lib/base/limits.h"

int config_mapping(const char *path, struct arena *arena, const struct mapping_rules **ret,
                   struct err *err)
{
    const char *file = path ? path : "tally.yaml";
    struct mapping_rules *rules = NULL;
    struct str text;
    if (!path && !fs_exists(file)) {
        *ret = NULL;
        return 0;
    }
    int rc = fs_read(file, LIMIT_YAML_TEXT, arena, &text, err);
    rc = rc ? rc : mapping_rules_read(text, file, arena, &rules, err);
    if (rc == 0) {
        *ret = rules;
    }
    return rc;
}
