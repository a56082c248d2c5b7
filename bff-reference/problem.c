// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/problem.h"

#include "lib/json/json.h"
#include "lib/wire/http1.h"

static const struct {
    int status;
    const char *slug, *code;
} kinds[] = {
    [PROBLEM_NONE] = {200, "", ""},
    [PROBLEM_BAD_REQUEST] = {400, "bad-request", "BAD_USER_INPUT"},
    [PROBLEM_NOT_FOUND] = {404, "not-found", "NOT_FOUND"},
    [PROBLEM_METHOD] = {405, "method-not-allowed", "BAD_REQUEST"},
    [PROBLEM_NOT_ACCEPTABLE] = {406, "not-acceptable", "BAD_REQUEST"},
    [PROBLEM_MEDIA_TYPE] = {415, "unsupported-media-type", "BAD_REQUEST"},
    [PROBLEM_INTERNAL] = {500, "internal", "INTERNAL"},
    [PROBLEM_UPSTREAM] = {502, "upstream-failed", "UPSTREAM_FAILED"},
    [PROBLEM_OVERLOADED] = {503, "overloaded", "OVERLOADED"},
    [PROBLEM_TIMEOUT] = {504, "upstream-timeout", "UPSTREAM_TIMEOUT"},
};

int problem_status(enum problem_kind kind)
{
    return kinds[kind].status;
}

const char *problem_code(enum problem_kind kind)
{
    return kinds[kind].code;
}

static struct str render(struct arena *arena, const char *slug, int status, const char *detail,
                         struct str instance)
{
    struct json *body = json_new_object(arena);
    struct str type = slug ? str_printf(arena, "/problems/%s", slug) : STR("about:blank");
    json_set(arena, body, "type", json_new_str(arena, type));
    json_set(arena, body, "title", json_new_text(arena, http1_reason(status)));
    json_set(arena, body, "status", json_new_int(arena, status));
    json_set(arena, body, "detail", json_new_text(arena, detail));
    if (instance.ptr)
        json_set(arena, body, "instance", json_new_str(arena, instance));
    return json_to_str(arena, body, JSON_COMPACT);
}

struct str problem_json(struct arena *arena, const struct problem *problem, struct str instance)
{
    return render(arena, kinds[problem->kind].slug, kinds[problem->kind].status, problem->detail,
                  instance);
}

struct str problem_json_status(struct arena *arena, int status, const char *detail)
{
    return render(arena, NULL, status, detail, STR_NONE);
}
