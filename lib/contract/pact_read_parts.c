// SPDX-License-Identifier: Apache-2.0
/* Requests, responses and messages of Pact files. Source: pact-semantics, sections 1 and 2. */
#include "lib/contract/read.h"

#include <ctype.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/body.h"
#include "lib/contract/generate.h"
#include "lib/contract/rules_table.h"

/* V2's flat form is told by its keys, because files with a wrong version number exist. */
bool read_is_flat(const struct json *rules)
{
    return json_is(rules, JSON_OBJECT) && json_len(rules) > 0 &&
           str_starts(json_key(rules, 0), STR("$"));
}

/* A rule that is not used makes a contract stricter than its author meant. */
static void warn_of_categories(struct reader *reader, const struct json *value, const char *of)
{
    enum rules_part part;
    for (size_t i = 0; !read_is_flat(value) && i < json_len(value); i++) {
        struct str key = json_is(value, JSON_OBJECT) ? json_key(value, i) : STR_NONE;
        if (key.ptr && !rules_part_of(key, &part)) {
            read_warn(reader, json_at(value, i),
                      "category '%.*s' of the %s is not known; kept, not used", STR_FMT(key), of);
        }
    }
}

static int read_rules(struct reader *reader, const struct json *value, const char *old_name,
                      struct rules **ret_rules, struct generators **ret_generators)
{
    const char *const names[] = {"matchingRules", old_name, NULL};
    const struct json *rules = read_first(value, names);
    const struct json *generators = json_get(value, "generators");
    const char *source = reader->pact->source.ptr;
    *ret_rules = rules_new(reader->arena);
    *ret_generators = generators_new(reader->arena);
    warn_of_categories(reader, rules, "matching rules");
    warn_of_categories(reader, generators, "generators");
    int rc = rules_read_at(rules, &reader->position, source, read_is_flat(rules), reader->arena,
                           *ret_rules, reader->err);
    if (rc || !generators || json_is(generators, JSON_NULL)) {
        return rc;
    }
    struct err inner = ERR_INIT;
    rc = generators_read(generators, read_is_flat(generators), reader->arena, *ret_generators,
                         &inner);
    if (rc) {
        int line, column;
        position_of(&reader->position, generators, &line, &column);
        return err_at(reader->err, inner.code, source, line, column, "%s", inner.text);
    }
    return 0;
}

static int read_header(struct reader *reader, struct str name, const struct json *value,
                       struct pact_headers *ret)
{
    struct pact_header *header = VEC_PUSH(reader->arena, ret);
    size_t len = json_is(value, JSON_ARRAY) ? json_len(value) : 1;
    header->name = name;
    header->apart = json_is(value, JSON_ARRAY) && len != 1 && reader->pact->spec < PACT_V4;
    for (size_t i = 0; i < len; i++) {
        const struct json *item = json_is(value, JSON_ARRAY) ? json_at(value, i) : value;
        struct str text = STR("");
        int rc = read_text(reader, item, "a string as header value", &text);
        if (rc) {
            return rc;
        }
        *VEC_PUSH(reader->arena, &header->values) = text;
    }
    return 0;
}

