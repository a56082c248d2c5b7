// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/ast.h"

const struct gql_definition *gql_operation(const struct gql_document *document, struct str name)
{
    const struct gql_definition *found = NULL;
    VEC_EACH(&document->definitions, struct gql_definition **, at) {
        const struct gql_definition *definition = *at;
        if (definition->kind > GQL_SUBSCRIPTION ||
            (name.ptr && !(definition->name.ptr && str_eq(definition->name, name))))
            continue;
        if (name.ptr)
            return definition;
        if (found)
            return NULL;
        found = definition;
    }
    return found;
}

const struct gql_definition *gql_fragment(const struct gql_document *document, struct str name)
{
    VEC_EACH(&document->definitions, struct gql_definition **, at) {
        if ((*at)->kind == GQL_FRAGMENT && str_eq((*at)->name, name))
            return *at;
    }
    return NULL;
}
