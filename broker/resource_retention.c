// SPDX-License-Identifier: Apache-2.0
/* The rules by which this broker forgets, and what it forgot. */
#include "broker/routes.h"

#include "broker/links.h"
#include "broker/retention.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

enum { RUNS_SHOWN = 100 };

static void set_int(struct call *call, struct json *object, const char *key, int64_t value)
{
    json_set(call->arena, object, key, json_new_int(call->arena, value));
}

static struct json *rules_view(struct call *call)
{
    const struct retention_config *config = call->retention;
    struct json *shown = json_new_object(call->arena);
    json_set(call->arena, shown, "enabled", json_new_bool(call->arena, !config->off));
    set_int(call, shown, "intervalSeconds", config->interval);
    set_int(call, shown, "versionDays", config->rules.version_days);
    set_int(call, shown, "branchDays", config->rules.branch_days);
    set_int(call, shown, "overwrittenDays", config->rules.overwritten_days);
    set_int(call, shown, "webhookDays", config->rules.webhook_days);
    set_int(call, shown, "limit", config->rules.limit);
    set_int(call, shown, "keepSelectors", (int64_t)config->rules.keep.len);
    return shown;
}

/* Rows of one run are neighbours. */
static struct json *runs_view(struct call *call, const struct removals *rows)
{
    struct json *runs = json_new_array(call->arena), *removed = NULL;
    const struct removal *before = NULL;
    VEC_EACH(rows, const struct removal *, row) {
        if (!before || strcmp(before->run, row->run) != 0 || strcmp(before->by, row->by) != 0) {
            struct json *run = json_new_object(call->arena);
            removed = json_new_object(call->arena);
            call_set(call, run, "startedAt", call_time(call, row->run));
            call_set(call, run, "by", row->by);
            json_set(call->arena, run, "removed", removed);
            json_append(call->arena, runs, run);
        }
        set_int(call, removed, row->name, row->removed);
        before = row;
    }
    return runs;
}

int retention_get(struct call *call, struct err *err)
{
    struct removals rows = {0};
    int code = retention_history(call->store, RUNS_SHOWN, call->arena, &rows, err);
    if (code < 0)
        return code;
    struct json *body = json_new_object(call->arena), *links = json_new_object(call->arena);
    json_set(call->arena, body, "rules", rules_view(call));
    json_set(call->arena, body, "runs", runs_view(call, &rows));
    json_set(call->arena, links, "self", link_make(call, "h", call_self(call)));
    json_set(call->arena, body, "_links", links);
    return call_json(call, 200, body);
}
