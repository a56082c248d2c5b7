// SPDX-License-Identifier: Apache-2.0
#include "ci/publish.h"

#include <stdio.h>
#include <string.h>

#include "ci/beside.h"
#include "ci/broker_options.h"
#include "ci/config.h"
#include "ci/detect.h"
#include "ci/option_check.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/base/opt.h"
#include "lib/base/term.h"
#include "lib/contract/lint.h"
#include "lib/contract/pact.h"

struct publish_options {
    const char *version, *branch, *build_url, *output, *config;
    struct opt_list tags;
    bool detect, tag_with_branch, merge, dry_run;
    struct beside beside;
    struct broker_options broker;
};

/* One POST: the contracts of one consumer. */
struct publish_group {
    struct str consumer;
    struct {
        VEC_OF(const struct pact *);
    } pacts;
};
struct publish {
    struct publish_options options;
    struct arena *arena;
    struct {
        VEC_OF(struct publish_group);
    } groups;
    const struct mapping_rules *mapping;
    struct json *answers; /* for --output json */
};

/* ---- files ---- */

/* Files as given; below folders everything that ends in .json. */
static int list_files(const struct opt_list *args, struct arena *arena, struct fs_list *ret,
                      struct err *err)
{
    for (size_t i = 0; i < args->len; i++) {
        const char *path = args->items[i];
        struct fs_list found = {0};
        if (!fs_is_dir(path)) {
            *VEC_PUSH(arena, ret) = str_of(path);
            continue;
        }
        int code = fs_find(path, ".json", arena, &found, err);
        if (code < 0)
            return code;
        for (size_t j = 0; j < found.len; j++)
            *VEC_PUSH(arena, ret) = found.items[j];
    }
    if (ret->len == 0)
        return err_set(err, ERR_UNDECIDED, "no Pact file (*.json) in '%s'; nothing was published",
                       args->items[0]);
    return 0;
}

static struct publish_group *group_of(struct publish *publish, struct str consumer)
{
    VEC_EACH(&publish->groups, struct publish_group *, group) {
        if (str_eq(group->consumer, consumer))
            return group;
    }
    struct publish_group *group = VEC_PUSH(publish->arena, &publish->groups);
    group->consumer = consumer;
    return group;
}

/*
 * Reading is lenient and calls a nameless consumer "consumer", as the stock tools do; a broker must
 * not file a contract under a name that nobody gave.
 */
static int check_names(const struct publish *publish, const struct pact *pact, struct err *err)
{
    static const char *const roles[] = {"consumer", "provider"};
    struct json *document;
    const char *source = str_cstr(publish->arena, pact->source);
    if (!str_is(pact->consumer, roles[0]) && !str_is(pact->provider, roles[1]))
        return 0;
    int code = json_parse(pact->text, source, publish->arena, &document, err);
    for (size_t i = 0; code == 0 && i < sizeof roles / sizeof *roles; i++) {
        if (json_get_text(json_get(document, roles[i]), "name").len == 0)
            return err_at(err, ERR_PARSE, source, 1, 1,
                          "the contract does not name its %s: expected {\"name\": ...} in member "
                          "'%s'",
                          roles[i], roles[i]);
    }
    return code;
}

static int add_pact(struct publish *publish, const struct pact *pact, struct err *err)
{
    const char *source = str_cstr(publish->arena, pact->source);
    int code = check_names(publish, pact, err);
    if (code < 0)
        return code;
    if (pact->interactions.len == 0)
        return err_at(err, ERR_UNDECIDED, source, 0, 0,
                      "the contract has no interaction, so it promises nothing; nothing was "
                      "published");
    struct publish_group *group = group_of(publish, pact->consumer);
    VEC_EACH(&group->pacts, const struct pact **, other) {
        if (str_eq((*other)->provider, pact->provider))
            return err_set(err, ERR_USAGE,
                           "'%.*s' and '%s' are both contracts between %.*s and %.*s; let one test "
                           "run write them into one file",
                           STR_FMT((*other)->source), source, STR_FMT(pact->consumer),
                           STR_FMT(pact->provider));
    }
    *VEC_PUSH(publish->arena, &group->pacts) = pact;
    return 0;
}

