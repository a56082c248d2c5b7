// SPDX-License-Identifier: Apache-2.0
#include "lib/json/yaml.h"

#include <yaml.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/vec.h"
#include "lib/json/json_node.h"
#include "lib/json/yaml_scalar.h"

/* A value that an alias may stand for. `value` is NULL until the value is complete. */
struct anchor {
    struct str name;
    struct json *value;
};

/* A container that is being read. */
struct open {
    struct json *container;
    struct anchor *anchor;
    struct str key; /* of a mapping; absent while the next scalar is the key */
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    struct str text;
    const char *source;
    struct arena *arena;
    struct err *err;
    /* libyaml counts characters, the tree counts bytes: where both counts last met. */
    size_t chars, bytes;
    size_t skip;  /* bytes of a byte order mark */
    size_t nodes; /* with aliases written out */
    struct open open[LIMIT_JSON_DEPTH];
    size_t depth;
    struct {
        VEC_OF(struct anchor *);
    } anchors;
    struct json *root;
    int documents;
};

static void release(struct reader *reader)
{
    yaml_event_delete(&reader->event);
    yaml_parser_delete(&reader->parser);
}

/* Byte offset of the i-th character; quick when asked in rising order. */
static size_t offset_of(struct reader *reader, size_t chars)
{
    if (chars < reader->chars) {
        reader->chars = 0;
        reader->bytes = reader->skip;
    }
    while (reader->chars < chars && reader->bytes < reader->text.len) {
        reader->bytes++;
        while (reader->bytes < reader->text.len &&
               ((unsigned char)reader->text.ptr[reader->bytes] & 0xc0) == 0x80) {
            reader->bytes++;
        }
        reader->chars++;
    }
    return reader->bytes;
}

static int fail_at(struct reader *reader, enum err_code code, size_t offset, const char *what,
                   struct str detail)
{
    int line = 0, column = 0;
    json_line_column(reader->text, offset, &line, &column);
    detail = str_sub(detail, 0, LIMIT_NAME);
    return err_at(reader->err, code, reader->source, line, column, "%s%s%.*s%s", what,
                  detail.ptr ? " '" : "", STR_FMT(detail), detail.ptr ? "'" : "");
}

/* At the event that is being read. */
static int fail(struct reader *reader, enum err_code code, const char *what, struct str detail)
{
    return fail_at(reader, code, offset_of(reader, reader->event.start_mark.index), what, detail);
}

static int fail_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem ? parser->problem : "unreadable";
    size_t offset = parser->error == YAML_READER_ERROR
                        ? reader->skip + parser->problem_offset
                        : offset_of(reader, parser->problem_mark.index);
    if (parser->error == YAML_MEMORY_ERROR) {
        arena_exhausted(0);
    }
    offset = offset < reader->text.len ? offset : reader->text.len;
    return fail_at(reader, ERR_PARSE, offset,
                   arena_printf(reader->arena, "%s%s%s", parser->context ? parser->context : "",
                                parser->context ? ": " : "", problem),
                   STR_NONE);
}

/* ---- placing values ---- */

static struct str key_text(const struct json *value)
{
    return json_is(value, JSON_BOOL) ? (json_bool(value) ? STR("true") : STR("false"))
                                     : json_text(value);
}

static int take_key(struct reader *reader, struct open *open, const struct json *value)
{
    struct str key = key_text(value);
    const struct json *first = json_find(open->container, key);
    if (!json_is(value, JSON_STRING) && !json_is(value, JSON_NUMBER) &&
        !json_is(value, JSON_BOOL)) {
        return fail(reader, ERR_PARSE, "a key must be a text, a number, true or false", STR_NONE);
    }
    if (first) {
        int line = 0, column = 0;
        json_position(first, reader->text, &line, &column);
        return fail(reader, ERR_PARSE,
                    arena_printf(reader->arena,
                                 "key stands twice (also with the value at %d:%d):", line, column),
                    key);
    }
    open->key = key;
    return 0;
}

/* Put a value where the reader stands. */
static int place(struct reader *reader, struct json *value)
{
    struct open *open = reader->depth ? &reader->open[reader->depth - 1] : NULL;
    if (!open) {
        reader->root = value;
        return 0;
    }
    if (json_is(open->container, JSON_ARRAY)) {
        json_append(reader->arena, open->container, value);
        return 0;
    }
    if (!open->key.ptr) {
        return take_key(reader, open, value);
    }
    json_set_str(reader->arena, open->container, open->key, value);
    open->key = STR_NONE;
    return 0;
}

