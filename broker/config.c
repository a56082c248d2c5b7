// SPDX-License-Identifier: Apache-2.0
#include "broker/config.h"

#include <stddef.h>
#include <stdlib.h>

#include "broker/config_certificates.h"
#include "broker/config_file.h"
#include "broker/origin.h"
#include "broker/rate.h"
#include "broker/retention_options.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

#define AT(member) offsetof(struct broker_config, member)
#define ENV(name)  "TALLY_BROKER_" name " PACT_BROKER_" name
#define SELECTION_DAYS(days)                                                                       \
    .kind = OPT_NUMBER, .value = "DAYS", .fallback = days, .min = 1, .max = 3650

struct setting {
    struct opt opt;
    size_t at; /* in struct broker_config */
};

static const char *check_database(const char *value);

/* The first three are those of config_database_options(). */
static const struct setting settings[] = {
    {{.kind = OPT_TEXT,
      .name = "config",
      .env = "TALLY_BROKER_CONFIG PACT_BROKER_CONF",
      .value = "FILE",
      .help = "YAML file with settings, by the names shown as [file: ...]"},
     AT(file)},
    {{.kind = OPT_TEXT,
      .name = "database",
      .env = "TALLY_BROKER_DATABASE PACT_BROKER_DATABASE_URL",
      .key = "database database_url",
      .value = "FILE|URL",
      .check = check_database,
      .secret = true, /* a URL may hold a password */
      .help = "SQLite file; default broker.sqlite in the user's data folder"},
     AT(database)},
    {{.kind = OPT_CHOICE,
      .name = "database-adapter",
      .env = ENV("DATABASE_ADAPTER"),
      .key = "database_adapter",
      .value = "KIND",
      .choices = "sqlite",
      .help = "with it, PACT_BROKER_DATABASE_NAME is the file"},
     AT(database_adapter)},
    {{.kind = OPT_NUMBER,
      .name = "port",
      .letter = 'p',
      .env = ENV("PORT"),
      .key = "port",
      .value = "N",
      .fallback = "9292",
      .min = 0,
      .max = 65535,
      .help = "port to listen on; 0 picks a free one"},
     AT(port)},
    {{.kind = OPT_TEXT,
      .name = "address",
      .env = "TALLY_BROKER_ADDRESS",
      .key = "address",
      .value = "A",
      .fallback = "127.0.0.1",
      .required = true,
      .help = "address to listen on; 0.0.0.0 for all of this machine"},
     AT(address)},
    {{.kind = OPT_TEXT,
      .name = "base-url",
      .env = "TALLY_BROKER_PUBLIC_URL PACT_BROKER_BASE_URLS PACT_BROKER_BASE_URL",
      .key = "base_url base_urls",
      .value = "URL",
      .split = ' ',
      .check = origin_check_urls,
      .help = "where clients reach this broker, path included; goes into every link; several are "
              "separated by spaces; default: the Host of each request"},
     AT(base_url)},
    {{.kind = OPT_TEXT,
      .name = "trusted-proxies",
      .env = "TALLY_BROKER_TRUSTED_PROXIES",
      .key = "trusted_proxies",
      .value = "CIDR,...",
      .split = ',',
      .check = origin_check_trusted,
      .help = "addresses and ranges whose X-Forwarded-* fields are believed; default: none"},
     AT(trusted_proxies)},
    {{.kind = OPT_TEXT,
      .name = "tls-cert",
      .env = "TALLY_BROKER_TLS_CERT",
      .key = "tls_cert",
      .value = "FILE",
      .help = "serve https with this certificate (PEM, chain included); read again on SIGHUP"},
     AT(tls_cert)},
    {{.kind = OPT_TEXT,
      .name = "tls-key",
      .env = "TALLY_BROKER_TLS_KEY",
      .key = "tls_key",
      .value = "FILE",
      .help = "and its private key (PEM)"},
     AT(tls_key)},
    {{.kind = OPT_FLAG,
      .name = "allow-dangerous-contract-modification",
      .env = ENV("ALLOW_DANGEROUS_CONTRACT_MODIFICATION"),
      .key = "allow_dangerous_contract_modification",
      .help = "let a version's contract be published again with other content"},
     AT(modification_allowed)},
    {{.kind = OPT_FLAG,
      .name = "check-for-potential-duplicate-pacticipant-names",
      .env = ENV("CHECK_FOR_POTENTIAL_DUPLICATE_PACTICIPANT_NAMES"),
      .key = "check_for_potential_duplicate_pacticipant_names",
      .fallback = "true",
      .help = "refuse publications of new names that look like one that is there"},
     AT(rules.similar_names)},
    {{.kind = OPT_FLAG,
      .name = "create-deployed-versions-for-tags",
      .env = ENV("CREATE_DEPLOYED_VERSIONS_FOR_TAGS"),
      .key = "create_deployed_versions_for_tags",
      .fallback = "true",
      .help = "a tag named like an environment records a deployment there"},
     AT(rules.deploys_by_tag)},
    {{.kind = OPT_FLAG,
      .name = "use-first-tag-as-branch",
      .env = ENV("USE_FIRST_TAG_AS_BRANCH"),
      .key = "use_first_tag_as_branch",
      .fallback = "true",
      .help = "the first tag of a new version without branch becomes its branch"},
     AT(rules.tag_is_branch)},
    {{.kind = OPT_NUMBER,
      .name = "use-first-tag-as-branch-time-limit",
      .env = ENV("USE_FIRST_TAG_AS_BRANCH_TIME_LIMIT"),
      .key = "use_first_tag_as_branch_time_limit",
      .value = "SECONDS",
      .fallback = "10",
      .min = 0,
      .max = 86400,
      .help = "how long a version is new in this sense"},
     AT(rules.tag_is_branch_s)},
    {{.kind = OPT_FLAG,
      .name = "auto-detect-main-branch",
      .env = ENV("AUTO_DETECT_MAIN_BRANCH"),
      .key = "auto_detect_main_branch",
      .fallback = "true",
      .help = "the first branch or tag with a name below becomes the main branch"},
     AT(rules.detects_main)},
    {{.kind = OPT_TEXT,
      .name = "main-branch-candidates",
      .env = ENV("MAIN_BRANCH_CANDIDATES"),
      .key = "main_branch_candidates",
      .value = "NAME...",
      .split = ' ',
      .fallback = "develop main master",
      .help = "these names"},
     AT(rules.main_candidates)},
    {{.kind = OPT_FLAG,
      .name = "basic-auth-enabled",
      .env = ENV("BASIC_AUTH_ENABLED"),
      .key = "basic_auth_enabled",
      .fallback = "true",
      .help = "ask for the accounts below, if there are any"},
     AT(basic_auth)},
    {{.kind = OPT_TEXT,
      .name = "basic-auth-username",
      .env = ENV("BASIC_AUTH_USERNAME"),
      .key = "basic_auth_username",
      .value = "NAME",
      .help = "account that may do everything"},
     AT(access.username)},
    {{.kind = OPT_TEXT,
      .name = "basic-auth-password",
      .env = ENV("BASIC_AUTH_PASSWORD"),
      .key = "basic_auth_password",
      .value = "PASSWORD",
      .secret = true,
      .help = "and its password; better in the environment or the file than on the command line"},
     AT(access.password)},
    {{.kind = OPT_TEXT,
      .name = "basic-auth-read-only-username",
      .env = ENV("BASIC_AUTH_READ_ONLY_USERNAME"),
      .key = "basic_auth_read_only_username",
      .value = "NAME",
      .help = "account that may read"},
     AT(access.read_username)},
    {{.kind = OPT_TEXT,
      .name = "basic-auth-read-only-password",
      .env = ENV("BASIC_AUTH_READ_ONLY_PASSWORD"),
      .key = "basic_auth_read_only_password",
      .value = "PASSWORD",
      .secret = true,
      .help = "and its password"},
     AT(access.read_password)},
    {{.kind = OPT_FLAG,
      .name = "allow-public-read",
      .env = ENV("ALLOW_PUBLIC_READ"),
      .key = "allow_public_read",
      .help = "reading takes no credentials"},
     AT(access.public_read)},
    {{.kind = OPT_FLAG,
      .name = "public-heartbeat",
      .env = ENV("PUBLIC_HEARTBEAT"),
      .key = "public_heartbeat",
      .help = "nor does the heartbeat"},
     AT(access.public_heartbeat)},
    {{.kind = OPT_FLAG,
      .name = "enable-public-badge-access",
      .env = ENV("ENABLE_PUBLIC_BADGE_ACCESS"),
      .key = "enable_public_badge_access",
      .help = "nor do badges"},
     AT(access.public_badges)},
    {{.kind = OPT_TEXT,
      .name = "rate-limit",
      .env = "TALLY_BROKER_RATE_LIMIT",
      .key = "rate_limit",
      .value = "N/s",
      .check = rate_check,
      .help = "requests per second (or /m, /h) of one token, account or, without either, address; "
              "default: no limit"},
     AT(rate_limit)},
    {{.kind = OPT_CHOICE,
      .name = "log-level",
      .env = "TALLY_LOG_LEVEL PACT_BROKER_LOG_LEVEL",
      .key = "log_level",
      .value = "LEVEL",
      .fallback = "info",
      .choices = "fatal|error|warn|info|debug|trace",
      .help = "how much goes to stderr"},
     AT(log_level)},
    {{.kind = OPT_GROUP, .help = "webhooks"}, 0},
    {{.kind = OPT_TEXT,
      .name = "webhook-retry-schedule",
      .env = ENV("WEBHOOK_RETRY_SCHEDULE"),
      .key = "webhook_retry_schedule",
      .split = ' ',
      .value = "SECONDS...",
      .fallback = "10 60 120 300 600 1200",
      .help = "waits between the attempts to send a webhook"},
     AT(webhooks.retry_schedule)},
    {{.kind = OPT_TEXT,
      .name = "webhook-http-method-whitelist",
      .env = ENV("WEBHOOK_HTTP_METHOD_WHITELIST"),
      .key = "webhook_http_method_whitelist",
      .split = ' ',
      .value = "METHOD...",
      .fallback = "POST",
      .help = "methods that webhooks may use"},
     AT(webhooks.methods)},
    {{.kind = OPT_TEXT,
      .name = "webhook-http-code-success",
      .env = ENV("WEBHOOK_HTTP_CODE_SUCCESS"),
      .key = "webhook_http_code_success",
      .split = ' ',
      .value = "STATUS...",
      .fallback = "200 201 202 203 204 205 206",
      .help = "answers that count as received"},
     AT(webhooks.success_codes)},
    {{.kind = OPT_TEXT,
      .name = "webhook-scheme-whitelist",
      .env = ENV("WEBHOOK_SCHEME_WHITELIST"),
      .key = "webhook_scheme_whitelist",
      .split = ' ',
      .value = "SCHEME...",
      .fallback = "https",
      .help = "http, https or both"},
     AT(webhooks.schemes)},
    {{.kind = OPT_TEXT,
      .name = "webhook-host-whitelist",
      .env = ENV("WEBHOOK_HOST_WHITELIST"),
      .key = "webhook_host_whitelist",
      .split = ' ',
      .value = "HOST...",
      .help = "names, *.domain, /pattern/, addresses and networks that webhooks may call; "
              "none = every public one"},
     AT(webhooks.hosts)},
    {{.kind = OPT_FLAG,
      .name = "webhook-redact-sensitive-data",
      .env = ENV("WEBHOOK_REDACT_SENSITIVE_DATA"),
      .key = "webhook_redact_sensitive_data",
      .fallback = "true",
      .help = "keep secrets out of the logs of webhooks (on unless turned off)"},
     AT(redact)},
    {{.kind = OPT_TEXT,
      .name = "webhook-key-file",
      .env = "TALLY_BROKER_WEBHOOK_KEY_FILE",
      .key = "webhook_key_file",
      .value = "FILE",
      .help = "key that webhooks' secrets are stored with; default: the database's name and "
              ".key"},
     AT(webhooks.key_file)},
    {{.kind = OPT_NUMBER,
      .name = "webhook-first-delay",
      .env = "TALLY_BROKER_WEBHOOK_FIRST_DELAY",
      .key = "webhook_first_delay",
      .value = "SECONDS",
      .fallback = "5",
      .min = 0,
      .max = 3600,
      .help = "wait before the first attempt"},
     AT(webhooks.first_delay)},
    {{.kind = OPT_NUMBER,
      .name = "webhook-timeout",
      .env = "TALLY_BROKER_WEBHOOK_TIMEOUT",
      .key = "webhook_timeout",
      .value = "SECONDS",
      .fallback = "15",
      .min = 1,
      .max = 300,
      .help = "limit of one attempt"},
     AT(webhooks.timeout)},
    {{.kind = OPT_TEXT,
      .name = "webhook-certificates",
      .env = "TALLY_BROKER_WEBHOOK_CERTIFICATES",
      .key = CONFIG_CERTIFICATES,
      .value = "FILE,...",
      .help = "certificates (PEM) of webhooks' receivers to trust beside the public authorities; "
              "in the file a list of {path: or content:}"},
     AT(certificates)},
    {{.kind = OPT_FLAG,
      .name = "disable-ssl-verification",
      .env = ENV("DISABLE_SSL_VERIFICATION"),
      .key = "disable_ssl_verification",
      .help = "webhooks may call servers with any certificate"},
     AT(webhooks.insecure_tls)},
    {{.kind = OPT_TEXT,
      .name = "user-agent",
      .env = ENV("USER_AGENT"),
      .key = "user_agent",
      .value = "TEXT",
      .fallback = "Pact Broker v2.120.0",
      .help = "User-Agent field of webhooks"},
     AT(webhooks.user_agent)},
    {{.kind = OPT_CHOICE,
      .name = "badge-provider-mode",
      .env = ENV("BADGE_PROVIDER_MODE"),
      .key = "badge_provider_mode",
      .value = "MODE",
      .fallback = "draw",
      .choices = "draw|proxy|redirect",
      .help = "draw badges here (proxy is the same), or redirect to shields.io"},
     AT(badges)},
    {{.kind = OPT_TEXT,
      .name = "shields-io-base-url",
      .env = ENV("SHIELDS_IO_BASE_URL"),
      .key = "shields_io_base_url",
      .value = "URL",
      .check = origin_check_urls,
      .fallback = "https://img.shields.io",
      .help = "where badges are redirected to"},
     AT(shields)},
    {{.kind = OPT_GROUP, .help = "contracts to verify"}, 0},
    {{.kind = OPT_FLAG,
      .name = "live-never-pending",
      .env = "TALLY_BROKER_LIVE_NEVER_PENDING",
      .key = "live_never_pending",
      .help = "a contract of a version that is deployed or released fails the provider's build, "
              "verified before or not"},
     AT(selection.live_never_pending)},
    {{.kind = OPT_FLAG,
      .name = "dynamic-wip-window",
      .env = ENV("DYNAMIC_WIP_WINDOW"),
      .key = "dynamic_wip_window",
      .help = "work in progress counts for as many days as four of five unverified contracts are "
              "old, whatever date a verifier asks for"},
     AT(selection.dynamic_window)},
    {{SELECTION_DAYS("14"), .name = "max-wip-lookback-days", .env = ENV("MAX_WIP_LOOKBACK_DAYS"),
      .key = "max_wip_lookback_days", .help = "at most so many; older contracts are not looked at"},
     AT(selection.window_max_days)},
    {{SELECTION_DAYS("7"), .name = "min-wip-window-days", .env = ENV("MIN_WIP_WINDOW_DAYS"),
      .key = "min_wip_window_days", .help = "at least so many"},
     AT(selection.window_min_days)},
    {{SELECTION_DAYS("7"), .name = "default-wip-window-days", .env = ENV("DEFAULT_WIP_WINDOW_DAYS"),
      .key = "default_wip_window_days", .help = "so many when nothing is unverified"},
     AT(selection.window_default_days)},
    {{SELECTION_DAYS("30"), .name = "verified-by-other-branch-lookback-days",
      .env = ENV("VERIFIED_BY_OTHER_BRANCH_LOOKBACK_DAYS"),
      .key = "verified_by_other_branch_lookback_days",
      .help = "a success so many days ago, or younger, ends work in progress"},
     AT(selection.other_branch_days)},
    {{.kind = OPT_GROUP, .help = "retention (docs/KEEPING.md)"}, 0},
    {{.kind = OPT_FLAG,
      .name = "retention",
      .env = "TALLY_BROKER_RETENTION PACT_BROKER_DATABASE_CLEAN_ENABLED",
      .key = "retention database_clean_enabled",
      .fallback = "true",
      .help = "remove what is old and not needed (on unless turned off)"},
     AT(retains)},
    {{.kind = OPT_NUMBER,
      .name = "retention-interval",
      .env = "TALLY_BROKER_RETENTION_INTERVAL",
      .key = "retention_interval",
      .value = "SECONDS",
      .fallback = "86400",
      .min = 1,
      .max = RETENTION_INTERVAL_MAX,
      .help = "time between two runs"},
     AT(retention.interval)},
    {{RETENTION_OPT_DAYS("retention-")}, AT(retention.rules.version_days)},
    {{RETENTION_OPT_BRANCH_DAYS("retention-")}, AT(retention.rules.branch_days)},
    {{RETENTION_OPT_OVERWRITTEN_DAYS("retention-")}, AT(retention.rules.overwritten_days)},
    {{RETENTION_OPT_WEBHOOK_DAYS("retention-")}, AT(retention.rules.webhook_days)},
    {{RETENTION_OPT_LIMIT("retention-")}, AT(retention.rules.limit)},
    {{RETENTION_OPT_KEEP("retention-")}, AT(keep)},
};
enum { SETTINGS_LEN = sizeof settings / sizeof *settings };

