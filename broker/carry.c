// SPDX-License-Identifier: Apache-2.0
#include "broker/carry.h"

#include <stdarg.h>

#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/base/term.h"
#include "lib/hal/hal.h"
#include "lib/json/json.h"

enum { PAGES_MAX = 100000, REASON_MAX = 400 };

int carry_get(struct carry *carry, const char *url, struct arena *arena, struct json **ret,
              struct err *err)
{
    struct err why = ERR_INIT;
    int code = hal_get(carry->hal, url, arena, ret, &why);
    if (code == ERR_NOT_FOUND)
        return 0;
    if (code < 0)
        return err_set(err, why.code, "%s", why.text);
    return 1;
}

void carry_leave(struct carry *carry, enum carry_kind kind, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = arena_vprintf(carry->arena, fmt, args);
    va_end(args);
    carry->left[kind]++;
    *VEC_PUSH(carry->arena, &carry->reasons) =
        term_one_line(carry->arena, str_of(text), REASON_MAX).ptr;
}

void carry_time(struct carry *carry, const struct json *body, const char *key)
{
    if (!clock_parse(json_get_text(body, key), &carry->now_us))
        carry->now_us = clock_now_us(clock_system());
}

const char *carry_text(const struct json *body, const char *key, struct arena *arena)
{
    return str_cstr(arena, json_get_text(body, key));
}

const char *carry_href(const struct json *body, const char *rel, struct arena *arena)
{
    return carry_text(json_get(json_get(body, "_links"), rel), "href", arena);
}

/* Every item of a list that may come in pages. */
static int all_pages(struct carry *carry, const char *url, const char *key, struct arena *arena,
                     struct json *ret_list, struct err *err)
{
    url = arena_printf(arena, "%s?pageNumber=1&pageSize=100", url);
    for (int pages = 0; url; pages++) {
        struct json *page = NULL;
        int code = carry_get(carry, url, arena, &page, err);
        if (code < 0)
            return code;
        const struct json *items = json_get(json_get(page, "_embedded"), key);
        if (!json_is(items, JSON_ARRAY) || pages == PAGES_MAX)
            return err_set(err, ERR_NET, "'%s' is no list of %s: is this a Pact Broker?", url, key);
        for (size_t i = 0; i < json_len(items); i++)
            json_append(arena, ret_list, json_at(items, i));
        url = carry_href(page, "next", arena);
    }
    return 0;
}

/* ---- versions ---- */

static int add_names(struct carry *carry, const struct version *version, const struct json *item,
                     struct arena *arena, struct err *err)
{
    const struct json *embedded = json_get(item, "_embedded");
    const struct json *branches = json_get(embedded, "branchVersions"),
                      *tags = json_get(embedded, "tags");
    /* A first tag would become a branch; here every branch is known already. */
    struct version tagged = *version;
    tagged.created_at = "";
    int code = 0;
    for (size_t i = 0; i < json_len(branches) && code == 0; i++) {
        const char *name = carry_text(json_at(branches, i), "name", arena);
        if (name)
            code = store_branch_add(carry->store, version, name, arena, NULL, err);
    }
    for (size_t i = 0; i < json_len(tags) && code == 0; i++) {
        const char *name = carry_text(json_at(tags, i), "name", arena);
        if (name)
            code = store_tag_add(carry->store, &tagged, name, arena, NULL, err);
    }
    return code;
}

static int add_version(struct carry *carry, const struct pacticipant *owner,
                       const struct json *item, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct version version = {0};
    const char *number = carry_text(item, "number", arena),
               *url = carry_text(item, "buildUrl", arena);
    if (!number)
        return err_set(err, ERR_NET, "a version of '%s' has no number", owner->name);
    carry_time(carry, item, "createdAt");
    int code = store_version_need(carry->store, owner, number, arena, &version, NULL, err);
    if (code == 0 && url)
        code = store_version_set_build_url(carry->store, version.id, url, arena, err);
    if (code == 0)
        code = add_names(carry, &version, item, arena, err);
    if (code == 0)
        code = carry_contracts(carry, &version, item, err);
    carry->carried[CARRY_VERSIONS] += code == 0;
    return code;
}

/* The head of a branch is what was put there last, which may be an older version. */
static int fix_heads(struct carry *carry, const struct pacticipant *owner, const struct json *item,
                     struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    const struct json *branches = json_get(json_get(item, "_embedded"), "branchVersions");
    struct version version = {0};
    int code = store_version_find(carry->store, owner->id, carry_text(item, "number", arena), arena,
                                  &version, err);
    carry_time(carry, item, "createdAt");
    for (size_t i = 0; i < json_len(branches) && code >= 0; i++) {
        struct branch_version row = {0};
        const struct json *branch = json_at(branches, i);
        const char *name = carry_text(branch, "name", arena);
        if (!name || !json_bool(json_get(branch, "latest")))
            continue;
        code = store_branch_version_find(carry->store, version.id, name, arena, &row, err);
        if (code <= 0 || row.latest)
            continue;
        code = store_branch_version_delete(carry->store, version.id, name, err);
        if (code >= 0)
            code = store_branch_add(carry->store, &version, name, arena, NULL, err);
    }
    return code < 0 ? code : 0;
}

/* The API gives the newest first, and a later id is a later version. */
static int add_versions(struct carry *carry, const struct pacticipant *owner,
                        const struct json *item, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *list = json_new_array(arena);
    const char *label = arena_printf(arena, "versions of %s", owner->name);
    const char *url = carry_href(item, "pb:versions", arena);
    if (!url)
        return err_set(err, ERR_NET, "'%s' has no link to its versions", owner->name);
    int code = all_pages(carry, url, "versions", arena, list, err);
    size_t n = json_len(list);
    for (size_t i = n; i > 0 && code == 0; i--) {
        term_progress(label, n - i, n);
        code = add_version(carry, owner, json_at(list, i - 1), err);
    }
    for (size_t i = n; i > 0 && code == 0; i--)
        code = fix_heads(carry, owner, json_at(list, i - 1), err);
    term_progress_end();
    return code;
}

