// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/inventory.h"

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/contract/mapping.h"
#include "lib/json/json.h"

struct checking {
    struct arena *arena;
    struct inventory_problems *problems;
    struct map *names;
    size_t index;
};

static void wrong(struct checking *checking, const struct json *at, const char *text)
{
    *VEC_PUSH(checking->arena, checking->problems) =
        (struct inventory_problem){at, true, checking->index, text};
}

static bool filled(const struct json *value)
{
    return json_is(value, JSON_STRING) && str_trim(json_text(value)).len > 0;
}

static void check_name(struct checking *checking, const struct json *item)
{
    const struct json *value = json_get(item, "name");
    struct str name = json_get_text(item, "name");
    if (!value)
        wrong(checking, item, "name is missing");
    else if (!mapping_is_method(name))
        wrong(checking, value, "name must be a repository method like TransactionRepository.page");
    else if (map_has(checking->names, name))
        wrong(checking, value, "name is that of an earlier method");
    if (name.ptr)
        map_put(checking->names, name, checking);
}

static void check_method(struct checking *checking, const struct json *item)
{
    const struct json *owner = json_get(item, "owner"), *screens = json_get(item, "screens");
    if (!json_is(item, JSON_OBJECT)) {
        wrong(checking, item, "must be a hash");
        return;
    }
    check_name(checking, item);
    if (owner && !filled(owner))
        wrong(checking, owner, "owner must be a filled string");
    if (screens && !json_is(screens, JSON_ARRAY))
        wrong(checking, screens, "screens must be an array");
    for (size_t i = 0; json_is(screens, JSON_ARRAY) && i < json_len(screens); i++) {
        if (!filled(json_at(screens, i)))
            wrong(checking, json_at(screens, i), "screens must be names of screens");
    }
}

void inventory_check(const struct json *root, struct arena *arena, struct inventory_problems *ret)
{
    struct checking checking = {.arena = arena, .problems = ret, .names = map_new(arena)};
    const struct json *methods = json_get(root, "methods");
    if (!json_is(methods, JSON_ARRAY)) {
        *VEC_PUSH(arena, ret) = (struct inventory_problem){
            .at = methods ? methods : root, .text = methods ? "must be an array" : "is missing"};
        return;
    }
    for (checking.index = 0; checking.index < json_len(methods); checking.index++)
        check_method(&checking, json_at(methods, checking.index));
}
