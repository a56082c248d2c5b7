// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_TEXT_DIFF_H
#define TALLY_BROKER_TEXT_DIFF_H
/*
 * Unified differences of two texts, line by line, with three lines of context. The shortest script
 * up to TEXT_DIFF_EDITS edits (Myers, "An O(ND) difference algorithm", 1986); beyond that the
 * changed middle is shown as removed and added as a whole, which is correct and only longer.
 */
#include "lib/base/str.h"

struct arena;

enum { TEXT_DIFF_EDITS = 1500 };

/* "@@ -1,4 +1,5 @@\n line\n-old\n+new\n..."; empty if the texts are equal. */
struct str text_diff(struct arena *arena, struct str old_text, struct str new_text);

#endif
