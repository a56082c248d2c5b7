// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/integration.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/expression.h"
#include "lib/contract/integration_example.h"
#include "lib/contract/rules_table.h"

#define MATCHER_KEY   "pact:matcher:type"
#define GENERATOR_KEY "pact:generator:type"

/* What stands at one place, and where that is. */
struct place {
    const struct integration *to;
    enum rules_part part;
    struct path path; /* of a body */
    struct str name;  /* of a header or parameter; "" else */
    struct err *err;
};

/* ---- places ---- */

static struct str where(const struct place *place)
{
    struct str text = place->name;
    if (place->part == RULES_BODY) {
        path_print(&place->path, place->to->arena, &text);
    }
    return text;
}

static int fail_at(const struct place *place, const char *what, struct str detail)
{
    struct str text = where(place);
    return err_set(place->err, ERR_PARSE, "%s%s%.*s: %s%s%.*s%s", rules_part_name(place->part),
                   text.len ? " " : "", STR_FMT(text), what, detail.ptr ? " '" : "",
                   STR_FMT(str_sub(detail, 0, LIMIT_NAME)), detail.ptr ? "'" : "");
}

/* No path has an escape for the end of a quoted name. */
static bool has_path(const struct place *place)
{
    VEC_EACH(&place->path, const struct path_token *, token) {
        if (token->kind == PATH_NAME &&
            (token->name.len == 0 || str_find(token->name, STR("']")) >= 0)) {
            return false;
        }
    }
    return true;
}

static const struct rule *rule_here(const struct place *place, struct str text)
{
    VEC_EACH(&place->to->rules->part[place->part], const struct rule *, rule) {
        if (str_eq(rule->text, text)) {
            return rule;
        }
    }
    return NULL;
}

/* Several items of a list stand at one path: what they all say is kept once. */
static int add_rule(const struct place *place, const struct matcher *matcher)
{
    const struct integration *to = place->to;
    struct str text = where(place);
    const struct rule *rule = rule_here(place, text);
    const struct json *made = matcher_write(matcher, to->arena);
    if (!has_path(place)) {
        return fail_at(place, "no rule path can hold this name", STR_NONE);
    }
    for (size_t i = 0; rule && i < rule->matchers.len; i++) {
        if (json_equal(made, matcher_write(&rule->matchers.items[i], to->arena))) {
            return 0;
        }
    }
    return rules_add(to->rules, place->part, text, matcher, to->arena, place->err);
}

static int add_generator(const struct place *place, const struct json *raw)
{
    const struct integration *to = place->to;
    struct generator generator = {.where = where(place), .raw = raw, .part = place->part};
    generator.path = place->path;
    if (!has_path(place)) {
        return fail_at(place, "no path can hold this name", STR_NONE);
    }
    VEC_EACH(to->generators, const struct generator *, other) {
        if (other->part == place->part && str_eq(other->where, generator.where)) {
            return 0; /* the first item of a list speaks for all */
        }
    }
    *VEC_PUSH(to->arena, to->generators) = generator;
    return 0;
}

/* ---- one matcher ---- */

/* Members of the object that a rule or a generator has beside its name. */
static const struct attributes {
    const char *owner;
    const char *names[4];
} rule_attributes[] =
    {
        {"regex", {"regex"}},
        {"type", {"min", "max"}},
        {"include", {"value"}},
        {"contentType", {"value"}},
        {"date", {"format", "date"}},
        {"time", {"format", "time"}},
        {"datetime", {"format", "datetime", "timestamp"}},
        {"statusCode", {"status"}},
},
  generator_attributes[] = {
      {"RandomInt", {"min", "max"}},
      {"RandomDecimal", {"digits"}},
      {"RandomHexadecimal", {"digits"}},
      {"RandomString", {"size"}},
      {"RandomBoolean", {NULL}},
      {"Regex", {"regex"}},
      {"Uuid", {"format"}},
      {"Date", {"format", "expression"}},
      {"Time", {"format", "expression"}},
      {"DateTime", {"format", "expression"}},
      {"ProviderState", {"expression", "dataType"}},
      {"MockServerURL", {"example", "regex"}},
};
enum {
    RULE_ATTRIBUTES = sizeof rule_attributes / sizeof *rule_attributes,
    GENERATOR_ATTRIBUTES = sizeof generator_attributes / sizeof *generator_attributes,
};

