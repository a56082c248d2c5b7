// SPDX-License-Identifier: Apache-2.0
/* The index, heartbeat, integrations and provider states. */
#include "broker/routes.h"

#include <stdlib.h>

#include "broker/access.h"
#include "broker/links.h"
#include "broker/live.h"
#include "broker/roles.h"
#include "broker/selection.h"
#include "broker/store.h"
#include "broker/store_webhook.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/json/json.h"

static const struct {
    const char *rel, *path, *title;
} index_links[] = {
    {"pb:publish-pact",
     "/pacts/provider/{provider}/consumer/{consumer}/version/{consumerApplicationVersion}",
     "Publish a pact"},
    {"pb:publish-contracts", "/contracts/publish", "Publish contracts"},
    {"pb:latest-pact-versions", "/pacts/latest", "Latest pact versions"},
    {"pb:tagged-pact-versions", "/pacts/provider/{provider}/consumer/{consumer}/tag/{tag}",
     "All versions of a pact for a given consumer, provider and consumer version tag"},
    {"pb:branch-pact-versions", "/pacts/provider/{provider}/consumer/{consumer}/branch/{branch}",
     "All versions of a pact for a given consumer, provider and consumer version branch"},
    {"pb:latest-branch-pact-versions",
     "/pacts/provider/{provider}/consumer/{consumer}/branch/{branch}/latest",
     "Latest version of a pact for a given consumer, provider and consumer version branch"},
    {"pb:main-branch-pact-versions", "/pacts/provider/{provider}/consumer/{consumer}/branch",
     "All versions of a pact for the consumer's main branch"},
    {"pb:latest-main-branch-pact-versions",
     "/pacts/provider/{provider}/consumer/{consumer}/branch/latest",
     "Latest version of a pact for the consumer's main branch"},
    {"pb:provider-pacts-with-main-branch", "/pacts/provider/{provider}/branch",
     "All pact versions for the provider with the consumers' main branches"},
    {"pb:provider-pacts-with-branch", "/pacts/provider/{provider}/branch/{branch}",
     "All pact versions for the provider with the specified consumer version branch"},
    {"pb:latest-provider-pacts-with-main-branch", "/pacts/provider/{provider}/branch/latest",
     "Latest pacts for the provider with the consumers' main branches"},
    {"pb:latest-provider-pacts-with-branch", "/pacts/provider/{provider}/branch/{branch}/latest",
     "Latest pacts for the provider with the specified consumer version branch"},
    {"pb:pacticipants", "/pacticipants", "Pacticipants"},
    {"pb:pacticipant", "/pacticipants/{pacticipant}", "Fetch pacticipant by name"},
    {"pb:latest-provider-pacts", "/pacts/provider/{provider}/latest", "Latest pacts by provider"},
    {"pb:latest-provider-pacts-with-tag", "/pacts/provider/{provider}/latest/{tag}",
     "Latest pacts for provider with the specified tag"},
    {"pb:provider-pacts-with-tag", "/pacts/provider/{provider}/tag/{tag}",
     "All pact versions for the provider with the specified consumer version tag"},
    {"pb:provider-pacts", "/pacts/provider/{provider}",
     "All pact versions for the specified provider"},
    {"pb:latest-version", "/pacticipants/{pacticipant}/latest-version",
     "Latest pacticipant version"},
    {"pb:latest-tagged-version", "/pacticipants/{pacticipant}/latest-version/{tag}",
     "Latest pacticipant version with the specified tag"},
    {"pb:webhooks", "/webhooks", "Webhooks"},
    {"pb:webhook", "/webhooks/{uuid}", "Webhook"},
    {"pb:integrations", "/integrations", "Integrations"},
    {"pb:pacticipant-version-tag", "/pacticipants/{pacticipant}/versions/{version}/tags/{tag}",
     "Get, create or delete a tag for a pacticipant version"},
    {"pb:pacticipant-branch", "/pacticipants/{pacticipant}/branches/{branch}",
     "Get or delete a pacticipant branch"},
    {"pb:pacticipant-branch-version",
     "/pacticipants/{pacticipant}/branches/{branch}/versions/{version}",
     "Get or add/create a pacticipant version for a branch"},
    {"pb:pacticipant-version", "/pacticipants/{pacticipant}/versions/{version}",
     "Get, create or delete a pacticipant version"},
    {"pb:metrics", "/metrics", "Get Pact Broker metrics"},
    {"pb:can-i-deploy-pacticipant-version-to-tag",
     "/can-i-deploy?pacticipant={pacticipant}&version={version}&to={tag}",
     "Determine if an application version can be safely deployed to an environment identified by "
     "the given tag"},
    {"pb:can-i-deploy-pacticipant-version-to-environment",
     "/can-i-deploy?pacticipant={pacticipant}&version={version}&environment={environment}",
     "Determine if an application version can be safely deployed to an environment"},
    {"pb:provider-pacts-for-verification", "/pacts/provider/{provider}/for-verification",
     "Pact versions to be verified for the specified provider"},
    {"beta:provider-pacts-for-verification", "/pacts/provider/{provider}/for-verification",
     "DEPRECATED - please use pb:provider-pacts-for-verification"},
    {"curies", NULL, NULL},
    {"pb:environments", "/environments", "Environments"},
    {"pb:environment", "/environments/{uuid}", "Environment"},
    {"tally:methods", "/pacticipants/{pacticipant}/methods", "Repository methods of an app"},
    {"tally:method", "/pacticipants/{pacticipant}/methods/{method}",
     "A repository method: its operations, versions, releases and verifications"},
    {"tally:operations", "/pacticipants/{pacticipant}/operations", "Operations of a provider"},
    {"tally:operation", "/pacticipants/{pacticipant}/operations/{operation}",
     "An operation: who uses it, in which releases"},
    {"tally:inventory", "/pacticipants/{pacticipant}/versions/{version}/inventory",
     "Get or put a version's inventory of methods"},
    {"tally:manifest", "/pacticipants/{pacticipant}/versions/{version}/manifest",
     "Get or put a version's manifest of operations"},
};

