// SPDX-License-Identifier: Apache-2.0
#include "lib/json/json.h"

#include "lib/json/json_node.h"

static bool is_container(const struct json *value)
{
    return value && (value->type == JSON_ARRAY || value->type == JSON_OBJECT);
}

enum json_type json_type(const struct json *value)
{
    return value ? (enum json_type)value->type : JSON_NULL;
}

bool json_is(const struct json *value, enum json_type type)
{
    return value && value->type == type;
}

bool json_bool(const struct json *value)
{
    return json_is(value, JSON_BOOL) && value->len;
}

struct str json_text(const struct json *value)
{
    if (!json_is(value, JSON_STRING) && !json_is(value, JSON_NUMBER))
        return STR_NONE;
    return str_make(value->text, value->len);
}

bool json_is_integer(const struct json *value)
{
    return json_is(value, JSON_NUMBER) && value->integer;
}

bool json_to_i64(const struct json *value, int64_t *ret)
{
    if (!json_is_integer(value))
        return false;
    bool negative = value->text[0] == '-';
    int64_t sum = 0; /* summed below zero, where there is one value more */
    for (size_t i = negative; i < value->len; i++) {
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, value->text[i] - '0', &sum))
            return false;
    }
    if (!negative && sum == INT64_MIN)
        return false;
    *ret = negative ? sum : -sum;
    return true;
}

double json_to_double(const struct json *value)
{
    return json_is(value, JSON_NUMBER) ? json_decimal_to_double(json_text(value)) : 0;
}

size_t json_len(const struct json *value)
{
    return is_container(value) ? value->len : 0;
}

struct json *json_at(const struct json *value, size_t i)
{
    if (!is_container(value) || i >= value->len)
        return NULL;
    struct json_list *list = value->list;
    if (value->type == JSON_ARRAY)
        return value->linked ? list->refs[i] : &list->nodes[i];
    return value->linked ? list->members[i].value : &list->nodes[2 * i + 1];
}

struct str json_key(const struct json *object, size_t i)
{
    if (!json_is(object, JSON_OBJECT) || i >= object->len)
        return STR_NONE;
    const struct json *key = json_key_node(object, i);
    return str_make(key->text, key->len);
}

struct json *json_find(const struct json *object, struct str key)
{
    if (!json_is(object, JSON_OBJECT) || !key.ptr)
        return NULL;
    long i = json_index_find(object, key);
    return i < 0 ? NULL : json_at(object, (size_t)i);
}

struct json *json_find_near(const struct json *object, struct str key, size_t i)
{
    if (json_is(object, JSON_OBJECT) && i < object->len) {
        const struct json *near = json_key_node(object, i);
        if (key.ptr && str_eq(str_make(near->text, near->len), key))
            return json_at(object, i);
    }
    return json_find(object, key);
}

struct json *json_get(const struct json *object, const char *key)
{
    return json_find(object, str_of(key));
}

struct str json_get_text(const struct json *object, const char *key)
{
    const struct json *value = json_get(object, key);
    return json_is(value, JSON_STRING) ? json_text(value) : STR_NONE;
}

size_t json_repeated_keys(const struct json *object)
{
    return json_is(object, JSON_OBJECT) && object->list ? object->list->repeated : 0;
}

const struct json *json_first_repeated(const struct json *root, struct str *ret_key)
{
    if (json_repeated_keys(root) > 0) {
        *ret_key = json_key(root, root->list->repeated_first);
        return root;
    }
    for (size_t i = 0; is_container(root) && i < root->len; i++) {
        const struct json *child = json_child(root, i),
                          *found = is_container(child) ? json_first_repeated(child, ret_key) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

int json_depth(const struct json *value)
{
    int deepest = 0;
    if (!is_container(value))
        return 0;
    for (size_t i = 0; i < value->len; i++) {
        const struct json *child = json_child(value, i);
        int depth = is_container(child) ? json_depth(child) : 0;
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

long json_offset(const struct json *value)
{
    return value && !value->built ? (long)value->offset : -1;
}

void json_position(const struct json *value, struct str text, int *ret_line, int *ret_column)
{
    long offset = json_offset(value);
    if (offset < 0 || (size_t)offset > text.len) {
        *ret_line = *ret_column = 0;
        return;
    }
    json_line_column(text, (size_t)offset, ret_line, ret_column);
}

void json_line_column(struct str text, size_t offset, int *ret_line, int *ret_column)
{
    /* A byte order mark is no column that an editor shows. */
    size_t line_start = str_starts(text, STR("\xef\xbb\xbf")) && offset >= 3 ? 3 : 0;
    int line = 1;
    while (line_start < offset) {
        const char *end = memchr(text.ptr + line_start, '\n', offset - line_start);
        if (!end)
            break;
        line_start = (size_t)(end - text.ptr) + 1;
        line++;
    }
    *ret_line = line;
    *ret_column = (int)(offset - line_start) + 1;
}

/* ---- RFC 6901 ---- */

/* Whether the key is what the token says, ~1 standing for / and ~0 for ~. */
static bool token_is(struct str token, struct str key)
{
    size_t at = 0;
    for (size_t i = 0; i < token.len; i++, at++) {
        char c = token.ptr[i];
        if (c == '~' && i + 1 < token.len) {
            i++;
            c = token.ptr[i] == '1' ? '/' : '~';
        }
        if (at >= key.len || key.ptr[at] != c)
            return false;
    }
    return at == key.len;
}

static bool token_is_valid(struct str token)
{
    for (size_t i = 0; i < token.len; i++) {
        if (token.ptr[i] != '~')
            continue;
        if (i + 1 >= token.len || (token.ptr[i + 1] != '0' && token.ptr[i + 1] != '1'))
            return false;
    }
    return true;
}

static struct json *step(const struct json *value, struct str token)
{
    if (json_is(value, JSON_OBJECT)) {
        if (str_chr(token, '~') < 0)
            return json_find(value, token);
        for (size_t i = 0; token_is_valid(token) && i < value->len; i++) {
            if (token_is(token, json_key(value, i)))
                return json_at(value, i);
        }
        return NULL;
    }
    int64_t i = 0;
    bool leading_zero = token.len > 1 && token.ptr[0] == '0';
    if (!json_is(value, JSON_ARRAY) || token.len == 0 || leading_zero || token.ptr[0] == '-' ||
        token.ptr[0] == '+' || !str_to_i64(token, 0, INT32_MAX, &i))
        return NULL;
    return json_at(value, (size_t)i);
}

struct json *json_pointer(const struct json *value, const char *pointer)
{
    if (pointer[0] == '\0')
        return (struct json *)value;
    if (pointer[0] != '/')
        return NULL;
    struct str rest = str_of(pointer + 1);
    while (value && rest.ptr) {
        struct str token = str_cut(&rest, '/');
        value = step(value, token);
    }
    return (struct json *)value;
}
