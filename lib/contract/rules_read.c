// SPDX-License-Identifier: Apache-2.0
/* Rules from JSON, V2 (flat) and V3/V4 (by category), and back as V4. */
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/position.h"
#include "lib/contract/rules_table.h"

/* Category names as met in files; the first of each part is the one written. */
static const struct {
    const char *name;
    enum rules_part part;
} categories[] = {
    {"method", RULES_METHOD},     {"path", RULES_PATH},         {"query", RULES_QUERY},
    {"header", RULES_HEADER},     {"status", RULES_STATUS},     {"body", RULES_BODY},
    {"metadata", RULES_METADATA}, {"headers", RULES_HEADER},    {"content", RULES_BODY},
    {"contents", RULES_BODY},     {"metaData", RULES_METADATA},
};

bool rules_part_of(struct str category, enum rules_part *ret)
{
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
        if (str_is(category, categories[i].name)) {
            *ret = categories[i].part;
            return true;
        }
    }
    return false;
}

const char *rules_part_name(enum rules_part part)
{
    return categories[part].name;
}

/* A count that may be written as a string. */
static int read_limit(const struct json *rule, const char *name, bool *ret_has, int64_t *ret,
                      struct err *err)
{
    const struct json *value = json_get(rule, name);
    if (!value) {
        return 0;
    }
    if ((!json_is(value, JSON_NUMBER) && !json_is(value, JSON_STRING)) ||
        !str_to_i64(json_text(value), 0, INT64_MAX, ret)) {
        return err_set(err, ERR_PARSE, "attribute '%s' of a rule must be a count", name);
    }
    *ret_has = true;
    return 0;
}

static struct str scalar_text(const struct json *value, struct arena *arena)
{
    if (json_is(value, JSON_STRING)) {
        return json_text(value);
    }
    return value ? json_to_str(arena, value, JSON_COMPACT) : STR_NONE;
}

static struct str read_text(const struct json *rule, enum matcher_kind kind, struct arena *arena)
{
    static const char *const date_names[] = {"date", "time", "datetime", "timestamp"};
    const char *name = matcher_info(kind)->text_attribute;
    if (kind == MATCHER_UNKNOWN) {
        return json_get_text(rule, "match");
    }
    if (!name) {
        return STR_NONE;
    }
    struct str text = scalar_text(json_get(rule, name), arena);
    bool dated = kind == MATCHER_DATE || kind == MATCHER_TIME || kind == MATCHER_DATETIME;
    for (size_t i = 0; dated && !text.ptr && i < sizeof date_names / sizeof *date_names; i++) {
        text = json_get_text(rule, date_names[i]);
    }
    return text;
}

static int read_inner(const struct json *value, struct arena *arena, struct matcher *matcher,
                      struct err *err)
{
    const struct json *list = json_get(value, "rules");
    matcher->inner = rules_new(arena);
    if (list && !json_is(list, JSON_ARRAY)) {
        return err_set(err, ERR_PARSE, "'rules' of '%s' must be an array",
                       matcher_name(matcher->kind));
    }
    for (size_t i = 0; i < json_len(list); i++) {
        struct matcher one = {0};
        int rc = matcher_read(json_at(list, i), arena, &one, err);
        rc = rc ? rc : rules_add(matcher->inner, RULES_BODY, STR("$"), &one, arena, err);
        if (rc) {
            return rc;
        }
    }
    rules_prepare(matcher->inner, arena);
    return 0;
}

static int read_variants(const struct json *value, struct arena *arena, struct matcher *matcher,
                         struct err *err)
{
    const struct json *list = json_get(value, "variants");
    if (list && !json_is(list, JSON_ARRAY)) {
        return err_set(err, ERR_PARSE, "'variants' of 'arrayContains' must be an array");
    }
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *item = json_at(list, i);
        const struct json *index = json_get(item, "index");
        struct matcher_variant *variant = VEC_PUSH(arena, &matcher->variants);
        variant->rules = rules_new(arena);
        variant->index = (int64_t)i;
        bool placed = !index || (json_to_i64(index, &variant->index) && variant->index >= 0);
        if (!json_is(item, JSON_OBJECT) || !placed) {
            return err_set(err, ERR_PARSE,
                           "variant %zu of 'arrayContains' must be an object whose "
                           "'index' is that of an item",
                           i);
        }
        const struct json *rules = json_get(item, "rules");
        int rc = rules ? rules_read_paths(rules, RULES_BODY, arena, variant->rules, err) : 0;
        if (rc) {
            return rc;
        }
        rules_prepare(variant->rules, arena);
    }
    return 0;
}

