// SPDX-License-Identifier: Apache-2.0
#include "lib/json/json.h"

#include "lib/base/arena.h"
#include "lib/json/json_node.h"

static struct json *new_node(struct arena *arena, enum json_type type)
{
    struct json *node = ARENA_NEW(arena, struct json);
    node->type = type;
    node->built = 1;
    return node;
}

static struct json *new_text(struct arena *arena, enum json_type type, struct str text)
{
    assert(text.len < 1u << 30);
    struct json *node = new_node(arena, type);
    node->text = text.ptr ? text.ptr : "";
    node->len = (uint32_t)text.len & ((1u << 30) - 1);
    return node;
}

struct json *json_new_null(struct arena *arena)
{
    return new_node(arena, JSON_NULL);
}

struct json *json_new_bool(struct arena *arena, bool value)
{
    struct json *node = new_node(arena, JSON_BOOL);
    node->len = value;
    return node;
}

struct json *json_new_int(struct arena *arena, int64_t value)
{
    return json_new_number(arena, str_of(arena_printf(arena, "%lld", (long long)value)));
}

struct json *json_new_number(struct arena *arena, struct str text)
{
    struct json *node = new_text(arena, JSON_NUMBER, text);
    node->integer = str_chr(text, '.') < 0 && str_chr(text, 'e') < 0 && str_chr(text, 'E') < 0;
    return node;
}

struct json *json_new_str(struct arena *arena, struct str value)
{
    return new_text(arena, JSON_STRING, value);
}

struct json *json_new_text(struct arena *arena, const char *value)
{
    return json_new_str(arena, str_of(value));
}

struct json *json_new_array(struct arena *arena)
{
    return new_node(arena, JSON_ARRAY);
}

struct json *json_new_object(struct arena *arena)
{
    return new_node(arena, JSON_OBJECT);
}

/* Make the container's list one of pointers with room for that many more children. */
static void make_room(struct arena *arena, struct json *container, size_t more)
{
    struct json_list *old = container->list;
    if (container->linked && old && container->len + more <= old->cap)
        return;
    size_t cap = container->len < 4 ? 8 : 2 * (size_t)container->len;
    struct json_list *list = json_list_new(arena, container->type, true, cap);
    for (size_t i = 0; i < container->len; i++) {
        if (container->type == JSON_ARRAY)
            list->refs[i] = json_at(container, i);
        else
            list->members[i] =
                (struct json_member){*json_key_node(container, i), json_at(container, i)};
    }
    if (old) { /* the index names members by number, which stay */
        list->repeated = old->repeated;
        list->repeated_first = old->repeated_first;
        list->index = old->index;
    }
    container->list = list;
    container->linked = 1;
}

void json_append(struct arena *arena, struct json *array, struct json *item)
{
    assert(json_is(array, JSON_ARRAY));
    make_room(arena, array, 1);
    array->list->refs[array->len++] = item ? item : json_new_null(arena);
}

static struct json_member new_member(struct arena *arena, struct str key, struct json *value)
{
    struct json_member member = {.value = value ? value : json_new_null(arena)};
    member.key = (struct json){.type = JSON_STRING, .built = 1};
    member.key.text = key.ptr ? key.ptr : "";
    member.key.len = (uint32_t)key.len & ((1u << 30) - 1);
    return member;
}

void json_set_str(struct arena *arena, struct json *object, struct str key, struct json *value)
{
    assert(json_is(object, JSON_OBJECT));
    make_room(arena, object, 1);
    long i = json_index_find(object, key);
    if (i >= 0) {
        object->list->members[i].value = value ? value : json_new_null(arena);
        return;
    }
    object->list->members[object->len++] = new_member(arena, key, value);
    json_index_add(object);
}

void json_set(struct arena *arena, struct json *object, const char *key, struct json *value)
{
    json_set_str(arena, object, str_of(key), value);
}

void json_insert_first(struct arena *arena, struct json *object, const char *key,
                       struct json *value)
{
    assert(json_is(object, JSON_OBJECT));
    json_remove(object, key);
    make_room(arena, object, 1);
    struct json_member *members = object->list->members;
    memmove(members + 1, members, object->len * sizeof *members);
    members[0] = new_member(arena, str_of(key), value);
    object->len++;
    json_index_build(object);
}

void json_remove(struct json *object, const char *key)
{
    if (!json_is(object, JSON_OBJECT))
        return;
    long found = json_index_find(object, str_of(key));
    if (found < 0)
        return;
    make_room(object->list->arena, object, 0);
    struct json_member *member = &object->list->members[found];
    memmove(member, member + 1, (object->len - (size_t)found - 1) * sizeof *member);
    object->len--;
    json_index_build(object);
}

static void copy_into(struct arena *arena, struct json *ret, const struct json *value)
{
    *ret = *value;
    if (value->type != JSON_ARRAY && value->type != JSON_OBJECT)
        return;
    ret->linked = 0;
    ret->list = NULL;
    if (value->len == 0)
        return;
    ret->list = json_list_new(arena, value->type, false, value->len);
    ret->list->repeated = value->list->repeated;
    ret->list->repeated_first = value->list->repeated_first;
    for (size_t i = 0; i < value->len; i++) {
        if (value->type == JSON_ARRAY) {
            copy_into(arena, &ret->list->nodes[i], json_at(value, i));
        } else {
            ret->list->nodes[2 * i] = *json_key_node(value, i);
            copy_into(arena, &ret->list->nodes[2 * i + 1], json_at(value, i));
        }
    }
    if (value->type == JSON_OBJECT)
        json_index_build(ret);
}

struct json *json_copy(struct arena *arena, const struct json *value)
{
    if (!value)
        return NULL;
    struct json *copy = ARENA_NEW(arena, struct json);
    copy_into(arena, copy, value);
    return copy;
}
