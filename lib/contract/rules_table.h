// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_RULES_TABLE_H
#define TALLY_LIB_CONTRACT_RULES_TABLE_H
/* The table of matchers and categories, shared by the reader and the writer of rules. */
#include "lib/contract/rules.h"

struct matcher_info {
    const char *name;
    const char *text_attribute; /* what matcher.text comes from; NULL = none */
};
const struct matcher_info *matcher_info(enum matcher_kind kind);
/* By `match` in any spelling, else by the attributes present. */
enum matcher_kind matcher_kind_of(const struct json *rule);

bool rules_part_has_paths(enum rules_part part);
bool rules_part_is_single(enum rules_part part); /* one rule without a name: method, path, status */
/* The part of a category name as met in files; false if unknown. */
bool rules_part_of(struct str category, enum rules_part *ret);
const char *rules_part_name(enum rules_part part);
/* V2's "$.headers.X": part and name, "$.body.a": part and path from "$"; false if neither. */
bool rules_flat_place(struct str where, struct arena *arena, enum rules_part *ret_part,
                      struct str *ret_name);
/* The reverse: "$.headers.X" or "$.headers['X y']", "$.body.a". */
struct str rules_flat_where(enum rules_part part, struct str name, struct arena *arena);
/* The rule at a path or name, created when absent. Errors: ERR_PARSE invalid path. */
int rules_slot(struct rules *rules, enum rules_part part, struct str where, struct arena *arena,
               struct rule **ret, struct err *err);
/* {"$.a": {"matchers": […]}, …} into one part; positions are left 0. */
int rules_read_paths(const struct json *value, enum rules_part part, struct arena *arena,
                     struct rules *rules, struct err *err);
/* rules_read() with a cursor that goes on from value to value of one text. */
struct position;
int rules_read_at(const struct json *value, struct position *position, const char *source,
                  bool flat, struct arena *arena, struct rules *ret, struct err *err);
/* The rule object as V4 writes it. */
struct json *matcher_write(const struct matcher *matcher, struct arena *arena);

#endif
