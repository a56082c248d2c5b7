// SPDX-License-Identifier: Apache-2.0
#include "broker/pact_view.h"

#include "broker/call.h"
#include "broker/links.h"
#include "broker/metadata.h"
#include "broker/pact_page.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/json/json.h"

enum { USUAL_LINKS = 8 * 1024 };

struct view {
    struct call *call;
    const struct publication *pact;
    struct json *links;
    const char *pair; /* URL of the two */
};

static void add(struct view *view, const char *rel, struct json *link)
{
    json_set(view->call->arena, view->links, rel, link);
}

/* A link below the pair's URL. */
static const char *below(struct view *view, const char *rest)
{
    return arena_printf(view->call->arena, "%s%s", view->pair, rest);
}

static int add_versions(struct view *view, const char *metadata, struct err *err)
{
    struct call *call = view->call;
    struct metadata decoded;
    if (!metadata)
        return 0;
    metadata_decode(call->arena, metadata, &decoded);
    struct json *list = json_new_array(call->arena);
    VEC_EACH(&decoded.consumer_version_ids, const int64_t *, id) {
        struct version version;
        int code = store_version_by_id(call->store, *id, call->arena, &version, err);
        if (code < 0)
            return code;
        if (code > 0)
            json_append(call->arena, list,
                        link_make(call, "tnh", "Consumer version", version.number,
                                  link_version(call, version.pacticipant, version.number)));
    }
    if (json_len(list) > 0)
        add(view, "pb:consumer-versions", list);
    return 0;
}

static void add_relations(struct view *view)
{
    struct call *call = view->call;
    const struct publication *pact = view->pact;
    add(view, "pb:latest-pact-version",
        link_make(call, "th", "Latest version of this pact", below(view, "/latest")));
    add(view, "pb:all-pact-versions",
        link_make(call, "th", "All versions of this pact", below(view, "/versions")));
    add(view, "pb:latest-untagged-pact-version",
        link_make(call, "th", "Latest untagged version of this pact",
                  below(view, "/latest-untagged")));
    add(view, "pb:latest-tagged-pact-version",
        link_make(call, "thT", "Latest tagged version of this pact", below(view, "/latest/{tag}")));
    const char *self = link_pact(call, pact);
    add(view, "pb:previous-distinct",
        link_make(call, "th", "Previous distinct version of this pact",
                  arena_printf(call->arena, "%s/previous-distinct", self)));
    add(view, "pb:diff-previous-distinct",
        link_make(call, "th", "Diff with previous distinct version of this pact",
                  arena_printf(call->arena, "%s/diff/previous-distinct", self)));
    add(view, "pb:diff",
        link_make(call, "thT", "Diff with another specified version of this pact",
                  arena_printf(call->arena, "%s/pact-version/%s/diff/pact-version/{pactVersion}",
                               view->pair, pact->sha)));
    add(view, "pb:pact-webhooks",
        link_make(
            call, "th",
            arena_printf(call->arena, "Webhooks for the pact between %s and %s", pact->consumer,
                         pact->provider),
            link_to(call, "/webhooks/provider/{}/consumer/{}", pact->provider, pact->consumer)));
    add(view, "pb:consumer-webhooks",
        link_make(
            call, "th",
            arena_printf(call->arena, "Webhooks for all pacts with provider %s", pact->provider),
            link_to(call, "/webhooks/consumer/{}", pact->consumer)));
    const char *tags =
        arena_printf(call->arena, "%s/tags", link_version(call, pact->consumer, pact->number));
    add(view, "pb:tag-prod-version",
        link_make(call, "th", "PUT to this resource to tag this consumer version as 'production'",
                  arena_printf(call->arena, "%s/prod", tags)));
    add(view, "pb:tag-version",
        link_make(call, "th", "PUT to this resource to tag this consumer version",
                  arena_printf(call->arena, "%s/{tag}", tags)));
}

