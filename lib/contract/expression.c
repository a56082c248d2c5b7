// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/expression.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/expression_lexer.h"
#include "lib/contract/rules_table.h"
#include "lib/contract/semver.h"

struct parser {
    struct str text;
    struct expression_token token; /* the next one */
    size_t depth;
    struct arena *arena;
    struct err *err;
};

/* An example as it stands in the definition. */
struct example {
    struct expression_token token;
    struct str text; /* absent for null */
    enum expression_type type;
    struct json *value;
    const struct json *generator; /* of fromProviderState, or NULL */
};

const char *expression_type_name(enum expression_type type)
{
    static const char *const names[] = {"Unknown", "Boolean", "Number",
                                        "Integer", "Decimal", "String"};
    return names[type];
}

/* ---- tokens ---- */

static void advance(struct parser *parser)
{
    parser->token = expression_token(parser->text, parser->token.at + parser->token.text.len);
}

static bool at_sign(const struct parser *parser, const char *sign)
{
    return parser->token.kind == EXPRESSION_TOKEN_SIGN && str_is(parser->token.text, sign);
}

static bool at_word(const struct parser *parser, const char *word)
{
    return parser->token.kind == EXPRESSION_TOKEN_WORD && str_is(parser->token.text, word);
}

static int expected(struct parser *parser, const char *what)
{
    return expression_expected(parser->text, &parser->token, what, parser->err);
}

static int take_sign(struct parser *parser, const char *sign, const char *what)
{
    if (!at_sign(parser, sign)) {
        return expected(parser, what);
    }
    advance(parser);
    return 0;
}

static int take_comma(struct parser *parser)
{
    return take_sign(parser, ",", "a comma");
}

static int take_text(struct parser *parser, const char *what, struct str *ret)
{
    if (parser->token.kind != EXPRESSION_TOKEN_TEXT) {
        return expected(parser, what);
    }
    int rc = expression_unescape(parser->text, &parser->token, parser->arena, ret, parser->err);
    if (rc == 0) {
        advance(parser);
    }
    return rc;
}

static int deeper(struct parser *parser)
{
    if (++parser->depth > LIMIT_EXPRESSION_DEPTH) {
        return err_set(parser->err, ERR_LIMIT, "a matching definition deeper than %d",
                       LIMIT_EXPRESSION_DEPTH);
    }
    return 0;
}

/* ---- examples ---- */

static int take_primitive(struct parser *parser, struct example *ret);

/* fromProviderState('${id}', 100) */
static int take_state(struct parser *parser, struct example *ret)
{
    static const char *const types[] = {"RAW",     "BOOLEAN", "DECIMAL",
                                        "INTEGER", "DECIMAL", "STRING"};
    struct str expression = STR_NONE;
    int rc = deeper(parser);
    if (rc) {
        return rc;
    }
    advance(parser);
    rc = take_sign(parser, "(", "'('");
    rc = rc ? rc : take_text(parser, "an expression of provider state values", &expression);
    rc = rc ? rc : take_comma(parser);
    rc = rc ? rc : take_primitive(parser, ret);
    rc = rc ? rc : take_sign(parser, ")", "')'");
    if (rc) {
        return rc;
    }
    parser->depth--;
    struct json *generator = json_new_object(parser->arena);
    json_set(parser->arena, generator, "type", json_new_text(parser->arena, "ProviderState"));
    json_set(parser->arena, generator, "expression", json_new_str(parser->arena, expression));
    json_set(parser->arena, generator, "dataType", json_new_text(parser->arena, types[ret->type]));
    ret->generator = generator;
    return 0;
}

