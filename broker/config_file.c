// SPDX-License-Identifier: Apache-2.0
#include "broker/config_file.h"

#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/base/opt.h"
#include "lib/base/vec.h"
#include "lib/json/json.h"
#include "lib/json/yaml.h"

struct config_file {
    const char *path;
    struct str text;
    struct json *root;
};

/* Settings of the original, with the value that says what this broker does anyway. */
static const struct {
    const char *name, *same;
} without_effect[] = {
    {"database_username", NULL},
    {"database_password", NULL},
    {"database_host", NULL},
    {"database_port", NULL},
    {"database_sslmode", NULL},
    {"database_max_connections", NULL},
    {"database_pool_timeout", NULL},
    {"database_connect_max_retries", NULL},
    {"database_statement_timeout", NULL},
    {"auto_migrate_db", "true"},
    {"auto_migrate_db_data", "true"},
    {"allow_missing_migration_files", NULL},
    {"validate_database_connection_config", NULL},
    {"log_stream", "stderr"},
    {"log_dir", NULL},
    {"log_format", NULL},
    {"http_debug_logging_enabled", "false"},
    {"sql_log_level", NULL},
    {"sql_log_warn_duration", NULL},
    {"hide_pactflow_messages", "true"},
    {"order_versions_by_date", "true"},
    {"base_equality_only_on_content_that_affects_verification_results", "true"},
    {"use_case_sensitive_resource_names", "true"},
    {"semver_formats", NULL},
    {"seed_example_data", "false"},
    {"network_diagram_max_pacticipants", NULL},
    {"features", NULL},
    {"enable_badge_resources", "true"},
    {"use_hal_browser", NULL},
    {"enable_diagnostic_endpoints", "true"},
    {"use_rack_protection", "true"},
    {"pact_content_diff_timeout", NULL},
    {"dynamic_wip_window", NULL},
    {"max_wip_lookback_days", NULL},
    {"min_wip_window_days", NULL},
    {"default_wip_window_days", NULL},
    {"verified_by_other_branch_lookback_days", NULL},
    {"database_clean_cron_schedule", NULL},
    {"database_clean_mode", NULL},
    {"database_clean_keep_version_selectors", NULL},
    {"database_clean_deletion_limit", NULL},
    {"database_clean_overwritten_data_max_age", NULL},
    {"database_clean_dry_run", "false"},
    {"puma_persistent_timeout", NULL},
    {"puma_max_threads", NULL},
    {"puma_min_threads", NULL},
    {"puma_workers", NULL},
};

bool config_without_effect(struct str name, const char **ret_same)
{
    for (size_t i = 0; i < sizeof without_effect / sizeof *without_effect; i++) {
        if (str_is(name, without_effect[i].name)) {
            *ret_same = without_effect[i].same;
            return true;
        }
    }
    return false;
}

/* ---- the file ---- */

static bool is_listed(const struct opt_list *names, struct str name)
{
    for (size_t i = 0; i < names->len; i++) {
        if (str_is(name, names->items[i]))
            return true;
    }
    return false;
}

static const char *place(const struct config_file *file, const struct json *value,
                         struct arena *arena)
{
    int line = 0, column = 0;
    json_position(value, file->text, &line, &column);
    return line > 0 ? arena_printf(arena, "%s:%d", file->path, line) : file->path;
}

static const char *scalar_text(const struct json *value, struct arena *arena)
{
    if (json_is(value, JSON_BOOL))
        return json_bool(value) ? "true" : "false";
    return json_is(value, JSON_NULL) ? NULL : str_cstr(arena, json_text(value));
}

