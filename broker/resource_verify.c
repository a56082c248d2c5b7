// SPDX-License-Identifier: Apache-2.0
/* /pacts/provider/P/for-verification: POST, and the deprecated GET with a query. */
#include "broker/routes.h"

#include <ctype.h>
#include <stdlib.h>

#include "broker/links.h"
#include "broker/metadata.h"
#include "broker/selection.h"
#include "broker/selection_text.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

enum { SELECTORS_MAX = 1000 };

#define LIST "consumerVersionSelectors"

struct reading {
    struct call *call;
    struct selection *selection;
    struct issues issues;
    bool pending_given; /* includePendingStatus was asked for by name */
    struct err *err;
    int code;
};

/* ---- reading selectors ---- */

static void bad(struct reading *reading, size_t i, const char *text)
{
    issues_add(reading->call, &reading->issues, LIST, "%s (at index %zu)", text, i);
}

static const char *text_at(struct reading *reading, const struct json *item, size_t i,
                           const char *key)
{
    struct issues own = {0};
    const char *text = call_text_member(reading->call, item, key, TEXT_NO_BLANK, &own);
    VEC_EACH(&own, const struct issue *, issue)
        bad(reading, i, arena_printf(reading->call->arena, "%s %s", key, issue->text));
    return text;
}

/* A flag that may only be true. */
static bool flag_at(struct reading *reading, const struct json *item, size_t i, const char *key)
{
    const struct json *value = json_get(item, key);
    if (!value || json_type(value) == JSON_NULL)
        return false;
    if (json_is(value, JSON_BOOL) && json_bool(value))
        return true;
    bad(reading, i, arena_printf(reading->call->arena, "%s must be one of: true", key));
    return false;
}

static void push(struct reading *reading, enum selector_kind kind, const char *name,
                 const char *consumer, const char *fallback)
{
    *VEC_PUSH(reading->call->arena, &reading->selection->selectors) =
        (struct selector){.kind = kind, .name = name, .consumer = consumer, .fallback = fallback};
}

struct wish {
    bool main_branch, matching, all_branches, latest, deployed, released, both;
    const char *branch, *tag, *environment, *consumer, *fallback_tag, *fallback_branch;
};

static int count(const struct wish *wish)
{
    return wish->main_branch + wish->matching + (wish->all_branches || wish->branch) +
           (wish->tag != NULL) + (wish->deployed || wish->released || wish->both);
}

static void check_environment(struct reading *reading, const struct wish *wish, size_t i)
{
    struct environment row = {0};
    if (!wish->environment || reading->code < 0)
        return;
    reading->code = store_environment_by_name(reading->call->store, wish->environment,
                                              reading->call->arena, &row, reading->err);
    if (reading->code == 0)
        bad(reading, i,
            arena_printf(reading->call->arena, "environment with name '%s' does not exist",
                         wish->environment));
}

static void apply(struct reading *reading, const struct wish *wish, size_t i)
{
    const char *consumer = wish->consumer;
    if (wish->matching && !reading->selection->branch)
        bad(reading, i,
            "the providerVersionBranch must be specified when the selector "
            "{\"matchingBranch\":true} is used");
    else if (wish->main_branch)
        push(reading, SELECT_MAIN_BRANCH, NULL, consumer, NULL);
    else if (wish->matching)
        push(reading, SELECT_BRANCH, reading->selection->branch, consumer, wish->fallback_branch);
    else if (wish->all_branches)
        push(reading, SELECT_BRANCH_HEADS, NULL, consumer, NULL);
    else if (wish->branch)
        push(reading, SELECT_BRANCH, wish->branch, consumer, wish->fallback_branch);
    else if (wish->tag)
        push(reading, wish->latest ? SELECT_LATEST_TAG : SELECT_TAG, wish->tag, consumer,
             wish->fallback_tag);
    else if (wish->deployed || wish->both || wish->released) {
        if (wish->deployed || wish->both)
            push(reading, SELECT_DEPLOYED, wish->environment, consumer, NULL);
        if (wish->released || wish->both)
            push(reading, SELECT_RELEASED, wish->environment, consumer, NULL);
    } else if (wish->environment)
        push(reading, SELECT_ENVIRONMENT, wish->environment, consumer, NULL);
    else
        push(reading, SELECT_LATEST, NULL, consumer, NULL);
}

