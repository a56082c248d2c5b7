// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_EXPRESSION_LEXER_H
#define TALLY_LIB_CONTRACT_EXPRESSION_LEXER_H
/* Words, numbers, strings and signs of a matching-rule definition expression. */
#include "lib/base/str.h"

struct arena;
struct err;

enum expression_token_kind {
    EXPRESSION_TOKEN_END,
    EXPRESSION_TOKEN_WORD,
    EXPRESSION_TOKEN_NUMBER, /* as JSON has it */
    EXPRESSION_TOKEN_TEXT,   /* in single quotes */
    EXPRESSION_TOKEN_SIGN,   /* ( ) , $ */
    EXPRESSION_TOKEN_BAD,    /* nothing of these */
};
struct expression_token {
    enum expression_token_kind kind;
    struct str text; /* as written, with its quotes */
    size_t at;
};

/* The token at or after `at`; go on at token.at + token.text.len. */
struct expression_token expression_token(struct str text, size_t at);
/* ERR_PARSE at a token: "expected WHAT, found ')'". */
int expression_expected(struct str text, const struct expression_token *token, const char *what,
                        struct err *err);
/*
 * What a string token holds, with its escapes resolved. Errors: ERR_PARSE at an escape that is no
 * Unicode character.
 */
int expression_unescape(struct str text, const struct expression_token *token, struct arena *arena,
                        struct str *ret, struct err *err);

#endif