/* As the value of a form: Rack writes the names and values of a query like one. */
static const char *form_value(struct call *call, const char *text)
{
    struct str encoded = url_encode(call->arena, str_of(text));
    struct buf out BUF_AUTO = BUF_INIT(16 * LIMIT_HTTP_LINE);
    for (size_t i = 0; i < encoded.len; i++) {
        bool space = str_starts(str_sub(encoded, i, 3), STR("%20"));
        buf_putc(&out, space ? '+' : encoded.ptr[i]);
        i += space ? 2 : 0;
    }
    return arena_strndup(call->arena, buf_view(&out).ptr, out.len);
}

static const char *matrix_url(struct call *call, const struct publication *pact)
{
    return arena_printf(call->arena,
                        "%s/matrix?q%%5B%%5D%%5Bpacticipant%%5D=%s&q%%5B%%5D%%5Bversion%%5D=%s"
                        "&latestby=cvpv",
                        call->base, form_value(call, pact->consumer),
                        form_value(call, pact->number));
}

static int build_links(struct view *view, const char *metadata, struct err *err)
{
    struct call *call = view->call;
    const struct publication *pact = view->pact;
    const char *name = link_pact_name(call, pact);
    add(view, "self", link_make(call, "tnh", "Pact", name, link_pact(call, pact)));
    add(view, "pb:consumer",
        link_make(call, "tnh", "Consumer", pact->consumer, link_pacticipant(call, pact->consumer)));
    add(view, "pb:consumer-version",
        link_make(call, "tnh", "Consumer version", pact->number,
                  link_version(call, pact->consumer, pact->number)));
    int code = add_versions(view, metadata, err);
    if (code < 0)
        return code;
    add(view, "pb:provider",
        link_make(call, "tnh", "Provider", pact->provider, link_pacticipant(call, pact->provider)));
    const char *content = arena_printf(call->arena, "%s/pact-version/%s", view->pair, pact->sha);
    add(view, "pb:pact-version",
        link_make(call, "tnh", "Pact content version permalink", pact->sha, content));
    add_relations(view);
    const char *publish = metadata
                              ? arena_printf(call->arena, "%s/metadata/%s/verification-results",
                                             content, url_encode(call->arena, str_of(metadata)).ptr)
                              : arena_printf(call->arena, "%s/verification-results", content);
    add(view, "pb:publish-verification-results",
        link_make(call, "th", "Publish verification results", publish));
    add(view, "pb:latest-verification-results",
        link_make(call, "h", arena_printf(call->arena, "%s/verification-results/latest", content)));
    add(view, "pb:triggered-webhooks",
        link_make(call, "th", "Webhooks triggered by the publication of this pact",
                  arena_printf(call->arena, "%s/triggered-webhooks", link_pact(call, pact))));
    add(view, "pb:matrix-for-consumer-version",
        link_make(call, "th",
                  "View matrix rows for the consumer version to which this pact belongs",
                  matrix_url(call, pact)));
    link_curies(call, view->links, "pact");
    return 0;
}

/* The hot path: the stored text is not parsed, the two members are appended to it. */
static struct str append_members(struct call *call, struct str content, const char *created_at,
                                 const struct json *links)
{
    struct buf out BUF_AUTO = BUF_INIT(2 * (size_t)LIMIT_BROKER_BODY);
    buf_reserve(&out, content.len + USUAL_LINKS);
    buf_append(&out, content.ptr, content.len - 1);
    buf_printf(&out, ",\"createdAt\":\"%s\",\"_links\":", created_at);
    json_write(links, JSON_COMPACT, &out);
    buf_putc(&out, '}');
    return str_dup(call->arena, buf_view(&out));
}