bool index_relation(const char *rel, const char **ret_path, const char **ret_title)
{
    for (size_t i = 0; i < sizeof index_links / sizeof *index_links; i++) {
        const char *bare = strchr(index_links[i].rel, ':');
        if (!index_links[i].path || !bare || strcmp(bare + 1, rel) != 0)
            continue;
        *ret_path = index_links[i].path;
        *ret_title = index_links[i].title;
        return true;
    }
    return false;
}

static void index_curies(struct call *call, struct json *links)
{
    link_curies(call, links, "index");
    json_append(call->arena, json_get(links, "curies"),
                link_make(call, "nhT", "beta",
                          arena_printf(call->arena, "%s/doc/{rel}?context=index", call->base)));
    json_append(call->arena, json_get(links, "curies"),
                link_make(call, "nhT", "tally",
                          arena_printf(call->arena, "%s/doc/{rel}?context=methods", call->base)));
}

/* Two links of the original say less than they could; clients know it that way. */
static const char *index_shape(const char *rel, const char *path)
{
    if (strcmp(rel, "pb:metrics") == 0)
        return "ht";
    return strchr(path, '{') && strcmp(rel, "pb:tagged-pact-versions") != 0 ? "htT" : "htF";
}

int index_get(struct call *call, struct err *err)
{
    if (strcmp(call->type, "text/html") == 0)
        return index_page(call, err);
    struct json *body = json_new_object(call->arena), *links = json_new_object(call->arena);
    json_set(call->arena, links, "self", link_make(call, "htF", call->base, "Index"));
    for (size_t i = 0; i < sizeof index_links / sizeof *index_links; i++) {
        if (!index_links[i].path) {
            index_curies(call, links);
            continue;
        }
        const char *href = link_to(call, index_links[i].path);
        json_set(call->arena, links, index_links[i].rel,
                 link_make(call, index_shape(index_links[i].rel, index_links[i].path), href,
                           index_links[i].title));
    }
    if (call->caller->kind != CALLER_ANONYMOUS && roles_suffice(call->caller->roles, ROLE_ADMIN))
        json_set(call->arena, links, "pb:audit",
                 link_make(call, "htF", link_to(call, "/audit"), "Who changed what"));
    json_set(call->arena, body, "_links", links);
    return call_json(call, 200, body);
}

