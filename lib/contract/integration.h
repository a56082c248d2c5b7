// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_INTEGRATION_H
#define TALLY_LIB_CONTRACT_INTEGRATION_H
/*
 * Integration JSON, the form in which the languages of the stock Pact libraries hand over examples
 * with their rules: any value may be an object with "pact:matcher:type", whose `value` is the
 * example and whose other members are the attributes of the rule. Source: pact-semantics,
 * section 14.
 *
 *     {"id": {"pact:matcher:type": "integer", "value": 7}}            a matcher by its name
 *     {"id": {"pact:matcher:type": "matching(integer, 7)"}}           a definition, section 13
 *     {"id": {"pact:matcher:type": [{…}, {…}], "value": 7}}           several, all of which hold
 *     {"id": {"pact:generator:type": "RandomInt", "min": 1, …}}       a generator, also beside them
 *
 * Every function adds rules and generators to what it is given and returns the bare example, which
 * shares nothing with the tree but text bytes. `min` does not lengthen an example: that is for the
 * caller. Errors: ERR_PARSE naming the place (a matcher that is not known or lacks an attribute, a
 * definition that is wrong or refers to another one, a name that no rule path can hold); ERR_LIMIT.
 * After an error rules and generators may be incomplete.
 */
#include "lib/contract/generate.h"
#include "lib/contract/pact.h"
#include "lib/contract/rules.h"

struct integration {
    struct rules *rules;
    struct generators *generators;
    struct arena *arena;
};

/* A JSON body: rules at paths. */
int integration_body(const struct integration *to, const struct json *tree, struct json **ret,
                     struct err *err);
/*
 * The text of an XML body from its own form: {"root": ELEMENT}, where an ELEMENT is
 *
 *     {"name": "p:a", "attributes": {"id": VALUE, "xmlns:p": "urn:x"}, "children": [CHILD, …]}
 *
 * a VALUE a text, number, boolean or matcher as above, and a CHILD an ELEMENT, a text
 * {"content": VALUE, "matcher": MATCHER, optionally a generator}, or an ELEMENT that may come
 * several times: {"pact:matcher:type": …, "value": ELEMENT, "examples": n}. Rules go to paths of
 * expanded names: $.a['@id'], $['urn:x:a'].#text. Elements of one name within one parent share
 * their paths, so their rules hold for all of them; an example that does not keep its own rules is
 * an error. Errors also: ERR_LIMIT (LIMIT_XML_TEXT, LIMIT_XML_DEPTH).
 */
int integration_xml(const struct integration *to, const struct json *tree, struct str *ret,
                    struct err *err);
/*
 * The values of one header or query parameter: a text, a matcher, or an array of these. Rules are
 * kept by name; as soon as a value after the first has one, all are kept as "name[0]", "name[1]".
 */
struct integration_values {
    VEC_OF(struct str);
};
int integration_values(const struct integration *to, enum rules_part part, struct str name,
                       const struct json *value, struct integration_values *ret, struct err *err);
/* The path of a request. */
int integration_path(const struct integration *to, const struct json *value, struct str *ret,
                     struct err *err);
/* The status of a response: 100 to 599. */
int integration_status(const struct integration *to, const struct json *value, int *ret,
                       struct err *err);

#endif
