// SPDX-License-Identifier: Apache-2.0
/* Integration JSON where texts stand: headers, query parameters, path, status. */
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/integration_example.h"
#include "lib/contract/rules_table.h"

/* One value of a name, its rules and generators still apart from the others. */
struct value {
    struct integration own;
    struct integration_values texts;
};

static int add_texts(struct value *value, enum rules_part part, struct str name,
                     const struct json *example, struct err *err)
{
    struct arena *arena = value->own.arena;
    for (size_t i = 0; json_is(example, JSON_ARRAY) && i < json_len(example); i++) {
        const struct json *item = json_at(example, i);
        if (json_is(item, JSON_ARRAY)) {
            return err_set(err, ERR_PARSE, "%s %.*s: a value must be a text", rules_part_name(part),
                           STR_FMT(name));
        }
        int rc = add_texts(value, part, name, item, err);
        if (rc) {
            return rc;
        }
    }
    if (json_is(example, JSON_OBJECT)) {
        return err_set(err, ERR_PARSE, "%s %.*s: a value must be a text", rules_part_name(part),
                       STR_FMT(name));
    }
    if (!json_is(example, JSON_ARRAY)) {
        *VEC_PUSH(arena, &value->texts) = json_is(example, JSON_STRING) ? json_text(example)
                                          : json_is(example, JSON_NULL)
                                              ? STR("")
                                              : json_to_str(arena, example, JSON_COMPACT);
    }
    return 0;
}

static int read_value(struct value *value, enum rules_part part, struct str name,
                      const struct json *from, struct err *err)
{
    struct json *example = NULL;
    struct arena *arena = value->own.arena;
    value->own.rules = rules_new(arena);
    value->own.generators = generators_new(arena);
    int rc = integration_example(&value->own, part, name, from, &example, err);
    return rc ? rc : add_texts(value, part, name, example, err);
}

/* Hand over under the name that the values have together, or the one of this value. */
static int hand_over(const struct integration *to, const struct value *value, enum rules_part part,
                     struct str name, struct err *err)
{
    VEC_EACH(&value->own.rules->part[part], const struct rule *, rule) {
        VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
            int rc = rules_add(to->rules, part, name, matcher, to->arena, err);
            if (rc) {
                return rc;
            }
        }
    }
    VEC_EACH(value->own.generators, const struct generator *, generator) {
        struct generator *made = VEC_PUSH(to->arena, to->generators);
        *made = *generator;
        made->where = name;
    }
    return 0;
}

int integration_values(const struct integration *to, enum rules_part part, struct str name,
                       const struct json *from, struct integration_values *ret, struct err *err)
{
    struct integration_values texts = {0};
    bool list = json_is(from, JSON_ARRAY), apart = false;
    size_t n = list ? json_len(from) : 1;
    struct value *values = ARENA_ARRAY(to->arena, struct value, n);
    for (size_t i = 0; i < n; i++) {
        values[i].own.arena = to->arena;
        int rc = read_value(&values[i], part, name, list ? json_at(from, i) : from, err);
        if (rc) {
            return rc;
        }
        const struct integration *own = &values[i].own;
        apart = apart || (i > 0 && (own->rules->part[part].len > 0 || own->generators->len > 0));
    }
    for (size_t i = 0; i < n; i++) {
        struct str key = apart ? str_printf(to->arena, "%.*s[%zu]", STR_FMT(name), texts.len)
                               : str_dup(to->arena, name);
        int rc = hand_over(to, &values[i], part, key, err);
        if (rc) {
            return rc;
        }
        VEC_EACH(&values[i].texts, const struct str *, text) {
            *VEC_PUSH(to->arena, &texts) = *text;
        }
    }
    *ret = texts;
    return 0;
}

/* The only text of a part without names. */
static int only_text(const struct integration *to, enum rules_part part, const struct json *from,
                     struct str *ret, struct err *err)
{
    struct value value = {.own = {.arena = to->arena}};
    int rc = read_value(&value, part, STR(""), from, err);
    if (rc) {
        return rc;
    }
    if (value.texts.len != 1) {
        return err_set(err, ERR_PARSE, "%s: expected one value, found %zu", rules_part_name(part),
                       value.texts.len);
    }
    *ret = value.texts.items[0];
    return hand_over(to, &value, part, STR(""), err);
}

int integration_path(const struct integration *to, const struct json *value, struct str *ret,
                     struct err *err)
{
    struct str text = STR_NONE;
    int rc = only_text(to, RULES_PATH, value, &text, err);
    if (rc) {
        return rc;
    }
    if (!str_starts(text, STR("/"))) {
        return err_set(err, ERR_PARSE, "path: expected a text that begins with '/', found '%.*s'",
                       STR_FMT(str_sub(text, 0, LIMIT_NAME)));
    }
    *ret = text;
    return 0;
}

int integration_status(const struct integration *to, const struct json *value, int *ret,
                       struct err *err)
{
    struct str text = STR_NONE;
    int64_t status = 0;
    int rc = only_text(to, RULES_STATUS, value, &text, err);
    if (rc) {
        return rc;
    }
    if (!str_to_i64(text, 100, 599, &status)) {
        return err_set(err, ERR_PARSE, "status: expected a number from 100 to 599, found '%.*s'",
                       STR_FMT(str_sub(text, 0, LIMIT_NAME)));
    }
    *ret = (int)status;
    return 0;
}