/* False when the table does not know the owner. */
static bool copy_attributes(struct arena *arena, const struct attributes *table, size_t n,
                            struct str owner, const struct json *from, struct json *to)
{
    for (size_t i = 0; i < n; i++) {
        if (!str_is(owner, table[i].owner)) {
            continue;
        }
        for (size_t k = 0; k < 4 && table[i].names[k]; k++) {
            const struct json *value = json_get(from, table[i].names[k]);
            if (value) {
                json_set(arena, to, table[i].names[k], json_copy(arena, value));
            }
        }
        return true;
    }
    return false;
}

static int take_example(const struct place *place, const struct json *value, struct json **ret);

/* The variants of arrayContains: each with rules of its own, from `$`. */
static int take_variants(const struct place *place, const struct json *list, struct json *rule,
                         struct json **ret_examples)
{
    struct arena *arena = place->to->arena;
    struct json *variants = json_new_array(arena), *examples = json_new_array(arena);
    if (!json_is(list, JSON_ARRAY)) {
        return fail_at(place, "arrayContains needs an array of 'variants'", STR_NONE);
    }
    for (size_t i = 0; i < json_len(list); i++) {
        struct integration own = {rules_new(arena), generators_new(arena), arena};
        struct place root = {.to = &own, .part = RULES_BODY, .err = place->err};
        struct json *variant = json_new_object(arena), *example = NULL;
        int rc = take_example(&root, json_at(list, i), &example);
        if (rc) {
            return err_wrap(place->err, "variant %zu", i);
        }
        struct json *rules = json_get(rules_write(own.rules, arena), "body");
        struct json *generators = json_get(generators_write(own.generators, arena), "body");
        json_set(arena, variant, "index", json_new_int(arena, (int64_t)i));
        json_set(arena, variant, "rules", rules ? rules : json_new_object(arena));
        if (generators) {
            json_set(arena, variant, "generators", generators);
        }
        json_append(arena, variants, variant);
        json_append(arena, examples, example);
    }
    json_set(arena, rule, "variants", variants);
    *ret_examples = examples;
    return 0;
}

static int make_rule(const struct place *place, struct str name, const struct json *from,
                     struct json **ret, struct json **ret_examples);

/* The rules of eachKey and eachValue: matchers by name, or rules as files have them. */
static int take_inner(const struct place *place, const struct json *list, struct json *rule)
{
    struct arena *arena = place->to->arena;
    struct json *rules = json_new_array(arena);
    if (list && !json_is(list, JSON_ARRAY)) {
        return fail_at(place, "'rules' must be an array", STR_NONE);
    }
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *one = json_at(list, i);
        struct str name = json_get_text(one, MATCHER_KEY);
        struct json *made = NULL, *examples = NULL;
        int rc =
            make_rule(place, name.ptr ? name : json_get_text(one, "match"), one, &made, &examples);
        if (rc) {
            return rc;
        }
        json_append(arena, rules, made);
    }
    json_set(arena, rule, "rules", rules);
    return 0;
}

/* A rule object as files have it. */
static int make_rule(const struct place *place, struct str name, const struct json *from,
                     struct json **ret, struct json **ret_examples)
{
    struct arena *arena = place->to->arena;
    struct json *rule = json_new_object(arena);
    if (!name.ptr) {
        return fail_at(place, "a matcher without its name", STR_NONE);
    }
    json_set(arena, rule, "match", json_new_str(arena, name));
    enum matcher_kind kind = matcher_kind_of(rule);
    if (kind == MATCHER_UNKNOWN) {
        return fail_at(place, "there is no matcher", name);
    }
    json_set(arena, rule, "match", json_new_text(arena, matcher_name(kind)));
    (void)copy_attributes(arena, rule_attributes, RULE_ATTRIBUTES, str_of(matcher_name(kind)), from,
                          rule);
    *ret = rule;
    if (kind == MATCHER_ARRAY_CONTAINS) {
        return take_variants(place, json_get(from, "variants"), rule, ret_examples);
    }
    if (kind == MATCHER_EACH_KEY || kind == MATCHER_EACH_VALUE) {
        const struct json *generator = json_get(from, "generator"); /* of a definition */
        if (json_is(generator, JSON_OBJECT)) {
            json_set(arena, rule, "generator", json_copy(arena, generator));
        }
        return take_inner(place, json_get(from, "rules"), rule);
    }
    return 0;
}

