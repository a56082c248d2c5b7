// SPDX-License-Identifier: Apache-2.0
/* Puts generated values into examples: all parts but bodies. */
#include "lib/contract/generate.h"

#include <ctype.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/generate_value.h"

/* ---- texts ---- */

static int text_value(struct generating *generating, const struct generator *generator,
                      struct str example, struct str *ret)
{
    return generate_text(generating, generator, example, false, ret);
}

/* Split "name[1]"; false if it is no such thing. */
static bool indexed(struct str where, struct str *ret_name, size_t *ret_index)
{
    size_t open = where.len;
    int64_t index = 0;
    while (open > 0 && where.ptr[open - 1] != '[') {
        open--;
    }
    if (open < 2 || !str_ends(where, STR("]")) ||
        !str_to_i64(str_sub(where, open, where.len - 1 - open), 0, INT32_MAX, &index)) {
        return false;
    }
    *ret_name = str_sub(where, 0, open - 1);
    *ret_index = (size_t)index;
    return true;
}

static struct pact_header *find_header(struct pact_headers *headers, struct str name)
{
    struct pact_header *found = NULL;
    VEC_EACH(headers, struct pact_header *, header) {
        found = str_eq_nocase(header->name, name) ? header : found;
    }
    return found;
}

static int no_such_value(struct generating *generating, const struct generator *generator)
{
    return generate_warn(generating, generator, "there are not so many values");
}

static int generate_header(struct generating *generating, const struct generator *generator,
                           struct pact_headers *headers)
{
    struct str name = generator->where;
    size_t only = SIZE_MAX;
    struct pact_header *found = find_header(headers, name);
    if (!found && indexed(generator->where, &name, &only)) {
        found = find_header(headers, name);
        if (!found || only >= found->values.len) {
            return no_such_value(generating, generator);
        }
    }
    struct pact_header made = {.name = found ? found->name : name};
    size_t count = found && found->values.len > 0 ? found->values.len : 1;
    for (size_t i = 0; i < count; i++) {
        struct str text = found && i < found->values.len ? found->values.items[i] : STR_NONE;
        if (only == SIZE_MAX || only == i) {
            int rc = text_value(generating, generator, text, &text);
            if (rc != 1) {
                return rc;
            }
        }
        *VEC_PUSH(generating->arena, &made.values) = text;
    }
    if (!found) {
        found = VEC_PUSH(generating->arena, headers);
    }
    *found = made;
    return 1;
}

static bool has_param(const struct pact_query *query, struct str name)
{
    VEC_EACH(&query->params, const struct url_param *, param) {
        if (str_eq(param->name, name)) {
            return true;
        }
    }
    return false;
}

static int generate_query(struct generating *generating, const struct generator *generator,
                          struct pact_query *query)
{
    struct str name = generator->where, base, text = STR_NONE;
    size_t only = SIZE_MAX, index = 0, seen = 0;
    bool found = has_param(query, name);
    /* Names keep their brackets: "a[0]" is one value of `a` only where nothing is called so. */
    if (!found && indexed(name, &base, &index) && has_param(query, base)) {
        name = base;
        only = index;
    }
    VEC_EACH(&query->params, struct url_param *, param) {
        if (!str_eq(param->name, name) || (only != SIZE_MAX && seen++ != only)) {
            continue;
        }
        int rc = text_value(generating, generator, param->value, &param->value);
        if (rc != 1) {
            return rc;
        }
        found = true;
    }
    if (!found && only != SIZE_MAX) {
        return no_such_value(generating, generator);
    }
    if (!found) {
        int rc = text_value(generating, generator, STR_NONE, &text);
        if (rc != 1) {
            return rc;
        }
        struct url_param *param = VEC_PUSH(generating->arena, &query->params);
        *param = (struct url_param){.name = name, .value = text};
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
    int rc = text_value(generating, generator, *path, &text);
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
    int rc = text_value(generating, generator, *method, &text);
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
    int rc = text_value(generating, generator, STR_NONE, &text);
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
    const struct rules *rules; /* whose variants carry generators */
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
    int rc = generate_variants(generating, places->rules, places->body);
    bool body_changed = rc == 1;
    rc = rc < 0 ? rc : generate_each(generating, places->rules, false, places->body);
    body_changed = body_changed || rc == 1;
    if (rc < 0) {
        return rc;
    }
    VEC_EACH(generators, const struct generator *, generator) {
        if (!generator_applies(generator, generating->context->mode)) {
            continue;
        }
        rc = generate_one(generating, generator, places);
        if (rc < 0) {
            (void)err_wrap(generating->err, "generator of '%.*s'", STR_FMT(generator->where));
            return rc; /* also where nobody takes the error */
        }
        body_changed = body_changed || (rc == 1 && generator->part == RULES_BODY);
    }
    /* Keys come last, since the paths of all others lead over those of the example. */
    rc = generate_each(generating, places->rules, true, places->body);
    if (rc < 0) {
        return rc;
    }
    if (body_changed || rc == 1) {
        generate_body_done(generating, places->body);
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
                            .body = &made.body,
                            .rules = made.rules};
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
    struct places places = {
        .status = &made.status, .headers = &made.headers, .body = &made.body, .rules = made.rules};
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
    struct places places = {.body = &made.body, .metadata = &made.metadata, .rules = made.rules};
    if (any(made.generators, context, RULES_METADATA)) {
        made.metadata = json_copy(arena, made.metadata);
    }
    int rc = generate_all(&generating, made.generators, &places);
    if (rc == 0) {
        *ret = made;
    }
    return rc;
}
