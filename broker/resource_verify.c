// SPDX-License-Identifier: Apache-2.0
/* /pacts/provider/P/for-verification: POST, and the deprecated GET with a query. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/metadata.h"
#include "broker/selection.h"
#include "broker/selection_text.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
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
    const struct json *value = json_get(item, key);
    struct issues own = {0};
    if (!value || json_type(value) == JSON_NULL)
        return NULL;
    const char *text =
        call_text_member(reading->call, item, key, TEXT_REQUIRED | TEXT_NO_BLANK, &own);
    VEC_EACH(&own, const struct issue *, issue)
        bad(reading, i, arena_printf(reading->call->arena, "%s %s", key, issue->text));
    return text;
}

/* A flag that may only be true; "latest" may also say no. */
static bool flag_at(struct reading *reading, const struct json *item, size_t i, const char *key)
{
    const struct json *value = json_get(item, key);
    if (!value || json_type(value) == JSON_NULL)
        return false;
    bool may_be_false = strcmp(key, "latest") == 0;
    if (json_is(value, JSON_BOOL) && (may_be_false || json_bool(value)))
        return json_bool(value);
    bad(reading, i,
        arena_printf(reading->call->arena, "%s must be one of: true%s", key,
                     may_be_false ? ", false" : ""));
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

static void apply(struct reading *reading, const struct wish *wish)
{
    const char *consumer = wish->consumer;
    if (wish->main_branch)
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

/* ---- what cannot be asked together, in the original's order ---- */

static bool given(const struct json *item, const char *key)
{
    const struct json *value = json_get(item, key);
    return value && json_type(value) != JSON_NULL;
}

/* Those of the keys that are given, "latest/tag", with their number. */
static const char *given_keys(struct arena *arena, const struct json *item, const char *const *keys,
                              size_t *ret_n)
{
    const char *text = "";
    *ret_n = 0;
    for (; *keys; keys++) {
        if (given(item, *keys))
            text = arena_printf(arena, "%s%s%s", text, (*ret_n)++ ? "/" : "", *keys);
    }
    return text;
}

static const char *const version_keys[] = {"branch",      "fallbackBranch",
                                           "fallbackTag", "latest",
                                           "tag",         NULL},
                         *const place_keys[] = {"deployed", "deployedOrReleased", "environment",
                                                "released", NULL},
                         *const more_keys[] = {"tag",        "branch",      "matchingBranch",
                                               "deployed",   "released",    "deployedOrReleased",
                                               "mainBranch", "environment", "fallbackTag",
                                               NULL};

static void check_fields(struct reading *reading, const struct json *item, size_t i)
{
    struct arena *arena = reading->call->arena;
    size_t versions = 0, places = 0;
    const char *version = given_keys(arena, item, version_keys, &versions),
               *place = given_keys(arena, item, place_keys, &places);
    if (versions > 0 && places > 0)
        bad(reading, i,
            arena_printf(arena, "cannot specify the field%s %s with the field%s %s",
                         versions > 1 ? "s" : "", version, places > 1 ? "s" : "", place));
}

static void check_alone(struct reading *reading, const struct json *item, size_t i, const char *key)
{
    size_t n = 0;
    given_keys(reading->call->arena, item, more_keys, &n);
    if (given(item, key) && n > 1)
        bad(reading, i,
            arena_printf(reading->call->arena,
                         "cannot specify %s=true with any other criteria apart from consumer",
                         key));
}

static void check_together(struct reading *reading, const struct json *item,
                           const struct wish *wish, size_t i)
{
    static const char *const places[][2] = {{"deployed", "released"},
                                            {"deployed", "deployedOrReleased"},
                                            {"released", "deployedOrReleased"}};
    size_t criteria = 0;
    given_keys(reading->call->arena, item, more_keys, &criteria);
    if (wish->fallback_tag && !wish->latest)
        bad(reading, i, "fallbackTag can only be set if latest is true");
    if (wish->fallback_branch && given(item, "latest") && !wish->latest)
        bad(reading, i, "fallbackBranch can only be set if latest is true");
    if (criteria - (wish->fallback_tag != NULL) == 0 && !wish->latest)
        bad(reading, i,
            "must specify a value for environment or tag or branch, or specify mainBranch=true, "
            "matchingBranch=true, latest=true, deployed=true, released=true or "
            "deployedOrReleased=true");
    check_alone(reading, item, i, "mainBranch");
    check_alone(reading, item, i, "matchingBranch");
    if (wish->matching && !reading->selection->branch)
        bad(reading, i,
            "the providerVersionBranch must be specified when the selector "
            "{\"matchingBranch\":true} is used");
    if (given(item, "tag") && given(item, "branch"))
        bad(reading, i, "cannot specify both a tag and a branch");
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        if (given(item, places[k][0]) && given(item, places[k][1]))
            bad(reading, i,
                arena_printf(reading->call->arena, "cannot specify both %s=true and %s=true",
                             places[k][0], places[k][1]));
    }
    check_fields(reading, item, i);
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
    if (reading->issues.len == before)
        check_together(reading, item, &wish, i);
    if (reading->issues.len == before)
        apply(reading, &wish);
}

/* ---- reading the body ---- */

static void read_tags(struct reading *reading, const struct json *tags)
{
    if (!tags || json_type(tags) == JSON_NULL)
        return;
    if (!json_is(tags, JSON_ARRAY))
        issues_add(reading->call, &reading->issues, "providerVersionTags", "must be an array");
    if (json_len(tags) > SELECTORS_MAX) { /* each is asked about for each contract */
        issues_add(reading->call, &reading->issues, "providerVersionTags",
                   "size cannot be greater than %d", SELECTORS_MAX);
        return;
    }
    for (size_t i = 0; json_is(tags, JSON_ARRAY) && i < json_len(tags); i++) {
        struct str tag = json_text(json_at(tags, i));
        if (!json_is(json_at(tags, i), JSON_STRING) || str_trim(tag).len == 0)
            issues_add(reading->call, &reading->issues, "providerVersionTags",
                       "must be a string (at index %zu)", i);
        else if (str_chr(tag, '\0') >= 0)
            issues_add(reading->call, &reading->issues, "providerVersionTags",
                       "is in invalid format (at index %zu)", i);
        else
            *VEC_PUSH(reading->call->arena, &reading->selection->tags) =
                str_cstr(reading->call->arena, tag);
    }
}

/* A date, or a date with a time; UTC unless it names a zone. Returns the stored form, or NULL. */
static const char *read_date(struct reading *reading, const char *text, const char *key)
{
    static const char *const rest[] = {"", "Z", "T00:00:00Z"};
    struct arena *arena = reading->call->arena;
    int64_t at_us = 0;
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        if (clock_parse(str_printf(arena, "%s%s", text, rest[i]), &at_us))
            return clock_format_utc(at_us, arena_alloc(arena, CLOCK_TEXT_LEN));
    }
    issues_add(reading->call, &reading->issues, key, "must be a date");
    return NULL;
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
    } else if (str_chr(text, '\0') >= 0) {
        issues_add(call, &reading->issues, "providerVersionBranch", "is in invalid format");
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
            issues_add(call, &reading->issues, "includePendingStatus",
                       "must be one of: true, false");
        reading->selection->with_pending = reading->pending_given = json_bool(pending);
    }
    const char *since = call_text_member(call, body, "includeWipPactsSince", 0, &reading->issues);
    if (since && *since)
        reading->selection->wip_since = read_date(reading, since, "includeWipPactsSince");
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

