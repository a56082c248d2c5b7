// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/operation.h"

#include <ctype.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/contract/body.h"
#include "lib/contract/manifest.h"
#include "lib/contract/rules.h"
#include "lib/graphql/ast.h"
#include "lib/wire/url.h"

/* Anonymous operations are told apart by the start of a digest. */
enum { DIGEST_SHOWN = 12 };

struct request_parts { /* of a GraphQL request, wherever they stand */
    struct str query, operation_name, persisted_hash;
};

static struct str param(const struct pact_query *query, const char *name)
{
    VEC_EACH(&query->params, const struct url_param *, one) {
        if (str_is(one->name, name)) {
            return one->value;
        }
    }
    return STR_NONE;
}

static struct str persisted(const struct json *extensions)
{
    return json_get_text(json_get(extensions, "persistedQuery"), "sha256Hash");
}

static struct request_parts parts_in(const struct json *body)
{
    return (struct request_parts){.query = json_get_text(body, "query"),
                                  .operation_name = json_get_text(body, "operationName"),
                                  .persisted_hash = persisted(json_get(body, "extensions"))};
}

static struct request_parts parts_of(const struct pact_request *request, struct arena *arena)
{
    struct request_parts parts = {0};
    const struct json *body = request->body.json;
    body = json_is(body, JSON_ARRAY) && json_len(body) == 1 ? json_at(body, 0) : body;
    if (json_is(body, JSON_OBJECT)) {
        parts = parts_in(body);
    } else if (str_starts(request->body.content_type, STR("application/graphql"))) {
        parts.query = request->body.bytes;
    } else if (request->body.state != PACT_BODY_PRESENT) {
        struct str extensions = param(&request->query, "extensions");
        struct json *tree = NULL;
        parts.query = param(&request->query, "query");
        parts.operation_name = param(&request->query, "operationName");
        if (extensions.ptr && json_parse(extensions, "extensions", arena, &tree, NULL) == 0) {
            parts.persisted_hash = persisted(tree);
        }
    }
    return parts;
}

static struct str digest_name(struct str text, struct arena *arena)
{
    char hex[HASH_SHA256_HEX];
    hash_sha256_hex(text, hex);
    return str_printf(arena, "graphql:#%.*s", DIGEST_SHOWN, hex);
}

/* True when it is a GraphQL request. A search parameter `query` is none: it must parse. */
static bool graphql_name(const struct request_parts *parts, struct arena *arena, struct str *ret)
{
    struct gql_document *document = NULL;
    bool parsed = parts->query.ptr && gql_parse(parts->query, "query", arena, &document, NULL) == 0;
    if (!parsed && !parts->persisted_hash.ptr) {
        return false;
    }
    if (parts->operation_name.len > 0) {
        *ret = str_printf(arena, "graphql:%.*s", STR_FMT(parts->operation_name));
        return true;
    }
    if (!parsed) {
        *ret = str_printf(arena, "graphql:#%.*s", DIGEST_SHOWN,
                          str_cstr(arena, parts->persisted_hash));
        return true;
    }
    const struct gql_definition *operation = gql_operation(document, STR_NONE);
    if (operation && operation->name.len > 0) {
        *ret = str_printf(arena, "graphql:%.*s", STR_FMT(operation->name));
        return true;
    }
    struct buf text BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    gql_normalise(document, arena, &text);
    *ret = digest_name(buf_view(&text), arena);
    return true;
}

/* Requests in one list make one operation, "graphql:A+B"; one request alone is its own. */
static bool graphql_batch(const struct json *batch, struct arena *arena, struct str *ret)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    for (size_t i = 0; i < json_len(batch); i++) {
        struct request_parts parts = parts_in(json_at(batch, i));
        struct str name = STR_NONE;
        if (!graphql_name(&parts, arena, &name)) {
            return false;
        }
        size_t prefix = i > 0 ? STR("graphql:").len : 0;
        buf_puts(&out, i > 0 ? "+" : "");
        buf_str(&out, str_sub(name, prefix, name.len - prefix));
    }
    *ret = str_dup(arena, buf_view(&out));
    return json_len(batch) > 0;
}

