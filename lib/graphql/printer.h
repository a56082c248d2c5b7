// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_GRAPHQL_PRINTER_H
#define TALLY_LIB_GRAPHQL_PRINTER_H
/* What the printers of executable and of type system definitions share. */
#include "lib/graphql/ast.h"

struct gql_printer {
    struct buf *out;
    enum gql_print how;
    int indent;
    bool after_word; /* the last token would merge with a word */
};

struct gql_print_mark {
    size_t len;
    bool after_word;
};

void gql_put_word(struct gql_printer *p, struct str word); /* name, number or keyword */
void gql_put_mark(struct gql_printer *p, const char *punctuator);
/* Only when pretty. */
void gql_put_space(struct gql_printer *p);
void gql_put_line(struct gql_printer *p);
/* Take back what was printed since the mark. */
void gql_print_back(struct gql_printer *p, struct gql_print_mark mark);

void gql_put_text(struct gql_printer *p, struct str text, bool block); /* a string in quotes */
void gql_put_value(struct gql_printer *p, const struct gql_value *value);
void gql_put_type(struct gql_printer *p, const struct gql_type *type);
/* Each with the space before it. */
void gql_put_directives(struct gql_printer *p, const struct gql_directives *directives);
void gql_put_type_system(struct gql_printer *p, const struct gql_definition *definition);

#endif
