// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_GRAPHQL_LEXER_H
#define TALLY_LIB_GRAPHQL_LEXER_H
/* GraphQL text to tokens (specification section 2.1); for the parser. */
#include "lib/graphql/ast.h"

enum gql_token_kind {
    GQL_TOKEN_EOF,
    GQL_TOKEN_PUNCTUATOR, /* text is one of ! $ & ( ) ... : = @ [ ] { | } */
    GQL_TOKEN_NAME,
    GQL_TOKEN_INT,
    GQL_TOKEN_FLOAT,
    GQL_TOKEN_STRING,
    GQL_TOKEN_BLOCK_STRING,
};

struct gql_token {
    enum gql_token_kind kind;
    size_t start, end; /* bytes */
    struct gql_pos pos;
    struct str text; /* as written; of strings the content */
};

struct gql_lexer {
    struct str text;
    const char *source; /* name for errors */
    struct arena *arena;
    struct err *err;
    size_t at;
    int line;
    size_t line_start;
    size_t wide; /* bytes on this line beyond one per column */
    size_t tokens;
};

void gql_lexer_init(struct gql_lexer *lexer, struct str text, const char *source,
                    struct arena *arena, struct err *err);
/* The next token that means something. Errors: ERR_PARSE, ERR_LIMIT (LIMIT_GRAPHQL_TOKENS). */
int gql_lexer_next(struct gql_lexer *lexer, struct gql_token *ret);
/* ERR_PARSE "Syntax Error: ..." at a position. */
int gql_syntax_error(const struct gql_lexer *lexer, struct gql_pos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* How errors and tests call the kind: "Name", "<EOF>", ... */
const char *gql_token_kind_name(enum gql_token_kind kind);

#endif