static bool graphql_operation(const struct pact_request *request, struct arena *arena,
                              struct str *ret)
{
    if (json_is(request->body.json, JSON_ARRAY)) {
        return graphql_batch(request->body.json, arena, ret);
    }
    struct request_parts parts = parts_of(request, arena);
    return graphql_name(&parts, arena, ret);
}

/* Name of the provider state parameter that has this text; absent if there is none. */
static struct str state_param(const struct pact_interaction *interaction, struct str text)
{
    VEC_EACH(&interaction->states, const struct pact_state *, state) {
        for (size_t i = 0; i < json_len(state->params); i++) {
            const struct json *value = json_at(state->params, i);
            bool scalar = json_is(value, JSON_STRING) || json_is(value, JSON_NUMBER);
            if (scalar && text.len > 0 && str_eq(json_text(value), text)) {
                return json_key(state->params, i);
            }
        }
    }
    return STR_NONE;
}

static bool is_number(struct str s)
{
    size_t i = 0;
    while (i < s.len && isdigit((unsigned char)s.ptr[i])) {
        i++;
    }
    return s.len > 0 && i == s.len;
}

static bool is_uuid(struct str s)
{
    for (size_t i = 0; i < s.len && s.len == 36; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? s.ptr[i] != '-' : !isxdigit((unsigned char)s.ptr[i])) {
            return false;
        }
    }
    return s.len == 36;
}

struct segments {
    VEC_OF(struct str);
};

/*
 * Cut a path pattern at its slashes, "\/" included, but not inside of [...] or (...).
 */
static void split_pattern(struct str pattern, struct arena *arena, struct segments *ret)
{
    size_t start = 0;
    int depth = 0;
    if (str_starts(pattern, STR("^"))) {
        start = 1;
    }
    if (str_ends(pattern, STR("$")) && !str_ends(pattern, STR("\\$"))) {
        pattern.len--;
    }
    for (size_t i = start; i <= pattern.len; i++) {
        char c = i < pattern.len ? pattern.ptr[i] : '/';
        bool end = i == pattern.len;
        if (c == '\\' && !end && i + 1 < pattern.len && pattern.ptr[i + 1] != '/') {
            i++;
        } else if (c == '[' || c == '(') {
            depth++;
        } else if (c == ']' || c == ')') {
            depth--;
        } else if (end || (c == '/' && depth == 0)) {
            size_t len = i - start;
            len -= len > 0 && !end && pattern.ptr[i - 1] == '\\';
            *VEC_PUSH(arena, ret) = str_sub(pattern, start, len);
            start = i + 1;
        }
    }
}

static void split_path(struct str path, struct arena *arena, struct segments *ret)
{
    struct str rest = path;
    while (rest.ptr) {
        *VEC_PUSH(arena, ret) = str_cut(&rest, '/');
    }
}

/* Whether a piece of a pattern is just this text, escapes aside ("." as itself too). */
static bool pattern_is(struct str pattern, struct str text)
{
    size_t at = 0;
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        if (c == '\\' && i + 1 < pattern.len && ispunct((unsigned char)pattern.ptr[i + 1])) {
            c = pattern.ptr[++i];
        }
        if (at >= text.len || text.ptr[at++] != c) {
            return false;
        }
    }
    return at == text.len;
}

/* The pattern of a path rule, cut like the path; false when it cannot be laid beside it. */
static bool path_pattern(const struct rules *rules, const struct segments *path,
                         struct arena *arena, struct segments *ret)
{
    const struct rule *rule = rules_named(rules, RULES_PATH, STR(""));
    for (size_t i = 0; rule && i < rule->matchers.len; i++) {
        if (rule->matchers.items[i].kind == MATCHER_REGEX) {
            split_pattern(rule->matchers.items[i].text, arena, ret);
            return ret->len == path->len;
        }
    }
    return false;
}

