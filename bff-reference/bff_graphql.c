// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/bff_routes.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/graphql/exec.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "lib/wire/media.h"
#include "bff-reference/bff.h"
#include "bff-reference/bff_fetch.h"

/* What one request may ask: root fields fetched, and selections walked to find them. */
enum { ROOTS_MAX = 20, WALK_MAX = 1000, WALK_DEPTH = 16 };

/* One request: all root fields are fetched first, side by side, then the operation is executed. */
struct gather {
    struct bff *bff;
    struct exchange *exchange;
    struct arena *arena;
    const char *content_type;
    struct gql_exec exec;
    struct map *fetches; /* "name{arguments}" -> struct bff_fetch */
    size_t waiting;
    int walked;
    const char *refusal; /* why the arguments of a root field cannot be read; NULL = they can */
};

/* Root fields and where they come from. */
static const struct {
    const char *name;
    enum service service;
    bool single;
    const char *id; /* NULL: of the argument */
} roots[] = {
    {"me", SERVICE_USER, true, "me"},
    {"transaction", SERVICE_TRANSACTION, true, NULL},
    {"transactions", SERVICE_TRANSACTION, false, NULL},
    {"products", SERVICE_PRODUCT, false, NULL},
    {"notification", SERVICE_NOTIFICATION, true, NULL},
};

/* ---- answers ---- */

static void reply_error(struct gather *gather, int status, const char *message, const char *code)
{
    struct arena *arena = gather->arena;
    struct json *body = json_new_object(arena), *errors = json_new_array(arena);
    struct json *error = json_new_object(arena), *extensions = json_new_object(arena);
    json_set(arena, extensions, "code", json_new_text(arena, code));
    json_set(arena, error, "message", json_new_text(arena, message));
    json_set(arena, error, "extensions", extensions);
    json_append(arena, errors, error);
    json_set(arena, body, "errors", errors);
    bff_reply(gather->exchange, status, gather->content_type,
              json_to_str(arena, body, JSON_COMPACT));
}

/* Every error has a code: the executor's own errors are the client's, unless data was begun. */
static void add_codes(struct gather *gather, struct json *response)
{
    struct arena *arena = gather->arena;
    struct json *errors = json_get(response, "errors");
    const char *code = json_get(response, "data") ? "INTERNAL" : "GRAPHQL_VALIDATION_FAILED";
    for (size_t i = 0; i < json_len(errors); i++) {
        struct json *error = json_at(errors, i);
        if (json_get(json_get(error, "extensions"), "code"))
            continue;
        struct json *extensions = json_new_object(arena);
        json_set(arena, extensions, "code", json_new_text(arena, code));
        json_set(arena, error, "extensions", extensions);
    }
}

static struct json *page_info(struct bff_fetch *fetch, struct str end_cursor)
{
    struct arena *arena = fetch->arena;
    struct json *info = json_new_object(arena);
    bool some = json_len(fetch->view) > 0;
    json_set(arena, info, "hasNextPage", json_new_bool(arena, fetch->has_next));
    json_set(arena, info, "hasPreviousPage", json_new_bool(arena, fetch->page.continued));
    json_set(arena, info, "startCursor",
             some ? json_new_str(arena, bff_fetch_cursor(fetch, 0)) : json_new_null(arena));
    json_set(arena, info, "endCursor",
             some ? json_new_str(arena, end_cursor) : json_new_null(arena));
    return info;
}

static struct json *connection(struct bff_fetch *fetch)
{
    struct arena *arena = fetch->arena;
    struct json *value = json_new_object(arena), *edges = json_new_array(arena);
    struct str last = STR_NONE;
    for (size_t i = 0; i < json_len(fetch->view); i++) {
        struct json *edge = json_new_object(arena);
        last = bff_fetch_cursor(fetch, i);
        json_set(arena, edge, "cursor", json_new_str(arena, last));
        json_set(arena, edge, "node", json_copy(arena, json_at(fetch->view, i)));
        json_append(arena, edges, edge);
    }
    json_set(arena, value, "edges", edges);
    /* The same as the last edge's, unless a fault lets pages overlap. */
    json_set(arena, value, "pageInfo",
             page_info(fetch, fetch->next_cursor.ptr ? fetch->next_cursor : last));
    return value;
}

