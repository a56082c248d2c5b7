// SPDX-License-Identifier: Apache-2.0
#include "lib/json/json.h"

#include <math.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/json/json_node.h"
#include "lib/json/json_scan.h"

enum {
    FIRST_GUESS = 1000, /* bytes of a text */
    FEW = 12,           /* members that are sorted on the stack */
};

struct writer {
    unsigned flags;
    int depth;
    struct arena *scratch; /* for sorting more; NULL until then */
    struct buf *out;
};

static void write_value(struct writer *w, const struct json *value);

/* One byte, nearly always into room that is there. */
static inline void put(struct buf *out, char c)
{
    if (out->cap - out->len > 1 && out->len < out->max && !out->overflow)
        out->ptr[out->len++] = c;
    else
        buf_putc(out, c);
}

/* ---- scalars ---- */

static void write_escape(struct buf *out, unsigned char c)
{
    static const char from[] = "\"\\\b\f\n\r\t", into[] = "\"\\bfnrt";
    const char *found = c ? strchr(from, c) : NULL;
    if (found)
        buf_append(out, (char[]){'\\', into[found - from]}, 2);
    else
        buf_printf(out, "\\u%04x", c);
}

/* Bytes that are no UTF-8 (only a built string can hold them) become U+FFFD: JSON has no others. */
static void write_utf8(struct buf *out, struct str s)
{
    size_t bad = 0;
    while (!str_is_utf8(s, &bad)) {
        buf_append(out, s.ptr, bad);
        buf_puts(out, "\xef\xbf\xbd");
        s = str_sub(s, bad + 1, s.len);
    }
    buf_str(out, s);
}

/* The text in quotes, if there is room and nothing in it needs an escape. */
static bool put_plain(struct buf *out, struct str s)
{
    bool fits =
        !out->overflow && s.len + 2 < out->cap - out->len && s.len + 2 <= out->max - out->len;
    if (!fits || (s.len > 0 && json_scan_plain(s.ptr, s.ptr + s.len) != s.ptr + s.len))
        return false;
    char *to = out->ptr + out->len;
    to[0] = '"';
    if (s.len > 0)
        memcpy(to + 1, s.ptr, s.len);
    to[s.len + 1] = '"';
    out->len += s.len + 2;
    return true;
}

static void write_string(struct buf *out, struct str s)
{
    size_t start = 0;
    if (put_plain(out, s))
        return;
    put(out, '"');
    const char *end = s.ptr + s.len;
    for (size_t i = 0; i < s.len; i++) {
        i = (size_t)(json_scan_plain(s.ptr + i, end) - s.ptr);
        unsigned char c = i < s.len ? (unsigned char)s.ptr[i] : 0x80;
        if (c >= 0x80)
            continue;
        write_utf8(out, str_make(s.ptr + start, i - start));
        write_escape(out, c);
        start = i + 1;
    }
    write_utf8(out, str_make(s.ptr + start, s.len - start));
    put(out, '"');
}

static void write_zeros(struct buf *out, int n)
{
    for (int i = 0; i < n; i++)
        buf_putc(out, '0');
}

/*
 * A float as version 2.10 and later of Ruby's json generator write it: a whole number below 10^15
 * gets ".0", a fraction stays plain down to 10^-9 or with up to six decimals, the rest is
 * scientific. `point`: digits before the decimal point.
 */
static void write_ruby_digits(struct buf *out, const char *digits, int point)
{
    int len = (int)strlen(digits), decimals = len - point, exponent = point - 1;
    if (decimals <= 0 && exponent < 15) {
        buf_puts(out, digits);
        write_zeros(out, -decimals);
        buf_puts(out, ".0");
    } else if (decimals > 0 && (decimals < 7 || abs(exponent) < 10)) {
        buf_append(out, point > 0 ? digits : "0", point > 0 ? (size_t)point : 1);
        buf_putc(out, '.');
        write_zeros(out, -point);
        buf_puts(out, digits + (point > 0 ? point : 0));
    } else {
        buf_putc(out, digits[0]);
        if (len > 1)
            buf_printf(out, ".%s", digits + 1);
        buf_printf(out, "e%c%d", exponent < 0 ? '-' : '+', abs(exponent));
    }
}

