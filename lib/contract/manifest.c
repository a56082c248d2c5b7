// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/manifest.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/contract/position.h"
#include "lib/json/json.h"

struct manifest {
    struct map *documents; /* by id: struct str in the arena */
};

struct reading {
    struct manifest *manifest;
    struct position position;
    const char *source;
    struct arena *arena;
    struct err *err;
};

static int refuse(struct reading *reading, const struct json *at, const char *text)
{
    int line, column;
    position_of(&reading->position, at, &line, &column);
    return err_at(reading->err, ERR_PARSE, reading->source, line, column, "%s", text);
}

static int add(struct reading *reading, const struct json *at, struct str id, struct str document)
{
    if (id.len == 0) {
        return refuse(reading, at, "an operation of a manifest needs its id, a text");
    }
    if (document.len == 0) {
        return refuse(reading, at,
                      "an operation of a manifest needs its document, a text in 'body', 'source' "
                      "or in place of the operation");
    }
    void **slot = map_slot(reading->manifest->documents, id);
    struct str *known = *slot;
    if (known && !str_eq(*known, document)) {
        return refuse(reading, at, "the id of this operation stands for another document as well");
    }
    if (!known) {
        known = ARENA_NEW(reading->arena, struct str);
        *known = document;
        *slot = known;
    }
    return 0;
}

static int read_apollo(struct reading *reading, const struct json *root)
{
    const struct json *version = json_get(root, "version");
    const struct json *operations = json_get(root, "operations");
    int64_t number = 0;
    int rc = 0;
    if (!json_to_i64(version, &number) || number != 1) {
        return refuse(reading, version ? version : root,
                      "expected version 1 of apollo-persisted-query-manifest");
    }
    if (!json_is(operations, JSON_ARRAY)) {
        return refuse(reading, operations ? operations : root,
                      "expected an array in member 'operations'");
    }
    for (size_t i = 0; rc == 0 && i < json_len(operations); i++) {
        const struct json *one = json_at(operations, i);
        rc = add(reading, one, json_get_text(one, "id"), json_get_text(one, "body"));
    }
    return rc;
}

static int read_by_id(struct reading *reading, const struct json *root)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < json_len(root); i++) {
        const struct json *one = json_at(root, i);
        struct str document =
            json_is(one, JSON_STRING) ? json_text(one) : json_get_text(one, "source");
        rc = add(reading, one, json_key(root, i), document);
    }
    return rc;
}

int manifest_read(struct str text, const char *source, struct arena *arena, struct manifest **ret,
                  struct err *err)
{
    struct json *root = NULL;
    struct manifest *manifest = ARENA_NEW(arena, struct manifest);
    struct reading reading = {.manifest = manifest,
                              .position = position_start(text),
                              .source = source,
                              .arena = arena,
                              .err = err};
    int rc = json_parse(text, source, arena, &root, err);
    if (rc) {
        return rc;
    }
    if (!json_is(root, JSON_OBJECT)) {
        return refuse(&reading, root, "expected a manifest of operations, an object");
    }
    manifest->documents = map_new(arena);
    struct str format = json_get_text(root, "format");
    bool apollo = str_is(format, "apollo-persisted-query-manifest");
    if (!apollo && json_get(root, "operations")) {
        return refuse(&reading, root,
                      "expected format apollo-persisted-query-manifest beside 'operations'");
    }
    rc = apollo ? read_apollo(&reading, root) : read_by_id(&reading, root);
    if (rc == 0 && map_len(manifest->documents) == 0) {
        return refuse(&reading, root, "the manifest has no operation");
    }
    if (rc == 0) {
        *ret = manifest;
    }
    return rc;
}

size_t manifest_len(const struct manifest *manifest)
{
    return map_len(manifest->documents);
}

struct str manifest_id(const struct manifest *manifest, size_t i)
{
    return map_at(manifest->documents, i)->key;
}

struct str manifest_document(const struct manifest *manifest, struct str id)
{
    const struct str *document = map_get(manifest->documents, id);
    return document ? *document : STR_NONE;
}

struct str manifest_id_of(const struct json *body)
{
    const struct json *persisted = json_get(json_get(body, "extensions"), "persistedQuery");
    if (json_is(json_get(body, "query"), JSON_STRING)) {
        return STR_NONE;
    }
    struct str id = json_get_text(persisted, "sha256Hash");
    id = id.ptr ? id : json_get_text(body, "documentId");
    return id.ptr ? id : json_get_text(body, "id");
}

struct json *manifest_filled(const struct json *body, const struct json *expected,
                             struct str document, struct arena *arena)
{
    static const char *const names[] = {"documentId", "id"};
    struct json *filled = json_copy(arena, body);
    struct json *extensions = json_get(filled, "extensions");
    if (!json_get(json_get(expected, "extensions"), "persistedQuery")) {
        json_remove(extensions, "persistedQuery");
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!json_get(expected, names[i])) {
            json_remove(filled, names[i]);
        }
    }
    json_set(arena, filled, "query", json_new_str(arena, document));
    if (json_is(extensions, JSON_OBJECT) && json_len(extensions) == 0) {
        json_remove(filled, "extensions");
    }
    return filled;
}
