// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_XML_H
#define TALLY_LIB_CONTRACT_XML_H
/*
 * XML documents as the comparison sees them: elements, attributes, text. Comments, processing
 * instructions and namespace declarations are not kept. Nothing is fetched and no entity but the
 * five that XML itself defines is known. Thread-safe.
 */
#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;
struct err;

struct xml_attribute {
    struct str name; /* "uri:local", or "local" without a namespace */
    struct str value;
};
struct xml_element {
    struct str name;  /* "uri:local", or "local" without a namespace */
    struct str local; /* name without the namespace */
    struct str text;  /* every run of text and CDATA, trimmed, joined; never absent */
    struct {
        VEC_OF(struct xml_attribute);
    } attributes;
    struct {
        VEC_OF(struct xml_element *);
    } children;
};

/*
 * The root element. `what` names the document in messages. Errors: ERR_PARSE with line and column
 * (not well-formed, an undeclared prefix), ERR_UNDECIDED (declarations in its document
 * type, or entities from outside), ERR_LIMIT (LIMIT_XML_…).
 */
int xml_parse(struct str text, const char *what, struct arena *arena, struct xml_element **ret,
              struct err *err);

#endif
