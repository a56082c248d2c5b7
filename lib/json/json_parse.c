// SPDX-License-Identifier: Apache-2.0
#include "lib/json/json.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/json/json_node.h"
#include "lib/json/json_scan.h"

static_assert(LIMIT_JSON_TEXT <= 1u << 28, "offsets have 28 bits");

struct frame {    /* a container that is open */
    size_t first; /* its first child on the stack */
    uint32_t offset;
    enum json_type type;
};

struct parse {
    struct json_scan scan;
    struct json *stack; /* children of the open containers, in order */
    size_t len, cap;
    int depth;
    struct frame frames[LIMIT_JSON_DEPTH];
    struct json first[64]; /* the stack until it has to grow */
};

static void grow_stack(struct parse *p)
{
    size_t cap = 2 * p->cap;
    struct json *stack = realloc(p->stack == p->first ? NULL : p->stack, cap * sizeof *stack);
    if (!stack)
        arena_exhausted(cap * sizeof *stack);
    if (p->stack == p->first)
        memcpy(stack, p->first, sizeof p->first);
    p->stack = stack;
    p->cap = cap;
}

static void push(struct parse *p, struct json node)
{
    if (p->len == p->cap)
        grow_stack(p);
    p->stack[p->len++] = node;
}

/* A node without content, which started at that byte. */
static struct json node_at(const struct parse *p, enum json_type type, const char *at)
{
    uint32_t offset = (uint32_t)(at - p->scan.text.ptr) & ((1u << 28) - 1);
    return (struct json){.type = type & 7u, .offset = offset};
}

static void skip_space(struct parse *p)
{
    const char *at = p->scan.at, *end = p->scan.end;
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
        /* Indentation comes in runs. */
        while (end - at >= 8 && memcmp(at, "        ", 8) == 0)
            at += 8;
    }
    p->scan.at = at;
}

static char peek(const struct parse *p)
{
    return p->scan.at < p->scan.end ? *p->scan.at : '\0';
}

/* ---- closing a container ---- */

static struct str text_of(const struct json *node)
{
    return str_make(node->text, node->len);
}

/* Whether two of few keys are the same. */
static bool has_repeated(const struct json *nodes, size_t members)
{
    for (size_t i = 1; i < members; i++) {
        for (size_t k = 0; k < i; k++) {
            if (nodes[2 * k].len == nodes[2 * i].len &&
                str_eq(text_of(&nodes[2 * k]), text_of(&nodes[2 * i])))
                return true;
        }
    }
    return false;
}

/*
 * Fill the object one member at a time: the last value of a key stands in the place of the first.
 * RFC 8259 leaves repeated keys open; Ruby and JavaScript read them so.
 */
static void fill_by_key(struct json *object, const struct json *nodes, size_t members)
{
    struct json_list *list = object->list;
    for (size_t i = 0; i < members; i++) {
        long found = json_index_find(object, text_of(&nodes[2 * i]));
        if (found >= 0) {
            list->nodes[2 * found + 1] = nodes[2 * i + 1];
            list->repeated_first = list->repeated ? list->repeated_first : (uint32_t)found;
            list->repeated++;
            continue;
        }
        memcpy(&list->nodes[2 * object->len], &nodes[2 * i], 2 * sizeof *nodes);
        object->len++;
        json_index_add(object);
    }
}

/* Replace the children on the stack by their container. */
static void close_container(struct parse *p)
{
    const struct frame *frame = &p->frames[--p->depth];
    size_t n = p->len - frame->first;
    const struct json *nodes = n ? p->stack + frame->first : NULL;
    struct json value = {.type = frame->type & 7u};
    value.offset = frame->offset & ((1u << 28) - 1);
    if (n) {
        size_t cap = frame->type == JSON_OBJECT ? n / 2 : n;
        value.list = json_list_new(p->scan.arena, frame->type, false, cap);
        if (frame->type == JSON_OBJECT && cap > JSON_LINEAR_KEYS)
            json_index_reserve(&value, cap);
        if (frame->type == JSON_OBJECT && (cap > JSON_LINEAR_KEYS || has_repeated(nodes, cap))) {
            fill_by_key(&value, nodes, cap);
        } else {
            memcpy(value.list->nodes, nodes, n * sizeof *nodes);
            value.len = (uint32_t)cap & ((1u << 30) - 1);
        }
    }
    p->len = frame->first;
    push(p, value);
    p->scan.at++;
}

/* ---- values ---- */

enum step { STEP_VALUE, STEP_DONE };

static int read_string(struct parse *p)
{
    const char *at = p->scan.at;
    struct str text;
    int rc = json_scan_string(&p->scan, &text);
    if (rc)
        return rc;
    struct json node = node_at(p, JSON_STRING, at);
    node.text = text.ptr;
    node.len = (uint32_t)text.len & ((1u << 30) - 1);
    push(p, node);
    return 0;
}

static int read_number(struct parse *p)
{
    const char *at = p->scan.at;
    struct str text;
    bool integer;
    int rc = json_scan_number(&p->scan, &text, &integer);
    if (rc)
        return rc;
    struct json node = node_at(p, JSON_NUMBER, at);
    node.text = text.ptr;
    node.len = (uint32_t)text.len & ((1u << 30) - 1);
    node.integer = integer;
    push(p, node);
    return 0;
}