static void write_ruby_float(struct writer *w, const struct json *value)
{
    struct str text = json_text(value);
    char digits[JSON_SHORTEST_LEN] = "";
    int point = 0;
    bool known = json_decimal_shortest(text, digits, &point);
    double number = known ? 0 : json_to_double(value);
    if (!isfinite(number)) { /* Ruby refuses to write it; the text at least says what it was */
        buf_str(w->out, text);
        return;
    }
    if (known ? text.ptr[0] == '-' : signbit(number))
        buf_putc(w->out, '-');
    if (!known && number == 0) {
        buf_puts(w->out, "0.0");
        return;
    }
    if (!known)
        json_shortest(fabs(number), digits, &point);
    write_ruby_digits(w->out, digits, point);
}

static void write_number(struct writer *w, const struct json *value)
{
    struct str text = json_text(value);
    if (!(w->flags & JSON_RUBY)) {
        buf_str(w->out, text);
        return;
    }
    if (value->integer) { /* Ruby's integers know no -0 */
        buf_str(w->out, str_is(text, "-0") ? STR("0") : text);
        return;
    }
    write_ruby_float(w, value);
}

/* ---- containers ---- */

static void new_line(struct writer *w)
{
    if (!(w->flags & JSON_PRETTY))
        return;
    buf_putc(w->out, '\n');
    for (int i = 0; i < w->depth; i++)
        buf_puts(w->out, "  ");
}

static void write_member(struct writer *w, struct str key, const struct json *value, size_t i)
{
    if (i)
        put(w->out, ',');
    new_line(w);
    write_string(w->out, key);
    put(w->out, ':');
    if (w->flags & JSON_PRETTY)
        put(w->out, ' ');
    write_value(w, value);
}

struct sorted {
    struct str key;
    const struct json *value;
};

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const struct sorted *)a)->key, ((const struct sorted *)b)->key);
}

/* Each member where it belongs among those before it. */
static void sort_few(const struct json *object, struct sorted *ret)
{
    for (size_t i = 0; i < object->len; i++) {
        struct str key = json_key(object, i);
        size_t at = i;
        for (; at > 0 && str_cmp(ret[at - 1].key, key) > 0; at--)
            ret[at] = ret[at - 1];
        ret[at] = (struct sorted){key, json_child(object, i)};
    }
}

static struct sorted *sort_many(struct writer *w, const struct json *object)
{
    if (!w->scratch)
        w->scratch = arena_new();
    struct sorted *members = ARENA_ARRAY(w->scratch, struct sorted, object->len);
    for (size_t i = 0; i < object->len; i++)
        members[i] = (struct sorted){json_key(object, i), json_child(object, i)};
    qsort(members, object->len, sizeof *members, by_key);
    return members;
}

static void write_sorted(struct writer *w, const struct json *object)
{
    struct sorted few[FEW], *members = object->len > FEW ? sort_many(w, object) : few;
    if (members == few)
        sort_few(object, few);
    for (size_t i = 0; i < object->len && !w->out->overflow; i++)
        write_member(w, members[i].key, members[i].value, i);
}

static void write_container(struct writer *w, const struct json *value)
{
    bool object = value->type == JSON_OBJECT;
    put(w->out, object ? '{' : '[');
    w->depth++;
    if (object && w->flags & JSON_SORTED) {
        write_sorted(w, value);
    } else if (object) {
        for (size_t i = 0; i < value->len && !w->out->overflow; i++)
            write_member(w, json_key(value, i), json_child(value, i), i);
    } else {
        for (size_t i = 0; i < value->len && !w->out->overflow; i++) {
            if (i)
                put(w->out, ',');
            new_line(w);
            write_value(w, json_child(value, i));
        }
    }
    w->depth--;
    if (value->len)
        new_line(w);
    put(w->out, object ? '}' : ']');
}

static void write_value(struct writer *w, const struct json *value)
{
    switch (json_type(value)) {
    case JSON_NULL:
        buf_puts(w->out, "null");
        break;
    case JSON_BOOL:
        buf_puts(w->out, json_bool(value) ? "true" : "false");
        break;
    case JSON_NUMBER:
        write_number(w, value);
        break;
    case JSON_STRING:
        write_string(w->out, json_text(value));
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        write_container(w, value);
        break;
    }
}

void json_write(const struct json *value, unsigned flags, struct buf *out)
{
    struct writer w = {.flags = flags, .out = out};
    write_value(&w, value);
    buf_commit(out, 0); /* ends it with its NUL */
    arena_free(w.scratch);
}

struct str json_to_str(struct arena *arena, const struct json *value, unsigned flags)
{
    struct buf out BUF_AUTO = BUF_INIT(SIZE_MAX);
    buf_reserve(&out, FIRST_GUESS);
    json_write(value, flags, &out);
    return str_dup(arena, buf_view(&out));
}
