// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_GRAPHQL_PARSER_H
#define TALLY_LIB_GRAPHQL_PARSER_H
/*
 * Recursive descent with one token of lookahead. The first failure is kept in `rc` and makes the
 * current token <EOF>, so that everything underway ends by itself; what is returned then is
 * unusable and dropped at the end.
 */
#include "lib/graphql/lexer.h"

struct gql_parser {
    struct gql_lexer lexer;
    struct arena *arena;
    struct gql_token token, next; /* next is valid while has_next */
    bool has_next;
    int depth;
    int rc;
};

void gql_advance(struct gql_parser *p);
const struct gql_token *gql_lookahead(struct gql_parser *p);

bool gql_peek(const struct gql_parser *p, const char *punctuator);
bool gql_peek_word(const struct gql_parser *p, const char *word);
/* Step over it if it stands here. */
bool gql_skip(struct gql_parser *p, const char *punctuator);
bool gql_skip_word(struct gql_parser *p, const char *word);
void gql_expect(struct gql_parser *p, const char *punctuator);
void gql_expect_word(struct gql_parser *p, const char *word);
struct str gql_expect_name(struct gql_parser *p);
void gql_unexpected(struct gql_parser *p, const struct gql_token *token);
/* "Syntax Error: ..." at a position. */
void gql_refuse(struct gql_parser *p, struct gql_pos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* How errors call a token: Name "x", "{", <EOF>. */
const char *gql_describe(const struct gql_parser *p, const struct gql_token *token);

struct gql_value *gql_parse_value(struct gql_parser *p, bool constant);
struct gql_type *gql_parse_type(struct gql_parser *p);
void gql_parse_directives(struct gql_parser *p, bool constant, struct gql_directives *ret);
/* The keyword of an operation. */
enum gql_def_kind gql_parse_operation_type(struct gql_parser *p);

/* Type system definitions and extensions; `keyword` is the token that says which. */
bool gql_is_type_system(const struct gql_token *keyword);
void gql_parse_type_system(struct gql_parser *p, struct gql_definition *ret);

#endif