static int check_keys(const struct config_file *file, const struct opt_list *known,
                      struct opt_list *warnings, struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < json_len(file->root); i++) {
        struct str key = json_key(file->root, i);
        const struct json *value = json_at(file->root, i);
        const char *same = NULL, *text = scalar_text(value, arena);
        if (is_listed(known, key))
            continue;
        if (config_without_effect(key, &same)) {
            if (!same || !text || strcmp(same, text) != 0)
                *VEC_PUSH(arena, warnings) =
                    arena_printf(arena, "'%.*s' (%s) has no effect in this broker", STR_FMT(key),
                                 place(file, value, arena));
            continue;
        }
        const char *name = str_cstr(arena, key);
        const char *near = opt_nearest(name, known->items, known->len);
        return err_set(err, ERR_USAGE, "%s: unknown setting '%s'%s%s%s", place(file, value, arena),
                       name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    return 0;
}

int config_file_read(const char *path, const struct opt_list *known, struct opt_list *warnings,
                     struct arena *arena, struct config_file **ret, struct err *err)
{
    struct config_file *file = ARENA_NEW(arena, struct config_file);
    file->path = path;
    int code = fs_read(path, LIMIT_YAML_TEXT, arena, &file->text, err);
    if (code == 0)
        code = yaml_parse(file->text, path, arena, &file->root, err);
    if (code < 0)
        return err_wrap(err, "configuration file '%s'", path);
    if (!json_is(file->root, JSON_OBJECT) && !json_is(file->root, JSON_NULL))
        return err_set(err, ERR_USAGE, "%s: a configuration is a list of 'setting: value' lines",
                       path);
    code = check_keys(file, known, warnings, arena, err);
    if (code == 0)
        *ret = file;
    return code;
}

static const char *named(const struct config_file *file, struct str key, const struct json *value,
                         struct arena *arena)
{
    return arena_printf(arena, "'%.*s' (%s)", STR_FMT(key), place(file, value, arena));
}

const struct json *config_file_value(const struct config_file *file, const char *key,
                                     struct arena *arena, const char **ret_where)
{
    const struct json *value = json_get(file->root, key);
    if (value)
        *ret_where = named(file, str_of(key), value, arena);
    return value;
}

int config_file_find(const struct config_file *file, const struct opt *opt, struct arena *arena,
                     const char **ret_value, const char **ret_where, struct err *err)
{
    const struct json *value = NULL;
    struct str keys = str_of(opt->key), key = STR_NONE;
    while (keys.ptr && (!value || json_is(value, JSON_NULL))) {
        key = str_cut(&keys, ' ');
        value = json_find(file->root, key);
    }
    if (!value || json_is(value, JSON_NULL))
        return 0;
    const char *where = named(file, key, value, arena);
    struct buf joined BUF_AUTO = BUF_INIT(LIMIT_YAML_TEXT);
    const char *text = NULL;
    if (json_is(value, JSON_ARRAY) && opt->split) {
        for (size_t i = 0; i < json_len(value); i++) {
            const char *item = scalar_text(json_at(value, i), arena);
            if (!item)
                return err_set(err, ERR_USAGE, "%s needs a list of plain values", where);
            buf_printf(&joined, "%.*s%s", i > 0, &opt->split, item);
        }
        text = arena_strndup(arena, buf_view(&joined).ptr, joined.len);
    } else if (!json_is(value, JSON_ARRAY) && !json_is(value, JSON_OBJECT)) {
        text = scalar_text(value, arena);
    }
    if (!text)
        return err_set(err, ERR_USAGE, "%s needs a plain value", where);
    /* 0123 and true are no texts in YAML, and would not be the password that was meant. */
    if (opt->kind == OPT_TEXT && !opt->check && !opt->split && json_type(value) != JSON_STRING)
        return err_set(err, ERR_USAGE, "%s needs a text: put it in quotes", where);
    *ret_value = text;
    *ret_where = where;
    return 1;
}

/* ---- the environment ---- */

/* What commands read that talk to a broker, which may well be set where one runs, and what goes
 * with the adapter. */
static const char *const read_elsewhere[] = {"BASE_URL",
                                             "TOKEN",
                                             "USERNAME",
                                             "PASSWORD",
                                             "HTTP_RETRIES",
                                             "CAN_I_DEPLOY_DRY_RUN",
                                             "CAN_I_DEPLOY_IGNORE",
                                             "DATABASE_NAME"};

static bool is_read_elsewhere(struct str name)
{
    for (size_t i = 0; i < sizeof read_elsewhere / sizeof *read_elsewhere; i++) {
        if (str_is(name, read_elsewhere[i]))
            return true;
    }
    return false;
}

static void list_variables(const struct opt *options, struct opt_list *ret, struct arena *arena)
{
    for (const struct opt *opt = options; opt->name || opt->kind != OPT_FLAG; opt++) {
        struct str names = str_of(opt->env);
        while (names.ptr)
            *VEC_PUSH(arena, ret) = str_cstr(arena, str_cut(&names, ' '));
    }
}

static void check_variable(const char *variable, const struct opt_list *known,
                           struct opt_list *warnings, struct arena *arena)
{
    struct str value = str_of(variable), full = str_cut(&value, '='), prefix = STR("PACT_BROKER_");
    bool ours = str_starts(full, STR("TALLY_BROKER_"));
    if (ours)
        prefix = STR("TALLY_BROKER_");
    if (!str_starts(full, prefix) || value.len == 0 || is_listed(known, full))
        return;
    struct str name = str_sub(full, prefix.len, full.len);
    if (is_read_elsewhere(name) || str_starts(name, STR("WEBHOOK_CERTIFICATES__")))
        return;
    const char *same = NULL;
    if (!ours && config_without_effect(str_lower(arena, name), &same)) {
        if (!same || !str_is(value, same))
            *VEC_PUSH(arena, warnings) =
                arena_printf(arena, "%.*s has no effect in this broker", STR_FMT(full));
        return;
    }
    const char *text = str_cstr(arena, full);
    const char *near = opt_nearest(text, known->items, known->len);
    *VEC_PUSH(arena, warnings) =
        arena_printf(arena, "%s is not known%s%s%s", text, near ? "; did you mean " : "",
                     near ? near : "", near ? "?" : "");
}

void config_check_environment(const struct opt *options, struct opt_list *warnings,
                              struct arena *arena)
{
    struct opt_list known = {0};
    list_variables(options, &known, arena);
    for (char **variable = environ; variable && *variable; variable++)
        check_variable(*variable, &known, warnings, arena);
}
