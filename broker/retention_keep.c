// SPDX-License-Identifier: Apache-2.0
/* Keep selectors, from their JSON. */
#include "broker/retention.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

enum { DAYS_MAX = 36500 };

/* Members that name what stays in any case. */
static const char *const always[] = {"latest", "deployed", "released", "main_branch"};

static bool is_true(const struct json *value)
{
    return json_is(value, JSON_BOOL) && json_bool(value);
}

static bool is_name(const struct json *value)
{
    return json_is(value, JSON_STRING) && json_text(value).len > 0;
}

static bool read_name(const struct json *value, struct arena *arena, const char **ret, bool *any)
{
    *any = is_true(value);
    if (!*any && !is_name(value))
        return false;
    *ret = *any ? NULL : str_cstr(arena, json_text(value));
    return true;
}

static bool read_member(struct str key, const struct json *value, struct arena *arena,
                        struct retention_keep *keep)
{
    bool any = false;
    if (str_is(key, "pacticipant"))
        return is_name(value) && read_name(value, arena, &keep->pacticipant, &any);
    if (str_is(key, "tag"))
        return read_name(value, arena, &keep->tag, &keep->any_tag);
    if (str_is(key, "branch"))
        return read_name(value, arena, &keep->branch, &keep->any_branch);
    if (str_is(key, "max_age"))
        return json_to_i64(value, &keep->max_age) && keep->max_age > 0 && keep->max_age <= DAYS_MAX;
    if (str_is(key, "environment")) {
        keep->always = true;
        return is_name(value);
    }
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
        if (str_is(key, always[i])) {
            keep->always = true;
            return is_true(value);
        }
    }
    return false;
}

static int read_selector(const struct json *object, struct arena *arena, struct retention_keep *ret,
                         struct err *err)
{
    struct retention_keep keep = {0};
    if (!json_is(object, JSON_OBJECT) || json_len(object) == 0)
        return err_set(err, ERR_USAGE, "a keep selector is a JSON object with at least one member");
    for (size_t i = 0; i < json_len(object); i++) {
        struct str key = json_key(object, i);
        if (!read_member(key, json_at(object, i), arena, &keep))
            return err_set(err, ERR_USAGE,
                           "keep selector: '%.*s' is unknown or its value is wrong (pacticipant, "
                           "environment: a name; tag, branch: a name or true; max_age: days; "
                           "latest, deployed, released, main_branch: true)",
                           STR_FMT(str_sub(key, 0, 60)));
    }
    *ret = keep;
    return 0;
}

int retention_parse_keep(struct retention_rules *rules, const char *text, struct arena *arena,
                         struct err *err)
{
    struct json *document = NULL;
    struct err why = ERR_INIT;
    if (!text || !*text)
        return 0;
    if (json_parse(str_of(text), "", arena, &document, &why) < 0)
        return err_set(err, ERR_USAGE, "keep selectors are no JSON: %s", why.text);
    bool list = json_is(document, JSON_ARRAY);
    size_t n = list ? json_len(document) : 1;
    for (size_t i = 0; i < n; i++) {
        struct retention_keep keep = {0};
        int code = read_selector(list ? json_at(document, i) : document, arena, &keep, err);
        if (code < 0)
            return code;
        *VEC_PUSH(arena, &rules->keep) = keep;
    }
    return 0;
}
