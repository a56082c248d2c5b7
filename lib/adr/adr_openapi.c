// SPDX-License-Identifier: Apache-2.0
/* Collections of an OpenAPI 3 document. Source: adr-checks, INT-005-CURSOR. */
#include "lib/adr/adr.h"

#include "lib/adr/adr_parts.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"

enum { REF_DEPTH = 32, SCHEMA_DEPTH = 16 };

static const char RULE[] = "INT-005-CURSOR";

/* What a reply's schema says about being a list. */
enum shape { SHAPE_UNKNOWN, SHAPE_SINGLE, SHAPE_LIST };

struct collection {
    struct str subject; /* "GET /v1/transactions" */
    struct str path;
    const struct json *item, *operation;
    enum shape shape;
    const char *unknown; /* why the shape is unknown */
    struct str items_key, next_key;
    bool next_by_header; /* a Link header */
    struct str unpaged;  /* x-tally-unpaged; absent if not given */
};

/* ---- references ---- */

/* Follow "$ref"s within the document; NULL when one leads outside or nowhere. */
static const struct json *resolve(const struct json *document, const struct json *value)
{
    for (int i = 0; i < REF_DEPTH && value; i++) {
        struct str ref = json_get_text(value, "$ref");
        if (!ref.ptr)
            return value;
        char pointer[512];
        if (!str_starts(ref, STR("#/")) || ref.len >= sizeof pointer)
            return NULL;
        memcpy(pointer, ref.ptr + 1, ref.len - 1);
        pointer[ref.len - 1] = '\0';
        value = json_pointer(document, pointer);
    }
    return NULL;
}

static bool type_is(const struct json *schema, const char *name)
{
    const struct json *type = json_get(schema, "type");
    if (json_is(type, JSON_STRING))
        return str_is(json_text(type), name);
    for (size_t i = 0; json_is(type, JSON_ARRAY) && i < json_len(type); i++) { /* OpenAPI 3.1 */
        if (str_is(json_text(json_at(type, i)), name))
            return true;
    }
    return false;
}

static const char *const combiners[] = {"allOf", "oneOf", "anyOf"};

/* Collect the properties of a schema and of the parts it is combined from. */
static void properties_of(const struct json *document, const struct json *schema, int depth,
                          struct arena *arena, struct json *into)
{
    schema = resolve(document, schema);
    if (!schema || depth > SCHEMA_DEPTH)
        return;
    const struct json *own = json_get(schema, "properties");
    for (size_t i = 0; json_is(own, JSON_OBJECT) && i < json_len(own); i++)
        json_set_str(arena, into, json_key(own, i), json_copy(arena, json_at(own, i)));
    for (size_t c = 0; c < sizeof combiners / sizeof *combiners; c++) {
        const struct json *parts = json_get(schema, combiners[c]);
        for (size_t i = 0; json_is(parts, JSON_ARRAY) && i < json_len(parts); i++)
            properties_of(document, json_at(parts, i), depth + 1, arena, into);
    }
}

/* An array schema here or in a part it is combined from; its items in *ret_items. */
static bool array_of(const struct json *document, const struct json *schema, int depth,
                     const struct json **ret_items)
{
    schema = resolve(document, schema);
    if (!schema || depth > SCHEMA_DEPTH)
        return false;
    if (type_is(schema, "array") || (!json_get(schema, "type") && json_get(schema, "items"))) {
        *ret_items = json_get(schema, "items");
        return true;
    }
    for (size_t c = 0; c < sizeof combiners / sizeof *combiners; c++) {
        const struct json *parts = json_get(schema, combiners[c]);
        for (size_t i = 0; json_is(parts, JSON_ARRAY) && i < json_len(parts); i++) {
            if (array_of(document, json_at(parts, i), depth + 1, ret_items))
                return true;
        }
    }
    return false;
}

/* ---- is it a list? ---- */

static const char *const identity_names[] = {"id", "uuid", "key", NULL};
static const char *const tombstone_names[] = {"deleted", "tombstones", "removed", NULL};
static const char *const wrapper_names[] = {"pageinfo", "meta",   "paging",   "pagination",
                                            "links",    "_links", "metadata", NULL};

static bool ends_in_parameter(struct str path)
{
    return path.len > 0 && path.ptr[path.len - 1] == '}';
}

/* Whether the items of an array are objects with properties. */
static bool of_objects(const struct json *document, const struct json *items, struct arena *arena)
{
    struct json *properties = json_new_object(arena);
    properties_of(document, items, 0, arena, properties);
    const struct json *plain = resolve(document, items);
    return json_len(properties) > 0 || type_is(plain, "object");
}

