// SPDX-License-Identifier: Apache-2.0
#include "broker/text_diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/vec.h"

enum { CONTEXT = 3 };

struct lines {
    VEC_OF(struct str);
};

/* One line of the answer: ' ' kept, '-' removed, '+' added. */
struct edit {
    char kind;
    struct str line;
};
struct edits {
    VEC_OF(struct edit);
};

static void split(struct arena *arena, struct str text, struct lines *ret)
{
    while (text.ptr && text.len > 0)
        *VEC_PUSH(arena, ret) = str_cut(&text, '\n');
}

static void push(struct arena *arena, struct edits *edits, char kind, struct str line)
{
    *VEC_PUSH(arena, edits) = (struct edit){kind, line};
}

/* ---- Myers: the furthest x on each diagonal k = x - y, kept for every number of edits ---- */

struct search {
    const struct str *a, *b;
    int n, m;
    int32_t *rows[TEXT_DIFF_EDITS + 1]; /* rows[d] holds diagonals -d..d at [k + d] */
};

static int32_t furthest(const struct search *search, int d, int k)
{
    return k < -d || k > d ? -1 : search->rows[d][k + d];
}

/* Where d edits get to on diagonal k, before equal lines are followed. */
static int32_t step(const struct search *search, int d, int k)
{
    if (d == 0)
        return 0;
    int32_t down = furthest(search, d - 1, k + 1), right = furthest(search, d - 1, k - 1);
    return k == -d || (k != d && right < down) ? down : right + 1;
}

/* The number of edits, or -1 if there are too many. */
static int run(struct search *search, struct arena *arena)
{
    for (int d = 0; d <= TEXT_DIFF_EDITS && d <= search->n + search->m; d++) {
        search->rows[d] = ARENA_ARRAY(arena, int32_t, (size_t)(2 * d + 1));
        for (int i = 0; i < 2 * d + 1; i++)
            search->rows[d][i] = -1;
        for (int k = -d; k <= d; k += 2) {
            int32_t x = step(search, d, k), y = x - k;
            while (x >= 0 && y >= 0 && x < search->n && y < search->m &&
                   str_eq(search->a[x], search->b[y]))
                x++, y++;
            search->rows[d][k + d] = x;
            if (x >= search->n && y >= search->m)
                return d;
        }
    }
    return -1;
}

/* From the end back to the start; the edits come out in reverse order. */
static void trace(const struct search *search, int d, struct arena *arena, struct edits *ret)
{
    int x = search->n, y = search->m;
    for (; d >= 0; d--) {
        int k = x - y, start_x = step(search, d, k), start_y = start_x - k;
        while (x > start_x && y > start_y)
            push(arena, ret, ' ', search->a[--x]), y--;
        if (d == 0)
            break;
        bool down =
            k == -d || (k != d && furthest(search, d - 1, k - 1) < furthest(search, d - 1, k + 1));
        if (down)
            push(arena, ret, '+', search->b[--y]);
        else
            push(arena, ret, '-', search->a[--x]);
    }
}

static void middle(struct arena *arena, const struct str *a, int n, const struct str *b, int m,
                   struct edits *ret)
{
    struct search *search = ARENA_NEW(arena, struct search);
    *search = (struct search){.a = a, .b = b, .n = n, .m = m};
    struct edits reversed = {0};
    int d = run(search, arena);
    if (d >= 0)
        trace(search, d, arena, &reversed);
    for (size_t i = reversed.len; i-- > 0;)
        *VEC_PUSH(arena, ret) = reversed.items[i];
    for (int i = 0; d < 0 && i < n; i++)
        push(arena, ret, '-', a[i]);
    for (int i = 0; d < 0 && i < m; i++)
        push(arena, ret, '+', b[i]);
}

static void compare(struct arena *arena, const struct lines *a, const struct lines *b,
                    struct edits *ret)
{
    size_t head = 0, tail = 0, shorter = a->len < b->len ? a->len : b->len;
    while (head < shorter && str_eq(a->items[head], b->items[head]))
        head++;
    while (tail < shorter - head &&
           str_eq(a->items[a->len - 1 - tail], b->items[b->len - 1 - tail]))
        tail++;
    for (size_t i = 0; i < head; i++)
        push(arena, ret, ' ', a->items[i]);
    if (a->len + b->len > head + tail + head + tail)
        middle(arena, a->items + head, (int)(a->len - head - tail), b->items + head,
               (int)(b->len - head - tail), ret);
    for (size_t i = a->len - tail; i < a->len; i++)
        push(arena, ret, ' ', a->items[i]);
}

/* ---- hunks ---- */

/* The end of the hunk that begins at `from`: changes apart by no more than two contexts. */
static size_t hunk_end(const struct edits *edits, size_t from)
{
    size_t last = from;
    for (size_t i = from; i < edits->len && i <= last + 2 * CONTEXT + 1; i++) {
        if (edits->items[i].kind != ' ')
            last = i;
    }
    return last + CONTEXT + 1 < edits->len ? last + CONTEXT + 1 : edits->len;
}

static void put_hunk(struct buf *out, const struct edits *edits, size_t from, size_t to,
                     size_t old_line, size_t new_line)
{
    size_t old_len = 0, new_len = 0;
    for (size_t i = from; i < to; i++) {
        old_len += edits->items[i].kind != '+';
        new_len += edits->items[i].kind != '-';
    }
    buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", old_len ? old_line : old_line - 1, old_len,
               new_len ? new_line : new_line - 1, new_len);
    for (size_t i = from; i < to; i++) {
        buf_putc(out, edits->items[i].kind);
        buf_str(out, edits->items[i].line);
        buf_putc(out, '\n');
    }
}

struct str text_diff(struct arena *arena, struct str old_text, struct str new_text)
{
    struct lines a = {0}, b = {0};
    struct edits edits = {0};
    split(arena, old_text, &a);
    split(arena, new_text, &b);
    compare(arena, &a, &b, &edits);
    BUF_AUTO struct buf out = BUF_INIT(SIZE_MAX);
    size_t old_line = 1, new_line = 1;
    for (size_t i = 0; i < edits.len;) {
        size_t change = i;
        while (change < edits.len && change < i + CONTEXT && edits.items[change].kind == ' ')
            change++;
        bool starts = change < edits.len && edits.items[change].kind != ' ';
        size_t next = starts ? hunk_end(&edits, change) : i + 1;
        if (starts)
            put_hunk(&out, &edits, i, next, old_line, new_line);
        for (; i < next; i++) {
            old_line += edits.items[i].kind != '+';
            new_line += edits.items[i].kind != '-';
        }
    }
    return str_dup(arena, buf_view(&out));
}
