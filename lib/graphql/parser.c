// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/parser.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"

/* ---- tokens ---- */

static void stop(struct gql_parser *p, int rc)
{
    if (!p->rc)
        p->rc = rc;
    p->token.kind = GQL_TOKEN_EOF;
    p->has_next = false;
}

void gql_advance(struct gql_parser *p)
{
    if (p->has_next) {
        p->token = p->next;
        p->has_next = false;
        return;
    }
    int rc = p->rc ? p->rc : gql_lexer_next(&p->lexer, &p->token);
    if (rc)
        stop(p, rc);
}

const struct gql_token *gql_lookahead(struct gql_parser *p)
{
    if (!p->has_next && !p->rc) {
        int rc = gql_lexer_next(&p->lexer, &p->next);
        if (rc)
            stop(p, rc);
        else
            p->has_next = true;
    }
    return p->has_next ? &p->next : &p->token;
}

const char *gql_describe(const struct gql_parser *p, const struct gql_token *token)
{
    if (token->kind == GQL_TOKEN_EOF)
        return "<EOF>";
    if (token->kind == GQL_TOKEN_PUNCTUATOR)
        return arena_printf(p->arena, "\"%.*s\"", STR_FMT(token->text));
    return arena_printf(p->arena, "%s \"%.*s\"", gql_token_kind_name(token->kind),
                        STR_FMT(token->text));
}

void gql_refuse(struct gql_parser *p, struct gql_pos pos, const char *fmt, ...)
{
    if (p->rc)
        return;
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    stop(p, gql_syntax_error(&p->lexer, pos, "%s", text));
}

void gql_unexpected(struct gql_parser *p, const struct gql_token *token)
{
    gql_refuse(p, token->pos, "Unexpected %s.", gql_describe(p, token));
}

bool gql_peek(const struct gql_parser *p, const char *punctuator)
{
    return p->token.kind == GQL_TOKEN_PUNCTUATOR && str_is(p->token.text, punctuator);
}

bool gql_peek_word(const struct gql_parser *p, const char *word)
{
    return p->token.kind == GQL_TOKEN_NAME && str_is(p->token.text, word);
}

bool gql_skip(struct gql_parser *p, const char *punctuator)
{
    if (!gql_peek(p, punctuator))
        return false;
    gql_advance(p);
    return true;
}

bool gql_skip_word(struct gql_parser *p, const char *word)
{
    if (!gql_peek_word(p, word))
        return false;
    gql_advance(p);
    return true;
}

void gql_expect(struct gql_parser *p, const char *punctuator)
{
    if (!gql_skip(p, punctuator))
        gql_refuse(p, p->token.pos, "Expected \"%s\", found %s.", punctuator,
                   gql_describe(p, &p->token));
}

void gql_expect_word(struct gql_parser *p, const char *word)
{
    if (!gql_skip_word(p, word))
        gql_refuse(p, p->token.pos, "Expected \"%s\", found %s.", word, gql_describe(p, &p->token));
}

struct str gql_expect_name(struct gql_parser *p)
{
    struct str name = p->token.text;
    if (p->token.kind == GQL_TOKEN_NAME)
        gql_advance(p);
    else
        gql_refuse(p, p->token.pos, "Expected Name, found %s.", gql_describe(p, &p->token));
    return name;
}

/* Counts nesting; false when it is too deep. */
static bool enter(struct gql_parser *p)
{
    if (p->depth++ < LIMIT_GRAPHQL_DEPTH)
        return true;
    if (!p->rc)
        stop(p, err_at(p->lexer.err, ERR_LIMIT, p->lexer.source, p->token.pos.line,
                       p->token.pos.column, "nested deeper than the limit of %d",
                       LIMIT_GRAPHQL_DEPTH));
    return false;
}

static void leave(struct gql_parser *p)
{
    p->depth--;
}

/* ---- values and types ---- */

static struct gql_argument *parse_argument(struct gql_parser *p, bool constant)
{
    struct gql_argument *argument = ARENA_NEW(p->arena, struct gql_argument);
    argument->pos = p->token.pos;
    argument->name = gql_expect_name(p);
    gql_expect(p, ":");
    argument->value = gql_parse_value(p, constant);
    return argument;
}

static void parse_arguments(struct gql_parser *p, bool constant, struct gql_arguments *ret)
{
    if (!gql_skip(p, "("))
        return;
    do {
        *VEC_PUSH(p->arena, ret) = parse_argument(p, constant);
    } while (!p->rc && !gql_skip(p, ")"));
}

