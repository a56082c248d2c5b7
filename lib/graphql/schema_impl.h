// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_GRAPHQL_SCHEMA_IMPL_H
#define TALLY_LIB_GRAPHQL_SCHEMA_IMPL_H
/* The inside of a schema; for lib/graphql only. */
#include "lib/graphql/schema.h"

struct map;

struct gql_types {
    VEC_OF(struct gql_definition *);
};

struct gql_schema {
    struct map *by_name;         /* struct gql_definition *, extensions merged */
    struct gql_types own;        /* of the document, in its order */
    struct gql_types built_in;   /* those that the document did not define itself */
    struct gql_types directives; /* of the document, then built in */
    struct str description;
    const struct gql_definition *roots[3]; /* by GQL_QUERY, GQL_MUTATION, GQL_SUBSCRIPTION */
};

/* SDL of what every schema has. */
extern const char gql_built_in_sdl[];

/* The directive of that name among those applied; NULL if it is not there. */
const struct gql_directive *gql_applied(const struct gql_directives *directives, const char *name);

#endif