static struct json *page_value(struct bff_fetch *fetch)
{
    struct arena *arena = fetch->arena;
    struct json *value;
    if (bff_fault(fetch->bff, FAULT_OFFSET_PAGING)) {
        value = json_new_object(arena);
        json_set(arena, value, "items", json_copy(arena, fetch->view));
        json_set(arena, value, "page", json_new_int(arena, fetch->page.number));
        json_set(arena, value, "size", json_new_int(arena, fetch->page.limit));
    } else {
        value = connection(fetch);
    }
    if (fetch->service == SERVICE_TRANSACTION) {
        json_set(arena, value, "watermark", json_copy(arena, fetch->watermark));
        json_set(arena, value, "deleted",
                 fetch->deleted ? json_copy(arena, fetch->deleted) : json_new_array(arena));
    }
    return value;
}

/* ---- execution ---- */

static struct str fetch_key(struct str field, const struct json *arguments, struct arena *arena)
{
    struct str text =
        arguments ? json_to_str(arena, arguments, JSON_COMPACT | JSON_SORTED) : STR("{}");
    return str_printf(arena, "%.*s%.*s", STR_FMT(field), STR_FMT(text));
}

static struct json *resolve(void *context, const struct gql_definition *type,
                            const struct gql_field_def *field, const struct json *parent,
                            const struct json *arguments, struct arena *arena,
                            const char **ret_error, const char **ret_code)
{
    const struct gather *gather = context;
    (void)type;
    if (parent)
        return NULL; /* views have all their fields; one that is not there is null */
    struct bff_fetch *fetch = map_get(gather->fetches, fetch_key(field->name, arguments, arena));
    if (!fetch) {
        *ret_error = "the field was not fetched";
        *ret_code = problem_code(PROBLEM_INTERNAL);
        return NULL;
    }
    if (fetch->problem.kind) {
        *ret_error = fetch->problem.detail;
        *ret_code = problem_code(fetch->problem.kind);
        return NULL;
    }
    return fetch->id.ptr ? fetch->view : page_value(fetch);
}

static void execute(struct gather *gather)
{
    struct json *response;
    if (gql_execute(&gather->exec, gather->arena, &response, NULL)) {
        reply_error(gather, 400, "the operation is too large", "BAD_REQUEST");
        return;
    }
    /* The executor tells a field's bad arguments beside data, but nothing was fetched for it. */
    if (gather->refusal && json_get(response, "data")) {
        reply_error(gather, 400, gather->refusal, "GRAPHQL_VALIDATION_FAILED");
        return;
    }
    add_codes(gather, response);
    bff_reply(gather->exchange, json_get(response, "data") ? 200 : 400, gather->content_type,
              json_to_str(gather->arena, response, JSON_COMPACT));
}

static void release_one(struct gather *gather)
{
    if (--gather->waiting == 0)
        execute(gather);
}

static void on_fetched(struct bff_fetch *fetch)
{
    release_one(fetch->context);
}

/* ---- finding the root fields ---- */

static struct str argument_text(const struct json *arguments, const char *name)
{
    const struct json *value = json_get(arguments, name);
    return json_is(value, JSON_NULL) ? STR_NONE : json_text(value);
}

static struct bff_fetch *fetch_of(struct gather *gather, size_t root, const struct json *arguments)
{
    struct bff_fetch *fetch = ARENA_NEW(gather->arena, struct bff_fetch);
    enum service service = roots[root].service;
    *fetch = (struct bff_fetch){.bff = gather->bff,
                                .arena = gather->arena,
                                .service = service,
                                .done = on_fetched,
                                .context = gather};
    if (roots[root].single) {
        fetch->id = roots[root].id ? str_of(roots[root].id) : argument_text(arguments, "id");
        return fetch;
    }
    struct bff_page_input input = {.limit = argument_text(arguments, "first"),
                                   .cursor = argument_text(arguments, "after"),
                                   .since = argument_text(arguments, "since"),
                                   .page = argument_text(arguments, "page"),
                                   .size = argument_text(arguments, "size")};
    bff_page_read(gather->bff, service, &input, gather->arena, &fetch->page, &fetch->problem);
    return fetch;
}

/* Fields that are not the schema's are left to the executor to refuse. */
static void want(struct gather *gather, const struct gql_selection *selection)
{
    const struct gql_definition *query = gql_schema_root(gather->bff->schema, GQL_QUERY);
    const struct gql_field_def *field = gql_type_field(query, selection->name);
    struct err err = ERR_INIT;
    struct json *arguments =
        field ? gql_arguments(&gather->exec, field, selection, gather->arena, &err) : NULL;
    if (err.code && !gather->refusal)
        gather->refusal = arena_strdup(gather->arena, err.text);
    if (!field || err.code || map_len(gather->fetches) > ROOTS_MAX)
        return;
    void **slot = map_slot(gather->fetches, fetch_key(field->name, arguments, gather->arena));
    for (size_t i = 0; !*slot && i < sizeof roots / sizeof *roots; i++)
        if (str_is(field->name, roots[i].name))
            *slot = fetch_of(gather, i, arguments);
}

