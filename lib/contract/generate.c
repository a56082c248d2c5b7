// SPDX-License-Identifier: Apache-2.0
/*
 * Puts generated values into examples. Trees are never changed: the containers on the way to a new
 * value are made anew and share everything else with the example.
 */
#include "lib/contract/generate.h"

#include <ctype.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/generate_value.h"
#include "lib/contract/select.h"

/* ---- documents ---- */

/* 1 and the value with everything at the rest of the path replaced, 0 = nothing changed. */
static int replace_at(struct generating *generating, const struct generator *generator,
                      size_t depth, const struct json *value, struct json **ret)
{
    const struct path *path = &generator->path;
    struct arena *arena = generating->arena;
    bool object = json_is(value, JSON_OBJECT);
    size_t len = json_len(value), changed = 0;
    if (depth == path->len) {
        return generate_value(generating, generator, value, ret);
    }
    int rc = generate_spend(generating, len + 1);
    if (rc || len == 0) {
        return rc;
    }
    struct json **children = ARENA_ARRAY(arena, struct json *, len);
    for (size_t i = 0; i < len; i++) {
        struct path_token at = {.kind = object ? PATH_NAME : PATH_INDEX, .index = (int64_t)i};
        at.name = object ? json_key(value, i) : STR_NONE;
        children[i] = json_at(value, i);
        if (path_token_score(&path->items[depth], &at) == 0) {
            continue;
        }
        rc = replace_at(generating, generator, depth + 1, children[i], &children[i]);
        if (rc < 0) {
            return rc;
        }
        changed += (size_t)rc;
    }
    if (changed == 0) {
        return 0;
    }
    struct json *made = object ? json_new_object(arena) : json_new_array(arena);
    for (size_t i = 0; i < len; i++) {
        if (object) {
            json_set_str(arena, made, json_key(value, i), children[i]);
        } else {
            json_append(arena, made, children[i]);
        }
    }
    *ret = made;
    return 1;
}

static int generate_body(struct generating *generating, const struct generator *generator,
                         struct pact_body *body)
{
    struct json *tree = body->json;
    if (body->state != PACT_BODY_PRESENT) {
        return 0;
    }
    if (!body->json) {
        return generate_document(generating, generator, body);
    }
    int rc = replace_at(generating, generator, 0, body->json, &tree);
    if (rc == 1) {
        body->json = tree;
        body->raw = NULL;
    }
    return rc;
}

/* ---- texts ---- */

static int generate_header(struct generating *generating, const struct generator *generator,
                           struct pact_headers *headers)
{
    struct pact_header *found = NULL;
    VEC_EACH(headers, struct pact_header *, header) {
        found = str_eq_nocase(header->name, generator->where) ? header : found;
    }
    struct pact_header made = {.name = found ? found->name : generator->where};
    size_t count = found && found->values.len > 0 ? found->values.len : 1;
    for (size_t i = 0; i < count; i++) {
        struct str old = found && i < found->values.len ? found->values.items[i] : STR_NONE;
        struct str text = STR_NONE;
        int rc = generate_text(generating, generator, old, &text);
        if (rc != 1) {
            return rc;
        }
        *VEC_PUSH(generating->arena, &made.values) = text;
    }
    if (!found) {
        found = VEC_PUSH(generating->arena, headers);
    }
    *found = made;
    return 1;
}

static int generate_query(struct generating *generating, const struct generator *generator,
                          struct pact_query *query)
{
    struct str text = STR_NONE;
    bool found = false;
    VEC_EACH(&query->params, struct url_param *, param) {
        if (!str_eq(param->name, generator->where)) {
            continue;
        }
        int rc = generate_text(generating, generator, param->value, &param->value);
        if (rc != 1) {
            return rc;
        }
        found = true;
    }
    if (!found) {
        int rc = generate_text(generating, generator, STR_NONE, &text);
        if (rc != 1) {
            return rc;
        }
        struct url_param *param = VEC_PUSH(generating->arena, &query->params);
        *param = (struct url_param){.name = generator->where, .value = text};
    }
    query->missing = false;
    query->text = STR_NONE; /* what was written no longer holds */
    return 1;
}

/* Bytes a path cannot hold on the wire (RFC 3986 §3.3); '%' stands for escapes already made. */
static bool needs_escape(unsigned char c)
{
    return c <= ' ' || c >= 0x7f || strchr("\"#<>?[\\]^`{|}", c);
}

static int generate_path(struct generating *generating, const struct generator *generator,
                         struct str *path)
{
    static const char hex[] = "0123456789ABCDEF";
    struct str text = STR_NONE;
    int rc = generate_text(generating, generator, *path, &text);
    if (rc != 1) {
        return rc;
    }
    if (!str_starts(text, STR("/"))) {
        return generate_warn(generating, generator, "a path must begin with '/'");
    }
    char *made = ARENA_ARRAY(generating->arena, char, 3 * text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (needs_escape(c)) {
            made[len++] = '%';
            made[len++] = hex[c >> 4];
            made[len++] = hex[c & 15];
        } else {
            made[len++] = (char)c;
        }
    }
    *path = str_make(made, len);
    return 1;
}

static int generate_method(struct generating *generating, const struct generator *generator,
                           struct str *method)
{
    struct str text = STR_NONE;
    int rc = generate_text(generating, generator, *method, &text);
    if (rc != 1) {
        return rc;
    }
    char *made = arena_strndup(generating->arena, text.ptr, text.len);
    for (size_t i = 0; i < text.len; i++) {
        made[i] = (char)toupper((unsigned char)made[i]);
        if (made[i] < 'A' || made[i] > 'Z') {
            return generate_warn(generating, generator, "a method is made of letters");
        }
    }
    if (text.len == 0) {
        return generate_warn(generating, generator, "a method is made of letters");
    }
    *method = str_make(made, text.len);
    return 1;
}

