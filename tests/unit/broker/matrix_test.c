// SPDX-License-Identifier: Apache-2.0
#include "broker/matrix.h"

#include "tests/unit/broker/stage.h"
#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"

/*
 * A question as words: "app@1" version, "app#b" head of branch, "app:t" latest with tag, "app%e" in
 * environment, "app+" latest, "app" any, "app@1%e" both; "to=ENV", "totag=T", "anytag=T", "main",
 * "by=cvpv|cvp|cp", "success=true", "limit=N", "ignore=APP[@V]".
 */
static void add_selector(struct stage *stage, struct str word, struct matrix_selectors *ret)
{
    static const char signs[] = "@#:%+";
    struct matrix_selector *s = VEC_PUSH(stage->arena, ret);
    size_t end = 0;
    for (size_t start = 0; start < word.len; start = end) {
        for (end = start + 1; end < word.len && !strchr(signs, word.ptr[end]);)
            end++;
        char sign = word.ptr[start];
        if (!strchr(signs, sign)) {
            s->pacticipant = str_cstr(stage->arena, str_sub(word, start, end - start));
            continue;
        }
        const char *value = str_cstr(stage->arena, str_sub(word, start + 1, end - start - 1));
        const char **slot = sign == '@'   ? &s->version
                            : sign == '#' ? &s->branch
                            : sign == ':' ? &s->tag
                                          : &s->environment;
        if (sign != '+')
            *slot = value;
        s->latest |= strchr("#:+", sign) != NULL;
    }
}

static bool option(struct str word, const char *name, struct str *ret)
{
    if (!str_starts(word, str_of(name)))
        return false;
    *ret = str_sub(word, strlen(name), word.len);
    return true;
}

static void read_query(struct stage *stage, const char *text, struct matrix_query *query)
{
    struct str rest = str_of(text), value;
    int64_t limit = 0;
    while (rest.ptr) {
        struct str word = str_cut(&rest, ' ');
        if (option(word, "to=", &value))
            query->environment = str_cstr(stage->arena, value);
        else if (option(word, "totag=", &value)) {
            query->tag = str_cstr(stage->arena, value);
            query->latest = true;
        } else if (option(word, "anytag=", &value))
            query->tag = str_cstr(stage->arena, value);
        else if (option(word, "by=", &value))
            query->latest_by = str_is(value, "cvpv")  ? BY_CVPV
                               : str_is(value, "cvp") ? BY_CVP
                                                      : BY_CP;
        else if (option(word, "success=", &value))
            query->success = str_is(value, "true") ? SUCCESS_TRUE : SUCCESS_FALSE;
        else if (option(word, "limit=", &value) && str_to_i64(value, 1, 100, &limit))
            query->limit = limit;
        else if (option(word, "ignore=", &value))
            add_selector(stage, value, &query->ignores);
        else if (str_is(word, "main"))
            query->main_branch = true;
        else
            add_selector(stage, word, &query->selectors);
    }
}

#define ONE  "publish app 1 bff A main; "
#define LIVE "version bff 9; deploy prod bff 9; "

