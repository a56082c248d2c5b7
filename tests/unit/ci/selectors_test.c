// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/base/rows.h"
#include "ci/can_i_deploy.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

static const char *environment, *to;
static bool dry_run;
static const struct opt options[] = {
    {.kind = OPT_GROUP, .help = "Where to"},
    {.kind = OPT_TEXT, .name = "to-environment", .target = &environment, .help = ""},
    {.kind = OPT_TEXT, .letter = 'x', .name = "to|old-to", .target = &to, .help = ""},
    {.kind = OPT_FLAG, .name = "dry-run", .target = &dry_run, .help = ""},
    OPT_END,
};
static const struct opt_command command = {
    .name = "can-i-deploy", .usage = "", .summary = "", .options = options};

#define Q(name) "q[][pacticipant]=" name
#define TAIL    "&limit=100000000"

/* The words are split at spaces; "''" is an empty word. */
static const struct take_row {
    const char *name, *words, *rest, *url, *error;
} take_rows[] = {
    {"one version", "-a A -e 1 --to-environment prod", "--to-environment prod",
     Q("A") "&q[][version]=1&latestby=cvp&latest=true" TAIL, NULL},
    {"the version counts wherever the environment stands", "-a A --to-environment prod -e 99",
     "--to-environment prod", Q("A") "&q[][version]=99&latestby=cvp&latest=true" TAIL, NULL},
    {"joined values count", "--pacticipant=A --version=1", "",
     Q("A") "&q[][version]=1&latestby=cvp&latest=true" TAIL, NULL},
    {"short joined values count", "-aA -e1", "",
     Q("A") "&q[][version]=1&latestby=cvp&latest=true" TAIL, NULL},
    {"two applications keep their order", "-a B -e 2 -a A --latest prod", "",
     Q("B") "&q[][version]=2&" Q("A") "&q[][latest]=true&q[][tag]=prod&latestby=cvpv" TAIL, NULL},
    {"latest without a tag", "-a A --latest --dry-run", "--dry-run",
     Q("A") "&q[][latest]=true&latestby=cvp&latest=true" TAIL, NULL},
    {"a branch is its latest version", "-a A --branch feat/x", "",
     Q("A") "&q[][latest]=true&q[][branch]=feat%2Fx&latestby=cvp&latest=true" TAIL, NULL},
    {"main branch", "-a A --main-branch", "",
     Q("A") "&q[][mainBranch]=true&latestby=cvp&latest=true" TAIL, NULL},
    {"ignored ones come last", "-a A -e 1 --ignore B -e 2 --ignore C", "",
     Q("A") "&q[][version]=1&ignore[][pacticipant]=B&ignore[][version]=2&ignore[][pacticipant]=C"
            "&latestby=cvp&latest=true" TAIL,
     NULL},
    {"the value of another option is not looked at", "-a A -e 1 --to -e --old-to -a -x -e",
     "--to -e --old-to -a -x -e", Q("A") "&q[][version]=1&latestby=cvp&latest=true" TAIL, NULL},
    {"a version before any application", "-e 1 -a A", NULL, NULL, "--version comes before any"},
    {"an application without versions", "-a A --to-environment prod", NULL, NULL,
     "which version of 'A'?"},
    {"a second application without versions", "-a A -e 1 -a B", NULL, NULL,
     "which version of 'B'?"},
    {"main branch taken back selects nothing", "-a A --main-branch --no-main-branch", NULL, NULL,
     "which version of 'A'?"},
    {"two versions of one", "-a A -e 1 -e 2", NULL, NULL, "--version is given twice"},
    {"version and latest", "-a A -e 1 --latest", NULL, NULL, "choose one"},
    {"an empty name", "-a ''", NULL, NULL, "--pacticipant needs a value"},
    {"an empty version", "-a A -e ''", NULL, NULL, "--version needs a value"},
    {"an empty joined version", "-a A --version=", NULL, NULL, "--version needs a value"},
    {"a version that is the next option", "-a A -e --to-environment prod", NULL, NULL,
     "--version needs a value"},
    {"a version at the end", "-a A -e", NULL, NULL, "--version needs a value"},
    {"a branch for an ignored one", "-a A -e 1 --ignore B --branch x", NULL, NULL,
     "does not go with --ignore"},
};