static void find_next(const struct json *document, const struct json *properties,
                      struct arena *arena, struct collection *collection)
{
    for (size_t i = 0; i < json_len(properties); i++) {
        struct str key = json_key(properties, i);
        if (adr_name_in(key, adr_next_names)) {
            collection->next_key = key;
            return;
        }
    }
    for (size_t i = 0; i < json_len(properties); i++) {
        struct str key = json_key(properties, i);
        if (!adr_name_in(key, wrapper_names))
            continue;
        struct json *inner = json_new_object(arena);
        properties_of(document, json_at(properties, i), 0, arena, inner);
        for (size_t j = 0; j < json_len(inner); j++) {
            struct str name = json_key(inner, j);
            if (adr_name_in(name, adr_next_names)) {
                collection->next_key = str_printf(arena, "%.*s/%.*s", STR_FMT(key), STR_FMT(name));
                return;
            }
        }
    }
}

/*
 * An object is a page when exactly one array of objects stands in it and it has no identity of its
 * own; a member called "items" or the like, or a next cursor, settles it when there are several.
 * Arrays inside a thing that has an id are nested, not collections. Tombstones do not count.
 */
static void judge_object(const struct json *document, const struct json *properties,
                         struct arena *arena, struct collection *collection)
{
    size_t arrays = 0;
    bool identity = ends_in_parameter(collection->path), named = false;
    struct str first = STR_NONE;
    for (size_t i = 0; i < json_len(properties); i++) {
        struct str key = json_key(properties, i);
        const struct json *items = NULL;
        if (adr_name_in(key, identity_names))
            identity = true;
        if (!array_of(document, json_at(properties, i), 0, &items) ||
            adr_name_in(key, tombstone_names) || !of_objects(document, items, arena))
            continue;
        arrays++;
        bool usual = adr_name_in(key, adr_items_names);
        if (!first.ptr || (usual && !named))
            first = key;
        named = named || usual;
    }
    find_next(document, properties, arena, collection);
    bool page = arrays > 0 && (named || collection->next_key.ptr || (arrays == 1 && !identity));
    collection->shape = page ? SHAPE_LIST : SHAPE_SINGLE;
    collection->items_key = page ? first : STR_NONE;
}

static void judge_schema(const struct json *document, const struct json *schema,
                         struct arena *arena, struct collection *collection)
{
    const struct json *plain = resolve(document, schema);
    const struct json *items = NULL;
    struct json *properties = json_new_object(arena);
    properties_of(document, schema, 0, arena, properties);
    if (!plain) {
        collection->unknown = "its 2xx schema is missing, or a reference that leads nowhere in "
                              "this document";
    } else if (array_of(document, plain, 0, &items)) {
        collection->shape = SHAPE_LIST;
    } else if (json_len(properties) > 0) {
        judge_object(document, properties, arena, collection);
    } else if (json_get(plain, "type") || json_get(plain, "enum") || json_get(plain, "const")) {
        collection->shape = SHAPE_SINGLE;
    } else {
        collection->unknown = "its 2xx schema says nothing";
    }
}

static bool media_is_json(struct str name)
{
    long semicolon = str_chr(name, ';');
    if (semicolon >= 0)
        name = str_trim(str_sub(name, 0, (size_t)semicolon));
    return str_eq_nocase(name, STR("application/json")) || str_ends(name, STR("+json")) ||
           str_is(name, "*/*") || str_is(name, "application/*");
}

/* The first 2xx reply with a JSON body decides; replies without a body are no lists. */
static void judge_replies(const struct json *document, struct arena *arena,
                          struct collection *collection)
{
    const struct json *replies = json_get(collection->operation, "responses");
    collection->shape = SHAPE_SINGLE;
    if (json_len(replies) == 0) {
        collection->shape = SHAPE_UNKNOWN;
        collection->unknown = "it declares no responses";
        return;
    }
    for (size_t i = 0; i < json_len(replies); i++) {
        struct str status = json_key(replies, i);
        if (status.len != 3 || status.ptr[0] != '2')
            continue;
        const struct json *reply = resolve(document, json_at(replies, i));
        if (!reply) {
            collection->shape = SHAPE_UNKNOWN;
            collection->unknown = "its 2xx response is a reference that leads nowhere";
            return;
        }
        const struct json *content = json_get(reply, "content");
        const struct json *headers = json_get(reply, "headers");
        for (size_t j = 0; j < json_len(headers); j++) {
            if (str_eq_nocase(json_key(headers, j), STR("Link")))
                collection->next_by_header = true;
        }
        for (size_t j = 0; j < json_len(content); j++) {
            if (!media_is_json(json_key(content, j)))
                continue;
            collection->shape = SHAPE_UNKNOWN;
            judge_schema(document, json_get(json_at(content, j), "schema"), arena, collection);
            return;
        }
    }
}

