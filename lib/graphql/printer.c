// SPDX-License-Identifier: Apache-2.0
/*
 * One walk prints both forms: spaces and line breaks happen only when pretty, and the space that
 * two words need between them only when minimal.
 */
#include "lib/graphql/printer.h"

#include "lib/base/buf.h"
#include "lib/graphql/block_string.h"

enum { MAX_LINE = 80 }; /* arguments that reach further stand one to a line */

void gql_put_word(struct gql_printer *p, struct str word)
{
    if (p->how == GQL_MINIMAL && p->after_word)
        buf_putc(p->out, ' ');
    buf_str(p->out, word);
    p->after_word = true;
}

void gql_put_mark(struct gql_printer *p, const char *punctuator)
{
    /* "1..." would be a broken number. */
    if (p->how == GQL_MINIMAL && p->after_word && punctuator[0] == '.')
        buf_putc(p->out, ' ');
    buf_puts(p->out, punctuator);
    p->after_word = false;
}

void gql_put_space(struct gql_printer *p)
{
    if (p->how == GQL_PRETTY)
        buf_putc(p->out, ' ');
}

void gql_put_line(struct gql_printer *p)
{
    if (p->how != GQL_PRETTY)
        return;
    buf_putc(p->out, '\n');
    for (int i = 0; i < p->indent; i++)
        buf_putc(p->out, ' ');
}

static void put_comma(struct gql_printer *p)
{
    if (p->how == GQL_PRETTY)
        buf_puts(p->out, ", ");
}

/* ---- values and types ---- */

static void put_string(struct gql_printer *p, struct str s)
{
    static const char from[] = "\"\\\b\f\n\r\t", into[] = "\"\\bfnrt";
    buf_putc(p->out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        unsigned char after = i + 1 < s.len ? (unsigned char)s.ptr[i + 1] : 0;
        const char *found = c ? strchr(from, c) : NULL;
        if (found) {
            buf_putc(p->out, '\\');
            buf_putc(p->out, into[found - from]);
        } else if (c < 0x20 || c == 0x7f) {
            buf_printf(p->out, "\\u%04X", c);
        } else if (c == 0xc2 && after >= 0x80 && after <= 0x9f) { /* U+0080 to U+009F */
            buf_printf(p->out, "\\u%04X", after);
            i++;
        } else {
            buf_putc(p->out, (char)c);
        }
    }
    buf_putc(p->out, '"');
}

void gql_put_text(struct gql_printer *p, struct str text, bool block)
{
    gql_put_word(p, STR(""));
    if (block)
        gql_print_block_string(text, p->how == GQL_PRETTY ? p->indent : 0, p->how == GQL_MINIMAL,
                               p->out);
    else
        put_string(p, text);
}

static void put_argument(struct gql_printer *p, const struct gql_argument *argument)
{
    gql_put_word(p, argument->name);
    gql_put_mark(p, ":");
    gql_put_space(p);
    gql_put_value(p, argument->value);
}

void gql_put_value(struct gql_printer *p, const struct gql_value *value)
{
    switch (value->kind) {
    case GQL_VARIABLE:
        gql_put_mark(p, "$");
        gql_put_word(p, value->text);
        break;
    case GQL_STRING:
        gql_put_text(p, value->text, value->block);
        break;
    case GQL_LIST:
        gql_put_mark(p, "[");
        for (size_t i = 0; i < value->items.len; i++) {
            if (i)
                put_comma(p);
            gql_put_value(p, value->items.items[i]);
        }
        gql_put_mark(p, "]");
        break;
    case GQL_OBJECT:
        gql_put_mark(p, "{");
        for (size_t i = 0; i < value->fields.len; i++) {
            if (i)
                put_comma(p);
            put_argument(p, value->fields.items[i]);
        }
        gql_put_mark(p, "}");
        break;
    default:
        gql_put_word(p, value->text);
        break;
    }
}

void gql_put_type(struct gql_printer *p, const struct gql_type *type)
{
    switch (type->kind) {
    case GQL_NAMED:
        gql_put_word(p, type->name);
        break;
    case GQL_LIST_OF:
        gql_put_mark(p, "[");
        gql_put_type(p, type->of);
        gql_put_mark(p, "]");
        break;
    case GQL_NON_NULL:
        gql_put_type(p, type->of);
        gql_put_mark(p, "!");
        break;
    }
}

static void put_arguments(struct gql_printer *p, const struct gql_arguments *arguments, bool lines)
{
    if (arguments->len == 0)
        return;
    gql_put_mark(p, "(");
    p->indent += lines ? 2 : 0;
    for (size_t i = 0; i < arguments->len; i++) {
        if (lines)
            gql_put_line(p);
        else if (i)
            put_comma(p);
        put_argument(p, arguments->items[i]);
    }
    p->indent -= lines ? 2 : 0;
    if (lines)
        gql_put_line(p);
    gql_put_mark(p, ")");
}

void gql_put_directives(struct gql_printer *p, const struct gql_directives *directives)
{
    VEC_EACH(directives, struct gql_directive **, at) {
        gql_put_space(p);
        gql_put_mark(p, "@");
        gql_put_word(p, (*at)->name);
        put_arguments(p, &(*at)->arguments, false);
    }
}

/* ---- executable definitions ---- */

static void put_selections(struct gql_printer *p, const struct gql_selections *selections);

void gql_print_back(struct gql_printer *p, struct gql_print_mark mark)
{
    if (p->out->overflow)
        return;
    p->out->len = mark.len;
    if (p->out->ptr)
        p->out->ptr[mark.len] = '\0';
    p->after_word = mark.after_word;
}

