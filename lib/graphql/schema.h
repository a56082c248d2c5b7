// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_GRAPHQL_SCHEMA_H
#define TALLY_LIB_GRAPHQL_SCHEMA_H
/* A type system built from SDL, and what the checks and the executor ask of it. */
#include "lib/graphql/ast.h"

struct gql_schema;

/*
 * Build from a parsed SDL document (borrowed), extensions merged, built-in scalars, introspection
 * types and the directives skip, include, deprecated, specifiedBy added. Errors: ERR_PARSE: a type
 * named twice, an unknown type named, no query type.
 */
int gql_schema_build(const struct gql_document *sdl, const char *source, struct arena *arena,
                     struct gql_schema **ret, struct err *err);
const struct gql_definition *gql_schema_type(const struct gql_schema *schema, struct str name);
/* Root type of GQL_QUERY, GQL_MUTATION or GQL_SUBSCRIPTION; NULL if there is none. */
const struct gql_definition *gql_schema_root(const struct gql_schema *schema,
                                             enum gql_def_kind operation);
const struct gql_field_def *gql_type_field(const struct gql_definition *type, struct str name);
/* Named type under lists and non-nulls. */
struct str gql_type_name(const struct gql_type *type);
bool gql_is_leaf(const struct gql_schema *schema, struct str type_name); /* scalar or enum */
/* Whether an object type is the named type, implements it, or is a member of it. */
bool gql_possible(const struct gql_schema *schema, struct str abstract, struct str object);
/* The document's own types in its order; built-in ones are found by name only. */
size_t gql_schema_len(const struct gql_schema *schema);
const struct gql_definition *gql_schema_at(const struct gql_schema *schema, size_t i);

#endif
