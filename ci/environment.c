// SPDX-License-Identifier: Apache-2.0
#include "ci/environment.h"

#include <stdio.h>
#include <string.h>

#include "ci/broker_options.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/base/term.h"
#include "lib/wire/url.h"

/* Every environment the broker has, as an array (NULL if it has none). */
static int all_environments(struct hal *hal, struct arena *arena, struct json **ret,
                            struct err *err)
{
    const char *url;
    struct json *body = NULL;
    int code = hal_index_link(hal, "pb:environments", NULL, arena, &url, err);
    if (code == 0)
        code = hal_get(hal, url, arena, &body, err);
    if (code < 0)
        return code;
    *ret = json_get(json_get(body, "_embedded"), "environments");
    return 0;
}

int environment_named(struct hal *hal, const char *name, struct arena *arena, struct json **ret,
                      struct err *err)
{
    struct json *list;
    int code = all_environments(hal, arena, &list, err);
    if (code < 0)
        return code;
    const char *known = "";
    for (size_t i = 0; i < json_len(list); i++) {
        struct str other = json_get_text(json_at(list, i), "name");
        struct str uuid = json_get_text(json_at(list, i), "uuid");
        if (str_is(other, name)) {
            const char *url =
                arena_printf(arena, "/environments/%.*s", STR_FMT(url_encode(arena, uuid)));
            return hal_get(hal, url, arena, ret, err);
        }
        known = arena_printf(arena, "%s%s%.*s", known, *known ? ", " : "", STR_FMT(other));
    }
    if (!*known)
        return err_set(err, ERR_NOT_FOUND,
                       "there is no environment '%s', nor any other; create it with `tally "
                       "create-environment --name %s`",
                       name, name);
    return err_set(err, ERR_NOT_FOUND, "there is no environment '%s'; there are: %s", name, known);
}

/* ---- commands ---- */

struct environment_options {
    const char *name, *display_name, *contact_name, *contact_email, *uuid, *output;
    bool production;
    struct broker_options broker;
};

/* The rows that end the table of every command here. */
#define LAST_ROWS(o, forms) OPT_OUTPUT(&(o).output, (forms), "text"), BROKER_OPTION_ROWS((o).broker)

static int run(const struct opt_command *command, int argc, char **argv,
               const struct environment_options *options,
               int (*action)(const struct environment_options *, struct arena *, struct err *))
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    int parsed = opt_parse(command, argc, argv, arena, &args, &err);
    if (parsed > 0)
        return EXIT_YES;
    if (parsed < 0 || action(options, arena, &err) < 0)
        return err_report(&err);
    return EXIT_YES;
}

static void print_json(struct arena *arena, const struct json *value)
{
    printf("%.*s\n", STR_FMT(json_to_str(arena, value, JSON_PRETTY)));
}

static void print_table(struct arena *arena, struct json *const *list, size_t n)
{
    static const char *const head[] = {"NAME", "DISPLAY NAME", "PRODUCTION", "UUID"};
    struct term_table *table = term_table_new(arena, 4);
    for (size_t i = 0; i < 4; i++)
        term_table_cell(table, TERM_BOLD, "%s", head[i]);
    for (size_t i = 0; i < n; i++) {
        const struct json *item = list[i];
        term_table_cell(table, TERM_PLAIN, "%.*s", STR_FMT(json_get_text(item, "name")));
        term_table_cell(table, TERM_PLAIN, "%.*s", STR_FMT(json_get_text(item, "displayName")));
        term_table_cell(table, TERM_PLAIN, "%s",
                        json_bool(json_get(item, "production")) ? "yes" : "no");
        term_table_cell(table, TERM_PLAIN, "%.*s", STR_FMT(json_get_text(item, "uuid")));
    }
    term_table_print(table, stdout);
}

static struct json *creation_body(const struct environment_options *options, struct arena *arena)
{
    struct json *body = json_new_object(arena);
    json_set(arena, body, "name", json_new_text(arena, options->name));
    if (options->display_name)
        json_set(arena, body, "displayName", json_new_text(arena, options->display_name));
    json_set(arena, body, "production", json_new_bool(arena, options->production));
    if (options->contact_name || options->contact_email) {
        struct json *contacts = json_new_array(arena), *contact = json_new_object(arena);
        const char *name = options->contact_name ? options->contact_name : options->contact_email;
        json_set(arena, contact, "name", json_new_text(arena, name));
        if (options->contact_email) {
            struct json *details = json_new_object(arena);
            json_set(arena, details, "emailAddress", json_new_text(arena, options->contact_email));
            json_set(arena, contact, "details", details);
        }
        json_append(arena, contacts, contact);
        json_set(arena, body, "contacts", contacts);
    }
    return body;
}