/* ---- branches ---- */

/*
 * When they were made and last used: retention asks for it. The list is in order of the latter, of
 * which only whole seconds are shown, so the order is kept in the microseconds.
 */
static int date_branches(struct carry *carry, const struct pacticipant *owner,
                         const struct json *item, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *list = json_new_array(arena);
    const char *url = carry_href(item, "pb:branches", arena);
    int code = url ? all_pages(carry, url, "branches", arena, list, err) : 0;
    size_t n = json_len(list);
    for (size_t i = 0; i < n && code == 0; i++) {
        const struct json *branch = json_at(list, i);
        const char *name = carry_text(branch, "name", arena);
        char updated_at[CLOCK_TEXT_LEN];
        carry_time(carry, branch, "updatedAt");
        clock_format_utc(carry->now_us + (int64_t)(n - i), updated_at);
        carry_time(carry, branch, "createdAt");
        if (name)
            code = store_branch_date(carry->store, owner->id, name, store_now(carry->store, arena),
                                     updated_at, err);
    }
    return code;
}

/* ---- pacticipants ---- */

static int add_labels(struct carry *carry, const struct pacticipant *row, const struct json *item,
                      struct arena *arena, struct err *err)
{
    const struct json *labels = json_get(json_get(item, "_embedded"), "labels");
    int code = 0;
    for (size_t i = 0; i < json_len(labels) && code == 0; i++) {
        const char *name = carry_text(json_at(labels, i), "name", arena);
        bool created = false;
        if (name)
            code = store_label_add(carry->store, row->id, name, arena, &created, err);
    }
    return code;
}

/* The main branch comes last: putting versions on branches would choose one. */
static int describe(struct carry *carry, struct pacticipant *row, const struct json *item,
                    struct arena *arena, struct err *err)
{
    const char *display = carry_text(item, "displayName", arena);
    if (display)
        row->display_name = display;
    row->repository_url = carry_text(item, "repositoryUrl", arena);
    row->repository_name = carry_text(item, "repositoryName", arena);
    row->repository_namespace = carry_text(item, "repositoryNamespace", arena);
    row->main_branch = carry_text(item, "mainBranch", arena);
    carry_time(carry, item, "updatedAt");
    return store_pacticipant_save(carry->store, row, arena, err);
}

static int add_pacticipants(struct carry *carry, const struct json *list, struct err *err)
{
    struct arena *arena = carry->arena;
    struct pacticipants rows = {0};
    int code = 0;
    for (size_t i = 0; i < json_len(list) && code == 0; i++) {
        const char *name = carry_text(json_at(list, i), "name", arena);
        if (!name)
            return err_set(err, ERR_NET, "a pacticipant of the broker has no name");
        struct pacticipant *row = VEC_PUSH(arena, &rows);
        *row = (struct pacticipant){0};
        carry_time(carry, json_at(list, i), "createdAt");
        code = store_pacticipant_need(carry->store, name, arena, row, NULL, err);
        if (code == 0)
            code = add_labels(carry, row, json_at(list, i), arena, err);
    }
    for (size_t i = 0; i < rows.len && code == 0; i++)
        code = add_versions(carry, &rows.items[i], json_at(list, i), err);
    for (size_t i = 0; i < rows.len && code == 0; i++)
        code = date_branches(carry, &rows.items[i], json_at(list, i), err);
    for (size_t i = 0; i < rows.len && code == 0; i++) {
        code = describe(carry, &rows.items[i], json_at(list, i), arena, err);
        carry->carried[CARRY_PACTICIPANTS] += code == 0;
    }
    return code;
}

/* Their secrets are not shown, and one sent without them would do something else. */
static int leave_webhooks(struct carry *carry, struct err *err)
{
    struct err why = ERR_INIT;
    const char *url = NULL;
    struct json *body = NULL;
    if (hal_index_link(carry->hal, "pb:webhooks", NULL, carry->arena, &url, &why) < 0)
        return 0;
    int code = carry_get(carry, url, carry->arena, &body, &why);
    if (code == ERR_AUTH) {
        carry_leave(carry, CARRY_WEBHOOKS, "webhooks: these credentials may not see them");
        return 0;
    }
    if (code < 0)
        return err_set(err, why.code, "%s", why.text);
    const struct json *links = json_get(json_get(body, "_links"), "pb:webhooks");
    for (size_t i = 0; i < json_len(links); i++) {
        const char *href = carry_text(json_at(links, i), "href", carry->arena);
        carry_leave(carry, CARRY_WEBHOOKS, "webhook %s: its secrets cannot be read; make it again",
                    href ? href : "without a URL");
    }
    return 0;
}

int carry_all(struct carry *carry, struct err *err)
{
    struct json *list = json_new_array(carry->arena);
    const char *url = NULL;
    carry->clock = clock_fixed(&carry->now_us);
    carry->store->clock = &carry->clock;
    carry->seen = map_new(carry->arena);
    int code = hal_index_link(carry->hal, "pb:pacticipants", NULL, carry->arena, &url, err);
    if (code == 0)
        code = all_pages(carry, url, "pacticipants", carry->arena, list, err);
    if (code == 0)
        code = add_pacticipants(carry, list, err);
    if (code == 0)
        code = carry_results(carry, err);
    if (code == 0)
        code = carry_environments(carry, err); /* after tags: one named so would deploy */
    return code < 0 ? code : leave_webhooks(carry, err);
}