/* Null has the type of text, as in the stock libraries. */
static int take_primitive(struct parser *parser, struct example *ret)
{
    struct arena *arena = parser->arena;
    struct expression_token token = parser->token;
    struct example made = {.token = token, .text = token.text};
    if (at_word(parser, "fromProviderState")) {
        return take_state(parser, ret);
    }
    if (token.kind == EXPRESSION_TOKEN_TEXT) {
        made.text = str_sub(token.text, 1, token.text.len - 2);
        made.type = EXPRESSION_STRING;
        made.value = json_new_str(arena, made.text);
    } else if (token.kind == EXPRESSION_TOKEN_NUMBER) {
        made.value = json_new_number(arena, token.text);
        made.type = json_is_integer(made.value) ? EXPRESSION_INTEGER : EXPRESSION_DECIMAL;
    } else if (at_word(parser, "true") || at_word(parser, "false")) {
        made.type = EXPRESSION_BOOLEAN;
        made.value = json_new_bool(arena, at_word(parser, "true"));
    } else if (at_word(parser, "null")) {
        made.text = STR_NONE;
        made.type = EXPRESSION_STRING;
        made.value = json_new_null(arena);
    } else {
        return expected(parser, "a string, a number, true, false, null or fromProviderState");
    }
    advance(parser);
    *ret = made;
    return 0;
}

/* ---- rules ---- */

/* What matching(…) may begin with: the rule, what stands before its example, and the example. */
struct form {
    const char *name, *match;
    const char *attribute;     /* a string before the example; NULL = none */
    const char *example;       /* what errors call it; NULL = any primitive */
    enum expression_type type; /* of the result; EXPRESSION_UNKNOWN = that of a primitive */
    const char *generator;     /* made with the same format; NULL = none */
};
static const struct form forms[] = {
    {"equalTo", "equality", NULL, NULL, EXPRESSION_UNKNOWN, NULL},
    {"type", "type", NULL, NULL, EXPRESSION_UNKNOWN, NULL},
    {"number", "number", NULL, "a number", EXPRESSION_NUMBER, NULL},
    {"integer", "integer", NULL, "an integer", EXPRESSION_INTEGER, NULL},
    {"decimal", "decimal", NULL, "a number", EXPRESSION_DECIMAL, NULL},
    {"boolean", "boolean", NULL, "true or false", EXPRESSION_BOOLEAN, NULL},
    {"datetime", "datetime", "format", "a string", EXPRESSION_STRING, "DateTime"},
    {"date", "date", "format", "a string", EXPRESSION_STRING, "Date"},
    {"time", "time", "format", "a string", EXPRESSION_STRING, "Time"},
    {"regex", "regex", "regex", "a string", EXPRESSION_STRING, NULL},
    {"include", "include", NULL, "a string", EXPRESSION_STRING, NULL},
    {"semver", "semver", NULL, "a semantic version", EXPRESSION_STRING, NULL},
    {"contentType", "contentType", "value", "a string", EXPRESSION_UNKNOWN, NULL},
};

static struct json *new_rule(struct parser *parser, const char *match)
{
    struct json *rule = json_new_object(parser->arena);
    json_set(parser->arena, rule, "match", json_new_text(parser->arena, match));
    return rule;
}

static int add_rule(struct parser *parser, const struct json *rule, struct expression *to)
{
    struct matcher matcher;
    int rc = matcher_read(rule, parser->arena, &matcher, parser->err);
    if (rc == 0) {
        *VEC_PUSH(parser->arena, &to->matchers) = matcher;
    }
    return rc;
}

static void set_example(struct expression *to, const struct example *example)
{
    to->text = example->text;
    to->type = example->type;
    to->value = example->value;
    to->generator = example->generator;
}

/* The types that a form takes; a decimal may be written as an integer. */
static bool form_takes(const struct form *form, const struct example *example)
{
    enum expression_type type = example->type;
    switch (form->type) {
    case EXPRESSION_NUMBER:
    case EXPRESSION_DECIMAL:
        return type == EXPRESSION_INTEGER || type == EXPRESSION_DECIMAL;
    case EXPRESSION_INTEGER:
    case EXPRESSION_BOOLEAN:
        return type == form->type;
    case EXPRESSION_UNKNOWN:
    case EXPRESSION_STRING:
        break;
    }
    return json_is(example->value, JSON_STRING) &&
           (strcmp(form->name, "semver") != 0 || semver_ok(example->text));
}