#define OLD_LIBRARY                                                                                \
    "WARNING - this version of the Pact library uses a beta version of the API which will be "     \
    "removed in the future. Please upgrade your Pact library. See "                                \
    "https://docs.pact.io/pact_broker/advanced_topics/provider_verification_results/"              \
    "#pacts-for-verification for minimum required versions."

static struct json *notices_of(struct call *call, const struct selection *selection,
                               const struct selected *row, const char *url)
{
    struct arena *arena = call->arena;
    struct json *notices = json_new_array(arena);
    if (selection->deprecated)
        add_notice(call, notices, "before_verification", OLD_LIBRARY);
    add_notice(call, notices, "before_verification", selection_inclusion(arena, row, url));
    if (!selection->with_pending)
        return notices;
    add_notice(call, notices, "before_verification", selection_pending(arena, row, selection));
    for (int i = 0; i < 4 && row->pending; i++)
        add_notice(call, notices, afters[i],
                   selection_after(arena, row, selection, i % 2 == 0, i >= 2));
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
                  const struct selection *selection, struct err *err)
{
    struct arena *arena = call->arena;
    struct selected_pacts rows = {0};
    int code = selection_run(call->store, provider, selection, arena, &rows, err);
    if (code < 0)
        return code;
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *links = json_new_object(arena), *list = json_new_array(arena);
    VEC_EACH(&rows, const struct selected *, row)
        json_append(arena, list, pact_item(call, selection, row));
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
    struct selection selection = {.rules = call->selection};
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
    return code <= 0 ? code : answer(call, &provider, &selection, err);
}

/* consumer_version_selectors[][tag]=x&...[][latest]=true, or []tag=x: a new one begins when a key
 * repeats. */
static void read_query(struct reading *reading)
{
    struct call *call = reading->call;
    struct json *list = json_new_array(call->arena), *item = NULL;
    struct str prefix = STR("consumer_version_selectors[]");
    VEC_EACH(&call->query, const struct url_param *, param) {
        if (str_is(param->name, "provider_version_tags[]") && param->value.len > 0)
            *VEC_PUSH(call->arena, &reading->selection->tags) = str_cstr(call->arena, param->value);
        if (!str_starts(param->name, prefix))
            continue;
        struct str key = str_sub(param->name, prefix.len, param->name.len - prefix.len);
        if (str_starts(key, STR("[")) && str_ends(key, STR("]")))
            key = str_sub(key, 1, key.len - 2);
        if (str_is(key, "fallback_tag"))
            key = STR("fallbackTag");
        if (!item || json_find(item, key)) {
            item = json_new_object(call->arena);
            json_append(call->arena, list, item);
        }
        bool yes = str_is(param->value, "true"), no = str_is(param->value, "false");
        json_set_str(call->arena, item, key,
                     str_is(key, "latest") && (yes || no)
                         ? json_new_bool(call->arena, yes)
                         : json_new_str(call->arena, param->value));
    }
    for (size_t i = 0; i < json_len(list); i++)
        read_selector(reading, json_at(list, i), i);
    const char *pending = call_query(call, "include_pending_status"),
               *since = call_query(call, "include_wip_pacts_since");
    reading->selection->with_pending = pending && strcmp(pending, "true") == 0;
    if (since)
        reading->selection->wip_since = read_date(reading, since, "include_wip_pacts_since");
}

int for_verification_get(struct call *call, struct err *err)
{
    struct selection selection = {.rules = call->selection, .deprecated = true};
    struct reading reading = {.call = call, .selection = &selection, .err = err};
    struct pacticipant provider = {0};
    read_query(&reading);
    if (reading.code < 0)
        return reading.code;
    if (reading.issues.len > 0)
        return call_issues(call, &reading.issues);
    int code = call_pacticipant(call, "provider", "provider", &provider, err);
    return code <= 0 ? code : answer(call, &provider, &selection, err);
}
