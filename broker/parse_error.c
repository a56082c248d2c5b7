// SPDX-License-Identifier: Apache-2.0
#include "broker/parse_error.h"

#include "lib/base/arena.h"

/* As much of the text as a message shows. */
enum { SHOWN_MAX = 32 };

struct reader {
    struct arena *arena;
    struct str text;
    size_t at;
    int depth, depth_max;
    const char *wrong; /* the first thing found; reading stops there */
    bool unknown;      /* something whose words are not known */
};

static bool stopped(const struct reader *reader)
{
    return reader->wrong || reader->unknown;
}

static bool at_end(const struct reader *reader)
{
    return reader->at >= reader->text.len;
}

/* 0 at the end. */
static char here(const struct reader *reader)
{
    return at_end(reader) ? 0 : reader->text.ptr[reader->at];
}

/* What stands here, quoted, up to a space and without half a character; "EOF" at the end. */
static const char *shown(const struct reader *reader)
{
    struct str rest = str_sub(reader->text, reader->at, reader->text.len);
    size_t len = 0;
    if (rest.len == 0)
        return "EOF";
    while (len < SHOWN_MAX && len < rest.len && rest.ptr[len] && !strchr("\n\t\r ", rest.ptr[len]))
        len++;
    if (len == 0)
        return str_cstr(reader->arena, rest);
    if (len == SHOWN_MAX && (unsigned char)rest.ptr[len - 1] >= 0x80) {
        while (len > 0 && ((unsigned char)rest.ptr[len - 1] & 0xc0) == 0x80)
            len--;
        len -= len > 0;
    }
    return arena_printf(reader->arena, "'%.*s'", (int)len, rest.ptr);
}

