// SPDX-License-Identifier: Apache-2.0
/* The selector options of can-i-deploy, which belong to the --pacticipant before them. */
#include "ci/can_i_deploy.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/wire/url.h"

enum selector_kind {
    SELECT_PACTICIPANT,
    SELECT_IGNORE,
    SELECT_VERSION,
    SELECT_LATEST,
    SELECT_TAG,
    SELECT_BRANCH,
    SELECT_MAIN_BRANCH,
    SELECT_NO_MAIN_BRANCH,
};
static const struct selector_option {
    const char *name;
    char letter;
    enum selector_kind kind;
    enum { VALUE_NONE, VALUE_OPTIONAL, VALUE_NEEDED } value;
} selector_options[] = {
    {"pacticipant", 'a', SELECT_PACTICIPANT, VALUE_NEEDED},
    {"ignore", 0, SELECT_IGNORE, VALUE_NEEDED},
    {"version", 'e', SELECT_VERSION, VALUE_NEEDED},
    {"latest", 'l', SELECT_LATEST, VALUE_OPTIONAL},
    {"tag", 0, SELECT_TAG, VALUE_NEEDED},
    {"branch", 0, SELECT_BRANCH, VALUE_NEEDED},
    {"main-branch", 0, SELECT_MAIN_BRANCH, VALUE_NONE},
    {"no-main-branch", 0, SELECT_NO_MAIN_BRANCH, VALUE_NONE},
    {"skip-main-branch", 0, SELECT_NO_MAIN_BRANCH, VALUE_NONE},
};

/* The option a word is, and the value written into the same word. */
static const struct selector_option *option_of(const char *word, const char **ret_inline)
{
    *ret_inline = NULL;
    for (size_t i = 0; i < sizeof selector_options / sizeof *selector_options; i++) {
        const struct selector_option *option = &selector_options[i];
        size_t len = strlen(option->name);
        if (word[0] == '-' && word[1] == '-' && strncmp(word + 2, option->name, len) == 0 &&
            (word[len + 2] == '\0' || word[len + 2] == '=')) {
            *ret_inline = word[len + 2] == '=' ? word + len + 3 : NULL;
            return option;
        }
        if (option->letter && word[0] == '-' && word[1] == option->letter) {
            *ret_inline = word[2] == '\0' ? NULL : word + 2 + (word[2] == '=');
            return option;
        }
    }
    return NULL;
}

/* Whether a word is one of the command's other options whose value is the next word. */
static bool takes_next(const struct opt_command *command, const char *word)
{
    if (word[0] != '-' || word[1] == '\0' || strchr(word, '='))
        return false;
    for (const struct opt *row = command->options; row->name || row->kind == OPT_GROUP; row++) {
        if (row->kind == OPT_GROUP || row->kind == OPT_FLAG || row->kind == OPT_OPTIONAL)
            continue;
        if (word[1] != '-' && word[1] == row->letter && word[2] == '\0')
            return true;
        struct str names = str_of(row->name);
        while (word[1] == '-' && names.ptr) {
            if (str_is(str_cut(&names, '|'), word + 2))
                return true;
        }
    }
    return false;
}

static int set_once(const char **slot, const char *value, const struct selector_option *option,
                    const struct selector *selector, struct err *err)
{
    if (*slot)
        return err_set(err, ERR_USAGE, "--%s is given twice for '%s'", option->name,
                       selector->name);
    *slot = value;
    return 0;
}

static int apply(struct selectors *selectors, const struct selector_option *option,
                 const char *value, struct arena *arena, struct err *err)
{
    if (option->kind == SELECT_PACTICIPANT || option->kind == SELECT_IGNORE) {
        *VEC_PUSH(arena, selectors) =
            (struct selector){.name = value, .ignore = option->kind == SELECT_IGNORE};
        return 0;
    }
    if (selectors->len == 0)
        return err_set(err, ERR_USAGE,
                       "--%s comes before any --pacticipant; give --pacticipant NAME first",
                       option->name);
    struct selector *selector = &selectors->items[selectors->len - 1];
    if (selector->ignore && option->kind != SELECT_VERSION)
        return err_set(err, ERR_USAGE, "--%s does not go with --ignore; only --version does",
                       option->name);
    switch (option->kind) {
    case SELECT_VERSION:
        return set_once(&selector->version, value, option, selector, err);
    case SELECT_BRANCH:
        return set_once(&selector->branch, value, option, selector, err);
    case SELECT_TAG:
        return set_once(&selector->tag, value, option, selector, err);
    case SELECT_LATEST:
        selector->latest = true;
        return value ? set_once(&selector->tag, value, option, selector, err) : 0;
    case SELECT_MAIN_BRANCH:
        selector->main_branch = true;
        return 0;
    case SELECT_NO_MAIN_BRANCH:
        selector->main_branch = false;
        return 0;
    case SELECT_PACTICIPANT:
    case SELECT_IGNORE:
        break;
    }
    return 0;
}