int heartbeat_get(struct call *call, struct err *err)
{
    (void)err;
    struct json *body = json_new_object(call->arena), *links = json_new_object(call->arena);
    json_set(call->arena, body, "ok", json_new_bool(call->arena, true));
    json_set(call->arena, links, "self", link_make(call, "h", call_self(call)));
    json_set(call->arena, body, "_links", links);
    call_json(call, 200, body);
    call->content_type = "application/hal+json";
    return 0;
}

int dependencies_get(struct call *call, struct err *err)
{
    (void)err;
    struct environments rows = {0};
    bool ok = store_environment_list(call->store, NULL, call->arena, &rows, NULL) >= 0;
    struct json *body = json_new_object(call->arena), *links = json_new_object(call->arena),
                *database = json_new_object(call->arena);
    json_set(call->arena, database, "ok", json_new_bool(call->arena, ok));
    json_set(call->arena, body, "database", database);
    json_set(call->arena, links, "self", link_make(call, "h", call_self(call)));
    json_set(call->arena, body, "_links", links);
    call_json(call, ok ? 200 : 500, body);
    call->content_type = "application/hal+json";
    return 0;
}

/* ---- integrations ---- */

static struct json *named(struct call *call, const char *name)
{
    struct json *object = json_new_object(call->arena);
    call_set(call, object, "name", name);
    return object;
}

