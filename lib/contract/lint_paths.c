// SPDX-License-Identifier: Apache-2.0
/* Paths of rules and generators straight from the document, before it is read as a contract. */
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/lint_internal.h"
#include "lib/contract/rules_table.h"

struct paths {
    const struct linting *linting;
    struct str text, interaction;
    const char *what; /* "rule" or "generator" */
};

static void check(const struct paths *paths, struct str path, const struct json *value)
{
    struct path ignored = {0};
    struct err err = ERR_INIT;
    struct lint_place place = {.where = path};
    if (path_parse(path, paths->linting->arena, &ignored, &err) == 0) {
        return;
    }
    json_position(value, paths->text, &place.line, &place.column);
    lint_say(paths->linting, LINT_ERROR, "path-invalid", &place, "%s path: %s", paths->what,
             err.text);
    struct lint_findings *all = paths->linting->findings;
    all->items[all->len - 1].interaction = paths->interaction;
}

static void check_flat(const struct paths *paths, struct str where, const struct json *value)
{
    enum rules_part part;
    struct str name;
    struct lint_place place = {.where = where};
    if (rules_flat_place(where, paths->linting->arena, &part, &name)) {
        if (rules_part_has_paths(part)) {
            check(paths, name, value);
        }
        return;
    }
    json_position(value, paths->text, &place.line, &place.column);
    lint_say(paths->linting, LINT_ERROR, "path-invalid", &place,
             "%s path: expected $.body, $.headers, $.query, $.path or $.status at its start",
             paths->what);
    struct lint_findings *all = paths->linting->findings;
    all->items[all->len - 1].interaction = paths->interaction;
}

static void check_all(struct paths *paths, const struct json *owner, const char *member,
                      const char *what)
{
    const struct json *value = json_get(owner, member);
    bool flat = json_is(value, JSON_OBJECT) && json_len(value) > 0 &&
                str_starts(json_key(value, 0), STR("$"));
    paths->what = what;
    for (size_t i = 0; json_is(value, JSON_OBJECT) && i < json_len(value); i++) {
        const struct json *category = json_at(value, i);
        enum rules_part part;
        if (flat) {
            check_flat(paths, json_key(value, i), category);
            continue;
        }
        if (!rules_part_of(json_key(value, i), &part) || !rules_part_has_paths(part) ||
            json_get(category, "matchers") || json_is(json_get(category, "type"), JSON_STRING)) {
            continue;
        }
        for (size_t j = 0; json_is(category, JSON_OBJECT) && j < json_len(category); j++) {
            check(paths, json_key(category, j), json_at(category, j));
        }
    }
}

static void check_part(struct paths *paths, const struct json *part)
{
    check_all(paths, part, "matchingRules", "rule");
    check_all(paths, part, "requestMatchingRules", "rule");
    check_all(paths, part, "responseMatchingRules", "rule");
    check_all(paths, part, "generators", "generator");
}

void lint_paths(const struct linting *linting, const struct json *root, struct str text)
{
    static const char *const lists[] = {"interactions", "messages"};
    struct paths paths = {.linting = linting, .text = text};
    for (size_t l = 0; l < 2; l++) {
        const struct json *list = json_get(root, lists[l]);
        for (size_t i = 0; json_is(list, JSON_ARRAY) && i < json_len(list); i++) {
            const struct json *one = json_at(list, i), *reply = json_get(one, "response");
            paths.interaction = json_get_text(one, "description");
            check_part(&paths, one);
            check_part(&paths, json_get(one, "request"));
            for (size_t j = 0; json_is(reply, JSON_ARRAY) && j < json_len(reply); j++) {
                check_part(&paths, json_at(reply, j));
            }
            if (json_is(reply, JSON_OBJECT)) {
                check_part(&paths, reply);
            }
        }
    }
}
