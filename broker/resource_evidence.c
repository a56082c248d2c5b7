// SPDX-License-Identifier: Apache-2.0
/* Evidence about a version, one document per pack of rules. Beyond the original's API. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

static const char *const verdicts[] = {"pass",   "fail",         "warn",
                                       "waived", "inconclusive", "not applicable"};

static bool verdict_ok(struct str verdict)
{
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        if (str_is(verdict, verdicts[i]))
            return true;
    }
    return false;
}

static void check_time(struct call *call, const struct json *object, const char *where,
                       bool required, struct issues *issues)
{
    const struct json *value = json_get(object, "observedAt");
    int64_t us = 0;
    if (!value && required)
        issues_add(call, issues, "observedAt", "is missing%s", where);
    else if (value && (!json_is(value, JSON_STRING) || !clock_parse(json_text(value), &us)))
        issues_add(call, issues, "observedAt", "must be a date and time with zone%s", where);
}

static void check_result(struct call *call, const struct json *item, size_t i,
                         struct issues *issues)
{
    static const char *const texts[] = {"rule", "subject"};
    const char *where = arena_printf(call->arena, " (at index %zu)", i);
    if (!json_is(item, JSON_OBJECT)) {
        issues_add(call, issues, "results", "must be a hash%s", where);
        return;
    }
    for (size_t k = 0; k < 2; k++) {
        const struct json *value = json_get(item, texts[k]);
        if (!value)
            issues_add(call, issues, "results", "%s is missing%s", texts[k], where);
        else if (!json_is(value, JSON_STRING) || str_trim(json_text(value)).len == 0)
            issues_add(call, issues, "results", "%s must be filled%s", texts[k], where);
    }
    struct str verdict = json_get_text(item, "verdict");
    if (!json_get(item, "verdict"))
        issues_add(call, issues, "results", "verdict is missing%s", where);
    else if (!verdict_ok(verdict))
        issues_add(call, issues, "results",
                   "verdict must be one of: pass, fail, warn, waived, inconclusive, not "
                   "applicable%s",
                   where);
    check_time(call, item, where, false, issues);
}

static bool check(struct call *call, const struct json *body)
{
    struct issues issues = {0};
    const struct json *results = json_get(body, "results");
    if (!results)
        issues_add(call, &issues, "results", "is missing");
    else if (!json_is(results, JSON_ARRAY))
        issues_add(call, &issues, "results", "must be an array");
    for (size_t i = 0; json_is(results, JSON_ARRAY) && i < json_len(results); i++)
        check_result(call, json_at(results, i), i, &issues);
    check_time(call, body, "", true, &issues);
    const struct json *tool = json_get(body, "tool");
    if (tool && !json_is(tool, JSON_STRING) && !json_is(tool, JSON_OBJECT))
        issues_add(call, &issues, "tool", "must be a string");
    if (issues.len > 0)
        call_issues(call, &issues);
    return issues.len == 0;
}

static const char *pack_url(struct call *call, const struct version *version, const char *pack)
{
    return link_to(call, "/pacticipants/{}/versions/{}/evidence/{}", version->pacticipant,
                   version->number, pack);
}

static int answer(struct call *call, int status, const struct version *version,
                  const struct evidence *row, struct err *err)
{
    struct json *body = NULL, *links = json_new_object(call->arena);
    int code = json_parse(row->body, "stored evidence", call->arena, &body, err);
    if (code < 0)
        return code;
    call_set(call, body, "createdAt", call_time(call, row->created_at));
    json_set(call->arena, links, "self",
             link_make(call, "tnh", "Evidence", row->pack, pack_url(call, version, row->pack)));
    json_set(call->arena, links, "pb:version",
             link_make(call, "tnh", "Pacticipant version", version->number,
                       link_version(call, version->pacticipant, version->number)));
    json_set(call->arena, body, "_links", links);
    return call_json(call, status, body);
}

int evidence_put(struct call *call, struct err *err)
{
    struct json *body = call_body(call, false);
    struct pacticipant pacticipant = {0};
    struct version version = {0};
    struct evidence row = {0};
    bool created = false;
    if (!body || !check(call, body))
        return 0;
    const char *pack = call_param(call, "pack");
    struct str text = json_to_str(call->arena, body, JSON_COMPACT);
    int code = store_pacticipant_need(call->store, call_param(call, "pacticipant"), call->arena,
                                      &pacticipant, NULL, err);
    if (code == 0)
        code = store_version_need(call->store, &pacticipant, call_param(call, "version"),
                                  call->arena, &version, NULL, err);
    if (code == 0)
        code = store_evidence_put(call->store, version.id, pack, text, call->arena, &created, err);
    if (code == 0)
        code = store_evidence_find(call->store, version.id, pack, call->arena, &row, err);
    return code < 0 ? code : answer(call, created ? 201 : 200, &version, &row, err);
}

int evidence_get(struct call *call, struct err *err)
{
    struct pacticipant pacticipant = {0};
    struct version version = {0};
    struct evidence row = {0};
    int code = call_version(call, &pacticipant, &version, err);
    if (code <= 0)
        return code;
    code = store_evidence_find(call->store, version.id, call_param(call, "pack"), call->arena, &row,
                               err);
    if (code == 0)
        return call_not_found(call);
    return code < 0 ? code : answer(call, 200, &version, &row, err);
}

int evidence_list_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct pacticipant pacticipant = {0};
    struct version version = {0};
    struct evidences rows = {0};
    int code = call_version(call, &pacticipant, &version, err);
    if (code > 0)
        code = store_evidence_list(call->store, version.id, arena, &rows, err);
    else
        return code;
    if (code < 0)
        return code;
    struct json *body = json_new_object(arena), *list = json_new_array(arena),
                *links = json_new_object(arena), *hrefs = json_new_array(arena);
    VEC_EACH(&rows, const struct evidence *, row) {
        struct json *item = json_new_object(arena), *own = json_new_object(arena);
        const char *href = pack_url(call, &version, row->pack);
        call_set(call, item, "pack", row->pack);
        call_set(call, item, "createdAt", call_time(call, row->created_at));
        json_set(arena, own, "self", link_make(call, "h", href));
        json_set(arena, item, "_links", own);
        json_append(arena, list, item);
        json_append(arena, hrefs, link_make(call, "tnh", "Evidence", row->pack, href));
    }
    json_set(arena, body, "packs", list);
    json_set(arena, links, "self", link_make(call, "h", call_self(call)));
    json_set(arena, links, "tally:packs", hrefs);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}
