// SPDX-License-Identifier: Apache-2.0
/* Type system definitions and extensions (specification section 3). */
#include "lib/graphql/parser.h"

#include "lib/base/arena.h"

static struct str parse_description(struct gql_parser *p, bool *ret_block)
{
    struct gql_token token = p->token;
    if (token.kind != GQL_TOKEN_STRING && token.kind != GQL_TOKEN_BLOCK_STRING)
        return STR_NONE;
    *ret_block = token.kind == GQL_TOKEN_BLOCK_STRING;
    gql_advance(p);
    return token.text;
}

/* A name, an optional default: arguments of fields and directives, fields of input types. */
static struct gql_field_def *parse_input(struct gql_parser *p)
{
    struct gql_field_def *input = ARENA_NEW(p->arena, struct gql_field_def);
    input->pos = p->token.pos;
    input->description = parse_description(p, &input->block);
    input->name = gql_expect_name(p);
    gql_expect(p, ":");
    input->type = gql_parse_type(p);
    if (gql_skip(p, "="))
        input->fallback = gql_parse_value(p, true);
    gql_parse_directives(p, true, &input->directives);
    return input;
}

static struct gql_field_def *parse_field(struct gql_parser *p)
{
    struct gql_field_def *field = ARENA_NEW(p->arena, struct gql_field_def);
    field->pos = p->token.pos;
    field->description = parse_description(p, &field->block);
    field->name = gql_expect_name(p);
    if (gql_skip(p, "(")) {
        do {
            *VEC_PUSH(p->arena, &field->arguments) = parse_input(p);
        } while (!p->rc && !gql_skip(p, ")"));
    }
    gql_expect(p, ":");
    field->type = gql_parse_type(p);
    gql_parse_directives(p, true, &field->directives);
    return field;
}

static void parse_fields(struct gql_parser *p, struct gql_definition *ret,
                         struct gql_field_def *(*parse)(struct gql_parser *), const char *open,
                         const char *close)
{
    if (!gql_skip(p, open))
        return;
    do {
        *VEC_PUSH(p->arena, &ret->fields) = parse(p);
    } while (!p->rc && !gql_skip(p, close));
}

static void parse_names(struct gql_parser *p, struct gql_definition *ret, const char *separator)
{
    gql_skip(p, separator);
    do {
        *VEC_PUSH(p->arena, &ret->names) = gql_expect_name(p);
    } while (gql_skip(p, separator));
}

static void parse_implements(struct gql_parser *p, struct gql_definition *ret)
{
    if (gql_skip_word(p, "implements"))
        parse_names(p, ret, "&");
}

/* ---- the bodies behind the keyword ---- */

static void parse_schema(struct gql_parser *p, struct gql_definition *ret)
{
    gql_parse_directives(p, true, &ret->directives);
    if (ret->extend && !gql_peek(p, "{"))
        return;
    gql_expect(p, "{");
    do {
        struct gql_argument *root = ARENA_NEW(p->arena, struct gql_argument);
        root->pos = p->token.pos;
        root->name = p->token.text;
        gql_parse_operation_type(p);
        gql_expect(p, ":");
        root->value = ARENA_NEW(p->arena, struct gql_value);
        root->value->kind = GQL_ENUM;
        root->value->pos = p->token.pos;
        root->value->text = gql_expect_name(p);
        *VEC_PUSH(p->arena, &ret->roots) = root;
    } while (!p->rc && !gql_skip(p, "}"));
}

static void parse_scalar(struct gql_parser *p, struct gql_definition *ret)
{
    ret->name = gql_expect_name(p);
    gql_parse_directives(p, true, &ret->directives);
}

static void parse_object(struct gql_parser *p, struct gql_definition *ret)
{
    ret->name = gql_expect_name(p);
    parse_implements(p, ret);
    gql_parse_directives(p, true, &ret->directives);
    parse_fields(p, ret, parse_field, "{", "}");
}

static void parse_union(struct gql_parser *p, struct gql_definition *ret)
{
    ret->name = gql_expect_name(p);
    gql_parse_directives(p, true, &ret->directives);
    if (gql_skip(p, "="))
        parse_names(p, ret, "|");
}

