// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_GRAPHQL_AST_H
#define TALLY_LIB_GRAPHQL_AST_H
/*
 * GraphQL documents (October 2021 edition) as trees: executable and type system definitions. All
 * nodes live in the arena of the parse; text is borrowed from the source or unescaped into it.
 */
#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;
struct buf;
struct err;

struct gql_pos {
    int line, column; /* 1-based; column in characters as GraphQL errors count */
};

enum gql_value_kind {
    GQL_VARIABLE,
    GQL_INT,
    GQL_FLOAT,
    GQL_STRING,
    GQL_BOOLEAN,
    GQL_NULL,
    GQL_ENUM,
    GQL_LIST,
    GQL_OBJECT
};
struct gql_value {
    enum gql_value_kind kind;
    struct gql_pos pos;
    struct str text; /* variable or enum name, number as written, string content, true/false */
    bool block;      /* string was a block string */
    struct {
        VEC_OF(struct gql_value *);
    } items; /* GQL_LIST */
    struct {
        VEC_OF(struct gql_argument *);
    } fields; /* GQL_OBJECT */
};
struct gql_argument { /* also a field of an object value */
    struct str name;
    struct gql_pos pos;
    struct gql_value *value;
};
struct gql_arguments {
    VEC_OF(struct gql_argument *);
};

struct gql_directive {
    struct str name;
    struct gql_pos pos;
    struct gql_arguments arguments;
};
struct gql_directives {
    VEC_OF(struct gql_directive *);
};

struct gql_type { /* a type reference */
    enum { GQL_NAMED, GQL_LIST_OF, GQL_NON_NULL } kind;
    struct gql_pos pos;
    struct str name;     /* GQL_NAMED */
    struct gql_type *of; /* the others */
};

struct gql_selection {
    enum { GQL_FIELD, GQL_SPREAD, GQL_INLINE } kind;
    struct gql_pos pos;
    struct str alias;   /* absent if none */
    struct str name;    /* field or fragment */
    struct str on_type; /* inline fragment's type condition; absent if none */
    struct gql_arguments arguments;
    struct gql_directives directives;
    struct gql_selections *selections; /* NULL if none */
};
struct gql_selections {
    VEC_OF(struct gql_selection *);
};

struct gql_variable {
    struct str name;
    struct gql_pos pos;
    struct gql_type *type;
    struct gql_value *fallback; /* NULL if none */
    struct gql_directives directives;
};

/* Arguments, input fields, and fields of types share one shape. */
struct gql_field_def {
    struct str description, name;
    bool block; /* description was a block string */
    struct gql_pos pos;
    struct {
        VEC_OF(struct gql_field_def *);
    } arguments;
    struct gql_type *type;
    struct gql_value *fallback;
    struct gql_directives directives;
};
struct gql_enum_value {
    struct str description, name;
    bool block;
    struct gql_pos pos;
    struct gql_directives directives;
};

enum gql_def_kind {
    GQL_QUERY,
    GQL_MUTATION,
    GQL_SUBSCRIPTION,
    GQL_FRAGMENT,
    GQL_SCHEMA,
    GQL_SCALAR_TYPE,
    GQL_OBJECT_TYPE,
    GQL_INTERFACE_TYPE,
    GQL_UNION_TYPE,
    GQL_ENUM_TYPE,
    GQL_INPUT_TYPE,
    GQL_DIRECTIVE_DEF
};
struct gql_definition {
    enum gql_def_kind kind;
    bool extend; /* type system extension */
    struct gql_pos pos;
    struct str description, name; /* operation name absent if anonymous */
    bool block;
    struct gql_directives directives;
    /* executable */
    struct {
        VEC_OF(struct gql_variable *);
    } variables;
    struct str on_type; /* fragment */
    struct gql_selections *selections;
    /* type system */
    struct {
        VEC_OF(struct gql_field_def *);
    } fields; /* also directive arguments */
    struct {
        VEC_OF(struct str);
    } names; /* interfaces, union members, locations */
    struct {
        VEC_OF(struct gql_enum_value *);
    } values;
    struct {
        VEC_OF(struct gql_argument *);
    } roots; /* schema: query -> type in value->text */
    bool repeatable;
};
struct gql_document {
    struct {
        VEC_OF(struct gql_definition *);
    } definitions;
};

/*
 * Parse a document. Errors: ERR_PARSE with position and GraphQL's own wording ("Syntax Error:
 * Expected Name, found \"}\"."), ERR_LIMIT (_GRAPHQL_TEXT, _TOKENS, _DEPTH).
 */
int gql_parse(struct str text, const char *source, struct arena *arena, struct gql_document **ret,
              struct err *err);

/* Print a document: indented as the reference printer does, or minimal (no ignored characters). */
enum gql_print { GQL_PRETTY, GQL_MINIMAL };
void gql_print(const struct gql_document *document, enum gql_print how, struct buf *out);
void gql_print_type(const struct gql_type *type, struct buf *out);
void gql_print_value(const struct gql_value *value, enum gql_print how, struct buf *out);
/*
 * The text under which two documents mean the same: minimal, `__typename` removed (unless it is a
 * selection's only field), arguments, variables and object fields sorted by name, definitions
 * sorted by kind and name, comments and ignored characters gone. Selection order is kept.
 */
void gql_normalise(const struct gql_document *document, struct arena *arena, struct buf *out);
/* The operation of that name, or the only one when name is absent; NULL otherwise. */
const struct gql_definition *gql_operation(const struct gql_document *document, struct str name);
const struct gql_definition *gql_fragment(const struct gql_document *document, struct str name);

#endif
