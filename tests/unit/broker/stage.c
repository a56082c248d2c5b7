// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/broker/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/db/db.h"

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)
#define CHECK(call)                                                                                \
    do {                                                                                           \
        if ((call) < 0)                                                                            \
            fail_msg("%s: %s", #call, err.text);                                                   \
    } while (0)

void stage_start(struct stage *stage)
{
    struct err err = ERR_INIT;
    *stage = (struct stage){.arena = arena_new(), .now_us = INT64_C(1790000000) * SECOND};
    stage->clock = clock_fixed(&stage->now_us);
    CHECK(store_open(":memory:", &stage->clock, &stage->store, &err));
}

void stage_end(struct stage *stage)
{
    store_close(stage->store);
    arena_free(stage->arena);
}

static struct pacticipant who(struct stage *stage, const char *name)
{
    struct err err = ERR_INIT;
    struct pacticipant row;
    CHECK(store_pacticipant_need(stage->store, name, stage->arena, &row, NULL, &err));
    return row;
}

static struct version version_of(struct stage *stage, const char *name, const char *number)
{
    struct err err = ERR_INIT;
    struct pacticipant row = who(stage, name);
    struct version version;
    CHECK(store_version_need(stage->store, &row, number, stage->arena, &version, NULL, &err));
    return version;
}

static struct environment place(struct stage *stage, const char *name)
{
    struct err err = ERR_INIT;
    struct environment row = {.name = name, .display_name = name};
    if (store_environment_by_name(stage->store, name, stage->arena, &row, &err) == 0)
        CHECK(store_environment_save(stage->store, &row, stage->arena, &err));
    return row;
}

static void publish(struct stage *stage, char *const *word)
{
    struct err err = ERR_INIT;
    struct version version = version_of(stage, word[1], word[2]);
    enum pact_saved saved;
    if (word[5])
        CHECK(store_branch_add(stage->store, &version, word[5], stage->arena, NULL, &err));
    CHECK(store_pact_save(stage->store, &version, who(stage, word[3]).id,
                          &(struct pact_content){word[4], STR("{}"), true, NULL}, stage->arena,
                          &saved, &err));
}

static void verify(struct stage *stage, char *const *word)
{
    struct err err = ERR_INIT;
    struct verification row = {.provider_version_id = version_of(stage, word[2], word[3]).id,
                               .wip = strcmp(word[4], "wip") == 0};
    row.verdict = strcmp(word[4], "failed") == 0    ? VERDICT_FAILED
                  : strcmp(word[4], "partial") == 0 ? VERDICT_PARTIAL
                                                    : VERDICT_VERIFIED;
    if (db_value(stage->store->db, &err, &row.pact_version_id,
                 "SELECT id FROM pact_versions WHERE sha = $1 AND provider_id = $2", "si", word[1],
                 who(stage, word[2]).id) <= 0)
        fail_msg("no content '%s'", word[1]);
    CHECK(store_verification_add(stage->store, &row, stage->arena, &row, &err));
}

static void move(struct stage *stage, char *const *word)
{
    struct err err = ERR_INIT;
    struct environment environment = place(stage, word[1]);
    struct version version = version_of(stage, word[2], word[3]);
    struct placement row;
    bool created;
    if (strcmp(word[0], "deploy") == 0) {
        CHECK(
            store_deploy(stage->store, &version, &environment, word[4], stage->arena, &row, &err));
        return;
    }
    CHECK(strcmp(word[0], "undeploy") == 0
              ? store_deploy(stage->store, &version, &environment, NULL, stage->arena, &row, &err)
              : store_release(stage->store, &version, &environment, stage->arena, &row, &created,
                              &err));
    if (strcmp(word[0], "undeploy") == 0)
        CHECK(store_undeploy(stage->store, &row, stage->arena, &err));
    else if (strcmp(word[0], "unrelease") == 0)
        CHECK(store_end_support(stage->store, &row, stage->arena, &err));
}

static void step(struct stage *stage, char *const *word)
{
    struct err err = ERR_INIT;
    struct version version;
    stage->now_us += SECOND;
    if (strcmp(word[0], "publish") == 0) {
        publish(stage, word);
    } else if (strcmp(word[0], "verify") == 0) {
        verify(stage, word);
    } else if (strcmp(word[0], "branch") == 0) {
        version = version_of(stage, word[1], word[2]);
        CHECK(store_branch_add(stage->store, &version, word[3], stage->arena, NULL, &err));
    } else if (strcmp(word[0], "untag") == 0) {
        version = version_of(stage, word[1], word[2]);
        CHECK(store_tag_delete(stage->store, version.id, word[3], &err));
    } else if (strcmp(word[0], "tag") == 0) {
        version = version_of(stage, word[1], word[2]);
        CHECK(store_tag_add(stage->store, &version, word[3], stage->arena, NULL, &err));
    } else if (strcmp(word[0], "version") == 0) {
        version_of(stage, word[1], word[2]);
    } else if (strcmp(word[0], "main") == 0) {
        struct pacticipant row = who(stage, word[1]);
        row.main_branch = word[2];
        CHECK(store_pacticipant_save(stage->store, &row, stage->arena, &err));
    } else if (strcmp(word[0], "environment") == 0) {
        place(stage, word[1]);
    } else if (strcmp(word[0], "days") == 0) {
        stage->now_us += strtol(word[1], NULL, 10) * DAY;
    } else {
        move(stage, word);
    }
}

void stage_play(struct stage *stage, const char *script)
{
    struct err err = ERR_INIT;
    struct str rest = str_of(script);
    while (rest.ptr) {
        struct str line = str_trim(str_cut(&rest, ';'));
        char *word[8] = {0};
        size_t n = 0;
        while (line.ptr && line.len > 0 && n < 7)
            word[n++] = str_cstr(stage->arena, str_cut(&line, ' '));
        if (n == 0)
            continue;
        CHECK(store_begin(stage->store, &err));
        step(stage, word);
        CHECK(store_commit(stage->store, &err));
    }
}
