// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/http1.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/limits.h"
#include "lib/wire/http1_internal.h"

/* RFC 9112 §2.2 asks to skip at least one empty line before a request. */
enum { EMPTY_LINES = 4 };

struct http1 *http1_new(enum http1_kind kind, const struct http1_limits *limits, bool lenient)
{
    struct http1 *parser = calloc(1, sizeof *parser);
    if (!parser)
        abort();
    struct http1_limits l = limits ? *limits : (struct http1_limits){0};
    parser->kind = kind;
    parser->lenient = lenient;
    parser->limits = (struct http1_limits){
        .line = l.line ? l.line : LIMIT_HTTP_LINE,
        .head = l.head ? l.head : LIMIT_HTTP_HEAD,
        .headers = l.headers ? l.headers : LIMIT_HTTP_HEADERS,
        .chunk_line = l.chunk_line ? l.chunk_line : LIMIT_HTTP_CHUNK_LINE,
        .trailers = l.trailers ? l.trailers : LIMIT_HTTP_TRAILERS,
        .body = l.body ? l.body : LIMIT_HTTP_BODY,
    };
    parser->line = BUF_INIT(parser->limits.line + parser->limits.head + parser->limits.chunk_line +
                            parser->limits.trailers);
    return parser;
}

void http1_free(struct http1 *parser)
{
    if (!parser)
        return;
    buf_release(&parser->line);
    free(parser);
}

void http1_restart(struct http1 *parser, struct arena *arena)
{
    buf_release(&parser->line);
    parser->state = HTTP1_IN_START;
    parser->seen_cr = false;
    parser->empty_lines = 0;
    parser->arena = arena;
    parser->head_used = parser->trailers_used = 0;
    parser->left = parser->body_seen = 0;
    parser->head = (struct http1_head){0};
    parser->bad_status = 0;
    parser->bad_text[0] = '\0';
}

bool http1_bad(struct http1 *parser, int status, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(parser->bad_text, sizeof parser->bad_text, fmt, args);
    va_end(args);
    parser->bad_status = status;
    parser->state = HTTP1_IN_BAD;
    return false;
}

bool http1_breach(struct http1 *parser, const char *fmt, ...)
{
    char text[sizeof parser->bad_text];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (!parser->lenient)
        return http1_bad(parser, 400, "%s", text);
    /* A peer that breaks a rule in every byte must not fill our memory with sentences. */
    if (parser->head.violations.len < parser->limits.headers)
        *VEC_PUSH(parser->arena, &parser->head.violations) =
            str_of(arena_strdup(parser->arena, text));
    return true;
}

/* How many bytes come before the first CR, LF or NUL. */
static size_t plain_run(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && ((unsigned char)text[i] > '\r' ||
                       (text[i] != '\r' && text[i] != '\n' && text[i] != '\0')))
        i++;
    return i;
}

enum line_result { LINE_MORE, LINE_DONE, LINE_BAD };

struct line_rule {
    size_t max;
    int status; /* when longer */
    const char *name;
};

static enum line_result line_too_long(struct http1 *parser, const struct line_rule *rule)
{
    http1_bad(parser, rule->status, "%s", rule->name);
    return LINE_BAD;
}

/*
 * Read up to CR LF. *ret_line (without them) is a view into the input or the parser's buffer, valid
 * until the next call. Errors are found at the byte that makes them, so that it does not matter how
 * the bytes were cut.
 */
static enum line_result read_line(struct http1 *parser, struct str input,
                                  const struct line_rule *rule, size_t *ret_used,
                                  struct str *ret_line)
{
    struct buf *line = &parser->line;
    size_t i = 0;

