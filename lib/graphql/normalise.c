// SPDX-License-Identifier: Apache-2.0
/*
 * A copy of the document in which everything whose order or presence means nothing has one form,
 * printed minimally.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/graphql/ast.h"

static int by_argument_name(const void *a, const void *b)
{
    return str_cmp((*(struct gql_argument *const *)a)->name,
                   (*(struct gql_argument *const *)b)->name);
}

static int by_variable_name(const void *a, const void *b)
{
    return str_cmp((*(struct gql_variable *const *)a)->name,
                   (*(struct gql_variable *const *)b)->name);
}

static int by_kind_and_name(const void *a, const void *b)
{
    const struct gql_definition *x = *(struct gql_definition *const *)a;
    const struct gql_definition *y = *(struct gql_definition *const *)b;
    return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind)
                              : str_cmp(x->name, y->name);
}

static void sort(void *items, size_t len, int (*compare)(const void *, const void *))
{
    if (len > 1)
        qsort(items, len, sizeof(void *), compare);
}

static struct gql_value *value_of(const struct gql_value *value, struct arena *arena);

static struct gql_argument *argument_of(const struct gql_argument *argument, struct arena *arena)
{
    struct gql_argument *copy = arena_copy(arena, argument, sizeof *argument);
    copy->value = value_of(argument->value, arena);
    return copy;
}

static struct gql_value *value_of(const struct gql_value *value, struct arena *arena)
{
    struct gql_value *copy = arena_copy(arena, value, sizeof *value);
    copy->block = false; /* the same string, however it was quoted */
    copy->items.items = ARENA_ARRAY(arena, struct gql_value *, value->items.len);
    for (size_t i = 0; i < value->items.len; i++)
        copy->items.items[i] = value_of(value->items.items[i], arena);
    copy->fields.items = ARENA_ARRAY(arena, struct gql_argument *, value->fields.len);
    for (size_t i = 0; i < value->fields.len; i++)
        copy->fields.items[i] = argument_of(value->fields.items[i], arena);
    sort(copy->fields.items, copy->fields.len, by_argument_name);
    return copy;
}

static struct gql_arguments arguments_of(const struct gql_arguments *arguments, struct arena *arena)
{
    struct gql_arguments copy = {0};
    VEC_EACH(arguments, struct gql_argument **, at) {
        *VEC_PUSH(arena, &copy) = argument_of(*at, arena);
    }
    sort(copy.items, copy.len, by_argument_name);
    return copy;
}

/* The order of directives can mean something. */
static struct gql_directives directives_of(const struct gql_directives *directives,
                                           struct arena *arena)
{
    struct gql_directives copy = {0};
    VEC_EACH(directives, struct gql_directive **, at) {
        struct gql_directive *directive = arena_copy(arena, *at, sizeof **at);
        directive->arguments = arguments_of(&(*at)->arguments, arena);
        *VEC_PUSH(arena, &copy) = directive;
    }
    return copy;
}

/* What clients add to every selection on their own. */
static bool is_added_typename(const struct gql_selection *selection)
{
    return selection->kind == GQL_FIELD && str_is(selection->name, "__typename") &&
           (!selection->alias.ptr || str_eq(selection->alias, selection->name)) &&
           selection->directives.len == 0;
}

static struct gql_selections *selections_of(const struct gql_selections *selections,
                                            struct arena *arena)
{
    struct gql_selections *copy = ARENA_NEW(arena, struct gql_selections);
    const struct gql_selection *added = NULL;
    VEC_EACH(selections, struct gql_selection **, at) {
        if (is_added_typename(*at)) {
            added = *at;
            continue;
        }
        struct gql_selection *selection = arena_copy(arena, *at, sizeof **at);
        if (str_eq(selection->alias, selection->name))
            selection->alias = STR_NONE;
        selection->arguments = arguments_of(&(*at)->arguments, arena);
        selection->directives = directives_of(&(*at)->directives, arena);
        if (selection->selections)
            selection->selections = selections_of((*at)->selections, arena);
        *VEC_PUSH(arena, copy) = selection;
    }
    if (copy->len == 0 && added) { /* once, without the alias that says the same */
        struct gql_selection *selection = arena_copy(arena, added, sizeof *added);
        selection->alias = STR_NONE;
        *VEC_PUSH(arena, copy) = selection;
    }
    return copy;
}

static struct gql_definition *definition_of(const struct gql_definition *definition,
                                            struct arena *arena)
{
    struct gql_definition *copy = arena_copy(arena, definition, sizeof *definition);
    copy->directives = directives_of(&definition->directives, arena);
    if (definition->selections)
        copy->selections = selections_of(definition->selections, arena);
    copy->variables.items = ARENA_ARRAY(arena, struct gql_variable *, definition->variables.len);
    for (size_t i = 0; i < definition->variables.len; i++) {
        const struct gql_variable *from = definition->variables.items[i];
        struct gql_variable *variable = arena_copy(arena, from, sizeof *from);
        if (from->fallback)
            variable->fallback = value_of(from->fallback, arena);
        variable->directives = directives_of(&from->directives, arena);
        copy->variables.items[i] = variable;
    }
    sort(copy->variables.items, copy->variables.len, by_variable_name);
    return copy;
}

void gql_normalise(const struct gql_document *document, struct arena *arena, struct buf *out)
{
    struct gql_document copy = {0};
    VEC_EACH(&document->definitions, struct gql_definition **, at) {
        *VEC_PUSH(arena, &copy.definitions) = definition_of(*at, arena);
    }
    sort(copy.definitions.items, copy.definitions.len, by_kind_and_name);
    gql_print(&copy, GQL_MINIMAL, out);
}
