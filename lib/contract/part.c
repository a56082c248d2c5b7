// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/part.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/keep.h"
#include "lib/contract/read.h"
#include "lib/contract/write.h"

static const char *const kind_names[] = {"request", "response", "message"};

bool part_kind_of(struct str name, enum part_kind *ret)
{
    for (size_t i = 0; i < sizeof kind_names / sizeof *kind_names; i++) {
        if (str_is(name, kind_names[i])) {
            *ret = (enum part_kind)i;
            return true;
        }
    }
    return false;
}

bool part_spec_of(struct str name, enum pact_spec *ret)
{
    static const struct {
        const char *text;
        enum pact_spec spec;
    } specs[] = {
        {"1", PACT_V1},       {"1.0", PACT_V1},   {"1.0.0", PACT_V1}, {"1.1", PACT_V1_1},
        {"1.1.0", PACT_V1_1}, {"2", PACT_V2},     {"2.0", PACT_V2},   {"2.0.0", PACT_V2},
        {"3", PACT_V3},       {"3.0", PACT_V3},   {"3.0.0", PACT_V3}, {"4", PACT_V4},
        {"4.0", PACT_V4},     {"4.0.0", PACT_V4},
    };
    if (name.len > 0 && (name.ptr[0] == 'V' || name.ptr[0] == 'v')) {
        name = str_sub(name, 1, name.len - 1);
    }
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        if (str_is(name, specs[i].text)) {
            *ret = specs[i].spec;
            return true;
        }
    }
    return false;
}

/* {"content", "contentType", "encoded", …} and nothing else. */
static bool body_object(const struct json *value)
{
    static const char *const known[] = {"content", "contentType", "encoded", "contentTypeHint"};
    size_t found = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        found += json_get(value, known[i]) != NULL;
    }
    return json_is(value, JSON_OBJECT) && found == json_len(value) &&
           (json_get(value, "content") || json_get(value, "encoded"));
}

enum pact_spec part_spec_guess(const struct json *part)
{
    const struct json *headers = json_get(part, "headers");
    bool v4 = body_object(json_get(part, "body")) || body_object(json_get(part, "contents"));
    for (size_t i = 0; i < json_len(headers); i++) {
        v4 = v4 || json_is(json_at(headers, i), JSON_ARRAY);
    }
    return v4 ? PACT_V4 : PACT_V3;
}

int part_read(struct str text, const char *source, enum part_kind kind, enum pact_spec spec,
              struct arena *arena, struct pact **ret, struct err *err)
{
    struct json *root = NULL;
    struct pact *pact = pact_new(arena, STR("consumer"), STR("provider"));
    int rc = json_parse(text, source, arena, &root, err);
    if (rc) {
        return rc;
    }
    pact->spec = spec;
    pact->source = str_dup(arena, str_of(source ? source : ""));
    pact->text = text;
    struct reader reader = {
        .pact = pact, .arena = arena, .position = position_start(text), .err = err};
    if (!json_is(root, JSON_OBJECT)) {
        return err_at(err, ERR_PARSE, source, 1, 1, "expected a %s as an object", kind_names[kind]);
    }
    struct pact_interaction *part =
        pact_add(arena, pact, kind == PART_MESSAGE ? PACT_MESSAGE : PACT_HTTP, STR("part"));
    if (kind == PART_REQUEST) {
        rc = read_request(&reader, root, &part->request);
    } else if (kind == PART_RESPONSE) {
        rc = read_response(&reader, root, &part->response);
    } else {
        rc = read_message(&reader, root, spec >= PACT_V4, &part->message);
    }
    if (rc == 0) {
        part->extra = root;
        *ret = pact;
    }
    return rc;
}

/* ---- examples as if received ---- */

static struct str sent_body(const struct pact_body *body)
{
    return body->state == PACT_BODY_PRESENT ? body->bytes : STR_NONE;
}

static struct headers sent_headers(const struct pact_headers *from, const struct pact_body *body,
                                   struct arena *arena)
{
    struct headers to = {0};
    VEC_EACH(from, const struct pact_header *, header) {
        VEC_EACH(&header->values, const struct str *, value) {
            headers_add(arena, &to, header->name, *value);
        }
        if (header->values.len == 0) { /* a field that is there and says nothing */
            headers_add(arena, &to, header->name, STR(""));
        }
    }
    /* V4 says the type of a body beside the body; on the wire it is a header. */
    if (body->content_type.ptr && !headers_get(&to, "Content-Type").ptr) {
        headers_add(arena, &to, STR("Content-Type"), body->content_type);
    }
    return to;
}

struct actual_request part_sent_request(const struct pact_request *request, struct arena *arena)
{
    const struct pact_query *query = &request->query;
    return (struct actual_request){
        .method = request->method,
        .path = request->path,
        .query =
            query->text.ptr ? query->text : url_query_write(arena, (const void *)&query->params),
        .headers = sent_headers(&request->headers, &request->body, arena),
        .body = sent_body(&request->body),
    };
}

