// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/rules.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/map.h"
#include "lib/base/re.h"
#include "lib/contract/rules_table.h"
#include "lib/contract/select.h"

/* Every matcher: its name in files, and the attribute that holds its text. */
static const struct matcher_info matcher_table[] = {
    [MATCHER_EQUALITY] = {"equality", NULL},
    [MATCHER_REGEX] = {"regex", "regex"},
    [MATCHER_TYPE] = {"type", NULL},
    [MATCHER_INCLUDE] = {"include", "value"},
    [MATCHER_NUMBER] = {"number", NULL},
    [MATCHER_INTEGER] = {"integer", NULL},
    [MATCHER_DECIMAL] = {"decimal", NULL},
    [MATCHER_BOOLEAN] = {"boolean", NULL},
    [MATCHER_NULL] = {"null", NULL},
    [MATCHER_DATE] = {"date", "format"},
    [MATCHER_TIME] = {"time", "format"},
    [MATCHER_DATETIME] = {"datetime", "format"},
    [MATCHER_CONTENT_TYPE] = {"contentType", "value"},
    [MATCHER_VALUES] = {"values", NULL},
    [MATCHER_ARRAY_CONTAINS] = {"arrayContains", NULL},
    [MATCHER_STATUS_CODE] = {"statusCode", NULL},
    [MATCHER_NOT_EMPTY] = {"notEmpty", NULL},
    [MATCHER_SEMVER] = {"semver", NULL},
    [MATCHER_EACH_KEY] = {"eachKey", NULL},
    [MATCHER_EACH_VALUE] = {"eachValue", NULL},
    [MATCHER_UNKNOWN] = {"unknown", NULL},
};

/* Other spellings met in files. */
static const struct {
    const char *name;
    enum matcher_kind kind;
} aliases[] = {
    {"min", MATCHER_TYPE},
    {"max", MATCHER_TYPE},
    {"min-type", MATCHER_TYPE},
    {"max-type", MATCHER_TYPE},
    {"minType", MATCHER_TYPE},
    {"maxType", MATCHER_TYPE},
    {"min-max-type", MATCHER_TYPE},
    {"real", MATCHER_DECIMAL},
    {"timestamp", MATCHER_DATETIME},
    {"content-type", MATCHER_CONTENT_TYPE},
    {"array-contains", MATCHER_ARRAY_CONTAINS},
    {"status-code", MATCHER_STATUS_CODE},
    {"not-empty", MATCHER_NOT_EMPTY},
    {"each-key", MATCHER_EACH_KEY},
    {"each-value", MATCHER_EACH_VALUE},
};

/* Attributes that say what a rule without `match` is. */
static const struct {
    const char *attribute;
    enum matcher_kind kind;
} hints[] = {
    {"regex", MATCHER_REGEX},        {"min", MATCHER_TYPE},          {"max", MATCHER_TYPE},
    {"timestamp", MATCHER_DATETIME}, {"datetime", MATCHER_DATETIME}, {"time", MATCHER_TIME},
    {"date", MATCHER_DATE},
};

const struct matcher_info *matcher_info(enum matcher_kind kind)
{
    return &matcher_table[kind];
}

const char *matcher_name(enum matcher_kind kind)
{
    return matcher_table[kind].name;
}

enum matcher_kind matcher_kind_of(const struct json *rule)
{
    struct str name = json_get_text(rule, "match");
    if (!name.ptr) {
        for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
            if (json_get(rule, hints[i].attribute)) {
                return hints[i].kind;
            }
        }
        return MATCHER_UNKNOWN;
    }
    for (int kind = 0; kind < MATCHER_UNKNOWN; kind++) {
        if (str_is(name, matcher_table[kind].name)) {
            return (enum matcher_kind)kind;
        }
    }
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (str_is(name, aliases[i].name)) {
            return aliases[i].kind;
        }
    }
    return MATCHER_UNKNOWN;
}

struct rules *rules_new(struct arena *arena)
{
    return ARENA_NEW(arena, struct rules);
}

enum { LINEAR_RULES = 16 };

static struct rule *find(const struct rules *rules, enum rules_part part, struct str where)
{
    if (rules->part[part].by_text) {
        uintptr_t at = (uintptr_t)map_get(rules->part[part].by_text, where);
        return at ? &rules->part[part].items[at - 1] : NULL;
    }
    VEC_EACH(&rules->part[part], struct rule *, rule) {
        if (str_eq(rule->text, where)) {
            return rule;
        }
    }
    return NULL;
}

