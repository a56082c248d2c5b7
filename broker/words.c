// SPDX-License-Identifier: Apache-2.0
#include "broker/words.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"

static const char *const dropped[] = {"", "api", "provider", "service"};

static bool lower_or_digit(char c)
{
    return islower((unsigned char)c) || isdigit((unsigned char)c);
}

/* A new word begins at p: after a small letter ("iOS"), or before the last capital of "HTTPServer".
 */
static bool splits(const char *name, const char *p)
{
    if (p == name || !isupper((unsigned char)*p))
        return false;
    return lower_or_digit(p[-1]) || (isupper((unsigned char)p[-1]) && islower((unsigned char)p[1]));
}

static void add_word(struct buf *out, const char *word, size_t len)
{
    if (len > 0 && word[len - 1] == 's')
        len--;
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
        if (strlen(dropped[i]) == len && memcmp(dropped[i], word, len) == 0)
            return;
    }
    if (out->len > 0)
        buf_putc(out, '_');
    buf_append(out, word, len);
}

const char *words_key(struct arena *arena, const char *name)
{
    struct buf spread BUF_AUTO = BUF_INIT(8 * LIMIT_HTTP_LINE);
    for (const char *p = name; *p; p++) {
        if (splits(name, p))
            buf_putc(&spread, '_');
        bool gap = isspace((unsigned char)*p) || *p == '-' || *p == '_';
        buf_putc(&spread, gap ? '_' : (char)tolower((unsigned char)*p));
    }
    struct buf out BUF_AUTO = BUF_INIT(8 * LIMIT_HTTP_LINE);
    struct str rest = buf_view(&spread);
    while (rest.ptr) {
        struct str word = str_cut(&rest, '_');
        add_word(&out, word.ptr, word.len);
    }
    return arena_strdup(arena, buf_view(&out).ptr);
}

/* ---- display names: the original's substitutions, one after the other, what each leaves over
 * included ("MP - Our" keeps its dash, for no letter is beside it) ---- */

static bool upper(char c)
{
    return isupper((unsigned char)c) != 0;
}

static bool space(char c)
{
    return isspace((unsigned char)c) != 0;
}

/* Whether a space goes in, or takes the place of the second character, at three characters. */
typedef bool triple_fn(char a, char b, char c);

static bool before_last_capital(char a, char b, char c)
{
    return upper(a) && upper(b) && islower((unsigned char)c);
}

static bool before_capital(char a, char b, char c)
{
    return lower_or_digit(a) && upper(b) && !space(c);
}

static bool around_separator(char a, char b, char c)
{
    return !space(a) && (strchr("-_.", b) || space(b)) && !space(c);
}

/* As gsub: from left to right, and no character is part of two matches. */
static const char *substitute(struct arena *arena, const char *text, triple_fn *matches,
                              bool replaces)
{
    struct buf out BUF_AUTO = BUF_INIT(8 * LIMIT_HTTP_LINE);
    while (*text) {
        buf_putc(&out, *text);
        if (!text[1] || !text[2] || !matches(text[0], text[1], text[2])) {
            text++;
            continue;
        }
        buf_putc(&out, ' ');
        if (!replaces)
            buf_putc(&out, text[1]);
        text += 2;
        do
            buf_putc(&out, *text++);
        while (((unsigned char)*text & 0xc0) == 0x80); /* one character in several bytes */
    }
    return arena_strdup(arena, buf_view(&out).ptr);
}

const char *words_display(struct arena *arena, const char *name)
{
    name = substitute(arena, name, before_last_capital, false);
    name = substitute(arena, name, before_capital, false);
    name = substitute(arena, name, around_separator, true);
    struct buf out BUF_AUTO = BUF_INIT(8 * LIMIT_HTTP_LINE);
    for (const char *p = name; *p; p++) {
        if (space(*p))
            continue;
        bool start = p == name || space(p[-1]);
        if (start && out.len > 0)
            buf_putc(&out, ' ');
        buf_putc(&out, start ? (char)toupper((unsigned char)*p) : *p);
    }
    return arena_strdup(arena, buf_view(&out).ptr);
}
