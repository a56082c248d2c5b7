// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/url.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int url_decode(struct str text, bool plus_is_space, struct arena *arena, struct str *ret,
               struct err *err)
{
    bool plain = str_chr(text, '%') < 0 && !(plus_is_space && str_chr(text, '+') >= 0);
    if (plain) {
        *ret = text;
        return 0;
    }

    char *decoded = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            bool room = i + 2 < text.len;
            int high = room ? hex_value(text.ptr[i + 1]) : -1;
            int low = room ? hex_value(text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return err_set(err, ERR_PARSE, "'%%' without two hex digits at offset %zu", i);
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        decoded[len++] = c;
    }
    decoded[len] = '\0';
    *ret = str_make(decoded, len);
    return 0;
}

/* RFC 3986 §2.3 */
static bool is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

struct str url_encode(struct arena *arena, struct str text)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t escapes = 0;

    for (size_t i = 0; i < text.len; i++)
        escapes += !is_unreserved(text.ptr[i]);
    if (escapes == 0 && text.ptr)
        return text;

    char *encoded = arena_alloc(arena, text.len + 2 * escapes + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (is_unreserved((char)c)) {
            encoded[len++] = (char)c;
        } else {
            encoded[len++] = '%';
            encoded[len++] = digits[c >> 4];
            encoded[len++] = digits[c & 15];
        }
    }
    encoded[len] = '\0';
    return str_make(encoded, len);
}

static bool is_scheme(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool later = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
        if (!letter && !(i > 0 && later))
            return false;
    }
    return text.len > 0;
}

int url_split_target(struct str target, struct str *ret_path, struct str *ret_query,
                     struct err *err)
{
    if (str_chr(target, '#') >= 0)
        return err_set(err, ERR_PARSE, "a request target must not have a fragment");

    struct str rest = target;
    if (!str_starts(target, STR("/"))) {
        long scheme_end = str_find(target, STR("://"));
        if (scheme_end < 0 || !is_scheme(str_sub(target, 0, (size_t)scheme_end)))
            return err_set(err, ERR_PARSE, "a request target must be a path or an absolute URL");
        rest = str_sub(target, (size_t)scheme_end + 3, target.len);
        size_t authority = 0;
        while (authority < rest.len && rest.ptr[authority] != '/' && rest.ptr[authority] != '?')
            authority++;
        if (authority == 0)
            return err_set(err, ERR_PARSE, "the request target names no host");
        rest = str_sub(rest, authority, rest.len);
    }
    struct str query = rest;
    struct str path = str_cut(&query, '?');
    *ret_path = path.len > 0 ? path : STR("/"); /* RFC 9110 §4.2.3: empty path is "/" */
    *ret_query = query;
    return 0;
}

int url_segments(struct str path, struct arena *arena, struct url_segments *ret, struct err *err)
{
    struct url_segments segments = {0};

    if (!str_starts(path, STR("/")))
        return err_set(err, ERR_PARSE, "a path must start with '/'");
    struct str rest = str_sub(path, 1, path.len);
    if (rest.len == 0)
        rest = STR_NONE;
    while (rest.ptr) {
        struct str decoded = STR_NONE;
        int rc = url_decode(str_cut(&rest, '/'), false, arena, &decoded, err);
        if (rc < 0)
            return rc;
        if (segments.len == LIMIT_URL_SEGMENTS)
            return err_set(err, ERR_LIMIT, "the path has more than %d segments",
                           LIMIT_URL_SEGMENTS);
        *VEC_PUSH(arena, &segments) = decoded;
    }
    *ret = segments;
    return 0;
}

int url_query_parse(struct str query, struct arena *arena, struct url_params *ret, struct err *err)
{
    struct url_params params = {0};

    while (query.ptr) {
        struct str value = str_cut(&query, '&');
        if (value.len == 0)
            continue;
        struct str name = str_cut(&value, '=');
        struct url_param param = {STR_NONE, STR_NONE};
        int rc = url_decode(name, true, arena, &param.name, err);
        if (rc == 0 && value.ptr)
            rc = url_decode(value, true, arena, &param.value, err);
        if (rc < 0)
            return err_wrap(err, "query");
        if (params.len == LIMIT_URL_PARAMS)
            return err_set(err, ERR_LIMIT, "the query has more than %d parameters",
                           LIMIT_URL_PARAMS);
        *VEC_PUSH(arena, &params) = param;
    }
    *ret = params;
    return 0;
}

struct str url_query_write(struct arena *arena, const struct url_params *params)
{
    struct str text = STR("");
    size_t len = 0;
    struct url_params encoded = {0};

    VEC_EACH(params, const struct url_param *, param) {
        struct url_param *copy = VEC_PUSH(arena, &encoded);
        copy->name = url_encode(arena, param->name);
        copy->value = param->value.ptr ? url_encode(arena, param->value) : STR_NONE;
        len += copy->name.len + copy->value.len + 2;
    }
    if (encoded.len == 0)
        return text;

    char *out = arena_alloc(arena, len + 1), *at = out;
    VEC_EACH(&encoded, const struct url_param *, param) {
        if (at > out)
            *at++ = '&';
        memcpy(at, param->name.ptr, param->name.len);
        at += param->name.len;
        if (param->value.ptr) {
            *at++ = '=';
            memcpy(at, param->value.ptr, param->value.len);
            at += param->value.len;
        }
    }
    *at = '\0';
    return str_make(out, (size_t)(at - out));
}

struct str url_query_get(const struct url_params *params, const char *name)
{
    VEC_EACH(params, const struct url_param *, param) {
        if (str_is(param->name, name))
            return param->value;
    }
    return STR_NONE;
}

struct str url_join(struct arena *arena, struct str base, struct str path)
{
    while (base.len > 0 && base.ptr[base.len - 1] == '/')
        base.len--;
    const char *slash = path.len > 0 && path.ptr[0] != '/' ? "/" : "";
    return str_printf(arena, "%.*s%s%.*s", STR_FMT(base), slash, STR_FMT(path));
}

struct str url_redact(struct arena *arena, struct str url)
{
    long scheme_end = str_find(url, STR("://"));
    size_t from = scheme_end < 0 ? 0 : (size_t)scheme_end + 3;
    size_t to = from, at = 0;
    bool found = false;

    /* The last '@' of the authority ends the user information, even if the password has one. */
    for (; to < url.len && !strchr("/?#", url.ptr[to]); to++) {
        if (url.ptr[to] == '@') {
            found = true;
            at = to;
        }
    }
    if (!found)
        return url;
    char *out = arena_alloc(arena, url.len);
    size_t tail = url.len - at - 1;
    if (from > 0)
        memcpy(out, url.ptr, from);
    memcpy(out + from, url.ptr + at + 1, tail);
    return str_make(out, from + tail);
}