static const struct row {
    const char *name, *script, *query;
    enum matrix_state deployable;
    size_t shown;
    const char *says; /* part of a notice */
} rows[] = {
    {"verified with what is live", ONE LIVE "verify A bff 9 ok", "app@1 to=prod by=cvpv",
     MATRIX_VERIFIED, 1, "All required verification results are published and successful"},
    {"failed", ONE LIVE "verify A bff 9 failed", "app@1 to=prod by=cvpv", MATRIX_FAILED, 1,
     "The verification for the pact between version 1 of app and the version of bff currently in "
     "prod (9) failed"},
    {"never verified", ONE LIVE, "app@1 to=prod by=cvpv", MATRIX_UNKNOWN, 1,
     "There is no verified pact between version 1 of app and the version of bff currently in prod "
     "(9)"},
    {"a partial result is none", ONE LIVE "verify A bff 9 partial", "app@1 to=prod by=cvpv",
     MATRIX_UNKNOWN, 1, "There is no verified pact"},
    {"a partial result takes back a good one", ONE LIVE "verify A bff 9 ok; verify A bff 9 partial",
     "app@1 to=prod by=cvpv", MATRIX_UNKNOWN, 1, "no verified pact"},
    {"verified, but with another version", ONE LIVE "verify A bff 8 ok", "app@1 to=prod by=cvpv",
     MATRIX_UNKNOWN, 1, "no verified pact"},
    {"nothing of the provider is live", ONE "environment prod; verify A bff 9 ok",
     "app@1 to=prod by=cvpv", MATRIX_UNKNOWN, 1,
     "a version of bff currently in prod (no version is currently recorded as deployed/released in "
     "this environment)"},
    {"the provider was undeployed", ONE LIVE "verify A bff 9 ok; undeploy prod bff 9",
     "app@1 to=prod by=cvpv", MATRIX_UNKNOWN, 1, "no version is currently recorded"},
    {"same content is verified already", ONE LIVE "verify A bff 9 ok; publish app 2 bff A",
     "app@2 to=prod by=cvpv", MATRIX_VERIFIED, 1, "published and successful"},
    {"new content is not", ONE LIVE "verify A bff 9 ok; publish app 2 bff B",
     "app@2 to=prod by=cvpv", MATRIX_UNKNOWN, 1, "no verified pact"},
    {"the last result counts", ONE LIVE "verify A bff 9 ok; verify A bff 9 failed",
     "app@1 to=prod by=cvpv", MATRIX_FAILED, 1, "failed"},
    {"a version that does not exist", ONE LIVE "verify A bff 9 ok", "app@7 to=prod by=cvpv",
     MATRIX_FAILED, 0, "No pacts or verifications have been published for version 7 of app"},
    {"a branch that does not exist", ONE LIVE "verify A bff 9 ok", "app#no to=prod by=cvpv",
     MATRIX_FAILED, 0, "No version of app from branch no exists"},
    {"a tag that does not exist", ONE LIVE "verify A bff 9 ok", "app:no to=prod by=cvpv",
     MATRIX_FAILED, 0, "No version with tag no exists for app"},
    {"a selector for an environment without versions", ONE "environment prod",
     "bff%prod app@1 by=cvpv", MATRIX_FAILED, 1,
     "No version of bff is currently recorded as deployed or released in environment prod"},
    {"a version that is not in the environment asked for", ONE LIVE "verify A bff 8 ok",
     "bff@8%prod app@1 by=cvpv", MATRIX_FAILED, 1,
     "No version of bff has all of: number 8, environment prod"},
    {"a version that is in it", ONE LIVE "verify A bff 9 ok", "bff@9%prod app@1 by=cvpv",
     MATRIX_VERIFIED, 1, "successful"},
    {"a version that is not on the branch asked for", ONE LIVE "verify A bff 9 ok",
     "app@1#other bff@9 by=cvpv", MATRIX_FAILED, 0,
     "No version of app has all of: number 1, branch other"},
    {"a version without the tag asked for", ONE LIVE "verify A bff 9 ok; tag app 2 gold",
     "app@1:gold bff@9 by=cvpv", MATRIX_FAILED, 0,
     "No version of app has all of: number 1, tag gold"},
    {"the latest of those that meet all criteria, not the head",
     ONE LIVE "verify A bff 9 ok; release prod app 1; publish app 2 bff B main",
     "app#main%prod bff@9 by=cvpv", MATRIX_VERIFIED, 1, "successful"},
    {"what meets all criteria is judged and named",
     ONE LIVE "verify A bff 9 failed; release prod app 1; publish app 2 bff B main",
     "app#main%prod bff@9 by=cvpv", MATRIX_FAILED, 1,
     "between the latest version of app with environment prod, branch main (1) and version 9"},
    {"an ignored version has to meet its criteria too", ONE LIVE "verify A bff 9 failed",
     "app@1 to=prod by=cvpv ignore=bff@9#main", MATRIX_FAILED, 1, "failed"},
    {"a good instance does not answer for another",
     ONE "version bff 8; version bff 9; deploy prod bff 8 blue; deploy prod bff 9 green; "
         "verify A bff 9 ok",
     "app@1 to=prod by=cvpv", MATRIX_UNKNOWN, 2,
     "no verified pact between version 1 of app and one "
     "of the versions of bff currently in prod (8)"},
    {"not even when the rows are grouped by cvp",
     ONE "version bff 8; version bff 9; deploy prod bff 8 blue; deploy prod bff 9 green; "
         "verify A bff 8 failed; verify A bff 9 ok",
     "app@1 to=prod by=cvp", MATRIX_FAILED, 2, "failed"},
    {"both instances are good",
     ONE "version bff 8; version bff 9; deploy prod bff 8 blue; deploy prod bff 9 green; "
         "verify A bff 8 ok; verify A bff 9 ok",
     "app@1 to=prod by=cvpv", MATRIX_VERIFIED, 2, "successful"},
    {"a provider needs every app release in the field",
     "publish app 1 bff A; publish app 2 bff B; release prod app 1; release prod app 2; "
     "verify B bff 9 ok",
     "bff@9 to=prod by=cvpv", MATRIX_UNKNOWN, 2,
     "no verified pact between one of the versions of "
     "app currently in prod (1) and version 9 of bff"},
    {"support that ended needs nothing",
     "publish app 1 bff A; publish app 2 bff B; release prod app 1; release prod app 2; "
     "unrelease prod app 1; verify B bff 9 ok",
     "bff@9 to=prod by=cvpv", MATRIX_VERIFIED, 1, "successful"},
    {"an app that is not in the field needs nothing of a provider",
     "publish app 1 bff A; version bff 9; environment prod", "bff@9 to=prod by=cvpv",
     MATRIX_VERIFIED, 0, "There are no missing dependencies"},
    {"deployed and released counts once", ONE LIVE "release prod bff 9; verify A bff 9 ok",
     "app@1 to=prod by=cvpv", MATRIX_VERIFIED, 1, "successful"},
    {"ignored", ONE LIVE "verify A bff 9 failed", "app@1 to=prod by=cvpv ignore=bff",
     MATRIX_VERIFIED, 1, "Ignoring: The verification"},
    {"only that version is ignored", ONE LIVE "verify A bff 9 failed",
     "app@1 to=prod by=cvpv ignore=bff@8", MATRIX_FAILED, 1, "failed"},
    {"an unknown name to ignore is a warning", ONE LIVE "verify A bff 9 ok",
     "app@1 to=prod by=cvpv ignore=nobody", MATRIX_VERIFIED, 1,
     "WARN: Cannot ignore any version of nobody (no such pacticipant exists)"},
    {"a limit hides rows, not failures",
     "publish app 1 bff A; publish app 1 pay B; version bff 9; version pay 3; deploy prod bff 9; "
     "deploy prod pay 3; verify A bff 9 ok; verify B pay 3 failed",
     "app@1 to=prod by=cvpv limit=1", MATRIX_FAILED, 1, "pay currently in prod (3) failed"},
    {"the success filter hides rows, not failures", ONE LIVE "verify A bff 9 failed",
     "app@1 to=prod by=cvpv success=true", MATRIX_FAILED, 0, "failed"},
    {"unknown beats failed",
     "publish app 1 bff A; publish app 1 pay B; version pay 3; version bff 9; deploy prod bff 9; "
     "deploy prod pay 3; verify A bff 9 failed",
     "app@1 to=prod by=cvpv", MATRIX_UNKNOWN, 2, "no verified pact"},
    {"to a tag", ONE "version bff 9; tag bff 9 prod; verify A bff 9 ok", "app@1 totag=prod by=cvp",
     MATRIX_VERIFIED, 1, "successful"},
    {"two versions by name", ONE "verify A bff 9 ok", "app@1 bff@9 by=cvpv", MATRIX_VERIFIED, 1,
     "successful"},
    {"two versions that never met", ONE "verify A bff 8 ok; version bff 9", "app@1 bff@9 by=cvpv",
     MATRIX_UNKNOWN, 1, "between version 1 of app and version 9 of bff"},
    {"a release that stays supported meets the new provider too",
     ONE "publish app 2 bff B; version bff 10; release prod app 1; verify A bff 9 ok;"
         " verify B bff 10 ok",
     "app@2 bff@10 to=prod by=cvpv", MATRIX_UNKNOWN, 2,
     "one of the versions of app currently in prod (1) and version 10 of bff"},
    {"and says no when it failed there",
     ONE "publish app 2 bff B; version bff 10; release prod app 1; verify A bff 10 failed;"
         " verify B bff 10 ok",
     "app@2 bff@10 to=prod by=cvpv", MATRIX_FAILED, 2, "in prod (1) and version 10 of bff failed"},
    {"and nothing when it is verified",
     ONE "publish app 2 bff B; version bff 10; release prod app 1; verify A bff 10 ok;"
         " verify B bff 10 ok",
     "app@2 bff@10 to=prod by=cvpv", MATRIX_VERIFIED, 1, "successful"},
    {"and nothing when its support has ended",
     ONE "publish app 2 bff B; version bff 10; release prod app 1; unrelease prod app 1;"
         " verify B bff 10 ok",
     "app@2 bff@10 to=prod by=cvpv", MATRIX_VERIFIED, 1, "successful"},
    {"an app and a provider that stays released",
     ONE "version bff 9; version bff 10; release prod bff 9; verify A bff 10 ok",
     "app@1 bff@10 to=prod by=cvpv", MATRIX_UNKNOWN, 2, "bff currently in prod (9)"},
    {"the head of a branch answers for no version beside it",
     ONE "version bff 8; branch bff 9 b; verify A bff 9 ok", "app@1 bff@8 bff#b by=cvp",
     MATRIX_UNKNOWN, 2, "between version 1 of app and version 8 of bff"},
    {"nor does any version", ONE "version bff 8; verify A bff 9 ok", "app@1 bff@8 bff by=cvp",
     MATRIX_UNKNOWN, 2, "between version 1 of app and version 8 of bff"},
    {"nor the head of another branch", ONE "branch bff 8 a; branch bff 9 b; verify A bff 9 ok",
     "app@1 bff#a bff#b by=cvpv", MATRIX_UNKNOWN, 2, "the latest version of bff from branch a (8)"},
    {"a contract answers for none beside it", ONE "publish app 2 bff B dev; verify B bff 9 ok",
     "app#main app#dev bff@9 by=cp", MATRIX_UNKNOWN, 2,
     "the latest version of app from branch main (1)"},
    {"an old version with a tag does not answer for the latest with it",
     ONE "version bff 8; tag bff 8 prod; version bff 9; tag bff 9 prod; verify A bff 8 ok;"
         " version web 1",
     "app@1 web@1 anytag=prod by=cvpv", MATRIX_UNKNOWN, 2, "bff with tag prod (9)"},
    {"the latest with a tag does for older ones",
     ONE "version bff 8; tag bff 8 prod; version bff 9; tag bff 9 prod; verify A bff 9 ok;"
         " version web 1",
     "app@1 web@1 anytag=prod by=cvpv", MATRIX_VERIFIED, 1, "successful"},
    {"asked about one version, any with a tag will do",
     ONE "version bff 8; tag bff 8 prod; version bff 9; tag bff 9 prod; verify A bff 8 ok",
     "app@1 anytag=prod by=cvpv", MATRIX_VERIFIED, 1, "successful"},
    {"against the main branch of the others",
     ONE "verify A bff 9 ok; branch bff 9 main; main bff main", "app@1 main by=cvp",
     MATRIX_VERIFIED, 1, "successful"},
    {"all that is on the main branch of an app",
     "publish app 1 bff A main; publish app 2 bff B main; verify B bff 9 ok", "bff@9 main by=cvpv",
     MATRIX_UNKNOWN, 2,
     "between one of the versions of app from the main branch (1) and version 9"},
    {"the head of the main branch is another",
     ONE "verify A bff 9 ok; branch bff 9 main; branch bff 10 main; main bff main",
     "app@1 main by=cvp", MATRIX_UNKNOWN, 1, "no verified pact"},
    {"no environment is a warning", ONE "verify A bff 9 ok", "app@1 by=cvpv", MATRIX_VERIFIED, 1,
     "WARN: It is recommended to specify the environment"},
    {"no version number is a warning", ONE LIVE "verify A bff 9 ok", "app+ to=prod by=cvpv",
     MATRIX_VERIFIED, 1, "WARN: It is recommended to specify the version number"},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct stage stage;
    struct matrix_query query = {0};
    struct matrix matrix;
    struct err err = ERR_INIT;
    stage_start(&stage);
    stage_play(&stage, row->script);
    read_query(&stage, row->query, &query);
    if (matrix_ask(stage.store, &query, stage.arena, &matrix, &err) < 0)
        fail_msg("%s", err.text);
    bool said = false;
    const char *all = "";
    VEC_EACH(&matrix.notices, const struct matrix_notice *, notice) {
        said |= strstr(notice->text, row->says) != NULL;
        all = arena_printf(stage.arena, "%s\n  %s", all, notice->text);
    }
    if (matrix.deployable != row->deployable || matrix.rows.len != row->shown || !said)
        fail_msg("expected deployable %d, %zu rows, '%s'; saw %d, %zu rows, notices%s",
                 (int)row->deployable, row->shown, row->says, (int)matrix.deployable,
                 matrix.rows.len, all);
    stage_end(&stage);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_row);
    return rows_run(&tests, "matrix");
}
