// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_GRAPHQL_INPUT_H
#define TALLY_LIB_GRAPHQL_INPUT_H
/*
 * Values that come in (specification sections 6.1.2 and 6.4.1) and leaves that go out (6.4.3), as
 * document trees. Messages are worded as the reference implementation does.
 */
#include "lib/graphql/schema.h"
#include "lib/json/json.h"

struct gql_input {
    const struct gql_schema *schema;
    struct arena *arena;
    const struct json *variables; /* coerced */
    int defaults;                 /* default values underway inside each other */
};

struct gql_input_error {
    const char *message;
    struct gql_pos pos;
};
struct gql_input_errors {
    VEC_OF(struct gql_input_error);
};

/* A value as errors show it: one line, nested at most three deep. */
const char *gql_shown(const struct json *value, struct arena *arena);

/* The values of the operation's variables; what is wrong is added to *errors. */
struct json *gql_coerce_variables(const struct gql_input *input,
                                  const struct gql_definition *operation, const struct json *given,
                                  struct gql_input_errors *errors);
/* The values of a field's or directive's arguments; NULL with *ret_error if one is wrong. */
struct json *gql_coerce_arguments(const struct gql_input *input, struct gql_field_def *const *defs,
                                  size_t n, const struct gql_arguments *given, struct gql_pos pos,
                                  struct gql_input_error *ret_error);
/* The value of a literal of a type; NULL if it is none. */
struct json *gql_literal(const struct gql_input *input, const struct gql_value *value,
                         const struct gql_type *type);
/* What is sent for a scalar or enum; NULL with *ret_error. */
struct json *gql_serialise(const struct gql_definition *type, const struct json *value,
                           struct arena *arena, const char **ret_error);
/* Whether a number is whole, and its value if that fits. */
bool gql_whole_number(const struct json *number, int64_t *ret);
struct str gql_type_text(const struct gql_type *type, struct arena *arena);

#endif