/* ---- parameters ---- */

struct parameters {
    struct str cursor, limit;
    bool bounded;
    struct json *offsets; /* names of forbidden parameters */
    struct json *unresolved;
};

static bool is_bounded(const struct json *document, const struct json *parameter)
{
    const struct json *schema = resolve(document, json_get(parameter, "schema"));
    return json_is(json_get(schema, "maximum"), JSON_NUMBER) ||
           json_is(json_get(schema, "exclusiveMaximum"), JSON_NUMBER) ||
           json_is(json_get(schema, "enum"), JSON_ARRAY);
}

static void read_parameters(const struct json *document, const struct json *list,
                            struct arena *arena, struct parameters *ret)
{
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < json_len(list); i++) {
        const struct json *parameter = resolve(document, json_at(list, i));
        struct str name = json_get_text(parameter, "name");
        if (!parameter) {
            json_append(arena, ret->unresolved, json_copy(arena, json_at(list, i)));
            continue;
        }
        if (!name.ptr || !str_is(json_get_text(parameter, "in"), "query"))
            continue;
        if (adr_name_in(name, adr_offset_names)) {
            json_append(arena, ret->offsets, json_new_str(arena, name));
        } else if (adr_name_in(name, adr_cursor_names)) {
            ret->cursor = name;
        } else if (adr_name_in(name, adr_limit_names)) {
            ret->limit = name;
            ret->bounded = is_bounded(document, parameter);
        }
    }
}

static struct parameters parameters_of(const struct json *document,
                                       const struct collection *collection, struct arena *arena)
{
    struct parameters ret = {.offsets = json_new_array(arena), .unresolved = json_new_array(arena)};
    read_parameters(document, json_get(collection->item, "parameters"), arena, &ret);
    read_parameters(document, json_get(collection->operation, "parameters"), arena, &ret);
    return ret;
}

/* ---- the walk over a document ---- */

static int check_document(const struct json *document, struct err *err)
{
    struct str version = json_get_text(document, "openapi");
    if (!version.ptr)
        return err_set(err, ERR_PARSE, "no OpenAPI document: expected a member 'openapi'");
    if (!str_starts(version, STR("3.")))
        return err_set(err, ERR_PARSE, "OpenAPI version '%.*s' is not understood, expected 3.x",
                       STR_FMT(version));
    if (!json_is(json_get(document, "paths"), JSON_OBJECT))
        return err_set(err, ERR_PARSE, "no OpenAPI document: expected an object 'paths'");
    return 0;
}

/* All GET operations in document order, judged. */
static size_t gets_of(const struct json *document, struct arena *arena, struct collection **ret)
{
    const struct json *paths = json_get(document, "paths");
    size_t n = 0;
    *ret = ARENA_ARRAY(arena, struct collection, json_len(paths));
    for (size_t i = 0; i < json_len(paths); i++) {
        const struct json *item = resolve(document, json_at(paths, i));
        const struct json *operation = json_get(item, "get");
        if (!json_is(operation, JSON_OBJECT))
            continue;
        struct collection *collection = &(*ret)[n++];
        collection->path = json_key(paths, i);
        collection->subject = str_printf(arena, "GET %.*s", STR_FMT(collection->path));
        collection->item = item;
        collection->operation = operation;
        collection->unpaged = json_get_text(operation, "x-tally-unpaged");
        if (!collection->unpaged.ptr)
            collection->unpaged = json_get_text(item, "x-tally-unpaged");
        judge_replies(document, arena, collection);
    }
    return n;
}

/* What is wrong with a collection, as the parts of one sentence. */
static struct json *faults_of(const struct collection *collection,
                              const struct parameters *parameters, struct arena *arena)
{
    struct json *faults = json_new_array(arena);
    for (size_t i = 0; i < json_len(parameters->offsets); i++) {
        struct str name = json_text(json_at(parameters->offsets, i));
        json_append(arena, faults,
                    json_new_str(arena, str_printf(arena, "it takes '%.*s'", STR_FMT(name))));
    }
    if (!parameters->cursor.ptr)
        json_append(arena, faults, json_new_text(arena, "it takes no cursor"));
    if (!parameters->limit.ptr)
        json_append(arena, faults, json_new_text(arena, "it takes no limit"));
    else if (!parameters->bounded)
        json_append(arena, faults,
                    json_new_str(arena, str_printf(arena, "its '%.*s' has no maximum",
                                                   STR_FMT(parameters->limit))));
    if (!collection->next_key.ptr && !collection->next_by_header)
        json_append(arena, faults, json_new_text(arena, "it returns no next cursor"));
    return faults;
}

