// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_SELECTION_TEXT_H
#define TALLY_BROKER_SELECTION_TEXT_H
/* What verifiers print about a selected contract. */
#include <stdbool.h>

struct arena;
struct selected;
struct selection;

/* "latest from main branch, deployed to production" */
const char *selection_short(struct arena *arena, const struct selected *row);
/* Why the contract is verified; url is that of its content. */
const char *selection_inclusion(struct arena *arena, const struct selected *row, const char *url);
const char *selection_pending(struct arena *arena, const struct selected *row,
                              const struct selection *selection);
/* One of the four notices after the verification. */
const char *selection_after(struct arena *arena, const struct selected *row,
                            const struct selection *selection, bool success, bool published);

#endif