/* What can never give an answer must not become the contract of a version. */
static int check_usable(const struct publish *publish, const struct pact *pact, struct err *err)
{
    struct lint_findings findings = {0};
    lint_unusable(pact, publish->arena, &findings);
    if (findings.len == 0)
        return 0;
    const struct lint_finding *first = &findings.items[0];
    char more[64] = "";
    if (findings.len > 1)
        snprintf(more, sizeof more, " (%zu more of that kind)", findings.len - 1);
    return err_at(err, ERR_PARSE, str_cstr(publish->arena, pact->source), first->line,
                  first->column, "'%.*s'%s%.*s: %.*s%s", STR_FMT(first->interaction),
                  first->where.len ? ", " : "", STR_FMT(first->where), STR_FMT(first->text), more);
}

/* All files are read and judged before the broker hears of any. */
static int read_files(struct publish *publish, const struct opt_list *args, struct err *err)
{
    struct fs_list files = {0};
    int code = list_files(args, publish->arena, &files, err);
    for (size_t i = 0; code == 0 && i < files.len; i++) {
        struct str text;
        struct pact *pact;
        code = fs_read(files.items[i].ptr, LIMIT_FILE, publish->arena, &text, err);
        if (code == 0)
            code = pact_read(text, files.items[i].ptr, publish->arena, &pact, err);
        if (code == 0)
            mapping_rules_apply(publish->mapping, pact);
        if (code == 0)
            code = check_usable(publish, pact, err);
        if (code == 0)
            code = add_pact(publish, pact, err);
    }
    return code;
}

/* ---- version and branch ---- */

static void take(const char *what, const char **option, const struct detect_value *found)
{
    if (*option)
        return;
    *option = found->value;
    if (found->value)
        fprintf(stderr, "%s %s, from %s\n", what, found->value, found->from);
}

static int fill_in(struct publish *publish, struct err *err)
{
    struct publish_options *o = &publish->options;
    const struct option_check filled[] = {
        {"consumer-app-version", o->version}, {"branch", o->branch},
        {"build-url", o->build_url},          {"inventory", o->beside.inventory},
        {"manifest", o->beside.manifest},     {NULL, NULL},
    };
    struct detected found = {0};
    struct detect_sources sources = detect_system_sources();
    int code = option_check_filled(filled, err);
    if (code < 0)
        return code;
    if (!o->version || !o->branch || !o->build_url) {
        detect(&sources, publish->arena, &found);
        take("version", &o->version, &found.version);
        take("branch", &o->branch, &found.branch);
        take("build URL", &o->build_url, &found.build_url);
    }
    if (!o->version)
        return err_set(err, ERR_USAGE,
                       "which version is this? %s; give --consumer-app-version VERSION",
                       found.version.from);
    if (!o->branch)
        fprintf(stderr, "branch unknown: %s; give --branch BRANCH if there is one\n",
                found.branch.from);
    if (o->tag_with_branch && !o->branch)
        return err_set(err, ERR_USAGE, "--tag-with-git-branch needs a branch; give --branch");
    return 0;
}

/* ---- the request ---- */

static struct json *contract_of(const struct publish *publish, const struct pact *pact)
{
    struct arena *arena = publish->arena;
    struct json *contract = json_new_object(arena);
    json_set(arena, contract, "consumerName", json_new_str(arena, pact->consumer));
    json_set(arena, contract, "providerName", json_new_str(arena, pact->provider));
    json_set(arena, contract, "specification", json_new_text(arena, "pact"));
    json_set(arena, contract, "contentType", json_new_text(arena, "application/json"));
    json_set(arena, contract, "content", json_new_str(arena, hash_base64(arena, pact->text)));
    if (publish->options.merge)
        json_set(arena, contract, "onConflict", json_new_text(arena, "merge"));
    return contract;
}

static struct json *request_of(const struct publish *publish, const struct publish_group *group)
{
    struct arena *arena = publish->arena;
    const struct publish_options *o = &publish->options;
    struct json *body = json_new_object(arena), *contracts = json_new_array(arena);
    json_set(arena, body, "pacticipantName", json_new_str(arena, group->consumer));
    json_set(arena, body, "pacticipantVersionNumber", json_new_text(arena, o->version));
    if (o->branch)
        json_set(arena, body, "branch", json_new_text(arena, o->branch));
    if (o->tags.len > 0 || o->tag_with_branch) {
        struct json *tags = json_new_array(arena);
        for (size_t i = 0; i < o->tags.len; i++)
            json_append(arena, tags, json_new_text(arena, o->tags.items[i]));
        if (o->tag_with_branch)
            json_append(arena, tags, json_new_text(arena, o->branch));
        json_set(arena, body, "tags", tags);
    }
    if (o->build_url)
        json_set(arena, body, "buildUrl", json_new_text(arena, o->build_url));
    VEC_EACH(&group->pacts, const struct pact **, pact) {
        json_append(arena, contracts, contract_of(publish, *pact));
    }
    json_set(arena, body, "contracts", contracts);
    return body;
}

