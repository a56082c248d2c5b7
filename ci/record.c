// SPDX-License-Identifier: Apache-2.0
#include "ci/record.h"

#include <stdio.h>
#include <string.h>

#include "ci/broker_options.h"
#include "ci/environment.h"
#include "ci/option_check.h"
#include "ci/app_version.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/wire/url.h"

struct record_options {
    const char *pacticipant, *version, *environment, *instance, *output;
    struct broker_options broker;
};

/* What differs between recording a deployment and recording a release, and between their ends. */
struct record_kind {
    const char *begin_link;                      /* on the version */
    const char *current_link;                    /* on the environment */
    const char *older_link;                      /* what older brokers call it, or NULL */
    const char *embedded;                        /* list in what current_link gives */
    const char *flag;                            /* PATCHed to false to end it */
    const char *begun, *ended, *from, *recorded; /* words of the sentences printed */
};
static const struct record_kind deployment = {
    .begin_link = "pb:record-deployment",
    .current_link = "pb:currently-deployed-deployed-versions",
    .older_link = "pb:currently-deployed-versions",
    .embedded = "deployedVersions",
    .flag = "currentlyDeployed",
    .begun = "deployment of",
    .ended = "undeployment of",
    .from = "from",
    .recorded = "deployed to",
};
static const struct record_kind release = {
    .begin_link = "pb:record-release",
    .current_link = "pb:currently-supported-released-versions",
    .embedded = "releasedVersions",
    .flag = "currentlySupported",
    .begun = "release of",
    .ended = "support ended for",
    .from = "in",
    .recorded = "released and supported in",
};

static void print_json(struct arena *arena, const struct json *value)
{
    printf("%.*s\n", STR_FMT(json_to_str(arena, value, JSON_PRETTY)));
}

/* ---- begin ---- */

/* The link of that name among those of the version; the broker has one per environment. */
static int link_for(const struct json *version, const struct record_kind *kind,
                    const struct record_options *o, struct arena *arena, const char **ret,
                    struct err *err)
{
    const struct json *links = json_get(json_get(version, "_links"), kind->begin_link);
    const char *known = "";
    for (size_t i = 0; json_is(links, JSON_ARRAY) && i < json_len(links); i++) {
        struct str name = json_get_text(json_at(links, i), "name");
        struct str href = json_get_text(json_at(links, i), "href");
        if (str_is(name, o->environment) && href.ptr) {
            *ret = str_cstr(arena, href);
            return 0;
        }
        known = arena_printf(arena, "%s%s%.*s", known, *known ? ", " : "", STR_FMT(name));
    }
    return err_set(err, ERR_NOT_FOUND, "there is no environment '%s'; there are: %s",
                   o->environment, *known ? known : "none (see `tally create-environment`)");
}

static int begin(const struct record_options *o, const struct record_kind *kind,
                 struct arena *arena, struct err *err)
{
    struct hal *hal BROKER_HAL_AUTO = NULL;
    struct hal_response response = {0};
    struct json *version = NULL;
    const char *url = NULL;
    int code = broker_connect(&o->broker, &hal, err);
    if (code == 0)
        code = app_version_get(hal, o->pacticipant, o->version, arena, &version, err);
    if (code == ERR_NOT_FOUND)
        return err_wrap(err, "the broker does not know version %s of %s", o->version,
                        o->pacticipant);
    if (code == 0)
        code = link_for(version, kind, o, arena, &url, err);
    struct json *body = json_new_object(arena);
    if (o->instance)
        json_set(arena, body, "applicationInstance", json_new_text(arena, o->instance));
    if (code == 0)
        code = hal_send(hal, "POST", url, body, arena, &response, err);
    if (code < 0)
        return code;
    if (opt_is(o->output, "text"))
        printf("Recorded %s %s version %s to %s environment in the broker.\n", kind->begun,
               o->pacticipant, o->version, o->environment);
    else
        print_json(arena, response.body);
    return 0;
}

/* ---- end ---- */

static struct str embedded_version(const struct json *item)
{
    return json_get_text(json_get(json_get(item, "_embedded"), "version"), "number");
}