static void parse_variable_value(struct gql_parser *p, bool constant, struct gql_value *value)
{
    struct gql_token dollar = p->token;
    gql_expect(p, "$");
    value->kind = GQL_VARIABLE;
    if (constant && p->token.kind == GQL_TOKEN_NAME)
        gql_refuse(p, dollar.pos, "Unexpected variable \"$%.*s\" in constant value.",
                   STR_FMT(p->token.text));
    else if (constant)
        gql_unexpected(p, &dollar);
    value->text = gql_expect_name(p);
}

static void parse_scalar(struct gql_parser *p, struct gql_value *value)
{
    value->text = p->token.text;
    switch (p->token.kind) {
    case GQL_TOKEN_INT:
        value->kind = GQL_INT;
        break;
    case GQL_TOKEN_FLOAT:
        value->kind = GQL_FLOAT;
        break;
    case GQL_TOKEN_BLOCK_STRING:
        value->block = true;
        value->kind = GQL_STRING;
        break;
    case GQL_TOKEN_STRING:
        value->kind = GQL_STRING;
        break;
    case GQL_TOKEN_NAME:
        value->kind = gql_peek_word(p, "true") || gql_peek_word(p, "false") ? GQL_BOOLEAN
                      : gql_peek_word(p, "null")                            ? GQL_NULL
                                                                            : GQL_ENUM;
        break;
    default:
        gql_unexpected(p, &p->token);
        break;
    }
    gql_advance(p);
}

struct gql_value *gql_parse_value(struct gql_parser *p, bool constant)
{
    struct gql_value *value = ARENA_NEW(p->arena, struct gql_value);
    value->pos = p->token.pos;
    if (!enter(p))
        return value;
    if (gql_skip(p, "[")) {
        value->kind = GQL_LIST;
        while (!p->rc && !gql_skip(p, "]"))
            *VEC_PUSH(p->arena, &value->items) = gql_parse_value(p, constant);
    } else if (gql_skip(p, "{")) {
        value->kind = GQL_OBJECT;
        while (!p->rc && !gql_skip(p, "}"))
            *VEC_PUSH(p->arena, &value->fields) = parse_argument(p, constant);
    } else if (gql_peek(p, "$")) {
        parse_variable_value(p, constant, value);
    } else {
        parse_scalar(p, value);
    }
    leave(p);
    return value;
}

struct gql_type *gql_parse_type(struct gql_parser *p)
{
    struct gql_type *type = ARENA_NEW(p->arena, struct gql_type);
    type->pos = p->token.pos;
    if (!enter(p))
        return type;
    if (gql_skip(p, "[")) {
        type->kind = GQL_LIST_OF;
        type->of = gql_parse_type(p);
        gql_expect(p, "]");
    } else {
        type->kind = GQL_NAMED;
        type->name = gql_expect_name(p);
    }
    leave(p);
    if (!gql_skip(p, "!"))
        return type;
    struct gql_type *required = ARENA_NEW(p->arena, struct gql_type);
    *required = (struct gql_type){.kind = GQL_NON_NULL, .pos = type->pos, .of = type};
    return required;
}

void gql_parse_directives(struct gql_parser *p, bool constant, struct gql_directives *ret)
{
    while (gql_peek(p, "@")) {
        struct gql_directive *directive = ARENA_NEW(p->arena, struct gql_directive);
        directive->pos = p->token.pos;
        gql_advance(p);
        directive->name = gql_expect_name(p);
        parse_arguments(p, constant, &directive->arguments);
        *VEC_PUSH(p->arena, ret) = directive;
    }
}

/* ---- selections ---- */

static struct gql_selections *parse_selections(struct gql_parser *p);

static struct str parse_fragment_name(struct gql_parser *p)
{
    if (gql_peek_word(p, "on"))
        gql_unexpected(p, &p->token);
    return gql_expect_name(p);
}

static void parse_spread(struct gql_parser *p, struct gql_selection *selection)
{
    gql_expect(p, "...");
    bool condition = gql_skip_word(p, "on");
    if (!condition && p->token.kind == GQL_TOKEN_NAME) {
        selection->kind = GQL_SPREAD;
        selection->name = parse_fragment_name(p);
        gql_parse_directives(p, false, &selection->directives);
        return;
    }
    selection->kind = GQL_INLINE;
    if (condition)
        selection->on_type = gql_expect_name(p);
    gql_parse_directives(p, false, &selection->directives);
    selection->selections = parse_selections(p);
}

static void parse_field(struct gql_parser *p, struct gql_selection *selection)
{
    selection->kind = GQL_FIELD;
    selection->name = gql_expect_name(p);
    if (gql_skip(p, ":")) {
        selection->alias = selection->name;
        selection->name = gql_expect_name(p);
    }
    parse_arguments(p, false, &selection->arguments);
    gql_parse_directives(p, false, &selection->directives);
    if (gql_peek(p, "{"))
        selection->selections = parse_selections(p);
}

