// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/base/rows.h"
#include "ci/detect.h"
#include "lib/base/arena.h"

/* A world: variables as "NAME=value" and what git and the file say. */
static const struct world_row {
    const char *name;
    const char *env[8];
    const char *commit, *git_branch, *file;
    const char *version, *version_from, *branch, *branch_from, *build_url;
} world_rows[] = {
    {"git alone", {NULL}, "c0ffee", "main", NULL, "c0ffee", "git", "main", "git", NULL},
    {"git on a commit has no branch",
     {NULL},
     "c0ffee",
     NULL,
     NULL,
     "c0ffee",
     "git",
     NULL,
     "git stands on a commit, not on a branch",
     NULL},
    {"nothing at all",
     {NULL},
     NULL,
     NULL,
     NULL,
     NULL,
     "there is no CI system and no git commit here",
     NULL,
     "there is no CI system and no git repository here",
     NULL},
    {"a push in GitHub Actions",
     {"GITHUB_ACTIONS=true", "GITHUB_SHA=abc", "GITHUB_REF_NAME=main", "GITHUB_HEAD_REF=",
      "GITHUB_SERVER_URL=https://github.com", "GITHUB_REPOSITORY=a/b", "GITHUB_RUN_ID=7"},
     "zzz",
     "zzz",
     NULL,
     "abc",
     "GITHUB_SHA (GitHub Actions)",
     "main",
     "GITHUB_REF_NAME (GitHub Actions)",
     "https://github.com/a/b/actions/runs/7"},
    {"a pull request in GitHub Actions is its own head, not the merge",
     {"GITHUB_ACTIONS=true", "GITHUB_SHA=merge", "GITHUB_REF_NAME=12/merge",
      "GITHUB_HEAD_REF=feat/x", "GITHUB_EVENT_PATH=/event.json"},
     NULL,
     NULL,
     "{\"pull_request\":{\"head\":{\"sha\":\"head\"}}}",
     "head",
     "the pull request's head (GitHub Actions)",
     "feat/x",
     "GITHUB_HEAD_REF (GitHub Actions)",
     NULL},
    {"an event that is no JSON falls back to the commit",
     {"GITHUB_ACTIONS=true", "GITHUB_SHA=merge", "GITHUB_HEAD_REF=feat/x",
      "GITHUB_EVENT_PATH=/event.json"},
     NULL,
     NULL,
     "{oops",
     "merge",
     "GITHUB_SHA (GitHub Actions)",
     "feat/x",
     "GITHUB_HEAD_REF (GitHub Actions)",
     NULL},
    {"a tag in GitHub Actions is no branch",
     {"GITHUB_ACTIONS=true", "GITHUB_SHA=abc", "GITHUB_REF_NAME=v1", "GITHUB_REF_TYPE=tag"},
     "abc",
     "zzz",
     NULL,
     "abc",
     "GITHUB_SHA (GitHub Actions)",
     NULL,
     "GitHub Actions builds a tag",
     NULL},
    {"a merge request in GitLab",
     {"GITLAB_CI=true", "CI_COMMIT_SHA=abc", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=feat/x",
      "CI_COMMIT_REF_NAME=refs/merge-requests/1/head", "CI_JOB_URL=https://gitlab/j/1"},
     NULL,
     NULL,
     NULL,
     "abc",
     "CI_COMMIT_SHA (GitLab CI)",
     "feat/x",
     "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME (GitLab CI)",
     "https://gitlab/j/1"},
    {"a tag in GitLab is no branch",
     {"GITLAB_CI=true", "CI_COMMIT_SHA=abc", "CI_COMMIT_REF_NAME=v1", "CI_COMMIT_TAG=v1"},
     NULL,
     NULL,
     NULL,
     "abc",
     "CI_COMMIT_SHA (GitLab CI)",
     NULL,
     "GitLab CI builds a tag",
     NULL},
    {"Jenkins' remote branch loses its remote",
     {"JENKINS_URL=http://j", "GIT_COMMIT=abc", "GIT_BRANCH=origin/main", "BUILD_URL=http://j/1"},
     NULL,
     NULL,
     NULL,
     "abc",
     "GIT_COMMIT (Jenkins)",
     "main",
     "GIT_BRANCH (Jenkins)",
     "http://j/1"},
    {"a change in Jenkins is its own branch",
     {"JENKINS_URL=http://j", "GIT_COMMIT=abc", "BRANCH_NAME=PR-7", "CHANGE_BRANCH=feat/x"},
     NULL,
     NULL,
     NULL,
     "abc",
     "GIT_COMMIT (Jenkins)",
     "feat/x",
     "CHANGE_BRANCH (Jenkins)",
     NULL},
    {"Bitrise",
     {"BITRISE_IO=true", "BITRISE_GIT_COMMIT=abc", "BITRISE_GIT_BRANCH=main",
      "BITRISE_BUILD_URL=u"},
     NULL,
     NULL,
     NULL,
     "abc",
     "BITRISE_GIT_COMMIT (Bitrise)",
     "main",
     "BITRISE_GIT_BRANCH (Bitrise)",
     "u"},
    {"Codemagic",
     {"CM_BUILD_ID=1", "CM_COMMIT=abc", "CM_BRANCH=main"},
     NULL,
     NULL,
     NULL,
     "abc",
     "CM_COMMIT (Codemagic)",
     "main",
     "CM_BRANCH (Codemagic)",
     NULL},
    {"Xcode Cloud builds a pull request",
     {"CI_XCODE_CLOUD=TRUE", "CI_COMMIT=abc", "CI_BRANCH=main",
      "CI_PULL_REQUEST_SOURCE_BRANCH=feat/x", "CI_BUILD_URL=u"},
     NULL,
     NULL,
     NULL,
     "abc",
     "CI_COMMIT (Xcode Cloud)",
     "feat/x",
     "CI_PULL_REQUEST_SOURCE_BRANCH (Xcode Cloud)",
     "u"},
    {"Azure's full ref is cut",
     {"TF_BUILD=True", "BUILD_SOURCEVERSION=abc", "BUILD_SOURCEBRANCH=refs/heads/feat/x"},
     NULL,
     NULL,
     NULL,
     "abc",
     "BUILD_SOURCEVERSION (Azure Pipelines)",
     "feat/x",
     "BUILD_SOURCEBRANCH (Azure Pipelines)",
     NULL},
    {"Azure's merge ref is no branch",
     {"TF_BUILD=True", "BUILD_SOURCEVERSION=abc", "BUILD_SOURCEBRANCH=refs/pull/3/merge"},
     "abc",
     NULL,
     NULL,
     "abc",
     "BUILD_SOURCEVERSION (Azure Pipelines)",
     NULL,
     "git stands on a commit, not on a branch",
     NULL},
    {"Buildkite's HEAD is asked of git",
     {"BUILDKITE=true", "BUILDKITE_COMMIT=HEAD", "BUILDKITE_BRANCH=main"},
     "c0ffee",
     NULL,
     NULL,
     "c0ffee",
     "git",
     "main",
     "BUILDKITE_BRANCH (Buildkite)",
     NULL},
    {"variables of a system that is not there do not count",
     {"CIRCLE_SHA1=abc"},
     "c0ffee",
     "main",
     NULL,
     "c0ffee",
     "git",
     "main",
     "git",
     NULL},
};

