// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/mapping_rules.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/contract/mapping.h"
#include "lib/json/yaml.h"

struct reading {
    struct str text;
    const char *source;
    struct arena *arena;
    struct err *err;
};

static int fail_at(const struct reading *reading, const struct json *at, const char *what,
                   struct str detail)
{
    int line = 0, column = 0;
    json_position(at, reading->text, &line, &column);
    return err_at(reading->err, ERR_PARSE, reading->source, line, column, "%s%s%.*s%s", what,
                  detail.ptr ? " '" : "", STR_FMT(detail), detail.ptr ? "'" : "");
}

/* Every member must be one of the names: a typing error is not to be passed over in silence. */
static int check_members(const struct reading *reading, const struct json *object,
                         const char *const *names)
{
    for (size_t i = 0; i < json_len(object); i++) {
        size_t n = 0;
        while (names[n] && !str_is(json_key(object, i), names[n])) {
            n++;
        }
        if (!names[n]) {
            return fail_at(reading, json_at(object, i), "the mapping section knows no member",
                           json_key(object, i));
        }
    }
    return 0;
}

static int check_regex(const struct reading *reading, const struct json *at, const char *what,
                       unsigned flags)
{
    const struct re *re = NULL;
    struct err bad = ERR_INIT;
    if (!json_is(at, JSON_STRING)) {
        return fail_at(reading, at, arena_printf(reading->arena, "%s must be a text", what),
                       STR_NONE);
    }
    if (re_get(json_text(at), flags, &re, &bad) != 0) {
        return fail_at(reading, at, arena_printf(reading->arena, "%s: %s", what, bad.text),
                       STR_NONE);
    }
    return 0;
}

/* Opening brackets of groups that keep what they match. */
static size_t groups_of(struct str pattern)
{
    size_t groups = 0;
    bool class = false;
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i], next = i + 1 < pattern.len ? pattern.ptr[i + 1] : '\0';
        char after = i + 2 < pattern.len ? pattern.ptr[i + 2] : '\0';
        i += c == '\\';
        class = class ? c != ']' : c == '[';
        bool named = next == '?' && (after == '<' || after == 'P');
        groups += !class && c == '(' && (next != '?' || named);
    }
    return groups;
}

static int read_rule(const struct reading *reading, const struct json *from,
                     struct mapping_rules *to)
{
    static const char *const names[] = {"regex", "method", NULL};
    const struct json *regex = json_get(from, "regex"), *method = json_get(from, "method");
    if (!json_is(from, JSON_OBJECT) || !regex || !method) {
        return fail_at(reading, from, "a mapping rule needs 'regex' and 'method'", STR_NONE);
    }
    int rc = check_members(reading, from, names);
    rc = rc ? rc : check_regex(reading, regex, "the regex of a mapping rule", 0);
    if (rc) {
        return rc;
    }
    if (!json_is(method, JSON_STRING) || !mapping_is_method(json_text(method))) {
        return fail_at(reading, method,
                       "the method of a mapping rule must be one like 'TransactionRepository.page'",
                       STR_NONE);
    }
    *VEC_PUSH(reading->arena, &to->rules) =
        (struct mapping_rule){json_text(regex), json_text(method)};
    return 0;
}

static int read_section(const struct reading *reading, const struct json *section,
                        struct mapping_rules *to)
{
    static const char *const names[] = {"pattern", "rules", NULL};
    const struct json *pattern = json_get(section, "pattern"), *rules = json_get(section, "rules");
    int rc = 0;
    if (!json_is(section, JSON_OBJECT)) {
        return fail_at(reading, section, "the mapping section must have members", STR_NONE);
    }
    rc = check_members(reading, section, names);
    if (rc == 0 && pattern) {
        rc = check_regex(reading, pattern, "mapping.pattern", RE_WHOLE);
        if (rc == 0 && groups_of(json_text(pattern)) < 2) {
            rc = fail_at(reading, pattern,
                         "mapping.pattern needs groups for repository and method, and may have "
                         "more for variant and scenario",
                         STR_NONE);
        }
        to->pattern = json_text(pattern);
    }
    if (rc == 0 && rules && !json_is(rules, JSON_ARRAY)) {
        rc = fail_at(reading, rules, "mapping.rules must be a list", STR_NONE);
    }
    for (size_t i = 0; rc == 0 && i < json_len(rules); i++) {
        rc = read_rule(reading, json_at(rules, i), to);
    }
    return rc;
}

int mapping_rules_read(struct str text, const char *source, struct arena *arena,
                       struct mapping_rules **ret, struct err *err)
{
    struct reading reading = {.text = text, .source = source, .arena = arena, .err = err};
    struct mapping_rules *made = ARENA_NEW(arena, struct mapping_rules);
    struct json *root = NULL;
    int rc = yaml_parse(text, source, arena, &root, err);
    if (rc == 0 && root && !json_is(root, JSON_NULL) && !json_is(root, JSON_OBJECT)) {
        rc = fail_at(&reading, root, "a configuration has sections such as 'mapping:'", STR_NONE);
    }
    const struct json *section = json_get(root, "mapping");
    if (rc == 0 && section) {
        rc = read_section(&reading, section, made);
    }
    if (rc == 0) {
        *ret = made;
    }
    return rc;
}

void mapping_rules_apply(const struct mapping_rules *rules, struct pact *pact)
{
    VEC_EACH(&pact->interactions, struct pact_interaction *, interaction) {
        interaction->house = rules;
    }
}