static void parse_enum(struct gql_parser *p, struct gql_definition *ret)
{
    ret->name = gql_expect_name(p);
    gql_parse_directives(p, true, &ret->directives);
    if (!gql_skip(p, "{"))
        return;
    do {
        struct gql_enum_value *value = ARENA_NEW(p->arena, struct gql_enum_value);
        value->pos = p->token.pos;
        value->description = parse_description(p, &value->block);
        if (gql_peek_word(p, "true") || gql_peek_word(p, "false") || gql_peek_word(p, "null"))
            gql_refuse(p, p->token.pos, "%s is reserved and cannot be used for an enum value.",
                       gql_describe(p, &p->token));
        value->name = gql_expect_name(p);
        gql_parse_directives(p, true, &value->directives);
        *VEC_PUSH(p->arena, &ret->values) = value;
    } while (!p->rc && !gql_skip(p, "}"));
}

static void parse_input_type(struct gql_parser *p, struct gql_definition *ret)
{
    ret->name = gql_expect_name(p);
    gql_parse_directives(p, true, &ret->directives);
    parse_fields(p, ret, parse_input, "{", "}");
}

static void check_location(struct gql_parser *p)
{
    static const char *const locations[] = {
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
        "SCHEMA",
        "SCALAR",
        "OBJECT",
        "FIELD_DEFINITION",
        "ARGUMENT_DEFINITION",
        "INTERFACE",
        "UNION",
        "ENUM",
        "ENUM_VALUE",
        "INPUT_OBJECT",
        "INPUT_FIELD_DEFINITION",
    };
    for (size_t i = 0; i < sizeof locations / sizeof *locations; i++) {
        if (gql_peek_word(p, locations[i]))
            return;
    }
    if (p->token.kind == GQL_TOKEN_NAME)
        gql_unexpected(p, &p->token);
}

static void parse_directive_definition(struct gql_parser *p, struct gql_definition *ret)
{
    gql_expect(p, "@");
    ret->name = gql_expect_name(p);
    parse_fields(p, ret, parse_input, "(", ")");
    ret->repeatable = gql_skip_word(p, "repeatable");
    gql_expect_word(p, "on");
    gql_skip(p, "|");
    do {
        check_location(p);
        *VEC_PUSH(p->arena, &ret->names) = gql_expect_name(p);
    } while (gql_skip(p, "|"));
}

static const struct kind {
    const char *word;
    enum gql_def_kind kind;
    void (*parse)(struct gql_parser *p, struct gql_definition *ret);
} kinds[] = {
    {"schema", GQL_SCHEMA, parse_schema},
    {"scalar", GQL_SCALAR_TYPE, parse_scalar},
    {"type", GQL_OBJECT_TYPE, parse_object},
    {"interface", GQL_INTERFACE_TYPE, parse_object},
    {"union", GQL_UNION_TYPE, parse_union},
    {"enum", GQL_ENUM_TYPE, parse_enum},
    {"input", GQL_INPUT_TYPE, parse_input_type},
    {"directive", GQL_DIRECTIVE_DEF, parse_directive_definition},
};

static const struct kind *find_kind(const struct gql_token *keyword)
{
    for (size_t i = 0; keyword->kind == GQL_TOKEN_NAME && i < sizeof kinds / sizeof *kinds; i++) {
        if (str_is(keyword->text, kinds[i].word))
            return &kinds[i];
    }
    return NULL;
}

bool gql_is_type_system(const struct gql_token *keyword)
{
    return find_kind(keyword) != NULL;
}

/* An extension must add something. */
static bool adds_nothing(const struct gql_definition *definition)
{
    return definition->directives.len + definition->fields.len + definition->names.len +
               definition->values.len + definition->roots.len ==
           0;
}

void gql_parse_type_system(struct gql_parser *p, struct gql_definition *ret)
{
    ret->extend = gql_peek_word(p, "extend");
    if (ret->extend)
        gql_advance(p);
    else
        ret->description = parse_description(p, &ret->block);
    const struct kind *kind = find_kind(&p->token);
    if (!kind || (ret->extend && kind->kind == GQL_DIRECTIVE_DEF)) {
        gql_unexpected(p, &p->token);
        return;
    }
    gql_advance(p);
    ret->kind = kind->kind;
    kind->parse(p, ret);
    if (ret->extend && adds_nothing(ret))
        gql_unexpected(p, &p->token);
}
