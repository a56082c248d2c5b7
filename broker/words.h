// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_WORDS_H
#define TALLY_BROKER_WORDS_H
/* Names of pacticipants as words: for the guard against doubles and for display names. */
struct arena;

/*
 * The words of a name, lower case, sorted as written, joined by "_": white space and "-" separate,
 * camel case is split, one trailing "s" per word and the words api, provider and service are
 * dropped. Two names with the same words are probably one pacticipant.
 */
const char *words_key(struct arena *arena, const char *name);
/* "mobile-bff" -> "Mobile Bff", "iOS App" -> "I OS App", "PoC - web" -> "PoC - Web". */
const char *words_display(struct arena *arena, const char *name);

#endif
