// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_ADR_ADR_PARTS_H
#define TALLY_LIB_ADR_ADR_PARTS_H
/* What the checks share; for lib/adr only. */
#include "lib/adr/adr.h"

/* A new finding whose text is formatted into the arena; subject is borrowed. */
struct adr_finding *adr_add(struct arena *arena, struct adr_findings *findings, const char *rule,
                            enum adr_verdict verdict, enum adr_tier tier, struct str subject,
                            const char *fmt, ...) __attribute__((format(printf, 7, 8)));
/* The finding's evidence object, made on first use. */
struct json *adr_evidence(struct arena *arena, struct adr_finding *finding);

/*
 * Whether a name is one of the list, which ends in NULL and is lower case without separators;
 * case and the characters _-[].$ in the name do not count: "page_token", "page[token]" and
 * "pageToken" are "pagetoken".
 */
bool adr_name_in(struct str name, const char *const *list);

extern const char *const adr_cursor_names[]; /* request: where to go on */
extern const char *const adr_limit_names[];  /* request: how many */
extern const char *const adr_offset_names[]; /* request: paging by position, forbidden */
extern const char *const adr_next_names[];   /* reply: the next cursor */
extern const char *const adr_items_names[];  /* reply: the items of a page */

#endif