/* A database that is not built in is refused before anything else happens. */
static const char *check_database(const char *value)
{
    bool other = strstr(value, "://") && strncmp(value, "sqlite:", 7) != 0;
    size_t len = strlen(value);
    if (len >= 8 && strcmp(value + len - 8, ":memory:") == 0)
        return "needs a file: what is acknowledged has to be on disk";
    return other ? "names a kind of database that is not there: only SQLite is built in" : NULL;
}

static void fill(struct broker_config *config, size_t n, struct opt *ret)
{
    for (size_t i = 0; i < n; i++) {
        ret[i] = settings[i].opt;
        if (ret[i].kind != OPT_GROUP)
            ret[i].target = (char *)config + settings[i].at;
    }
}

void config_database_options(struct broker_config *config, struct opt *ret)
{
    fill(config, CONFIG_DATABASE_OPTIONS, ret);
}

/* ---- the file ---- */

static void list_keys(struct opt_list *ret, struct arena *arena)
{
    for (size_t i = 0; i < SETTINGS_LEN; i++) {
        struct str keys = settings[i].opt.key ? str_of(settings[i].opt.key) : STR_NONE;
        while (keys.ptr)
            *VEC_PUSH(arena, ret) = str_cstr(arena, str_cut(&keys, ' '));
    }
}

