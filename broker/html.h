// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_HTML_H
#define TALLY_BROKER_HTML_H
/*
 * The few pages for people. Whatever comes from outside goes through html_put(), which escapes it;
 * no page has a script but that of resource_browser.c.
 */
#include "lib/base/buf.h"

struct call;

enum { HTML_MAX = 64 * 1024 * 1024 };

/* `template` with each {} replaced by the next const char * argument, escaped for text and for
 * quoted attributes. */
void html_put(struct buf *out, const char *template, ...);
/* Up to the title and the way to the index. */
void html_begin(struct buf *out, struct call *call, const char *title);
/* A word in the colour of what it says: "success", "failed", "stale", "never", ... */
void html_mark(struct buf *out, const char *word);
/* Ends the page and answers with it. */
int html_answer(struct buf *out, struct call *call, int status);

#endif
