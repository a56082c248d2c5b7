// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/printer.h"

#include "lib/base/buf.h"

static void put_description(struct gql_printer *p, struct str description, bool block)
{
    if (!description.ptr)
        return;
    gql_put_text(p, description, block);
    gql_put_line(p);
}

static void put_input(struct gql_printer *p, const struct gql_field_def *input)
{
    put_description(p, input->description, input->block);
    gql_put_word(p, input->name);
    gql_put_mark(p, ":");
    gql_put_space(p);
    gql_put_type(p, input->type);
    if (input->fallback) {
        gql_put_space(p);
        gql_put_mark(p, "=");
        gql_put_space(p);
        gql_put_value(p, input->fallback);
    }
    gql_put_directives(p, &input->directives);
}

static void put_inputs_how(struct gql_printer *p, struct gql_field_def *const *inputs, size_t n,
                           bool lines)
{
    gql_put_mark(p, "(");
    p->indent += lines ? 2 : 0;
    for (size_t i = 0; i < n; i++) {
        if (lines)
            gql_put_line(p);
        else if (i && p->how == GQL_PRETTY)
            buf_puts(p->out, ", ");
        put_input(p, inputs[i]);
    }
    p->indent -= lines ? 2 : 0;
    if (lines)
        gql_put_line(p);
    gql_put_mark(p, ")");
}

/* Arguments stand on one line, unless one of them has several. */
static void put_inputs(struct gql_printer *p, struct gql_field_def *const *inputs, size_t n)
{
    if (n == 0)
        return;
    struct gql_print_mark mark = {p->out->len, p->after_word};
    put_inputs_how(p, inputs, n, false);
    if (p->how != GQL_PRETTY || p->out->overflow ||
        !memchr(p->out->ptr + mark.len, '\n', p->out->len - mark.len))
        return;
    gql_print_back(p, mark);
    put_inputs_how(p, inputs, n, true);
}

static void put_field(struct gql_printer *p, const struct gql_field_def *field)
{
    put_description(p, field->description, field->block);
    gql_put_word(p, field->name);
    put_inputs(p, field->arguments.items, field->arguments.len);
    gql_put_mark(p, ":");
    gql_put_space(p);
    gql_put_type(p, field->type);
    gql_put_directives(p, &field->directives);
}

static void put_enum_value(struct gql_printer *p, const struct gql_enum_value *value)
{
    put_description(p, value->description, value->block);
    gql_put_word(p, value->name);
    gql_put_directives(p, &value->directives);
}

static void put_root(struct gql_printer *p, const struct gql_argument *root)
{
    gql_put_word(p, root->name);
    gql_put_mark(p, ":");
    gql_put_space(p);
    gql_put_word(p, root->value->text);
}

static void put_names(struct gql_printer *p, const struct gql_definition *definition,
                      const char *separator)
{
    for (size_t i = 0; i < definition->names.len; i++) {
        if (i) {
            gql_put_space(p);
            gql_put_mark(p, separator);
            gql_put_space(p);
        }
        gql_put_word(p, definition->names.items[i]);
    }
}

/* What stands between braces: fields, enum values or root types. */
static void put_block(struct gql_printer *p, const struct gql_definition *definition)
{
    size_t n = definition->fields.len + definition->values.len + definition->roots.len;
    if (n == 0)
        return;
    gql_put_space(p);
    gql_put_mark(p, "{");
    p->indent += 2;
    for (size_t i = 0; i < n; i++) {
        gql_put_line(p);
        if (definition->kind == GQL_SCHEMA)
            put_root(p, definition->roots.items[i]);
        else if (definition->kind == GQL_ENUM_TYPE)
            put_enum_value(p, definition->values.items[i]);
        else if (definition->kind == GQL_INPUT_TYPE)
            put_input(p, definition->fields.items[i]);
        else
            put_field(p, definition->fields.items[i]);
    }
    p->indent -= 2;
    gql_put_line(p);
    gql_put_mark(p, "}");
}

static void put_directive_definition(struct gql_printer *p, const struct gql_definition *definition)
{
    gql_put_mark(p, "@");
    gql_put_word(p, definition->name);
    put_inputs(p, definition->fields.items, definition->fields.len);
    if (definition->repeatable) {
        gql_put_space(p);
        gql_put_word(p, STR("repeatable"));
    }
    gql_put_space(p);
    gql_put_word(p, STR("on"));
    gql_put_space(p);
    put_names(p, definition, "|");
}

static struct str keyword_of(enum gql_def_kind kind)
{
    static const char *const words[] = {
        [GQL_SCHEMA] = "schema",    [GQL_SCALAR_TYPE] = "scalar",
        [GQL_OBJECT_TYPE] = "type", [GQL_INTERFACE_TYPE] = "interface",
        [GQL_UNION_TYPE] = "union", [GQL_ENUM_TYPE] = "enum",
        [GQL_INPUT_TYPE] = "input", [GQL_DIRECTIVE_DEF] = "directive",
    };
    return str_of(words[kind]);
}

void gql_put_type_system(struct gql_printer *p, const struct gql_definition *definition)
{
    put_description(p, definition->description, definition->block);
    if (definition->extend) {
        gql_put_word(p, STR("extend"));
        gql_put_space(p);
    }
    gql_put_word(p, keyword_of(definition->kind));
    if (definition->kind != GQL_SCHEMA)
        gql_put_space(p);
    if (definition->kind == GQL_DIRECTIVE_DEF) {
        put_directive_definition(p, definition);
        return;
    }
    if (definition->name.ptr)
        gql_put_word(p, definition->name);
    bool members = definition->kind == GQL_UNION_TYPE;
    if (definition->names.len && !members) {
        gql_put_space(p);
        gql_put_word(p, STR("implements"));
        gql_put_space(p);
        put_names(p, definition, "&");
    }
    gql_put_directives(p, &definition->directives);
    if (definition->names.len && members) {
        gql_put_space(p);
        gql_put_mark(p, "=");
        gql_put_space(p);
        put_names(p, definition, "|");
    }
    put_block(p, definition);
}