static struct gql_selections *parse_selections(struct gql_parser *p)
{
    struct gql_selections *selections = ARENA_NEW(p->arena, struct gql_selections);
    if (!enter(p))
        return selections;
    gql_expect(p, "{");
    do {
        struct gql_selection *selection = ARENA_NEW(p->arena, struct gql_selection);
        selection->pos = p->token.pos;
        if (gql_peek(p, "..."))
            parse_spread(p, selection);
        else
            parse_field(p, selection);
        *VEC_PUSH(p->arena, selections) = selection;
    } while (!p->rc && !gql_skip(p, "}"));
    leave(p);
    return selections;
}

/* ---- executable definitions ---- */

enum gql_def_kind gql_parse_operation_type(struct gql_parser *p)
{
    static const struct {
        const char *word;
        enum gql_def_kind kind;
    } words[] = {
        {"query", GQL_QUERY}, {"mutation", GQL_MUTATION}, {"subscription", GQL_SUBSCRIPTION}};
    struct gql_token token = p->token;
    gql_expect_name(p);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_is(token.text, words[i].word))
            return words[i].kind;
    }
    gql_unexpected(p, &token);
    return GQL_QUERY;
}

static struct gql_variable *parse_variable(struct gql_parser *p)
{
    struct gql_variable *variable = ARENA_NEW(p->arena, struct gql_variable);
    variable->pos = p->token.pos;
    gql_expect(p, "$");
    variable->name = gql_expect_name(p);
    gql_expect(p, ":");
    variable->type = gql_parse_type(p);
    if (gql_skip(p, "="))
        variable->fallback = gql_parse_value(p, true);
    gql_parse_directives(p, true, &variable->directives);
    return variable;
}

static void parse_operation(struct gql_parser *p, struct gql_definition *ret)
{
    ret->kind = GQL_QUERY;
    if (!gql_peek(p, "{")) {
        ret->kind = gql_parse_operation_type(p);
        if (p->token.kind == GQL_TOKEN_NAME)
            ret->name = gql_expect_name(p);
        if (gql_skip(p, "(")) {
            do {
                *VEC_PUSH(p->arena, &ret->variables) = parse_variable(p);
            } while (!p->rc && !gql_skip(p, ")"));
        }
        gql_parse_directives(p, false, &ret->directives);
    }
    ret->selections = parse_selections(p);
}

static void parse_fragment(struct gql_parser *p, struct gql_definition *ret)
{
    ret->kind = GQL_FRAGMENT;
    gql_expect_word(p, "fragment");
    ret->name = parse_fragment_name(p);
    gql_expect_word(p, "on");
    ret->on_type = gql_expect_name(p);
    gql_parse_directives(p, false, &ret->directives);
    ret->selections = parse_selections(p);
}

static struct gql_definition *parse_definition(struct gql_parser *p)
{
    struct gql_definition *definition = ARENA_NEW(p->arena, struct gql_definition);
    definition->pos = p->token.pos;
    if (gql_peek(p, "{")) {
        parse_operation(p, definition);
        return definition;
    }
    bool described = p->token.kind == GQL_TOKEN_STRING || p->token.kind == GQL_TOKEN_BLOCK_STRING;
    struct gql_token keyword = described ? *gql_lookahead(p) : p->token;
    bool word = keyword.kind == GQL_TOKEN_NAME;
    if (gql_is_type_system(&keyword))
        gql_parse_type_system(p, definition);
    else if (described && word)
        gql_refuse(p, p->token.pos,
                   "Unexpected description, descriptions are supported only on type definitions.");
    else if (gql_peek_word(p, "query") || gql_peek_word(p, "mutation") ||
             gql_peek_word(p, "subscription"))
        parse_operation(p, definition);
    else if (gql_peek_word(p, "fragment"))
        parse_fragment(p, definition);
    else if (gql_peek_word(p, "extend"))
        gql_parse_type_system(p, definition);
    else
        gql_unexpected(p, &keyword);
    return definition;
}

int gql_parse(struct str text, const char *source, struct arena *arena, struct gql_document **ret,
              struct err *err)
{
    if (text.len > LIMIT_GRAPHQL_TEXT)
        return err_at(err, ERR_LIMIT, source, 0, 0,
                      "document of %zu bytes is longer than the limit of %d", text.len,
                      LIMIT_GRAPHQL_TEXT);
    struct gql_parser p = {.arena = arena};
    gql_lexer_init(&p.lexer, text.ptr ? text : STR(""), source, arena, err);
    struct gql_document *document = ARENA_NEW(arena, struct gql_document);
    gql_advance(&p);
    do {
        struct gql_definition *definition = parse_definition(&p);
        *VEC_PUSH(arena, &document->definitions) = definition;
    } while (p.token.kind != GQL_TOKEN_EOF);
    if (p.rc)
        return p.rc;
    *ret = document;
    return 0;
}
