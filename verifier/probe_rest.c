// SPDX-License-Identifier: Apache-2.0
/* The collections of an OpenAPI document, walked page by page. */
#include "verifier/probe_parts.h"

#include "lib/base/arena.h"

static const char CURSOR[] = "INT-005-CURSOR";
enum { EXCERPT = 400 };

struct rest_list {
    const struct adr_collection *collection;
    const char *path; /* parameters filled in, servers' prefix before it */
};

/* ---- where a collection is ---- */

/* The path of servers[0]: "https://api.example.com/mobile/" gives "/mobile". */
static struct str server_prefix(struct probe *probe, const struct json *document)
{
    struct str url = json_get_text(json_at(json_get(document, "servers"), 0), "url");
    struct str path = STR(""), query = STR_NONE;
    struct str base_path = STR(""), base = str_of(probe->config.base_url);
    if (!url.ptr || str_chr(url, '{') >= 0 || url_split_target(url, &path, &query, NULL) < 0 ||
        url_split_target(base, &base_path, &query, NULL) < 0)
        return STR("");
    while (path.len > 0 && path.ptr[path.len - 1] == '/')
        path.len--;
    return str_ends(base_path, path) ? STR("") : path; /* the base URL may have it already */
}

/* Fill {name}s in; absent when one has no value. */
static struct str fill_path(struct probe *probe, struct str template)
{
    struct str path = STR(""), rest = template;
    while (rest.ptr) {
        struct str literal = str_cut(&rest, '{');
        path = str_printf(probe->arena, "%.*s%.*s", STR_FMT(path), STR_FMT(literal));
        if (!rest.ptr)
            break;
        struct str name = str_cut(&rest, '}');
        struct str value = url_query_get(&probe->config.path_values, str_cstr(probe->arena, name));
        if (!value.ptr)
            return STR_NONE;
        path = str_printf(probe->arena, "%.*s%.*s", STR_FMT(path),
                          STR_FMT(url_encode(probe->arena, value)));
    }
    return path;
}

/* ---- the next cursor ---- */

/* A next page given as a link: its cursor is a parameter of it. Absent if it has none. */
static struct str cursor_of_link(struct probe *probe, const struct adr_collection *collection,
                                 struct str link)
{
    struct url_params params = {0};
    struct str query = link;
    str_cut(&query, '?');
    if (!query.ptr || url_query_parse(query, probe->arena, &params, NULL) < 0)
        return STR_NONE;
    return url_query_get(&params, str_cstr(probe->arena, collection->cursor_param));
}

/* `Link: <...>; rel="next"` (RFC 8288); absent if there is none. */
static struct str next_link(struct probe *probe, const struct headers *headers)
{
    struct str rest = headers_joined(headers, "Link", probe->arena);
    while (rest.ptr) {
        struct str before = str_cut(&rest, '<'), target = str_cut(&rest, '>');
        struct str params = rest;
        long end = str_chr(params, '<');
        (void)before;
        if (end >= 0)
            params = str_sub(params, 0, (size_t)end);
        if (str_find(params, STR("rel=\"next\"")) >= 0 || str_find(params, STR("rel=next")) >= 0)
            return target;
    }
    return STR_NONE;
}

static bool is_link(struct str text)
{
    return str_starts(text, STR("/")) || str_starts(text, STR("?")) ||
           str_starts(text, STR("http://")) || str_starts(text, STR("https://"));
}

/* Sets page->next, absent on the last page. Returns NULL or why the next page cannot be found. */
static const char *read_next(struct probe *probe, const struct adr_collection *collection,
                             const struct json *body, const struct headers *headers,
                             struct adr_page *page)
{
    struct str next;
    if (collection->next_key.ptr) {
        const char *pointer = arena_printf(probe->arena, "/%.*s", STR_FMT(collection->next_key));
        const struct json *value = json_pointer(body, pointer);
        if (json_is(value, JSON_OBJECT)) /* HAL */
            value = json_get(value, "href");
        next = json_text(value);
        if (value && !next.ptr && !json_is(value, JSON_NULL))
            return arena_printf(probe->arena, "'%.*s' is neither text nor null",
                                STR_FMT(collection->next_key));
    } else {
        next = next_link(probe, headers);
    }
    if (next.len == 0)
        return NULL;
    page->next = is_link(next) ? cursor_of_link(probe, collection, next) : next;
    return page->next.len > 0 ? NULL : "the link to the next page has no cursor";
}

/* ---- a page ---- */

