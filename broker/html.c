// SPDX-License-Identifier: Apache-2.0
#include "broker/html.h"

#include <stdarg.h>

#include "broker/call.h"
#include "lib/base/arena.h"

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;color:#222;max-width:64rem;margin:1.5rem auto;"
    "padding:0 1rem}"
    "a{color:#1456a0}h1{font-size:1.4rem}h2{font-size:1.1rem;margin:0 0 .4rem}h3{font-size:1rem;"
    "margin:.8rem 0 .2rem}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;vertical-align:top;"
    "overflow-wrap:anywhere}"
    "pre,code{font:13px/1.4 ui-monospace,monospace}pre{background:#f5f5f5;padding:.6rem;margin:"
    ".2rem 0;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}"
    "section{border:1px solid #ccc;border-radius:6px;padding:.8rem 1rem;margin:1rem 0}"
    "nav,.dim{color:#666}.mark{border-radius:4px;padding:.05rem .45rem;color:#fff;"
    "background:#6b6b6b;white-space:nowrap}"
    ".success{background:#2b7a2b}.failed,.failure{background:#b3261e}"
    ".failed_pending,.stale,.retrying{background:#9a5b00}";

static void put_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '"':
            buf_puts(out, "&quot;");
            break;
        case '\'':
            buf_puts(out, "&#39;");
            break;
        default:
            buf_putc(out, *text);
        }
    }
}

void html_put(struct buf *out, const char *template, ...)
{
    va_list args;
    va_start(args, template);
    for (const char *p = template; *p; p++) {
        if (p[0] == '{' && p[1] == '}') {
            const char *text = va_arg(args, const char *);
            put_escaped(out, text ? text : "");
            p++;
        } else {
            buf_putc(out, *p);
        }
    }
    va_end(args);
}

void html_begin(struct buf *out, struct call *call, const char *title)
{
    html_put(out,
             "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
             "<meta name=\"viewport\" content=\"width=device-width\"><title>{}</title>",
             title);
    buf_puts(out, "<style>");
    buf_puts(out, style);
    html_put(out,
             "</style></head>\n<body><nav><a href=\"{}/\">Tally broker</a></nav>\n<h1>{}</h1>\n",
             call->base, title);
}

void html_mark(struct buf *out, const char *word)
{
    html_put(out, "<span class=\"mark {}\">{}</span>", word,
             strcmp(word, "failed_pending") == 0 ? "failed (pending)" : word);
}

int html_answer(struct buf *out, struct call *call, int status)
{
    buf_puts(out, "</body></html>\n");
    if (out->overflow)
        return call_error(call, 500, "there is too much for one page; ask for it as JSON");
    return call_text(call, status, "text/html;charset=utf-8", str_dup(call->arena, buf_view(out)));
}
