// SPDX-License-Identifier: Apache-2.0
/* Generators from JSON and back. */
#include "lib/contract/generate.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/rules_table.h"

struct generators *generators_new(struct arena *arena)
{
    return ARENA_NEW(arena, struct generators);
}

static int read_one(const struct json *value, enum rules_part part, struct str where,
                    struct arena *arena, struct generators *ret, struct err *err)
{
    struct generator generator = {.where = where, .raw = value, .part = part};
    if (!json_is(value, JSON_OBJECT)) {
        return err_set(err, ERR_PARSE, "generator '%.*s' must be an object", STR_FMT(where));
    }
    if (rules_part_has_paths(part)) {
        int rc = path_parse(where, arena, &generator.path, err);
        if (rc) {
            return err_wrap(err, "generator");
        }
    }
    *VEC_PUSH(arena, ret) = generator;
    return 0;
}

static int read_category(const struct json *value, enum rules_part part, struct arena *arena,
                         struct generators *ret, struct err *err)
{
    if (!json_is(value, JSON_OBJECT)) {
        return err_set(err, ERR_PARSE, "category '%s' of the generators must be an object",
                       rules_part_name(part));
    }
    if (rules_part_is_single(part) || json_is(json_get(value, "type"), JSON_STRING)) {
        struct str where = rules_part_has_paths(part) ? STR("$") : STR("");
        return read_one(value, part, where, arena, ret, err);
    }
    for (size_t i = 0; i < json_len(value); i++) {
        int rc = read_one(json_at(value, i), part, json_key(value, i), arena, ret, err);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

int generators_read_paths(const struct json *value, struct arena *arena, struct generators *ret,
                          struct err *err)
{
    const struct json *body = json_get(value, "body"); /* some write the category, too */
    bool category = json_is(body, JSON_OBJECT) && !json_get(body, "type");
    return read_category(category ? body : value, RULES_BODY, arena, ret, err);
}

int generators_read(const struct json *value, bool flat, struct arena *arena,
                    struct generators *ret, struct err *err)
{
    int rc = 0;
    if (!json_is(value, JSON_OBJECT)) {
        return err_set(err, ERR_PARSE, "'generators' must be an object");
    }
    for (size_t i = 0; rc == 0 && i < json_len(value); i++) {
        struct str key = json_key(value, i), where;
        enum rules_part part;
        if (flat) {
            if (!rules_flat_place(key, arena, &part, &where)) {
                return err_set(err, ERR_PARSE, "generator '%.*s': unknown part", STR_FMT(key));
            }
            rc = read_one(json_at(value, i), part, where, arena, ret, err);
        } else if (rules_part_of(key, &part)) {
            rc = read_category(json_at(value, i), part, arena, ret, err);
        } else {
            ret->extra = ret->extra ? ret->extra : json_new_object(arena);
            json_set_str(arena, ret->extra, key, json_at(value, i));
        }
    }
    return rc;
}

struct json *generators_write(const struct generators *generators, struct arena *arena)
{
    struct json *out = NULL;
    for (int i = 0; i < RULES_PARTS; i++) {
        enum rules_part part = (enum rules_part)i;
        struct json *category = NULL;
        VEC_EACH(generators, const struct generator *, generator) {
            if (generator->part != part) {
                continue;
            }
            struct json *copy = json_copy(arena, generator->raw);
            if (rules_part_is_single(part)) {
                category = copy;
                continue;
            }
            category = category ? category : json_new_object(arena);
            json_set_str(arena, category, generator->where, copy);
        }
        if (category) {
            out = out ? out : json_new_object(arena);
            json_set(arena, out, rules_part_name(part), category);
        }
    }
    for (size_t i = 0; i < json_len(generators->extra); i++) {
        out = out ? out : json_new_object(arena);
        json_set_str(arena, out, json_key(generators->extra, i), json_at(generators->extra, i));
    }
    return out;
}