    *ret_used = input.len;
    while (i < input.len) {
        if (parser->seen_cr) {
            parser->seen_cr = false;
            if (input.ptr[i] == '\n') {
                *ret_used = i + 1;
                *ret_line = buf_view(line);
                return LINE_DONE;
            }
            if (!http1_breach(parser, "a CR that is not followed by LF"))
                return LINE_BAD;
            if (line->len >= rule->max)
                return line_too_long(parser, rule);
            buf_putc(line, ' '); /* RFC 9112 §2.2 */
        }
        size_t room = rule->max - line->len, here = input.len - i;
        size_t run = plain_run(input.ptr + i, here <= room ? here : room + 1);
        if (run > room)
            return line_too_long(parser, rule);
        if (line->len == 0 && run + 1 < here && memcmp(input.ptr + i + run, "\r\n", 2) == 0) {
            *ret_used = i + run + 2;
            *ret_line = str_make(input.ptr + i, run);
            return LINE_DONE;
        }
        buf_append(line, input.ptr + i, run);
        i += run;
        if (i == input.len)
            break;
        char c = input.ptr[i++];
        if (c == '\r') {
            parser->seen_cr = true;
        } else if (c == '\n') {
            if (!http1_breach(parser, "a line that ends in LF without CR"))
                return LINE_BAD;
            *ret_used = i;
            *ret_line = buf_view(line);
            return LINE_DONE;
        } else {
            if (!http1_breach(parser, "a NUL byte in a line"))
                return LINE_BAD;
            if (line->len >= rule->max)
                return line_too_long(parser, rule);
            buf_putc(line, ' ');
        }
    }
    return LINE_MORE;
}

static struct line_rule rule_for(const struct http1 *parser)
{
    const struct http1_limits *limits = &parser->limits;
    size_t left;

    switch (parser->state) {
    case HTTP1_IN_START:
        return (struct line_rule){limits->line, parser->kind == HTTP1_REQUEST ? 414 : 431,
                                  "the first line is too long"};
    case HTTP1_IN_FIELDS:
        left = limits->head > parser->head_used ? limits->head - parser->head_used : 0;
        return (struct line_rule){left, 431, "the header is too large"};
    case HTTP1_IN_TRAILERS:
        left =
            limits->trailers > parser->trailers_used ? limits->trailers - parser->trailers_used : 0;
        return (struct line_rule){left, 431, "the trailer is too large"};
    case HTTP1_IN_CHUNK_SIZE:
        return (struct line_rule){limits->chunk_line, 400, "a chunk size line is too long"};
    default: /* HTTP1_IN_CHUNK_END */
        return (struct line_rule){0, 400, "a chunk is not followed by CR LF"};
    }
}

/* The line that has ended is used up. */
static struct str keep_line(struct http1 *parser, struct str line)
{
    struct str copy = str_make(arena_strndup(parser->arena, line.ptr, line.len), line.len);
    buf_clear(&parser->line);
    return copy;
}

static void on_start_line(struct http1 *parser, struct str line)
{
    if (line.len == 0) {
        buf_clear(&parser->line);
        if (parser->kind == HTTP1_RESPONSE || ++parser->empty_lines > EMPTY_LINES)
            http1_bad(parser, 400, "an empty line where a message should start");
        return;
    }
    parser->head_used = line.len + 2;
    if (http1_start_line(parser, keep_line(parser, line)))
        parser->state = HTTP1_IN_FIELDS;
}

/* Returns true when the head is complete. */
static bool on_field_line(struct http1 *parser, struct str line)
{
    if (line.len == 0) {
        buf_release(&parser->line);
        return http1_finish_head(parser);
    }
    parser->head_used += line.len + 2;
    http1_field_line(parser, &parser->head.headers, keep_line(parser, line));
    return false;
}

static void on_chunk_line(struct http1 *parser, struct str line)
{
    uint64_t size = 0;

    if (!http1_chunk_line(parser, line, &size))
        return;
    buf_clear(&parser->line);
    if (size > parser->limits.body - parser->body_seen) {
        http1_bad(parser, 413, "the body is larger than %llu bytes",
                  (unsigned long long)parser->limits.body);
        return;
    }
    parser->left = size;
    parser->state = size > 0 ? HTTP1_IN_CHUNK_DATA : HTTP1_IN_TRAILERS;
}

static void on_trailer_line(struct http1 *parser, struct str line)
{
    if (line.len == 0) {
        buf_release(&parser->line);
        parser->state = HTTP1_IN_END;
        return;
    }
    parser->trailers_used += line.len + 2;
    http1_field_line(parser, &parser->head.trailers, keep_line(parser, line));
}