static const char *read_rows(struct probe *probe, const struct adr_collection *collection,
                             const struct json *body, struct adr_page *page)
{
    const struct json *rows = body;
    if (collection->items_key.ptr)
        rows = json_find(body, collection->items_key);
    if (!json_is(rows, JSON_ARRAY))
        return collection->items_key.ptr
                   ? arena_printf(probe->arena, "the answer has no array '%.*s'",
                                  STR_FMT(collection->items_key))
                   : "the answer is no array";
    for (size_t i = 0; i < json_len(rows); i++) {
        struct str id = probe_row_id(probe, json_at(rows, i));
        if (!id.ptr)
            return "the rows have no id to tell them apart";
        *VEC_PUSH(probe->arena, &page->ids) = id;
    }
    return NULL;
}

static const char *page_url(struct probe *probe, const struct probe_list *list, struct str cursor)
{
    const struct rest_list *rest = list->context;
    struct url_params params = {0};
    if (cursor.ptr)
        *VEC_PUSH(probe->arena, &params) =
            (struct url_param){rest->collection->cursor_param, cursor};
    if (list->limit > 0)
        *VEC_PUSH(probe->arena, &params) =
            (struct url_param){rest->collection->limit_param,
                               str_printf(probe->arena, "%lld", (long long)list->limit)};
    struct str query = url_query_write(probe->arena, &params);
    const char *target =
        arena_printf(probe->arena, "%s%s%.*s", rest->path, query.len ? "?" : "", STR_FMT(query));
    return probe_url(probe, target);
}

static int rest_page(struct probe *probe, const struct probe_list *list, struct str cursor,
                     struct probe_page *ret, struct err *err)
{
    const struct rest_list *rest = list->context;
    struct probe_reply reply;
    struct err problem = ERR_INIT;
    struct json *body;
    int rc = probe_call(probe, page_url(probe, list, cursor), NULL, &reply, err);
    if (rc < 0)
        return rc;
    ret->seen.url = reply.url;
    ret->seen.status = reply.response.status;
    ret->excerpt = probe_excerpt(probe, reply.response.body, EXCERPT);
    ret->stopped = reply.problem;
    if (reply.problem.ptr)
        return 0;
    if (json_parse(reply.response.body, "answer", probe->arena, &body, &problem) < 0) {
        ret->stopped = str_printf(probe->arena, "%.*s answered no JSON (%d:%d: %s)",
                                  STR_FMT(reply.url), problem.line, problem.column, problem.text);
        return 0;
    }
    ret->excerpt = probe_rows_excerpt(probe, body, EXCERPT);
    const char *why = read_rows(probe, rest->collection, body, &ret->seen);
    if (!why)
        why = read_next(probe, rest->collection, body, &reply.response.headers, &ret->seen);
    if (why)
        ret->stopped = str_printf(probe->arena, "%s (%.*s)", why, STR_FMT(reply.url));
    return 0;
}

/* ---- all collections ---- */

static void add_unwalked(struct probe *probe, struct str subject, const char *text,
                         const char *next)
{
    struct adr_finding *finding =
        probe_add(probe, CURSOR, ADR_INCONCLUSIVE, ADR_LIVE, subject, str_of(text), next);
    const char *url = probe_url(probe, probe->config.openapi);
    probe_evidence_text(probe, finding, "url", probe_shown_url(probe, str_of(url)));
    probe_evidence_text(probe, finding, "reproduce",
                        probe_curl(probe, probe_shown_url(probe, str_of(url))));
}

static int walk_collection(struct probe *probe, const struct adr_collection *collection,
                           struct str prefix, struct err *err)
{
    struct str subject = str_printf(probe->arena, "GET %.*s", STR_FMT(collection->path));
    struct str path = fill_path(probe, collection->path);
    if (!collection->cursor_param.ptr) {
        add_unwalked(probe, subject, "the list cannot be walked: it takes no cursor",
                     "let the list page by cursor, then probe again");
        return 0;
    }
    if (!path.ptr) {
        add_unwalked(probe, subject, "the list cannot be walked: its path has parameters",
                     "give their values with --path-value NAME=VALUE");
        return 0;
    }
    const struct rest_list rest = {
        .collection = collection,
        .path = arena_printf(probe->arena, "%.*s%.*s", STR_FMT(prefix), STR_FMT(path)),
    };
    const struct probe_list list = {
        .subject = subject,
        .rule = CURSOR,
        .limit = collection->limit_param.ptr ? probe->config.page_size : 0,
        .again = "",
        .page = rest_page,
        .context = &rest,
    };
    return probe_walk(probe, &list, err);
}

int probe_rest(struct probe *probe, const struct json *document, struct err *err)
{
    struct adr_collections collections = {0};
    int rc = adr_collections(document, probe->arena, &collections, err);
    struct str prefix = server_prefix(probe, document);
    for (size_t i = 0; rc == 0 && i < collections.len; i++)
        rc = walk_collection(probe, &collections.items[i], prefix, err);
    return rc;
}
