// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_JSON_YAML_SCALAR_H
#define TALLY_LIB_JSON_YAML_SCALAR_H
/* What a YAML scalar means; for yaml.c only. Source: YAML 1.2.2, section 10.3.2. */
#include "lib/json/json.h"

/* How a scalar says its type. */
enum yaml_hint {
    YAML_HINT_PLAIN, /* by its look */
    YAML_HINT_TEXT,  /* quoted, or tagged as a string */
    YAML_HINT_NULL,  /* tagged: must look like that */
    YAML_HINT_BOOL,
    YAML_HINT_INT,
    YAML_HINT_FLOAT,
};

/*
 * The value. The bytes are copied into the arena. NULL when the text is not what the hint says or
 * JSON cannot hold it; *ret_why then says so in words.
 */
struct json *yaml_scalar(struct str text, enum yaml_hint hint, struct arena *arena,
                         const char **ret_why);

#endif
