// SPDX-License-Identifier: Apache-2.0
/*
 * Whether methods, operations and tests fit together over a whole file. Source: gate-and-audit,
 * section 3.1, checks M1 to M3.
 */
#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/contract/lint_internal.h"
#include "lib/contract/mapping.h"

/* What one name (a method, an operation, a test) stands together with, in order of appearance. */
struct use {
    struct str what;
    const struct pact_interaction *first;
};
struct uses {
    struct str name;
    VEC_OF(struct use);
};

static void add(const struct linting *linting, struct map *map, struct str name, struct str what,
                const struct pact_interaction *interaction)
{
    struct uses *uses = map_get(map, name);
    if (!uses) {
        uses = ARENA_NEW(linting->arena, struct uses);
        uses->name = name;
        map_put(map, name, uses);
    }
    VEC_EACH(uses, const struct use *, use) {
        if (str_eq(use->what, what)) {
            return;
        }
    }
    *VEC_PUSH(linting->arena, uses) = (struct use){what, interaction};
}

static struct str list(const struct linting *linting, const struct uses *uses)
{
    enum { SHOWN = 5 };
    struct str all = STR("");
    for (size_t i = 0; i < uses->len && i < SHOWN; i++) {
        all = str_printf(linting->arena, "%.*s%s%.*s", STR_FMT(all), i ? ", " : "",
                         STR_FMT(uses->items[i].what));
    }
    return uses->len > SHOWN
               ? str_printf(linting->arena, "%.*s and %zu more", STR_FMT(all), uses->len - SHOWN)
               : all;
}

/* Told once, where the second of them appears. */
static void say(struct linting *linting, const struct map *map, size_t i, enum lint_level level,
                const char *check, const char *const text[3])
{
    const struct uses *uses = map_at(map, i)->value;
    if (uses->len < 2) {
        return;
    }
    struct str all = list(linting, uses);
    linting->at = uses->items[1].first;
    lint_say(linting, level, check, NULL, "%s%.*s%s (%.*s)%s", text[0], STR_FMT(uses->name),
             text[1], STR_FMT(all), text[2]);
}

void lint_methods(struct linting *linting)
{
    static const char *const method[] = {"", " uses more than one operation",
                                         "; a repository method uses exactly one"};
    static const char *const operation[] = {"", " is used by more than one method", ""};
    static const char *const test[] = {"the test '", "' uses more than one operation",
                                       "; a repository does not compose several calls"};
    struct map *methods = map_new(linting->arena), *operations = map_new(linting->arena);
    struct map *tests = map_new(linting->arena);
    VEC_EACH(&linting->pact->interactions, const struct pact_interaction *, interaction) {
        struct mapping mapping = {0};
        struct str name = json_get_text(interaction->comments, "testname");
        bool told = mapping_of(interaction, linting->arena, &mapping, NULL) == 0;
        if (!told || !mapping.operation.ptr) {
            continue;
        }
        if (mapping.method.ptr && !mapping.inferred) {
            add(linting, methods, mapping.method, mapping.operation, interaction);
            add(linting, operations, mapping.operation, mapping.method, interaction);
        }
        if (name.len > 0) {
            add(linting, tests, name, mapping.operation, interaction);
        }
    }
    for (size_t i = 0; i < map_len(methods); i++) {
        say(linting, methods, i, LINT_ERROR, "method-operations", method);
    }
    for (size_t i = 0; i < map_len(operations); i++) {
        say(linting, operations, i, LINT_NOTE, "operation-shared", operation);
    }
    for (size_t i = 0; i < map_len(tests); i++) {
        say(linting, tests, i, LINT_WARNING, "test-composes", test);
    }
    linting->at = NULL;
}