/* Rules move when there are more of them, so the map holds their numbers. */
static void remember_last(struct rules *rules, enum rules_part part, struct arena *arena)
{
    size_t len = rules->part[part].len;
    if (len <= LINEAR_RULES) {
        return;
    }
    size_t first = rules->part[part].by_text ? len - 1 : 0;
    if (!rules->part[part].by_text) {
        rules->part[part].by_text = map_new(arena);
    }
    for (size_t i = first; i < len; i++) {
        map_put(rules->part[part].by_text, rules->part[part].items[i].text,
                (void *)(uintptr_t)(i + 1));
    }
}

bool rules_part_has_paths(enum rules_part part)
{
    return part == RULES_BODY;
}

bool rules_part_is_single(enum rules_part part)
{
    return part == RULES_METHOD || part == RULES_PATH || part == RULES_STATUS;
}

int rules_slot(struct rules *rules, enum rules_part part, struct str where, struct arena *arena,
               struct rule **ret, struct err *err)
{
    struct path path = {0};
    if (rules_part_is_single(part)) {
        where = STR("");
    }
    struct rule *rule = find(rules, part, where);
    if (!rule) {
        if (rules_part_has_paths(part)) {
            int rc = path_parse(where, arena, &path, err);
            if (rc) {
                return rc;
            }
        }
        size_t order = rules->part[part].len;
        rule = VEC_PUSH(arena, &rules->part[part]);
        rule->text = str_dup(arena, where);
        rule->path = path;
        rule->order = order;
        remember_last(rules, part, arena);
    }
    rules->body_tree = NULL;
    rules->unusable = NULL; /* rules may have moved */
    *ret = rule;
    return 0;
}

int rules_add(struct rules *rules, enum rules_part part, struct str where,
              const struct matcher *matcher, struct arena *arena, struct err *err)
{
    struct rule *rule = NULL;
    int rc = rules_slot(rules, part, where, arena, &rule, err);
    if (rc == 0) {
        *VEC_PUSH(arena, &rule->matchers) = *matcher;
    }
    return rc;
}

static int check_matcher(const struct matcher *matcher, struct err *err);

/* Why a rule cannot be used; rules inside of it were prepared before. */
static int check_rule(const struct rule *rule, struct err *err)
{
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        int rc = check_matcher(matcher, err);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

static int check_matcher(const struct matcher *matcher, struct err *err)
{
    const struct re *re;
    if (matcher->kind == MATCHER_REGEX) {
        return re_get(matcher->text, RE_WHOLE, &re, err);
    }
    if (matcher->inner && matcher->inner->unusable) {
        return check_rule(matcher->inner->unusable, err);
    }
    VEC_EACH(&matcher->variants, const struct matcher_variant *, variant) {
        if (variant->rules && variant->rules->unusable) {
            return check_rule(variant->rules->unusable, err);
        }
    }
    return 0;
}

static const struct rule *find_unusable(const struct rules *rules)
{
    for (int i = 0; i < RULES_PARTS; i++) {
        VEC_EACH(&rules->part[i], const struct rule *, rule) {
            if (check_rule(rule, NULL) != 0) {
                return rule;
            }
        }
    }
    return NULL;
}

void rules_prepare(struct rules *rules, struct arena *arena)
{
    rules->body_tree = select_compile(rules, RULES_BODY, arena);
    rules->unusable = find_unusable(rules);
}

int rules_usable(const struct rules *rules, const char *source, struct err *err)
{
    const struct rule *rule = rules->unusable;
    struct err why = ERR_INIT;
    int rc = rule ? check_rule(rule, &why) : 0;
    if (rc == 0) {
        return 0;
    }
    return err_at(err, why.code, source, rule->line, rule->column, "matching rule '%.*s': %s",
                  STR_FMT(rule->text), why.text);
}

const struct rule *rules_select(const struct rules *rules, enum rules_part part,
                                const struct path *at, bool *ret_cascaded)
{
    const struct rule *best = NULL;
    VEC_EACH(&rules->part[part], const struct rule *, rule) {
        if (rule->matchers.len == 0 || path_weight(&rule->path, at) == 0) {
            continue;
        }
        if (!best || path_compare(&rule->path, &best->path) < 0) {
            best = rule;
        }
    }
    if (ret_cascaded) {
        *ret_cascaded = best && best->path.len < at->len;
    }
    return best;
}

const struct rule *rules_named(const struct rules *rules, enum rules_part part, struct str name)
{
    VEC_EACH(&rules->part[part], const struct rule *, rule) {
        bool same = part == RULES_HEADER ? str_eq_nocase(rule->text, name)
                                         : rules_part_is_single(part) || str_eq(rule->text, name);
        if (same && rule->matchers.len > 0) {
            return rule;
        }
    }
    return NULL;
}
