// SPDX-License-Identifier: Apache-2.0
/*
 * What does not fit together in the app releases that the gate looks at: operations they ship and
 * no contract tests, methods of their inventory without a contract. It decides nothing; who reads a
 * yes should know what it does not speak of.
 */
#include "ci/gate.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/hal/hal.h"
#include "lib/wire/url.h"

struct asking {
    struct hal *hal;
    struct gate_facts *facts;
    struct arena *arena;
    struct map *asked; /* "app version" */
};

static void take(struct asking *asking, struct str consumer, struct str version,
                 const struct json *findings)
{
    for (size_t i = 0; i < json_len(findings); i++) {
        const struct json *item = json_at(findings, i);
        struct str rule = json_get_text(item, "rule");
        if (!str_is(rule, "M4") && !str_is(rule, "M5"))
            continue;
        *VEC_PUSH(asking->arena, &asking->facts->warnings) = (struct gate_warning){
            consumer, version, rule, json_get_text(item, "subject"), json_get_text(item, "text")};
    }
}

/* A broker that knows nothing of methods, or not this version, has nothing to warn about. */
static int ask(struct asking *asking, struct str consumer, struct str version, struct err *err)
{
    struct arena *arena = asking->arena;
    const struct hal_var vars[] = {{"pacticipant", str_cstr(arena, consumer)}, {NULL, NULL}};
    struct str key = str_printf(arena, "%.*s\n%.*s", STR_FMT(consumer), STR_FMT(version));
    struct err own = ERR_INIT;
    struct json *answer = NULL;
    const char *url = NULL;
    if (map_has(asking->asked, key))
        return 0;
    map_put(asking->asked, key, asking);
    int code = hal_index_link(asking->hal, "tally:methods", vars, arena, &url, &own);
    if (code == 0)
        code = hal_get(
            asking->hal,
            arena_printf(arena, "%s?version=%.*s", url, STR_FMT(url_encode(arena, version))), arena,
            &answer, &own);
    if (code < 0 && code != ERR_NOT_FOUND) {
        *err = own;
        return code;
    }
    take(asking, consumer, version, json_get(answer, "findings"));
    return 0;
}

int gate_findings_load(struct hal *hal, struct gate_facts *facts, struct arena *arena,
                       struct err *err)
{
    struct asking asking = {hal, facts, arena, map_new(arena)};
    int code = 0;
    VEC_EACH(&facts->contracts, const struct gate_contract *, contract) {
        if (code == 0 && contract->consumer_version.ptr)
            code = ask(&asking, contract->consumer, contract->consumer_version, err);
    }
    return code;
}
