// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_GENERATE_VALUE_H
#define TALLY_LIB_CONTRACT_GENERATE_VALUE_H
/* One generator, one value: what the files of generate.c share. */
#include "lib/contract/generate.h"

/* One part under way. */
struct generating {
    const struct generate_context *context;
    struct arena *arena;
    struct generate_warnings *warnings;
    struct err *err;
    const struct generator *warned; /* the last one that failed */
    size_t work;                    /* bytes made and values visited, at most LIMIT_HTTP_BODY */
};

/* Whether a generator has a say in this mode; one of an unknown kind has, and fails. */
bool generator_applies(const struct generator *generator, enum generate_mode mode);
/*
 * 1 and the value; 0 after a warning: the example stays. `example` is NULL if there is none; a
 * number becomes a string where the example is a string. Errors: ERR_LIMIT.
 */
int generate_value(struct generating *generating, const struct generator *generator,
                   const struct json *example, struct json **ret);
/*
 * The same for places that hold text. `example` is absent where there is none; control characters
 * are refused with a warning, unless `any` of them may stand there.
 */
int generate_text(struct generating *generating, const struct generator *generator,
                  struct str example, bool any, struct str *ret);
/* Say, once per generator, why the example stays; returns 0. */
int generate_warn(struct generating *generating, const struct generator *generator, const char *fmt,
                  ...) __attribute__((format(printf, 3, 4)));
/* Count work. Errors: ERR_LIMIT. */
int generate_spend(struct generating *generating, size_t work);
/* 0 to n - 1; n > 0. */
uint64_t generate_below(const struct generate_context *context, uint64_t n);

/* ---- bodies (generate_body.c) ---- */

/* 1 when the body, JSON or form, changed; its bytes follow with generate_body_done(). */
int generate_body(struct generating *generating, const struct generator *generator,
                  struct pact_body *body);
/* The same for the bytes of an XML body (generate_xml.c). */
int generate_xml_body(struct generating *generating, const struct generator *generator,
                      struct pact_body *body);
/* Generators that the variants of arrayContains rules carry; 1 when the body changed. */
int generate_variants(struct generating *generating, const struct rules *rules,
                      struct pact_body *body);
/*
 * Generators that came with the definitions of eachValue or (`keys`) eachKey rules, applied to each
 * value or key of a JSON body; 1 when the body changed.
 */
int generate_each(struct generating *generating, const struct rules *rules, bool keys,
                  struct pact_body *body);
void generate_body_done(struct generating *generating, struct pact_body *body);

/*
 * A text that the whole expression matches, left in `out`. Repeats without an end get at most 20
 * more. What assertions ask for (lookaround, \b, possessive repeats) is found by trying, a bounded
 * number of times; the expression itself has the last word. Returns NULL, or why no text was made.
 */
struct buf;
const char *generate_regex(struct str regex, const struct generate_context *context,
                           struct buf *out);

#endif
