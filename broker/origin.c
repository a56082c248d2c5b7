// SPDX-License-Identifier: Apache-2.0
#include "broker/origin.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/cidr.h"
#include "lib/base/err.h"
#include "lib/base/vec.h"
#include "lib/http/server.h"

/* scheme://authority/path of a base URL; the authority without a default port. */
struct place {
    struct str scheme, authority, path, url;
};

struct origin {
    struct arena *arena;
    struct {
        VEC_OF(struct place);
    } bases;
    struct {
        VEC_OF(struct cidr);
    } trusted;
};

/* ---- what is well-formed ---- */

static bool all_of(struct str text, const char *extra)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c != 0 && strchr(extra, c));
        if (!fine)
            return false;
    }
    return text.len > 0;
}

/* host, host:port, [IPv6]:port; nothing that could end the authority or start another one. */
static bool authority_ok(struct str text)
{
    int64_t port = 0;
    struct str host = text, digits = STR_NONE;
    struct cidr address;
    long close = str_chr(text, ']');
    long colon = str_chr(str_sub(text, close < 0 ? 0 : (size_t)close, text.len), ':');
    if (colon >= 0) {
        size_t at = (size_t)colon + (close < 0 ? 0 : (size_t)close);
        host = str_sub(text, 0, at);
        digits = str_sub(text, at + 1, text.len);
    }
    if (digits.ptr && (!all_of(digits, "") || !str_to_i64(digits, 1, 65535, &port)))
        return false;
    if (str_starts(host, STR("[")))
        return str_ends(host, STR("]")) && cidr_parse(host, &address) && address.bits == 128;
    return host.len <= 253 && all_of(host, "-._");
}

static bool prefix_ok(struct str path)
{
    return str_starts(path, STR("/")) && all_of(path, "/-._~%") && str_find(path, STR("//")) < 0 &&
           str_find(path, STR("/.")) < 0;
}

static struct str cut_slashes(struct str path)
{
    while (path.len > 0 && path.ptr[path.len - 1] == '/')
        path.len--;
    return path;
}

/* ":80" of http and ":443" of https say nothing. */
static struct str cut_default_port(struct str scheme, struct str authority)
{
    struct str port = str_is(scheme, "https") ? STR(":443") : STR(":80");
    return str_ends(authority, port) ? str_sub(authority, 0, authority.len - port.len) : authority;
}

static const char *place_parse(struct str url, struct place *ret)
{
    if (str_starts(url, STR("http://")))
        *ret = (struct place){.scheme = STR("http")};
    else if (str_starts(url, STR("https://")))
        *ret = (struct place){.scheme = STR("https")};
    else
        return "needs URLs that start with http:// or https://";
    struct str rest = str_sub(url, ret->scheme.len + 3, url.len);
    long slash = str_chr(rest, '/');
    struct str authority = slash < 0 ? rest : str_sub(rest, 0, (size_t)slash);
    ret->path = slash < 0 ? STR("") : cut_slashes(str_sub(rest, (size_t)slash, rest.len));
    if (!authority_ok(authority))
        return "needs URLs with a host name or address, and nothing else before the path";
    if (ret->path.len > 0 && !prefix_ok(ret->path))
        return "needs URLs without query, fragment, empty or hidden path segments";
    ret->authority = cut_default_port(ret->scheme, authority);
    ret->url = cut_slashes(url);
    return NULL;
}

const char *origin_check_urls(const char *text)
{
    struct str rest = str_of(text);
    while (rest.ptr) {
        struct place place = {0};
        struct str url = str_trim(str_cut(&rest, ' '));
        const char *wrong = url.len > 0 ? place_parse(url, &place) : NULL;
        if (wrong)
            return wrong;
    }
    return NULL;
}

/* The next address of a list that commas or spaces separate; absent at its end. */
static struct str next_item(struct str *rest)
{
    while (rest->ptr && rest->len > 0) {
        size_t n = 0;
        while (n < rest->len && rest->ptr[n] != ',' && rest->ptr[n] != ' ')
            n++;
        struct str item = str_sub(*rest, 0, n);
        *rest = str_sub(*rest, n + 1 < rest->len ? n + 1 : rest->len, rest->len);
        if (item.len > 0)
            return item;
    }
    return STR_NONE;
}

const char *origin_check_trusted(const char *text)
{
    struct str rest = str_of(text);
    struct cidr cidr;
    for (struct str item = next_item(&rest); item.ptr; item = next_item(&rest)) {
        if (!cidr_parse(item, &cidr))
            return "needs addresses or ranges such as 10.0.0.0/8, separated by commas";
    }
    return NULL;
}

int origin_new(const char *base_urls, const char *trusted, struct origin **ret, struct err *err)
{
    const char *wrong = base_urls ? origin_check_urls(base_urls) : NULL;
    if (wrong)
        return err_set(err, ERR_USAGE, "the base URL %s, not '%s'", wrong, base_urls);
    wrong = trusted ? origin_check_trusted(trusted) : NULL;
    if (wrong)
        return err_set(err, ERR_USAGE, "the trusted proxies: it %s, not '%s'", wrong, trusted);
    struct arena *arena = arena_new();
    struct origin *origin = ARENA_NEW(arena, struct origin);
    origin->arena = arena;
    struct str rest = str_dup(arena, str_of(base_urls));
    while (rest.ptr) {
        struct str url = str_trim(str_cut(&rest, ' '));
        if (url.len > 0)
            place_parse(url, VEC_PUSH(arena, &origin->bases));
    }
    rest = str_of(trusted);
    for (struct str item = next_item(&rest); item.ptr; item = next_item(&rest))
        cidr_parse(item, VEC_PUSH(arena, &origin->trusted));
    *ret = origin;
    return 0;
}

