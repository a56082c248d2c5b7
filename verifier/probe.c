// SPDX-License-Identifier: Apache-2.0
#include "verifier/probe.h"

#include "lib/base/arena.h"
#include "lib/hal/hal.h"
#include "verifier/probe_parts.h"

struct probe_options {
    struct probe_config config;
    struct hal_config broker;
    int64_t retries;
    struct opt_list headers, path_values;
    const char *provider, *version, *output;
    bool dry_run, no_publish;
};

enum { PUSH_QUIET_MS = 250 };

static const char details[] =
    "Reads the OpenAPI description and the GraphQL schema that the provider serves, walks every "
    "list page by page, and catches a push that the provider is asked to send. With a broker, what "
    "was seen becomes evidence for exactly that version; `tally gate` asks for it.\n\n"
    "The push trigger gets {\"endpoint\": URL} by POST and makes the provider send a push to that "
    "URL, which is on 127.0.0.1 and there while the probe runs.\n\n"
    "Exit codes: 0 every rule holds, 1 a rule is broken, 2 usage, 3 a required rule could not be "
    "judged, 4 the provider cannot be reached, or the broker did not take the evidence.\n\n"
    "Examples:\n"
    "  tally probe --provider-base-url http://127.0.0.1:8080\n"
    "  tally probe --provider-base-url http://127.0.0.1:8080 --provider mobile-bff \\\n"
    "      --provider-version 1.4.0 --broker-base-url http://127.0.0.1:9292";

/* The table needs fixed targets; parse() moves out what it got. */
static struct probe_options given;

/* clang-format off */
static const struct opt table[] = {
    {.kind = OPT_GROUP, .help = "Provider"},
    {.kind = OPT_TEXT, .name = "provider-base-url", .env = "TALLY_PROVIDER_BASE_URL",
     .value = "URL", .target = &given.config.base_url, .required = true,
     .help = "where it runs, such as http://127.0.0.1:8080"},
    {.kind = OPT_TEXT, .name = "openapi", .value = "PATH|URL", .target = &given.config.openapi,
     .fallback = "/openapi.json", .help = "its OpenAPI description (JSON); none: no REST API"},
    {.kind = OPT_TEXT, .name = "sdl", .value = "PATH|URL", .target = &given.config.sdl,
     .fallback = "/schema.graphql", .help = "its GraphQL schema (SDL); none: do not look"},
    {.kind = OPT_TEXT, .name = "graphql", .value = "PATH|URL", .target = &given.config.graphql,
     .fallback = "/graphql", .help = "where it takes GraphQL requests; none: walk no connection"},
    {.kind = OPT_LIST, .letter = 'H', .name = "header", .value = "'NAME: VALUE'",
     .target = &given.headers, .help = "send this with every request to the provider"},
    {.kind = OPT_GROUP, .help = "Lists"},
    {.kind = OPT_NUMBER, .name = "page-size", .value = "N", .target = &given.config.page_size,
     .fallback = "10", .min = 1, .max = 1000,
     .help = "rows of a page; few pages are walked again with smaller ones"},
    {.kind = OPT_NUMBER, .name = "max-pages", .value = "N", .target = &given.config.max_pages,
     .fallback = "200", .min = 2, .max = 100000,
     .help = "a longer list stays undecided"},
    {.kind = OPT_LIST, .name = "path-value", .value = "NAME=VALUE", .target = &given.path_values,
     .help = "fills {NAME} in the path of a list"},
    {.kind = OPT_GROUP, .help = "Push"},
    {.kind = OPT_TEXT, .name = "push-trigger", .value = "PATH|URL",
     .target = &given.config.push_trigger, .fallback = PROBE_PUSH_TRIGGER,
     .help = "makes it send a push; none: wait for one on --push-port"},
    {.kind = OPT_NUMBER, .name = "push-port", .value = "N", .target = &given.config.push_port,
     .fallback = "0", .min = 0, .max = 65535, .help = "port that catches it; 0 is any"},
    {.kind = OPT_NUMBER, .name = "push-timeout", .value = "MS",
     .target = &given.config.push_timeout_ms, .fallback = "5000", .min = 1, .max = 3600000, .help = "how long to wait for it"},
    {.kind = OPT_GROUP, .help = "Publishing (without a broker nothing is published)"},
    {.kind = OPT_TEXT, .letter = 'n', .name = "provider|provider-name",
     .env = "PACT_PROVIDER_NAME", .value = "NAME", .target = &given.provider,
     .help = "the provider's name in the broker"},
    {.kind = OPT_TEXT, .name = "provider-version|provider-app-version", .value = "VERSION",
     .target = &given.version, .help = "the version that runs there"},
    {.kind = OPT_TEXT, .letter = 'b', .name = "broker-base-url|broker-url", .env = HAL_ENV_URL,
     .value = "URL", .target = &given.broker.base_url, .help = "where the broker is"},
    {.kind = OPT_TEXT, .letter = 'u', .name = "broker-username", .env = HAL_ENV_USERNAME,
     .value = "NAME", .target = &given.broker.username,
     .help = "user name for basic authentication"},
    {.kind = OPT_TEXT, .letter = 'p', .name = "broker-password", .env = HAL_ENV_PASSWORD,
     .value = "PASSWORD", .target = &given.broker.password, .secret = true,
     .help = "password for basic authentication"},
    {.kind = OPT_TEXT, .letter = 'k', .name = "broker-token", .env = HAL_ENV_TOKEN,
     .value = "TOKEN", .target = &given.broker.token, .secret = true,
     .help = "bearer token, instead of name and password"},
    {.kind = OPT_NUMBER, .name = "retries|broker-http-retries", .env = HAL_ENV_RETRIES,
     .value = "N", .target = &given.retries, .fallback = "3", .min = 0, .max = 20,
     .help = "further tries when the broker is busy or does not answer"},
    {.kind = OPT_FLAG, .name = "no-publish", .target = &given.no_publish,
     .help = "look and report only"},
    {.kind = OPT_GROUP, .help = "Result"},
    OPT_OUTPUT(&given.output, "text|json", "text"),
    {.kind = OPT_FLAG, .name = "dry-run", .target = &given.dry_run,
     .help = "print the true answer, marked as a dry run; exit 0, publish nothing"},
    OPT_END,
};
/* clang-format on */