static struct str rest_operation(const struct pact_interaction *interaction, struct arena *arena)
{
    const struct pact_request *request = &interaction->request;
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    struct segments path = {0}, pattern = {0};
    split_path(request->path, arena, &path);
    bool ruled = path_pattern(request->rules, &path, arena, &pattern);
    buf_printf(&out, "%.*s ", STR_FMT(request->method));
    for (size_t i = 0; i < path.len; i++) {
        struct str segment = path.items[i], decoded = segment;
        if (url_decode(segment, false, arena, &decoded, NULL) != 0) {
            decoded = segment;
        }
        bool varies =
            ruled ? !pattern_is(pattern.items[i], segment) : is_number(segment) || is_uuid(segment);
        struct str name = ruled && !varies ? STR_NONE : state_param(interaction, decoded);
        buf_puts(&out, i ? "/" : "");
        if (name.ptr || varies) {
            buf_printf(&out, "{%.*s}", STR_FMT(name.ptr ? name : STR("id")));
        } else {
            buf_str(&out, segment);
        }
    }
    return str_dup(arena, buf_view(&out));
}

static struct str push_operation(const struct pact_message *message, struct arena *arena)
{
    static const char *const names[] = {"type", "messageType", "eventType", "event", "topic"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str type = json_get_text(message->metadata, names[i]);
        if (type.len > 0) {
            return str_printf(arena, "push:%.*s", STR_FMT(type));
        }
    }
    struct str type = json_get_text(message->body.json, "type");
    return type.len ? str_printf(arena, "push:%.*s", STR_FMT(type)) : STR("push:message");
}

static struct str rpc_operation(const struct pact_interaction *interaction, struct arena *arena)
{
    const struct json *plugins = json_get(interaction->extra, "pluginConfiguration");
    struct str service = json_get_text(json_get(plugins, "protobuf"), "service");
    if (str_starts(service, STR("."))) {
        service = str_sub(service, 1, service.len - 1);
    }
    return service.len ? str_printf(arena, "grpc:%.*s", STR_FMT(service)) : STR_NONE;
}

struct str operation_of(const struct pact_interaction *interaction, struct arena *arena)
{
    const struct json *references = json_get(interaction->comments, "references");
    struct str operation = json_get_text(json_get(references, "tally"), "operation");
    if (operation.len > 0) {
        return operation;
    }
    if (interaction->kind == PACT_MESSAGE) {
        return push_operation(&interaction->message, arena);
    }
    if (interaction->kind == PACT_SYNC_MESSAGE) {
        return rpc_operation(interaction, arena);
    }
    if (!graphql_operation(&interaction->request, arena, &operation)) {
        operation = rest_operation(interaction, arena);
    }
    return operation;
}

struct str operation_document(const struct pact_interaction *interaction, struct arena *arena)
{
    if (interaction->kind != PACT_HTTP) {
        return STR_NONE;
    }
    return parts_of(&interaction->request, arena).query;
}

struct str operation_persisted_id(const struct pact_interaction *interaction, struct arena *arena)
{
    const struct pact_request *request = &interaction->request;
    if (interaction->kind != PACT_HTTP) {
        return STR_NONE;
    }
    if (json_is(request->body.json, JSON_OBJECT)) {
        return manifest_id_of(request->body.json);
    }
    struct request_parts parts = parts_of(request, arena);
    if (parts.query.ptr || request->body.state == PACT_BODY_PRESENT) {
        return STR_NONE;
    }
    return parts.persisted_hash.ptr ? parts.persisted_hash : param(&request->query, "documentId");
}

bool operation_of_document(struct str document, struct arena *arena, struct str *ret_operation,
                           struct str *ret_digest)
{
    struct gql_document *tree = NULL;
    char hex[HASH_SHA256_HEX];
    if (gql_parse(document, "document", arena, &tree, NULL) != 0) {
        return false;
    }
    struct buf text BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    gql_normalise(tree, arena, &text);
    hash_sha256_hex(buf_view(&text), hex);
    const struct gql_definition *operation = gql_operation(tree, STR_NONE);
    *ret_operation = operation && operation->name.len > 0
                         ? str_printf(arena, "graphql:%.*s", STR_FMT(operation->name))
                         : digest_name(buf_view(&text), arena);
    *ret_digest = str_dup(arena, str_of(hex));
    return true;
}