static int create(const struct environment_options *options, struct arena *arena, struct err *err)
{
    struct hal *hal BROKER_HAL_AUTO = NULL;
    struct hal_response response = {0};
    const char *url;
    int code = broker_connect(&options->broker, &hal, err);
    if (code == 0)
        code = hal_index_link(hal, "pb:environments", NULL, arena, &url, err);
    if (code == 0)
        code = hal_send(hal, "POST", url, creation_body(options, arena), arena, &response, err);
    if (code < 0)
        return err_wrap(err, "creating environment '%s'", options->name);
    if (opt_is(options->output, "json"))
        print_json(arena, response.body);
    else if (opt_is(options->output, "id"))
        printf("%.*s\n", STR_FMT(json_get_text(response.body, "uuid")));
    else
        printf("Created %s environment %s in the broker with UUID %.*s\n",
               options->production ? "production" : "non-production", options->name,
               STR_FMT(json_get_text(response.body, "uuid")));
    return 0;
}

int create_environment_command(int argc, char **argv)
{
    struct environment_options o = {0};
    const struct opt rows[] = {
        {.kind = OPT_TEXT,
         .name = "name",
         .value = "NAME",
         .target = &o.name,
         .required = true,
         .help = "short name, without spaces"},
        {.kind = OPT_TEXT,
         .name = "display-name",
         .value = "TEXT",
         .target = &o.display_name,
         .help = "name for people"},
        {.kind = OPT_FLAG,
         .name = "production",
         .target = &o.production,
         .help = "users are served from here"},
        {.kind = OPT_TEXT,
         .name = "contact-name",
         .value = "NAME",
         .target = &o.contact_name,
         .help = "team that looks after it"},
        {.kind = OPT_TEXT,
         .name = "contact-email-address",
         .value = "ADDRESS",
         .target = &o.contact_email,
         .help = "address of that team"},
        LAST_ROWS(o, "text|json|id"),
        OPT_END,
    };
    const struct opt_command command = {
        .name = "create-environment",
        .usage = "--name NAME [--production] [options]",
        .summary = "Tell the broker about a place where versions run or are sold.",
        .details = "Example:\n  tally create-environment --name production --production",
        .options = rows,
    };
    return run(&command, argc, argv, &o, create);
}

static int list_all(const struct environment_options *options, struct arena *arena, struct err *err)
{
    struct hal *hal BROKER_HAL_AUTO = NULL;
    struct json *list = NULL;
    int code = broker_connect(&options->broker, &hal, err);
    if (code == 0)
        code = all_environments(hal, arena, &list, err);
    if (code < 0)
        return code;
    if (opt_is(options->output, "json")) {
        print_json(arena, list ? list : json_new_array(arena));
        return 0;
    }
    struct json **items = ARENA_ARRAY(arena, struct json *, json_len(list));
    for (size_t i = 0; i < json_len(list); i++)
        items[i] = json_at(list, i);
    print_table(arena, items, json_len(list));
    return 0;
}

int list_environments_command(int argc, char **argv)
{
    struct environment_options o = {0};
    const struct opt rows[] = {
        LAST_ROWS(o, "text|json|pretty"),
        OPT_END,
    };
    const struct opt_command command = {
        .name = "list-environments",
        .usage = "[options]",
        .summary = "Show the environments that the broker knows.",
        .options = rows,
    };
    return run(&command, argc, argv, &o, list_all);
}

static int describe(const struct environment_options *options, struct arena *arena, struct err *err)
{
    struct hal *hal BROKER_HAL_AUTO = NULL;
    struct json *environment = NULL;
    if (!options->uuid && !options->name)
        return err_set(err, ERR_USAGE, "which environment? give --name or --uuid");
    int code = broker_connect(&options->broker, &hal, err);
    if (code < 0)
        return code;
    if (options->uuid)
        code = hal_get(hal,
                       arena_printf(arena, "/environments/%.*s",
                                    STR_FMT(url_encode(arena, str_of(options->uuid)))),
                       arena, &environment, err);
    else
        code = environment_named(hal, options->name, arena, &environment, err);
    if (code < 0)
        return code;
    if (opt_is(options->output, "json"))
        print_json(arena, environment);
    else
        print_table(arena, &environment, 1);
    return 0;
}

int describe_environment_command(int argc, char **argv)
{
    struct environment_options o = {0};
    const struct opt rows[] = {
        {.kind = OPT_TEXT,
         .name = "uuid",
         .value = "UUID",
         .target = &o.uuid,
         .help = "the environment's id in the broker"},
        {.kind = OPT_TEXT,
         .name = "name",
         .value = "NAME",
         .target = &o.name,
         .help = "its name, instead of the id"},
        LAST_ROWS(o, "text|json|pretty"),
        OPT_END,
    };
    const struct opt_command command = {
        .name = "describe-environment",
        .usage = "--name NAME | --uuid UUID [options]",
        .summary = "Show one environment.",
        .options = rows,
    };
    return run(&command, argc, argv, &o, describe);
}