/* Returns whether the line made an event. */
static bool on_line(struct http1 *parser, struct str line)
{
    switch (parser->state) {
    case HTTP1_IN_START:
        on_start_line(parser, line);
        return false;
    case HTTP1_IN_FIELDS:
        return on_field_line(parser, line);
    case HTTP1_IN_CHUNK_SIZE:
        on_chunk_line(parser, line);
        return false;
    case HTTP1_IN_TRAILERS:
        on_trailer_line(parser, line);
        return false;
    default: /* HTTP1_IN_CHUNK_END */
        buf_clear(&parser->line);
        parser->state = HTTP1_IN_CHUNK_SIZE;
        return false;
    }
}

/* A piece of the body; `bounded` bodies have parser->left bytes to go. */
static enum http1_event take_data(struct http1 *parser, struct str input, bool bounded,
                                  size_t *ret_used, struct str *ret_data)
{
    uint64_t room = bounded ? parser->left : parser->limits.body - parser->body_seen;
    size_t len = input.len < room ? input.len : (size_t)room;

    if (len == 0) {
        http1_bad(parser, 413, "the body is larger than %llu bytes",
                  (unsigned long long)parser->limits.body);
        return HTTP1_BAD;
    }
    parser->body_seen += len;
    if (bounded)
        parser->left -= len;
    *ret_used = len;
    *ret_data = str_make(input.ptr, len);
    return HTTP1_DATA;
}

enum http1_event http1_next(struct http1 *parser, struct str input, size_t *ret_used,
                            struct str *ret_data)
{
    size_t used = 0;
    struct str line = STR_NONE;

    *ret_used = 0;
    *ret_data = STR_NONE;
    for (;;) {
        struct str rest = str_make(input.ptr + *ret_used, input.len - *ret_used);
        enum http1_event event;
        switch (parser->state) {
        case HTTP1_IN_END:
            return HTTP1_END;
        case HTTP1_IN_BAD:
            return HTTP1_BAD;
        case HTTP1_IN_HEAD_DONE:
            http1_body_rules(parser, STR_NONE);
            continue;
        case HTTP1_IN_LENGTH:
        case HTTP1_IN_CHUNK_DATA:
            if (parser->left == 0) {
                bool chunk = parser->state == HTTP1_IN_CHUNK_DATA;
                parser->state = chunk ? HTTP1_IN_CHUNK_END : HTTP1_IN_END;
                continue;
            }
            /* fall through */
        case HTTP1_IN_UNTIL_CLOSE:
            if (rest.len == 0)
                return HTTP1_MORE;
            used = 0;
            event = take_data(parser, rest, parser->state != HTTP1_IN_UNTIL_CLOSE, &used, ret_data);
            *ret_used += used;
            return event;
        default:
            break;
        }
        struct line_rule rule = rule_for(parser);
        enum line_result result = read_line(parser, rest, &rule, &used, &line);
        *ret_used += used;
        if (result == LINE_MORE)
            return HTTP1_MORE;
        if (result == LINE_DONE && on_line(parser, line))
            return HTTP1_HEAD;
    }
}

enum http1_event http1_eof(struct http1 *parser)
{
    if (parser->state == HTTP1_IN_HEAD_DONE)
        http1_body_rules(parser, STR_NONE);
    if (parser->state == HTTP1_IN_BAD)
        return HTTP1_BAD;
    if (parser->state == HTTP1_IN_UNTIL_CLOSE || parser->state == HTTP1_IN_END ||
        (parser->state == HTTP1_IN_LENGTH && parser->left == 0)) {
        parser->state = HTTP1_IN_END;
        return HTTP1_END;
    }
    if (!http1_in_message(parser))
        return HTTP1_END;
    http1_bad(parser, 400, "the connection was closed in the middle of the %s",
              http1_in_head(parser) ? "header" : "body");
    return HTTP1_BAD;
}

struct http1_head *http1_head(struct http1 *parser)
{
    return &parser->head;
}

bool http1_in_message(const struct http1 *parser)
{
    if (parser->state == HTTP1_IN_START)
        return parser->line.len > 0;
    return parser->state != HTTP1_IN_END;
}

bool http1_in_head(const struct http1 *parser)
{
    return parser->state == HTTP1_IN_FIELDS ||
           (parser->state == HTTP1_IN_START && parser->line.len > 0);
}

int http1_bad_status(const struct http1 *parser)
{
    return parser->bad_status;
}

const char *http1_bad_text(const struct http1 *parser)
{
    return parser->bad_text;
}
