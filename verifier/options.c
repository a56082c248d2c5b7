// SPDX-License-Identifier: Apache-2.0
#include "verifier/options.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/re.h"
#include "lib/hal/hal.h"
#include "lib/wire/url.h"

/* The table needs fixed targets; verify_options_parse() moves out what it got. */
static struct verify_options o;

#define TEXT(field)   .kind = OPT_TEXT, .target = &o.field
#define LIST(field)   .kind = OPT_LIST, .target = &o.field
#define FLAG(field)   .kind = OPT_FLAG, .target = &o.field
#define NUMBER(field) .kind = OPT_NUMBER, .target = &o.field

/* clang-format off */
static const struct opt table[] = {
    {.kind = OPT_GROUP, .help = "Contracts (at least one source)"},
    {LIST(files), .letter = 'f', .name = "file", .value = "FILE", .help = "a Pact file"},
    {LIST(dirs), .letter = 'd', .name = "dir", .value = "DIR",
     .help = "every *.json below a folder"},
    {LIST(urls), .letter = 'u', .name = "url", .value = "URL", .help = "a Pact file by URL"},
    {TEXT(broker_url), .letter = 'b', .name = "broker-url|broker-base-url", .env = HAL_ENV_URL,
     .value = "URL", .help = "the broker that chooses the contracts and takes the results"},
    {TEXT(webhook_url), .name = "webhook-callback-url", .env = "PACT_WEBHOOK_CALLBACK_URL",
     .value = "URL", .help = "verify only the contract that a broker's webhook names"},
    {FLAG(ignore_no_pacts), .name = "ignore-no-pacts-error",
     .help = "exit 0 when there was no contract to verify; says so, publishes nothing"},

    {.kind = OPT_GROUP, .help = "Access to the broker"},
    {TEXT(username), .name = "user|broker-username", .env = HAL_ENV_USERNAME, .value = "NAME",
     .help = "user name for basic authentication"},
    {TEXT(password), .name = "password|broker-password", .env = HAL_ENV_PASSWORD,
     .value = "PASSWORD", .secret = true, .help = "password for basic authentication"},
    {TEXT(token), .letter = 't', .name = "token|broker-token", .env = HAL_ENV_TOKEN,
     .value = "TOKEN", .secret = true, .help = "bearer token, instead of name and password"},
    {NUMBER(retries), .name = "retries|broker-http-retries", .env = HAL_ENV_RETRIES, .value = "N",
     .fallback = "3", .max = 20, .help = "further tries when the broker does not answer"},

    {.kind = OPT_GROUP, .help = "Which contracts of the broker"},
    {LIST(selector_texts), .name = "consumer-version-selectors", .value = "JSON",
     .help = "an object, or an array of them, such as {\"deployedOrReleased\":true}"},
    {LIST(consumer_tags), .name = "consumer-version-tags", .value = "TAG,TAG", .split = ',',
     .help = "latest contracts with these tags"},
    {FLAG(enable_pending), .name = "enable-pending",
     .help = "contracts never verified before do not fail the run"},
    {TEXT(wip_since), .name = "include-wip-pacts-since", .value = "DATE",
     .help = "also work in progress since then; never fails the run"},

    {.kind = OPT_GROUP, .help = "Provider"},
    {TEXT(provider), .letter = 'n', .name = "provider-name|provider", .env = "PACT_PROVIDER_NAME",
     .value = "NAME", .help = "verify the contracts of this provider"},
    {TEXT(base_url), .name = "provider-base-url", .env = "TALLY_PROVIDER_BASE_URL", .value = "URL",
     .help = "where it runs, instead of the next four"},
    {TEXT(hostname), .letter = 'h', .name = "hostname", .env = "PACT_PROVIDER_HOSTNAME",
     .value = "HOST", .fallback = "localhost", .help = "its host"},
    {NUMBER(port), .letter = 'p', .name = "port", .env = "PACT_PROVIDER_PORT", .value = "PORT",
     .max = 65535, .help = "its port; default by scheme"},
    {.kind = OPT_CHOICE, .target = &o.transport, .name = "transport|scheme",
     .env = "PACT_PROVIDER_TRANSPORT", .value = "SCHEME", .choices = "http|https",
     .fallback = "http", .help = "its scheme"},
    {TEXT(base_path), .name = "base-path", .env = "PACT_PROVIDER_BASE_PATH", .value = "PATH",
     .help = "put before every path"},
    {LIST(transport_texts), .name = "transports", .value = "NAME:PORT/PATH", .split = ' ',
     .help = "where interactions of another transport go: message:8081/path"},
    {TEXT(message_url), .name = "message-url", .value = "URL",
     .help = "who makes messages; default is the provider's base URL and \"/\""},
    {NUMBER(timeout_ms), .name = "request-timeout", .env = "PACT_PROVIDER_REQUEST_TIMEOUT",
     .value = "MS", .fallback = "5000", .min = 1, .max = 3600000,
     .help = "how long one answer may take"},
    {LIST(header_texts), .letter = 'H', .name = "header", .value = "NAME=VALUE",
     .help = "send this with every replayed request (not to the state URL)"},
    {NUMBER(jobs), .name = "jobs", .value = "N", .fallback = "1", .min = 1, .max = 64,
     .help = "replay this many interactions without provider states at a time"},

    {.kind = OPT_GROUP, .help = "Provider states"},
    {TEXT(state_url), .letter = 's', .name = "state-change-url",
     .env = "PACT_PROVIDER_STATE_CHANGE_URL", .value = "URL",
     .help = "gets {\"state\",\"params\",\"action\"} before each interaction"},
    {FLAG(state_as_query), .name = "state-change-as-query",
     .env = "PACT_PROVIDER_STATE_CHANGE_AS_QUERY", .help = "as query parameters, without a body"},
    {FLAG(state_teardown), .name = "state-change-teardown",
     .env = "PACT_PROVIDER_STATE_CHANGE_TEARDOWN", .help = "call it after each interaction too"},

    {.kind = OPT_GROUP, .help = "Filters (what a filter leaves out is not published)"},
    {TEXT(filter_description), .name = "filter-description", .env = "PACT_DESCRIPTION",
     .value = "REGEX", .help = "only interactions whose description matches"},
    {TEXT(filter_state), .name = "filter-state", .env = "PACT_PROVIDER_STATE", .value = "REGEX",
     .help = "only interactions with a provider state that matches"},
    {FLAG(filter_no_state), .name = "filter-no-state", .env = "PACT_PROVIDER_NO_STATE",
     .help = "only interactions without provider state"},
    {LIST(consumers), .letter = 'c', .name = "filter-consumer", .value = "NAME",
     .help = "only contracts of this consumer"},
    {FLAG(last_failed), .name = "last-failed",
     .help = "only what the report of the last run (--json) does not call good"},

    {.kind = OPT_GROUP, .help = "Publishing"},
    {FLAG(publish), .name = "publish", .help = "tell the broker what ran, and nothing else"},
    {TEXT(version), .name = "provider-version|provider-app-version", .value = "VERSION",
     .help = "the provider's version; needed to publish"},
    {TEXT(branch), .name = "provider-branch", .value = "BRANCH", .help = "its branch"},
    {LIST(provider_tags), .name = "provider-tags", .value = "TAG,TAG", .split = ',',
     .help = "its tags"},
    {TEXT(build_url), .name = "build-url", .value = "URL", .help = "of the build that verifies"},

    {.kind = OPT_GROUP, .help = "Results"},
    OPT_OUTPUT(&o.output, "text|json", "text"),
    {TEXT(json_file), .letter = 'j', .name = "json", .env = "PACT_VERIFIER_JSON_REPORT",
     .value = "FILE", .help = "write the JSON report to a file too"},
    {FLAG(exit_on_first), .name = "exit-on-first-error", .help = "stop after the first failure"},
    {FLAG(dry_run), .name = "dry-run",
     .help = "print the true answer, marked as a dry run; exit 0, publish nothing"},
    {.kind = OPT_CHOICE, .target = &o.level, .letter = 'l', .name = "loglevel", .value = "LEVEL",
     .choices = "error|warn|info|debug|trace|none", .fallback = "warn",
     .help = "accepted for the stock command's sake; warnings stand in the report"},
    {FLAG(no_colour), .name = "no-colour|no-color", .help = "plain text"},
    {FLAG(plain_logs[0]), .name = "pretty-log", .help = "accepted; there is one form of log"},
    {FLAG(plain_logs[1]), .name = "full-log", .help = "the same"},
    {FLAG(plain_logs[2]), .name = "compact-log", .help = "the same"},
    OPT_END,
};
/* clang-format on */

