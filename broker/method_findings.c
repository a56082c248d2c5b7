// SPDX-License-Identifier: Apache-2.0
#include "broker/method_findings.h"

#include "broker/call.h"
#include "broker/method_view.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/map.h"
#include "lib/json/json.h"

struct judging {
    struct call *call;
    const struct version *version;
    const struct uses *uses; /* by name */
    struct json *list;
    int64_t total; /* found; the list shows the first ones */
    struct inventory inventory;
    bool manifest;
    struct manifest_operations shipped; /* by operation */
};

static void found(struct judging *judging, const char *rule, struct str subject, const char *text)
{
    struct call *call = judging->call;
    if (judging->total++ >= LIMIT_PAGE)
        return;
    struct json *item = json_new_object(call->arena);
    call_set(call, item, "rule", rule);
    call_set(call, item, "level", strcmp(rule, "M1") == 0 ? "error" : "warning");
    method_set_str(call, item, "subject", subject);
    call_set(call, item, "text", text);
    json_append(call->arena, judging->list, item);
}

static void unmapped(struct judging *judging)
{
    struct arena *arena = judging->call->arena;
    VEC_EACH(judging->uses, const struct use *, use) {
        const char *why = use->row.problem.ptr
                              ? str_cstr(arena, use->row.problem)
                              : "no method is named; start its description with Repository.method:";
        if (!use->row.method.ptr || use->row.problem.ptr)
            found(judging, "TALLY-MAP-001", use->row.description, why);
        else if (use->row.inferred)
            found(judging, "TALLY-MAP-001", use->row.description,
                  arena_printf(arena, "'%.*s' is only guessed from the name of its test",
                               STR_FMT(use->row.method)));
    }
}

static bool counts(const struct use *use)
{
    return use->row.method.ptr && !use->row.inferred;
}

static void several_operations(struct judging *judging)
{
    struct arena *arena = judging->call->arena;
    const struct use *first = NULL;
    const char *name = NULL;
    VEC_EACH(judging->uses, const struct use *, use) {
        if (!counts(use) || !use->row.operation.ptr)
            continue;
        bool same = first && str_eq(first->row.name, use->row.name);
        if (!same) {
            first = use;
            name = NULL;
            continue;
        }
        bool one = first->provider_id == use->provider_id &&
                   str_eq(first->row.operation, use->row.operation);
        if (one || name)
            continue;
        name = str_cstr(arena, use->row.name);
        found(judging, "M1", use->row.name,
              arena_printf(arena, "it uses several operations: %.*s of %s, %.*s of %s",
                           STR_FMT(first->row.operation), first->provider,
                           STR_FMT(use->row.operation), use->provider));
    }
}

static void inventory(struct judging *judging)
{
    struct map *tested = map_new(judging->call->arena), *listed = map_new(judging->call->arena);
    const struct json *methods = judging->inventory.methods;
    for (size_t i = 0; i < json_len(methods); i++)
        map_put(listed, json_get_text(json_at(methods, i), "name"), judging);
    VEC_EACH(judging->uses, const struct use *, use) {
        if (!counts(use) || map_has(tested, use->row.name))
            continue;
        map_put(tested, use->row.name, judging);
        if (methods && !map_has(listed, use->row.name))
            found(judging, "M4", use->row.name, "it has a contract and is not in the inventory");
    }
    for (size_t i = 0; i < json_len(methods); i++) {
        struct str name = json_get_text(json_at(methods, i), "name");
        if (!map_has(tested, name))
            found(judging, "M4", name, "the inventory has it and no contract does");
    }
}

/* ---- manifest ---- */

/* "operation" and "operation digest" of all that was shipped. */
static struct map *shipped_keys(struct judging *judging)
{
    struct arena *arena = judging->call->arena;
    struct map *keys = map_new(arena);
    VEC_EACH(&judging->shipped, const struct manifest_operation *, row) {
        map_put(keys, row->operation, judging);
        map_put(keys, str_printf(arena, "%.*s %.*s", STR_FMT(row->operation), STR_FMT(row->digest)),
                judging);
    }
    return keys;
}

