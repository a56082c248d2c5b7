// SPDX-License-Identifier: Apache-2.0
#include "broker/call.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "broker/html.h"
#include "broker/links.h"
#include "broker/parse_error.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/json/json.h"

const char *call_param(const struct call *call, const char *name)
{
    struct str value = url_query_get(call->params, name);
    assert(value.ptr);
    return str_cstr(call->arena, value);
}

const char *call_query(const struct call *call, const char *name)
{
    struct str value = url_query_get(&call->query, name);
    return value.len > 0 ? str_cstr(call->arena, value) : NULL;
}

const char *call_self(const struct call *call)
{
    const char *mark = call->raw_query.ptr ? "?" : "";
    return arena_printf(call->arena, "%s%.*s%s%.*s", call->base, STR_FMT(call->path), mark,
                        STR_FMT(call->raw_query));
}

const char *call_resource(const struct call *call)
{
    return arena_printf(call->arena, "%s%.*s", call->base, STR_FMT(call->path));
}

bool call_writes(const struct call_route *route)
{
    return strcmp(route->method, "GET") != 0 && !route->reads;
}

void call_subject(struct call *call, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    call->subject = arena_strdup(call->arena, text);
}

/* ---- answers ---- */

int call_text(struct call *call, int status, const char *content_type, struct str body)
{
    call->status = status;
    call->content_type = content_type;
    call->reply = body;
    return 0;
}

int call_json(struct call *call, int status, const struct json *body)
{
    return call_text(call, status, CALL_HAL, json_to_str(call->arena, body, JSON_COMPACT));
}

int call_empty(struct call *call, int status)
{
    return call_text(call, status, NULL, STR_NONE);
}

void call_location(struct call *call, const char *url)
{
    headers_addz(call->arena, &call->headers, "Location", url);
}

void call_after_commit(struct call *call, void (*fn)(void *arg), void *arg)
{
    *VEC_PUSH(call->arena, &call->after) = (struct call_after){fn, arg};
}

static int answer_problem(struct call *call, int status, const char *title, const char *type,
                          const char *detail)
{
    struct json *body = json_new_object(call->arena);
    call_set(call, body, "title", title);
    call_set(call, body, "type", type);
    call_set(call, body, "detail", detail);
    json_set(call->arena, body, "status", json_new_int(call->arena, status));
    call_json(call, status, body);
    call->content_type = "application/problem+json;charset=utf-8";
    return 0;
}

int call_problem(struct call *call, int status, const char *title, const char *kind,
                 const char *detail)
{
    const char *type = arena_printf(call->arena, "%s/problem/%s", call->base, kind);
    return answer_problem(call, status, title, type, detail);
}

static int error_text(struct call *call, int status, const char *content_type, const char *text)
{
    if (call->problem && status == 404)
        return call_problem(call, status, "Not found", "not-found", text);
    if (call->problem && status == 403)
        return call_problem(call, status, "Forbidden", "forbidden", text);
    if (call->problem)
        return call_problem(call, status, status == 409 ? "Conflict" : "Invalid request",
                            status == 409 ? "conflict" : "invalid-request", text);
    struct json *body = json_new_object(call->arena);
    call_set(call, body, "error", text);
    call_json(call, status, body);
    call->content_type = content_type;
    return 0;
}

int call_error(struct call *call, int status, const char *fmt, ...)
{
    struct buf text BUF_AUTO = BUF_INIT(64 * 1024);
    va_list args;
    va_start(args, fmt);
    char *at = buf_reserve(&text, 32 * 1024);
    int n = vsnprintf(at, 32 * 1024, fmt, args);
    va_end(args);
    const char *shown = arena_strndup(call->arena, at, n < 32 * 1024 ? (size_t)n : 32 * 1024 - 1);
    return error_text(call, status, CALL_HAL, shown);
}

static int no_page(struct call *call)
{
    struct buf out BUF_AUTO = BUF_INIT(HTML_MAX);
    html_begin(&out, call, "Not found");
    buf_puts(&out, "<p>The requested document was not found on this server.</p>\n");
    return html_answer(&out, call, 404);
}