static const struct opt_command command = {
    .name = "verify",
    .usage = "[FILE|DIR...] --provider-base-url URL [options]",
    .summary = "replay contracts against a running provider",
    .details = "Exit codes: 0 the provider keeps every contract, 1 it breaks one, 2 usage or bad "
               "input, 3 nothing to check or only a part of it, 4 provider or broker not reached.",
    .options = table,
    .max_args = -1,
};

/* Whether a value came from the environment: opt_parse() borrows it from there. */
static bool from_environment(const char *value, const char *names)
{
    struct str rest = str_of(names);
    while (rest.ptr) {
        struct str name = str_cut(&rest, ' ');
        char text[64] = "";
        memcpy(text, name.ptr, name.len < sizeof text ? name.len : sizeof text - 1);
        if (value && value == getenv(text))
            return true;
    }
    return false;
}

static int check_url(const char *option, const char **url, struct arena *arena, struct err *err)
{
    if (!*url)
        return 0;
    struct str text = str_trim(str_of(*url)), path = STR_NONE, query = STR_NONE;
    bool http = str_starts(text, STR("http://")) || str_starts(text, STR("https://"));
    if (!http || url_split_target(text, &path, &query, NULL) < 0)
        return err_set(err, ERR_USAGE, "%s needs a URL such as http://127.0.0.1:8080, not '%s'",
                       option, *url);
    while (!query.ptr && text.len > 0 && text.ptr[text.len - 1] == '/')
        text.len--;
    *url = str_cstr(arena, text);
    return 0;
}