/* Every selector must say which versions it means. */
static int check(const struct selectors *selectors, struct err *err)
{
    VEC_EACH(selectors, const struct selector *, selector) {
        bool narrow = selector->version || selector->latest || selector->tag || selector->branch ||
                      selector->main_branch;
        if (!selector->ignore && !narrow)
            return err_set(err, ERR_USAGE,
                           "which version of '%s'? give --version, --latest, --branch or "
                           "--main-branch after --pacticipant %s",
                           selector->name, selector->name);
        if (selector->version &&
            (selector->latest || selector->tag || selector->branch || selector->main_branch))
            return err_set(err, ERR_USAGE,
                           "'%s' is selected by --version and by something else; choose one",
                           selector->name);
    }
    return 0;
}

int selectors_take(const struct opt_command *command, int argc, char **argv, struct arena *arena,
                   struct selectors *ret, int *ret_argc, char ***ret_argv, struct err *err)
{
    struct selectors selectors = {0};
    char **rest = ARENA_ARRAY(arena, char *, argc + 1);
    int n = 0;
    rest[n++] = argv[0];
    for (int i = 1; i < argc; i++) {
        const char *value;
        const struct selector_option *option = option_of(argv[i], &value);
        if (strcmp(argv[i], "--") == 0) {
            while (i < argc)
                rest[n++] = argv[i++];
            break;
        }
        if (!option) {
            rest[n++] = argv[i];
            if (i + 1 < argc && takes_next(command, argv[i]))
                rest[n++] = argv[++i];
            continue;
        }
        bool next = option->value != VALUE_NONE && !value && i + 1 < argc && argv[i + 1][0] != '-';
        if (next)
            value = argv[++i];
        if (option->value == VALUE_NONE && value)
            return err_set(err, ERR_USAGE, "--%s takes no value", option->name);
        if (option->value == VALUE_NEEDED && (!value || !*value))
            return err_set(err, ERR_USAGE, "--%s needs a value that is not empty", option->name);
        int code = apply(&selectors, option, value && *value ? value : NULL, arena, err);
        if (code < 0)
            return code;
    }
    int code = check(&selectors, err);
    if (code < 0)
        return code;
    *ret = selectors;
    *ret_argc = n;
    *ret_argv = rest;
    return 0;
}

/* ---- the query ---- */

/* Append "&list[][key]=value", escaped. */
static void add(struct str *url, const char *list, const char *key, const char *value,
                struct arena *arena)
{
    const char *separator = str_chr(*url, '?') < 0 ? "?" : "&";
    struct str escaped = url_encode(arena, str_of(value));
    *url =
        list ? str_printf(arena, "%.*s%s%s%%5B%%5D%%5B%s%%5D=%.*s", STR_FMT(*url), separator, list,
                          key, STR_FMT(escaped))
             : str_printf(arena, "%.*s%s%s=%.*s", STR_FMT(*url), separator, key, STR_FMT(escaped));
}

static void add_selector(struct str *url, const struct selector *selector, struct arena *arena)
{
    const char *list = selector->ignore ? "ignore" : "q";
    bool latest = selector->latest || selector->branch;
    add(url, list, "pacticipant", selector->name, arena);
    if (selector->version)
        add(url, list, "version", selector->version, arena);
    if (latest)
        add(url, list, "latest", "true", arena);
    if (selector->tag)
        add(url, list, "tag", selector->tag, arena);
    if (selector->branch)
        add(url, list, "branch", selector->branch, arena);
    if (selector->main_branch)
        add(url, list, "mainBranch", "true", arena);
}

const char *selectors_matrix_url(const struct selectors *selectors, const char *environment,
                                 const char *to_tag, struct arena *arena)
{
    struct str url = STR("/matrix");
    size_t asked = 0;
    VEC_EACH(selectors, const struct selector *, selector) {
        asked += !selector->ignore;
        if (!selector->ignore)
            add_selector(&url, selector, arena);
    }
    VEC_EACH(selectors, const struct selector *, selector) {
        if (selector->ignore)
            add_selector(&url, selector, arena);
    }
    add(&url, NULL, "latestby", environment || asked > 1 ? "cvpv" : "cvp", arena);
    if (to_tag)
        add(&url, NULL, "tag", to_tag, arena);
    /* With a tag always the latest that has it: an older one may be verified when that one is not.
     */
    if (environment)
        add(&url, NULL, "environment", environment, arena);
    else if (asked == 1 || to_tag)
        add(&url, NULL, "latest", "true", arena);
    /* Other brokers cut the rows at 100 before they decide. */
    add(&url, NULL, "limit", "100000000", arena);
    return str_cstr(arena, url);
}
