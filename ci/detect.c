// SPDX-License-Identifier: Apache-2.0
#include "ci/detect.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/fs.h"
#include "lib/json/json.h"

enum { EVENT_MAX = 8 * 1024 * 1024 };

/*
 * Columns hold names of variables, first hit wins. `sign` is set on that system only. `tagged` says
 * when a tag is being built, so that a name is no branch: a variable that is set, or NAME=VALUE.
 * `event` names a file whose pull_request.head.sha is the commit. Templates fill ${NAME}.
 */
static const struct detect_system {
    const char *name, *sign, *versions, *branches, *build_url, *tagged, *event;
} systems[] = {
    {"GitHub Actions", "GITHUB_ACTIONS", "GITHUB_SHA", "GITHUB_HEAD_REF GITHUB_REF_NAME",
     "${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}",
     "GITHUB_REF_TYPE=tag", "GITHUB_EVENT_PATH"},
    {"Xcode Cloud", "CI_XCODE_CLOUD", "CI_PULL_REQUEST_SOURCE_COMMIT CI_COMMIT",
     "CI_PULL_REQUEST_SOURCE_BRANCH CI_BRANCH", "${CI_BUILD_URL}", "CI_TAG", NULL},
    {"GitLab CI", "GITLAB_CI", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA CI_COMMIT_SHA",
     "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME CI_COMMIT_BRANCH CI_COMMIT_REF_NAME", "${CI_JOB_URL}",
     "CI_COMMIT_TAG", NULL},
    {"Jenkins", "JENKINS_URL", "GIT_COMMIT", "CHANGE_BRANCH BRANCH_NAME GIT_BRANCH", "${BUILD_URL}",
     "TAG_NAME", NULL},
    {"Bitrise", "BITRISE_IO", "BITRISE_GIT_COMMIT GIT_CLONE_COMMIT_HASH", "BITRISE_GIT_BRANCH",
     "${BITRISE_BUILD_URL}", "BITRISE_GIT_TAG", NULL},
    {"Codemagic", "CM_BUILD_ID", "CM_COMMIT", "CM_BRANCH", NULL, "CM_TAG", NULL},
    {"Azure Pipelines", "TF_BUILD", "SYSTEM_PULLREQUEST_SOURCECOMMITID BUILD_SOURCEVERSION",
     "SYSTEM_PULLREQUEST_SOURCEBRANCH BUILD_SOURCEBRANCH",
     "${SYSTEM_COLLECTIONURI}${SYSTEM_TEAMPROJECT}/_build/results?buildId=${BUILD_BUILDID}", NULL,
     NULL},
    {"Buildkite", "BUILDKITE", "BUILDKITE_COMMIT", "BUILDKITE_BRANCH", "${BUILDKITE_BUILD_URL}",
     "BUILDKITE_TAG", NULL},
    {"CircleCI", "CIRCLECI", "CIRCLE_SHA1", "CIRCLE_BRANCH", "${CIRCLE_BUILD_URL}", "CIRCLE_TAG",
     NULL},
    {"Bitbucket Pipelines", "BITBUCKET_BUILD_NUMBER", "BITBUCKET_COMMIT", "BITBUCKET_BRANCH",
     "https://bitbucket.org/${BITBUCKET_REPO_FULL_NAME}/pipelines/results/"
     "${BITBUCKET_BUILD_NUMBER}",
     "BITBUCKET_TAG", NULL},
    {"Travis CI", "TRAVIS", "TRAVIS_PULL_REQUEST_SHA TRAVIS_COMMIT",
     "TRAVIS_PULL_REQUEST_BRANCH TRAVIS_BRANCH", "${TRAVIS_BUILD_WEB_URL}", "TRAVIS_TAG", NULL},
};

struct look {
    const struct detect_sources *sources;
    const struct detect_system *system;
    struct arena *arena;
};

/* A variable that is set and not empty. */
static const char *env(const struct look *look, const char *name)
{
    const char *value = look->sources->env(look->sources->context, name);
    return value && *value ? value : NULL;
}

static bool tagged(const struct look *look)
{
    if (!look->system->tagged)
        return false;
    struct str rest = str_of(look->system->tagged);
    struct str name = str_cut(&rest, '=');
    const char *value = env(look, str_cstr(look->arena, name));
    return value && (!rest.ptr || str_is(rest, value));
}

/* Fill ${NAME}s; NULL if one of them is not set. */
static const char *fill(const struct look *look, const char *template)
{
    const char *text = "";
    while (*template) {
        const char *open = strstr(template, "${"), *close = open ? strchr(open, '}') : NULL;
        if (!close)
            return arena_printf(look->arena, "%s%s", text, template);
        const char *name = arena_strndup(look->arena, open + 2, (size_t)(close - open - 2));
        const char *value = env(look, name);
        if (!value)
            return NULL;
        text = arena_printf(look->arena, "%s%.*s%s", text, (int)(open - template), template, value);
        template = close + 1;
    }
    return text;
}

