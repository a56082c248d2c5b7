// SPDX-License-Identifier: Apache-2.0
#include "broker/token.h"

#include <stdio.h>

#include "broker/audit.h"
#include "broker/config.h"
#include "broker/roles.h"
#include "broker/store.h"
#include "broker/store_access.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/base/opt.h"

/* So that whoever finds one, or a scanner for secrets, knows what it is. */
#define TOKEN_PREFIX "tally_"

enum { TOKEN_BYTES = 32, DAYS_MAX = 36500 };
static const int64_t us_per_day = (int64_t)24 * 3600 * 1000000;

struct work {
    struct arena *arena;
    struct broker_config config;
    const char *name, *roles, *expires;
};

static const char *check_roles(const char *value)
{
    unsigned roles = 0;
    return roles_parse(str_of(value), &roles)
               ? NULL
               : "needs one or more of read, publish, verify, deploy, admin";
}

/* "90d", or a date and time with zone; must lie ahead. */
static bool parse_expiry(const char *text, int64_t now_us, int64_t *ret_us)
{
    struct str value = str_of(text);
    int64_t days = 0;
    if (str_ends(value, STR("d")) &&
        str_to_i64(str_sub(value, 0, value.len - 1), 1, DAYS_MAX, &days)) {
        *ret_us = now_us + days * us_per_day;
        return true;
    }
    return clock_parse(value, ret_us);
}

static const char *check_expiry(const char *value)
{
    int64_t now_us = clock_now_us(clock_system()), at = 0;
    if (!parse_expiry(value, now_us, &at))
        return "needs a number of days such as 90d, or a time such as 2027-01-31T00:00:00Z";
    return at > now_us ? NULL : "needs a time that lies ahead";
}