/* The example of a form that does not take any primitive. */
static int take_example(struct parser *parser, const struct form *form, struct example *ret)
{
    struct arena *arena = parser->arena;
    bool plain = parser->token.kind == EXPRESSION_TOKEN_TEXT;
    struct example made = {0};
    struct parser back = *parser;
    int rc = take_primitive(parser, &made);
    if (rc == 0 && plain) {
        rc = expression_unescape(parser->text, &made.token, arena, &made.text, parser->err);
        made.value = json_new_str(arena, made.text);
    }
    if (rc) {
        return rc;
    }
    if (!form_takes(form, &made)) {
        back.token = made.token;
        return expected(&back, form->example);
    }
    if (form->type == EXPRESSION_DECIMAL && json_is_integer(made.value)) {
        /* As JSON the example is to satisfy its own rule. */
        made.value = json_new_number(arena, str_printf(arena, "%.*s.0", STR_FMT(made.text)));
    }
    made.type = form->type;
    *ret = made;
    return 0;
}

static int take_form(struct parser *parser, const struct form *form, struct expression *to)
{
    struct arena *arena = parser->arena;
    struct json *rule = new_rule(parser, form->match);
    struct example example = {0};
    int rc = take_comma(parser);
    if (rc == 0 && form->attribute) {
        struct str attribute = STR_NONE;
        rc = take_text(parser, "a string", &attribute);
        rc = rc ? rc : take_comma(parser);
        json_set(arena, rule, form->attribute, json_new_str(arena, attribute));
    }
    if (rc == 0) {
        rc =
            form->example ? take_example(parser, form, &example) : take_primitive(parser, &example);
    }
    if (rc) {
        return rc;
    }
    if (strcmp(form->name, "include") == 0) {
        json_set(arena, rule, "value", json_new_str(arena, example.text));
    }
    set_example(to, &example);
    if (form->generator && !to->generator) {
        struct json *generator = json_new_object(arena);
        json_set(arena, generator, "type", json_new_text(arena, form->generator));
        json_set(arena, generator, "format", json_copy(arena, json_get(rule, "format")));
        to->generator = generator;
    }
    return add_rule(parser, rule, to);
}

/* matching(creditcard, 'visa', '4111'): a rule of a plugin, its value if there is one, example. */
static int take_plugin_rule(struct parser *parser, struct str name, struct expression *to)
{
    struct json *rule = json_new_object(parser->arena);
    struct example first = {0}, second = {0};
    json_set(parser->arena, rule, "match", json_new_str(parser->arena, name));
    int rc = take_comma(parser);
    rc = rc ? rc : take_primitive(parser, &first);
    if (rc == 0 && at_sign(parser, ",")) {
        advance(parser);
        rc = take_primitive(parser, &second);
        json_set(parser->arena, rule, "value", first.value);
        first = second;
    }
    if (rc) {
        return rc;
    }
    set_example(to, &first);
    return add_rule(parser, rule, to);
}

/* matching($'name') */
static int take_reference(struct parser *parser, struct expression *to)
{
    struct json *rule = json_new_object(parser->arena);
    advance(parser);
    int rc = take_text(parser, "the name of what is referred to", &to->text);
    if (rc) {
        return rc;
    }
    to->value = json_new_str(parser->arena, to->text);
    to->has_reference = true;
    json_set(parser->arena, rule, "reference", to->value);
    return add_rule(parser, rule, to);
}