/* Everything that one object says beside its example. */
struct told {
    bool open;             /* children stand at `.*` */
    struct json *examples; /* of variants or a definition; NULL if none */
    const struct json *generator;
};

static int take_definition(const struct place *place, struct str text, struct told *told)
{
    struct expression expression;
    int rc = expression_parse(text, place->to->arena, &expression, place->err);
    if (rc) {
        struct str at = where(place);
        return err_wrap(place->err, "%s%s%.*s", rules_part_name(place->part), at.len ? " " : "",
                        STR_FMT(at));
    }
    if (expression.has_reference) {
        return fail_at(place, "nothing here can resolve what is referred to in", text);
    }
    VEC_EACH(&expression.matchers, const struct matcher *, matcher) {
        told->open =
            told->open || matcher->kind == MATCHER_EACH_KEY || matcher->kind == MATCHER_EACH_VALUE;
        rc = rc ? rc : add_rule(place, matcher);
    }
    told->examples = told->examples ? told->examples : expression.value;
    told->generator = told->generator ? told->generator : expression.generator;
    return rc;
}

/* A matcher by its name, with its attributes in `from`, or a definition. */
static int take_matcher(const struct place *place, struct str name, const struct json *from,
                        struct told *told)
{
    struct json *rule = NULL;
    struct matcher matcher;
    struct json *probe = json_new_object(place->to->arena);
    json_set(place->to->arena, probe, "match", json_new_str(place->to->arena, name));
    if (matcher_kind_of(probe) == MATCHER_UNKNOWN && expression_is(name)) {
        return take_definition(place, name, told);
    }
    int rc = make_rule(place, name, from, &rule, &told->examples);
    rc = rc ? rc : matcher_read(rule, place->to->arena, &matcher, place->err);
    if (rc) {
        return rc;
    }
    told->open = told->open || matcher.kind == MATCHER_VALUES || matcher.kind == MATCHER_EACH_KEY ||
                 matcher.kind == MATCHER_EACH_VALUE || matcher.kind == MATCHER_ARRAY_CONTAINS;
    return add_rule(place, &matcher);
}