int integrations_get(struct call *call, struct err *err)
{
    struct arena *arena = call->arena;
    struct page page = {0};
    struct integrations rows = {0};
    if (!call_page(call, &page))
        return 0;
    int code = store_integrations(call->store, call_query(call, "q"), &page, arena, &rows, err);
    if (code < 0)
        return code;
    if (strcmp(call->type, "text/vnd.graphviz") == 0)
        return integrations_graph(call, &rows);
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *links = json_new_object(arena), *list = json_new_array(arena);
    VEC_EACH(&rows, const struct integration *, row) {
        struct json *item = json_new_object(arena), *own = json_new_object(arena);
        json_set(arena, item, "consumer", named(call, row->consumer));
        json_set(arena, item, "provider", named(call, row->provider));
        json_set(arena, own, "pb:dashboard",
                 link_make(call, "h",
                           link_to(call, "/dashboard/provider/{}/consumer/{}", row->provider,
                                   row->consumer)));
        json_set(arena, own, "pb:matrix",
                 link_make(call, "h",
                           link_to(call, "/matrix/provider/{}/consumer/{}", row->provider,
                                   row->consumer)));
        json_set(arena, own, "pb:group",
                 link_make(call, "h", link_pacticipant(call, row->consumer)));
        json_set(arena, own, "pb:delete_integration",
                 link_make(call, "h",
                           link_to(call, "/integrations/provider/{}/consumer/{}", row->provider,
                                   row->consumer)));
        json_set(arena, item, "_links", own);
        json_append(arena, list, item);
    }
    json_set(arena, links, "self", link_make(call, "ht", call_resource(call), "All integrations"));
    call_page_members(call, &page, body, links);
    json_set(arena, embedded, "integrations", list);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

int integration_remove(struct call *call, const struct integration *row, struct err *err)
{
    struct live_filter filter = {.consumer_id = row->consumer_id, .provider_id = row->provider_id};
    int code = live_allows_delete(
        call, &filter,
        arena_printf(call->arena, "the contracts between %s and %s", row->consumer, row->provider),
        err);
    if (code <= 0)
        return code;
    code = store_integration_delete(call->store, row->consumer_id, row->provider_id, err);
    if (code == 0)
        code = store_webhook_delete_pair(call->store, row->consumer_id, row->provider_id, err);
    if (code == 0)
        code = store_orphans_delete(call->store, row->consumer_id, row->provider_id, err);
    return code < 0 ? code : 1;
}

int integration_delete(struct call *call, struct err *err)
{
    struct pacticipant consumer = {0}, provider = {0};
    int code = pact_pair(call, &consumer, &provider, err);
    if (code <= 0)
        return code;
    struct integration row = {consumer.id, provider.id, consumer.name, provider.name};
    code = integration_remove(call, &row, err);
    return code <= 0 ? code : call_empty(call, 204);
}

/* ---- provider states ---- */

struct state {
    const char *name;
    struct json *params, *consumers;
};
struct states {
    struct call *call;
    struct map *by_name;
    const char *consumer;
};

static void add_state(struct states *states, struct str name, const struct json *params)
{
    struct arena *arena = states->call->arena;
    if (!name.ptr)
        return;
    const char *key = str_cstr(arena, name);
    void **slot = map_slot(states->by_name, str_of(key));
    struct state *state = *slot;
    if (!state) {
        state = *slot = ARENA_NEW(arena, struct state);
        *state = (struct state){key, NULL, json_new_array(arena)};
    }
    if (json_len(params) > 0)
        state->params = json_copy(arena, params);
    for (size_t i = 0; i < json_len(state->consumers); i++) {
        if (str_is(json_text(json_at(state->consumers, i)), states->consumer))
            return;
    }
    json_append(arena, state->consumers, json_new_text(arena, states->consumer));
}

static void add_interactions(struct states *states, const struct json *array)
{
    for (size_t i = 0; i < json_len(array); i++) {
        const struct json *interaction = json_at(array, i);
        const struct json *list = json_get(interaction, "providerStates");
        add_state(states, json_get_text(interaction, "providerState"), NULL);
        for (size_t k = 0; json_is(list, JSON_ARRAY) && k < json_len(list); k++)
            add_state(states, json_get_text(json_at(list, k), "name"),
                      json_get(json_at(list, k), "params"));
    }
}

static int by_state_name(const void *a, const void *b)
{
    return strcmp((*(struct state *const *)a)->name, (*(struct state *const *)b)->name);
}

static int answer_states(struct call *call, const struct map *by_name)
{
    struct arena *arena = call->arena;
    size_t n = map_len(by_name);
    struct state **sorted = ARENA_ARRAY(arena, struct state *, n);
    for (size_t i = 0; i < n; i++)
        sorted[i] = map_at(by_name, i)->value;
    if (n > 1)
        qsort(sorted, n, sizeof *sorted, by_state_name);
    struct json *body = json_new_object(arena), *list = json_new_array(arena);
    for (size_t i = 0; i < n; i++) {
        struct json *item = json_new_object(arena);
        call_set(call, item, "name", sorted[i]->name);
        if (sorted[i]->params)
            json_set(arena, item, "params", sorted[i]->params);
        json_set(arena, item, "consumers", sorted[i]->consumers);
        json_append(arena, list, item);
    }
    json_set(arena, body, "providerStates", list);
    return call_json(call, 200, body);
}

int provider_states_get(struct call *call, struct err *err)
{
    struct pacticipant provider = {0};
    struct selection selection = {0};
    int code = call_pacticipant(call, "provider", "provider", &provider, err);
    if (code <= 0)
        return code;
    struct selector selector = {.kind = SELECT_MAIN_BRANCH};
    if (call->route->tag == 1)
        selector = (struct selector){.kind = SELECT_BRANCH, .name = call_param(call, "branch")};
    if (call->route->tag == 2)
        selector =
            (struct selector){.kind = SELECT_ENVIRONMENT, .name = call_param(call, "environment")};
    *VEC_PUSH(call->arena, &selection.selectors) = selector;
    struct selected_pacts pacts = {0};
    code = selection_run(call->store, &provider, &selection, call->arena, &pacts, err);
    struct states states = {call, map_new(call->arena), NULL};
    VEC_EACH(&pacts, const struct selected *, selected) {
        struct str content = STR_NONE;
        bool plain = false;
        struct json *pact = NULL;
        if (code >= 0)
            code = store_pact_content(call->store, selected->pact.pact_version_id, call->arena,
                                      &content, &plain, err);
        if (code >= 0)
            code = json_parse(content, "stored contract", call->arena, &pact, err);
        if (code < 0)
            return code;
        states.consumer = selected->pact.consumer;
        add_interactions(&states, json_get(pact, "interactions"));
        add_interactions(&states, json_get(pact, "messages"));
    }
    return code < 0 ? code : answer_states(call, states.by_name);
}