void origin_free(struct origin *origin)
{
    if (origin)
        arena_free(origin->arena);
}

/* ---- one request ---- */

static bool is_trusted(const struct origin *origin, const struct cidr *address)
{
    VEC_EACH(&origin->trusted, const struct cidr *, range) {
        if (cidr_holds(range, address))
            return true;
    }
    return false;
}

/*
 * What the nearest proxy says. Proxies that do not replace a field add to its end, so that what
 * stands before may be the client's own invention.
 */
static struct str last_of(const struct request *request, const char *name, struct arena *arena)
{
    struct str list = headers_joined(&request->headers, name, arena), item = STR_NONE;
    while (list.ptr)
        item = str_trim(str_cut(&list, ','));
    return item;
}

/* Back along the chain of trusted proxies to the first address that nobody has to believe. */
static struct cidr client_of(const struct origin *origin, const struct request *request,
                             struct cidr peer, struct arena *arena)
{
    struct str list = headers_joined(&request->headers, "x-forwarded-for", arena);
    struct cidr client = peer;
    while (list.ptr && is_trusted(origin, &client)) {
        size_t from = list.len;
        while (from > 0 && list.ptr[from - 1] != ',')
            from--;
        struct cidr next = {.bits = 0};
        if (!cidr_parse_peer(str_trim(str_sub(list, from, list.len)), &next))
            break;
        client = next;
        list = from > 0 ? str_sub(list, 0, from - 1) : STR_NONE;
    }
    return client;
}

/* The request's own place: what it says itself, and over that what a trusted proxy says. */
static struct place place_of(const struct request *request, const char *own, bool forwarded,
                             struct arena *arena)
{
    struct str scheme = str_starts(str_of(own), STR("https:")) ? STR("https") : STR("http");
    struct str host = headers_get(&request->headers, "host"), prefix = STR_NONE;
    if (forwarded) {
        struct str proto = last_of(request, "x-forwarded-proto", arena),
                   port = last_of(request, "x-forwarded-port", arena),
                   said = last_of(request, "x-forwarded-host", arena);
        int64_t number = 0;
        prefix = last_of(request, "x-forwarded-prefix", arena);
        if (str_is(proto, "https") || str_is(proto, "http"))
            scheme = proto;
        if (said.ptr && authority_ok(said))
            host = said;
        long close = str_chr(host, ']');
        long colon = str_chr(str_sub(host, close < 0 ? 0 : (size_t)close, host.len), ':');
        bool has_port = colon >= 0;
        if (port.ptr && str_to_i64(port, 1, 65535, &number) && (!has_port || !said.ptr)) {
            size_t at = (size_t)(has_port ? colon + (close < 0 ? 0 : close) : (long)host.len);
            host = str_printf(arena, "%.*s:%lld", STR_FMT(str_sub(host, 0, at)), (long long)number);
        }
    }
    struct place place = {.scheme = scheme};
    prefix = cut_slashes(prefix);
    place.path = prefix.len > 0 && prefix_ok(prefix) ? prefix : STR("");
    if (!host.ptr || !authority_ok(host)) {
        struct place server = {.authority = STR("")};
        place_parse(str_of(own), &server);
        host = server.authority;
    }
    place.authority = cut_default_port(scheme, host);
    return place;
}

static bool path_starts(struct str path, struct str prefix)
{
    return str_starts(path, prefix) && (path.len == prefix.len || path.ptr[prefix.len] == '/');
}

/* The configured URL that the request came for: the same host, and best with the same path. */
static const struct place *base_for(const struct origin *origin, const struct place *place,
                                    struct str path)
{
    const struct place *same_host = NULL;
    VEC_EACH(&origin->bases, const struct place *, base) {
        if (!str_eq(base->scheme, place->scheme) ||
            !str_eq_nocase(base->authority, place->authority))
            continue;
        same_host = same_host ? same_host : base;
        if (str_eq(base->path, place->path) && base->path.len > 0)
            return base;
        if (base->path.len > 0 && path_starts(path, base->path))
            return base;
        if (base->path.len == 0 && same_host->path.len > 0 && place->path.len == 0)
            same_host = base;
    }
    return same_host;
}

void origin_read(const struct origin *origin, const struct request *request, const char *own,
                 struct arena *arena, struct origin_view *ret)
{
    struct cidr peer = {.bits = 0};
    bool known = cidr_parse_peer(str_of(request->peer), &peer);
    bool forwarded = known && is_trusted(origin, &peer);
    struct cidr client = forwarded ? client_of(origin, request, peer, arena) : peer;
    ret->address = known ? cidr_format(&client, arena_alloc(arena, CIDR_TEXT_LEN)) : request->peer;
    struct place direct = {0}, place = place_of(request, own, forwarded, arena);
    const struct place *base = origin->bases.len > 0 ? &origin->bases.items[0] : NULL;
    if (origin->bases.len > 1) {
        const struct place *found = base_for(origin, &place, request->path);
        if (!found && forwarded) {
            direct = place_of(request, own, false, arena);
            found = base_for(origin, &direct, request->path);
        }
        base = found ? found : base;
    }
    ret->unheard =
        !base && !forwarded && headers_get(&request->headers, "x-forwarded-host").ptr != NULL;
    if (base) {
        ret->base = str_cstr(arena, base->url);
        ret->prefix = base->path;
    } else {
        ret->base = arena_printf(arena, "%.*s://%.*s%.*s", STR_FMT(place.scheme),
                                 STR_FMT(place.authority), STR_FMT(place.path));
        ret->prefix = place.path;
    }
}