static char **split(const char *text, int *ret_n, struct arena *arena)
{
    char **words = ARENA_ARRAY(arena, char *, 32);
    struct str rest = str_of(text);
    words[0] = arena_strdup(arena, "can-i-deploy");
    *ret_n = 1;
    while (rest.len > 0) {
        struct str word = str_cut(&rest, ' ');
        words[(*ret_n)++] = str_cstr(arena, str_is(word, "''") ? STR("") : word);
    }
    return words;
}

/* "[]" as people read it. */
static const char *readable(const char *url, struct arena *arena)
{
    const char *text = "";
    for (; *url; url++) {
        bool open = strncmp(url, "%5B", 3) == 0, close = strncmp(url, "%5D", 3) == 0;
        text = arena_printf(arena, "%s%c", text, open ? '[' : close ? ']' : *url);
        url += open || close ? 2 : 0;
    }
    return text;
}

static void test_take(void **state)
{
    const struct take_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct selectors selectors = {0};
    struct err err = ERR_INIT;
    int n, rest_n = 0;
    char **words = split(row->words, &n, arena), **rest = NULL;
    int code = selectors_take(&command, n, words, arena, &selectors, &rest_n, &rest, &err);
    if (row->error) {
        assert_int_equal(code, ERR_USAGE);
        if (!strstr(err.text, row->error))
            fail_msg("the error is: %s", err.text);
        return;
    }
    if (code < 0)
        fail_msg("error: %s", err.text);
    const char *left = "";
    for (int i = 1; i < rest_n; i++)
        left = arena_printf(arena, "%s%s%s", left, i > 1 ? " " : "", rest[i]);
    assert_null(rest[rest_n]);
    assert_string_equal(left, row->rest);
    const char *url = readable(selectors_matrix_url(&selectors, NULL, NULL, arena), arena);
    assert_string_equal(url, arena_printf(arena, "/matrix?%s", row->url));
}

static void test_environment(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct selectors selectors = {0};
    *VEC_PUSH(arena, &selectors) = (struct selector){.name = "A & B", .version = "1+2"};
    assert_string_equal(readable(selectors_matrix_url(&selectors, "pre prod", NULL, arena), arena),
                        "/matrix?q[][pacticipant]=A%20%26%20B&q[][version]=1%2B2&latestby=cvpv"
                        "&environment=pre%20prod" TAIL);
    assert_string_equal(readable(selectors_matrix_url(&selectors, NULL, "prod", arena), arena),
                        "/matrix?q[][pacticipant]=A%20%26%20B&q[][version]=1%2B2&latestby=cvp"
                        "&tag=prod&latest=true" TAIL);
    *VEC_PUSH(arena, &selectors) = (struct selector){.name = "B", .version = "1"};
    const char *url = readable(selectors_matrix_url(&selectors, NULL, "prod", arena), arena);
    assert_non_null(strstr(url, "&latestby=cvpv&tag=prod&latest=true"));
}

static const struct answer_row {
    const char *name, *matrix;
    enum deploy_answer answer;
} answer_rows[] = {
    {"a good row is yes", "{\"summary\":{\"deployable\":true},\"matrix\":[{}]}", DEPLOY_YES},
    {"no row is nothing", "{\"summary\":{\"deployable\":true},\"matrix\":[]}", DEPLOY_NOTHING},
    {"ignored rows alone are nothing",
     "{\"summary\":{\"deployable\":true},\"matrix\":[{\"ignored\":true}]}", DEPLOY_NOTHING},
    {"false is no", "{\"summary\":{\"deployable\":false},\"matrix\":[{}]}", DEPLOY_NO},
    {"null is unknown", "{\"summary\":{\"deployable\":null},\"matrix\":[{}]}", DEPLOY_UNKNOWN},
    {"a text is unknown", "{\"summary\":{\"deployable\":\"true\"},\"matrix\":[{}]}",
     DEPLOY_UNKNOWN},
    {"no summary is unknown", "{\"matrix\":[{}]}", DEPLOY_UNKNOWN},
    {"no matrix is nothing", "{\"summary\":{\"deployable\":true}}", DEPLOY_NOTHING},
};

static void test_answer(void **state)
{
    const struct answer_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *matrix;
    assert_int_equal(json_parse(str_of(row->matrix), "test", arena, &matrix, NULL), 0);
    assert_int_equal(deploy_answer_of(matrix), row->answer);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, take_rows, test_take);
    rows_add_test(&tests, "an environment compares every version", test_environment);
    ROWS_ADD(&tests, answer_rows, test_answer);
    return rows_run(&tests, "selectors");
}