/* The file's own option is first in the table, so that it is known when the next one asks. */
static int lookup(void *context, const struct opt *opt, struct arena *arena, const char **ret_value,
                  const char **ret_where, struct err *err)
{
    struct broker_config *config = context;
    if (!config->file)
        return 0;
    if (!config->read) {
        struct opt_list known = {0};
        list_keys(&known, arena);
        int code =
            config_file_read(config->file, &known, &config->warnings, arena, &config->read, err);
        if (code < 0)
            return code;
    }
    if (strcmp(opt->name, "webhook-certificates") == 0)
        return 0; /* a list of objects: config_certificates() */
    return config_file_find(config->read, opt, arena, ret_value, ret_where, err);
}

void config_use_file(struct broker_config *config, struct opt_command *command)
{
    command->lookup = lookup;
    command->lookup_context = config;
}

/* ---- all of it ---- */

static int together(const char *a, const char *b, const char *names, struct err *err)
{
    return !a == !b ? 0 : err_set(err, ERR_USAGE, "%s go together", names);
}

/* A secret that did not arrive must not become an account without one. */
static int check_accounts_filled(const struct access_config *access, struct err *err)
{
    const struct {
        const char *name, *value;
    } rows[] = {{"--basic-auth-username", access->username},
                {"--basic-auth-password", access->password},
                {"--basic-auth-read-only-username", access->read_username},
                {"--basic-auth-read-only-password", access->read_password}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].value && !*rows[i].value)
            return err_set(err, ERR_USAGE, "%s must not be empty", rows[i].name);
    }
    return 0;
}

