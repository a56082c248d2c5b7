// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/body.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"

/* JSON text as a tree, NULL when it is none. */
static struct json *try_parse(struct str text, struct arena *arena)
{
    struct json *tree = NULL;
    return json_parse(text, NULL, arena, &tree, NULL) == 0 ? tree : NULL;
}

enum media_kind body_kind(struct str content_type, struct str bytes, struct arena *arena)
{
    struct media media = {0};
    if (!content_type.ptr || media_parse(content_type, arena, &media, NULL) != 0) {
        if (content_type.ptr && content_type.len > 0) {
            return MEDIA_UNKNOWN;
        }
        media = media_sniff(bytes);
    }
    if (str_is(media.type, "application") && str_is(media.subtype, "graphql")) {
        return try_parse(bytes, arena) ? MEDIA_JSON : MEDIA_TEXT;
    }
    return media_kind(&media);
}

/* GraphQL is text also where that text is JSON: a string is no JSON string, but what it says. */
static bool is_graphql(struct str content_type)
{
    struct str type = str_cut(&content_type, ';');
    return str_eq_nocase(str_trim(type), STR("application/graphql"));
}

static void present(struct pact_body *body, struct str bytes, struct json *tree)
{
    body->state = bytes.len ? PACT_BODY_PRESENT : PACT_BODY_EMPTY;
    body->bytes = bytes.len ? bytes : STR_NONE;
    body->json = bytes.len ? tree : NULL;
}

static void present_json(struct pact_body *body, const struct json *value, struct arena *arena)
{
    present(body, json_to_str(arena, value, JSON_COMPACT), (struct json *)value);
}

/* A string in V1 to V3: its meaning depends on the content type. */
static void read_string(const struct json *value, struct str content_type, struct arena *arena,
                        struct pact_body *body)
{
    struct str text = json_text(value), decoded;
    enum media_kind kind = body_kind(content_type, text, arena);
    struct json *tree = kind == MEDIA_JSON ? try_parse(text, arena) : NULL;
    if (text.len == 0) {
        body->state = PACT_BODY_EMPTY;
    } else if (kind == MEDIA_JSON && content_type.ptr && !is_graphql(content_type)) {
        if (json_is(tree, JSON_STRING) || json_is(tree, JSON_OBJECT)) {
            present(body, text, tree);
        } else {
            present_json(body, value, arena);
        }
    } else if (kind == MEDIA_BINARY && hash_unbase64(arena, text, &decoded)) {
        present(body, decoded, NULL);
    } else {
        present(body, text, tree);
    }
}

void body_read_flat(const struct json *value, struct str content_type, struct arena *arena,
                    struct pact_body *ret)
{
    struct pact_body body = {.content_type = content_type, .raw = value};
    if (!value) {
        body.state = PACT_BODY_MISSING;
    } else if (json_is(value, JSON_NULL)) {
        body.state = PACT_BODY_NULL;
    } else if (json_is(value, JSON_STRING)) {
        read_string(value, content_type, arena, &body);
    } else {
        present_json(&body, value, arena);
        enum media_kind kind =
            content_type.ptr ? body_kind(content_type, body.bytes, arena) : MEDIA_JSON;
        if (kind != MEDIA_JSON && kind != MEDIA_UNKNOWN) {
            body.json = NULL;
        }
    }
    *ret = body;
}

static bool known_attribute(struct str key)
{
    return str_is(key, "contentType") || str_is(key, "encoded") || str_is(key, "contentTypeHint") ||
           str_is(key, "content");
}

static bool only_known(const struct json *value)
{
    for (size_t i = 0; i < json_len(value); i++) {
        if (!known_attribute(json_key(value, i))) {
            return false;
        }
    }
    return true;
}

enum encoding { PLAIN, BASE64, JSON_TEXT, UNKNOWN_ENCODING };

static enum encoding encoding_of(const struct json *encoded)
{
    struct str name = json_is(encoded, JSON_STRING) ? json_text(encoded) : STR_NONE;
    if (!encoded || json_is(encoded, JSON_NULL) ||
        (json_is(encoded, JSON_BOOL) && !json_bool(encoded))) {
        return PLAIN;
    }
    if (str_eq_nocase(name, STR("base64"))) {
        return BASE64;
    }
    if (str_eq_nocase(name, STR("json"))) {
        return JSON_TEXT;
    }
    return UNKNOWN_ENCODING;
}

static void read_plain(const struct json *content, struct str type, struct arena *arena,
                       struct pact_body *body)
{
    struct str text = json_is(content, JSON_STRING) ? json_text(content) : STR_NONE;
    enum media_kind kind =
        type.ptr ? body_kind(type, text.ptr ? text : STR("{}"), arena) : MEDIA_UNKNOWN;
    if (text.ptr && text.len == 0) {
        body->state = PACT_BODY_EMPTY;
    } else if (kind == MEDIA_JSON && text.ptr && is_graphql(type)) {
        present(body, text, try_parse(text, arena));
    } else if (kind == MEDIA_JSON || (!text.ptr && kind == MEDIA_UNKNOWN)) {
        present_json(body, content, arena);
    } else if (!text.ptr) {
        present_json(body, content, arena);
        body->json = NULL;
    } else {
        bool sniffed = !type.ptr && body_kind(type, text, arena) == MEDIA_JSON;
        present(body, text, sniffed ? try_parse(text, arena) : NULL);
    }
}

