// SPDX-License-Identifier: Apache-2.0
/* Requests, responses and messages as JSON. Keys in the order that the stock writers use. */
#include "lib/contract/write.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/contract/body.h"
#include "lib/contract/generate.h"
#include "lib/contract/keep.h"
#include "lib/contract/rules_table.h"

void write_text(struct arena *arena, struct json *object, const char *key, struct str value)
{
    if (value.ptr) {
        json_set(arena, object, key, json_new_str(arena, value));
    }
}

void write_if(struct arena *arena, struct json *object, const char *key, struct json *value)
{
    if (value) {
        json_set(arena, object, key, value);
    }
}

/* ---- headers and query ---- */

/* Before V4 a header is one string. */
static struct str joined(const struct pact_header *header, struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    VEC_EACH(&header->values, const struct str *, value) {
        buf_puts(&out, out.len ? ", " : "");
        buf_str(&out, *value);
    }
    return header->values.len == 1 ? header->values.items[0] : str_dup(arena, buf_view(&out));
}

static struct json *write_headers(const struct pact_headers *headers, enum pact_spec spec,
                                  struct arena *arena)
{
    struct json *out = json_new_object(arena);
    VEC_EACH(headers, const struct pact_header *, header) {
        if (spec < PACT_V4 && !header->apart) {
            json_set_str(arena, out, header->name, json_new_str(arena, joined(header, arena)));
            continue;
        }
        struct json *values = json_new_array(arena);
        VEC_EACH(&header->values, const struct str *, value) {
            json_append(arena, values, json_new_str(arena, *value));
        }
        json_set_str(arena, out, header->name, values);
    }
    return headers->len ? out : NULL;
}

static struct json *write_query(const struct pact_query *query, enum pact_spec spec,
                                struct arena *arena)
{
    struct json *out = json_new_object(arena);
    if (query->missing) {
        return NULL;
    }
    if (spec < PACT_V3) {
        struct str text =
            query->text.ptr ? query->text : url_query_write(arena, (const void *)&query->params);
        return json_new_str(arena, text.ptr ? text : STR(""));
    }
    VEC_EACH(&query->params, const struct url_param *, param) {
        struct json *values = json_find(out, param->name);
        if (!values) {
            values = json_new_array(arena);
            json_set_str(arena, out, param->name, values);
            values = json_find(out, param->name);
        }
        json_append(arena, values,
                    param->value.ptr ? json_new_str(arena, param->value) : json_new_null(arena));
    }
    keep_fill(arena, out, query->unsaid);
    return out;
}

/* ---- bodies ---- */

static bool read_back(const struct json *value, const struct pact_body *body,
                      struct str content_type, struct arena *arena)
{
    struct pact_body again = {0};
    body_read_flat(value, content_type, arena, &again);
    if (again.state != body->state || (again.json != NULL) != (body->json != NULL)) {
        return false;
    }
    return body->json ? json_equal(again.json, body->json) : str_eq(again.bytes, body->bytes);
}

struct json *write_body_flat(const struct pact_body *body, struct str content_type,
                             struct arena *arena, bool *ret_exact)
{
    struct json *tries[3] = {0};
    size_t len = 0;
    *ret_exact = true;
    if (body->state == PACT_BODY_MISSING) {
        return NULL;
    }
    if (body->state != PACT_BODY_PRESENT) {
        return body->state == PACT_BODY_NULL ? json_new_null(arena) : json_new_text(arena, "");
    }
    struct json *tree = NULL;
    if (!body->json && json_parse(body->bytes, NULL, arena, &tree, NULL) != 0) {
        tree = NULL;
    }
    if (body->json) {
        tries[len++] = body->json;
    }
    if (str_is_utf8(body->bytes, NULL) && !memchr(body->bytes.ptr, 0, body->bytes.len)) {
        tries[len++] = json_new_str(arena, body->bytes);
    }
    tries[len++] = tree ? tree : json_new_str(arena, hash_base64(arena, body->bytes));
    for (size_t i = 0; i < len; i++) {
        if (read_back(tries[i], body, content_type, arena)) {
            return tries[i];
        }
    }
    *ret_exact = false;
    return tries[0];
}