static void set_if(struct arena *arena, struct json *object, const char *key, struct str value)
{
    if (value.ptr)
        json_set(arena, object, key, json_new_str(arena, value));
}

static struct str join(struct json *texts, struct arena *arena)
{
    struct str all = STR("");
    for (size_t i = 0; i < json_len(texts); i++)
        all = str_printf(arena, "%.*s%s%.*s", STR_FMT(all), i ? ", " : "",
                         STR_FMT(json_text(json_at(texts, i))));
    return all;
}

static void check_list(const struct json *document, const struct collection *collection,
                       struct arena *arena, struct adr_findings *findings)
{
    struct parameters parameters = parameters_of(document, collection, arena);
    struct json *faults = faults_of(collection, &parameters, arena);
    struct adr_finding *finding;
    bool offset = json_len(parameters.offsets) > 0;
    if (json_len(parameters.unresolved) > 0 && !offset && json_len(faults) > 0)
        finding = adr_add(arena, findings, RULE, ADR_INCONCLUSIVE, ADR_STATIC, collection->subject,
                          "a parameter is a reference that leads nowhere in this document");
    else if (json_len(faults) > 0)
        finding = adr_add(arena, findings, RULE, ADR_FAIL, ADR_STATIC, collection->subject,
                          "the list does not page by cursor: %.*s", STR_FMT(join(faults, arena)));
    else
        finding = adr_add(arena, findings, RULE, ADR_PASS, ADR_STATIC, collection->subject,
                          "the list takes '%.*s' and a bounded '%.*s', and returns the next cursor",
                          STR_FMT(parameters.cursor), STR_FMT(parameters.limit));
    struct json *evidence = adr_evidence(arena, finding);
    set_if(arena, evidence, "cursor", parameters.cursor);
    set_if(arena, evidence, "limit", parameters.limit);
    set_if(arena, evidence, "items", collection->items_key);
    set_if(arena, evidence, "next", collection->next_key);
    if (offset)
        json_set(arena, evidence, "forbidden", parameters.offsets);
}

int adr_check_openapi(const struct json *document, struct arena *arena,
                      struct adr_findings *findings, struct err *err)
{
    int code = check_document(document, err);
    if (code < 0)
        return code;
    struct collection *gets;
    size_t n = gets_of(document, arena, &gets), said = 0;
    for (size_t i = 0; i < n; i++) {
        const struct collection *get = &gets[i];
        if (get->shape == SHAPE_SINGLE)
            continue;
        said++;
        if (get->shape == SHAPE_UNKNOWN)
            adr_add(arena, findings, RULE, ADR_INCONCLUSIVE, ADR_STATIC, get->subject,
                    "cannot tell whether this is a list: %s", get->unknown);
        else if (get->unpaged.len > 0)
            adr_add(arena, findings, RULE, ADR_NOT_APPLICABLE, ADR_STATIC, get->subject,
                    "declared as a small closed list: %.*s", STR_FMT(get->unpaged));
        else
            check_list(document, get, arena, findings);
    }
    if (n == 0)
        adr_add(arena, findings, RULE, ADR_INCONCLUSIVE, ADR_STATIC, STR("OpenAPI"),
                "the description has no GET operation to look at");
    else if (said == 0)
        adr_add(arena, findings, RULE, ADR_NOT_APPLICABLE, ADR_STATIC, STR("OpenAPI"),
                "none of the %zu GET operations returns a list", n);
    return 0;
}

int adr_collections(const struct json *document, struct arena *arena, struct adr_collections *ret,
                    struct err *err)
{
    int code = check_document(document, err);
    if (code < 0)
        return code;
    struct collection *gets;
    size_t n = gets_of(document, arena, &gets);
    for (size_t i = 0; i < n; i++) {
        const struct collection *get = &gets[i];
        if (get->shape != SHAPE_LIST || get->unpaged.len > 0)
            continue;
        struct parameters parameters = parameters_of(document, get, arena);
        *VEC_PUSH(arena, ret) = (struct adr_collection){
            .path = get->path,
            .cursor_param = parameters.cursor,
            .limit_param = parameters.limit,
            .items_key = get->items_key,
            .next_key = get->next_key,
        };
    }
    return 0;
}