static int take_matching(struct parser *parser, struct expression *to)
{
    struct str name = parser->token.text;
    if (at_sign(parser, "$")) {
        return take_reference(parser, to);
    }
    if (parser->token.kind != EXPRESSION_TOKEN_WORD) {
        return expected(parser, "the type of a matcher");
    }
    advance(parser);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (str_is(name, forms[i].name)) {
            return take_form(parser, &forms[i], to);
        }
    }
    return take_plugin_rule(parser, name, to);
}

/* ---- definitions ---- */

static int take_definition(struct parser *parser, struct expression *to);

static int take_not_empty(struct parser *parser, struct expression *to)
{
    struct example example = {0};
    int rc = take_primitive(parser, &example);
    if (rc) {
        return rc;
    }
    set_example(to, &example);
    return add_rule(parser, new_rule(parser, "notEmpty"), to);
}

static int take_each(struct parser *parser, const char *match, struct expression *to)
{
    struct arena *arena = parser->arena;
    struct expression inner = {0};
    struct json *rule = new_rule(parser, match), *list = json_new_array(arena);
    int rc = take_definition(parser, &inner);
    if (rc) {
        return rc;
    }
    VEC_EACH(&inner.matchers, const struct matcher *, matcher) {
        json_append(arena, list, matcher_write(matcher, arena));
    }
    json_set(arena, rule, "rules", list);
    if (inner.text.ptr) {
        json_set(arena, rule, "value", json_new_str(arena, inner.text));
    }
    if (inner.generator) {
        json_set(arena, rule, "generator", json_copy(arena, inner.generator));
    }
    to->has_reference = inner.has_reference;
    return add_rule(parser, rule, to);
}

static int take_each_key(struct parser *parser, struct expression *to)
{
    return take_each(parser, "eachKey", to);
}

static int take_each_value(struct parser *parser, struct expression *to)
{
    return take_each(parser, "eachValue", to);
}

static int take_limit(struct parser *parser, const char *limit, struct expression *to)
{
    int64_t count = 0;
    struct json *rule = new_rule(parser, "type");
    if (parser->token.kind != EXPRESSION_TOKEN_NUMBER ||
        !str_to_i64(parser->token.text, 0, INT64_MAX, &count) || parser->token.text.ptr[0] == '-') {
        return expected(parser, "a count");
    }
    advance(parser);
    json_set(parser->arena, rule, limit, json_new_int(parser->arena, count));
    return add_rule(parser, rule, to);
}

static int take_at_least(struct parser *parser, struct expression *to)
{
    return take_limit(parser, "min", to);
}

static int take_at_most(struct parser *parser, struct expression *to)
{
    return take_limit(parser, "max", to);
}

static struct json *write_variant(struct parser *parser, const struct expression *one, size_t index)
{
    struct arena *arena = parser->arena;
    struct json *variant = json_new_object(arena), *rules = json_new_object(arena);
    struct json *rule = json_new_object(arena), *list = json_new_array(arena);
    VEC_EACH(&one->matchers, const struct matcher *, matcher) {
        json_append(arena, list, matcher_write(matcher, arena));
    }
    json_set(arena, rule, "combine", json_new_text(arena, "AND"));
    json_set(arena, rule, "matchers", list);
    json_set(arena, rules, "$", rule);
    json_set(arena, variant, "index", json_new_int(arena, (int64_t)index));
    json_set(arena, variant, "rules", rules);
    if (one->generator) {
        struct json *generators = json_new_object(arena);
        json_set(arena, generators, "$", json_copy(arena, one->generator));
        json_set(arena, variant, "generators", generators);
    }
    return variant;
}

static int take_array_contains(struct parser *parser, struct expression *to)
{
    struct arena *arena = parser->arena;
    struct json *rule = new_rule(parser, "arrayContains"), *variants = json_new_array(arena);
    struct json *examples = json_new_array(arena);
    for (;;) {
        struct expression one = {0};
        int rc = take_definition(parser, &one);
        if (rc) {
            return rc;
        }
        to->has_reference = to->has_reference || one.has_reference;
        to->text = to->text.len ? to->text : one.text;
        json_append(arena, variants, write_variant(parser, &one, json_len(variants)));
        json_append(arena, examples, one.value ? one.value : json_new_null(arena));
        if (!at_sign(parser, ",")) {
            break;
        }
        advance(parser);
    }
    json_set(arena, rule, "variants", variants);
    to->value = examples;
    return add_rule(parser, rule, to);
}