static const struct opt_command command = {
    .name = "probe",
    .usage = "--provider-base-url URL [options]",
    .summary = "Does a running provider keep the architecture rules?",
    .details = details,
    .options = table,
};

/* ---- options that need more than a look ---- */

static int check_base_url(struct probe_options *o, struct arena *arena, struct err *err)
{
    struct str url = str_trim(str_of(o->config.base_url));
    bool http = str_starts(url, STR("http://")) || str_starts(url, STR("https://"));
    while (url.len > 0 && url.ptr[url.len - 1] == '/')
        url.len--;
    if (!http || str_chr(url, '?') >= 0 || str_chr(url, '#') >= 0) {
        struct str shown = url_redact(arena, url);
        return err_set(err, ERR_USAGE,
                       "--provider-base-url '%.*s': expected http://HOST[:PORT][/PATH]",
                       STR_FMT(shown));
    }
    o->config.base_url = str_cstr(arena, str_dup(arena, url));
    return 0;
}

static int check_place(const char *option, const char *value, struct err *err)
{
    struct str text = str_of(value);
    if (str_starts(text, STR("/")) || str_starts(text, STR("http://")) ||
        str_starts(text, STR("https://")) || probe_is_off(value))
        return 0;
    return err_set(err, ERR_USAGE,
                   "--%s '%s': expected a path that starts with '/', a URL, or 'none'", option,
                   value);
}

static int check_places(const struct probe_options *o, struct err *err)
{
    const struct {
        const char *option, *value;
    } rows[] = {
        {"openapi", o->config.openapi},
        {"sdl", o->config.sdl},
        {"graphql", o->config.graphql},
        {"push-trigger", o->config.push_trigger},
    };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof rows / sizeof *rows; i++)
        rc = check_place(rows[i].option, rows[i].value, err);
    return rc;
}

/* "Name: value"; "Name=value" too, as `tally verify` takes it. The value may be a secret. */
static int read_headers(struct probe_options *o, struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < o->headers.len; i++) {
        struct str value = str_of(o->headers.items[i]);
        char separator = str_chr(value, ':') >= 0 ? ':' : '=';
        struct str name = str_trim(str_cut(&value, separator));
        if (!value.ptr || !headers_name_ok(name) || !headers_value_ok(value))
            return err_set(err, ERR_USAGE, "--header number %zu: expected 'Name: value'", i + 1);
        headers_add(arena, &o->config.headers, name, str_trim(value));
    }
    return 0;
}

static int read_path_values(struct probe_options *o, struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < o->path_values.len; i++) {
        struct str value = str_of(o->path_values.items[i]), name = str_cut(&value, '=');
        if (!value.ptr || value.len == 0 || name.len == 0)
            return err_set(err, ERR_USAGE, "--path-value '%s': expected NAME=VALUE",
                           o->path_values.items[i]);
        *VEC_PUSH(arena, &o->config.path_values) = (struct url_param){name, value};
    }
    return 0;
}

static bool is_given(const char *text)
{
    return text && *text;
}

static bool publishes(const struct probe_options *o)
{
    return is_given(o->broker.base_url) && !o->no_publish && !o->dry_run;
}

