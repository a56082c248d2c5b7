// SPDX-License-Identifier: Apache-2.0
#include "broker/badge.h"

#include <ctype.h>
#include <string.h>

#include "broker/words.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/wire/url.h"

enum { HEIGHT = 20, PADDING = 10, TEXT_MAX = 200, SVG_MAX = 16 * 1024 };

static const struct {
    const char *name, *hex;
} colors[] = {
    [BADGE_GREEN] = {"brightgreen", "#4c1"},
    [BADGE_RED] = {"red", "#e05d44"},
    [BADGE_ORANGE] = {"orange", "#fe7d37"},
    [BADGE_GREY] = {"lightgrey", "#9f9f9f"},
};

/* Widths in tenths of a pixel, for the printable ASCII characters from space on. */
static const unsigned char widths[] = {
    39, 43,  50, 90, 70, 118, 80, 30, 50, 50, 70, 90, 40, 50,  40, 50, 70, 70,  70,
    70, 70,  70, 70, 70, 70,  70, 50, 50, 90, 90, 90, 60, 110, 75, 75, 77, 85,  70,
    63, 85,  83, 46, 50, 76,  61, 93, 82, 87, 66, 87, 76, 75,  68, 81, 75, 109, 75,
    68, 75,  50, 50, 50, 90,  70, 70, 66, 69, 57, 69, 66, 39,  69, 70, 30, 38,  65,
    30, 107, 70, 67, 69, 69,  47, 57, 43, 70, 65, 90, 65, 65,  58, 70, 50, 70,  90,
};

static int text_width(const char *text)
{
    int tenths = 0;
    for (size_t i = 0; i < TEXT_MAX && text[i]; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= ' ' && c < ' ' + sizeof widths)
            tenths += widths[c - ' '];
        else if ((c & 0xc0) != 0x80)
            tenths += 110; /* one wide character, counted at its first byte */
    }
    return (tenths + 9) / 10;
}

static void put_text(struct buf *out, const char *text)
{
    static const struct {
        char c;
        const char *entity;
    } escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
    for (; *text; text++) {
        size_t i = 0;
        while (i < sizeof escapes / sizeof *escapes && escapes[i].c != *text)
            i++;
        if (i < sizeof escapes / sizeof *escapes)
            buf_puts(out, escapes[i].entity);
        else if ((unsigned char)*text >= ' ')
            buf_putc(out, *text);
    }
}

static void put_half(struct buf *out, const char *text, int x, int width)
{
    buf_printf(out, "<text x=\"%d\" y=\"14\" textLength=\"%d\">", x + PADDING / 2, width);
    put_text(out, text);
    buf_puts(out, "</text>");
}

struct str badge_svg(struct arena *arena, const struct badge *badge)
{
    int left = text_width(badge->left), right = text_width(badge->right);
    int middle = left + PADDING, total = middle + right + PADDING;
    BUF_AUTO struct buf out = BUF_INIT(SVG_MAX);
    buf_printf(&out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\" "
               "aria-label=\"",
               total, HEIGHT);
    put_text(&out, badge->left);
    buf_puts(&out, ": ");
    put_text(&out, badge->right);
    buf_puts(&out, "\"><title>");
    put_text(&out, badge->left);
    buf_puts(&out, ": ");
    put_text(&out, badge->right);
    buf_printf(&out,
               "</title><clipPath id=\"r\"><rect width=\"%d\" height=\"%d\" rx=\"3\"/></clipPath>"
               "<g clip-path=\"url(#r)\"><rect width=\"%d\" height=\"%d\" fill=\"#555\"/>"
               "<rect x=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/></g>"
               "<g fill=\"#fff\" font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" "
               "font-size=\"11\">",
               total, HEIGHT, middle, HEIGHT, middle, right + PADDING, HEIGHT,
               colors[badge->color].hex);
    put_half(&out, badge->left, 0, left);
    put_half(&out, badge->right, middle, right);
    buf_puts(&out, "</g></svg>");
    return str_dup(arena, buf_view(&out));
}

static const char *shields_escape(struct arena *arena, const char *text)
{
    BUF_AUTO struct buf out = BUF_INIT(SVG_MAX);
    for (; *text; text++) {
        if (*text == '-' || *text == '_')
            buf_putc(&out, *text);
        buf_putc(&out, *text);
    }
    return str_cstr(arena, url_encode(arena, buf_view(&out)));
}

const char *badge_shields_url(struct arena *arena, const char *base, const struct badge *badge)
{
    return arena_printf(arena, "%s/badge/%s-%s-%s.svg", base, shields_escape(arena, badge->left),
                        shields_escape(arena, badge->right), colors[badge->color].name);
}

const char *badge_initials(struct arena *arena, const char *name)
{
    const char *words = words_display(arena, name);
    if (!strchr(words, ' '))
        return name;
    BUF_AUTO struct buf out = BUF_INIT(TEXT_MAX);
    for (size_t i = 0; words[i]; i++) {
        if (words[i] != ' ' && (i == 0 || words[i - 1] == ' '))
            buf_putc(&out, (char)tolower((unsigned char)words[i]));
    }
    return str_cstr(arena, buf_view(&out));
}