static int read_headers(struct reader *reader, const struct json *value, struct pact_headers *ret)
{
    if (!value || json_is(value, JSON_NULL)) {
        return 0;
    }
    if (!json_is(value, JSON_OBJECT)) {
        return read_wrong(reader, value, "an object as 'headers'");
    }
    for (size_t i = 0; i < json_len(value); i++) {
        int rc = read_header(reader, json_key(value, i), json_at(value, i), ret);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

static void add_param(struct reader *reader, struct pact_query *query, struct str name,
                      struct str value)
{
    *VEC_PUSH(reader->arena, &query->params) = (struct url_param){name, value};
}

static int read_query_text(struct reader *reader, const struct json *value, struct pact_query *ret)
{
    struct url_params params = {0};
    ret->text = json_text(value);
    if (url_query_parse(ret->text, reader->arena, &params, NULL) != 0) {
        return read_wrong(reader, value, "a well-formed query");
    }
    VEC_EACH(&params, const struct url_param *, param) {
        /* JSON, and so V4, has no way to hold anything else. */
        if (!str_is_utf8(param->name, NULL) || !str_is_utf8(param->value, NULL)) {
            return read_wrong(reader, value, "a query of UTF-8 text");
        }
        add_param(reader, ret, param->name, param->value);
    }
    return 0;
}

static int read_query_values(struct reader *reader, struct str name, const struct json *value,
                             struct pact_query *ret)
{
    size_t len = json_is(value, JSON_ARRAY) ? json_len(value) : 1;
    for (size_t i = 0; i < len; i++) {
        const struct json *item = json_is(value, JSON_ARRAY) ? json_at(value, i) : value;
        struct str text = STR_NONE;
        int rc = read_text(reader, item, "a string as query value", &text);
        if (rc) {
            return rc;
        }
        add_param(reader, ret, name, text);
    }
    return 0;
}

static int read_query(struct reader *reader, const struct json *value, struct pact_query *ret)
{
    ret->missing = !value || json_is(value, JSON_NULL);
    if (ret->missing) {
        return 0;
    }
    if (json_is(value, JSON_STRING)) {
        return read_query_text(reader, value, ret);
    }
    if (!json_is(value, JSON_OBJECT)) {
        return read_wrong(reader, value, "a string or an object as 'query'");
    }
    for (size_t i = 0; i < json_len(value); i++) {
        const struct json *values = json_at(value, i);
        if (json_is(values, JSON_ARRAY) && json_len(values) == 0) {
            ret->unsaid = ret->unsaid ? ret->unsaid : json_new_object(reader->arena);
            json_set_str(reader->arena, ret->unsaid, json_key(value, i), (struct json *)values);
        }
        int rc = read_query_values(reader, json_key(value, i), values, ret);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

static void read_body(struct reader *reader, const struct json *value, struct str content_type,
                      bool v4, struct pact_body *ret)
{
    const char *warning = NULL;
    if (v4) {
        body_read_v4(value, content_type, reader->arena, ret, &warning);
    } else {
        body_read_flat(value, content_type, reader->arena, ret);
    }
    if (warning) {
        read_warn(reader, value, "%s", warning);
    }
}

static struct str upper(struct reader *reader, struct str text)
{
    char *copy = arena_strndup(reader->arena, text.ptr, text.len);
    for (size_t i = 0; i < text.len; i++) {
        copy[i] = (char)toupper((unsigned char)copy[i]);
    }
    return str_make(copy, text.len);
}

/* Joined to a base URL, anything but a path could lead to another host. */
static int read_path(struct reader *reader, const struct json *value, struct str *ret)
{
    int rc = read_text(reader, value, "a string as 'path'", ret);
    if (rc == 0 && ret->len > 0 && ret->ptr[0] != '/') {
        return read_wrong(reader, value, "a 'path' that starts with '/'");
    }
    return rc;
}

int read_request(struct reader *reader, const struct json *value, struct pact_request *ret)
{
    bool v4 = reader->pact->spec >= PACT_V4;
    if (value && !json_is(value, JSON_OBJECT) && !json_is(value, JSON_NULL)) {
        return read_wrong(reader, value, "an object as 'request'");
    }
    int rc = read_text(reader, json_get(value, "method"), "a string as 'method'", &ret->method);
    rc = rc ? rc : read_path(reader, json_get(value, "path"), &ret->path);
    rc = rc ? rc : read_query(reader, json_get(value, "query"), &ret->query);
    rc = rc ? rc : read_headers(reader, json_get(value, "headers"), &ret->headers);
    rc = rc ? rc : read_rules(reader, value, "requestMatchingRules", &ret->rules, &ret->generators);
    if (rc) {
        return rc;
    }
    ret->raw = value;
    ret->method = upper(reader, ret->method);
    read_body(reader, json_get(value, "body"), pact_header_get(&ret->headers, "content-type"), v4,
              &ret->body);
    return 0;
}

static int read_status(struct reader *reader, const struct json *value, int *ret)
{
    int64_t status;
    if (!value || json_is(value, JSON_NULL)) {
        return 0;
    }
    if (!str_to_i64(json_text(value), 100, 999, &status)) {
        return read_wrong(reader, value, "an integer of three digits as 'status'");
    }
    *ret = (int)status;
    return 0;
}

int read_response(struct reader *reader, const struct json *value, struct pact_response *ret)
{
    bool v4 = reader->pact->spec >= PACT_V4;
    if (value && !json_is(value, JSON_OBJECT) && !json_is(value, JSON_NULL)) {
        return read_wrong(reader, value, "an object as 'response'");
    }
    int rc = read_status(reader, json_get(value, "status"), &ret->status);
    rc = rc ? rc : read_headers(reader, json_get(value, "headers"), &ret->headers);
    rc =
        rc ? rc : read_rules(reader, value, "responseMatchingRules", &ret->rules, &ret->generators);
    if (rc) {
        return rc;
    }
    ret->raw = value;
    if (!reader->asked) {
        read_body(reader, json_get(value, "body"), pact_header_get(&ret->headers, "content-type"),
                  v4, &ret->body);
    }
    return 0;
}

struct str read_metadata_type(const struct json *metadata)
{
    static const char *const names[] = {"contentType", "content-type", "Content-Type",
                                        "Content-type", NULL};
    const struct json *found = read_first(metadata, names);
    return json_is(found, JSON_STRING) ? json_text(found) : STR_NONE;
}

int read_message(struct reader *reader, const struct json *value, bool v4, struct pact_message *ret)
{
    static const char *const metadata_names[] = {"metadata", "metaData", NULL};
    static const char *const contents_names[] = {"contents", "content", NULL};
    const struct json *metadata = read_first(value, metadata_names);
    ret->metadata = json_new_object(reader->arena);
    if (value && !json_is(value, JSON_OBJECT) && !json_is(value, JSON_NULL)) {
        return read_wrong(reader, value, "an object as message");
    }
    if (metadata && !json_is(metadata, JSON_NULL)) {
        if (!json_is(metadata, JSON_OBJECT)) {
            return read_wrong(reader, metadata, "an object as 'metadata'");
        }
        ret->metadata = (struct json *)metadata;
    }
    int rc = read_rules(reader, value, NULL, &ret->rules, &ret->generators);
    if (rc == 0) {
        read_body(reader, read_first(value, contents_names), read_metadata_type(ret->metadata), v4,
                  &ret->body);
    }
    return rc;
}
