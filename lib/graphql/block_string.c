// SPDX-License-Identifier: Apache-2.0
#include "lib/graphql/block_string.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/vec.h"

#define QUOTES "\"\"\""

struct lines {
    VEC_OF(struct str);
};

/* Cut off the first line; *rest becomes absent behind the last. */
static struct str cut_line(struct str *rest)
{
    size_t i = 0;
    while (i < rest->len && rest->ptr[i] != '\n' && rest->ptr[i] != '\r')
        i++;
    struct str line = str_make(rest->ptr, i);
    if (i == rest->len) {
        *rest = STR_NONE;
        return line;
    }
    i += i + 1 < rest->len && rest->ptr[i] == '\r' && rest->ptr[i + 1] == '\n' ? 2 : 1;
    *rest = str_make(rest->ptr + i, rest->len - i);
    return line;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t indent_of(struct str line)
{
    size_t i = 0;
    while (i < line.len && is_blank(line.ptr[i]))
        i++;
    return i;
}

static char *put_unescaped(char *to, struct str line)
{
    while (line.len) {
        if (str_starts(line, STR("\\" QUOTES)))
            line = str_sub(line, 1, line.len);
        size_t n = str_starts(line, STR(QUOTES)) ? 3 : 1;
        memcpy(to, line.ptr, n);
        to += n;
        line = str_sub(line, n, line.len);
    }
    return to;
}

struct str gql_block_string(struct str raw, struct arena *arena)
{
    struct lines lines = {0};
    size_t common = SIZE_MAX, first = SIZE_MAX, end = 0;
    for (struct str rest = raw; rest.ptr;) {
        struct str line = cut_line(&rest);
        size_t i = lines.len, indent = indent_of(line);
        *VEC_PUSH(arena, &lines) = line;
        if (indent == line.len)
            continue;
        first = first == SIZE_MAX ? i : first;
        end = i + 1;
        if (i > 0 && indent < common)
            common = indent;
    }
    char *start = arena_alloc(arena, raw.len), *to = start;
    for (size_t i = first; i < end; i++) {
        if (i > first)
            *to++ = '\n';
        struct str line = lines.items[i];
        to = put_unescaped(to, i == 0 ? line : str_sub(line, common, line.len));
    }
    return str_make(start, (size_t)(to - start));
}

static void new_line(struct buf *out, int indent)
{
    buf_putc(out, '\n');
    for (int i = 0; i < indent; i++)
        buf_putc(out, ' ');
}

/* Columns of a text: UTF-16 units, as the reference measures. */
static size_t columns(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        n += (c & 0xc0) != 0x80;
        n += c >= 0xf0;
    }
    return n;
}

/* The rules are those of the reference printer, so that files do not change when printed again. */
void gql_print_block_string(struct str value, int indent, bool minimal, struct buf *out)
{
    bool single_line = true, lines_indented = true;
    value = value.ptr ? value : STR("");
    struct str rest = value;
    for (cut_line(&rest); rest.ptr; single_line = false) {
        struct str line = cut_line(&rest);
        lines_indented = lines_indented && (line.len == 0 || is_blank(line.ptr[0]));
    }
    bool force_leading = !single_line && lines_indented;
    size_t quotes = 0;
    while (quotes < value.len && value.ptr[value.len - 1 - quotes] == '"')
        quotes++;
    bool ends_in_quotes = quotes && quotes % 3 == 0; /* all of them escaped */
    bool force_trailing = (quotes && !ends_in_quotes) || str_ends(value, STR("\\"));
    bool several = !minimal && (!single_line || columns(value) > 70 || force_trailing ||
                                force_leading || ends_in_quotes);
    bool skip_leading = single_line && value.len && is_blank(value.ptr[0]);
    buf_puts(out, QUOTES);
    if ((several && !skip_leading) || force_leading)
        new_line(out, indent);
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '\n') {
            new_line(out, indent);
        } else if (str_starts(str_sub(value, i, 3), STR(QUOTES))) {
            buf_puts(out, "\\" QUOTES);
            i += 2;
        } else {
            buf_putc(out, value.ptr[i]);
        }
    }
    if (several || force_trailing)
        new_line(out, indent);
    buf_puts(out, QUOTES);
}