/* Whoever asked the original to remove nothing must not lose anything here. */
static int check_dry_run(const struct broker_config *config, struct err *err)
{
    const char *name = "PACT_BROKER_DATABASE_CLEAN_DRY_RUN", *value = getenv(name);
    if (!config->retains || !value || !*value || strcmp(value, "false") == 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "%s: retention has no dry run; turn it off with --no-retention, and see what "
                   "would go with 'tally broker clean --dry-run'",
                   name);
}

static int check(struct broker_config *config, struct err *err)
{
    struct access_config *access = &config->access;
    int code = check_accounts_filled(access, err);
    if (code == 0)
        code = check_dry_run(config, err);
    if (code == 0)
        code = together(access->username, access->password,
                        "--basic-auth-username and --basic-auth-password", err);
    if (code == 0)
        code = together(access->read_username, access->read_password,
                        "--basic-auth-read-only-username and --basic-auth-read-only-password", err);
    if (code == 0)
        code = together(config->tls_cert, config->tls_key, "--tls-cert and --tls-key", err);
    if (code < 0)
        return code;
    if (config->selection.window_min_days > config->selection.window_max_days)
        return err_set(err, ERR_USAGE,
                       "--min-wip-window-days is more than --max-wip-lookback-days");
    if (access->read_username && !access->username)
        return err_set(err, ERR_USAGE,
                       "--basic-auth-read-only-username needs --basic-auth-username: nobody could "
                       "write otherwise");
    if (access->username && access->read_username &&
        strcmp(access->username, access->read_username) == 0)
        return err_set(err, ERR_USAGE, "the two accounts need different names");
    if (!config->basic_auth)
        access->username = access->password = access->read_username = access->read_password = NULL;
    return 0;
}