static void read_selector(struct reading *reading, const struct json *item, size_t i)
{
    if (!json_is(item, JSON_OBJECT)) {
        bad(reading, i, "must be a hash");
        return;
    }
    size_t before = reading->issues.len;
    struct wish wish = {
        .main_branch = flag_at(reading, item, i, "mainBranch"),
        .matching = flag_at(reading, item, i, "matchingBranch"),
        .latest = flag_at(reading, item, i, "latest"),
        .deployed = flag_at(reading, item, i, "deployed"),
        .released = flag_at(reading, item, i, "released"),
        .both = flag_at(reading, item, i, "deployedOrReleased"),
        .tag = text_at(reading, item, i, "tag"),
        .environment = text_at(reading, item, i, "environment"),
        .consumer = text_at(reading, item, i, "consumer"),
        .fallback_tag = text_at(reading, item, i, "fallbackTag"),
        .fallback_branch = text_at(reading, item, i, "fallbackBranch"),
    };
    const struct json *branch = json_get(item, "branch");
    if (json_is(branch, JSON_BOOL))
        wish.all_branches = flag_at(reading, item, i, "branch");
    else
        wish.branch = text_at(reading, item, i, "branch");
    check_environment(reading, &wish, i);
    if (reading->issues.len > before)
        return;
    if (count(&wish) == 0 && !wish.environment && !wish.latest)
        bad(reading, i,
            "must specify a value for one of: mainBranch, branch, matchingBranch, tag, latest, "
            "deployed, released, deployedOrReleased, environment");
    else if (count(&wish) > 1)
        bad(reading, i,
            "cannot specify more than one of: mainBranch, branch, matchingBranch, tag, "
            "deployed/released");
    else if (wish.fallback_tag && !(wish.tag && wish.latest))
        bad(reading, i, "a fallbackTag can only be set if tag and latest are set");
    else
        apply(reading, &wish, i);
}

/* ---- reading the body ---- */

static void read_tags(struct reading *reading, const struct json *tags)
{
    if (!tags || json_type(tags) == JSON_NULL)
        return;
    if (!json_is(tags, JSON_ARRAY))
        issues_add(reading->call, &reading->issues, "providerVersionTags", "must be an array");
    for (size_t i = 0; json_is(tags, JSON_ARRAY) && i < json_len(tags); i++) {
        struct str tag = json_text(json_at(tags, i));
        if (!json_is(json_at(tags, i), JSON_STRING) || str_trim(tag).len == 0)
            issues_add(reading->call, &reading->issues, "providerVersionTags",
                       "must be a string (at index %zu)", i);
        else
            *VEC_PUSH(reading->call->arena, &reading->selection->tags) =
                str_cstr(reading->call->arena, tag);
    }
}

static bool date_ok(const char *text)
{
    static const char shape[] = "0000-00-00";
    size_t i = 0;
    for (; shape[i]; i++) {
        if (shape[i] == '-' ? text[i] != '-' : !isdigit((unsigned char)text[i]))
            return false;
    }
    int month = atoi(text + 5), day = atoi(text + 8);
    return month >= 1 && month <= 12 && day >= 1 && day <= 31 && (!text[i] || text[i] == 'T');
}

static void read_branch(struct reading *reading, const struct json *body)
{
    struct call *call = reading->call;
    const struct json *branch = json_get(body, "providerVersionBranch");
    if (!branch || json_type(branch) == JSON_NULL)
        return;
    struct str text = json_text(branch);
    if (!json_is(branch, JSON_STRING)) {
        issues_add(call, &reading->issues, "providerVersionBranch", "must be a string");
    } else if (text.len == 0) {
        bool asked = reading->pending_given || reading->selection->wip_since;
        if (asked && reading->selection->tags.len == 0)
            issues_add(call, &reading->issues, "providerVersionBranch",
                       "when pending or WIP pacts are enabled and there are no tags provided, the "
                       "provider version branch must not be an empty string, as it is used in the "
                       "calculations for WIP/pending. A value must be provided (recommended), or "
                       "it must not be set at all.");
    } else if (str_trim(text).len == 0) {
        issues_add(call, &reading->issues, "providerVersionBranch", "cannot be blank");
    } else {
        reading->selection->branch = str_cstr(call->arena, text);
    }
}

