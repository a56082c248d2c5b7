// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_GRAPHQL_EXEC_H
#define TALLY_LIB_GRAPHQL_EXEC_H
/*
 * Execution (specification section 6) of one operation against resolvers that answer now. Results
 * and arguments are document trees. Fetching is the host's: it resolves root fields first (a root
 * resolver may have been given data fetched before), the rest by property unless it says otherwise.
 */
#include "lib/graphql/schema.h"
#include "lib/json/json.h"

struct gql_exec {
    const struct gql_schema *schema;
    const struct gql_document *document;
    struct str operation_name;    /* absent = the only one */
    const struct json *variables; /* object or NULL */
    /*
     * Value of a field: NULL = null. `parent` is the value its parent resolved to (NULL for roots).
     * To fail the field set *ret_error to a message (and *ret_code to extensions.code, or leave it
     * NULL). Called for each field that has no property of its name in parent, and for all roots.
     */
    struct json *(*resolve)(void *context, const struct gql_definition *type,
                            const struct gql_field_def *field, const struct json *parent,
                            const struct json *arguments, struct arena *arena,
                            const char **ret_error, const char **ret_code);
    void *context;
};

/*
 * *ret_response is {"errors": […], "data": …} as the specification's section 7 orders it, "errors"
 * only if there are some: request errors (unknown operation, bad variables, unknown field, argument
 * or fragment) give no "data". Fields of interfaces and unions are completed as the type that their
 * value's "__typename" says. Returns 0 always but ERR_LIMIT (LIMIT_GRAPHQL_DEPTH, _FIELDS).
 */
int gql_execute(const struct gql_exec *exec, struct arena *arena, struct json **ret_response,
                struct err *err);
/*
 * Arguments of a root field by name, variables filled in, for hosts that fetch before executing.
 * NULL with ERR_NOT_FOUND (no such operation) or ERR_PARSE (a variable or argument is wrong).
 */
struct json *gql_arguments(const struct gql_exec *exec, const struct gql_field_def *field,
                           const struct gql_selection *selection, struct arena *arena,
                           struct err *err);

#endif