/* Whether the file's own value, read again, is the body: then nothing is lost by writing that. */
static bool still_said(const struct pact_body *body, struct str content_type, struct arena *arena)
{
    struct pact_body again = {0};
    const char *warning;
    if (body->raw_v4) {
        body_read_v4(body->raw, content_type, arena, &again, &warning);
    } else {
        body_read_flat(body->raw, content_type, arena, &again);
    }
    return again.state == body->state && str_eq(again.content_type, body->content_type) &&
           (again.json != NULL) == (body->json != NULL) && str_eq(again.bytes, body->bytes);
}

static struct json *write_body(const struct pact_body *body, struct str content_type,
                               enum pact_spec spec, struct arena *arena)
{
    bool exact, v4 = spec >= PACT_V4;
    if (body->raw && body->raw_v4 == v4 && still_said(body, content_type, arena)) {
        return json_copy(arena, body->raw);
    }
    return spec < PACT_V4 ? write_body_flat(body, content_type, arena, &exact)
                          : body_write(body, arena);
}

/* ---- rules and generators ---- */

/* V2: one object of "$.body.a[0]": {one rule}. */
static struct json *write_rules_flat(const struct rules *rules, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    for (int i = 0; i < RULES_PARTS; i++) {
        enum rules_part part = (enum rules_part)i;
        VEC_EACH(&rules->part[part], const struct rule *, rule) {
            if (rule->matchers.len > 0) {
                struct str where = rules_flat_where(part, rule->text, arena);
                json_set_str(arena, out, where, matcher_write(&rule->matchers.items[0], arena));
            }
        }
    }
    return json_len(out) > 0 ? out : NULL;
}

static struct json *write_rules(const struct rules *rules, enum pact_spec spec, struct arena *arena)
{
    return spec < PACT_V3 ? write_rules_flat(rules, arena) : rules_write(rules, arena);
}

static struct json *write_generators(const struct generators *generators, enum pact_spec spec,
                                     struct arena *arena)
{
    return spec < PACT_V3 ? NULL : generators_write(generators, arena);
}

/* ---- parts ---- */

struct json *write_request(const struct pact_request *request, enum pact_spec spec,
                           struct arena *arena)
{
    struct json *out = json_new_object(arena);
    struct str type = pact_header_get(&request->headers, "content-type");
    write_if(arena, out, "body", write_body(&request->body, type, spec, arena));
    write_if(arena, out, "generators", write_generators(request->generators, spec, arena));
    write_if(arena, out, "headers", write_headers(&request->headers, spec, arena));
    write_if(arena, out, "matchingRules", write_rules(request->rules, spec, arena));
    write_text(arena, out, "method", request->method);
    write_text(arena, out, "path", request->path);
    write_if(arena, out, "query", write_query(&request->query, spec, arena));
    keep_write(arena, out, request->extra, KEEP_REQUEST, spec);
    return out;
}

struct json *write_response(const struct pact_response *response, enum pact_spec spec,
                            struct arena *arena)
{
    struct json *out = json_new_object(arena);
    struct str type = pact_header_get(&response->headers, "content-type");
    write_if(arena, out, "body", write_body(&response->body, type, spec, arena));
    write_if(arena, out, "generators", write_generators(response->generators, spec, arena));
    write_if(arena, out, "headers", write_headers(&response->headers, spec, arena));
    write_if(arena, out, "matchingRules", write_rules(response->rules, spec, arena));
    json_set(arena, out, "status", json_new_int(arena, response->status));
    keep_write(arena, out, response->extra, KEEP_RESPONSE, spec);
    return out;
}

void write_message(const struct pact_message *message, enum pact_spec spec, struct arena *arena,
                   struct json *out)
{
    struct str type = read_metadata_type(message->metadata);
    write_if(arena, out, "contents", write_body(&message->body, type, spec, arena));
    write_if(arena, out, "generators", write_generators(message->generators, spec, arena));
    write_if(arena, out, "matchingRules", write_rules(message->rules, spec, arena));
    if (json_len(message->metadata) > 0) {
        json_set(arena, out, spec < PACT_V4 ? "metaData" : "metadata",
                 json_copy(arena, message->metadata));
    }
}
