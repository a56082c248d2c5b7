// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_REGEX_SET_H
#define TALLY_LIB_CONTRACT_REGEX_SET_H
/* The characters that a part of a regular expression for one character stands for. */
#include "lib/contract/regex_tree.h"

/*
 * Add characters that `set->source` matches: printable ASCII if any, else some of other scripts
 * and those that stand in the source, else control characters. The expression itself judges, so
 * that properties and named classes mean what they mean in a comparison.
 */
void regex_set_fill(struct regex_set *set, struct arena *arena);
/* Append a character as UTF-8; what is no character is left out. */
struct str regex_utf8(struct arena *arena, uint32_t c);
/*
 * The character of a number after a backslash: "x41", "x{1F600}", "u00e9", "u{e9}", "o{17}", "017".
 * Returns how many bytes it takes, 0 if there is none.
 */
size_t regex_number(struct str text, uint32_t *ret);

#endif
