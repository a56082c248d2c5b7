// SPDX-License-Identifier: Apache-2.0
/* Environments, and what is deployed and supported there. */
#include "broker/carry.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/hal/hal.h"
#include "lib/json/json.h"

struct list {
    bool released;
    enum carry_kind kind;
    const char *rel, *key, *word;
};
static const struct list lists[] = {
    {false, CARRY_DEPLOYMENTS, "pb:currently-deployed-deployed-versions", "deployedVersions",
     "deployment"},
    {true, CARRY_RELEASES, "pb:currently-supported-released-versions", "releasedVersions",
     "release"},
};

static int place(struct carry *carry, const struct environment *environment,
                 const struct list *list, const struct json *item, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct pacticipant owner = {0};
    struct version version = {0};
    struct placement placed = {0};
    bool created = false;
    const struct json *embedded = json_get(item, "_embedded");
    const char *name = carry_text(json_get(embedded, "pacticipant"), "name", arena),
               *number = carry_text(json_get(embedded, "version"), "number", arena),
               *instance = carry_text(item, "applicationInstance", arena);
    int code = name && number ? 1 : 0;
    if (code > 0)
        code = store_pacticipant_find(carry->store, name, arena, &owner, err);
    if (code > 0)
        code = store_version_find(carry->store, owner.id, number, arena, &version, err);
    if (code == 0)
        carry_leave(carry, list->kind, "%s of %s %s to %s: there is no such version", list->word,
                    name ? name : "?", number ? number : "?", environment->name);
    if (code <= 0)
        return code;
    carry_time(carry, item, "createdAt");
    if (!instance)
        instance = carry_text(item, "target", arena);
    code = list->released
               ? store_release(carry->store, &version, environment, arena, &placed, &created, err)
               : store_deploy(carry->store, &version, environment, instance, arena, &placed, err);
    carry->carried[list->kind] += code == 0;
    return code;
}

static int fill(struct carry *carry, const struct environment *environment, const struct json *item,
                struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < sizeof lists / sizeof *lists && code == 0; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct json *body = NULL;
        const char *url = carry_href(item, lists[i].rel, arena);
        code = url ? carry_get(carry, url, arena, &body, err) : 0;
        if (code < 0)
            return code;
        const struct json *rows = json_get(json_get(body, "_embedded"), lists[i].key);
        if (!json_is(rows, JSON_ARRAY))
            return err_set(err, ERR_NET, "environment '%s' has no list of its %ss",
                           environment->name, lists[i].word);
        code = 0;
        for (size_t k = 0; k < json_len(rows) && code == 0; k++)
            code = place(carry, environment, &lists[i], json_at(rows, k), err);
    }
    return code;
}

static int add_environment(struct carry *carry, const struct json *item, struct err *err)
{
    struct arena *arena = carry->arena;
    struct environment row = {
        .uuid = carry_text(item, "uuid", arena),
        .name = carry_text(item, "name", arena),
        .display_name = carry_text(item, "displayName", arena),
        .production = json_bool(json_get(item, "production")),
    };
    const struct json *contacts = json_get(item, "contacts");
    if (!row.uuid || !row.name)
        return err_set(err, ERR_NET, "an environment of the broker has no name or uuid");
    if (!row.display_name)
        row.display_name = row.name;
    if (json_is(contacts, JSON_ARRAY))
        row.contacts = json_to_str(arena, contacts, JSON_COMPACT);
    carry_time(carry, item, "createdAt");
    int code = store_environment_save(carry->store, &row, arena, err);
    carry->carried[CARRY_ENVIRONMENTS] += code == 0;
    return code < 0 ? code : fill(carry, &row, item, err);
}

int carry_environments(struct carry *carry, struct err *err)
{
    struct err none = ERR_INIT;
    struct json *body = NULL;
    const char *url = NULL;
    /* Brokers of before 2021 know none. */
    if (hal_index_link(carry->hal, "pb:environments", NULL, carry->arena, &url, &none) < 0)
        return 0;
    int code = carry_get(carry, url, carry->arena, &body, err);
    if (code < 0)
        return code;
    const struct json *items = json_get(json_get(body, "_embedded"), "environments");
    if (!json_is(items, JSON_ARRAY))
        return err_set(err, ERR_NET, "'%s' is no list of environments", url);
    code = 0;
    for (size_t i = 0; i < json_len(items) && code == 0; i++)
        code = add_environment(carry, json_at(items, i), err);
    return code;
}