static const struct definition {
    const char *name;
    int (*take)(struct parser *parser, struct expression *to); /* what is between the brackets */
} definitions[] = {
    {"matching", take_matching},
    {"notEmpty", take_not_empty},
    {"eachKey", take_each_key},
    {"eachValue", take_each_value},
    {"atLeast", take_at_least},
    {"atMost", take_at_most},
    {"arrayContains", take_array_contains},
};

static const struct definition *definition_of(const struct expression_token *token)
{
    for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++) {
        if (token->kind == EXPRESSION_TOKEN_WORD && str_is(token->text, definitions[i].name)) {
            return &definitions[i];
        }
    }
    return NULL;
}

static int take_definition(struct parser *parser, struct expression *to)
{
    const struct definition *definition = definition_of(&parser->token);
    if (!definition) {
        return expected(parser, "a definition such as matching(…)");
    }
    int rc = deeper(parser);
    if (rc) {
        return rc;
    }
    advance(parser);
    rc = take_sign(parser, "(", "'('");
    rc = rc ? rc : definition->take(parser, to);
    rc = rc ? rc : take_sign(parser, ")", "')'");
    parser->depth--;
    return rc;
}

/* The first example that says something, the stronger type, all rules, the first generator. */
static void merge(struct parser *parser, struct expression *to, const struct expression *one)
{
    if (!to->value || (to->text.len == 0 && one->text.len > 0)) {
        to->text = one->text;
        to->value = one->value;
    }
    to->type = one->type > to->type ? one->type : to->type;
    to->generator = to->generator ? to->generator : one->generator;
    to->has_reference = to->has_reference || one->has_reference;
    VEC_EACH(&one->matchers, const struct matcher *, matcher) {
        *VEC_PUSH(parser->arena, &to->matchers) = *matcher;
    }
}

static int take_all(struct parser *parser, struct expression *to)
{
    for (;;) {
        struct expression one = {0};
        int rc = take_definition(parser, &one);
        if (rc) {
            return rc;
        }
        merge(parser, to, &one);
        if (parser->token.kind == EXPRESSION_TOKEN_END) {
            return 0;
        }
        rc = take_comma(parser);
        if (rc) {
            return rc;
        }
    }
}

bool expression_is(struct str text)
{
    struct expression_token token = expression_token(text, 0);
    return definition_of(&token) != NULL;
}

int expression_parse(struct str text, struct arena *arena, struct expression *ret, struct err *err)
{
    struct parser parser = {.text = text, .arena = arena, .err = err};
    struct expression made = {0};
    size_t bad_at = 0;
    if (text.len == 0) {
        return err_at(err, ERR_PARSE, NULL, 1, 1, "expected a matching definition, found no text");
    }
    if (text.len > LIMIT_EXPRESSION) {
        return err_set(err, ERR_LIMIT, "a matching definition longer than %d bytes",
                       LIMIT_EXPRESSION);
    }
    if (!str_is_utf8(text, &bad_at)) {
        return err_at(err, ERR_PARSE, NULL, 1, (int)bad_at + 1,
                      "a matching definition that is not UTF-8 at byte %zu", bad_at + 1);
    }
    if (!expression_is(text)) {
        made.text = text;
        made.type = EXPRESSION_STRING;
        made.value = json_new_str(arena, text);
        *ret = made;
        return 0;
    }
    parser.token = expression_token(text, 0);
    int rc = take_all(&parser, &made);
    if (rc == 0) {
        *ret = made;
    }
    return rc;
}
