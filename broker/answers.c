// SPDX-License-Identifier: Apache-2.0
#include "broker/answers.h"

#include <stdlib.h>

#include "broker/call.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/limits.h"
#include "lib/base/map.h"
#include "lib/db/db.h"

/* One of a size that would push many others out is not kept. */
enum { ANSWER_MAX = LIMIT_ANSWERS_KEPT / 8 };

struct answer {
    const char *content_type;
    struct str body;
};

struct answers {
    struct arena *arena;
    struct map *map;
    int64_t state; /* of the database when they were given */
};

struct answers *answers_new(void)
{
    struct answers *answers = calloc(1, sizeof *answers);
    if (!answers)
        abort();
    answers->arena = arena_new();
    answers->map = map_new(answers->arena);
    return answers;
}

void answers_free(struct answers *answers)
{
    if (!answers)
        return;
    arena_free(answers->arena);
    free(answers);
}

static void forget(struct answers *answers)
{
    arena_reset(answers->arena);
    answers->map = map_new(answers->arena);
}

/* Forgets what is not true any more. */
static int follow(struct answers *answers, struct store *store, struct err *err)
{
    int64_t state = 0;
    int code = db_state(store->db, &state, err);
    if (code == 0 && state != answers->state) {
        forget(answers);
        answers->state = state;
    }
    return code;
}

/* A page shows more than the contract, and is for people. */
static bool to_keep(const struct call *call)
{
    return call->route->kept && call->refused == 0 && !call->raw_query.ptr &&
           strcmp(call->type, "text/html") != 0;
}

/* Neither a type nor the path of a request holds a space. */
static struct str key_of(const struct call *call)
{
    struct str parts[] = {str_of(call->type), call->path, str_of(call->base)};
    size_t len = parts[0].len + parts[1].len + parts[2].len + 2, at = 0;
    char *key = arena_alloc(call->arena, len);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (i > 0)
            key[at++] = ' ';
        memcpy(key + at, parts[i].ptr, parts[i].len);
        at += parts[i].len;
    }
    return str_make(key, len);
}

int answers_find(struct answers *answers, struct call *call, struct err *err)
{
    if (!to_keep(call))
        return 0;
    int code = follow(answers, call->store, err);
    if (code < 0)
        return code;
    const struct answer *answer = map_get(answers->map, key_of(call));
    if (!answer)
        return 0;
    call_text(call, 200, answer->content_type, answer->body);
    return 1;
}

void answers_keep(struct answers *answers, const struct call *call)
{
    if (!to_keep(call) || call->status != 200 || call->headers.len > 0 ||
        call->reply.len > ANSWER_MAX || follow(answers, call->store, NULL) < 0)
        return;
    struct str key = key_of(call);
    if (arena_used(answers->arena) + key.len + call->reply.len > LIMIT_ANSWERS_KEPT)
        forget(answers);
    struct arena *arena = answers->arena;
    struct answer *answer = ARENA_NEW(arena, struct answer);
    answer->content_type = str_cstr(arena, str_of(call->content_type));
    answer->body = str_dup(arena, call->reply);
    map_put(answers->map, str_dup(arena, key), answer);
}