static const char *row_env(void *context, const char *name)
{
    const struct world_row *row = context;
    size_t len = strlen(name);
    for (size_t i = 0; i < 8 && row->env[i]; i++) {
        if (strncmp(row->env[i], name, len) == 0 && row->env[i][len] == '=')
            return row->env[i] + len + 1;
    }
    return NULL;
}

static const char *row_git(void *context, const char *arguments, struct arena *arena)
{
    (void)arena;
    const struct world_row *row = context;
    return strncmp(arguments, "symbolic-ref", 12) == 0 ? row->git_branch : row->commit;
}

static struct str row_file(void *context, const char *path, struct arena *arena)
{
    (void)arena;
    const struct world_row *row = context;
    assert_string_equal(path, "/event.json");
    return str_of(row->file);
}

static void test_world(void **state)
{
    const struct world_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct detect_sources sources = {row_env, row_git, row_file, (void *)(uintptr_t)row};
    struct detected found;
    detect(&sources, arena, &found);
    assert_str_is(str_of(found.version.value), row->version);
    assert_str_is(str_of(found.version.from), row->version_from);
    assert_str_is(str_of(found.branch.value), row->branch);
    assert_str_is(str_of(found.branch.from), row->branch_from);
    assert_str_is(str_of(found.build_url.value), row->build_url);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, world_rows, test_world);
    return rows_run(&tests, "detect");
}