/* ---- the answer ---- */

static void print_notices(const struct json *body, FILE *stream)
{
    static const struct notice_row {
        const char *type;
        enum term_style style;
    } rows[] = {
        {"success", TERM_GREEN},  {"error", TERM_RED},     {"danger", TERM_RED},
        {"warning", TERM_YELLOW}, {"prompt", TERM_YELLOW}, {"info", TERM_PLAIN},
        {"debug", TERM_DIM},
    };
    const struct json *notices = json_get(body, "notices");
    for (size_t i = 0; i < json_len(notices); i++) {
        struct str type = json_get_text(json_at(notices, i), "type");
        enum term_style style = TERM_PLAIN;
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            if (str_is(type, rows[r].type))
                style = rows[r].style;
        }
        term_print(stream, style, "%.*s\n", STR_FMT(json_get_text(json_at(notices, i), "text")));
    }
}

static int send_group(struct publish *publish, struct hal *hal, const char *url,
                      const struct publish_group *group, struct err *err)
{
    struct hal_response response = {0};
    bool json = opt_is(publish->options.output, "json");
    int code =
        hal_send(hal, "POST", url, request_of(publish, group), publish->arena, &response, err);
    if (response.body && json)
        json_append(publish->arena, publish->answers, response.body);
    else if (response.body)
        print_notices(response.body, code < 0 ? stderr : stdout);
    if (code == ERR_CONFLICT && json_len(json_get(response.body, "notices")) > 0) {
        *err = ERR_INIT; /* the notices said why */
        return err_set(err, ERR_CONFLICT,
                       "%.*s version %s was published before with other content; publish under a "
                       "new version",
                       STR_FMT(group->consumer), publish->options.version);
    }
    return code;
}

static void print_dry_run(const struct publish *publish, const struct publish_group *group)
{
    const struct publish_options *o = &publish->options;
    VEC_EACH(&group->pacts, const struct pact **, pact) {
        printf("dry run: would publish '%.*s' (%zu interactions) as %.*s version %s%s%s for "
               "provider %.*s\n",
               STR_FMT((*pact)->source), (*pact)->interactions.len, STR_FMT(group->consumer),
               o->version, o->branch ? " with branch " : "", o->branch ? o->branch : "",
               STR_FMT((*pact)->provider));
    }
}

static int read_beside(struct publish *publish, struct err *err)
{
    struct beside *beside = &publish->options.beside;
    if ((beside->inventory || beside->manifest) && publish->groups.len > 1)
        return err_set(err, ERR_USAGE,
                       "--inventory and --manifest belong to one app; these are contracts of %zu: "
                       "publish them one by one",
                       publish->groups.len);
    return beside_read(beside, publish->arena, err);
}

/* Inventory and manifest, after the contracts that they belong to. */
static int publish_beside(const struct publish *publish, struct hal *hal, bool quiet,
                          struct err *err)
{
    const struct publish_options *o = &publish->options;
    if (!o->beside.inventory && !o->beside.manifest)
        return 0;
    const char *consumer = str_cstr(publish->arena, publish->groups.items[0].consumer);
    if (!o->dry_run)
        return beside_send(&o->beside, hal, consumer, o->version, quiet, publish->arena, err);
    if (!quiet)
        beside_dry_run(&o->beside, consumer, o->version);
    return 0;
}

static int publish_all(struct publish *publish, struct err *err)
{
    struct hal *hal BROKER_HAL_AUTO = NULL;
    const char *url = NULL;
    bool json = opt_is(publish->options.output, "json");
    int code = 0;
    if (!publish->options.dry_run) {
        code = broker_connect(&publish->options.broker, &hal, err);
        if (code == 0)
            code = hal_index_link(hal, "pb:publish-contracts", NULL, publish->arena, &url, err);
    }
    for (size_t i = 0; code == 0 && i < publish->groups.len; i++) {
        const struct publish_group *group = &publish->groups.items[i];
        if (!publish->options.dry_run)
            code = send_group(publish, hal, url, group, err);
        else if (json)
            json_append(publish->arena, publish->answers, request_of(publish, group));
        else
            print_dry_run(publish, group);
    }
    if (code == 0)
        code = publish_beside(publish, hal, json, err);
    if (json && json_len(publish->answers) > 0) {
        const struct json *shown =
            publish->groups.len == 1 ? json_at(publish->answers, 0) : publish->answers;
        printf("%.*s\n", STR_FMT(json_to_str(publish->arena, shown, JSON_PRETTY)));
    }
    return code;
}

