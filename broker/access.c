// SPDX-License-Identifier: Apache-2.0
#include "broker/access.h"

#include <stdlib.h>

#include "broker/call.h"
#include "broker/roles.h"
#include "broker/store.h"
#include "broker/store_access.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"

/* "Last used" is exact to a minute; whether a first token was made is looked up so often. */
enum { USE_EVERY_US = 60 * 1000000, LOOK_EVERY_US = 200 * 1000 };

struct access {
    struct access_config config;
    struct store *store;
    bool closed;
    int64_t looked_at;
};

struct access *access_new(const struct access_config *config, struct store *store)
{
    struct access *access = calloc(1, sizeof *access);
    if (!access)
        abort();
    *access = (struct access){.config = *config, .store = store, .looked_at = INT64_MIN};
    access->closed = config->username || config->read_username;
    return access;
}

void access_free(struct access *access)
{
    free(access);
}

/* Takes the same time wherever the texts differ. */
static bool same_secret(struct str given, const char *expected)
{
    char a[HASH_SHA256_HEX], b[HASH_SHA256_HEX];
    hash_sha256_hex(given, a);
    hash_sha256_hex(str_of(expected ? expected : ""), b);
    unsigned different = 0;
    for (size_t i = 0; i < sizeof a; i++)
        different |= (unsigned)(a[i] ^ b[i]);
    return different == 0;
}

static bool is_account(struct str user, struct str password, const char *name, const char *secret)
{
    bool user_ok = same_secret(user, name), password_ok = same_secret(password, secret);
    return name && user_ok && password_ok;
}

static void identify_account(const struct access *access, struct str value, struct arena *arena,
                             struct caller *ret)
{
    const struct access_config *config = &access->config;
    struct str password = STR_NONE;
    ret->refused = "the user name or password is wrong";
    if (!hash_unbase64(arena, str_trim(value), &password) || str_chr(password, ':') < 0)
        return;
    struct str user = str_cut(&password, ':');
    bool writer = is_account(user, password, config->username, config->password);
    bool reader = is_account(user, password, config->read_username, config->read_password);
    if (!writer && !reader)
        return;
    ret->refused = NULL;
    ret->kind = CALLER_ACCOUNT;
    ret->name = writer ? config->username : config->read_username;
    ret->roles = writer ? ROLES_ALL : ROLE_READ;
}

/* Whether a stored time is not in the future of `now` minus `age`. */
static bool is_past(const char *stored, int64_t now_us, int64_t age_us)
{
    int64_t at = 0;
    return !clock_parse(str_of(stored), &at) || at + age_us <= now_us;
}

static int identify_token(const struct access *access, struct str value, struct arena *arena,
                          struct caller *ret, struct err *err)
{
    char hash[HASH_SHA256_HEX];
    struct token token = {0};
    hash_sha256_hex(str_trim(value), hash);
    int code = store_token_find(access->store, hash, arena, &token, err);
    if (code < 0)
        return code;
    int64_t now = clock_now_us(access->store->clock);
    ret->bearer = true;
    if (code == 0)
        ret->refused = "the token is not known";
    else if (token.revoked_at)
        ret->refused = "the token has been revoked";
    else if (token.expires_at && is_past(token.expires_at, now, 0))
        ret->refused = "the token has expired";
    if (ret->refused)
        return 0;
    ret->kind = CALLER_TOKEN;
    ret->name = token.name;
    ret->token_id = token.id;
    ret->roles = token.roles;
    ret->stale = !token.last_used_at || is_past(token.last_used_at, now, USE_EVERY_US);
    return 0;
}

/* Once closed, it stays closed: a revoked token does not open the broker again. */
static int look_for_tokens(struct access *access, struct err *err)
{
    int64_t now = clock_now_us(access->store->clock);
    if (access->closed || (access->looked_at <= now && now < access->looked_at + LOOK_EVERY_US))
        return 0;
    int code = store_token_any(access->store, err);
    if (code < 0)
        return code;
    access->closed = code > 0;
    access->looked_at = now;
    return 0;
}

bool access_is_open(struct access *access)
{
    look_for_tokens(access, NULL);
    return !access->closed;
}

int access_identify(struct access *access, const struct headers *headers, struct arena *arena,
                    struct caller *ret, struct err *err)
{
    struct str value = headers_get(headers, "authorization");
    if (value.ptr)
        access->looked_at = INT64_MIN; /* who shows a token is judged by it from the first on */
    int code = look_for_tokens(access, err);
    if (code < 0)
        return code;
    ret->kind = CALLER_ANONYMOUS;
    ret->roles = access->closed ? 0 : ROLES_ALL;
    if (!access->closed || !value.ptr)
        return 0;
    struct str scheme = str_cut(&value, ' ');
    if (headers_count(headers, "authorization") > 1 || !value.ptr)
        ret->refused = "the credentials are not well-formed";
    else if (str_eq_nocase(scheme, STR("bearer")))
        return identify_token(access, value, arena, ret, err);
    else if (str_eq_nocase(scheme, STR("basic")))
        identify_account(access, value, arena, ret);
    else
        ret->refused = "the scheme of the credentials is not known";
    return 0;
}

static bool method_reads(struct str method)
{
    return str_is(method, "GET") || str_is(method, "HEAD") || str_is(method, "OPTIONS");
}

/* A POST that only asks has to say so in its roles: that it writes no rows is not enough. */
static bool only_reads(const struct call_route *route)
{
    return strcmp(route->method, "GET") == 0 || (route->reads && route->roles == ROLE_READ);
}

static bool is_public(const struct access_config *config, const struct call_route *route,
                      struct str method)
{
    if (!route)
        return config->public_read && method_reads(method);
    if (!only_reads(route) || (route->roles & ROLE_ADMIN))
        return false;
    struct str template = str_of(route->template);
    return config->public_read ||
           (config->public_heartbeat && str_is(template, "/diagnostic/status/heartbeat")) ||
           (config->public_badges && str_ends(template, STR("/badge")));
}

static unsigned needed_roles(const struct call_route *route, struct str method)
{
    if (!route)
        return method_reads(method) ? ROLE_READ : ROLES_ALL & ~(unsigned)ROLE_READ;
    if (route->roles != 0)
        return route->roles;
    return only_reads(route) ? ROLE_READ : ROLE_ADMIN;
}

/* The original's answer: no body, and the account that may only read is told the same. */
static void answer_unknown(struct call *call, const struct caller *caller)
{
    const char *challenge = "Basic realm=\"Restricted area\"";
    if (caller->bearer)
        challenge = arena_printf(call->arena,
                                 "Bearer realm=\"Restricted area\", error=\"invalid_token\", "
                                 "error_description=\"%s\"",
                                 caller->refused);
    headers_addz(call->arena, &call->headers, "WWW-Authenticate", challenge);
    call_text(call, 401, "text/plain", STR_NONE);
}

bool access_allows(struct access *access, const struct caller *caller,
                   const struct call_route *route, struct call *call)
{
    if (is_public(&access->config, route, call->method))
        return true;
    unsigned needed = needed_roles(route, call->method);
    if (roles_suffice(caller->roles, needed))
        return true;
    if (caller->kind != CALLER_TOKEN) {
        answer_unknown(call, caller);
        return false;
    }
    call_error(call, 403, "The token '%s' may not do this. It has: %s. Needed is one of: %s",
               caller->name, roles_text(caller->roles, call->arena),
               roles_text(needed | ROLE_ADMIN, call->arena));
    return false;
}