int call_not_found(struct call *call)
{
    static const char text[] = "The requested document was not found on this server.";
    if (call->page || (call->type && strcmp(call->type, "text/html") == 0))
        return no_page(call);
    if (!call->problem)
        return error_text(call, 404, "application/json;charset=utf-8", text);
    return answer_problem(call, 404, "404 Not Found", "/problem/not-found", text);
}

int call_failure(struct call *call, const char *reference)
{
    struct arena *arena = call->arena;
    const char *message = arena_printf(
        arena, "An error has occurred. The details have been logged with the reference %s",
        reference);
    struct json *body = json_new_object(arena), *error = json_new_object(arena);
    if (call->problem) {
        call_set(call, body, "title", "Server error");
        call_set(call, body, "type", arena_printf(arena, "%s/problems/server-error", call->base));
        call_set(call, body, "detail", message);
        json_set(arena, body, "status", json_new_int(arena, 500));
        call_set(call, body, "instance", "/");
        call_json(call, 500, body);
        call->content_type = "application/problem+json;charset=utf-8";
        return 0;
    }
    call_set(call, error, "message", message);
    call_set(call, error, "reference", reference);
    json_set(arena, body, "error", error);
    return call_json(call, 500, body);
}

int call_no_pacticipant(struct call *call, const char *role, const char *name)
{
    return call_error(call, 404, "No %s with name '%s' found", role, name);
}

/* ---- validation ---- */

void issues_add(struct call *call, struct issues *issues, const char *key, const char *fmt, ...)
{
    char text[4096];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    *VEC_PUSH(call->arena, issues) = (struct issue){key, arena_strdup(call->arena, text)};
}

/* "/contracts/0" from the key and "(at index 0)" of the text. */
static const char *pointer_of(struct call *call, const struct issue *issue)
{
    char *pointer = arena_printf(call->arena, "/%s", issue->key);
    for (char *p = pointer; *p; p++)
        *p = *p == '.' ? '/' : *p;
    const char *index = strstr(issue->text, "(at index ");
    if (!index)
        return pointer;
    index += strlen("(at index ");
    return arena_printf(call->arena, "%s/%.*s", pointer, (int)strspn(index, "0123456789"), index);
}

static int issues_problem(struct call *call, int status, const struct issues *issues)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *list = json_new_array(arena);
    call_set(call, body, "title", "Validation errors");
    call_set(call, body, "type", arena_printf(arena, "%s/problems/validation-error", call->base));
    json_set(arena, body, "status", json_new_int(arena, status));
    call_set(call, body, "instance", "/");
    VEC_EACH(issues, const struct issue *, issue) {
        const char *kind = strstr(issue->text, "missing")  ? "missing-body-property"
                           : strstr(issue->text, "format") ? "invalid-body-property-format"
                                                           : "invalid-body-property-value";
        struct json *item = json_new_object(arena);
        call_set(call, item, "type", arena_printf(arena, "%s/problems/%s", call->base, kind));
        call_set(call, item, "title", "Invalid body parameter");
        call_set(call, item, "detail", issue->text);
        if (issue->key)
            call_set(call, item, "pointer", pointer_of(call, issue));
        json_append(arena, list, item);
    }
    json_set(arena, body, "errors", list);
    call_json(call, status, body);
    call->content_type = "application/problem+json;charset=utf-8";
    return 0;
}

int call_issues(struct call *call, const struct issues *issues)
{
    return call_issues_as(call, 400, issues);
}

int call_issues_as(struct call *call, int status, const struct issues *issues)
{
    if (call->problem)
        return issues_problem(call, status, issues);
    struct json *errors = json_new_object(call->arena), *body = json_new_object(call->arena);
    VEC_EACH(issues, const struct issue *, issue) {
        struct json *list = json_get(errors, issue->key);
        if (!list) {
            list = json_new_array(call->arena);
            json_set(call->arena, errors, issue->key, list);
        }
        json_append(call->arena, list, json_new_text(call->arena, issue->text));
    }
    json_set(call->arena, body, "errors", errors);
    return call_json(call, status, body);
}