static void read_body(struct reading *reading, const struct json *body)
{
    struct call *call = reading->call;
    const struct json *pending = json_get(body, "includePendingStatus"),
                      *list = json_get(body, LIST);
    read_tags(reading, json_get(body, "providerVersionTags"));
    reading->selection->with_pending = true;
    if (pending && json_type(pending) != JSON_NULL) {
        if (!json_is(pending, JSON_BOOL))
            issues_add(call, &reading->issues, "includePendingStatus", "must be boolean");
        reading->selection->with_pending = reading->pending_given = json_bool(pending);
    }
    const char *since = call_text_member(call, body, "includeWipPactsSince", 0, &reading->issues);
    if (since && *since && !date_ok(since))
        issues_add(call, &reading->issues, "includeWipPactsSince", "must be a date");
    reading->selection->wip_since = since && *since ? since : NULL;
    read_branch(reading, body);
    if (!list || json_type(list) == JSON_NULL)
        return;
    if (!json_is(list, JSON_ARRAY) || json_len(list) > SELECTORS_MAX) {
        issues_add(call, &reading->issues, LIST, "must be an array");
        return;
    }
    for (size_t i = 0; i < json_len(list); i++)
        read_selector(reading, json_at(list, i), i);
}

/* ---- the answer ---- */

static void add_notice(struct call *call, struct json *notices, const char *when, const char *text)
{
    struct json *notice = json_new_object(call->arena);
    call_set(call, notice, "when", when);
    call_set(call, notice, "text", text);
    json_append(call->arena, notices, notice);
}

static const char *const afters[] = {
    "after_verification:success_true_published_false",
    "after_verification:success_false_published_false",
    "after_verification:success_true_published_true",
    "after_verification:success_false_published_true",
};

static struct json *notices_of(struct call *call, const struct selection *selection,
                               const struct selected *row, const char *url)
{
    struct json *notices = json_new_array(call->arena);
    const char *provider = row->pact.provider;
    add_notice(call, notices, "before_verification",
               selection_inclusion(call->arena, row, selection, provider, url));
    if (!selection->with_pending)
        return notices;
    add_notice(call, notices, "before_verification",
               selection_pending(call->arena, row, selection, provider));
    for (int i = 0; i < 4 && row->pending; i++)
        add_notice(call, notices, afters[i],
                   selection_after(call->arena, selection, provider, i % 2 == 0, i >= 2));
    return notices;
}

static struct json *pact_item(struct call *call, const struct selection *selection,
                              const struct selected *row)
{
    struct arena *arena = call->arena;
    struct json *item = json_new_object(arena), *properties = json_new_object(arena),
                *links = json_new_object(arena);
    struct metadata metadata = {.wip = row->wip, .pending = row->pending};
    VEC_EACH(&row->reasons, const struct reason *, reason) {
        bool known = false;
        VEC_EACH(&metadata.consumer_version_ids, const int64_t *, id)
            known |= *id == reason->consumer_version_id;
        if (!known)
            *VEC_PUSH(arena, &metadata.consumer_version_ids) = reason->consumer_version_id;
    }
    const char *content = link_to(call, "/pacts/provider/{}/consumer/{}/pact-version/{}",
                                  row->pact.provider, row->pact.consumer, row->pact.sha);
    call_set(call, item, "shortDescription", selection_short(arena, row));
    if (selection->with_pending)
        json_set(arena, properties, "pending", json_new_bool(arena, row->pending));
    if (row->wip)
        json_set(arena, properties, "wip", json_new_bool(arena, true));
    json_set(arena, properties, "notices", notices_of(call, selection, row, content));
    json_set(arena, item, "verificationProperties", properties);
    json_set(
        arena, links, "self",
        link_make(call, "hn",
                  arena_printf(arena, "%s/metadata/%s", content, metadata_encode(arena, &metadata)),
                  link_pact_name(call, &row->pact)));
    json_set(arena, item, "_links", links);
    return item;
}