static int generate_status(struct generating *generating, const struct generator *generator,
                           int *status)
{
    struct str text = STR_NONE;
    int64_t value = 0;
    int rc = generate_text(generating, generator, STR_NONE, &text);
    if (rc != 1) {
        return rc;
    }
    if (!str_to_i64(text, 100, 599, &value)) {
        return generate_warn(generating, generator, "a status is a number from 100 to 599");
    }
    *status = (int)value;
    return 1;
}

static int generate_metadata(struct generating *generating, const struct generator *generator,
                             struct json **metadata)
{
    struct json *value = NULL;
    const struct json *old = json_find(*metadata, generator->where);
    int rc = generate_value(generating, generator, old, &value);
    if (rc == 1) {
        json_set_str(generating->arena, *metadata, generator->where, value);
    }
    return rc;
}

/* ---- parts ---- */

/* Where the values of a part go; NULL = it has no such place. */
struct places {
    struct str *method, *path;
    int *status;
    struct pact_query *query;
    struct pact_headers *headers;
    struct pact_body *body;
    struct json **metadata;
};

static int generate_one(struct generating *generating, const struct generator *generator,
                        const struct places *places)
{
    switch (generator->part) {
    case RULES_METHOD:
        return places->method ? generate_method(generating, generator, places->method) : 0;
    case RULES_PATH:
        return places->path ? generate_path(generating, generator, places->path) : 0;
    case RULES_QUERY:
        return places->query ? generate_query(generating, generator, places->query) : 0;
    case RULES_HEADER:
        return places->headers ? generate_header(generating, generator, places->headers) : 0;
    case RULES_STATUS:
        return places->status ? generate_status(generating, generator, places->status) : 0;
    case RULES_BODY:
        return places->body ? generate_body(generating, generator, places->body) : 0;
    case RULES_METADATA:
        return places->metadata ? generate_metadata(generating, generator, places->metadata) : 0;
    case RULES_PARTS:
        break;
    }
    return 0;
}

/* Whether any generator has a say, for one part or (RULES_PARTS) for all. */
static bool any(const struct generators *generators, const struct generate_context *context,
                enum rules_part part)
{
    VEC_EACH(generators, const struct generator *, generator) {
        if ((part == RULES_PARTS || generator->part == part) &&
            generator_applies(generator, context->mode)) {
            return true;
        }
    }
    return false;
}

static int generate_all(struct generating *generating, const struct generators *generators,
                        const struct places *places)
{
    bool body_changed = false;
    VEC_EACH(generators, const struct generator *, generator) {
        if (!generator_applies(generator, generating->context->mode)) {
            continue;
        }
        int rc = generate_one(generating, generator, places);
        if (rc < 0) {
            (void)err_wrap(generating->err, "generator of '%.*s'", STR_FMT(generator->where));
            return rc; /* also where nobody takes the error */
        }
        body_changed = body_changed || (rc == 1 && generator->part == RULES_BODY);
    }
    if (body_changed && places->body->json) {
        places->body->bytes = json_to_str(generating->arena, places->body->json, JSON_COMPACT);
    }
    return 0;
}

/* Lists that grow or change get items of their own. */
static void copy_headers(struct arena *arena, struct pact_headers *headers)
{
    size_t size = headers->len * sizeof *headers->items;
    headers->items = size ? arena_copy(arena, headers->items, size) : NULL;
    headers->cap = headers->len;
}

int generate_request(const struct pact_request *request, const struct generate_context *context,
                     struct arena *arena, struct pact_request *ret,
                     struct generate_warnings *warnings, struct err *err)
{
    struct generating generating = {
        .context = context, .arena = arena, .warnings = warnings, .err = err};
    struct pact_request made = *request;
    struct places places = {.method = &made.method,
                            .path = &made.path,
                            .query = &made.query,
                            .headers = &made.headers,
                            .body = &made.body};
    if (any(made.generators, context, RULES_HEADER)) {
        copy_headers(arena, &made.headers);
    }
    if (any(made.generators, context, RULES_QUERY)) {
        size_t size = made.query.params.len * sizeof *made.query.params.items;
        made.query.params.items = size ? arena_copy(arena, made.query.params.items, size) : NULL;
        made.query.params.cap = made.query.params.len;
    }
    int rc = generate_all(&generating, made.generators, &places);
    if (rc == 0) {
        *ret = made;
    }
    return rc;
}

int generate_response(const struct pact_response *response, const struct generate_context *context,
                      struct arena *arena, struct pact_response *ret,
                      struct generate_warnings *warnings, struct err *err)
{
    struct generating generating = {
        .context = context, .arena = arena, .warnings = warnings, .err = err};
    struct pact_response made = *response;
    struct places places = {.status = &made.status, .headers = &made.headers, .body = &made.body};
    if (any(made.generators, context, RULES_HEADER)) {
        copy_headers(arena, &made.headers);
    }
    int rc = generate_all(&generating, made.generators, &places);
    if (rc == 0) {
        *ret = made;
    }
    return rc;
}

int generate_message(const struct pact_message *message, const struct generate_context *context,
                     struct arena *arena, struct pact_message *ret,
                     struct generate_warnings *warnings, struct err *err)
{
    struct generating generating = {
        .context = context, .arena = arena, .warnings = warnings, .err = err};
    struct pact_message made = *message;
    struct places places = {.body = &made.body, .metadata = &made.metadata};
    if (any(made.generators, context, RULES_METADATA)) {
        made.metadata = json_copy(arena, made.metadata);
    }
    int rc = generate_all(&generating, made.generators, &places);
    if (rc == 0) {
        *ret = made;
    }
    return rc;
}