const char *call_class(const struct json *value)
{
    switch (json_type(value)) {
    case JSON_ARRAY:
        return "Array";
    case JSON_STRING:
        return "String";
    case JSON_NUMBER:
        return json_is_integer(value) ? "Integer" : "Float";
    case JSON_BOOL:
        return json_bool(value) ? "TrueClass" : "FalseClass";
    case JSON_NULL:
        return "NilClass";
    case JSON_OBJECT:
        break;
    }
    return "Hash";
}

static bool utf8_continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

const char *call_not_utf8(struct call *call, const char *what, struct str text, size_t at)
{
    size_t number = 1, from = at, shown = 0;
    for (size_t i = 0; i < at; i++)
        number += !utf8_continues(text.ptr[i]);
    while (from > 0 && shown < 100)
        shown += !utf8_continues(text.ptr[--from]);
    return arena_printf(call->arena,
                        "%s has a non UTF-8 character at char %zu and cannot be parsed as JSON. "
                        "Fragment preceding invalid character is: '%.*s'",
                        what, number, (int)(at - from), text.ptr + from);
}

static int bad_json(struct call *call)
{
    size_t at = 0;
    if (!str_is_utf8(call->body, &at))
        return call_error(call, 400, "%s", call_not_utf8(call, "Request body", call->body, at));
    const char *text = parse_error_text(call->arena, call->body, CALL_DEPTH_MAX);
    if (text)
        return call_error(call, 400, "%s", text);
    struct err err = ERR_INIT;
    struct json *unused = NULL;
    json_parse(call->body, NULL, call->arena, &unused, &err);
    return call_error(call, 400, "JSON::ParserError - %s at line %d column %d", err.text, err.line,
                      err.column);
}

struct json *call_body(struct call *call, bool may_be_empty)
{
    struct json *body = NULL;
    if (may_be_empty && str_trim(call->body).len == 0)
        return json_new_object(call->arena);
    if (json_parse(call->body, NULL, call->arena, &body, NULL) < 0) {
        bad_json(call);
        return NULL;
    }
    if (!json_is(body, JSON_OBJECT)) {
        call_error(call, 400, "RuntimeError - Expected JSON Object in request body but found %s",
                   call_class(body));
        return NULL;
    }
    if (json_depth(body) > CALL_DEPTH_MAX) {
        call_error(call, 400, "JSON::NestingError - nesting of %d is too deep", CALL_DEPTH_MAX + 1);
        return NULL;
    }
    struct str key = STR_NONE;
    if (json_first_repeated(body, &key)) {
        call_error(call, 400,
                   "The key '%.*s' is repeated in one object of the request body; send "
                   "it once",
                   STR_FMT(key));
        return NULL;
    }
    return body;
}

const char *call_text_member(struct call *call, const struct json *object, const char *key,
                             unsigned rules, struct issues *issues)
{
    const struct json *value = json_get(object, key);
    if (!value || json_type(value) == JSON_NULL) {
        if (rules & TEXT_REQUIRED)
            issues_add(call, issues, key, value ? "must be filled" : "is missing");
        return NULL;
    }
    if (!json_is(value, JSON_STRING)) {
        issues_add(call, issues, key, "must be a string");
        return NULL;
    }
    struct str text = json_text(value);
    if (text.len == 0 && (rules & TEXT_REQUIRED))
        issues_add(call, issues, key, "must be filled");
    else if (str_trim(text).len == 0 && (rules & TEXT_NO_BLANK))
        issues_add(call, issues, key, "cannot be blank");
    else if ((rules & TEXT_LINE) && (str_chr(text, '\n') >= 0 || str_chr(text, '\r') >= 0))
        issues_add(call, issues, key, "cannot contain multiple lines");
    else if ((rules & TEXT_NO_SPACES) && str_chr(text, ' ') >= 0)
        issues_add(call, issues, key, "cannot contain spaces");
    else if (text.len > 0 && memchr(text.ptr, 0, text.len))
        issues_add(call, issues, key, "is in invalid format");
    return str_cstr(call->arena, text);
}

/* ---- finding what the path names ---- */

