// SPDX-License-Identifier: Apache-2.0
#include "broker/negotiate.h"

#include <string.h>

#include "broker/call.h"
#include "lib/wire/media.h"

static const char *const offers_hal[] = {"application/hal+json"};
static const char *const offers_hal_text[] = {"application/hal+json", "text/plain"};
static const char *const offers_text_hal[] = {"text/plain", "application/hal+json"};
static const char *const offers_index[] = {"application/hal+json", "text/html"};
/* The page is for contracts only. */
static const char *const offers_pact[] = {"application/hal+json", "application/json",
                                          "application/vnd.pactbrokerextended.v1+json",
                                          "text/html"};
static const char *const offers_text[] = {"text/plain"};
static const char *const offers_csv[] = {"text/csv"};
static const char *const offers_graph[] = {"application/hal+json", "text/vnd.graphviz"};
static const char *const offers_svg[] = {"image/svg+xml"};
static const char *const offers_html[] = {"text/html"};
static const char *const offers_any[] = {"application/hal+json", "*/*"};

static const struct {
    const char *const *types;
    size_t n;
} offers[] = {
    [OFFER_HAL] = {offers_hal, 1},           [OFFER_HAL_TEXT] = {offers_hal_text, 2},
    [OFFER_PACT] = {offers_pact, 3},         [OFFER_PACT_PAGE] = {offers_pact, 4},
    [OFFER_INDEX] = {offers_index, 2},       [OFFER_TEXT] = {offers_text, 1},
    [OFFER_TEXT_HAL] = {offers_text_hal, 2}, [OFFER_CSV] = {offers_csv, 1},
    [OFFER_HAL_GRAPH] = {offers_graph, 2},   [OFFER_HTML] = {offers_html, 1},
    [OFFER_SVG] = {offers_svg, 1},           [OFFER_ANY] = {offers_any, 1},
};

static const struct {
    const char *suffix, *type;
} extensions[] = {{".json", "application/hal+json"},
                  {".csv", "text/csv"},
                  {".svg", "image/svg+xml"},
                  {".yaml", "application/yaml"}};

struct str negotiate_extension(struct str *path, struct str accept)
{
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        if (str_ends(*path, str_of(extensions[i].suffix))) {
            path->len -= strlen(extensions[i].suffix);
            return str_of(extensions[i].type);
        }
    }
    return accept;
}

/* Whoever names one of these is a program, and gets no page in place of the index. */
static bool names_data(struct str accept)
{
    static const char *const words[] = {"json", "csv", "yaml", "plain"};
    for (size_t i = 0; accept.ptr && i < sizeof words / sizeof *words; i++) {
        if (str_find(accept, str_of(words[i])) >= 0)
            return true;
    }
    return false;
}

bool negotiate_type(struct call *call, struct str accept)
{
    enum offer offer = call->route->offer;
    call->type = offers[offer].types[0];
    if (offer == OFFER_ANY)
        return true;
    if (offer == OFFER_INDEX && names_data(accept))
        offer = OFFER_HAL;
    int best = media_negotiate(accept, offers[offer].types, offers[offer].n);
    if (best < 0)
        return false;
    call->type = offers[offer].types[best];
    return true;
}

bool negotiate_for_browser(const struct call *call, struct str accept)
{
    static const char *const types[] = {"application/hal+json", "text/plain", "text/html"};
    enum offer offer = call->route->offer;
    bool data = offer == OFFER_HAL || offer == OFFER_HAL_TEXT || offer == OFFER_HAL_GRAPH ||
                (offer == OFFER_INDEX && names_data(accept));
    return call->page && data && strcmp(call->route->method, "GET") == 0 &&
           media_negotiate(accept, types, 3) == 2;
}

bool negotiate_body(const struct call *call, struct str content_type)
{
    struct media media = {0};
    if (call->route->accepts == ACCEPTS_NONE)
        return true;
    if (!content_type.ptr || media_parse(content_type, call->arena, &media, NULL) < 0)
        return false;
    struct str base = media_base(&media, call->arena);
    bool json = str_is(base, "application/json"),
         merge = str_is(base, "application/merge-patch+json");
    switch (call->route->accepts) {
    case ACCEPTS_JSON:
        return json;
    case ACCEPTS_MERGE:
        return merge;
    case ACCEPTS_JSON_OR_MERGE:
        return json || merge;
    case ACCEPTS_NONE:
        break;
    }
    return true;
}
