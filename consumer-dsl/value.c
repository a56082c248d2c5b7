// SPDX-License-Identifier: Apache-2.0
#include "consumer-dsl/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consumer-dsl/include/tally.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/contract/expression.h"

enum value_kind {
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_JSON,
    VALUE_OBJECT,
    VALUE_ARRAY,
    VALUE_DEFINITION
};

struct tally_value {
    enum value_kind kind;
    char *text;        /* string content, number, JSON text or definition */
    const char *match; /* name of the matcher, NULL = exactly this */
    char *attribute;   /* pattern, format, included text, state value's name */
    int min, max;      /* VALUE_ARRAY with "type": limits, -1 = none */
    bool from_state;   /* a ProviderState generator named by `attribute` */
    size_t len;        /* members or items */
    char **names;      /* VALUE_OBJECT */
    struct tally_value **children;
};

static void *checked(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

static char *copy(const char *text)
{
    return checked(strdup(text ? text : ""));
}

static struct tally_value *value_new(enum value_kind kind, const char *text, const char *match)
{
    struct tally_value *value = checked(calloc(1, sizeof *value));
    value->kind = kind;
    value->text = text ? copy(text) : NULL;
    value->match = match;
    value->min = value->max = -1;
    return value;
}

static struct tally_value *value_with(const char *example, const char *match, const char *attribute)
{
    struct tally_value *value = value_new(VALUE_TEXT, example ? example : "", match);
    value->attribute = copy(attribute);
    return value;
}

static void value_add(struct tally_value *parent, const char *name, struct tally_value *child)
{
    size_t n = parent->len + 1;
    parent->children = checked(realloc(parent->children, n * sizeof *parent->children));
    parent->children[parent->len] = child;
    if (name) {
        parent->names = checked(realloc(parent->names, n * sizeof *parent->names));
        parent->names[parent->len] = copy(name);
    }
    parent->len = n;
}

void value_free(struct tally_value *value)
{
    if (!value)
        return;
    for (size_t i = 0; i < value->len; i++) {
        value_free(value->children[i]);
        if (value->names)
            free(value->names[i]);
    }
    free(value->children);
    free(value->names);
    free(value->text);
    free(value->attribute);
    free(value);
}

struct tally_value *tally_text(const char *text)
{
    return value_new(VALUE_TEXT, text ? text : "", NULL);
}

struct tally_value *tally_int(long long number)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", number);
    return value_new(VALUE_NUMBER, text, NULL);
}

struct tally_value *tally_bool(int truth)
{
    return value_new(VALUE_JSON, truth ? "true" : "false", NULL);
}

struct tally_value *tally_null(void)
{
    return value_new(VALUE_JSON, "null", NULL);
}

struct tally_value *tally_json(const char *json)
{
    return value_new(VALUE_JSON, json ? json : "", NULL);
}

struct tally_value *tally_object(const char *name, ...)
{
    struct tally_value *object = value_new(VALUE_OBJECT, NULL, NULL);
    va_list list;
    va_start(list, name);
    while (name) {
        struct tally_value *child = va_arg(list, struct tally_value *);
        value_add(object, name, child ? child : tally_null());
        name = va_arg(list, const char *);
    }
    va_end(list);
    return object;
}

struct tally_value *tally_array(struct tally_value *first, ...)
{
    struct tally_value *array = value_new(VALUE_ARRAY, NULL, NULL);
    va_list list;
    va_start(list, first);
    for (struct tally_value *item = first; item; item = va_arg(list, struct tally_value *))
        value_add(array, NULL, item);
    va_end(list);
    return array;
}

struct tally_value *tally_like(const char *example)
{
    return value_new(VALUE_TEXT, example ? example : "", "type");
}

struct tally_value *tally_integer(long long example)
{
    struct tally_value *value = tally_int(example);
    value->match = "integer";
    return value;
}

struct tally_value *tally_decimal(const char *example)
{
    return value_new(VALUE_NUMBER, example ? example : "", "decimal");
}

struct tally_value *tally_boolean(int example)
{
    struct tally_value *value = tally_bool(example);
    value->match = "boolean";
    return value;
}

struct tally_value *tally_same_type(struct tally_value *example)
{
    struct tally_value *value = example ? example : tally_null();
    if (!value->match)
        value->match = "type";
    return value;
}