/* Fragments may name each other in circles, and many times: the walk is bounded both ways. */
static void find_roots(struct gather *gather, const struct gql_selections *selections, int depth)
{
    for (size_t i = 0; selections && i < selections->len && depth < WALK_DEPTH; i++) {
        const struct gql_selection *selection = selections->items[i];
        if (++gather->walked > WALK_MAX)
            return;
        if (selection->kind == GQL_FIELD) {
            want(gather, selection);
        } else if (selection->kind == GQL_INLINE) {
            find_roots(gather, selection->selections, depth + 1);
        } else {
            const struct gql_definition *fragment =
                gql_fragment(gather->exec.document, selection->name);
            find_roots(gather, fragment ? fragment->selections : NULL, depth + 1);
        }
    }
}

static void gather_start(struct gather *gather)
{
    const struct gql_definition *operation =
        gql_operation(gather->exec.document, gather->exec.operation_name);
    if (operation && operation->kind == GQL_QUERY)
        find_roots(gather, operation->selections, 0);
    if (gather->walked > WALK_MAX || map_len(gather->fetches) > ROOTS_MAX) {
        reply_error(gather, 400, "the operation asks for too much at once", "BAD_REQUEST");
        return;
    }
    if (gather->refusal) {
        execute(gather);
        return;
    }
    gather->waiting = 1 + map_len(gather->fetches); /* one for this loop itself */
    for (size_t i = 0; i < map_len(gather->fetches); i++) {
        struct bff_fetch *fetch = map_at(gather->fetches, i)->value;
        if (!fetch || fetch->problem.kind)
            gather->waiting--; /* refused before it was asked */
        else
            bff_fetch_start(fetch);
    }
    release_one(gather);
}

/* ---- the request ---- */

static bool is_json(struct exchange *exchange)
{
    struct media media;
    struct str type = headers_get(&exchange->request.headers, "Content-Type");
    return type.ptr && media_parse(type, exchange->arena, &media, NULL) == 0 &&
           media_kind(&media) == MEDIA_JSON;
}

static bool read_body(struct gather *gather, const struct json *body)
{
    struct err err = ERR_INIT;
    struct gql_document *document;
    struct str query = json_get_text(body, "query");
    const struct json *variables = json_get(body, "variables");
    if (!query.ptr) {
        reply_error(gather, 400, "the body has no query", "BAD_REQUEST");
        return false;
    }
    if (variables && !json_is(variables, JSON_NULL) && !json_is(variables, JSON_OBJECT)) {
        reply_error(gather, 400, "variables is not an object", "BAD_REQUEST");
        return false;
    }
    if (gql_parse(query, "query", gather->arena, &document, &err)) {
        reply_error(gather, 400, arena_strdup(gather->arena, err.text),
                    "GRAPHQL_VALIDATION_FAILED");
        return false;
    }
    gather->exec =
        (struct gql_exec){.schema = gather->bff->schema,
                          .document = document,
                          .operation_name = json_get_text(body, "operationName"),
                          .variables = json_is(variables, JSON_OBJECT) ? variables : NULL,
                          .resolve = resolve,
                          .context = gather};
    return true;
}

void bff_graphql_post(struct exchange *exchange)
{
    static const char *const offers[] = {"application/json", "application/graphql-response+json"};
    struct arena *arena = exchange->arena;
    struct str accept = headers_joined(&exchange->request.headers, "Accept", arena);
    int offer = media_negotiate(accept, offers, 2);
    if (offer < 0 || !is_json(exchange)) {
        struct problem problem = {offer < 0 ? PROBLEM_NOT_ACCEPTABLE : PROBLEM_MEDIA_TYPE,
                                  offer < 0 ? "answers are application/json"
                                            : "requests are application/json"};
        bff_reply_problem(exchange, &problem);
        return;
    }
    struct gather *gather = ARENA_NEW(arena, struct gather);
    *gather = (struct gather){.bff = exchange->context,
                              .exchange = exchange,
                              .arena = arena,
                              .content_type = offers[offer],
                              .fetches = map_new(arena)};
    struct json *body;
    if (json_parse(exchange->request.body, "body", arena, &body, NULL))
        reply_error(gather, 400, "the body is not JSON", "BAD_REQUEST");
    else if (read_body(gather, body))
        gather_start(gather);
}
