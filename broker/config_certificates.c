// SPDX-License-Identifier: Apache-2.0
#include "broker/config_certificates.h"

#include <stdlib.h>

#include "broker/config_file.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/http/trust.h"
#include "lib/json/json.h"

enum { NUMBERED_MAX = 100 };

struct collecting {
    struct arena *arena;
    struct str pem;
};

/* Looked at one by one, so that the message names the one that is wrong. */
static int add_text(struct collecting *c, struct str text, const char *where, struct err *err)
{
    int code = trust_check(text, where, err);
    if (code == 0)
        c->pem = str_printf(c->arena, "%.*s%.*s\n", STR_FMT(c->pem), STR_FMT(text));
    return code;
}

static int add_file(struct collecting *c, const char *path, const char *where, struct err *err)
{
    struct str text = STR_NONE;
    if (fs_read(path, LIMIT_TRUST, c->arena, &text, err) < 0) {
        err_wrap(err, "%s", where);
        err->code = ERR_USAGE;
        return ERR_USAGE;
    }
    return add_text(c, text, where, err);
}

static int add_paths(struct collecting *c, const char *paths, struct err *err)
{
    struct str rest = str_of(paths);
    int code = 0;
    while (rest.ptr && code == 0) {
        const char *path = str_cstr(c->arena, str_trim(str_cut(&rest, ',')));
        if (path[0])
            code =
                add_file(c, path, arena_printf(c->arena, "--webhook-certificates '%s'", path), err);
    }
    return code;
}

/* ---- the original's forms ---- */

static int add_entry(struct collecting *c, const char *path, const char *content, const char *where,
                     struct err *err)
{
    if (!path == !content)
        return err_set(err, ERR_USAGE, "%s needs either a path or the content of a certificate",
                       where);
    return path ? add_file(c, path, where, err) : add_text(c, str_of(content), where, err);
}

static const char *numbered(struct collecting *c, int i, const char *what)
{
    const char *value =
        getenv(arena_printf(c->arena, "PACT_BROKER_WEBHOOK_CERTIFICATES__%d__%s", i, what));
    return value && value[0] ? value : NULL;
}

static int add_variables(struct collecting *c, struct err *err)
{
    int code = 0;
    for (int i = 0; i < NUMBERED_MAX && code == 0; i++) {
        const char *path = numbered(c, i, "PATH"), *content = numbered(c, i, "CONTENT");
        if (!path && !content && !numbered(c, i, "DESCRIPTION"))
            break;
        code = add_entry(c, path, content,
                         arena_printf(c->arena, "PACT_BROKER_WEBHOOK_CERTIFICATES__%d", i), err);
    }
    return code;
}

static const char *text_of(const struct json *entry, const char *key, struct arena *arena)
{
    const struct json *value = json_get(entry, key);
    return json_is(value, JSON_STRING) ? str_cstr(arena, json_text(value)) : NULL;
}

static int add_list(struct collecting *c, const struct config_file *file, struct err *err)
{
    const char *where = NULL;
    const struct json *list = config_file_value(file, CONFIG_CERTIFICATES, c->arena, &where);
    int code = 0;
    if (!list || json_is(list, JSON_NULL))
        return 0;
    if (!json_is(list, JSON_ARRAY))
        return err_set(err, ERR_USAGE, "%s needs a list, each item with path or content", where);
    for (size_t i = 0; i < json_len(list) && code == 0; i++) {
        const struct json *entry = json_at(list, i);
        const char *item = arena_printf(c->arena, "%s, item %zu", where, i + 1);
        code = add_entry(c, text_of(entry, "path", c->arena), text_of(entry, "content", c->arena),
                         item, err);
    }
    return code;
}

int config_certificates(const char *paths, const struct config_file *file, struct arena *arena,
                        const char **ret, struct err *err)
{
    struct collecting c = {.arena = arena, .pem = STR("")};
    int code = paths ? add_paths(&c, paths, err) : add_variables(&c, err);
    if (code == 0 && !paths && c.pem.len == 0 && file)
        code = add_list(&c, file, err);
    if (code == 0)
        *ret = c.pem.len > 0 ? str_cstr(arena, c.pem) : NULL;
    return code;
}
