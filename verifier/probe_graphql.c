// SPDX-License-Identifier: Apache-2.0
/* The connections at the root of Query, walked by first and after. Source: Relay's cursor
 * connections specification; adr-checks, INT-005-CONNECTION-LIVE. */
#include "verifier/probe_parts.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/graphql/ast.h"
#include "lib/graphql/schema.h"

static const char LIVE[] = "INT-005-CONNECTION-LIVE";
enum { EXCERPT = 400, TYPE_MAX = 256 };

struct connection {
    struct str field;
    const char *query;
};

/* ---- which fields, by which query ---- */

static const struct gql_field_def *argument(const struct gql_field_def *field, const char *name)
{
    VEC_EACH(&field->arguments, struct gql_field_def **, item) {
        if (str_is((*item)->name, name))
            return *item;
    }
    return NULL;
}

static const struct gql_definition *type_of(const struct gql_schema *schema,
                                            const struct gql_definition *owner, const char *name)
{
    const struct gql_field_def *field = owner ? gql_type_field(owner, str_of(name)) : NULL;
    return field ? gql_schema_type(schema, gql_type_name(field->type)) : NULL;
}

/* An argument, not ours to fill, that the field insists on; absent if there is none. */
static struct str needed_argument(const struct gql_field_def *field)
{
    VEC_EACH(&field->arguments, struct gql_field_def **, item) {
        bool needed = (*item)->type->kind == GQL_NON_NULL && !(*item)->fallback;
        if (needed && !str_is((*item)->name, "first") && !str_is((*item)->name, "after"))
            return (*item)->name;
    }
    return STR_NONE;
}

/* Why the field cannot be walked; NULL if it can, with the query in *ret. */
static const char *make_query(struct probe *probe, const struct gql_schema *schema,
                              const struct gql_field_def *field, const char **ret)
{
    const struct gql_definition *connection = gql_schema_type(schema, gql_type_name(field->type));
    const struct gql_definition *node =
        type_of(schema, type_of(schema, connection, "edges"), "node");
    const struct gql_definition *info = type_of(schema, connection, "pageInfo");
    const struct gql_field_def *first = argument(field, "first"), *after = argument(field, "after");
    struct str needed = needed_argument(field);
    struct buf first_type BUF_AUTO = BUF_INIT(TYPE_MAX), after_type BUF_AUTO = BUF_INIT(TYPE_MAX);
    if (!first || !after)
        return "it takes no first and after";
    if (!info || !gql_type_field(info, STR("hasNextPage")) ||
        !gql_type_field(info, STR("endCursor")))
        return "its pageInfo lacks hasNextPage or endCursor";
    if (!node || !gql_type_field(node, STR("id")))
        return "its nodes have no id to tell them apart";
    if (needed.ptr)
        return arena_printf(probe->arena, "its argument '%.*s' needs a value", STR_FMT(needed));
    gql_print_type(first->type, &first_type);
    gql_print_type(after->type, &after_type);
    *ret = arena_printf(
        probe->arena,
        "query TallyProbe($first: %.*s, $after: %.*s) { %.*s(first: $first, after: $after) { "
        "edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }",
        STR_FMT(buf_view(&first_type)), STR_FMT(buf_view(&after_type)), STR_FMT(field->name));
    return NULL;
}

/* ---- a page ---- */

static struct json *request_body(struct probe *probe, const struct probe_list *list,
                                 struct str cursor)
{
    const struct connection *connection = list->context;
    struct arena *arena = probe->arena;
    struct json *body = json_new_object(arena), *variables = json_new_object(arena);
    json_set(arena, body, "operationName", json_new_text(arena, "TallyProbe"));
    json_set(arena, body, "query", json_new_text(arena, connection->query));
    json_set(arena, variables, "first", json_new_int(arena, list->limit));
    if (cursor.ptr)
        json_set(arena, variables, "after", json_new_str(arena, cursor));
    json_set(arena, body, "variables", variables);
    return body;
}