static void drift_of(struct judging *judging, const struct use *use, const struct map *shipped,
                     struct map *seen)
{
    struct arena *arena = judging->call->arena;
    if (!str_starts(use->row.operation, STR("graphql:")))
        return;
    bool known = map_has(shipped, use->row.operation);
    bool same = !use->row.digest.ptr ||
                map_has(shipped, str_printf(arena, "%.*s %.*s", STR_FMT(use->row.operation),
                                            STR_FMT(use->row.digest)));
    struct str key = str_printf(arena, "%.*s %d", STR_FMT(use->row.operation), known && !same);
    map_put(seen, use->row.operation, judging);
    if (map_has(seen, key))
        return;
    map_put(seen, key, judging);
    if (!known)
        found(judging, "M5", use->row.operation,
              use->row.persisted_id.ptr
                  ? arena_printf(arena, "a contract names its id '%.*s'; the manifest does not",
                                 STR_FMT(use->row.persisted_id))
                  : "it has a contract and the manifest does not ship it");
    else if (!same)
        found(judging, "M5", use->row.operation,
              arena_printf(arena, "the document in '%.*s' is not the one that was shipped",
                           STR_FMT(use->row.description)));
}

static void drift(struct judging *judging)
{
    struct map *seen = map_new(judging->call->arena);
    const struct map *shipped = shipped_keys(judging);
    VEC_EACH(judging->uses, const struct use *, use)
        drift_of(judging, use, shipped, seen);
    VEC_EACH(&judging->shipped, const struct manifest_operation *, row) {
        if (map_has(seen, row->operation))
            continue;
        map_put(seen, row->operation, judging);
        found(judging, "M5", row->operation, "it is shipped and no contract has it");
    }
}

/* ---- all of it ---- */

static int read_documents(struct judging *judging, struct err *err)
{
    struct call *call = judging->call;
    struct document row = {0};
    int code = store_document_find(call->store, judging->version->id, DOCUMENT_INVENTORY, 0,
                                   call->arena, &row, err);
    if (code > 0)
        code = method_inventory(call, &row, &judging->inventory, err);
    if (code >= 0)
        code = store_document_find(call->store, judging->version->id, DOCUMENT_MANIFEST, 0,
                                   call->arena, &row, err);
    judging->manifest = code > 0;
    if (code > 0)
        code = store_manifest_operations(call->store, row.id, call->arena, &judging->shipped, err);
    return code < 0 ? code : 0;
}

static int unread(struct judging *judging, struct err *err)
{
    struct call *call = judging->call;
    struct index_problems rows = {0};
    int code = store_index_problems(call->store, judging->version->id, call->arena, &rows, err);
    VEC_EACH(&rows, const struct index_problem *, row)
        found(judging, "TALLY-MAP-001", str_of(row->provider),
              arena_printf(call->arena, "the contract with it could not be read whole: %s",
                           row->text));
    return code;
}

int method_findings(struct call *call, const struct version *version, const struct uses *uses,
                    struct json *body, struct err *err)
{
    struct arena *arena = call->arena;
    struct judging judging = {
        .call = call, .version = version, .uses = uses, .list = json_new_array(arena)};
    struct json *judged = json_new_object(arena);
    if (read_documents(&judging, err) < 0 || unread(&judging, err) < 0)
        return err_wrap(err, "judging version '%s'", version->number);
    unmapped(&judging);
    several_operations(&judging);
    if (judging.inventory.methods)
        inventory(&judging);
    if (judging.manifest)
        drift(&judging);
    json_set(arena, judged, "TALLY-MAP-001", json_new_bool(arena, true));
    json_set(arena, judged, "M1", json_new_bool(arena, true));
    json_set(arena, judged, "M4", json_new_bool(arena, judging.inventory.methods != NULL));
    json_set(arena, judged, "M5", json_new_bool(arena, judging.manifest));
    call_set(call, body, "findingsOf", version->number);
    json_set(arena, body, "judged", judged);
    json_set(arena, body, "findingsTotal", json_new_int(arena, judging.total));
    json_set(arena, body, "findings", judging.list);
    return 0;
}
