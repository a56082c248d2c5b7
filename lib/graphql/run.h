// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_GRAPHQL_RUN_H
#define TALLY_LIB_GRAPHQL_RUN_H
/* One execution underway; for exec.c and its helpers. */
#include "lib/graphql/exec.h"
#include "lib/graphql/input.h"

struct map;

struct gql_run {
    const struct gql_exec *exec;
    const struct gql_definition *operation;
    struct arena *arena;
    struct err *err;
    struct map *fragments;  /* struct gql_definition * by name */
    struct json *variables; /* coerced */
    struct json *errors;    /* array; NULL while there are none */
    size_t fields;          /* resolved so far, against LIMIT_GRAPHQL_FIELDS */
    int depth;              /* objects inside each other */
    int rc;                 /* ERR_LIMIT once a limit is met */
};

struct gql_path { /* from the response's root to a value */
    const struct gql_path *up;
    struct str key; /* absent: index */
    size_t index;
};

static inline struct gql_input gql_run_input(const struct gql_run *run)
{
    return (struct gql_input){
        .schema = run->exec->schema, .arena = run->arena, .variables = run->variables};
}

/* Add an error to the response; path and code may be NULL, a position of line 0 is left out. */
void gql_add_error(struct gql_run *run, const char *message, const struct gql_pos *positions,
                   size_t n, const struct gql_path *path, const char *code);

/*
 * What no execution may start with: unknown fields, arguments and fragments in what the operation
 * can reach. Adds an error for each.
 */
void gql_check_request(struct gql_run *run);

/* Fields of one response key, and what they select below. */
struct gql_group {
    struct str key;
    struct {
        VEC_OF(const struct gql_selection *);
    } nodes;
    struct gql_below *below; /* by type, collected when first needed */
};
struct gql_groups {
    VEC_OF(struct gql_group *);
};
struct gql_below {
    const struct gql_definition *type;
    struct gql_groups *groups;
    struct gql_below *next;
};

/* CollectFields (section 6.3.2): what is asked of an object of that type. NULL: error was added. */
struct gql_groups *gql_collect(struct gql_run *run, const struct gql_definition *type,
                               const struct gql_selections *selections,
                               const struct gql_path *path);
struct gql_groups *gql_collect_below(struct gql_run *run, const struct gql_definition *type,
                                     struct gql_group *group, const struct gql_path *path);

/* __typename, __schema and __type; NULL for any other field. */
const struct gql_field_def *gql_meta_field(const struct gql_run *run,
                                           const struct gql_definition *type, struct str name);
/* Values of the fields of introspection types, and of __schema and __type. */
struct json *gql_introspect(const struct gql_schema *schema, const struct gql_definition *type,
                            const struct gql_field_def *field, const struct json *parent,
                            const struct json *arguments, struct arena *arena);

#endif