static void read_encoded(const struct json *content, enum encoding encoding, struct str type,
                         struct arena *arena, struct pact_body *body, const char **ret_warning)
{
    struct str text = json_text(content), decoded;
    if (!json_is(content, JSON_STRING)) {
        *ret_warning = "an encoded body must be a string; taken as it is";
        read_plain(content, type, arena, body);
    } else if (encoding == BASE64) {
        if (!hash_unbase64(arena, text, &decoded)) {
            *ret_warning = "the body is not valid base64; taken as it is";
            decoded = text;
        }
        bool is_json = body_kind(type, decoded, arena) == MEDIA_JSON;
        present(body, decoded, is_json ? try_parse(decoded, arena) : NULL);
    } else if (encoding == JSON_TEXT) {
        present(body, text, try_parse(text, arena));
    } else {
        *ret_warning = "the body's encoding is not known; taken as it is";
        present(body, text, try_parse(text, arena));
    }
}

void body_read_v4(const struct json *value, struct str content_type, struct arena *arena,
                  struct pact_body *ret, const char **ret_warning)
{
    const struct json *content = json_get(value, "content");
    struct str type = json_get_text(value, "contentType");
    *ret_warning = NULL;
    if (!json_is(value, JSON_OBJECT) || (!content && !only_known(value))) {
        if (json_is(value, JSON_OBJECT)) {
            *ret_warning = "the body is no body object; the whole value is taken as the body";
        }
        body_read_flat(value, content_type, arena, ret);
        ret->raw_v4 = true;
        return;
    }
    struct pact_body body = {
        .content_type = type.ptr ? type : content_type, .raw = value, .raw_v4 = true};
    enum encoding encoding = encoding_of(json_get(value, "encoded"));
    if (!content) {
        body.state = PACT_BODY_MISSING;
    } else if (json_is(content, JSON_NULL)) {
        body.state = PACT_BODY_NULL;
    } else if (encoding == PLAIN) {
        read_plain(content, body.content_type, arena, &body);
    } else {
        read_encoded(content, encoding, body.content_type, arena, &body, ret_warning);
    }
    *ret = body;
}

/* JSON documents that would be read as something else if they stood as `content`. */
static bool text_only(const struct pact_body *body)
{
    const struct json *json = body->json;
    return json_is(json, JSON_NULL) || (json_is(json, JSON_STRING) && json_text(json).len == 0) ||
           (json_is(json, JSON_STRING) &&
            (!body->content_type.ptr || is_graphql(body->content_type)));
}

struct json *body_write(const struct pact_body *body, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    if (body->state == PACT_BODY_MISSING) {
        return NULL;
    }
    /* The stock writer leaves a null body out, which loosens the contract to "any body". */
    if (body->state != PACT_BODY_PRESENT) {
        bool null = body->state == PACT_BODY_NULL;
        json_set(arena, out, "content", null ? json_new_null(arena) : json_new_text(arena, ""));
        if (body->content_type.ptr) {
            json_set(arena, out, "contentType", json_new_str(arena, body->content_type));
        }
        return out;
    }
    enum media_kind kind = body_kind(body->content_type, body->bytes, arena);
    bool binary = kind == MEDIA_BINARY || !str_is_utf8(body->bytes, NULL) ||
                  memchr(body->bytes.ptr, 0, body->bytes.len) != NULL;
    /* What is not the JSON that its type promises would be read as a JSON string. */
    binary = binary || (kind == MEDIA_JSON && !body->json && body->content_type.ptr);
    const char *encoding = binary ? "base64" : NULL;
    if (kind == MEDIA_JSON && body->json && !text_only(body)) {
        json_set(arena, out, "content", body->json);
        encoding = NULL;
    } else if (kind == MEDIA_JSON && body->json && body->content_type.ptr) {
        json_set(arena, out, "content", json_new_str(arena, body->bytes));
        encoding = "json";
    } else {
        struct str text = binary ? hash_base64(arena, body->bytes) : body->bytes;
        json_set(arena, out, "content", json_new_str(arena, text));
    }
    if (body->content_type.ptr) {
        json_set(arena, out, "contentType", json_new_str(arena, body->content_type));
    }
    json_set(arena, out, "encoded",
             encoding ? json_new_text(arena, encoding) : json_new_bool(arena, false));
    return out;
}

int pact_body_set(struct arena *arena, struct pact_body *body, struct str bytes,
                  struct str content_type, struct err *err)
{
    struct pact_body made = {.content_type = content_type};
    struct json *tree = NULL;
    if (bytes.len > 0 && body_kind(content_type, bytes, arena) == MEDIA_JSON) {
        int rc = json_parse(bytes, "body", arena, &tree, err);
        if (rc && content_type.ptr) {
            return rc;
        }
    }
    present(&made, bytes, tree);
    *body = made;
    return 0;
}

void pact_body_set_json(struct arena *arena, struct pact_body *body, struct json *value,
                        struct str content_type)
{
    *body = (struct pact_body){.content_type =
                                   content_type.ptr ? content_type : STR("application/json")};
    present_json(body, value, arena);
}