/* Returns NULL or what is wrong with the answer: broken, unless rows cannot be told apart. */
static const char *read_page(struct probe *probe, const struct json *value, struct probe_page *ret)
{
    const struct json *edges = json_get(value, "edges"), *info = json_get(value, "pageInfo");
    struct str last = STR_NONE, end = json_get_text(info, "endCursor");
    if (!json_is(edges, JSON_ARRAY) || !json_is(json_get(info, "hasNextPage"), JSON_BOOL))
        return "the answer has no edges or no pageInfo";
    for (size_t i = 0; i < json_len(edges); i++) {
        struct str id = probe_row_id(probe, json_at(edges, i));
        if (!id.ptr)
            return "a node has no id";
        *VEC_PUSH(probe->arena, &ret->seen.ids) = id;
        last = json_get_text(json_at(edges, i), "cursor");
    }
    ret->broken = true; /* it answered, and not what a connection promises */
    if (json_len(edges) > 0 && (!end.ptr || !str_eq(end, last)))
        return "endCursor is not the cursor of the last edge";
    ret->seen.next = json_bool(json_get(info, "hasNextPage")) ? end : STR_NONE;
    if (json_bool(json_get(info, "hasNextPage")) && end.len == 0)
        return "there is a next page and no endCursor";
    ret->broken = false;
    return NULL;
}

static int connection_page(struct probe *probe, const struct probe_list *list, struct str cursor,
                           struct probe_page *ret, struct err *err)
{
    const struct connection *connection = list->context;
    struct probe_reply reply;
    struct json *body = NULL;
    int rc = probe_call(probe, probe_url(probe, probe->config.graphql),
                        request_body(probe, list, cursor), &reply, err);
    if (rc < 0)
        return rc;
    ret->seen.url = reply.url;
    ret->seen.status = reply.response.status;
    ret->excerpt = probe_excerpt(probe, reply.response.body, EXCERPT);
    ret->stopped = reply.problem;
    if (reply.problem.ptr)
        return 0;
    if (json_parse(reply.response.body, "answer", probe->arena, &body, NULL) < 0) {
        ret->stopped = str_printf(probe->arena, "%.*s answered no JSON", STR_FMT(reply.url));
        return 0;
    }
    ret->excerpt = probe_rows_excerpt(probe, body, EXCERPT);
    const struct json *value = json_find(json_get(body, "data"), connection->field);
    struct str message = json_get_text(json_at(json_get(body, "errors"), 0), "message");
    if (!json_is(value, JSON_OBJECT) || message.ptr) {
        ret->stopped = str_printf(
            probe->arena, "%.*s answered with an error: %.*s", STR_FMT(reply.url),
            STR_FMT(message.ptr ? str_sub(message, 0, 200) : STR("no data and no message")));
        return 0;
    }
    const char *why = read_page(probe, value, ret);
    if (why)
        ret->stopped = str_printf(probe->arena, "%s (%.*s)", why, STR_FMT(reply.url));
    return 0;
}

/* ---- all connections ---- */

static int walk_field(struct probe *probe, const struct gql_schema *schema,
                      const struct gql_definition *query, const struct gql_field_def *field,
                      struct err *err)
{
    struct connection connection = {.field = field->name};
    struct str subject =
        str_printf(probe->arena, "%.*s.%.*s", STR_FMT(query->name), STR_FMT(field->name));
    const char *why = make_query(probe, schema, field, &connection.query);
    if (why) {
        probe_note(probe, "%.*s was not walked: %s", STR_FMT(subject), why);
        return 0;
    }
    const struct probe_list list = {
        .subject = subject,
        .rule = LIVE,
        .limit = probe->config.page_size,
        .again = "",
        .page = connection_page,
        .context = &connection,
    };
    size_t from = probe->findings.len;
    int rc = probe_walk(probe, &list, err);
    for (size_t i = from; i < probe->findings.len; i++)
        probe_evidence_text(probe, &probe->findings.items[i], "query", str_of(connection.query));
    return rc;
}

int probe_graphql(struct probe *probe, struct str sdl, const char *source, struct err *err)
{
    struct gql_document *document = NULL;
    struct gql_schema *schema = NULL;
    if (probe_is_off(probe->config.graphql)) {
        probe_note(probe, "no GraphQL connection was walked (--graphql none)");
        return 0;
    }
    int rc = gql_parse(sdl, source, probe->arena, &document, err);
    if (rc == 0)
        rc = gql_schema_build(document, source, probe->arena, &schema, err);
    if (rc < 0)
        return rc;
    const struct gql_definition *query = gql_schema_root(schema, GQL_QUERY);
    for (size_t i = 0; query && rc == 0 && i < query->fields.len; i++) {
        const struct gql_field_def *field = query->fields.items[i];
        if (str_ends(gql_type_name(field->type), STR("Connection")))
            rc = walk_field(probe, schema, query, field, err);
    }
    return rc;
}
