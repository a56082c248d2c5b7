// SPDX-License-Identifier: Apache-2.0
/* Lists of contracts: between two, of a provider, the latest of all. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/pact_view.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

int pact_find_list(struct call *call, struct pacticipant *consumer, struct pacticipant *provider,
                   struct publications *ret, struct err *err)
{
    enum pact_which which = (enum pact_which)call->route->tag;
    int code = pact_pair(call, consumer, provider, err);
    if (code <= 0)
        return code;
    const char *tag = which == WHICH_TAG ? call_param(call, "tag") : NULL;
    const char *branch = which == WHICH_BRANCH ? call_param(call, "branch")
                         : which == WHICH_MAIN ? consumer->main_branch
                                               : NULL;
    if (which != WHICH_MAIN || branch)
        code = store_pact_versions(call->store, consumer->id, provider->id, branch, tag,
                                   call->arena, ret, err);
    return code < 0 ? code : 1;
}

int pact_versions_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    enum pact_which which = (enum pact_which)call->route->tag;
    struct pacticipant consumer = {0}, provider = {0};
    struct publications rows = {0};
    int code = pact_find_list(call, &consumer, &provider, &rows, err);
    if (code <= 0)
        return code;
    const char *tag = which == WHICH_TAG ? call_param(call, "tag") : NULL;
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *list = json_new_array(arena), *links = json_new_object(arena),
                *pacts = json_new_array(arena), *versions = json_new_array(arena);
    VEC_EACH(&rows, const struct publication *, row) {
        json_append(arena, list, pact_view_item(call, row));
        json_append(arena, versions,
                    link_make(call, "ht", link_pact(call, row),
                              link_dated_version(call, row->number, row->created_at)));
        json_append(
            arena, pacts,
            link_make(call, "htn", link_pact(call, row), link_pact_name(call, row), consumer.name));
    }
    json_set(arena, embedded, "pacts", list);
    json_set(arena, body, "_embedded", embedded);
    const char *title =
        arena_printf(arena, "All versions of the pact between %s and %s%s%s", consumer.name,
                     provider.name, tag ? " with tag " : "", tag ? tag : "");
    json_set(arena, links, "self", link_make(call, "ht", call_resource(call), title));
    bool prefixed = tag != NULL;
    json_set(arena, links, prefixed ? "pb:consumer" : "consumer",
             link_make(call, "hn", link_pacticipant(call, consumer.name), consumer.name));
    json_set(arena, links, prefixed ? "pb:provider" : "provider",
             link_make(call, "hn", link_pacticipant(call, provider.name), provider.name));
    json_set(arena, links, prefixed ? "pb:pact-versions" : "pact-versions", versions);
    /* The stock command line looks for this one when it lists a branch. */
    if (which == WHICH_BRANCH || which == WHICH_MAIN)
        json_set(arena, links, "pb:pacts", pacts);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

static struct json *self_only(struct call *call, const char *href)
{
    struct json *links = json_new_object(call->arena);
    json_set(call->arena, links, "self", link_make(call, "h", href));
    return links;
}

static struct json *latest_item(struct call *call, const struct publication *row)
{
    struct arena *arena = call->arena;
    struct json *item = json_new_object(arena), *embedded = json_new_object(arena),
                *consumer = json_new_object(arena), *own = json_new_object(arena),
                *version = json_new_object(arena), *provider = json_new_object(arena),
                *links = json_new_object(arena), *both = json_new_array(arena);
    call_set(call, item, "createdAt", call_time(call, row->created_at));
    call_set(call, consumer, "name", row->consumer);
    call_set(call, version, "number", row->number);
    json_set(arena, version, "_links",
             self_only(call, link_version(call, row->consumer, row->number)));
    json_set(arena, own, "version", version);
    json_set(arena, consumer, "_embedded", own);
    json_set(arena, consumer, "_links", self_only(call, link_pacticipant(call, row->consumer)));
    call_set(call, provider, "name", row->provider);
    json_set(arena, provider, "_links", self_only(call, link_pacticipant(call, row->provider)));
    json_set(arena, embedded, "consumer", consumer);
    json_set(arena, embedded, "provider", provider);
    json_set(arena, item, "_embedded", embedded);
    json_append(arena, both,
                link_make(call, "h",
                          link_to(call, "/pacts/provider/{}/consumer/{}/latest", row->provider,
                                  row->consumer)));
    json_append(arena, both, link_make(call, "h", link_pact(call, row)));
    json_set(arena, links, "self", both);
    json_set(arena, item, "_links", links);
    return item;
}

int pacts_latest_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct publications rows = {0};
    int code = store_pacts_latest(call->store, arena, &rows, err);
    if (code < 0)
        return code;
    struct json *body = json_new_object(arena), *list = json_new_array(arena),
                *links = json_new_object(arena), *pacts = json_new_array(arena);
    VEC_EACH(&rows, const struct publication *, row) {
        json_append(arena, list, latest_item(call, row));
        json_append(
            arena, pacts,
            link_make(call, "htn", link_pact(call, row), link_pact_name(call, row), row->consumer));
    }
    json_set(arena, body, "pacts", list);
    json_set(arena, links, "self", link_make(call, "h", link_to(call, "/pacts/latest")));
    json_set(arena, links, "pb:pacts", pacts);
    json_set(arena, links, "pacts", pacts);
    link_curies(call, links, "pacts");
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

int provider_pacts_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    enum pact_list which = (enum pact_list)call->route->tag;
    struct pacticipant provider = {0};
    int code = call_pacticipant(call, "provider", "provider", &provider, err);
    if (code <= 0)
        return code;
    const char *name = NULL;
    if (which == PACT_LIST_TAG || which == PACT_LIST_LATEST_TAG)
        name = call_param(call, "tag");
    else if (which == PACT_LIST_BRANCH || which == PACT_LIST_LATEST_BRANCH)
        name = call_param(call, "branch");
    struct publications rows = {0};
    code = store_pacts_of_provider(call->store, provider.id, which, name, arena, &rows, err);
    if (code < 0)
        return code;
    struct json *body = json_new_object(arena), *links = json_new_object(arena),
                *pacts = json_new_array(arena), *old = json_new_array(arena);
    VEC_EACH(&rows, const struct publication *, row) {
        const char *href = link_pact(call, row);
        json_append(arena, pacts,
                    link_make(call, "htn", href, link_pact_name(call, row), row->consumer));
        json_append(arena, old,
                    link_make(call, "htn", href, "DEPRECATED - please use the pb:pacts relation",
                              row->consumer));
    }
    bool latest = which == PACT_LIST_LATEST || which == PACT_LIST_LATEST_TAG ||
                  which == PACT_LIST_LATEST_MAIN || which == PACT_LIST_LATEST_BRANCH;
    const char *title = arena_printf(
        arena, "%s for the provider %s%s%s", latest ? "Latest pact versions" : "All pact versions",
        provider.name, name ? " with consumer version " : "",
        name ? arena_printf(
                   arena, "%s '%s'",
                   which == PACT_LIST_TAG || which == PACT_LIST_LATEST_TAG ? "tag" : "branch", name)
             : "");
    json_set(arena, links, "self", link_make(call, "ht", call_resource(call), title));
    json_set(arena, links, "pb:provider",
             link_make(call, "hn", link_pacticipant(call, provider.name), provider.name));
    json_set(arena, links, "pb:pacts", pacts);
    json_set(arena, links, "provider",
             link_make(call, "hnt", link_pacticipant(call, provider.name), provider.name,
                       "DEPRECATED - please use the pb:provider relation"));
    json_set(arena, links, "pacts", old);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}