/* "refs/heads/x" and "origin/x" are x; other refs are no branches. NULL if it is none. */
static const char *branch_name(const char *value)
{
    static const char *const prefixes[] = {"refs/heads/", "refs/remotes/origin/", "origin/"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (strncmp(value, prefixes[i], strlen(prefixes[i])) == 0)
            value += strlen(prefixes[i]);
    }
    bool branch = strncmp(value, "refs/", 5) != 0 && strcmp(value, "HEAD") != 0 && *value;
    return branch ? value : NULL;
}

static const char *version_name(const char *value)
{
    return strcmp(value, "HEAD") == 0 ? NULL : value;
}

static struct detect_value first(const struct look *look, const char *names,
                                 const char *(*accept)(const char *))
{
    struct str rest = str_of(names);
    while (rest.ptr) {
        const char *name = str_cstr(look->arena, str_cut(&rest, ' '));
        const char *value = env(look, name);
        const char *accepted = value ? accept(value) : NULL;
        if (accepted)
            return (struct detect_value){
                accepted, arena_printf(look->arena, "%s (%s)", name, look->system->name)};
    }
    return (struct detect_value){0};
}

/* The commit at the head of the pull request, from the file that describes the event. */
static struct detect_value event_commit(const struct look *look)
{
    const char *path = look->system->event ? env(look, look->system->event) : NULL;
    struct str text =
        path ? look->sources->file(look->sources->context, path, look->arena) : STR_NONE;
    struct json *event;
    if (!text.ptr || json_parse(text, path, look->arena, &event, NULL) < 0)
        return (struct detect_value){0};
    struct str sha = json_get_text(json_get(json_get(event, "pull_request"), "head"), "sha");
    if (sha.len == 0)
        return (struct detect_value){0};
    return (struct detect_value){
        str_cstr(look->arena, sha),
        arena_printf(look->arena, "the pull request's head (%s)", look->system->name)};
}

static void ask_system(const struct look *look, struct detected *ret)
{
    ret->version = event_commit(look);
    if (!ret->version.value)
        ret->version = first(look, look->system->versions, version_name);
    if (tagged(look))
        ret->branch.from = arena_printf(look->arena, "%s builds a tag", look->system->name);
    else
        ret->branch = first(look, look->system->branches, branch_name);
    const char *url = look->system->build_url ? fill(look, look->system->build_url) : NULL;
    if (url)
        ret->build_url = (struct detect_value){url, look->system->name};
}

static void ask_git(const struct look *look, struct detected *ret)
{
    const struct detect_sources *sources = look->sources;
    if (!ret->version.value) {
        const char *commit = sources->git(sources->context, "rev-parse --verify HEAD", look->arena);
        ret->version = (struct detect_value){
            commit, commit ? "git" : "there is no CI system and no git commit here"};
    }
    if (ret->branch.value || ret->branch.from)
        return;
    const char *branch =
        sources->git(sources->context, "symbolic-ref --quiet --short HEAD", look->arena);
    if (branch)
        ret->branch = (struct detect_value){branch, "git"};
    else if (sources->git(sources->context, "rev-parse --verify HEAD", look->arena))
        ret->branch.from = "git stands on a commit, not on a branch";
    else
        ret->branch.from = "there is no CI system and no git repository here";
}

void detect(const struct detect_sources *sources, struct arena *arena, struct detected *ret)
{
    struct look look = {.sources = sources, .arena = arena};
    *ret = (struct detected){0};
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        look.system = &systems[i];
        if (env(&look, look.system->sign)) {
            ask_system(&look, ret);
            break;
        }
    }
    ask_git(&look, ret);
}

/* ---- the real sources ---- */

static const char *system_env(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

static const char *system_git(void *context, const char *arguments, struct arena *arena)
{
    (void)context;
    char line[512];
    const char *command = arena_printf(arena, "git %s 2>/dev/null", arguments);
    FILE *pipe = popen(command, "r"); /* the arguments are those written above, never input */
    if (!pipe)
        return NULL;
    char *read = fgets(line, sizeof line, pipe);
    if (pclose(pipe) != 0 || !read)
        return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    return *line ? arena_strdup(arena, line) : NULL;
}

static struct str system_file(void *context, const char *path, struct arena *arena)
{
    (void)context;
    struct str text;
    return fs_read(path, EVENT_MAX, arena, &text, NULL) < 0 ? STR_NONE : text;
}

struct detect_sources detect_system_sources(void)
{
    return (struct detect_sources){system_env, system_git, system_file, NULL};
}
