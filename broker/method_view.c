// SPDX-License-Identifier: Apache-2.0
#include "broker/method_view.h"

#include "broker/call.h"
#include "broker/links.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/map.h"
#include "lib/json/json.h"

enum { PAGE_SIZE = 100 };

/* ---- links ---- */

/* The router takes an extension off a path; a name that ends like one hides its dot. */
static const char *hide_extension(struct call *call, const char *url)
{
    static const char *const extensions[] = {".json", ".csv", ".svg", ".yaml"};
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        if (str_ends(str_of(url), str_of(extensions[i])))
            return arena_printf(call->arena, "%.*s%%2E%s",
                                (int)(strlen(url) - strlen(extensions[i])), url, extensions[i] + 1);
    }
    return url;
}

const char *method_url(struct call *call, const char *pacticipant, const char *name)
{
    return hide_extension(call, link_to(call, "/pacticipants/{}/methods/{}", pacticipant, name));
}

const char *operation_url(struct call *call, const char *provider, const char *operation)
{
    return hide_extension(call,
                          link_to(call, "/pacticipants/{}/operations/{}", provider, operation));
}

void method_curies(struct call *call, struct json *links)
{
    link_curies(call, links, "methods");
    json_append(call->arena, json_get(links, "curies"),
                link_make(call, "nhT", "tally",
                          arena_printf(call->arena, "%s/doc/{rel}?context=methods", call->base)));
}

/* ---- texts ---- */

void method_add_text(struct call *call, struct json *array, struct str text)
{
    for (size_t i = 0; i < json_len(array); i++) {
        if (str_eq(json_text(json_at(array, i)), text))
            return;
    }
    if (text.ptr)
        json_append(call->arena, array, json_new_str(call->arena, text));
}

void method_set_str(struct call *call, struct json *object, const char *key, struct str text)
{
    if (text.ptr)
        json_set(call->arena, object, key, json_new_str(call->arena, text));
}

void method_add_operation(struct call *call, struct json *array, const struct use *use,
                          struct map *seen)
{
    struct arena *arena = call->arena;
    if (!use->row.operation.ptr)
        return;
    struct str key =
        str_printf(arena, "%lld %.*s", (long long)use->provider_id, STR_FMT(use->row.operation));
    if (map_has(seen, key))
        return;
    map_put(seen, key, array);
    struct json *item = json_new_object(arena), *links = json_new_object(arena);
    method_set_str(call, item, "operation", use->row.operation);
    call_set(call, item, "provider", use->provider);
    json_set(arena, links, "self",
             link_make(call, "h",
                       operation_url(call, use->provider, str_cstr(arena, use->row.operation))));
    json_set(arena, item, "_links", links);
    json_append(arena, array, item);
}

struct json *method_interaction(struct call *call, const struct use *use)
{
    struct json *item = json_new_object(call->arena);
    const struct interaction *row = &use->row;
    call_set(call, item, "provider", use->provider);
    method_set_str(call, item, "description", row->description);
    method_set_str(call, item, "kind", row->kind);
    method_set_str(call, item, "method", row->method);
    method_set_str(call, item, "package", row->package);
    method_set_str(call, item, "variant", row->variant);
    method_set_str(call, item, "operation", row->operation);
    method_set_str(call, item, "source", row->source);
    json_set(call->arena, item, "inferred", json_new_bool(call->arena, row->inferred));
    method_set_str(call, item, "problem", row->problem);
    return item;
}

/* ---- verdicts and releases ---- */

static const char *verdict_word(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_VERIFIED:
        return "verified";
    case VERDICT_PARTIAL:
        return "partial";
    case VERDICT_FAILED:
        break;
    }
    return "failed";
}

static void add_result(struct call *call, const struct publication *pact,
                       const struct verification *row, struct json *item, struct json *links)
{
    struct arena *arena = call->arena;
    call_set(call, item, "verdict", verdict_word(row->verdict));
    call_set(call, item, "providerVersion", row->provider_number);
    call_set(call, item, "verifiedAt", call_time(call, row->created_at));
    const char *content = link_to(call, "/pacts/provider/{}/consumer/{}/pact-version/{}",
                                  pact->provider, pact->consumer, pact->sha);
    json_set(arena, links, "pb:verification-result",
             link_make(call, "h",
                       arena_printf(arena, "%s/verification-results/%lld", content,
                                    (long long)row->number)));
    json_set(arena, links, "pb:provider-version",
             link_make(call, "nh", row->provider_number,
                       link_version(call, pact->provider, row->provider_number)));
}