static int extended(struct call *call, int status, const struct publication *pact,
                    struct json *content, struct json *links, struct err *err)
{
    struct json *body = json_new_object(call->arena), *embedded = json_new_object(call->arena);
    struct json *list = json_new_array(call->arena);
    struct tags tags = {0};
    int code = store_tags(call->store, pact->consumer_version_id, call->arena, &tags, err);
    if (code < 0)
        return code;
    VEC_EACH(&tags, const struct tag *, tag) {
        if (!tag->latest)
            continue;
        struct json *item = json_new_object(call->arena), *own = json_new_object(call->arena);
        call_set(call, item, "name", tag->name);
        json_set(call->arena, item, "latest", json_new_bool(call->arena, true));
        json_set(call->arena, own, "self",
                 link_make(call, "tnh", "Tag", tag->name,
                           link_to(call, "/pacticipants/{}/versions/{}/tags/{}", pact->consumer,
                                   pact->number, tag->name)));
        json_set(call->arena, own, "pb:latest-pact",
                 link_make(call, "h",
                           link_to(call, "/pacts/provider/{}/consumer/{}/latest/{}", pact->provider,
                                   pact->consumer, tag->name)));
        json_set(call->arena, item, "_links", own);
        json_append(call->arena, list, item);
    }
    call_set(call, body, "createdAt", call_time(call, pact->created_at));
    json_set(call->arena, body, "contract", content);
    json_set(call->arena, embedded, "tags", list);
    json_set(call->arena, body, "_embedded", embedded);
    json_set(call->arena, body, "_links", links);
    call_json(call, status, body);
    call->content_type = "application/vnd.pactbrokerextended.v1+json;charset=utf-8";
    return 0;
}

int pact_view(struct call *call, int status, const struct publication *pact, const char *metadata,
              struct err *err)
{
    struct view view = {
        call, pact, json_new_object(call->arena),
        link_to(call, "/pacts/provider/{}/consumer/{}", pact->provider, pact->consumer)};
    struct str content = STR_NONE;
    bool plain = false;
    int code =
        store_pact_content(call->store, pact->pact_version_id, call->arena, &content, &plain, err);
    if (code >= 0)
        code = build_links(&view, metadata, err);
    if (code < 0)
        return code;
    if (strcmp(call->type, "text/html") == 0)
        return pact_page(call, pact, content, err);
    bool wants_extended = strstr(call->type, "extended") != NULL;
    const char *created_at = call_time(call, pact->created_at);
    const char *type =
        strcmp(call->type, "application/json") == 0 ? "application/json;charset=utf-8" : CALL_HAL;
    if (plain && !wants_extended)
        return call_text(call, status, type, append_members(call, content, created_at, view.links));
    struct json *body = NULL;
    code = json_parse(content, "stored contract", call->arena, &body, err);
    if (code < 0)
        return code;
    if (wants_extended)
        return extended(call, status, pact, body, view.links, err);
    if (json_is(body, JSON_OBJECT)) {
        call_set(call, body, "createdAt", created_at);
        json_set(call->arena, body, "_links", view.links);
    }
    call_json(call, status, body);
    call->content_type = type;
    return 0;
}

struct json *pact_view_item(struct call *call, const struct publication *pact)
{
    struct arena *arena = call->arena;
    struct json *item = json_new_object(arena), *embedded = json_new_object(arena),
                *version = json_new_object(arena), *links = json_new_object(arena),
                *own = json_new_object(arena);
    call_set(call, item, "createdAt", call_time(call, pact->created_at));
    call_set(call, version, "number", pact->number);
    json_set(arena, own, "self",
             link_make(call, "tnh", "Version", pact->number,
                       link_version(call, pact->consumer, pact->number)));
    json_set(arena, version, "_links", own);
    json_set(arena, embedded, "consumerVersion", version);
    json_set(arena, item, "_embedded", embedded);
    json_set(arena, links, "self",
             link_make(call, "ht", link_pact(call, pact),
                       link_dated_version(call, pact->number, pact->created_at)));
    json_set(arena, item, "_links", links);
    return item;
}
