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

const char *words_display(struct arena *arena, const char *name)
{
    struct buf out BUF_AUTO = BUF_INIT(8 * LIMIT_HTTP_LINE);
    bool start = true;
    for (const char *p = name; *p; p++) {
        if (strchr(" \t-_./", *p)) {
            start = true;
            continue;
        }
        bool split = splits(name, p);
        if ((start || split) && out.len > 0)
            buf_putc(&out, ' ');
        buf_putc(&out, start || split ? (char)toupper((unsigned char)*p) : *p);
        start = false;
    }
    return arena_strdup(arena, buf_view(&out).ptr);
}
