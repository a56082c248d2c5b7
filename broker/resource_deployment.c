// SPDX-License-Identifier: Apache-2.0
/* Deployed versions (route tag 0) and released versions (route tag 1). */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/resource_environment.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

static bool released(const struct call *call)
{
    return call->route->tag == 1;
}

enum embed { EMBED_NOTHING, EMBED_VERSION, EMBED_ALL };

static void set_embedded(struct call *call, const struct placement *row,
                         const struct environment *environment, struct json *body)
{
    struct json *embedded = json_new_object(call->arena);
    json_set(call->arena, embedded, "pacticipant",
             link_named_object(call, "name", row->pacticipant,
                               link_pacticipant(call, row->pacticipant)));
    json_set(call->arena, embedded, "version",
             link_named_object(call, "number", row->number,
                               link_version(call, row->pacticipant, row->number)));
    if (environment)
        json_set(call->arena, embedded, "environment", environment_body(call, environment));
    json_set(call->arena, body, "_embedded", embedded);
}

static const char *placement_url(struct call *call, const struct placement *row)
{
    return link_to(call, row->released ? "/released-versions/{}" : "/deployed-versions/{}",
                   row->uuid);
}

static struct json *placement_body(struct call *call, const struct placement *row,
                                   const struct environment *environment, enum embed embed)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *links = json_new_object(arena);
    call_set(call, body, "uuid", row->uuid);
    json_set(arena, body, row->released ? "currentlySupported" : "currentlyDeployed",
             json_new_bool(arena, row->current));
    call_set(call, body, "target", row->instance);
    call_set(call, body, "applicationInstance", row->instance);
    if (!row->released)
        call_set(call, body, "undeployedAt", call_time(call, row->ended_at));
    call_times(call, body, row->created_at, row->updated_at);
    if (row->released)
        call_set(call, body, "supportEndedAt", call_time(call, row->ended_at));
    if (embed != EMBED_NOTHING)
        set_embedded(call, row, embed == EMBED_ALL ? environment : NULL, body);
    json_set(arena, links, "self",
             link_make(call, "th", row->released ? "Released version" : "Deployed version",
                       placement_url(call, row)));
    json_set(arena, body, "_links", links);
    return body;
}

static int answer_list(struct call *call, const struct placements *rows, const char *title,
                       enum embed embed)
{
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *links = json_new_object(arena), *list = json_new_array(arena);
    VEC_EACH(rows, const struct placement *, row)
        json_append(arena, list, placement_body(call, row, NULL, embed));
    json_set(arena, embedded, released(call) ? "releasedVersions" : "deployedVersions", list);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, links, "self", link_make(call, "th", title, call_self(call)));
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

/* The query's pacticipant, version and applicationInstance. 1 go on, 0 nothing can match. */
static int read_filter(struct call *call, struct placement_filter *filter, struct err *err)
{
    struct pacticipant pacticipant = {0};
    struct version version = {0};
    const char *name = call_query(call, "pacticipant"), *number = call_query(call, "version");
    struct str instance = url_query_get(&call->query, "applicationInstance");
    instance = instance.ptr ? instance : url_query_get(&call->query, "target");
    filter->any_instance = !instance.ptr;
    filter->instance = instance.len > 0 ? str_cstr(call->arena, instance) : NULL;
    if (!name)
        return 1;
    int code = store_pacticipant_find(call->store, name, call->arena, &pacticipant, err);
    if (code <= 0)
        return code;
    filter->pacticipant_id = pacticipant.id;
    if (!number)
        return 1;
    code = store_version_find(call->store, pacticipant.id, number, call->arena, &version, err);
    if (code > 0)
        filter->version_id = version.id;
    return code;
}

int placements_current_get(struct call *call, struct err *err)
{
    struct environment environment = {0};
    struct placements rows = {0};
    int code = environment_find(call, &environment, err);
    if (code <= 0)
        return code;
    struct placement_filter filter = {.environment_id = environment.id, .current = true};
    code = read_filter(call, &filter, err);
    if (code > 0)
        code = store_placements(call->store, released(call), &filter, call->arena, &rows, err);
    if (code < 0)
        return code;
    const char *title = arena_printf(call->arena,
                                     released(call) ? "Currently supported released versions in %s"
                                                    : "Currently deployed versions in %s",
                                     environment.display_name);
    return answer_list(call, &rows, title, EMBED_VERSION);
}