int matcher_read(const struct json *value, struct arena *arena, struct matcher *ret,
                 struct err *err)
{
    struct matcher matcher = {.raw = value};
    int rc;
    if (!json_is(value, JSON_OBJECT)) {
        return err_set(err, ERR_PARSE, "a rule must be an object");
    }
    const struct json *match = json_get(value, "match");
    if (match && !json_is(match, JSON_STRING)) {
        return err_set(err, ERR_PARSE, "'match' of a rule must be a string");
    }
    matcher.kind = matcher_kind_of(value);
    matcher.text = read_text(value, matcher.kind, arena);
    if (matcher.kind == MATCHER_TYPE) {
        rc = read_limit(value, "min", &matcher.has_min, &matcher.min, err);
        rc = rc ? rc : read_limit(value, "max", &matcher.has_max, &matcher.max, err);
    } else if (matcher.kind == MATCHER_EACH_KEY || matcher.kind == MATCHER_EACH_VALUE) {
        rc = read_inner(value, arena, &matcher, err);
    } else if (matcher.kind == MATCHER_ARRAY_CONTAINS) {
        rc = read_variants(value, arena, &matcher, err);
    } else if ((matcher.kind == MATCHER_REGEX || matcher.kind == MATCHER_INCLUDE) &&
               !matcher.text.ptr) {
        rc = err_set(err, ERR_PARSE, "a '%s' rule needs the attribute '%s'",
                     matcher_name(matcher.kind), matcher_info(matcher.kind)->text_attribute);
    } else {
        rc = 0;
    }
    if (rc == 0) {
        *ret = matcher;
    }
    return rc;
}

/* A way to combine that is not known is written again, too. */
static void keep_rest(const struct json *value, struct str combine, struct arena *arena,
                      struct rule *rule)
{
    bool known = !combine.ptr || rule->any || str_eq_nocase(combine, STR("and"));
    for (size_t i = 0; i < json_len(value); i++) {
        struct str key = json_key(value, i);
        if (!str_is(key, "matchers") && !(known && str_is(key, "combine"))) {
            rule->extra = rule->extra ? rule->extra : json_new_object(arena);
            json_set_str(arena, rule->extra, key, json_at(value, i));
        }
    }
}

/* {"matchers": […], "combine": "AND"|"OR"}, or one rule object as V2 has it. */
static int read_list(const struct json *value, struct arena *arena, struct rule *rule,
                     struct err *err)
{
    const struct json *list = json_get(value, "matchers");
    struct matcher matcher = {0};
    int rc = 0;
    if (!json_is(value, JSON_OBJECT)) {
        return err_set(err, ERR_PARSE, "expected an object with 'matchers'");
    }
    if (!list) {
        rc = matcher_read(value, arena, &matcher, err);
        if (rc == 0) {
            *VEC_PUSH(arena, &rule->matchers) = matcher;
        }
        return rc;
    }
    if (!json_is(list, JSON_ARRAY)) {
        return err_set(err, ERR_PARSE, "'matchers' must be an array");
    }
    struct str combine = json_get_text(value, "combine");
    rule->any = combine.ptr && str_eq_nocase(combine, STR("or"));
    keep_rest(value, combine, arena, rule);
    for (size_t i = 0; rc == 0 && i < json_len(list); i++) {
        rc = matcher_read(json_at(list, i), arena, &matcher, err);
        if (rc == 0) {
            *VEC_PUSH(arena, &rule->matchers) = matcher;
        }
    }
    return rc;
}

static int read_one(const struct json *value, enum rules_part part, struct str where,
                    struct arena *arena, struct rules *rules, struct err *err)
{
    struct rule *rule = NULL;
    int rc = rules_slot(rules, part, where, arena, &rule, err);
    return rc ? rc : read_list(value, arena, rule, err);
}

int rules_read_paths(const struct json *value, enum rules_part part, struct arena *arena,
                     struct rules *rules, struct err *err)
{
    if (!json_is(value, JSON_OBJECT)) {
        return err_set(err, ERR_PARSE, "expected an object of paths");
    }
    for (size_t i = 0; i < json_len(value); i++) {
        int rc = read_one(json_at(value, i), part, json_key(value, i), arena, rules, err);
        if (rc) {
            return err_wrap(err, "rule '%.*s'", STR_FMT(json_key(value, i)));
        }
    }
    return 0;
}

struct place { /* where rules come from and go to, and what errors call the text */
    struct position *position;
    const char *source;
    struct arena *arena;
    struct rules *rules;
};

/* Give the rule that was read its position, or the error one. */
static int placed(int rc, const struct json *value, struct str where, const struct place *place,
                  struct rule *rule, struct err *inner, struct err *err)
{
    int line = 0, column = 0;
    position_of(place->position, value, &line, &column);
    if (rc == 0) {
        rule->line = line;
        rule->column = column;
        return 0;
    }
    return err_at(err, inner->code, place->source, line, column, "matching rule '%.*s': %s",
                  STR_FMT(where), inner->text);
}