int method_verdict(struct call *call, const struct use *use, struct json **ret, struct err *err)
{
    struct arena *arena = call->arena;
    struct json *item = json_new_object(arena), *links = json_new_object(arena);
    struct verification row = {0};
    struct publication pact = {0};
    int code = store_pact_find(call->store, use->version_id, use->provider_id, arena, &pact, err);
    if (code <= 0)
        return code < 0 ? code : err_set(err, ERR_INTERNAL, "an indexed contract is gone");
    code = store_verification_latest(call->store, pact.pact_version_id, arena, &row, err);
    if (code < 0)
        return code;
    call_set(call, item, "provider", use->provider);
    json_set(arena, links, "pb:pact-version",
             link_make(call, "nh", link_pact_name(call, &pact), link_pact(call, &pact)));
    if (code > 0)
        add_result(call, &pact, &row, item, links);
    else
        call_set(call, item, "verdict", "unknown");
    json_set(arena, item, "_links", links);
    *ret = item;
    return 0;
}

static struct json *release(struct call *call, const struct placement *row)
{
    struct arena *arena = call->arena;
    struct json *item = json_new_object(arena), *links = json_new_object(arena);
    call_set(call, item, "pacticipant", row->pacticipant);
    call_set(call, item, "version", row->number);
    call_set(call, item, "type", row->released ? "released" : "deployed");
    call_set(call, item, "environment", row->environment);
    json_set(arena, item, "production", json_new_bool(arena, row->production));
    call_set(call, item, "applicationInstance", row->instance);
    json_set(
        arena, links, "self",
        link_make(call, "h",
                  link_to(call, row->released ? "/released-versions/{}" : "/deployed-versions/{}",
                          row->uuid)));
    json_set(arena, links, "pb:version",
             link_make(call, "nh", row->number, link_version(call, row->pacticipant, row->number)));
    json_set(arena, links, "pb:environment",
             link_make(call, "nh", row->environment,
                       link_to(call, "/environments/{}", row->environment_uuid)));
    json_set(arena, item, "_links", links);
    return item;
}

/* One verdict per provider among the uses of one version. */
static int verdicts(struct call *call, const struct use *uses, size_t n, struct json *list,
                    struct err *err)
{
    struct map *seen = map_new(call->arena);
    for (size_t i = 0; i < n; i++) {
        struct json *item = NULL;
        if (map_has(seen, str_of(uses[i].provider)))
            continue;
        map_put(seen, str_of(uses[i].provider), list);
        if (method_verdict(call, &uses[i], &item, err) < 0)
            return err_wrap(err, "version '%s'", uses[i].number);
        json_append(call->arena, list, item);
    }
    return 0;
}

int method_releases(struct call *call, const struct uses *uses, const struct placements *live,
                    struct json *ret_list, struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < uses->len; i += n) {
        const struct use *use = &uses->items[i];
        struct json *list = NULL;
        for (n = 1; i + n < uses->len && use[n].version_id == use->version_id;)
            n++;
        VEC_EACH(live, const struct placement *, row) {
            if (row->version_id != use->version_id)
                continue;
            struct json *item = release(call, row), *links = json_get(item, "_links");
            if (!list) {
                list = json_new_array(call->arena);
                if (verdicts(call, use, n, list, err) < 0)
                    return err->code;
            }
            json_remove(item, "_links");
            json_set(call->arena, item, "verifications", json_copy(call->arena, list));
            json_set(call->arena, item, "_links", links);
            json_append(call->arena, ret_list, item);
        }
    }
    return 0;
}

bool method_page(struct call *call, struct page *page)
{
    if (!call_page(call, page))
        return false;
    if (page->size == 0)
        page->size = PAGE_SIZE;
    if (page->size > LIMIT_PAGE)
        page->size = LIMIT_PAGE;
    return true;
}

/* ---- inventory ---- */

int method_inventory(struct call *call, const struct document *row, struct inventory *ret,
                     struct err *err)
{
    struct json *tree = NULL;
    int code = json_parse(row->body, "stored inventory", call->arena, &tree, err);
    if (code < 0)
        return code;
    *ret = (struct inventory){json_get(tree, "methods"), row->number};
    return 0;
}

const struct json *inventory_find(const struct inventory *inventory, const char *name)
{
    for (size_t i = 0; i < json_len(inventory->methods); i++) {
        const struct json *item = json_at(inventory->methods, i);
        if (str_is(json_get_text(item, "name"), name))
            return item;
    }
    return NULL;
}

void inventory_show(struct call *call, const struct inventory *inventory, const char *name,
                    struct json *body)
{
    static const char *const keys[] = {"screens", "owner"};
    const struct json *item = inventory_find(inventory, name);
    for (size_t i = 0; i < 2; i++) {
        if (json_get(item, keys[i]))
            json_set(call->arena, body, keys[i], json_copy(call->arena, json_get(item, keys[i])));
    }
}