static int answer(struct call *call, const struct pacticipant *provider,
                  const struct selection *selection, bool deprecated, struct err *err)
{
    struct arena *arena = call->arena;
    struct selected_pacts rows = {0};
    int code = selection_run(call->store, provider, selection, arena, &rows, err);
    if (code < 0)
        return code;
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *links = json_new_object(arena), *list = json_new_array(arena);
    VEC_EACH(&rows, const struct selected *, row) {
        struct json *item = pact_item(call, selection, row);
        if (deprecated)
            add_notice(call, json_get(json_get(item, "verificationProperties"), "notices"),
                       "before_verification",
                       "WARNING: GET for this resource is deprecated; use POST.");
        json_append(arena, list, item);
    }
    json_set(arena, embedded, "pacts", list);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, links, "self",
             link_make(call, "ht",
                       link_to(call, "/pacts/provider/{}/for-verification", provider->name),
                       "Pacts to be verified"));
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

int for_verification_post(struct call *call, struct err *err)
{
    struct json *body = call_body(call, true);
    struct selection selection = {0};
    struct reading reading = {.call = call, .selection = &selection, .err = err};
    struct pacticipant provider = {0};
    if (!body)
        return 0;
    read_body(&reading, body);
    if (reading.code < 0)
        return reading.code;
    if (reading.issues.len > 0)
        return call_issues(call, &reading.issues);
    int code = call_pacticipant(call, "provider", "provider", &provider, err);
    return code <= 0 ? code : answer(call, &provider, &selection, false, err);
}

/* consumer_version_selectors[][tag]=x&...[][latest]=true: a new one begins when a key repeats. */
static void read_query(struct reading *reading)
{
    struct call *call = reading->call;
    struct json *list = json_new_array(call->arena), *item = NULL;
    struct str prefix = STR("consumer_version_selectors[][");
    VEC_EACH(&call->query, const struct url_param *, param) {
        if (str_is(param->name, "provider_version_tags[]") && param->value.len > 0)
            *VEC_PUSH(call->arena, &reading->selection->tags) = str_cstr(call->arena, param->value);
        if (!str_starts(param->name, prefix) || !str_ends(param->name, STR("]")))
            continue;
        struct str key = str_sub(param->name, prefix.len, param->name.len - prefix.len - 1);
        if (str_is(key, "fallback_tag"))
            key = STR("fallbackTag");
        if (!item || json_find(item, key)) {
            item = json_new_object(call->arena);
            json_append(call->arena, list, item);
        }
        bool flag = str_is(param->value, "true") && str_is(key, "latest");
        json_set_str(call->arena, item, key,
                     flag ? json_new_bool(call->arena, true)
                          : json_new_str(call->arena, param->value));
    }
    for (size_t i = 0; i < json_len(list); i++)
        read_selector(reading, json_at(list, i), i);
    const char *pending = call_query(call, "include_pending_status"),
               *since = call_query(call, "include_wip_pacts_since");
    reading->selection->with_pending = pending && strcmp(pending, "true") == 0;
    if (since && !date_ok(since))
        issues_add(call, &reading->issues, "include_wip_pacts_since", "must be a date");
    reading->selection->wip_since = since;
}

int for_verification_get(struct call *call, struct err *err)
{
    struct selection selection = {0};
    struct reading reading = {.call = call, .selection = &selection, .err = err};
    struct pacticipant provider = {0};
    read_query(&reading);
    if (reading.code < 0)
        return reading.code;
    if (reading.issues.len > 0)
        return call_issues(call, &reading.issues);
    int code = call_pacticipant(call, "provider", "provider", &provider, err);
    return code <= 0 ? code : answer(call, &provider, &selection, true, err);
}