/* Whether a current row is what the user means: same version, or same application instance. */
static bool is_meant(const struct json *item, const struct record_options *o)
{
    if (o->version)
        return str_is(embedded_version(item), o->version);
    struct str instance = json_get_text(item, "applicationInstance");
    return o->instance ? str_is(instance, o->instance) : !instance.ptr;
}

static int end_one(struct hal *hal, const struct json *item, const struct record_kind *kind,
                   struct arena *arena, struct json **ret, struct err *err)
{
    const char *url;
    struct hal_response response = {0};
    struct json *body = json_new_object(arena);
    json_set(arena, body, kind->flag, json_new_bool(arena, false));
    int code = hal_link(item, "self", NULL, arena, &url, err);
    if (code == 0)
        code = hal_send(hal, "PATCH", url, body, arena, &response, err);
    if (code == 0)
        *ret = response.body;
    return code;
}

static int current_of(struct hal *hal, const struct record_options *o,
                      const struct record_kind *kind, struct arena *arena, struct json **ret,
                      struct err *err)
{
    struct json *environment, *current;
    const char *url;
    int code = environment_named(hal, o->environment, arena, &environment, err);
    if (code < 0)
        return code;
    code =
        hal_link(environment, kind->current_link, NULL, arena, &url, kind->older_link ? NULL : err);
    if (code == ERR_NOT_FOUND && kind->older_link)
        code = hal_link(environment, kind->older_link, NULL, arena, &url, err);
    if (code < 0)
        return code;
    url = arena_printf(arena, "%s?pacticipant=%.*s%s%.*s", url,
                       STR_FMT(url_encode(arena, str_of(o->pacticipant))),
                       o->version ? "&version=" : "",
                       STR_FMT(url_encode(arena, str_of(o->version ? o->version : ""))));
    code = hal_get(hal, url, arena, &current, err);
    if (code == 0)
        *ret = json_get(json_get(current, "_embedded"), kind->embedded);
    return code;
}

static int end(const struct record_options *o, const struct record_kind *kind, struct arena *arena,
               struct err *err)
{
    struct hal *hal BROKER_HAL_AUTO = NULL;
    struct json *current = NULL, *ended = json_new_array(arena);
    int code = broker_connect(&o->broker, &hal, err);
    if (code == 0)
        code = current_of(hal, o, kind, arena, &current, err);
    for (size_t i = 0; code == 0 && i < json_len(current); i++) {
        const struct json *item = json_at(current, i);
        struct json *answer = NULL;
        if (!is_meant(item, o))
            continue;
        code = end_one(hal, item, kind, arena, &answer, err);
        if (code < 0)
            break;
        json_append(arena, ended, answer ? answer : json_new_object(arena));
        if (opt_is(o->output, "text"))
            printf("Recorded %s %s version %.*s %s %s environment in the broker.\n", kind->ended,
                   o->pacticipant, STR_FMT(embedded_version(item)), kind->from, o->environment);
    }
    if (code < 0)
        return code;
    if (json_len(ended) == 0) /* as stock: the record contradicts the caller, exit 1 */
        return err_set(err, ERR_CONFLICT, "no version%s%s of %s is recorded as %s %s",
                       o->version ? " " : "", o->version ? o->version : "", o->pacticipant,
                       kind->recorded, o->environment);
    if (!opt_is(o->output, "text"))
        print_json(arena, ended);
    return 0;
}

/* ---- commands ---- */

#define ROW_PACTICIPANT(o)                                                                         \
    {                                                                                              \
        .kind = OPT_TEXT, .letter = 'a', .name = "pacticipant", .value = "NAME",                   \
        .target = &(o).pacticipant, .required = true, .help = "name of the application"            \
    }
#define ROW_VERSION(o)                                                                             \
    {                                                                                              \
        .kind = OPT_TEXT, .letter = 'e', .name = "version", .value = "VERSION",                    \
        .target = &(o).version, .required = true, .help = "its version"                            \
    }
#define ROW_ENVIRONMENT(o)                                                                         \
    {                                                                                              \
        .kind = OPT_TEXT, .name = "environment", .value = "NAME", .target = &(o).environment,      \
        .required = true, .help = "name of the environment"                                        \
    }