static bool at_key(const struct reader *reader)
{
    const struct open *open = reader->depth ? &reader->open[reader->depth - 1] : NULL;
    return open && json_is(open->container, JSON_OBJECT) && !open->key.ptr;
}

static int count(struct reader *reader, size_t nodes)
{
    reader->nodes += nodes;
    if (reader->nodes > LIMIT_YAML_NODES) {
        return fail(reader, ERR_LIMIT,
                    "more values, with aliases written out, than a file may hold", STR_NONE);
    }
    return 0;
}

/* Give a value its place in the text and enter its anchor. */
static int mark(struct reader *reader, struct json *value, const yaml_char_t *anchor,
                struct anchor **ret)
{
    size_t offset = offset_of(reader, reader->event.start_mark.index);
    value->built = 0;
    value->offset = (uint32_t)offset & ((1u << 28) - 1);
    if (anchor) {
        *ret = ARENA_NEW(reader->arena, struct anchor);
        (*ret)->name = str_dup(reader->arena, str_of((const char *)anchor));
        *VEC_PUSH(reader->arena, &reader->anchors) = *ret;
    }
    if (reader->anchors.len > LIMIT_YAML_ANCHORS) {
        return fail(reader, ERR_LIMIT, "too many anchors", STR_NONE);
    }
    return 0;
}

/* ---- events ---- */

static const struct tag {
    const char *name;
    enum yaml_hint hint;
} tags[] = {
    {"!", YAML_HINT_TEXT},           {YAML_STR_TAG, YAML_HINT_TEXT},
    {YAML_NULL_TAG, YAML_HINT_NULL}, {YAML_BOOL_TAG, YAML_HINT_BOOL},
    {YAML_INT_TAG, YAML_HINT_INT},   {YAML_FLOAT_TAG, YAML_HINT_FLOAT},
};

static int hint_of(struct reader *reader, enum yaml_hint *ret)
{
    const char *tag = (const char *)reader->event.data.scalar.tag;
    if (!tag) {
        *ret = reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? YAML_HINT_PLAIN
                                                                          : YAML_HINT_TEXT;
        return 0;
    }
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (strcmp(tag, tags[i].name) == 0) {
            *ret = tags[i].hint;
            return 0;
        }
    }
    return fail(reader, ERR_PARSE, "there is no tag for a scalar", str_of(tag));
}

static int take_scalar(struct reader *reader)
{
    struct str text = {(const char *)reader->event.data.scalar.value,
                       reader->event.data.scalar.length};
    enum yaml_hint hint = YAML_HINT_PLAIN;
    const char *why = NULL;
    struct anchor *anchor = NULL;
    int rc = hint_of(reader, &hint);
    rc = rc ? rc : count(reader, 1);
    if (rc) {
        return rc;
    }
    if (at_key(reader) && hint == YAML_HINT_PLAIN && str_is(text, "<<")) {
        return fail(reader, ERR_PARSE, "merge keys are no part of YAML 1.2: write out", text);
    }
    /* A plain key is its text: `on`, `1.0` and `true` name what they say. */
    bool plain_key = at_key(reader) && hint == YAML_HINT_PLAIN && text.len > 0;
    struct json *value = yaml_scalar(text, plain_key ? YAML_HINT_TEXT : hint, reader->arena, &why);
    if (!value) {
        return fail(reader, ERR_PARSE, arena_printf(reader->arena, "this %s:", why), text);
    }
    rc = mark(reader, value, reader->event.data.scalar.anchor, &anchor);
    if (anchor) {
        anchor->value = value;
    }
    return rc ? rc : place(reader, value);
}

/* How many values hang on one, and how deep. */
static size_t size_of(const struct json *value, size_t *ret_depth)
{
    size_t nodes = 1, deepest = 0;
    for (size_t i = 0; i < json_len(value); i++) {
        size_t depth = 0;
        nodes += size_of(json_at(value, i), &depth);
        deepest = depth > deepest ? depth : deepest;
    }
    *ret_depth = deepest + (json_is(value, JSON_ARRAY) || json_is(value, JSON_OBJECT));
    return nodes;
}

