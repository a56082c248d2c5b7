// SPDX-License-Identifier: Apache-2.0
#include "ci/beside.h"

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/base/term.h"
#include "lib/contract/inventory.h"
#include "lib/contract/manifest.h"
#include "lib/contract/operation.h"
#include "lib/hal/hal.h"

/* What the broker would refuse is refused here, before the contracts are sent. */
static int check_inventory(struct str text, const char *source, struct arena *arena,
                           struct err *err)
{
    struct json *root = NULL;
    struct inventory_problems problems = {0};
    int line = 1, column = 1;
    int code = json_parse(text, source, arena, &root, err);
    if (code < 0)
        return code;
    inventory_check(root, arena, &problems);
    if (problems.len == 0)
        return 0;
    const struct inventory_problem *first = &problems.items[0];
    json_position(first->at, text, &line, &column);
    if (!first->in_list)
        return err_at(err, ERR_PARSE, source, line, column,
                      "no inventory of methods: 'methods' %s; expected {\"methods\": [{\"name\": "
                      "..., \"screens\": [...], \"owner\": ...}]}",
                      first->text);
    return err_at(err, ERR_PARSE, source, line, column, "method %zu of the inventory: %s",
                  first->index + 1, first->text);
}

static int check_manifest(struct str text, const char *source, struct arena *arena, struct err *err)
{
    struct manifest *manifest = NULL;
    int code = manifest_read(text, source, arena, &manifest, err);
    for (size_t i = 0; code == 0 && i < manifest_len(manifest); i++) {
        struct str id = manifest_id(manifest, i), operation = STR_NONE, digest = STR_NONE;
        if (!operation_of_document(manifest_document(manifest, id), arena, &operation, &digest))
            code = err_at(err, ERR_PARSE, source, 1, 1,
                          "the document of operation '%.*s' is not GraphQL", STR_FMT(id));
    }
    return code;
}

int beside_read(struct beside *beside, struct arena *arena, struct err *err)
{
    int code = 0;
    if (beside->inventory) {
        code = fs_read(beside->inventory, LIMIT_FILE, arena, &beside->inventory_text, err);
        if (code == 0)
            code = check_inventory(beside->inventory_text, beside->inventory, arena, err);
    }
    if (code == 0 && beside->manifest) {
        code = fs_read(beside->manifest, LIMIT_FILE, arena, &beside->manifest_text, err);
        if (code == 0)
            code = check_manifest(beside->manifest_text, beside->manifest, arena, err);
    }
    return code;
}

/* One of the two: the broker's relation for it, and what people call it. */
struct part {
    const char *rel, *what, *file;
    struct str text;
};

static int send_part(const struct part *part, struct hal *hal, const struct hal_var *vars,
                     bool quiet, struct arena *arena, struct err *err)
{
    struct hal_response response = {0};
    const char *url = NULL;
    int64_t revision = 0;
    if (!part->file)
        return 0;
    int code = hal_index_link(hal, part->rel, vars, arena, &url, err);
    if (code == ERR_NOT_FOUND) {
        *err = ERR_INIT;
        return err_set(err, ERR_USAGE,
                       "the contracts were published; this broker keeps no %s, so '%s' was not",
                       part->what, part->file);
    }
    if (code == 0)
        code = hal_call(hal, "PUT", url, "application/json", part->text, arena, &response, err);
    if (code < 0)
        return err_wrap(err, "the contracts were published, '%s' was not", part->file);
    json_to_i64(json_get(response.body, "revision"), &revision);
    const char *how = response.status == 201 ? "published" : "is the same as before";
    if (!quiet)
        term_print(stdout, TERM_GREEN, "%s '%s' %s (revision %lld)\n", part->what, part->file, how,
                   (long long)revision);
    return 0;
}

int beside_send(const struct beside *beside, struct hal *hal, const char *consumer,
                const char *version, bool quiet, struct arena *arena, struct err *err)
{
    const struct hal_var vars[] = {{"pacticipant", consumer}, {"version", version}, {NULL, NULL}};
    const struct part parts[] = {
        {"tally:inventory", "inventory", beside->inventory, beside->inventory_text},
        {"tally:manifest", "manifest", beside->manifest, beside->manifest_text},
    };
    int code = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && code == 0; i++)
        code = send_part(&parts[i], hal, vars, quiet, arena, err);
    return code;
}

void beside_dry_run(const struct beside *beside, const char *consumer, const char *version)
{
    const char *const files[] = {beside->inventory, beside->manifest};
    static const char *const what[] = {"inventory", "manifest"};
    for (size_t i = 0; i < 2; i++) {
        if (files[i])
            printf("dry run: would publish the %s '%s' beside %s version %s\n", what[i], files[i],
                   consumer, version);
    }
}
