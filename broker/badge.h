// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_BADGE_H
#define TALLY_BROKER_BADGE_H
/* Badges: two words and a colour, as an SVG of our own or as the address of one at shields.io. */
#include "lib/base/str.h"

struct arena;

enum badge_color { BADGE_GREEN, BADGE_RED, BADGE_ORANGE, BADGE_GREY };

struct badge {
    const char *left, *right;
    enum badge_color color;
};

/* A picture 20 pixels high; texts are escaped, widths follow the letters (Verdana, 11 px). */
struct str badge_svg(struct arena *arena, const struct badge *badge);
/* "https://img.shields.io/badge/LEFT-RIGHT-COLOR.svg"; "-" and "_" are doubled (its own escapes).*/
const char *badge_shields_url(struct arena *arena, const char *base, const struct badge *badge);
/* The first letters of a name's words: "Wallet App" -> "wa", "mobile-bff" -> "mb"; one word stays.
 */
const char *badge_initials(struct arena *arena, const char *name);

#endif