static int find_place(struct call *call, struct pacticipant *pacticipant, struct version *version,
                      struct environment *environment, struct err *err)
{
    int code = call_version(call, pacticipant, version, err);
    return code <= 0 ? code : environment_find(call, environment, err);
}

int placements_version_get(struct call *call, struct err *err)
{
    struct pacticipant pacticipant = {0};
    struct version version = {0};
    struct environment environment = {0};
    struct placements rows = {0};
    int code = find_place(call, &pacticipant, &version, &environment, err);
    if (code <= 0)
        return code;
    struct placement_filter filter = {
        .environment_id = environment.id, .version_id = version.id, .any_instance = true};
    code = store_placements(call->store, released(call), &filter, call->arena, &rows, err);
    if (code < 0)
        return code;
    const char *title = arena_printf(call->arena, "%s versions for %s version %s in %s",
                                     released(call) ? "Released" : "Deployed",
                                     pacticipant_display(call, &pacticipant), version.number,
                                     environment.display_name);
    return answer_list(call, &rows, title, EMBED_NOTHING);
}

/* URLs name environments and placements by uuids only, and those may be gone when it is read. */
static void say_subject(struct call *call, const struct placement *row)
{
    call_subject(call, "%s %s in %s%s%s", row->pacticipant, row->number, row->environment,
                 row->instance ? ", instance " : "", row->instance ? row->instance : "");
}

int placements_post(struct call *call, struct err *err)
{
    struct pacticipant pacticipant = {0};
    struct version version = {0};
    struct environment environment = {0};
    struct placement row = {0};
    struct issues issues = {0};
    bool created = true;
    struct json *body = call_body(call, true);
    if (!body)
        return 0;
    const char *instance =
        call_text_member(call, body, "applicationInstance", TEXT_LINE | TEXT_NO_BLANK, &issues);
    const char *target = call_text_member(call, body, "target", TEXT_LINE | TEXT_NO_BLANK, &issues);
    if (issues.len > 0)
        return call_issues(call, &issues);
    int code = find_place(call, &pacticipant, &version, &environment, err);
    if (code <= 0)
        return code;
    if (released(call))
        code = store_release(call->store, &version, &environment, call->arena, &row, &created, err);
    else
        code = store_deploy(call->store, &version, &environment, instance ? instance : target,
                            call->arena, &row, err);
    if (code < 0)
        return code;
    say_subject(call, &row);
    call_location(call, placement_url(call, &row));
    return call_json(call, created ? 201 : 200,
                     placement_body(call, &row, &environment, EMBED_ALL));
}

static int find_placement(struct call *call, struct placement *row, struct environment *environment,
                          struct err *err)
{
    int code = store_placement_find(call->store, released(call), call_param(call, "uuid"),
                                    call->arena, row, err);
    if (code > 0)
        code = store_environment_find(call->store, row->environment_uuid, call->arena, environment,
                                      err);
    if (code == 0)
        call_not_found(call);
    return code;
}

int placement_get(struct call *call, struct err *err)
{
    struct placement row = {0};
    struct environment environment = {0};
    int code = find_placement(call, &row, &environment, err);
    if (code <= 0)
        return code;
    return call_json(call, 200, placement_body(call, &row, &environment, EMBED_ALL));
}

int placement_patch(struct call *call, struct err *err)
{
    const char *key = released(call) ? "currentlySupported" : "currentlyDeployed";
    struct json *body = call_body(call, true);
    struct issues issues = {0};
    struct placement row = {0};
    struct environment environment = {0};
    if (!body)
        return 0;
    const struct json *value = json_get(body, key);
    if (value && !json_is(value, JSON_BOOL)) {
        issues_add(call, &issues, key, "must be one of: false");
        return call_issues(call, &issues);
    }
    int code = find_placement(call, &row, &environment, err);
    if (code <= 0)
        return code;
    say_subject(call, &row);
    if (value && json_bool(value)) {
        issues_add(call, &issues, key,
                   "The %s property cannot be set back to true. Please record a new %s.", key,
                   released(call) ? "release" : "deployment");
        return call_issues_as(call, 422, &issues);
    }
    if (value && !json_bool(value))
        code = released(call) ? store_end_support(call->store, &row, call->arena, err)
                              : store_undeploy(call->store, &row, call->arena, err);
    if (code >= 0)
        code = find_placement(call, &row, &environment, err);
    if (code <= 0)
        return code;
    return call_json(call, 200, placement_body(call, &row, &environment, EMBED_ALL));
}