/* The scheme and host of a base URL: "http://localhost". */
static struct str host_of(struct str url)
{
    size_t end = (size_t)str_find(url, STR("://")) + 3;
    bool bracket = end < url.len && url.ptr[end] == '[';
    while (end < url.len && !strchr(bracket ? "/]" : "/:", url.ptr[end]))
        end++;
    return str_sub(url, 0, end + bracket);
}

/* "message:8081/path" */
static int read_transport(const char *text, struct arena *arena, struct transport_url *ret,
                          struct err *err)
{
    struct str rest = str_of(text);
    struct str name = str_cut(&rest, ':');
    long slash = str_chr(rest, '/');
    struct str port = slash < 0 ? rest : str_sub(rest, 0, (size_t)slash);
    struct str path = slash < 0 ? STR("") : str_sub(rest, (size_t)slash, rest.len);
    int64_t number = 0;
    if (name.len == 0 || !rest.ptr || !str_to_i64(port, 1, 65535, &number))
        return err_set(err, ERR_USAGE, "--transports needs NAME:PORT/PATH, not '%s'", text);
    ret->name = str_cstr(arena, name);
    ret->url = arena_printf(arena, "%.*s:%d%.*s", STR_FMT(host_of(str_of(o.base_url))), (int)number,
                            STR_FMT(path));
    return 0;
}

static bool looks_like_transport(const char *text)
{
    struct str rest = str_of(text);
    struct str name = str_cut(&rest, ':');
    return name.len > 0 && rest.len > 0 && rest.ptr[0] >= '0' && rest.ptr[0] <= '9' &&
           !fs_exists(text);
}

/* The stock verifier takes several transports as several words after one option. */
static void move_transports(struct arena *arena)
{
    struct opt_list kept = {0};
    for (size_t i = 0; i < o.arguments.len; i++) {
        const char *word = o.arguments.items[i];
        bool moved = o.transport_texts.len > 0 && looks_like_transport(word);
        *VEC_PUSH(arena, moved ? &o.transport_texts : &kept) = word;
    }
    o.arguments = kept;
}

static int read_provider(struct arena *arena, struct err *err)
{
    if (!o.base_url) {
        const char *slash = o.base_path && *o.base_path && *o.base_path != '/' ? "/" : "";
        const char *port = o.port ? arena_printf(arena, ":%d", (int)o.port) : "";
        o.base_url = arena_printf(arena, "%s://%s%s%s%s", o.transport, o.hostname, port, slash,
                                  o.base_path ? o.base_path : "");
    } else if (o.base_path && *o.base_path) {
        o.base_url = str_cstr(
            arena,
            url_join(arena, str_of(o.base_url),
                     str_printf(arena, "%s%s", *o.base_path == '/' ? "" : "/", o.base_path)));
    }
    int rc = check_url("--provider-base-url", &o.base_url, arena, err);
    move_transports(arena);
    for (size_t i = 0; i < o.transport_texts.len && rc == 0; i++)
        rc = read_transport(o.transport_texts.items[i], arena, VEC_PUSH(arena, &o.transports), err);
    if (!o.message_url) {
        o.message_url = arena_printf(arena, "%s/", o.base_url ? o.base_url : "");
        VEC_EACH(&o.transports, const struct transport_url *, transport) {
            if (strcmp(transport->name, "message") == 0)
                o.message_url = transport->url;
        }
    } else if (rc == 0) {
        const char *checked = o.message_url; /* its last slash may matter */
        rc = check_url("--message-url", &checked, arena, err);
    }
    const char *state_url = o.state_url;
    return rc == 0 ? check_url("--state-change-url", &state_url, arena, err) : rc;
}

