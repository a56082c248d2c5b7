// SPDX-License-Identifier: Apache-2.0
/* Links of HAL documents, and what error bodies say. */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/hal/hal_internal.h"
#include "lib/wire/url.h"

enum { HREF_MAX = 64 * 1024, REASON_MAX = 4096, TEXT_SHOWN = 200 };

static const char *value_of(const struct hal_var *vars, struct str name)
{
    for (const struct hal_var *var = vars; var && var->name; var++) {
        if (str_is(name, var->name))
            return var->value ? var->value : "";
    }
    return NULL;
}

/* Level 1 of RFC 6570 is all that brokers use. */
static int expand(struct str href, const char *rel, const struct hal_var *vars, struct arena *arena,
                  const char **ret, struct err *err)
{
    BUF_AUTO struct buf out = BUF_INIT(HREF_MAX);
    while (href.len > 0) {
        long open = str_chr(href, '{');
        long close = str_chr(href, '}');
        if (open < 0 || close < open) {
            buf_str(&out, href);
            break;
        }
        struct str name = str_sub(href, (size_t)open + 1, (size_t)(close - open - 1));
        const char *value = value_of(vars, name);
        if (!value)
            return err_set(err, ERR_NOT_FOUND, "link '%s' wants '%.*s', which is not known here",
                           rel, STR_FMT(name));
        buf_str(&out, str_sub(href, 0, (size_t)open));
        buf_str(&out, url_encode(arena, str_of(value)));
        href = str_sub(href, (size_t)close + 1, href.len);
    }
    if (out.overflow)
        return err_set(err, ERR_LIMIT, "link '%s' is longer than %d bytes", rel, HREF_MAX);
    *ret = str_cstr(arena, buf_view(&out));
    return 0;
}

int hal_link(const struct json *document, const char *rel, const struct hal_var *vars,
             struct arena *arena, const char **ret, struct err *err)
{
    const struct json *link = json_get(json_get(document, "_links"), rel);
    if (json_is(link, JSON_ARRAY))
        link = json_at(link, 0);
    struct str href = json_get_text(link, "href");
    if (!href.ptr)
        return err_set(err, ERR_NOT_FOUND, "there is no link '%s'", rel);
    return expand(href, rel, vars, arena, ret, err);
}

static void add_sentence(struct buf *out, struct str field, struct str text)
{
    text = str_trim(text);
    if (text.len == 0)
        return;
    buf_puts(out, out->len > 0 ? "; " : "");
    if (field.len > 0)
        buf_printf(out, "%.*s ", STR_FMT(field));
    buf_str(out, text);
}

static void add_all(struct buf *out, struct str field, const struct json *value)
{
    if (json_is(value, JSON_STRING)) {
        add_sentence(out, field, json_text(value));
        return;
    }
    if (json_is(value, JSON_ARRAY)) {
        for (size_t i = 0; i < json_len(value); i++)
            add_all(out, field, json_at(value, i));
        return;
    }
    /* an item of problem details, or an error with a reference */
    static const char *const names[] = {"detail", "message", "text", "title"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str text = json_get_text(value, names[i]);
        if (text.len > 0) {
            add_sentence(out, field, text);
            return;
        }
    }
}

static void add_errors(struct buf *out, const struct json *errors)
{
    if (!json_is(errors, JSON_OBJECT)) {
        add_all(out, STR(""), errors);
        return;
    }
    for (size_t i = 0; i < json_len(errors); i++)
        add_all(out, json_key(errors, i), json_at(errors, i));
}

/* Notices of a refusal that is explained by nothing else. */
static void add_notices(struct buf *out, const struct json *notices)
{
    for (size_t i = 0; i < json_len(notices); i++) {
        const struct json *notice = json_at(notices, i);
        struct str type = json_get_text(notice, "type");
        if (str_is(type, "error") || str_is(type, "danger"))
            add_sentence(out, STR(""), json_get_text(notice, "text"));
    }
}

struct str hal_reason(const struct hal_response *response, struct arena *arena)
{
    BUF_AUTO struct buf out = BUF_INIT(REASON_MAX);
    const struct json *body = response->body;
    add_errors(&out, json_get(body, "errors"));
    if (out.len == 0)
        add_all(&out, STR(""), json_get(body, "error"));
    if (out.len == 0)
        add_notices(&out, json_get(body, "notices"));
    if (out.len == 0)
        add_all(&out, STR(""), json_is(body, JSON_OBJECT) ? body : NULL);
    struct str text = str_trim(response->text);
    bool page = text.len > 0 && text.ptr[0] == '<';
    if (out.len == 0 && !body && !page && str_is_utf8(text, NULL))
        buf_str(&out, str_sub(text, 0, TEXT_SHOWN));
    return str_dup(arena, buf_view(&out));
}