struct tally_value *tally_regex(const char *pattern, const char *example)
{
    return value_with(example, "regex", pattern);
}

struct tally_value *tally_including(const char *part, const char *example)
{
    return value_with(example, "include", part);
}

struct tally_value *tally_datetime(const char *pattern, const char *example)
{
    return value_with(example, "datetime", pattern);
}

struct tally_value *tally_each(struct tally_value *example, int min, int max)
{
    struct tally_value *list = value_new(VALUE_ARRAY, NULL, "type");
    value_add(list, NULL, example ? example : tally_null());
    list->min = min > 0 ? min : 0;
    list->max = max > 0 ? max : -1;
    return list;
}

struct tally_value *tally_from_state(const char *name, const char *example)
{
    struct tally_value *value = value_with(example, "type", name);
    value->from_state = true;
    return value;
}

struct tally_value *tally_matching(const char *definition)
{
    return value_new(VALUE_DEFINITION, definition ? definition : "", NULL);
}

/* ---- handing over ---- */

/* {"match": NAME, attribute…} as in a file, so that one reader knows what matchers mean. */
static struct json *matcher_json(const struct tally_value *value, struct arena *arena)
{
    struct json *rule = json_new_object(arena);
    json_set(arena, rule, "match", json_new_text(arena, value->match));
    const char *attribute = strcmp(value->match, "regex") == 0      ? "regex"
                            : strcmp(value->match, "include") == 0  ? "value"
                            : strcmp(value->match, "datetime") == 0 ? "format"
                                                                    : NULL;
    if (attribute)
        json_set(arena, rule, attribute,
                 json_new_text(arena, arena_strdup(arena, value->attribute)));
    if (value->min >= 0)
        json_set(arena, rule, "min", json_new_int(arena, value->min));
    if (value->max >= 0)
        json_set(arena, rule, "max", json_new_int(arena, value->max));
    return rule;
}

/* An example that its own pattern refuses would fail in every replay. */
static int check_example(struct str pattern, struct str example, const char *path, struct err *err)
{
    const struct re *compiled;
    int status = re_get(pattern, RE_WHOLE, &compiled, err);
    if (status == 0)
        status = re_test(compiled, example, err);
    if (status < 0)
        return err_wrap(err, "pattern at %s", path);
    if (status == 0)
        return err_set(err, ERR_PARSE, "example '%.*s' at %s does not match its own pattern '%.*s'",
                       STR_FMT(example), path, STR_FMT(pattern));
    return 0;
}

static int add_matcher(const struct matcher *matcher, struct str example, const char *path,
                       const struct value_sink *sink, struct err *err)
{
    if (matcher->kind == MATCHER_REGEX) {
        int status = check_example(matcher->text, example, path, err);
        if (status != 0)
            return status;
    }
    return rules_add(sink->rules, sink->part, str_of(arena_strdup(sink->arena, path)), matcher,
                     sink->arena, err);
}

static int add_rule(const struct tally_value *value, const char *path,
                    const struct value_sink *sink, struct err *err)
{
    struct matcher matcher;
    if (!value->match)
        return 0;
    if (matcher_read(matcher_json(value, sink->arena), sink->arena, &matcher, err) != 0)
        return err_wrap(err, "matcher at %s", path);
    return add_matcher(&matcher, str_of(value->text), path, sink, err);
}

static int add_raw_generator(const struct json *raw, const char *path,
                             const struct value_sink *sink, struct err *err)
{
    struct generator *generator = VEC_PUSH(sink->arena, sink->generators);
    generator->part = sink->part;
    generator->where = str_of(arena_strdup(sink->arena, path));
    generator->raw = raw;
    if (sink->part == RULES_BODY)
        return path_parse(generator->where, sink->arena, &generator->path, err);
    return 0;
}

static int add_generator(const struct tally_value *value, const char *path,
                         const struct value_sink *sink, struct err *err)
{
    if (!value->from_state)
        return 0;
    struct arena *arena = sink->arena;
    struct json *raw = json_new_object(arena);
    json_set(arena, raw, "type", json_new_text(arena, "ProviderState"));
    json_set(arena, raw, "expression",
             json_new_str(arena, str_printf(arena, "${%s}", value->attribute)));
    json_set(arena, raw, "dataType", json_new_text(arena, "STRING"));
    return add_raw_generator(raw, path, sink, err);
}

