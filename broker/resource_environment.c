// SPDX-License-Identifier: Apache-2.0
/* Environments. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/resource_environment.h"
#include "broker/store.h"
#include "broker/words.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

const char *environment_url(struct call *call, const char *uuid)
{
    return link_to(call, "/environments/{}", uuid);
}

struct json *environment_body(struct call *call, const struct environment *row)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *links = json_new_object(arena), *contacts = NULL;
    const char *self = environment_url(call, row->uuid);
    call_set(call, body, "uuid", row->uuid);
    call_set(call, body, "name", row->name);
    call_set(call, body, "displayName", row->display_name);
    json_set(arena, body, "production", json_new_bool(arena, row->production));
    if (row->contacts.ptr && json_parse(row->contacts, NULL, arena, &contacts, NULL) == 0)
        json_set(arena, body, "contacts", contacts);
    call_times(call, body, row->created_at, row->updated_at);
    json_set(arena, links, "self", link_make(call, "tnh", "Environment", row->name, self));
    json_set(arena, links, "pb:currently-deployed-deployed-versions",
             link_make(call, "th",
                       arena_printf(arena, "Versions currently deployed to %s environment",
                                    row->display_name),
                       arena_printf(arena, "%s/deployed-versions/currently-deployed", self)));
    json_set(
        arena, links, "pb:currently-supported-released-versions",
        link_make(call, "th",
                  arena_printf(arena, "Versions currently released and supported in %s environment",
                               row->display_name),
                  arena_printf(arena, "%s/released-versions/currently-supported", self)));
    json_set(arena, links, "pb:environments",
             link_make(call, "th", "Environments", link_to(call, "/environments")));
    json_set(arena, body, "_links", links);
    return body;
}

int environment_find(struct call *call, struct environment *ret, struct err *err)
{
    int code = store_environment_find(call->store, call_param(call, "uuid"), call->arena, ret, err);
    if (code == 0)
        call_not_found(call);
    return code;
}

int environments_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct environments rows = {0};
    int code = store_environment_list(call->store, call_query(call, "name"), arena, &rows, err);
    if (code < 0)
        return code;
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *links = json_new_object(arena), *list = json_new_array(arena),
                *hrefs = json_new_array(arena);
    VEC_EACH(&rows, const struct environment *, row) {
        json_append(arena, list, environment_body(call, row));
        json_append(
            arena, hrefs,
            link_make(call, "tnh", "Environment", row->name, environment_url(call, row->uuid)));
    }
    json_set(arena, embedded, "environments", list);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, links, "self", link_make(call, "th", "Environments", call_resource(call)));
    json_set(arena, links, "pb:environments", hrefs);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

int environment_get(struct call *call, struct err *err)
{
    struct environment row = {0};
    int code = environment_find(call, &row, err);
    return code <= 0 ? code : call_json(call, 200, environment_body(call, &row));
}

/* ---- writing ---- */

static void read_contacts(struct call *call, const struct json *body, struct environment *row,
                          struct issues *issues)
{
    const struct json *contacts = json_get(body, "contacts");
    row->contacts = STR_NONE;
    if (!contacts || json_type(contacts) == JSON_NULL)
        return;
    if (!json_is(contacts, JSON_ARRAY)) {
        issues_add(call, issues, "contacts", "must be an array");
        return;
    }
    for (size_t i = 0; i < json_len(contacts); i++) {
        const struct json *contact = json_at(contacts, i), *name = json_get(contact, "name"),
                          *details = json_get(contact, "details");
        if (!json_is(contact, JSON_OBJECT)) {
            issues_add(call, issues, "contacts", "must be a hash (at index %zu)", i);
            continue;
        }
        if (!name)
            issues_add(call, issues, "contacts", "name is missing (at index %zu)", i);
        else if (json_type(name) == JSON_NULL ||
                 (json_is(name, JSON_STRING) && json_text(name).len == 0))
            issues_add(call, issues, "contacts", "name must be filled (at index %zu)", i);
        else if (!json_is(name, JSON_STRING))
            issues_add(call, issues, "contacts", "name must be a string (at index %zu)", i);
        else if (str_trim(json_text(name)).len == 0)
            issues_add(call, issues, "contacts", "name cannot be blank (at index %zu)", i);
        if (details && !json_is(details, JSON_OBJECT))
            issues_add(call, issues, "contacts", "details must be a hash (at index %zu)", i);
    }
    row->contacts = json_to_str(call->arena, contacts, JSON_COMPACT);
}

static int read_row(struct call *call, const struct json *body, struct environment *row,
                    struct issues *issues, struct err *err)
{
    struct environment other = {0};
    int64_t id = row->id;
    row->name = call_text_member(
        call, body, "name", TEXT_REQUIRED | TEXT_NO_BLANK | TEXT_LINE | TEXT_NO_SPACES, issues);
    row->display_name =
        call_text_member(call, body, "displayName", TEXT_NO_BLANK | TEXT_LINE, issues);
    const struct json *production = json_get(body, "production");
    if (!production)
        issues_add(call, issues, "production", "is missing");
    else if (!json_is(production, JSON_BOOL))
        issues_add(call, issues, "production",
                   json_type(production) == JSON_NULL ? "must be filled" : "must be boolean");
    row->production = json_bool(production);
    read_contacts(call, body, row, issues);
    if (!row->name)
        return 0;
    int code = store_environment_by_name(call->store, row->name, call->arena, &other, err);
    if (code > 0 && other.id != id)
        issues_add(call, issues, "name", "name '%s' is already used by an existing environment.",
                   row->name);
    if (!row->display_name)
        row->display_name = words_display(call->arena, row->name);
    return code < 0 ? code : 0;
}

int environments_post(struct call *call, struct err *err)
{
    struct json *body = call_body(call, false);
    struct environment row = {0};
    struct issues issues = {0};
    if (!body)
        return 0;
    int code = read_row(call, body, &row, &issues, err);
    if (code == 0 && issues.len > 0)
        return call_issues(call, &issues);
    call_subject(call, "environment %s", row.name ? row.name : "?");
    if (code == 0)
        code = store_environment_save(call->store, &row, call->arena, err);
    if (code < 0)
        return code;
    call_location(call, environment_url(call, row.uuid));
    return call_json(call, 201, environment_body(call, &row));
}

int environment_put(struct call *call, struct err *err)
{
    struct json *body = call_body(call, false);
    struct environment row = {0}, changed = {0};
    struct issues issues = {0};
    if (!body)
        return 0;
    int found =
        store_environment_find(call->store, call_param(call, "uuid"), call->arena, &row, err);
    if (found < 0)
        return found;
    changed = row;
    int code = read_row(call, body, &changed, &issues, err);
    if (code == 0 && issues.len > 0)
        return call_issues(call, &issues);
    if (code == 0 && !found)
        return call_not_found(call);
    call_subject(call, "environment %s", row.name);
    if (code == 0)
        code = store_environment_save(call->store, &changed, call->arena, err);
    return code < 0 ? code : call_json(call, 200, environment_body(call, &changed));
}

int environment_delete(struct call *call, struct err *err)
{
    struct environment row = {0};
    int code = environment_find(call, &row, err);
    if (code <= 0)
        return code;
    call_subject(call, "environment %s", row.name);
    code = store_environment_delete(call->store, row.id, call->arena, err);
    return code < 0 ? code : call_empty(call, 204);
}
