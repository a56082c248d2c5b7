// SPDX-License-Identifier: Apache-2.0
/* Rules as V4 has them: by category, each path with its list of matchers. */
#include <ctype.h>

#include "lib/base/arena.h"
#include "lib/contract/rules_table.h"

/* A rule object from the fields alone, for matchers that were built. */
static struct json *build(const struct matcher *matcher, struct arena *arena)
{
    const char *attribute = matcher_info(matcher->kind)->text_attribute;
    struct json *out = json_new_object(arena);
    if (attribute && matcher->text.ptr) {
        json_set(arena, out, attribute, json_new_str(arena, matcher->text));
    }
    if (matcher->has_min) {
        json_set(arena, out, "min", json_new_int(arena, matcher->min));
    }
    if (matcher->has_max) {
        json_set(arena, out, "max", json_new_int(arena, matcher->max));
    }
    return out;
}

static struct json *write_variants(const struct matcher *matcher, struct arena *arena)
{
    const struct json *raw = json_get(matcher->raw, "variants");
    struct json *list = json_new_array(arena);
    for (size_t i = 0; i < matcher->variants.len; i++) {
        const struct matcher_variant *variant = &matcher->variants.items[i];
        struct json *item =
            i < json_len(raw) ? json_copy(arena, json_at(raw, i)) : json_new_object(arena);
        struct json *all = rules_write(variant->rules, arena);
        json_set(arena, item, "index", json_new_int(arena, variant->index));
        struct json *body = json_get(all, "body");
        json_set(arena, item, "rules", body ? body : json_new_object(arena));
        json_append(arena, list, item);
    }
    return list;
}

static struct json *write_inner(const struct matcher *matcher, struct arena *arena)
{
    struct json *list = json_new_array(arena);
    VEC_EACH(&matcher->inner->part[RULES_BODY], const struct rule *, rule) {
        VEC_EACH(&rule->matchers, const struct matcher *, one) {
            json_append(arena, list, matcher_write(one, arena));
        }
    }
    return list;
}

struct json *matcher_write(const struct matcher *matcher, struct arena *arena)
{
    struct json *out = matcher->raw ? json_copy(arena, matcher->raw) : build(matcher, arena);
    if (matcher->kind != MATCHER_UNKNOWN) {
        struct json *name = json_new_text(arena, matcher_name(matcher->kind));
        if (json_get(out, "match")) {
            json_set(arena, out, "match", name);
        } else {
            json_insert_first(arena, out, "match", name);
        }
    }
    /* Old spellings of a format are written as the attribute that V4 knows. */
    const char *attribute = matcher_info(matcher->kind)->text_attribute;
    if (attribute && matcher->text.ptr && !json_get(out, attribute)) {
        json_set(arena, out, attribute, json_new_str(arena, matcher->text));
    }
    if (matcher->kind == MATCHER_ARRAY_CONTAINS) {
        json_set(arena, out, "variants", write_variants(matcher, arena));
    }
    if (matcher->inner) {
        json_set(arena, out, "rules", write_inner(matcher, arena));
    }
    return out;
}

static struct json *write_rule(const struct rule *rule, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    struct json *list = json_new_array(arena);
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        json_append(arena, list, matcher_write(matcher, arena));
    }
    if (!json_get(rule->extra, "combine")) {
        json_set(arena, out, "combine", json_new_text(arena, rule->any ? "OR" : "AND"));
    }
    json_set(arena, out, "matchers", list);
    for (size_t i = 0; i < json_len(rule->extra); i++) {
        json_set_str(arena, out, json_key(rule->extra, i), json_at(rule->extra, i));
    }
    return out;
}

struct json *rules_write(const struct rules *rules, struct arena *arena)
{
    struct json *out = NULL;
    for (int part = 0; part < RULES_PARTS; part++) {
        struct json *category = NULL;
        if (rules->part[part].len == 0) {
            continue;
        }
        if (rules_part_is_single((enum rules_part)part)) {
            category = write_rule(&rules->part[part].items[0], arena);
        } else {
            category = json_new_object(arena);
            VEC_EACH(&rules->part[part], const struct rule *, rule) {
                json_set_str(arena, category, rule->text, write_rule(rule, arena));
            }
        }
        out = out ? out : json_new_object(arena);
        json_set(arena, out, rules_part_name((enum rules_part)part), category);
    }
    for (size_t i = 0; i < json_len(rules->extra); i++) {
        out = out ? out : json_new_object(arena);
        json_set_str(arena, out, json_key(rules->extra, i), json_at(rules->extra, i));
    }
    return out;
}

static bool plain_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!isalnum((unsigned char)name.ptr[i]) && !strchr("_-", name.ptr[i])) {
            return false;
        }
    }
    return name.len > 0;
}

struct str rules_flat_where(enum rules_part part, struct str name, struct arena *arena)
{
    const char *category = part == RULES_HEADER ? "headers" : rules_part_name(part);
    if (rules_part_is_single(part)) {
        return str_printf(arena, "$.%s", category);
    }
    if (rules_part_has_paths(part)) {
        bool rooted = str_starts(name, STR("$"));
        struct str rest = rooted ? str_sub(name, 1, name.len - 1) : name;
        return str_printf(arena, "$.%s%s%.*s", category, rooted ? "" : ".", STR_FMT(rest));
    }
    return plain_name(name) ? str_printf(arena, "$.%s.%.*s", category, STR_FMT(name))
                            : str_printf(arena, "$.%s['%.*s']", category, STR_FMT(name));
}
