// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_EXPRESSION_H
#define TALLY_LIB_CONTRACT_EXPRESSION_H
/*
 * Matching-rule definition expressions: "matching(regex, '\\d+', '42')" is an example with the
 * rules that hold for it, and perhaps a generator. Source: pact-semantics, section 13.
 *
 * Strings stand in single quotes. Where the grammar wants a primitive (type, equalTo, notEmpty,
 * plugin rules, the fallback of fromProviderState) they are taken as written, as the stock
 * libraries do; everywhere else \\ \b \f \n \r \t \uXXXX \u{X} are escapes, and any other
 * backslash stays, so that a regex needs no doubling.
 */
#include "lib/base/vec.h"
#include "lib/contract/rules.h"

/* In the order of merging: of two types the later one wins. */
enum expression_type {
    EXPRESSION_UNKNOWN,
    EXPRESSION_BOOLEAN,
    EXPRESSION_NUMBER,
    EXPRESSION_INTEGER,
    EXPRESSION_DECIMAL,
    EXPRESSION_STRING,
};

struct expression {
    struct str text; /* the example as text; absent if there is none, or it is null */
    enum expression_type type;
    struct json *value; /* the example as JSON; NULL if there is none */
    struct {
        VEC_OF(struct matcher);
    } matchers;                   /* empty for a plain example */
    const struct json *generator; /* {"type": …, …} or NULL */
    /*
     * A rule, perhaps of an eachKey or eachValue, is `matching($'name')`: it stands for rules kept
     * elsewhere, as MATCHER_UNKNOWN made from {"reference": name}. Who cannot resolve it refuses.
     */
    bool has_reference;
};

/* Whether a text begins like a definition; any other is a plain example. */
bool expression_is(struct str text);
/*
 * Read a definition, or take a text that is none as an example. All of it must be understood.
 * Errors: ERR_PARSE with line and column of the offending token; ERR_LIMIT (LIMIT_EXPRESSION,
 * LIMIT_EXPRESSION_DEPTH). Borrows the text.
 */
int expression_parse(struct str text, struct arena *arena, struct expression *ret, struct err *err);
const char *expression_type_name(enum expression_type type); /* "Integer" */

#endif