static int read_word(struct parse *p, const char *expected)
{
    static const struct {
        struct str word;
        enum json_type type;
        bool value;
    } words[] = {
        {{"null", 4}, JSON_NULL, false},
        {{"true", 4}, JSON_BOOL, true},
        {{"false", 5}, JSON_BOOL, false},
    };
    const char *at = p->scan.at;
    struct str rest = str_make(at, (size_t)(p->scan.end - at));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!str_starts(rest, words[i].word))
            continue;
        struct json node = node_at(p, words[i].type, at);
        node.len = words[i].value;
        push(p, node);
        p->scan.at += words[i].word.len;
        return 0;
    }
    return json_scan_fail(&p->scan, at, expected);
}

/* A key and its colon. */
static int read_key(struct parse *p, const char *expected)
{
    skip_space(p);
    if (peek(p) != '"')
        return json_scan_fail(&p->scan, p->scan.at, expected);
    int rc = read_string(p);
    if (rc)
        return rc;
    skip_space(p);
    if (peek(p) != ':')
        return json_scan_fail(&p->scan, p->scan.at, "':' after the key");
    p->scan.at++;
    return 0;
}

static int open_container(struct parse *p, enum json_type type)
{
    if (p->depth == LIMIT_JSON_DEPTH) {
        int line = 0, column = 0;
        json_line_column(p->scan.text, (size_t)(p->scan.at - p->scan.text.ptr), &line, &column);
        return err_at(p->scan.err, ERR_LIMIT, p->scan.source, line, column,
                      "nested deeper than the limit of %d", LIMIT_JSON_DEPTH);
    }
    struct frame *frame = &p->frames[p->depth++];
    frame->first = p->len;
    frame->type = type;
    frame->offset = (uint32_t)(p->scan.at - p->scan.text.ptr);
    p->scan.at++;
    skip_space(p);
    if (peek(p) == (type == JSON_ARRAY ? ']' : '}')) {
        close_container(p);
        return STEP_DONE;
    }
    if (type == JSON_OBJECT) {
        int rc = read_key(p, "a key in double quotes or '}'");
        if (rc)
            return rc;
    }
    return STEP_VALUE;
}

/* Read a value, or open a container and stop before its first value. */
static int read_value(struct parse *p, const char *expected)
{
    skip_space(p);
    int rc;
    switch (peek(p)) {
    case '{':
        return open_container(p, JSON_OBJECT);
    case '[':
        return open_container(p, JSON_ARRAY);
    case '"':
        rc = read_string(p);
        break;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        rc = read_number(p);
        break;
    default:
        rc = read_word(p, expected);
        break;
    }
    return rc ? rc : STEP_DONE;
}

/* Behind a value: close what ends here, up to the next value or the document's end. */
static int after_value(struct parse *p, const char **ret_expected)
{
    while (p->depth > 0) {
        bool object = p->frames[p->depth - 1].type == JSON_OBJECT;
        skip_space(p);
        char c = peek(p);
        if (c == (object ? '}' : ']')) {
            close_container(p);
            continue;
        }
        if (c != ',')
            return json_scan_fail(&p->scan, p->scan.at,
                                  object ? "',' or '}' after a member"
                                         : "',' or ']' after an item");
        p->scan.at++;
        *ret_expected = object ? "a value after ':'" : "a value after ','";
        int rc = object ? read_key(p, "a key in double quotes after ','") : 0;
        return rc ? rc : STEP_VALUE;
    }
    skip_space(p);
    if (p->scan.at < p->scan.end)
        return json_scan_fail(&p->scan, p->scan.at, "nothing after the end of the document");
    return STEP_DONE;
}

static int parse_document(struct parse *p)
{
    const char *expected = "a value";
    while (true) {
        int rc = read_value(p, expected);
        if (rc == STEP_DONE)
            rc = after_value(p, &expected);
        else if (rc == STEP_VALUE)
            expected = p->frames[p->depth - 1].type == JSON_OBJECT ? "a value after ':'"
                                                                   : "a value or ']'";
        if (rc != STEP_VALUE)
            return rc;
    }
}

/* Frames and stack are left as they are: clearing them costs as much as a short text. */
static void parse_start(struct parse *p, struct str text)
{
    text.ptr = text.ptr ? text.ptr : "";
    p->scan = (struct json_scan){.text = text, .at = text.ptr, .end = text.ptr + text.len};
    if (str_starts(text, STR("\xef\xbb\xbf")))
        p->scan.at += 3;
    p->stack = p->first;
    p->len = 0;
    p->cap = sizeof p->first / sizeof *p->first;
    p->depth = 0;
}

int json_parse(struct str text, const char *source, struct arena *arena, struct json **ret,
               struct err *err)
{
    if (text.len > LIMIT_JSON_TEXT)
        return err_at(err, ERR_LIMIT, source, 0, 0,
                      "text of %zu bytes is longer than the limit of %u", text.len,
                      LIMIT_JSON_TEXT);
    struct parse p;
    parse_start(&p, text);
    p.scan.source = source;
    p.scan.arena = arena;
    p.scan.err = err;
    int rc = parse_document(&p);
    if (rc == STEP_DONE) {
        struct json *root = ARENA_NEW(arena, struct json);
        *root = p.stack[0];
        *ret = root;
    }
    if (p.stack != p.first)
        free(p.stack);
    return rc < 0 ? rc : 0;
}