#define ROW_INSTANCE(o)                                                                            \
    {                                                                                              \
        .kind = OPT_TEXT, .name = "application-instance", .value = "NAME",                         \
        .target = &(o).instance,                                                                   \
        .help = "which of several that run side by side, such as blue or green"                    \
    }
#define ROW_OUTPUT(o) OPT_OUTPUT(&(o).output, "text|json|pretty", "text")

static int run(const struct opt_command *command, int argc, char **argv,
               const struct record_options *options, const struct record_kind *kind,
               int (*action)(const struct record_options *, const struct record_kind *,
                             struct arena *, struct err *))
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    int parsed = opt_parse(command, argc, argv, arena, &args, &err);
    if (parsed > 0)
        return EXIT_YES;
    const struct option_check filled[] = {
        {"pacticipant", options->pacticipant},
        {"version", options->version},
        {"environment", options->environment},
        {"application-instance", options->instance},
        {NULL, NULL},
    };
    if (parsed < 0 || option_check_filled(filled, &err) < 0 ||
        action(options, kind, arena, &err) < 0)
        return err_report(&err);
    return EXIT_YES;
}

int record_deployment_command(int argc, char **argv)
{
    struct record_options o = {0};
    const struct opt rows[] = {ROW_PACTICIPANT(o),
                               ROW_VERSION(o),
                               ROW_ENVIRONMENT(o),
                               ROW_INSTANCE(o),
                               ROW_OUTPUT(o),
                               BROKER_OPTION_ROWS(o.broker),
                               OPT_END};
    const struct opt_command command = {
        .name = "record-deployment",
        .usage = "--pacticipant NAME --version VERSION --environment NAME [options]",
        .summary = "Record that a version now runs in an environment, instead of the one before.",
        .details = "For what users install and keep, such as mobile apps, use record-release.",
        .options = rows,
    };
    return run(&command, argc, argv, &o, &deployment, begin);
}

int record_undeployment_command(int argc, char **argv)
{
    struct record_options o = {0};
    const struct opt rows[] = {ROW_PACTICIPANT(o), ROW_ENVIRONMENT(o),           ROW_INSTANCE(o),
                               ROW_OUTPUT(o),      BROKER_OPTION_ROWS(o.broker), OPT_END};
    const struct opt_command command = {
        .name = "record-undeployment",
        .usage = "--pacticipant NAME --environment NAME [options]",
        .summary = "Record that an application no longer runs in an environment.",
        .details = "Exit code 1 when none was recorded as deployed there.",
        .options = rows,
    };
    return run(&command, argc, argv, &o, &deployment, end);
}

int record_release_command(int argc, char **argv)
{
    struct record_options o = {0};
    const struct opt rows[] = {ROW_PACTICIPANT(o),           ROW_VERSION(o),
                               ROW_ENVIRONMENT(o),           ROW_OUTPUT(o),
                               BROKER_OPTION_ROWS(o.broker), OPT_END};
    const struct opt_command command = {
        .name = "record-release",
        .usage = "--pacticipant NAME --version VERSION --environment NAME [options]",
        .summary = "Record that a version is out in the field, beside the ones before it.",
        .details =
            "The gate protects every release until `tally record-support-ended`.\n\nExample:\n"
            "  tally record-release --pacticipant wallet-android --version 3.2.0 \\\n"
            "      --environment production",
        .options = rows,
    };
    return run(&command, argc, argv, &o, &release, begin);
}

int record_support_ended_command(int argc, char **argv)
{
    struct record_options o = {0};
    const struct opt rows[] = {ROW_PACTICIPANT(o),           ROW_VERSION(o),
                               ROW_ENVIRONMENT(o),           ROW_OUTPUT(o),
                               BROKER_OPTION_ROWS(o.broker), OPT_END};
    const struct opt_command command = {
        .name = "record-support-ended",
        .usage = "--pacticipant NAME --version VERSION --environment NAME [options]",
        .summary = "Record that a release is no longer supported, so that it may break.",
        .details = "Exit code 1 when it was not recorded as supported there.",
        .options = rows,
    };
    return run(&command, argc, argv, &o, &release, end);
}