static struct publish_options given;
static const struct opt rows[] = {
    {.kind = OPT_GROUP, .help = "What is published"},
    {.kind = OPT_TEXT,
     .letter = 'a',
     .name = "consumer-app-version",
     .env = "TALLY_CONSUMER_APP_VERSION PACT_PUBLISH_CONSUMER_VERSION",
     .value = "VERSION",
     .target = &given.version,
     .help = "the app's version; else from the CI system, else git"},
    {.kind = OPT_TEXT,
     .name = "branch",
     .env = "TALLY_BRANCH PACT_PUBLISH_CONSUMER_BRANCHNAME PACT_PUBLISH_BRANCHNAME",
     .value = "BRANCH",
     .target = &given.branch,
     .help = "its branch; else from the CI system, else git"},
    {.kind = OPT_LIST,
     .letter = 't',
     .name = "tag",
     .value = "TAG",
     .target = &given.tags,
     .split = ',',
     .help = "tag for the version"},
    {.kind = OPT_FLAG,
     .letter = 'g',
     .name = "tag-with-git-branch",
     .target = &given.tag_with_branch,
     .help = "tag the version with its branch"},
    {.kind = OPT_TEXT,
     .name = "build-url",
     .env = "TALLY_BUILD_URL PACT_PUBLISH_CONSUMER_BUILDURL PACT_PUBLISH_BUILDURL",
     .value = "URL",
     .target = &given.build_url,
     .help = "page of the build that publishes"},
    {.kind = OPT_FLAG,
     .letter = 'r',
     .name = "auto-detect-version-properties",
     .target = &given.detect,
     .help = "accepted for scripts; what is not given is always detected"},
    {.kind = OPT_FLAG,
     .name = "merge",
     .target = &given.merge,
     .help = "ask the broker to merge with what this version published before"},
    {.kind = OPT_TEXT,
     .name = "inventory",
     .env = "TALLY_INVENTORY",
     .value = "FILE",
     .target = &given.beside.inventory,
     .help = "screens and owners of the app's methods, kept beside the version"},
    {.kind = OPT_TEXT,
     .name = "manifest",
     .env = "TALLY_MANIFEST",
     .value = "FILE",
     .target = &given.beside.manifest,
     .help = "manifest of the app's GraphQL operations, kept beside the version"},
    {.kind = OPT_GROUP, .help = "How"},
    {.kind = OPT_FLAG,
     .name = "dry-run",
     .target = &given.dry_run,
     .help = "read and check everything, send nothing"},
    OPT_OUTPUT(&given.output, "text|json|pretty", "text"),
    CONFIG_OPTION(&given.config),
    BROKER_OPTION_ROWS(given.broker),
    OPT_END,
};
static const struct opt_command command = {
    .name = "publish",
    .usage = "FILE|DIR... [--consumer-app-version VERSION] [--branch BRANCH] [options]",
    .summary = "Hand an app's contracts (Pact files) to the broker, under the app's version.",
    .details = "All files are read first; if one is malformed, has a pattern that does not "
               "compile, or names "
               "two repository methods for one interaction, nothing is published (exit code 2). A "
               "folder without Pact files publishes nothing (3). A contract that differs from what "
               "the same version published before is refused (1).\n\nExample:\n"
               "  tally publish build/pacts --consumer-app-version 3.2.0 --branch main \\\n"
               "      --broker-base-url http://127.0.0.1:9292",
    .options = rows,
    .min_args = 1,
    .max_args = -1,
};

int publish_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct publish publish = {.arena = arena, .answers = json_new_array(arena)};
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    int parsed = opt_parse(&command, argc, argv, arena, &args, &err);
    if (parsed > 0)
        return EXIT_YES;
    publish.options = given;
    if (parsed < 0 || config_mapping(given.config, arena, &publish.mapping, &err) < 0 ||
        read_files(&publish, &args, &err) < 0 || fill_in(&publish, &err) < 0 ||
        read_beside(&publish, &err) < 0 || publish_all(&publish, &err) < 0)
        return err_report(&err);
    return EXIT_YES;
}