static int read_headers(struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < o.header_texts.len; i++) {
        struct str value = str_of(o.header_texts.items[i]);
        struct str name = str_trim(str_cut(&value, '='));
        value = str_trim(value);
        if (!value.ptr || !headers_name_ok(name) || !headers_value_ok(value))
            return err_set(err, ERR_USAGE, "--header needs NAME=VALUE; the name given is '%.*s'",
                           STR_FMT(name));
        headers_add(arena, &o.headers, name, value);
    }
    return 0;
}

static int add_selector(struct json *selector, const char *text, struct arena *arena,
                        struct err *err)
{
    if (!json_is(selector, JSON_OBJECT))
        return err_set(err, ERR_USAGE, "--consumer-version-selectors needs a JSON object, not '%s'",
                       text);
    json_append(arena, o.selectors, selector);
    return 0;
}

static int read_selectors(struct arena *arena, struct err *err)
{
    o.selectors = json_new_array(arena);
    int rc = 0;
    for (size_t i = 0; i < o.selector_texts.len && rc == 0; i++) {
        const char *text = o.selector_texts.items[i];
        struct json *value = NULL;
        struct err why = ERR_INIT;
        if (json_parse(str_of(text), "", arena, &value, &why) < 0)
            return err_set(err, ERR_USAGE, "--consumer-version-selectors '%s': %s at column %d",
                           text, why.text, why.column);
        if (!json_is(value, JSON_ARRAY))
            rc = add_selector(value, text, arena, err);
        for (size_t k = 0; json_is(value, JSON_ARRAY) && k < json_len(value) && rc == 0; k++)
            rc = add_selector(json_at(value, k), text, arena, err);
    }
    for (size_t i = 0; i < o.consumer_tags.len; i++) {
        struct json *selector = json_new_object(arena);
        json_set(arena, selector, "tag", json_new_text(arena, o.consumer_tags.items[i]));
        json_set(arena, selector, "latest", json_new_bool(arena, true));
        json_append(arena, o.selectors, selector);
    }
    return rc;
}

static int check_regex(const char *option, const char *pattern, struct err *err)
{
    const struct re *re = NULL;
    struct err why = ERR_INIT;
    if (!pattern || re_get(str_of(pattern), 0, &re, &why) == 0)
        return 0;
    return err_set(err, ERR_USAGE, "%s '%s': %s", option, pattern, why.text);
}

static int check_sources(struct err *err)
{
    bool named = o.files.len + o.dirs.len + o.urls.len + o.arguments.len > 0 || o.webhook_url;
    o.broker_is_source =
        o.broker_url && !(named && from_environment(o.broker_url, HAL_ENV_URL)) && !o.webhook_url;
    if (!named && !o.broker_is_source)
        return err_set(err, ERR_USAGE,
                       "there is no contract to verify; name a FILE or DIR, or --broker-base-url");
    if (o.broker_is_source && !(o.provider && *o.provider))
        return err_set(err, ERR_USAGE, "--provider-name is needed to ask the broker for contracts");
    return 0;
}

static int check_publishing(struct err *err)
{
    if (!o.publish)
        return 0;
    if (!o.version || !*o.version)
        return err_set(err, ERR_USAGE, "--publish needs --provider-version");
    if (!o.broker_is_source && !o.webhook_url && o.urls.len == 0)
        return err_set(err, ERR_USAGE,
                       "--publish needs contracts from a broker (--broker-base-url)"
                       ", files have no place for results");
    return 0;
}

static int check(struct arena *arena, struct err *err)
{
    int rc = read_provider(arena, err);
    if (rc == 0)
        rc = read_headers(arena, err);
    if (rc == 0)
        rc = read_selectors(arena, err);
    if (rc == 0)
        rc = check_regex("--filter-description", o.filter_description, err);
    if (rc == 0)
        rc = check_regex("--filter-state", o.filter_state, err);
    if (rc == 0)
        rc = check_sources(err);
    if (rc == 0)
        rc = check_publishing(err);
    if (rc == 0 && o.last_failed && !o.json_file)
        rc = err_set(err, ERR_USAGE, "--last-failed needs --json FILE, the report of the last run");
    if (rc == 0 && o.filter_state && o.filter_no_state)
        rc = err_set(err, ERR_USAGE, "--filter-state and --filter-no-state exclude each other");
    if (rc == 0 && o.token && *o.token && o.username && *o.username)
        rc = err_set(err, ERR_USAGE, "both a token and a user name are given; choose one");
    return rc;
}

int verify_options_parse(int argc, char **argv, struct arena *arena, struct verify_options *ret,
                         struct err *err)
{
    o = (struct verify_options){0};
    struct opt_list arguments = {0};
    int rc = opt_parse(&command, argc, argv, arena, &arguments, err);
    if (rc != 0)
        return rc;
    o.arguments = arguments;
    rc = check(arena, err);
    if (rc < 0)
        return rc;
    *ret = o;
    return 0;
}