static int take_matchers(const struct place *place, const struct json *object, struct told *told)
{
    const struct json *type = json_get(object, MATCHER_KEY);
    if (json_is(type, JSON_STRING)) {
        return take_matcher(place, json_text(type), object, told);
    }
    if (type && !json_is(type, JSON_ARRAY)) {
        return fail_at(place, "'" MATCHER_KEY "' must be a text or an array", STR_NONE);
    }
    for (size_t i = 0; i < json_len(type); i++) {
        const struct json *one = json_at(type, i);
        struct str name =
            json_is(one, JSON_STRING) ? json_text(one) : json_get_text(one, MATCHER_KEY);
        name = name.ptr ? name : json_get_text(one, "match");
        if (!name.ptr) {
            return fail_at(place, "a matcher without its name", STR_NONE);
        }
        int rc = take_matcher(place, name, one, told);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

static int take_generator(const struct place *place, const struct json *object, struct told *told)
{
    struct arena *arena = place->to->arena;
    const struct json *type = json_get(object, GENERATOR_KEY);
    struct json *generator = json_new_object(arena);
    if (!type) {
        return told->generator ? add_generator(place, told->generator) : 0;
    }
    json_set(arena, generator, "type", json_copy(arena, type));
    if (!json_is(type, JSON_STRING) ||
        !copy_attributes(arena, generator_attributes, GENERATOR_ATTRIBUTES, json_text(type), object,
                         generator)) {
        return fail_at(place, "there is no generator", json_to_str(arena, type, JSON_COMPACT));
    }
    return add_generator(place, generator);
}

/* ---- trees ---- */

static int take_child(const struct place *place, struct path_token token, const struct json *value,
                      struct json **ret)
{
    struct place child = *place;
    size_t len = place->path.len;
    if (len >= LIMIT_RULE_PATH_TOKENS) {
        return err_set(place->err, ERR_LIMIT, "%s: nested deeper than %d",
                       rules_part_name(place->part), LIMIT_RULE_PATH_TOKENS);
    }
    child.path.items = ARENA_ARRAY(place->to->arena, struct path_token, len + 1);
    child.path.cap = child.path.len = len + 1;
    if (len > 0) {
        memcpy(child.path.items, place->path.items, len * sizeof *child.path.items);
    }
    child.path.items[len] = token;
    return take_example(&child, value, ret);
}

/* Members but those of the notation itself; `open`: all of them stand at `.*`. */
static int take_members(const struct place *place, const struct json *object, bool open,
                        struct json **ret)
{
    struct arena *arena = place->to->arena;
    struct json *made = json_new_object(arena);
    for (size_t i = 0; i < json_len(object); i++) {
        struct str key = json_key(object, i);
        struct path_token token = {.kind = open ? PATH_ANY_NAME : PATH_NAME, .name = key};
        struct json *child = NULL;
        if (str_starts(key, STR("pact:"))) {
            continue;
        }
        int rc = take_child(place, token, json_at(object, i), &child);
        if (rc) {
            return rc;
        }
        json_set_str(arena, made, key, child);
    }
    *ret = made;
    return 0;
}

/* Items; `each`: all of them stand at `[*]`. */
static int take_items(const struct place *place, const struct json *list, bool each,
                      struct json **ret)
{
    struct json *made = json_new_array(place->to->arena);
    for (size_t i = 0; i < json_len(list); i++) {
        struct path_token token = {.kind = each ? PATH_ANY_INDEX : PATH_INDEX, .index = (int64_t)i};
        struct json *child = NULL;
        int rc = take_child(place, token, json_at(list, i), &child);
        if (rc) {
            return rc;
        }
        json_append(place->to->arena, made, child);
    }
    *ret = made;
    return 0;
}

/* The example of a matcher: its value, else what the matcher brought along, else other members. */
static int take_value(const struct place *place, const struct json *object, const struct told *told,
                      struct json **ret)
{
    const struct json *value = json_get(object, "value");
    if (!value && told->examples) {
        *ret = told->examples;
        return 0;
    }
    if (!value && json_is(json_get(object, MATCHER_KEY), JSON_ARRAY)) {
        return take_members(place, object, told->open, ret);
    }
    bool matcher = json_get(value, MATCHER_KEY) || json_get(value, GENERATOR_KEY);
    if (json_is(value, JSON_OBJECT) && !matcher) {
        return take_members(place, value, told->open, ret);
    }
    if (json_is(value, JSON_ARRAY)) {
        return take_items(place, value, true, ret);
    }
    if (value) {
        return take_example(place, value, ret);
    }
    *ret = json_new_null(place->to->arena);
    return 0;
}

static int take_example(const struct place *place, const struct json *value, struct json **ret)
{
    struct told told = {0};
    if (json_is(value, JSON_ARRAY)) {
        return take_items(place, value, false, ret);
    }
    if (!json_is(value, JSON_OBJECT)) {
        *ret = value ? json_copy(place->to->arena, value) : json_new_null(place->to->arena);
        return 0;
    }
    if (!json_get(value, MATCHER_KEY) && !json_get(value, GENERATOR_KEY)) {
        return take_members(place, value, false, ret);
    }
    int rc = take_matchers(place, value, &told);
    rc = rc ? rc : take_generator(place, value, &told);
    return rc ? rc : take_value(place, value, &told, ret);
}

int integration_example(const struct integration *to, enum rules_part part, struct str name,
                        const struct json *value, struct json **ret, struct err *err)
{
    struct place root = {.to = to, .part = part, .name = name, .err = err};
    struct json *made = NULL;
    int rc = take_example(&root, value, &made);
    if (rc == 0) {
        *ret = made;
    }
    return rc;
}

int integration_example_at(const struct integration *to, const struct path *path,
                           const struct json *value, struct json **ret, struct err *err)
{
    struct place at = {.to = to, .part = RULES_BODY, .path = *path, .err = err};
    struct json *made = NULL;
    int rc = take_example(&at, value, &made);
    if (rc == 0) {
        *ret = made;
    }
    return rc;
}

int integration_body(const struct integration *to, const struct json *tree, struct json **ret,
                     struct err *err)
{
    return integration_example(to, RULES_BODY, STR(""), tree, ret, err);
}