static int name_ok(const char *name, struct err *err)
{
    size_t len = strlen(name);
    for (const char *p = name; *p; p++) {
        bool fine = (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
                    (*p >= 'A' && *p <= 'Z') || strchr("-_.@/:", *p);
        if (!fine)
            len = 0;
    }
    if (len == 0 || len > LIMIT_NAME)
        return err_set(err, ERR_USAGE,
                       "the name of a token needs 1 to %d letters, digits and -_.@/: , not '%s'",
                       LIMIT_NAME, name);
    return 0;
}

/* ---- what is done, in one transaction ---- */

static int add(struct work *work, struct store *store, struct err *err)
{
    unsigned char random[TOKEN_BYTES];
    char hash[HASH_SHA256_HEX];
    struct token token = {.name = work->name};
    int64_t expires = 0;
    bool first = store_token_any(store, err) == 0;
    hash_random(random, sizeof random);
    struct str text = hash_base64url(work->arena, str_make((const char *)random, sizeof random));
    const char *secret = arena_printf(work->arena, TOKEN_PREFIX "%.*s", STR_FMT(text));
    hash_sha256_hex(str_of(secret), hash);
    roles_parse(str_of(work->roles), &token.roles);
    if (work->expires && parse_expiry(work->expires, clock_now_us(store->clock), &expires))
        token.expires_at = clock_format_utc(expires, arena_alloc(work->arena, CLOCK_TEXT_LEN));
    const char *subject =
        arena_printf(work->arena, "token %s: %s", token.name, roles_text(token.roles, work->arena));
    int code = store_begin(store, err);
    if (code == 0)
        code = store_token_add(store, &token, hash, work->arena, err);
    if (code == 0)
        code = audit_note_local(store, "token add", subject, work->arena, err);
    if (code == 0)
        code = store_commit(store, err);
    if (code < 0)
        return code;
    printf("%s\n", secret);
    fprintf(stderr, "This is the only time that the token of '%s' is shown.\n", token.name);
    if (first)
        fputs("From now on the broker asks everybody for credentials.\n", stderr);
    return 0;
}

static const char *state_of(const struct token *token, const char *now)
{
    if (token->revoked_at)
        return "revoked";
    return token->expires_at && strcmp(token->expires_at, now) <= 0 ? "expired" : "in use";
}

static int list(struct work *work, struct store *store, struct err *err)
{
    struct tokens tokens = {0};
    int code = store_token_list(store, work->arena, &tokens, err);
    if (code < 0)
        return code;
    const char *now = store_now(store, work->arena);
    printf("%-24s %-8s %-36s %-20s %-20s %s\n", "NAME", "STATE", "ROLES", "MADE", "EXPIRES",
           "LAST USED");
    VEC_EACH(&tokens, const struct token *, token) {
        printf("%-24s %-8s %-36s %-20.19s %-20.19s %.19s\n", token->name, state_of(token, now),
               roles_text(token->roles, work->arena), token->created_at,
               token->expires_at ? token->expires_at : "never",
               token->last_used_at ? token->last_used_at : "never");
    }
    return 0;
}

static int revoke(struct work *work, struct store *store, struct err *err)
{
    const char *subject = arena_printf(work->arena, "token %s", work->name);
    int code = store_begin(store, err);
    if (code == 0)
        code = store_token_revoke(store, work->name, work->arena, err);
    if (code == 0)
        code = err_set(err, ERR_NOT_FOUND, "there is no token '%s' in use", work->name);
    if (code > 0)
        code = audit_note_local(store, "token revoke", subject, work->arena, err);
    if (code == 0)
        code = store_commit(store, err);
    return code;
}

/* ---- the command line ---- */

static const struct verb {
    const char *name, *usage, *summary;
    int (*run)(struct work *work, struct store *store, struct err *err);
    int args;
} verbs[] = {
    {"add", "NAME --role ROLE[,ROLE] [--expires 90d] [options]",
     "make a bearer token and show it, once", add, 1},
    {"list", "[options]", "show the tokens, without what they are", list, 0},
    {"revoke", "NAME [options]", "from now on this token is refused", revoke, 1},
};
enum { VERBS_LEN = sizeof verbs / sizeof *verbs };

static int parse(const struct verb *verb, struct work *work, int argc, char **argv, struct err *err)
{
    struct opt options[CONFIG_DATABASE_OPTIONS + 3] = {{.kind = OPT_FLAG}};
    size_t n = CONFIG_DATABASE_OPTIONS;
    config_database_options(&work->config, options);
    if (verb->run == add) {
        options[n++] = (struct opt){.kind = OPT_TEXT,
                                    .name = "role",
                                    .letter = 'r',
                                    .value = "ROLE,...",
                                    .target = &work->roles,
                                    .required = true,
                                    .check = check_roles,
                                    .help = "read, publish, verify, deploy, admin"};
        options[n++] = (struct opt){.kind = OPT_TEXT,
                                    .name = "expires",
                                    .value = "DAYS|TIME",
                                    .target = &work->expires,
                                    .check = check_expiry,
                                    .help = "90d, or 2027-01-31T00:00:00Z; default: never"};
    }
    options[n] = (struct opt)OPT_END;
    struct opt_command command = {
        .name = arena_printf(work->arena, "broker token %s", verb->name),
        .usage = verb->usage,
        .summary = verb->summary,
        .options = options,
        .min_args = verb->args,
        .max_args = verb->args,
    };
    config_use_file(&work->config, &command);
    struct opt_list args = {0};
    int code = opt_parse(&command, argc, argv, work->arena, &args, err);
    if (code == 0 && verb->args > 0) {
        work->name = args.items[0];
        code = name_ok(work->name, err);
    }
    return code == 0 ? config_database(&work->config, work->arena, err) : code;
}

static int run(const struct verb *verb, struct work *work, struct err *err)
{
    const char *path = work->config.database;
    struct store *store = NULL;
    bool is_file = strncmp(path, "sqlite:", 7) != 0;
    if (verb->run != add && is_file && !fs_exists(path))
        return err_set(err, ERR_NOT_FOUND, "there is no database '%s'", path);
    int code = store_open(path, clock_system(), &store, err);
    if (code == 0)
        code = verb->run(work, store, err);
    store_close(store);
    return code;
}

static void overview(FILE *stream)
{
    fputs("Usage: tally broker token add|list|revoke\n\n"
          "Bearer tokens: who may do what with the broker. Works on its database, also while it "
          "runs.\n\n",
          stream);
    for (size_t i = 0; i < VERBS_LEN; i++)
        fprintf(stream, "  %-8s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\nRoles, each of which may read as well:\n"
          "  read     look at everything but the audit log\n"
          "  publish  contracts, versions, branches, tags, pacticipants\n"
          "  verify   verification results and evidence, versions, branches, tags\n"
          "  deploy   deployments, releases, tags\n"
          "  admin    everything: deleting, environments, the audit log\n",
          stream);
}

int token_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct work work = {.arena = arena};
    struct err err = ERR_INIT;
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        overview(argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_USAGE : EXIT_YES;
    }
    const struct verb *verb = NULL;
    for (size_t i = 0; i < VERBS_LEN; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0)
            verb = &verbs[i];
    }
    if (!verb) {
        err_set(&err, ERR_USAGE, "unknown command 'broker token %s'; it is add, list or revoke",
                argv[1]);
        return err_report(&err);
    }
    int code = parse(verb, &work, argc - 1, argv + 1, &err);
    if (code > 0)
        return EXIT_YES;
    if (code == 0)
        code = run(verb, &work, &err);
    return code < 0 ? err_report(&err) : EXIT_YES;
}
