// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/headers.h"

#include "lib/base/arena.h"

void headers_add(struct arena *arena, struct headers *headers, struct str name, struct str value)
{
    struct header *header = VEC_PUSH(arena, headers);
    header->name = name;
    header->value = value;
}

void headers_addz(struct arena *arena, struct headers *headers, const char *name, const char *value)
{
    headers_add(arena, headers, str_of(name), str_of(value));
}

void headers_set(struct arena *arena, struct headers *headers, struct str name, struct str value)
{
    size_t kept = 0;
    bool placed = false;

    for (size_t i = 0; i < headers->len; i++) {
        struct header header = headers->items[i];
        if (str_eq_nocase(header.name, name)) {
            if (placed)
                continue;
            placed = true;
            header = (struct header){name, value};
        }
        headers->items[kept++] = header;
    }
    headers->len = kept;
    if (!placed)
        headers_add(arena, headers, name, value);
}

struct str headers_get(const struct headers *headers, const char *name)
{
    struct str wanted = str_of(name);

    VEC_EACH(headers, const struct header *, header) {
        if (str_eq_nocase(header->name, wanted))
            return header->value;
    }
    return STR_NONE;
}

size_t headers_count(const struct headers *headers, const char *name)
{
    struct str wanted = str_of(name);
    size_t n = 0;

    VEC_EACH(headers, const struct header *, header)
        n += str_eq_nocase(header->name, wanted);
    return n;
}

struct str headers_joined(const struct headers *headers, const char *name, struct arena *arena)
{
    struct str wanted = str_of(name);
    size_t len = 0, n = 0;

    VEC_EACH(headers, const struct header *, header) {
        if (str_eq_nocase(header->name, wanted)) {
            len += header->value.len + 2;
            n++;
        }
    }
    if (n <= 1)
        return headers_get(headers, name);

    char *text = arena_alloc(arena, len);
    size_t at = 0, k = 0;
    VEC_EACH(headers, const struct header *, header) {
        if (!str_eq_nocase(header->name, wanted))
            continue;
        if (k++ > 0) { /* empty values count as well */
            memcpy(text + at, ", ", 2);
            at += 2;
        }
        if (header->value.len > 0)
            memcpy(text + at, header->value.ptr, header->value.len);
        at += header->value.len;
    }
    return str_make(text, at);
}

bool headers_has_token(const struct headers *headers, const char *name, const char *token)
{
    struct str wanted_name = str_of(name), wanted = str_of(token);

    VEC_EACH(headers, const struct header *, header) {
        if (!str_eq_nocase(header->name, wanted_name))
            continue;
        struct str rest = header->value;
        while (rest.ptr) {
            if (str_eq_nocase(str_trim(str_cut(&rest, ',')), wanted))
                return true;
        }
    }
    return false;
}

/* RFC 9110 §5.6.2: tchar */
static bool is_token_char(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != 0 && strchr("!#$%&'*+-.^_`|~", c));
}

bool headers_name_ok(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!is_token_char((unsigned char)name.ptr[i]))
            return false;
    }
    return name.len > 0;
}

bool headers_value_ok(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}