/* Columns from an offset in the output on: UTF-16 units, as the reference measures. */
static size_t columns_since(const struct buf *out, size_t from)
{
    size_t n = 0;
    for (size_t i = from; i < out->len; i++) {
        unsigned char c = (unsigned char)out->ptr[i];
        n += (c & 0xc0) != 0x80;
        n += c >= 0xf0;
    }
    return n;
}

static void put_field(struct gql_printer *p, const struct gql_selection *field)
{
    size_t start = p->out->len;
    if (field->alias.ptr) {
        gql_put_word(p, field->alias);
        gql_put_mark(p, ":");
        gql_put_space(p);
    }
    gql_put_word(p, field->name);
    struct gql_print_mark mark = {p->out->len, p->after_word};
    /* First on one line, without indentation, to see how long it gets. */
    int indent = p->indent;
    p->indent = 0;
    put_arguments(p, &field->arguments, false);
    p->indent = indent;
    if (p->how == GQL_PRETTY && field->arguments.len) {
        bool lines = columns_since(p->out, start) > MAX_LINE;
        gql_print_back(p, mark);
        put_arguments(p, &field->arguments, lines);
    }
    gql_put_directives(p, &field->directives);
    if (field->selections) {
        gql_put_space(p);
        put_selections(p, field->selections);
    }
}

static void put_selection(struct gql_printer *p, const struct gql_selection *selection)
{
    if (selection->kind == GQL_FIELD) {
        put_field(p, selection);
        return;
    }
    gql_put_mark(p, "...");
    if (selection->kind == GQL_SPREAD) {
        gql_put_word(p, selection->name);
        gql_put_directives(p, &selection->directives);
        return;
    }
    if (selection->on_type.ptr) {
        gql_put_space(p);
        gql_put_word(p, STR("on"));
        gql_put_space(p);
        gql_put_word(p, selection->on_type);
    }
    gql_put_directives(p, &selection->directives);
    gql_put_space(p);
    put_selections(p, selection->selections);
}

static void put_selections(struct gql_printer *p, const struct gql_selections *selections)
{
    gql_put_mark(p, "{");
    p->indent += 2;
    VEC_EACH(selections, struct gql_selection **, at) {
        gql_put_line(p);
        put_selection(p, *at);
    }
    p->indent -= 2;
    gql_put_line(p);
    gql_put_mark(p, "}");
}

static void put_variables(struct gql_printer *p, const struct gql_definition *definition)
{
    if (definition->variables.len == 0)
        return;
    gql_put_mark(p, "(");
    for (size_t i = 0; i < definition->variables.len; i++) {
        const struct gql_variable *variable = definition->variables.items[i];
        if (i)
            put_comma(p);
        gql_put_mark(p, "$");
        gql_put_word(p, variable->name);
        gql_put_mark(p, ":");
        gql_put_space(p);
        gql_put_type(p, variable->type);
        if (variable->fallback) {
            gql_put_space(p);
            gql_put_mark(p, "=");
            gql_put_space(p);
            gql_put_value(p, variable->fallback);
        }
        gql_put_directives(p, &variable->directives);
    }
    gql_put_mark(p, ")");
}

static void put_operation(struct gql_printer *p, const struct gql_definition *operation)
{
    bool shorthand = operation->kind == GQL_QUERY && !operation->name.ptr &&
                     operation->variables.len == 0 && operation->directives.len == 0;
    if (!shorthand) {
        gql_put_word(p, operation->kind == GQL_QUERY      ? STR("query")
                        : operation->kind == GQL_MUTATION ? STR("mutation")
                                                          : STR("subscription"));
        if (operation->name.ptr || operation->variables.len)
            gql_put_space(p);
        if (operation->name.ptr)
            gql_put_word(p, operation->name);
        put_variables(p, operation);
        gql_put_directives(p, &operation->directives);
        gql_put_space(p);
    }
    put_selections(p, operation->selections);
}

static void put_fragment(struct gql_printer *p, const struct gql_definition *fragment)
{
    gql_put_word(p, STR("fragment"));
    gql_put_space(p);
    gql_put_word(p, fragment->name);
    gql_put_space(p);
    gql_put_word(p, STR("on"));
    gql_put_space(p);
    gql_put_word(p, fragment->on_type);
    gql_put_directives(p, &fragment->directives);
    gql_put_space(p);
    put_selections(p, fragment->selections);
}

/* ---- entry points ---- */

void gql_print(const struct gql_document *document, enum gql_print how, struct buf *out)
{
    struct gql_printer p = {.out = out, .how = how};
    for (size_t i = 0; i < document->definitions.len; i++) {
        const struct gql_definition *definition = document->definitions.items[i];
        if (i) {
            gql_put_line(&p);
            gql_put_line(&p);
        }
        if (definition->kind <= GQL_SUBSCRIPTION)
            put_operation(&p, definition);
        else if (definition->kind == GQL_FRAGMENT)
            put_fragment(&p, definition);
        else
            gql_put_type_system(&p, definition);
    }
}

void gql_print_type(const struct gql_type *type, struct buf *out)
{
    struct gql_printer p = {.out = out, .how = GQL_PRETTY};
    gql_put_type(&p, type);
}

void gql_print_value(const struct gql_value *value, enum gql_print how, struct buf *out)
{
    struct gql_printer p = {.out = out, .how = how};
    gql_put_value(&p, value);
}