struct actual_response part_sent_response(const struct pact_response *response, struct arena *arena)
{
    return (struct actual_response){
        .status = response->status,
        .headers = sent_headers(&response->headers, &response->body, arena),
        .body = sent_body(&response->body),
    };
}

struct actual_message part_sent_message(const struct pact_message *message)
{
    return (struct actual_message){
        .body = sent_body(&message->body),
        .content_type = message->body.content_type,
        .metadata = message->metadata,
    };
}

/*
 * A body that stands in its part as JSON lost its repeated keys when the part was read, so what a
 * comparison says of such a body on the wire is said here.
 */
static void refuse_repeated(const struct pact_body *expected, const struct pact_body *actual,
                            struct arena *arena, struct match_result *ret)
{
    struct json *compared = NULL;
    struct str key, other;
    if (expected->state != PACT_BODY_PRESENT || !expected->json ||
        !json_first_repeated(actual->json, &key) ||
        json_parse(actual->bytes, "body", arena, &compared, NULL) != 0 ||
        json_first_repeated(compared, &other)) {
        return; /* the last: it was compared with them, as text that V4 calls encoded */
    }
    *VEC_PUSH(arena, ret) = (struct mismatch){
        .part = MATCH_BODY,
        .path = STR("$"),
        .expected = str_sub(expected->bytes, 0, LIMIT_SHOWN),
        .actual = str_sub(actual->bytes, 0, LIMIT_SHOWN),
        .rule = STR("equality"),
        .text = str_printf(arena, "The actual body has the key '%.*s' more than once in one object",
                           STR_FMT(key)),
    };
}

int part_match(enum part_kind kind, const struct pact *expected, const struct pact *actual,
               struct arena *arena, struct match_result *ret, struct err *err)
{
    const struct pact_interaction *e = &expected->interactions.items[0];
    const struct pact_interaction *a = &actual->interactions.items[0];
    const struct pact_body *want = &e->message.body, *got = &a->message.body;
    int rc;
    if (kind == PART_REQUEST) {
        struct actual_request sent = part_sent_request(&a->request, arena);
        want = &e->request.body;
        got = &a->request.body;
        rc = match_request(expected, &e->request, &sent, arena, ret, err);
    } else if (kind == PART_RESPONSE) {
        struct actual_response sent = part_sent_response(&a->response, arena);
        want = &e->response.body;
        got = &a->response.body;
        rc = match_response(expected, &e->response, &sent, arena, ret, err);
    } else {
        struct actual_message sent = part_sent_message(&a->message);
        rc = match_message(expected, &e->message, &sent, arena, ret, err);
    }
    if (rc == 0) {
        refuse_repeated(want, got, arena, ret);
    }
    return rc;
}

/* ---- generating ---- */

static struct json *write_part(enum part_kind kind, const struct pact_interaction *part,
                               enum pact_spec spec, struct arena *arena)
{
    if (kind == PART_REQUEST) {
        return write_request(&part->request, spec, arena);
    }
    if (kind == PART_RESPONSE) {
        return write_response(&part->response, spec, arena);
    }
    struct json *out = json_new_object(arena);
    write_message(&part->message, spec, arena, out);
    return out;
}

/* The name under which the part has a member that has several in files. */
static const char *spelling(const struct json *part, const char *name)
{
    static const char *const others[][2] = {
        {"metaData", "metadata"}, {"metadata", "metaData"}, {"contents", "content"}};
    for (size_t i = 0; !json_get(part, name) && i < sizeof others / sizeof *others; i++) {
        if (strcmp(others[i][0], name) == 0 && json_get(part, others[i][1])) {
            return others[i][1];
        }
    }
    return name;
}

int part_generate(enum part_kind kind, const struct pact *pact,
                  const struct generate_context *context, struct arena *arena, struct json **ret,
                  struct generate_warnings *warnings, struct err *err)
{
    const struct pact_interaction *part = &pact->interactions.items[0];
    struct pact_interaction made = *part;
    int rc;
    if (kind == PART_REQUEST) {
        rc = generate_request(&part->request, context, arena, &made.request, warnings, err);
    } else if (kind == PART_RESPONSE) {
        rc = generate_response(&part->response, context, arena, &made.response, warnings, err);
    } else {
        rc = generate_message(&part->message, context, arena, &made.message, warnings, err);
    }
    if (rc) {
        return rc;
    }
    struct json *out = json_copy(arena, part->extra);
    const struct json *before = write_part(kind, part, pact->spec, arena);
    const struct json *after = write_part(kind, &made, pact->spec, arena);
    for (size_t i = 0; i < json_len(after); i++) {
        const char *name = str_cstr(arena, json_key(after, i));
        struct json *was = json_get(before, name), *is = json_at(after, i);
        if (json_equal(is, was)) {
            continue;
        }
        /* The members of a body object beside its content are not what generators change. */
        bool body =
            pact->spec >= PACT_V4 && (strcmp(name, "body") == 0 || strcmp(name, "contents") == 0);
        if (body && json_get(was, "content")) {
            keep_fill(arena, is, was);
        }
        json_set(arena, out, spelling(out, name), is);
    }
    *ret = out;
    return 0;
}