/* `written` is what the file calls it; errors name that. */
static int read_placed(const struct json *value, enum rules_part part, struct str where,
                       struct str written, const struct place *place, struct err *err)
{
    struct err inner = ERR_INIT;
    struct rule *rule = NULL;
    int rc = rules_slot(place->rules, part, where, place->arena, &rule, &inner);
    rc = rc ? rc : read_list(value, place->arena, rule, &inner);
    return placed(rc, value, written, place, rule, &inner, err);
}

static int read_category(const struct json *value, enum rules_part part, const struct place *place,
                         struct err *err)
{
    int line, column;
    if (!json_is(value, JSON_OBJECT)) {
        position_of(place->position, value, &line, &column);
        return err_at(err, ERR_PARSE, place->source, line, column,
                      "category '%s' of the matching rules must be an object",
                      rules_part_name(part));
    }
    if (json_is(json_get(value, "matchers"), JSON_ARRAY)) {
        struct str where = rules_part_has_paths(part) ? STR("$") : STR("");
        return read_placed(value, part, where, where, place, err);
    }
    for (size_t i = 0; i < json_len(value); i++) {
        struct str key = json_key(value, i);
        int rc = read_placed(json_at(value, i), part, key, key, place, err);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* "['a b']" and ".a" are the name `a b` and `a`; names keep other brackets as they are. */
static struct str flat_name(struct str rest)
{
    if (str_starts(rest, STR("['")) && str_ends(rest, STR("']"))) {
        return str_sub(rest, 2, rest.len - 4);
    }
    if (str_ends(rest, STR("[*]"))) {
        rest.len -= 3;
    }
    return str_starts(rest, STR(".")) ? str_sub(rest, 1, rest.len - 1) : rest;
}

/* Split "$.headers.X" into its part and what follows; also "$['body']…". */
static bool flat_split(struct str text, enum rules_part *ret_part, struct str *ret_rest)
{
    size_t end, next;
    if (str_starts(text, STR("$['"))) {
        long close = str_find(text, STR("']"));
        if (close < 0) {
            return false;
        }
        end = (size_t)close;
        next = end + 2;
        *ret_rest = str_sub(text, next, text.len - next);
        return rules_part_of(str_sub(text, 3, end - 3), ret_part);
    }
    if (!str_starts(text, STR("$."))) {
        return false;
    }
    for (end = 2; end < text.len && text.ptr[end] != '.' && text.ptr[end] != '['; end++) {
    }
    *ret_rest = str_sub(text, end, text.len - end);
    return rules_part_of(str_sub(text, 2, end - 2), ret_part);
}

bool rules_flat_place(struct str where, struct arena *arena, enum rules_part *ret_part,
                      struct str *ret_name)
{
    struct str rest = STR_NONE;
    if (!flat_split(where, ret_part, &rest)) {
        return false;
    }
    *ret_name = rules_part_has_paths(*ret_part) ? str_printf(arena, "$%.*s", STR_FMT(rest))
                                                : flat_name(rest);
    return true;
}

static int read_flat(const struct json *value, struct str where, const struct place *place,
                     struct err *err)
{
    enum rules_part part;
    struct str name;
    if (!rules_flat_place(where, place->arena, &part, &name)) {
        struct err inner = ERR_INIT;
        err_set(&inner, ERR_PARSE,
                "expected $.body, $.headers, $.query, $.path or $.status at its start");
        return placed(ERR_PARSE, value, where, place, NULL, &inner, err);
    }
    return read_placed(value, part, name, where, place, err);
}

int rules_read_at(const struct json *value, struct position *position, const char *source,
                  bool flat, struct arena *arena, struct rules *ret, struct err *err)
{
    struct place place = {position, source, arena, ret};
    int line, column, rc = 0;
    if (!value || json_is(value, JSON_NULL)) {
        return 0;
    }
    if (!json_is(value, JSON_OBJECT)) {
        position_of(position, value, &line, &column);
        return err_at(err, ERR_PARSE, source, line, column, "'matchingRules' must be an object");
    }
    for (size_t i = 0; rc == 0 && i < json_len(value); i++) {
        const struct json *item = json_at(value, i);
        struct str key = json_key(value, i);
        enum rules_part part;
        if (flat) {
            rc = read_flat(item, key, &place, err);
        } else if (rules_part_of(key, &part)) {
            rc = read_category(item, part, &place, err);
        } else {
            ret->extra = ret->extra ? ret->extra : json_new_object(arena);
            json_set_str(arena, ret->extra, key, json_at(value, i));
        }
    }
    if (rc == 0) {
        rules_prepare(ret, arena);
    }
    return rc;
}

int rules_read(const struct json *value, struct str text, const char *source, bool flat,
               struct arena *arena, struct rules *ret, struct err *err)
{
    struct position position = position_start(text);
    return rules_read_at(value, &position, source, flat, arena, ret, err);
}
