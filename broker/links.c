// SPDX-License-Identifier: Apache-2.0
#include "broker/links.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "broker/call.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/json/json.h"

enum { USUAL_LINK = 256 };

const char *link_to(struct call *call, const char *template, ...)
{
    struct buf out BUF_AUTO = BUF_INIT(16 * LIMIT_HTTP_LINE);
    buf_reserve(&out, USUAL_LINK);
    buf_puts(&out, call->base);
    va_list args;
    va_start(args, template);
    const char *rest = template;
    for (const char *hole = strstr(rest, "{}"); hole; hole = strstr(rest, "{}")) {
        buf_append(&out, rest, (size_t)(hole - rest));
        buf_str(&out, url_encode(call->arena, str_of(va_arg(args, const char *))));
        rest = hole + 2;
    }
    va_end(args);
    buf_puts(&out, rest);
    return arena_strndup(call->arena, buf_view(&out).ptr, out.len);
}

struct json *link_make(struct call *call, const char *shape, ...)
{
    struct json *link = json_new_object(call->arena);
    va_list args;
    va_start(args, shape);
    for (const char *p = shape; *p; p++) {
        if (*p == 'T' || *p == 'F') {
            json_set(call->arena, link, "templated", json_new_bool(call->arena, *p == 'T'));
            continue;
        }
        const char *value = va_arg(args, const char *);
        assert(*p == 't' || *p == 'n' || *p == 'h');
        call_set(call, link, *p == 't' ? "title" : *p == 'n' ? "name" : "href", value);
    }
    va_end(args);
    return link;
}

void link_curies(struct call *call, struct json *links, const char *context)
{
    struct json *list = json_new_array(call->arena);
    const char *href = arena_printf(call->arena, "%s/doc/{rel}?context=%s", call->base, context);
    json_append(call->arena, list, link_make(call, "nhT", "pb", href));
    json_set(call->arena, links, "curies", list);
}

const char *link_pacticipant(struct call *call, const char *name)
{
    return link_to(call, "/pacticipants/{}", name);
}

const char *link_version(struct call *call, const char *name, const char *number)
{
    return link_to(call, "/pacticipants/{}/versions/{}", name, number);
}

const char *link_pact(struct call *call, const struct publication *pact)
{
    return link_to(call, "/pacts/provider/{}/consumer/{}/version/{}", pact->provider,
                   pact->consumer, pact->number);
}

const char *link_pact_name(struct call *call, const struct publication *pact)
{
    return arena_printf(call->arena, "Pact between %s (%s) and %s", pact->consumer, pact->number,
                        pact->provider);
}

const char *link_dated_version(struct call *call, const char *number, const char *stored_at)
{
    return arena_printf(call->arena, "Version %s - %.2s/%.2s/%.4s", number, stored_at + 8,
                        stored_at + 5, stored_at);
}

struct json *link_named_object(struct call *call, const char *key, const char *name,
                               const char *href)
{
    struct json *item = json_new_object(call->arena), *links = json_new_object(call->arena);
    call_set(call, item, key, name);
    const char *title = strcmp(key, "number") == 0 ? "Version" : "Pacticipant";
    json_set(call->arena, links, "self", link_make(call, "tnh", title, name, href));
    json_set(call->arena, item, "_links", links);
    return item;
}
