// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_JSON_YAML_H
#define TALLY_LIB_JSON_YAML_H
/*
 * YAML for configuration and rule files, read into the document tree: what JSON can say, written
 * more kindly.
 *
 * Plain scalars mean what YAML 1.2's core schema says: only `true`, `false`, `null`, `~` and
 * numbers are no strings (`no`, `on`, `12:30` and dates are), and what is quoted is a string.
 * Numbers are rewritten where JSON's grammar differs (`+1`, `0x1f`, `.5`). One document per text;
 * keys are scalars, taken as text. Refused, because each would say something else than a reader
 * sees: repeated keys, merge keys (`<<`), tags beyond the core schema, infinities.
 */
#include "lib/base/str.h"

struct arena;
struct err;
struct json;

/*
 * Parse a whole text (UTF-8). `source` (a file name) goes into errors. The tree does not need the
 * text; json_position on the same text finds where a value stands (that of an alias stands at its
 * anchor). A text without a document is null.
 * Errors: ERR_PARSE with line and column; ERR_LIMIT (LIMIT_YAML_TEXT, LIMIT_JSON_DEPTH,
 * LIMIT_YAML_NODES with aliases written out, LIMIT_YAML_ANCHORS, LIMIT_JSON_NUMBER).
 */
int yaml_parse(struct str text, const char *source, struct arena *arena, struct json **ret,
               struct err *err);

#endif
