// SPDX-License-Identifier: Apache-2.0
/* GET /audit: the log as pages, oldest first, so that a page never changes while the log grows. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/store.h"
#include "broker/store_access.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/limits.h"
#include "lib/json/json.h"

enum { AUDIT_PAGE = 100 };

static struct json *line(struct call *call, const struct audit *row)
{
    struct arena *arena = call->arena;
    struct json *item = json_new_object(arena), *who = json_new_object(arena);
    json_set(arena, item, "number", json_new_int(arena, row->id));
    call_set(call, item, "at", row->at);
    call_set(call, who, "kind", row->kind);
    call_set(call, who, "name", row->actor);
    if (row->token_id != 0)
        json_set(arena, who, "tokenId", json_new_int(arena, row->token_id));
    json_set(arena, item, "who", who);
    call_set(call, item, "from", row->address);
    call_set(call, item, "method", row->method);
    call_set(call, item, "path", row->path);
    call_set(call, item, "subject", row->subject);
    if (row->status != 0)
        json_set(arena, item, "status", json_new_int(arena, row->status));
    return item;
}

/* "2026-11-20T17:59:49Z" or with an offset, to the form that the store keeps. False = answered. */
static bool read_since(struct call *call, const char **ret)
{
    const char *given = call_query(call, "since");
    struct issues issues = {0};
    int64_t at = 0;
    if (!given)
        return true;
    if (clock_parse(str_of(given), &at)) {
        *ret = clock_format_utc(at, arena_alloc(call->arena, CLOCK_TEXT_LEN));
        return true;
    }
    issues_add(call, &issues, "since", "must be a date and time with zone, such as %s",
               "2026-11-20T17:59:49Z");
    call_issues(call, &issues);
    return false;
}

int audit_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct page page = {0};
    struct audits rows = {0};
    const char *since = NULL;
    if (!call_page(call, &page) || !read_since(call, &since))
        return 0;
    if (page.size == 0)
        page = (struct page){.number = 1, .size = AUDIT_PAGE};
    page.size = page.size > LIMIT_PAGE ? LIMIT_PAGE : page.size;
    int code = store_audit_list(call->store, since, &page, arena, &rows, err);
    if (code < 0)
        return code;
    struct json *body = json_new_object(arena), *links = json_new_object(arena),
                *list = json_new_array(arena);
    json_set(arena, links, "self", link_make(call, "ht", call_self(call), "Audit log"));
    call_page_members(call, &page, body, links);
    VEC_EACH(&rows, const struct audit *, row)
        json_append(arena, list, line(call, row));
    json_set(arena, body, "audit", list);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}