int config_read(struct broker_config *config, int argc, char **argv, struct arena *arena,
                struct err *err)
{
    struct opt *options = ARENA_ARRAY(arena, struct opt, SETTINGS_LEN + 1);
    fill(config, SETTINGS_LEN, options);
    options[SETTINGS_LEN] = (struct opt)OPT_END;
    struct opt_command command = {
        .name = "broker",
        .usage = "[options]",
        .summary = "serve contracts, results and releases (the Pact Broker's API)",
        .details =
            "Prints one line with its URL when it serves; stops on SIGTERM or SIGINT after the "
            "requests in flight; reads its certificate again on SIGHUP.\n"
            "\n"
            "A setting comes from its option, else from its variable, else from the file of "
            "--config.\n"
            "\n"
            "  tally broker token add|list|revoke   who may do what (see its own --help)\n"
            "  tally broker clean                   remove what is old and not needed now\n"
            "  tally broker doctor                  check the database\n"
            "  tally broker export|import FILE      the whole broker as one archive",
        .options = options,
    };
    config_use_file(config, &command);
    struct opt_list args = {0};
    int code = opt_parse(&command, argc, argv, arena, &args, err);
    config->webhooks.show_secrets = !config->redact;
    config->retention.off = !config->retains;
    if (code == 0)
        code = check(config, err);
    if (code == 0)
        code = config_certificates(config->certificates, config->read, arena,
                                   &config->webhooks.certificates, err);
    if (code == 0 && retention_parse_keep(&config->retention.rules, config->keep, arena, err) < 0)
        code = err_wrap(err, "--retention-keep");
    if (code == 0)
        config_check_environment(options, &config->warnings, arena);
    return code;
}

int config_database(struct broker_config *config, struct arena *arena, struct err *err)
{
    const char *name = getenv("PACT_BROKER_DATABASE_NAME");
    char *dir = NULL;
    if (config->database)
        return 0;
    if (config->database_adapter && name && name[0]) {
        config->database = name;
        return 0;
    }
    int code = fs_data_dir(arena, &dir, err);
    if (code == 0)
        config->database = fs_join(arena, dir, "broker.sqlite");
    return code;
}