static int check_publishing(const struct probe_options *o, struct err *err)
{
    if (!publishes(o))
        return 0;
    if (!is_given(o->provider) || !is_given(o->version))
        return err_set(err, ERR_USAGE,
                       "evidence is published for a version: say --provider and "
                       "--provider-version, or --no-publish to look only");
    if (is_given(o->broker.token) && is_given(o->broker.username))
        return err_set(err, ERR_USAGE,
                       "both a broker token and a broker user name are given; choose one");
    return 0;
}

/* Returns 0, 1 when --help was printed, or ERR_USAGE. */
static int parse(int argc, char **argv, struct arena *arena, struct probe_options *o,
                 struct err *err)
{
    struct opt_list arguments = {0};
    given = (struct probe_options){.config = {.push_quiet_ms = PUSH_QUIET_MS}};
    int rc = opt_parse(&command, argc, argv, arena, &arguments, err);
    *o = given;
    if (rc == 0)
        rc = check_base_url(o, arena, err);
    if (rc == 0)
        rc = check_places(o, err);
    if (rc == 0)
        rc = read_headers(o, arena, err);
    if (rc == 0)
        rc = read_path_values(o, arena, err);
    if (rc == 0)
        rc = check_publishing(o, err);
    return rc;
}

/* ---- publishing ---- */

static void hal_cleanup(struct hal **hal)
{
    hal_free(*hal);
}

static int connect_broker(const struct probe_options *o, struct hal **ret, struct err *err)
{
    struct hal_config config = o->broker;
    config.retries = (int)o->retries;
    if (!is_given(config.username))
        config.username = config.password = NULL;
    if (!is_given(config.token))
        config.token = NULL;
    return hal_new(&config, ret, err);
}

static int publish(struct probe *probe, const struct probe_options *o, struct hal *hal,
                   struct str *ret_url, struct err *err)
{
    struct arena *arena = probe->arena;
    struct hal_response response = {0};
    struct json *evidence = adr_evidence_write(&probe->findings, probe->observed_at, arena);
    const char *path = arena_printf(arena, "/pacticipants/%.*s/versions/%.*s/evidence/" ADR_PACK,
                                    STR_FMT(url_encode(arena, str_of(o->provider))),
                                    STR_FMT(url_encode(arena, str_of(o->version))));
    json_set(arena, evidence, "observedAt", json_new_str(arena, probe->observed_at));
    json_set(arena, evidence, "tool", json_new_text(arena, "tally " TALLY_VERSION));
    int rc = hal_send(hal, "PUT", path, evidence, arena, &response, err);
    if (rc < 0)
        return err_wrap(err, "publishing the evidence of %s %s", o->provider, o->version);
    *ret_url = str_printf(arena, "%s%s", hal_base_url(hal), path);
    return 0;
}

static const char *why_not_published(const struct probe_options *o)
{
    return o->dry_run      ? "this is a dry run"
           : o->no_publish ? "--no-publish was given"
                           : "no broker was named (--broker-base-url)";
}

/* Whatever the broker's objection was: the evidence is not where the gate looks for it. */
static int report_unpublished(const struct err *err)
{
    int code = err_report(err);
    return code == EXIT_INTERNAL ? code : EXIT_SURROUNDINGS;
}

static int run(struct probe_options *o, struct probe *probe, struct arena *arena)
{
    struct hal *hal __attribute__((cleanup(hal_cleanup))) = NULL;
    struct err err = ERR_INIT, unpublished = ERR_INIT;
    struct probe_outcome outcome = {.provider = o->provider, .version = o->version};
    /* A broker URL that cannot be one is worth knowing before the work. */
    if (publishes(o) && connect_broker(o, &hal, &err) < 0)
        return err_report(&err);
    if (probe_run(probe, &o->config, clock_system(), arena, &err) < 0)
        return err_report(&err);
    outcome.format = o->output;
    outcome.dry_run = o->dry_run;
    outcome.exit_code = o->dry_run ? EXIT_YES : (int)probe_answer(probe);
    if (!hal) {
        outcome.why_not = str_of(why_not_published(o));
    } else if (publish(probe, o, hal, &outcome.published, &unpublished) < 0) {
        outcome.why_not = STR("the broker did not take it");
        outcome.exit_code = report_unpublished(&unpublished);
    }
    probe_report(probe, &outcome);
    return outcome.exit_code;
}

int probe_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct probe_options options;
    struct probe probe = {0};
    struct err err = ERR_INIT;
    int parsed = parse(argc, argv, arena, &options, &err);
    if (parsed > 0)
        return EXIT_YES;
    if (parsed < 0)
        return err_report(&err);
    int code = run(&options, &probe, arena);
    probe_release(&probe);
    return code;
}