static int take_alias(struct reader *reader)
{
    struct str name = str_of((const char *)reader->event.data.alias.anchor);
    const struct anchor *found = NULL;
    VEC_EACH(&reader->anchors, struct anchor *const *, anchor) {
        found = str_eq((*anchor)->name, name) ? *anchor : found; /* the last one counts */
    }
    if (!found) {
        return fail(reader, ERR_PARSE, "there is no anchor before this alias named", name);
    }
    if (!found->value) {
        return fail(reader, ERR_PARSE, "an alias inside of its own anchor", name);
    }
    size_t depth = 0, nodes = size_of(found->value, &depth);
    int rc = count(reader, nodes);
    if (rc == 0 && reader->depth + depth > LIMIT_JSON_DEPTH) {
        rc = fail(reader, ERR_LIMIT, "nested too deeply", STR_NONE);
    }
    return rc ? rc : place(reader, json_copy(reader->arena, found->value));
}

static int take_start(struct reader *reader, bool mapping)
{
    const yaml_event_t *event = &reader->event;
    const char *tag =
        (const char *)(mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag);
    const yaml_char_t *name =
        mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    if (tag && strcmp(tag, mapping ? YAML_MAP_TAG : YAML_SEQ_TAG) != 0 && strcmp(tag, "!") != 0) {
        return fail(reader, ERR_PARSE, "there is no tag for a list or mapping", str_of(tag));
    }
    if (reader->depth >= LIMIT_JSON_DEPTH) {
        return fail(reader, ERR_LIMIT, "nested too deeply", STR_NONE);
    }
    struct json *container =
        mapping ? json_new_object(reader->arena) : json_new_array(reader->arena);
    struct anchor *anchor = NULL;
    int rc = count(reader, 1);
    rc = rc ? rc : mark(reader, container, name, &anchor);
    if (rc == 0 && at_key(reader)) {
        rc = fail(reader, ERR_PARSE, "a key must be a text, a number, true or false", STR_NONE);
    }
    rc = rc ? rc : place(reader, container);
    if (rc == 0) {
        reader->open[reader->depth++] = (struct open){.container = container, .anchor = anchor};
    }
    return rc;
}

static void take_end(struct reader *reader)
{
    assert(reader->depth > 0);
    struct open *open = &reader->open[--reader->depth];
    if (open->anchor) {
        open->anchor->value = open->container;
    }
}

static int take_event(struct reader *reader)
{
    switch (reader->event.type) {
    case YAML_DOCUMENT_START_EVENT:
        if (reader->documents++ > 0) {
            return fail(reader, ERR_PARSE, "a second document: one file holds one", STR_NONE);
        }
        return 0;
    case YAML_SCALAR_EVENT:
        return take_scalar(reader);
    case YAML_ALIAS_EVENT:
        return take_alias(reader);
    case YAML_SEQUENCE_START_EVENT:
        return take_start(reader, false);
    case YAML_MAPPING_START_EVENT:
        return take_start(reader, true);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        take_end(reader);
        return 0;
    default:
        return 0;
    }
}

static int read_all(struct reader *reader)
{
    int rc = 0;
    bool end = false;
    while (rc == 0 && !end) {
        yaml_event_delete(&reader->event);
        memset(&reader->event, 0, sizeof reader->event);
        rc = yaml_parser_parse(&reader->parser, &reader->event) ? take_event(reader)
                                                                : fail_syntax(reader);
        end = reader->event.type == YAML_STREAM_END_EVENT;
    }
    return rc;
}

int yaml_parse(struct str text, const char *source, struct arena *arena, struct json **ret,
               struct err *err)
{
    size_t bad_at = 0;
    struct reader *reader = ARENA_NEW(arena, struct reader);
    reader->text = text;
    reader->source = source;
    reader->arena = arena;
    reader->err = err;
    if (text.len > LIMIT_YAML_TEXT) {
        return err_at(err, ERR_LIMIT, source, 1, 1, "longer than %d bytes", LIMIT_YAML_TEXT);
    }
    if (!str_is_utf8(text, &bad_at)) {
        return fail_at(reader, ERR_PARSE, bad_at, "bytes that are not UTF-8", STR_NONE);
    }
    if (!yaml_parser_initialize(&reader->parser)) {
        arena_exhausted(sizeof reader->parser);
    }
    reader->bytes = reader->skip = str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0;
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text.ptr + reader->skip,
                                 text.len - reader->skip);
    int rc = read_all(reader);
    release(reader);
    if (rc == 0) {
        *ret = reader->root ? reader->root : json_new_null(arena);
    }
    return rc;
}