int call_pacticipant(struct call *call, const char *param, const char *role,
                     struct pacticipant *ret, struct err *err)
{
    const char *name = call_param(call, param);
    int code = store_pacticipant_find(call->store, name, call->arena, ret, err);
    if (code == 0)
        call_no_pacticipant(call, role, name);
    return code;
}

int call_version(struct call *call, struct pacticipant *ret_pacticipant, struct version *ret,
                 struct err *err)
{
    int code = call_pacticipant(call, "pacticipant", "pacticipant", ret_pacticipant, err);
    if (code <= 0)
        return code;
    code = store_version_find(call->store, ret_pacticipant->id, call_param(call, "version"),
                              call->arena, ret, err);
    if (code == 0)
        call_not_found(call);
    return code;
}

static bool page_number(struct call *call, const char *key, const char *legacy, int64_t *ret,
                        struct issues *issues)
{
    const char *text = call_query(call, key);
    if (!text) {
        key = legacy;
        text = call_query(call, legacy);
    }
    if (!text)
        return false;
    int64_t value = 0;
    if (!str_to_i64(str_of(text), INT32_MIN, INT32_MAX, &value))
        issues_add(call, issues, key, "must be an integer");
    else if (value < 1)
        issues_add(call, issues, key, "must be greater than or equal to 1");
    *ret = value;
    return true;
}

bool call_page(struct call *call, struct page *page)
{
    struct issues issues = {0};
    int64_t number = 1, size = 100;
    bool given = page_number(call, "page", "pageNumber", &number, &issues);
    given |= page_number(call, "size", "pageSize", &size, &issues);
    if (issues.len > 0) {
        call_issues(call, &issues);
        return false;
    }
    *page = (struct page){.number = number, .size = given ? size : 0};
    return true;
}

static const char *page_href(struct call *call, int64_t number, int64_t size)
{
    struct url_params params = {0};
    VEC_EACH(&call->query, const struct url_param *, param) {
        if (!str_is(param->name, "page") && !str_is(param->name, "size") &&
            !str_is(param->name, "pageNumber") && !str_is(param->name, "pageSize"))
            *VEC_PUSH(call->arena, &params) = *param;
    }
    struct str rest = url_query_write(call->arena, &params);
    return arena_printf(call->arena, "%s%.*s?size=%lld&page=%lld%s%.*s", call->base,
                        STR_FMT(call->path), (long long)size, (long long)number,
                        rest.len ? "&" : "", STR_FMT(rest));
}

void call_page_members(struct call *call, const struct page *page, struct json *body,
                       struct json *links)
{
    if (page->size == 0)
        return;
    struct arena *arena = call->arena;
    int64_t pages = (page->total + page->size - 1) / page->size;
    pages = pages > 0 ? pages : 1; /* nothing fills a page, too */
    struct json *member = json_new_object(arena);
    json_set(arena, member, "number", json_new_int(arena, page->number));
    json_set(arena, member, "size", json_new_int(arena, page->size));
    json_set(arena, member, "totalElements", json_new_int(arena, page->total));
    json_set(arena, member, "totalPages", json_new_int(arena, pages));
    json_insert_first(arena, body, "page", member);
    if (page->number < pages)
        json_set(arena, links, "next",
                 link_make(call, "ht", page_href(call, page->number + 1, page->size), "Next page"));
    if (page->number > 1)
        json_set(
            arena, links, "previous",
            link_make(call, "ht", page_href(call, page->number - 1, page->size), "Previous page"));
}

const char *call_time(struct call *call, const char *stored)
{
    return stored ? arena_printf(call->arena, "%.19s+00:00", stored) : NULL;
}

void call_times(struct call *call, struct json *body, const char *created, const char *updated)
{
    if (updated && strcmp(created, updated) != 0)
        call_set(call, body, "updatedAt", call_time(call, updated));
    call_set(call, body, "createdAt", call_time(call, created));
}

void call_set(struct call *call, struct json *object, const char *key, const char *text)
{
    if (text)
        json_set(call->arena, object, key, json_new_text(call->arena, text));
}