/* "%s" of the message is what stands at `at`. */
static void fail_at(struct reader *reader, size_t at, const char *message)
{
    size_t line = 1, start = 0;
    reader->at = at;
    for (size_t i = 0; i < at; i++) {
        if (reader->text.ptr[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    const char *place = strstr(message, "%s");
    int before = place ? (int)(place - message) : (int)strlen(message);
    reader->wrong = arena_printf(reader->arena, "JSON::ParserError - %.*s%s at line %zu column %zu",
                                 before, message, place ? shown(reader) : "", line, at - start + 1);
}

static void fail(struct reader *reader, const char *message)
{
    fail_at(reader, reader->at, message);
}

/* Comments are fine there and not here: nothing to say in its words. */
static void skip_space(struct reader *reader)
{
    while (!at_end(reader) && strchr(" \t\r\n", here(reader)) && here(reader))
        reader->at++;
    if (here(reader) != '/')
        return;
    char next = reader->at + 1 < reader->text.len ? reader->text.ptr[reader->at + 1] : 0;
    if (next == '/' || next == '*')
        reader->unknown = true;
    else
        fail(reader, "unexpected token %s");
}

static void read_text(struct reader *reader)
{
    for (reader->at++; !at_end(reader); reader->at++) {
        if (here(reader) == '"') {
            reader->at++;
            return;
        }
        if (here(reader) == '\\')
            reader->at++;
        if (at_end(reader))
            break;
        if ((unsigned char)here(reader) < 0x20) {
            fail(reader, "invalid ASCII control character in string: %s");
            return;
        }
    }
    reader->at = reader->text.len;
    fail(reader, "unexpected end of input, expected closing \"");
}

static size_t skip_digits(struct reader *reader)
{
    size_t from = reader->at;
    while (here(reader) >= '0' && here(reader) <= '9')
        reader->at++;
    return reader->at - from;
}

static void read_number(struct reader *reader)
{
    size_t from = reader->at;
    if (here(reader) == '-')
        reader->at++;
    char first = here(reader);
    size_t digits = skip_digits(reader);
    if (digits == 0 || (first == '0' && digits > 1)) {
        fail_at(reader, from, "invalid number: %s");
        return;
    }
    if (here(reader) == '.') {
        reader->at++;
        if (skip_digits(reader) == 0)
            fail(reader, "invalid number: %s");
    }
    if (!stopped(reader) && (here(reader) == 'e' || here(reader) == 'E')) {
        reader->at++;
        if (here(reader) == '+' || here(reader) == '-')
            reader->at++;
        if (skip_digits(reader) == 0)
            fail(reader, "invalid number: %s");
    }
}

static void read_word(struct reader *reader, const char *word)
{
    if (str_starts(str_sub(reader->text, reader->at, reader->text.len), str_of(word)))
        reader->at += strlen(word);
    else
        fail(reader, "unexpected token %s");
}

static void read_value(struct reader *reader);

static bool enter(struct reader *reader)
{
    reader->depth++;
    if (reader->depth <= reader->depth_max)
        return true;
    reader->wrong = arena_printf(reader->arena, "JSON::NestingError - nesting of %d is too deep",
                                 reader->depth);
    return false;
}

static void read_array(struct reader *reader)
{
    reader->at++;
    skip_space(reader);
    if (!stopped(reader) && here(reader) == ']') {
        reader->at++;
        return;
    }
    if (stopped(reader) || !enter(reader))
        return;
    for (;;) {
        read_value(reader);
        if (!stopped(reader))
            skip_space(reader);
        if (stopped(reader))
            return;
        char c = here(reader);
        if (c != ',' && c != ']') {
            fail(reader, "expected ',' or ']' after array value");
            return;
        }
        reader->at++;
        if (c == ']')
            break;
    }
    reader->depth--;
}

/* One key and what it stands for. */
static void read_pair(struct reader *reader)
{
    if (here(reader) != '"')
        fail(reader, "expected object key, got %s");
    else
        read_text(reader);
    if (!stopped(reader))
        skip_space(reader);
    if (stopped(reader))
        return;
    if (here(reader) != ':') {
        fail(reader, "expected ':' after object key");
        return;
    }
    reader->at++;
    read_value(reader);
}

static void read_object(struct reader *reader)
{
    reader->at++;
    skip_space(reader);
    if (!stopped(reader) && here(reader) == '}') {
        reader->at++;
        return;
    }
    if (stopped(reader) || !enter(reader))
        return;
    for (;;) {
        read_pair(reader);
        if (!stopped(reader))
            skip_space(reader);
        if (stopped(reader))
            return;
        char c = here(reader);
        if (c != ',' && c != '}') {
            fail(reader, "expected ',' or '}' after object value, got: %s");
            return;
        }
        reader->at++;
        if (c == '}')
            break;
        skip_space(reader);
        if (stopped(reader))
            return;
    }
    reader->depth--;
}

static void read_value(struct reader *reader)
{
    skip_space(reader);
    if (stopped(reader))
        return;
    if (at_end(reader)) {
        fail(reader, "unexpected end of input");
        return;
    }
    char c = here(reader);
    if (c == '{')
        read_object(reader);
    else if (c == '[')
        read_array(reader);
    else if (c == '"')
        read_text(reader);
    else if (c == 'n')
        read_word(reader, "null");
    else if (c == 't')
        read_word(reader, "true");
    else if (c == 'f')
        read_word(reader, "false");
    else if (c == 'N' || c == 'I' ||
             str_starts(str_sub(reader->text, reader->at, reader->text.len), STR("-Infinity")))
        fail(reader, "unexpected token %s");
    else if (c == '-' || (c >= '0' && c <= '9'))
        read_number(reader);
    else
        fail(reader, "unexpected character: %s");
}

const char *parse_error_text(struct arena *arena, struct str body, int depth_max)
{
    struct reader reader = {.arena = arena, .text = body, .depth_max = depth_max};
    read_value(&reader);
    if (!stopped(&reader))
        skip_space(&reader);
    if (!stopped(&reader) && !at_end(&reader))
        fail(&reader, "unexpected token at end of stream %s");
    return reader.wrong;
}