/* "matching(…)": example, rules and generator at once. */
static int take_definition(const struct tally_value *value, const char *path,
                           const struct value_sink *sink, struct json **ret, struct err *err)
{
    struct str text = str_of(arena_strdup(sink->arena, value->text));
    struct expression expression = {0};
    if (expression_parse(text, sink->arena, &expression, err) != 0)
        return err_wrap(err, "definition at %s", path);
    if (expression.matchers.len == 0 || expression.has_reference || !expression.value)
        return err_set(err, ERR_PARSE, "'%s' at %s %s", value->text, path,
                       expression.matchers.len == 0 ? "is no matching definition"
                       : expression.has_reference   ? "refers to another definition"
                                                    : "gives no example");
    VEC_EACH(&expression.matchers, const struct matcher *, matcher) {
        int status = add_matcher(matcher, expression.text, path, sink, err);
        if (status != 0)
            return status;
    }
    if (add_rule(value, path, sink, err) != 0) /* of tally_same_type() around it */
        return err->code;
    *ret = expression.value;
    return expression.generator ? add_raw_generator(expression.generator, path, sink, err) : 0;
}

/* Names that the path grammar takes bare; everything else is quoted. */
static bool plain_name(const char *name)
{
    if (!*name)
        return false;
    for (const char *c = name; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              strchr("_-:#@", *c)))
            return false;
    return true;
}

static int take(const struct tally_value *value, const char *path, const struct value_sink *sink,
                struct json **ret, struct err *err);

static int take_children(const struct tally_value *value, const char *path,
                         const struct value_sink *sink, struct json *parent, struct err *err)
{
    struct arena *arena = sink->arena;
    bool each = value->kind == VALUE_ARRAY && value->match;
    for (size_t i = 0; i < value->len; i++) {
        struct json *child = NULL;
        char *below;
        if (value->kind == VALUE_OBJECT)
            below = plain_name(value->names[i])
                        ? arena_printf(arena, "%s.%s", path, value->names[i])
                        : arena_printf(arena, "%s['%s']", path, value->names[i]);
        else
            below =
                each ? arena_printf(arena, "%s[*]", path) : arena_printf(arena, "%s[%zu]", path, i);
        int status = take(value->children[i], below, sink, &child, err);
        if (status != 0)
            return status;
        if (value->kind == VALUE_OBJECT) {
            json_set(arena, parent, arena_strdup(arena, value->names[i]), child);
            continue;
        }
        /* The mock's answer has to satisfy its own minimum. */
        for (int copies = each && value->min > 1 ? value->min : 1; copies > 0; copies--)
            json_append(arena, parent, copies == 1 ? child : json_copy(arena, child));
    }
    return 0;
}

static int take(const struct tally_value *value, const char *path, const struct value_sink *sink,
                struct json **ret, struct err *err)
{
    struct arena *arena = sink->arena;
    struct json *made = NULL;
    switch (value->kind) {
    case VALUE_DEFINITION:
        return take_definition(value, path, sink, ret, err);
    case VALUE_TEXT:
        made = json_new_text(arena, arena_strdup(arena, value->text));
        break;
    case VALUE_NUMBER:
    case VALUE_JSON:
        if (json_parse(str_of(arena_strdup(arena, value->text)), "value", arena, &made, err) != 0)
            return err_wrap(err, "'%s' at %s", value->text, path);
        if (value->kind == VALUE_NUMBER && !json_is(made, JSON_NUMBER))
            return err_set(err, ERR_PARSE, "'%s' at %s is not a number", value->text, path);
        break;
    case VALUE_OBJECT:
        made = json_new_object(arena);
        break;
    case VALUE_ARRAY:
        made = json_new_array(arena);
        break;
    }
    int status = add_rule(value, path, sink, err);
    if (status == 0)
        status = add_generator(value, path, sink, err);
    if (status == 0)
        status = take_children(value, path, sink, made, err);
    if (status != 0)
        return status;
    *ret = made;
    return 0;
}

int value_take(struct tally_value *value, const char *path, const struct value_sink *sink,
               struct json **ret, struct err *err)
{
    if (!value)
        return err_set(err, ERR_PARSE, "no value given at %s", path);
    int status = take(value, path, sink, ret, err);
    value_free(value);
    return status;
}
