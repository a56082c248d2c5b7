// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes into the GraphQL parser. What it accepts must mean the same however it is printed, may
 * be made a schema, and is executed against one; what it refuses must come with a place and a
 * reason.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/graphql/exec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char sdl[] =
    "type Query { a(x: Int, y: I = {b: 1}, z: [String!]): T b: [Query!] i: N }"
    "type T implements N { a: Int! b: T c: E } interface N { a: Int! }"
    "input I { b: Int c: [I] d: E } enum E { A B }";
enum { PRINTED_MAX = 64 * 1024 * 1024 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static struct gql_document *reread(struct str text, struct arena *arena)
{
    struct gql_document *document = NULL;
    must(gql_parse(text, "again", arena, &document, NULL) == 0);
    return document;
}

static struct str printed(const struct gql_document *document, enum gql_print how,
                          struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(PRINTED_MAX);
    gql_print(document, how, &out);
    must(!out.overflow);
    return str_dup(arena, buf_view(&out));
}

static struct str normalised(const struct gql_document *document, struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(PRINTED_MAX);
    gql_normalise(document, arena, &out);
    return str_dup(arena, buf_view(&out));
}

static void check_printing(const struct gql_document *document, struct arena *arena)
{
    struct str minimal = printed(document, GQL_MINIMAL, arena);
    struct str pretty = printed(document, GQL_PRETTY, arena);
    must(str_eq(printed(reread(minimal, arena), GQL_MINIMAL, arena), minimal));
    /* Indentation can push a document over the limit of its length. */
    if (pretty.len < 1024 * 1024)
        must(str_eq(printed(reread(pretty, arena), GQL_MINIMAL, arena), minimal));
    struct str normal = normalised(document, arena);
    must(str_eq(normalised(reread(normal, arena), arena), normal));
}

static struct json *resolve(void *context, const struct gql_definition *type,
                            const struct gql_field_def *field, const struct json *parent,
                            const struct json *arguments, struct arena *arena,
                            const char **ret_error, const char **ret_code)
{
    (void)context, (void)type, (void)ret_code;
    if (json_len(arguments) == 1)
        *ret_error = "one argument";
    if (str_is(field->name, "b") && !parent) {
        struct json *list = json_new_array(arena);
        json_append(arena, list, json_new_object(arena));
        return list;
    }
    struct json *object = json_new_object(arena);
    json_set(arena, object, "__typename", json_new_text(arena, "T"));
    json_set(arena, object, "a", json_new_int(arena, 1));
    return str_is(field->name, "c") ? json_new_text(arena, "A") : object;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct err err = ERR_INIT;
    struct gql_document *document = NULL;
    if (gql_parse(str_make((const char *)data, size), "fuzz", arena, &document, &err)) {
        must(!document && err.code && err.line > 0 && err.column > 0 && err.text[0]);
        return 0;
    }
    check_printing(document, arena);
    struct gql_schema *schema = NULL;
    if (gql_schema_build(document, "fuzz", arena, &schema, &err) == 0)
        must(gql_schema_root(schema, GQL_QUERY));
    must(gql_schema_build(reread(str_of(sdl), arena), "sdl", arena, &schema, NULL) == 0);
    struct gql_exec exec = {.schema = schema, .document = document, .resolve = resolve};
    struct json *response = NULL;
    if (gql_execute(&exec, arena, &response, NULL) == 0)
        must(json_get(response, "data") || json_len(json_get(response, "errors")));
    return 0;
}
